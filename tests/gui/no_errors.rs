//! Where no error reaches τ, every page leads on.

use egui_kittest::kittest::Queryable as _;

use crate::support::{Window, click_first, options, shows, state, wait, window};
use crate::tiny_project::{MANIFEST, Project};
use blindspot::discovery::Outcome;
use blindspot::gui::view_state::{Column, Stage};
use blindspot::records::Role;
use eframe::egui::Theme;

/// The tiny project fitted, at a τ that no error reaches.
fn without_errors() -> (Project, Window) {
    let project = Project::new();
    let manifest = MANIFEST.replace("tau = 0.8", "tau = 1.0");
    std::fs::write(project.path().join("project.toml"), manifest).expect("writes");
    project.json("fit", &[]);
    let at = options(Some(project.path().to_owned()), None);
    let mut window = window(at, [900.0, 600.0], Theme::Light);
    wait(&mut window, |app| {
        let state = app.session().map(|session| session.state());
        state.is_some_and(|state| state.preview.is_some())
    });
    (project, window)
}

#[test]
fn a_lower_tau_is_proposed_and_leads_to_blind_spots() {
    let (_project, mut window) = without_errors();
    assert!(shows(&window, "No unknown unknowns"));
    assert!(shows(
        &window,
        "none of them with a confidence of τ = 1.00 or more"
    ));
    // The tiny base was fitted for a number of passes that somebody named.
    assert!(shows(&window, "Fit longer"));
    click_first(&mut window, "Lower τ to 0.");
    wait(&mut window, |app| {
        let state = app.session().expect("open").state();
        let preview = state.preview.as_ref();
        preview.is_some_and(|of| of.settings == state.document.settings)
    });
    let found = state(&window).preview.as_ref().expect("made");
    assert!(!found.unknown_unknowns.is_empty() && found.ways_on.is_none());
    assert!(shows(&window, "Freeze the blind spots"));
    assert!(state(&window).document.settings.tau < 1.0);
    click_first(&mut window, "Undo change τ or k");
    assert_eq!(state(&window).document.settings.tau, 1.0);
}

#[test]
fn the_most_confident_errors_can_be_looked_at_without_any_tau() {
    let (_project, mut window) = without_errors();
    click_first(&mut window, "Data:");
    click_first(&mut window, "Blind spots:");
    let button = window.get_by_label("Show the most confident errors");
    button.click_accesskit();
    window.run_steps(4);
    let view = window.state().view();
    assert_eq!(view.stage, Stage::Explore);
    assert_eq!(view.sort, Some((Column::Confidence, true)));
    assert!(view.filters.roles.contains(&Role::Discovery));
    assert!(view.filters.outcomes.contains(&Outcome::WrongUnsure));
}

#[test]
fn teaching_leads_on_too_where_nothing_was_frozen_to_teach() {
    let (project, window) = without_errors();
    drop(window);
    project.json("discover", &["--freeze"]);
    let at = options(Some(project.path().to_owned()), None);
    let mut window = crate::support::window(at, [1280.0, 800.0], Theme::Dark);
    wait(&mut window, |app| {
        let state = app.session().map(|session| session.state());
        state.is_some_and(|state| state.preview.is_some())
    });
    assert!(
        state(&window)
            .snapshot()
            .expect("frozen")
            .blind_spots
            .is_empty()
    );
    click_first(&mut window, "Teach:");
    assert!(shows(&window, "Lower τ to 0."));
    assert!(shows(&window, "Show the most confident errors"));
}
