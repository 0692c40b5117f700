//! Temperature scaling: one number that the logits are divided by, so that
//! confidences on *validation* mean what they say.
//!
//! Guo, Pleiss, Sun, Weinberger: On Calibration of Modern Neural Networks,
//! ICML 2017.

use crate::dataset::Dataset;
use crate::discovery::Truths;
use crate::inference::Predictions;
use crate::records::Role;

/// With fewer rows a temperature would be fitted to noise.
const LEAST_ROWS: usize = 30;
/// Temperatures outside are signs of a degenerate fit, not of calibration.
const RANGE: std::ops::RangeInclusive<f64> = 0.1..=10.0;
/// Differences between logits beyond this (a probability of 10⁻⁴³) count as
/// this, so that an imported probability of 0 keeps the likelihood finite.
const WIDEST_GAP: f64 = 100.0;

/// A fitted temperature, or the reason why there is none.
#[derive(Debug, Clone, PartialEq)]
pub struct Calibration {
    /// What to divide logits by; 1 when nothing could be fitted.
    pub temperature: f32,
    /// Rows of *validation* it was fitted on.
    pub rows: usize,
    /// Mean negative log-likelihood per row at temperature 1, in nats.
    pub loss_before: f64,
    /// The same at the fitted temperature.
    pub loss_after: f64,
    /// Why the temperature stayed at 1, if it did.
    pub note: Option<String>,
}

/// One row: logits relative to the largest, and the true class.
type Row = (Vec<f64>, usize);

/// Fits the temperature that minimises the negative log-likelihood of the
/// labels of *validation*.
///
/// The loss is convex in the inverse temperature, so its derivative has one
/// zero, found by bisection. Too few rows, or a zero outside 0.1 to 10 (for
/// instance because every row is right), leave the temperature at 1, with a
/// note.
pub fn fit_temperature(
    dataset: &Dataset,
    predictions: &Predictions,
    truths: &Truths,
) -> Calibration {
    let is_validation = |index: usize| {
        let example = dataset.examples.get(index);
        example.is_some_and(|example| example.role == Role::Validation)
    };
    let examples = predictions.examples().iter().enumerate();
    let rows: Vec<Row> = examples
        .filter(|(_, index)| is_validation(**index))
        .filter_map(|(row, index)| {
            let truth = truths.of(dataset, *index)?;
            relative_logits(predictions.logits(row), usize::from(truth))
        })
        .collect();
    let unscaled = |note: String| Calibration {
        temperature: 1.0,
        rows: rows.len(),
        loss_before: mean_loss(&rows, 1.0),
        loss_after: mean_loss(&rows, 1.0),
        note: Some(note),
    };
    if rows.len() < LEAST_ROWS {
        return unscaled(format!(
            "confidences are not temperature-scaled: validation has {} scored rows, \
             {LEAST_ROWS} are needed",
            rows.len()
        ));
    }
    let (mut low, mut high) = (1.0 / RANGE.end(), 1.0 / RANGE.start());
    if slope(&rows, low) >= 0.0 || slope(&rows, high) <= 0.0 {
        return unscaled(
            "confidences are not temperature-scaled: the model is right, or wrong, on \
             practically all of validation, so no temperature fits best"
                .to_owned(),
        );
    }
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if slope(&rows, middle) < 0.0 {
            low = middle;
        } else {
            high = middle;
        }
    }
    let inverse = 0.5 * (low + high);
    Calibration {
        temperature: (1.0 / inverse) as f32,
        rows: rows.len(),
        loss_before: mean_loss(&rows, 1.0),
        loss_after: mean_loss(&rows, inverse),
        note: None,
    }
}

/// Logits minus their maximum; `None` for rows that are not numbers or whose
/// label the model does not know.
fn relative_logits(logits: &[f32], class: usize) -> Option<Row> {
    let top = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    if class >= logits.len() || !top.is_finite() || logits.iter().any(|x| x.is_nan()) {
        return None;
    }
    let relative = logits
        .iter()
        .map(|x| (f64::from(*x) - f64::from(top)).max(-WIDEST_GAP))
        .collect();
    Some((relative, class))
}

