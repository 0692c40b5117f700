//! Files and folders picked in the system's dialog, away from the window's
//! thread. On Linux the dialog can fail without a word, so that everything it
//! is for can be typed, pasted or dropped as well.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use eframe::egui::Context;

use super::background::Pending;
use super::view_state::FilePurpose;
use crate::support::{Error, Result};

/// What is picked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// A folder with a project.toml.
    Project,
    /// Data files.
    DataFiles,
    /// Where a new project goes.
    NewFolder,
    /// A model in Hugging Face layout.
    ModelFolder,
    /// Where something is written to or read from.
    File(FilePurpose),
    /// The same where it is a folder.
    Folder(FilePurpose),
}

/// Shows a dialog and returns what was picked; empty if nothing was.
pub type Dialog = Arc<dyn Fn(Wanted) -> Vec<PathBuf> + Send + Sync>;

/// A dialog that answers sooner than a person can was never shown.
const TOO_FAST: Duration = Duration::from_millis(150);

/// The system's dialog.
pub fn system_dialog() -> Dialog {
    Arc::new(|wanted| {
        let dialog = rfd::FileDialog::new();
        match wanted {
            Wanted::Project => one(dialog.set_title("Open a project").pick_folder()),
            Wanted::NewFolder => one(dialog.set_title("Where to put the project").pick_folder()),
            Wanted::ModelFolder => one(dialog.set_title("Folder of the model").pick_folder()),
            Wanted::File(purpose) if purpose.is_read() => {
                let title = purpose.button().trim_end_matches(" …");
                one(dialog.set_title(title).pick_file())
            }
            Wanted::Folder(purpose) => {
                let title = purpose.button().trim_end_matches(" …");
                one(dialog.set_title(title).pick_folder())
            }
            Wanted::File(FilePurpose::Export | FilePurpose::Corrected) => {
                one(dialog.set_title("Folder of the export").pick_folder())
            }
            Wanted::File(_) => one(dialog.set_title("Save as").save_file()),
            Wanted::DataFiles => dialog
                .set_title("Data files")
                .add_filter(
                    "Tables",
                    &[
                        "csv", "tsv", "tab", "txt", "json", "jsonl", "ndjson", "parquet", "pq",
                        "arrow", "feather", "xlsx", "xlsm", "gz", "zst",
                    ],
                )
                .add_filter("All files", &["*"])
                .pick_files()
                .unwrap_or_default(),
        }
    })
}

fn one(path: Option<PathBuf>) -> Vec<PathBuf> {
    path.into_iter().collect()
}

/// A dialog in the background, and what it is asked for.
pub struct Picking {
    dialog: Dialog,
    shown: Option<(Wanted, Pending<Vec<PathBuf>>)>,
}

impl Picking {
    /// Asks with this dialog; shows nothing yet.
    pub fn with(dialog: Dialog) -> Self {
        Self {
            dialog,
            shown: None,
        }
    }

    /// Whether an answer is still awaited.
    pub fn is_shown(&self) -> bool {
        self.shown.is_some()
    }

    /// Shows the dialog. Nobody awaits the answer of an earlier one any more.
    pub fn show(&mut self, wanted: Wanted, ctx: &Context) {
        let dialog = Arc::clone(&self.dialog);
        let pending = Pending::start(ctx, move || {
            let began = Instant::now();
            let picked = dialog(wanted);
            if picked.is_empty() && began.elapsed() < TOO_FAST {
                return Err(Error::input("the system shows no file dialog")
                    .hint("type or paste the path instead, or drop files onto the window"));
            }
            Ok(picked)
        });
        self.shown = Some((wanted, pending));
    }

    /// Nobody awaits the answer any more.
    pub fn forget(&mut self) {
        self.shown = None;
    }

    /// What was picked, once somebody has, and what for.
    pub fn take(&mut self) -> Option<(Wanted, Result<Vec<PathBuf>>)> {
        let (wanted, pending) = self.shown.as_mut()?;
        let answer = (*wanted, pending.take()?);
        self.shown = None;
        Some(answer)
    }
}
