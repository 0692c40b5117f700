//! The errors of a blind spot as cards, gone through and judged with the
//! keyboard.

use eframe::egui::{Key, Modifiers, Theme};
use egui_kittest::kittest::Queryable as _;

use crate::support::{Window, click, click_first, demo_in, shows, state, wait};
use blindspot::gui::view_state::SpotRef;
use blindspot::records::{BlindSpot, ExampleKey, Triage};

/// The page of the largest blind spot.
fn opened(folder: &tempfile::TempDir, size: [f32; 2], theme: Theme) -> (Window, BlindSpot) {
    let mut window = demo_in(folder.path(), size, theme);
    if state(&window).snapshot().is_none() {
        click_first(&mut window, "Freeze the blind spots");
        wait(&mut window, |app| {
            app.session()
                .is_some_and(|s| s.state().snapshot().is_some())
        });
    }
    click_first(&mut window, "Blind spot ");
    let id = match window.state().view().spot {
        Some(SpotRef::Frozen(id)) => Some(id),
        _ => None,
    };
    let id = id.expect("a frozen blind spot is chosen");
    let spot = state(&window).blind_spot(id).expect("frozen").clone();
    (window, spot)
}

fn key(window: &mut Window, key: Key) {
    window.key_press(key);
    window.run_steps(4);
}

fn marked(window: &Window) -> ExampleKey {
    let row = window.state().view().card.expect("one was gone to");
    let answers = state(window).answers().expect("scored");
    answers.example(row).key.clone()
}

#[test]
fn errors_are_gone_through_judged_and_taken_back_with_keys() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let (mut window, spot) = opened(&folder, [1280.0, 800.0], Theme::Dark);
    let all = spot.shown.len();
    assert!(all > 6, "more than a page");
    let judged = |window: &Window, number: usize| {
        assert!(
            shows(window, &format!("{number} of {all} judged")),
            "{number}"
        );
        assert_eq!(state(window).document.triage.len(), number);
    };
    judged(&window, 0);

    // The first is marked: its words are looked for, and keys judge it alone.
    wait(&mut window, |app| {
        let state = app.session().map(|session| session.state());
        state.is_some_and(|state| state.words_of(&spot.shown[0]).is_some())
    });
    assert!(shows(&window, "for “") || shows(&window, "No single word matters"));
    key(&mut window, Key::Num1);
    judged(&window, 1);
    assert_eq!(marked(&window), spot.shown[1]);
    key(&mut window, Key::J);
    assert_eq!(marked(&window), spot.shown[2]);
    key(&mut window, Key::K);
    assert_eq!(marked(&window), spot.shown[1]);
    key(&mut window, Key::ArrowDown);
    key(&mut window, Key::Num2);
    key(&mut window, Key::Num3);
    judged(&window, 3);
    let triage = state(&window).document.triage.clone();
    assert_eq!(triage[&spot.shown[0]], Triage::RealError);
    let corrected = Triage::WrongLabel(Some(spot.predicted));
    assert_eq!(triage[&spot.shown[2]], corrected, "of two labels");
    assert_eq!(triage[&spot.shown[3]], Triage::Ambiguous);
    // What was judged to be no error keeps its card, with the judgement on it.
    assert!(shows(&window, "wrong label, should be "));

    for left in (0..3).rev() {
        window.key_press_modifiers(Modifiers::COMMAND, Key::Z);
        window.run_steps(4);
        judged(&window, left);
    }

    // Down to the last: the pages turn, and nothing that is kept back comes.
    for _ in 0..all + 2 {
        key(&mut window, Key::J);
        assert!(!spot.kept_back.contains(&marked(&window)));
    }
    assert_eq!(marked(&window), spot.shown[all - 1]);
    let from = (all - 1) / 5 * 5 + 1;
    assert!(shows(&window, &format!("{from} to {all} of {all}")));
    // Judging the last leads back to the first that nobody has judged.
    key(&mut window, Key::Num1);
    assert_eq!(marked(&window), spot.shown[0]);
    judged(&window, 1);
    click(&mut window, "Undo triage");
    judged(&window, 0);
}

#[test]
fn the_marked_card_is_in_sight_and_a_click_opens_its_text() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let (mut window, spot) = opened(&folder, [900.0, 600.0], Theme::Light);
    for _ in 0..3 {
        key(&mut window, Key::J);
        window.run_steps(20);
        let button = window.get_by_label("Real error").rect();
        assert!(button.bottom() <= 600.0, "below the window: {button}");
    }
    click(&mut window, "Ambiguous");
    let third = &spot.shown[3];
    assert_eq!(state(&window).document.triage[third], Triage::Ambiguous);
    // On the page of a text the keys are that text's.
    let dataset = &state(&window).dataset;
    let example = &dataset.examples[dataset.index_of(third).expect("there")];
    let text = example.text().expect("never sealed").joined();
    let cards: Vec<_> = window.get_all_by_label(&text).collect();
    cards[0].click_accesskit();
    drop(cards);
    window.run_steps(4);
    assert!(window.state().view().focus.is_some());
    key(&mut window, Key::Num1);
    assert_eq!(state(&window).document.triage[third], Triage::RealError);
    assert!(shows(&window, "Is it a real error?"));
}
