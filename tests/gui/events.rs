//! Random events: no panic, no lost edit, and nearly every command of the
//! window is reached.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use eframe::egui::{self, Key, Modifiers, Pos2, Theme, accesskit};
use egui_kittest::kittest::NodeT as _;
use rand::seq::SliceRandom as _;
use rand::{Rng as _, SeedableRng as _};
use serde_json::{Value, json};

use crate::support::{Window, options, wait, window};
use crate::tiny_project::Project;
use crate::written_lesson::teach;
use blindspot::gui::pick::Wanted;
use blindspot::gui::read::Ask;
use blindspot::session::{Command, JobState};
use blindspot::steps::State;

/// Events of one user, and how many users there are: who closes the project
/// early sees less of it.
const EVENTS: usize = 4_000;
const FEWEST_USERS: u64 = 3;
const MOST_USERS: u64 = 12;
const SIZE: [f32; 2] = [1280.0, 800.0];
/// Share of the commands that they reach: some need a second model, an assistant's
/// drafts, a base that was fitted too short or lessons that were measured one by
/// one, and have walks of their own.
const NEARLY_ALL: f64 = 0.84;

/// Buttons that open a project of real size.
const DEMOS: [&str; 3] = [
    "Open the demo",
    "Which desk should answer?",
    "Does the text support the claim?",
];
/// Commands that no control sends: the session itself follows up with them.
const NOT_OF_THE_WINDOW: [&str; 1] = ["take_lessons"];
/// Commands that only a black box is offered. The users here have a project
/// with a model, which retraining needs.
const OF_A_BLACK_BOX: [&str; 1] = ["import_predictions"];

type Rng = rand_xoshiro::Xoshiro256PlusPlus;

/// A user without a plan.
struct Monkey {
    window: Window,
    rng: Rng,
    events: usize,
    /// How often each control was used: seldom used ones are likelier.
    used: BTreeMap<String, usize>,
}

