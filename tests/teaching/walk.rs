//! The loop in the window: pick a blind spot, teach, retrain, compare,
//! discard, retrain, keep, restore, undo. Every count on the screen is derived
//! again here from the stored predictions.

use std::collections::BTreeSet;

use eframe::egui::Key;
use egui_kittest::kittest::Queryable as _;

use crate::tiny_project::Project;
use crate::window::{
    Window, allowed_texts, open, press, press_first, press_key, samples, session, shows, state,
    type_into, type_keys, wait, wait_until,
};
use blindspot::inference::{Prediction, Predictions, predict_one, softmax};
use blindspot::model::Classifier;
use blindspot::records::{Arm, ArmRun, Label, Role, Round, Text};
use blindspot::steps::State;
use blindspot::support::Progress;

/// The four outcomes of a run on a role, counted here.
#[derive(Debug, PartialEq)]
struct Counts {
    corrected: usize,
    quieted: usize,
    remaining: usize,
    new: usize,
}

fn count(state: &State, base: &Predictions, after: &Predictions, role: Role) -> Counts {
    let tau = state.snapshot().expect("frozen").settings.tau;
    let answers = |predictions: &Predictions, example: usize| -> Prediction {
        let row = predictions.row_of(example).expect("scored");
        let probabilities = softmax(predictions.logits(row), 1.0);
        let best = (0..probabilities.len())
            .max_by(|a, b| probabilities[*a].total_cmp(&probabilities[*b]))
            .expect("two labels");
        Prediction {
            label: best as Label,
            confidence: probabilities[best],
        }
    };
    let mut counts = Counts {
        corrected: 0,
        quieted: 0,
        remaining: 0,
        new: 0,
    };
    for (index, example) in state.dataset.examples.iter().enumerate() {
        if example.role != role {
            continue;
        }
        let (before, after) = (answers(base, index), answers(after, index));
        let wrong = |p: Prediction| p.label != example.label;
        let uu = |p: Prediction| wrong(p) && p.confidence >= tau;
        match (uu(before), uu(after)) {
            (true, true) => counts.remaining += 1,
            (true, false) if wrong(after) => counts.quieted += 1,
            (true, false) => counts.corrected += 1,
            (false, true) => counts.new += 1,
            (false, false) => {}
        }
    }
    counts
}

/// What the screen says of a round, against the predictions in its files.
fn check_comparison(window: &Window, number: u32) {
    let state = state(window);
    let project = &session(window).shared().project;
    let result = state.round(number).expect("the round");
    let run = result.round.model().expect("a model").clone();
    let stored = project.answers_of(&result.round).expect("in files");
    let of = |wanted: &ArmRun| {
        let found = stored.iter().find(|(run, _)| run == wanted);
        found.expect("its predictions").1.clone()
    };
    let base = state.predictions.as_ref().expect("scored");
    let [discovery, check] =
        [Role::Discovery, Role::Check].map(|role| count(state, base, &of(&run), role));
    for (name, discovery, check) in [
        ("corrected", discovery.corrected, check.corrected),
        ("quieted", discovery.quieted, check.quieted),
        ("remaining", discovery.remaining, check.remaining),
        ("new", discovery.new, check.new),
    ] {
        let said = format!("{name}: {discovery} discovery, {check} check");
        assert!(shows(window, &said), "not on the screen: {said}");
    }

    // The verdict's card has means over the seeds of the arm.
    let runs: Vec<&ArmRun> = result
        .round
        .runs
        .iter()
        .filter(|r| r.arm == run.arm)
        .collect();
    let all: Vec<Counts> = runs
        .iter()
        .map(|run| count(state, base, &of(run), Role::Check))
        .collect();
    let mean =
        |part: fn(&Counts) -> usize| all.iter().map(part).sum::<usize>() as f64 / all.len() as f64;
    let said = format!(
        "corrected / quieted / remaining / new: {:.1} / {:.1} / {:.1} / {:.1}",
        mean(|c| c.corrected),
        mean(|c| c.quieted),
        mean(|c| c.remaining),
        mean(|c| c.new)
    );
    assert!(shows(window, &said), "not on the screen: {said}");
}

