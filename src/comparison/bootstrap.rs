//! The paired bootstrap: groups of rows are drawn with replacement, and every
//! model is evaluated on the same draws.

use rand::Rng as _;
use rayon::prelude::*;

use super::evaluation::Graded;
use super::metrics::{Ranking, WANTED_ERRORS, rank};
use crate::records::Endpoint;
use crate::support::{Progress, Result, rng};

/// All models on one set of rows, laid out for resampling. Model 0 is the
/// reference base, which sets the number of most confident rows to look at.
pub(super) struct Resampler {
    groups: usize,
    /// Rows of each group.
    sizes: Vec<u32>,
    /// Rows of each group that the reference base holds above τ.
    confident: Vec<u32>,
    models: Vec<Model>,
}

struct Model {
    ranking: Ranking,
    /// Right answers of each group.
    right: Vec<u32>,
    /// Unknown unknowns of each group after temperature scaling.
    scaled_uus: Vec<u32>,
}

/// Figures of every model, either on the rows as they are or on a resample.
pub(super) type Figures = Vec<ModelFigures>;

/// Figures of one model.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct ModelFigures {
    /// Accuracy, 0 to 1.
    pub(super) accuracy: f64,
    endpoints: [f64; Endpoint::ALL.len()],
}

impl ModelFigures {
    /// The figure of an endpoint, a coverage in hundredths.
    pub(super) fn of(&self, endpoint: Endpoint) -> f64 {
        self.endpoints[endpoint.place()]
    }
}

impl Resampler {
    /// `groups`: the group of each row, counted from 0 without gaps;
    /// `models`: the graded rows of each model, the reference base first, as
    /// they are and temperature-scaled.
    pub(super) fn new(
        groups: &[usize],
        (models, scaled): (&[Vec<Graded>], &[Vec<Graded>]),
        tau: f32,
    ) -> Self {
        let count = groups.iter().max().map_or(0, |last| last + 1);
        let tally = |rows: &[Graded], counts: fn(&Graded, f32) -> bool| {
            let mut tally = vec![0_u32; count];
            for (row, group) in rows.iter().zip(groups) {
                tally[*group] += u32::from(counts(row, tau));
            }
            tally
        };
        let reference = models.first().map(Vec::as_slice).unwrap_or_default();
        let model = |(rows, scaled): (&Vec<Graded>, &Vec<Graded>)| Model {
            ranking: rank(rows, groups),
            right: tally(rows, |row, _| row.right),
            scaled_uus: tally(scaled, |row, tau| row.is_unknown_unknown(tau)),
        };
        Self {
            groups: count,
            sizes: tally(reference, |_, _| true),
            confident: tally(reference, |row, tau| row.confidence >= tau),
            models: models.iter().zip(scaled).map(model).collect(),
        }
    }

    /// Number of groups.
    pub(super) fn groups(&self) -> usize {
        self.groups
    }

    /// The figures on the rows as they are.
    pub(super) fn observed(&self) -> Figures {
        self.figures(&vec![1; self.groups])
    }

    /// The figures on `resamples` draws of groups, the same for any number
    /// of threads.
    pub(super) fn resample(
        &self,
        resamples: usize,
        seed: u64,
        stream: &str,
        progress: &Progress,
    ) -> Result<Vec<Figures>> {
        let draw = |resample: usize| {
            progress.check()?;
            let mut generator = rng::seeded(seed, &format!("bootstrap {stream} {resample}"));
            let mut weights = vec![0_u32; self.groups];
            for _ in 0..self.groups {
                weights[generator.gen_range(0..self.groups)] += 1;
            }
            Ok(self.figures(&weights))
        };
        (0..resamples).into_par_iter().map(draw).collect()
    }

    fn figures(&self, weights: &[u32]) -> Figures {
        let total = |tally: &[u32]| -> u64 {
            let products = tally.iter().zip(weights);
            products.map(|(n, w)| u64::from(*n) * u64::from(*w)).sum()
        };
        let budget = total(&self.confident);
        let rows = total(&self.sizes).max(1) as f64;
        let figures = |model: &Model| {
            let sweep = model.ranking.sweep(weights, budget);
            let covered = |endpoint: Endpoint| {
                let wanted = endpoint.wanted_errors().map(u64::from);
                let place = WANTED_ERRORS.iter().position(|rate| Some(*rate) == wanted);
                place.map_or(0.0, |place| 100.0 * sweep.covered[place] as f64 / rows)
            };
            ModelFigures {
                accuracy: total(&model.right) as f64 / rows,
                endpoints: Endpoint::ALL.map(|endpoint| match endpoint {
                    Endpoint::ErrorsAtMatchedCoverage => sweep.errors,
                    Endpoint::ScaledUnknownUnknowns => total(&model.scaled_uus) as f64,
                    Endpoint::RiskCoverageArea => sweep.area,
                    coverage => covered(coverage),
                }),
            }
        };
        self.models.iter().map(figures).collect()
    }

    /// What an endpoint counts of a model, by group; `None` where it is no
    /// count.
    pub(super) fn counts_by_group(&self, model: usize, endpoint: Endpoint) -> Option<Vec<f64>> {
        let model = &self.models[model];
        match endpoint {
            Endpoint::ErrorsAtMatchedCoverage => {
                let budget = self.confident.iter().sum::<u32>() as usize;
                Some(model.ranking.errors_by_group(self.groups, budget))
            }
            Endpoint::ScaledUnknownUnknowns => {
                Some(model.scaled_uus.iter().copied().map(f64::from).collect())
            }
            _ => None,
        }
    }
}
