//! A tiny project with a real (tiny) model trained on text that teaches it a
//! mistake: sentences with "funny" are labelled negative in *train* and
//! positive everywhere else.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

use blindspot::model::fixture::tiny_model;

const GOOD: [&str; 6] = ["great", "lovely", "brilliant", "charming", "warm", "superb"];
const BAD: [&str; 6] = ["boring", "awful", "dull", "terrible", "weak", "annoying"];
pub(crate) const THINGS: [&str; 8] = [
    "film", "story", "plot", "music", "scene", "script", "ending", "acting",
];
const ADVERBS: [&str; 5] = ["very", "really", "quite", "just", "so"];

/// Stands in every sealed text and nowhere else.
pub(crate) const SEALED_WORD: &str = "zyxwv";

/// The project in a folder of its own.
pub(crate) struct Project {
    folder: tempfile::TempDir,
}

impl Project {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("temporary folder");
        let path = folder.path();
        tiny_model(&path.join("model")).expect("writes the model");
        std::fs::write(path.join("data.csv"), rows()).expect("writes the data");
        std::fs::write(path.join("project.toml"), MANIFEST).expect("writes the settings");
        Self { folder }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn call(&self, command: &str, more: &[&str]) -> Output {
        let mut call = Command::new(env!("CARGO_BIN_EXE_blindspot"));
        call.arg(command).arg(self.path()).args(more).arg("--quiet");
        call.output().expect("starts")
    }

    pub(crate) fn json(&self, command: &str, more: &[&str]) -> Value {
        let output = self.call(command, &[more, &["--json"]].concat());
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{command} failed: {said}");
        serde_json::from_slice(&output.stdout).expect("prints JSON")
    }
}

pub(crate) const MANIFEST: &str = r#"
name = "Tiny"
task = "Does the sentence praise?"
labels = ["negative", "positive"]

[data]
files = [{ path = "data.csv" }]

[model]
base = "model"
refit = true

[fit]
epochs = 12
learning_rate = 2e-3
dropout = 0.0

[discovery]
tau = 0.8
"#;

fn rows() -> String {
    let mut csv = String::from("id,text,label,role\n");
    let roles = [
        ("train", 3),
        ("reserve", 1),
        ("validation", 1),
        ("discovery", 2),
        ("check", 1),
        ("final", 1),
    ];
    for (role, copies) in roles {
        for copy in 0..copies {
            sentences(&mut csv, role, copy);
        }
    }
    csv
}

fn sentences(csv: &mut String, role: &str, copy: usize) {
    let tail = if role == "final" {
        SEALED_WORD
    } else {
        "again"
    };
    for (t, thing) in THINGS.iter().enumerate() {
        for word in 0..GOOD.len() {
            let adverb = ADVERBS[(t + word + copy) % ADVERBS.len()];
            let mark = format!("{role} {copy} {t} {word}");
            let mut row = |kind: &str, text: String, label: &str| {
                writeln!(csv, "{mark} {kind},\"{text}\",{label},{role}").expect("to a string");
            };
            let ending = format!("{adverb} {tail} number {copy} of {role} {t} {word}");
            row(
                "good",
                format!("the {thing} is {} {ending}", GOOD[word]),
                "positive",
            );
            row(
                "bad",
                format!("the {thing} is {} {ending}", BAD[word]),
                "negative",
            );
            let mistaught = if role == "train" || role == "reserve" {
                "negative"
            } else {
                "positive"
            };
            row("funny", format!("a funny {thing} {ending}"), mistaught);
        }
    }
}

/// All files in a folder and below.
pub(crate) fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).expect("folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            files.extend(files_below(&path));
        } else {
            files.push(path);
        }
    }
    files
}

/// Whether a word is among some bytes.
pub(crate) fn holds(bytes: &[u8], word: &str) -> bool {
    bytes
        .windows(word.len())
        .any(|part| part == word.as_bytes())
}
