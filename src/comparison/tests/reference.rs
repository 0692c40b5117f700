//! Figures that scipy, statsmodels and scikit-learn give for the same input;
//! `reference.py` beside this file made them.

use serde::Deserialize;

use crate::comparison::evaluation::Graded;
use crate::comparison::intervals::{Difference, holm, mcnemar, t_quantile, wilson};
use crate::comparison::metrics::{
    CALIBRATION_BINS, accuracy, area_under_risk_coverage, brier, calibration_error,
    errors_among_most_confident, reliability,
};

#[derive(Deserialize)]
struct Reference {
    wilson: Vec<Wilson>,
    mcnemar: Vec<McNemar>,
    holm: Vec<Holm>,
    t_quantiles: Vec<Quantile>,
    rows: Rows,
    difference: CrossedDifference,
}

#[derive(Deserialize)]
struct Wilson {
    count: f64,
    rows: usize,
    level: f64,
    lower: f64,
    upper: f64,
}

#[derive(Deserialize)]
struct McNemar {
    better: u64,
    worse: u64,
    p: f64,
}

#[derive(Deserialize)]
struct Holm {
    p_values: Vec<f64>,
    adjusted: Vec<f64>,
}

#[derive(Deserialize)]
struct Quantile {
    p: f64,
    df: f64,
    t: f64,
}

#[derive(Deserialize)]
struct Rows {
    confidence: Vec<f32>,
    right: Vec<bool>,
    accuracy: f64,
    brier: f64,
    calibration_error: f64,
    risk_coverage_area: f64,
    matched_errors: Vec<MatchedErrors>,
}

#[derive(Deserialize)]
struct MatchedErrors {
    c: usize,
    errors: f64,
}

#[derive(Deserialize)]
struct CrossedDifference {
    by_seed: Vec<f64>,
    resampled: Vec<Vec<f64>>,
    groups: usize,
    mean: f64,
    lower: f64,
    upper: f64,
    p_lower: f64,
}

fn reference() -> Reference {
    serde_json::from_str(include_str!("reference.json")).expect("the fixture is valid")
}

#[track_caller]
fn assert_close(ours: f64, theirs: f64) {
    let gap = (ours - theirs).abs();
    assert!(
        gap <= 1e-8 * theirs.abs().max(1.0),
        "{ours} is not {theirs}"
    );
}

#[test]
fn intervals_and_tests_agree_with_statsmodels() {
    let reference = reference();
    for case in reference.wilson {
        let ours = wilson(case.count, case.rows, case.level);
        assert_close(ours.lower, case.lower);
        assert_close(ours.upper, case.upper);
    }
    for case in reference.mcnemar {
        assert_close(mcnemar(case.better, case.worse), case.p);
    }
    for case in reference.holm {
        for (ours, theirs) in holm(&case.p_values).into_iter().zip(case.adjusted) {
            assert_close(ours, theirs);
        }
    }
}

#[test]
fn student_quantiles_agree_with_scipy() {
    for case in reference().t_quantiles {
        assert_close(t_quantile(case.p, case.df), case.t);
    }
}

#[test]
fn metrics_agree_with_an_independent_computation() {
    let rows = reference().rows;
    let graded: Vec<Graded> = (rows.confidence.iter().zip(&rows.right))
        .map(|(confidence, right)| Graded {
            confidence: *confidence,
            right: *right,
        })
        .collect();
    let bins = reliability(&graded, CALIBRATION_BINS);
    assert_close(accuracy(&graded), rows.accuracy);
    assert_close(brier(&graded), rows.brier);
    assert_close(calibration_error(&bins), rows.calibration_error);
    assert_close(area_under_risk_coverage(&graded), rows.risk_coverage_area);
    for case in rows.matched_errors {
        assert_close(errors_among_most_confident(&graded, case.c), case.errors);
    }
}

#[test]
fn the_interval_with_both_variances_agrees_with_numpy() {
    let case = reference().difference;
    let ours = Difference::crossed(&case.by_seed, &case.resampled, case.groups);
    assert_close(ours.mean, case.mean);
    assert_close(ours.interval.lower, case.lower);
    assert_close(ours.interval.upper, case.upper);
    assert_close(ours.p_lower(), case.p_lower);
}
