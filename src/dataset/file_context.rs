//! What holds for all rows of a file, and what its cells are by it.

use super::cell;
use super::columns::{self, Part};
use super::report::Skip;
use super::table::{HEADER_AGAIN, Layout, Table};
use crate::records::FileSpec;
use crate::support::{Error, Result};

/// Longest label, role, source, group or id, in characters.
const LONGEST_NAME: usize = 1_000;

/// What holds for all rows of a file.
pub(super) struct FileContext<'a> {
    /// Which of the files that project.toml names.
    pub(super) entry: usize,
    pub(super) spec: &'a FileSpec,
    pub(super) name: String,
    pub(super) number: u16,
    pub(super) shares: usize,
    pub(super) layout: Layout,
    pub(super) columns: columns::Assignment,
    /// What the numbers of the label column stand for, from 0.
    pub(super) names: Option<Vec<String>>,
}

impl FileContext<'_> {
    /// Why a row cannot be used for want of a part, if it cannot.
    pub(super) fn unusable(&self, table: &dyn Table, row: u32) -> Result<Option<String>> {
        if self.repeats_header(table) {
            return Ok(Some(HEADER_AGAIN.to_owned()));
        }
        for part in Part::ALL {
            let Some(column) = self.columns.of(part) else {
                continue;
            };
            match table.kind(column) {
                cell::Kind::Absent => {
                    return Ok(Some(format!(
                        "it has fewer cells than the header, and none for the {}",
                        part.name()
                    )));
                }
                cell::Kind::Unusable => {
                    let why = table.cell(column);
                    return Ok(Some(format!("the {} is {why}", part.name())));
                }
                kind @ (cell::Kind::List | cell::Kind::Object) => {
                    let found = cell::Cell {
                        text: table.cell(column).to_owned(),
                        kind,
                    };
                    let place = self.place(row);
                    let refused = not_one(part, self.column(part), &found, &place);
                    refused.map_or(Ok(()), Err)?;
                }
                cell::Kind::Plain
                | cell::Kind::Number
                | cell::Kind::Date
                | cell::Kind::Without(_) => {}
            }
            if table.cell(column).contains('\0') {
                let why = format!(
                    "the {} holds a NUL character, which no text does",
                    part.name()
                );
                return Ok(Some(why));
            }
        }
        Ok(None)
    }

    /// Why nobody gave a row a label that counts, where its tool says so.
    pub(super) fn without_label(&self, table: &dyn Table) -> Option<Skip> {
        match table.kind(self.columns.of(Part::Label)?) {
            cell::Kind::Without(why) => Some(why),
            _ => None,
        }
    }

    /// Refuses a label column whose answers cannot be used as they are.
    pub(super) fn refuse_answers(&self) -> Result<()> {
        let label = self.column(Part::Label);
        let mut refusals = self.layout.refusals.iter();
        match refusals.find(|refusal| refusal.column == label) {
            None => Ok(()),
            Some(refusal) => Err(Error::input(format!("`{}`: {}", self.name, refusal.why))
                .hint(refusal.hint.clone())),
        }
    }

    /// Columns that play no part and may hold roles: none where the roles of the
    /// file are known.
    pub(super) fn without_part(&self) -> impl Iterator<Item = usize> {
        let known = self.spec.role.is_some() || self.columns.of(Part::Role).is_some();
        let columns = if known { 0 } else { self.layout.columns.len() };
        (0..columns).filter(|at| self.columns.part_of(*at).is_none())
    }

    /// Whether the parts of a row hold the names of their columns.
    fn repeats_header(&self, table: &dyn Table) -> bool {
        let mut parts = Part::ALL
            .into_iter()
            .filter(|part| self.columns.of(*part).is_some());
        parts.all(|part| self.cell(table, part) == Some(self.column(part).trim()))
    }

    /// The label's cell by the one rule for cells; `None` if it is missing.
    pub(super) fn label(&self, table: &dyn Table, row: u32) -> Result<Option<cell::Cell>> {
        let Some(column) = self.columns.of(Part::Label) else {
            return Ok(None);
        };
        let text = table.cell(column).trim();
        let found = match cell::spelt(text) {
            Some(spelt) => spelt.cell(),
            None => cell::Cell {
                text: text.to_owned(),
                kind: table.kind(column),
            },
        };
        let place = self.place(row);
        let refused = not_one(Part::Label, self.column(Part::Label), &found, &place);
        refused.map_or(Ok(()), Err)?;
        self.named(found, &place)
    }

    /// The name in place of the number that stands for it.
    fn named(&self, found: cell::Cell, place: &str) -> Result<Option<cell::Cell>> {
        let found = Some(found).filter(|found| !found.text.trim().is_empty());
        let (Some(found), Some(names)) = (&found, &self.names) else {
            return Ok(found);
        };
        let Ok(number) = cell::without_zeros(&found.text).parse::<i64>() else {
            return Ok(Some(found.clone()));
        };
        // `datasets` writes -1 where a `ClassLabel` is not known.
        if number == -1 {
            return Ok(None);
        }
        let name = usize::try_from(number).ok().and_then(|at| names.get(at));
        let name = name.ok_or_else(|| {
            let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
            Error::input(format!(
                "{place}: the label is {number}, but the file names the labels 0 to {} only: {}",
                names.len() - 1,
                names.join(", ")
            ))
            .hint("write the file again with the names of all its labels, or correct the row")
        })?;
        Ok(Some(cell::Cell {
            text: name.clone(),
            kind: cell::Kind::Plain,
        }))
    }

    pub(super) fn cell<'t>(&self, table: &'t dyn Table, part: Part) -> Option<&'t str> {
        let cell = table.cell(self.columns.of(part)?).trim();
        (!cell.is_empty()).then_some(cell)
    }

    pub(super) fn place(&self, row: u32) -> String {
        format!("{}:{row}", self.name)
    }

    /// A label or another name that goes on for pages is a mistake of the file,
    /// most likely a quotation mark that swallowed what follows.
    pub(super) fn refuse_long_names(&self, table: &dyn Table, row: u32) -> Result<()> {
        for part in [Part::Label, Part::Role, Part::Source, Part::Group, Part::Id] {
            let length = self
                .cell(table, part)
                .map_or(0, |name| name.chars().count());
            if length > LONGEST_NAME {
                return Err(Error::input(format!(
                    "{}: the {} column `{}` holds {length} characters, and no name may have more \
                     than {LONGEST_NAME}",
                    self.place(row),
                    part.name(),
                    self.column(part)
                ))
                .hint(
                    "a quotation mark that is opened and never closed swallows what follows: close \
                     it; or name another column under [data.columns]",
                ));
            }
        }
        Ok(())
    }

    pub(super) fn column(&self, part: Part) -> &str {
        let column = self.columns.of(part);
        column
            .and_then(|at| self.layout.columns.get(at))
            .map_or("", String::as_str)
    }
}

