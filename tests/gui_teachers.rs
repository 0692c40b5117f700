//! Language models in the window: the real app on the tiny project, against a
//! scripted model over real HTTP.

#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a test says by a panic that something is wrong"
)]

#[allow(dead_code, reason = "shared with other tests")]
#[path = "llm/model.rs"]
mod model;
#[path = "support/scripted_teacher.rs"]
mod scripted_teacher;
#[allow(dead_code, reason = "shared with other tests")]
#[path = "llm/server.rs"]
mod server;
#[allow(dead_code, reason = "shared with other tests")]
#[path = "support/tiny_project.rs"]
mod tiny_project;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use eframe::egui::accesskit::Role;
use eframe::egui::{Key, Modifiers, Theme};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use scripted_teacher::{act, with_teacher};
use server::{Act, Server};
use tiny_project::Project;

use blindspot::gui::app::{App, Options};
use blindspot::lessons::llm::passes_label_check;
use blindspot::records::{Author, BlindSpotId, Lesson, Review, Sample};
use blindspot::session::JobKind;
use blindspot::steps::State;
use blindspot::support::assets;

type Window = Harness<'static, App>;

fn window(project: PathBuf, state_dir: Option<PathBuf>) -> Window {
    let options = Options {
        project: Some(project),
        state_dir,
        settings: None,
        dialog: Arc::new(|_| Vec::new()),
        new_projects: PathBuf::new(),
        observer: Arc::new(|_| {}),
        view: None,
        first_start: false,
    };
    let mut window = Harness::builder()
        .with_size([1280.0, 800.0])
        .with_theme(Theme::Dark)
        .allow_missing_glyphs()
        .build_eframe(|creation| App::new(&creation.egui_ctx, options));
    wait(&mut window, 120, |app| {
        let state = app.session().map(|session| session.state());
        state.is_some_and(|state| state.preview.is_some() && state.snapshot().is_some())
    });
    window
}

/// The tiny project with a frozen blind spot, and its window at “Teach” with a
/// language model as the teacher.
fn teaching(project: &Project) -> Window {
    project.json("discover", &["--freeze"]);
    let mut window = window(project.path().to_owned(), None);
    by_a_model(&mut window);
    window
}

fn by_a_model(window: &mut Window) {
    window
        .get_all_by_label_contains("Teach:")
        .next()
        .expect("the step")
        .click();
    window.run_steps(4);
    click(window, "Language model");
}

/// Steps until something holds of the app, for some seconds at most.
fn wait(window: &mut Window, seconds: u64, holds: impl Fn(&App) -> bool) {
    let began = Instant::now();
    loop {
        window.run_steps(1);
        if holds(window.state()) {
            break;
        }
        assert!(
            began.elapsed() < Duration::from_secs(seconds),
            "waited too long: {:?}",
            window.state().notices()
        );
        std::thread::sleep(Duration::from_millis(5));
    }
    window.run_steps(3);
}

fn state(window: &Window) -> &State {
    window.state().session().expect("a project is open").state()
}

fn click(window: &mut Window, label: &str) {
    window.get_by_role_and_label(Role::Button, label).click();
    window.run_steps(4);
}

fn write(window: &mut Window, field: &str, text: &str) {
    window.get_by_role_and_label(Role::TextInput, field).focus();
    window.run_steps(2);
    window.key_press_modifiers(Modifiers::COMMAND, Key::A);
    window.run_steps(2);
    window
        .get_by_role_and_label(Role::TextInput, field)
        .type_text(text);
    window.run_steps(3);
}

/// The lessons by language models.
fn lessons(state: &State) -> Vec<&Lesson> {
    let all = state.document.lessons.values().map(AsRef::as_ref);
    all.filter(|lesson| lesson.author != Author::Human)
        .collect()
}

fn count(lesson: &Lesson, keep: impl Fn(&Sample) -> bool) -> usize {
    lesson.samples.iter().filter(|sample| keep(sample)).count()
}

fn rejected(sample: &Sample) -> bool {
    matches!(sample.review, Review::Rejected { .. })
}

fn idle(app: &App) -> bool {
    let session = app.session().expect("a project is open");
    session.jobs().active(JobKind::Teach).is_none()
}

fn start_and_wait(window: &mut Window, seconds: u64) {
    click(window, "Start the lesson");
    wait(window, seconds, |app| {
        idle(app)
            && app
                .session()
                .is_some_and(|s| !lessons(s.state()).is_empty())
    });
}

