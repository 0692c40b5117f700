//! A folder of texts by label: `pos/1.txt`, `neg/1.txt`. Its rows are its files
//! in the order of their names.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use super::source::Source;
use super::{Format, Layout, RowRead, Table};
use crate::dataset::cell::{Cell, Kind};
use crate::dataset::encoding;
use crate::dataset::folder;
use crate::records::{ColumnNames, DataSpec};
use crate::support::{Error, Progress, Result, user_file};

const COLUMNS: [&str; 3] = ["file", "text", "label"];

struct TextFolder {
    root: PathBuf,
    name: String,
    /// Files, relative to the folder.
    files: std::vec::IntoIter<PathBuf>,
    row: u32,
    cells: Vec<Cell>,
    encoding: Option<String>,
    progress: Progress,
}

/// Opens a folder of texts.
pub(super) fn open(
    path: &Path,
    name: &str,
    spec: &DataSpec,
    progress: &Progress,
) -> Result<(Box<dyn Table>, Layout)> {
    let found = folder::texts(path)?;
    if found.files.is_empty() {
        return Err(
            Error::input(format!("the folder `{name}` holds no folders of texts"))
                .hint("name a data file, or a folder with a folder of .txt files for each label"),
        );
    }
    let columns = COLUMNS.map(str::to_owned);
    let mut layout = Layout::new(Format::Texts, columns.to_vec());
    layout.suggested = ColumnNames {
        id: Some(COLUMNS[0].to_owned()),
        text: Some(COLUMNS[1].to_owned()),
        label: Some(COLUMNS[2].to_owned()),
        ..ColumnNames::default()
    };
    layout
        .notes
        .push("its rows are its files in the order of their names".to_owned());
    if found.others > 0 {
        layout.doubts.push(format!(
            "{} of its files are not read: only files that end in .txt, in a folder for each label, \
             are",
            found.others
        ));
    }
    let table = TextFolder {
        root: path.to_owned(),
        name: name.to_owned(),
        files: found.files.into_iter(),
        row: 0,
        cells: Vec::new(),
        encoding: spec.encoding.clone(),
        progress: progress.clone(),
    };
    Ok((Box::new(table), layout))
}

impl TextFolder {
    fn text(&self, file: &Path) -> Result<String> {
        let path = self.root.join(file);
        if self.encoding.is_none() {
            return user_file::text(&path);
        }
        let source = Source::new(&path, &format!("{}/{}", self.name, file.display()));
        let found = encoding::found(&source, self.encoding.as_deref(), &self.progress)?;
        let mut text = String::new();
        let read = found.decoded(&source)?.read_to_string(&mut text);
        read.map_err(|error| source.unreadable(error))?;
        Ok(text)
    }
}

impl Table for TextFolder {
    fn advance(&mut self) -> Result<Option<RowRead>> {
        let Some(file) = self.files.next() else {
            return Ok(None);
        };
        self.row = self.row.saturating_add(1);
        let text = match self.text(&file) {
            Ok(text) => text,
            Err(error) => {
                return Ok(Some(RowRead::Broken(
                    self.row,
                    format!(
                        "{error}; if the files are in another encoding, write it under [data], for \
                         instance encoding = \"windows-1252\""
                    ),
                )));
            }
        };
        let label = file.parent().and_then(Path::to_str).unwrap_or_default();
        let plain = |text: &str| Cell {
            text: text.to_owned(),
            kind: Kind::Plain,
        };
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        let place = file.display().to_string().replace('\\', "/");
        self.cells = vec![plain(&place), plain(text), plain(label)];
        Ok(Some(RowRead::Row(self.row)))
    }

    fn cell(&self, column: usize) -> &str {
        Cell::text_of(&self.cells, column)
    }

    fn kind(&self, column: usize) -> Kind {
        Cell::kind_of(&self.cells, column)
    }
}
