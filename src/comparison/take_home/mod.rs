//! What somebody who decides takes home of a comparison: in a few sentences
//! what got worse, what got better, for what price and how sure that is, and
//! the numbers behind them. Report, command line and presentation say the
//! same.
//!
//! It is about one arm, which is chosen by a rule and not by its figures: that
//! whose model *Keep* takes. A change counts where its 95 % interval leaves
//! out zero; everything else is "no clear change". What got worse comes first.

mod control;
mod numbers;
mod spent;

pub use self::numbers::{KeyNumber, Tone};
pub use self::spent::Spent;

use self::control::{ToControl, to_control};
use super::guard::GUARD_POINTS;
use super::headline::{counts_errors, place, who};
use super::{Call, Comparison, Guard, Headline, headlines};
use crate::records::{Arm, Role};
use crate::support::text::{many, signed};

/// Sources that are named one by one where nothing clear became of them.
const MOST_NAMED: usize = 4;

/// Which way things went, as far as they are clear.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Something got worse and nothing better, or a control does better and
    /// nothing got better.
    Worse,
    /// Something got worse, something else better.
    Mixed,
    /// Something got better, nothing worse, and on some source no control does
    /// as well: that is the verdict.
    Better,
    /// Something got better than it was, nothing worse; that nothing else would
    /// have done as well is not shown.
    BetterThanBefore,
    /// Nothing of this can be shown.
    Unclear,
}

/// What is taken home of a comparison.
#[derive(Debug, Clone, PartialEq)]
pub struct TakeHome<'a> {
    /// The arm that it is about.
    pub arm: &'a Arm,
    /// The arm on each source, bad news first.
    pub headlines: Vec<Headline<'a>>,
    /// Which way things went.
    pub standing: Standing,
    /// All of it in words.
    pub sentence: String,
    /// At most three: the errors that went away, what that cost, and what
    /// became of the known domain.
    pub numbers: Vec<KeyNumber>,
}

/// The arm that a comparison is taken home of: all lessons together where
/// they were trained, else the first that makes a claim.
pub fn main_arm(comparison: &Comparison) -> Option<&Arm> {
    let claiming = || comparison.verdicts().map(|(_, figures, _)| &figures.arm);
    let all = claiming().find(|arm| **arm == Arm::AllLessons);
    all.or_else(|| claiming().next())
}

impl<'a> TakeHome<'a> {
    /// What is taken home of the comparison, whose [`main_arm`] cost so much;
    /// `None` where no arm makes a claim.
    pub fn new(comparison: &'a Comparison, spent: Option<&Spent>) -> Option<Self> {
        let arm = main_arm(comparison)?;
        let mut headlines = headlines(comparison);
        headlines.retain(|headline| headline.arm.arm == *arm);
        let told = Told {
            role: comparison.role,
            arm,
            headlines: &headlines,
        };
        let (standing, sentence) = (told.standing(), told.sentence(spent));
        let numbers = told.numbers(spent);
        Some(Self {
            arm,
            standing,
            sentence,
            numbers,
            headlines,
        })
    }
}

/// What the sentences are made of.
struct Told<'t, 'a> {
    role: Role,
    arm: &'a Arm,
    headlines: &'t [Headline<'a>],
}

