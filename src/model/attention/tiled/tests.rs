//! Attention in tiles beside attention over all pairs at once.

use rand::Rng as _;

use super::*;
use crate::model::pack::Pack;
use crate::support::rng;

const HEADS: usize = 2;
const WIDTH: usize = 8;
const HIDDEN: usize = HEADS * WIDTH;
const SCALE: f32 = 0.3;
/// One text shorter than a tile, and one whose heads go to several threads.
const LENGTHS: [usize; 2] = [37, 300];

fn random(length: usize, purpose: &str) -> Vec<f32> {
    let mut generator = rng::seeded(3, purpose);
    let values = (0..length).map(|_| generator.gen_range(-1.0..1.0));
    values.collect()
}

/// Context, and gradients of queries and of keys beside values.
type Results = [Vec<f32>; 3];

/// Attention with all scores of a head in one matrix, in double precision:
/// a query sees the keys at most `reach` away.
fn plain(queries: &[f32], key_value: &[f32], upstream: &[f32], reach: usize) -> Results {
    let tokens: usize = LENGTHS.iter().sum();
    let mut results = [tokens * HIDDEN, tokens * HIDDEN, tokens * 2 * HIDDEN].map(|n| vec![0.0; n]);
    let mut start = 0;
    for length in LENGTHS {
        for first in (0..HIDDEN).step_by(WIDTH) {
            let head = first..first + WIDTH;
            let query = |i: usize, c: usize| f64::from(queries[(start + i) * HIDDEN + c]);
            let key = |i: usize, c: usize| f64::from(key_value[(start + i) * 2 * HIDDEN + c]);
            let value = |i: usize, c: usize| key(i, HIDDEN + c);
            let above = |i: usize, c: usize| f64::from(upstream[(start + i) * HIDDEN + c]);
            for i in 0..length {
                let seen: Vec<usize> = (0..length).filter(|j| i.abs_diff(*j) <= reach).collect();
                let score = |j: &usize| {
                    let products = head.clone().map(|c| query(i, c) * key(*j, c));
                    (f64::from(SCALE) * products.sum::<f64>()).exp()
                };
                let scores: Vec<f64> = seen.iter().map(score).collect();
                let total: f64 = scores.iter().sum();
                let slope =
                    |j: usize| -> f64 { head.clone().map(|c| above(i, c) * value(j, c)).sum() };
                let shares = || {
                    seen.iter()
                        .zip(&scores)
                        .map(|(j, score)| (*j, score / total))
                };
                let mean: f64 = shares().map(|(j, share)| share * slope(j)).sum();
                for (j, share) in shares() {
                    let of_score = f64::from(SCALE) * share * (slope(j) - mean);
                    for c in head.clone() {
                        let (of_query, of_key) =
                            ((start + i) * HIDDEN + c, (start + j) * 2 * HIDDEN + c);
                        results[0][of_query] += share * value(j, c);
                        results[1][of_query] += of_score * key(j, c);
                        results[2][of_key] += of_score * query(i, c);
                        results[2][of_key + HIDDEN] += share * above(i, c);
                    }
                }
            }
        }
        start += length;
    }
    results.map(|all: Vec<f64>| all.into_iter().map(|x| x as f32).collect())
}

fn in_tiles(queries: &[f32], key_value: &[f32], upstream: &[f32], reach: Option<usize>) -> Results {
    let mut pack = Pack::default();
    pack.refill_lengths(&LENGTHS);
    let tiled = Tiled {
        shape: Shape {
            pack: &pack,
            heads: HEADS,
            width: WIDTH,
            scale: SCALE,
            mask: None,
        },
        queries: Queries::All,
        reach,
        terms: Terms::None,
    };
    let projected = Projected {
        query: queries,
        key_value,
    };
    let mut results = [queries, queries, key_value].map(|like| vec![f32::NAN; like.len()]);
    let [context, query, key_value] = &mut results;
    tiled.forward(projected, context);
    let out = Backward {
        query,
        key_value,
        terms: [&mut [], &mut []],
    };
    tiled.backward(projected, upstream, out);
    results
}

#[test]
fn attention_in_tiles_is_that_over_all_pairs_at_once_forward_and_backward() {
    let tokens: usize = LENGTHS.iter().sum();
    let queries = random(tokens * HIDDEN, "queries");
    let key_value = random(tokens * 2 * HIDDEN, "keys and values");
    let upstream = random(tokens * HIDDEN, "upstream");
    // Alone, a narrow window, one wider than a tile, everything.
    for reach in [Some(0), Some(5), Some(100), None] {
        let ours = in_tiles(&queries, &key_value, &upstream, reach);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build();
        let alone = pool
            .expect("starts")
            .install(|| in_tiles(&queries, &key_value, &upstream, reach));
        assert!(ours == alone, "the bits of {reach:?} depend on the threads");
        let theirs = plain(&queries, &key_value, &upstream, reach.unwrap_or(usize::MAX));
        for (ours, theirs) in ours.iter().flatten().zip(theirs.iter().flatten()) {
            assert!(
                (ours - theirs).abs() < 1e-5,
                "{reach:?}: {ours} or {theirs}"
            );
        }
    }
}
