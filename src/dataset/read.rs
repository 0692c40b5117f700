//! From a project's files to a [`Dataset`].

use std::path::Path;

use super::columns::{self, Part};
use super::labels::{self, Values};
use super::report::{FileReport, ReadReport, Skip, rows};
use super::table::{self, Layout, RowRead, Table};
use super::{Dataset, Origin};
use crate::records::{FileSpec, Manifest, Role, Shares, Text, resolve};
use crate::support::{Error, Progress, Result};

/// Rows between two looks at the cancel flag.
const CHECK_EVERY: usize = 4_096;

/// Longest label, role, source, group or id, in characters.
const LONGEST_NAME: usize = 1_000;

/// A data set and what reading it found.
#[derive(Debug, Clone, Default)]
pub struct Loaded {
    /// The data.
    pub dataset: Dataset,
    /// What the user should know.
    pub report: ReadReport,
}

/// Reads the data of a project; what the user should know goes to `progress`.
///
/// # Errors
/// Names file and row: missing or malformed files, missing columns, unknown
/// labels or roles, a single class, a needed role without rows.
pub fn read(manifest: &Manifest, project_dir: &Path, progress: &Progress) -> Result<Dataset> {
    let loaded = load(manifest, project_dir, progress)?;
    loaded.report.tell(progress);
    Ok(loaded.dataset)
}

/// Like [`read`], with the report instead of warnings.
pub fn load(manifest: &Manifest, project_dir: &Path, progress: &Progress) -> Result<Loaded> {
    if manifest.data.files.is_empty() {
        return Err(Error::input("project.toml names no data files").hint(
            "add them: [data] files = [{ path = \"data/train.csv\", role = \"train\" }, …]",
        ));
    }
    let mut reading = Reading::new(manifest);
    for file in &manifest.data.files {
        reading.file(file, project_dir, progress)?;
    }
    reading.finish(progress)
}

/// A row as read, its role and label not settled yet.
pub(super) struct Row {
    pub(super) text: Text,
    /// A label, or the number of a value when project.toml lists no labels.
    pub(super) label: u32,
    pub(super) role: Option<Role>,
    pub(super) source: u16,
    pub(super) group: Option<u32>,
    pub(super) id: Option<String>,
    pub(super) shares: usize,
    pub(super) origin: Origin,
}

/// All that the files gave so far.
pub(super) struct Reading<'a> {
    pub(super) manifest: &'a Manifest,
    pub(super) rows: Vec<Row>,
    pub(super) files: Vec<String>,
    /// Values of the label column, when project.toml lists no labels.
    pub(super) values: Values,
    pub(super) groups: Values,
    pub(super) sources: Values,
    pub(super) shares: Vec<Shares>,
    pub(super) report: ReadReport,
}

/// What holds for all rows of a file.
struct FileContext<'a> {
    spec: &'a FileSpec,
    name: String,
    number: u16,
    shares: usize,
    layout: Layout,
    columns: columns::Assignment,
}

impl FileContext<'_> {
    fn cell<'t>(&self, table: &'t dyn Table, part: Part) -> Option<&'t str> {
        let cell = table.cell(self.columns.of(part)?).trim();
        (!cell.is_empty()).then_some(cell)
    }

    fn place(&self, row: u32) -> String {
        format!("{}:{row}", self.name)
    }

    /// A label or another name that goes on for pages is a mistake of the file,
    /// most likely a quotation mark that swallowed what follows.
    fn refuse_long_names(&self, table: &dyn Table, row: u32) -> Result<()> {
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

    fn column(&self, part: Part) -> &str {
        let column = self.columns.of(part);
        column
            .and_then(|at| self.layout.columns.get(at))
            .map_or("", String::as_str)
    }
}

impl<'a> Reading<'a> {
    fn new(manifest: &'a Manifest) -> Self {
        Self {
            manifest,
            rows: Vec::new(),
            files: Vec::new(),
            values: Values::default(),
            groups: Values::default(),
            sources: Values::default(),
            shares: vec![manifest.roles.shares],
            report: ReadReport::default(),
        }
    }

    fn file(&mut self, spec: &FileSpec, project_dir: &Path, progress: &Progress) -> Result<()> {
        let path = resolve(project_dir, &spec.path)?;
        let name = spec.path.display().to_string();
        progress.stage(format!("Reading {name}"), None);
        let (mut table, layout) = table::open(&path, &name, &self.manifest.data, progress)?;
        let columns = columns::assign(&layout.columns, &self.manifest.data.columns, &name)?;
        let number = u16::try_from(self.files.len()).map_err(|_| {
            Error::input("project.toml names more than 65,535 files").hint("join some of them")
        })?;
        let shares = spec.shares.map_or(0, |shares| {
            self.shares.push(shares);
            self.shares.len() - 1
        });
        let context = FileContext {
            spec,
            name: name.clone(),
            number,
            shares,
            layout,
            columns,
        };
        self.files.push(name);
        let before = self.rows.len();
        let read = self.rows_of(table.as_mut(), &context, progress)?;
        self.told(context, read, self.rows.len() - before)
    }

