//! Columns named by a path, such as `label.value`: a value inside of an object.

use super::{Layout, RowRead, Table};
use crate::dataset::cell::{self, Cell, Kind, Value};
use crate::records::ColumnNames;
use crate::support::Result;

/// A table with some more columns.
struct WithPaths {
    table: Box<dyn Table>,
    /// How many columns the table has of itself.
    width: usize,
    /// The column that each path begins in, and the names behind it.
    paths: Vec<(usize, String)>,
    cells: Vec<Cell>,
}

/// Adds a column for each path that is named and that no column is called.
pub(super) fn with(
    table: Box<dyn Table>,
    mut layout: Layout,
    names: &ColumnNames,
) -> (Box<dyn Table>, Layout) {
    let width = layout.columns.len();
    let mut paths = Vec::new();
    for name in names.all().into_iter().flatten() {
        if layout.columns.iter().any(|column| column == name) {
            continue;
        }
        // The longest column that the name begins with: its own may have dots.
        let begins = |(at, column): (usize, &String)| {
            let inside = name.strip_prefix(column.as_str())?.strip_prefix('.')?;
            Some((at, inside.to_owned()))
        };
        let own = layout.columns[..width].iter().enumerate();
        if let Some(path) = own
            .filter_map(begins)
            .min_by_key(|(_, inside)| inside.len())
        {
            layout.columns.push(name.to_owned());
            paths.push(path);
        }
    }
    if paths.is_empty() {
        return (table, layout);
    }
    let cells = vec![Cell::default(); paths.len()];
    let table = WithPaths {
        table,
        width,
        paths,
        cells,
    };
    (Box::new(table), layout)
}

impl Table for WithPaths {
    fn advance(&mut self) -> Result<Option<RowRead>> {
        let step = self.table.advance()?;
        if let Some(RowRead::Row(_)) = step {
            for ((column, inside), cell) in self.paths.iter().zip(&mut self.cells) {
                let outer = cell::spelt(self.table.cell(*column)).unwrap_or(Value::Missing);
                *cell = cell::at_path(outer, inside.split('.')).cell();
            }
        }
        Ok(step)
    }

    fn cell(&self, column: usize) -> &str {
        match column.checked_sub(self.width) {
            None => self.table.cell(column),
            Some(path) => self.cells.get(path).map_or("", |cell| cell.text.as_str()),
        }
    }

    fn kind(&self, column: usize) -> Kind {
        match column.checked_sub(self.width) {
            None => self.table.kind(column),
            Some(path) => self.cells.get(path).map_or(Kind::Absent, |cell| cell.kind),
        }
    }
}
