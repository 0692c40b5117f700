//! What a model says about examples of a data set: the meeting point of our
//! own scoring, of stored results and of imported black-box predictions.

use std::sync::Arc;

use crate::records::Label;
use crate::support::{Error, Floats, Result};

/// The model's answer for one example.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Prediction {
    /// Most probable label.
    pub label: Label,
    /// Its probability, 0 to 1.
    pub confidence: f32,
}

impl Prediction {
    /// The answer of logits divided by a temperature.
    pub fn of(logits: &[f32], temperature: f32) -> Self {
        Self::among(&softmax(logits, temperature))
    }

    /// The most probable label, the first of equally probable ones.
    pub fn among(probabilities: &[f32]) -> Self {
        let mut best = 0;
        for (class, probability) in probabilities.iter().enumerate() {
            if *probability > probabilities[best] {
                best = class;
            }
        }
        Self {
            label: Label::try_from(best).unwrap_or(Label::MAX),
            confidence: probabilities.get(best).copied().unwrap_or(0.0),
        }
    }
}

/// Logits and embeddings of a model for some examples of a data set. Cheap to
/// clone: clones share the numbers, which may lie in a mapped file.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Predictions {
    /// Index into the data set of each row, ascending.
    examples: Arc<Vec<usize>>,
    classes: usize,
    /// `[rows, classes]`; for imported probabilities their logarithms.
    logits: Floats,
    width: usize,
    /// `[rows, width]`, L2-normalised; empty when the source gave none.
    embeddings: Floats,
}

impl Predictions {
    /// Puts predictions together and normalises the embeddings.
    ///
    /// `examples`: ascending indices; `logits`: `[rows, classes]`;
    /// `embeddings`: `[rows, width]` or empty with width 0.
    ///
    /// # Errors
    /// When the shapes do not fit each other.
    pub fn new(
        examples: Vec<usize>,
        classes: usize,
        logits: Vec<f32>,
        width: usize,
        mut embeddings: Vec<f32>,
    ) -> Result<Self> {
        if width > 0 {
            for row in embeddings.chunks_mut(width) {
                let norm = row.iter().map(|x| x * x).sum::<f32>().sqrt();
                if norm > 0.0 {
                    row.iter_mut().for_each(|x| *x /= norm);
                }
            }
        }
        Self::restore(examples, classes, logits, width, embeddings)
    }

    /// As [`Predictions::new`] for rows in any order, which are put in that of
    /// the data set without a second copy.
    ///
    /// # Errors
    /// When the shapes do not fit each other.
    pub fn in_any_order(
        mut examples: Vec<usize>,
        classes: usize,
        mut logits: Vec<f32>,
        width: usize,
        mut embeddings: Vec<f32>,
    ) -> Result<Self> {
        let rows = examples.len();
        let fit = logits.len() == rows * classes && embeddings.len() == rows * width;
        if fit && !examples.is_sorted() {
            let mut order: Vec<usize> = (0..rows).collect();
            order.sort_by_key(|row| examples[*row]);
            reorder(&mut logits, classes, &order);
            reorder(&mut embeddings, width, &order);
            examples.sort_unstable();
        }
        Self::new(examples, classes, logits, width, embeddings)
    }

    /// Puts stored predictions together again, bit for bit: like
    /// [`Predictions::new`], but the embeddings are normalised already.
    ///
    /// # Errors
    /// When the shapes do not fit each other.
    pub fn restore(
        examples: impl Into<Arc<Vec<usize>>>,
        classes: usize,
        logits: impl Into<Floats>,
        width: usize,
        embeddings: impl Into<Floats>,
    ) -> Result<Self> {
        let (examples, logits, embeddings) = (examples.into(), logits.into(), embeddings.into());
        let rows = examples.len();
        if logits.len() != rows * classes || embeddings.len() != rows * width {
            return Err(Error::program(format!(
                "predictions for {rows} examples have {} logits and {} embedding values \
                 instead of {rows} × {classes} and {rows} × {width}",
                logits.len(),
                embeddings.len()
            )));
        }
        if !examples.is_sorted() {
            return Err(Error::program(
                "predictions are not in the order of the data set",
            ));
        }
        Ok(Self {
            examples,
            classes,
            logits,
            width,
            embeddings,
        })
    }

    /// The rows whose example is wanted, bit for bit.
    ///
    /// # Errors
    /// Never for predictions that were put together.
    pub fn only(&self, wanted: impl Fn(usize) -> bool) -> Result<Self> {
        let rows: Vec<_> = self.rows().filter(|row| wanted(row.0)).collect();
        if rows.len() == self.len() {
            return Ok(self.clone());
        }
        self.gathered(rows)
    }