#[test]
fn a_lesson_is_started_reviewed_by_keys_and_compared() {
    let project = Project::new();
    let server = Server::new(act);
    with_teacher(&project, &server.url(), "");
    let mut window = teaching(&project);

    // Nothing can be sent before somebody has read where it goes.
    assert!(server.requests().is_empty());
    assert!(window.query_by_label_contains("on this machine").is_some());
    let host = server.url().trim_start_matches("http://").to_owned();
    click(&mut window, &format!("Texts may go to {host}"));
    start_and_wait(&mut window, 60);
    let before = lessons(state(&window))[0].clone();
    assert_eq!(before.samples.len(), 30);
    assert_eq!(count(&before, |s| s.review == Review::Accepted), 0);
    let drafts = count(&before, |s| s.review == Review::Draft);
    assert!(drafts > 3, "{drafts} drafts");

    // Accept one, reject one with a reason, edit one, accept the rest.
    window.key_press(Key::A);
    window.run_steps(4);
    assert_eq!(
        count(lessons(state(&window))[0], |s| s.review == Review::Accepted),
        1
    );
    window.key_press(Key::X);
    window.run_steps(4);
    click(&mut window, "wrong label");
    let reasons = lessons(state(&window))[0].samples.iter();
    let reasons: Vec<String> = reasons
        .filter_map(|sample| match &sample.review {
            Review::Rejected { reason } => Some(reason.clone()),
            _ => None,
        })
        .collect();
    assert!(reasons.contains(&"wrong label".to_owned()), "{reasons:?}");
    window.key_press(Key::E);
    window.run_steps(4);
    window
        .get_by_role_and_label(Role::MultilineTextInput, "Text of the draft")
        .focus();
    window.run_steps(2);
    window
        .get_by_role_and_label(Role::MultilineTextInput, "Text of the draft")
        .type_text(" indeed");
    window.run_steps(3);
    click(&mut window, "Accept the edit");
    let lesson = lessons(state(&window))[0];
    let edited = lesson
        .samples
        .iter()
        .find(|s| s.text.first.contains("indeed"));
    let edited = edited.expect("kept");
    assert_eq!(edited.review, Review::Accepted);
    assert!(edited.edited, "the work of both");
    assert_eq!(
        edited.judged_label, None,
        "what was judged was another text"
    );
    window.key_press_modifiers(Modifiers::SHIFT, Key::A);
    window.run_steps(4);
    let after = lessons(state(&window))[0].clone();
    assert_eq!(
        count(&after, passes_label_check),
        0,
        "all that pass are accepted"
    );
    assert!(count(&after, |s| s.review == Review::Accepted) > 2);
    assert_eq!(after.samples.len(), 30, "rejected ones are kept");
    assert_eq!(before.cost.active_seconds, 0.0);
    assert!(after.cost.active_seconds > 0.0, "reviewing takes time");

    // Each is a step back, down to the lesson itself.
    let undo = window
        .state()
        .session()
        .expect("open")
        .history()
        .undo_name();
    assert_eq!(undo, Some("accept all that pass"));
    window.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    window.run_steps(4);
    assert!(count(lessons(state(&window))[0], passes_label_check) > 0);

    click(&mut window, "Teachers compared");
    click(&mut window, "Measure the teachers");
    wait(&mut window, 60, |app| {
        app.session().is_some_and(|s| s.state().teachers.is_some())
    });
    let table = state(&window).teachers.clone().expect("measured");
    assert_eq!(table.rows[0].teacher, "scripted");
    assert_eq!(table.rows[0].accepted.count, 2.0);
}

#[test]
fn a_stopped_lesson_keeps_what_came_and_a_failing_server_is_told() {
    let project = Project::new();
    let failing = Arc::new(AtomicBool::new(false));
    let fails = Arc::clone(&failing);
    let server = Server::new(move |request| match request.index {
        // Two calls for hypotheses, then samples.
        0..=4 => act(request),
        _ if fails.load(Ordering::SeqCst) => Act::error(401, "auth", "bad key"),
        _ => Act::Hang,
    });
    with_teacher(&project, &server.url(), "");
    let mut window = teaching(&project);
    let host = server.url().trim_start_matches("http://").to_owned();
    click(&mut window, &format!("Texts may go to {host}"));
    click(&mut window, "Start the lesson");
    let began = Instant::now();
    while server.requests().len() < 6 {
        window.run_steps(1);
        std::thread::sleep(Duration::from_millis(5));
        assert!(began.elapsed() < Duration::from_secs(60));
    }
    window.run_steps(4);
    click(&mut window, "Stop the lesson");
    wait(&mut window, 30, idle);
    let kept = lessons(state(&window))[0].samples.len();
    assert!(kept > 0, "what was received is there");
    assert!(
        window.state().notices().is_empty(),
        "stopping is no failure"
    );

    failing.store(true, Ordering::SeqCst);
    click(&mut window, "Start the lesson");
    wait(&mut window, 60, |app| {
        idle(app) && !app.notices().is_empty()
    });
    let notice = &window.state().notices()[0];
    assert!(notice.failure, "{notice:?}");
    assert!(lessons(state(&window))[0].samples.len() >= kept);
}

