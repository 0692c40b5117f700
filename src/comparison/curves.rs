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
