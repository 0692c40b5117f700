//! A thousand faults, drawn at random, in one lesson of 500 samples.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rand::Rng as _;

use crate::model::{Step, act, answer, brief, step};
use crate::server::{Act, Request, Server, completion};
use crate::support::{KEY, SharedStore, endpoint, quick};
use blindspot::lessons::llm::{
    Answers as _, Client, Entry, Journal, Kind, Limits, Money, Pace, Plan, Prices, Prompts,
    ReplyStore as _, RetryPolicy, Secret, Taught, teach,
};
use blindspot::records::{RecordId, Review, Sample};
use blindspot::support::Progress;
use blindspot::support::rng::{self, Rng};

const FAULTS: usize = 1_000;
const SAMPLES: usize = 500;

/// What the server does and what it would bill.
struct Storm {
    rng: Rng,
    faults: usize,
    kinds: BTreeMap<&'static str, usize>,
    /// Tokens billed for each request that the server worked on.
    billed: Money,
    /// Usable replies that were sent whole, by question.
    answered: BTreeMap<String, usize>,
    /// Cancels the lesson, as a killed program would end it.
    kill: Progress,
}

impl Storm {
    fn act(&mut self, request: &Request) -> Act {
        let question = request.body.to_string();
        let good = act(request);
        let content = answer(request).to_string();
        let whole = completion(&content, 20, 30).to_string().into_bytes();
        let quiet = self.faults >= FAULTS || self.rng.gen_bool(0.3);
        if quiet {
            self.bill(20, 30);
            *self.answered.entry(question).or_default() += 1;
            return good;
        }
        self.faults += 1;
        let (name, fault) = self.fault(request, &content, whole);
        *self.kinds.entry(name).or_default() += 1;
        match name {
            // Whole replies with useless content: received, billed, not to be
            // asked for in the same words again.
            "no samples" | "prose" | "wrong labels" | "cut content" => {
                self.bill(20, 30);
                *self.answered.entry(question).or_default() += 1;
            }
            "rate limit" | "overloaded" | "refused key" => {}
            "killed" => {
                self.bill(20, 30);
                self.kill.cancel();
            }
            _ => self.bill(20, 30),
        }
        fault
    }

    fn bill(&mut self, input: u64, output: u64) {
        let prices = Prices {
            input: 1.0,
            output: 4.0,
        };
        self.billed = self.billed.plus(prices.cost(input, output));
    }

    fn fault(&mut self, request: &Request, content: &str, whole: Vec<u8>) -> (&'static str, Act) {
        let raw = |body: &[u8]| Act::Answer(200, Vec::new(), body.to_vec());
        let echo = format!("key {KEY} is fine, but we are not");
        match self.rng.gen_range(0..60) {
            0 => ("no answer", Act::Hang),
            1 => ("silence in mid-body", Act::HangMidBody(whole)),
            2 => ("killed", Act::Hang),
            3 => ("refused key", Act::error(401, "auth", &echo)),
            4..=9 => ("reset", Act::ResetMidBody(whole)),
            10..=14 => ("closed", Act::Close),
            15..=18 => ("500", Act::error(500, "server_error", &echo)),
            19..=22 => ("502", Act::Answer(502, Vec::new(), b"<html>".to_vec())),
            23..=27 => ("overloaded", Act::error(503, "overloaded", "wait")),
            28..=33 => {
                let limited = Act::error(429, "rate_limit_error", "wait");
                ("rate limit", limited.with("Retry-After-ms", "2"))
            }
            34..=37 => ("empty", raw(b"")),
            38..=41 => ("web page", raw(b"<!doctype html><html></html>")),
            42..=45 => ("cut JSON", raw(&whole[..whole.len() / 2])),
            46..=48 => ("wrong schema", raw(b"{\"answer\": 42}")),
            49..=51 => ("prose", Act::chat("I would rather not.")),
            52..=54 => ("cut content", Act::chat(&content[..content.len() / 3])),
            55..=56 if step(request) == Step::Samples => (
                "wrong labels",
                Act::chat(&content.replace("\"label\":\"", "\"label\":\"un")),
            ),
            _ => ("no samples", Act::chat("{}")),
        }
    }
}

/// Time limits so short that hundreds of faults pass in seconds.
fn hasty() -> Pace {
    Pace {
        answer: Duration::from_millis(300),
        retry: RetryPolicy {
            tries: 8,
            first_pause: Duration::from_micros(200),
            longest_pause: Duration::from_millis(1),
            patience: Duration::from_secs(1),
        },
        ..quick()
    }
}

