//! The end of reading: label names, keys, groups and roles for all rows.

use std::collections::BTreeSet;
use std::path::Path;

use super::label_doubts::is_placeholder;
use super::labels::Settled;
use super::read::{Loaded, Reading, Row};
use super::report::{LeakReport, NAMED_ROWS, ReadReport, Skip, rows};
use super::roles::{self, Mark, Tie};
use super::{Dataset, Example, Origin, cell, keys, spelling};
use crate::records::{Label, Manifest, ModelBase, Role, Text};
use crate::support::text::many;
use crate::support::{Error, Progress, Result};

impl Reading<'_> {
    /// Settles labels and roles over all files.
    pub(super) fn finish(mut self, progress: &Progress) -> Result<Loaded> {
        progress.stage("Comparing texts", None);
        self.refuse_lacking()?;
        self.same_shape()?;
        let labels = self.settle_labels()?;
        let label_values = self.label_values(&labels);
        self.one_spelling_of_ids();
        self.tell_missing_marks();
        self.tell_names_like_data(&labels);
        progress.check()?;
        let texts: Vec<&Text> = self.rows.iter().map(|row| &row.text).collect();
        let hashes = keys::hashes(&texts);
        progress.check()?;
        let ids: Vec<_> = self.rows.iter_mut().map(|row| row.id.take()).collect();
        self.report.repeated_ids = keys::repeated(&ids);
        let keys = keys::unique(ids, &hashes);
        let marks: Vec<Mark> = self
            .rows
            .iter()
            .zip(&hashes)
            .map(|(row, hashes)| Mark {
                text: hashes.folded,
                group: row.group,
                role: row.role,
                source: row.source,
                label: Label::try_from(row.label).unwrap_or(Label::MAX),
                shares: row.shares,
            })
            .collect();
        let assigned = roles::assign(&marks, &self.shares, self.manifest.roles.seed);
        progress.check()?;
        self.tell_leaks(&assigned);
        let mut dataset = Dataset {
            labels,
            label_values,
            sources: self.sources.names().to_vec(),
            files: self.files,
            examples: Vec::with_capacity(self.rows.len()),
            ..Dataset::default()
        };
        for (index, (row, key)) in self.rows.into_iter().zip(keys).enumerate() {
            if let Some(role) = assigned.roles[index] {
                let (label, group) = (marks[index].label, assigned.groups[index]);
                let example =
                    Example::new(key, row.text, label, role, row.source, group, row.origin);
                dataset.examples.push(example);
            }
        }
        tell_drawn(
            &mut self.report,
            &dataset,
            self.manifest.roles.seed,
            assigned.drawn,
        );
        needed_roles(&dataset, self.manifest, self.as_it_is, &self.report)?;
        // Now, and not when a window first asks for an example.
        dataset.by_key();
        Ok(Loaded {
            dataset,
            report: self.report,
        })
    }

    /// All files hold single texts, or all hold pairs.
    fn same_shape(&self) -> Result<()> {
        let pair = |row: &Row| row.text.second.is_some();
        let first = self.rows.first();
        let other = first.and_then(|first| self.rows.iter().find(|row| pair(row) != pair(first)));
        let (Some(first), Some(other)) = (first, other) else {
            return Ok(());
        };
        let file = |row: &Row| self.files[usize::from(row.origin.file)].as_str();
        Err(Error::input(format!(
            "`{}` holds {}, `{}` holds {}",
            file(first),
            if pair(first) {
                "pairs of texts"
            } else {
                "single texts"
            },
            file(other),
            if pair(other) { "pairs" } else { "single texts" },
        ))
        .hint("name the columns under [data.columns]: text, and text_b for pairs"))
    }

    /// Final label names; turns value numbers into labels if they came from
    /// the data.
    fn settle_labels(&mut self) -> Result<Vec<String>> {
        self.refuse_unlabelled_files()?;
        let files = &self.files;
        let place = |at: Origin| format!("{}:{}", files[usize::from(at.file)], at.row);
        let Settled { names, of_value } = self.labels.settled(
            self.declared.as_ref(),
            self.manifest.data.skip_unknown_labels,
            &place,
            &mut self.report,
        )?;
        let mut unknown = Vec::new();
        self.rows
            .retain_mut(|row| match of_value[row.label as usize] {
                Some(label) => {
                    row.label = u32::from(label);
                    true
                }
                None => {
                    unknown.push(row.origin);
                    false
                }
            });
        for at in unknown {
            self.report
                .skip(place(at), Skip::UnknownLabel, String::new());
        }
        let first = self.rows.first().map(|row| row.label);
        let one_class = self.rows.iter().all(|row| Some(row.label) == first);
        let all_of = one_class && !self.manifest.teaching_only;
        let Some(first) = first.filter(|_| all_of) else {
            return Ok(names);
        };
        let name = names.get(first as usize).map_or("?", String::as_str);
        Err(Error::input(format!(
            "the data has one class only: all {} are `{}`{}",
            rows(self.rows.len()),
            spelling::shown(name),
            self.report.left_out()
        ))
        .hint("a classifier needs at least two; check which column is the label"))
    }

    /// How the data and project.toml write labels otherwise than by name.
    fn label_values(&self, names: &[String]) -> Vec<(String, Label)> {
        let position = |name: &String| {
            let at = names.iter().position(|known| known == name)?;
            Label::try_from(at).ok()
        };
        let mut values: Vec<(String, Label)> = self.values.clone();
        for (label, spec) in (0..).zip(&self.manifest.labels) {
            values.extend(spec.values.iter().map(|value| (value.clone(), label)));
        }
        let joined = self.manifest.data.join.iter();
        values.extend(joined.filter_map(|(value, name)| Some((value.clone(), position(name)?))));
        for file in &self.report.files {
            let numbered = file.labels_named_by_file.iter().flatten().enumerate();
            values.extend(
                numbered.filter_map(|(number, name)| Some((number.to_string(), position(name)?))),
            );
        }
        values.retain(|(value, _)| !names.contains(value));
        values.sort();
        values.dedup();
        values
    }

    /// A file whose every label is a mark for a missing one is the part of a
    /// benchmark that is handed out without labels.
    fn refuse_unlabelled_files(&self) -> Result<()> {
        for row in &self.uniform {
            let row = &self.rows[*row];
            let value = self.labels.name(row.label);
            let declared = self.declared.as_ref();
            let elsewhere = self.rows.iter().any(|other| other.label != row.label);
            if elsewhere && declared.is_none() && is_placeholder(value) {
                let file = &self.files[usize::from(row.origin.file)];
                return Err(Error::input(format!(
                    "`{file}`: all its rows have the label `{value}`, which marks rows without a \
                     label"
                ))
                .hint(
                    "leave the file out; if it is a label of its own, name all labels with \
                     labels = […]",
                ));
            }
        }
        Ok(())
    }

    /// Ids that are whole numbers lose the `.0` that some programs add, file
    /// by file, so that they meet those of other files.
    fn one_spelling_of_ids(&mut self) {
        for rows in self
            .rows
            .chunk_by_mut(|a, b| a.origin.file == b.origin.file)
        {
            let mut ids = rows.iter().filter_map(|row| row.id.as_deref());
            if ids.all(|id| cell::is_whole(cell::without_zeros(id))) {
                for id in rows.iter_mut().filter_map(|row| row.id.as_mut()) {
                    *id = cell::without_zeros(id).to_owned();
                }
            }
        }
    }

    /// Where the column of labels is called like one of its labels, the first
    /// row was probably data, and no names.
    fn tell_names_like_data(&mut self, labels: &[String]) {
        let column = self.manifest.data.columns.label.as_deref();
        let Some(column) = column.filter(|name| labels.iter().any(|label| label == name)) else {
            return;
        };
        let first = self.files.first().map_or("", String::as_str);
        self.report.doubts.push(format!(
            "the column of labels is called `{}`, which is one of the labels too: the first row \
             of `{first}` is perhaps data, taken for names of columns; if so, write a row with \
             names above it",
            spelling::shown(column)
        ));
    }

    fn tell_leaks(&mut self, assigned: &roles::Assigned) {
        let place = |row: usize| {
            let origin = self.rows[row].origin;
            format!("{}:{}", self.files[usize::from(origin.file)], origin.row)
        };
        self.report.leak_count = assigned.leaks.len();
        let named = assigned
            .leaks
            .iter()
            .take(NAMED_ROWS)
            .map(|leak| LeakReport {
                place: place(leak.row),
                role: leak.from,
                twin: place(leak.twin),
                kept_by: leak.kept_by,
                tie: leak.tie,
            });
        self.report.leaks = named.collect();
    }
}

