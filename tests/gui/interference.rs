//! What each lesson does elsewhere, from the button to a lesson that is left out
//! and comes back.

use std::path::Path;

use eframe::egui::{Key, Modifiers, Theme, accesskit};
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use crate::harmful_lesson::teach_harm;
use crate::support::{Window, click_first, options, press, shows, state, wait, window};
use crate::tiny_project::Project;

/// A project with two lessons, one of which does harm, and a round.
fn taught() -> Project {
    let project = Project::new();
    let snapshot = project.json("discover", &["--freeze"]);
    teach_harm(&project, &snapshot);
    let trained = [
        project.call("interference", &[]),
        project.call(
            "retrain",
            &["--seeds", "1", "--arms", "base,lessons:tester"],
        ),
    ];
    for output in trained {
        assert!(output.status.success(), "{output:?}");
    }
    project
}

fn opened(project: &Path, size: [f32; 2], theme: Theme) -> Window {
    let mut window = window(options(Some(project.to_owned()), None), size, theme);
    wait(&mut window, |app| app.session().is_some());
    click_first(&mut window, "Compare:");
    window
}

fn left_out(window: &Window) -> Vec<String> {
    let lessons = state(window).document.lessons.values();
    let left_out = lessons.filter(|lesson| lesson.left_out);
    left_out.map(|lesson| lesson.id.0.clone()).collect()
}

#[test]
fn a_lesson_that_hurts_is_proposed_to_be_left_out_and_undo_brings_it_back() {
    let project = taught();
    let mut window = opened(project.path(), [1280.0, 800.0], Theme::Dark);
    press(&mut window, "Measure what each lesson does elsewhere");
    wait(&mut window, |app| {
        let state = app.session().map(|session| session.state());
        state.is_some_and(|state| state.interference.is_some())
    });
    assert!(shows(&window, "cells with 30 rows or more were looked at"));
    let cells: Vec<String> = window
        .get_all_by_role(accesskit::Role::Button)
        .filter_map(|node| node.accesskit_node().label())
        .filter(|label| label.contains("95 % interval"))
        .collect();
    assert!(cells.len() >= 4, "each cell says its figures: {cells:?}");
    press(&mut window, "(misled), all rows together");
    press(&mut window, "Leave out “");
    assert_eq!(left_out(&window), ["lesson-2"]);
    assert!(shows(&window, "is left out of training"));
    assert!(
        state(&window).interference.is_some(),
        "the table stays as it is"
    );
    press(&mut window, "Take it in again");
    assert!(left_out(&window).is_empty());
    press(&mut window, "Leave out “");
    assert_eq!(left_out(&window), ["lesson-2"]);
    window.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    window.run_steps(4);
    assert!(left_out(&window).is_empty(), "undo");
}

#[test]
#[ignore = "needs `--features pictures` and a Vulkan adapter; writes pictures to look at"]
fn pictures_of_interference() {
    let out = std::env::var("PICTURES").expect("PICTURES names a folder");
    let project = taught();
    for (theme, name) in [(Theme::Dark, "dark"), (Theme::Light, "light")] {
        for size in [[1280.0, 1600.0], [900.0, 600.0]] {
            let mut window = opened(project.path(), size, theme);
            press(&mut window, "Measure what each lesson does elsewhere");
            wait(&mut window, |app| {
                let state = app.session().map(|session| session.state());
                state.is_some_and(|state| state.interference.is_some())
            });
            press(&mut window, "(misled), all rows together");
            window.run_steps(20);
            let path = Path::new(&out).join(format!("interference-{name}-{}.png", size[0]));
            window.render().expect("renders").save(path).expect("saves");
        }
    }
}
