//! Whether samples could be data: how well a classifier tells them apart (a
//! classifier two-sample test, Lopez-Paz and Oquab, ICLR 2017).

use rand::seq::SliceRandom as _;
use serde::Serialize;

use crate::support::rng;
use crate::support::statistics::{Interval, normal_quantile};

/// Samples, and rows of the data, below which nothing is said.
pub const FEWEST: usize = 10;

/// Parts of the cross-validation: each is told apart by a classifier that has
/// not seen it.
const FOLDS: usize = 5;
/// Weight of the squared length of the classifier's weights in its loss.
const RIDGE: f64 = 0.01;
/// Steps of its fitting; with this ridge it is through long before.
const STEPS: usize = 200;
/// Confidence level of the interval.
const LEVEL: f64 = 0.95;

/// How well samples are told from data.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Realism {
    /// Area under the receiver operating characteristic: the chance that a
    /// sample looks more like one than a row of the data does. 0.5 is best.
    pub auc: f64,
    /// 95 % interval (`DeLong` and others, Biometrics 1988, on the logit scale).
    pub interval: Interval,
    /// Rows of the data that they are told from.
    pub rows: usize,
}

/// Tells samples from rows of the data, cross-validated. `None` where there are
/// fewer than [`FEWEST`] of either.
pub fn realism(samples: &[&[f32]], data: &[&[f32]], seed: u64) -> Option<Realism> {
    if samples.len() < FEWEST || data.len() < FEWEST {
        return None;
    }
    let all: Vec<Point> = (samples.iter().map(|features| (*features, true)))
        .chain(data.iter().map(|features| (*features, false)))
        .map(|(features, is_sample)| Point {
            features,
            is_sample,
        })
        .collect();
    let folds = folds((samples.len(), data.len()), seed);
    let mut scores = vec![0.0; all.len()];
    for fold in 0..FOLDS {
        let train: Vec<Point> = (all.iter().zip(&folds))
            .filter(|(_, of)| **of != fold)
            .map(|(point, _)| *point)
            .collect();
        let classifier = Logistic::fit(&train);
        for ((point, of), score) in all.iter().zip(&folds).zip(&mut scores) {
            if *of == fold {
                *score = classifier.score(point.features);
            }
        }
    }
    let (of_samples, of_data) = scores.split_at(samples.len());
    let (auc, interval) = area(of_samples, of_data);
    Some(Realism {
        auc,
        interval,
        rows: data.len(),
    })
}

#[derive(Clone, Copy)]
struct Point<'a> {
    features: &'a [f32],
    is_sample: bool,
}

/// The part of each sample and each row, shared out evenly on both sides.
fn folds((samples, data): (usize, usize), seed: u64) -> Vec<usize> {
    let mut generator = rng::seeded(seed, "parts of the realism of samples");
    let mut side = |count: usize| {
        let mut parts: Vec<usize> = (0..count).map(|number| number % FOLDS).collect();
        parts.shuffle(&mut generator);
        parts
    };
    let (first, second) = (side(samples), side(data));
    [first, second].concat()
}

/// Logistic regression with a ridge; both sides weigh the same.
struct Logistic {
    centre: Vec<f64>,
    scale: f64,
    weights: Vec<f64>,
    bias: f64,
}