/// Every sample seen so far must be there again, unchanged.
fn nothing_lost(seen: &mut BTreeMap<RecordId, Sample>, taught: &Taught) {
    for sample in &taught.samples {
        let mut now = sample.clone();
        let before = seen.entry(now.id.clone()).or_insert_with(|| now.clone());
        if before.judged_label.is_none() {
            before.judged_label.clone_from(&now.judged_label);
        } else if now.judged_label.is_none() {
            // The judge's reply comes later in the journal.
            now.judged_label.clone_from(&before.judged_label);
        }
        assert_eq!(*before, now);
    }
}

#[test]
fn a_thousand_faults_lose_nothing_repeat_nothing_and_cost_no_more() {
    let storm = Arc::new(Mutex::new(Storm {
        rng: rng::seeded(12, "storm"),
        faults: 0,
        kinds: BTreeMap::new(),
        billed: Money::ZERO,
        answered: BTreeMap::new(),
        kill: Progress::silent(),
    }));
    let weather = storm.clone();
    let server = Server::new(move |request| weather.lock().expect("no panic").act(request));
    let mut endpoint = endpoint(Kind::OpenAi, &server.url());
    endpoint.concurrency = 4;
    let store = SharedStore::default();
    let limits = Limits {
        calls: Some(20_000),
        money: Some(Money::of(20.0)),
    };
    let plan = Plan {
        samples: SAMPLES,
        samples_per_call: 1,
        ..Plan::default()
    };
    let prompts = Prompts::built_in().expect("sound");
    let mut seen = BTreeMap::new();
    let mut runs = 0;
    let taught = loop {
        runs += 1;
        assert!(runs < 500, "the lesson gets somewhere");
        // As after a kill: a new client over what is stored.
        let journal = Journal::open(Box::new(store.clone())).expect("opens");
        let key = Some(Secret::new(KEY));
        let client = Client::with_pace(endpoint.clone(), key, limits, journal, hasty());
        let client = client.expect("sound settings");
        let progress = Progress::silent();
        storm.lock().expect("no panic").kill = progress.clone();
        let taught = teach(&client, &brief(), &plan, &prompts, &progress).expect("sound");
        nothing_lost(&mut seen, &taught);
        let spent = client.budget().spent();
        assert_eq!(spent, client.journal().spent());
        assert!(spent.money <= Money::of(20.0));
        match &taught.stopped {
            None => break taught,
            Some(error) => assert!(!format!("{error:?}").contains(KEY), "{error:?}"),
        }
    };
    let storm = storm.lock().expect("no panic");
    println!("{} faults in {runs} runs: {:?}", storm.faults, storm.kinds);
    assert_eq!(storm.faults, FAULTS, "the lesson was long enough for all");

    let drafts = taught
        .samples
        .iter()
        .filter(|sample| sample.review == Review::Draft);
    assert_eq!(drafts.count(), SAMPLES);
    for id in seen.keys() {
        assert!(
            taught.samples.iter().any(|sample| sample.id == *id),
            "{id} is lost"
        );
    }

    let entries = store.load().expect("readable");
    let mut calls = BTreeMap::new();
    let mut received: BTreeMap<&str, usize> = BTreeMap::new();
    for entry in &entries {
        match entry {
            Entry::Sent { number, call, .. } => {
                assert_eq!(
                    received.get(call.as_str()),
                    None,
                    "asked after it was received"
                );
                calls.insert(*number, call.as_str());
            }
            Entry::Received { number, .. } => *received.entry(calls[number]).or_default() += 1,
            Entry::Failed { .. } => {}
        }
    }
    assert!(received.values().all(|count| *count == 1));

    // The server counts on its side: nothing was answered whole twice, except
    // where a kill or a time-out took the reply on its way.
    let unfinished = entries.iter().fold(0_isize, |open, entry| match entry {
        Entry::Sent { .. } => open + 1,
        Entry::Failed { why, .. } if why.contains("in time") => open,
        Entry::Received { .. } | Entry::Failed { .. } => open - 1,
    });
    let twice: usize = storm.answered.values().map(|count| count - 1).sum();
    assert!(twice as isize <= unfinished, "{twice} answered twice");
    let spent = Journal::open(Box::new(store.clone()))
        .expect("opens")
        .spent();
    println!(
        "billed {}, counted {}, {} calls",
        storm.billed, spent.money, spent.calls
    );
    assert!(
        storm.billed <= spent.money,
        "lost replies are charged at their worst"
    );
    let lines = store.0.lock().expect("no panic");
    assert!(lines.iter().all(|line| !line.contains(KEY)));
}
