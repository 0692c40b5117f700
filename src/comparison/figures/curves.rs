//! The curves of an arm: what each shows, and where its points come from.

use crate::comparison::curves::{Curves, Point};
use crate::comparison::metrics::ReliabilityBin;

/// A point of a curve.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CurvePoint {
    /// Where on the first axis.
    pub x: f64,
    /// Where on the second.
    pub y: f64,
    /// Rows behind the point, where it is of some of them only.
    pub rows: Option<f64>,
}

/// A curve of an arm over a whole range. Descriptive: no verdict rests on it.
#[derive(Debug, Clone, Copy)]
pub struct Curve {
    /// What it is called.
    pub name: &'static str,
    /// Its name in the column `curve` of files.
    pub key: &'static str,
    /// What it is, in a sentence or two.
    pub meaning: &'static str,
    /// What the axes show.
    pub axes: [&'static str; 2],
    /// Whether each arm has points of its own on the first axis.
    pub own_x: bool,
    /// Its points.
    pub points: fn(&Curves) -> Vec<CurvePoint>,
    /// The same after temperature scaling, where that makes a difference.
    pub scaled: Option<fn(&Curves) -> Vec<CurvePoint>>,
}

impl Curve {
    /// The points, scaled if that is asked for and there is such a curve.
    pub fn of(&self, curves: &Curves, scaled: bool) -> Vec<CurvePoint> {
        let read = self.scaled.filter(|_| scaled).unwrap_or(self.points);
        read(curves)
    }
}

/// All curves.
pub const CURVES: &[Curve] = &[
    Curve {
        name: "Confident errors over τ",
        key: "unknown unknowns over τ",
        meaning: "Unknown unknowns for each τ: a higher τ keeps only the most confident errors.",
        axes: ["τ", "unknown unknowns"],
        own_x: false,
        points: |curves| line(&curves.over_tau),
        scaled: Some(|curves| line(&curves.over_tau_scaled)),
    },
    Curve {
        name: "Risk and coverage",
        key: "risk over coverage",
        meaning: "Coverage is the share of texts that one would let the model decide alone, most \
                  confident first; risk is the share of errors among them.",
        axes: ["coverage", "share of errors"],
        own_x: false,
        points: |curves| line(&curves.risk_coverage),
        scaled: None,
    },
    Curve {
        name: "Reliability",
        key: "accuracy over confidence",
        meaning: "How often the model is right when it is so sure, in bins of equally many rows. \
                  Below the diagonal it is surer than it should be.",
        axes: ["confidence", "share of right answers"],
        own_x: true,
        points: |curves| bins(&curves.reliability),
        scaled: Some(|curves| bins(&curves.reliability_scaled)),
    },
];

fn line(points: &[Point]) -> Vec<CurvePoint> {
    let point = |point: &Point| CurvePoint {
        x: point.x,
        y: point.y,
        rows: None,
    };
    points.iter().map(point).collect()
}

fn bins(bins: &[ReliabilityBin]) -> Vec<CurvePoint> {
    let point = |bin: &ReliabilityBin| CurvePoint {
        x: bin.confidence,
        y: bin.accuracy,
        rows: Some(bin.rows),
    };
    bins.iter().map(point).collect()
}
