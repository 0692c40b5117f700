//! What a comparison comes to, in one look: before, after, and what the best
//! control comes to; what got worse; and a sentence that says no more than the
//! verdict does.

use super::{ArmFigures, Call, Comparison, Slice, SliceTable, Verdict, Versus};
use crate::records::{Arm, Endpoint};
use crate::support::text::{capitalised, mean_count, signed};

/// An arm with lessons, or a second model, on one source.
#[derive(Debug, Clone, PartialEq)]
pub struct Headline<'a> {
    /// The source, with all arms.
    pub table: &'a SliceTable,
    /// The arm.
    pub arm: &'a ArmFigures,
    /// The verdict on it.
    pub verdict: &'a Verdict,
    /// The reference base's figure on the endpoint of the verdict.
    pub before: f64,
    /// The arm's.
    pub after: f64,
    /// The best control that was trained, with its figure.
    pub control: Option<(&'a Arm, f64)>,
    /// What got worse.
    pub worse: Vec<Worse>,
    /// All of it in words.
    pub sentence: String,
}

/// Figures of a headline that are seen from afar: those of its endpoint, or
/// counts of errors beside an area that nobody knows to read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Large<'a> {
    /// What they measure.
    pub endpoint: Endpoint,
    /// The reference base's.
    pub before: f64,
    /// The arm's.
    pub after: f64,
    /// The best control that was trained, with its figure.
    pub control: Option<(&'a Arm, f64)>,
    /// Whether the base as it was does even better than that control.
    untrained_is_best: bool,
    table: &'a SliceTable,
}

impl Large<'_> {
    /// A figure as people read it.
    pub fn said(&self, value: f64) -> String {
        said(self.endpoint, value)
    }

    /// What the control's figure is called. Tables count the base as it was
    /// among the controls; here that figure is “before”.
    pub fn control_called(&self, control: &Arm) -> String {
        let best = match self.untrained_is_best {
            true => "best trained control",
            false => "best control",
        };
        format!("{best}: {}", control.in_words())
    }

    /// What the numbers are of.
    pub fn of_what(&self) -> String {
        match self.endpoint {
            Endpoint::ErrorsAtMatchedCoverage => format!(
                "errors among the {} surest of {} answers",
                self.table.confident, self.table.rows
            ),
            endpoint => format!("{endpoint}, {} texts", self.table.rows),
        }
    }
}

/// A figure of an endpoint as people read it. The area under the risk–coverage
/// curve is the share of the surest answers that is wrong, on average: a
/// percentage.
fn said(endpoint: Endpoint, value: f64) -> String {
    let [unit, _] = endpoint.units();
    match endpoint {
        // Seeds make means of counts.
        _ if counts_errors(endpoint) => mean_count((value * 10.0).round() / 10.0),
        // A base that is hardly ever wrong differs in the second digit.
        Endpoint::RiskCoverageArea if value < 0.01 => format!("{:.2} %", 100.0 * value),
        Endpoint::RiskCoverageArea => format!("{:.1} %", 100.0 * value),
        _ => format!("{value:.*}{unit}", endpoint.digits()),
    }
}

/// What a loss of accuracy is of.
pub const RIGHT: &str = "of all answers right";

/// Something that got worse.
#[derive(Debug, Clone, PartialEq)]
pub struct Worse {
    /// By how much.
    pub by: String,
    /// Of what.
    pub what: &'static str,
    /// How much of it training on with nothing added makes too, where that was
    /// tried.
    pub with_nothing: Option<String>,
    /// Whether it is more than that, and where it has an interval clearly so.
    pub is_more: bool,
}

/// A headline for every verdict, bad news first.
pub fn headlines(comparison: &Comparison) -> Vec<Headline<'_>> {
    let all = comparison.verdicts_worst_first().into_iter();
    all.filter_map(|(slice, arm, verdict)| {
        let table = comparison.slice(slice)?;
        Headline::new(table, arm, verdict)
    })
    .collect()
}

