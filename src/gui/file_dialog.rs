//! Where a file goes, or where it comes from: a path to type, paste or pick,
//! with a sensible one filled in.

use std::path::{Path, PathBuf};

use eframe::egui::{self, Context, Id, Modal};

use super::answer_field::answer_field;
use super::panels::widgets::{caption, primary_button, title};
use super::pick::typed_path;
use super::read::{Ask, Read};
use super::theme;
use super::view_state::{Confirm, FilePurpose, ViewState};
use crate::session::Command;
use crate::steps::State;
use crate::steps::hand_over::EXTENSION;

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
    /// On the button in a menu.
    pub fn button(self) -> &'static str {
        match self {
            FilePurpose::Report => "Write the report …",
            FilePurpose::Export => "Export everything …",
            FilePurpose::HandOver => "Hand over to an expert …",
            FilePurpose::SaveLessons => "Save the lessons …",
            FilePurpose::MergeLessons => "Merge lessons that came back …",
            FilePurpose::ImportLessons => "Import samples …",
            FilePurpose::ImportPredictions => "Import predictions …",
            FilePurpose::Window => "Save the window as PNG …",
            FilePurpose::Map => "Save the map as SVG …",
            FilePurpose::Curves => "Save the curves as SVG …",
        }
    }

    /// What it does, for the tooltip and the dialog.
    pub fn meaning(self) -> &'static str {
        match self {
            FilePurpose::Report => "One HTML file with pictures, for others to read offline",
            FilePurpose::Export => {
                "A folder with every table and score, the lessons, and the model that transformers \
                 loads"
            }
            FilePurpose::HandOver => {
                "One file with the errors to look at and the model. An expert opens it in \
                 Blindspot on another machine, teaches, and sends the lessons back. Nothing that \
                 is kept back or sealed is in it"
            }
            FilePurpose::SaveLessons => {
                "One small file with the lessons that people wrote here, to be merged where the \
                 project came from"
            }
            FilePurpose::MergeLessons => {
                "Lessons join the project's by their ids; nothing is written twice, nothing is lost"
            }
            FilePurpose::ImportLessons => {
                "A table of samples (CSV, Excel, Parquet, JSON Lines) with the columns text and \
                 label, and optionally hypothesis, teacher and blind_spot; or whole lessons. Each \
                 sample passes the same checks as a typed one"
            }
            FilePurpose::ImportPredictions => {
                "What your model says to the texts of this project, as a table: the column id, a \
                 probability for each label, and optionally embeddings (embedding_0, embedding_1, …)"
            }
            FilePurpose::Window => "A picture of what is on the screen now",
            FilePurpose::Map => "The map with its colours as a drawing, for slides and papers",
            FilePurpose::Curves => "The curves as a drawing, for slides and papers",
        }
    }

    /// Whether the file is there already.
    pub fn is_read(self) -> bool {
        self.place() == Place::Anywhere
    }

    /// Where its file usually is.
    fn place(self) -> Place {
        match self {
            FilePurpose::MergeLessons
            | FilePurpose::ImportLessons
            | FilePurpose::ImportPredictions => Place::Anywhere,
            FilePurpose::Report => Place::Inside("report.html"),
            FilePurpose::Export => Place::Inside("export"),
            FilePurpose::HandOver => Place::Beside(EXTENSION),
            FilePurpose::SaveLessons => Place::Beside("lessons.jsonl"),
            FilePurpose::Window => Place::Beside("png"),
            FilePurpose::Map => Place::Beside("map.svg"),
            FilePurpose::Curves => Place::Beside("curves.svg"),
        }
    }

    /// Whether a project has a use for it.
    pub fn fits(self, state: &State) -> bool {
        match self {
            FilePurpose::ImportPredictions => state.black_box,
            // Without a model nothing can be said of a sample.
            FilePurpose::ImportLessons | FilePurpose::HandOver => !state.black_box,
            _ => true,
        }
    }

    fn verb(self) -> &'static str {
        match self {
            FilePurpose::MergeLessons => "Merge",
            FilePurpose::ImportLessons | FilePurpose::ImportPredictions => "Import",
            _ => "Write",
        }
    }

    /// Asks where, beginning with a usual path.
    pub fn ask(self, state: &State) -> Confirm {
        let path = match self.place() {
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

    fn asked(self, path: PathBuf) -> Ask {
        Ask::Do(match self {
            FilePurpose::Report => Command::WriteReport { path },
            FilePurpose::Export => Command::Export { folder: path },
            FilePurpose::HandOver => Command::HandOver(path),
            FilePurpose::SaveLessons => Command::SaveLessons(path),
            FilePurpose::MergeLessons => Command::MergeLessons(path),
            FilePurpose::ImportLessons => Command::ImportLessons(path),
            FilePurpose::ImportPredictions => Command::ImportPredictions(path),
            picture => return Ask::SavePicture(picture, path),
        })
    }
}

/// A button that asks where; whether it was pressed.
pub fn file_button(
    purpose: FilePurpose,
    read: &Read<'_>,
    view: &mut ViewState,
    ui: &mut egui::Ui,
) -> bool {
    let button = ui.button(purpose.button()).on_hover_text(purpose.meaning());
    if button.clicked() {
        view.confirm = Some(purpose.ask(read.state));
    }
    button.clicked()
}

/// A file beside a folder that is named after it.
fn beside(folder: &Path, extension: &str) -> PathBuf {
    let mut name = folder.as_os_str().to_owned();
    name.push(".");
    name.push(extension);
    PathBuf::from(name)
}

/// Shows the question; asks for the command once it is answered.
pub(super) fn ui(
    purpose: FilePurpose,
    (mut path, folder): (String, PathBuf),
    view: &mut ViewState,
    ctx: &Context,
    out: &mut Vec<Ask>,
) {
    let modal = Modal::new(Id::unique("which file")).show(ctx, |ui| {
        ui.set_width(520.0);
        title(ui, purpose.button().trim_end_matches(" …"));
        ui.label(purpose.meaning());
        let name = "Path of the file";
        let entered = answer_field(&mut path, name, name, ui);
        caption(
            ui,
            "Type or paste a path, or browse; a path that begins nowhere is in the project's folder",
        );
        ui.add_space(theme::GAP);
        ui.horizontal(|ui| {
            let ready = !path.trim().is_empty();
            let done = primary_button(ui, purpose.verb(), ready).clicked();
            if ui.button("Browse …").clicked() {
                out.push(Ask::Browse(purpose));
            }
            ((done || entered) && ready, ui.button("Cancel").clicked())
        })
        .inner
    });
    let (done, cancel) = modal.inner;
    if done {
        out.push(purpose.asked(folder.join(typed_path(&path))));
    } else if !cancel && !modal.should_close() {
        view.confirm = Some(Confirm::File {
            purpose,
            path,
            folder,
        });
    }
}
