//! Hypotheses with their checks as figures: described once for command line,
//! report, window and files.

use serde::Serialize;

use crate::lessons::check::{interval, reason};
use crate::records::{
    BlindSpotId, CheckVerdict, Document, Hypothesis, HypothesisCheck, Judge, Lesson, Matches,
    RecordId, Standing,
};
use crate::support::figures::{Figure, figure};
use crate::support::statistics::risk_ratio;

/// A hypothesis and one of its checks, or none.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CheckRow {
    /// The lesson.
    pub lesson: RecordId,
    /// Its teacher.
    pub teacher: String,
    /// Its blind spot.
    pub blind_spot: BlindSpotId,
    /// The hypothesis.
    pub hypothesis: RecordId,
    /// Its sentence.
    pub text: String,
    /// How it stands after all its checks.
    pub standing: Standing,
    /// How often errors that are kept back were asked.
    pub tried: u32,
    /// The check, if there is one.
    #[serde(flatten)]
    pub check: Option<CheckFigures>,
}

/// The figures of a check.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CheckFigures {
    /// `pattern`, `model` or `person`.
    pub judge: &'static str,
    /// The pattern, the model's name, or the person's.
    pub asked: String,
    /// The verdict.
    pub verdict: CheckVerdict,
    /// Why, in a sentence.
    pub reason: String,
    /// Of the blind spot's kept-back errors.
    pub kept_back: Rate,
    /// Of right rows of the same class.
    pub right: Rate,
    /// Of the nearest of these.
    pub nearest: Rate,
    /// Of errors elsewhere.
    pub elsewhere: Rate,
    /// How many times as often rows that it holds for are confident errors,
    /// over *discovery*; only of patterns, which are asked of every row.
    pub risk_ratio: Option<Ratio>,
    /// Texts without a usable answer.
    pub unanswered: usize,
    /// When, RFC 3339.
    pub when: String,
}

/// A share with its 95 % Wilson interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Rate {
    /// Texts that it holds for.
    pub yes: usize,
    /// Texts with an answer.
    pub of: usize,
    /// Lower bound, 0 to 1.
    pub lower: f64,
    /// Upper bound, 0 to 1.
    pub upper: f64,
}

/// A ratio with its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Ratio {
    /// The ratio.
    pub ratio: f64,
    /// Lower bound.
    pub lower: f64,
    /// Upper bound.
    pub upper: f64,
}

impl From<Matches> for Rate {
    fn from(matches: Matches) -> Self {
        let bounds = interval(matches);
        Self {
            yes: matches.yes,
            of: matches.of,
            lower: bounds.lower,
            upper: bounds.upper,
        }
    }
}

impl CheckFigures {
    /// The figures of a check.
    pub fn of(check: &HypothesisCheck) -> Self {
        let asked = match &check.judge {
            Judge::Pattern { pattern } => pattern.to_string(),
            Judge::Model { model, .. } => model.clone(),
            Judge::Person { by } => by.clone().unwrap_or_default(),
        };
        let ratio = check.risk.and_then(|risk| {
            let side = |matches: Matches| (matches.yes, matches.of);
            risk_ratio(side(risk.matching), side(risk.others), 0.95)
        });
        Self {
            judge: check.judge.name(),
            asked,
            verdict: check.verdict,
            reason: reason(
                check.verdict,
                (check.kept_back, "kept-back errors"),
                check.right,
                check.thresholds,
            ),
            kept_back: check.kept_back.into(),
            right: check.right.into(),
            nearest: check.nearest.into(),
            elsewhere: check.elsewhere.into(),
            risk_ratio: ratio.map(|(ratio, bounds)| Ratio {
                ratio,
                lower: bounds.lower,
                upper: bounds.upper,
            }),
            unanswered: check.unanswered,
            when: check.when.clone(),
        }
    }
}

impl CheckRow {
    /// A hypothesis and one of its checks.
    pub fn of(lesson: &Lesson, hypothesis: &Hypothesis, check: Option<&HypothesisCheck>) -> Self {
        let snapshot = check.map_or(lesson.snapshot, |check| check.snapshot);
        Self {
            lesson: lesson.id.clone(),
            teacher: lesson.teacher.clone(),
            blind_spot: lesson.blind_spot,
            hypothesis: hypothesis.id.clone(),
            text: hypothesis.text.clone(),
            standing: hypothesis.standing(snapshot),
            tried: hypothesis.tried,
            check: check.map(CheckFigures::of),
        }
    }

    fn figures<T>(&self, read: impl FnOnce(&CheckFigures) -> T) -> Option<T> {
        self.check.as_ref().map(read)
    }
}

