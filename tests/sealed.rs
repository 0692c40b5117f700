//! No *final* text is anywhere: not on the screen, not in a file, not on the
//! way to a language model. Here the roles come so late that a reader who
//! looks at ten thousand rows first finds none, and most sealed rows are drawn.

#![expect(clippy::expect_used, reason = "helpers of tests fail loudly")]

#[expect(dead_code, reason = "shared with other tests")]
#[path = "llm/model.rs"]
mod model;
#[expect(dead_code, reason = "shared with other tests")]
#[path = "support/scripted_teacher.rs"]
mod scripted_teacher;
#[expect(dead_code, reason = "shared with other tests")]
#[path = "llm/server.rs"]
mod server;
#[expect(dead_code, reason = "shared with other tests")]
#[path = "support/tiny_project.rs"]
mod tiny_project;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::LazyLock;

use regex::bytes::Regex;
use scripted_teacher::act;
use server::Server;
use tiny_project::{THINGS, files_below};

use blindspot::dataset;
use blindspot::model::fixture::tiny_model;
use blindspot::records::{Manifest, Role};
use blindspot::steps::hand_over;
use blindspot::support::Progress;

/// Rows before the first that has the key `role`.
const WITHOUT_ROLE: usize = 10_000;
const ROWS: usize = WITHOUT_ROLE + 240;

/// A word that stands in one text and nowhere else.
fn word(row: usize) -> String {
    format!("zq{row}q")
}

static WORDS: LazyLock<Regex> = LazyLock::new(|| Regex::new("zq([0-9]+)q").expect("a pattern"));

const MANIFEST: &str = r#"
name = "Sealed"
task = "Does the sentence praise?"
labels = ["negative", "positive"]

[data]
files = [{ path = "data.jsonl" }]

[roles.shares]
train = 0.03
reserve = 0.82
validation = 0.01
discovery = 0.03
check = 0.03
final = 0.08

[model]
base = "model"
refit = true

[fit]
epochs = 6
learning_rate = 2e-3
dropout = 0.0

[discovery]
tau = 0.6
"#;

fn write_project(folder: &Path, base_url: &str) {
    tiny_model(&folder.join("model")).expect("writes the model");
    let mut lines = String::new();
    for row in 0..ROWS {
        let praises = row % 2 == 0;
        let quality = if praises { "great" } else { "awful" };
        // Some labels contradict their texts: what is confidently wrong.
        let label = if praises == (row % 7 != 0) {
            "positive"
        } else {
            "negative"
        };
        let role = match row {
            0..WITHOUT_ROLE => String::new(),
            row => format!(", \"role\": \"{}\"", Role::ALL[row / 2 % Role::ALL.len()]),
        };
        let text = format!(
            "the {} is {quality} {}",
            THINGS[row / 2 % THINGS.len()],
            word(row)
        );
        writeln!(
            lines,
            "{{\"text\": \"{text}\", \"label\": \"{label}\"{role}}}"
        )
        .expect("writes");
    }
    std::fs::write(folder.join("data.jsonl"), lines).expect("writes the data");
    let teacher = format!(
        "{MANIFEST}\n[[teachers]]\nname = \"scripted\"\nkind = \"openai\"\nbase_url = \"{base_url}\"\n\
         model = \"scripted-1\"\nprices = {{ input = 1.0, output = 4.0 }}\n"
    );
    std::fs::write(folder.join("project.toml"), teacher).expect("writes the settings");
}

/// Asserts that some bytes hold the word of no sealed text.
fn nothing_sealed(bytes: &[u8], sealed: &BTreeSet<usize>, place: &str) {
    for found in WORDS.captures_iter(bytes) {
        let number = std::str::from_utf8(&found[1]).expect("digits").parse();
        let row: usize = number.expect("a number");
        assert!(
            !sealed.contains(&row),
            "the sealed text {row} is in {place}"
        );
    }
}

#[test]
fn no_sealed_text_leaves_when_roles_come_after_10_000_rows() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let server = Server::new(act);
    write_project(folder.path(), &server.url());
    let settings = Manifest::load(folder.path()).expect("settings");
    let read = dataset::read(&settings, folder.path(), &Progress::silent()).expect("data");
    let row = |index: &usize| read.examples[*index].origin.row as usize - 1;
    let sealed: BTreeSet<usize> = read.with_role(Role::Final).iter().map(row).collect();
    assert!(sealed.iter().filter(|row| **row < WITHOUT_ROLE).count() > 500);
    assert_eq!(
        sealed.iter().filter(|row| **row >= WITHOUT_ROLE).count(),
        40
    );

    let out = tempfile::tempdir().expect("temporary folder");
    let to = |name: &str| out.path().join(name).display().to_string();
    let calls: [&[&str]; 9] = [
        &["check"],
        &["check", "--json"],
        &["discover", "--freeze"],
        &[
            "teach",
            "--teacher",
            "scripted",
            "--samples",
            "4",
            "--accept-all-passing",
            "--yes",
        ],
        &["retrain", "--seeds", "1"],
        &[
            "run",
            "--seeds",
            "1",
            "--keep-sealed",
            "--report",
            &to("kept.html"),
        ],
        &["compare", "--open-final"],
        &["report", "--out", &to("report.html")],
        &["export", "--out", &to("export")],
    ];
    let handed = to("out.blindspot");
    for arguments in calls
        .into_iter()
        .chain([&["hand-over", "--out", &handed][..]])
    {
        let output = call(folder.path(), arguments);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {said}");
        for said in [&output.stdout, &output.stderr] {
            nothing_sealed(said, &sealed, &format!("what {arguments:?} says"));
        }
    }
    assert!(!server.requests().is_empty());
    for request in server.requests() {
        nothing_sealed(request.body.to_string().as_bytes(), &sealed, "a prompt");
    }
    // Its files lie packed in it.
    hand_over::unpack(Path::new(&handed)).expect("unpacks");
    let written = [folder.path().join(".blindspot"), out.path().to_owned()];
    let mut seen = 0;
    for file in written.iter().flat_map(|folder| files_below(folder)) {
        let bytes = std::fs::read(&file).expect("readable");
        nothing_sealed(&bytes, &sealed, &file.display().to_string());
        seen += usize::from(WORDS.is_match(&bytes));
    }
    assert!(seen > 2, "the words are found where they may be");
}

fn call(folder: &Path, arguments: &[&str]) -> Output {
    let mut call = Command::new(env!("CARGO_BIN_EXE_blindspot"));
    call.arg(arguments[0]).arg(folder).args(&arguments[1..]);
    call.output().expect("starts")
}