    fn rows_of(
        &mut self,
        table: &mut dyn Table,
        context: &FileContext<'_>,
        progress: &Progress,
    ) -> Result<usize> {
        let mut read = 0_usize;
        while let Some(step) = table.advance()? {
            read += 1;
            if read.is_multiple_of(CHECK_EVERY) {
                progress.check()?;
                progress.done(read as u64);
            }
            match step {
                RowRead::Row(row) => self.row(table, context, row)?,
                RowRead::Broken(row, why) => {
                    self.report.skip(context.place(row), Skip::Malformed, why);
                }
            }
        }
        Ok(read)
    }

    fn row(&mut self, table: &dyn Table, context: &FileContext<'_>, row: u32) -> Result<()> {
        context.refuse_long_names(table, row)?;
        let pairs = context.columns.of(Part::TextB).is_some();
        let first = context.cell(table, Part::Text);
        let second = context.cell(table, Part::TextB);
        let (Some(first), true) = (first, second.is_some() || !pairs) else {
            self.report
                .skip(context.place(row), Skip::EmptyText, String::new());
            return Ok(());
        };
        let Some(value) = context.cell(table, Part::Label) else {
            self.report
                .skip(context.place(row), Skip::EmptyLabel, String::new());
            return Ok(());
        };
        let Some(label) = self.label(labels::normalised(value), context, row)? else {
            return Ok(());
        };
        let source = context
            .cell(table, Part::Source)
            .or(context.spec.source.as_deref());
        let (source, _) = self.sources.number(source.unwrap_or("all"));
        let source = u16::try_from(source).map_err(|_| {
            Error::input(format!(
                "{}: the source column `{}` holds more than 65,535 values",
                context.place(row),
                context.column(Part::Source)
            ))
            .hint("a source is a domain such as film or tweets; name another column, or none")
        })?;
        let group = context
            .cell(table, Part::Group)
            .map(|value| self.groups.number(value).0);
        let role = match context.cell(table, Part::Role) {
            Some(name) => Some(self.role(name, context, row)?),
            None => context.spec.role,
        };
        self.rows.push(Row {
            text: Text {
                first: first.to_owned(),
                second: second.map(str::to_owned),
            },
            label,
            role,
            source,
            group,
            id: context.cell(table, Part::Id).map(str::to_owned),
            shares: context.shares,
            origin: Origin {
                file: context.number,
                row,
            },
        });
        Ok(())
    }

    fn label(&mut self, value: &str, context: &FileContext<'_>, row: u32) -> Result<Option<u32>> {
        if self.manifest.labels.is_empty() {
            let (number, new) = self.values.number(value);
            if new {
                let distinct = self.values.names().len();
                labels::few_enough(distinct, context.column(Part::Label), &context.name)?;
            }
            return Ok(Some(number));
        }
        if let Some(label) = labels::in_manifest(value, self.manifest) {
            return Ok(Some(u32::from(label)));
        }
        let place = context.place(row);
        if self.manifest.data.skip_unknown_labels {
            self.report.skip(place, Skip::UnknownLabel, String::new());
            return Ok(None);
        }
        Err(labels::unknown(value, &place, self.manifest))
    }

    fn role(&self, name: &str, context: &FileContext<'_>, row: u32) -> Result<Role> {
        let renamed = self.manifest.roles.names.get(name).copied();
        renamed.or_else(|| Role::from_name(name)).ok_or_else(|| {
            let known: Vec<&str> = Role::ALL.into_iter().map(Role::name).collect();
            let shown: String = name.chars().take(40).collect();
            Error::input(format!(
                "{}: unknown role `{shown}` in column `{}`; roles are {}",
                context.place(row),
                context.column(Part::Role),
                known.join(", ")
            ))
            .hint(
                "say what it means under [roles.names], for instance test = \"final\", \
                 dev = \"validation\"; a column that holds no roles can be given another part \
                 or name",
            )
        })
    }

    /// Notes how a file was read.
    fn told(&mut self, context: FileContext<'_>, read: usize, kept: usize) -> Result<()> {
        if kept == 0 {
            let why = self.report.skipped.iter().rev();
            let why = why.take(1).map(|row| {
                let open = if row.detail.is_empty() { "" } else { ": " };
                format!("; {}: {}{open}{}", row.place, row.why.reason(), row.detail)
            });
            return Err(Error::input(format!(
                "`{}` gives no example ({} under its header{})",
                context.name,
                rows(read),
                why.collect::<String>()
            ))
            .hint("each row needs a text and a label; check the columns under [data.columns]"));
        }
        let recognised = context.columns.recognised(&context.layout.columns);
        if !recognised.is_empty() {
            let what = recognised.join(", ");
            self.report
                .notes
                .push(format!("{}: columns recognised: {what}", context.name));
        }
        if let Some(encoding) = context.layout.encoding.filter(|name| *name != "UTF-8") {
            self.report
                .notes
                .push(format!("{}: read as {encoding}, not UTF-8", context.name));
        }
        self.report.files.push(FileReport {
            file: context.name,
            recognised,
            layout: context.layout,
            rows: read,
            kept,
        });
        Ok(())
    }
}
