//! *Test connection*: says exactly what is wrong with a teacher's settings.

use std::time::Duration;

use serde::Serialize;
use serde_json::Value;

use super::budget::Limits;
use super::client::{Answers as _, Client, run};
use super::endpoint::Endpoint;
use super::exchange::Pace;
use super::failure::{Cause, Failure};
use super::journal::Journal;
use super::retry::RetryPolicy;
use super::secret::Secret;
use super::server_error::scrubbed;
use super::wire::Call;
use crate::support::{Error, Progress, Result};

/// Model names quoted in a remedy.
const NAMED: usize = 8;

/// What a test of the connection found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Diagnosis {
    /// Whether the model answered.
    pub works: bool,
    /// What was found, in a sentence.
    pub message: String,
    /// What to do about it; none if it works.
    pub remedy: Option<String>,
    /// Models that the server says it has; empty if it does not say.
    pub models: Vec<String>,
}

impl Diagnosis {
    fn of(error: &Error, models: Vec<String>) -> Self {
        Self {
            works: false,
            message: error.to_string(),
            remedy: error.remedy().map(str::to_owned),
            models,
        }
    }
}

/// Asks the server for its models and the model for a few tokens, with the
/// key from the environment. Sends no text of the project. Nothing is
/// repeated, so that the answer comes soon.
pub fn test_connection(endpoint: &Endpoint, progress: &Progress) -> Diagnosis {
    let tested = endpoint
        .key()
        .and_then(|key| test_with_key(endpoint, key, progress));
    tested.unwrap_or_else(|error| Diagnosis::of(&error, Vec::new()))
}

/// [`test_connection`] with a given key.
///
/// # Errors
/// For settings that cannot work, and if asked to stop.
pub fn test_with_key(
    endpoint: &Endpoint,
    key: Option<Secret>,
    progress: &Progress,
) -> Result<Diagnosis> {
    let pace = Pace {
        answer: Duration::from_secs(endpoint.timeout_s.min(60)),
        retry: RetryPolicy {
            tries: 1,
            ..RetryPolicy::default()
        },
        ..Pace::of(endpoint)
    };
    let limits = Limits::default();
    let named = !endpoint.model.trim().is_empty();
    let mut asked = endpoint.clone();
    if !named {
        // Somebody who wants to know the names has none to give yet.
        asked.model = "?".to_owned();
    }
    let client = Client::with_pace(asked, key, limits, Journal::in_memory(), pace)?;
    let models = match run(progress, async { Ok(list(&client).await) })? {
        Ok(models) => models,
        // Some servers chat but list nothing.
        Err(failure) if failure.cause == Cause::UnknownAddress => Vec::new(),
        Err(failure) => {
            let error = failure.into_error(endpoint);
            return Ok(Diagnosis::of(&error, Vec::new()));
        }
    };
    if !named {
        return Ok(Diagnosis {
            works: false,
            message: format!("{} answers; no model is named yet", endpoint.host()),
            remedy: Some("name one of the server's models".to_owned()),
            models,
        });
    }
    let listed = models.is_empty() || models.contains(&endpoint.model);
    match client.ask(&greeting(), progress) {
        Ok(reply) => {
            let (model, host) = (&endpoint.model, endpoint.host());
            let seconds = reply.seconds;
            let although = if listed {
                ""
            } else {
                "; the server does not list this name and may have answered with another model"
            };
            Ok(Diagnosis {
                works: true,
                message: format!("`{model}` at {host} answered in {seconds:.1} s{although}"),
                remedy: None,
                models,
            })
        }
        Err(error) if error.is_cancelled() => Err(error),
        Err(error) => {
            let mut diagnosis = Diagnosis::of(&error, models);
            if !listed {
                let names: Vec<&str> = diagnosis.models.iter().map(String::as_str).collect();
                let names = names[..names.len().min(NAMED)].join(", ");
                diagnosis.remedy = Some(format!("the server offers: {names}"));
            }
            Ok(diagnosis)
        }
    }
}

/// Names of the models that the server says it has.
///
/// # Errors
/// What is wrong with the connection, with a remedy.
pub fn models(client: &Client, progress: &Progress) -> Result<Vec<String>> {
    let listed = run(progress, async { Ok(list(client).await) })?;
    listed.map_err(|failure| failure.into_error(client.endpoint()))
}

async fn list(client: &Client) -> Result<Vec<String>, Failure> {
    let address = client.endpoint().address("models");
    let address =
        address.map_err(|error| Failure::harmless(Cause::UnknownAddress, error.to_string()))?;
    let body = client.exchange().get(address).await?;
    let value: Value = serde_json::from_slice(&body)
        .map_err(|_| Failure::harmless(Cause::NoReply, "the list of models is not JSON"))?;
    let entries = value.get("data").and_then(Value::as_array);
    let names = entries.into_iter().flatten().filter_map(|entry| {
        let name = entry.get("id")?.as_str()?;
        Some(scrubbed(client.exchange().key(), name))
    });
    Ok(names.collect())
}

/// A question without any text of the project.
fn greeting() -> Call {
    Call {
        step: "connection".into(),
        system: "You are asked whether you can be reached.".into(),
        user: "Answer with the word yes.".into(),
        schema: None,
        turn: 0,
        max_output_tokens: 16,
    }
}
