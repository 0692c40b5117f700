//! A language model as the judge of a hypothesis: what replies may do to a
//! check, and what they cost.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::model::{data_lines, user};
use crate::server::{Act, Request, Server};
use crate::support::{SharedStore, client, endpoint, one_unit};
use blindspot::lessons::llm::{
    Answers, Claim, Entry, Failing, Journal, Judged, Kind, Limits, Prompts, ReplyStore, refine,
};
use blindspot::records::Text;
use blindspot::support::Progress;

const TEXTS: usize = 25;

/// Every third text is funny.
fn texts() -> Vec<Text> {
    let text = |at| match at % 3 {
        0 => Text::single(format!("a funny thing, number {at}")),
        _ => Text::single(format!("a thing, number {at}")),
    };
    (0..TEXTS).map(text).collect()
}

fn prompts() -> Prompts {
    Prompts::built_in().expect("sound")
}

/// What a good judge says of a question's texts.
fn right(request: &Request) -> Vec<Value> {
    let texts = data_lines(request).into_iter();
    let answer = |line: Value| {
        let text = line["text"].as_str().unwrap_or_default();
        let holds = if text.contains("funny") { "yes" } else { "no" };
        json!({"number": line["number"], "holds": holds})
    };
    texts.map(answer).collect()
}

fn said(answers: &[Value]) -> Act {
    Act::chat(&json!({ "answers": answers }).to_string())
}

struct Outcome {
    judged: Judged,
    requests: Vec<Request>,
}

fn judge_with(script: impl Fn(&Request) -> Act + Send + Sync + 'static, limits: Limits) -> Outcome {
    let server = Server::new(script);
    let judged = ask(&server, &SharedStore::default(), limits);
    Outcome {
        judged,
        requests: server.requests(),
    }
}

fn ask(server: &Server, store: &SharedStore, limits: Limits) -> Judged {
    let endpoint = endpoint(Kind::OpenAi, &server.url());
    let journal = Journal::open(Box::new(store.clone())).expect("opens");
    let client = client(endpoint, limits, journal);
    let texts = texts();
    let texts: Vec<&Text> = texts.iter().collect();
    let claim = Claim {
        task: "Is it good?",
        sentence: "The text says “funny”.",
        together: 10,
    };
    claim.judge(&texts, &client, &prompts(), &Progress::silent())
}

fn yes(judged: &Judged) -> usize {
    judged
        .said
        .iter()
        .filter(|said| **said == Some(true))
        .count()
}

fn unanswered(judged: &Judged) -> usize {
    judged.said.iter().filter(|said| said.is_none()).count()
}

fn expected() -> Vec<Option<bool>> {
    (0..TEXTS).map(|at| Some(at % 3 == 0)).collect()
}

#[test]
fn a_good_judge_is_asked_once_about_each_text_under_numbers_that_tell_nothing() {
    let outcome = judge_with(|request| said(&right(request)), one_unit());
    assert_eq!(outcome.judged.said, expected());
    assert!(outcome.judged.notes.is_empty() && outcome.judged.stopped.is_none());
    assert_eq!(outcome.requests.len(), 3);
    for request in &outcome.requests {
        let lines = data_lines(request);
        let numbers: BTreeSet<u64> = (lines.iter())
            .filter_map(|line| line["number"].as_u64())
            .collect();
        assert_eq!(numbers.len(), lines.len());
        assert!(numbers.iter().all(|number| *number >= 100));
    }
}

/// Half of each batch is missing: only the missing half is asked again.
#[test]
fn half_a_batch_is_asked_for_the_other_half_alone() {
    let outcome = judge_with(
        |request| {
            let all = right(request);
            said(&all[..all.len().div_ceil(2)])
        },
        one_unit(),
    );
    // 25 texts in batches of 10, 10 and 5; 13 answered, 12 asked again in
    // batches of 10 and 2, of which 6 stay open.
    let asked: usize = outcome
        .requests
        .iter()
        .map(|one| data_lines(one).len())
        .sum();
    assert_eq!(asked, TEXTS + 12);
    assert_eq!(unanswered(&outcome.judged), 6);
    assert_eq!(outcome.judged.notes.len(), 1);
    for (said, right) in outcome.judged.said.iter().zip(expected()) {
        assert!(said.is_none() || *said == right);
    }
}

