//! What comes from elsewhere: pipes and devices in the place of files, names
//! and cells that work on a terminal, bytes that are no text. The command
//! answers at once, with an error of the input, and shows nothing raw.

#![cfg(unix)]
#![expect(clippy::expect_used, reason = "helpers of tests fail loudly")]

use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

/// A project of three dozen rows.
struct Project(tempfile::TempDir);

impl Project {
    fn new(label: &str, source: &str, data: &str) -> Self {
        let folder = tempfile::tempdir().expect("temporary folder");
        let labels = format!("labels = [{}, \"bad\"]\n", toml::Value::from(label));
        let file = toml::Value::from(data);
        let toml = format!("name = \"hostile\"\n{labels}[data]\nfiles = [{{ path = {file} }}]\n");
        std::fs::write(folder.path().join("project.toml"), toml).expect("writes");
        let mut rows = csv::Writer::from_path(folder.path().join(data)).expect("writes");
        rows.write_record(["text", "label", "source"])
            .expect("writes");
        for row in 0..36 {
            let label = if row % 2 == 0 { label } else { "bad" };
            let text = format!("Sentence number {row} of this file");
            rows.write_record([text.as_str(), label, source])
                .expect("writes");
        }
        rows.flush().expect("writes");
        Self(folder)
    }

    fn plain() -> Self {
        Self::new("good", "all", "data.csv")
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn write(&self, name: &str, content: &[u8]) {
        std::fs::write(self.path().join(name), content).expect("writes");
    }

    /// Puts a pipe that nobody writes to in the place of a file.
    fn pipe(&self, name: &str) {
        let path = self.path().join(name);
        if path.exists() {
            std::fs::remove_file(&path).expect("removes");
        }
        let made = Command::new("mkfifo").arg(&path).status().expect("runs");
        assert!(made.success());
    }

    /// Runs a command with the project, and what follows.
    fn run(&self, command: &str, more: &[&str]) -> Output {
        let mut child = Command::new(env!("CARGO_BIN_EXE_blindspot"))
            .arg(command)
            .arg(self.path())
            .args(more)
            .env("BLINDSPOT_HOME", self.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("starts");
        let started = Instant::now();
        while child.try_wait().expect("is watched").is_none() {
            let hangs = started.elapsed() > Duration::from_secs(60);
            if hangs {
                child.kill().expect("is stopped");
            }
            assert!(!hangs, "{command} hangs");
            std::thread::sleep(Duration::from_millis(20));
        }
        child.wait_with_output().expect("has ended")
    }

    /// Runs a command that refuses, and gives its error.
    fn refused(&self, command: &str, more: &[&str]) -> String {
        let output = self.run(command, more);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(
            said.contains("\nhint: ") && !said.contains("panicked"),
            "{said}"
        );
        said
    }
}

#[test]
fn pipes_and_devices_are_refused_by_name_wherever_a_file_is_named() {
    let places: [(&str, &str, &[&str]); 5] = [
        ("project.toml", "check", &[]),
        ("data.csv", "check", &[]),
        ("l.jsonl", "import-lessons", &["l.jsonl"]),
        ("p.csv", "import-predictions", &["p.csv"]),
        ("model/config.json", "check", &[]),
    ];
    for (place, command, more) in places {
        let project = Project::plain();
        let base = match place {
            "model/config.json" => "model",
            "p.csv" => "predictions",
            _ => "builtin",
        };
        std::fs::create_dir(project.path().join("model")).expect("makes");
        let toml = project.path().join("project.toml");
        let text = std::fs::read_to_string(&toml).expect("reads");
        std::fs::write(toml, format!("{text}[model]\nbase = \"{base}\"\n")).expect("writes");
        project.pipe(place);
        let more: Vec<String> = more
            .iter()
            .map(|name| project.path().join(name).display().to_string())
            .collect();
        let more: Vec<&str> = more.iter().map(String::as_str).collect();
        let said = project.refused(command, &more);
        assert!(said.contains(place), "{place}: {said}");
    }
}

/// Names that clear the screen, set the title, move the cursor, or turn the
/// direction of reading.
const WORKING: [&str; 5] = [
    "\u{1b}[2J\u{1b}[31mred",
    "\u{1b}]0;title\u{7}",
    "\u{9b}2Jc1",
    "\u{202e}gnp.exe\u{2069}",
    "back\u{8}\u{8}space",
];

#[test]
fn nothing_that_works_on_a_terminal_reaches_it() {
    for name in WORKING {
        let project = Project::new(name, name, &format!("{name}.csv"));
        let missing = project.path().join(name).display().to_string();
        for (command, more) in [
            ("check", vec![]),
            ("check", vec!["--json"]),
            ("import-lessons", vec![missing.as_str()]),
        ] {
            let output = project.run(command, &more);
            for stream in [&output.stdout, &output.stderr] {
                let shown = String::from_utf8_lossy(stream);
                let acts = |c: char| {
                    (c.is_control() && !matches!(c, '\n' | '\t'))
                        || ('\u{202a}'..='\u{202e}').contains(&c)
                        || ('\u{2066}'..='\u{2069}').contains(&c)
                };
                assert!(!shown.contains(acts), "{command} {more:?}: {shown:?}");
            }
        }
        let json = project.run("check", &["--json"]).stdout;
        let value: serde_json::Value = serde_json::from_slice(&json).expect("JSON");
        assert!(
            format!("{value:?}").contains(&format!("{name:?}")[1..5]),
            "{value}"
        );
    }
}

#[test]
fn what_is_not_utf8_is_the_users_with_its_line() {
    for (file, command, named) in [
        ("project.toml", "check", false),
        ("l.jsonl", "import-lessons", true),
    ] {
        let project = Project::plain();
        let start = match file {
            "project.toml" => "name = \"x\"\n",
            _ => "{\"id\": \"l\", \"samples\": []}\n",
        };
        project.write(file, &[start.as_bytes(), b"\xff\xfe\n"].concat());
        let path = project.path().join(file);
        let path = std::str::from_utf8(path.as_os_str().as_bytes()).expect("UTF-8");
        let more: Vec<&str> = named.then_some(path).into_iter().collect();
        let said = project.refused(command, &more);
        assert!(said.contains(file) && said.contains("line 2"), "{said}");
    }
}

#[test]
fn a_name_that_swallowed_a_page_is_refused_with_its_row() {
    for column in ["label", "source", "role", "group", "id"] {
        let project = Project::plain();
        let long = "x".repeat(70_000);
        let toml = "[data]\nfiles = [{ path = \"d.csv\" }]\n";
        project.write("project.toml", toml.as_bytes());
        let header = if column == "label" {
            "text,label"
        } else {
            "text,other"
        };
        let header = header.replace("other", &format!("label,{column}"));
        let rest = if column == "label" { "" } else { "good," };
        let first = if column == "role" { "train" } else { "bad" };
        let data = format!("{header}\nOne,{rest}{first}\nTwo,{rest}{long}\n");
        project.write("d.csv", data.as_bytes());
        let said = project.refused("check", &[]);
        assert!(said.contains("d.csv:3") && said.contains(column), "{said}");
        assert!(said.len() < 2_000, "{} bytes", said.len());
    }
}
