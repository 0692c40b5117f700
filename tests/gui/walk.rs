//! Data that nobody prepared for us, from the start screen to frozen blind
//! spots: how many actions does a newcomer need?

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use eframe::egui::{Key, Theme, accesskit};
use egui_kittest::Node;
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use crate::support::{Window, options, wait, window};
use blindspot::gui::app::App;
use blindspot::model::Family;
use blindspot::model::fixture::tiny_model_of;
use blindspot::records::Role;

/// More actions than these are too many.
const MOST_ACTIONS: usize = 25;

/// A window on the start screen, and how often its user did something.
pub(crate) struct Walk {
    pub(crate) window: Window,
    actions: usize,
    pub(crate) folder: tempfile::TempDir,
}

impl Walk {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("temporary folder");
        Self {
            window: window(options(None, None), [1280.0, 800.0], Theme::Dark),
            actions: 0,
            folder,
        }
    }

    /// The same on a project.
    pub(crate) fn on(project: &Path) -> Self {
        let options = options(Some(project.to_owned()), None);
        let mut walk = Self {
            window: window(options, [1280.0, 800.0], Theme::Dark),
            ..Self::new()
        };
        walk.wait(|app| app.session().is_some());
        walk
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Presses a button or picks from a list, as a screen reader does.
    pub(crate) fn press(&mut self, label: &str) {
        self.window.get_by_label(label).click_accesskit();
        self.window.run_steps(4);
        self.actions += 1;
    }

    /// Fills a field.
    pub(crate) fn fill(&mut self, label: &str, text: &str) {
        self.field(label).focus();
        self.window.run_steps(2);
        self.window
            .key_press_modifiers(eframe::egui::Modifiers::COMMAND, Key::A);
        self.window.event(eframe::egui::Event::Text(text.into()));
        self.window.run_steps(2);
        self.window.key_press(Key::Enter);
        self.window.run_steps(3);
        self.actions += 1;
    }

    pub(crate) fn field<'a>(&'a self, label: &'a str) -> Node<'a> {
        let is_field = |role: accesskit::Role| {
            matches!(
                role,
                accesskit::Role::TextInput
                    | accesskit::Role::MultilineTextInput
                    | accesskit::Role::SpinButton
            )
        };
        self.window
            .get_by(move |node| node.label().as_deref() == Some(label) && is_field(node.role()))
    }

    pub(crate) fn wait(&mut self, holds: impl Fn(&App) -> bool) {
        wait(&mut self.window, holds);
    }

    /// Steps until the window shows a text.
    pub(crate) fn read(&mut self, part: &str) {
        let began = std::time::Instant::now();
        while self
            .window
            .query_all_by_label_contains(part)
            .next()
            .is_none()
        {
            self.window.run_steps(1);
            std::thread::sleep(std::time::Duration::from_millis(5));
            assert!(began.elapsed().as_secs() < 60, "never shows “{part}”");
        }
    }

    fn data(&self, name: &str, content: &str) -> PathBuf {
        let path = self.path().join(name);
        std::fs::write(&path, content).expect("writes the data");
        path
    }

    pub(crate) fn model(&self) -> String {
        let path = self.path().join("model");
        tiny_model_of(&path, Family::Bert, false).expect("writes the model");
        path.display().to_string()
    }

    /// From the path of a file to a project with frozen blind spots; what the
    /// columns are is up to the program.
    fn frozen_blind_spots(&mut self, data: &Path) {
        let (projects, model) = (self.path().join("projects"), self.model());
        self.fill(
            "Path of a data file or project",
            &data.display().to_string(),
        );
        self.read("Create the project");
        self.press("a folder in Hugging Face layout");
        self.fill("Folder of the model", &model);
        self.press("How it is fitted");
        self.press("as many passes over the training texts as help");
        self.fill("passes over the training texts", "50");
        self.fill("learning rate", "2e-3");
        self.fill("Folder", &projects.display().to_string());
        self.read("Fitting the base model takes about");
        self.press("Create the project");
        self.wait(|app| app.session().is_some());
        self.press("Fit the base model");
        self.wait(|app| {
            let session = app.session();
            session.is_some_and(|session| session.state().preview.is_some())
        });
        self.press("Freeze the blind spots");
        self.wait(|app| {
            let session = app.session();
            session.is_some_and(|session| session.state().snapshot().is_some())
        });
        assert!(self.actions <= MOST_ACTIONS, "{} actions", self.actions);
        println!("{} actions", self.actions);
        let state = self.window.state().session().expect("open").state();
        assert!(!state.snapshot().expect("frozen").blind_spots.is_empty());
    }
}