    /// Each row: its example, where it lies, and its number there.
    fn rows(&self) -> impl Iterator<Item = (usize, &Self, usize)> {
        (0..self.len()).map(move |row| (self.examples[row], self, row))
    }

    /// Some rows, of predictions with as many classes and of this width.
    fn gathered(&self, rows: Vec<(usize, &Self, usize)>) -> Result<Self> {
        let all = |values: fn(&Self, usize) -> &[f32]| -> Vec<f32> {
            let parts = rows.iter().flat_map(|(_, of, row)| values(of, *row));
            parts.copied().collect()
        };
        Self::restore(
            rows.iter()
                .map(|(example, ..)| *example)
                .collect::<Vec<_>>(),
            self.classes,
            all(Self::logits),
            self.width,
            all(Self::embedding),
        )
    }

    /// The same for labels, each of which some classes mean: their
    /// probabilities are added up, and what other classes had is shared out
    /// among all labels.
    ///
    /// # Errors
    /// When there is no such class.
    pub fn of_classes(&self, labels: &[Vec<usize>]) -> Result<Self> {
        if labels.iter().flatten().any(|class| *class >= self.classes) {
            return Err(Error::program("there is no such class"));
        }
        let added = |row: usize, classes: &[usize]| {
            let logits = self.logits(row);
            let of_label = || classes.iter().map(|class| logits[*class]);
            let top = of_label().fold(f32::NEG_INFINITY, f32::max);
            match classes.len() {
                1 => top,
                _ => top + of_label().map(|x| (x - top).exp()).sum::<f32>().ln(),
            }
        };
        let rows = 0..self.len();
        let logits = rows.flat_map(|row| labels.iter().map(move |classes| added(row, classes)));
        let (examples, embeddings) = (Arc::clone(&self.examples), self.embeddings.clone());
        let logits: Vec<f32> = logits.collect();
        Self::restore(examples, labels.len(), logits, self.width, embeddings)
    }

    /// The same without what the model answers.
    ///
    /// # Errors
    /// Never for predictions that were put together.
    pub fn embeddings_only(&self) -> Result<Self> {
        let (examples, embeddings) = (Arc::clone(&self.examples), self.embeddings.clone());
        Self::restore(examples, 0, Vec::new(), self.width, embeddings)
    }

    /// These rows and those of other examples together.
    ///
    /// # Errors
    /// When the numbers of classes or the widths differ, or when both have a
    /// row for the same example.
    pub fn joined(&self, other: &Self) -> Result<Self> {
        let sizes = |of: &Self| (of.classes, of.width);
        let mut rows: Vec<_> = self.rows().chain(other.rows()).collect();
        rows.sort_by_key(|(example, ..)| *example);
        let twice = rows.windows(2).any(|pair| pair[0].0 == pair[1].0);
        if sizes(self) != sizes(other) || twice {
            return Err(Error::program(
                "predictions that do not fit each other cannot be joined",
            ));
        }
        self.gathered(rows)
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.examples.len()
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.examples.is_empty()
    }

    /// Number of classes.
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// Width of the embeddings; 0 when there are none.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Index into the data set of each row, ascending.
    pub fn examples(&self) -> &[usize] {
        &self.examples
    }

    /// The row that holds an example, if it was scored.
    pub fn row_of(&self, example: usize) -> Option<usize> {
        self.examples.binary_search(&example).ok()
    }

    /// All logits, `[rows, classes]`.
    pub fn all_logits(&self) -> &[f32] {
        &self.logits
    }

    /// Logits of a row.
    pub fn logits(&self, row: usize) -> &[f32] {
        &self.logits[row * self.classes..(row + 1) * self.classes]
    }

    /// L2-normalised embedding of a row; empty when there are none.
    pub fn embedding(&self, row: usize) -> &[f32] {
        &self.embeddings[row * self.width..(row + 1) * self.width]
    }

    /// All embeddings, `[rows, width]`.
    pub fn embeddings(&self) -> &[f32] {
        &self.embeddings
    }

    /// Probabilities of a row after dividing the logits by a temperature.
    pub fn probabilities(&self, row: usize, temperature: f32) -> Vec<f32> {
        softmax(self.logits(row), temperature)
    }

