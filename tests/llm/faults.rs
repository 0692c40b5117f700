//! The fault table: each row is something a server or network does to us.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::server::{Act, Server, completion};
use crate::support::{KEY, call, client, endpoint, one_unit, quick};
use blindspot::lessons::llm::{
    Answers as _, Client, Ending, Journal, Kind, Limits, Money, Prices, Reply, Secret,
};
use blindspot::support::{Error, Fault, Progress};

/// What a row must come to.
struct Expected {
    /// Words of the message.
    says: &'static str,
    /// Words of the remedy.
    remedy: &'static str,
    fault: Fault,
    /// Requests made for the one call.
    requests: usize,
    /// Requests whose reply may have been lost, and are charged in full.
    charged: u64,
}

/// Asks for something that is answered, then lets the fault happen, and holds
/// what must hold whatever happens.
fn row(name: &str, kind: Kind, fault: Act, expected: &Expected) {
    let first = match kind {
        Kind::OpenAi => Act::chat("kept"),
        Kind::Anthropic => Act::json(
            200,
            &json!({"content": [{"type": "text", "text": "kept"}],
                    "usage": {"input_tokens": 20, "output_tokens": 30}}),
        ),
    };
    let mut pace = quick();
    if matches!(fault, Act::Hang | Act::HangMidBody(_)) {
        pace.answer = Duration::from_millis(700);
    }
    let server = Server::acting(vec![first, fault]);
    let endpoint = endpoint(kind, &server.url());
    let key = Some(Secret::new(KEY));
    let client = Client::with_pace(endpoint, key, one_unit(), Journal::in_memory(), pace)
        .expect("sound settings");
    let progress = Progress::silent();
    let kept = client.ask(&call("first"), &progress).expect("answered");
    let before = client.budget().spent();
    let error = client.ask(&call("second"), &progress).expect_err(name);
    expect(name, &error, expected);

    let requests = server.requests().len();
    assert_eq!(requests - 1, expected.requests, "{name}: requests");
    let spent = client.budget().spent();
    let worst = worst_case(&server);
    let lost = Money(worst.0 * expected.charged);
    assert_eq!(spent.money, before.money.plus(lost), "{name}: charged");
    assert_eq!(
        spent,
        client.journal().spent(),
        "{name}: the journal agrees"
    );

    let again = client.ask(&call("first"), &progress).expect("kept");
    assert_eq!(again, kept, "{name}");
    assert_eq!(server.requests().len(), requests, "{name}: asked once only");
}

fn expect(name: &str, error: &Error, expected: &Expected) {
    let remedy = error.remedy().unwrap_or_default();
    let shown = format!("{error}\n{remedy}\n{error:?}");
    assert!(!shown.contains(KEY), "{name} leaks the key: {shown}");
    assert!(error.to_string().contains(expected.says), "{name}: {error}");
    assert!(remedy.contains(expected.remedy), "{name}: {remedy}");
    assert_eq!(error.fault(), expected.fault, "{name}");
}

/// The most that the last request could cost.
fn worst_case(server: &Server) -> Money {
    let requests = server.requests();
    let last = requests.last().expect("a request");
    let bytes = last.body.to_string().len() as u64;
    let prices = Prices {
        input: 1.0,
        output: 4.0,
    };
    prices.cost(bytes, 100)
}

/// Not repeated, nothing charged: the server refused.
fn refused(says: &'static str, remedy: &'static str, fault: Fault) -> Expected {
    Expected {
        says,
        remedy,
        fault,
        requests: 1,
        charged: 0,
    }
}

/// Repeated until the tries are over; each may have cost something.
fn lost(says: &'static str, remedy: &'static str) -> Expected {
    Expected {
        says,
        remedy,
        fault: Fault::Program,
        requests: 3,
        charged: 3,
    }
}

/// Repeated until the tries are over; the server said that it did no work.
fn turned_away(says: &'static str) -> Expected {
    Expected {
        charged: 0,
        ..lost(says, "try again later")
    }
}

fn openai(name: &str, fault: Act, expected: &Expected) {
    row(name, Kind::OpenAi, fault, expected);
}

fn body() -> Vec<u8> {
    completion("a text that does not arrive", 20, 30)
        .to_string()
        .into_bytes()
}

fn page(status: u16) -> Act {
    let headers = vec![("Content-Type", "text/html".to_owned())];
    Act::Answer(
        status,
        headers,
        b"<!DOCTYPE html><html>Bad day</html>".to_vec(),
    )
}

fn text(body: &str) -> Act {
    let headers = vec![("Content-Type", "text/plain".to_owned())];
    Act::Answer(200, headers, body.as_bytes().to_vec())
}

