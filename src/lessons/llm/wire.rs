//! What both chat APIs share: requests and replies in our terms, and the
//! differences between servers that are found out by asking.

use reqwest::Url;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::endpoint::{Endpoint, Kind};
use super::failure::{Cause, Failure, Parameter};
use super::money::{Money, Usage};
use super::secret::Secret;
use super::server_error::{classify, scrubbed};
use super::{reasoning, wire_anthropic, wire_openai};
use crate::support::Result;
use crate::support::hash::StepHash;

/// What stands in keys for the limit of tokens: the default of the versions
/// that counted it in, whose journals are found by it.
const LIMIT_IN_KEYS: u32 = 1500;

/// One question to a language model.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// Which step of the lesson asks, for the transcript.
    pub step: String,
    /// The instructions.
    pub system: String,
    /// The question with its data.
    pub user: String,
    /// JSON schema of the wanted answer; a hint that servers may ignore.
    pub schema: Option<Value>,
    /// Longest answer, in tokens.
    pub max_output_tokens: u32,
    /// Tells questions of equal words apart that want an answer each.
    pub turn: u64,
}

impl Call {
    /// Identifies the question put to one endpoint: the same question is
    /// never asked twice once it was answered, whatever the limit of tokens
    /// is by then.
    pub fn key(&self, endpoint: &Endpoint) -> String {
        self.key_with(LIMIT_IN_KEYS, endpoint)
    }

    /// Its key in journals of earlier versions, if the limit is as it was.
    pub(super) fn earlier_key(&self, endpoint: &Endpoint) -> String {
        self.key_with(self.max_output_tokens, endpoint)
    }

    fn key_with(&self, limit: u32, endpoint: &Endpoint) -> String {
        let schema = self.schema.as_ref().map(Value::to_string);
        StepHash::default()
            .with("endpoint", endpoint.identity().as_bytes())
            .with("system", self.system.as_bytes())
            .with("user", self.user.as_bytes())
            .with("schema", schema.unwrap_or_default().as_bytes())
            .with("turn", &self.turn.to_le_bytes())
            .with("limit", &limit.to_le_bytes())
            .finish()
    }
}

/// How an answer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Ending {
    /// As the model wanted.
    Complete,
    /// At the limit of tokens.
    Cut,
    /// The model or a filter declined.
    Refused,
}

/// One answer, as data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reply {
    /// What the model wrote, thinking left out where the server keeps it apart.
    pub text: String,
    /// How it ended.
    pub ending: Ending,
    /// Tokens.
    pub usage: Usage,
    /// What it was charged with.
    pub cost: Money,
    /// Time from the request to the whole reply, in seconds.
    pub seconds: f64,
    /// The limit of tokens that it was asked with.
    #[serde(default = "limit_of_earlier_versions")]
    pub limit: u32,
    /// Whether the server gave reasoning apart, and no answer beside it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub only_reasoning: bool,
}

impl Reply {
    /// Whether all that the model wrote is reasoning, wherever it stands.
    pub(super) fn is_only_reasoning(&self) -> bool {
        let written = !self.text.trim().is_empty();
        self.only_reasoning || (written && reasoning::answer_parts(&self.text).is_empty())
    }

    /// Whether it broke off, or came to no answer, at a limit that is lower
    /// than the call's.
    pub(super) fn is_cut_before(&self, call: &Call) -> bool {
        let cut = self.ending == Ending::Cut || self.is_only_reasoning();
        cut && self.limit < call.max_output_tokens
    }
}

fn limit_of_earlier_versions() -> u32 {
    LIMIT_IN_KEYS
}

/// What a server turned out to accept. Starts with the best guess and steps
/// down once for each parameter that the server names in a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Dialect {
    pub(super) limit: LimitName,
    pub(super) temperature: bool,
    pub(super) format: Format,
    limit_switched: bool,
}

/// Name of the output limit in chat completions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LimitName {
    MaxTokens,
    MaxCompletionTokens,
}

/// How structured output is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Schema,
    JsonMode,
    Prompt,
}

impl Dialect {
    pub(super) fn of(endpoint: &Endpoint) -> Self {
        // OpenAI's newer models refuse `max_tokens`; many other servers
        // silently ignore its successor, which would lift the limit.
        let limit = if endpoint.host().ends_with("openai.com") {
            LimitName::MaxCompletionTokens
        } else {
            LimitName::MaxTokens
        };
        Self {
            limit,
            temperature: true,
            format: Format::Schema,
            limit_switched: false,
        }
    }

    /// Steps down after a refusal; `false` if there is nothing left to change.
    pub(super) fn adapt(&mut self, refused: Parameter, kind: Kind) -> bool {
        let before = *self;
        match (refused, kind) {
            (Parameter::Temperature, _) => self.temperature = false,
            (Parameter::Schema, Kind::OpenAi) if self.format == Format::Schema => {
                self.format = Format::JsonMode;
            }
            (Parameter::Schema, _) => self.format = Format::Prompt,
            (Parameter::MaxTokens, Kind::OpenAi) if !self.limit_switched => {
                self.limit = LimitName::MaxCompletionTokens;
                self.limit_switched = true;
            }
            (Parameter::MaxCompletionTokens, Kind::OpenAi) if !self.limit_switched => {
                self.limit = LimitName::MaxTokens;
                self.limit_switched = true;
            }
            _ => {}
        }
        *self != before
    }
}

