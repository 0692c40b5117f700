//! Asks a language model, patiently and within its budget.

use std::future::Future;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;

use super::budget::{Budget, Limits};
use super::endpoint::Endpoint;
use super::exchange::{Exchange, Pace};
use super::failure::Failure;
use super::journal::Journal;
use super::money::{Money, Usage};
use super::secret::Secret;
use super::wire::{self, Call, Dialect, Reply};
use crate::support::{Error, Progress, Result};

/// How often a running request looks whether somebody asked to stop.
const TICK: Duration = Duration::from_millis(50);

/// Something that answers calls: a server, or a recording of one.
pub trait Answers: Sync {
    /// The answer to a call, at once if it was received before.
    ///
    /// # Errors
    /// Input or program errors with a remedy; cancelled if asked to stop.
    fn ask(&self, call: &Call, progress: &Progress) -> Result<Reply>;

    /// Another answer to a call whose answer broke off at a lower limit of
    /// tokens; the same one where nobody can be asked.
    ///
    /// # Errors
    /// As [`Answers::ask`].
    fn ask_anew(&self, call: &Call, progress: &Progress) -> Result<Reply>;

    /// What was sent and received.
    fn journal(&self) -> &Journal;

    /// Calls that may be under way at the same time.
    fn concurrency(&self) -> usize;

    /// The endpoint that answers, or that answered when it was recorded.
    fn endpoint(&self) -> &Endpoint;

    /// The key under which the journal has a call, or will have it.
    fn key(&self, call: &Call) -> String {
        self.journal().key_of(call, self.endpoint())
    }
}

/// A language model behind an API. Shared by threads; each call blocks its
/// own.
pub struct Client {
    endpoint: Endpoint,
    exchange: Exchange,
    pace: Pace,
    budget: Budget,
    journal: Journal,
    dialect: Mutex<Dialect>,
    under_way: Semaphore,
    not_before: Mutex<Instant>,
}

impl Client {
    /// A client with the key from the environment and the usual patience.
    ///
    /// # Errors
    /// Input errors for settings that cannot work.
    pub fn new(endpoint: Endpoint, limits: Limits, journal: Journal) -> Result<Self> {
        let key = endpoint.key()?;
        let pace = Pace::of(&endpoint);
        Self::with_pace(endpoint, key, limits, journal, pace)
    }

    /// A client with a given key and its own time limits. What the journal
    /// says was spent is gone from the budget.
    ///
    /// # Errors
    /// Input errors for settings that cannot work.
    pub fn with_pace(
        endpoint: Endpoint,
        key: Option<Secret>,
        limits: Limits,
        journal: Journal,
        pace: Pace,
    ) -> Result<Self> {
        endpoint.check()?;
        if limits.money.is_some() && endpoint.prices.is_none() {
            return Err(
                Error::input("a budget in money needs the teacher's prices").hint(
                    "add `prices = { input = …, output = … }` (of a million tokens), \
                 0 for a model of your own",
                ),
            );
        }
        Ok(Self {
            exchange: Exchange::new(&endpoint, key, pace)?,
            pace,
            budget: Budget::new(limits, journal.spent()),
            journal,
            dialect: Mutex::new(Dialect::of(&endpoint)),
            under_way: Semaphore::new(endpoint.concurrency),
            not_before: Mutex::new(Instant::now()),
            endpoint,
        })
    }

    /// The money and calls that it draws on.
    pub fn budget(&self) -> &Budget {
        &self.budget
    }

    pub(super) fn exchange(&self) -> &Exchange {
        &self.exchange
    }

    /// One try of a call: `Ok(Err(…))` is a failure that may be repeated.
    pub(super) async fn attempt(
        &self,
        call: &Call,
        key: &str,
    ) -> Result<std::result::Result<Reply, Failure>> {
        let _permit = self.permit().await?;
        let dialect = self.dialect();
        let body = wire::body(&self.endpoint, dialect, call);
        let worst = self.worst_case(body.len(), call);
        let reservation = self.budget.reserve(worst)?;
        let number = self.journal.sent(key, &call.step, worst)?;
        let started = Instant::now();
        let url = wire::address(&self.endpoint)?;
        let answer = self.exchange.post(url, body).await;
        let content =
            answer.and_then(|body| wire::content(self.endpoint.kind, &body, self.exchange.key()));
        match content {
            Ok(content) => {
                let usage = content.usage;
                let sent = format!("{}{}", call.system, call.user);
                let reply = Reply {
                    // Without the server's word only the worst case is safe.
                    cost: usage.map_or(worst, |usage| self.price(&usage)),
                    usage: usage.unwrap_or_else(|| Usage::estimate(&sent, &content.text)),
                    text: content.text,
                    ending: content.ending,
                    only_reasoning: content.only_reasoning,
                    limit: call.max_output_tokens,
                    seconds: started.elapsed().as_secs_f64(),
                };
                self.journal.received(number, &reply)?;
                reservation.settle(reply.cost);
                Ok(Ok(reply))
            }
            Err(failure) => {
                let charged = failure.charge(worst);
                let why = failure.sentence(&self.endpoint);
                self.journal.failed(number, charged, why)?;
                reservation.settle(charged);
                Ok(Err(failure))
            }
        }
    }

