//! The five pages for an audience, turned by the keyboard, on a project before
//! and after it was taught.

use std::path::Path;

use eframe::egui::{Key, Theme, accesskit};
use egui_kittest::kittest::Queryable as _;

use crate::support::{Window, options, press, shows, state, wait, window};
use crate::tiny_project::Project;
use crate::written_lesson::teach;
use blindspot::gui::view_state::Page;
use blindspot::records::ExampleKey;

const SIZES: [[f32; 2]; 2] = [[900.0, 600.0], [1600.0, 900.0]];

fn opened(project: &Path, size: [f32; 2], theme: Theme) -> Window {
    let mut window = window(options(Some(project.to_owned()), None), size, theme);
    wait(&mut window, |app| {
        let state = app.session().map(|session| session.state());
        state.is_some_and(|state| state.preview.is_some() && state.map.is_some())
    });
    window
}

fn key(window: &mut Window, key: Key) {
    window.key_press(key);
    window.run_steps(4);
}

fn at(window: &Window, page: Page, head: &str) {
    assert_eq!(window.state().view().page, page);
    assert!(shows(window, head), "{head}");
    assert!(shows(window, &format!("{} of 5", page.number())));
    // Nothing is pushed out of the window.
    let window_size = window.ctx.content_rect();
    for label in window.get_all_by_role(accesskit::Role::Label) {
        let rect = label.rect();
        assert!(
            window_size.expand(1.0).contains_rect(rect),
            "{page:?}: {rect}"
        );
    }
}

fn text_of(window: &Window, key: &ExampleKey) -> String {
    let dataset = &state(window).dataset;
    let example = &dataset.examples[dataset.index_of(key).expect("there")];
    example.text().expect("never sealed").joined()
}

/// What the first page has shown is never kept back, and begins with the most
/// confident error of the largest blind spot.
fn first_page(window: &mut Window) {
    at(window, Page::Fooled, "This fools the model");
    let snapshot = state(window).snapshot().expect("frozen").clone();
    let answers = state(window).frozen_answers().expect("scored").clone();
    let confidence = |key: &ExampleKey| {
        let row = answers.row_of(answers.dataset().index_of(key).expect("there"));
        answers.answer(row.expect("scored")).confidence
    };
    let shown = snapshot.blind_spots[0].shown.iter();
    let first = shown.max_by(|a, b| confidence(a).total_cmp(&confidence(b)));
    assert!(shows(window, &text_of(window, first.expect("shown"))));
    assert!(shows(window, "the model says") && shows(window, "the data say"));
    assert!(shows(window, "% sure"));

    let all: usize = snapshot
        .blind_spots
        .iter()
        .map(|spot| spot.shown.len())
        .sum();
    let kept_back: Vec<String> = (snapshot.blind_spots.iter())
        .flat_map(|spot| spot.kept_back.iter().map(|key| text_of(window, key)))
        .collect();
    assert!(!kept_back.is_empty());
    for number in 0..all + 2 {
        assert_eq!(window.state().view().fooled, number.min(all - 1));
        for text in &kept_back {
            assert!(!shows(window, text), "{text} was kept back");
        }
        key(window, Key::ArrowDown);
    }
    key(window, Key::ArrowUp);
    assert_eq!(window.state().view().fooled, all - 2);
    press(window, "Another text");
    assert_eq!(window.state().view().fooled, all - 1);
}

#[test]
fn five_pages_tell_what_there_is_and_what_to_do_for_the_rest() {
    let project = Project::new();
    let snapshot = project.json("discover", &["--freeze"]);
    for (size, theme) in SIZES.into_iter().zip([Theme::Light, Theme::Dark]) {
        let mut window = opened(project.path(), size, theme);
        key(&mut window, Key::F5);
        assert!(!shows(&window, "THE LOOP"), "the page fills the window");
        first_page(&mut window);
        key(&mut window, Key::PageDown);
        at(&window, Page::Map, "Where it is fooled");
        let map = window.get_by_label("Map by source").rect();
        assert!(
            map.width() > 0.9 * size[0] && map.height() > 0.6 * size[1],
            "{map}"
        );
        assert!(!shows(&window, "Lasso") && !shows(&window, "Fold legend"));
        key(&mut window, Key::ArrowRight);
        at(&window, Page::Hypothesis, "Nobody has said why yet");
        key(&mut window, Key::Space);
        at(&window, Page::BeforeAfter, "Nothing was retrained yet");
        key(&mut window, Key::ArrowDown);
        at(
            &window,
            Page::Numbers,
            "press Start retraining under Retrain",
        );
        key(&mut window, Key::Space);
        at(&window, Page::Numbers, "What it comes to");
        key(&mut window, Key::PageUp);
        key(&mut window, Key::ArrowLeft);
        key(&mut window, Key::ArrowUp);
        at(&window, Page::Map, "Where it is fooled");
        key(&mut window, Key::Escape);
        assert!(shows(&window, "THE LOOP"));
        // It begins at the beginning again, and F5 ends it as well.
        key(&mut window, Key::F5);
        at(&window, Page::Fooled, "This fools the model");
        key(&mut window, Key::F5);
        assert!(!window.state().view().presentation);
    }

    teach(&project, &snapshot);
    let arms = ["--seeds", "1", "--arms", "base,lessons:tester"];
    let output = project.call("retrain", &arms);
    assert!(output.status.success(), "{output:?}");
    let said = project.call("compare", &[]);
    let said = String::from_utf8(said.stdout).expect("text");
    let mut lines = said.lines();
    assert_eq!(lines.next(), Some("In short"), "{said}");
    let sentence = lines.next().expect("a sentence").trim();
    for (size, theme) in SIZES.into_iter().zip([Theme::Dark, Theme::Light]) {
        let mut window = opened(project.path(), size, theme);
        press(&mut window, "Present");
        at(&window, Page::Fooled, "This fools the model");
        press(&mut window, "Next");
        press(&mut window, "Next");
        at(&window, Page::Hypothesis, "“Funny is praise.”");
        assert!(shows(&window, "By tester, a person"));
        assert!(shows(&window, "samples that were written for it"));
        key(&mut window, Key::PageDown);
        at(&window, Page::BeforeAfter, "Round 1 on check");
        assert!(shows(&window, "before") && shows(&window, "control: "));
        key(&mut window, Key::PageDown);
        at(&window, Page::Numbers, "samples taught");
        assert!(shows(&window, "of right answers in the known domain"));
        assert!(shows(&window, sentence), "{sentence}");
        press(&mut window, "End the presentation");
        assert!(shows(&window, "THE LOOP"));
    }
}

/// Set `PROJECT` to a folder with a finished round.
#[test]
#[ignore = "needs `--features pictures` and a Vulkan adapter; writes pictures to look at"]
fn pictures_of_the_story() {
    let out = std::env::var("PICTURES").expect("PICTURES names a folder");
    let project = std::env::var("PROJECT").expect("PROJECT names a folder");
    for (theme, name) in [(Theme::Dark, "dark"), (Theme::Light, "light")] {
        for size in SIZES {
            let mut window = opened(Path::new(&project), size, theme);
            key(&mut window, Key::F5);
            wait(&mut window, |app| {
                let state = app.session().map(|session| session.state());
                state.is_some_and(|state| !state.saliency.is_empty())
            });
            for page in Page::ALL {
                window.remove_cursor();
                window.run_steps(20);
                let file = format!("story-{}-{name}-{}.png", page.number(), size[0]);
                let path = Path::new(&out).join(file);
                window.render().expect("renders").save(path).expect("saves");
                key(&mut window, Key::PageDown);
            }
        }
    }
}
