//! An assistant over the Model Context Protocol: the official client drives the
//! loop from a first look to a comparison; a hostile one gets errors. Nothing
//! that either of them received holds a sealed or a kept-back text.
//!
//! The same with the client in Python, from a folder with `mcp` installed:
//! `BLINDSPOT_MCP_PYTHON=VENV/bin/python cargo test --release --test assistants
//! -- --ignored`.

#![expect(clippy::expect_used, reason = "helpers of tests fail loudly")]

#[path = "support/tiny_project.rs"]
mod tiny_project;

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdout, Command, Stdio};

use blindspot::mcp::{Offer, Terms};
use blindspot::support::Progress;
use rmcp::model::{CallToolRequestParams, CallToolResult};
use rmcp::service::{RoleClient, RunningService, ServiceExt as _};
use serde_json::{Value, json};
use tiny_project::{Project, SEALED_WORD, files_below, holds};

/// Words that the data does not use: the tiny encoder takes texts of its words
/// for copies.
const WORDS: [&str; 8] = [
    "hotel", "camera", "battery", "phone", "staff", "car", "night", "money",
];

/// A project with its blind spots, and the texts that must not leave it.
fn discovered() -> (Project, Vec<String>) {
    let project = Project::new();
    let snapshot = project.json("discover", &[]);
    let spots = snapshot["blind_spots"].as_array().expect("a list");
    let kept_back = spots.iter().flat_map(|spot| spot["kept_back"].as_array());
    let kept_back: Vec<String> = kept_back
        .flatten()
        .map(|key| key.as_str().expect("a key").to_owned())
        .collect();
    assert!(!kept_back.is_empty());
    let mut rows = csv::Reader::from_path(project.path().join("data.csv")).expect("opens");
    let mut secrets: Vec<String> = rows
        .records()
        .map(|row| row.expect("a row"))
        .filter(|row| kept_back.iter().any(|key| *key == row[0]))
        .map(|row| row[1].to_owned())
        .collect();
    secrets.push(SEALED_WORD.to_owned());
    (project, secrets)
}

fn terms() -> Terms {
    Terms {
        name: None,
        calls: 100,
        samples: 60,
        accept_passing: true,
    }
}

type Client = RunningService<RoleClient, ()>;

/// Calls a tool; gives what it answers, and notes all that was received.
async fn call(
    client: &Client,
    received: &mut String,
    tool: &'static str,
    arguments: Value,
) -> CallToolResult {
    let arguments = arguments.as_object().expect("an object").clone();
    let request = CallToolRequestParams::new(tool).with_arguments(arguments);
    let answer = client.call_tool(request).await.expect("is answered");
    *received += &serde_json::to_string(&answer).expect("writes");
    answer
}

fn value(answer: &CallToolResult) -> Value {
    assert_ne!(answer.is_error, Some(true), "{answer:?}");
    answer.structured_content.clone().expect("is structured")
}

#[test]
fn an_assistant_drives_the_loop_from_a_first_look_to_a_comparison() {
    let (project, secrets) = discovered();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("starts");
    let received = runtime.block_on(async {
        let offer = Offer::new(project.path(), None, terms(), &Progress::silent()).expect("opens");
        let said = offer.statement().to_owned();
        assert!(said.contains("shown error"), "{said}");
        let (ours, theirs) = tokio::io::duplex(1 << 16);
        let (input, output) = tokio::io::split(ours);
        let served = tokio::spawn(offer.serve(input, output));
        let client = ().serve(theirs).await.expect("they understand each other");
        let received = drive(&client).await;
        client.cancel().await.expect("ends");
        served.await.expect("no panic").expect("ends well");
        received
    });
    for secret in &secrets {
        assert!(!holds(received.as_bytes(), secret), "received: {secret}");
    }

    // Its lessons are a teacher of their own, and each call is written down.
    let lessons = project.json("show", &["lessons"]);
    assert_eq!(lessons[0]["teacher"], "assistant rmcp");
    let journal = project.path().join(".blindspot/assistants.jsonl");
    let journal = std::fs::read_to_string(journal).expect("is there");
    assert!(journal.lines().count() >= 8, "{journal}");
    for secret in &secrets {
        assert!(!holds(journal.as_bytes(), secret), "written down: {secret}");
    }
    let undone = project.json("edit", &["undo"]);
    assert_eq!(undone["changed"], true, "a person takes back what it did");
}

