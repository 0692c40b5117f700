//! A classifier that the program fitted and exported, opened as a project of
//! its own, and how tests call the program on it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

use crate::tiny_project::{MANIFEST, Project};

/// The tiny project fitted, and its base exported as a folder that
/// `transformers` loads.
pub(crate) struct Exported {
    pub(crate) project: Project,
}

impl Exported {
    pub(crate) fn new() -> Self {
        let project = Project::new();
        project.json("fit", &[]);
        let out = project.path().join("export");
        let out = out.display().to_string();
        project.json("export", &["--out", &out, "--round", "0"]);
        Self { project }
    }

    /// A project beside it whose model is the export as it is, under other
    /// names for its classes.
    pub(crate) fn opened(&self, name: &str, classes: [&str; 2], more: &str) -> PathBuf {
        let folder = self.project.path().join(name);
        let model = folder.join("model");
        copy_model(&self.project.path().join("export/model"), &model);
        let config = model.join("config.json");
        let mut fields: Value = read_json(&config);
        fields["id2label"] = serde_json::json!({"0": classes[0], "1": classes[1]});
        fields["label2id"] = serde_json::json!({classes[0]: 0, classes[1]: 1});
        std::fs::write(&config, fields.to_string()).expect("writes");
        let data = self.project.path().join("data.csv");
        std::fs::copy(data, folder.join("data.csv")).expect("copies");
        let manifest = MANIFEST.replace("refit = true\n", "") + more;
        std::fs::write(folder.join("project.toml"), manifest).expect("writes");
        folder
    }
}

/// Copies the files of a model to a new folder.
pub(crate) fn copy_model(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("makes the folder");
    for entry in std::fs::read_dir(from).expect("is there").flatten() {
        std::fs::copy(entry.path(), to.join(entry.file_name())).expect("copies");
    }
}

fn read_json(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).expect("readable");
    serde_json::from_str(&text).expect("JSON")
}

pub(crate) fn call(command: &str, folder: &Path, more: &[&str]) -> Output {
    let mut call = Command::new(env!("CARGO_BIN_EXE_blindspot"));
    call.arg(command).arg(folder).args(more).arg("--quiet");
    call.output().expect("starts")
}

pub(crate) fn json(command: &str, folder: &Path, more: &[&str]) -> Value {
    let output = call(command, folder, &[more, &["--json"]].concat());
    assert!(output.status.success(), "{command}: {}", said(&output));
    serde_json::from_slice(&output.stdout).expect("prints JSON")
}

pub(crate) fn said(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    text(&output.stdout) + &text(&output.stderr)
}
