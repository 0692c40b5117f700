//! The verdict in words, and the rules that lead to it.
//!
//! A claim must beat *every* control, so that it holds against the best one
//! whichever that is: its p-value is the largest over the controls, an
//! intersection–union test (Berger, Technometrics 1982) that needs no
//! correction for their number. Holm's adjustment over the arms that make a
//! claim, and over the endpoints that were named, comes on top.
//!
//! "Worse" is said sooner: where the interval of the difference to the best
//! control, as it is printed, leaves out zero on the side of harm, or where
//! the arm is worse than *some* control after correction for their number
//! (Bonferroni) and for that of the arms (Holm). A warning that comes a little
//! too often costs less than one that does not come. Where the arm is clearly
//! better than the base all the same, and than training on with nothing added,
//! it is "behind": it helped, and the best control would have helped more.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::guard::Guard;
use super::outcomes::FEWEST_ROWS;
use super::versus::{Versus, leans_to_gain};
use crate::records::{Arm, Endpoint, RetrainPlan, Role};
use crate::support::text::{capitalised, many, signed};

/// Significance level of a verdict, two-sided, after Holm.
pub const SIGNIFICANCE: f64 = 0.05;
/// Fewest seeds for a verdict.
pub const FEWEST_SEEDS: usize = 3;
/// Fewest groups for a verdict: resampling a handful says nothing.
pub const FEWEST_GROUPS: usize = 10;

/// What the figures allow to be said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Call {
    /// Fewer confident errors than every control, and the guard on in-domain
    /// accuracy held.
    Improved,
    /// Neither could be shown.
    NoEvidence,
    /// More confident errors than the best control, and no clear gain over the
    /// base.
    Worse,
    /// More confident errors than the best control, though clearly fewer than
    /// the base, as it was and trained on with nothing added.
    Behind,
    /// There is too little to judge by, or the role gives no verdict.
    NotJudged,
}

impl Call {
    /// Where it stands in a list: bad news first.
    pub fn rank(self) -> u8 {
        match self {
            Call::Worse => 0,
            Call::Behind => 1,
            Call::Improved => 2,
            Call::NoEvidence => 3,
            Call::NotJudged => 4,
        }
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Call::Improved => "improved",
            Call::NoEvidence => "no evidence",
            Call::Worse => "worse",
            Call::Behind => "behind the best control",
            Call::NotJudged => "not judged",
        })
    }
}

/// An arm on one endpoint.
#[derive(Debug, Clone, Copy)]
pub struct Claim<'a> {
    /// The endpoint.
    pub endpoint: Endpoint,
    /// The arm's figure, mean over seeds.
    pub value: f64,
    /// The reference base's.
    pub reference: f64,
    /// The arm against each control, the best control first.
    pub versus: &'a [Versus],
    /// [`super::versus::against_all`] after Holm over the arms that make a
    /// claim and the endpoints that were named.
    pub p_adjusted: f64,
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
    /// The endpoint that was named as the primary one.
    pub named: Endpoint,
    /// The arm on the endpoint that judges these rows.
    pub primary: Claim<'a>,
    /// The arm on the others that were named.
    pub also: &'a [Claim<'a>],
    /// Whether every control could be compared with (a seed in common).
    pub complete: bool,
    /// Controls that nobody asked for.
    pub absent: &'a [Arm],
    /// In-domain accuracy.
    pub guard: &'a Guard,
    /// Where its risk–coverage curve crosses the best control's, in words.
    pub crossing: Option<&'a str>,
}

/// A verdict on one arm, for one source.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// The verdict in a word or two.
    pub call: Call,
    /// The endpoint that it is about.
    #[serde(default)]
    pub endpoint: Endpoint,
    /// The verdict in plain language, with n and interval. A guard that did
    /// not hold is said first.
    pub sentence: String,
    /// The control with the best figure.
    pub best_control: Option<Arm>,
    /// Two-sided p against all controls, after Holm.
    pub p_adjusted: f64,
    /// In-domain accuracy.
    pub guard: Guard,
    /// What the other endpoints that were named allow to be said.
    #[serde(default)]
    pub also: Vec<(Endpoint, Call)>,
}