impl Logistic {
    /// Fits by Nesterov's accelerated gradient. Points are centred and scaled
    /// to a mean squared length of 1, so that one step size fits all.
    fn fit(points: &[Point<'_>]) -> Self {
        let width = points.first().map_or(0, |point| point.features.len());
        let mut of = Self {
            centre: vec![0.0; width],
            scale: 1.0,
            weights: vec![0.0; width],
            bias: 0.0,
        };
        for point in points {
            for (sum, value) in of.centre.iter_mut().zip(point.features) {
                *sum += f64::from(*value) / points.len() as f64;
            }
        }
        let squares = points.iter().map(|point| {
            let centred = of.centred(point.features);
            centred.map(|value| value * value).sum::<f64>()
        });
        let mean_square = squares.sum::<f64>() / points.len().max(1) as f64;
        if mean_square > 0.0 {
            of.scale = mean_square.sqrt().recip();
        }
        let rows: Vec<Vec<f64>> = (points.iter())
            .map(|point| of.centred(point.features).collect())
            .collect();
        of.descend(&rows, points);
        of
    }

    fn descend(&mut self, rows: &[Vec<f64>], points: &[Point<'_>]) {
        let count = |side: bool| points.iter().filter(|one| one.is_sample == side).count();
        let weight = [false, true].map(|side| 0.5 / count(side).max(1) as f64);
        let longest = rows
            .iter()
            .map(|row| row.iter().map(|x| x * x).sum::<f64>());
        let curvature = 0.25 * (1.0 + longest.fold(0.0, f64::max)) + RIDGE;
        let condition = (RIDGE / curvature).sqrt();
        let momentum = (1.0 - condition) / (1.0 + condition);
        let (mut ahead, mut ahead_bias) = (self.weights.clone(), self.bias);
        for _ in 0..STEPS {
            let mut slope: Vec<f64> = ahead.iter().map(|weight| RIDGE * weight).collect();
            let mut slope_bias = 0.0;
            for (row, point) in rows.iter().zip(points) {
                let margin = ahead_bias + dot(row, &ahead);
                let wanted = f64::from(u8::from(point.is_sample));
                let error = (sigmoid(margin) - wanted) * weight[usize::from(point.is_sample)];
                for (slope, value) in slope.iter_mut().zip(row) {
                    *slope += error * value;
                }
                slope_bias += error;
            }
            let step = |at: f64, slope: f64| at - slope / curvature;
            for ((old, ahead), slope) in self.weights.iter_mut().zip(&mut ahead).zip(&slope) {
                let new = step(*ahead, *slope);
                *ahead = new + momentum * (new - *old);
                *old = new;
            }
            let new = step(ahead_bias, slope_bias);
            ahead_bias = new + momentum * (new - self.bias);
            self.bias = new;
        }
    }

    fn centred<'a>(&'a self, features: &'a [f32]) -> impl Iterator<Item = f64> + 'a {
        let pairs = features.iter().zip(&self.centre);
        pairs.map(|(value, centre)| (f64::from(*value) - centre) * self.scale)
    }

    fn score(&self, features: &[f32]) -> f64 {
        let pairs = self.centred(features).zip(&self.weights);
        self.bias + pairs.map(|(value, weight)| value * weight).sum::<f64>()
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn sigmoid(margin: f64) -> f64 {
    1.0 / (1.0 + (-margin).exp())
}

/// The area with its interval; ties count half.
fn area(samples: &[f64], data: &[f64]) -> (f64, Interval) {
    let above = |a: f64, b: f64| match a.total_cmp(&b) {
        std::cmp::Ordering::Greater => 1.0,
        std::cmp::Ordering::Equal => 0.5,
        std::cmp::Ordering::Less => 0.0,
    };
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len().max(1) as f64;
    let of_sample = |sample: &f64| {
        let shares: Vec<f64> = data.iter().map(|row| above(*sample, *row)).collect();
        mean(&shares)
    };
    let of_row = |row: &f64| {
        let shares: Vec<f64> = samples.iter().map(|sample| above(*sample, *row)).collect();
        mean(&shares)
    };
    let by_sample: Vec<f64> = samples.iter().map(of_sample).collect();
    let by_row: Vec<f64> = data.iter().map(of_row).collect();
    let auc = mean(&by_sample);
    let spread = |values: &[f64]| {
        let squares = values.iter().map(|value| (value - auc) * (value - auc));
        squares.sum::<f64>() / (values.len().max(2) - 1) as f64 / values.len().max(1) as f64
    };
    let error = (spread(&by_sample) + spread(&by_row)).sqrt();
    (auc, interval(auc, error, samples.len().min(data.len())))
}

/// On the logit scale, so that it stays within 0 and 1. Where all are told
/// apart nothing varies: what happens to none of n may still happen to 3.7 in n
/// (the rule of three, for a two-sided 95 % interval).
fn interval(auc: f64, error: f64, fewest: usize) -> Interval {
    let rest = auc.min(1.0 - auc);
    if error == 0.0 || rest <= 0.0 {
        let unseen = (-((1.0 - LEVEL) / 2.0).ln() / fewest.max(1) as f64).min(1.0);
        return Interval {
            lower: (auc - unseen).max(0.0),
            upper: (auc + unseen).min(1.0),
        };
    }
    let logit = (auc / (1.0 - auc)).ln();
    let half = normal_quantile(0.5 + LEVEL / 2.0) * error / (auc * (1.0 - auc));
    Interval {
        lower: sigmoid(logit - half),
        upper: sigmoid(logit + half),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::Rng as _;

    const WIDTH: usize = 6;

    /// Points round a centre, L2-normalised like embeddings.
    fn cloud(count: usize, shift: f32, seed: u64) -> Vec<Vec<f32>> {
        let mut generator = rng::seeded(seed, "cloud");
        let mut point = || {
            let mut point: Vec<f32> = (0..WIDTH)
                .map(|_| generator.gen_range(-1.0..1.0_f32))
                .collect();
            point[0] += shift;
            let length = point.iter().map(|x| x * x).sum::<f32>().sqrt();
            point.iter().map(|x| x / length).collect()
        };
        (0..count).map(|_| point()).collect()
    }

    fn told(samples: &[Vec<f32>], data: &[Vec<f32>]) -> Realism {
        let rows = |of: &[Vec<f32>]| -> Vec<Vec<f32>> { of.to_vec() };
        let (samples, data) = (rows(samples), rows(data));
        let samples: Vec<&[f32]> = samples.iter().map(Vec::as_slice).collect();
        let data: Vec<&[f32]> = data.iter().map(Vec::as_slice).collect();
        realism(&samples, &data, 7).expect("enough of both")
    }

    #[test]
    fn data_are_not_told_from_data_and_the_interval_says_so() {
        const STUDIES: u64 = 30;
        let holds = |study: &u64| {
            let found = told(&cloud(24, 0.0, 2 * study), &cloud(60, 0.0, 2 * study + 1));
            found.interval.lower <= 0.5 && 0.5 <= found.interval.upper
        };
        let held = (0..STUDIES).filter(holds).count();
        assert!(held >= 26, "{held} of {STUDIES}");
    }

    #[test]
    fn what_lies_elsewhere_is_told_and_what_lies_a_little_off_partly() {
        let data = cloud(60, 0.0, 1);
        let far = told(&cloud(20, 9.0, 2), &data);
        assert!(far.auc > 0.97 && far.interval.lower > 0.8, "{far:?}");
        assert!(far.interval.upper <= 1.0);
        let near = told(&cloud(30, 0.5, 3), &data);
        assert!(near.auc > 0.55 && near.auc < far.auc, "{near:?}");
        assert!(near.interval.lower < near.auc && near.auc < near.interval.upper);
    }

    #[test]
    fn an_area_by_hand() {
        // Of six pairs four are in order and one is tied.
        let (auc, interval) = area(&[3.0, 1.0], &[2.0, 1.0, 0.0]);
        assert!((auc - 4.5 / 6.0).abs() < 1e-12);
        assert!(interval.lower < auc && auc < interval.upper);
        let (auc, interval) = area(&[2.0; 12], &[1.0; 12]);
        assert_eq!((auc, interval.upper), (1.0, 1.0));
        assert!(interval.lower > 0.6 && interval.lower < 0.8, "{interval:?}");
    }

    #[test]
    fn too_few_of_either_say_nothing() {
        let points = cloud(40, 0.0, 5);
        let all: Vec<&[f32]> = points.iter().map(Vec::as_slice).collect();
        assert!(realism(&all[..FEWEST - 1], &all, 0).is_none());
        assert!(realism(&all, &all[..FEWEST - 1], 0).is_none());
        assert!(realism(&[], &[], 0).is_none());
    }
}
