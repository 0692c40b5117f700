//! Lessons kept as tests, through the real binary: a model that is worse on a
//! lesson ends with exit code 1 and the lesson's name, an equal one with 0.

#![expect(clippy::expect_used, reason = "helpers of tests fail loudly")]

#[path = "support/black_box.rs"]
mod black_box;
#[path = "support/tested_lesson.rs"]
mod tested_lesson;
#[path = "support/tiny_project.rs"]
mod tiny_project;
#[path = "support/written_lesson.rs"]
mod written_lesson;

use std::path::Path;

use black_box::{black_box, joined};
use serde_json::Value;
use tested_lesson::teach_with_tests;
use tiny_project::{Project, SEALED_WORD, files_below, holds};

/// Text that XML cannot hold, in the name of the teacher.
const TEACHER: &str = "A & B <\u{8}\"quoted\">";

fn said(output: &std::process::Output) -> String {
    String::from_utf8_lossy(&[&output.stdout[..], &output.stderr[..]].concat()).into_owned()
}

/// Answers in a file to all texts, right where `is_right` says so of the id.
fn answers(project: &Project, name: &str, is_right: impl Fn(&str) -> bool) -> String {
    let texts = project.path().join("texts.jsonl");
    let written = project.call("test", &["--texts", &texts.display().to_string()]);
    assert!(written.status.success(), "{}", said(&written));
    let texts = std::fs::read_to_string(texts).expect("readable");
    assert!(!holds(texts.as_bytes(), SEALED_WORD));
    let mut file = String::from("id,negative,positive\n");
    for line in texts.lines() {
        let asked: Value = serde_json::from_str(line).expect("a text");
        let id = asked["id"].as_str().expect("an id");
        let positive = if is_right(id) { 0.9 } else { 0.2 };
        file += &format!("{id},{},{positive}\n", 1.0 - positive);
    }
    let path = project.path().join(name);
    std::fs::write(&path, file).expect("writes");
    path.display().to_string()
}

/// The report can be read, holds a failure, and names the lesson.
fn junit_names(path: &Path, lesson: &str) {
    use quick_xml::events::Event;
    let text = std::fs::read_to_string(path).expect("written");
    assert!(!text.contains('\u{8}'));
    let mut reader = quick_xml::Reader::from_str(&text);
    let (mut depth, mut names, mut failures) = (0_i32, Vec::new(), 0);
    loop {
        match reader.read_event().expect("well formed") {
            Event::Start(tag) => {
                depth += 1;
                failures += i32::from(tag.name().as_ref() == "failure");
                if tag.name().as_ref() == "testcase" {
                    let name = tag
                        .try_get_attribute("name")
                        .expect("sound")
                        .expect("named");
                    names.push(
                        name.normalized_value(quick_xml::XmlVersion::default())
                            .expect("escaped")
                            .into_owned(),
                    );
                }
            }
            Event::End(_) => depth -= 1,
            Event::Eof => break,
            _ => {}
        }
    }
    assert_eq!(depth, 0, "{text}");
    assert!(failures >= 1, "{text}");
    assert_eq!(names.len(), 2, "samples, and rows of a pattern: {names:?}");
    assert!(names.iter().all(|name| name.contains(lesson)), "{names:?}");
}

#[test]
fn files_of_answers_are_tested_also_without_a_model() {
    let (project, _) = black_box();
    project.json("import-predictions", &[&joined(&project)]);
    let snapshot = project.json("discover", &["--freeze"]);
    teach_with_tests(&project, &snapshot, TEACHER);
    let sound = answers(&project, "sound.csv", |_| true);
    let again = answers(&project, "again.csv", |id| id != "test-3");
    let broken = answers(&project, "broken.csv", |id| !id.starts_with("test-"));
    let test = |model: &str, against: &str| {
        project.call("test", &["--model", model, "--baseline", against])
    };
    let silent = project.call("test", &["--model", &sound]);
    assert_eq!(silent.status.code(), Some(2), "{}", said(&silent));
    assert!(said(&silent).contains("--baseline"), "{}", said(&silent));
    assert_eq!(test(&again, &sound).status.code(), Some(0));
    let xml = project.path().join("report.xml");
    let xml_name = xml.display().to_string();
    let report = [
        "--model",
        &broken,
        "--baseline",
        &sound,
        "--junit",
        &xml_name,
    ];
    assert_eq!(project.call("test", &report).status.code(), Some(1));
    junit_names(&xml, "A & B <");
    let worse = test(&broken, &sound);
    assert_eq!(worse.status.code(), Some(1), "{}", said(&worse));
    assert!(
        said(&worse).contains("8 texts lost, 0 gained"),
        "{}",
        said(&worse)
    );

    for path in files_below(&project.path().join(".blindspot")) {
        let bytes = std::fs::read(&path).expect("readable");
        assert!(!holds(&bytes, SEALED_WORD), "{}", path.display());
    }

    // A file without a test sample is refused; without changed texts it is told.
    let text = std::fs::read_to_string(&sound).expect("readable");
    let without = |out: &str, left_out: &dyn Fn(&str) -> bool| {
        let kept: Vec<&str> = text.lines().filter(|line| !left_out(line)).collect();
        let path = project.path().join(out);
        std::fs::write(&path, kept.join("\n")).expect("writes");
        path.display().to_string()
    };
    let short = without("short.csv", &|line| line.starts_with("test-3,"));
    let refused = test(&short, &sound);
    assert_eq!(refused.status.code(), Some(2), "{}", said(&refused));
    assert!(
        said(&refused).contains("1 test sample"),
        "{}",
        said(&refused)
    );
    let unchanged = without("unchanged.csv", &|line| line.contains('~'));
    let told = test(&unchanged, &sound);
    assert_eq!(told.status.code(), Some(0), "{}", said(&told));
    assert!(said(&told).contains("left out"), "{}", said(&told));
}
