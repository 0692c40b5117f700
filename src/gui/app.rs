//! The window's app: takes in what jobs say, shows the start screen or the
//! project, and carries out what panels ask for.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use eframe::egui::{self, Context, Ui};

use super::app_settings::{self, AppSettings};
use super::background::Pending;
use super::derived::Derived;
use super::live::Live;
use super::live_checks::LiveChecks;
use super::panels::jobs::notice_list;
use super::panels::toolbar;
use super::panels::widgets::{caption, title};
use super::pick::{Dialog, Picking, Wanted, home, system_dialog};
use super::pictures;
use super::read::{Ask, Read};
use super::screenshot::{Screenshots, Taken};
use super::shell::{self, Widgets};
use super::start::{DEMO, Start, notice};
use super::theme::{self, tokens};
use super::view_state::{Confirm, FilePurpose, Notice, ViewState};
use crate::project::STATE_FOLDER;
use crate::session::{Command, Event, Session};
use crate::support::{Error, Progress, Result, assets, atomic_file};
use crate::workflow::hand_over;

/// How long the window takes in what jobs say before it paints.
const POLL_BUDGET: Duration = Duration::from_millis(8);
/// How much larger everything is in a presentation.
const PRESENTED: f32 = 1.25;
/// File in the project's state folder that remembers the view.
const VIEW_FILE: &str = "view.json";

/// What an app is started with.
#[derive(Clone)]
pub struct Options {
    /// Project to open first; the start screen without one.
    pub project: Option<PathBuf>,
    /// Where the program writes, instead of `.blindspot` in the project.
    pub state_dir: Option<PathBuf>,
    /// File with theme, size and recent projects; none: nothing is remembered.
    pub settings: Option<PathBuf>,
    /// How files are picked.
    pub dialog: Dialog,
    /// Where new projects go unless somebody says otherwise.
    pub new_projects: PathBuf,
    /// Told of everything that panels ask for, before it is done.
    pub observer: Observer,
}

/// See [`Options::observer`].
pub type Observer = Arc<dyn Fn(&Ask)>;

impl Options {
    /// As the program starts it.
    pub fn usual(project: Option<PathBuf>) -> Self {
        Self {
            project,
            state_dir: None,
            settings: app_settings::usual_file(),
            dialog: system_dialog(),
            new_projects: home().unwrap_or_default(),
            observer: Arc::new(|_| {}),
        }
    }
}

enum Screen {
    Start,
    Opening(PathBuf, Pending<Session>),
    Project(Box<Session>),
}

/// The app.
pub struct App {
    options: Options,
    settings: AppSettings,
    screen: Screen,
    start: Start,
    view: ViewState,
    /// The view as it was saved last.
    saved: ViewState,
    widgets: Widgets,
    derived: Derived,
    notices: Vec<Notice>,
    /// Whether everything is larger at the moment because it is presented.
    presenting: bool,
    screenshots: Screenshots,
    /// The system's dialog, shown for the file that is being asked for.
    browsing: Picking,
}

impl App {
    /// Starts with a project or with the start screen.
    pub fn new(ctx: &Context, options: Options) -> Self {
        theme::install(ctx);
        let settings = options.settings.as_deref().map(AppSettings::load);
        let settings = settings.unwrap_or_default();
        settings.apply(ctx);
        let mut app = Self {
            start: Start::new(&options),
            settings,
            screen: Screen::Start,
            view: ViewState::default(),
            saved: ViewState::default(),
            widgets: Widgets::default(),
            derived: Derived::default(),
            notices: Vec::new(),
            presenting: false,
            screenshots: Screenshots::default(),
            browsing: Picking::with(Arc::clone(&options.dialog)),
            options,
        };
        if let Some(project) = app.options.project.clone() {
            app.open(&project, ctx);
        }
        app
    }

    /// The open project, if there is one.
    pub fn session(&self) -> Option<&Session> {
        match &self.screen {
            Screen::Project(session) => Some(session),
            _ => None,
        }
    }

    /// How it is looked at.
    pub fn view(&self) -> &ViewState {
        &self.view
    }

    /// Messages that nobody has dismissed yet.
    pub fn notices(&self) -> &[Notice] {
        &self.notices
    }