/// Every hypothesis of a document with each check that holds for it as it is
/// now, one row without figures where there is none.
pub fn check_rows(document: &Document) -> Vec<CheckRow> {
    let lessons = document.lessons.values();
    let hypotheses =
        lessons.flat_map(|lesson| lesson.hypotheses.iter().map(move |one| (lesson, one)));
    let mut rows = Vec::new();
    for (lesson, hypothesis) in hypotheses {
        let snapshot = document.snapshot.unwrap_or(lesson.snapshot);
        let checks: Vec<CheckRow> = (hypothesis.checks_on(snapshot))
            .map(|check| CheckRow::of(lesson, hypothesis, Some(check)))
            .collect();
        match checks.is_empty() {
            true => rows.push(CheckRow::of(lesson, hypothesis, None)),
            false => rows.extend(checks),
        }
    }
    rows
}

/// The figures of hypotheses and their checks.
pub fn check_figures() -> Vec<Figure<CheckRow>> {
    let mut all = vec![
        figure("blind spot").words("blind_spot", |row: &CheckRow| row.blind_spot.to_string()),
        figure("hypothesis").words("hypothesis_text", |row: &CheckRow| row.text.clone()),
        figure("teacher").words("teacher", |row: &CheckRow| row.teacher.clone()),
        figure("judge")
            .print("{judge}: {asked}")
            .words("judge", |row: &CheckRow| {
                row.figures(|check| check.judge.to_owned())
            })
            .words("asked", |row| row.figures(|check| check.asked.clone()))
            .meaning(
                "Who answered whether it holds for a text: a pattern, a language model, or a \
                 person who did not know which texts were errors.",
            ),
        figure("verdict")
            .words("verdict", |row: &CheckRow| {
                let verdict = row.figures(|check| check.verdict.name().to_owned());
                verdict.unwrap_or_else(|| Standing::Unchecked.name().to_owned())
            })
            .meaning(
                "“Explains”: it holds for most errors that its writer has not seen, and the \
                 bounds tell these from texts that the model gets right.",
            ),
    ];
    all.insert(
        2,
        figure("standing")
            .words("standing", |row: &CheckRow| row.standing.name())
            .meaning(
                "Supported: some judge found that it explains. Unsupported: it was checked and \
                 did not pass; it may have been taught all the same.",
            ),
    );
    all.extend(shares());
    all.push(
        figure("risk ratio")
            .print("{risk_ratio} ({risk_ratio_low} to {risk_ratio_high})")
            .number("risk_ratio", 1, |row: &CheckRow| {
                ratio(row, |one| one.ratio)
            })
            .number("risk_ratio_low", 1, |row| ratio(row, |one| one.lower))
            .number("risk_ratio_high", 1, |row| ratio(row, |one| one.upper))
            .meaning(
                "How many times as often texts that it holds for are confident errors, over all \
                 of discovery; only patterns are asked of every text.",
            ),
    );
    all.push(
        figure("asked before")
            .whole("tried", |row: &CheckRow| row.tried)
            .meaning(
                "How often kept-back errors were asked for it. Whoever tries often enough passes \
                 by chance.",
            ),
    );
    all
}

fn ratio(row: &CheckRow, read: fn(&Ratio) -> f64) -> Option<f64> {
    row.check.as_ref()?.risk_ratio.as_ref().map(read)
}

/// The four shares.
fn shares() -> [Figure<CheckRow>; 4] {
    const MEANINGS: [&str; 4] = [
        "Errors of the blind spot that are kept back from teachers and that it holds for.",
        "Texts of the same class that the model gets right and that it holds for all the same.",
        "The same of those that lie nearest to the blind spot.",
        "Confident errors outside the blind spot that it holds for.",
    ];
    let [kept_back, right, nearest, elsewhere] = MEANINGS;
    macro_rules! share {
        ($name:literal, $field:ident, $meaning:expr, $print:literal, $keys:expr) => {{
            let [yes, of, lower, upper] = $keys;
            figure($name)
                .print($print)
                .whole(yes, |row: &CheckRow| row.figures(|check| check.$field.yes))
                .whole(of, |row| row.figures(|check| check.$field.of))
                .share(lower, 0, |row| row.figures(|check| check.$field.lower))
                .share(upper, 0, |row| row.figures(|check| check.$field.upper))
                .meaning($meaning)
        }};
    }
    [
        share!(
            "kept-back errors",
            kept_back,
            kept_back,
            "{kept_back_yes} of {kept_back_of} ({kept_back_low}–{kept_back_high} %)",
            [
                "kept_back_yes",
                "kept_back_of",
                "kept_back_low",
                "kept_back_high"
            ]
        ),
        share!(
            "right texts",
            right,
            right,
            "{right_yes} of {right_of} ({right_low}–{right_high} %)",
            ["right_yes", "right_of", "right_low", "right_high"]
        ),
        share!(
            "nearest right texts",
            nearest,
            nearest,
            "{nearest_yes} of {nearest_of}",
            ["nearest_yes", "nearest_of", "nearest_low", "nearest_high"]
        ),
        share!(
            "errors elsewhere",
            elsewhere,
            elsewhere,
            "{elsewhere_yes} of {elsewhere_of}",
            [
                "elsewhere_yes",
                "elsewhere_of",
                "elsewhere_low",
                "elsewhere_high"
            ]
        ),
    ]
}
