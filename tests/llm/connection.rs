//! *Test connection* says what is wrong in words that lead to the remedy.

use serde_json::json;

use crate::server::{Act, Server};
use crate::support::{KEY, endpoint};
use blindspot::lessons::llm::{Diagnosis, Endpoint, Kind, Secret, test_connection, test_with_key};
use blindspot::support::Progress;

fn listing() -> Act {
    let models = json!({"data": [{"id": "test-model"}, {"id": "other"}]});
    Act::json(200, &models)
}

fn diagnose(endpoint: &Endpoint) -> Diagnosis {
    let key = Some(Secret::new(KEY));
    let diagnosis = test_with_key(endpoint, key, &Progress::silent()).expect("sound settings");
    assert!(!format!("{diagnosis:?}").contains(KEY));
    diagnosis
}

/// A server that lists its models and meets chats with `chat`.
fn with_chat(chat: Act) -> (Server, Endpoint) {
    let server = Server::new(move |request| {
        if request.line == "GET /v1/models" {
            listing()
        } else {
            chat.clone()
        }
    });
    let endpoint = endpoint(Kind::OpenAi, &server.url());
    (server, endpoint)
}

#[test]
fn a_working_model_and_one_under_another_name() {
    let (_server, mut endpoint) = with_chat(Act::chat("yes"));
    let works = diagnose(&endpoint);
    assert!(works.works && works.remedy.is_none(), "{works:?}");
    assert_eq!(works.models, ["test-model", "other"]);
    endpoint.model = "elsewhere".into();
    let other = diagnose(&endpoint);
    assert!(other.works && other.message.contains("does not list this name"));
}

#[test]
fn the_models_are_listed_before_one_is_named() {
    let (server, mut endpoint) = with_chat(Act::chat("yes"));
    endpoint.model.clear();
    let unnamed = diagnose(&endpoint);
    assert!(!unnamed.works && unnamed.message.contains("no model is named"));
    assert_eq!(unnamed.models, ["test-model", "other"]);
    assert_eq!(server.requests().len(), 1, "no model was asked");
}

#[test]
fn wrong_key_unknown_model_and_no_quota() {
    let server = Server::acting(vec![Act::error(401, "auth", "bad key")]);
    let refused = diagnose(&endpoint(Kind::OpenAi, &server.url()));
    assert!(refused.message.contains("refuses the key"), "{refused:?}");
    assert_eq!(server.requests().len(), 1, "nothing more is asked");

    let (_server, mut endpoint) = with_chat(Act::error(404, "not_found", "no such model"));
    endpoint.model = "gone".into();
    let unknown = diagnose(&endpoint);
    assert!(
        unknown.message.contains("knows no model `gone`"),
        "{unknown:?}"
    );
    let remedy = unknown.remedy.expect("known models");
    assert!(remedy.contains("test-model, other"), "{remedy}");

    let (_server, endpoint) = with_chat(Act::error(429, "insufficient_quota", "pay"));
    assert!(diagnose(&endpoint).message.contains("no quota left"));
}

#[test]
fn servers_that_list_nothing_are_asked_all_the_same() {
    let server = Server::new(|request| {
        if request.line.starts_with("GET") {
            Act::error(404, "x", "Not Found")
        } else {
            Act::chat("yes")
        }
    });
    let works = diagnose(&endpoint(Kind::OpenAi, &server.url()));
    assert!(works.works && works.models.is_empty(), "{works:?}");
}

#[test]
fn nobody_there_no_key_and_no_encryption() {
    let progress = Progress::silent();
    let nobody = test_connection(
        &Endpoint::new(Kind::OpenAi, "http://127.0.0.1:9", "m"),
        &progress,
    );
    assert!(
        nobody.message.contains("no server answers at 127.0.0.1:9"),
        "{nobody:?}"
    );

    let mut keyless = Endpoint::new(Kind::Anthropic, "https://api.example", "m");
    keyless.key_env = Some("BLINDSPOT_TEST_UNSET_KEY".into());
    let keyless = test_connection(&keyless, &progress);
    let message = "the environment variable BLINDSPOT_TEST_UNSET_KEY holds no key";
    assert_eq!(keyless.message, message);

    let open = test_connection(
        &Endpoint::new(Kind::OpenAi, "http://10.0.0.1", "m"),
        &progress,
    );
    assert!(open.message.contains("unencrypted") && open.remedy.is_some());
}

#[test]
fn a_key_that_the_server_repeats_is_nowhere_in_what_is_shown() {
    let listed = json!({"data": [
        {"id": format!("echo {KEY}")},
        {"id": KEY},
        {"id": format!("your key starts with {}…", &KEY[..16])},
    ]});
    let server = Server::new(move |request| {
        if request.line == "GET /v1/models" {
            Act::json(200, &listed)
        } else {
            Act::error(
                404,
                KEY,
                &format!("no model for Bearer {KEY} or\n{}", &KEY[4..]),
            )
        }
    });
    let mut unnamed = endpoint(Kind::OpenAi, &server.url());
    for model in ["", "test-model"] {
        unnamed.model = model.to_owned();
        let key = Some(Secret::new(KEY));
        let found = test_with_key(&unnamed, key, &Progress::silent()).expect("is told");
        let shown = format!("{found:?}");
        assert_eq!(found.models.len(), 3, "{shown}");
        for part in [KEY, &KEY[..16], &KEY[4..]] {
            assert!(!shown.contains(part), "{shown}");
        }
    }
}
