//! What leads on from a model none of whose errors reaches τ.

use super::AnswerTable;
use crate::records::Role;

/// As many errors are looked for: of fewer there is but one blind spot, and
/// little to teach in it.
const ENOUGH: usize = 20;
/// τ is proposed in hundredths.
const STEPS: f32 = 100.0;

/// The least confidence that an answer among so many labels can have, rounded
/// down to thousandths: a lower τ finds nothing more.
pub fn lowest_tau(labels: usize) -> f32 {
    (1000.0 / labels.max(1) as f32).floor().max(1.0) / 1000.0
}

/// What leads on where *discovery* has no error with confidence τ or more.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WaysOn {
    /// Rows of *discovery* that somebody can say the label of.
    pub rows: usize,
    /// Those of them that the model gets wrong, with whatever confidence.
    pub errors: usize,
    /// A τ that enough errors reach, and how many do; none without errors.
    pub tau: Option<(f32, usize)>,
    /// How many errors reach τ where confidences are temperature-scaled, or no
    /// longer are.
    pub rescaled: usize,
}

impl WaysOn {
    /// Looks for ways on; `rescaled` are the same answers at the other
    /// temperature.
    pub fn new(answers: &AnswerTable, rescaled: &AnswerTable) -> Self {
        let rows = answers.rows_of(Role::Discovery);
        let rows: Vec<usize> = rows.filter(|row| answers.truth(*row).is_some()).collect();
        let errors = rows.iter().filter_map(|row| answers.error(*row));
        let mut confidences: Vec<f32> = errors.map(|error| error.confidence).collect();
        confidences.sort_by(|a, b| b.total_cmp(a));
        Self {
            rows: rows.len(),
            errors: confidences.len(),
            tau: proposed(&confidences, lowest_tau(answers.dataset().labels.len())),
            rescaled: rescaled.unknown_unknowns(Role::Discovery).len(),
        }
    }
}

/// The highest τ that enough of some confidences reach, which descend; and how
/// many do.
fn proposed(confidences: &[f32], lowest: f32) -> Option<(f32, usize)> {
    let last = confidences.get(ENOUGH - 1).or(confidences.last())?;
    let tau = ((last * STEPS).floor() / STEPS).max(lowest);
    // Rounding may lift it above the last one.
    let reached = |tau: f32| confidences.partition_point(|confidence| *confidence >= tau);
    let tau = if reached(tau) == 0 { lowest } else { tau };
    Some((tau, reached(tau)))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::discovery::Truths;
    use crate::inference::fixture::Fixture;

    #[test]
    fn tau_is_proposed_where_enough_errors_begin_and_not_below_chance() {
        let many: Vec<f32> = (0..60).map(|i| 0.899 - 0.01 * i as f32).collect();
        let (tau, reached) = proposed(&many, 0.083).expect("errors");
        assert!((tau - 0.70).abs() < 1e-6, "{tau}");
        assert_eq!(reached, ENOUGH);
        let (tau, reached) = proposed(&[0.41, 0.35], 0.083).expect("errors");
        assert!(
            (tau - 0.35).abs() < 1e-6 && reached >= 1,
            "{tau}, {reached}"
        );
        assert_eq!(proposed(&[0.503], 0.5), Some((0.5, 1)));
        assert_eq!(proposed(&[], 0.5), None);
    }

    #[test]
    fn chance_is_the_floor() {
        assert_eq!(lowest_tau(2), 0.5);
        assert_eq!(lowest_tau(12), 0.083);
        assert_eq!(lowest_tau(0), 1.0);
        assert!(lowest_tau(5_000) > 0.0);
    }

    #[test]
    fn errors_of_discovery_alone_count_and_scaling_is_tried() {
        let mut fixture = Fixture::new(3, 0);
        for (number, logit) in [0.9_f32, 0.6, 0.3].into_iter().enumerate() {
            let text = format!("wrong {number}");
            fixture.add(&text, 0, Role::Discovery, &[0.0, logit, 0.0], &[]);
        }
        fixture.add("right", 1, Role::Discovery, &[0.0, 2.0, 0.0], &[]);
        fixture.add("elsewhere", 0, Role::Check, &[0.0, 2.0, 0.0], &[]);
        let (dataset, predictions) = fixture.build();
        let (dataset, predictions) = (Arc::new(dataset), Arc::new(predictions));
        let truths = Arc::new(Truths::default());
        let at = |temperature| {
            let (dataset, predictions) = (Arc::clone(&dataset), Arc::clone(&predictions));
            AnswerTable::new(dataset, predictions, Arc::clone(&truths), 0.9, temperature)
        };
        let found = WaysOn::new(&at(1.0), &at(0.1));
        assert_eq!((found.rows, found.errors, found.rescaled), (4, 3, 3));
        let (tau, reached) = found.tau.expect("errors");
        assert!(tau < 0.5 && reached == 3, "{tau}: {reached}");
    }
}