impl<'a> Told<'_, 'a> {
    fn that(&self, is: impl Fn(&&Headline<'a>) -> bool) -> Vec<&Headline<'a>> {
        self.headlines.iter().filter(is).collect()
    }

    fn better(&self) -> Vec<&Headline<'a>> {
        self.that(|headline| headline.against_base() == Some(true))
    }

    fn worse(&self) -> Vec<&Headline<'a>> {
        self.that(|headline| headline.against_base() == Some(false))
    }

    /// Sources on which fewer of all answers are right, sure or not.
    fn fell(&self) -> Vec<&Headline<'a>> {
        self.that(|headline| headline.arm.accuracy_change.interval.upper < 0.0)
    }

    fn standing(&self) -> Standing {
        let lost = matches!(self.guard(), Some(Guard::Violated(_)));
        let is_worse = lost || !self.worse().is_empty() || !self.fell().is_empty();
        let is_called = |call| self.headlines.iter().any(|of| of.verdict.call == call);
        match (is_worse, self.better().is_empty()) {
            (true, true) => Standing::Worse,
            (true, false) => Standing::Mixed,
            (false, false) if is_called(Call::Improved) => Standing::Better,
            (false, false) => Standing::BetterThanBefore,
            (false, true) if is_called(Call::Worse) => Standing::Worse,
            (false, true) => Standing::Unclear,
        }
    }

    fn sentence(&self, spent: Option<&Spent>) -> String {
        let (worse, better) = (self.what_got_worse(), self.what_got_better());
        let nothing_worse = worse.is_empty() && !better.is_empty();
        let mut parts = worse;
        parts.extend(better);
        parts.extend(self.what_is_unclear());
        parts.extend(nothing_worse.then(|| "Nothing got clearly worse than it was.".to_owned()));
        parts.extend(self.not_ruled_out());
        parts.extend(spent.map(|spent| spent.sentence(self.arm)));
        parts.extend(self.how_sure());
        parts.join(" ")
    }

    fn what_got_worse(&self) -> Vec<String> {
        let mut parts = Vec::new();
        let (counted, others) = parted(self.worse());
        let more = counted.iter().map(|headline| {
            let large = headline.large();
            let more = (large.after - large.before).round();
            let (before, place) = (large.before.round(), place(&headline.table.slice));
            format!("{more} more {place}, where there were {before}")
        });
        let more: Vec<String> = more.collect();
        if !more.is_empty() {
            let who = who(self.arm);
            let more = listed(&more);
            parts.push(format!("{who} made more confident errors: {more}."));
        }
        let by = others.iter().filter_map(|headline| headline.change());
        parts.extend(by.map(|change| format!("Worse: {change}")));
        let fell = self.fell();
        let fell = fell.iter().map(|headline| {
            let points = headline.arm.accuracy_change;
            let base = headline.table.arm(&Arm::Base);
            let too = base.map_or_else(String::new, |base| {
                let points = signed(base.accuracy_change.mean, 1);
                format!("; with nothing added {points}")
            });
            format!(
                "{} points {} ({}{too})",
                signed(points.mean, 1),
                place(&headline.table.slice),
                points.said(1, ""),
            )
        });
        let fell: Vec<String> = fell.collect();
        if !fell.is_empty() {
            let fell = listed(&fell);
            parts.push(format!("Fewer of all answers are right: {fell}."));
        } else if let Some(Guard::Violated(points)) = self.guard() {
            let points = signed(points.mean, 1);
            parts.push(format!(
                "Fewer answers in the known domain are right: {points} points."
            ));
        }
        parts
    }

    /// What was seen of the known domain.
    fn guard(&self) -> Option<&Guard> {
        let headline = self.headlines.first()?;
        Some(&headline.verdict.guard)
    }

    /// That the known domain may have lost, unless that was seen or ruled out.
    fn not_ruled_out(&self) -> Option<String> {
        match self.guard()? {
            Guard::Held(_) | Guard::Violated(_) => None,
            Guard::NotShown(_) => Some(format!(
                "That more than {GUARD_POINTS} points of right answers in the known domain were \
                 lost is not ruled out."
            )),
            Guard::Unknown => Some(
                "There are no texts of the known domain to see on whether answers were lost there."
                    .into(),
            ),
        }
    }

    fn what_got_better(&self) -> Vec<String> {
        let (counted, others) = parted(self.better());
        let gone = counted.iter().enumerate().map(|(number, headline)| {
            let large = headline.large();
            let gone = (large.before - large.after).round();
            let (before, place) = (large.before.round(), place(&headline.table.slice));
            match number {
                0 => format!("{gone} of {before} confident errors {place}"),
                _ => format!("{gone} of {before} {place}"),
            }
        });
        let gone: Vec<String> = gone.collect();
        let first = (!gone.is_empty())
            .then(|| format!("{} made {} go away.", who(self.arm), listed(&gone)));
        let others = others.iter().filter_map(|headline| headline.change());
        first.into_iter().chain(others).collect()
    }

    fn what_is_unclear(&self) -> Option<String> {
        let unclear = self.that(|headline| headline.against_base().is_none());
        let each = unclear.iter().map(|headline| {
            let place = place(&headline.table.slice);
            let large = headline.large();
            let [before, after] = [large.before, large.after].map(|of| large.said(of));
            let what = match counts_errors(large.endpoint) {
                true if before == "1" => " confident error",
                true => " confident errors",
                false => "",
            };
            format!("{place} ({before}{what} before, {after} after)")
        });
        let each = few(each.collect());
        let all = unclear.len() == self.headlines.len();
        let who = who(self.arm);
        (!each.is_empty()).then(|| match all {
            true => format!("{who} changed nothing that could be shown: {each}."),
            false => format!("No clear change {each}."),
        })
    }

    /// How it stands to the best control, and whether that is a verdict.
    fn how_sure(&self) -> Option<String> {
        if self.arm.is_other_model() {
            return Some("On check, which is for choosing: a hint, and no verdict.".into());
        }
        let controlled = self.that(|headline| headline.control.is_some());
        if controlled.is_empty() {
            return Some(
                "No control was trained, so nobody can say what else would have done as well."
                    .into(),
            );
        }
        let is_final = self.role == Role::Final;
        let is_judged =
            |headline: &&Headline<'_>| !is_final || headline.verdict.call != Call::NotJudged;
        let (judged, too_little): (Vec<&Headline<'_>>, Vec<&Headline<'_>>) =
            controlled.into_iter().partition(is_judged);
        let of = |wanted: ToControl| {
            let those = judged.iter();
            let those = those.filter(|headline| to_control(headline) == Some(wanted));
            few(those.map(|headline| wanted.clause(headline)).collect())
        };
        let places = too_little.iter();
        let places = places.map(|headline| place(&headline.table.slice));
        let clauses = [
            (of(ToControl::Beats), "no control does as well "),
            (of(ToControl::Beaten), "the best control does better "),
            (
                of(ToControl::Level),
                "there is no evidence that it beats the best control ",
            ),
            (few(places.collect()), "there is too little to judge by "),
        ];
        let clauses = clauses.into_iter().filter(|(of, _)| !of.is_empty());
        let clauses: Vec<String> = clauses.map(|(of, said)| format!("{said}{of}")).collect();
        let ground = match is_final {
            true => "Verdict on final",
            false => "On check, which is for choosing and gives no verdict",
        };
        Some(format!("{ground}: {}.", clauses.join("; ")))
    }
}

/// Those of which errors are counted, and the others.
fn parted<'h, 'a>(of: Vec<&'h Headline<'a>>) -> (Vec<&'h Headline<'a>>, Vec<&'h Headline<'a>>) {
    of.into_iter()
        .partition(|headline| headline.counted().is_some())
}

/// “a, b and c”.
fn listed(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// The same of a few of many.
fn few(mut parts: Vec<String>) -> String {
    let further = parts.len().saturating_sub(MOST_NAMED);
    if further > 0 {
        parts.truncate(MOST_NAMED);
        parts.push(format!("in {}", many(further, "further source")));
    }
    listed(&parts)
}
