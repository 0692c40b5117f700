//! Replies damaged at random: whatever they are, reading them ends, and nothing
//! of a draft becomes a sample.

use proptest::prelude::*;

use super::drafts;
use super::{reasoning, wire_anthropic, wire_openai};

/// What replies are made of, and what breaks their readers.
const PIECES: [&str; 34] = [
    "{\"samples\": [",
    "{\"text\": \"a fine day\", \"label\": \"good\"}",
    "]}",
    "[",
    "]",
    "{",
    "}",
    ",",
    "\"",
    "\\",
    "\\\"",
    "\\u00",
    "\\ud83d",
    "```json\n",
    "```\n",
    "<think>",
    "</think>",
    "[THINK]",
    "[/THINK]",
    "<|channel|>analysis<|message|>",
    "<|channel|>final<|message|>",
    "<|end|>",
    "1. ",
    "- ",
    "\n",
    "null",
    "NaN",
    "1e999",
    "\u{202e}",
    "\u{feff}",
    "🙂",
    "{\"hypotheses\": [\"h\"]}",
    "{\"text\": \"{\\\"a\\\": 1}\", \"label\": \"good\"}",
    "\0",
];

fn reply() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        6 => prop::sample::select(&PIECES[..]).prop_map(str::to_owned),
        1 => "\\PC{0,12}",
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

fn tried(cases: u32) {
    let config = ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let mut runner = prop::test_runner::TestRunner::new(config);
    let read = runner.run(&reply(), |reply| {
        let answers: usize = reasoning::answer_parts(&reply)
            .iter()
            .map(|part| part.len())
            .sum();
        prop_assert!(answers <= reply.len());
        if let Ok(found) = drafts::hypotheses(&reply) {
            prop_assert!(found.iter().all(|sentence| !sentence.trim().is_empty()));
        }
        // Refused or not, it ends without a panic.
        drop(drafts::samples(&reply, "good", false));
        drop(drafts::samples(&reply, "good", true));
        if let Ok(body) = serde_json::from_str(&reply) {
            drop(wire_openai::content(&body));
            drop(wire_anthropic::content(&body));
        }
        Ok(())
    });
    read.expect("no reply breaks a reader");
}

#[test]
fn no_damaged_reply_breaks_its_readers() {
    tried(300);
}

#[test]
#[ignore = "minutes: cargo test --release --lib damaged_reply -- --ignored"]
fn no_damaged_reply_of_100_000_breaks_its_readers() {
    tried(100_000);
}
