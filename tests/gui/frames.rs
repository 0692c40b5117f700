//! How long frames take, layout and tessellation, on the real demo. Opt-in:
//! the figures mean something on a quiet machine only.

use std::path::Path;
use std::time::{Duration, Instant};

use eframe::egui::{self, Theme};

use crate::support::{Window, click, click_first, demo, options, window};
use blindspot::session::JobKind;

/// A longer frame is felt.
const LONGEST: Duration = Duration::from_millis(50);
/// How long frames are measured.
const WATCHED: Duration = Duration::from_secs(40);

/// One frame as the screen would need it.
pub(crate) fn frame(window: &mut Window) -> Duration {
    let began = Instant::now();
    window.step();
    let output = window.output();
    let meshes = window
        .ctx
        .tessellate(output.shapes.clone(), output.pixels_per_point);
    assert!(!meshes.is_empty());
    began.elapsed()
}

/// A user who never rests: moves, zooms, selects, browses.
pub(crate) fn restless(window: &Window, number: usize) {
    let at = |x: usize, y: usize| egui::pos2(240.0 + (x % 640) as f32, 120.0 + (y % 320) as f32);
    let pos = at(number * 37, number * 23);
    window.event(egui::Event::PointerMoved(pos));
    match number % 6 {
        0 => window.event(egui::Event::MouseWheel {
            unit: egui::MouseWheelUnit::Point,
            delta: egui::vec2(
                0.0,
                if number.is_multiple_of(12) {
                    40.0
                } else {
                    -40.0
                },
            ),
            phase: egui::TouchPhase::Move,
            source: egui::MouseWheelSource::Unknown,
            modifiers: egui::Modifiers::default(),
        }),
        1 => {
            for pressed in [true, false] {
                window.event(egui::Event::PointerButton {
                    pos,
                    button: egui::PointerButton::Primary,
                    pressed,
                    modifiers: egui::Modifiers::default(),
                });
            }
        }
        2 => window.key_press(egui::Key::ArrowDown),
        _ => {}
    }
}

pub(crate) fn tell(what: &str, frames: &mut [Duration]) -> Duration {
    frames.sort_unstable();
    let at = |share: f64| frames[((frames.len() - 1) as f64 * share) as usize];
    println!(
        "{what}: {} frames, median {:.1?}, 99 % within {:.1?}, longest {:.1?}",
        frames.len(),
        at(0.5),
        at(0.99),
        at(1.0)
    );
    at(1.0)
}

#[test]
#[ignore = "measures time: run it on a quiet machine"]
fn frames_stay_short_while_a_full_retraining_runs() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let mut window = demo(folder.path());
    let mut at_rest: Vec<Duration> = (0..200)
        .map(|number| {
            restless(&window, number);
            frame(&mut window)
        })
        .collect();
    tell("nothing else running", &mut at_rest);

    click_first(&mut window, "Retrain:");
    click(&mut window, "Full");
    click(&mut window, "Start retraining");
    click_first(&mut window, "Blind spots:");
    let began = Instant::now();
    let mut frames = Vec::new();
    while began.elapsed() < WATCHED {
        let session = window.state().session().expect("open");
        assert!(
            session.jobs().active(JobKind::Retrain).is_some(),
            "still running"
        );
        restless(&window, frames.len());
        frames.push(frame(&mut window));
        std::thread::sleep(Duration::from_millis(12));
    }
    let longest = tell("while a Full retraining runs", &mut frames);
    assert!(longest <= LONGEST, "{longest:?}");
}

#[test]
#[ignore = "measures time: run it on a quiet machine"]
fn the_demo_is_there_at_once() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let demo = blindspot::support::assets::demo_project("sentiment").expect("is there");
    let state: &Path = folder.path();
    let began = Instant::now();
    let mut window = window(
        options(Some(demo), Some(state)),
        [1280.0, 800.0],
        Theme::Dark,
    );
    loop {
        frame(&mut window);
        let session = window.state().session();
        if session.is_some_and(|session| session.state().map.is_some()) {
            break;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    frame(&mut window);
    let taken = began.elapsed();
    println!("the demo with its map after {taken:.1?}");
    assert!(taken < Duration::from_secs(2), "{taken:?}");
}
