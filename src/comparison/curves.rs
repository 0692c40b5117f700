//! Figures over a whole range, for plots: nothing here decides anything.

use serde::{Deserialize, Serialize};

use super::evaluation::Graded;
use super::metrics::{CALIBRATION_BINS, ReliabilityBin, mean, reliability, risk_coverage};

/// Points of a risk–coverage curve that are kept: 2 %, 4 %, …, 100 %.
const COVERAGE_POINTS: usize = 50;

/// One point of a curve.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// Coverage or τ, 0 to 1.
    pub x: f64,
    /// Risk (0 to 1) or a count; a mean over seeds.
    pub y: f64,
}

/// The curves of an arm, means over its seeds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Curves {
    /// Share of errors (y) among the most confident share of rows (x).
    pub risk_coverage: Vec<Point>,
    /// Unknown unknowns (y) at τ = x.
    pub over_tau: Vec<Point>,
    /// The same after temperature scaling.
    pub over_tau_scaled: Vec<Point>,
    /// Confidence against accuracy.
    pub reliability: Vec<ReliabilityBin>,
    /// The same after temperature scaling.
    pub reliability_scaled: Vec<ReliabilityBin>,
}

impl Curves {
    /// The mean curves of an arm's runs on the same rows.
    pub fn new(runs: &[&[Graded]], scaled: &[&[Graded]]) -> Self {
        Self {
            risk_coverage: mean_risk_coverage(runs),
            over_tau: over_tau(runs),
            over_tau_scaled: over_tau(scaled),
            reliability: mean_reliability(runs),
            reliability_scaled: mean_reliability(scaled),
        }
    }
}

fn mean_risk_coverage(runs: &[&[Graded]]) -> Vec<Point> {
    let curves: Vec<Vec<f64>> = runs.iter().map(|run| risk_coverage(run)).collect();
    let rows = curves.first().map_or(0, Vec::len);
    let points = if rows == 0 { 0 } else { COVERAGE_POINTS };
    (1..=points)
        .map(|step| {
            let last = (step * rows).div_ceil(COVERAGE_POINTS) - 1;
            Point {
                x: step as f64 / COVERAGE_POINTS as f64,
                y: mean(curves.iter().map(|curve| curve[last])),
            }
        })
        .collect()
}

/// Where the risk–coverage curve of an arm crosses that of `control`, in words;
/// nothing where one of them makes fewer errors throughout. A difference of
/// less than one error, mean over seeds, counts as none.
pub(super) fn crossing(
    [arm, of_control]: [&[Point]; 2],
    rows: usize,
    control: &str,
) -> Option<String> {
    let more =
        |(arm, control): (&Point, &Point)| (arm.x, (arm.y - control.y) * arm.x * rows as f64);
    let differences: Vec<(f64, f64)> = arm.iter().zip(of_control).map(more).collect();
    let clear = differences.iter().filter(|(_, more)| more.abs() >= 1.0);
    let clear: Vec<&(f64, f64)> = clear.collect();
    let sides = clear.chunk_by(|(_, one), (_, next)| (*one > 0.0) == (*next > 0.0));
    let sides: Vec<&[&(f64, f64)]> = sides.collect();
    let (first, second) = (sides.first()?, sides.get(1)?);
    // The curves meet between the last clear point of one side and the first
    // of the next.
    let meet = |pair: &[&[&(f64, f64)]]| -> Option<String> {
        let (before, after) = (pair.first()?.last()?.0, pair.get(1)?.first()?.0);
        Some(format!("{:.0} %", 50.0 * (before + after)))
    };
    let places: Vec<String> = sides.windows(2).filter_map(meet).collect();
    let errors = |side: &&[&(f64, f64)]| match side.first().is_some_and(|(_, more)| *more > 0.0) {
        true => "more",
        false => "fewer",
    };
    let then = match places.len() {
        1 => format!(
            "{} errors below it, {} above",
            errors(first),
            errors(second)
        ),
        _ => format!(
            "{} errors below the first, {} above it, and so on",
            errors(first),
            errors(second)
        ),
    };
    Some(format!(
        "Its risk–coverage curve crosses that of {control} at a coverage of {}: {then} (means over \
         seeds).",
        places.join(" and ")
    ))
}

/// Unknown unknowns at τ = 0.50, 0.51, …, 0.99.
fn over_tau(runs: &[&[Graded]]) -> Vec<Point> {
    let errors = |run: &&[Graded]| -> Vec<f32> {
        let wrong = run.iter().filter(|row| !row.right);
        let mut confidences: Vec<f32> = wrong.map(|row| row.confidence).collect();
        confidences.sort_by(f32::total_cmp);
        confidences
    };
    let runs: Vec<Vec<f32>> = runs.iter().map(errors).collect();
    (50_u8..100)
        .map(|percent| {
            let tau = f32::from(percent) / 100.0;
            let from_tau = |errors: &Vec<f32>| errors.len() - errors.partition_point(|c| *c < tau);
            Point {
                x: f64::from(percent) / 100.0,
                y: mean(runs.iter().map(|errors| from_tau(errors) as f64)),
            }
        })
        .collect()
}

fn mean_reliability(runs: &[&[Graded]]) -> Vec<ReliabilityBin> {
    let tables: Vec<Vec<ReliabilityBin>> = runs
        .iter()
        .map(|run| reliability(run, CALIBRATION_BINS))
        .collect();
    let bins = tables.first().map_or(0, Vec::len);
    (0..bins)
        .map(|bin| {
            let part =
                |figure: fn(&ReliabilityBin) -> f64| mean(tables.iter().map(|t| figure(&t[bin])));
            ReliabilityBin {
                rows: part(|b| b.rows),
                confidence: part(|b| b.confidence),
                accuracy: part(|b| b.accuracy),
            }
        })
        .collect()
}
