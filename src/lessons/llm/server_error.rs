//! Reads the error answers of servers, in all the shapes they come in.

use std::time::Duration;

use serde_json::Value;

use super::endpoint::Kind;
use super::failure::{Cause, Failure, Parameter};
use super::secret::Secret;

/// Longest quotation of a server's own words.
const QUOTED: usize = 300;

/// What an error body says; empty where it says nothing.
#[derive(Debug, Default)]
struct Said {
    kind: String,
    code: String,
    parameter: String,
    message: String,
}

/// Turns an answer with an error status into a failure that does not repeat
/// the key.
pub(super) fn classify(
    kind: Kind,
    status: u16,
    retry_after: Option<Duration>,
    body: &[u8],
    key: Option<&Secret>,
) -> Failure {
    let said = read(body);
    let cause = cause(status, &said);
    let quota_rule = kind == Kind::Anthropic && status == 429 && retry_after.is_none();
    let cause = if quota_rule { Cause::NoQuota } else { cause };
    let retryable = cause != Cause::NoQuota
        && cause != Cause::UnknownModel
        && matches!(status, 408 | 409 | 429 | 500 | 502 | 503 | 504 | 529);
    // A server that says "not now" has done no work; behind a failure, a
    // gateway's time-out or a 408 there may be a finished, lost reply.
    let maybe_charged = status == 408 || (status >= 500 && !matches!(status, 501 | 503 | 529));
    Failure {
        cause,
        status: Some(status),
        refused: (status == 400 || status == 422)
            .then(|| parameter(&said))
            .flatten(),
        said: shorten(&scrubbed(key, &said.message)),
        retry_after,
        retryable,
        maybe_charged,
    }
}

fn cause(status: u16, said: &Said) -> Cause {
    let message = said.message.to_lowercase();
    if is_quota(status, said, &message) {
        return Cause::NoQuota;
    }
    let unknown_model = said.code == "model_not_found"
        || (status == 404 && message.contains("model") && !message.contains("<html"));
    match status {
        _ if unknown_model => Cause::UnknownModel,
        401 | 403 => Cause::KeyRefused,
        404 | 405 | 301..=308 => Cause::UnknownAddress,
        408 | 504 => Cause::TimedOut,
        429 => Cause::RateLimited,
        413 => Cause::PromptTooLong,
        400 if said.kind == "exceed_context_size_error"
            || said.code == "context_length_exceeded"
            || message.contains("prompt is too long")
            || message.contains("maximum context length") =>
        {
            Cause::PromptTooLong
        }
        500.. => Cause::ServerFailed,
        _ => Cause::BadRequest,
    }
}

/// Limits of the account, which no waiting lifts.
fn is_quota(status: u16, said: &Said, message: &str) -> bool {
    let named = [said.kind.as_str(), said.code.as_str()].iter().any(|name| {
        matches!(
            *name,
            "insufficient_quota"
                | "credit_balance_exhausted"
                | "billing_hard_limit_reached"
                | "billing_error"
                | "enforced_spend_limit_reached"
        ) || name.ends_with("_spend_limit_exceeded")
            || name.ends_with("_usage_limit_exceeded")
    });
    let worded = message.contains("credit balance is too low")
        || message.contains("enforced_spend_limit_reached");
    status == 402 || named || worded
}

/// The disputed parameter that a refusal names.
fn parameter(said: &Said) -> Option<Parameter> {
    // The structured field first: messages often name the remedy as well
    // ("use 'max_completion_tokens' instead").
    [&said.parameter, &said.message]
        .into_iter()
        .find_map(|text| {
            let position = |names: &[&str]| names.iter().filter_map(|name| text.find(name)).min();
            let named = [
                (
                    position(&["max_completion_tokens"]),
                    Parameter::MaxCompletionTokens,
                ),
                (position(&["max_tokens"]), Parameter::MaxTokens),
                (position(&["temperature"]), Parameter::Temperature),
                (
                    position(&[
                        "response_format",
                        "json_schema",
                        "output_config",
                        "output_format",
                    ]),
                    Parameter::Schema,
                ),
            ];
            let named = named.into_iter().filter_map(|(at, name)| Some((at?, name)));
            named.min_by_key(|(at, _)| *at).map(|(_, name)| name)
        })
}

