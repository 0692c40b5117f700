//! A classifier from elsewhere, whose classes have no names, from the start
//! screen to the end: as it is, blind spots, a lesson, Quick, and a second
//! model beside it.

use std::path::{Path, PathBuf};
use std::process::Command;

use eframe::egui::{Theme, accesskit};
use egui_kittest::kittest::Queryable as _;

use crate::allowed::allowed_texts;
use crate::black_box::black_box;
use crate::support::{Window, click_first, options, press, shows, state, wait, window};
use crate::tiny_project::{MANIFEST, Project};
use crate::walk::Walk;
use blindspot::gui::view_state::{Compared, Stage};
use blindspot::records::{Arm, Role};
use blindspot::steps::State;

/// Exports the model of a round; gives its folder, whose classes are called by
/// their numbers.
fn exported(project: &Path, to: &Path, round: &str) -> PathBuf {
    let mut call = Command::new(env!("CARGO_BIN_EXE_blindspot"));
    call.arg("export").arg(project).arg("--quiet");
    let output = call.arg("--out").arg(to).args(["--round", round]).output();
    let output = output.expect("starts");
    assert!(output.status.success(), "{output:?}");
    let config = to.join("model/config.json");
    let text = std::fs::read_to_string(&config).expect("exported");
    let text = text
        .replace("\"negative\"", "\"LABEL_0\"")
        .replace("\"positive\"", "\"LABEL_1\"");
    std::fs::write(&config, text).expect("writes");
    to.join("model")
}

fn holds(walk: &mut Walk, of_state: impl Fn(&State) -> bool) {
    walk.wait(|app| {
        let state = app.session().map(|session| session.state());
        state.is_some_and(&of_state)
    });
}

/// Waits until nothing is at work: what a job shows and takes away again moves
/// what is pressed next.
fn settled(walk: &mut Walk) {
    walk.wait(|app| {
        app.session()
            .is_some_and(|session| !session.jobs().any_active())
    });
}

fn press_first(walk: &mut Walk, label: &str) {
    press(&mut walk.window, label);
}

/// A project from the form, whose model's classes somebody says the meaning of.
fn mapped_and_frozen(walk: &mut Walk, model: &Path, data: &Path) {
    let projects = walk.path().join("projects").display().to_string();
    walk.fill(
        "Path of a data file or project",
        &data.display().to_string(),
    );
    walk.read("Create the project");
    walk.press("a folder in Hugging Face layout");
    walk.fill("Folder of the model", &model.display().to_string());
    walk.fill("Folder", &projects);
    walk.read("a head with 2 classes: `LABEL_0`, `LABEL_1`");
    walk.read("please say what they mean");
    walk.read("Not yet possible: say above what the model's classes mean");
    walk.press("Take what agrees most with the labels");
    walk.read("makes ");
    walk.press("Create the project");
    walk.wait(|app| app.session().is_some());
    walk.press("Take the model as it is");
    holds(walk, |state| state.preview.is_some());
    walk.press("Freeze the blind spots");
    holds(walk, |state| state.snapshot().is_some());
    settled(walk);
    let state = state(&walk.window);
    assert_eq!(state.base.as_ref().expect("a base").origin, "as it is");
    assert!(!state.snapshot().expect("frozen").blind_spots.is_empty());
}

/// Writes a lesson and retrains with one seed.
fn taught_and_retrained(walk: &mut Walk, folder: &Path) {
    let texts = allowed_texts(folder, 8);
    press_first(walk, "Teach the largest blind spot");
    walk.fill("New hypothesis", "Funny is praise");
    for (number, text) in texts.iter().enumerate() {
        let label = ["positive", "negative"][number % 2];
        walk.press(&format!("Right label: {label}"));
        walk.fill("New sample", text);
        holds(walk, |state| {
            let lessons = state.document.lessons.values();
            lessons.map(|lesson| lesson.samples.len()).sum::<usize>() == number + 1
        });
    }
    press_first(walk, "Retrain:");
    for _ in 0..2 {
        let seeds = walk.window.get_by(|node| {
            node.label().as_deref() == Some("seeds") && node.role() == accesskit::Role::Slider
        });
        seeds.decrement_accesskit();
        walk.window.run_steps(3);
    }
    walk.press("Start retraining");
    holds(walk, |state| !state.rounds.is_empty());
}

