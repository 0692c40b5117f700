//! One HTTP request and its answer, with every way to fail told apart.

use std::error::Error as _;
use std::sync::Once;
use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Response, Url};

use super::endpoint::{self, Endpoint, Kind};
use super::failure::{Cause, Failure};
use super::retry;
use super::secret::Secret;
use super::server_error::classify;
use crate::support::{Error, Result};

/// Time limits and size limits of one exchange.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// Longest wait for a connection.
    pub connect: Duration,
    /// Longest wait for the whole answer.
    pub answer: Duration,
    /// Most bytes of an answer that are read.
    pub answer_bytes: usize,
    /// When failed requests are repeated.
    pub retry: retry::RetryPolicy,
}

impl Pace {
    /// The limits that suit an endpoint.
    pub fn of(endpoint: &Endpoint) -> Self {
        Self {
            connect: Duration::from_secs(10),
            answer: Duration::from_secs(endpoint.timeout_s),
            answer_bytes: 4 << 20,
            retry: retry::RetryPolicy::default(),
        }
    }
}

/// Sends requests to one endpoint.
pub(super) struct Exchange {
    http: reqwest::Client,
    headers: HeaderMap,
    key: Option<Secret>,
    kind: Kind,
    pace: Pace,
}

impl Exchange {
    /// Prepares the requests of an endpoint.
    ///
    /// # Errors
    /// Input error if the key holds characters that no header may hold.
    pub(super) fn new(endpoint: &Endpoint, key: Option<Secret>, pace: Pace) -> Result<Self> {
        install_cryptography();
        let url = endpoint.address("models")?;
        let mut builder = reqwest::Client::builder()
            .connect_timeout(pace.connect)
            // A redirect could lead texts and key elsewhere.
            .redirect(reqwest::redirect::Policy::none())
            // Repetition is ours: each request must pass the budget.
            .retry(reqwest::retry::never())
            // A connection that the server closed while idle would look like
            // a lost reply, and be charged as one.
            .pool_max_idle_per_host(0)
            .user_agent(concat!("blindspot/", env!("CARGO_PKG_VERSION")));
        if endpoint::is_loopback(&url) {
            builder = builder.no_proxy();
        }
        let http = builder
            .build()
            .map_err(|e| Error::program("cannot prepare network requests").because(e))?;
        Ok(Self {
            http,
            headers: headers(endpoint.kind, key.as_ref())?,
            key,
            kind: endpoint.kind,
            pace,
        })
    }

    pub(super) fn key(&self) -> Option<&Secret> {
        self.key.as_ref()
    }

    /// Posts a JSON body; gives the body of a successful answer.
    pub(super) async fn post(&self, url: Url, body: Vec<u8>) -> Result<Vec<u8>, Failure> {
        let request = self
            .http
            .post(url)
            .header("content-type", "application/json")
            .body(body);
        self.send(request).await
    }

    /// Gets a resource; gives the body of a successful answer.
    pub(super) async fn get(&self, url: Url) -> Result<Vec<u8>, Failure> {
        self.send(self.http.get(url)).await
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Result<Vec<u8>, Failure> {
        let request = request.headers(self.headers.clone());
        tokio::time::timeout(self.pace.answer, self.whole_answer(request))
            .await
            .unwrap_or_else(|_| Err(Failure::lost(Cause::TimedOut, "")))
    }

    async fn whole_answer(&self, request: reqwest::RequestBuilder) -> Result<Vec<u8>, Failure> {
        let answer = request.send().await.map_err(failed_request)?;
        let status = answer.status();
        if status.is_success() {
            return self.body(answer).await;
        }
        let header = |name: &str| answer.headers().get(name)?.to_str().ok();
        let after = retry::retry_after(
            header("retry-after"),
            header("retry-after-ms"),
            header("date"),
        );
        // The status alone says enough if the explanation does not arrive.
        let body = self.body(answer).await.unwrap_or_default();
        Err(classify(
            self.kind,
            status.as_u16(),
            after,
            &body,
            self.key(),
        ))
    }

    /// Reads a body piece by piece, so that one without end is never held.
    async fn body(&self, mut answer: Response) -> Result<Vec<u8>, Failure> {
        let limit = self.pace.answer_bytes;
        let too_large = || {
            let megabytes = limit as f64 / f64::from(1 << 20);
            Failure::lost(Cause::TooLarge, format!("more than {megabytes:.1} MB"))
        };
        if answer
            .content_length()
            .is_some_and(|length| length > limit as u64)
        {
            return Err(too_large());
        }
        let mut body = Vec::new();
        while let Some(piece) = answer.chunk().await.map_err(failed_request)? {
            if body.len() + piece.len() > limit {
                return Err(too_large());
            }
            body.extend_from_slice(&piece);
        }
        Ok(body)
    }
}

fn headers(kind: Kind, key: Option<&Secret>) -> Result<HeaderMap> {
    let mut headers = HeaderMap::new();
    if kind == Kind::Anthropic {
        headers.insert(
            HeaderName::from_static("anthropic-version"),
            HeaderValue::from_static("2023-06-01"),
        );
    }
    if let Some(key) = key {
        let (name, value) = match kind {
            Kind::OpenAi => ("authorization", format!("Bearer {}", key.reveal())),
            Kind::Anthropic => ("x-api-key", key.reveal().to_owned()),
        };
        let mut value = HeaderValue::from_str(&value).map_err(|_| {
            Error::input("the key holds characters that no key has")
                .hint("copy the key again, without line breaks, into the environment variable")
        })?;
        value.set_sensitive(true);
        headers.insert(HeaderName::from_static(name), value);
    }
    Ok(headers)
}

/// Tells the ways in which a connection fails apart.
///
/// Before the connection stands, nothing was sent and nothing is charged.
fn failed_request(error: reqwest::Error) -> Failure {
    let error = error.without_url();
    let chain = chain_of(&error);
    let said = chain.last().map(ToString::to_string).unwrap_or_default();
    if error.is_connect() {
        let cause = if chain.iter().any(|error| is_tls(*error)) {
            Cause::Tls
        } else if error.is_timeout() {
            Cause::TimedOut
        } else if chain
            .iter()
            .any(|error| error.to_string().contains("dns error"))
        {
            Cause::UnknownHost
        } else {
            Cause::NoServer
        };
        return Failure::harmless(cause, said);
    }
    let cause = if error.is_timeout() {
        Cause::TimedOut
    } else {
        Cause::Broken
    };
    Failure::lost(cause, said)
}

/// The errors underneath, outermost first.
fn chain_of(error: &reqwest::Error) -> Vec<&(dyn std::error::Error + 'static)> {
    let mut chain = Vec::new();
    let mut next = error.source();
    while let Some(error) = next {
        chain.push(error);
        next = error.source();
    }
    chain
}

/// Whether an error is one of the encryption, wrapped in however many
/// input/output errors (whose `source` passes over what they wrap).
fn is_tls(error: &(dyn std::error::Error + 'static)) -> bool {
    let io = error.downcast_ref::<std::io::Error>();
    error.is::<rustls::Error>()
        || io
            .and_then(std::io::Error::get_ref)
            .is_some_and(|inner| is_tls(inner))
}

/// Chooses the cryptography of all encrypted connections, once.
fn install_cryptography() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // Fails only if another provider is in place already, which serves too.
        drop(rustls::crypto::ring::default_provider().install_default());
    });
}
