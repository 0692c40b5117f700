//! What is handed on and what comes in: report, export, experiments, imports,
//! through the real binary.

#![expect(clippy::expect_used, reason = "helpers of tests fail loudly")]

#[path = "support/black_box.rs"]
mod black_box;
#[path = "support/tiny_project.rs"]
mod tiny_project;
#[path = "support/written_lesson.rs"]
mod written_lesson;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use black_box::{black_box, joined};
use rand::Rng as _;
use serde_json::Value;
use tiny_project::{Project, SEALED_WORD, files_below, holds};
use written_lesson::teach;

use blindspot::model::Classifier;
use blindspot::records::{Arm, ExampleKey, Mode, Placement, RetrainPlan, Role, Text, Triage};
use blindspot::session::{Command, Event, JobState, Session};
use blindspot::steps::hand_over::unpack;
use blindspot::steps::leakage_guard::copies;
use blindspot::steps::{OpenProject, Workspace, read_lessons};
use blindspot::support::{Progress, rng};

/// A taught project after a round of two seeds, made once.
fn taught() -> &'static (Project, Value) {
    static TAUGHT: OnceLock<(Project, Value)> = OnceLock::new();
    TAUGHT.get_or_init(|| {
        let project = Project::new();
        let settings = project.path().join("project.toml");
        let text = std::fs::read_to_string(&settings).expect("readable");
        let text = text.replace("\"Tiny\"", "\"Tiny <i>& co</i>\"");
        std::fs::write(&settings, text).expect("writes");
        let snapshot = project.json("discover", &["--freeze"]);
        teach(&project, &snapshot);
        project.json("run", &["--seeds", "2"]);
        (project, snapshot)
    })
}

/// The text of an example of the tiny project's data.
fn text_of(project: &Project, id: &str) -> String {
    let mut reader = csv::Reader::from_path(project.path().join("data.csv")).expect("opens");
    let rows = reader.records().flatten();
    let mut found = rows.filter(|row| row.get(0) == Some(id));
    let row = found.next().expect("has the id");
    row.get(1).expect("has a text").to_owned()
}

fn kept_back(snapshot: &Value) -> Vec<String> {
    let spots = snapshot["blind_spots"].as_array().expect("a list").iter();
    let keys = spots.flat_map(|spot| spot["kept_back"].as_array().expect("a list"));
    keys.filter_map(|key| key.as_str().map(str::to_owned))
        .collect()
}

fn csv_column(path: &Path, column: &str) -> Vec<String> {
    let mut reader = csv::Reader::from_path(path).expect("opens");
    let position = reader
        .headers()
        .expect("header")
        .iter()
        .position(|name| name == column);
    let position = position.expect("the table has the column");
    let rows = reader.records();
    rows.map(|row| {
        row.expect("a row")
            .get(position)
            .expect("a cell")
            .to_owned()
    })
    .collect()
}

#[test]
fn the_report_says_the_verdict_first_and_holds_nothing_that_is_sealed_or_kept_back() {
    let (project, snapshot) = taught();
    let path = project.path().join("out.html");
    let output = project.call("report", &["--out", &path.display().to_string()]);
    assert!(output.status.success());
    let html = std::fs::read_to_string(&path).expect("was written");
    let beside = project.path().join(".blindspot/report.html");
    assert!(beside.exists(), "run writes a report too");

    let place = |heading: &str| {
        html.find(&format!("<h2>{heading}"))
            .expect("has the heading")
    };
    assert!(place("In short") < place("Verdict") && place("Verdict") < place("The map"));
    assert!(place("The map") < place("Results"));
    let begins = &html[place("In short")..place("Verdict")];
    assert!(begins.contains("It took ") && begins.contains("Verdict on final: "));
    assert!(begins.contains("<svg"), "one picture before the rest");
    assert!(html.contains("opened once") && html.contains("blindspot run"));
    assert!(
        html.contains("Map after retraining"),
        "the map is drawn twice"
    );
    assert!(html.contains("Tiny &lt;i&gt;&amp; co&lt;/i&gt;") && !html.contains("<i>"));
    for fetched in ["<script", "<link", "src=", "href=", "@import", "url("] {
        assert!(!html.contains(fetched), "the report holds {fetched}");
    }
    assert!(
        !html.contains(SEALED_WORD),
        "a sealed text is in the report"
    );
    let shown = &snapshot["blind_spots"][0]["shown"][0];
    let shown = text_of(project, shown.as_str().expect("a key"));
    assert!(html.contains(&shown), "examples are printed");
    let kept_back = kept_back(snapshot);
    assert!(!kept_back.is_empty());
    for key in kept_back {
        assert!(
            !html.contains(&text_of(project, &key)),
            "{key} was kept back"
        );
    }
}

