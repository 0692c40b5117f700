//! Out to two experts on other machines, and back.

use std::path::Path;

use eframe::egui::Key;

use crate::tiny_project::{SEALED_WORD, files_below, holds};
use crate::window::{
    allowed_among, allowed_texts, answer_with_path, frozen_project, headless, open, press,
    press_key, samples, shows, state, type_into, wait, wait_until,
};
use blindspot::records::Review;

/// An expert opens the file, teaches the first blind spot and saves.
fn expert(file: &Path, name: &str, texts: &[(&str, &str)]) {
    let mut window = open(file);
    assert!(
        window.state().view().teach_mode,
        "only what an expert needs"
    );
    assert!(shows(&window, "What to teach"));
    assert!(!shows(&window, "THE LOOP") && !shows(&window, "τ"));
    type_into(&mut window, "Your name (optional)", name);
    type_into(&mut window, "New hypothesis", "Funny is praise");
    press_key(&mut window, Key::Enter);
    for (text, label) in texts {
        press(&mut window, &format!("Right label: {label}"));
        type_into(&mut window, "New sample", text);
        // The expert sees what the model says before going on.
        wait(&mut window, |_| true);
        wait_for(&mut window, "Model: ");
        press_key(&mut window, Key::Enter);
    }
    wait_until(&mut window, |state| samples(state) == texts.len());
    press(&mut window, "Save the lessons …");
    let path = file.with_file_name("lessons.jsonl");
    answer_with_path(&mut window, &path);
    press(&mut window, "Write");
    wait(&mut window, |_| path.exists());
}

fn wait_for(window: &mut crate::window::Window, text: &str) {
    for _ in 0..4000 {
        window.run_steps(1);
        if shows(window, text) {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    assert!(shows(window, text), "`{text}` never appears");
}

#[test]
fn two_experts_teach_elsewhere_and_their_lessons_merge() {
    let project = frozen_project();
    let out = tempfile::tempdir().expect("temporary folder");
    let file = out.path().join("tiny.blindspot");
    let path = file.display().to_string();
    headless(&["hand-over", "--out", &path, "--quiet"], project.path());

    let [one, other] = ["one", "other"].map(|name| {
        let desk = out.path().join(name);
        std::fs::create_dir(&desk).expect("a desk of their own");
        let copy = desk.join("tiny.blindspot");
        std::fs::copy(&file, &copy).expect("by mail");
        copy
    });
    let texts = allowed_texts(project.path(), 40);
    let (alone, shared) = texts.split_at(3);
    let twins = shared.iter().map(|text| format!("{text} indeed")).collect();
    let twin = allowed_among(project.path(), twins).swap_remove(0);
    let shared = twin.trim_end_matches(" indeed");
    expert(
        &one,
        "Ada",
        &[
            (shared, "positive"),
            (&alone[0], "positive"),
            (&alone[1], "negative"),
        ],
    );
    expert(
        &other,
        "Grace",
        &[(&twin, "positive"), (&alone[2], "negative")],
    );

    // Nothing that was kept back, of check, or sealed has left.
    let window = open(project.path());
    let snapshot = state(&window).snapshot().expect("frozen");
    let kept_back: Vec<&str> = snapshot
        .blind_spots
        .iter()
        .flat_map(|spot| &spot.kept_back)
        .map(|key| key.0.as_str())
        .collect();
    assert!(!kept_back.is_empty());
    for file in files_below(&one.with_extension("")) {
        let bytes = std::fs::read(&file).expect("readable");
        assert!(
            !holds(&bytes, SEALED_WORD),
            "sealed text in {}",
            file.display()
        );
        if file.extension().is_some_and(|extension| extension == "csv") {
            let text = String::from_utf8(bytes).expect("text");
            assert!(!text.contains(",check,") && !text.contains(",final,"));
            for key in &kept_back {
                assert!(!text.contains(&format!("{key},")), "{key} was kept back");
            }
        }
    }
    drop(window);

    let back = |file: &Path| file.with_file_name("lessons.jsonl").display().to_string();
    let said = headless(&["merge", &back(&one), "--quiet"], project.path());
    assert!(said.contains("1 new lesson, 3 new samples"), "{said}");
    headless(&["merge", &back(&other), "--quiet"], project.path());
    let again = headless(&["merge", &back(&one), "--quiet"], project.path());
    assert!(
        again.contains("0 new lessons, 0 new samples, 0 changed"),
        "{again}"
    );

    let mut window = open(project.path());
    let lessons: Vec<_> = state(&window).document.lessons.values().cloned().collect();
    let mut teachers: Vec<&str> = lessons.iter().map(|l| l.teacher.as_str()).collect();
    teachers.sort_unstable();
    assert_eq!(teachers, ["Ada", "Grace"]);
    assert!(
        lessons
            .iter()
            .all(|lesson| lesson.blind_spot == lessons[0].blind_spot)
    );
    assert!(
        lessons
            .iter()
            .flat_map(|l| &l.samples)
            .all(|s| s.model_answer.is_some())
    );
    let samples = lessons.iter().flat_map(|lesson| &lesson.samples);
    for sample in samples {
        assert_eq!(sample.review, Review::Accepted, "{sample:?}");
    }
    crate::window::press_first(&mut window, "Teach:");
    assert!(shows(&window, "nearly equal samples have the same label"));
}