    /// The answer of a row after dividing the logits by a temperature.
    pub fn prediction(&self, row: usize, temperature: f32) -> Prediction {
        Prediction::of(self.logits(row), temperature)
    }

    /// The answer for an example of the data set, if it was scored.
    pub fn of_example(&self, example: usize, temperature: f32) -> Option<Prediction> {
        Some(self.prediction(self.row_of(example)?, temperature))
    }
}

/// Moves rows so that each place holds what `order` says lay there: along the
/// cycles of the order, by swapping.
fn reorder(values: &mut [f32], width: usize, order: &[usize]) {
    let mut moved = vec![false; order.len()];
    for start in 0..order.len() {
        let mut to = start;
        while !moved[to] {
            moved[to] = true;
            let from = order[to];
            if from == start {
                break;
            }
            for column in 0..width {
                values.swap(to * width + column, from * width + column);
            }
            to = from;
        }
    }
}

/// Softmax of logits divided by a temperature, computed in double precision so
/// that confidences near 1 keep their order.
pub fn softmax(logits: &[f32], temperature: f32) -> Vec<f32> {
    let scaled = |x: f32| f64::from(x) / f64::from(temperature);
    let top = logits.iter().map(|x| scaled(*x)).fold(f64::MIN, f64::max);
    let powers: Vec<f64> = logits.iter().map(|x| (scaled(*x) - top).exp()).collect();
    let sum: f64 = powers.iter().sum();
    powers.iter().map(|p| (p / sum) as f32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn two_rows() -> Predictions {
        Predictions::new(
            vec![3, 7],
            2,
            vec![0.0, 2.0, 5.0, 1.0],
            2,
            vec![3.0, 4.0, 0.0, 0.0],
        )
        .expect("shapes fit")
    }

    #[test]
    fn finds_rows_by_example_and_normalises() {
        let predictions = two_rows();
        assert_eq!(predictions.row_of(7), Some(1));
        assert_eq!(predictions.row_of(4), None);
        assert_eq!(predictions.embedding(0), &[0.6, 0.8]);
        assert_eq!(predictions.embedding(1), &[0.0, 0.0]);
    }

    #[test]
    fn a_higher_temperature_lowers_confidence_but_not_the_label() {
        let predictions = two_rows();
        let cold = predictions.prediction(0, 1.0);
        let warm = predictions.prediction(0, 4.0);
        assert_eq!((cold.label, warm.label), (1, 1));
        assert!(warm.confidence < cold.confidence);
    }

    #[test]
    fn parts_are_taken_and_joined_bit_for_bit() {
        let rows = 50;
        let values = |count: usize| (0..count).map(|i| (i as f32 * 0.37).sin()).collect();
        let whole = Predictions::new(
            (0..rows).collect(),
            3,
            values(rows * 3),
            5,
            values(rows * 5),
        )
        .expect("shapes fit");
        let even = whole.only(|index| index % 2 == 0).expect("a part");
        let odd = whole.only(|index| index % 2 == 1).expect("a part");
        assert_eq!(odd.joined(&even).expect("fit"), whole);
        assert!(even.joined(&whole).is_err(), "rows were there twice");
        let without = odd.embeddings_only().expect("a part");
        assert!(even.joined(&without).is_err(), "other numbers of classes");
        assert_eq!(without.embedding(3), odd.embedding(3));
    }

    #[test]
    fn rows_in_any_order_are_put_in_that_of_the_data_set() {
        let rows: usize = 60;
        let values = |row: usize, width: usize| (0..width).map(move |i| (row * 7 + i + 1) as f32);
        let all = |rows: &[usize], width: usize| -> Vec<f32> {
            rows.iter().flat_map(|row| values(*row, width)).collect()
        };
        let sorted: Vec<usize> = (0..rows).map(|row| 2 * row).collect();
        // 7 and 60 have no common divisor, so every row comes once.
        let mixed: Vec<usize> = (0..rows).map(|row| 2 * (row * 7 % rows)).collect();
        let put = |examples: &[usize]| {
            let (logits, embeddings) = (all(examples, 3), all(examples, 5));
            Predictions::in_any_order(examples.to_vec(), 3, logits, 5, embeddings)
        };
        assert_eq!(put(&mixed).expect("fit"), put(&sorted).expect("fit"));
        assert!(Predictions::in_any_order(vec![1, 0], 2, vec![0.0], 0, vec![]).is_err());
    }

    #[test]
    fn shapes_must_fit() {
        assert!(Predictions::new(vec![0], 2, vec![0.0], 0, vec![]).is_err());
    }
}