fn read(body: &[u8]) -> Said {
    let Ok(value) = serde_json::from_slice::<Value>(body) else {
        let text = String::from_utf8_lossy(body);
        let page = text.trim_start().starts_with('<');
        return Said {
            message: if page {
                String::new()
            } else {
                text.into_owned()
            },
            ..Said::default()
        };
    };
    // `{"error": {…}}`, `{"error": "text"}`, flat `{"message": …}`, `{"detail": …}`.
    let inner = match value.get("error") {
        Some(error) if error.is_object() => error,
        _ => &value,
    };
    let field = |name: &str| match inner.get(name) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    };
    let message = ["message", "error", "detail"].map(field);
    Said {
        kind: field("type"),
        code: field("code"),
        parameter: field("param"),
        message: message
            .into_iter()
            .find(|m| !m.is_empty())
            .unwrap_or_default(),
    }
}

/// `text` without the key.
pub(super) fn scrubbed(key: Option<&Secret>, text: &str) -> String {
    key.map_or_else(|| text.to_owned(), |key| key.scrub(text))
}

/// One line of at most [`QUOTED`] characters. The key is gone by then: a cut
/// through it would leave a half that nothing recognises.
fn shorten(message: &str) -> String {
    let line = message.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(QUOTED) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn openai(status: u16, body: &str) -> Failure {
        classify(Kind::OpenAi, status, None, body.as_bytes(), None)
    }

    #[test]
    fn causes_from_all_shapes() {
        let rows = [
            (401, r#"{"error":{"message":"bad key"}}"#, Cause::KeyRefused),
            (
                404,
                r#"{"error":{"code":"model_not_found","message":"x"}}"#,
                Cause::UnknownModel,
            ),
            (
                404,
                r#"{"error":"model 'm' not found"}"#,
                Cause::UnknownModel,
            ),
            (404, "<html>404 model</html>", Cause::UnknownAddress),
            (
                429,
                r#"{"error":{"type":"insufficient_quota"}}"#,
                Cause::NoQuota,
            ),
            (
                429,
                r#"{"error":{"code":"org_spend_limit_exceeded"}}"#,
                Cause::NoQuota,
            ),
            (429, "", Cause::RateLimited),
            (
                400,
                r#"{"error":{"code":400,"type":"exceed_context_size_error"}}"#,
                Cause::PromptTooLong,
            ),
            (
                400,
                r#"{"object":"error","message":"no"}"#,
                Cause::BadRequest,
            ),
            (
                503,
                r#"{"error":{"code":503,"message":"Loading model"}}"#,
                Cause::ServerFailed,
            ),
        ];
        for (status, body, cause) in rows {
            assert_eq!(openai(status, body).cause, cause, "{status} {body}");
        }
    }

    #[test]
    fn anthropic_without_retry_after_is_a_spend_limit() {
        let body = br#"{"type":"error","error":{"type":"rate_limit_error","message":"slow"}}"#;
        let wait = Some(Duration::from_secs(1));
        assert!(classify(Kind::Anthropic, 429, wait, body, None).retryable);
        let spent = classify(Kind::Anthropic, 429, None, body, None);
        assert_eq!((spent.cause, spent.retryable), (Cause::NoQuota, false));
        assert!(classify(Kind::OpenAi, 429, None, body, None).retryable);
    }

    #[test]
    fn refused_parameters_are_recognised() {
        let said = "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.";
        let body = serde_json::json!({"error": {"message": said}}).to_string();
        assert_eq!(openai(400, &body).refused, Some(Parameter::MaxTokens));
        let named = r#"{"error":{"param":"temperature","message":"max_tokens is fine"}}"#;
        assert_eq!(openai(400, named).refused, Some(Parameter::Temperature));
        assert_eq!(openai(500, named).refused, None);
    }
}
