//! A finished round that a project ships: seen elsewhere, counted as nobody's
//! own, and left aside where it is not of the project as it is.

#![expect(clippy::expect_used, reason = "helpers of tests fail loudly")]

#[path = "support/tiny_project.rs"]
mod tiny_project;
#[path = "support/written_lesson.rs"]
mod written_lesson;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;

use serde_json::{Value, json};
use tiny_project::{Project, SEALED_WORD, files_below, holds};
use written_lesson::teach;

use blindspot::steps::{OpenProject, State};
use blindspot::support::{Progress, hash};

const TRAINING: [&str; 4] = ["--seeds", "1", "--arms", "base,lessons:tester"];
const ROUND: &str = "shipped/round.json.zst";

/// A project with a finished round, published; what training and publishing
/// said.
struct Made {
    project: Project,
    trained: Value,
    published: Value,
}

static MADE: LazyLock<Made> = LazyLock::new(|| {
    let project = Project::new();
    let snapshot = project.json("discover", &["--freeze"]);
    teach(&project, &snapshot);
    let too_early = project.json("publish", &[]);
    assert_eq!(too_early["round"], Value::Null);
    let why = too_early["why_no_round"].as_str().expect("a reason");
    assert!(why.contains("no round is finished"), "{why}");
    assert!(!project.path().join(ROUND).exists());
    let trained = project.json("experiment", &[&TRAINING[..], &["--open-final"]].concat());
    let published = project.json("publish", &[]);
    Made {
        project,
        trained,
        published,
    }
});

/// What others get of the project: a copy without its state.
struct Elsewhere(tempfile::TempDir);

impl Elsewhere {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("temporary folder");
        let from = MADE.project.path();
        for file in files_below(from) {
            let part = file.strip_prefix(from).expect("inside");
            if !part.starts_with(".blindspot") {
                let to = folder.path().join(part);
                std::fs::create_dir_all(to.parent().expect("a folder")).expect("makes");
                std::fs::copy(&file, to).expect("copies");
            }
        }
        Self(folder)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn round(&self) -> PathBuf {
        self.path().join(ROUND)
    }

    fn call(&self, command: &str, more: &[&str]) -> Output {
        let mut call = Command::new(env!("CARGO_BIN_EXE_blindspot"));
        let call = call.arg(command).arg(self.path()).args(more).arg("--quiet");
        call.output().expect("starts")
    }

    fn json(&self, command: &str, more: &[&str]) -> Value {
        let output = self.call(command, &[more, &["--json"]].concat());
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{command} failed: {said}");
        serde_json::from_slice(&output.stdout).expect("prints JSON")
    }

    /// What a comparison says that has nothing to show.
    fn refused(&self) -> String {
        let output = self.call("compare", &[]);
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        assert!(output.stdout.is_empty(), "{output:?}");
        String::from_utf8_lossy(&output.stderr).into_owned()
    }
}

fn open(folder: &Path) -> OpenProject {
    OpenProject::open(folder, None, &Progress::silent()).expect("opens")
}

fn content(file: &Path) -> Vec<u8> {
    let packed = std::fs::read(file).expect("is there");
    zstd::stream::decode_all(&packed[..]).expect("unpacks")
}

#[test]
fn elsewhere_it_is_compared_and_reported_and_is_no_round_of_the_project() {
    assert_eq!(MADE.published["round"], 1);
    let there = Elsewhere::new();
    let mut compared = there.json("compare", &[]);
    let fields = compared.as_object_mut().expect("fields");
    let said = fields.remove("came_with_project").expect("says so");
    let said = said.as_str().expect("in words");
    assert!(
        said.starts_with("This round came with the project (20")
            && said.contains("2 trainings of 1 seed"),
        "{said}"
    );
    assert_eq!(
        fields.remove("openings"),
        Some(MADE.trained["openings"].clone())
    );
    assert_eq!(compared, MADE.trained["rounds"][0]["final"]);

    let words = there.call("compare", &[]);
    let words = String::from_utf8_lossy(&words.stdout).into_owned();
    assert_eq!(words.lines().next(), Some(said));
    let opened = "never opened here; opened once for the round that came with the project";
    assert!(words.contains(opened), "{words}");

    let out = there.path().join("told.html");
    let report = there.json("report", &["--out", &out.display().to_string()]);
    assert_eq!(report["came_with_project"], said);
    let page = std::fs::read_to_string(&out).expect("written");
    assert!(page.contains(said) && page.contains(opened));
    assert!(page.contains("After: arm lessons:tester, seed 0"));

    let overview = there.json("show", &[]);
    assert_eq!(overview["rounds"], json!([]));
    assert_eq!(overview["came_with_project"], said);
    assert_eq!(overview["openings_of_final"], 0);
    for more in [&["--round", "1"][..], &["--open-final"]] {
        let output = there.call("compare", more);
        assert_eq!(output.status.code(), Some(2), "{output:?}");
    }
}

