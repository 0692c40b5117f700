//! Curves over the number of what is added, and what lessons are worth in
//! ordinary labels.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::bootstrap::{Figures, Resampler};
use super::evaluation::{Evaluation, Graded, Row, grade_all};
use super::intervals::{Difference, Interval};
use super::metrics::confident_rows;
use super::slice::groups_from_zero;
use super::worth::{Drawn, LabelCount, worth};
use crate::records::{Arm, Endpoint, Endpoints, Role};
use crate::support::text::{capitalised, many};
use crate::support::{Progress, Result};

/// The models of one arm at one size.
#[derive(Debug, Clone)]
pub struct SizedRuns {
    /// The arm.
    pub arm: Arm,
    /// Examples that it adds.
    pub size: usize,
    /// One evaluation for each seed.
    pub runs: Vec<(u64, Evaluation)>,
}

/// What the curves are computed from.
#[derive(Clone, Copy)]
pub struct SizesInput<'a> {
    /// The role of the rows.
    pub role: Role,
    /// Confidence from which a wrong row is an unknown unknown.
    pub tau: f32,
    /// Names of the sources that rows point to.
    pub sources: &'a [String],
    /// The rows.
    pub rows: &'a [Row],
    /// The reference base.
    pub reference: &'a Evaluation,
    /// All arms at all sizes.
    pub arms: &'a [SizedRuns],
    /// What arms are judged by.
    pub endpoints: &'a Endpoints,
    /// What one example costs in each arm.
    pub prices: &'a BTreeMap<Arm, Price>,
    /// Currency of the prices.
    pub currency: &'a str,
    /// Bootstrap resamples.
    pub resamples: usize,
    /// Seed of the bootstrap.
    pub seed: u64,
}

/// What one example costs.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Price {
    /// Money; `None` if nobody knows.
    pub money: Option<f64>,
    /// Minutes of a person; `None` if nobody knows.
    pub minutes: Option<f64>,
    /// Where these numbers come from.
    pub from: String,
}

/// Curves over sizes on one role.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SizeCurves {
    /// The sizes, ascending.
    pub sizes: Vec<usize>,
    /// Currency of all money.
    pub currency: String,
    /// What one example costs in each arm.
    pub prices: Vec<(Arm, Price)>,
    /// Each source.
    pub sources: Vec<SourceCurves>,
}

/// The curves on one source.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SourceCurves {
    /// Its name.
    pub source: String,
    /// Its rows.
    pub rows: usize,
    /// The endpoint that judges them.
    pub endpoint: Endpoint,
    /// The untouched base on each endpoint, in the order of
    /// [`Endpoint::ALL`].
    pub reference: Vec<f64>,
    /// Each arm that was run.
    pub arms: Vec<ArmCurve>,
    /// What lessons are worth on the judging endpoint.
    pub worth: Vec<Worth>,
}

/// An arm over sizes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ArmCurve {
    /// The arm.
    pub arm: Arm,
    /// Its points, by size.
    pub points: Vec<SizePoint>,
}

/// An arm at a size.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SizePoint {
    /// Examples added.
    pub size: usize,
    /// What they cost, if that is known.
    pub money: Option<f64>,
    /// Minutes of a person, if that is known.
    pub minutes: Option<f64>,
    /// Seeds.
    pub seeds: usize,
    /// Each endpoint, in the order of [`Endpoint::ALL`]: mean over seeds, and
    /// that of the untouched base plus the 95 % interval of the difference.
    pub figures: Vec<(f64, Interval)>,
}

/// What an arm with lessons is worth.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Worth {
    /// The arm.
    pub arm: Arm,
    /// Examples that it adds.
    pub size: usize,
    /// Ordinary labels of the same effect.
    pub labels: LabelCount,
    /// The largest number of labels that was tried.
    pub most_labels: usize,
    /// What its examples cost, and what so many labels would.
    pub money: Option<(f64, f64)>,
    /// All that in words.
    pub sentence: String,
}

impl SizeCurves {
    /// Computes the curves; the same for any number of threads.
    ///
    /// # Errors
    /// When cancelled.
    pub fn new(input: &SizesInput<'_>, progress: &Progress) -> Result<Self> {
        let sizes: BTreeSet<usize> = input.arms.iter().map(|arm| arm.size).collect();
        progress.stage("Curves over sizes", Some(input.sources.len() as u64));
        let mut sources = Vec::new();
        for (number, name) in input.sources.iter().enumerate() {
            let rows = input.rows.iter().enumerate();
            let rows = rows.filter(|(_, row)| usize::from(row.source) == number);
            let positions: Vec<usize> = rows.map(|(position, _)| position).collect();
            if !positions.is_empty() {
                sources.push(of_source(input, name, &positions, progress)?);
            }
            progress.done(number as u64 + 1);
        }
        let prices = input.prices.iter();
        Ok(Self {
            sizes: sizes.into_iter().collect(),
            currency: input.currency.to_owned(),
            prices: prices
                .map(|(arm, price)| (arm.clone(), price.clone()))
                .collect(),
            sources,
        })
    }