/// Compares with the model of a folder, and says what its classes mean.
fn compared_with(walk: &mut Walk, folder: &Path) {
    press_first(walk, "Compare:");
    walk.press("Compare with another model …");
    walk.fill("Path of the folder or file", &folder.display().to_string());
    walk.read("What do its classes mean?");
    walk.press("Take what agrees most with the labels");
    let buttons = walk.window.get_all_by_label("Compare");
    buttons.last().expect("the question's").click_accesskit();
    holds(walk, |state| !state.second_models.is_empty());
    walk.window.run_steps(4);
}

/// What the screen says of the second model is what the same weights were
/// found to be worth as an arm of the round.
fn check_comparison(window: &Window) {
    for text in [
        "no arm of a round",
        "fingerprint",
        "the base model, on check",
    ] {
        assert!(shows(window, text), "not on the screen: {text}");
    }
    let state = state(window);
    let round = state.rounds[0].comparison(Role::Check).expect("compared");
    let second = &state.second_models[0].comparison;
    let lessons = |arm: &Arm| matches!(arm, Arm::Lessons(_));
    let arms = &round.slices[0].arms;
    let arm = arms.iter().find(|of| lessons(&of.arm)).expect("trained");
    let other = &second.slices[0].arms[1];
    assert_eq!(other.matched_errors, arm.matched_errors);
    assert_eq!(other.outcomes, arm.outcomes);
    assert_eq!(second.not_run, Vec::<Arm>::new());
}

/// The lists behind the counts lead to their texts.
fn look_at_a_changed_text(window: &mut Window) {
    let state_before = state(window);
    let outcomes = state_before.second_models[0].comparison.slices[0].arms[1].outcomes;
    let name = match outcomes.corrected > 0.0 {
        true => "corrected:",
        false => "remaining:",
    };
    press(window, name);
    let text = {
        let state = state(window);
        let is_listed = |text: &String| shows(window, text);
        let texts = state
            .dataset
            .examples
            .iter()
            .filter(|e| e.role != Role::Final);
        let mut texts = texts.filter_map(|e| Some(e.text()?.joined()));
        texts.find(is_listed).expect("a changed text is listed")
    };
    press(window, &text);
    assert_eq!(window.state().view().stage, Stage::Explore);
    let row = window.state().view().focus.expect("it is chosen");
    let predictions = state(window).predictions.as_ref().expect("scored");
    let example = &state(window).dataset.examples[predictions.examples()[row]];
    assert_eq!(example.text().expect("visible").joined(), text);
}

#[test]
fn a_head_without_names_is_walked_to_a_second_model() {
    let known = Project::new();
    known.json("fit", &[]);
    let model = exported(known.path(), &known.path().join("export"), "0");

    let mut walk = Walk::new();
    mapped_and_frozen(&mut walk, &model, &known.path().join("data.csv"));
    let folder = state(&walk.window).folder.clone();
    taught_and_retrained(&mut walk, &folder);
    let second = exported(&folder, &walk.path().join("elsewhere"), "1");
    compared_with(&mut walk, &second);
    assert_eq!(walk.window.state().view().stage, Stage::Compare);
    check_comparison(&walk.window);
    look_at_a_changed_text(&mut walk.window);
    wait(&mut walk.window, |app| {
        app.session().is_some_and(|s| !s.jobs().any_active())
    });
    let Walk {
        window: before,
        folder: _kept,
        ..
    } = walk;
    drop(before);

    // A new start finds it again, with its answers.
    let mut again = window(options(Some(folder), None), [900.0, 600.0], Theme::Light);
    wait(&mut again, |app| app.session().is_some());
    click_first(&mut again, "Compare:");
    wait(&mut again, |app| {
        let state = app.session().map(|session| session.state());
        state.is_some_and(|state| state.second_models[0].answers.is_some())
    });
    let looked_at = again.state().view().compared;
    assert_eq!(looked_at, Some(Compared::Second(1)));
    check_comparison(&again);

    // It leaves the list by a button, and comes back by undo.
    press(&mut again, "Remove from the list");
    assert!(state(&again).second_models.is_empty());
    assert!(!shows(&again, "no arm of a round"));
    press(&mut again, "Undo remove second model");
    assert_eq!(state(&again).second_models.len(), 1);
    assert!(shows(&again, "no arm of a round"));
}

