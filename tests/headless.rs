//! What a window does, done by commands: a project of a file, triage, names,
//! moves, lessons by hand, review, undo across processes.

#![expect(clippy::expect_used, reason = "helpers of tests fail loudly")]

#[path = "support/tiny_project.rs"]
mod tiny_project;

use serde_json::Value;
use tiny_project::{Project, SEALED_WORD, files_below, holds};

fn edit(project: &Project, more: &[&str]) -> Value {
    project.json("edit", more)
}

fn show(project: &Project, more: &[&str]) -> Value {
    project.json("show", more)
}

/// What a command that fails says.
fn refused(project: &Project, command: &str, more: &[&str]) -> String {
    let output = project.call(command, more);
    assert_eq!(output.status.code(), Some(2), "{more:?}");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

#[test]
fn a_project_is_taught_without_a_window() {
    let project = Project::new();
    project.json("discover", &[]);
    let overview = show(&project, &[]);
    assert_eq!(overview["blind_spots"][0]["id"], 1);
    let spot = show(&project, &["blind-spot", "1"]);
    let errors = spot["shown"].as_array().expect("a list").clone();
    assert!(errors.len() > 3, "{spot}");
    let (first, second) = (text(&errors[0]["id"]), text(&errors[1]["id"]));

    // Edits, each undone by another process.
    edit(&project, &["triage", first, "--as", "ambiguous"]);
    edit(&project, &["rename", "1", "fun is no insult"]);
    edit(&project, &["move", second, "--out"]);
    let of_second = show(&project, &["example", second]);
    assert_eq!(of_second["blind_spot"], Value::Null);
    assert_eq!(edit(&project, &["undo"])["undo"], "rename blind spot");
    let of_second = show(&project, &["example", second, "--words"]);
    assert_eq!(of_second["blind_spot"], 1);
    assert!(
        of_second["words"]
            .as_array()
            .is_some_and(|words| !words.is_empty())
    );
    assert_eq!(edit(&project, &["redo"])["redo"], Value::Null);
    edit(&project, &["undo"]);
    let again = edit(&project, &["rename", "1", "fun is no insult"]);
    assert_eq!(again["changed"], false, "it is called so already");

    a_lesson_by_hand(&project, first);
    what_is_not_there_is_refused_with_what_there_is(&project, first);
}

/// Texts of which some pass the checks: the tiny encoder takes most for copies.
fn candidates() -> impl Iterator<Item = String> {
    const WORDS: [&str; 8] = [
        "hotel", "camera", "battery", "phone", "staff", "car", "night", "money",
    ];
    (0..64).map(|number: usize| {
        let word = |turn: usize| WORDS[(number / turn) % WORDS.len()];
        format!("positive funny {} {} {}", word(1), word(8), word(5))
    })
}

fn a_lesson_by_hand(project: &Project, error: &str) {
    let irony = &[
        "hypothesis",
        "funny is meant as praise",
        "--blind-spot",
        "1",
        "--by",
        "ann",
    ];
    let irony = edit(project, irony);
    let (hypothesis, lesson) = (text(&irony["hypothesis"]), text(&irony["lesson"]));
    let of = ["--label", "POSITIVE", "--blind-spot", "1", "--by", "ann"];
    let more = ["--hypothesis", hypothesis, "--edit-of", error];
    let written = candidates().find_map(|text| {
        let typed = [&["sample", &text, "--json"], &of[..], &more].concat();
        let output = project.call("edit", &typed);
        let written = output.status.success().then_some(output.stdout)?;
        let written: Value = serde_json::from_slice(&written).expect("prints JSON");
        Some((text, written))
    });
    let (typed, sample) = written.expect("some text passes the checks");
    assert_eq!(text(&sample["lesson"]), lesson, "the lesson that has begun");
    assert!(sample["model_says"].is_string());
    let sample = text(&sample["sample"]).to_owned();
    let again = refused(project, "edit", &[&["sample", &typed], &of[..]].concat());
    assert!(again.contains("same text"), "{again}");

    edit(
        project,
        &["sample", "--change", &sample, "--label", "negative"],
    );
    edit(project, &["reject", &sample, "--reason", "wrong label"]);
    edit(project, &["accept", &sample]);
    edit(
        project,
        &["signed", lesson, "--by", "bob", "--familiarity", "expert"],
    );
    edit(project, &["time", lesson, "--seconds", "90"]);
    let lessons = show(project, &["lessons", lesson]);
    assert_eq!(lessons[0]["teacher"], "bob");
    assert_eq!(lessons[0]["cost"]["active_seconds"], 90.0);
    assert_eq!(lessons[0]["samples"][0]["label"], "negative");
    edit(project, &["remove", hypothesis]);
    let lessons = show(project, &["lessons", lesson]);
    assert_eq!(lessons[0]["samples"].as_array().map(Vec::len), Some(0));
    edit(project, &["undo"]);

    let commands = project.path().join("commands.jsonl");
    let rename = "{\"rename\": {\"blind_spot\": 1, \"name\": \"by list\"}}\n";
    std::fs::write(&commands, format!("{rename}\"end_edit\"\n")).expect("writes");
    edit(project, &["commands", &commands.display().to_string()]);
    assert_eq!(show(project, &[])["blind_spots"][0]["name"], "by list");
    std::fs::write(&commands, format!("{rename}\"fit\"\n")).expect("writes");
    let work = refused(
        project,
        "edit",
        &["commands", &commands.display().to_string()],
    );
    assert!(work.contains("work"), "{work}");
}

fn what_is_not_there_is_refused_with_what_there_is(project: &Project, error: &str) {
    let before = show(project, &[]);
    for (typed, told) in [
        (&["rename", "77", "x"][..], "there are: 1 (by list)"),
        (&["move", error, "--to", "77"], "there are: 1"),
        (&["move", "no such id", "--out"], "no example"),
        (
            &["triage", "final 0 0 0 funny", "--as", "real-error"],
            "sealed",
        ),
        (
            &["triage", error, "--as", "wrong-label", "--label", "meh"],
            "negative, positive",
        ),
        (
            &["triage", error, "--as", "ambiguous", "--label", "positive"],
            "wrong-label",
        ),
        (&["accept", "no such sample"], "lists samples"),
        (&["signed", "no such lesson", "--by", "x"], "(by bob)"),
        (&["use-model", "5"], "none yet"),
        (&["use-snapshot", "9"], "versions are: 1"),
        (&["prompt", "nonsense.txt"], "judge.txt"),
        (&["hypothesis", " ", "--blind-spot", "1"], "empty"),
    ] {
        let said = refused(project, "edit", typed);
        assert!(said.contains(told), "{typed:?}: {said}");
    }
    let said = refused(project, "show", &["example", "final 0 0 0 funny"]);
    assert!(said.contains("sealed") && !holds(said.as_bytes(), SEALED_WORD));
    let kept = files_below(&project.path().join(".blindspot"));
    let undo = kept.iter().find(|file| file.ends_with("edits.json"));
    let undo = std::fs::read(undo.expect("is kept")).expect("reads");
    assert!(!holds(&undo, SEALED_WORD));
    assert_eq!(show(project, &[]), before);
}

#[test]
fn a_project_is_made_of_a_file() {
    let project = Project::new();
    let rows: String = (0..60)
        .map(|row| {
            format!(
                "Der Vorgang {row} ist eilig;{}\n",
                ["Frage", "Lob"][row % 2]
            )
        })
        .collect();
    let file = project.path().join("anfragen.csv");
    std::fs::write(&file, format!("Text;Kategorie\n{rows}")).expect("writes");
    let file = file.display().to_string();
    let model = project.path().join("model").display().to_string();
    let folder = project.path().join("mine").display().to_string();
    let new = |more: &[&str]| {
        let mut call = std::process::Command::new(env!("CARGO_BIN_EXE_blindspot"));
        call.args(["new", &folder, &file, "--refit", "--model", &model])
            .args(more);
        call.output().expect("starts")
    };
    let wrong = new(&["--text", "Kategorie"]);
    let said = String::from_utf8_lossy(&wrong.stderr);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(
        said.contains("the same") && said.contains("Text, Kategorie"),
        "{said}"
    );
    let would = new(&["--dry-run", "--json"]);
    let would: Value = serde_json::from_slice(&would.stdout).expect("prints JSON");
    assert_eq!(would["columns"]["label"], "Kategorie");
    assert!(!std::path::Path::new(&folder).exists());
    assert!(new(&["--name", "Anfragen"]).status.success());
    let made = std::fs::read_to_string(std::path::Path::new(&folder).join("project.toml"));
    assert!(made.expect("is there").contains("Anfragen"));
    assert_eq!(new(&[]).status.code(), Some(2), "it is there already");
}

#[test]
fn a_project_is_made_for_a_model_that_is_elsewhere() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (data, answers, project) = (path("data.csv"), path("answers.csv"), path("mine"));
    let (mut rows, mut said) = (String::new(), String::new());
    for row in 0..200 {
        let (label, sure) = (["good", "bad"][row % 2], row % 10 != 0);
        rows += &format!("{row},{label} film number {row},{label}\n");
        let good = if (label == "good") == sure {
            0.97
        } else {
            0.03
        };
        said += &format!("{row},{good},{}\n", 1.0 - good);
    }
    std::fs::write(&data, format!("id,text,label\n{rows}")).expect("writes");
    let head = "id,probability_good,probability_bad";
    std::fs::write(&answers, format!("{head}\n{said}")).expect("writes");
    let call = |typed: &[&str]| {
        let mut call = std::process::Command::new(env!("CARGO_BIN_EXE_blindspot"));
        let done = call.args(typed).output().expect("starts");
        let said = [done.stdout, done.stderr].concat();
        (
            done.status.code(),
            String::from_utf8_lossy(&said).into_owned(),
        )
    };
    let nameless = path("nameless.csv");
    let without = rows.lines().filter_map(|line| line.split_once(','));
    let without: String = without.map(|(_, rest)| format!("{rest}\n")).collect();
    std::fs::write(&nameless, format!("text,label\n{without}")).expect("writes");
    let (code, refused) = call(&["new", &path("other"), &nameless, "--black-box"]);
    assert_eq!(code, Some(2), "{refused}");
    assert!(refused.contains("which column holds the id"), "{refused}");

    let (code, made) = call(&["new", &project, &data, "--black-box"]);
    assert_eq!(code, Some(0), "{made}");
    assert!(
        made.contains("next: `blindspot import-predictions"),
        "{made}"
    );
    let (code, read) = call(&["import-predictions", &project, &answers]);
    assert_eq!(code, Some(0), "{read}");
    let (code, found) = call(&["discover", &project]);
    assert_eq!(code, Some(0), "{found}");
    assert!(found.contains("unknown unknown"), "{found}");
}

