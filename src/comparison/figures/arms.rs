//! The figures of an arm on a slice, and of the slice.

use crate::comparison::Versus;
use crate::comparison::intervals::Difference;
use crate::comparison::{ArmFigures, SliceTable};
use crate::records::Arm;
use crate::support::figures::{Figure, figure};
use crate::support::text::many;

/// What errors at matched coverage are.
pub const ENDPOINT: &str = "Errors at matched coverage, the primary endpoint unless another was \
    named: errors among the c most confident rows, c being how many rows the base holds with \
    confidence τ or more. Models are compared on equally many rows, so none can win by merely \
    doubting itself.";
/// What became of the base's unknown unknowns.
pub const BECAME: &str = "Of the unknown unknowns before: corrected ones are right now, quieted \
    ones are still wrong but below τ, remaining ones are as wrong as before; new ones were created \
    by the retraining. Quieted never counts as corrected.";
/// How these errors are compared.
pub const AGAINST: &str = "Errors in c minus those of the control that has the fewest, with the \
    95 % interval over seeds and groups of rows. Below zero is better.";

/// Errors at matched coverage.
pub fn matched_errors() -> Figure<ArmFigures> {
    figure("errors in c")
        .number("errors_among_most_confident", 1, |arm: &ArmFigures| {
            arm.matched_errors
        })
        .detail(|arm| {
            let errors = arm.matched_errors_by_seed.iter();
            let errors: Vec<String> = errors.map(|errors| format!("{errors:.0}")).collect();
            format!("by seed: {}", errors.join(", "))
        })
        .meaning(ENDPOINT)
}

/// What became of the base's unknown unknowns.
pub fn outcomes() -> Figure<ArmFigures> {
    figure("corrected / quieted / remaining / new")
        .print("{corrected} / {quieted} / {remaining} / {new}")
        .number("corrected", 1, |arm: &ArmFigures| arm.outcomes.corrected)
        .number("quieted", 1, |arm| arm.outcomes.quieted)
        .number("remaining", 1, |arm| arm.outcomes.remaining)
        .number("new", 1, |arm| arm.outcomes.new)
        .meaning(BECAME)
}

/// Share of right answers.
pub fn accuracy() -> Figure<ArmFigures> {
    figure("accuracy")
        .print("{accuracy} %")
        .share("accuracy", 1, |arm: &ArmFigures| arm.accuracy)
        .meaning("Share of right answers.")
}

/// Accuracy against the reference base's.
pub fn change() -> Figure<ArmFigures> {
    figure("change, points (95 %)")
        .print("{accuracy_change_points} ({accuracy_change_lower} to {accuracy_change_upper})")
        .signed("accuracy_change_points", 1, |arm: &ArmFigures| {
            arm.accuracy_change.mean
        })
        .signed("accuracy_change_lower", 1, |arm| {
            arm.accuracy_change.interval.lower
        })
        .signed("accuracy_change_upper", 1, |arm| {
            arm.accuracy_change.interval.upper
        })
        .number("accuracy_change_standard_error", 1, |arm| {
            arm.accuracy_change.standard_error
        })
        .idle(|arm| arm.arm == Arm::Reference)
        .meaning(
            "Accuracy minus the base's, in points, with its 95 % interval. In-domain accuracy is \
             guarded: its lower bound has to stay above −1.5 points.",
        )
}

/// Confident errors of an arm: the endpoint and what stands beside it.
pub fn errors() -> Vec<Figure<ArmFigures>> {
    vec![
        figure("seeds")
            .whole("seeds", |arm: &ArmFigures| arm.seeds.len())
            .idle(|arm| arm.seeds.is_empty())
            .meaning("Models of the arm; every figure is the mean over them."),
        matched_errors(),
        figure("against the best control (95 %)")
            .print("{difference_to_best_control} ({difference_lower} to {difference_upper}) vs {best_control}")
            .words("best_control", |arm: &ArmFigures| {
                arm.versus.first().map(|best| best.control.to_string())
            })
            .signed("difference_to_best_control", 1, |arm| best(arm).map(|best| best.mean))
            .signed("difference_lower", 1, |arm| best(arm).map(|best| best.interval.lower))
            .signed("difference_upper", 1, |arm| best(arm).map(|best| best.interval.upper))
            .number("difference_standard_error", 1, |arm| best(arm).map(|best| best.standard_error))
            .detail(|arm| many(best(arm).map_or(0, |best| best.seeds), "seed"))
            .meaning(AGAINST),
        figure("UUs ≥ τ")
            .number("unknown_unknowns", 1, |arm: &ArmFigures| arm.unknown_unknowns)
            .meaning("Unknown unknowns: rows that are labelled wrongly with confidence τ or more."),
        figure("UUs, scaled")
            .number("unknown_unknowns_scaled", 1, |arm: &ArmFigures| arm.unknown_unknowns_scaled)
            .meaning(
                "Unknown unknowns after temperature scaling of every model, which makes \
                 confidences honest on average.",
            ),
        outcomes(),
    ]
}