    /// What lessons are worth, source by source, in words.
    pub fn worths(&self) -> impl Iterator<Item = &Worth> {
        self.sources.iter().flat_map(|source| &source.worth)
    }
}

/// All models on a source, on its rows and on resamples; model 0 is the base.
struct Models {
    groups: usize,
    observed: Figures,
    resamples: Vec<Figures>,
    /// Seeds and models of each arm and size, as in the input.
    runs: Vec<BTreeMap<u64, usize>>,
}

fn of_source(
    input: &SizesInput<'_>,
    name: &str,
    positions: &[usize],
    progress: &Progress,
) -> Result<SourceCurves> {
    let (models, graded) = models(input, name, positions, progress)?;
    let confident = confident_rows(&graded, input.tau);
    let judged = input.endpoints.judged(confident, positions.len());
    let endpoint = judged.first().copied().unwrap_or_default();
    let arms: BTreeSet<&Arm> = input.arms.iter().map(|arm| &arm.arm).collect();
    let curves = arms.into_iter().map(|arm| ArmCurve {
        arm: arm.clone(),
        points: models.points(input, arm),
    });
    Ok(SourceCurves {
        source: name.to_owned(),
        rows: positions.len(),
        endpoint,
        reference: Endpoint::ALL.map(|one| models.observed[0].of(one)).to_vec(),
        arms: curves.filter(|curve| !curve.points.is_empty()).collect(),
        worth: models.worths(input, name, endpoint),
    })
}

/// Grades and resamples all models; gives the graded rows of the base, too.
fn models(
    input: &SizesInput<'_>,
    name: &str,
    positions: &[usize],
    progress: &Progress,
) -> Result<(Models, Vec<Graded>)> {
    let mut evaluations = vec![input.reference];
    let mut runs = Vec::new();
    for arm in input.arms {
        let first = evaluations.len();
        let seeds = arm.runs.iter().enumerate();
        runs.push(seeds.map(|(run, (seed, _))| (*seed, first + run)).collect());
        evaluations.extend(arm.runs.iter().map(|(_, evaluation)| evaluation));
    }
    let (graded, scaled) = grade_all(input.rows, &evaluations, positions);
    let groups = groups_from_zero(input.rows, positions);
    let resampler = Resampler::new(&groups, (&graded, &scaled), input.tau);
    let stream = format!("sizes {name}");
    let models = Models {
        groups: resampler.groups(),
        observed: resampler.observed(),
        resamples: resampler.resample(input.resamples, input.seed, &stream, progress)?,
        runs,
    };
    Ok((models, graded.into_iter().next().unwrap_or_default()))
}

impl Models {
    /// An arm's points by size.
    fn points(&self, input: &SizesInput<'_>, arm: &Arm) -> Vec<SizePoint> {
        let sized = input.arms.iter().zip(&self.runs);
        let sized = sized.filter(|(of, runs)| of.arm == *arm && !runs.is_empty());
        let price = input.prices.get(arm).cloned().unwrap_or_default();
        let mut points: Vec<SizePoint> = sized
            .map(|(of, runs)| SizePoint {
                size: of.size,
                money: price.money.map(|money| money * of.size as f64),
                minutes: price.minutes.map(|minutes| minutes * of.size as f64),
                seeds: runs.len(),
                figures: Endpoint::ALL.map(|one| self.figure(runs, one)).to_vec(),
            })
            .collect();
        points.sort_by_key(|point| point.size);
        points
    }

    fn figure(&self, runs: &BTreeMap<u64, usize>, endpoint: Endpoint) -> (f64, Interval) {
        let minus_base = |figures: &Figures| -> Vec<f64> {
            let models = runs.values();
            models
                .map(|model| figures[*model].of(endpoint) - figures[0].of(endpoint))
                .collect()
        };
        let resampled: Vec<Vec<f64>> = self.resamples.iter().map(minus_base).collect();
        let difference = Difference::crossed(&minus_base(&self.observed), &resampled, self.groups);
        let base = self.observed[0].of(endpoint);
        let interval = Interval {
            lower: base + difference.interval.lower,
            upper: base + difference.interval.upper,
        };
        (base + difference.mean, interval)
    }

