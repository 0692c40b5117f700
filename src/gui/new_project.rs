//! The form that makes a project of files. What was filled in is checked as
//! it changes, in the background.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use eframe::egui::{self, Grid, RichText, Ui};

use super::background::Pending;
use super::checked::{first_rows, show_checked};
use super::new_files::NewFiles;
use super::new_model::NewModel;
use super::notices::{Notice, Notices};
use super::panels::form::{line, menu};
use super::panels::label_form::{self, FoundLabels};
use super::panels::widgets::{
    bad, caption, caution, explained, limit_width, part, primary_button, section, title,
};
use super::pick::Wanted;
use super::theme::{self, tokens};
use super::words;
use crate::records::Manifest;
use crate::steps::draft::{Checked, Draft, LabelSettings};
use crate::support::Progress;
use crate::support::text::shortened;

/// Characters of a cell that the preview shows at most.
const LONGEST_CELL: usize = 80;
/// How long nothing may have changed before the files are checked.
const STILL: Duration = Duration::from_millis(400);
/// Room for the button beside a path, in points.
const CHOOSE_ROOM: f32 = 100.0;
const SAME_COLUMN: &str = "Text and label are the same column";

/// The form and what runs behind it.
#[derive(Default)]
pub struct NewProject {
    /// What was filled in.
    pub draft: Draft,
    files: NewFiles,
    model: NewModel,
    /// What there is to check, and since when it is as it is.
    wanted: Option<(Manifest, Instant)>,
    checking: Option<(Manifest, Pending<Checked>)>,
    checked: Option<(Manifest, Result<Checked, Notice>)>,
    creating: Pending<PathBuf>,
    created: Option<PathBuf>,
}

/// What the form asks for.
#[derive(Debug, Default)]
pub struct Answer {
    /// A file dialog.
    pub pick: Option<Wanted>,
    /// What is on the clipboard.
    pub paste: bool,
    /// The project that was made.
    pub open: Option<PathBuf>,
    /// Back to the choices.
    pub leave: bool,
}

impl NewProject {
    /// An empty form; the project goes into `parent` unless that is changed.
    pub fn new(parent: &Path) -> Self {
        let mut project = Self::default();
        project.draft.parent = parent.display().to_string();
        project
    }

    /// Takes in what came from the background.
    pub fn logic(&mut self, ctx: &egui::Context, notices: &mut Notices) {
        if let Some((of, work)) = &mut self.checking
            && let Some(result) = work.take()
        {
            let found = result.map_err(|error| Notice::from(&error));
            if let Ok(Checked { check, .. }) = &found
                && let Some(question) = &check.label_question
            {
                self.model.ask(question);
            }
            self.checked = Some((of.clone(), found));
            self.checking = None;
        }
        if let Some(result) = self.creating.take() {
            self.created = notices.value(result);
        }
        self.model.logic(&mut self.draft, ctx);
        self.files.logic(&mut self.draft, ctx);
        self.check(ctx);
    }

    /// Starts a check once what there is to check has stayed as it is.
    fn check(&mut self, ctx: &egui::Context) {
        let draft = &self.draft;
        let columns = draft.columns.text.is_some() && draft.columns.label.is_some();
        let ready = columns && !draft.is_one_column() && !draft.model.trim().is_empty();
        if draft.files.is_empty() || !ready {
            self.wanted = None;
            return;
        }
        let mut manifest = draft.manifest(false);
        manifest.name.clear();
        manifest.task.clear();
        let since = match &self.wanted {
            Some((of, since)) if *of == manifest => *since,
            _ => Instant::now(),
        };
        let known = self.checked.as_ref().is_some_and(|(of, _)| *of == manifest);
        if !known && self.checking.is_none() {
            if since.elapsed() < STILL {
                ctx.request_repaint_after(STILL);
            } else {
                let draft = draft.clone();
                let work = Pending::start(ctx, move || draft.check(&Progress::silent()));
                self.checking = Some((manifest.clone(), work));
            }
        }
        self.wanted = Some((manifest, since));
    }