impl Monkey {
    fn one_frame(&mut self) {
        match self.rng.gen_range(0..10) {
            0..=5 => self.use_a_control(),
            6 => self.click_somewhere(),
            7 => self.type_something(),
            8 => self.turn_the_wheel(),
            _ => self.press_a_key(),
        }
        self.window.step();
        let rare = self.rng.gen_range(0..40) == 0;
        if rare {
            // Background work gets its turn.
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
    }

    /// Uses one of the controls that a screen reader would find.
    fn use_a_control(&mut self) {
        let root = self.window.root();
        let controls: Vec<_> = root
            .children_recursive()
            .filter(|node| {
                let node = node.accesskit_node();
                !node.is_disabled() && !node.is_hidden() && is_control(node.role())
            })
            .filter_map(|node| Some((node.accesskit_node().label()?, node)))
            // The demos are large: their training would take minutes.
            .filter(|(label, _)| !DEMOS.contains(&label.as_str()))
            .map(|(label, node)| (kind_of(&label), node))
            .collect();
        let weight = |(kind, _): &(String, _)| {
            let used = self.used.get(kind).copied().unwrap_or(0) as f64;
            1.0 / (1.0 + used).powf(1.5)
        };
        let Ok((kind, node)) = controls.choose_weighted(&mut self.rng, weight) else {
            return;
        };
        *self.used.entry(kind.clone()).or_default() += 1;
        self.events += 1;
        match node.accesskit_node().role() {
            accesskit::Role::TextInput | accesskit::Role::MultilineTextInput => {
                node.focus();
                let text = ["funny", " good", "the film is fun", "x"].choose(&mut self.rng);
                self.window.step();
                self.window
                    .event(egui::Event::Text(text.copied().unwrap_or("x").into()));
                if self.rng.gen_bool(0.7) {
                    self.window.step();
                    self.window.key_press(Key::Enter);
                }
                self.events += 2;
            }
            accesskit::Role::Slider | accesskit::Role::SpinButton => {
                if self.rng.gen_bool(0.5) {
                    node.increment_accesskit();
                } else {
                    node.decrement_accesskit();
                }
            }
            _ => node.click_accesskit(),
        }
    }

    fn somewhere(&mut self) -> Pos2 {
        egui::pos2(
            self.rng.gen_range(0.0..SIZE[0]),
            self.rng.gen_range(0.0..SIZE[1]),
        )
    }

    /// Clicks, or drags, anywhere.
    fn click_somewhere(&mut self) {
        let (from, to) = (self.somewhere(), self.somewhere());
        let modifiers = [Modifiers::NONE, Modifiers::SHIFT, Modifiers::COMMAND];
        let modifiers = *modifiers.choose(&mut self.rng).unwrap_or(&Modifiers::NONE);
        let drags = self.rng.gen_bool(0.4);
        self.window.event(egui::Event::PointerMoved(from));
        for pressed in [true, false] {
            let pos = if drags && !pressed { to } else { from };
            self.window.event(egui::Event::PointerMoved(pos));
            if drags {
                self.window.step();
            }
            self.window.event(egui::Event::PointerButton {
                pos,
                button: egui::PointerButton::Primary,
                pressed,
                modifiers,
            });
        }
        self.events += 5;
    }

    fn type_something(&mut self) {
        let text = ["a", "1", "2", "film ", "?", "(", "é"].choose(&mut self.rng);
        let text = text.copied().unwrap_or("a");
        self.window.event(egui::Event::Text(text.into()));
        self.events += 1;
    }

    fn turn_the_wheel(&mut self) {
        let pos = self.somewhere();
        self.window.event(egui::Event::PointerMoved(pos));
        self.window.event(egui::Event::MouseWheel {
            unit: egui::MouseWheelUnit::Point,
            delta: egui::vec2(0.0, self.rng.gen_range(-80.0..80.0)),
            phase: egui::TouchPhase::Move,
            source: egui::MouseWheelSource::Unknown,
            modifiers: Modifiers::default(),
        });
        self.events += 2;
    }

    fn press_a_key(&mut self) {
        let keys = [
            Key::Num1,
            Key::Num2,
            Key::Num3,
            Key::ArrowDown,
            Key::ArrowUp,
            Key::Escape,
            Key::Enter,
            Key::Tab,
            Key::Z,
            Key::Space,
            Key::F,
            Key::F5,
        ];
        let key = *keys.choose(&mut self.rng).unwrap_or(&Key::Tab);
        let modifiers = match self.rng.gen_range(0..4) {
            0 => Modifiers::COMMAND,
            1 => Modifiers::COMMAND.plus(Modifiers::SHIFT),
            _ => Modifiers::NONE,
        };
        self.window.key_press_modifiers(modifiers, key);
        self.events += 2;
    }
}

fn is_control(role: accesskit::Role) -> bool {
    use accesskit::Role;
    matches!(
        role,
        Role::Button
            | Role::CheckBox
            | Role::RadioButton
            | Role::ComboBox
            | Role::TextInput
            | Role::MultilineTextInput
            | Role::Slider
            | Role::SpinButton
            | Role::Link
            | Role::Canvas
    )
}

/// What sort of control it is: rows of the table and cards of blind spots are
/// each one sort, whatever they say.
fn kind_of(label: &str) -> String {
    label
        .split_whitespace()
        .take(2)
        .collect::<Vec<_>>()
        .join(" ")
}

/// The name of what was asked for.
fn name_of(ask: &Ask) -> String {
    let written = match ask {
        Ask::Do(command) => {
            let json = serde_json::to_value(command).expect("serialises");
            match json {
                serde_json::Value::String(name) => name,
                other => other
                    .as_object()
                    .and_then(|fields| fields.keys().next().cloned())
                    .expect("named"),
            }
        }
        other => format!("{other:?}"),
    };
    let letters = written
        .chars()
        .take_while(|c| c.is_alphanumeric() || *c == '_');
    letters.collect()
}

/// The names of all commands, as serde lists them for one that is none.
fn all_commands() -> BTreeSet<String> {
    let error = serde_json::from_str::<Command>("\"nothing\"").expect_err("is none");
    let said = error.to_string();
    let (_, list) = said.split_once("expected one of").expect("lists them");
    let names: BTreeSet<String> = list
        .split('`')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect();
    assert!(names.contains("freeze") && names.contains("undo"));
    names
}

/// A project with a lesson, drafts of a language model and a round, so that
/// every screen has something on it.
fn once_round_the_loop() -> Project {
    let project = Project::new();
    let snapshot = project.json("discover", &["--freeze"]);
    teach(&project, &snapshot);
    let lessons = project.path().join("lessons.jsonl");
    let written = std::fs::read_to_string(&lessons).expect("is there");
    let mut drafts: Value = serde_json::from_str(&written).expect("is a lesson");
    drafts["id"] = json!("lesson-2");
    drafts["teacher"] = json!("scripted");
    drafts["author"] = json!({"kind": "llm", "model": "scripted-1"});
    let samples = drafts["samples"].as_array_mut().expect("a list");
    for (number, sample) in samples.iter_mut().enumerate() {
        sample["id"] = json!(format!("draft-{number}"));
        sample["author"] = json!({"kind": "llm", "model": "scripted-1"});
        sample["review"] = json!({"state": "draft"});
    }
    std::fs::write(&lessons, format!("{written}{drafts}\n")).expect("writes the lessons");
    let trained = project.call("retrain", &["--seeds", "1"]);
    assert!(trained.status.success(), "{trained:?}");
    project
}

/// One user without a plan: nothing may break, and no edit may be lost.
fn wander(seed: u64, asked: &Arc<Mutex<BTreeSet<String>>>) {
    let folder = tempfile::tempdir().expect("temporary folder");
    let prepared = once_round_the_loop();
    let project = prepared.path().to_owned();
    let mut options = options(Some(project.clone()), None);
    options.new_projects = folder.path().join("new");
    options.settings = Some(folder.path().join("app.json"));
    let heard = Arc::clone(asked);
    options.observer = Arc::new(move |ask| {
        heard.lock().expect("not poisoned").insert(name_of(ask));
    });
    let picked = project.clone();
    options.dialog = Arc::new(move |wanted| {
        vec![match wanted {
            Wanted::DataFiles => picked.join("data.csv"),
            Wanted::ModelFolder => picked.join("model"),
            _ => picked.clone(),
        }]
    });
    let mut again = options.clone();
    let mut window = window(options, SIZE, Theme::Dark);
    wait(&mut window, |app| app.session().is_some());
    let mut monkey = Monkey {
        window,
        rng: Rng::seed_from_u64(seed),
        events: 0,
        used: BTreeMap::new(),
    };
    let mut seen: Option<(std::path::PathBuf, _)> = None;
    // It ends with a project open: a reset on the way out would look like a loss.
    while monkey.events < EVENTS || monkey.window.state().session().is_none() {
        monkey.one_frame();
        if let Some(session) = monkey.window.state().session() {
            let state = session.state();
            for job in session.jobs().statuses() {
                if let JobState::Failed { message, .. } = &job.state {
                    assert!(!message.contains("mistake of the program"), "{message}");
                }
            }
            seen = Some((state.folder.clone(), state.document.clone()));
        }
    }
    // Whatever was edited last is what a new start finds.
    drop(monkey);
    let (edited, document) = seen.expect("a project was open");
    again.project = Some(edited);
    let mut window = crate::support::window(again, SIZE, Theme::Dark);
    wait(&mut window, |app| app.session().is_some());
    let state: &State = crate::support::state(&window);
    assert_eq!(state.document, document, "seed {seed}");
}

#[test]
fn random_events_do_no_harm_and_reach_nearly_everything() {
    let asked: Arc<Mutex<BTreeSet<String>>> = Arc::default();
    let mut all = all_commands();
    all.extend(
        [
            "CancelJob",
            "DismissJob",
            "SavePicture",
            "CopyPicture",
            "Browse",
            "CloseProject",
            "ResetProject",
        ]
        .map(str::to_owned),
    );
    let out_of_reach = [&NOT_OF_THE_WINDOW[..], &OF_A_BLACK_BOX].concat();
    for name in &out_of_reach {
        assert!(all.remove(*name), "{name} is no command");
    }
    // When jobs end is up to the machine, and so is what there is to click.
    for user in 1..=MOST_USERS {
        wander(user, &asked);
        let asked = asked.lock().expect("not poisoned");
        for name in &out_of_reach {
            assert!(!asked.contains(*name), "{name} is within reach after all");
        }
        let missed: Vec<&String> = all.iter().filter(|name| !asked.contains(*name)).collect();
        let share = 1.0 - missed.len() as f64 / all.len() as f64;
        println!(
            "{user} users, {:.0} % of {} commands; missed: {missed:?}",
            100.0 * share,
            all.len()
        );
        if user >= FEWEST_USERS && share >= NEARLY_ALL {
            return;
        }
        assert!(user < MOST_USERS, "missed: {missed:?}");
    }
}
