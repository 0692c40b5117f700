//! A chosen blind spot: its errors on the screen, and what Escape takes back.

use eframe::egui::Key;

use crate::support::{Window, click, click_first, demo, shows, state};
use blindspot::gui::panels::widgets::count;

fn escape(window: &mut Window) {
    window.key_press(Key::Escape);
    window.run_steps(4);
}

#[test]
fn escape_closes_a_menu_and_nothing_else() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let mut window = demo(folder.path());
    click_first(&mut window, "Blind spot ");
    let spot = window.state().view().spot;
    assert!(spot.is_some());
    let project = format!("Project: {}", state(&window).name);
    for (menu, entry) in [
        ("Filter", "only the chosen blind spot"),
        (project.as_str(), "Copy the window as a picture"),
    ] {
        click(&mut window, menu);
        assert!(shows(&window, entry), "{menu} does not open");
        escape(&mut window);
        assert!(!shows(&window, entry), "{menu} stays open");
        assert_eq!(window.state().view().spot, spot, "{menu}");
    }
    escape(&mut window);
    assert_eq!(window.state().view().spot, None);
}

#[test]
fn the_errors_of_a_blind_spot_are_shown_alone() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let mut window = demo(folder.path());
    click_first(&mut window, "Blind spot ");
    let errors = window.state().view().selected_count();
    assert!(errors > 0);
    let all = state(&window).predictions.as_ref().expect("scored").len();
    click_first(&mut window, &format!("Show its {errors} error"));
    let alone = format!("{} of {} shown", count(errors), count(all));
    assert!(shows(&window, &alone), "not on the screen: {alone}");
    assert!(shows(&window, "Filter (1)"));

    // Without a blind spot the filter keeps nothing back, and says so.
    escape(&mut window);
    let everything = format!("{0} of {0} shown", count(all));
    assert!(
        shows(&window, &everything),
        "not on the screen: {everything}"
    );
    assert!(!shows(&window, "Filter (1)"));
}
