//! What the tests of this folder share.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use blindspot::lessons::llm::{
    Call, Client, Endpoint, Entry, Journal, Kind, Limits, Money, Pace, Prices, ReplyStore,
    RetryPolicy, Secret,
};
use blindspot::support::Result;

/// The key of all tests; it must never show up anywhere.
pub(crate) const KEY: &str = "sk-test-SECRET-0123456789";

/// A paid endpoint.
pub(crate) fn endpoint(kind: Kind, url: &str) -> Endpoint {
    let mut endpoint = Endpoint::new(kind, url, "test-model");
    endpoint.prices = Some(Prices {
        input: 1.0,
        output: 4.0,
    });
    endpoint.max_output_tokens = 100;
    endpoint
}

/// Time limits that let a test wait milliseconds where a user waits minutes.
pub(crate) fn quick() -> Pace {
    Pace {
        connect: Duration::from_secs(2),
        // Long enough for a busy machine; tests of time-outs lower it.
        answer: Duration::from_secs(10),
        answer_bytes: 1 << 20,
        retry: RetryPolicy {
            tries: 3,
            first_pause: Duration::from_millis(1),
            longest_pause: Duration::from_millis(4),
            patience: Duration::from_secs(2),
        },
    }
}

/// A limit of one unit of money.
pub(crate) fn one_unit() -> Limits {
    Limits {
        calls: None,
        money: Some(Money::of(1.0)),
    }
}

/// A client in a hurry with the test key.
pub(crate) fn client(endpoint: Endpoint, limits: Limits, journal: Journal) -> Client {
    Client::with_pace(endpoint, Some(Secret::new(KEY)), limits, journal, quick())
        .expect("sound settings")
}

/// A small question.
pub(crate) fn call(user: &str) -> Call {
    Call {
        step: "test".into(),
        system: "Answer with JSON.".into(),
        user: user.into(),
        schema: Some(serde_json::json!({"type": "object"})),
        max_output_tokens: 100,
        turn: 0,
    }
}

/// Lines that outlive the client, as a database does. (One that is flushed for
/// each of thousands of entries would make the tests wait for the disk.)
#[derive(Clone, Default)]
pub(crate) struct SharedStore(pub(crate) Arc<Mutex<Vec<String>>>);

impl ReplyStore for SharedStore {
    fn load(&self) -> Result<Vec<Entry>> {
        let lines = self.0.lock().expect("no panic");
        let read = |line: &String| serde_json::from_str(line).expect("an entry");
        Ok(lines.iter().map(read).collect())
    }

    fn append(&self, entry: &Entry) -> Result<()> {
        let line = serde_json::to_string(entry).expect("JSON");
        self.0.lock().expect("no panic").push(line);
        Ok(())
    }
}