#[test]
fn the_use_of_an_open_projects_model_is_changed() {
    let known = Project::new();
    known.json("fit", &[]);
    exported(known.path(), &known.path().join("export"), "0");
    // Nobody has said in project.toml what the classes mean.
    let folder = known.path().join("opened");
    std::fs::create_dir(&folder).expect("makes the folder");
    let model = known.path().join("export/model");
    std::fs::rename(model, folder.join("model")).expect("moves the model");
    let manifest = MANIFEST.replace("refit = true\n", "");
    std::fs::write(folder.join("project.toml"), &manifest).expect("writes");
    let data = folder.join("data.csv");
    std::fs::copy(known.path().join("data.csv"), data).expect("copies");

    let mut walk = Walk::on(&folder);
    press_first(&mut walk, "Data:");
    walk.press("Change how it is used …");
    walk.read("What a change costs");
    walk.read("Not yet possible: say what is meant by `LABEL_0`, `LABEL_1`");
    walk.press("Take what agrees most with the labels");
    walk.press("Use it so, and ask it anew");
    walk.wait(|app| app.session().is_none());
    walk.wait(|app| app.session().is_some());
    press_first(&mut walk, "Take the model as it is");
    holds(&mut walk, |state| state.preview.is_some());
    press_first(&mut walk, "Freeze the blind spots");
    holds(&mut walk, |state| state.snapshot().is_some());
    settled(&mut walk);
    let base = state(&walk.window).base.clone().expect("a base").id.clone();

    // The other way round: what is lost is said, and another base found.
    press_first(&mut walk, "Data:");
    walk.press("Change how it is used …");
    walk.read("of version 1 belong to the model as it is used now");
    walk.read("Nothing is deleted");
    walk.press("fitted anew on “train”");
    walk.press("Use it so, and ask it anew");
    walk.wait(|app| app.session().is_none());
    walk.wait(|app| app.session().is_some());
    let now = state(&walk.window);
    assert!(!now.as_it_is && now.brings_head);
    assert!(now.base.as_ref().is_none_or(|now| now.id != base));
    let text = std::fs::read_to_string(folder.join("project.toml"));
    assert_eq!(text.expect("readable"), manifest);
}

#[test]
fn classes_of_a_black_box_are_named_in_the_window() {
    let (project, _) = black_box();
    let text = std::fs::read_to_string(project.path().join("predictions.csv"));
    let text = text.expect("is there");
    let (header, rows) = text.split_once('\n').expect("has rows");
    let header = header
        .replace("probability_negative", "probability_LABEL_0")
        .replace("probability_positive", "probability_LABEL_1");
    let file = project.path().join("named.csv");
    std::fs::write(&file, format!("{header}\n{rows}")).expect("writes");
    // The project is made in the form, for a model that is elsewhere.
    let mut walk = Walk::new();
    let data = project.path().join("data.csv").display().to_string();
    walk.fill("Path of a data file or project", &data);
    walk.read("Create the project");
    walk.press("elsewhere: its answers in a file");
    let projects = walk.path().join("projects").display().to_string();
    walk.fill("Folder", &projects);
    walk.read("makes ");
    walk.press("Create the project");
    walk.wait(|app| app.session().is_some());
    assert!(state(&walk.window).black_box);
    walk.read("Import the predictions");
    walk.press("Import the predictions");
    walk.fill("Path of the file", &file.display().to_string());
    walk.read("What do its classes mean?");
    assert!(state(&walk.window).base.is_none(), "nothing was taken yet");
    walk.press("Take what agrees most with the labels");
    let buttons = walk.window.get_all_by_label("Import");
    buttons.last().expect("the question's").click_accesskit();
    holds(&mut walk, |state| state.predictions.is_some());
    assert!(state(&walk.window).base.is_some());
}
