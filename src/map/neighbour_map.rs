//! The neighbour-preserving map: Barnes-Hut t-SNE (crate `bhtsne`) on the
//! first principal components.
//!
//! Maaten: Accelerating t-SNE using Tree-Based Algorithms, JMLR 15, 2014; the
//! start from principal components follows Kobak and Berens: The art of using
//! t-SNE for single-cell transcriptomics, Nature Communications 10, 2019.
//!
//! The crate adds up sums in an order that depends on the threads at hand, so
//! it runs in a pool of one thread: the same map on every machine, with the
//! other cores left to the window. The exact neighbours that it starts from
//! are found on all cores.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use bhtsne::{Neighbor, tSNE};
use rand::seq::index;

use super::pca::Pca;
use super::{normalised, pca_map, place};
use crate::inference::neighbours::nearest_others;
use crate::support::{Error, Progress, Result, rng};

/// Principal components that neighbours are looked for in.
const COMPONENTS: usize = 30;
/// Fewer points are shown by their principal components.
const FEWEST_POINTS: usize = 10;
/// Accuracy of the Barnes-Hut approximation, as in the paper.
const THETA: f32 = 0.5;
/// Standard deviation of the positions that t-SNE starts from.
const START_SPREAD: f32 = 1e-4;

/// How the map is made.
#[derive(Debug, Clone, PartialEq)]
pub struct MapSettings {
    /// About how many neighbours each point minds.
    pub perplexity: f32,
    /// Steps of gradient descent.
    pub epochs: usize,
    /// Beyond this many points, a sample is mapped and the rest is placed
    /// among it.
    pub most_points: usize,
    /// Seed of that sample.
    pub seed: u64,
}

impl Default for MapSettings {
    fn default() -> Self {
        Self {
            perplexity: 30.0,
            epochs: 750,
            most_points: 20_000,
            seed: 0,
        }
    }
}

/// Positions of embeddings (`[n, width]`) that keep neighbours together.
///
/// The same for the same seed, whatever the number of threads. Takes about
/// 50 s for 20,000 points: run it in the background.
///
/// # Errors
/// When the values are no matrix of that width or not finite, or when
/// cancelled.
pub fn neighbour_map(
    embeddings: &[f32],
    width: usize,
    settings: &MapSettings,
    progress: &Progress,
) -> Result<Vec<[f32; 2]>> {
    let points = embeddings.len().checked_div(width).unwrap_or(0);
    if points < FEWEST_POINTS {
        return pca_map(embeddings, width, progress);
    }
    progress.stage("map: principal components", None);
    let pca = Pca::fit(embeddings, width, COMPONENTS, progress)?;
    let coordinates = pca.transform(embeddings)?;
    let width = pca.components();
    if points <= settings.most_points {
        return Ok(normalised(embed(&coordinates, width, settings, progress)?));
    }

    let mut rng = rng::seeded(settings.seed, "map sample");
    let mut sample =
        index::sample(&mut rng, points, settings.most_points.max(FEWEST_POINTS)).into_vec();
    sample.sort_unstable();
    let sampled: Vec<f32> = (sample.iter())
        .flat_map(|row| &coordinates[row * width..(row + 1) * width])
        .copied()
        .collect();
    let placed = embed(&sampled, width, settings, progress)?;
    progress.stage("map: placing the rest", None);
    let mut positions = place(&coordinates, &sampled, width, &placed, progress)?;
    for (row, position) in sample.into_iter().zip(placed) {
        positions[row] = position;
    }
    Ok(normalised(positions))
}

/// t-SNE of `[n, width]` coordinates whose first two are the most telling.
fn embed(
    coordinates: &[f32],
    width: usize,
    settings: &MapSettings,
    progress: &Progress,
) -> Result<Vec<[f32; 2]>> {
    let rows: Vec<&[f32]> = coordinates.chunks_exact(width).collect();
    // The crate demands three times the perplexity in other points.
    let perplexity = settings
        .perplexity
        .clamp(1.0, (rows.len() - 1) as f32 / 3.0);
    progress.stage("map: nearest neighbours", None);
    let neighbours = neighbour_table(coordinates, width, (3.0 * perplexity) as usize, progress)?;
    let Some(start) = starting_positions(&rows) else {
        return Ok(vec![[0.0; 2]; rows.len()]);
    };
    progress.stage("map: settling", Some(settings.epochs as u64));
    let settled = uninterrupted(progress, || {
        let mut tsne = tSNE::<f32, &[f32], 2>::new(&rows);
        tsne.perplexity(perplexity)
            .epochs(settings.epochs)
            .initial_embedding(start)
            .epoch_callback(|epoch, _| {
                progress.done(epoch as u64 + 1);
                if progress.is_cancelled() {
                    resume_unwind(Box::new(Cancelled));
                }
            })
            .barnes_hut_with_neighbors(THETA, &neighbours);
        tsne.embedding()
    })?;
    if settled.iter().any(|x| !x.is_finite()) {
        return Err(Error::program(
            "the neighbour-preserving map did not settle; the map of principal components stays",
        ));
    }
    Ok(settled.chunks_exact(2).map(|p| [p[0], p[1]]).collect())
}

/// The `count` nearest others of every point, all rows of one length.
fn neighbour_table(
    coordinates: &[f32],
    width: usize,
    count: usize,
    progress: &Progress,
) -> Result<Vec<Vec<Neighbor<f32>>>> {
    let found = nearest_others(coordinates, width, count, progress)?;
    Ok(found
        .into_iter()
        .map(|row| {
            row.into_iter()
                .map(|neighbour| Neighbor {
                    index: neighbour.row,
                    distance: neighbour.squared_distance.sqrt(),
                })
                .collect()
        })
        .collect())
}

