//! Labels that look wrong, judged with the keyboard.

use eframe::egui::Key;
use egui_kittest::kittest::Queryable as _;

use crate::support::{Window, click, click_first, demo, state};
use blindspot::records::{ExampleKey, Role, Triage};

/// The example in the inspector.
fn chosen(window: &Window) -> ExampleKey {
    let row = window.state().view().focus.expect("one is chosen");
    let answers = state(window).answers().expect("scored");
    answers.example(row).key.clone()
}

fn press(window: &mut Window, key: Key) {
    window.key_press(key);
    window.run_steps(4);
}

#[test]
fn suspects_are_judged_one_after_the_other_and_a_wrong_label_is_no_error() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let mut window = demo(folder.path());
    let uus = |window: &Window| {
        let answers = state(window).answers().expect("scored");
        answers.unknown_unknowns(Role::Discovery).len()
    };
    let before = uus(&window);
    click_first(&mut window, "Labels that look wrong …");
    let name = window.get_by_label("Judged by");
    name.focus();
    name.type_text("a reader");
    window.run_steps(4);
    press(&mut window, Key::Escape);
    let mut judged = Vec::new();
    press(&mut window, Key::ArrowDown);
    for key in [Key::Num2, Key::Num1, Key::Num3] {
        judged.push(chosen(&window));
        press(&mut window, key);
    }
    let document = state(&window).document.clone();
    let model = |key: &ExampleKey| {
        let answers = state(&window).answers().expect("scored");
        let index = answers.dataset().index_of(key).expect("there");
        answers.answer(answers.row_of(index).expect("scored")).label
    };
    let wrong = Triage::WrongLabel(Some(model(&judged[0])));
    let expected = [wrong, Triage::RealError, Triage::Ambiguous];
    for (key, triage) in judged.iter().zip(expected) {
        assert_eq!(document.triage[key], triage);
        assert_eq!(document.judged[key].by.as_deref(), Some("a reader"));
    }
    assert_eq!(document.triage.len(), 3, "three different ones");
    assert_eq!(uus(&window), before - 2);

    // The list stays; what was judged can be judged otherwise, and undone.
    for _ in 0..3 {
        press(&mut window, Key::ArrowUp);
    }
    assert_eq!(chosen(&window), judged[0]);
    click(&mut window, "Ambiguous label");
    assert_eq!(
        state(&window).document.triage[&judged[0]],
        Triage::Ambiguous
    );
    click(&mut window, "Undo triage");
    assert_eq!(state(&window).document, document);

    drop(window);
    let window = demo(folder.path());
    assert_eq!(state(&window).document, document, "durable");
}