/// A client for an address where no scripted server is.
fn towards(url: &str) -> Client {
    client(
        endpoint(Kind::OpenAi, url),
        one_unit(),
        Journal::in_memory(),
    )
}

fn fails_before_sending(name: &str, url: &str, says: &str) {
    let client = towards(url);
    let error = client.ask(&call("x"), &Progress::silent()).expect_err(name);
    assert!(error.to_string().contains(says), "{name}: {error}");
    assert!(error.remedy().is_some(), "{name}");
    assert_eq!(client.budget().spent().money, Money::ZERO, "{name}");
}

#[test]
fn refused_connection() {
    let free = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = free.local_addr().expect("bound");
    drop(free);
    fails_before_sending("refused", &format!("http://{address}"), "no server answers");
}

#[test]
fn unknown_host() {
    let url = "https://no-such-host.invalid/v1";
    fails_before_sending("dns", url, "host name of no-such-host.invalid is not known");
}

#[test]
fn tls_error() {
    // A server without encryption where an encrypted one is expected.
    let plain = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = plain.local_addr().expect("bound");
    std::thread::spawn(move || {
        for stream in plain.incoming().flatten() {
            use std::io::Write as _;
            drop((&stream).write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n"));
        }
    });
    fails_before_sending(
        "tls",
        &format!("https://{address}"),
        "no encrypted connection",
    );
}

#[test]
fn time_outs() {
    openai(
        "before the body",
        Act::Hang,
        &lost("did not answer in time", "timeout_s"),
    );
    openai(
        "in mid-body",
        Act::HangMidBody(body()),
        &lost("did not answer in time", "timeout_s"),
    );
}

#[test]
fn broken_connections() {
    openai(
        "reset",
        Act::ResetMidBody(body()),
        &lost("broke", "what was received is kept"),
    );
    openai(
        "closed",
        Act::Close,
        &lost("broke", "what was received is kept"),
    );
}

#[test]
fn refusals_of_key_and_model() {
    let key = refused(
        "refuses the key (HTTP 401): bad key",
        "key_env",
        Fault::Input,
    );
    openai(
        "401",
        Act::error(401, "invalid_request_error", "bad key"),
        &key,
    );
    let key = refused("refuses the key (HTTP 403)", "key_env", Fault::Input);
    openai("403", Act::error(403, "permission_error", "no"), &key);
    let model = refused(
        "knows no model `test-model`",
        "Test connection",
        Fault::Input,
    );
    let fault = Act::error(404, "not_found_error", "model: test-model");
    row("404", Kind::Anthropic, fault, &model);
    let address = refused("no chat API at this address", "/v1", Fault::Input);
    openai("404 page", page(404), &address);
}

#[test]
fn quota_is_not_waited_for() {
    let quota = refused("no quota left", "waiting does not help", Fault::Input);
    openai(
        "429 quota",
        Act::error(429, "insufficient_quota", "pay"),
        &quota,
    );
    openai("402", Act::error(402, "x", "pay"), &quota);
    let limit = Act::error(429, "rate_limit_error", "spend limit");
    row("429 without Retry-After", Kind::Anthropic, limit, &quota);
}

#[test]
fn rate_limits_wait_as_asked_in_both_forms() {
    let limited = || Act::error(429, "rate_limit_error", "slow down");
    openai("429", limited(), &turned_away("asks for fewer requests"));

    let date = "Sun, 06 Nov 1994 08:49:37 GMT";
    let second_later = "Sun, 06 Nov 1994 08:49:38 GMT";
    let forms = [
        limited().with("Retry-After", "1"),
        limited()
            .with("Retry-After", second_later)
            .with("Date", date),
        Act::error(529, "overloaded_error", "busy").with("Retry-After", "1"),
    ];
    for form in forms {
        let server = Server::acting(vec![form.clone(), Act::chat("{}")]);
        let client = towards(&server.url());
        let started = Instant::now();
        client
            .ask(&call("x"), &Progress::silent())
            .expect("second try");
        assert!(started.elapsed() >= Duration::from_secs(1), "{form:?}");
        assert_eq!(server.requests().len(), 2, "{form:?}");
    }
    let hour = limited().with("Retry-After", "3600");
    let impatient = Expected {
        requests: 1,
        ..turned_away("asks for fewer requests")
    };
    openai("longer than our patience", hour, &impatient);
}

#[test]
fn failing_servers() {
    for status in [500, 502] {
        let fault = Act::error(status, "server_error", "oops");
        openai("5xx", fault, &lost("failed (HTTP 50", "try again later"));
    }
    for status in [503, 529] {
        let fault = Act::error(status, "overloaded_error", "Loading model");
        openai("busy", fault, &turned_away("Loading model"));
    }
    openai(
        "gateway's page",
        page(502),
        &lost("failed (HTTP 502)", "try again later"),
    );
}

#[test]
fn answers_that_are_no_replies() {
    let row = |name: &str, fault: Act, says: &'static str| {
        openai(name, fault, &lost(says, "`base_url` points to the API"));
    };
    row("HTML page with 200", page(200), "it is a web page");
    row("empty body", text(""), "the answer is empty");
    row(
        "truncated JSON",
        text(r#"{"choices":[{"mess"#),
        "the JSON breaks off",
    );
    row(
        "wrong schema",
        Act::json(200, &json!({"result": "hi"})),
        "no message of a model",
    );
    row(
        "another schema",
        Act::json(200, &json!([1, 2])),
        "no message of a model",
    );
    row("plain words", text("Hello!"), "it is not JSON");
    row(
        "a stream",
        text("data: {}\n\ndata: [DONE]\n"),
        "it is a stream",
    );
}

#[test]
fn an_error_behind_status_200() {
    let fault = Act::json(200, &json!({"error": {"message": "out of memory"}}));
    openai(
        "error in 200",
        fault,
        &lost("failed (HTTP 200): out of memory", "later"),
    );
}

#[test]
fn the_wrong_content_type_loses_no_reply() {
    let server = Server::acting(vec![text(&completion("fine", 20, 30).to_string())]);
    let reply = towards(&server.url()).ask(&call("x"), &Progress::silent());
    assert_eq!(reply.expect("taken").text, "fine");
}

#[test]
fn a_hundred_megabytes_are_not_read() {
    for announced in [true, false] {
        let bytes = 100 << 20;
        let server = Server::acting(vec![Act::Flood { bytes, announced }]);
        let client = towards(&server.url());
        let error = client
            .ask(&call("x"), &Progress::silent())
            .expect_err("too large");
        assert!(error.to_string().contains("too large"), "{error}");
        assert_eq!(server.requests().len(), 1, "not asked for again");
        assert_eq!(client.budget().spent().money, worst_case(&server));
        // The rest is what the machine's network buffers took.
        assert!(server.flooded() < 30 << 20, "{} bytes", server.flooded());
    }
}

#[test]
fn an_echoed_key_is_hidden_everywhere() {
    let echo = format!("Incorrect key {KEY}. {}{KEY}", "x".repeat(265));
    let expected = refused("Incorrect key (key hidden)", "key_env", Fault::Input);
    openai("echo", Act::error(401, "auth", &echo), &expected);
    let plain = Act::Answer(400, Vec::new(), echo.clone().into_bytes());
    let expected = refused("Incorrect key (key hidden)", "kind", Fault::Program);
    openai("echo as text", plain, &expected);

    let server = Server::acting(vec![Act::chat(&echo)]);
    let reply = towards(&server.url()).ask(&call("x"), &Progress::silent());
    assert!(!format!("{reply:?}").contains(KEY), "not even in a reply");

    // It was really sent, in the header alone.
    let request = server.requests().remove(0);
    let sent = format!("authorization: bearer {}", KEY.to_lowercase());
    assert!(request.headers.contains(&sent), "{:?}", request.headers);
    assert!(!request.body.to_string().contains(KEY));
}

#[test]
fn keys_that_no_header_holds_are_refused_without_showing_them() {
    let odd = Secret::new("sk-odd\u{7f}key");
    let endpoint = endpoint(Kind::Anthropic, "http://127.0.0.1:9");
    let made = Client::with_pace(
        endpoint,
        Some(odd),
        one_unit(),
        Journal::in_memory(),
        quick(),
    );
    let error = made.err().expect("refused");
    assert!(!format!("{error:?}").contains("sk-odd"), "{error:?}");
}

#[test]
fn redirects_are_not_followed() {
    let elsewhere = Server::acting(vec![Act::chat("stolen")]);
    let moved = Act::error(307, "moved", "elsewhere").with("Location", &elsewhere.url());
    let expected = refused(
        "no chat API at this address (HTTP 307)",
        "base_url",
        Fault::Input,
    );
    openai("redirect", moved, &expected);
    assert!(elsewhere.requests().is_empty());
}

#[test]
fn refused_parameters_are_left_out_once_and_for_all() {
    let server = Server::new(|request| {
        let refuse = |name: &str| {
            let message = format!("Unsupported parameter: {name}");
            Act::json(400, &json!({"error": {"message": message, "param": name}}))
        };
        if request.body.get("max_tokens").is_some() {
            refuse("max_tokens")
        } else if request.body.get("temperature").is_some() {
            refuse("temperature")
        } else if request.body["response_format"]["type"] == "json_schema" {
            refuse("response_format")
        } else {
            Act::chat("{}")
        }
    });
    let mut endpoint = endpoint(Kind::OpenAi, &server.url());
    endpoint.temperature = Some(0.7);
    let client = client(endpoint, one_unit(), Journal::in_memory());
    client
        .ask(&call("one"), &Progress::silent())
        .expect("adapted");
    assert_eq!(server.requests().len(), 4);
    client
        .ask(&call("two"), &Progress::silent())
        .expect("known by now");
    let requests = server.requests();
    assert_eq!(requests.len(), 5);
    assert_eq!(requests[4].body["max_completion_tokens"], 100);
    assert_eq!(requests[4].body["response_format"]["type"], "json_object");
}

#[test]
fn anthropic_speaks_its_own_dialect() {
    let reply = json!({
        "content": [{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": "[1]"}],
        "stop_reason": "max_tokens",
        "usage": {"input_tokens": 7, "output_tokens": 5},
    });
    let server = Server::acting(vec![Act::json(200, &reply)]);
    let client = client(
        endpoint(Kind::Anthropic, &server.url()),
        one_unit(),
        Journal::in_memory(),
    );
    let reply: Reply = client
        .ask(&call("x"), &Progress::silent())
        .expect("answered");
    assert_eq!((reply.text.as_str(), reply.ending), ("[1]", Ending::Cut));
    assert_eq!(reply.cost, Money(7_000 + 5 * 4_000));
    let request = server.requests().remove(0);
    assert_eq!(request.line, "POST /v1/messages");
    assert_eq!(request.body["system"], "Answer with JSON.");
    assert_eq!(request.body["max_tokens"], 100);
    assert!(
        request
            .headers
            .contains(&"anthropic-version: 2023-06-01".to_owned())
    );
    let key = format!("x-api-key: {}", KEY.to_lowercase());
    assert!(request.headers.contains(&key));
}

#[test]
fn cancel_takes_effect_at_once_and_charges_the_worst() {
    let server = Server::acting(vec![Act::Hang]);
    let mut pace = quick();
    pace.answer = Duration::from_secs(60);
    let endpoint = endpoint(Kind::OpenAi, &server.url());
    let client = Client::with_pace(endpoint, None, one_unit(), Journal::in_memory(), pace)
        .expect("sound settings");
    let progress = Progress::silent();
    let started = Instant::now();
    std::thread::scope(|scope| {
        let asking = scope.spawn(|| client.ask(&call("x"), &progress));
        while server.requests().is_empty() {
            std::thread::sleep(Duration::from_millis(2));
        }
        progress.cancel();
        let error = asking.join().expect("no panic").expect_err("cancelled");
        assert!(error.is_cancelled(), "{error}");
    });
    assert!(started.elapsed() < Duration::from_secs(5));
    assert_eq!(client.budget().spent().money, worst_case(&server));
    assert_eq!(client.journal().spent(), client.budget().spent());
}

#[test]
fn the_budget_stops_before_the_call_that_could_pass_it() {
    let server = Server::acting(vec![Act::chat("{}")]);
    let endpoint = endpoint(Kind::OpenAi, &server.url());
    let limits = Limits {
        calls: None,
        money: Some(Money::of(0.002)),
    };
    let client = client(endpoint.clone(), limits, Journal::in_memory());
    let asked = (0..100).take_while(|turn| {
        let call = call(&format!("question {turn}"));
        client.ask(&call, &Progress::silent()).is_ok()
    });
    let answered = asked.count();
    assert!((1..20).contains(&answered), "{answered} calls");
    assert_eq!(server.requests().len(), answered);
    assert!(client.budget().spent().money <= Money::of(0.002));

    let mut unpriced = endpoint;
    unpriced.prices = None;
    let refused = Client::with_pace(unpriced, None, limits, Journal::in_memory(), quick());
    assert!(
        refused
            .err()
            .expect("refused")
            .to_string()
            .contains("prices")
    );
}

#[test]
fn a_server_without_usage_is_charged_at_the_worst_and_marked() {
    let mut reply = completion("four char", 0, 0);
    reply["usage"] = json!(null);
    let server = Server::acting(vec![Act::json(200, &reply)]);
    let client = towards(&server.url());
    let reply = client
        .ask(&call("x"), &Progress::silent())
        .expect("answered");
    assert!(reply.usage.estimated);
    assert_eq!(reply.usage.output_tokens, 3);
    assert_eq!(reply.cost, worst_case(&server));
}
