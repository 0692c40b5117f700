//! What a teacher writes with stays in sight, and what may not be a lesson is
//! refused where it is typed.

use eframe::egui::{Key, Rect, Theme, pos2};
use egui_kittest::kittest::Queryable as _;

use crate::window::{
    Window, allowed_texts, frozen_project, open, open_in, press, press_first, press_key, samples,
    shows, state, type_into, wait_to_see, wait_until,
};
use blindspot::lessons::checks::UNCHANGED;
use blindspot::steps::evidence::Evidence;

const SMALL: [f32; 2] = [900.0, 600.0];

fn assert_in_sight(window: &Window, when: &str) {
    let all = Rect::from_min_max(pos2(0.0, 0.0), pos2(SMALL[0], SMALL[1]));
    for name in ["New sample", "Add the sample", "Right label: positive"] {
        let rect = window.get_by_label(name).rect();
        assert!(all.contains_rect(rect), "{when}: {name} is at {rect}");
        // Not under the table either.
        if let Some(table) = window.query_by_label("Sort samples by Label") {
            let top = table.rect().top();
            assert!(rect.bottom() <= top, "{when}: {name} {rect} under {top}");
        }
    }
}

#[test]
fn the_fields_for_a_sample_stay_in_sight_in_a_small_window() {
    let folder = frozen_project();
    let texts = allowed_texts(folder.path(), 3);
    for teach_mode in [false, true] {
        let mut window = open_in(folder.path(), SMALL, Theme::Dark);
        if teach_mode {
            press(&mut window, "Teach mode");
        } else {
            press_first(&mut window, "Teach:");
        }
        let before = samples(state(&window));
        type_into(
            &mut window,
            "New hypothesis",
            "Funny is praise, whatever else they say",
        );
        press_key(&mut window, Key::Enter);
        let texts = &texts[before..];
        let texts = if teach_mode { texts } else { &texts[..2] };
        for (number, text) in texts.iter().enumerate() {
            type_into(&mut window, "New sample", text);
            press_key(&mut window, Key::Enter);
            wait_until(&mut window, |state| samples(state) == before + number + 1);
            window.run_steps(10);
            assert!(
                !shows(&window, "Sort samples by Label"),
                "so low a window folds the table"
            );
            assert_in_sight(&window, text);
        }
        press_first(&mut window, "Show its ");
        window.run_steps(10);
        assert!(shows(&window, "Sort samples by Label"));
        assert_in_sight(&window, "unfolded");
        press(&mut window, "Fold the samples");
        window.run_steps(10);
        assert!(!shows(&window, "Sort samples by Label"));
        assert_in_sight(&window, "folded");
    }
}

#[test]
fn an_error_that_is_shown_is_no_sample_whichever_way_it_is_entered() {
    let folder = frozen_project();
    let mut window = open(folder.path());
    press_first(&mut window, "Teach:");
    let (text, label) = {
        let state = state(&window);
        let snapshot = state.snapshot().expect("frozen");
        let answers = state.frozen_answers().expect("scored");
        let evidence = Evidence::new(answers, snapshot, &state.document);
        let error = evidence.shown(snapshot.blind_spots[0].id)[0];
        let example = &state.dataset.examples[error.example];
        let text = example.text().expect("readable").first.clone();
        (
            text,
            state.dataset.labels[usize::from(error.true_label)].clone(),
        )
    };
    press(&mut window, &format!("Right label: {label}"));
    // Spaces and capitals make no other text of it.
    type_into(
        &mut window,
        "New sample",
        &format!(" {}", text.to_uppercase()),
    );
    wait_to_see(&mut window, UNCHANGED);
    press_key(&mut window, Key::Enter);
    window.run_steps(10);
    assert_eq!(samples(state(&window)), 0);
}
