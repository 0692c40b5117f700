//! Settings of a language model behind an API, as they stand in `project.toml`.

use std::net::IpAddr;

use reqwest::Url;
use serde::{Deserialize, Serialize};

use super::money::Prices;
use super::secret::Secret;
use crate::support::{Error, Result};

/// The two families of chat APIs that are spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// `/v1/chat/completions`: OpenAI, Ollama, llama.cpp, vLLM, LM Studio.
    OpenAi,
    /// `/v1/messages`.
    Anthropic,
}

/// Where a language model is reached and what it may cost. Holds no key:
/// only the *name* of the environment variable that does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Endpoint {
    /// Which API is spoken.
    pub kind: Kind,
    /// For instance `https://api.openai.com/v1` or `http://127.0.0.1:8080`.
    pub base_url: String,
    /// Model name as the server knows it.
    pub model: String,
    /// Environment variable that holds the key; none for servers without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_env: Option<String>,
    /// Sampling temperature, 0 to 2. Left to the server unless set: newer
    /// models refuse it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub temperature: Option<f64>,
    /// Longest answer to one call, in tokens; also what is reserved for it.
    #[serde(default = "defaults::max_output_tokens")]
    pub max_output_tokens: u32,
    /// Prices of a million tokens; needed for a limit on money.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prices: Option<Prices>,
    /// Hosts other than this machine that may be spoken to without encryption.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allow_plain_http: Vec<String>,
    /// Longest wait for one whole answer, in seconds.
    #[serde(default = "defaults::timeout_s")]
    pub timeout_s: u64,
    /// Calls under way at the same time.
    #[serde(default = "defaults::concurrency")]
    pub concurrency: usize,
}

mod defaults {
    pub(super) fn max_output_tokens() -> u32 {
        1500
    }
    pub(super) fn timeout_s() -> u64 {
        120
    }
    pub(super) fn concurrency() -> usize {
        2
    }
}

impl Endpoint {
    /// An endpoint with default limits, without key or prices.
    pub fn new(kind: Kind, base_url: impl Into<String>, model: impl Into<String>) -> Self {
        Self {
            kind,
            base_url: base_url.into(),
            model: model.into(),
            key_env: None,
            temperature: None,
            max_output_tokens: defaults::max_output_tokens(),
            prices: None,
            allow_plain_http: Vec::new(),
            timeout_s: defaults::timeout_s(),
            concurrency: defaults::concurrency(),
        }
    }

    /// Refuses settings that cannot work.
    ///
    /// # Errors
    /// Input errors that name the setting. Its value is named only where it
    /// cannot be a key that was put into the wrong place.
    pub fn check(&self) -> Result<()> {
        let bad = |what: &str, remedy: &str| {
            Err(Error::input(format!("the teacher's {what}")).hint(remedy.to_owned()))
        };
        self.api_root()?;
        if self.model.trim().is_empty() {
            return bad(
                "model has no name (`model`)",
                "name one that the server offers",
            );
        }
        if self
            .key_env
            .as_deref()
            .is_some_and(|name| !is_variable(name))
        {
            return bad(
                "`key_env` is not the name of an environment variable",
                "write the variable's name, for instance OPENAI_API_KEY, and put the key itself \
                 into the environment; if it was a key, revoke it",
            );
        }
        if self.temperature.is_some_and(|t| !(0.0..=2.0).contains(&t)) {
            return bad(
                "`temperature` is outside 0 to 2",
                "leave it out or choose 0 to 2",
            );
        }
        if self.max_output_tokens == 0 || self.timeout_s == 0 || self.concurrency == 0 {
            return bad(
                "`max_output_tokens`, `timeout_s` and `concurrency` must be at least 1",
                "leave them out for the defaults",
            );
        }
        if self.prices.is_some_and(|prices| !prices.is_valid()) {
            return bad(
                "prices are negative or not finite",
                "give prices of a million tokens",
            );
        }
        Ok(())
    }

    /// The key, from the environment variable that is named.
    ///
    /// # Errors
    /// Input error if the variable is not set or empty.
    pub fn key(&self) -> Result<Option<Secret>> {
        let Some(name) = &self.key_env else {
            return Ok(None);
        };
        match std::env::var(name) {
            Ok(key) if !key.trim().is_empty() => Ok(Some(Secret::new(key.trim()))),
            _ => Err(
                Error::input(format!("the environment variable {name} holds no key")).hint(
                    format!("set {name} to the key of `{}` and start again", self.host()),
                ),
            ),
        }
    }