#[test]
fn one_model_answers_elsewhere_as_it_did_here() {
    let here = open(MADE.project.path());
    let rounds = here.store.rounds().expect("reads");
    let run = rounds[0].model().expect("kept");
    let answers = here.answers_of(&rounds[0]).expect("reads");
    let (_, here) = answers.iter().find(|(of, _)| of == run).expect("answers");
    let there = Elsewhere::new();
    let state = State::read(&open(there.path())).expect("reads");
    let shipped = state.came_with().expect("came along");
    let answering = shipped.answering().expect("one model");
    assert_eq!((&answering.arm, answering.seed), (&run.arm, run.seed));
    let said = shipped.result.answers_of(answering).expect("answers");
    assert!(
        said.len() > 100 && said.len() < here.len(),
        "not validation"
    );
    for (row, example) in said.examples().iter().enumerate() {
        for temperature in [1.0, 1.7] {
            let there = said.prediction(row, temperature);
            let here = here.of_example(*example, temperature).expect("asked");
            assert_eq!(there.label, here.label);
            assert!((there.confidence - here.confidence).abs() < 1e-5);
        }
    }
}

#[test]
fn the_file_holds_no_text_no_weights_and_nothing_of_the_machine() {
    let file = MADE.project.path().join(ROUND);
    let content = content(&file);
    let folder = MADE.project.path().display().to_string();
    // Each text of the data holds “number N of ROLE”, each sample “funny”.
    let roles = ["train", "discovery", "check", "final"].map(|role| format!(" of {role} "));
    let words = [SEALED_WORD, "and so good", "but a mess", &folder];
    for word in words.into_iter().chain(roles.iter().map(String::as_str)) {
        assert!(!holds(&content, word), "`{word}` is in the file");
    }
    let told: Value = serde_json::from_slice(&content).expect("JSON");
    let runs = told["round"]["runs"].as_array().expect("runs");
    assert_eq!(runs.len(), 2);
    assert!(
        runs.iter().all(|run| run["checkpoint"].is_null()),
        "{runs:?}"
    );
}

#[test]
fn whoever_gets_it_trains_everything_as_before() {
    let there = Elsewhere::new();
    let run = there.json("run", &TRAINING);
    let results = files_below(&there.path().join(".blindspot/models"));
    assert_eq!(results.len(), 2, "{results:?}");
    assert_eq!(run["openings"].as_array().map(Vec::len), Some(1));
    assert_eq!(run["final"], MADE.trained["rounds"][0]["final"]);
    let compared = there.json("compare", &[]);
    assert!(compared.get("came_with_project").is_none());
}

#[test]
fn further_lessons_are_told_and_hide_nothing() {
    let there = Elsewhere::new();
    let lessons = there.path().join("lessons.jsonl");
    let lines = std::fs::read_to_string(&lessons).expect("is there");
    let first = lines.lines().next().expect("a lesson");
    let mut further: Value = serde_json::from_str(first).expect("JSON");
    further["id"] = json!("lesson-further");
    further["teacher"] = json!("another");
    for sample in further["samples"].as_array_mut().expect("samples") {
        let id = sample["id"].as_str().expect("an id").to_owned();
        sample["id"] = json!(format!("{id}-further"));
    }
    std::fs::write(&lessons, format!("{}\n{further}\n", lines.trim_end())).expect("writes");
    there.json("discover", &[]);
    let state = State::read(&open(there.path())).expect("the project opens");
    assert_eq!(state.document.lessons.len(), 2);
    let shown = state.shown_round().expect("it is shown");
    let why = shown.outdated(&state).expect("told");
    assert!(why.contains("Lessons were written since"), "{why}");
    assert!(state.round_left_aside().is_none());
    let openings = state.openings_said();
    assert!(openings.contains("opened once"), "{openings}");
}

#[test]
fn what_it_is_not_of_hides_it() {
    let taught = Elsewhere::new();
    let lessons = taught.path().join("lessons.jsonl");
    let lines = std::fs::read_to_string(&lessons).expect("is there");
    let other = lines.replace("a funny film and so good", "a funny film and so fine");
    assert_ne!(lines, other);
    std::fs::write(&lessons, other).expect("writes");
    let said = taught.refused();
    assert!(
        said.contains(ROUND) && said.contains("the lessons have changed"),
        "{said}"
    );

    let frozen = Elsewhere::new();
    frozen.json("discover", &["--freeze", "--k", "1"]);
    let said = frozen.refused();
    assert!(said.contains("the blind spots in use are others"), "{said}");

    let other = Elsewhere::new();
    let data = other.path().join("data.csv");
    let lines = std::fs::read_to_string(&data).expect("is there");
    let changed = lines.replacen("train 0 0 0 good", "train 0 0 0 fine", 1);
    assert_ne!(lines, changed);
    std::fs::write(&data, changed).expect("writes");
    let said = other.refused();
    assert!(
        said.contains(ROUND) && said.contains("other data"),
        "{said}"
    );
}