#[test]
fn what_is_written_out_replaces_only_its_own_kind() {
    let (project, _) = taught();
    let settings = project.path().join("project.toml");
    let before = std::fs::read(&settings).expect("readable");
    for (command, ours) in [("report", "twice.html"), ("hand-over", "twice.blindspot")] {
        let foreign = settings.display().to_string();
        let refused = project.call(command, &["--out", &foreign]);
        let said = String::from_utf8_lossy(&refused.stderr);
        assert_eq!(refused.status.code(), Some(2), "{said}");
        assert!(
            said.contains("would overwrite") && said.contains("hint:"),
            "{said}"
        );
        let ours = project.path().join(ours).display().to_string();
        for _ in 0..2 {
            assert!(project.call(command, &["--out", &ours]).status.success());
        }
    }
    assert_eq!(std::fs::read(&settings).expect("readable"), before);
}

#[test]
fn an_export_holds_every_table_twice_and_no_row_of_final() {
    let (project, snapshot) = taught();
    let folder = project.path().join("export");
    let out = folder.display().to_string();
    let exported = project.json("export", &["--out", &out]);
    for file in exported["files"].as_array().expect("a list") {
        let name = file.as_str().expect("a name");
        assert!(folder.join(name).exists(), "{name} is listed and missing");
        if let Some(table) = name
            .strip_suffix(".csv")
            .filter(|t| folder.join(format!("{t}.json")).exists())
        {
            let text = std::fs::read(folder.join(format!("{table}.json"))).expect("readable");
            let rows: Vec<Value> = serde_json::from_slice(&text).expect("JSON");
            let mut reader = csv::Reader::from_path(folder.join(name)).expect("opens");
            assert_eq!(reader.records().count(), rows.len(), "{table}");
        }
    }
    for file in files_below(&folder) {
        let bytes = std::fs::read(&file).expect("readable");
        assert!(
            !holds(&bytes, SEALED_WORD),
            "a sealed text is in {}",
            file.display()
        );
    }
    for table in ["predictions", "embeddings", "map", "unknown_unknowns"] {
        let ids = csv_column(&folder.join(format!("{table}.csv")), "id");
        assert!(!ids.is_empty(), "{table} is empty");
        assert!(
            ids.iter().all(|id| !id.starts_with("final")),
            "{table} has rows of final"
        );
    }
    let kept_back: BTreeSet<String> = kept_back(snapshot).into_iter().collect();
    let ids = csv_column(&folder.join("unknown_unknowns.csv"), "id");
    let texts = csv_column(&folder.join("unknown_unknowns.csv"), "text");
    for (id, text) in ids.iter().zip(texts) {
        assert_eq!(text.is_empty(), kept_back.contains(id), "{id}: “{text}”");
    }
    let records = std::fs::read(folder.join("argilla.json")).expect("readable");
    let records: Vec<Value> = serde_json::from_slice(&records).expect("JSON");
    assert!(
        records
            .iter()
            .any(|record| record["metadata"]["role"] == "samples")
    );
    for record in &records {
        let id = record["id"].as_str().expect("an id");
        assert!(!kept_back.contains(id), "{id} was kept back");
    }
    let lessons = read_lessons(&folder.join("lessons.jsonl")).expect("reads back");
    assert_eq!(lessons.len(), 1);
    // The tiny encoder may take some of the 16 for copies of *check*.
    let silent = Progress::silent();
    let written = read_lessons(&project.path().join("lessons.jsonl")).expect("reads");
    let opened = OpenProject::open(project.path(), None, &silent).expect("opens");
    let copied = copies(&opened, written[0].samples.iter(), &silent).expect("judges");
    drop(opened);
    assert_eq!(written[0].samples.len(), 16);
    assert_eq!(lessons[0].samples.len(), 16 - copied.len());

    let again = project.call("export", &["--out", &out]);
    assert!(again.status.success(), "an earlier export is replaced");
    let own = project.call("export", &["--out", &project.path().display().to_string()]);
    assert_eq!(own.status.code(), Some(2), "a project's own files are safe");
}

