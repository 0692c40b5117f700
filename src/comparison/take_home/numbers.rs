//! The numbers that are to be seen from afar.

use super::{Spent, Told};
use crate::comparison::headline::{counts_errors, place};
use crate::comparison::{Guard, Headline};
use crate::support::text::signed;

/// How a number is to be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Clearly better.
    Good,
    /// Clearly worse.
    Bad,
    /// Neither, or no matter of better and worse.
    Plain,
}

/// A number to be seen from afar.
#[derive(Debug, Clone, PartialEq)]
pub struct KeyNumber {
    /// The number with its unit.
    pub number: String,
    /// What it is of.
    pub what: String,
    /// What belongs beside it: the price, the interval, the worst source.
    pub beside: String,
    /// How it is to be taken.
    pub tone: Tone,
}

impl Told<'_, '_> {
    pub(super) fn numbers(&self, spent: Option<&Spent>) -> Vec<KeyNumber> {
        let went_away = self.errors_gone();
        let price = spent.map(|spent| KeyNumber {
            number: spent.examples.to_string(),
            what: format!("{} taught", Spent::what(self.arm)),
            beside: match spent.cost() {
                Some(cost) => format!("{cost} ({})", spent.price.from),
                None => "nobody wrote down what they cost".into(),
            },
            tone: Tone::Plain,
        });
        let known = self.headlines.first().map(|headline| {
            let (points, tone) = match &headline.verdict.guard {
                Guard::Held(points) if points.interval.lower > 0.0 => (points, Tone::Good),
                Guard::Held(points) if points.interval.upper < 0.0 => (points, Tone::Bad),
                Guard::Held(points) | Guard::NotShown(points) => (points, Tone::Plain),
                Guard::Violated(points) => (points, Tone::Bad),
                Guard::Unknown => {
                    return KeyNumber {
                        number: "?".into(),
                        what: "of right answers in the known domain".into(),
                        beside: "there are no texts of it to see a loss on".into(),
                        tone: Tone::Plain,
                    };
                }
            };
            KeyNumber {
                number: format!("{} points", signed(points.mean, 1)),
                what: "of right answers in the known domain".into(),
                beside: points.said(1, ""),
                tone,
            }
        });
        let first = self.most_harmed();
        let all = [first, went_away, price, known];
        all.into_iter().flatten().collect()
    }

    /// The source that clearly got worse, by most: it stands first.
    fn most_harmed(&self) -> Option<KeyNumber> {
        let harmed = self.headlines.iter();
        let harmed = harmed.filter(|headline| headline.against_base() == Some(false));
        let most = harmed.min_by(|a, b| gain(a).total_cmp(&gain(b)))?;
        let large = most.large();
        let place = place(&most.table.slice);
        let (before, after) = (large.said(large.before), large.said(large.after));
        let more = large.after - large.before;
        let (number, what) = match counts_errors(large.endpoint) && more > 0.0 {
            true => (
                format!("+{}", large.said(more)),
                format!("confident errors {place}: worse"),
            ),
            false => (format!("{before} → {after}"), format!("{place}: worse")),
        };
        Some(KeyNumber {
            number,
            what,
            beside: format!("{before} before, {after} after, a clear change"),
            tone: Tone::Bad,
        })
    }

    /// The source on which most went away, with the one on which least did.
    fn errors_gone(&self) -> Option<KeyNumber> {
        let by_gain = |a: &&Headline<'_>, b: &&Headline<'_>| gain(a).total_cmp(&gain(b));
        let best = self.headlines.iter().max_by(by_gain)?;
        let worst = self.headlines.iter().min_by(by_gain)?;
        let large = best.large();
        let (of, place) = (large.endpoint, place(&best.table.slice));
        let (before, after) = (large.said(large.before), large.said(large.after));
        let gone = (large.before - large.after).round();
        let (number, what) = match (of.wanted_errors(), counts_errors(of)) {
            (Some(_), _) => (
                format!("{before} → {after}"),
                format!("of the texts {place} can be left to the model"),
            ),
            (None, true) if gone >= 0.0 => (
                format!("{gone} of {}", large.before.round()),
                format!("confident errors gone {place}"),
            ),
            (None, true) => (
                format!("+{}", -gone),
                format!("confident errors more {place}, where there were {before}"),
            ),
            (None, false) => (
                format!("{before} → {after}"),
                format!("of answers {place} above a threshold wrong, averaged over all thresholds"),
            ),
        };
        let least = (!std::ptr::eq(best, worst)).then(|| {
            let large = worst.large();
            // Where least went away, more may have come.
            let word = match (gain(worst) < 0.0, worst.against_base()) {
                (true, Some(_)) => "worse",
                (true, None) => "not better",
                (false, _) => "least",
            };
            format!(
                "; {word} {}: {} before, {} after{}",
                self::place(&worst.table.slice),
                large.said(large.before),
                large.said(large.after),
                match worst.against_base() {
                    Some(_) => "",
                    None => ", no clear change",
                }
            )
        });
        let beside = format!("{}{}", of_clear(best), least.unwrap_or_default());
        Some(KeyNumber {
            number,
            what,
            beside,
            tone: match best.against_base() {
                Some(true) => Tone::Good,
                Some(false) => Tone::Bad,
                None => Tone::Plain,
            },
        })
    }
}

/// Whether a change is more than chance makes.
fn of_clear(headline: &Headline<'_>) -> &'static str {
    match headline.against_base() {
        Some(_) => "a clear change",
        None => "no clear change: chance may do that",
    }
}

/// The share of what was there that got better; below zero where it got worse.
fn gain(headline: &Headline<'_>) -> f64 {
    let (before, after) = (headline.before, headline.after);
    match headline.verdict.endpoint.higher_is_better() {
        true => (after - before) / 100.0,
        false => (before - after) / before.max(f64::MIN_POSITIVE),
    }
}
