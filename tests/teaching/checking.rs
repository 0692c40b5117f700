//! A hypothesis is tested in the window: by a pattern as it is typed, and by a
//! person who is not told which texts are errors.

use eframe::egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;

use crate::window::{
    Window, frozen_project, open, press, press_first, press_key, shows, state, type_into,
    type_keys, wait_to_see, wait_until,
};
use blindspot::records::{CheckVerdict, Hypothesis, Judge, Standing};

const FIELD: &str = "Pattern of the hypothesis";

fn hypothesis(window: &Window) -> Hypothesis {
    let mut lessons = state(window).document.lessons.values();
    lessons.next().expect("one").hypotheses[0].clone()
}

/// Types a pattern in place of the one that is there.
fn retype(window: &mut Window, pattern: &str) {
    window.get_by_label(FIELD).focus();
    window.run_steps(2);
    window.key_press_modifiers(Modifiers::COMMAND, Key::A);
    window.run_steps(1);
    type_keys(window, pattern);
}

fn standing(window: &Window) -> Standing {
    let version = state(window).document.snapshot.expect("frozen");
    hypothesis(window).standing(version)
}

fn checked(window: &mut Window, times: u32) {
    wait_until(window, |state| {
        let mut lessons = state.document.lessons.values();
        lessons.any(|lesson| lesson.hypotheses[0].tried == times)
    });
}

#[test]
fn a_first_draft_is_too_broad_and_a_better_one_explains() {
    let folder = frozen_project();
    let mut window = open(folder.path());
    press(&mut window, "Teach the largest blind spot");
    type_keys(&mut window, "Something is said again");
    press_key(&mut window, Key::Enter);
    wait_until(&mut window, |state| state.document.lessons.len() == 1);

    // Every text says “again”: the verdict is there before Enter.
    type_into(&mut window, FIELD, "again");
    assert!(shows(&window, "so far: it holds for"));
    assert!(shows(&window, "too broad") && standing(&window) == Standing::Unchecked);
    press_key(&mut window, Key::Enter);
    checked(&mut window, 1);
    assert_eq!(
        hypothesis(&window).checks[0].verdict,
        CheckVerdict::TooBroad
    );
    assert_eq!(standing(&window), Standing::Unsupported);
    assert!(shows(&window, "unsupported"));
    assert!(shows(&window, "holds for this one too"));

    retype(&mut window, "/(funny/");
    assert!(shows(&window, "never closed"));
    retype(&mut window, "funny");
    assert!(shows(&window, "explains"));
    press_key(&mut window, Key::Enter);
    checked(&mut window, 2);
    let now = hypothesis(&window);
    let [check] = now.checks.as_slice() else {
        panic!("one check by a pattern: {now:?}");
    };
    assert_eq!(check.verdict, CheckVerdict::Explains);
    assert_eq!(check.kept_back.yes, check.kept_back.of);
    assert!(check.right.yes == 0 && check.right.of > 20, "{check:?}");
    assert!(check.risk.is_some());
    assert_eq!(standing(&window), Standing::Supported);
    assert_eq!(now.pattern, Some("funny".parse().expect("sound")));
    judged_by_a_person(&mut window);
}

/// Twenty texts by the keys y and n, without a word on which are errors.
fn judged_by_a_person(window: &mut Window) {
    press(window, "Judge 20 texts yourself");
    for number in 1..=20 {
        assert!(shows(window, &format!("Text {number} of 20")));
        assert!(!shows(window, "confidently wrong"), "the errors are told");
        let is_funny = shows(window, "a funny");
        press_key(window, if is_funny { Key::Y } else { Key::N });
    }
    checked(window, 3);
    let now = hypothesis(window);
    assert_eq!(now.checks.len(), 2, "each kind of judge keeps its own");
    let check = now.checks.last().expect("two");
    assert!(matches!(check.judge, Judge::Person { by: None }));
    assert_eq!(check.verdict, CheckVerdict::Explains, "{check:?}");
    assert!(check.right.of >= 12 && check.unanswered == 0, "{check:?}");
}

#[test]
fn what_marks_a_blind_spot_becomes_a_hypothesis_with_its_pattern() {
    let folder = frozen_project();
    let mut window = open(folder.path());
    press(&mut window, "Teach the largest blind spot");
    // Marks are looked for beside the window.
    wait_to_see(&mut window, "Suppose: funny: ");
    press_first(&mut window, "Suppose: funny: ");
    wait_until(&mut window, |state| state.document.lessons.len() == 1);
    let supposed = hypothesis(&window);
    assert_eq!(supposed.text, "The text has “funny” in it");
    assert_eq!(supposed.pattern, Some("funny".parse().expect("sound")));
    assert_eq!(standing(&window), Standing::Unchecked);
}