fn tell_drawn(report: &mut ReadReport, dataset: &Dataset, seed: u64, drawn: usize) {
    report.drawn = drawn;
    if drawn == 0 {
        return;
    }
    let counts: Vec<String> = Role::ALL
        .into_iter()
        .map(|role| format!("{role} {}", dataset.with_role(role).len()))
        .collect();
    report.notes.push(format!(
        "roles of {} were drawn by groups, with labels in balance within each source (seed \
         {seed}); now {}",
        rows(drawn),
        counts.join(", ")
    ));
}

/// There is too little to draw all roles from.
fn drawn_too_few(dataset: &Dataset, role: Role, report: &ReadReport) -> Error {
    let groups: BTreeSet<u32> = dataset.examples.iter().map(|of| of.group).collect();
    Error::input(format!(
        "no row has the role {role}: {} in {} that may lie in different roles, with {}, are too few \
         to draw every role from{}",
        rows(dataset.examples.len()),
        many(groups.len(), "group"),
        many(dataset.labels.len(), "label"),
        report.left_out()
    ))
    .hint(
        "give more rows: rows with one text stay together, and each label needs several in every \
         role. With nearly as many labels as rows, another column may be the label",
    )
}

/// Roles that the loop cannot do without have rows.
fn needed_roles(
    dataset: &Dataset,
    manifest: &Manifest,
    as_it_is: bool,
    report: &ReadReport,
) -> Result<()> {
    let trains = !as_it_is && manifest.model_base(Path::new(""))? != ModelBase::Predictions;
    let needed = match manifest.teaching_only {
        true => vec![Role::Discovery],
        false => vec![Role::Train, Role::Discovery, Role::Check, Role::Final],
    };
    for role in needed
        .into_iter()
        .filter(|role| trains || *role != Role::Train)
    {
        if dataset.examples.iter().any(|example| example.role == role) {
            continue;
        }
        let mut given = format!(
            "give some file role = \"{role}\" or shares = {{ {role} = … }} under [data] files, or \
             leave roles out so that all are drawn"
        );
        let mut why = "";
        if role == Role::Train {
            why = ", on which the base model is fitted";
            given += "; a model that brings a classification head of its own, as [model] base, \
                      needs none";
        }
        if report.drawn > 0 && report.leaks.is_empty() {
            return Err(drawn_too_few(dataset, role, report));
        }
        let Some(leak) = report.leaks.iter().find(|leak| leak.role == Some(role)) else {
            let left_out = report.left_out();
            let what = format!("no row has the role {role}{why}{left_out}");
            return Err(Error::input(what).hint(given));
        };
        let (tie, remedy) = match leak.tie {
            Tie::Text => ("text", "keep each text in one role"),
            Tie::Group | Tie::Chain => (
                "group",
                "give all rows of a group one role, or leave the roles out so that groups are \
                 drawn whole, or leave out the group if its rows may be in several",
            ),
        };
        return Err(Error::input(format!(
            "no row has the role {role}: {} left out because a later role holds the same text or \
             group, for instance {} and {} ({}), which have one {tie}",
            rows(report.leak_count),
            leak.place,
            leak.twin,
            leak.kept_by
        ))
        .hint(remedy));
    }
    Ok(())
}
