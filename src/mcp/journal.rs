//! What an assistant asked for, in the state folder: a line for each call
//! before it is carried out, and one more if it got nothing. The shapes of the
//! arguments are kept, not their words: a guess at a sealed text must not stand
//! in a log.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::support::{Error, Result, clock};

/// The journal's file.
pub(super) const FILE: &str = "assistants.jsonl";

/// One call.
#[derive(Serialize)]
pub(super) struct Call<'a> {
    /// When, RFC 3339.
    pub when: String,
    /// What the assistant calls itself.
    pub assistant: &'a str,
    /// The teacher that it is.
    pub teacher: &'a str,
    /// What it asked for.
    pub tool: &'a str,
    /// The shapes of its arguments.
    pub arguments: Map<String, Value>,
    /// Why it got nothing, once that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

impl<'a> Call<'a> {
    pub(super) fn new(
        assistant: &'a str,
        teacher: &'a str,
        tool: &'a str,
        arguments: &Map<String, Value>,
    ) -> Self {
        let shapes = arguments.iter().take(16);
        let cut = |name: &String| name.chars().take(32).collect::<String>();
        Self {
            when: clock::now(),
            assistant,
            teacher,
            tool,
            arguments: shapes
                .map(|(name, value)| (cut(name), shape(value)))
                .collect(),
            error: None,
        }
    }

    /// Writes the call down; it is on disk when this returns.
    ///
    /// # Errors
    /// When it cannot be written: the call must not be carried out then.
    pub(super) fn keep(&self, journal: &Path) -> Result<()> {
        let mut line = serde_json::to_string(self)
            .map_err(|e| Error::program("cannot write down a call").because(e))?;
        line.push('\n');
        let append = || {
            let mut file = OpenOptions::new().create(true).append(true).open(journal)?;
            file.write_all(line.as_bytes())?;
            file.sync_data()
        };
        append().map_err(|e| Error::file("write to", journal, e))
    }
}

fn shape(value: &Value) -> Value {
    match value {
        Value::String(text) => format!("{} characters", text.chars().count()).into(),
        Value::Array(items) => format!("{} items", items.len()).into(),
        Value::Object(fields) => format!("{} fields", fields.len()).into(),
        number_or_flag => number_or_flag.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_not_written_down() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let journal = folder.path().join(FILE);
        let arguments =
            serde_json::json!({"blind_spot": 3, "text": "a secret", "list": ["secret"]});
        let arguments = arguments.as_object().expect("an object").clone();
        for _ in 0..2 {
            let call = Call::new("client", "assistant client", "look", &arguments);
            call.keep(&journal).expect("kept");
        }
        let kept = std::fs::read_to_string(&journal).expect("reads");
        assert_eq!(kept.lines().count(), 2);
        assert!(
            kept.contains("\"blind_spot\":3") && kept.contains("8 characters"),
            "{kept}"
        );
        assert!(!kept.contains("secret"), "{kept}");
    }
}
