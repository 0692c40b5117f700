//! The verdict in words, and the rules that lead to it.
//!
//! A claim must beat *every* control, so that it holds against the best one
//! whichever that is: its p-value is the largest over the controls, an
//! intersection–union test (Berger, Technometrics 1982) that needs no
//! correction for their number. "Worse" means worse than *some* control, and
//! is corrected for their number (Bonferroni). Holm's adjustment over the
//! arms that make a claim comes on top.

use std::cmp::Ordering;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::intervals::{Difference, mcnemar};
use super::outcomes::FEWEST_ROWS;
use crate::records::{Arm, RetrainPlan, Role};
use crate::support::text::{capitalised, many, signed};

/// Significance level of a verdict, two-sided, after Holm.
pub const SIGNIFICANCE: f64 = 0.05;
/// Fewest seeds for a verdict.
pub const FEWEST_SEEDS: usize = 3;
/// Fewest groups for a verdict: resampling a handful says nothing.
pub const FEWEST_GROUPS: usize = 10;
/// The loss of in-domain accuracy that the guard must rule out, in points
/// (hundredths).
pub const GUARD_POINTS: f64 = 1.5;

/// What the figures allow to be said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Call {
    /// Fewer confident errors than every control, and the guard on in-domain
    /// accuracy held.
    Improved,
    /// Neither could be shown.
    NoEvidence,
    /// More confident errors than the best control.
    Worse,
    /// There is too little to judge by, or the role gives no verdict.
    NotJudged,
}

impl Call {
    /// Where it stands in a list: bad news first.
    pub fn rank(self) -> u8 {
        match self {
            Call::Worse => 0,
            Call::Improved => 1,
            Call::NoEvidence => 2,
            Call::NotJudged => 3,
        }
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Call::Improved => "improved",
            Call::NoEvidence => "no evidence",
            Call::Worse => "worse",
            Call::NotJudged => "not judged",
        })
    }
}

/// The guard: in-domain accuracy must not have been paid for the gain.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state", content = "points")]
pub enum Guard {
    /// A loss of more than [`GUARD_POINTS`] is ruled out.
    Held(Difference),
    /// It is not ruled out.
    NotShown(Difference),
    /// Accuracy did fall by more than that.
    Violated(Difference),
    /// There are no in-domain rows to see it on.
    Unknown,
}

impl Guard {
    /// Judges the paired difference of in-domain accuracy to the reference
    /// base, in points, seen on so many rows in so many groups.
    pub fn new(points: Option<Difference>, rows: usize, groups: usize) -> Self {
        let points = points.map(|points| points.unless_unseen(100.0, groups));
        let enough = rows >= FEWEST_ROWS && groups >= FEWEST_GROUPS;
        match points {
            None => Guard::Unknown,
            Some(points) if !enough => Guard::NotShown(points),
            Some(points) if points.interval.lower > -GUARD_POINTS => Guard::Held(points),
            Some(points) if points.interval.upper < -GUARD_POINTS => Guard::Violated(points),
            Some(points) => Guard::NotShown(points),
        }
    }

    /// Whether a loss is ruled out.
    pub fn held(&self) -> bool {
        matches!(self, Guard::Held(_))
    }

    fn sentence(&self) -> String {
        let figures = |points: &Difference| {
            format!(
                "in-domain accuracy changed by {} points ({})",
                signed(points.mean, 1),
                interval(points)
            )
        };
        match self {
            Guard::Held(points) => format!("Guard held: {}.", figures(points)),
            Guard::NotShown(points) => format!(
                "Guard not met: {}, so a loss of more than {GUARD_POINTS} points is not ruled out.",
                figures(points)
            ),
            Guard::Violated(points) => format!(
                "Guard violated: {}, a loss of more than {GUARD_POINTS} points.",
                figures(points)
            ),
            Guard::Unknown => {
                "Guard not met: no in-domain rows, so a loss of accuracy is not ruled out.".into()
            }
        }
    }
}

