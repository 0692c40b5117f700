//! Confident errors whose label, not the model, may be wrong.
//!
//! Confident learning (Northcutt, Jiang and Chuang 2021, arXiv 1911.00068)
//! ranks labels by self-confidence: the probability that a model gives to the
//! label of the data. A confidently wrong model is at odds with every label
//! of its unknown unknowns, so a second voice is heard that the model's head
//! has no part in: the labels of the nearest texts. Where these side with the
//! data the model has a blind spot; where they side with the model, the label
//! is suspect.

use std::cmp::Ordering;
use std::sync::Arc;

use super::{AnswerTable, Truths, UnknownUnknown};
use crate::inference::neighbours::nearest_among;
use crate::records::{Label, Role};
use crate::support::{Progress, Result};

/// Most neighbours whose labels are asked, and the least.
const MOST_NEIGHBOURS: usize = 50;
const LEAST_NEIGHBOURS: usize = 5;
/// Neighbours that a person is shown beside a suspect.
const SHOWN_NEIGHBOURS: usize = 8;

/// A confident error as a suspect: what speaks against its label.
#[derive(Debug, Clone, PartialEq)]
pub struct Suspect {
    /// Index into the data set.
    pub example: usize,
    /// The label of the data.
    pub given: Label,
    /// The model's label.
    pub predicted: Label,
    /// The model's confidence, 0 to 1.
    pub confidence: f32,
    /// Self-confidence: the probability that the model gives to the label of
    /// the data, 0 to 1.
    pub self_confidence: f32,
    /// How many nearest texts were asked; none without embeddings.
    pub asked: usize,
    /// How many of these have the label that the data gives this one.
    pub side_with_data: usize,
    /// How many have the label that the model says.
    pub side_with_model: usize,
    /// Indices of the nearest texts, nearest first: those that a person
    /// compares it with.
    pub neighbours: Vec<usize>,
    /// Sum of the logarithms of the self-confidence and of the share that
    /// sides with the data, smoothed by one neighbour of each kind: the lower,
    /// the more suspicious.
    pub score: f64,
}

/// The unknown unknowns of *discovery*, the most suspicious labels first.
///
/// Labels are those that the data give, corrected or not, so that the list
/// stays as it is while somebody works through it. Suspects and neighbours
/// are of *discovery* alone: *check* and *final* say how good a model is, and
/// whoever looked for wrong labels where a model errs there, and nowhere else,
/// would make every model look better.
///
/// # Errors
/// When cancelled.
pub fn suspects(answers: &AnswerTable, progress: &Progress) -> Result<Vec<Suspect>> {
    let answers = answers.under(Arc::new(Truths::default()), answers.tau());
    let errors = answers.unknown_unknowns(Role::Discovery);
    let errors: Vec<(usize, UnknownUnknown)> = errors
        .into_iter()
        .filter_map(|error| Some((answers.row_of(error.example)?, error)))
        .collect();
    let rows: Vec<usize> = errors.iter().map(|(row, _)| *row).collect();
    let found = nearest_others(&answers, &rows, progress)?;
    let suspects = errors.iter().zip(found);
    let mut suspects: Vec<Suspect> = suspects
        .map(|((row, error), others)| suspect(&answers, *row, *error, &others))
        .collect();
    suspects.sort_by(more_suspicious);
    Ok(suspects)
}

/// The rows of *discovery* nearest to each row, itself left out; none without
/// embeddings.
fn nearest_others(
    answers: &AnswerTable,
    rows: &[usize],
    progress: &Progress,
) -> Result<Vec<Vec<usize>>> {
    let width = answers.predictions().width();
    if width == 0 {
        return Ok(vec![Vec::new(); rows.len()]);
    }
    let among: Vec<usize> = answers.rows_of(Role::Discovery).collect();
    let count = (among.len() / 10).clamp(LEAST_NEIGHBOURS, MOST_NEIGHBOURS);
    let queries = rows.iter().flat_map(|row| answers.embedding(*row));
    let queries: Vec<f32> = queries.copied().collect();
    let points = (answers.predictions().embeddings(), among.as_slice());
    // A text is among its own nearest.
    let found = nearest_among(&queries, points, width, count + 1, progress)?;
    let others = rows.iter().zip(found).map(|(row, found)| {
        let others = found.iter().map(|neighbour| neighbour.row);
        others.filter(|other| other != row).take(count).collect()
    });
    Ok(others.collect())
}