/// Every seventeenth row has a wrong label, spread evenly over the labels: the
/// model errs there, confidently.
fn label<'a>(row: usize, labels: &[&'a str]) -> &'a str {
    let off = usize::from(row % 17 == 7);
    labels[(row + off) % labels.len()]
}

const THINGS: [&str; 40] = [
    "film",
    "movie",
    "story",
    "plot",
    "actor",
    "scene",
    "director",
    "camera",
    "music",
    "script",
    "dialogue",
    "character",
    "comedy",
    "drama",
    "horror",
    "action",
    "romance",
    "man",
    "woman",
    "child",
    "life",
    "world",
    "day",
    "night",
    "year",
    "book",
    "phone",
    "battery",
    "screen",
    "price",
    "product",
    "service",
    "food",
    "hotel",
    "room",
    "staff",
    "car",
    "sound",
    "quality",
    "money",
];

#[test]
fn semicolons_german_headers_and_forty_classes() {
    let mut walk = Walk::new();
    let mut csv = String::from("Vorgang;Eingang;Wortlaut;Zuständig\n");
    let teams: Vec<String> = THINGS
        .iter()
        .map(|thing| format!("Referat {thing}"))
        .collect();
    let teams: Vec<&str> = teams.iter().map(String::as_str).collect();
    for row in 0..1_600 {
        let thing = THINGS[row % THINGS.len()];
        let (day, team) = (row % 28 + 1, label(row, &teams));
        writeln!(
            csv,
            "V{row};{day:02}.03.2026;\"{thing}; bitte zu {row} melden\";{team}"
        )
        .expect("writes to a string");
    }
    let data = walk.data("anfragen.csv", &csv);
    walk.frozen_blind_spots(&data);
    let state = walk.window.state().session().expect("open").state();
    assert_eq!(state.dataset.labels.len(), 40);
    let text = state.dataset.examples[0].text().map(|text| &text.first);
    assert!(text.is_none_or(|text| text.contains("bitte zu")));
}

#[test]
fn files_that_make_no_project_say_so_before_anything_is_written() {
    let mut walk = Walk::new();
    let (projects, model) = (walk.path().join("projects"), walk.model());
    let mut csv = String::from("text,label\n");
    for row in 0..200 {
        writeln!(csv, "the film number {row} was good,good").expect("writes to a string");
    }
    let data = walk.data("rows.csv", &csv);
    let path = data.display().to_string();
    walk.fill("Path of a data file or project", &path);
    walk.read("Create the project");
    walk.press("a folder in Hugging Face layout");
    walk.fill("Folder of the model", &model);
    walk.fill("Folder", &projects.display().to_string());
    let width = walk.field("Folder").rect().width();
    assert!(width > 400.0, "{width} points for a path");
    walk.read("one class only");
    let create = walk.window.get_by_label("Create the project");
    assert!(create.accesskit_node().is_disabled());
    assert!(!projects.exists());
}

#[test]
fn texts_of_four_hundred_words() {
    let mut walk = Walk::new();
    let mut csv = String::from("ref,remark,outcome\n");
    let outcomes = ["refund", "repair", "reject"];
    for row in 0..480 {
        let thing = ["happy", "broke", "angry"][row % 3];
        let rest = ["that", "was", "the", "long", "story", "of", "it"];
        let words: Vec<&str> = (0..400).map(|word| rest[(word * 3 + row) % 7]).collect();
        let (words, outcome) = (words.join(" "), label(row, &outcomes));
        writeln!(csv, "r{row},so {thing} {row} {words},{outcome}").expect("writes to a string");
    }
    let data = walk.data("remarks.csv", &csv);
    walk.frozen_blind_spots(&data);
    let state = walk.window.state().session().expect("open").state();
    let longest = state
        .dataset
        .examples
        .iter()
        .filter(|example| example.role != Role::Final);
    let words = longest.filter_map(|example| example.text());
    assert!(words.map(|text| text.first.split(' ').count()).max() >= Some(400));
}
