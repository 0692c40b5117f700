//! Probabilities as files write them: rounded, so that those of a row need not
//! sum to 1, the less the more classes there are.

use crate::support::{Error, Result};

/// How far from 1 a sum may be whatever the rounding: files hold numbers that
/// were cut instead of rounded, or computed in half precision.
const SUM_TOLERANCE: f64 = 0.05;

/// Number of decimals that a cell with a number was written with.
pub fn decimals(cell: &str) -> i32 {
    let cell = cell.trim();
    let (digits, exponent) = cell.split_once(['e', 'E']).unwrap_or((cell, "0"));
    let behind = digits.split_once('.').map_or(0, |(_, behind)| behind.len());
    // Of what is no number, nothing is taken.
    i32::try_from(behind).unwrap_or(0) - exponent.parse().unwrap_or(0)
}

/// Probabilities of a row's classes from what a file holds, rounded to so many
/// decimals. They sum to 1 but for what is left to the softmax: a sum that is
/// a little off is left as it is.
///
/// A larger difference is one that rounding can explain, and goes to the
/// classes that rounding may have taken it from: scaling would give it to the
/// most probable class, and make 0.50 beside a hundred rounded zeros a
/// certainty.
///
/// # Errors
/// When one is none, or rounding does not explain the sum.
pub fn sum_to_one(written: Vec<f32>, decimals: i32) -> Result<Vec<f32>> {
    let exact = || written.iter().map(|p| f64::from(*p));
    let sum: f64 = exact().sum();
    let hint = match (sum - 100.0).abs() <= 100.0 * SUM_TOLERANCE && exact().all(|p| p >= 0.0) {
        true => "they look like percent: divide them by 100",
        false => "apply the softmax to logits before you write them",
    };
    if let Some(p) = exact().find(|p| !(0.0..=1.0 + SUM_TOLERANCE).contains(p)) {
        return Err(Error::input(format!(
            "a probability lies between 0 and 1, here is {p:.3}"
        ))
        .hint(hint));
    }
    let missing = 1.0 - sum;
    if missing.abs() <= SUM_TOLERANCE {
        return Ok(written);
    }
    let half_a_place = 0.5 * 10_f64.powi(-decimals.max(1));
    let room = |p: f64| match missing > 0.0 {
        true => half_a_place.min(1.0 - p),
        false => half_a_place.min(p),
    };
    let all_room: f64 = exact().map(room).sum();
    // Ties are rounded either way, and no decimal is exact in binary.
    if missing.abs() <= all_room + 1e-6 {
        let shared = exact().map(|p| (p + missing * room(p) / all_room) as f32);
        return Ok(shared.collect());
    }
    Err(Error::input(format!(
        "the probabilities of the labels must sum to 1, here they sum to {sum:.3}, which rounding \
         does not explain"
    ))
    .hint(hint))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A row as a file has it, with so many decimals.
    fn row(probabilities: &[f32], places: usize) -> Vec<f32> {
        let cells = probabilities.iter().map(|p| format!("{p:.places$}"));
        cells.map(|cell| cell.parse().expect("a number")).collect()
    }

    #[test]
    fn many_classes_keep_their_confidence_through_rounding() {
        let mut half = [0.5 / 149.0; 150];
        half[7] = 0.5;
        let even = [1.0 / 150.0; 150];
        for (probabilities, places) in [(half, 2), (even, 2), (half, 3), (even, 3)] {
            let cells = row(&probabilities, places);
            let read = sum_to_one(cells, places as i32).expect("only rounded");
            let sum: f32 = read.iter().sum();
            for (read, wrote) in read.iter().zip(probabilities) {
                let off = (read / sum - wrote).abs();
                assert!(off < 0.006, "{wrote} became {read} at {places} decimals");
            }
        }
    }

    #[test]
    fn what_rounding_does_not_explain_is_refused() {
        let mut sigmoids = [0.0; 150];
        sigmoids[..3].copy_from_slice(&[0.9, 0.8, 0.7]);
        for (row, decimals) in [
            (sigmoids.to_vec(), 2),
            (vec![0.4, 0.4], 1),
            (vec![1.0, 1.0, 0.0], 0),
            (vec![0.33; 30], 2),
        ] {
            let error = sum_to_one(row.clone(), decimals).expect_err("no probabilities");
            assert!(error.to_string().contains("sum to"), "{row:?}");
        }
        assert!(
            sum_to_one(vec![-0.1, 1.1], 1).is_err(),
            "not between 0 and 1"
        );
        let percent = sum_to_one(vec![70.0, 29.9], 1).expect_err("percent");
        assert!(percent.remedy().is_some_and(|hint| hint.contains("100")));
        assert!(
            sum_to_one(vec![0.3; 3], 1).is_ok(),
            "thirds with one decimal"
        );
    }

    #[test]
    fn decimals_are_those_that_were_written() {
        let cells = [
            ("0.50", 2),
            ("1", 0),
            (" 1.5e-3 ", 4),
            ("2E-1", 1),
            (".25", 2),
        ];
        for (cell, wanted) in cells {
            assert_eq!(decimals(cell), wanted, "{cell}");
        }
    }
}