    /// What each arm with lessons is worth, at the largest size that it was run
    /// at.
    fn worths(&self, input: &SizesInput<'_>, name: &str, endpoint: Endpoint) -> Vec<Worth> {
        let runs_of = |arm: &Arm, size: Option<usize>| {
            let sized = input.arms.iter().zip(&self.runs);
            let wanted = sized.filter(|(of, runs)| {
                of.arm == *arm && size.is_none_or(|size| of.size == size) && !runs.is_empty()
            });
            wanted
                .max_by_key(|(of, _)| of.size)
                .map(|(of, runs)| (of.size, runs))
        };
        let arms: BTreeSet<&Arm> = input.arms.iter().map(|arm| &arm.arm).collect();
        let claiming = arms.into_iter().filter(|arm| !arm.is_control());
        claiming
            .filter_map(|arm| {
                let (size, runs) = runs_of(arm, None)?;
                let (_, nothing) = runs_of(&Arm::Base, Some(size))?;
                let mut curve = vec![(0, nothing)];
                let sizes: BTreeSet<usize> = input.arms.iter().map(|arm| arm.size).collect();
                curve.extend(
                    sizes
                        .into_iter()
                        .filter_map(|size| runs_of(&Arm::RandomDiscovery, Some(size))),
                );
                let labels = self.worth(runs, &curve, endpoint)?;
                let (most_labels, _) = curve.last()?;
                Some(said(
                    input,
                    (name, endpoint),
                    (arm, size),
                    labels,
                    *most_labels,
                ))
            })
            .collect()
    }

    fn worth(
        &self,
        arm: &BTreeMap<u64, usize>,
        curve: &[(usize, &BTreeMap<u64, usize>)],
        endpoint: Endpoint,
    ) -> Option<LabelCount> {
        let shared = arm
            .keys()
            .copied()
            .filter(|seed| curve.iter().all(|(_, runs)| runs.contains_key(seed)));
        let seeds: Vec<u64> = shared.collect();
        if seeds.is_empty() {
            return None;
        }
        let drawn = |runs: &BTreeMap<u64, usize>| {
            let of = |figures: &Figures| -> Vec<f64> {
                let models = seeds.iter().filter_map(|seed| runs.get(seed));
                models.map(|model| figures[*model].of(endpoint)).collect()
            };
            Drawn {
                observed: of(&self.observed),
                resampled: self.resamples.iter().map(of).collect(),
            }
        };
        let curve: Vec<(usize, Drawn)> = curve
            .iter()
            .map(|(size, runs)| (*size, drawn(runs)))
            .collect();
        worth(
            &drawn(arm),
            &curve,
            endpoint.higher_is_better(),
            self.groups,
        )
    }
}

/// A worth in words, with its price.
fn said(
    input: &SizesInput<'_>,
    (source, endpoint): (&str, Endpoint),
    (arm, size): (&Arm, usize),
    labels: LabelCount,
    most_labels: usize,
) -> Worth {
    let price = |of: &Arm| input.prices.get(of).and_then(|price| price.money);
    let counted = labels.labels.filter(|labels| *labels > 0.0);
    let money = price(arm)
        .zip(price(&Arm::RandomDiscovery))
        .and_then(|(one, label)| {
            Some((
                one * size as f64,
                label * counted.unwrap_or(most_labels as f64),
            ))
            .filter(|_| labels.lower.is_some_and(|lower| lower > 0.0))
        });
    let subject = match arm {
        Arm::Lessons(teacher) => format!("{} by {teacher}", many(size, "sample")),
        Arm::LessonsAndLabels => format!("{size} samples and labels together"),
        _ => many(size, "sample"),
    };
    let whole = |bound: Option<f64>, open: &str| {
        bound.map_or_else(|| open.to_owned(), |labels| format!("{labels:.0}"))
    };
    let range = format!(
        "{} to {}",
        whole(labels.lower, &format!("less than −{most_labels}")).replace('-', "−"),
        whole(labels.upper, &format!("more than {most_labels}")).replace('-', "−")
    );
    let worth = match labels.labels {
        _ if labels.upper.is_some_and(|upper| upper < 0.0) => format!(
            "do harm on {source}, as much as taking ordinary labels away (95 % interval {range})"
        ),
        _ if labels.covers(0.0) => format!(
            "are worth nothing that could be shown on {source} (95 % interval {range} ordinary labels)"
        ),
        Some(labels) => format!("are worth {labels:.0} ordinary labels ({range}) on {source}"),
        None => format!(
            "are worth more than {most_labels} ordinary labels on {source}, the most that were \
             tried ({range})"
        ),
    };
    let priced = money.map_or_else(String::new, |(own, theirs)| {
        let ratio = match own > 0.0 && theirs > 0.0 {
            true if theirs >= 2.0 * own => format!("at 1/{:.0} of the price: ", theirs / own),
            true if own >= 2.0 * theirs => format!("at {:.0} times the price: ", own / theirs),
            _ => String::new(),
        };
        let currency = input.currency;
        format!(", {ratio}{own:.2} against {theirs:.2} {currency}")
    });
    Worth {
        arm: arm.clone(),
        size,
        labels,
        most_labels,
        money,
        sentence: format!(
            "{}{priced}, by {endpoint}.",
            capitalised(&format!("{subject} {worth}"))
        ),
    }
}