/// What the round says about the test samples, asked of its models again.
fn check_test_samples(window: &Window, round: &Round) {
    let shared = session(window).shared();
    let lesson = state(window).document.lessons.values().next().expect("one");
    let taught = &round.taught[0];
    assert_eq!(taught.lesson, lesson.id);
    assert!(!taught.tested.is_empty(), "no sample was kept for testing");
    let trained: BTreeSet<_> = taught.trained.iter().collect();
    assert!(taught.tested.iter().all(|id| !trained.contains(id)));
    let passed = |model: &Classifier| {
        let tests = lesson
            .samples
            .iter()
            .filter(|s| taught.tested.contains(&s.id));
        tests
            .filter(|s| answer(window, model, &s.text).0 == s.label)
            .count()
    };
    let base = shared.model(None, &Progress::silent()).expect("loaded");
    assert_eq!(taught.passed_before, passed(&base));
    let arm = &taught.passed_after[0];
    assert!(matches!(arm.arm, Arm::Lessons(_)), "{:?}", arm.arm);
    for (run, after) in round
        .runs
        .iter()
        .filter(|r| r.arm == arm.arm)
        .zip(&arm.passed)
    {
        let model = shared.project.retrained(run).expect("weights");
        assert_eq!(*after, passed(&model));
    }
}

fn answer(window: &Window, model: &Classifier, text: &Text) -> (String, f32) {
    let workspace = &session(window).shared().project.workspace;
    let tokens = workspace.encode(model, text).expect("fits");
    let (logits, _) = predict_one(model, &tokens).expect("answers");
    let probabilities = softmax(&logits, 1.0);
    let best = usize::from(probabilities[1] > probabilities[0]);
    (model.labels()[best].clone(), probabilities[best])
}

fn add_sample(window: &mut Window, text: &str, label: &str) {
    let before = samples(state(window));
    press(window, &format!("Right label: {label}"));
    type_into(window, "New sample", text);
    press_key(window, Key::Enter);
    wait_until(window, |state| samples(state) == before + 1);
}

fn retrain(window: &mut Window) {
    let rounds = state(window).rounds.len();
    press_first(window, "Retrain:");
    press(window, "Start retraining");
    wait_until(window, |state| state.rounds.len() == rounds + 1);
}

