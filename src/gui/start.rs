//! The start screen: the demo, recent projects, any project, a new one.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use eframe::egui::{self, RichText, Ui};

use super::app::Options;
use super::background::Pending;
use super::new_files::paste_button;
use super::new_project::NewProject;
use super::notices::Notices;
use super::panels::form::{entered, line};
use super::panels::widgets::{caption, card, caution, primary_button, section, title};
use super::pick::{Picking, Wanted};
use super::theme::{self, tokens};
use crate::dataset::folder::files_in;
use crate::project::manifest::FILE_NAME;
use crate::records::FileSpec;
use crate::steps::draft::DraftFile;
use crate::steps::draft::pasted::Origin;
use crate::steps::hand_over::is_meant_as_hand_over;
use crate::support::typed_path::typed_path;
use crate::support::{Error, Result, assets};

/// How long the system may take to hand over what is on the clipboard.
const PASTES: Duration = Duration::from_secs(1);

/// A project that the program carries.
struct Demo {
    /// Its folder.
    name: &'static str,
    /// What the button says.
    button: &'static str,
    /// What meets what.
    about: &'static str,
}

/// Those that are offered, the first one above all.
const DEMOS: [Demo; 3] = [
    Demo {
        name: assets::DEMO,
        button: "Open the demo",
        about: "A model that learnt from film reviews meets tweets and product reviews.",
    },
    Demo {
        name: "desks",
        button: "Which desk should answer?",
        about: "A model that sends requests to seven desks meets kinds of request that it has \
                never seen, and spoken commands.",
    },
    Demo {
        name: "claims",
        button: "Does the text support the claim?",
        about: "A hard case: a model that learnt from picture captions meets sentences with \
                “not”.",
    },
];

/// What the start screen keeps from frame to frame.
pub struct Start {
    path: String,
    new_project: Option<NewProject>,
    new_projects: PathBuf,
    picking: Picking,
    /// Whether the last file dialog ended without a file, or never appeared.
    nothing_picked: bool,
    guessing: Pending<Vec<DraftFile>>,
    /// Since when what is on the clipboard is waited for.
    pasting: Option<Instant>,
}

impl Start {
    /// An empty start screen.
    pub fn new(options: &Options) -> Self {
        Self {
            path: String::new(),
            new_project: None,
            new_projects: options.new_projects.clone(),
            picking: Picking::with(Arc::clone(&options.dialog)),
            nothing_picked: false,
            guessing: Pending::default(),
            pasting: None,
        }
    }

    /// Takes in what came from the background and what was dropped.
    pub fn logic(&mut self, ctx: &egui::Context, notices: &mut Notices) -> Option<PathBuf> {
        if let Some((wanted, result)) = self.picking.take() {
            self.nothing_picked = result.as_ref().is_ok_and(Vec::is_empty);
            if let Some(paths) = notices.value(result) {
                return self.picked(wanted, paths, ctx);
            }
        }
        let guessed = self.guessing.take();
        if let Some(files) = guessed.and_then(|files| notices.value(files)) {
            let parent = &self.new_projects;
            let project = self
                .new_project
                .get_or_insert_with(|| NewProject::new(parent));
            files.into_iter().for_each(|file| project.draft.add(file));
        }
        let dropped = ctx.input(|input| input.raw.dropped_files.clone());
        if !dropped.is_empty() {
            let paths = dropped.iter().map(|file| file.path().to_owned());
            return self.take_paths(paths.collect(), ctx);
        }
        if let Some(text) = self.pasted(ctx, notices) {
            return self.take_pasted(text, ctx);
        }
        if let Some(project) = &mut self.new_project {
            project.logic(ctx, notices);
        }
        None
    }

    fn picked(
        &mut self,
        wanted: Wanted,
        paths: Vec<PathBuf>,
        ctx: &egui::Context,
    ) -> Option<PathBuf> {
        let first = paths.first();
        let draft = self.new_project.as_mut().map(|project| &mut project.draft);
        match (wanted, draft, first) {
            (Wanted::Project, _, first) => return first.cloned(),
            (Wanted::DataFiles, ..) => return self.take_paths(paths, ctx),
            (Wanted::NewFolder, Some(draft), Some(folder)) => {
                draft.parent = folder.display().to_string();
            }
            (Wanted::ModelFolder, Some(draft), Some(folder)) => {
                draft.model = folder.display().to_string();
            }
            _ => {}
        }
        None
    }