    /// Shows the form, and below it the way on.
    pub fn ui(&mut self, ui: &mut Ui) -> Answer {
        let mut answer = Answer {
            open: self.created.take(),
            ..Answer::default()
        };
        let frame = egui::Frame::new()
            .fill(tokens(ui.ctx()).surface)
            .inner_margin(egui::Margin::symmetric(0, 10));
        egui::Panel::bottom("create the project")
            .frame(frame)
            .show(ui, |ui| self.way_on(&mut answer, ui));
        egui::ScrollArea::vertical()
            .auto_shrink([false, false])
            .show(ui, |ui| {
                limit_width(ui, theme::PAGE_WIDTH);
                title(ui, "New project");
                let draft = &mut self.draft;
                part(ui, "files", |ui| self.files.ui(draft, &mut answer, ui));
                if self.draft.files.is_empty() {
                    return;
                }
                part(ui, "columns", |ui| self.columns(ui));
                part(ui, "preview", |ui| self.preview(ui));
                part(ui, "labels", |ui| self.labels(ui));
                let draft = &mut self.draft;
                part(ui, "model", |ui| self.model.ui(draft, &mut answer, ui));
                part(ui, "language", |ui| self.language(ui));
                let draft = &mut self.draft;
                part(ui, "place", |ui| place(draft, &mut answer, ui));
                part(ui, "findings", |ui| self.findings(ui));
                ui.add_space(theme::PADDING);
            });
        answer
    }

    fn columns(&mut self, ui: &mut Ui) {
        section(ui, "Columns", "Guessed; change what is wrong");
        let choices = self.draft.column_choices();
        let mut guessed = [&self.draft.columns.text, &self.draft.columns.label]
            .into_iter()
            .flatten()
            .filter(|column| self.draft.is_by_content(column))
            .map(|column| format!("“{column}”"))
            .collect::<Vec<_>>();
        guessed.dedup();
        let columns = &mut self.draft.columns;
        Grid::new("columns")
            .num_columns(4)
            .spacing([16.0, 6.0])
            .show(ui, |ui| {
                let parts = [
                    ("text", &mut columns.text, ""),
                    ("label", &mut columns.label, ""),
                    ("second text", &mut columns.text_b, words::PAIR),
                    ("group", &mut columns.group, words::GROUP),
                    ("source", &mut columns.source, words::SOURCE),
                    ("role", &mut columns.role, words::ROLE),
                    ("id", &mut columns.id, words::ID),
                ];
                for (position, (name, chosen, meaning)) in parts.into_iter().enumerate() {
                    explained(ui.label(name), meaning);
                    column_menu(name, chosen, &choices, ui);
                    if position % 2 == 1 {
                        ui.end_row();
                    }
                }
            });
        if !guessed.is_empty() {
            let list = guessed.join(" and ");
            caution(
                ui,
                format!("{list} guessed from the contents: please look at the rows below"),
            );
        }
    }

    /// The first rows as they will be read; those of the first file as they
    /// stand in it until that is known.
    fn preview(&self, ui: &mut Ui) {
        if let Some((_, Ok(checked))) = &self.checked {
            section(ui, "First rows, as they will be read", "");
            first_rows(&checked.check.first_rows, ui);
            return;
        }
        let Some(file) = self.draft.files.first() else {
            return;
        };
        section(ui, "First rows", "");
        let columns = &self.draft.columns;
        let used = [
            (&columns.text, "text"),
            (&columns.label, "label"),
            (&columns.text_b, "second text"),
        ];
        let part_of = |name: &String| {
            let part = used
                .iter()
                .find(|(column, _)| column.as_ref() == Some(name));
            part.map(|(_, part)| *part)
        };
        egui::ScrollArea::horizontal()
            .id_salt("preview")
            .show(ui, |ui| {
                Grid::new("first rows")
                    .striped(true)
                    .spacing([16.0, 4.0])
                    .show(ui, |ui| {
                        let accent = tokens(ui.ctx()).accent;
                        for name in &file.guess.layout.columns {
                            match part_of(name) {
                                Some(part) => ui.label(
                                    RichText::new(format!("{name} ({part})"))
                                        .size(theme::SMALL)
                                        .color(accent)
                                        .strong(),
                                ),
                                None => caption(ui, name),
                            };
                        }
                        ui.end_row();
                        for row in self.draft.raw_rows() {
                            for (cell, name) in row.iter().zip(&file.guess.layout.columns) {
                                let shown =
                                    RichText::new(shortened(cell, LONGEST_CELL)).size(theme::SMALL);
                                match part_of(name) {
                                    Some(_) => ui.label(shown),
                                    None => ui.label(shown.color(tokens(ui.ctx()).text_weak)),
                                };
                            }
                            ui.end_row();
                        }
                    });
            });
    }

    /// What the labels are read as, once they are known.
    fn labels(&mut self, ui: &mut Ui) {
        if let Some((_, Ok(checked))) = &self.checked {
            let found = FoundLabels {
                labels: &checked.check.data.labels,
                rows: &checked.labels,
                spellings: &checked.check.data.reading.spellings,
            };
            label_form::ui(&found, &mut self.draft.labels, ui);
        } else if self.draft.labels != LabelSettings::default() {
            // Names of labels that are not there any more would be in the way.
            if ui.button("Take back what was said about labels").clicked() {
                self.draft.labels = LabelSettings::default();
            }
        }
    }

