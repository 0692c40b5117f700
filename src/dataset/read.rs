//! From a project's files to a [`Dataset`].

use std::path::Path;

use super::columns::{self, Part};
use super::declared::Declared;
use super::file_context::FileContext;
use super::labels::{self, LabelValues, Values};
use super::report::{FileReport, ReadReport, Skip, rows};
use super::table::{self, Layout, RowRead, Table};
use super::unread_roles::UnreadRoles;
use super::{Dataset, Origin, cell, folder, spelling};
use crate::records::{FileSpec, Label, LabelSpec, Manifest, Role, Shares, Text, resolve};
use crate::support::{Error, Progress, Result};

/// Rows between two looks at the cancel flag.
const CHECK_EVERY: usize = 4_096;

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
    load_for(manifest, project_dir, false, progress)
}

/// Like [`load`]; with `as_it_is` for a model that is not fitted: *train* may
/// lack rows, and gets none where nothing is said about roles.
pub fn load_for(
    manifest: &Manifest,
    project_dir: &Path,
    as_it_is: bool,
    progress: &Progress,
) -> Result<Loaded> {
    if manifest.data.files.is_empty() {
        return Err(Error::input("project.toml names no data files").hint(
            "add them: [data] files = [{ path = \"data/train.csv\", role = \"train\" }, …]",
        ));
    }
    let mut reading = Reading::new(manifest, as_it_is);
    for (entry, named) in manifest.data.files.iter().enumerate() {
        let path = resolve(project_dir, &named.path)?;
        for file in folder::expanded(named, &path)? {
            reading.file((entry, &file), project_dir, progress)?;
        }
    }
    reading.finish(progress)
}

/// A row as read, its role and label not settled yet.
pub(super) struct Row {
    pub(super) text: Text,
    /// The number of its value among all of the label column.
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
    /// Whether the model is not fitted on *train*.
    pub(super) as_it_is: bool,
    pub(super) rows: Vec<Row>,
    pub(super) files: Vec<String>,
    pub(super) labels: LabelValues,
    /// The label of each of these values, once that is settled.
    pub(super) values: Vec<(String, Label)>,
    /// The labels that the data must have, if anything says so.
    pub(super) declared: Option<Declared>,
    pub(super) groups: Values,
    /// Parts that project.toml names a column for, with the columns of a file
    /// that lacks it; gone once a file has it.
    pub(super) lacking: Vec<(Part, String)>,
    /// Rows of which each stands for a file whose labels are all the same.
    pub(super) uniform: Vec<usize>,
    pub(super) sources: Values,
    pub(super) shares: Vec<Shares>,
    pub(super) report: ReadReport,
}

impl<'a> Reading<'a> {
    fn new(manifest: &'a Manifest, as_it_is: bool) -> Self {
        let shares = match manifest.roles.shares {
            nothing_said if nothing_said == Shares::default() && as_it_is => {
                Shares::WITHOUT_TRAINING
            }
            shares => shares,
        };
        Self {
            manifest,
            as_it_is,
            rows: Vec::new(),
            files: Vec::new(),
            labels: LabelValues::default(),
            values: Vec::new(),
            declared: (!manifest.labels.is_empty()).then(|| Declared {
                labels: manifest.labels.clone(),
                by: "project.toml".to_owned(),
            }),
            lacking: Vec::new(),
            uniform: Vec::new(),
            groups: Values::default(),
            sources: Values::default(),
            shares: vec![shares],
            report: ReadReport::default(),
        }
    }

    /// Reads a file that an entry of project.toml stands for.
    fn file(
        &mut self,
        (entry, spec): (usize, &FileSpec),
        project_dir: &Path,
        progress: &Progress,
    ) -> Result<()> {
        let path = resolve(project_dir, &spec.path)?;
        let name = spec.path.display().to_string();
        progress.stage(format!("Reading {name}"), None);
        let how = self.manifest.data.of_file(spec);
        let (mut table, mut layout) = table::open(&path, &name, &how, progress)?;
        let columns = columns::assign(
            &layout.columns,
            &self.manifest.data.columns.or(&layout.suggested),
            &name,
        );
        let columns = columns.map_err(|error| match layout.sheets_told() {
            Some(sheets) => error.context(sheets),
            None => error,
        })?;
        layout.doubts.extend(columns.rivals().iter().cloned());
        layout.doubts.extend(columns.odd_names().iter().cloned());
        self.note_lacking(&columns, &mut layout, spec);
        let names = self.names_of(&columns, &layout, &name)?;
        let number = u16::try_from(self.files.len()).map_err(|_| {
            Error::input("project.toml names more than 65,535 files").hint("join some of them")
        })?;
        let shares = spec.shares.map_or(0, |shares| {
            self.shares.push(shares);
            self.shares.len() - 1
        });
        let context = FileContext {
            entry,
            spec,
            name: name.clone(),
            number,
            shares,
            layout,
            columns,
            names,
        };
        context.refuse_answers()?;
        self.files.push(name);
        let before = self.rows.len();
        let (read, unread_roles) = self.rows_of(table.as_mut(), &context, progress)?;
        let mut context = context;
        let unread_roles = unread_roles.told(&context.layout.columns);
        context.layout.doubts.extend(unread_roles);
        self.told(context, read, before)
    }