    /// What was pasted, where it goes into no field.
    fn pasted(&mut self, ctx: &egui::Context, notices: &mut Notices) -> Option<String> {
        let pasted = ctx.input(|input| {
            let mut events = input.events.iter();
            events.find_map(|event| match event {
                egui::Event::Paste(text) => Some(text.clone()),
                _ => None,
            })
        });
        let asked = self.pasting;
        match (pasted, asked) {
            (Some(text), _) if asked.is_some() || !ctx.text_edit_focused() => {
                self.pasting = None;
                return Some(text);
            }
            (None, Some(since)) if since.elapsed() > PASTES => {
                self.pasting = None;
                notices.fail(
                    &Error::input("the clipboard holds no text")
                        .hint("copy cells of a spreadsheet, CSV or JSON Lines first"),
                );
            }
            (None, Some(_)) => ctx.request_repaint_after(PASTES),
            _ => {}
        }
        None
    }

    /// A pasted table starts or joins a new project like a file; a path is what
    /// it leads to.
    fn take_pasted(&mut self, text: String, ctx: &egui::Context) -> Option<PathBuf> {
        let path = typed_path(&text);
        if !text.trim().contains(['\n', '\t']) && path.is_absolute() && path.exists() {
            return self.take_paths(vec![path], ctx);
        }
        self.nothing_picked = false;
        let files = self.new_project.iter().flat_map(|of| &of.draft.files);
        let number = files.filter(|file| file.kept.is_some()).count();
        self.guessing = Pending::start(ctx, move || {
            DraftFile::pasted(text.as_bytes(), Origin::Clipboard, number).map(|file| vec![file])
        });
        None
    }

    /// Asks the system for what is on the clipboard.
    fn ask_for_paste(&mut self, ctx: &egui::Context) {
        self.pasting = Some(Instant::now());
        ctx.send_viewport_cmd(egui::ViewportCommand::RequestPaste);
        ctx.request_repaint_after(PASTES);
    }

    /// Gives a project's folder, to be opened; files start or join a new project.
    pub fn take_paths(&mut self, paths: Vec<PathBuf>, ctx: &egui::Context) -> Option<PathBuf> {
        if let [only] = &paths[..] {
            let is_project = only.file_name().is_some_and(|name| name == FILE_NAME);
            let is_data = only.is_dir()
                && !only.join(FILE_NAME).exists()
                && files_in(only).is_ok_and(|files| !files.is_empty());
            if is_meant_as_hand_over(only) || (only.is_dir() && !is_data) || is_project {
                return Some(only.clone());
            }
        }
        self.nothing_picked = false;
        self.guessing = Pending::start(ctx, move || look_at(&paths));
        None
    }

    /// Shows the screen; returns the folder of a project to open.
    pub fn ui(
        &mut self,
        recent: &[PathBuf],
        notices: &mut Notices,
        ui: &mut Ui,
    ) -> Option<PathBuf> {
        if self.new_project.is_some() {
            return self.new_project_ui(ui);
        }
        let mut open = None;
        egui::ScrollArea::vertical()
            .auto_shrink([false, false])
            .show(ui, |ui| {
                ui.vertical_centered(|ui| {
                    ui.set_max_width(theme::PAGE_WIDTH);
                    ui.with_layout(egui::Layout::top_down(egui::Align::Min), |ui| {
                        ui.add_space(theme::PADDING * 2.0);
                        open = self.choices(recent, notices, ui);
                    });
                });
            });
        open
    }