#[test]
fn nonsense_and_nothing_are_asked_again_once_and_are_never_a_yes() {
    for reply in [
        "",
        "Yes to all of them!",
        "{\"answers\": []}",
        "{\"answers\": \"yes\"}",
        "[\"yes\", \"yes\"]",
        "{\"answers\": [{\"number\": 1, \"holds\": \"yes\"}, {\"number\": 2, \"holds\": \"yes\"}]}",
    ] {
        let outcome = judge_with(move |_| Act::chat(reply), one_unit());
        assert_eq!(yes(&outcome.judged), 0, "{reply}");
        assert_eq!(unanswered(&outcome.judged), TEXTS, "{reply}");
        assert_eq!(outcome.requests.len(), 6, "{reply}: three batches, twice");
        assert!(outcome.judged.stopped.is_none());
    }
}

/// Numbers of other texts answer nothing; numbers in another order answer
/// what they name.
#[test]
fn answers_go_by_their_numbers() {
    let turned = judge_with(
        |request| {
            let mut all = right(request);
            all.reverse();
            said(&all)
        },
        one_unit(),
    );
    assert_eq!(turned.judged.said, expected());
    let shifted = judge_with(
        |request| {
            let all = right(request).into_iter().enumerate();
            let counted = all.map(|(at, mut answer)| {
                answer["number"] = json!(at);
                answer
            });
            said(&counted.collect::<Vec<_>>())
        },
        one_unit(),
    );
    assert_eq!(unanswered(&shifted.judged), TEXTS);
}

/// A judge that was killed, or whose budget ran out, goes on where it stood:
/// no reply is paid for twice.
#[test]
fn nothing_is_paid_for_twice() {
    let server = Server::new(|request| match request.index {
        0 => Act::chat("nonsense"),
        _ => said(&right(request)),
    });
    let store = SharedStore::default();
    let two = Limits {
        calls: Some(2),
        money: None,
    };
    let first = ask(&server, &store, two);
    assert!(
        first.stopped.is_some(),
        "the budget of two calls is used up"
    );
    assert_eq!(server.requests().len(), 2);
    let second = ask(&server, &store, one_unit());
    assert_eq!(second.said, expected());
    // One batch is new, and the one that brought nonsense is asked again.
    assert_eq!(server.requests().len(), 4);
    let third = ask(&server, &store, one_unit());
    assert_eq!((third.said, server.requests().len()), (expected(), 4));
    let entries = store.load().expect("readable");
    let received = |entry: &&Entry| matches!(entry, Entry::Received { .. });
    assert_eq!(entries.iter().filter(received).count(), 4);
}

/// What a writer is told of a failure is what the caller gives, and nothing of
/// the judge's texts.
#[test]
fn a_writer_is_asked_in_a_call_of_its_own() {
    let reply = json!({"hypotheses": ["It says “funny” of a film."]}).to_string();
    let server = Server::new(move |_| Act::chat(&reply));
    let client = client(
        endpoint(Kind::OpenAi, &server.url()),
        one_unit(),
        Journal::in_memory(),
    );
    let (missed, also) = (Text::single("a shown error"), Text::single("a right text"));
    let failing = Failing {
        task: "Is it good?",
        sentence: "It is short.",
        verdict: "too broad".into(),
        held: Vec::new(),
        missed: vec![&missed],
        also: vec![&also],
    };
    let better = refine(&failing, &client, &prompts(), &Progress::silent()).expect("answers");
    let (text, _) = better.expect("a new one");
    assert_eq!(text, "It says “funny” of a film.");
    let requests = server.requests();
    let [request] = requests.as_slice() else {
        panic!("one call");
    };
    for told in ["a shown error", "a right text", "too broad", "It is short."] {
        assert!(user(request).contains(told), "{told}");
    }
    assert_eq!(client.journal().outcomes(), (1, 0));
}