    /// Waits for its turn and for pauses that the server asked all for.
    async fn permit(&self) -> Result<tokio::sync::SemaphorePermit<'_>> {
        let permit = self.under_way.acquire().await;
        let permit = permit.map_err(|e| Error::program("the client is closed").because(e))?;
        loop {
            let until = *self
                .not_before
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(permit);
            }
            tokio::time::sleep(left).await;
        }
    }

    /// The most a call can cost: a token is at least one byte of the request,
    /// and the answer may use all it is allowed.
    fn worst_case(&self, body_bytes: usize, call: &Call) -> Money {
        self.price(&Usage {
            input_tokens: body_bytes as u64,
            output_tokens: u64::from(call.max_output_tokens),
            estimated: true,
        })
    }

    fn price(&self, usage: &Usage) -> Money {
        let prices = self.endpoint.prices.as_ref();
        prices.map_or(Money::ZERO, |prices| {
            prices.cost(usage.input_tokens, usage.output_tokens)
        })
    }

    fn dialect(&self) -> Dialect {
        *self.dialect.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Leaves out or renames what the server refused; `false` if that was not
    /// the trouble. Remembered for all later calls.
    fn adapt(&self, failure: &Failure, tried: Dialect) -> bool {
        let Some(refused) = failure.refused else {
            return false;
        };
        let mut dialect = self.dialect.lock().unwrap_or_else(PoisonError::into_inner);
        // Another thread may have learnt it meanwhile.
        *dialect != tried || dialect.adapt(refused, self.endpoint.kind)
    }

    fn hold_back_all(&self, pause: Duration) {
        let mut not_before = self
            .not_before
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *not_before = (*not_before).max(Instant::now() + pause);
    }

    async fn ask_patiently(&self, call: &Call, key: &str) -> Result<Reply> {
        let mut schedule = self.pace.retry.schedule(key);
        loop {
            let tried = self.dialect();
            let failure = match self.attempt(call, key).await? {
                Ok(reply) => return Ok(reply),
                Err(failure) => failure,
            };
            if self.adapt(&failure, tried) {
                continue;
            }
            let Some(pause) = schedule.pause_after(&failure) else {
                return Err(failure.into_error(&self.endpoint));
            };
            if failure.retry_after.is_some() {
                self.hold_back_all(pause);
            }
            tokio::time::sleep(pause).await;
        }
    }
}

impl Answers for Client {
    fn ask(&self, call: &Call, progress: &Progress) -> Result<Reply> {
        match self.journal.find(&self.key(call)) {
            Some(reply) => Ok(reply),
            None => self.ask_anew(call, progress),
        }
    }

    fn ask_anew(&self, call: &Call, progress: &Progress) -> Result<Reply> {
        run(progress, self.ask_patiently(call, &self.key(call)))
    }

    fn journal(&self) -> &Journal {
        &self.journal
    }

    fn concurrency(&self) -> usize {
        self.endpoint.concurrency
    }

    fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }
}

/// Runs network work on this thread until it is done or somebody asks to
/// stop. A request that is dropped in mid-flight stays charged at its worst.
pub(super) fn run<T>(progress: &Progress, work: impl Future<Output = Result<T>>) -> Result<T> {
    progress.check()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|e| Error::program("cannot start network requests").because(e))?;
    let outcome = runtime.block_on(async {
        let mut work = std::pin::pin!(work);
        loop {
            match tokio::time::timeout(TICK, work.as_mut()).await {
                Ok(outcome) => return outcome,
                Err(_) => progress.check()?,
            }
        }
    });
    // A name look-up in the background may hang for long; nobody waits for it.
    runtime.shutdown_background();
    outcome
}
