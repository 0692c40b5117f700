//! What attention knows of the distance between two tokens, and what that adds
//! to a score: a bias for each bucket of distances (MPNet: Song et al. 2020,
//! buckets after Raffel et al. 2020), or disentangled attention, in which
//! tokens ask for distances and distances for tokens (DeBERTa: He et al. 2021).
//!
//! Distances are those from the key to the query: positive where the key
//! stands in front.

use crate::model::config::{Config, Disentangled, Distances, MPNET_BUCKETS};
use crate::model::pack::Pack;

/// The row of the table of distances for every pair of tokens of a pack.
#[derive(Debug, Clone, Default)]
pub struct DistanceRows {
    /// The longest sequence that `rows` reach for.
    longest: usize,
    /// Tokens of the longest sequence of the pack.
    longest_of_pack: usize,
    /// Row of each distance, from that of the first query to the last key to
    /// that of the last query to the first key, falling: what a query sees
    /// from key to key lies side by side.
    rows: Vec<u32>,
    /// Where the rows of each sequence begin in a list of all, and last where
    /// they end.
    starts: Vec<usize>,
}

impl DistanceRows {
    /// Fills in the rows for a pack; nothing where distances count for nothing.
    pub fn refill(&mut self, config: &Config, pack: &Pack) {
        let lengths = pack.offsets().windows(2).map(|ends| ends[1] - ends[0]);
        let longest = lengths.max().unwrap_or(0);
        self.longest_of_pack = longest;
        if longest > self.longest {
            self.longest = longest;
            self.rows = rows(config, longest);
        }
        self.starts.clear();
        if self.rows.is_empty() {
            return;
        }
        self.starts.push(0);
        let mut end = 0;
        for ends in pack.offsets().windows(2) {
            end += self.used(ends[1] - ends[0]).len();
            self.starts.push(end);
        }
    }

    /// Rows of DeBERTa's table that sequences of up to this length use.
    pub fn used(&self, length: usize) -> std::ops::Range<usize> {
        let middle = self.longest.saturating_sub(1);
        let length = length.max(1) - 1;
        match (
            self.rows.get(middle - length),
            self.rows.get(middle + length),
        ) {
            (Some(a), Some(b)) => {
                let (a, b) = (*a as usize, *b as usize);
                a.min(b)..a.max(b) + 1
            }
            _ => 0..0,
        }
    }

    /// Rows that the longest sequence of the pack uses.
    pub fn all_used(&self) -> std::ops::Range<usize> {
        self.used(self.longest_of_pack)
    }

    /// Where the rows of each sequence begin in a list of all.
    pub fn starts(&self) -> &[usize] {
        &self.starts
    }

    /// Rows for a query at place `query` of its sequence and the keys from
    /// place `key` on.
    pub fn from(&self, query: usize, key: usize) -> &[u32] {
        &self.rows[key + self.longest - 1 - query..]
    }
}

/// The rows for all distances in a sequence of this length, falling.
fn rows(config: &Config, longest: usize) -> Vec<u32> {
    let reach = longest as i64 - 1;
    let distances = (-reach..=reach).rev();
    match &config.distances {
        Distances::Biased(_) => distances.map(mpnet_bucket).collect(),
        Distances::Disentangled(shape) if shape.relative => distances
            .map(|distance| deberta_row(shape, distance))
            .collect(),
        Distances::Disentangled(_) | Distances::Untold | Distances::Rotary(_) => Vec::new(),
    }
}

/// Buckets of MPNet: the near ones each have their own, then logarithmic ones,
/// half of them for keys behind the query.
fn mpnet_bucket(distance: i64) -> u32 {
    const FARTHEST: f32 = 128.0;
    let half = MPNET_BUCKETS as u32 / 2;
    let exact = half / 2;
    let behind = if distance < 0 { half } else { 0 };
    let far = distance.unsigned_abs() as u32;
    if far < exact {
        return behind + far;
    }
    // Single precision, as transformers has it: the borders depend on it.
    let share =
        (far as f32 / exact as f32).ln() / (f64::from(FARTHEST) / f64::from(exact)).ln() as f32;
    let bucket = exact + (share * (half - exact) as f32) as u32;
    behind + bucket.min(half - 1)
}

/// Row of DeBERTa's table: the near distances each have their own, then
/// logarithmic buckets.
fn deberta_row(shape: &Disentangled, distance: i64) -> u32 {
    let bucket = match shape.buckets {
        0 => distance,
        buckets => log_bucket(distance, buckets as i64, shape.farthest as i64),
    };
    let span = shape.span as i64;
    (bucket + span).clamp(0, 2 * span - 1) as u32
}

fn log_bucket(distance: i64, buckets: i64, farthest: i64) -> i64 {
    let middle = buckets / 2;
    let far = distance.abs();
    if far <= middle {
        return distance;
    }
    // Single precision, as transformers has it.
    let share = (far as f32 / middle as f32).ln() / ((farthest - 1) as f32 / middle as f32).ln();
    let steps = (share * (middle - 1) as f32).ceil() as i64;
    distance.signum() * (steps + middle)
}

/// What distances add to the scores of one block, borrowed.
#[derive(Clone, Copy)]
pub enum Terms<'a> {
    /// Nothing.
    None,
    /// A bias for each row and head, `[rows, heads]`.
    Biased(&'a [f32], &'a DistanceRows),
    /// Keys and queries of distances.
    Disentangled(Projections<'a>),
}

/// Keys and queries that a block makes of the rows in use, `[rows, hidden]`
/// each; either may be empty.
#[derive(Clone, Copy)]
pub struct Projections<'a> {
    /// What tokens ask.
    pub keys: &'a [f32],
    /// What asks tokens.
    pub queries: &'a [f32],
    /// The rows; the first in use is the first of `keys` and `queries`.
    pub rows: &'a DistanceRows,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::family::Family;
    use crate::model::fixture::tiny_config;

    fn rows_of(config: &Config, length: usize) -> DistanceRows {
        let mut pack = Pack::default();
        pack.refill_lengths(&[length]);
        let mut rows = DistanceRows::default();
        rows.refill(config, &pack);
        rows
    }

    #[test]
    fn near_distances_have_rows_of_their_own_and_far_ones_share() {
        for family in [Family::MpNet, Family::DebertaV2] {
            let config = tiny_config(family, 10, &[]).expect("parses");
            let rows = rows_of(&config, 100);
            let near = rows.from(50, 48)[..5].to_vec();
            let mut different = near.clone();
            different.sort_unstable();
            different.dedup();
            assert_eq!(different.len(), 5, "{near:?}");
            assert_eq!(rows.from(90, 10)[..2], [rows.from(89, 9)[0]; 2]);
            assert_eq!(rows.from(7, 3)[0], rows.from(57, 53)[0]);
        }
    }

    #[test]
    fn a_short_sequence_uses_the_middle_of_the_table() {
        let config = tiny_config(Family::DebertaV2, 10, &[]).expect("parses");
        let rows = rows_of(&config, 100);
        assert_eq!(rows.used(1), 16..17);
        assert_eq!(rows.used(4), 13..20);
        assert_eq!(rows.all_used().len(), rows.used(100).len());
    }
}
