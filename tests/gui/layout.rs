//! The order of things on the screen, and ways to them without the mouse.

use eframe::egui::{Event, Key, Modifiers, PointerButton, Pos2, Theme, pos2};
use egui_kittest::kittest::Queryable as _;

use crate::support::{
    Window, click_first, demo, demo_in, options, press, shows, state, wait, window,
};
use crate::tiny_project::Project;
use crate::written_lesson::teach;
use blindspot::gui::view_state::Stage;
use blindspot::records::Role;

fn top_of(window: &Window, text: &str) -> f32 {
    let mut found = window.get_all_by_label_contains(text);
    found.next().expect(text).rect().top()
}

#[test]
fn the_list_comes_first_and_the_settings_are_folded() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let mut window = demo_in(folder.path(), [900.0, 600.0], Theme::Light);
    assert!(top_of(&window, "Blind spot ") < top_of(&window, "Settings: τ 0.90"));
    assert!(!shows(&window, "choose k"));
    let settings = window
        .get_all_by_label_contains("Settings: τ 0.90")
        .next()
        .expect("there");
    assert!(settings.rect().bottom() <= 600.0, "covered by the edge");
    click_first(&mut window, "Settings: τ 0.90");
    window.run_steps(20);
    assert!(shows(&window, "choose k"));
}

#[test]
fn the_table_begins_with_the_errors_of_discovery() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let mut window = demo(folder.path());
    for _ in 0..20 {
        window.key_press(Key::ArrowDown);
        window.run_steps(3);
        let row = window.state().view().focus.expect("chosen");
        let predictions = state(&window).predictions.as_ref().expect("scored");
        let example = &state(&window).dataset.examples[predictions.examples()[row]];
        assert_eq!(example.role, Role::Discovery);
    }
}

#[test]
fn panels_fold_away_and_come_back() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let mut window = demo(folder.path());
    click_first(&mut window, "Fold the steps");
    click_first(&mut window, "Fold what is selected");
    assert!(!shows(&window, "Retrain:") && !shows(&window, "Settings: τ"));
    let map = window.get_by_label("Map of examples").rect();
    assert!(map.width() > 1100.0, "{map}");
    click_first(&mut window, "Show the steps");
    click_first(&mut window, "Show what is selected");
    assert!(shows(&window, "Retrain:") && shows(&window, "Settings: τ"));
}

fn type_text(window: &mut Window, text: &str) {
    window.event(Event::Text(text.into()));
    window.run_steps(3);
}

#[test]
fn every_command_is_found_by_its_name() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let mut window = demo(folder.path());
    for (keys, words, there) in [
        (Key::K, "compar before", "What to leave to a person"),
        (Key::P, "go label wrong", "Labels that look wrong"),
    ] {
        let modifiers = match keys {
            Key::K => Modifiers::COMMAND,
            _ => Modifiers::COMMAND.plus(Modifiers::SHIFT),
        };
        window.key_press_modifiers(modifiers, keys);
        window.run_steps(3);
        type_text(&mut window, words);
        window.key_press(Key::Enter);
        window.run_steps(4);
        assert!(shows(&window, there), "{words}");
    }
    window.key_press_modifiers(Modifiers::COMMAND, Key::K);
    window.run_steps(3);
    type_text(&mut window, "report");
    assert!(shows(&window, "Write the report …"));
    window.key_press(Key::Escape);
    window.run_steps(4);
    assert!(!shows(&window, "Write the report …"), "Escape closes it");
    // A blind spot by a part of its name.
    let spot = state(&window).snapshot().expect("frozen").blind_spots[1].id;
    let name = state(&window).blind_spot_name(spot);
    window.key_press_modifiers(Modifiers::COMMAND, Key::K);
    window.run_steps(3);
    type_text(&mut window, &name);
    window.key_press(Key::Enter);
    window.run_steps(4);
    assert_eq!(window.state().view().stage, Stage::Explore);
    assert!(window.state().view().spot.is_some());
}

/// Draws a box with Shift held.
fn draw_a_box(window: &mut Window, from: Pos2, to: Pos2) {
    let button = |pos: Pos2, pressed: bool| Event::PointerButton {
        pos,
        button: PointerButton::Primary,
        pressed,
        modifiers: Modifiers::SHIFT,
    };
    let middle = from + (to - from) / 2.0;
    for event in [
        Event::PointerMoved(from),
        button(from, true),
        Event::PointerMoved(middle),
        Event::PointerMoved(to),
        button(to, false),
    ] {
        window.event_modifiers(event, Modifiers::SHIFT);
        window.run_steps(2);
    }
    window.run_steps(4);
}

#[test]
fn what_a_box_or_lasso_holds_is_listed_and_the_map_stays() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let mut window = demo(folder.path());
    let map = window.get_by_label("Map of examples").rect();
    let corner = pos2(map.left() + 10.0, map.top() + map.height() * 0.4);
    let opposite = map.right_bottom() - eframe::egui::vec2(10.0, 10.0);
    draw_a_box(&mut window, corner, opposite);
    let selected = window.state().view().selected_count();
    assert!(selected > 100, "{selected}");
    assert!(shows(&window, "texts selected"));
    click_first(&mut window, "Clear selection");
    assert_eq!(window.state().view().selected_count(), 0);
    assert!(!shows(&window, "texts selected"));
}

#[test]
fn choosing_a_blind_spot_does_not_move_the_map() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let mut window = demo(folder.path());
    click_first(&mut window, "Blind spot ");
    assert!(!window.state().view().fly_to);
    assert!(shows(&window, "Zoom to it"));
}

/// A project with a lesson and a round.
fn with_a_round() -> Project {
    let project = Project::new();
    let snapshot = project.json("discover", &["--freeze"]);
    teach(&project, &snapshot);
    let arms = ["--seeds", "1", "--arms", "base,lessons:tester"];
    let output = project.call("retrain", &arms);
    assert!(output.status.success(), "{output:?}");
    project
}

#[test]
fn compare_fits_beside_the_steps_and_its_end_leads_on() {
    let project = with_a_round();
    let size = [1280.0, 800.0];
    let mut window = window(
        options(Some(project.path().to_owned()), None),
        size,
        Theme::Light,
    );
    wait(&mut window, |app| app.session().is_some());
    click_first(&mut window, "Compare before and after");
    wait(&mut window, |app| {
        let state = app.session().map(|session| session.state());
        state.is_some_and(|state| !state.rounds[0].answers.is_empty())
    });
    window.run_steps(10);
    // The order of steps says the same: to be decided.
    assert!(shows(&window, "Compare: to do, round 1: keep or discard"));
    assert!(!shows(&window, "Compare before and after"));
    for name in [
        "Write the report …",
        "Compare with another model …",
        "Save the map as SVG …",
        "new: ",
        "Details",
    ] {
        let found = window.get_all_by_label_contains(name);
        for node in found {
            let right = node.rect().right();
            assert!(right <= size[0], "{name} ends at {right}");
        }
    }
    press(&mut window, "Keep its model");
    assert!(shows(&window, "See what it still gets wrong"));
    press(&mut window, "See what it still gets wrong");
    assert_eq!(window.state().view().stage, Stage::Explore);
    // One seed gives no verdict on final.
    assert!(shows(&window, "Write the report"));
}