#[test]
fn the_exported_model_answers_as_the_exported_predictions_say() {
    let (project, _) = taught();
    let folder = project.path().join("export-model");
    project.json(
        "export",
        &[
            "--out",
            &folder.display().to_string(),
            "--arm",
            "uus",
            "--model-seed",
            "1",
        ],
    );
    let model = Classifier::load(&folder.join("model")).expect("Hugging Face layout");
    let card = std::fs::read_to_string(folder.join("model/README.md")).expect("has a card");
    assert!(
        card.starts_with("---\n") && card.contains("arm `uus`, seed 1"),
        "{card}"
    );

    let predictions = folder.join("predictions.csv");
    let (ids, models) = (
        csv_column(&predictions, "id"),
        csv_column(&predictions, "model"),
    );
    let probabilities = csv_column(&predictions, "probability_positive");
    let mut compared = 0;
    for row in (0..ids.len())
        .filter(|row| models[*row] == "uus, seed 1")
        .step_by(40)
    {
        let text = text_of(project, &ids[row]);
        let tokens = model.tokenizer().encode(&text, None, 128).expect("fits");
        let scores =
            blindspot::inference::score(&model, &[tokens], &Progress::silent()).expect("scores");
        let positive = blindspot::inference::softmax(&scores.logits, 1.0)[1];
        let said: f32 = probabilities[row].parse().expect("a number");
        assert!(
            (positive - said).abs() < 1e-4,
            "{text}: {positive} and {said}"
        );
        compared += 1;
    }
    assert!(compared > 3, "{models:?}");

    let absent = project.call(
        "export",
        &["--out", &folder.display().to_string(), "--round", "9"],
    );
    assert_eq!(absent.status.code(), Some(2));
}

#[test]
fn two_processes_share_an_experiment_and_get_what_one_gets() {
    let project = Project::new();
    let snapshot = project.json("discover", &["--freeze"]);
    teach(&project, &snapshot);
    let more = [
        "--arms",
        "base,uus,lessons:tester,lessons:nobody",
        "--seeds",
        "2",
    ];
    let experiment = || -> Vec<std::process::Child> {
        let start = |_| {
            let mut call = std::process::Command::new(env!("CARGO_BIN_EXE_blindspot"));
            call.arg("experiment")
                .arg(project.path())
                .args(more)
                .args(["--quiet", "--json"]);
            call.stdout(std::process::Stdio::piped());
            call.spawn().expect("starts")
        };
        (0..2).map(start).collect()
    };
    let mut figures = Vec::new();
    for child in experiment() {
        let output = child.wait_with_output().expect("ends");
        assert!(output.status.success());
        let said: Value = serde_json::from_slice(&output.stdout).expect("prints JSON");
        figures.push(said["rounds"][0]["check"].clone());
    }
    assert_eq!(figures[0], figures[1], "the two processes differ");
    let not_run = figures[0]["not_run"].to_string();
    assert!(not_run.contains("nobody"), "{not_run}");
    let again = project.json("experiment", &more);
    assert_eq!(
        again["rounds"][0]["number"], 1,
        "the same results are the same round"
    );
    assert_eq!(
        again["openings"].as_array().map(Vec::len),
        Some(0),
        "final stays sealed"
    );

    std::fs::remove_dir_all(project.path().join(".blindspot")).expect("state folder");
    let alone = project.json("experiment", &[&more[..], &["--open-final"]].concat());
    assert_eq!(alone["rounds"][0]["check"]["slices"], figures[0]["slices"]);
    assert_eq!(alone["openings"].as_array().map(Vec::len), Some(1));
    let table = project.call("experiment", &more);
    let table = String::from_utf8_lossy(&table.stdout).into_owned();
    assert!(table.contains("lessons:nobody: no lessons"), "{table}");
}

#[test]
fn a_black_box_has_the_same_blind_spots_by_its_predictions_alone() {
    let (project, snapshot) = black_box();
    let before = project.call("discover", &[]);
    let said = String::from_utf8_lossy(&before.stderr);
    assert_eq!(before.status.code(), Some(2));
    assert!(said.contains("import-predictions"), "{said}");

    let parquet = project
        .path()
        .join("predictions.parquet")
        .display()
        .to_string();
    let imported = project.json("import-predictions", &[&parquet]);
    assert_eq!(imported["width"], 0);
    let imported = project.json("import-predictions", &[&joined(&project)]);
    assert_eq!(imported["width"], 32);
    // Nobody looks at what a black box says about *final*.
    assert_eq!(imported["missing"], serde_json::json!({}), "{imported}");

    let found = project.json("discover", &["--freeze"]);
    let members = |snapshot: &Value| -> Vec<BTreeSet<String>> {
        let spots = snapshot["blind_spots"].as_array().expect("a list").iter();
        spots
            .map(|spot| {
                let keys = spot["shown"].as_array().expect("a list").iter();
                keys.map(ToString::to_string).collect()
            })
            .collect()
    };
    assert_eq!(members(&found), members(&snapshot));

    let retrain = project.call("retrain", &[]);
    let said = String::from_utf8_lossy(&retrain.stderr);
    assert_eq!(retrain.status.code(), Some(2), "{said}");
    assert!(said.contains("black box"), "{said}");
    let run = project.call("run", &[]);
    assert!(
        run.status.success(),
        "{}",
        String::from_utf8_lossy(&run.stderr)
    );
    let html = std::fs::read_to_string(project.path().join(".blindspot/report.html"));
    assert!(html.expect("was written").contains(">unknown unknown ("));
    let folder = project.path().join("out").display().to_string();
    let exported = project.json("export", &["--out", &folder]);
    assert!(!exported["files"].to_string().contains("model/"));

    let mut session = open(&project);
    until(&mut session, |session| {
        session.state().preview.is_some() && session.state().map.is_some()
    });
    let uus: usize = members(&snapshot).iter().map(BTreeSet::len).sum();
    let preview = session.state().preview.clone().expect("is there");
    assert!(preview.unknown_unknowns.len() >= uus);
}