    fn choices(
        &mut self,
        recent: &[PathBuf],
        notices: &mut Notices,
        ui: &mut Ui,
    ) -> Option<PathBuf> {
        let mut open = None;
        ui.label(
            RichText::new("Blindspot")
                .size(theme::HEADING * 1.7)
                .strong(),
        );
        ui.label(
            "Find where a text classifier is confidently wrong, teach it, see what it learnt.",
        );
        ui.add_space(theme::PADDING);
        card(ui, |ui| {
            title(ui, "See it on an example");
            caption(
                ui,
                "Ready to explore, with lessons that were written already; nothing to install, \
                 nothing leaves this computer.",
            );
            for demo in &DEMOS {
                ui.add_space(theme::GAP);
                caption(ui, demo.about);
                let pressed = match demo.name == assets::DEMO {
                    true => primary_button(ui, demo.button, true).clicked(),
                    false => ui.button(demo.button).clicked(),
                };
                if pressed {
                    open = notices.value(assets::demo_project(demo.name));
                }
            }
        });
        ui.add_space(theme::GAP);
        card(ui, |ui| {
            title(ui, "Start with your own data");
            caption(
                ui,
                "Tables with a text and a label: CSV, TSV, JSON, JSON Lines, Parquet, Arrow or \
                 .xlsx, folders of Hugging Face datasets or of texts by label, and exports of Label Studio, doccano, \
                 Argilla and Prodigy. Drop them anywhere onto this window, choose them, or paste \
                 their path below. Cells copied in a spreadsheet can be pasted as they are.",
            );
            ui.add_space(theme::GAP);
            ui.horizontal(|ui| {
                if primary_button(ui, "New project from files …", true).clicked() {
                    self.ask(Wanted::DataFiles, ui);
                }
                if ui.button("Open a project folder …").clicked() {
                    self.ask(Wanted::Project, ui);
                }
                if paste_button(ui) {
                    self.ask_for_paste(ui.ctx());
                }
            });
            ui.add_space(theme::GAP);
            self.other_ways(ui);
            open = open.take().or_else(|| self.path_field(ui));
        });
        open.or_else(|| recent_list(recent, ui))
    }

    fn path_field(&mut self, ui: &mut Ui) -> Option<PathBuf> {
        let go = ui.horizontal(|ui| {
            let width = (ui.available_width() - 70.0).max(120.0);
            let hint = "or paste the path of a data file or project folder";
            let name = "Path of a data file or project";
            let field = line(ui, name, &mut self.path, hint, width);
            ui.button("Go").clicked() || entered(&field)
        });
        if !go.inner || self.path.trim().is_empty() {
            return None;
        }
        self.take_paths(vec![typed_path(&self.path)], ui.ctx())
    }

    /// What to do where the desktop shows no file dialog: it does not tell, and
    /// may not even answer.
    fn other_ways(&self, ui: &mut Ui) {
        if self.picking.is_shown() || self.nothing_picked {
            caution(
                ui,
                "If no file dialog appears, drop the files onto this window, or type or paste a \
                 path",
            );
        }
    }

    fn new_project_ui(&mut self, ui: &mut Ui) -> Option<PathBuf> {
        self.other_ways(ui);
        let project = self.new_project.as_mut()?;
        let answer = project.ui(ui);
        if answer.leave {
            self.new_project = None;
            return None;
        }
        if let Some(wanted) = answer.pick {
            self.ask(wanted, ui);
        }
        if answer.paste {
            self.ask_for_paste(ui.ctx());
        }
        answer.open
    }

    fn ask(&mut self, wanted: Wanted, ui: &Ui) {
        if !self.picking.is_shown() {
            self.picking.show(wanted, ui.ctx());
        }
    }
}

fn look_at(paths: &[PathBuf]) -> Result<Vec<DraftFile>> {
    let looked_at = |path: &Path| DraftFile::look(path, &FileSpec::default());
    let mut files = Vec::new();
    for path in paths {
        if !path.is_dir() {
            files.push(DraftFile::new(path.clone(), looked_at(path)?));
            continue;
        }
        for (split, file) in files_in(path)? {
            let guess = looked_at(&file)?;
            files.push(DraftFile::of_folder(path, split, file, guess));
        }
    }
    Ok(files)
}

fn recent_list(recent: &[PathBuf], ui: &mut Ui) -> Option<PathBuf> {
    if recent.is_empty() {
        return None;
    }
    let mut open = None;
    section(ui, "Recent projects", "");
    for folder in recent {
        let name = folder.file_name().unwrap_or(folder.as_os_str());
        let name = name.to_string_lossy();
        ui.horizontal(|ui| {
            if ui
                .button(RichText::new(name).color(tokens(ui.ctx()).accent))
                .clicked()
            {
                open = Some(folder.clone());
            }
            caption(ui, folder.display().to_string());
        });
    }
    open
}
