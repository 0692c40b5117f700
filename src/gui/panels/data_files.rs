//! How the files of the open project are read, and the first rows as they are
//! used. What is decided otherwise here is tried at once and becomes lines for
//! project.toml, which is the user's own and is never written to.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use eframe::egui::{CollapsingHeader, Context, RichText, Ui};
use serde::Serialize;

use super::how_read;
use super::label_form::{self, FoundLabels};
use super::widgets::{bad, button_if, caption, caution, count, part, section};
use crate::dataset::report::FileReport;
use crate::dataset::{self, Dataset, ReadReport};
use crate::gui::background::Pending;
use crate::gui::checked::first_rows as show_rows;
use crate::gui::notices::Notice;
use crate::gui::read::Read;
use crate::records::{DataSpec, LabelSpec, Manifest, Role};
use crate::steps::check::{FirstRow, first_rows};
use crate::steps::draft::LabelSettings;
use crate::support::Progress;

/// How long nothing may have changed before the files are read otherwise.
const STILL: Duration = Duration::from_millis(400);

/// Files of one folder that are shown.
const MOST_SHARDS: usize = 8;

/// What reading gave.
struct Found {
    rows: Vec<FirstRow>,
    labels: Vec<(String, usize)>,
    report: Arc<ReadReport>,
}

impl Found {
    fn new(dataset: &Dataset, report: Arc<ReadReport>) -> Self {
        let mut counts = vec![0; dataset.labels.len()];
        for example in dataset.examples.iter().filter(|e| e.role != Role::Final) {
            if let Some(count) = counts.get_mut(usize::from(example.label)) {
                *count += 1;
            }
        }
        Self {
            rows: first_rows(dataset),
            labels: dataset.labels.iter().cloned().zip(counts).collect(),
            report,
        }
    }
}

/// The settings that somebody tries.
struct Tried {
    manifest: Manifest,
    labels: LabelSettings,
    since: Instant,
    /// What was read, and with which settings.
    found: Option<(Manifest, Result<Found, Notice>)>,
    reading: Option<(Manifest, Pending<Found>)>,
}

/// What the page keeps from frame to frame.
#[derive(Default)]
pub struct DataFiles {
    /// Of the data set as the project has it.
    used: Option<(Arc<Dataset>, Found)>,
    tried: Option<Tried>,
}

/// The lines of project.toml.
#[derive(Serialize)]
struct Lines<'a> {
    #[serde(skip_serializing_if = "<[LabelSpec]>::is_empty")]
    labels: &'a [LabelSpec],
    data: &'a DataSpec,
}

impl Tried {
    fn new(manifest: &Manifest) -> Self {
        Self {
            labels: LabelSettings::of(manifest),
            manifest: manifest.clone(),
            since: Instant::now(),
            found: None,
            reading: None,
        }
    }

    /// The settings with what was decided on labels.
    fn wanted(&self) -> Manifest {
        let mut manifest = self.manifest.clone();
        self.labels.write(&mut manifest);
        manifest
    }

    /// Reads the files in the background once the settings have stayed as they
    /// are.
    fn follow(&mut self, folder: PathBuf, as_it_is: bool, ctx: &Context) {
        if let Some((of, work)) = &mut self.reading
            && let Some(result) = work.take()
        {
            let found = result.map_err(|error| Notice::from(&error));
            self.found = Some((of.clone(), found));
            self.reading = None;
        }
        let wanted = self.wanted();
        let known = self.found.as_ref().is_some_and(|(of, _)| *of == wanted);
        if known || self.reading.is_some() {
            return;
        }
        if self.since.elapsed() < STILL {
            ctx.request_repaint_after(STILL);
            return;
        }
        let manifest = wanted.clone();
        let work = Pending::start(ctx, move || {
            let silent = Progress::silent();
            let read = dataset::load_for(&manifest, &folder, as_it_is, &silent)?;
            Ok(Found::new(&read.dataset, Arc::new(read.report)))
        });
        self.reading = Some((wanted, work));
    }
}