#[test]
fn a_new_teacher_is_tested_kept_and_a_recording_replayed() {
    let project = Project::new();
    let server = Server::new(act);
    with_teacher(&project, &server.url(), "");
    project.json("discover", &["--freeze"]);
    let recording = project.path().join("recorded.jsonl");
    let file = recording.to_str().expect("plain");
    project.json(
        "teach",
        &[
            "--teacher",
            "scripted",
            "--samples",
            "4",
            "--blind-spot",
            "1",
            "--record",
            file,
        ],
    );
    // Without the teacher in project.toml the form of a new one is open.
    let manifest = tiny_project::MANIFEST;
    std::fs::write(project.path().join("project.toml"), manifest).expect("writes");
    let mut window = window(project.path().to_owned(), None);
    by_a_model(&mut window);
    write(&mut window, "Base URL", &server.url());
    click(&mut window, "Test connection");
    let began = Instant::now();
    while window.query_by_label("scripted-1").is_none() {
        window.run_steps(1);
        std::thread::sleep(Duration::from_millis(5));
        assert!(began.elapsed() < Duration::from_secs(30), "no diagnosis");
    }
    click(&mut window, "scripted-1");
    click(&mut window, "Keep this teacher");
    let teachers = &state(&window).teaching.teachers;
    assert_eq!(teachers.len(), 1);
    assert_eq!(teachers[0].endpoint.model, "scripted-1");
    let confirmed = state(&window).teaching.is_confirmed(&teachers[0].endpoint);
    assert!(confirmed, "asked once for each project and host");

    // The recording runs through the same review, plainly labelled.
    drop(server);
    window.get_by_label("Recordings").click();
    window.run_steps(20);
    write(&mut window, "File of the recording", file);
    click(&mut window, "Replay it");
    wait(&mut window, 60, |app| {
        let lessons = app.session().map(|s| lessons(s.state()).len());
        idle(app) && lessons == Some(2)
    });
    click(&mut window, "scripted (recording) (4)");
    assert!(
        window
            .query_by_label("Recording: nothing was asked now")
            .is_some()
    );
}

#[test]
#[ignore = "needs a llama.cpp server: see tests/llm/local_server.rs"]
fn a_real_model_teaches_the_demo_through_the_panel() {
    let url = std::env::var("BLINDSPOT_TEST_LLM").expect("BLINDSPOT_TEST_LLM names the server");
    let state_dir = tempfile::tempdir().expect("temporary folder");
    let folder = assets::demo_project("sentiment").expect("part of the repository");
    let mut window = window(folder, Some(state_dir.path().to_owned()));
    by_a_model(&mut window);
    write(&mut window, "Name", "smollm2");
    write(&mut window, "Base URL", &url);
    write(&mut window, "Model", "local");
    if std::env::var("BLINDSPOT_TEST_LLM_KEY").is_ok() {
        write(&mut window, "Key variable", "BLINDSPOT_TEST_LLM_KEY");
    }
    click(&mut window, "Keep this teacher");
    let agree = window.get_by_label_contains("Texts may go to");
    agree.click();
    window.run_steps(4);
    let began = Instant::now();
    start_and_wait(&mut window, 3600);
    let lesson = lessons(state(&window));
    let lesson = lesson
        .iter()
        .find(|lesson| lesson.teacher == "smollm2")
        .expect("taught");
    for hypothesis in &lesson.hypotheses {
        println!("{:?}: {}", hypothesis.kind, hypothesis.text);
    }
    for sample in &lesson.samples {
        let judged = sample.judged_label.as_deref().unwrap_or("-");
        println!(
            "[{}, judged {judged}] {} {:?}",
            sample.label,
            sample.text.joined(),
            sample.review
        );
    }
    println!(
        "{:.0} s: {} samples, {} rejected, {} pass the checks, {} notes",
        began.elapsed().as_secs_f64(),
        lesson.samples.len(),
        count(lesson, rejected),
        count(lesson, passes_label_check),
        state(&window).teaching_notes.len(),
    );
    assert_eq!(lesson.blind_spot, BlindSpotId(1));
    assert!(!lesson.samples.is_empty(), "the road leads to samples");
}
