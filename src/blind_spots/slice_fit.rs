//! How well blind spots find a known slice of errors, for instance one that
//! was planted: the blind spot that fits it best, by F1.

use std::collections::BTreeSet;

use crate::records::{BlindSpotId, ExampleKey, Snapshot};

/// The blind spot that fits a slice best.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SliceFit {
    /// The blind spot.
    pub blind_spot: BlindSpotId,
    /// Share of its members that belong to the slice.
    pub precision: f64,
    /// Share of the slice's unknown unknowns that it holds.
    pub recall: f64,
}

impl SliceFit {
    /// Harmonic mean of precision and recall.
    pub fn f1(&self) -> f64 {
        let sum = self.precision + self.recall;
        if sum == 0.0 {
            0.0
        } else {
            2.0 * self.precision * self.recall / sum
        }
    }
}

/// The blind spot with the highest F1 for the unknown unknowns of a slice, the
/// earlier of equals; `None` when no blind spot holds any of them.
///
/// `slice`: the slice's examples. Only those that are in some blind spot, that
/// is, unknown unknowns, count towards recall.
pub fn best_fit(snapshot: &Snapshot, slice: &BTreeSet<ExampleKey>) -> Option<SliceFit> {
    let held =
        |spot: &crate::records::BlindSpot| spot.members().filter(|key| slice.contains(key)).count();
    let total: usize = snapshot.blind_spots.iter().map(held).sum();
    (snapshot.blind_spots.iter())
        .filter(|spot| held(spot) > 0)
        .map(|spot| SliceFit {
            blind_spot: spot.id,
            precision: held(spot) as f64 / spot.size() as f64,
            recall: held(spot) as f64 / total as f64,
        })
        .reduce(|best, fit| if fit.f1() > best.f1() { fit } else { best })
}