/// Calls `new` with something on its standard input.
fn new_with(more: &[&str], input: &[u8]) -> std::process::Output {
    use std::io::Write as _;
    let mut call = std::process::Command::new(env!("CARGO_BIN_EXE_blindspot"));
    call.arg("new").args(more);
    call.stdin(std::process::Stdio::piped());
    call.stdout(std::process::Stdio::piped());
    call.stderr(std::process::Stdio::piped());
    let mut child = call.spawn().expect("starts");
    let mut pipe = child.stdin.take().expect("is piped");
    // A command that refuses early does not read to the end.
    drop(pipe.write_all(input));
    drop(pipe);
    child.wait_with_output().expect("ends")
}

#[test]
fn a_table_is_piped_into_a_new_project() {
    let project = Project::new();
    let model = project.path().join("model").display().to_string();
    let folder = project.path().join("mine").display().to_string();
    let rows = |kind: &str| -> String {
        let row = |at: usize| format!("{kind} film number {at}\t{}\n", ["good", "bad"][at % 2]);
        format!("text\tlabel\n{}", (0..60).map(row).collect::<String>())
    };
    let test = project.path().join("held.tsv");
    std::fs::write(&test, rows("another")).expect("writes");
    let named = format!("final={}", test.display());
    let refit = ["--refit", "--model", &model];
    let with = |files: &[&str], more: &[&str], input: &[u8]| {
        let all = [&[folder.as_str()][..], files, &refit, more].concat();
        new_with(&all, input)
    };
    for (input, why) in [
        (&b""[..], "is empty"),
        (b"a line", "one line only"),
        (b"text\tlabel\n\xff\xfe\n\tx\n", "the standard input"),
    ] {
        let refused = with(&["-"], &[], input);
        let said = String::from_utf8_lossy(&refused.stderr);
        assert_eq!(refused.status.code(), Some(2), "{said}");
        assert!(
            said.contains("standard input") || said.contains("piped"),
            "{why}: {said}"
        );
    }
    assert_eq!(with(&["-", "final=-"], &[], b"").status.code(), Some(2));
    let made = with(
        &["-", &named],
        &["--no-copy", "--json"],
        rows("a").as_bytes(),
    );
    let said = String::from_utf8_lossy(&made.stderr).into_owned();
    assert!(made.status.success(), "{said}");
    let made: Value = serde_json::from_slice(&made.stdout).expect("prints JSON");
    assert_eq!(made["columns"]["text"], "text");
    let folder = std::path::Path::new(&folder);
    let kept = std::fs::read_to_string(folder.join("data/piped.tsv")).expect("is kept");
    assert_eq!(kept, rows("a"));
    let settings = std::fs::read_to_string(folder.join("project.toml")).expect("is there");
    assert!(settings.contains(&test.display().to_string()), "{settings}");
}