    fn open(&mut self, folder: &Path, ctx: &Context) {
        let (state_dir, wake) = (self.options.state_dir.clone(), ctx.clone());
        let of = folder.to_owned();
        let pending = Pending::start(ctx, move || {
            let wake = move || wake.request_repaint();
            let of = match hand_over::is_hand_over(&of) {
                true => hand_over::unpack(&of)?,
                false => of,
            };
            Session::open(&of, state_dir.as_deref(), wake, &Progress::silent())
        });
        match pending {
            Ok(pending) => self.screen = Screen::Opening(folder.to_owned(), pending),
            Err(error) => self.notices.push(notice(&error)),
        }
    }

    fn opened(&mut self, session: Session, ctx: &Context) {
        let folder = session.state().folder.clone();
        self.view = self.load_view(&folder);
        self.presenting = self.view.presentation;
        // An expert's copy is for teaching and nothing else.
        self.view.teach_mode |= session.state().handed_over.is_some();
        self.saved = self.view.clone();
        self.widgets = Widgets {
            live: Live::predicting(ctx, session.shared().clone()).ok(),
            checks: LiveChecks::checking(ctx, session.shared().clone()).ok(),
            ..Widgets::default()
        };
        self.derived = Derived::default();
        self.derived.update(session.state());
        self.settings.remember(&folder);
        self.save_settings();
        self.screen = Screen::Project(Box::new(session));
    }

    fn close(&mut self) {
        self.save_view();
        self.screen = Screen::Start;
        self.start = Start::new(&self.options);
    }

    fn state_folder(&self, project: &Path) -> PathBuf {
        let elsewhere = self.options.state_dir.clone();
        elsewhere.unwrap_or_else(|| project.join(STATE_FOLDER))
    }

    fn load_view(&self, project: &Path) -> ViewState {
        std::fs::read_to_string(self.state_folder(project).join(VIEW_FILE))
            .ok()
            .and_then(|text| serde_json::from_str(&text).ok())
            .unwrap_or_default()
    }

    /// Saves the view if it changed. A view that cannot be saved is no reason
    /// to disturb anybody: the next start is the usual one.
    fn save_view(&mut self) {
        let Some(session) = self.session() else {
            return;
        };
        if session.state().read_only.is_some() || self.view == self.saved {
            return;
        }
        let folder = self.state_folder(&session.state().folder);
        if let Ok(text) = serde_json::to_vec(&self.view)
            && folder.is_dir()
        {
            let file = folder.join(VIEW_FILE);
            drop(atomic_file::write(&file, |out| out.write_all(&text)));
        }
        self.saved = self.view.clone();
    }

    fn save_settings(&mut self) {
        let Some(file) = &self.options.settings else {
            return;
        };
        if let Err(error) = self.settings.save(file) {
            self.notices.push(notice(&error));
        }
    }

    /// Carries out what panels asked for.
    fn carry_out(&mut self, asked: Vec<Ask>, ctx: &Context) {
        for ask in asked {
            (self.options.observer)(&ask);
            let Screen::Project(session) = &mut self.screen else {
                return;
            };
            match ask {
                Ask::Do(command) => {
                    if let Err(error) = session.apply(&command) {
                        self.notices.push(notice(&error));
                    }
                    if command != Command::EndEdit {
                        self.derived.update(session.state());
                    }
                }
                Ask::CancelJob(job) => session.cancel(job),
                Ask::DismissJob(job) => session.dismiss(job),
                Ask::SavePicture(FilePurpose::Window, path) => self.screenshots.ask(ctx, path),
                Ask::SavePicture(purpose, path) => self.draw(purpose, &path),
                Ask::CopyPicture => self.screenshots.ask_for_copy(ctx),
                Ask::Browse(purpose) => self.browse(purpose, ctx),
                Ask::CloseProject => self.close(),
                Ask::ResetProject => self.reset(ctx),
            }
        }
    }

    fn browse(&mut self, purpose: FilePurpose, ctx: &Context) {
        if let Err(error) = self.browsing.show(Wanted::File(purpose), ctx) {
            self.notices.push(notice(&error));
        }
    }

    /// Fills in what was picked, if somebody still asks for it.
    fn take_browsed(&mut self) {
        let Some((_, picked)) = self.browsing.take() else {
            return;
        };
        match (picked, &mut self.view.confirm) {
            (Ok(paths), Some(Confirm::File { path, .. })) => {
                if let Some(picked) = paths.first() {
                    *path = picked.display().to_string();
                }
            }
            (Ok(_), _) => {}
            (Err(error), _) => self.notices.push(notice(&error)),
        }
    }

