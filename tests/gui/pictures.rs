//! Pictures of the screens: for looking at, and for the README.

use std::path::Path;

use eframe::egui::{Key, Theme};

use crate::demo::choose_error;
use crate::support::{Window, click_first, demo_called, demo_in, options, wait, window};
use blindspot::gui::view_state::Page;

#[test]
#[ignore = "needs `--features pictures` and a Vulkan adapter; writes pictures to look at"]
fn pictures_to_look_at() {
    let out = std::env::var("PICTURES").expect("PICTURES names a folder");
    for (theme, name) in [(Theme::Dark, "dark"), (Theme::Light, "light")] {
        for size in [[1280.0, 720.0], [1920.0, 1080.0]] {
            let folder = tempfile::tempdir().expect("temporary folder");
            let mut window = demo_in(folder.path(), size, theme);
            let shot = |window: &mut Window, what: &str| {
                window.run_steps(30);
                let path = Path::new(&out).join(format!("{what}-{name}-{}.png", size[0]));
                window.render().expect("renders").save(path).expect("saves");
            };
            shot(&mut window, "1-overview");
            click_first(&mut window, "Blind spot ");
            shot(&mut window, "2-blind-spot");
            choose_error(&mut window, 0);
            shot(&mut window, "3-example");
            window.key_press(Key::Escape);
            window.run_steps(4);
            click_first(&mut window, "Labels that look wrong …");
            window.key_press(Key::ArrowDown);
            shot(&mut window, "8-labels");
            for (stage, what) in [
                ("Data:", "4-data"),
                ("Teach:", "5-teach"),
                ("Retrain:", "6-retrain"),
                ("Compare:", "7-compare"),
            ] {
                click_first(&mut window, stage);
                shot(&mut window, what);
            }
        }
    }
}

#[test]
#[ignore = "needs `--features pictures` and a Vulkan adapter; writes pictures to look at"]
fn pictures_of_the_start() {
    let out = std::env::var("PICTURES").expect("PICTURES names a folder");
    for (theme, name) in [(Theme::Dark, "dark"), (Theme::Light, "light")] {
        let folder = tempfile::tempdir().expect("temporary folder");
        let mut window = window(options(None, Some(folder.path())), [1280.0, 720.0], theme);
        window.run_steps(20);
        let path = Path::new(&out).join(format!("0-start-{name}.png"));
        window.render().expect("renders").save(path).expect("saves");
    }
}

/// See `assets/pictures/make.sh`.
#[test]
#[ignore = "needs `--features pictures` and a Vulkan adapter; makes the pictures of the README"]
fn pictures_for_the_readme() {
    const SIZE: [f32; 2] = [1280.0, 800.0];
    let out = std::env::var("PICTURES").expect("PICTURES names a folder");
    let shot = |window: &mut Window, name: &str| {
        window.remove_cursor();
        window.run_steps(40);
        let path = Path::new(&out).join(name).with_extension("png");
        window.render().expect("renders").save(path).expect("saves");
    };
    let folder = tempfile::tempdir().expect("temporary folder");
    let mut window = demo_in(folder.path(), SIZE, Theme::Dark);
    shot(&mut window, "map-dark");
    click_first(&mut window, "Retrain:");
    shot(&mut window, "retrain-dark");
    window.key_press(Key::F5);
    for _ in Page::ALL {
        window.run_steps(4);
        window.key_press(Key::PageDown);
    }
    shot(&mut window, "story-numbers-dark");
    drop(window);

    let folder = tempfile::tempdir().expect("temporary folder");
    let mut window = demo_in(folder.path(), SIZE, Theme::Light);
    shot(&mut window, "map-light");
    click_first(&mut window, "Blind spot ");
    let key = choose_error(&mut window, 0);
    wait(&mut window, |app| {
        let session = app.session();
        session.is_some_and(|session| session.state().words_of(&key).is_some())
    });
    shot(&mut window, "example-light");
    click_first(&mut window, "Teach:");
    shot(&mut window, "teach-light");
    window.key_press(Key::F5);
    window.run_steps(4);
    at_rest(&mut window);
    shot(&mut window, "story-fooled-light");
    drop(window);

    for (demo, theme) in [
        ("sentiment", Theme::Light),
        ("desks", Theme::Dark),
        ("claims", Theme::Light),
    ] {
        let folder = tempfile::tempdir().expect("temporary folder");
        let mut window = demo_called(demo, folder.path(), SIZE, theme);
        for (stage, what) in [("Compare:", "compare"), ("Teach:", "teach")] {
            click_first(&mut window, stage);
            at_rest(&mut window);
            shot(&mut window, &format!("{demo}-{what}"));
        }
        window.key_press(Key::F5);
        window.run_steps(4);
        while window.state().view().page != Page::BeforeAfter {
            window.key_press(Key::PageDown);
            window.run_steps(4);
        }
        at_rest(&mut window);
        shot(&mut window, &format!("{demo}-story"));
    }
}

/// Waits until nothing is computed.
fn at_rest(window: &mut Window) {
    wait(window, |app| {
        let session = app.session();
        session.is_some_and(|session| !session.jobs().any_active())
    });
}