/// An arm against one control on the primary endpoint.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Versus {
    /// The control.
    pub control: Arm,
    /// Errors among the most confident rows: the arm's minus the control's.
    pub difference: Difference,
    /// Groups of rows with fewer such errors, mean over seeds, rounded.
    pub groups_fewer: u64,
    /// Groups of rows with more such errors.
    pub groups_more: u64,
    /// One-sided p for fewer errors than the control.
    pub p_fewer: f64,
    /// One-sided p for more errors than the control.
    pub p_more: f64,
}

impl Versus {
    /// Tests the difference twice, by Student's t and by McNemar on the
    /// discordant groups, and takes the larger p. The latter keeps a handful
    /// of errors, for which Student's t is too bold, from deciding.
    pub fn new(control: Arm, difference: Difference, groups_fewer: u64, groups_more: u64) -> Self {
        let one_sided = mcnemar(groups_fewer, groups_more) / 2.0;
        let (fewer, more) = match groups_fewer.cmp(&groups_more) {
            Ordering::Greater => (one_sided, 1.0),
            Ordering::Equal => (1.0, 1.0),
            Ordering::Less => (1.0, one_sided),
        };
        Self {
            control,
            groups_fewer,
            groups_more,
            p_fewer: difference.p_lower().max(fewer),
            p_more: difference.p_higher().max(more),
            difference,
        }
    }
}

/// Two-sided p of an arm against all its controls, before Holm.
pub fn against_all(versus: &[Versus]) -> f64 {
    let fewer = p_fewer_than_all(versus);
    (2.0 * fewer.min(p_more_than_best(versus))).min(1.0)
}

fn p_fewer_than_all(versus: &[Versus]) -> f64 {
    if versus.is_empty() {
        return 1.0;
    }
    versus.iter().map(|v| v.p_fewer).fold(0.0, f64::max)
}

fn p_more_than_best(versus: &[Versus]) -> f64 {
    let smallest = versus.iter().map(|v| v.p_more).fold(1.0, f64::min);
    (smallest * versus.len() as f64).min(1.0)
}

/// All that a verdict rests on.
#[derive(Debug, Clone, Copy)]
pub struct Evidence<'a> {
    /// The arm that makes a claim.
    pub arm: &'a Arm,
    /// Where, in words ("source tweets").
    pub place: &'a str,
    /// Which role the rows have.
    pub role: Role,
    /// Rows, of which `confident` are looked at.
    pub rows: usize,
    /// How many rows the reference base holds with confidence ≥ τ.
    pub confident: usize,
    /// Groups of rows.
    pub groups: usize,
    /// Errors of the arm among them, mean over seeds.
    pub errors: f64,
    /// Errors of the reference base among them.
    pub reference_errors: f64,
    /// The arm against each control, the best control first.
    pub versus: &'a [Versus],
    /// Whether every control could be compared with (a seed in common).
    pub complete: bool,
    /// Controls that nobody asked for.
    pub absent: &'a [Arm],
    /// In-domain accuracy.
    pub guard: &'a Guard,
    /// [`against_all`] after Holm over the arms that make a claim.
    pub p_adjusted: f64,
}

/// A verdict on one arm, for one source.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// The verdict in a word or two.
    pub call: Call,
    /// The verdict in plain language, with n and interval. A guard that did
    /// not hold is said first.
    pub sentence: String,
    /// The control with the fewest errors.
    pub best_control: Option<Arm>,
    /// Two-sided p against all controls, after Holm over the arms.
    pub p_adjusted: f64,
    /// In-domain accuracy.
    pub guard: Guard,
}

