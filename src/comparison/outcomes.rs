//! What became of each unknown unknown of the base.
//!
//! These counts look back at rows that were picked for being wrong, so some
//! of them turn right by chance in *any* retrained model: read a lesson's
//! counts beside those of the controls.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::evaluation::Graded;
use super::intervals::{Interval, wilson};
use crate::discovery::Fate;
use crate::support::text::mean_count;

/// Rows below which a blind spot gets counts and bounds but no verdict.
pub const FEWEST_ROWS: usize = 30;

/// The four outcomes; means over seeds where several models are summed up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Outcomes {
    /// Unknown unknowns of the base that are right now.
    pub corrected: f64,
    /// Still wrong, but now below τ. Not repaired: only less sure.
    pub quieted: f64,
    /// Still wrong with confidence ≥ τ.
    pub remaining: f64,
    /// Unknown unknowns that the base did not have.
    pub new: f64,
}

impl Outcomes {
    /// Counts what became of one more row.
    pub fn count(&mut self, fate: Option<Fate>) {
        match fate {
            Some(Fate::Corrected) => self.corrected += 1.0,
            Some(Fate::Quieted) => self.quieted += 1.0,
            Some(Fate::Remaining) => self.remaining += 1.0,
            Some(Fate::New) => self.new += 1.0,
            None => {}
        }
    }
}

/// Compares a model with the base on the same rows.
pub fn outcomes(before: &[Graded], after: &[Graded], tau: f32) -> Outcomes {
    let mut counts = Outcomes::default();
    for (before, after) in before.iter().zip(after) {
        counts.count(Fate::of(before.outcome(tau), after.outcome(tau)));
    }
    counts
}

/// The mean of several models' outcomes.
pub fn mean_outcomes(all: &[Outcomes]) -> Outcomes {
    let mean = |part: fn(&Outcomes) -> f64| super::metrics::mean(all.iter().map(part));
    Outcomes {
        corrected: mean(|o| o.corrected),
        quieted: mean(|o| o.quieted),
        remaining: mean(|o| o.remaining),
        new: mean(|o| o.new),
    }
}

/// A count among rows with its Wilson bounds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Rate {
    /// How many; a mean over seeds where several models are summed up.
    pub count: f64,
    /// Out of how many.
    pub rows: usize,
    /// 95 % bounds of the share, 0 to 1. They take rows as independent and
    /// know nothing of seeds: for reading, not for claims.
    pub share: Interval,
}

impl fmt::Display for Rate {
    /// “12/30: 40 % [25–58]”, or “6.3/30: …” for a mean; a dash without rows.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.rows == 0 {
            return f.write_str("–");
        }
        let percent = |share: f64| (100.0 * share).round();
        write!(
            f,
            "{}/{}: {} % [{}–{}]",
            mean_count(self.count),
            self.rows,
            percent(self.count / self.rows as f64),
            percent(self.share.lower),
            percent(self.share.upper)
        )
    }
}

impl Rate {
    /// A count with its bounds.
    pub fn new(count: f64, rows: usize) -> Self {
        Self {
            count,
            rows,
            share: wilson(count, rows, 0.95),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(confidence: f32, right: bool) -> Graded {
        Graded { confidence, right }
    }

    #[test]
    fn each_fate_is_counted_once() {
        let before = [
            row(0.95, false),
            row(0.95, false),
            row(0.95, false),
            row(0.6, false),
            row(0.9, true),
        ];
        let after = [
            row(0.95, true),
            row(0.89, false),
            row(0.90, false),
            row(0.99, false),
            row(0.9, true),
        ];
        let counts = outcomes(&before, &after, 0.9);
        let expected = Outcomes {
            corrected: 1.0,
            quieted: 1.0,
            remaining: 1.0,
            new: 1.0,
        };
        assert_eq!(counts, expected);
    }

    #[test]
    fn whole_counts_are_printed_whole_and_means_with_one_decimal() {
        assert!(Rate::new(12.0, 30).to_string().starts_with("12/30: 40 % ["));
        let mean = Rate::new(19.0 / 3.0, 30).to_string();
        assert!(mean.starts_with("6.3/30: 21 % ["), "{mean}");
        assert_eq!(Rate::new(0.0, 0).to_string(), "–");
    }
}
