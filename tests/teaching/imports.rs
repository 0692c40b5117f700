//! What was made elsewhere comes in through the window.

use eframe::egui::Key;

use crate::black_box::{black_box, joined};
use crate::window::{
    answer_with_path, frozen_project, open, press, press_first, press_key, samples, shows, state,
    type_keys, wait_until,
};
use blindspot::records::Review;

#[test]
fn a_table_of_samples_comes_in_checked_and_can_be_undone() {
    let project = frozen_project();
    let file = project.path().join("samples.csv");
    let rows = [
        "text,label,hypothesis",
        "not a funny story but a mess,negative,Funny is praise",
        "not a funny story but a mess,negative,",
    ];
    std::fs::write(&file, rows.join("\n")).expect("writes");

    let mut window = open(project.path());
    press_first(&mut window, "Project: ");
    press(&mut window, "Import samples …");
    answer_with_path(&mut window, &file);
    press(&mut window, "Import");
    wait_until(&mut window, |state| samples(state) == 2);
    let lessons = state(&window).document.lessons.values();
    let accepted = lessons
        .flat_map(|lesson| &lesson.samples)
        .filter(|sample| sample.review == Review::Accepted);
    assert_eq!(accepted.count(), 1, "the copy is refused");
    assert!(shows(&window, "1 sample accepted, 1 refused"));

    press_first(&mut window, "Undo");
    wait_until(&mut window, |state| samples(state) == 0);
}

#[test]
fn a_black_box_is_read_and_shows_its_blind_spots() {
    let (project, _) = black_box();
    let file = joined(&project);
    let mut window = open(project.path());
    press(&mut window, "Import the predictions");
    // The keyboard is in the field at once, and Enter is enough.
    type_keys(&mut window, &file);
    press_key(&mut window, Key::Enter);
    wait_until(&mut window, |state| {
        let found = state.preview.as_ref();
        state.map.is_some() && found.is_some_and(|found| !found.unknown_unknowns.is_empty())
    });
    assert!(shows(&window, "with embeddings of width 32"));
}
