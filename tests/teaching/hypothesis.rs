//! A person's hypothesis from its first draft to what is proposed next, without
//! a mouse: too broad, narrower, taught, trained, tested, followed up.

use eframe::egui::{Key, Modifiers};

use crate::window::{
    Window, allowed_texts, enter, frozen_project, open, press_key, samples, shows, state, tab_to,
    type_keys, wait_to_see, wait_until,
};
use blindspot::records::{CheckVerdict, Hypothesis, Standing};

const PATTERN: &str = "Pattern of the hypothesis";
const FIRST: &str = "It is said again";
const NARROWER: &str = "Funny is praise";

fn hypotheses(window: &Window) -> Vec<Hypothesis> {
    let lessons = state(window).document.lessons.values();
    lessons
        .flat_map(|lesson| lesson.hypotheses.clone())
        .collect()
}

fn standing(window: &Window, hypothesis: &Hypothesis) -> Standing {
    hypothesis.standing(state(window).document.snapshot.expect("frozen"))
}

/// Types a hypothesis, and the pattern that says for which texts it holds.
fn suppose(window: &mut Window, sentence: &str, pattern: &str) {
    let before = hypotheses(window).len();
    tab_to(window, "New hypothesis");
    type_keys(window, sentence);
    press_key(window, Key::Enter);
    wait_until(window, |state| {
        let lessons = state.document.lessons.values();
        let written: usize = lessons.map(|lesson| lesson.hypotheses.len()).sum();
        written == before + 1
    });
    tab_to(window, PATTERN);
    type_keys(window, pattern);
}

/// Enter asks the errors that are kept back.
fn check(window: &mut Window) -> CheckVerdict {
    press_key(window, Key::Enter);
    wait_until(window, |state| {
        let mut lessons = state.document.lessons.values();
        let newest = lessons.next().and_then(|lesson| lesson.hypotheses.last());
        newest.is_some_and(|newest| newest.tried == 1)
    });
    let all = hypotheses(window);
    all.last().expect("one").checks[0].verdict
}

fn from_too_broad_to_explains(window: &mut Window) {
    enter(window, "Teach the largest blind spot");
    suppose(window, FIRST, "again");
    assert!(shows(window, "so far: it holds for") && shows(window, "too broad"));
    assert_eq!(check(window), CheckVerdict::TooBroad);
    assert!(shows(window, "unsupported"));
    // The counter-examples say what to leave out.
    assert!(shows(
        window,
        "holds for this one too, which the model gets right"
    ));

    suppose(window, NARROWER, "funny");
    assert!(shows(window, "explains"), "on the errors that one sees");
    assert_eq!(check(window), CheckVerdict::Explains);
    let both = hypotheses(window);
    let standings: Vec<Standing> = both.iter().map(|one| standing(window, one)).collect();
    assert_eq!(standings, [Standing::Unsupported, Standing::Supported]);
}

/// Samples for the hypothesis that explains.
fn samples_of(window: &mut Window, texts: &[String]) {
    tab_to(window, "New sample");
    for text in texts {
        window.key_press_modifiers(Modifiers::COMMAND, Key::Num2);
        window.run_steps(2);
        type_keys(window, text);
        press_key(window, Key::Enter);
    }
    let wanted = texts.len();
    wait_until(window, |state| samples(state) == wanted);
    let narrower = hypotheses(window)[1].id.clone();
    let mut lessons = state(window).document.lessons.values();
    let lesson = lessons.next().expect("one");
    let mut all = lesson.samples.iter();
    assert!(all.all(|sample| sample.hypothesis.as_ref() == Some(&narrower)));
    assert!(lesson.test_samples().count() > 0, "some test");
}

/// One training of the lesson, and one with nothing added.
fn round(window: &mut Window) {
    enter(window, "Retrain the model");
    for left_out in [
        "More of the ordinary training texts",
        "The errors themselves",
        "Plain labelling",
    ] {
        tab_to(window, left_out);
        press_key(window, Key::Space);
    }
    tab_to(window, "seeds");
    for _ in 0..2 {
        press_key(window, Key::ArrowLeft);
    }
    assert!(shows(window, "2 trainings"), "two arms with one seed");
    enter(window, "Start retraining");
    wait_until(window, |state| state.rounds.len() == 1);
    let round = &state(window).rounds[0].round;
    assert_eq!(round.runs.len(), 2, "{:?}", round.plan);
}

/// The lesson by models; a cell shows its texts.
fn heat_map(window: &mut Window, texts: &[String]) {
    enter(window, "Compare:");
    enter(window, "Test the lessons");
    wait_until(window, |state| state.suite.is_some());
    let suite = state(window).suite.clone().expect("was asked");
    let models: Vec<&str> = suite.models.iter().map(|of| of.name.as_str()).collect();
    assert_eq!(models, ["base", "round 1"]);
    let passed = |model: usize| suite.matrix.lessons[0].cells[model].passed;
    let (before, after) = (passed(0), passed(1));
    assert!(after.count > before.count, "{before:?} and {after:?}");
    let cell = format!("round 1: {} of {}", after.count, after.of);
    enter(window, &format!("{}, {cell}", suite.lesson_name(0)));
    let tested = suite.suite.texts[suite.suite.lessons[0].cases[0].text]
        .text
        .first
        .clone();
    assert!(texts.contains(&tested), "{tested}");
    assert!(shows(window, &tested), "the texts of the cell");
    // Rows of check that a hypothesis holds for stand in rows of their own.
    assert!(shows(window, "pattern funny, round 1: "));
}

/// What was proposed before the round, what came of it, and what is now.
fn proposal(window: &mut Window) {
    // Labels are looked through in the background first.
    wait_to_see(window, "What was proposed, and what came of it");
    assert!(shows(window, "samples by"), "the blind spot was taught");
    enter(window, "Blind spots:");
    enter(window, "Blind spot It is said again");
    assert!(shows(window, "How: "), "the inspector proposes something");
}

#[test]
fn a_hypothesis_from_its_first_draft_to_a_proposed_action_by_keys_alone() {
    let folder = frozen_project();
    let texts = allowed_texts(folder.path(), 24);
    let mut window = open(folder.path());
    from_too_broad_to_explains(&mut window);
    samples_of(&mut window, &texts);
    round(&mut window);
    heat_map(&mut window, &texts);
    proposal(&mut window);
}
