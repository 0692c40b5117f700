//! Lessons kept as tests, through the real binary: a model that is worse on a
//! lesson ends with exit code 1 and the lesson's name, an equal one with 0.

#![expect(clippy::expect_used, reason = "helpers of tests fail loudly")]

#[path = "support/black_box.rs"]
mod black_box;
#[path = "support/made_project.rs"]
mod made_project;
#[path = "support/tested_lesson.rs"]
mod tested_lesson;
#[path = "support/tiny_project.rs"]
mod tiny_project;
#[path = "support/written_lesson.rs"]
mod written_lesson;

use std::path::Path;
use std::process::{Command, Output};

use black_box::{black_box, joined};
use blindspot::support::rng;
use rand::Rng as _;
use serde_json::{Value, json};
use tested_lesson::teach_with_tests;
use tiny_project::{Project, SEALED_WORD, files_below, holds};

/// Text that XML cannot hold, in the name of the teacher.
const TEACHER: &str = "A & B <\u{8}\"quoted\">";

fn said(output: &Output) -> String {
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

/// The first hypotheses of the lessons that a team keeps as tests.
const LESSONS: [&str; 4] = [
    "Irony is no praise",
    "Numbers say nothing",
    "Names say nothing",
    "Short is not sour",
];
/// Samples of each that test.
const TESTS: usize = 14;

/// Which test samples of each lesson a model gets right.
type Right = [[bool; TESTS]; LESSONS.len()];

/// What a team's CI holds: a project with the answers of a model that runs
/// elsewhere, and lessons that test. Nothing is trained.
struct Ci {
    folder: tempfile::TempDir,
}

impl Ci {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("temporary folder");
        let size = made_project::Size {
            rows: 4_000,
            classes: 2,
            width: 16,
        };
        let predictions = made_project::write(folder.path(), size);
        let ci = Self { folder };
        ci.call(&["import-predictions", &predictions.display().to_string()]);
        let found = ci.call(&["discover", "--freeze", "--json"]);
        let snapshot: Value = serde_json::from_slice(&found.stdout).expect("prints JSON");
        ci.write("lessons.jsonl", &lessons(&snapshot));
        ci.call(&["test", "--texts", &ci.path("texts.jsonl")]);
        ci
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).expect("writes");
    }

    /// Runs a command on the project, whatever comes of it.
    fn run(&self, command: &[&str]) -> Output {
        let mut call = Command::new(env!("CARGO_BIN_EXE_blindspot"));
        let call = call.arg(command[0]).arg(self.folder.path());
        let call = call.args(&command[1..]).arg("--quiet");
        call.output().expect("starts")
    }

    /// The same for one that has to succeed.
    fn call(&self, command: &[&str]) -> Output {
        let output = self.run(command);
        assert!(output.status.success(), "{command:?}: {}", said(&output));
        output
    }

    /// Writes a model's answers to all texts; a changed text is answered like
    /// the sample that it was made from.
    fn answers(&self, name: &str, right: &Right) {
        let texts = std::fs::read_to_string(self.path("texts.jsonl")).expect("readable");
        let mut file = String::from("id,class 0,class 1\n");
        for line in texts.lines() {
            let asked: Value = serde_json::from_str(line).expect("a text");
            let id = asked["id"].as_str().expect("an id");
            let sample = id.split('~').next().expect("a part");
            let mut numbers = sample.split('-').skip(1).map(str::parse::<usize>);
            let mut number = || numbers.next().expect("is numbered").expect("a number");
            let is_right = right[number()][number()];
            let first = if is_right { 0.9 } else { 0.2 };
            file += &format!("{id},{first},{}\n", 1.0 - first);
        }
        self.write(name, &file);
    }

    /// What CI asks: is this model worse than the one in use?
    fn test(&self, model: &str) -> Output {
        let (model, in_use) = (self.path(model), self.path("in-use.csv"));
        self.run(&["test", "--model", &model, "--baseline", &in_use])
    }
}

/// A lesson for each of the largest blind spots.
fn lessons(snapshot: &Value) -> String {
    let spots = snapshot["blind_spots"].as_array().expect("blind spots");
    assert!(spots.len() >= LESSONS.len(), "{snapshot}");
    let author = json!({"kind": "human"});
    let sample = |lesson: usize, number: usize| {
        json!({
            "id": format!("sample-{lesson}-{number}"),
            "text": {"first": format!("{}, as text {number} says", LESSONS[lesson])},
            "label": "class 0",
            "author": author,
            "purpose": "test",
            "review": {"state": "accepted"},
        })
    };
    let lesson = |number: usize| {
        let samples: Vec<Value> = (0..TESTS).map(|test| sample(number, test)).collect();
        let lesson = json!({
            "id": format!("lesson-{number}"),
            "blind_spot": spots[number]["id"],
            "snapshot": snapshot["version"],
            "teacher": "ann",
            "author": author,
            "shown": spots[number]["shown"],
            "hypotheses": [{
                "id": format!("hypothesis-{number}"), "kind": "abstraction",
                "author": author, "text": LESSONS[number],
            }],
            "samples": samples,
            "created": "2026-01-01T00:00:00Z",
        });
        format!("{lesson}\n")
    };
    (0..LESSONS.len()).map(lesson).collect()
}

/// Another training of the same model: one answer in twenty is another.
fn trained_again(learnt: &Right, rng: &mut rng::Rng) -> Right {
    learnt.map(|lesson| lesson.map(|right| right != rng.gen_bool(0.05)))
}

#[test]
fn ci_is_red_for_a_model_worse_on_one_lesson_and_green_for_an_equal_one_twenty_times() {
    let ci = Ci::new();
    for (seed, spoilt) in (0..20).zip((0..LESSONS.len()).cycle()) {
        let mut rng = rng::seeded(seed, "a made CI");
        let learnt: Right = std::array::from_fn(|_| std::array::from_fn(|_| rng.gen_bool(0.95)));
        let [in_use, equal, mut worse] = [(); 3].map(|()| trained_again(&learnt, &mut rng));
        worse[spoilt] = [false; TESTS];
        ci.answers("in-use.csv", &in_use);
        ci.answers("equal.csv", &equal);
        ci.answers("worse.csv", &worse);

        let green = ci.test("equal.csv");
        assert_eq!(green.status.code(), Some(0), "{seed}: {}", said(&green));
        let red = ci.test("worse.csv");
        assert_eq!(red.status.code(), Some(1), "{seed}: {}", said(&red));
        for (number, sentence) in LESSONS.iter().enumerate() {
            let complaint = format!("worse on the lesson “{sentence} (ann)”");
            let is_named = said(&red).contains(&complaint);
            assert_eq!(is_named, number == spoilt, "{seed}: {}", said(&red));
        }
    }
}