/// All answers of an arm, sure or not. Descriptive, but for the guard on
/// accuracy.
pub fn answers() -> Vec<Figure<ArmFigures>> {
    vec![
        accuracy(),
        change(),
        figure("ECE")
            .number("calibration_error", 3, |arm: &ArmFigures| {
                arm.calibration_error
            })
            .meaning(
                "Expected calibration error: how far confidence is from the share of right \
                 answers, on average over bins of equally many rows. Lower is better.",
            ),
        figure("ECE, scaled")
            .number("calibration_error_scaled", 3, |arm: &ArmFigures| {
                arm.calibration_error_scaled
            })
            .meaning("Expected calibration error after temperature scaling."),
        figure("Brier")
            .number("brier", 3, |arm: &ArmFigures| arm.brier)
            .meaning(
                "Brier score of the confidence as a forecast of being right: the mean squared \
                 gap. Lower is better.",
            ),
        figure("AURC")
            .number("risk_coverage_area", 4, |arm: &ArmFigures| {
                arm.risk_coverage_area
            })
            .meaning(
                "Area under the risk–coverage curve: the mean share of errors among the most \
                 confident rows, over all coverages. Lower is better.",
            ),
    ]
}

/// The verdict on an arm, for files; faces print it before all figures.
pub fn verdict() -> Vec<Figure<ArmFigures>> {
    vec![
        figure("verdict")
            .words("verdict", |arm: &ArmFigures| {
                arm.verdict.as_ref().map(|v| v.call.to_string())
            })
            .number("p_adjusted", 3, |arm| {
                arm.verdict.as_ref().map(|v| v.p_adjusted)
            })
            .words("verdict_sentence", |arm| {
                arm.verdict.as_ref().map(|v| v.sentence.clone())
            }),
    ]
}

/// The rows of a slice, and what they can show.
pub fn slice() -> [Figure<SliceTable>; 2] {
    let rows = figure("rows")
        .print(
            "n = {rows} rows in {groups} groups; the base holds c = {confident_rows_of_base} of \
             them with confidence ≥ τ",
        )
        .whole("rows", |slice: &SliceTable| slice.rows)
        .whole("groups", |slice| slice.groups)
        .whole("confident_rows_of_base", |slice| slice.confident);
    let power = figure("power")
        .words("power", |slice: &SliceTable| slice.power.sentence.clone())
        .share("detectable_reduction", 0, |slice| slice.power.detectable);
    [rows, power]
}

/// Errors at matched coverage of an arm minus a control's.
pub fn against_control() -> Figure<Versus> {
    figure("difference (95 %)")
        .print("{difference} ({lower} to {upper})")
        .signed("difference", 1, |versus: &Versus| versus.difference.mean)
        .signed("lower", 1, |versus| versus.difference.interval.lower)
        .signed("upper", 1, |versus| versus.difference.interval.upper)
        .number("standard_error", 1, |versus| {
            versus.difference.standard_error
        })
        .number("degrees_of_freedom", 1, |versus| {
            versus.difference.degrees_of_freedom
        })
        .meaning(
            "Errors in c minus those of the control, with the 95 % interval over seeds and groups \
             of rows. Below zero is better.",
        )
}

/// An arm against each control, for files and plots.
pub fn against_controls() -> Vec<Figure<Versus>> {
    vec![
        figure("control")
            .words("control", |versus: &Versus| versus.control.to_string())
            .whole("seeds", |versus| versus.difference.seeds),
        against_control(),
        figure("groups with fewer and with more errors")
            .print("{groups_fewer} / {groups_more}")
            .whole("groups_fewer", |versus: &Versus| versus.groups_fewer)
            .whole("groups_more", |versus| versus.groups_more),
        figure("one-sided p of fewer and of more errors")
            .print("{p_fewer} / {p_more}")
            .number("p_fewer", 3, |versus: &Versus| versus.p_better)
            .number("p_more", 3, |versus| versus.p_worse),
    ]
}

fn best(arm: &ArmFigures) -> Option<&Difference> {
    arm.versus.first().map(|best| &best.difference)
}
