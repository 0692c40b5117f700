//! The window's app: from frame to frame it takes in what jobs say, shows the
//! start screen or the project, and carries out what panels ask for.

mod asked;
mod launch;
mod leaving;
mod options;
mod projects;
mod screens;
mod typed;
mod views;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use eframe::egui::{Context, RawInput, Ui};

pub use self::launch::open;
pub use self::options::{Observer, Options};
use super::app_settings::AppSettings;
use super::background::Pending;
use super::derived::Derived;
use super::in_order::InOrder;
use super::notices::{Notice, Notices};
use super::panels::teach::Drafts;
use super::pick::Picking;
use super::remembered;
use super::screenshot::Screenshots;
use super::shell::Widgets;
use super::start::Start;
use super::theme;
use super::view_state::{
    ClassesAsked, Compared, Confirm, FilePurpose, ModelUseDraft, Stage, ViewState,
};
use crate::records::AnswersFrom;
use crate::session::view::HandedView;
use crate::session::{Event, JobKind, Session};
use crate::steps::label_question::LabelQuestion;

/// How long the window takes in what jobs say before it paints.
const POLL_BUDGET: Duration = Duration::from_millis(8);
/// File in a project's state folder that remembers how it is looked at.
const VIEW_FILE: &str = "view.json";
/// What is said once a retraining was cancelled.
const RETRAINING_STOPPED: &str = "Retraining cancelled: no round was made. Trainings that were \
                                  finished are kept, and used by the next one with the same \
                                  samples";

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
    /// Where the program writes for the open project, if somewhere else than
    /// usual.
    state_dir: Option<PathBuf>,
    view: ViewState,
    /// The view as it was saved last.
    saved: ViewState,
    widgets: Widgets,
    derived: Derived,
    notices: Notices,
    screenshots: Screenshots,
    /// The system's dialog, shown for the file that is being asked for.
    browsing: Picking,
    /// A view from elsewhere that waits for its project.
    handed: Option<HandedView>,
    /// The work under way, as noted for the next opening.
    at_work: Vec<String>,
    /// Whether the window may close although work is under way.
    may_close: bool,
    /// Half-typed texts as they were saved last, and when.
    typed: (Drafts, Option<Instant>),
    order: InOrder,
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
            state_dir: None,
            settings,
            screen: Screen::Start,
            view: ViewState::default(),
            saved: ViewState::default(),
            widgets: Widgets::default(),
            derived: Derived::default(),
            notices: Notices::default(),
            screenshots: Screenshots::default(),
            browsing: Picking::with(Arc::clone(&options.dialog)),
            handed: options.view.clone(),
            at_work: Vec::new(),
            may_close: false,
            typed: (Drafts::new(), None),
            order: InOrder::default(),
            options,
        };
        if let Some(named) = app.options.project.clone()
            && let Some(project) = app.start.take_paths(vec![named], ctx)
        {
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
        &self.notices.0
    }

    /// Takes in what jobs say.
    fn poll(&mut self, ctx: &Context) {
        let Screen::Project(session) = &mut self.screen else {
            return;
        };
        let events = session.poll(POLL_BUDGET);
        let matters = |event: &Event| !matches!(event, Event::WordsWeighed(..));
        if events.iter().any(matters) {
            self.derived.update(session.state(), ctx);
        }
        self.derived.follow(session.state(), ctx);
        for event in events {
            match event {
                Event::Notice(message) => self.notices.say(message),
                Event::Cancelled(JobKind::Retrain) => {
                    self.notices.say(RETRAINING_STOPPED);
                }
                Event::UnneededFound(unneeded) if unneeded.is_empty() => {
                    self.notices.say(unneeded.to_string());
                }
                Event::ModelAsked(question) => {
                    let chosen = question.now.clone();
                    let draft = ModelUseDraft { question, chosen };
                    self.view.confirm = Some(Confirm::ModelUse(draft));
                }
                Event::ModelUseChanged => {
                    self.open_again(ctx);
                    return;
                }
                Event::SecondCompared(result) => {
                    self.view.compared = Some(Compared::Second(result.model.number));
                    self.view.stage = Stage::Compare;
                }
                Event::SecondAsks(from, question) => {
                    let purpose = FilePurpose::CompareWith;
                    self.ask_for_classes(purpose, from, question);
                }
                Event::PredictionsAsk(from, question) => {
                    let purpose = FilePurpose::ImportPredictions;
                    self.ask_for_classes(purpose, from, question);
                }
                Event::UnneededFound(unneeded) => {
                    self.view.confirm = Some(Confirm::Clean(unneeded));
                }
                Event::Taught(taught) => {
                    // A lesson that ended early is kept as far as it went.
                    let stopped = taught.stopped.as_ref();
                    if let Some(error) = stopped.filter(|error| !error.is_cancelled()) {
                        self.notices.fail(error);
                    }
                }
                Event::Checked(checks) => {
                    let stopped = checks.stopped.as_ref();
                    if let Some(error) = stopped.filter(|error| !error.is_cancelled()) {
                        self.notices.fail(error);
                    }
                }
                _ => {}
            }
        }
    }

    /// Asks what the classes of a model mean whose answers are read for this.
    fn ask_for_classes(
        &mut self,
        purpose: FilePurpose,
        wanted: AnswersFrom,
        question: Arc<LabelQuestion>,
    ) {
        self.view.confirm = Some(Confirm::ClassesAsked(ClassesAsked {
            purpose,
            wanted,
            question,
        }));
    }

    /// Records the time on a lesson since its last sample, before the project
    /// is left.
    fn record_time(&mut self) {
        let Screen::Project(session) = &mut self.screen else {
            return;
        };
        if session.state().read_only.is_some() {
            return;
        }
        if let Some(command) = self.widgets.teach.time_left_over(session.state()) {
            self.notices.value(session.apply(&command));
        }
    }

    /// Saves the view if it changed.
    fn save_view(&mut self) {
        let Some(session) = self.session() else {
            return;
        };
        if session.state().read_only.is_some() || self.view == self.saved {
            return;
        }
        let folder = self.state_folder(&session.state().folder);
        if folder.is_dir() {
            // A view that cannot be saved is no reason to disturb anybody: the
            // next start is the usual one.
            drop(remembered::save(&self.view, &folder.join(VIEW_FILE)));
        }
        self.saved = self.view.clone();
    }

    fn save_settings(&mut self) {
        if let Some(file) = &self.options.settings {
            self.notices.value(self.settings.save(file));
        }
    }
}

impl eframe::App for App {
    fn logic(&mut self, ctx: &Context, _frame: &mut eframe::Frame) {
        self.poll_opening(ctx);
        self.poll(ctx);
        self.show_handed(ctx);
        self.take_early_view(ctx);
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
        self.note_work();
        self.save_typed(ctx);
        self.ask_before_closing(ctx);
        self.take_dropped(ctx);
        self.take_browsed();
        self.take_screenshots(ctx);
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

    fn raw_input_hook(&mut self, ctx: &Context, input: &mut RawInput) {
        if self.order.cut(&mut input.events) {
            ctx.request_repaint();
        }
    }

    fn on_exit(&mut self, _gl: Option<&eframe::glow::Context>) {
        self.record_time();
        self.save_view();
    }
}