/// The error of a cell that holds a list or an object where one value is
/// wanted; `None` of any other cell.
fn not_one(part: Part, column: &str, found: &cell::Cell, place: &str) -> Option<Error> {
    let inside = || cell::spelt(&found.text);
    match found.kind {
        cell::Kind::List => {
            let count = match inside() {
                Some(cell::Value::List(elements)) => elements.len(),
                _ => 0,
            };
            let (what, hint) = match part {
                Part::Label => (
                    "this is a multi-label set, in which a text has several labels at once",
                    "keep the rows with one label, or make a data set of each label, with yes and \
                     no",
                ),
                _ => (
                    "one value is wanted",
                    "name another column, or join its values into one",
                ),
            };
            Some(
                Error::input(format!(
                    "{place}: the {} in column `{column}` is a list of {count}; {what}",
                    part.name()
                ))
                .hint(hint),
            )
        }
        cell::Kind::Object => {
            let paths = inside().map_or_else(Vec::new, |value| cell::paths(&value, column));
            let paths: Vec<String> = paths
                .iter()
                .map(|path| format!("{} = \"{path}\"", part.name()))
                .collect();
            Some(
                Error::input(format!(
                    "{place}: the {} in column `{column}` is an object, not one value",
                    part.name()
                ))
                .hint(format!(
                    "name the value inside of it under [data.columns]: {}",
                    paths.join(" or ")
                )),
            )
        }
        _ => None,
    }
}
