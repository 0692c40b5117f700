//! A view that is copied in one window and pasted into another on the same
//! project: both show the same.

use eframe::egui::{Event, OutputCommand};
use egui_kittest::kittest::Queryable as _;

use crate::support::{Window, click, click_first, demo, state, wait};
use blindspot::gui::view_state::{ColourBy, Stage};

fn press(window: &mut Window, label: &str) {
    window.get_by_label(label).click_accesskit();
    window.run_steps(2);
}

fn open_menu(window: &mut Window) {
    let menu = format!("Project: {}", state(window).name);
    press(window, &menu);
}

/// What “Copy the view” puts on the clipboard.
fn copied(window: &mut Window) -> String {
    open_menu(window);
    window.get_by_label("Copy the view").click_accesskit();
    let mut copied = None;
    for _ in 0..8 {
        window.run_steps(1);
        let commands = &window.output().platform_output.commands;
        let text = commands.iter().find_map(|command| match command {
            OutputCommand::CopyText(text) => Some(text.clone()),
            _ => None,
        });
        copied = copied.or(text);
    }
    copied.expect("something is copied")
}

fn paste(window: &mut Window, text: &str) {
    window.event(Event::Paste(text.to_owned()));
    window.run_steps(6);
}

fn said(window: &Window) -> String {
    let last = window.state().notices().last();
    last.map(|notice| notice.message.clone())
        .unwrap_or_default()
}

#[test]
fn a_copied_view_shows_the_same_in_another_window() {
    let (here, there) = (tempfile::tempdir(), tempfile::tempdir());
    let (here, there) = (here.expect("a folder"), there.expect("a folder"));
    let mut window = demo(here.path());
    click_first(&mut window, "Settings: τ");
    window.run_steps(20);
    click(&mut window, "choose k");
    wait(&mut window, |app| {
        let state = app.session().map(|session| session.state());
        let preview = state.and_then(|state| Some((state, state.preview.as_ref()?)));
        preview.is_some_and(|(state, preview)| preview.settings == state.document.settings)
    });
    click_first(&mut window, "group 2");
    window.get_by_label("Search texts").focus();
    window.run_steps(2);
    window.event(Event::Text("the".into()));
    window.run_steps(4);
    press(&mut window, "Regular expression");
    press(&mut window, "Colour by");
    click(&mut window, "outcome");
    let text = copied(&mut window);
    assert!(said(&window).contains("on the clipboard"));
    let seen = window.state().view().clone();
    assert!(seen.selected_count() > 3);

    let mut other = demo(there.path());
    assert_ne!(other.state().view().selected, seen.selected);
    // While something is typed, a paste is for the text field.
    other.get_by_label("Search texts").focus();
    other.run_steps(2);
    paste(&mut other, &text);
    assert_ne!(other.state().view().colour_by, ColourBy::Outcome);
    press(&mut other, "Show all");
    other.get_by_label("Larger").focus();
    other.run_steps(2);

    paste(&mut other, &text);
    wait(&mut other, |app| app.view().colour_by == ColourBy::Outcome);
    let shown = other.state().view();
    assert_eq!(shown.stage, Stage::Explore);
    assert_eq!(shown.filters, seen.filters);
    assert_eq!(shown.selected, seen.selected);
    assert_eq!(shown.sort, seen.sort);
    // k is the project's: an edit that is told, and that undo takes back.
    let told = said(&other);
    assert!(told.contains("which undo takes back"), "{told}");
    assert!(told.contains("is a preview"), "{told}");
    let k = |window: &Window| state(window).document.settings.k;
    assert_eq!(k(&other), k(&window));
    click_first(&mut other, "Undo change τ or k");
    assert_ne!(k(&other), k(&window));

    // What is damaged is refused, and what is no view at all is not for us.
    let before = (other.state().view().clone(), other.state().notices().len());
    paste(&mut other, "just some words");
    assert_eq!(other.state().notices().len(), before.1);
    paste(&mut other, &text[..text.len() / 2]);
    let notice = other.state().notices().last().expect("is told");
    assert!(
        notice.failure && notice.message.contains("damaged"),
        "{notice:?}"
    );
    assert_eq!(other.state().view().selected, before.0.selected);
}

#[test]
fn a_view_goes_through_a_file_too() {
    let (here, there) = (tempfile::tempdir(), tempfile::tempdir());
    let (here, there) = (here.expect("a folder"), there.expect("a folder"));
    let file = here.path().join("mine.view.json").display().to_string();
    let mut window = demo(&here.path().join("state"));
    click_first(&mut window, "Labels that look wrong …");
    let through = |window: &mut Window, button: &str, verb: &str| {
        open_menu(window);
        press(window, button);
        window.get_by_label("Path of the file").focus();
        window.run_steps(2);
        let all = eframe::egui::Modifiers::COMMAND;
        window.key_press_modifiers(all, eframe::egui::Key::A);
        window.event(Event::Text(file.clone()));
        window.run_steps(2);
        press(window, verb);
        window.run_steps(4);
    };
    through(&mut window, "Save the view …", "Write");
    assert!(said(&window).contains("mine.view.json"));
    let mut other = demo(there.path());
    through(&mut other, "Open a view …", "Open");
    assert_eq!(other.state().view().stage, Stage::Labels);
    assert_eq!(said(&other), "the view is shown");
}
