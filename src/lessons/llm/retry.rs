//! When to try again, and how long to wait before.

use std::time::Duration;

use rand::Rng as _;

use super::failure::Failure;
use crate::support::rng::{self, Rng};

/// How often and how patiently failed requests are repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// Requests for one reply, the first included.
    pub tries: u32,
    /// Longest pause before the second try; it doubles from try to try.
    pub first_pause: Duration,
    /// Longest pause of our own choice.
    pub longest_pause: Duration,
    /// Longest pause that a server may ask for; beyond it, the call fails.
    pub patience: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            tries: 5,
            first_pause: Duration::from_secs(1),
            longest_pause: Duration::from_secs(30),
            patience: Duration::from_secs(300),
        }
    }
}

impl RetryPolicy {
    /// The schedule of one call. `key` seeds the jitter, so that calls that
    /// failed together do not come back together.
    pub(super) fn schedule(&self, key: &str) -> Schedule {
        Schedule {
            policy: *self,
            failures: 0,
            jitter: rng::seeded(0, &format!("retry of {key}")),
        }
    }
}

/// Pauses between the tries of one call.
pub(super) struct Schedule {
    policy: RetryPolicy,
    failures: u32,
    jitter: Rng,
}

impl Schedule {
    /// The pause before the next try, or `None` to give up.
    ///
    /// Exponential back-off with full jitter over its upper half; what the
    /// server asks for in Retry-After is the minimum.
    pub(super) fn pause_after(&mut self, failure: &Failure) -> Option<Duration> {
        self.failures += 1;
        if !failure.retryable || self.failures >= self.policy.tries {
            return None;
        }
        let asked = failure.retry_after.unwrap_or_default();
        if asked > self.policy.patience {
            return None;
        }
        let doubled = self
            .policy
            .first_pause
            .saturating_mul(1 << (self.failures - 1).min(16));
        let ours = doubled.min(self.policy.longest_pause);
        let jittered = ours.mul_f64(self.jitter.gen_range(0.5..=1.0));
        Some(asked.max(jittered))
    }
}

/// The wait that a server asks for, from the values of its headers
/// `Retry-After` (seconds or an HTTP date), `Retry-After-ms` and `Date`.
///
/// A date is taken relative to the server's own `Date`, as its clock may
/// differ from ours; without one, to our clock.
pub(super) fn retry_after(
    after: Option<&str>,
    after_ms: Option<&str>,
    date: Option<&str>,
) -> Option<Duration> {
    let number = |text: &str| {
        let value = text.trim().parse::<f64>().ok()?;
        (value.is_finite() && value >= 0.0).then_some(value)
    };
    if let Some(ms) = after_ms.and_then(number) {
        return Duration::try_from_secs_f64(ms / 1e3).ok();
    }
    let after = after?;
    if let Some(seconds) = number(after) {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let until = http_date(after)?;
    let now = date
        .and_then(http_date)
        .unwrap_or_else(jiff::Timestamp::now);
    // A date in the past means that trying at once is fine.
    Some(Duration::try_from(until.duration_since(now)).unwrap_or_default())
}

fn http_date(text: &str) -> Option<jiff::Timestamp> {
    let parsed = jiff::fmt::rfc2822::parse(text.trim()).ok()?;
    Some(parsed.timestamp())
}

#[cfg(test)]
mod tests {
    use super::super::failure::Cause;
    use super::*;

    #[test]
    fn both_forms_of_retry_after() {
        let date = "Sun, 06 Nov 1994 08:49:37 GMT";
        let later = "Sun, 06 Nov 1994 08:50:07 GMT";
        let seconds = |s| Some(Duration::from_secs(s));
        assert_eq!(retry_after(Some("7"), None, None), seconds(7));
        assert_eq!(retry_after(Some(later), None, Some(date)), seconds(30));
        assert_eq!(retry_after(Some(date), None, Some(later)), seconds(0));
        assert_eq!(retry_after(Some(date), None, None), seconds(0), "long past");
        let ms = retry_after(Some("9"), Some("1500"), None);
        assert_eq!(ms, Some(Duration::from_millis(1500)));
        for nonsense in ["soon", "-3", "NaN", "1e300", ""] {
            assert_eq!(retry_after(Some(nonsense), None, None), None, "{nonsense}");
        }
    }

    #[test]
    fn pauses_grow_respect_the_server_and_end() {
        let policy = RetryPolicy::default();
        let mut schedule = policy.schedule("call");
        let failure = Failure::lost(Cause::Broken, "");
        let mut previous = Duration::ZERO;
        for _ in 1..policy.tries {
            let pause = schedule.pause_after(&failure).expect("tries left");
            assert!(pause >= previous && pause <= policy.longest_pause);
            previous = pause;
        }
        assert_eq!(schedule.pause_after(&failure), None);

        let asked = |wait| Failure {
            retry_after: Some(wait),
            ..failure.clone()
        };
        let minute = Duration::from_secs(60);
        let pause = policy.schedule("call").pause_after(&asked(minute));
        assert_eq!(pause, Some(minute));
        let hour = Duration::from_secs(3600);
        assert_eq!(policy.schedule("call").pause_after(&asked(hour)), None);
    }
}
