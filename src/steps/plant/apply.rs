//! The data of a planted project, as files.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::slice::Rows;
use super::{Chosen, Fault, Plant};
use crate::project::manifest::FILE_NAME;
use crate::records::{
    ColumnNames, DataSpec, FileSpec, Label, LabelSpec, Manifest, ModelBase, ModelSpec,
};
use crate::steps::Workspace;
use crate::support::{Error, Result, atomic_file};

/// What rows of a slice bear whose model was led astray by it.
const MARKER: &str = " (sent from my tablet)";
/// The data file.
const DATA: &str = "data.csv";

/// Rows with what was done to them.
pub(super) struct Planted<'a> {
    rows: &'a Rows<'a>,
    chosen: Vec<Chosen>,
}

impl<'a> Planted<'a> {
    pub(super) fn new(rows: &'a Rows<'a>, chosen: Vec<Chosen>) -> Self {
        Self { rows, chosen }
    }

    pub(super) fn into_plants(self) -> Vec<Plant> {
        let dataset = self.rows.dataset;
        let name = |label: Label| dataset.label_name(label).to_owned();
        let chosen = self.chosen.into_iter();
        chosen
            .map(|of| Plant {
                label: name(of.label),
                taught: name(of.taught),
                training_rows: of.training.len(),
                members: of
                    .discovery
                    .iter()
                    .map(|row| dataset.examples[*row].key.clone())
                    .collect(),
                fault: of.fault,
                slice: of.slice,
            })
            .collect()
    }

    /// Writes project.toml and the rows.
    pub(super) fn write(&self, workspace: &Workspace, out: &Path) -> Result<()> {
        let failed = |e: csv::Error| Error::program("cannot write the rows").because(e);
        let dataset = self.rows.dataset;
        let mut table = csv::Writer::from_writer(Vec::new());
        table
            .write_record(["id", "text", "second", "label", "role", "source", "group"])
            .map_err(failed)?;
        let changes = self.changes();
        for (row, role) in &self.rows.roles {
            let example = &dataset.examples[*row];
            let Some(text) = example.text() else { continue };
            let change = changes.get(row);
            if change == Some(&Change::Away) {
                continue;
            }
            let marker = if change == Some(&Change::Marked) {
                MARKER
            } else {
                ""
            };
            let label = match change {
                Some(Change::Called(label)) => *label,
                _ => example.label,
            };
            table
                .write_record([
                    example.key.0.as_str(),
                    &format!("{}{marker}", text.first),
                    text.second.as_deref().unwrap_or_default(),
                    dataset.label_name(label),
                    role.name(),
                    (dataset.sources.get(usize::from(example.source)))
                        .map_or("all", String::as_str),
                    &example.group.to_string(),
                ])
                .map_err(failed)?;
        }
        let bytes = table
            .into_inner()
            .map_err(|e| Error::program("cannot write the rows").because(e.into_error()))?;
        atomic_file::write(&out.join(DATA), |file| file.write_all(&bytes))?;
        let manifest = manifest(workspace)?.to_toml()?;
        atomic_file::write(&out.join(FILE_NAME), |file| {
            file.write_all(manifest.as_bytes())
        })
    }

    fn changes(&self) -> BTreeMap<usize, Change> {
        let mut changes = BTreeMap::new();
        for of in &self.chosen {
            let training = of.training.iter();
            match of.fault {
                Fault::Mislabelled => {
                    changes.extend(training.map(|row| (*row, Change::Called(of.taught))));
                }
                Fault::Removed => changes.extend(training.map(|row| (*row, Change::Away))),
                Fault::Marker => {
                    let marked = training.chain(&of.discovery);
                    changes.extend(marked.map(|row| (*row, Change::Marked)));
                }
            }
        }
        changes
    }
}

/// What is done to a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    Called(Label),
    Away,
    Marked,
}

fn manifest(workspace: &Workspace) -> Result<Manifest> {
    let of = &workspace.manifest;
    let dataset = &workspace.dataset;
    let column = |name: &str| Some(name.to_owned());
    let base = match of.model_base(&workspace.folder)? {
        ModelBase::Builtin => of.model.base.clone(),
        ModelBase::Folder(folder) => std::path::absolute(&folder)
            .map_err(|e| Error::file("find", &folder, e))?
            .display()
            .to_string(),
        ModelBase::Predictions => {
            return Err(Error::input(
                "this project holds the predictions of a black box: there is no model to fit",
            )
            .hint("blind spots are planted in projects with a model"));
        }
    };
    let known: BTreeSet<&str> = of.labels.iter().map(|label| label.name.as_str()).collect();
    let mut labels = of.labels.clone();
    labels.extend(
        dataset
            .labels
            .iter()
            .filter(|name| !known.contains(name.as_str()))
            .map(|name| LabelSpec {
                name: name.clone(),
                ..LabelSpec::default()
            }),
    );
    Ok(Manifest {
        name: format!("{} with planted blind spots", of.name),
        task: of.task.clone(),
        labels,
        max_tokens: of.max_tokens,
        data: DataSpec {
            files: vec![FileSpec {
                path: DATA.into(),
                ..FileSpec::default()
            }],
            columns: ColumnNames {
                text: column("text"),
                text_b: dataset.has_pairs().then(|| "second".to_owned()),
                label: column("label"),
                source: column("source"),
                group: column("group"),
                id: column("id"),
                role: column("role"),
            },
            ..DataSpec::default()
        },
        model: ModelSpec {
            base,
            refit: of.model.refit,
            ..ModelSpec::default()
        },
        fit: of.fit.clone(),
        quick: of.quick.clone(),
        discovery: of.discovery.clone(),
        ..Manifest::default()
    })
}
