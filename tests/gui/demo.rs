//! The demo project, from the map to a frozen, named, triaged blind spot.

use eframe::egui::{self, Key, Theme};
use egui_kittest::Node;
use egui_kittest::kittest::Queryable as _;

use crate::support::{Window, click, click_first, demo, options, shows, state, wait, window};
use blindspot::gui::app::Options;
use blindspot::records::{ExampleKey, Triage};
use blindspot::support::assets;

/// Clicks the row of the table that holds an example of the chosen blind spot.
pub(crate) fn choose_error(window: &mut Window, number: usize) -> ExampleKey {
    let spots = &state(window).snapshot().expect("frozen").blind_spots;
    let key = spots[0].medoids[number].clone();
    let dataset = &state(window).dataset;
    let example = &dataset.examples[dataset.index_of(&key).expect("there")];
    let text = example.text().expect("never sealed").joined();
    // What stands above it may push it out of sight.
    let listed = |window: &Window, act: fn(&Node<'_>)| {
        act(&window.get_all_by_label(&text).next().expect("listed"));
    };
    listed(window, |row| row.scroll_to_me());
    window.run_steps(4);
    listed(window, |row| row.click());
    window.run_steps(4);
    key
}

#[test]
fn from_the_demo_to_a_frozen_named_triaged_blind_spot_and_back() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let mut window = demo(folder.path());
    if state(&window).snapshot().is_none() {
        click_first(&mut window, "Freeze the blind spots");
        wait(&mut window, |app| {
            app.session()
                .is_some_and(|s| s.state().snapshot().is_some())
        });
    }
    let versions = state(&window).snapshots.len();

    // Pick the largest blind spot, triage three of its errors.
    click_first(&mut window, "Blind spot ");
    let mut judged = Vec::new();
    for (number, key) in [Key::Num1, Key::Num3, Key::Num2].into_iter().enumerate() {
        judged.push(choose_error(&mut window, number));
        window.key_press(key);
        window.run_steps(4);
        if number < 2 {
            click_first(&mut window, "Back: ");
        }
    }
    let triage = &state(&window).document.triage;
    assert_eq!(triage[&judged[0]], Triage::RealError);
    assert_eq!(triage[&judged[1]], Triage::Ambiguous);
    let spot = state(&window).snapshot().expect("frozen").blind_spots[0].clone();
    assert_eq!(
        triage[&judged[2]],
        Triage::WrongLabel(Some(spot.predicted)),
        "of two labels the other is right"
    );

    // The label of the last one was right after all.
    window.get_by_label("Correct label").click();
    window.run_steps(4);
    let right = state(&window)
        .dataset
        .label_name(spot.true_label)
        .to_owned();
    window
        .get_by_role_and_label(egui::accesskit::Role::Button, &right)
        .click();
    window.run_steps(4);
    assert!(!state(&window).document.triage.contains_key(&judged[2]));

    // Change k, freeze.
    window.key_press(Key::Escape);
    window.run_steps(4);
    click_first(&mut window, "Settings: τ");
    click(&mut window, "choose k");
    wait(&mut window, |app| {
        app.session().is_some_and(|session| {
            let state = session.state();
            let preview = state.preview.as_ref();
            preview.is_some_and(|preview| preview.settings == state.document.settings)
        })
    });
    assert!(state(&window).document.settings.k.is_some());
    click(&mut window, "Freeze as a new version");
    wait(&mut window, |app| {
        let session = app.session();
        session.is_some_and(|session| session.state().snapshots.len() == versions + 1)
    });

    // Rename, undo, redo.
    click_first(&mut window, "Blind spot ");
    let name = window.get_by_label("Name of the blind spot");
    name.focus();
    name.type_text(" and more");
    window.run_steps(4);
    assert_eq!(state(&window).document.names.len(), 1);
    click(&mut window, "Undo rename blind spot");
    assert!(state(&window).document.names.is_empty());
    click(&mut window, "Redo rename blind spot");
    let names = state(&window).document.names.clone();
    assert_eq!(names.len(), 1);

    // Reopen: nothing is lost, and the view is the same.
    let (document, spot) = (state(&window).document.clone(), window.state().view().spot);
    assert!(spot.is_some());
    window.run_steps(4);
    drop(window);
    let window = demo(folder.path());
    assert_eq!(state(&window).document, document);
    assert_eq!(window.state().view().spot, spot);
}

#[test]
fn the_very_first_start_says_where_one_is() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let demo = assets::demo_project(assets::DEMO).expect("is in the repository");
    for first_start in [true, false] {
        let started = Options {
            first_start,
            ..options(Some(demo.clone()), Some(folder.path()))
        };
        let mut window = window(started, [1280.0, 800.0], Theme::Light);
        wait(&mut window, |app| app.session().is_some());
        assert_eq!(shows(&window, "This is a demo"), first_start);
    }
}
