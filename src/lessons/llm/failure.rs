//! What can go wrong with one request, whether trying again can help, and
//! whether the server may have charged for it.

use std::time::Duration;

use super::endpoint::{Endpoint, Kind};
use super::money::Money;
use crate::support::Error;

/// The cause of a failed request, as a person would tell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// Nobody answers at that address.
    NoServer,
    /// The host name is not known.
    UnknownHost,
    /// The encrypted connection could not be made.
    Tls,
    /// No answer, or not all of it, within the time allowed.
    TimedOut,
    /// The connection broke before the answer was whole.
    Broken,
    /// The key is missing, wrong or not allowed to do this.
    KeyRefused,
    /// The server knows no such model.
    UnknownModel,
    /// The server knows no such address.
    UnknownAddress,
    /// The account has no money or no allowance left.
    NoQuota,
    /// Too many requests for the moment.
    RateLimited,
    /// The server failed or is overloaded.
    ServerFailed,
    /// The prompt and the answer do not fit into the model.
    PromptTooLong,
    /// The server does not accept the request.
    BadRequest,
    /// The answer is no chat reply (a web page, nothing, something else).
    NoReply,
    /// The answer is far larger than any reply.
    TooLarge,
}

/// A part of the request that servers disagree about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Parameter {
    MaxTokens,
    MaxCompletionTokens,
    Temperature,
    Schema,
}

/// One failed request.
#[derive(Debug, Clone)]
pub struct Failure {
    /// Why.
    pub cause: Cause,
    /// HTTP status, if the server answered.
    pub status: Option<u16>,
    /// What the server or the network said, in one short line without the key.
    pub said: String,
    /// How long the server asks to wait.
    pub retry_after: Option<Duration>,
    /// Whether waiting and trying again can help.
    pub retryable: bool,
    /// Whether the server may have worked, and charged, although its reply
    /// did not arrive.
    pub maybe_charged: bool,
    /// The part of the request that the server refused, if it named one.
    pub(super) refused: Option<Parameter>,
}

impl Failure {
    /// A failure in which the server did no work.
    pub(super) fn harmless(cause: Cause, said: impl Into<String>) -> Self {
        Self {
            cause,
            status: None,
            said: said.into(),
            retry_after: None,
            retryable: matches!(
                cause,
                Cause::NoServer | Cause::TimedOut | Cause::Broken | Cause::RateLimited
            ),
            maybe_charged: false,
            refused: None,
        }
    }

    /// A failure after the request had left: a reply may have been lost.
    pub(super) fn lost(cause: Cause, said: impl Into<String>) -> Self {
        let retryable = !matches!(cause, Cause::TooLarge);
        Self {
            retryable,
            maybe_charged: true,
            ..Self::harmless(cause, said)
        }
    }

    /// What to charge for it.
    pub(super) fn charge(&self, worst: Money) -> Money {
        if self.maybe_charged {
            worst
        } else {
            Money::ZERO
        }
    }

    /// One sentence on what is wrong.
    pub fn sentence(&self, endpoint: &Endpoint) -> String {
        let host = endpoint.host();
        let what = match self.cause {
            Cause::NoServer => format!("no server answers at {host}"),
            Cause::UnknownHost => format!("the host name of {host} is not known"),
            Cause::Tls => format!("no encrypted connection to {host} could be made"),
            Cause::TimedOut => format!("{host} did not answer in time"),
            Cause::Broken => format!("the connection to {host} broke"),
            Cause::KeyRefused => format!("{host} refuses the key"),
            Cause::UnknownModel => format!("{host} knows no model `{}`", endpoint.model),
            Cause::UnknownAddress => format!("{host} has no chat API at this address"),
            Cause::NoQuota => format!("the account at {host} has no quota left"),
            Cause::RateLimited => format!("{host} asks for fewer requests"),
            Cause::ServerFailed => format!("{host} failed"),
            Cause::PromptTooLong => format!("the prompt is too long for `{}`", endpoint.model),
            Cause::BadRequest => format!("{host} does not accept the request"),
            Cause::NoReply => format!("{host} answered with something that is no chat reply"),
            Cause::TooLarge => format!("the answer of {host} is too large to be a reply"),
        };
        let status = self
            .status
            .map(|s| format!(" (HTTP {s})"))
            .unwrap_or_default();
        if self.said.is_empty() {
            format!("{what}{status}")
        } else {
            format!("{what}{status}: {}", self.said)
        }
    }

    /// What the user can do about it.
    pub fn remedy(&self, endpoint: &Endpoint) -> String {
        let key = match &endpoint.key_env {
            Some(name) => format!("check the key in the environment variable {name}"),
            None => "name the environment variable that holds the key in `key_env`".to_owned(),
        };
        match self.cause {
            Cause::NoServer => "start the server, or correct `base_url`".to_owned(),
            Cause::UnknownHost => "correct the host in `base_url`, or check the network".to_owned(),
            Cause::Tls => "check that `base_url` names an https server with a valid \
                           certificate; local servers usually speak http"
                .to_owned(),
            Cause::TimedOut => "raise the teacher's `timeout_s`, or lower \
                                `max_output_tokens`; what was received is kept"
                .to_owned(),
            Cause::KeyRefused => key,
            Cause::UnknownModel => "choose one of the models that *Test connection* lists".into(),
            Cause::UnknownAddress => {
                let kind = match endpoint.kind {
                    Kind::OpenAi => "an address that ends in /v1",
                    Kind::Anthropic => "the address of an Anthropic-compatible API",
                };
                format!("`base_url` should be {kind}; check `kind` as well")
            }
            Cause::NoQuota => "add credit or raise the limit of the account; waiting does \
                               not help"
                .to_owned(),
            Cause::PromptTooLong => "start the server with a longer context, or show fewer \
                                     texts"
                .to_owned(),
            Cause::NoReply => "check that `base_url` points to the API and not to a web page \
                               or proxy"
                .to_owned(),
            Cause::TooLarge | Cause::BadRequest => {
                "check `base_url`, `kind` and `model`".to_owned()
            }
            Cause::Broken | Cause::RateLimited | Cause::ServerFailed => {
                "try again later; what was received is kept".to_owned()
            }
        }
    }

    /// The program's error for it.
    pub fn into_error(self, endpoint: &Endpoint) -> Error {
        let settings = matches!(
            self.cause,
            Cause::UnknownHost
                | Cause::KeyRefused
                | Cause::UnknownModel
                | Cause::UnknownAddress
                | Cause::NoQuota
        );
        let sentence = self.sentence(endpoint);
        let error = if settings {
            Error::input(sentence)
        } else {
            Error::program(sentence)
        };
        error.hint(self.remedy(endpoint))
    }
}