/// The first two coordinates, small enough not to decide the outcome; `None`
/// when all points are equal.
fn starting_positions(rows: &[&[f32]]) -> Option<Vec<f32>> {
    let first = |row: &&[f32]| row.first().copied().unwrap_or(0.0);
    let second = |row: &&[f32]| row.get(1).copied().unwrap_or(0.0);
    let variance = rows.iter().map(|row| first(row).powi(2)).sum::<f32>() / rows.len() as f32;
    let scale = START_SPREAD / variance.sqrt();
    let positions = |row: &&[f32]| [scale * first(row), scale * second(row)];
    (variance > f32::MIN_POSITIVE).then(|| rows.iter().flat_map(positions).collect())
}

/// What unwinds out of the crate's loop when somebody asks to stop: its
/// callback has no other way to end it.
struct Cancelled;

/// Runs `work` in a pool of one thread; a cancel inside is an error here, and
/// so is a panic of the crate.
fn uninterrupted<T: Send>(progress: &Progress, work: impl FnOnce() -> T + Send) -> Result<T> {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build()
        .map_err(|error| Error::program("cannot start a thread for the map").because(error))?;
    // Everything that `work` changes is lost with it, so nothing half-done is
    // seen afterwards.
    catch_unwind(AssertUnwindSafe(|| pool.install(work))).map_err(|_| {
        if progress.is_cancelled() {
            Error::cancelled()
        } else {
            Error::program(
                "the neighbour-preserving map failed; the map of principal components stays",
            )
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::Rng as _;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};

    const WIDTH: usize = 12;

    /// `groups` groups of points around different axes.
    fn grouped(n: usize, groups: usize) -> Vec<f32> {
        let mut rng = rng::seeded(2, "grouped points");
        (0..n * WIDTH)
            .map(|i| {
                let (row, column) = (i / WIDTH, i % WIDTH);
                f32::from(u8::from(row % groups == column)) + rng.gen_range(-0.2..0.2)
            })
            .collect()
    }

    fn quick() -> MapSettings {
        MapSettings {
            epochs: 400,
            ..MapSettings::default()
        }
    }

    /// Share of points whose nearest point on the map is of their own group.
    fn kept_together(map: &[[f32; 2]], groups: usize) -> f64 {
        let flat: Vec<f32> = map.iter().flatten().copied().collect();
        let nearest = nearest_others(&flat, 2, 1, &Progress::silent()).unwrap();
        let own = (nearest.iter().enumerate())
            .filter(|(row, found)| found[0].row % groups == row % groups)
            .count();
        own as f64 / map.len() as f64
    }

    #[test]
    fn groups_stay_together_and_positions_fill_the_square() {
        let map = neighbour_map(&grouped(300, 6), WIDTH, &quick(), &Progress::silent()).unwrap();
        assert!(kept_together(&map, 6) > 0.98);
        let farthest = map
            .iter()
            .flatten()
            .fold(0.0_f32, |far, x| far.max(x.abs()));
        assert!((farthest - 1.0).abs() < 1e-6);
    }

    #[test]
    fn the_same_for_any_number_of_threads() {
        let points = grouped(200, 4);
        let settings = MapSettings {
            epochs: 60,
            ..quick()
        };
        let with = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .unwrap();
            pool.install(|| neighbour_map(&points, WIDTH, &settings, &Progress::silent()).unwrap())
        };
        assert_eq!(with(1), with(4));
    }

    #[test]
    fn beyond_the_sample_the_rest_is_placed_in_its_group() {
        let settings = MapSettings {
            most_points: 150,
            ..quick()
        };
        let map = neighbour_map(&grouped(900, 6), WIDTH, &settings, &Progress::silent()).unwrap();
        assert_eq!(map.len(), 900);
        assert!(kept_together(&map, 6) > 0.95);
    }

    #[test]
    fn cancel_stops_it_between_steps() {
        let steps = Arc::new(AtomicU64::new(0));
        let seen = Arc::clone(&steps);
        let slot: Arc<std::sync::Mutex<Option<Progress>>> = Arc::default();
        let inside = Arc::clone(&slot);
        let progress = Progress::new(move |update| {
            if let crate::support::Update::Done { done } = update {
                seen.store(done, Ordering::Relaxed);
                if done == 5
                    && let Some(progress) = inside.lock().unwrap().as_ref()
                {
                    progress.cancel();
                }
            }
        });
        *slot.lock().unwrap() = Some(progress.clone());
        let error = neighbour_map(&grouped(100, 4), WIDTH, &quick(), &progress).unwrap_err();
        assert!(error.is_cancelled());
        assert_eq!(steps.load(Ordering::Relaxed), 5);
    }

    #[test]
    fn few_points_equal_points_and_broken_ones() {
        let silent = Progress::silent();
        assert!(neighbour_map(&[], 4, &quick(), &silent).unwrap().is_empty());
        let three = neighbour_map(&[1.0, 0.0, 0.0, 1.0, 0.5, 0.5], 2, &quick(), &silent);
        assert_eq!(three.unwrap().len(), 3);
        let equal = neighbour_map(&[0.5; 4 * 60], 4, &quick(), &silent);
        assert!(equal.unwrap().iter().flatten().all(|x| x.is_finite()));
        let mut half_equal = grouped(60, 2);
        half_equal[..30 * WIDTH].fill(0.5);
        let half_equal = neighbour_map(&half_equal, WIDTH, &quick(), &silent);
        assert!(half_equal.unwrap().iter().flatten().all(|x| x.is_finite()));
        let broken = [f32::INFINITY; 4 * 60];
        assert!(neighbour_map(&broken, 4, &quick(), &silent).is_err());
    }
}