impl DataFiles {
    /// Shows the files.
    pub fn ui(&mut self, read: &Read<'_>, ui: &mut Ui) {
        let state = read.state;
        let is_same = |(of, _): &(Arc<Dataset>, Found)| Arc::ptr_eq(of, &state.dataset);
        if !self.used.as_ref().is_some_and(is_same) {
            let found = Found::new(&state.dataset, Arc::clone(&state.reading));
            self.used = Some((Arc::clone(&state.dataset), found));
            self.tried = None;
        }
        let tried = self
            .tried
            .get_or_insert_with(|| Tried::new(&state.manifest));
        let before = tried.wanted();
        part(ui, "files", |ui| files(&state.reading, tried, ui));
        if let Some((_, used)) = &self.used {
            part(ui, "labels", |ui| labels(used, tried, ui));
            if tried.wanted() == *state.manifest {
                section(ui, "First rows, as they are used", "");
                show_rows(&used.rows, ui);
                return;
            }
        }
        if tried.wanted() != before {
            tried.since = Instant::now();
        }
        tried.follow(state.folder.clone(), state.as_it_is, ui.ctx());
        otherwise(tried, ui);
        if ui.button("Leave it as it is").clicked() {
            self.tried = None;
        }
    }
}

/// Each file with what was decided on it, changeable.
fn files(reading: &ReadReport, tried: &mut Tried, ui: &mut Ui) {
    section(ui, "Files", "How each was read, and why");
    let data = &mut tried.manifest.data;
    for reports in reading.files.chunk_by(|one, next| one.entry == next.entry) {
        let Some((first, file)) = reports.first().zip(data.files.get_mut(reports[0].entry)) else {
            continue;
        };
        // The files of a folder stand for one entry and are read alike.
        let name = match reports {
            [only] => only.file.clone(),
            all => {
                let name = file.path.display().to_string();
                ui.label(RichText::new(format!("{name}, {} files", count(all.len()))).strong());
                name
            }
        };
        for report in reports.iter().take(MOST_SHARDS) {
            decided(report, ui);
        }
        if reports.len() > MOST_SHARDS {
            caption(
                ui,
                format!("and {} more", count(reports.len() - MOST_SHARDS)),
            );
        }
        CollapsingHeader::new(format!("How {name} is read"))
            .id_salt(&name)
            .show(ui, |ui| how_read::ui(&name, &first.layout, file, ui));
    }
    let layouts = reading.files.iter().map(|report| &report.layout);
    how_read::disagreement(layouts, &mut data.disagreement, ui);
}

/// What was decided on a file.
fn decided(report: &FileReport, ui: &mut Ui) {
    ui.horizontal_wrapped(|ui| {
        ui.label(RichText::new(&report.file).strong());
        caption(ui, report.layout.described());
    });
    for line in report.decided() {
        caption(ui, line);
    }
}

/// Labels that project.toml names already are changed there.
fn labels(used: &Found, tried: &mut Tried, ui: &mut Ui) {
    if !tried.manifest.labels.is_empty() {
        return;
    }
    let names: Vec<String> = used.labels.iter().map(|(name, _)| name.clone()).collect();
    let found = FoundLabels {
        labels: &names,
        rows: &used.labels,
        spellings: &used.report.spellings,
    };
    label_form::ui(&found, &mut tried.labels, ui);
}

/// What would be read with the settings that are tried, and the lines that
/// say so.
fn otherwise(tried: &Tried, ui: &mut Ui) {
    section(ui, "First rows, as they would be read", "");
    match &tried.found {
        Some((_, Ok(found))) => {
            show_rows(&found.rows, ui);
            for warning in found.report.warnings() {
                caution(ui, format!("! {warning}"));
            }
        }
        Some((_, Err(notice))) => {
            bad(ui, format!("! {}", notice.message));
            if let Some(hint) = &notice.hint {
                caption(ui, hint);
            }
        }
        None => {
            caption(ui, "Reading the files …");
        }
    }
    let wanted = tried.wanted();
    let lines = Lines {
        labels: &wanted.labels,
        data: &wanted.data,
    };
    let Ok(lines) = toml::to_string_pretty(&lines) else {
        return;
    };
    caution(
        ui,
        "project.toml is yours and stays as it is: put these lines there in place of its [data], \
         and open the project again. Other rows or labels make other results: the base is fitted \
         and scored anew",
    );
    ui.monospace(&lines);
    let meaning = "Puts them on the clipboard";
    if button_if(ui, true, "Copy the lines", meaning) {
        ui.ctx().copy_text(lines);
    }
}
