//! Finds the JSON in what a language model wrote.
//!
//! Servers that enforce a schema answer with JSON alone; others wrap it in
//! prose or code fences, give one object in each line or fence, leave
//! trailing commas, put raw line breaks into strings, or stop in mid-array
//! when their tokens run out. Every value outside the model's reasoning is
//! found; what is announced as a draft is none.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

use super::loose_json::{self, Effort};
use super::reasoning;

/// Bytes before a value that can announce it.
const LEAD_IN: usize = 120;

/// All JSON objects and arrays that a reply answers with, in their order.
/// Of one that was cut there is what was complete.
///
/// Brackets in prose ("Here are [5] texts") come along; the reader takes
/// what it can use.
pub(super) fn values(reply: &str) -> Vec<Value> {
    if let Ok(value) = serde_json::from_str::<Value>(reply.trim())
        && !value.is_number()
    {
        return vec![value];
    }
    let parts = reasoning::answer_parts(reply);
    let mut found = Vec::new();
    for part in parts {
        scan(part, &mut found);
    }
    found
}

/// Whether a text is JSON, whole or cut, or near to it: what a model writes
/// as data can be no text of a person.
pub(super) fn is_data(text: &str) -> bool {
    let text = unfenced(text);
    let Some(inside) = text.strip_prefix(['{', '[']) else {
        return false;
    };
    let whole = loose_json::parse(text, &mut Effort::for_text(text));
    if whole.is_some_and(|parsed| parsed.length == text.len()) {
        return true;
    }
    let nested = inside.trim_start().starts_with(['{', '[', '"', '\'']);
    nested
        && ["\":", "\" :", "':", "' :"]
            .iter()
            .any(|mark| text.contains(mark))
}

/// The text without a code fence around it.
fn unfenced(text: &str) -> &str {
    let text = text.trim();
    let Some(fenced) = text.strip_prefix("```") else {
        return text;
    };
    let body = fenced.split_once('\n').map_or(fenced, |(_, body)| body);
    body.trim().trim_end_matches("```").trim()
}

fn scan(text: &str, found: &mut Vec<Value>) {
    let mut effort = Effort::for_text(text);
    let (mut from, mut last_end) = (0, 0);
    while let Some(next) = text.get(from..).and_then(|rest| rest.find(['{', '['])) {
        let start = from + next;
        let parsed = loose_json::parse(&text[start..], &mut effort);
        let Some(parsed) = parsed.filter(|parsed| parsed.complete || !is_empty(&parsed.value))
        else {
            from = start + 1;
            continue;
        };
        from = start + parsed.length;
        if is_empty(&parsed.value) {
            continue;
        }
        match announced(&text[last_end..start]) {
            Announced::Draft => {}
            Announced::Final => {
                found.clear();
                found.push(parsed.value);
            }
            Announced::Plainly => found.push(parsed.value),
        }
        last_end = from;
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        _ => false,
    }
}

/// What the words before a value say of it.
enum Announced {
    Plainly,
    /// It is not meant yet.
    Draft,
    /// It replaces what came before.
    Final,
}

static DRAFT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?i)\b(?:drafts?|attempt|brainstorm\w*|scratch|rough|not final)\b[^.!?\n]*[:\n]?\s*$",
    )
    .ok()
});

static FINAL: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:final\w*|revised|corrected|improved|better|instead|rewritten|actual)\b[^.!?\n]*[:\n]?\s*$").ok()
});

fn announced(before: &str) -> Announced {
    let mut start = before.len().saturating_sub(LEAD_IN);
    while !before.is_char_boundary(start) {
        start += 1;
    }
    let words = before[start..].replace("```json", " ").replace("```", " ");
    let says = |pattern: &Option<Regex>| {
        let pattern = pattern.as_ref();
        pattern.is_some_and(|pattern| pattern.is_match(&words))
    };
    if says(&FINAL) {
        Announced::Final
    } else if says(&DRAFT) {
        Announced::Draft
    } else {
        Announced::Plainly
    }
}

#[cfg(test)]
mod tests;