    /// Beside the model, that it does not read what is in the files.
    fn language(&self, ui: &mut Ui) {
        if let Some((_, Ok(checked))) = &self.checked
            && checked.check.data.about_languages().next().is_some()
        {
            caution(
                ui,
                "Many of these texts do not seem to be English: see below which, and choose a \
                 model of their language here",
            );
        }
    }

    fn findings(&mut self, ui: &mut Ui) {
        section(
            ui,
            "What is in the files",
            "The same checks as `blindspot check`",
        );
        if self.draft.is_one_column() {
            trouble(SAME_COLUMN, Some("Choose another column above"), ui);
            return;
        }
        if self.checking.is_some() {
            caption(ui, "Reading the files …");
        } else if self.wanted.is_none() {
            caption(ui, "Checked as soon as text and label are known");
        }
        match &self.checked {
            Some((_, Ok(checked))) => {
                if let Some(longer) = show_checked(checked, ui) {
                    self.draft.max_tokens = longer;
                }
            }
            Some((_, Err(found))) => trouble(&found.message, found.hint.as_deref(), ui),
            None => {}
        }
    }

    /// Why the files make no project, as far as they were checked as they are.
    fn refused(&self) -> Option<String> {
        let (wanted, _) = self.wanted.as_ref()?;
        let (_, found) = self.checked.as_ref().filter(|(of, _)| of == wanted)?;
        match found {
            Err(notice) => Some(notice.message.clone()),
            Ok(checked) => {
                let open = checked.check.label_question.is_some();
                open.then(|| "say above what the model's classes mean".to_owned())
            }
        }
    }

    /// Back, and on.
    fn way_on(&mut self, answer: &mut Answer, ui: &mut Ui) {
        let missing = self.draft.missing();
        let refused = self.refused();
        ui.horizontal(|ui| {
            answer.leave = ui.button("Back").clicked();
            let ready = missing.is_none() && refused.is_none() && !self.creating.is_running();
            let create = primary_button(ui, "Create the project", ready);
            let reason = missing.or(refused.as_deref()).unwrap_or("It is being made");
            if create.on_disabled_hover_text(reason).clicked() {
                let draft = self.draft.clone();
                self.creating = Pending::start(ui.ctx(), move || draft.create());
            }
            match (missing, refused) {
                (Some(missing), _) => caption(ui, format!("To go on, {missing}")),
                (None, Some(refused)) => caution(ui, format!("Not yet possible: {refused}")),
                (None, None) => caption(ui, format!("makes {}", self.draft.folder().display())),
            }
        });
    }
}

fn trouble(message: &str, hint: Option<&str>, ui: &mut Ui) {
    bad(ui, format!("! {message}"));
    if let Some(hint) = hint {
        caption(ui, hint);
    }
}

/// What the project is called and where it goes.
fn place(draft: &mut Draft, answer: &mut Answer, ui: &mut Ui) {
    section(ui, "Name and place", "");
    Grid::new("project")
        .num_columns(2)
        .spacing([16.0, 6.0])
        .show(ui, |ui| {
            text_row(ui, "Name", &mut draft.name, "", |_| {});
            let task = "one sentence, for people and language models";
            text_row(ui, "What the model is for", &mut draft.task, task, |_| {});
            let parent = "where the project's folder is made";
            text_row(ui, "Folder", &mut draft.parent, parent, |ui| {
                let button = ui.button("Choose …").accessible_name("Choose folder");
                if button.clicked() {
                    answer.pick = Some(Wanted::NewFolder);
                }
            });
        });
    ui.checkbox(&mut draft.copy, "copy the data files into the project");
    if !draft.copy && draft.files.iter().any(|file| file.kept.is_some()) {
        caption(
            ui,
            "A pasted table is copied all the same: it lies nowhere else",
        );
    }
}

fn column_menu(part: &str, chosen: &mut Option<String>, choices: &[String], ui: &mut Ui) {
    let shown = chosen.clone().unwrap_or_else(|| "none".into());
    let columns = choices.iter().map(|column| (Some(column.clone()), column));
    let none = "none".to_owned();
    menu(
        ui,
        (&format!("Column of {part}"), 170.0),
        &shown,
        chosen,
        [(None, &none)].into_iter().chain(columns),
    );
}

/// A name and a field that takes the width there is, with what stands beside
/// it: only the last column of a grid knows that width.
fn text_row(ui: &mut Ui, name: &str, value: &mut String, hint: &str, beside: impl FnOnce(&mut Ui)) {
    let label = ui.label(name);
    ui.horizontal(|ui| {
        let width = (ui.available_width() - CHOOSE_ROOM).max(120.0);
        line(ui, name, value, hint, width).labelled_by(label.id);
        beside(ui);
    });
    ui.end_row();
}