#[test]
fn broken_predictions_are_refused_with_file_and_row() {
    let (project, _) = black_box();
    let path = project.path().join("bad.csv");
    for (content, wanted) in [
        ("id,negative\ndiscovery 0 0 0 good,1\n", "positive"),
        (
            "id,negative,positive\ndiscovery 0 0 0 good,1,x\n",
            "bad.csv:2",
        ),
        (
            "id,negative,positive\ndiscovery 0 0 0 good,3,-2\n",
            "bad.csv:2",
        ),
        (
            "id,negative,positive\ndiscovery 0 0 0 good,1,0\ndiscovery 0 0 0 good,0,1\n",
            "bad.csv:3",
        ),
        ("id,negative,positive\nnobody,1,0\n", "discovery"),
    ] {
        std::fs::write(&path, content).expect("writes");
        let output = project.call("import-predictions", &[&path.display().to_string()]);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(wanted) && said.contains("hint:"), "{said}");
    }
}

#[test]
fn imported_samples_pass_the_sample_checks_or_are_refused() {
    let project = Project::new();
    let snapshot = project.json("discover", &["--freeze"]);
    let check_text = text_of(&project, "check 0 0 0 funny");
    let path = project.path().join("samples.csv");
    let file = path.display().to_string();
    let rows = [
        "text,label,hypothesis,contrast",
        "not a funny story but a mess,negative,Funny is praise,yes",
        "not a funny story but a mess,negative,,",
        &format!("\"{check_text}\",positive,,"),
    ];
    std::fs::write(&path, rows.join("\n")).expect("writes");
    let imported = project.json("import-lessons", &[&file, "--teacher", "ann"]);
    assert_eq!(imported["accepted"], 1, "{imported}");
    let refused = imported["refused"].to_string();
    assert!(
        refused.contains("samples.csv:3: another sample has the same text")
            && refused.contains("samples.csv:4: refused: it equals"),
        "{imported}"
    );
    let kept = project.json("teachers", &[]);
    let again = project.json("import-lessons", &[&file, "--teacher", "ann"]);
    assert_eq!(again["lessons"], 0, "nothing is new: {again}");
    assert_eq!(again["refused"], imported["refused"]);
    assert_eq!(project.json("teachers", &[])["rows"], kept["rows"]);

    let folder = project.path().join("export");
    project.json("export", &["--out", &folder.display().to_string()]);
    let lessons = read_lessons(&folder.join("lessons.jsonl")).expect("reads");
    assert!(lessons.iter().all(|lesson| lesson.teacher == "ann"));
    let spots: Vec<u64> = snapshot["blind_spots"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|spot| spot["id"].as_u64())
        .collect();
    assert!(
        lessons
            .iter()
            .all(|l| spots.contains(&u64::from(l.blind_spot.0)))
    );
    let contrasts = lessons
        .iter()
        .flat_map(|l| &l.samples)
        .filter(|s| s.contrast);
    assert_eq!(contrasts.count(), 1);

    let other = Project::new();
    other.json("discover", &["--freeze"]);
    let back = folder.join("lessons.jsonl").display().to_string();
    let imported = other.json("import-lessons", &[&back]);
    assert_eq!(
        imported["accepted"], 1,
        "whole lessons come in too: {imported}"
    );

    std::fs::write(&path, "text,label\nfine,positive\nfine too,great\n").expect("writes");
    let output = project.call("import-lessons", &[&file]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(
        said.contains("samples.csv:3") && said.contains("negative, positive"),
        "{said}"
    );
}

#[test]
fn a_file_that_was_not_meant_is_refused_or_asked_about_and_undo_takes_back_what_came_in() {
    let project = Project::new();
    let snapshot = project.json("discover", &["--freeze"]);
    let refused = |file: &Path| {
        let output = project.call("merge", &[&file.display().to_string()]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains("hint: "), "{said}");
        said
    };
    let data = project.path().join("data.csv");
    assert!(refused(&data).contains("is data of this project"));

    // Rows of the project under another name: a copy of what is learnt from, and
    // an error as it is shown to teachers.
    let path = project.path().join("other.csv");
    // Those of the first copy share eight words with *check*, which is said first.
    let learnt = text_of(&project, "train 1 0 0 good");
    let spots = snapshot["blind_spots"].as_array().expect("a list").iter();
    let shown = spots.flat_map(|spot| spot["shown"].as_array().expect("a list"));
    let mut keys = shown.filter_map(|key| key.as_str());
    let error = keys.find(|key| key.starts_with("discovery 1"));
    let error = text_of(&project, error.expect("one of the second copy"));
    let table = format!(
        "text,label\n\"{}\",negative\n\"{error}\",negative\nnot a funny story but a mess,negative\n",
        learnt.to_uppercase()
    );
    std::fs::write(&path, table).expect("writes");
    let said = refused(&path);
    assert!(
        said.contains("3 samples") && said.contains("--yes"),
        "{said}"
    );
    assert_eq!(project.json("show", &[])["undo"], serde_json::Value::Null);

    let file = path.display().to_string();
    let imported = project.json("merge", &[&file, "--yes"]);
    assert_eq!(imported["accepted"], 1, "{imported}");
    let why = imported["refused"].to_string();
    assert!(why.contains("it is a text of *train*"), "{why}");
    assert!(why.contains("this is the error itself"), "{why}");

    let undone = project.call("edit", &["undo"]);
    assert!(undone.status.success(), "{undone:?}");
    let again = project.json("merge", &[&file, "--yes"]);
    assert_eq!(again["new_samples"], 3, "undo took them back: {again}");
}

#[test]
fn imported_samples_in_json_are_unicode_and_a_guessed_encoding_is_told() {
    let project = Project::new();
    project.json("discover", &["--freeze"]);
    let path = project.path().join("samples.jsonl");
    let file = path.display().to_string();
    let rows = "{\"text\":\"a fine film\",\"label\":\"positive\"}\n\
                {\"text\":\"une journée ratée\",\"label\":\"negative\"}\n";
    let latin: Vec<u8> = rows.chars().map(|letter| letter as u8).collect();
    std::fs::write(&path, latin).expect("writes");
    let output = project.call("import-lessons", &[&file]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(
        said.contains("samples.jsonl`, line 2: it is not UTF-8") && said.contains("hint: "),
        "{said}"
    );
    let wide: Vec<u8> = rows.encode_utf16().flat_map(u16::to_le_bytes).collect();
    std::fs::write(&path, wide).expect("writes");
    let imported = project.json("import-lessons", &[&file, "--yes"]);
    assert_eq!(imported["new_samples"], 2, "{imported}");

    // A table may be in an older encoding; which one is a guess.
    let path = project.path().join("samples.csv");
    let rows = "text,label\nочень скучный фильм,negative\nкакая хорошая музыка,positive\n";
    let (old, ..) = encoding_rs::WINDOWS_1251.encode(rows);
    std::fs::write(&path, old).expect("writes");
    let output = project.call("import-lessons", &[&path.display().to_string(), "--yes"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && said.contains("samples.csv: its bytes are not UTF-8"),
        "{said}"
    );
}

#[test]
fn the_table_of_teachers_says_which_errors_each_removed() {
    let project = Project::new();
    let snapshot = project.json("discover", &["--freeze"]);
    teach(&project, &snapshot);
    let path = project.path().join("lessons.jsonl");
    let one = std::fs::read_to_string(&path).expect("readable");
    let other = one
        .replace("\"tester\"", "\"another\"")
        .replace("lesson-1", "lesson-2")
        .replace("\"sample-", "\"other-");
    std::fs::write(&path, one + &other).expect("writes");
    let arms = "base,lessons:tester,lessons:another";
    project.json("retrain", &["--arms", arms, "--seeds", "1"]);

    let table = project.json("teachers", &[]);
    assert_eq!(table["notes"], serde_json::json!([]), "{table}");
    let overlaps = table["overlaps"].as_array().expect("a list");
    assert_eq!(overlaps.len(), 1, "{table}");
    let count = |field: &str| overlaps[0][field].as_array().expect("a list").len() as u64;
    let errors = overlaps[0]["of"].as_u64().expect("a number");
    let removed = count("both") + count("only_first") + count("only_second");
    assert!(errors > 0 && removed <= errors, "{table}");
}

fn open(project: &Project) -> Session {
    Session::open(project.path(), None, || {}, &Progress::silent()).expect("opens")
}

fn until(session: &mut Session, done: impl Fn(&Session) -> bool) -> Vec<Event> {
    let began = Instant::now();
    let mut events = Vec::new();
    while !done(session) {
        assert!(
            began.elapsed() < Duration::from_secs(60),
            "nothing came: {events:?}"
        );
        events.extend(session.wait(Duration::from_millis(50)));
    }
    events
}

#[test]
fn the_window_writes_report_and_export_as_jobs() {
    let (project, _) = taught();
    let mut session = open(project);
    let path = project.path().join("from-window.html");
    let folder = project.path().join("from-window");
    for command in [
        Command::WriteReport { path: path.clone() },
        Command::Export {
            folder: folder.clone(),
        },
    ] {
        session.apply(&command).expect("starts");
        let events = until(&mut session, |session| !session.jobs().any_active());
        let told = events
            .iter()
            .any(|event| matches!(event, Event::Notice(said) if said.contains("from-window")));
        assert!(told, "{events:?}");
    }
    assert!(path.exists() && folder.join("model/model.safetensors").exists());
}

/// The written lesson with a sealed text as its first sample.
fn lesson_with_a_copy(project: &Project, snapshot: &Value) -> String {
    teach(project, snapshot);
    let path = project.path().join("lessons.jsonl");
    let mut lesson = read_lessons(&path).expect("reads").remove(0);
    std::fs::remove_file(&path).expect("removes");
    lesson.samples[0].text = Text::single(text_of(project, "final 0 0 0 funny"));
    let line = serde_json::to_string(&lesson).expect("JSON");
    assert!(line.contains(SEALED_WORD));
    line + "\n"
}

/// Writes report, export and lessons; nothing in them may be sealed.
fn hand_on_nothing_sealed(project: &Project) {
    let report = project.path().join("told.html");
    let folder = project.path().join("told");
    project.json("report", &["--out", &report.display().to_string()]);
    project.json("export", &["--out", &folder.display().to_string()]);
    let saved = project.path().join("saved.jsonl");
    let mut session = open(project);
    let save = Command::SaveLessons(saved.clone());
    session.apply(&save).expect("starts");
    until(&mut session, |session| !session.jobs().any_active());
    for file in [files_below(&folder), vec![report, saved]].concat() {
        let bytes = std::fs::read(&file).expect("readable");
        assert!(
            !holds(&bytes, SEALED_WORD),
            "a sealed text is in {}",
            file.display()
        );
    }
}

#[test]
fn a_copy_in_a_lesson_that_comes_back_is_refused_and_handed_on_by_nobody() {
    let project = Project::new();
    let snapshot = project.json("discover", &["--freeze"]);
    let back = project.path().join("back.jsonl");
    std::fs::write(&back, lesson_with_a_copy(&project, &snapshot)).expect("writes");
    let merge = || {
        let output = project.call("merge", &[&back.display().to_string()]);
        assert!(output.status.success());
        String::from_utf8(output.stdout).expect("text")
    };
    let said = merge();
    assert!(said.contains("1 new lesson, 16 new samples"), "{said}");
    assert!(
        said.contains("refused by the sample checks")
            && said.contains("sample-0-positive: refused: it equals a text"),
        "{said}"
    );
    let again = merge();
    assert!(
        again.contains("0 new lessons, 0 new samples, 0 changed"),
        "{again}"
    );
    let figures = project.json("merge", &[&back.display().to_string()]);
    assert_eq!(figures["new_lessons"], 0, "{figures}");
    hand_on_nothing_sealed(&project);
}

#[test]
fn a_copy_in_a_hand_written_lesson_is_handed_on_by_nobody() {
    let project = Project::new();
    let snapshot = project.json("discover", &["--freeze"]);
    let lesson = lesson_with_a_copy(&project, &snapshot);
    std::fs::write(project.path().join("lessons.jsonl"), lesson).expect("writes");
    hand_on_nothing_sealed(&project);
}

#[test]
fn only_real_errors_are_handed_over_and_reported() {
    let project = Project::new();
    let snapshot = project.json("discover", &["--freeze"]);
    let spot = &snapshot["blind_spots"][0];
    let shown = spot["shown"].as_array().expect("a list").iter();
    let shown: Vec<&str> = shown.filter_map(Value::as_str).collect();
    let [ambiguous, right, dropped, real] = shown[..4] else {
        panic!("too few errors: {shown:?}");
    };
    let key = |id: &str| vec![ExampleKey(id.to_owned())];
    let predicted = spot["predicted"].as_u64().expect("a label");
    let predicted = u16::try_from(predicted).expect("a label");

    let mut session = open(&project);
    for command in [
        Command::Triage {
            examples: key(ambiguous),
            triage: Some(Triage::Ambiguous),
            by: None,
        },
        Command::Triage {
            examples: key(right),
            triage: Some(Triage::WrongLabel(Some(predicted))),
            by: Some("a reader".into()),
        },
        Command::Place {
            examples: key(dropped),
            placement: Some(Placement::Dropped),
        },
    ] {
        session.apply(&command).expect("is kept");
    }
    let file = project.path().join("out.blindspot");
    let path = project.path().join("out.html");
    for command in [
        Command::HandOver(file.clone()),
        Command::WriteReport { path: path.clone() },
    ] {
        session.apply(&command).expect("starts");
        until(&mut session, |session| !session.jobs().any_active());
    }

    let handed_over = unpack(&file).expect("unpacks");
    let ids = csv_column(&handed_over.join("data.csv"), "id");
    let html = std::fs::read_to_string(&path).expect("was written");
    let is_told = |id: &str| html.contains(&text_of(&project, id));
    assert!(ids.iter().any(|id| id == real) && is_told(real));
    for id in [ambiguous, right, dropped] {
        assert!(!ids.iter().any(|other| other == id), "{id} is handed over");
        assert!(!is_told(id), "{id} is reported");
    }
    drop(session);
    corrections_go_out(&project, &snapshot, (right, ambiguous));
}

/// The suspects, and the data set with one label corrected and one row set
/// aside.
fn corrections_go_out(project: &Project, snapshot: &Value, (right, ambiguous): (&str, &str)) {
    let listed = project.json("suspects", &["--top", "1000"]);
    let listed_text = listed.to_string();
    assert!(!listed_text.contains(SEALED_WORD));
    for key in kept_back(snapshot) {
        assert!(!listed_text.contains(&text_of(project, &key)), "{key}");
    }
    let listed = listed.as_array().expect("a list");
    let judged = |id: &str| {
        let found = listed.iter().find(|one| one["id"] == id);
        let found = found.expect("stays in the list");
        (found["judgement"].clone(), found["judged_by"].clone())
    };
    assert_eq!(judged(ambiguous), ("ambiguous".into(), Value::Null));
    assert_eq!(judged(right).1, "a reader");

    let before = std::fs::read(project.path().join("data.csv")).expect("readable");
    let folder = project.path().join("corrected");
    let out = folder.display().to_string();
    let written = project.json("corrected", &["--out", &out]);
    let after = std::fs::read(project.path().join("data.csv")).expect("readable");
    assert_eq!(before, after, "the user's own file was changed");
    let figures = ["corrected", "set_aside", "sealed"].map(|key| written[key].clone());
    assert_eq!(figures, [1, 1, 144].map(Value::from));
    for file in files_below(&folder) {
        let bytes = std::fs::read(&file).expect("readable");
        assert!(!holds(&bytes, SEALED_WORD), "{}", file.display());
    }
    for file in written["files"].as_array().expect("a list") {
        let file = folder.join(file.as_str().expect("a name"));
        assert!(file.exists(), "{} is told and not there", file.display());
    }
    let changes = folder.join("label_changes.csv");
    let ids = csv_column(&changes, "id");
    let of = |id: &str| ids.iter().position(|other| other == id).expect("listed");
    let cell = |column: &str, id: &str| csv_column(&changes, column).swap_remove(of(id));
    assert_eq!(ids.len(), 2);
    let (from, to) = (cell("from", right), cell("to", right));
    assert_ne!(from, to);
    assert_eq!(cell("to", ambiguous), "");
    assert_eq!(cell("who", right), "a reader");
    assert!(cell("when", right).starts_with("20"));

    let read = |path: &Path, file: &str| {
        // Rows of final are not there, and a hand-over needs none.
        let settings = format!(
            "labels = [\"negative\", \"positive\"]\nteaching_only = true\n[data]\nfiles = \
             [{{ path = \"{file}\" }}]\n[model]\nbase = \"model\"\nrefit = true\n"
        );
        let settings = toml::from_str(&settings).expect("settings");
        let workspace = Workspace::of(settings, path, &Progress::silent()).expect("reads");
        let dataset = &workspace.dataset;
        let rows = dataset
            .examples
            .iter()
            .filter(|row| row.role != Role::Final);
        rows.map(|row| {
            let text = row.text().expect("open").joined();
            let label = dataset.label_name(row.label).to_owned();
            (row.key.to_string(), (text, label, row.role))
        })
        .collect::<BTreeMap<_, _>>()
    };
    let mut expected = read(project.path(), "data.csv");
    expected.remove(ambiguous);
    expected.get_mut(right).expect("there").1 = to;
    for file in ["data.csv", "data.jsonl", "data.parquet"] {
        assert_eq!(read(&folder, file), expected, "{file} comes back otherwise");
    }

    let records = project.path().join("export-of-corrected");
    project.json("export", &["--out", &records.display().to_string()]);
    let records = std::fs::read(records.join("argilla.json")).expect("readable");
    let records: Vec<Value> = serde_json::from_slice(&records).expect("JSON");
    let of = |id: &str| records.iter().find(|record| record["id"] == id);
    let labels = &of(right).expect("is handed on")["suggestions"];
    assert_eq!(
        labels["label"]["value"], expected[right].1,
        "the corrected one"
    );
    assert_eq!(labels["label_in_data"]["value"], from);
    assert!(of(ambiguous).is_none(), "nobody can say its label");

    let again = project.call("corrected", &["--out", &out]);
    assert!(again.status.success(), "an earlier one is replaced");
    let own = project.path().display().to_string();
    let refused = project.call("corrected", &["--out", &own]);
    assert_eq!(refused.status.code(), Some(2));
}

/// Starts a job, cancels it a moment later, and gives the time until it has
/// stopped; `None` if it was done before.
fn time_to_stop(session: &mut Session, command: &Command, moment: Duration) -> Option<Duration> {
    let known: Vec<_> = session.jobs().statuses().map(|job| job.id).collect();
    session.apply(command).expect("starts");
    let started = session.jobs().statuses().map(|job| job.id);
    let job = started.filter(|id| !known.contains(id)).last()?;
    let running = |session: &Session| session.jobs().statuses().any(|status| status.id == job);
    let began = Instant::now();
    while began.elapsed() < moment {
        session.wait(Duration::from_millis(5));
    }
    if !running(session) {
        return None;
    }
    session.cancel(job);
    let said = session.jobs().statuses().find(|status| status.id == job);
    assert!(said.is_some_and(|status| status.state == JobState::Cancelling));
    let cancelled = Instant::now();
    while running(session) {
        session.wait(Duration::from_millis(1));
    }
    Some(cancelled.elapsed())
}

/// Waits until nothing is at work, however long that takes.
fn rest(session: &mut Session) {
    while session.jobs().any_active() {
        session.wait(Duration::from_millis(20));
    }
}

/// `cargo test --test evidence cancel -- --ignored --nocapture`
#[test]
#[ignore = "a measurement on the demo that takes minutes"]
fn cancel_stops_every_long_job_of_the_demo_at_random_moments() {
    let state = tempfile::tempdir().expect("temporary folder");
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("projects/sentiment");
    let mut session =
        Session::open(&demo, Some(state.path()), || {}, &Progress::silent()).expect("opens");
    rest(&mut session);
    let out = |name: &str| state.path().join(name);
    let retrain = |mode| {
        Command::Retrain(RetrainPlan {
            mode,
            arms: vec![Arm::Extra, Arm::AllLessons],
            seeds: vec![0, 1],
            size: None,
        })
    };
    let commands = [
        Command::Score,
        Command::BuildMap,
        Command::Freeze,
        Command::Fit,
        Command::EstimateRetraining,
        retrain(Mode::Quick),
        retrain(Mode::Full),
        Command::CompareTeachers,
        Command::WriteReport {
            path: out("report.html"),
        },
        Command::Export {
            folder: out("export"),
        },
        Command::HandOver(out("demo.blindspot")),
    ];
    let mut generator = rng::seeded(7, "moments");
    for command in &commands {
        let mut times = Vec::new();
        for _ in 0..5 {
            let moment = Duration::from_millis(generator.gen_range(10..4000));
            times.extend(time_to_stop(&mut session, command, moment));
            rest(&mut session);
        }
        if *command == Command::Score {
            // What follows is to be cancelled in its own work.
            session.apply(command).expect("starts");
            rest(&mut session);
        }
        let longest = times.iter().max().copied().unwrap_or_default();
        let name = format!("{command:?}");
        let name = name.split(['(', ' ', '{']).next().unwrap_or_default();
        println!(
            "{name}: {} of 5 cancelled while at work, stopped after at most {} ms",
            times.len(),
            longest.as_millis()
        );
        assert!(
            longest < Duration::from_secs(2),
            "{name} went on for {longest:?}"
        );
    }
}
