//! Where a file goes, or where it comes from: a path to type, paste or pick,
//! with a sensible one filled in.

use std::path::{Path, PathBuf};

use eframe::egui::{self, Context, Ui};

use super::dialogs::question;
use super::panels::form::answer;
use super::panels::widgets::caption;
use super::read::{Ask, Cx};
use super::view_state::{Confirm, FilePurpose};
use crate::records::AnswersFrom;
use crate::session::Command;
use crate::steps::State;
use crate::steps::hand_over::EXTENSION;
use crate::support::typed_path::typed_path;

/// Where the file of a purpose usually is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Somebody wrote it elsewhere, and only they know where.
    Anywhere,
    /// In the project's folder, under this name.
    Inside(&'static str),
    /// Beside the project's folder and called like it, with this extension.
    Beside(&'static str),
}

impl FilePurpose {
    /// The button in a menu, what it does, and where the file usually is.
    fn entry(self) -> (&'static str, &'static str, Place) {
        use Place::{Anywhere, Beside, Inside};
        match self {
            FilePurpose::Report => (
                "Write the report …",
                "One HTML file with pictures, for others to read offline",
                Inside("report.html"),
            ),
            FilePurpose::Export => (
                "Export everything …",
                "A folder with every table and score, the lessons, and the model that \
                 transformers loads",
                Inside("export"),
            ),
            FilePurpose::Corrected => (
                "Write the corrected data set …",
                "A folder with your rows and the labels corrected here beside those of the data, \
                 and a table of what was changed, by whom and when. Your own files stay as they \
                 are; rows of “final” are not in it",
                Inside("corrected"),
            ),
            FilePurpose::HandOver => (
                "Hand over to an expert …",
                "One file with the errors to look at and the model. An expert opens it in \
                 Blindspot on another machine, teaches, and sends the lessons back. Nothing that \
                 is kept back or sealed is in it",
                Beside(EXTENSION),
            ),
            FilePurpose::SaveLessons => (
                "Save the lessons …",
                "One small file with the lessons that people wrote here, to be merged where the \
                 project came from",
                Beside("lessons.jsonl"),
            ),
            FilePurpose::MergeLessons => (
                "Merge lessons that came back …",
                "Lessons join the project's by their ids; nothing is written twice, nothing is \
                 lost",
                Anywhere,
            ),
            FilePurpose::ImportLessons => (
                "Import samples …",
                "A table of samples (CSV, Excel, Parquet, JSON Lines) with the columns text and \
                 label, and optionally hypothesis, teacher and blind_spot; or whole lessons. Each \
                 sample passes the same checks as a typed one",
                Anywhere,
            ),
            FilePurpose::ImportPredictions => (
                "Import predictions …",
                "What your model says to the texts of this project, as a table: the column id, a \
                 probability for each label, and optionally embeddings (embedding_0, embedding_1, \
                 …)",
                Anywhere,
            ),
            FilePurpose::CompareWith => (
                "Compare with another model …",
                "The folder of a classifier in Hugging Face layout, or a file of predictions \
                 (the column id, a probability for each label), beside the base model. Only \
                 “check” is read. For whoever retrains elsewhere, and for black boxes",
                Anywhere,
            ),
            FilePurpose::Window => (
                "Save the window as PNG …",
                "A picture of what is on the screen now",
                Beside("png"),
            ),
            FilePurpose::Map => (
                "Save the map as SVG …",
                "The map with its colours as a drawing, for slides and papers",
                Beside("map.svg"),
            ),
            FilePurpose::Curves => (
                "Save the curves as SVG …",
                "The curves as a drawing, for slides and papers",
                Beside("curves.svg"),
            ),
            FilePurpose::SaveView => (
                "Save the view …",
                "A small file with page, filters, colours and what is selected, by ids and names; \
                 no texts are in it. It shows the same on another machine with the same project",
                Beside("view.json"),
            ),
            FilePurpose::OpenView => (
                "Open a view …",
                "Looks at this project as the file of a view says; what is another thing here is \
                 told. A copied view can be pasted too, while nothing is typed",
                Anywhere,
            ),
        }
    }

    /// On the button in a menu.
    pub fn button(self) -> &'static str {
        self.entry().0
    }

    /// What it does, for the tooltip and the dialog.
    pub fn meaning(self) -> &'static str {
        self.entry().1
    }

    /// Whether the file is there already.
    pub fn is_read(self) -> bool {
        self.entry().2 == Place::Anywhere
    }

    /// Whether a project has a use for it.
    pub fn fits(self, state: &State) -> bool {
        match self {
            FilePurpose::ImportPredictions => state.black_box,
            FilePurpose::CompareWith => state.snapshot().is_some(),
            // Without a model nothing can be said of a sample.
            FilePurpose::ImportLessons | FilePurpose::HandOver => !state.black_box,
            _ => true,
        }
    }

    pub(super) fn verb(self) -> &'static str {
        match self {
            FilePurpose::MergeLessons => "Merge",
            FilePurpose::OpenView => "Open",
            FilePurpose::CompareWith => "Compare",
            FilePurpose::ImportLessons | FilePurpose::ImportPredictions => "Import",
            _ => "Write",
        }
    }

    /// Asks where, beginning with a usual path.
    pub fn ask(self, state: &State) -> Confirm {
        let path = match self.entry().2 {
            Place::Anywhere => PathBuf::new(),
            Place::Inside(name) => state.folder.join(name),
            Place::Beside(extension) => beside(&state.folder, extension),
        };
        Confirm::File {
            purpose: self,
            path: path.display().to_string(),
            folder: state.folder.clone(),
        }
    }

    /// What is asked for once a path was typed, one that begins nowhere being
    /// in `folder`.
    pub(super) fn asked(self, folder: &Path, typed: &str) -> Ask {
        let path = folder.join(typed_path(typed));
        Ask::Do(match self {
            FilePurpose::Report => Command::WriteReport { path },
            FilePurpose::Export => Command::Export { folder: path },
            FilePurpose::Corrected => Command::WriteCorrected { folder: path },
            FilePurpose::HandOver => Command::HandOver(path),
            FilePurpose::SaveLessons => Command::SaveLessons(path),
            FilePurpose::MergeLessons | FilePurpose::ImportLessons => Command::ImportLessons(path),
            FilePurpose::ImportPredictions => Command::ImportPredictions(AnswersFrom::of(path)),
            FilePurpose::CompareWith => Command::CompareWith(AnswersFrom::of(path)),
            FilePurpose::SaveView => return Ask::SaveView(path),
            FilePurpose::OpenView => return Ask::OpenView(path),
            picture => return Ask::SavePicture(picture, path),
        })
    }
}