    /// Writes a drawing of what is shown.
    fn draw(&mut self, purpose: FilePurpose, path: &Path) {
        let Screen::Project(session) = &self.screen else {
            return;
        };
        let read = Read::new(session, &self.derived);
        let written = pictures::drawing(purpose, &read, &self.view, &self.widgets)
            .and_then(|svg| atomic_file::write(path, |out| out.write_all(svg.as_bytes())));
        self.say_written(path, written);
    }

    fn say_written(&mut self, path: &Path, written: Result<()>) {
        self.notices.push(match written {
            Ok(()) => Notice {
                failure: false,
                message: format!("the picture is in {}", path.display()),
                hint: None,
            },
            Err(error) => notice(&error),
        });
    }

    /// Deletes what the program wrote for the project and opens it again.
    fn reset(&mut self, ctx: &Context) {
        let Some(session) = self.session() else {
            return;
        };
        let project = session.state().folder.clone();
        if let Some(holder) = &session.state().read_only {
            let error = Error::input(format!("the project is for reading only: {holder}"));
            self.notices.push(notice(&error));
            return;
        }
        // Closing first lets go of the database.
        self.screen = Screen::Start;
        let state = self.state_folder(&project);
        if let Err(error) = std::fs::remove_dir_all(&state)
            && error.kind() != std::io::ErrorKind::NotFound
        {
            let error = Error::file("delete", &state, error);
            self.notices.push(notice(&error));
        }
        self.view = ViewState::default();
        self.open(&project, ctx);
    }

    fn poll(&mut self) {
        let Screen::Project(session) = &mut self.screen else {
            return;
        };
        let events = session.poll(POLL_BUDGET);
        let matters = |event: &Event| !matches!(event, Event::WordsWeighed(..));
        if events.iter().any(matters) {
            self.derived.update(session.state());
        }
        for event in events {
            match event {
                Event::Notice(message) => self.notices.push(Notice {
                    failure: false,
                    message,
                    hint: None,
                }),
                Event::Taught(taught) => {
                    // A lesson that ended early is kept as far as it went.
                    let stopped = taught.stopped.as_ref();
                    let failed = stopped.filter(|error| !error.is_cancelled());
                    self.notices.extend(failed.map(|error| notice(error)));
                }
                _ => {}
            }
        }
    }

    /// Everything is larger in a presentation.
    fn present(&mut self, ctx: &Context) {
        if self.view.presentation == self.presenting {
            return;
        }
        self.presenting = self.view.presentation;
        let factor = ctx.zoom_factor();
        ctx.set_zoom_factor(match self.presenting {
            true => factor * PRESENTED,
            false => factor / PRESENTED,
        });
    }

    /// Lessons that are dropped onto an open project are merged; a hand-over or
    /// another project is opened.
    fn take_dropped(&mut self, ctx: &Context) {
        let Screen::Project(session) = &self.screen else {
            return;
        };
        let dropped = ctx.input(|input| input.raw.dropped_files.clone());
        let Some(path) = dropped.first().map(|file| file.path().to_owned()) else {
            return;
        };
        if hand_over::is_hand_over(&path) || path.is_dir() {
            self.close();
            self.open(&path, ctx);
        } else {
            self.view.confirm = Some(Confirm::File {
                purpose: FilePurpose::MergeLessons,
                path: path.display().to_string(),
                folder: session.state().folder.clone(),
            });
        }
    }

    fn poll_opening(&mut self, ctx: &Context) {
        let Screen::Opening(_, pending) = &self.screen else {
            return;
        };
        match pending.take() {
            Some(Ok(session)) => self.opened(session, ctx),
            Some(Err(error)) => {
                self.notices.push(notice(&error));
                self.screen = Screen::Start;
            }
            None => {}
        }
    }