/// Judges an arm.
pub fn judge(evidence: &Evidence) -> Verdict {
    let primary = &evidence.primary;
    let reason = reason_not_to_judge(evidence);
    let call_on = |claim: &Claim| match &reason {
        Some(_) => Call::NotJudged,
        None => call(claim, evidence.guard.held()),
    };
    let call = call_on(primary);
    let mut opening = call.to_string();
    if let Some(reason) = &reason {
        opening = format!("{opening} ({reason})");
    } else if call == Call::NoEvidence && shows_gain(primary) {
        opening.push_str(match primary.endpoint {
            Endpoint::ErrorsAtMatchedCoverage => " of fewer confident errors at the same accuracy",
            _ => " of a gain at the same accuracy",
        });
    }
    let endpoint = format!(
        "{}: {}",
        capitalised(&opening),
        claim_sentence(evidence, primary)
    );
    let guard = evidence.guard.sentence();
    let mut sentence = if evidence.guard.held() {
        format!("{endpoint} {guard}")
    } else {
        format!("{guard} {endpoint}")
    };
    if primary.endpoint != evidence.named {
        sentence += &format!(
            " The base holds {} of {} rows with confidence τ or more: {} would be accuracy by \
             another name there, so the {} judges.",
            evidence.confident, evidence.rows, evidence.named, primary.endpoint
        );
    }
    for claim in evidence.also {
        let said = claim_sentence(evidence, claim);
        sentence += &format!(" Also named, {}: {said}", call_on(claim));
    }
    if let Some(crossing) = evidence.crossing {
        sentence += &format!(" {crossing}");
    }
    Verdict {
        call,
        endpoint: primary.endpoint,
        sentence,
        best_control: primary.versus.first().map(|v| v.control.clone()),
        p_adjusted: primary.p_adjusted,
        guard: *evidence.guard,
        also: (evidence.also.iter())
            .map(|claim| (claim.endpoint, call_on(claim)))
            .collect(),
    }
}

/// What a claim comes to where it can be judged.
fn call(claim: &Claim, guard_held: bool) -> Call {
    let best = claim.versus.first();
    let harm = best.is_some_and(|best| best.is_harm(claim.endpoint));
    let significant = claim.p_adjusted < SIGNIFICANCE;
    if harm || (significant && !leans_to_gain(claim.versus)) {
        match helped(claim) {
            true => Call::Behind,
            false => Call::Worse,
        }
    } else if guard_held && shows_gain(claim) {
        Call::Improved
    } else {
        Call::NoEvidence
    }
}

/// Whether it is clearly better than the base, both as it was and trained on
/// with nothing added where that was tried.
fn helped(claim: &Claim) -> bool {
    let doing_nothing = |of: &&Versus| matches!(of.control, Arm::Reference | Arm::Base);
    let mut nothing = claim.versus.iter().filter(doing_nothing).peekable();
    nothing.peek().is_some() && nothing.all(|of| of.is_gain(claim.endpoint))
}

fn shows_gain(claim: &Claim) -> bool {
    claim.p_adjusted < SIGNIFICANCE && leans_to_gain(claim.versus)
}

fn reason_not_to_judge(evidence: &Evidence) -> Option<String> {
    let seeds = evidence.primary.versus.iter();
    let seeds = seeds.map(|v| v.difference.seeds).min();
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
    if evidence.confident == 0 && evidence.named == Endpoint::ErrorsAtMatchedCoverage {
        return Some("the reference base is sure of no row".into());
    }
    too_few("rows", evidence.rows, FEWEST_ROWS)
        .or_else(|| too_few("groups", evidence.groups, FEWEST_GROUPS))
        .or_else(|| too_few("seeds", seeds.unwrap_or(0), FEWEST_SEEDS))
}

/// What an arm reaches on an endpoint, and how that stands to its controls.
fn claim_sentence(evidence: &Evidence, claim: &Claim) -> String {
    let Evidence {
        arm, place, rows, ..
    } = evidence;
    let (digits, [unit, points]) = (claim.endpoint.digits(), claim.endpoint.units());
    let value = format!("{:.digits$}{unit}", claim.value);
    let (reaches, verb) = match claim.endpoint {
        Endpoint::ErrorsAtMatchedCoverage => (
            format!(
                "makes {value} errors among the {} most confident of {rows} rows",
                evidence.confident
            ),
            "makes",
        ),
        Endpoint::ScaledUnknownUnknowns => (
            format!("makes {value} unknown unknowns after temperature scaling in {rows} rows"),
            "makes",
        ),
        Endpoint::RiskCoverageArea => (
            format!("has an area of {value} under its risk–coverage curve over {rows} rows"),
            "has",
        ),
        coverage => (
            format!(
                "can be left {value} of {rows} rows with at most {} % errors among them",
                coverage.wanted_errors().unwrap_or_default()
            ),
            "can be left",
        ),
    };
    let reaches = format!("{arm} {reaches} ({place})");
    let reference = format!(
        "the reference base {verb} {:.digits$}{unit}",
        claim.reference
    );
    let Some(best) = claim.versus.first() else {
        return format!("{reaches}; {reference}.");
    };
    let difference = &best.difference;
    let against = format!(
        "{reaches}, {}{points} against {}",
        signed(difference.mean, digits),
        best.control
    );
    let interval = difference.said(digits, points);
    let p = p_value(claim.p_adjusted);
    if arm.is_other_model() {
        return format!(
            "{against} ({interval}; {p}; two models and no seeds, so over groups of rows alone)."
        );
    }
    let beside = if best.control == Arm::Reference {
        String::new()
    } else {
        format!("; {reference}")
    };
    format!(
        "{against}, the best control ({interval}, {}; {p} over all controls, after Holm){beside}.",
        many(difference.seeds, "seed"),
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