async fn drive(client: &Client) -> String {
    let mut received = String::new();
    let tools = client.list_all_tools().await.expect("lists");
    assert_eq!(tools.len(), 8);
    received += &serde_json::to_string(&tools).expect("writes");
    let seen = value(&call(client, &mut received, "look", json!({})).await);
    let spot = seen["blind_spots"][0]["blind_spot"].clone();
    assert_eq!(seen["budget"]["samples_left"], 60);
    let shown = json!({ "blind_spot": spot });
    let shown = value(&call(client, &mut received, "blind_spot", shown).await);
    assert!(
        shown["errors"]
            .as_array()
            .is_some_and(|errors| errors.len() > 3)
    );

    let proposed = json!({ "blind_spot": spot, "hypotheses": [{ "text": "funny is praise" }] });
    let proposed = value(&call(client, &mut received, "propose_hypotheses", proposed).await);
    let hypothesis = proposed["hypotheses"][0].clone();
    let mut samples: Vec<Value> = (0..24)
        .map(|number: usize| {
            let word = |turn: usize| WORDS[(number / turn) % WORDS.len()];
            let text = format!("positive funny {} {} {}", word(1), word(8), word(5));
            json!({ "text": text, "label": "positive", "hypothesis": hypothesis })
        })
        .collect();
    samples.push(samples[0].clone());
    let samples = json!({ "blind_spot": spot, "samples": samples });
    let samples = value(&call(client, &mut received, "propose_samples", samples).await);
    let standing: Vec<&str> = samples["samples"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|sample| sample["standing"].as_str())
        .collect();
    let drafts = standing.iter().filter(|of| **of == "draft").count();
    assert!(drafts > 2, "{samples}");
    assert_eq!(standing[24], "rejected", "it repeats the first");
    assert_eq!(samples["samples_left"], 60 - standing.len());

    let waiting = value(&call(client, &mut received, "label_samples", json!({})).await);
    let waiting = waiting["to_label"].as_array().expect("a list").clone();
    assert_eq!(waiting.len(), drafts);
    assert!(waiting.iter().all(|sample| sample.get("label").is_none()));
    let labels: Vec<Value> = waiting
        .iter()
        .map(|sample| json!({ "sample": sample["sample"], "label": "positive" }))
        .collect();
    let labelled = json!({ "labels": labels });
    let labelled = value(&call(client, &mut received, "label_samples", labelled).await);
    assert_eq!(labelled["samples"][0]["standing"], "accepted");
    let drafts = value(&call(client, &mut received, "drafts", json!({})).await);
    let known = drafts["lessons"][0]["samples"].as_array().map(Vec::len);
    assert_eq!(known, Some(standing.len()));

    let own = format!("lessons:{}", seen["you_teach_as"].as_str().expect("a name"));
    let wanted = json!({ "seeds": 1, "arms": ["base", own] });
    let trained = value(&call(client, &mut received, "retrain", wanted).await);
    assert_eq!(trained["role"], "check");
    let again = value(&call(client, &mut received, "compare", json!({ "round": 1 })).await);
    assert_eq!(again["tables"], trained["tables"]);
    received
}

/// A client that sends whatever it likes.
struct Hostile {
    child: Child,
    answers: BufReader<ChildStdout>,
    received: String,
    id: u64,
}

impl Hostile {
    fn start(project: &Project, more: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_blindspot"))
            .arg("mcp")
            .arg(project.path())
            .args(more)
            .env("BLINDSPOT_SECRET_KEY", "sk-very-secret")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("starts");
        let answers = BufReader::new(child.stdout.take().expect("is piped"));
        let mut hostile = Self {
            child,
            answers,
            received: String::new(),
            id: 0,
        };
        let hello = json!({
            "protocolVersion": "2025-06-18", "capabilities": {},
            "clientInfo": { "name": "evil\u{7}, lessons:ann\n", "version": "1" },
        });
        let welcome = hostile.ask("initialize", hello);
        assert!(welcome["result"]["instructions"].is_string(), "{welcome}");
        hostile.send("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}");
        hostile
    }

    fn send(&mut self, line: &str) {
        let input = self.child.stdin.as_mut().expect("is piped");
        input.write_all(line.as_bytes()).expect("is read");
        input.write_all(b"\n").expect("is read");
    }

    /// Asks, and gives the answer to that and no other.
    fn ask(&mut self, method: &str, params: Value) -> Value {
        self.id += 1;
        let id = self.id;
        let request = json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params });
        self.send(&request.to_string());
        loop {
            let mut line = String::new();
            let read = self.answers.read_line(&mut line).expect("an answer");
            assert!(read > 0, "the server has gone");
            self.received += &line;
            let answer: Value = serde_json::from_str(&line).expect("JSON");
            if answer["id"] == json!(id) {
                return answer;
            }
        }
    }

    /// Calls a tool that must not do it; gives what it says.
    fn refused(&mut self, tool: &str, arguments: Value) -> String {
        let params = json!({ "name": tool, "arguments": arguments });
        let answer = self.ask("tools/call", params);
        let is_error = answer["result"]["isError"] == json!(true) || answer["error"].is_object();
        assert!(is_error, "{tool} was carried out: {answer}");
        answer.to_string()
    }
}