    fn start_ui(&mut self, ui: &mut Ui) {
        let frame = egui::Frame::new()
            .fill(tokens(ui.ctx()).surface)
            .inner_margin(theme::PADDING);
        let mut open = None;
        egui::CentralPanel::default_margins()
            .frame(frame)
            .show(ui, |ui| {
                ui.horizontal(|ui| {
                    ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                        toolbar::looks(&mut self.view, ui);
                    });
                });
                notice_list(&mut self.notices, ui);
                open = self.start.ui(&self.settings.recent, &mut self.notices, ui);
            });
        super::dialogs::ui(&mut self.view, ui.ctx(), &mut Vec::new());
        if let Some(folder) = open {
            self.open(&folder, ui.ctx());
        }
    }

    fn opening_ui(folder: &Path, ui: &mut Ui) {
        let frame = egui::Frame::new().fill(tokens(ui.ctx()).surface);
        egui::CentralPanel::default_margins()
            .frame(frame)
            .show(ui, |ui| {
                ui.vertical_centered(|ui| {
                    ui.add_space(ui.available_height() * 0.4);
                    title(ui, "Opening the project …");
                    caption(ui, folder.display().to_string());
                });
            });
    }

    fn project_ui(&mut self, ui: &mut Ui) {
        let Screen::Project(session) = &self.screen else {
            return;
        };
        let read = Read::new(session, &self.derived);
        let mut asked = Vec::new();
        let (view, widgets) = (&mut self.view, &mut self.widgets);
        shell::ui(&read, view, widgets, &mut self.notices, ui, &mut asked);
        let ctx = ui.ctx().clone();
        if !asked.is_empty() {
            self.carry_out(asked, &ctx);
            ctx.request_repaint();
        }
    }
}

impl eframe::App for App {
    fn logic(&mut self, ctx: &Context, _frame: &mut eframe::Frame) {
        self.poll_opening(ctx);
        self.poll();
        let working = |session: &Session| session.jobs().any_active();
        if self.session().is_some_and(working) {
            // The time left is told anew even while a job says nothing.
            ctx.request_repaint_after(Duration::from_secs(1));
        }
        let opened = match &self.screen {
            Screen::Start => self.start.logic(ctx, &mut self.notices),
            _ => None,
        };
        if let Some(folder) = opened {
            self.open(&folder, ctx);
        }
        self.take_dropped(ctx);
        self.take_browsed();
        for taken in self.screenshots.taken() {
            match taken {
                Taken::Written(path, written) => self.say_written(&path, written),
                Taken::ToCopy(image) => {
                    ctx.copy_image((*image).clone());
                    self.notices.push(Notice {
                        failure: false,
                        message: "a picture of the window is on the clipboard".into(),
                        hint: None,
                    });
                }
            }
        }
        self.present(ctx);
        let before = self.settings.clone();
        self.settings.follow(ctx);
        if self.settings != before {
            self.save_settings();
        }
        // Not while something is dragged or typed: a file for each frame of it
        // would be a waste.
        if !ctx.egui_is_using_pointer() && !ctx.text_edit_focused() {
            self.save_view();
        }
    }

    fn ui(&mut self, ui: &mut Ui, _frame: &mut eframe::Frame) {
        match &self.screen {
            Screen::Start => self.start_ui(ui),
            Screen::Opening(folder, _) => Self::opening_ui(&folder.clone(), ui),
            Screen::Project(_) => self.project_ui(ui),
        }
    }

    fn on_exit(&mut self, _gl: Option<&eframe::glow::Context>) {
        self.save_view();
    }
}

/// Opens the window.
///
/// # Errors
/// When there is no display or no way to draw on it.
pub fn open(project: Option<&Path>) -> Result<()> {
    let native = eframe::NativeOptions {
        viewport: egui::ViewportBuilder::default()
            .with_title("Blindspot")
            .with_app_id("blindspot")
            .with_inner_size([1360.0, 820.0])
            .with_min_inner_size([900.0, 560.0]),
        ..eframe::NativeOptions::default()
    };
    let mut options = Options::usual(project.map(Path::to_path_buf));
    let settings = options.settings.as_deref().map(AppSettings::load);
    if options.project.is_none() && settings.is_none_or(|s| s.recent.is_empty()) {
        // Somebody who has never opened anything sees at once what it is about.
        options.project = assets::demo_project(DEMO).ok();
    }
    eframe::run_native(
        "Blindspot",
        native,
        Box::new(move |creation| Ok(Box::new(App::new(&creation.egui_ctx, options)))),
    )
    .map_err(|error| {
        Error::input("cannot open a window")
            .because(error.to_string())
            .hint(
                "without a display use the headless commands, for instance \
                 `blindspot run projects/sentiment`",
            )
    })
}