    /// Host name and port for messages and for the statement on what goes where.
    pub fn host(&self) -> String {
        let Ok(url) = Url::parse(self.base_url.trim()) else {
            return "an invalid address".to_owned();
        };
        let host = url.host_str().unwrap_or_default();
        match url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        }
    }

    /// Whether texts stay on this machine.
    pub fn is_local(&self) -> bool {
        Url::parse(self.base_url.trim()).is_ok_and(|url| is_loopback(&url))
    }

    /// Address of one of the API's resources (`models`, `messages`, …).
    ///
    /// # Errors
    /// Input error if the base address cannot be used.
    pub(super) fn address(&self, resource: &str) -> Result<Url> {
        let root = self.api_root()?;
        let path = format!("{}/{resource}", root.path().trim_end_matches('/'));
        let mut address = root;
        address.set_path(&path);
        Ok(address)
    }

    /// What decides an answer besides the prompt: recorded replies of another
    /// model or server are not replies of this one.
    pub(super) fn identity(&self) -> String {
        let kind = match self.kind {
            Kind::OpenAi => "openai",
            Kind::Anthropic => "anthropic",
        };
        let temperature = self.temperature.map(|t| t.to_string()).unwrap_or_default();
        format!("{kind}\n{}\n{}\n{temperature}", self.base_url, self.model)
    }

    fn api_root(&self) -> Result<Url> {
        let refuse = |what: &str, remedy: String| {
            Err(Error::input(format!("the teacher's `base_url` {what}")).hint(remedy))
        };
        let example = "give an address such as https://api.openai.com/v1".to_owned();
        let Ok(mut url) = Url::parse(self.base_url.trim()) else {
            return refuse("is no web address", example);
        };
        if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
            return refuse("is no http or https address", example);
        }
        // Keys travel in a header that is never shown; a key inside the
        // address would reach project files and messages.
        if !url.username().is_empty() || url.password().is_some() || url.query().is_some() {
            return refuse(
                "holds a user name, a password or a query",
                "put the key into an environment variable and name it in `key_env`".to_owned(),
            );
        }
        let host = url.host_str().unwrap_or_default().to_owned();
        let allowed = self
            .allow_plain_http
            .iter()
            .any(|name| name.trim().eq_ignore_ascii_case(&host));
        if url.scheme() == "http" && !is_loopback(&url) && !allowed {
            return refuse(
                &format!("would send texts and key unencrypted to `{host}`"),
                format!("use https, or add \"{host}\" to the teacher's `allow_plain_http`"),
            );
        }
        url.set_fragment(None);
        let path = url.path().trim_end_matches('/');
        let path = path.strip_suffix("/chat/completions").unwrap_or(path);
        let path = path.strip_suffix("/messages").unwrap_or(path);
        let path = if path.is_empty() { "/v1" } else { path }.to_owned();
        url.set_path(&path);
        Ok(url)
    }
}

/// Whether an address names this machine.
pub(super) fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

fn is_variable(name: &str) -> bool {
    !name.is_empty()
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !name.starts_with(|c: char| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(base_url: &str) -> Endpoint {
        Endpoint::new(Kind::OpenAi, base_url, "m")
    }

    #[test]
    fn addresses_are_completed_as_people_write_them() {
        for base in [
            "http://127.0.0.1:8080",
            "http://127.0.0.1:8080/v1/",
            "http://127.0.0.1:8080/v1/chat/completions",
        ] {
            let address = at(base).address("models").expect("usable").to_string();
            assert_eq!(address, "http://127.0.0.1:8080/v1/models");
        }
        let gateway = at("https://gate.example/api/openai").address("models");
        assert_eq!(
            gateway.expect("usable").as_str(),
            "https://gate.example/api/openai/models"
        );
    }

    #[test]
    fn plain_http_leaves_this_machine_only_when_allowed() {
        for local in ["http://localhost:1", "http://[::1]:1", "http://127.9.9.9"] {
            assert!(at(local).check().is_ok(), "{local}");
        }
        for remote in ["http://192.168.1.5", "http://localhost.example.com"] {
            let error = at(remote).check().expect_err(remote);
            assert!(error.to_string().contains("unencrypted"), "{error}");
        }
        let mut allowed = at("http://192.168.1.5:11434");
        allowed.allow_plain_http = vec!["192.168.1.5".to_owned()];
        assert!(allowed.check().is_ok());
    }

    #[test]
    fn a_key_in_the_wrong_place_is_refused_and_not_repeated() {
        let key = "sk-secret-0123456789";
        let mut endpoint = at("https://api.example");
        endpoint.key_env = Some(key.to_owned());
        let in_name = endpoint.check().expect_err("no variable name");
        let in_url = at(&format!("https://u:{key}@api.example")).check();
        for error in [in_name, in_url.expect_err("password")] {
            let shown = format!("{error} {:?} {error:?}", error.remedy());
            assert!(!shown.contains(key), "{shown}");
        }
    }
}
