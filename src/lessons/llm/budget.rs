//! A hard limit on money and calls.
//!
//! Before each call its worst case is reserved; a call that does not fit is
//! not made. What is not settled, because the reply was lost, the job was
//! cancelled or the thread died, stays charged at its worst case.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::money::Money;
use crate::support::{Error, Result};

/// What may be spent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Limits {
    /// Requests, repeated ones included; none for no limit.
    pub calls: Option<u64>,
    /// Money; none for no limit.
    pub money: Option<Money>,
}

impl Limits {
    /// What is left for one of several jobs that share them, when what the
    /// others spent is gone.
    #[must_use]
    pub fn left_by_others(self, spent: &[Spent], position: usize) -> Self {
        let others = (spent.iter().enumerate()).filter(|(other, _)| *other != position);
        others.fold(self, |left, (_, gone)| Self {
            calls: left.calls.map(|calls| calls.saturating_sub(gone.calls)),
            money: left
                .money
                .map(|money| Money(money.0.saturating_sub(gone.money.0))),
        })
    }
}

/// What has been spent; reservations of calls under way included.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Spent {
    /// Requests.
    pub calls: u64,
    /// Money.
    pub money: Money,
}

/// Shared by all calls that draw on the same limits, on any thread.
#[derive(Debug, Default)]
pub struct Budget {
    limits: Limits,
    spent: Mutex<Spent>,
}

impl Budget {
    /// A budget of which `spent` is gone already (an earlier run of the job).
    pub fn new(limits: Limits, spent: Spent) -> Self {
        Self {
            limits,
            spent: Mutex::new(spent),
        }
    }

    /// What may be spent in all.
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// What is spent or reserved so far.
    pub fn spent(&self) -> Spent {
        *self.lock()
    }

    /// Sets aside one call and its worst cost.
    ///
    /// # Errors
    /// Input error if either limit would be passed; nothing is reserved then.
    pub fn reserve(&self, worst: Money) -> Result<Reservation<'_>> {
        let mut spent = self.lock();
        let after = Spent {
            calls: spent.calls + 1,
            money: spent.money.plus(worst),
        };
        if let Some(limit) = self.limits.calls.filter(|limit| after.calls > *limit) {
            return Err(
                Error::input(format!("the budget of {limit} calls is used up"))
                    .hint("raise the teacher's limit on calls; what was received is kept"),
            );
        }
        if let Some(limit) = self.limits.money.filter(|limit| after.money > *limit) {
            return Err(Error::input(format!(
                "the next call could cost {worst}, which does not fit into the budget: \
                 {} of {limit} are spent or reserved",
                spent.money
            ))
            .hint(
                "raise the budget or lower the teacher's `max_output_tokens`; \
                 what was received is kept",
            ));
        }
        *spent = after;
        Ok(Reservation {
            budget: self,
            worst,
        })
    }

    fn lock(&self) -> MutexGuard<'_, Spent> {
        // The figures are whole at every moment, so a thread that died while
        // holding the lock left nothing broken.
        self.spent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One call's share of a [`Budget`]. Dropped without
/// [`Reservation::settle`] it stays charged at the worst case.
#[derive(Debug)]
#[must_use = "dropping a reservation charges its worst case"]
pub struct Reservation<'a> {
    budget: &'a Budget,
    worst: Money,
}

impl Reservation<'_> {
    /// Replaces the worst case by what the call really cost.
    ///
    /// A server that ignores the output limit can charge more than was
    /// reserved; that is counted too, and stops the next call.
    pub fn settle(self, actual: Money) {
        let mut spent = self.budget.lock();
        let others = spent.money.0.saturating_sub(self.worst.0);
        spent.money = Money(others).plus(actual);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limited(calls: u64, money: u64) -> Budget {
        let limits = Limits {
            calls: Some(calls),
            money: Some(Money(money)),
        };
        Budget::new(limits, Spent::default())
    }

    #[test]
    fn lost_calls_stay_charged_and_settled_ones_give_back() {
        let budget = limited(10, 100);
        budget.reserve(Money(60)).expect("fits").settle(Money(10));
        drop(budget.reserve(Money(60)).expect("fits again"));
        assert_eq!(budget.spent().money, Money(70));
        assert!(budget.reserve(Money(31)).is_err());
        assert!(budget.reserve(Money(30)).is_ok());
    }

    #[test]
    fn never_exceeded_by_threads_that_race() {
        let budget = limited(1_000_000, 10_000);
        std::thread::scope(|scope| {
            for thread in 0..4_u64 {
                let budget = &budget;
                scope.spawn(move || {
                    for turn in 0..2_000 {
                        let Ok(reservation) = budget.reserve(Money(7 + thread)) else {
                            return;
                        };
                        assert!(budget.spent().money <= Money(10_000));
                        if turn % 3 > 0 {
                            reservation.settle(Money(2));
                        }
                    }
                });
            }
        });
        assert!(budget.spent().money <= Money(10_000));
        assert!(budget.spent().money > Money(9_000), "the limit was reached");
    }

    #[test]
    fn calls_are_limited_too() {
        let budget = limited(1, u64::MAX);
        budget.reserve(Money(1)).expect("first").settle(Money::ZERO);
        let error = budget.reserve(Money(1)).expect_err("second");
        assert!(error.to_string().contains("1 calls"), "{error}");
    }

    #[test]
    fn a_budget_is_shared_by_all_lessons_of_an_order() {
        let spent = |calls, money| Spent {
            calls,
            money: Money(money),
        };
        let limits = Limits {
            calls: Some(10),
            money: Some(Money(100)),
        };
        let all = [spent(4, 30), spent(7, 20), spent(0, 0)];
        let left = limits.left_by_others(&all, 1);
        // The lesson's own journal counts what it spent itself.
        assert_eq!(left.calls, Some(6));
        assert_eq!(left.money, Some(Money(70)));
        assert_eq!(limits.left_by_others(&all, 2).calls, Some(0));
        assert_eq!(Limits::default().left_by_others(&all, 2), Limits::default());
    }
}
