//! A lesson that is taught further in a later session.

use eframe::egui::Key;

use crate::window::{
    Window, allowed_texts, frozen_project, open, press, press_first, press_key, samples, shows,
    state, type_into, wait, wait_until,
};

fn write(window: &mut Window, text: &str) {
    let before = samples(state(window));
    type_into(window, "New sample", text);
    press_key(window, Key::Enter);
    wait_until(window, |state| samples(state) == before + 1);
}

#[test]
fn hypothesis_and_label_are_the_usual_ones_for_each_new_sample() {
    let folder = frozen_project();
    let texts = allowed_texts(folder.path(), 3);
    let mut window = open(folder.path());
    press_first(&mut window, "Teach the largest blind spot");
    type_into(&mut window, "New hypothesis", "Funny is praise");
    press_key(&mut window, Key::Enter);
    wait_until(&mut window, |state| state.document.lessons.len() == 1);
    press(&mut window, "Right label: negative");
    write(&mut window, &texts[0]);
    assert!(shows(&window, "Undo add sample"));
    write(&mut window, &texts[1]);

    wait(&mut window, |app| {
        app.session().is_some_and(|s| !s.jobs().any_active())
    });
    drop(window);
    let mut window = open(folder.path());
    press_first(&mut window, "Teach:");
    write(&mut window, &texts[2]);
    let lessons = &state(&window).document.lessons;
    let lesson = lessons.values().next().expect("one");
    let hypothesis = &lesson.hypotheses[0];
    let labels: Vec<&str> = lesson.samples.iter().map(|s| s.label.as_str()).collect();
    assert_eq!(labels, ["negative", "positive", "positive"]);
    for sample in &lesson.samples {
        assert_eq!(sample.hypothesis.as_ref(), Some(&hypothesis.id));
    }
}