/// A button that asks where.
pub fn file_button(purpose: FilePurpose, cx: &mut Cx<'_>, ui: &mut Ui) {
    // In a row that is full it goes to the next one, and stays one line.
    let button = egui::Button::new(purpose.button()).wrap_mode(egui::TextWrapMode::Extend);
    let button = ui.add(button).on_hover_text(purpose.meaning());
    if button.clicked() {
        cx.view.confirm = Some(purpose.ask(cx.state));
    }
}

/// A file beside a folder that is named after it.
fn beside(folder: &Path, extension: &str) -> PathBuf {
    // Whoever sends the file on has to find it.
    let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    let mut name = folder.into_os_string();
    name.push(".");
    name.push(extension);
    PathBuf::from(name)
}

/// Shows the question; whether it is to be done, once that is answered.
pub(super) fn ui(
    purpose: FilePurpose,
    path: &mut String,
    ctx: &Context,
    out: &mut Vec<Ask>,
) -> Option<bool> {
    let contents = |ui: &mut Ui| {
        ui.label(purpose.meaning());
        let name = match purpose {
            FilePurpose::CompareWith => "Path of the folder or file",
            _ => "Path of the file",
        };
        let entered = answer(ui, name, path, name);
        caption(
            ui,
            "Type or paste a path, or browse; a path that begins nowhere is in the project's folder",
        );
        (!path.trim().is_empty(), entered)
    };
    let browse = |ui: &mut Ui| {
        if ui.button("Browse …").clicked() {
            out.push(Ask::Browse(purpose));
        }
        let folder = || egui::Button::new("Browse for a folder …");
        if purpose == FilePurpose::CompareWith && ui.add(folder()).clicked() {
            out.push(Ask::BrowseFolder(purpose));
        }
    };
    let heading = purpose.button().trim_end_matches(" …");
    question(ctx, heading, purpose.verb(), contents, browse)
}
