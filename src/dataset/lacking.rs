//! Columns that project.toml names and a file lacks.

use super::columns::{self, Part};
use super::read::Reading;
use super::table::Layout;
use crate::records::FileSpec;
use crate::support::{Error, Result};

impl Reading<'_> {
    /// Notes what project.toml names a column for that this file lacks.
    pub(super) fn note_lacking(
        &mut self,
        columns: &columns::Assignment,
        layout: &mut Layout,
        spec: &FileSpec,
    ) {
        let names = &self.manifest.data.columns;
        for part in [Part::Role, Part::Group, Part::Id, Part::Source] {
            let Some(name) = part.named_in(names) else {
                continue;
            };
            if columns.of(part).is_some() {
                continue;
            }
            let given = match part {
                Part::Role => spec.role.is_some(),
                Part::Source => spec.source.is_some(),
                _ => false,
            };
            if !given {
                // Without a role they are drawn, which is more than a note.
                let told = match part {
                    Part::Role => &mut layout.doubts,
                    _ => &mut layout.notes,
                };
                told.push(format!(
                    "it has no column `{name}` ({}); its columns are {}",
                    part.name(),
                    columns::listed(&layout.columns)
                ));
            }
            self.lacking.push((part, columns::listed(&layout.columns)));
        }
    }

    /// A column that project.toml names must be in some file.
    pub(super) fn refuse_lacking(&self) -> Result<()> {
        let files = self.files.len();
        for part in Part::ALL {
            let mut without = self.lacking.iter().filter(|(lacking, _)| *lacking == part);
            let Some((_, columns)) = without
                .clone()
                .next()
                .filter(|_| without.by_ref().count() == files)
            else {
                continue;
            };
            let name = part
                .named_in(&self.manifest.data.columns)
                .unwrap_or_default();
            let (which, file) = match self.files.as_slice() {
                [only] => (format!("`{only}` has no column"), String::new()),
                all => (
                    "no data file has a column".to_owned(),
                    format!(" of `{}`", all[0]),
                ),
            };
            return Err(Error::input(format!(
                "{which} `{name}` ({}), which project.toml names; the columns{file} are {columns}",
                part.name()
            ))
            .hint(format!(
                "write the right name under [data.columns] as {0} = \"…\", or delete the line if \
                 the data has no {0}",
                part.name()
            )));
        }
        Ok(())
    }
}