/// The body of the request for a call.
pub(super) fn body(endpoint: &Endpoint, dialect: Dialect, call: &Call) -> Vec<u8> {
    let value = match endpoint.kind {
        Kind::OpenAi => wire_openai::body(endpoint, dialect, call),
        Kind::Anthropic => wire_anthropic::body(endpoint, dialect, call),
    };
    value.to_string().into_bytes()
}

/// Where calls are sent.
pub(super) fn address(endpoint: &Endpoint) -> Result<Url> {
    endpoint.address(match endpoint.kind {
        Kind::OpenAi => "chat/completions",
        Kind::Anthropic => "messages",
    })
}

/// What a server's answer holds.
#[derive(Debug, PartialEq)]
pub(super) struct Content {
    pub(super) text: String,
    pub(super) ending: Ending,
    /// Its tokens, if the server names them.
    pub(super) usage: Option<Usage>,
    /// Whether the text is empty and reasoning stands beside it.
    pub(super) only_reasoning: bool,
}

/// Takes the reply out of a body that came with status 200.
pub(super) fn content(
    kind: Kind,
    body: &[u8],
    key: Option<&Secret>,
) -> std::result::Result<Content, Failure> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Err(Failure::lost(Cause::NoReply, "the answer is empty"));
    }
    let Ok(value) = serde_json::from_slice::<Value>(body) else {
        return Err(Failure::lost(Cause::NoReply, not_json(body)));
    };
    if value.get("error").is_some_and(|error| !error.is_null()) {
        // Some servers notice an error after they have sent status 200.
        let mut failure = classify(kind, 500, None, body, key);
        failure.status = Some(200);
        return Err(failure);
    }
    let content = match kind {
        Kind::OpenAi => wire_openai::content(&value),
        Kind::Anthropic => wire_anthropic::content(&value),
    };
    let content = content
        .ok_or_else(|| Failure::lost(Cause::NoReply, "the JSON holds no message of a model"))?;
    Ok(Content {
        text: scrubbed(key, &content.text),
        ..content
    })
}

fn not_json(body: &[u8]) -> &'static str {
    let start = String::from_utf8_lossy(&body[..body.len().min(512)]).to_lowercase();
    if start.trim_start().starts_with("<!doctype") || start.contains("<html") {
        "it is a web page"
    } else if start.starts_with("data:") || start.starts_with("event:") {
        "it is a stream, which was not asked for"
    } else if matches!(start.trim_start().as_bytes().first(), Some(b'{' | b'[')) {
        "the JSON breaks off"
    } else {
        "it is not JSON"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dialects_step_down_and_stop() {
        let endpoint = Endpoint::new(Kind::OpenAi, "http://127.0.0.1", "m");
        let mut dialect = Dialect::of(&endpoint);
        assert!(dialect.adapt(Parameter::Schema, Kind::OpenAi));
        assert_eq!(dialect.format, Format::JsonMode);
        assert!(dialect.adapt(Parameter::Schema, Kind::OpenAi));
        assert_eq!(dialect.format, Format::Prompt);
        assert!(!dialect.adapt(Parameter::Schema, Kind::OpenAi));
        assert!(dialect.adapt(Parameter::MaxTokens, Kind::OpenAi));
        assert_eq!(dialect.limit, LimitName::MaxCompletionTokens);
        assert!(!dialect.adapt(Parameter::MaxCompletionTokens, Kind::OpenAi));
        assert!(!dialect.adapt(Parameter::MaxTokens, Kind::Anthropic));
    }

    #[test]
    fn the_same_question_to_another_model_is_another_question() {
        let call = Call {
            step: "samples".into(),
            system: "s".into(),
            user: "u".into(),
            schema: None,
            max_output_tokens: 9,
            turn: 0,
        };
        let one = Endpoint::new(Kind::OpenAi, "http://127.0.0.1", "m");
        let mut other = one.clone();
        assert_eq!(call.key(&one), call.key(&other));
        other.model = "n".into();
        assert_ne!(call.key(&one), call.key(&other));
    }

    #[test]
    fn a_question_keeps_its_key_under_another_limit_and_its_earlier_one_too() {
        let call = |max_output_tokens| Call {
            step: "samples".into(),
            system: "s".into(),
            user: "u".into(),
            schema: None,
            max_output_tokens,
            turn: 3,
        };
        let endpoint = Endpoint::new(Kind::OpenAi, "http://127.0.0.1", "m");
        assert_eq!(call(800).key(&endpoint), call(200).key(&endpoint));
        // As earlier versions made it.
        let earlier = |limit: u32| {
            StepHash::default()
                .with("endpoint", b"openai\nhttp://127.0.0.1\nm\n")
                .with("system", b"s")
                .with("user", b"u")
                .with("schema", b"")
                .with("turn", &3_u64.to_le_bytes())
                .with("limit", &limit.to_le_bytes())
                .finish()
        };
        assert_eq!(call(800).earlier_key(&endpoint), earlier(800));
        assert_eq!(call(800).key(&endpoint), earlier(1500), "their default");
    }
}