impl<'a> Headline<'a> {
    fn new(table: &'a SliceTable, arm: &'a ArmFigures, verdict: &'a Verdict) -> Option<Self> {
        let endpoint = verdict.endpoint;
        let (after, versus) = arm.on(endpoint)?;
        let (before, _) = table.arms.first()?.on(endpoint)?;
        let trained = versus.iter().find(|one| one.control != Arm::Reference);
        let control = trained.and_then(|best| {
            let (value, _) = table.arm(&best.control)?.on(endpoint)?;
            Some((&best.control, value))
        });
        let mut headline = Self {
            table,
            arm,
            verdict,
            before,
            after,
            control,
            worse: worse(table, arm),
            sentence: String::new(),
        };
        let parts = [headline.change(), headline.against_control()];
        headline.sentence = parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
        Some(headline)
    }

    /// A figure of the endpoint as people read it.
    pub fn said(&self, value: f64) -> String {
        said(self.verdict.endpoint, value)
    }

    /// The figures that are seen from afar.
    pub fn large(&self) -> Large<'a> {
        let (table, endpoint) = (self.table, self.verdict.endpoint);
        let untrained_is_best = self.verdict.best_control == Some(Arm::Reference);
        let untouched = table.arms.first();
        let Some(base) = untouched.filter(|_| endpoint == Endpoint::RiskCoverageArea) else {
            return Large {
                endpoint,
                before: self.before,
                after: self.after,
                control: self.control,
                untrained_is_best,
                table,
            };
        };
        let control = self.control.and_then(|(arm, _)| {
            let figures = table.arm(arm)?;
            Some((arm, figures.matched_errors))
        });
        Large {
            endpoint: Endpoint::ErrorsAtMatchedCoverage,
            before: base.matched_errors,
            after: self.arm.matched_errors,
            control,
            untrained_is_best,
            table,
        }
    }

    /// How the arm stands to the best control that was trained.
    pub(super) fn to_control(&self) -> Option<&'a Versus> {
        let (control, _) = self.control?;
        let (_, versus) = self.arm.on(self.verdict.endpoint)?;
        versus.iter().find(|one| one.control == *control)
    }

    /// The figures as counts of errors, where those are what is said: also
    /// beside an area, if both point the same way.
    pub(super) fn counted(&self) -> Option<Large<'a>> {
        let large = self.large();
        let fewer = large.before - large.after;
        let agree = fewer * (self.before - self.after) > 0.0 && fewer.abs() >= 1.0;
        let is_counted = counts_errors(self.verdict.endpoint);
        (is_counted || counts_errors(large.endpoint) && agree).then_some(large)
    }

    /// What became of the figure.
    pub(super) fn change(&self) -> Option<String> {
        let (place, by) = (place(&self.table.slice), who(&self.arm.arm));
        let endpoint = self.verdict.endpoint;
        if let Some(counted) = self.counted() {
            let gone = (counted.before - counted.after).round();
            let before = counted.before.round();
            return Some(if gone >= 1.0 {
                format!("{by} made {gone} of {before} confident errors {place} go away.")
            } else if gone <= -1.0 {
                let more = -gone;
                format!(
                    "{by} made {more} confident errors more {place}, where there were {before}."
                )
            } else {
                format!("{by} left as many confident errors {place} as there were, {before}.")
            });
        }
        let (before, after) = (self.said(self.before), self.said(self.after));
        Some(match endpoint.wanted_errors() {
            Some(wanted) => format!(
                "Of the texts {place}, {after} can be left to the model with at most {wanted} % \
                 errors among them; before, it was {before}."
            ),
            None => format!(
                "Of the answers {place} above a threshold of confidence, {after} are wrong, averaged \
                 over all thresholds; before, it was {before}."
            ),
        })
    }

    /// How that stands to the best control: as much as the verdict says, and
    /// where there is none, as much as the interval does.
    fn against_control(&self) -> Option<String> {
        let (arm, value) = self.control?;
        let name = capitalised(&arm.in_words());
        let counted = self.counted().and_then(|large| {
            let (_, value) = large.control?;
            Some(large.said(value))
        });
        let (endpoint, best) = (self.verdict.endpoint, self.to_control()?);
        let (gain, harm) = (best.is_gain(endpoint), best.is_harm(endpoint));
        let reached = match counted {
            Some(errors) => format!("{errors} are left"),
            None => format!("it comes to {}", self.said(value)),
        };
        Some(match self.verdict.call {
            Call::Improved => {
                let best = arm.in_words();
                format!("No control does as well: with the best, {best}, {reached}.")
            }
            // The interval that says so need not be that of a trained control.
            Call::Worse | Call::Behind if !harm => {
                "The model as it was did better, which is the best control here.".to_owned()
            }
            Call::Worse | Call::Behind => format!("{name} would do better: {reached}."),
            Call::NotJudged if gain => format!(
                "With the best control, {}, {reached}; that is a hint, and no verdict.",
                arm.in_words()
            ),
            Call::NotJudged if harm => format!("{name} would do better here: {reached}."),
            Call::NoEvidence if gain => {
                let but = match self.verdict.guard.held() {
                    true => "after correction for all comparisons that is too uncertain to claim",
                    false => {
                        "but accuracy in the known domain may have fallen too far to claim more"
                    }
                };
                let best = arm.in_words();
                format!("With the best control, {best}, {reached}; {but}.")
            }
            Call::NoEvidence | Call::NotJudged if !self.looks_better() => {
                format!("{name} comes to about the same: {reached}.")
            }
            Call::NoEvidence | Call::NotJudged => format!(
                "{name} would have done as well, as far as these texts can tell: {reached}."
            ),
        })
    }

    /// Whether its figure is better than the base's, however little.
    fn looks_better(&self) -> bool {
        match self.verdict.endpoint.higher_is_better() {
            true => self.after > self.before,
            false => self.after < self.before,
        }
    }

    /// Whether it is clearly better than the base, or clearly worse.
    pub fn against_base(&self) -> Option<bool> {
        let endpoint = self.verdict.endpoint;
        let (_, versus) = self.arm.on(endpoint)?;
        let base = versus.iter().find(|one| one.control == Arm::Reference)?;
        match (base.is_gain(endpoint), base.is_harm(endpoint)) {
            (true, _) => Some(true),
            (_, true) => Some(false),
            _ => None,
        }
    }
}