#[test]
fn a_hostile_client_gets_errors_and_nothing_else() {
    let (project, secrets) = discovered();
    let sealed = "the film is great so zyxwv number 0 of final 0 0";
    let before = project.json("show", &["lessons"]);
    let outside = || {
        let mut files = files_below(project.path());
        files.retain(|file| !file.starts_with(project.path().join(".blindspot")));
        files.sort();
        files
    };
    let files = outside();
    let mut hostile = Hostile::start(&project, &["--calls", "40", "--samples", "20"]);
    let one = |text: &str| json!({ "text": text, "label": "positive" });
    let of = |samples: Vec<Value>| json!({ "blind_spot": 1, "samples": samples });

    for (tool, arguments) in [
        ("read_file", json!({ "path": "/etc/passwd" })),
        ("blind_spot", json!({ "blind_spot": "../../etc/passwd" })),
        (
            "blind_spot",
            json!({ "blind_spot": 1, "path": "project.toml" }),
        ),
        ("blind_spot", json!({ "blind_spot": 4_294_967_296_u64 })),
        ("blind_spot", json!({ "blind_spot": 99 })),
        ("look", json!({ "role": "final" })),
        ("compare", json!({ "round": 1 })),
        ("compare", json!({ "role": "final" })),
        ("retrain", json!({ "seeds": 10_000 })),
        ("retrain", json!({ "arms": ["../x"] })),
        ("retrain", json!({ "open_final": true })),
        (
            "label_samples",
            json!({ "labels": [{ "sample": "x", "label": "positive" }] }),
        ),
        (
            "propose_hypotheses",
            json!({ "blind_spot": 1, "hypotheses": "all" }),
        ),
        ("propose_samples", of(vec![one("hello"); 10_000])),
        ("propose_samples", of(vec![one("hello"); 21])),
        ("propose_samples", of(vec![one(&"x".repeat(6_000))])),
        (
            "propose_samples",
            of(vec![json!({ "text": "hello", "label": "final" })]),
        ),
        (
            "propose_samples",
            of(vec![json!({
            "text": "hello", "label": "positive", "edit_of": "final 0 0 0 good" })]),
        ),
        (
            "propose_samples",
            of(vec![json!({
            "text": "hello", "label": "positive", "edit_of": "no such example" })]),
        ),
    ] {
        let said = hostile.refused(tool, arguments);
        assert!(!said.contains("passwd") && said.len() < 1_000, "{said}");
    }
    // Whether an id is sealed or not there cannot be told apart.
    let mut edit = |key: &str| {
        let sample = json!({ "text": "hello", "label": "positive", "edit_of": key });
        let said = hostile.refused("propose_samples", of(vec![sample]));
        said.split_once("\"result\"")
            .map(|(_, rest)| rest.to_owned())
    };
    assert_eq!(edit("final 0 0 0 good"), edit("nobody"));
    // A guess at a sealed text is a rejected draft, and stands in no answer.
    let params = json!({ "name": "propose_samples", "arguments": of(vec![one(sealed)]) });
    let guess = hostile.ask("tools/call", params);
    let guess = &guess["result"]["structuredContent"]["samples"][0];
    assert_eq!(guess["standing"], "rejected", "{guess}");

    // What is no message is dropped or answered with an error, and the next one
    // is heard.
    hostile.send("{\"jsonrpc\": \"2.0\", \"id\": 7, \"method\": ");
    hostile.send("[]]");
    hostile.send("{\"jsonrpc\":\"2.0\",\"id\":{},\"method\":5}");
    hostile.send(&format!(
        "{{\"jsonrpc\":\"2.0\",\"x\":\"{}\"}}",
        "y".repeat(4 << 20)
    ));
    assert!(hostile.ask("ping", json!({}))["result"].is_object());
    assert!(
        hostile.ask("resources/read", json!({ "uri": "file:///etc/passwd" }))["error"].is_object()
    );
    assert!(hostile.ask("prompts/get", json!({ "name": "x" }))["error"].is_object());

    // The budget ends it.
    let mut said = String::new();
    for _ in 0..30 {
        let answer = hostile.ask("tools/call", json!({ "name": "look", "arguments": {} }));
        said = answer["result"].to_string();
    }
    assert!(said.contains("budget of 40 calls is used up"), "{said}");

    drop(hostile.child.stdin.take());
    assert!(hostile.child.wait().expect("ends").success());
    for secret in secrets.iter().map(String::as_str).chain(["sk-very-secret"]) {
        assert!(
            !holds(hostile.received.as_bytes(), secret),
            "received: {secret}"
        );
    }
    let journal = project.path().join(".blindspot/assistants.jsonl");
    let journal = std::fs::read(journal).expect("is there");
    assert!(!holds(&journal, SEALED_WORD));
    assert_eq!(outside(), files, "nothing is written beside the state");
    let after = project.json("show", &["lessons"]);
    let samples = after[0]["samples"].as_array().map(Vec::len);
    assert_eq!(
        (before.as_array().map(Vec::len), samples),
        (Some(0), Some(1))
    );
    assert_eq!(after[0]["teacher"], "assistant evil lessonsann");
}

#[test]
#[ignore = "needs Python with the package mcp"]
fn the_client_in_python_drives_the_loop_too() {
    let python = std::env::var("BLINDSPOT_MCP_PYTHON").expect("names a Python with mcp");
    let (project, secrets) = discovered();
    let output = Command::new(python)
        .arg(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/assistants/drive.py"
        ))
        .arg(env!("CARGO_BIN_EXE_blindspot"))
        .arg(project.path())
        .output()
        .expect("starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert!(holds(&output.stdout, "\"role\": \"check\""), "{said}");
    for secret in &secrets {
        assert!(!holds(&output.stdout, secret), "received: {secret}");
    }
}