#[test]
fn a_hypothesis_a_draft_and_a_check_change_nothing() {
    let there = Elsewhere::new();
    let lessons = there.path().join("lessons.jsonl");
    let lines = std::fs::read_to_string(&lessons).expect("is there");
    let mut lesson: Value = serde_json::from_str(&lines).expect("one lesson");
    lesson["hypotheses"][0]["text"] = json!("Funny is meant well.");
    let mut draft = lesson["samples"][0].clone();
    draft["id"] = json!("draft");
    draft["review"] = json!({"state": "draft"});
    lesson["samples"]
        .as_array_mut()
        .expect("a list")
        .push(draft);
    std::fs::write(&lessons, format!("{lesson}\n")).expect("writes");
    assert!(
        there
            .json("compare", &[])
            .get("came_with_project")
            .is_some()
    );
}

#[test]
fn a_damaged_file_is_told_and_the_rest_works() {
    let packed = std::fs::read(MADE.project.path().join(ROUND)).expect("is there");
    let repacked = |change: &dyn Fn(&mut Value)| {
        let mut told =
            serde_json::from_slice(&content(&MADE.project.path().join(ROUND))).expect("JSON");
        change(&mut told);
        zstd::stream::encode_all(told.to_string().as_bytes(), 1).expect("packs")
    };
    let row = |told: &mut Value, row: Value| told["answers"]["probabilities"][0] = row;
    let damages: [(&str, Option<Vec<u8>>, bool); 9] = [
        (
            "its checksum",
            Some(packed[..packed.len() / 2].to_vec()),
            false,
        ),
        ("its checksum", None, false),
        (
            "cannot be unpacked",
            Some(packed[..packed.len() / 2].to_vec()),
            true,
        ),
        ("cannot be unpacked", Some(b"no archive".to_vec()), true),
        (
            "missing field",
            Some(zstd::stream::encode_all(&b"{}"[..], 1).expect("packs")),
            true,
        ),
        (
            "rows of discovery and check",
            Some(repacked(&|told| row(told, json!([0.5])))),
            true,
        ),
        (
            "rows of discovery and check",
            Some(repacked(&|told| row(told, json!([7.0, -6.0])))),
            true,
        ),
        (
            "other blind spots",
            Some(repacked(&|told| told["round"]["snapshot"] = json!(9))),
            true,
        ),
        (
            "its comparisons",
            Some(repacked(&|told| told["openings"] = json!([]))),
            true,
        ),
    ];
    for (why, bytes, sums_up) in damages {
        let there = Elsewhere::new();
        match &bytes {
            Some(bytes) => std::fs::write(there.round(), bytes).expect("writes"),
            None => std::fs::remove_file(there.round()).expect("deletes"),
        }
        if let Some(bytes) = bytes.filter(|_| sums_up) {
            let index = there.path().join("shipped/shipped.json");
            let list = std::fs::read_to_string(&index).expect("is there");
            let mut list: Value = serde_json::from_str(&list).expect("JSON");
            list["files"]["round.json.zst"] = json!(hash::bytes(&bytes));
            std::fs::write(&index, list.to_string()).expect("writes");
        }
        let state = State::read(&open(there.path())).expect("the project opens");
        assert!(state.shown_round().is_none());
        let said = state.round_left_aside().expect("told");
        assert!(said.contains(ROUND) && said.contains(why), "{why}: {said}");
        assert!(said.contains("version control"), "no remedy: {said}");
    }
}

#[test]
fn a_round_on_other_lessons_is_not_published() {
    let home = Elsewhere::new();
    home.json("retrain", &TRAINING);
    let again = home.json("publish", &[]);
    assert_eq!(again["round"], 1);
    let lessons = home.path().join("lessons.jsonl");
    let lines = std::fs::read_to_string(&lessons).expect("is there");
    let other = lines.replace("but a mess", "but a shame");
    std::fs::write(&lessons, other).expect("writes");
    let published = home.json("publish", &[]);
    let why = published["why_no_round"].as_str().expect("a reason");
    assert!(why.contains("trained on other lessons"), "{why}");
    assert!(!home.round().exists(), "the one of before is gone");
    let list = std::fs::read_to_string(home.path().join("shipped/shipped.json")).expect("a list");
    assert!(!list.contains("round.json.zst"), "{list}");
    assert!(
        home.call("compare", &[]).status.success(),
        "its own is there"
    );
}