fn suspect(answers: &AnswerTable, row: usize, error: UnknownUnknown, others: &[usize]) -> Suspect {
    let with = |label: Label| {
        let labels = others.iter().filter_map(|other| answers.truth(*other));
        labels.filter(|other| *other == label).count()
    };
    let side_with_data = with(error.true_label);
    let probabilities = (answers.predictions()).probabilities(row, answers.temperature());
    let given = probabilities.get(usize::from(error.true_label));
    let self_confidence = given.copied().unwrap_or_default();
    let share = (side_with_data + 1) as f64 / (others.len() + 2) as f64;
    let shown = others.iter().take(SHOWN_NEIGHBOURS);
    Suspect {
        example: error.example,
        given: error.true_label,
        predicted: error.predicted,
        confidence: error.confidence,
        self_confidence,
        asked: others.len(),
        side_with_data,
        side_with_model: with(error.predicted),
        neighbours: shown.map(|other| answers.index(*other)).collect(),
        score: share.ln() + f64::from(self_confidence.max(f32::MIN_POSITIVE)).ln(),
    }
}

fn more_suspicious(a: &Suspect, b: &Suspect) -> Ordering {
    a.score.total_cmp(&b.score).then(a.example.cmp(&b.example))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::Dataset;
    use crate::discovery::fixture::answers;
    use crate::inference::Predictions;
    use crate::inference::fixture::Fixture;
    use crate::records::{Judgements, Triage};

    /// Twenty texts of class 1 in one place and twenty of class 0 in another,
    /// all taken for class 1; one of "class 0" among those of class 1; and
    /// rows of *check* and *final* that look just like it.
    fn planted(width: usize) -> (Dataset, Predictions) {
        let mut fixture = Fixture::new(2, width);
        let mut add = |text: &str, label, role, place: [f32; 2]| {
            fixture.add(text, label, role, &[0.0, 4.0], &place[..width])
        };
        for at in 0..20 {
            let near = at as f32 / 100.0;
            add(&format!("right {at}"), 1, Role::Discovery, [1.0, near]);
            add(&format!("wrong {at}"), 0, Role::Discovery, [-1.0, near]);
        }
        add("planted", 0, Role::Discovery, [1.0, 0.105]);
        for role in [Role::Check, Role::Final] {
            add(&format!("{role}"), 0, role, [1.0, 0.104]);
        }
        fixture.build()
    }

    fn found(width: usize, triage: &Judgements) -> (Dataset, Vec<Suspect>) {
        let (dataset, predictions) = planted(width);
        let answers = answers(&dataset, &predictions, triage);
        let found = suspects(&answers, &Progress::silent()).expect("finds");
        (dataset, found)
    }

    #[test]
    fn a_label_at_odds_with_its_neighbours_is_the_first_suspect() {
        let (dataset, suspects) = found(2, &Judgements::new());
        assert_eq!(suspects.len(), 21, "errors of *discovery* alone");
        let first = &suspects[0];
        assert_eq!((first.example, first.given, first.predicted), (40, 0, 1));
        assert_eq!((first.side_with_data, first.side_with_model), (0, 5));
        let nearest: Vec<_> = first
            .neighbours
            .iter()
            .map(|i| &dataset.examples[*i])
            .collect();
        assert!(
            nearest
                .iter()
                .all(|near| near.role == Role::Discovery && near.label == 1)
        );
        let others = suspects[1..].iter();
        assert!({ others }.all(|other| other.side_with_data == other.asked));
    }

    #[test]
    fn a_judgement_does_not_move_the_list_under_the_hand_of_who_judges() {
        let (dataset, before) = found(2, &Judgements::new());
        let key = dataset.examples[40].key.clone();
        for triage in [Triage::WrongLabel(Some(1)), Triage::Ambiguous] {
            let (_, after) = found(2, &Judgements::from([(key.clone(), triage)]));
            assert_eq!(after, before);
        }
    }

    #[test]
    fn without_embeddings_self_confidence_alone_ranks() {
        let (_, suspects) = found(0, &Judgements::new());
        assert_eq!(suspects.len(), 21);
        assert!(
            suspects
                .iter()
                .all(|one| one.asked == 0 && one.neighbours.is_empty())
        );
        assert!(suspects.iter().all(|one| one.self_confidence < 0.1));
    }
}