/// Mean negative log-likelihood at an inverse temperature; 0 without rows.
fn mean_loss(rows: &[Row], inverse: f64) -> f64 {
    let total: f64 = rows
        .iter()
        .map(|(logits, class)| {
            let sum: f64 = logits.iter().map(|x| (inverse * x).exp()).sum();
            sum.ln() - inverse * logits[*class]
        })
        .sum();
    total / rows.len().max(1) as f64
}

/// Derivative of the summed loss by the inverse temperature: expected minus
/// true logit, summed.
fn slope(rows: &[Row], inverse: f64) -> f64 {
    rows.iter()
        .map(|(logits, class)| {
            let (mut sum, mut weighted) = (0.0, 0.0);
            for x in logits {
                let power = (inverse * x).exp();
                sum += power;
                weighted += power * x;
            }
            weighted / sum - logits[*class]
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inference::fixture::Fixture;
    use rand::Rng as _;

    /// Validation rows drawn from softmax(logits), reported `factor` times too
    /// large.
    fn validation(rows: usize, factor: f32) -> (Dataset, Predictions) {
        let mut rng = crate::support::rng::seeded(7, "calibration test");
        let mut fixture = Fixture::new(2, 0);
        for i in 0..rows {
            let logit: f32 = rng.gen_range(-3.0..3.0);
            let label = u16::from(rng.gen_bool(f64::from(1.0 / (1.0 + (-logit).exp()))));
            let logits = [0.0, logit * factor];
            fixture.add(&format!("row {i}"), label, Role::Validation, &logits, &[]);
        }
        fixture.build()
    }

    #[test]
    fn recovers_the_factor_by_which_logits_are_too_large() {
        let (dataset, predictions) = validation(4000, 2.5);
        let fitted = fit_temperature(&dataset, &predictions, &Truths::default());
        assert!((fitted.temperature - 2.5).abs() < 0.25, "{fitted:?}");
        assert!(fitted.loss_after < fitted.loss_before);
        assert_eq!(fitted.note, None);
    }

    #[test]
    fn stays_at_one_when_there_is_nothing_to_fit() {
        let (dataset, predictions) = validation(10, 1.0);
        let few = fit_temperature(&dataset, &predictions, &Truths::default());
        assert_eq!(few.temperature, 1.0);
        assert!(few.note.is_some());

        let mut all_right = Fixture::new(2, 0);
        for i in 0..50 {
            all_right.add(&format!("{i}"), 1, Role::Validation, &[0.0, 2.0], &[]);
        }
        let (dataset, predictions) = all_right.build();
        let perfect = fit_temperature(&dataset, &predictions, &Truths::default());
        assert_eq!(perfect.temperature, 1.0);
        assert!(perfect.note.is_some());
    }

    #[test]
    fn impossible_probabilities_and_missing_numbers_do_not_poison_the_fit() {
        let (dataset, predictions) = validation(200, 1.0);
        let mut fixture = Fixture::new(2, 0);
        for (row, index) in predictions.examples().iter().enumerate() {
            let example = &dataset.examples[*index];
            let text = format!("row {row}");
            fixture.add(
                &text,
                example.label,
                Role::Validation,
                predictions.logits(row),
                &[],
            );
        }
        fixture.add("zero", 0, Role::Validation, &[f32::NEG_INFINITY, 0.0], &[]);
        fixture.add("nan", 0, Role::Validation, &[f32::NAN, 0.0], &[]);
        let (dataset, predictions) = fixture.build();
        let fitted = fit_temperature(&dataset, &predictions, &Truths::default());
        assert_eq!(fitted.rows, 201);
        assert!(fitted.temperature.is_finite() && fitted.loss_after.is_finite());
    }
}
