//! Rotary positions (Su et al. 2021): queries and keys are turned by an angle
//! for each pair of columns that grows with the place of the token, so that
//! their product depends on the distance alone.

use rayon::prelude::*;

use super::Queries;
use crate::model::config::{Config, Distances};
use crate::model::kernels::CHUNK;
use crate::model::kernels::math::vectorised;
use crate::model::pack::Pack;

/// Cosines and sines of the angles of all places, for blocks that look at the
/// whole text and for those that look at a neighbourhood.
#[derive(Debug, Clone, Default)]
pub struct Turns {
    global: Table,
    local: Table,
    /// Place of each token in its sequence.
    places: Vec<u32>,
}

/// For each place the cosines, then the sines, `[places, head width]`.
#[derive(Debug, Clone, Default)]
struct Table {
    values: Vec<f32>,
}

impl Table {
    fn extend_to(&mut self, places: usize, width: usize, theta: f64) {
        let half = width / 2;
        let done = self.values.len() / width.max(1);
        // In single precision, as transformers has it: far from the start the
        // angles depend on how they were rounded.
        let frequency = |pair: usize| {
            let exponent = (2 * pair) as f32 / width as f32;
            1.0 / theta.powf(f64::from(exponent)) as f32
        };
        for place in done..places {
            let angle = |pair: usize| place as f32 * frequency(pair);
            self.values.extend((0..half).map(|pair| angle(pair).cos()));
            self.values.extend((0..half).map(|pair| angle(pair).sin()));
        }
    }
}

/// Which way to turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// By the place of the token.
    Forward,
    /// Back, which also turns gradients of what was turned.
    Back,
}

impl Turns {
    /// Makes sure of the angles for all places of a pack.
    pub fn refill(&mut self, config: &Config, pack: &Pack) {
        let Distances::Rotary(rotary) = &config.distances else {
            return;
        };
        self.places.clear();
        let mut longest = 0;
        for ends in pack.offsets().windows(2) {
            let length = ends[1] - ends[0];
            longest = longest.max(length);
            self.places.extend(0..length as u32);
        }
        let width = config.head_width();
        self.global.extend_to(longest, width, rotary.global_theta);
        self.local.extend_to(longest, width, rotary.local_theta);
    }

    /// Turns heads of this width in rows that are `stride` apart, the first
    /// `columns` columns of each; one row for each token, or for the first of
    /// each sequence, which stands at place 0 and stays as it is.
    pub fn turn(
        &self,
        rows: &mut [f32],
        (columns, stride, width): (usize, usize, usize),
        queries: Queries,
        is_global: bool,
        direction: Direction,
    ) {
        if queries == Queries::First {
            return;
        }
        let table = match is_global {
            true => &self.global,
            false => &self.local,
        };
        let sign = match direction {
            Direction::Forward => 1.0,
            Direction::Back => -1.0,
        };
        let half = width / 2;
        let chunks = rows.par_chunks_mut(CHUNK * stride);
        chunks
            .zip(self.places.par_chunks(CHUNK))
            .for_each(|(rows, places)| {
                vectorised(
                    #[inline(always)]
                    || {
                        for (row, place) in rows.chunks_exact_mut(stride).zip(places) {
                            let start = *place as usize * width;
                            let (cosines, sines) =
                                table.values[start..start + width].split_at(half);
                            for head in row[..columns].chunks_exact_mut(width) {
                                let (left, right) = head.split_at_mut(half);
                                let angles = cosines.iter().zip(sines);
                                for ((x, y), (c, s)) in left.iter_mut().zip(right).zip(angles) {
                                    let s = sign * s;
                                    (*x, *y) = (*x * c - *y * s, *y * c + *x * s);
                                }
                            }
                        }
                    },
                );
            });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::family::Family;
    use crate::model::fixture::tiny_config;

    #[test]
    fn turning_back_undoes_it_and_products_depend_on_the_distance_alone() {
        let config = tiny_config(Family::ModernBert, 10, &[]).expect("parses");
        let (hidden, width) = (config.hidden, config.head_width());
        let mut pack = Pack::default();
        pack.refill_lengths(&[40]);
        let mut turns = Turns::default();
        turns.refill(&config, &pack);
        let row: Vec<f32> = (0..hidden).map(|i| (i as f32 * 0.7).sin()).collect();
        let start = row.repeat(40);
        let mut turned = start.clone();
        let shape = (hidden, hidden, width);
        turns.turn(&mut turned, shape, Queries::All, true, Direction::Forward);
        let product = |a: usize, b: usize| -> f32 {
            let (a, b) = (
                &turned[a * hidden..][..hidden],
                &turned[b * hidden..][..hidden],
            );
            a.iter().zip(b).map(|(x, y)| x * y).sum()
        };
        assert!((product(3, 10) - product(20, 27)).abs() < 1e-4);
        assert!((product(3, 10) - product(3, 30)).abs() > 1e-2);
        turns.turn(&mut turned, shape, Queries::All, true, Direction::Back);
        for (x, y) in start.iter().zip(&turned) {
            assert!((x - y).abs() < 1e-5);
        }
    }
}