/// The model in use gives the answers on the screen.
fn check_in_use(window: &mut Window, number: u32) {
    wait_until(window, |state| {
        state.document.model_round == number && state.answers_in_use().is_some()
    });
    let state = state(window);
    let answers = state.answers_in_use().expect("read").predictions();
    let tau = state.document.settings.tau;
    let discovery = state.dataset.with_role(Role::Discovery);
    let wrong = discovery.iter().filter(|index| {
        let answer = answers.of_example(**index, 1.0).expect("scored");
        answer.label != state.dataset.examples[**index].label && answer.confidence >= tau
    });
    let said = format!("{} of {}", wrong.count(), discovery.len());
    press_first(window, "Blind spots:");
    press_key(window, Key::Escape);
    if !shows(window, &said) {
        press_first(window, "Settings: τ");
        window.run_steps(20);
    }
    assert!(shows(window, &said), "not on the screen: {said}");

    // And it answers live.
    press_first(window, "Teach:");
    let text = "what a funny story, really";
    // What was half typed when a window was closed is there again.
    clear_sample(window);
    type_into(window, "New sample", text);
    let project = session(window).shared().project.clone();
    let round = crate::window::state(window)
        .round(number)
        .expect("the round")
        .round
        .clone();
    let model = project
        .retrained(round.model().expect("a model"))
        .expect("weights");
    let (label, confidence) = answer(window, &model, &Text::single(text));
    let said = format!("Model: {label} {:.1} %", confidence * 100.0);
    for _ in 0..2000 {
        window.run_steps(1);
        if shows(window, &said) {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    assert!(shows(window, &said), "not on the screen: {said}");
    clear_sample(window);
}

fn clear_sample(window: &mut Window) {
    let field = window.get_by_label("New sample");
    field.focus();
    window.run_steps(1);
    window.key_press_modifiers(eframe::egui::Modifiers::COMMAND, Key::A);
    window.run_steps(1);
    press_key(window, Key::Delete);
}

#[test]
fn teach_retrain_compare_discard_keep_restore_undo() {
    let folder = Project::new();
    let texts = allowed_texts(folder.path(), 23);
    let mut window = open(folder.path());
    press(&mut window, "Fit the base model");
    wait_until(&mut window, |state| state.preview.is_some());
    press_first(&mut window, "Freeze the blind spots");
    wait_until(&mut window, |state| state.snapshot().is_some());

    // A blind spot, a hypothesis, samples with both labels.
    press_first(&mut window, "Teach the largest blind spot");
    type_into(&mut window, "New hypothesis", "Funny is praise");
    press_key(&mut window, Key::Enter);
    for (number, text) in texts[..20].iter().enumerate() {
        add_sample(&mut window, text, ["positive", "negative"][number % 2]);
    }

    retrain(&mut window);
    press_first(&mut window, "Compare:");
    press_first(&mut window, "Details");
    window.run_steps(20);
    check_comparison(&window, 1);
    check_test_samples(&window, &state(&window).round(1).expect("a round").round);
    press(&mut window, "Discard");
    assert!(state(&window).document.discarded.contains(&1));
    assert_eq!(state(&window).document.model_round, 0);

    press_first(&mut window, "Teach:");
    for text in &texts[20..] {
        add_sample(&mut window, text, "positive");
    }
    let waiting = "3 new samples since the last round";
    assert!(shows(&window, waiting), "not on the screen: {waiting}");
    retrain(&mut window);
    assert!(!shows(&window, "since the last round"));
    press(&mut window, "Start retraining");
    let said = "Nothing new to train: round 2 has these results already";
    wait(&mut window, |app| {
        app.notices().iter().any(|notice| notice.message == said)
    });
    assert_eq!(state(&window).rounds.len(), 2);
    press_first(&mut window, "Compare:");
    check_comparison(&window, 2);
    press(&mut window, "Keep its model");
    check_in_use(&mut window, 2);

    // The weights of base, first and second model differ.
    let project = session(&window).shared().project.clone();
    let mut prints = BTreeSet::from([state(&window).base.as_ref().expect("fitted").id.clone()]);
    for number in [1, 2] {
        let round = &state(&window).round(number).expect("a round").round;
        let model = project
            .retrained(round.model().expect("kept"))
            .expect("weights");
        prints.insert(model.fingerprint());
    }
    assert_eq!(prints.len(), 3, "two models are the same");

    press_first(&mut window, "Retrain:");
    press(&mut window, "Restore its model");
    check_in_use(&mut window, 1);
    press(&mut window, "Undo use model");
    check_in_use(&mut window, 2);

    // A later session reads the answers from the files of the round.
    wait(&mut window, |app| {
        app.session().is_some_and(|s| !s.jobs().any_active())
    });
    drop(window);
    let mut window = open(folder.path());
    check_in_use(&mut window, 2);
    press_first(&mut window, "Compare:");
    wait_until(&mut window, |state| !state.rounds[1].answers.is_empty());
    press_first(&mut window, "Details");
    window.run_steps(20);
    check_comparison(&window, 2);

    // Opening final asks why; the keyboard is in the field, Enter is enough.
    press(&mut window, "On final");
    press(&mut window, "Open final …");
    press_key(&mut window, Key::Enter);
    type_keys(&mut window, "the lessons are written");
    press_key(&mut window, Key::Enter);
    wait_until(&mut window, |state| {
        let round = state.round(2).expect("the round");
        round.comparison(Role::Final).is_some()
    });
    let openings = &state(&window).openings;
    assert_eq!(openings.len(), 1, "nothing opens without a reason");
    assert_eq!(openings[0].reason, "the lessons are written");
}