#[test]
fn how_each_file_is_read_is_typed_as_in_the_settings() {
    let project = Project::new();
    let model = project.path().join("model").display().to_string();
    let folder = project.path().join("mine").display().to_string();
    let file = |name: &str, bytes: &[u8]| {
        let path = project.path().join(name);
        std::fs::write(&path, bytes).expect("writes");
        path.display().to_string()
    };
    let rows = |text: &str, labels: [&str; 2], between: char| -> String {
        let row = |at: usize| format!("\"{text} {at}\"{between}{}\n", labels[at % 2]);
        format!(
            "text{between}label\n{}",
            (0..60).map(row).collect::<String>()
        )
    };
    let cyrillic = rows("фильм номер", ["плохо", "хорошо"], ';');
    let (koi, ..) = encoding_rs::KOI8_R.encode(&cyrillic);
    let first = file("first.csv", &koi);
    let second = file(
        "second.csv",
        rows("a; film | number", ["плохо", "хорошо"], '|').as_bytes(),
    );
    let of = |value: &str| format!("{second}={value}");
    let new = |more: &[&str]| {
        new_with(
            &[
                &[&folder, &first, &second, "--refit", "--model", &model],
                more,
            ]
            .concat(),
            b"",
        )
    };
    let made = new(&[
        "--encoding",
        "koi8-r",
        "--encoding",
        &of("utf-8"),
        "--delimiter",
        ";",
        "--delimiter",
        &of("|"),
        "--quotes",
        &of("doubled"),
    ]);
    let said = String::from_utf8_lossy(&made.stderr).into_owned();
    assert!(made.status.success(), "{said}");
    let dataset = blindspot::records::Manifest::load(std::path::Path::new(&folder))
        .and_then(|manifest| {
            let folder = std::path::Path::new(&folder);
            assert_eq!(manifest.data.files[0].encoding.as_deref(), Some("koi8-r"));
            assert_eq!(manifest.data.files[1].delimiter, Some('|'));
            assert_eq!(manifest.data.files[0].quotes, None);
            let silent = blindspot::support::Progress::silent();
            blindspot::dataset::read(&manifest, folder, &silent)
        })
        .expect("reads");
    assert_eq!(dataset.labels, ["плохо", "хорошо"]);
    let texts: Vec<&str> = dataset
        .examples
        .iter()
        .filter_map(|e| Some(e.text()?.first.as_str()))
        .collect();
    assert!(texts.iter().any(|text| text.starts_with("фильм номер")));
    assert!(
        texts
            .iter()
            .any(|text| text.starts_with("a; film | number"))
    );
    for wrong in [
        ["--delimiter", ";;"],
        ["--quotes", "sometimes"],
        ["--encoding", "klingon"],
        ["--disagreement", "dice"],
    ] {
        assert_eq!(new(&wrong).status.code(), Some(2), "{wrong:?}");
    }
}
