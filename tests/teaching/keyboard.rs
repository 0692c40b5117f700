//! Samples without the mouse, and samples that are changed.

use eframe::egui::{Key, Modifiers};

use crate::window::{
    allowed_texts, frozen_project, open, press, press_first, press_key, samples, shows, state,
    tab_to, type_into, type_keys, wait_until,
};
use blindspot::steps::State;

#[test]
fn twenty_samples_by_keys_alone() {
    let folder = frozen_project();
    let texts = allowed_texts(folder.path(), 20);
    let mut window = open(folder.path());
    tab_to(&mut window, "Teach the largest blind spot");
    press_key(&mut window, Key::Enter);

    // The keyboard is in the field for hypotheses, then in that for samples.
    type_keys(&mut window, "Funny is praise");
    press_key(&mut window, Key::Enter);
    wait_until(&mut window, |state| state.document.lessons.len() == 1);
    for (number, text) in texts.iter().enumerate() {
        if number % 2 == 1 {
            // The other label.
            window.key_press_modifiers(Modifiers::COMMAND, Key::Num1);
        } else {
            window.key_press_modifiers(Modifiers::COMMAND, Key::Num2);
        }
        window.run_steps(2);
        type_keys(&mut window, text);
        press_key(&mut window, Key::Enter);
    }
    wait_until(&mut window, |state| samples(state) == 20);
    let lesson = state(&window)
        .document
        .lessons
        .values()
        .next()
        .expect("one");
    let hypothesis = &lesson.hypotheses[0];
    assert_eq!(hypothesis.text, "Funny is praise");
    for (number, sample) in lesson.samples.iter().enumerate() {
        let right = ["positive", "negative"][number % 2];
        assert_eq!(sample.label, right);
        assert_eq!(sample.contrast, right == "negative");
        assert_eq!(sample.hypothesis.as_ref(), Some(&hypothesis.id));
    }
    assert!(lesson.test_samples().count() > 0);
    assert!(lesson.cost.active_seconds > 0.0);
}

#[test]
fn a_changed_sample_keeps_its_label() {
    let folder = frozen_project();
    let texts = allowed_texts(folder.path(), 3);
    let mut window = open(folder.path());
    press_first(&mut window, "Teach the largest blind spot");
    for (text, label) in texts.iter().zip(["positive", "negative"]) {
        let before = samples(state(&window));
        press(&mut window, &format!("Right label: {label}"));
        type_into(&mut window, "New sample", text);
        press_key(&mut window, Key::Enter);
        wait_until(&mut window, |state| samples(state) == before + 1);
    }
    // The other label was chosen last; only the text is changed.
    press(&mut window, &format!("Edit: {}", texts[0]));
    window.key_press_modifiers(Modifiers::COMMAND, Key::A);
    window.run_steps(2);
    type_keys(&mut window, &texts[2]);
    press_key(&mut window, Key::Enter);
    let changed = |state: &State| {
        let mut all = state.document.lessons.values().flat_map(|l| &l.samples);
        let found = all.find(|sample| sample.text.first == texts[2])?;
        Some(found.label.clone())
    };
    wait_until(&mut window, |state| changed(state).is_some());
    assert_eq!(changed(state(&window)).as_deref(), Some("positive"));
    assert_eq!(samples(state(&window)), 2);
    assert!(
        shows(&window, &format!("Edit: {}", texts[2])),
        "in the table"
    );
}