pub(super) fn counts_errors(endpoint: Endpoint) -> bool {
    matches!(
        endpoint,
        Endpoint::ErrorsAtMatchedCoverage | Endpoint::ScaledUnknownUnknowns
    )
}

/// Who brought it about, to begin a sentence.
pub(super) fn who(arm: &Arm) -> String {
    match arm {
        Arm::Other(name) => format!("The model {name}"),
        arm => format!("Retraining with {}", arm.in_words()),
    }
}

pub(super) fn place(slice: &Slice) -> String {
    match slice {
        Slice::Source(name) => format!("on {name}"),
        Slice::InDomain => "in all in-domain sources".into(),
        Slice::UntaughtSources => "in the sources that no lesson touched".into(),
        Slice::InsideTaughtRegions => "inside the taught regions".into(),
        Slice::OutsideTaughtRegions => "outside the taught regions".into(),
    }
}

/// What got worse on a source: errors that reach τ now and did not before,
/// however many went away, and all answers, sure or not.
fn worse(table: &SliceTable, arm: &ArmFigures) -> Vec<Worse> {
    let base = table.arm(&Arm::Base);
    let tenths = |value: f64| (value * 10.0).round() / 10.0;
    let mut found = Vec::new();
    let new = tenths(arm.outcomes.new);
    if new >= 0.5 {
        let with_nothing = base.map(|base| tenths(base.outcomes.new));
        let said = |new: f64| format!("+{}", mean_count(new));
        found.push(Worse {
            by: said(new),
            what: "new errors at or above τ, without taking off those that went away",
            with_nothing: with_nothing.map(said),
            is_more: with_nothing.is_none_or(|too| new > too),
        });
    }
    let points = tenths(arm.accuracy_change.mean);
    if points < 0.0 {
        let with_nothing = base.map(|base| tenths(base.accuracy_change.mean));
        let said = |points: f64| format!("{} points", signed(points, 1));
        found.push(Worse {
            by: said(points),
            what: RIGHT,
            with_nothing: with_nothing.map(said),
            is_more: arm.accuracy_change.interval.upper < 0.0
                && with_nothing.is_none_or(|too| points < too),
        });
    }
    found
}
