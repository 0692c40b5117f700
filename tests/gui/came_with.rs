//! A round that came with a project, on the Compare page.

use std::time::Duration;

use eframe::egui::Theme;

use crate::support::{Window, options, press, shows, state, wait, window};
use crate::tiny_project::Project;
use crate::written_lesson::teach;
use blindspot::gui::view_state::Stage;

/// A project whose state nobody has but whoever published it.
fn published() -> Project {
    let project = Project::new();
    let snapshot = project.json("discover", &["--freeze"]);
    teach(&project, &snapshot);
    let training = [
        "--seeds",
        "1",
        "--arms",
        "base,lessons:tester",
        "--open-final",
    ];
    project.json("experiment", &training);
    project.json("publish", &[]);
    std::fs::remove_dir_all(project.path().join(".blindspot")).expect("state folder");
    project
}

fn compare(window: &mut Window) {
    press(window, "Compare:");
    window.run_steps(4);
    assert_eq!(window.state().view().stage, Stage::Compare);
}

#[test]
fn a_round_that_came_along_is_shown_and_has_nothing_to_keep() {
    let project = published();
    let mut window = window(
        options(Some(project.path().to_owned()), None),
        [1280.0, 1600.0],
        Theme::Light,
    );
    wait(&mut window, |app| {
        let state = app.session().map(|session| session.state());
        state.is_some_and(|state| state.map.is_some() && state.came_with().is_some())
    });
    assert!(
        shows(&window, "a round came with the project"),
        "beside the step"
    );
    compare(&mut window);
    // Outcomes are counted beside the window.
    for _ in 0..1_000 {
        window.run_steps(1);
        if shows(&window, "Show only") {
            break;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    for text in [
        "This round came with the project",
        "Model on the map",
        "Show only",
        "corrected: ",
    ] {
        assert!(shows(&window, text), "not on the screen: {text}");
    }
    for text in ["Keep its model", "Discard", "Open final"] {
        assert!(!shows(&window, text), "on the screen: {text}");
    }
    press(&mut window, "On final");
    assert!(shows(
        &window,
        "“final”: never opened here; opened once for the round that came with the project"
    ));
    let state = state(&window);
    assert!(state.rounds.is_empty() && state.openings.is_empty());
}