/// Judges an arm.
pub fn judge(evidence: &Evidence) -> Verdict {
    let reason = reason_not_to_judge(evidence);
    let significant = evidence.p_adjusted < SIGNIFICANCE;
    let fewer = p_fewer_than_all(evidence.versus) < p_more_than_best(evidence.versus);
    let call = match (&reason, significant, fewer) {
        (Some(_), ..) => Call::NotJudged,
        (None, true, true) if evidence.guard.held() => Call::Improved,
        (None, true, false) => Call::Worse,
        (None, ..) => Call::NoEvidence,
    };
    let mut opening = call.to_string();
    if let Some(reason) = reason {
        opening = format!("{opening} ({reason})");
    } else if significant && fewer && call == Call::NoEvidence {
        opening.push_str(" of fewer confident errors at the same accuracy");
    }
    let endpoint = format!("{}: {}", capitalised(&opening), endpoint_sentence(evidence));
    let guard = evidence.guard.sentence();
    let sentence = if evidence.guard.held() {
        format!("{endpoint} {guard}")
    } else {
        format!("{guard} {endpoint}")
    };
    Verdict {
        call,
        sentence,
        best_control: evidence.versus.first().map(|v| v.control.clone()),
        p_adjusted: evidence.p_adjusted,
        guard: *evidence.guard,
    }
}

fn reason_not_to_judge(evidence: &Evidence) -> Option<String> {
    let seeds = evidence.versus.iter().map(|v| v.difference.seeds).min();
    let too_few = |what: &str, there: usize, needed: usize| {
        (there < needed).then(|| format!("{there} {what}, at least {needed} are needed"))
    };
    if evidence.role != Role::Final {
        return Some(format!(
            "rows of the role {}, used for choosing",
            evidence.role
        ));
    }
    if !evidence.complete || seeds.is_none() {
        return Some("not every control was run with the same seeds".into());
    }
    if !evidence.absent.is_empty() {
        let names: Vec<String> = evidence.absent.iter().map(Arm::to_string).collect();
        return Some(format!(
            "without {}: a claim is made against the best of all controls",
            names.join(", ")
        ));
    }
    if evidence.confident == 0 {
        return Some("the reference base is sure of no row".into());
    }
    too_few("rows", evidence.rows, FEWEST_ROWS)
        .or_else(|| too_few("groups", evidence.groups, FEWEST_GROUPS))
        .or_else(|| too_few("seeds", seeds.unwrap_or(0), FEWEST_SEEDS))
}

fn endpoint_sentence(evidence: &Evidence) -> String {
    let Evidence {
        arm,
        place,
        rows,
        confident,
        errors,
        reference_errors,
        ..
    } = evidence;
    let makes = format!(
        "{arm} makes {errors:.1} errors among the {confident} most confident of {rows} rows ({place})"
    );
    let Some(best) = evidence.versus.first() else {
        return format!("{makes}; the reference base makes {reference_errors:.1}.");
    };
    let difference = &best.difference;
    let control = &best.control;
    let beside = if *control == Arm::Reference {
        String::new()
    } else {
        format!("; the reference base makes {reference_errors:.1}")
    };
    format!(
        "{makes}, {} against {control}, the best control ({}, {}; {} over all controls, after Holm){beside}.",
        signed(difference.mean, 1),
        interval(difference),
        match arm.is_other_model() {
            true => "two models, no seeds: over groups of rows alone".to_owned(),
            false => many(difference.seeds, "seed"),
        },
        p_value(evidence.p_adjusted),
    )
}

fn interval(difference: &Difference) -> String {
    format!(
        "95 % interval {} to {}",
        signed(difference.interval.lower, 1),
        signed(difference.interval.upper, 1)
    )
}

fn p_value(p: f64) -> String {
    if p < 0.001 {
        "p < 0.001".into()
    } else {
        format!("p = {p:.3}")
    }
}
/// Why a round of this plan can give no verdict, if so; in words.
pub fn why_no_verdict(plan: &RetrainPlan) -> Option<String> {
    if plan.arms.iter().all(Arm::is_control) {
        return Some("no lessons are trained".into());
    }
    let asked_for = |control: &Arm| plan.arms.contains(control);
    let missing = Arm::CONTROLS.iter().filter(|control| !asked_for(control));
    let missing: Vec<String> = missing.map(Arm::to_string).collect();
    if !missing.is_empty() {
        return Some(format!("controls are missing: {}", missing.join(", ")));
    }
    let seeds = plan.seeds.len();
    (seeds < FEWEST_SEEDS).then(|| {
        format!(
            "{} only, at least {FEWEST_SEEDS} are needed",
            many(seeds, "seed")
        )
    })
}