    /// What the numbers of a file's label column stand for. The names that the
    /// first file brings hold for all, unless project.toml names labels.
    fn names_of(
        &mut self,
        columns: &columns::Assignment,
        layout: &Layout,
        file: &str,
    ) -> Result<Option<Vec<String>>> {
        let column = columns.of(Part::Label);
        let column = column.and_then(|at| layout.columns.get(at));
        let Some((column, names)) = column.and_then(|c| Some((c, layout.names_of(c)?))) else {
            return Ok(None);
        };
        let declared = self.declared.get_or_insert_with(|| Declared {
            labels: names
                .iter()
                .map(|name| LabelSpec {
                    name: name.clone(),
                    ..LabelSpec::default()
                })
                .collect(),
            by: format!("`{file}`"),
        });
        declared.agree(file, column, names).map(Some)
    }

    fn rows_of(
        &mut self,
        table: &mut dyn Table,
        context: &FileContext<'_>,
        progress: &Progress,
    ) -> Result<(usize, UnreadRoles)> {
        let mut read = 0_usize;
        let mut unread_roles = UnreadRoles::of(context.without_part());
        while let Some(step) = table.advance()? {
            read += 1;
            if read.is_multiple_of(CHECK_EVERY) {
                progress.check()?;
                progress.done(read as u64);
            }
            match step {
                RowRead::Row(row) => {
                    unread_roles.note(table);
                    self.row(table, context, row)?;
                }
                RowRead::Broken(row, why) => {
                    self.report.skip(context.place(row), Skip::Malformed, why);
                }
            }
        }
        Ok((read, unread_roles))
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
        if let Some(why) = context.unusable(table, row)? {
            self.report.skip(context.place(row), Skip::Malformed, why);
            return Ok(());
        }
        if let Some(why) = context.without_label(table) {
            self.report.skip(context.place(row), why, String::new());
            return Ok(());
        }
        let origin = Origin {
            file: context.number,
            row,
        };
        let label = context.label(table, row)?;
        let Some(label) = label.filter(|label| !self.means_none(&label.text)) else {
            self.report
                .skip(context.place(row), Skip::EmptyLabel, String::new());
            return Ok(());
        };
        let label = self.label(&label, context, origin)?;
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
            .map(|value| self.groups.number(cell::without_zeros(value)).0);
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
            origin,
        });
        Ok(())
    }

    /// Whether project.toml says that a value marks a missing label.
    fn means_none(&self, value: &str) -> bool {
        let value = cell::without_zeros(value);
        let marks = &self.manifest.data.missing_labels;
        marks.iter().any(|mark| cell::without_zeros(mark) == value)
    }

    fn label(
        &mut self,
        found: &cell::Cell,
        context: &FileContext<'_>,
        origin: Origin,
    ) -> Result<u32> {
        let joined = self.manifest.data.join.get(found.text.as_str());
        let value = joined.map_or(found.text.as_str(), String::as_str);
        let (number, new) = self.labels.note(value, found.kind, origin);
        let stops = self.declared.is_none() || !self.manifest.data.skip_unknown_labels;
        if new && stops {
            let column = context.column(Part::Label);
            labels::few_enough(self.labels.distinct(), column, &context.name)?;
        }
        Ok(number)
    }

    fn role(&self, name: &str, context: &FileContext<'_>, row: u32) -> Result<Role> {
        let renamed = self.manifest.roles.names.get(name).copied();
        renamed.or_else(|| Role::from_name(name)).ok_or_else(|| {
            let known: Vec<&str> = Role::ALL.into_iter().map(Role::name).collect();
            let shown = spelling::shown(name);
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

    /// Notes how a file was read; its rows begin at `before`.
    fn told(&mut self, context: FileContext<'_>, read: usize, before: usize) -> Result<()> {
        let kept = self.rows.len() - before;
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
        let about = |what: &String| format!("{}: {what}", context.name);
        self.report
            .notes
            .extend(context.layout.notes.iter().map(about));
        self.report
            .doubts
            .extend(context.layout.doubts.iter().map(about));
        self.uniform.extend(self.one_label(before));
        let header = context.layout.columns.iter().enumerate();
        let unused = header.filter(|(at, _)| context.columns.part_of(*at).is_none());
        let unused = unused.map(|(_, name)| name.clone()).collect();
        self.report.files.push(FileReport {
            file: context.name,
            entry: context.entry,
            recognised,
            unused,
            labels_named_by_file: context.names,
            layout: context.layout,
            rows: read,
            kept,
        });
        Ok(())
    }

    /// The first of the rows from here on, if all have its label.
    fn one_label(&self, from: usize) -> Option<usize> {
        let rows = &self.rows[from..];
        let first = rows.first()?;
        rows.iter()
            .all(|row| row.label == first.label)
            .then_some(from)
    }
}
