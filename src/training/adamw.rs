//! AdamW (Loshchilov and Hutter 2019) as one pass over all trained weights.

use std::ops::Range;

use rayon::prelude::*;

use super::settings::{Schedule, TrainingSettings};
use crate::model::buffer::Buffer;
use crate::model::kernels::math::{dot, vectorised};
use crate::model::layout::{Layout, Place};

const BETA1: f32 = 0.9;
const BETA2: f32 = 0.999;
const EPSILON: f32 = 1e-8;

/// Elements of a chunk; part of the order of the norm's sum.
const CHUNK: usize = 1 << 14;

/// Learning rate of a step (from 0) of `steps`.
pub(crate) fn learning_rate(settings: &TrainingSettings, step: usize, steps: usize) -> f32 {
    let (rising, falling) = match settings.schedule {
        Schedule::Falling => {
            let rising = (settings.warmup * steps as f32).ceil().max(1.0);
            (rising, (steps as f32 - rising).max(1.0))
        }
        Schedule::Held { rising, falling } => (rising.max(1) as f32, falling.max(1) as f32),
    };
    let up = (step + 1) as f32 / rising;
    let down = (steps - step) as f32 / falling;
    settings.learning_rate * up.min(down).min(1.0)
}

/// Running means of the gradients of the trained part of a body.
pub(crate) struct AdamW {
    first: Buffer,
    second: Buffer,
    /// Stretches of the trained part with and without weight decay, none
    /// longer than a chunk.
    stretches: Vec<(Range<usize>, bool)>,
    step: i32,
}

/// The figures of one step, the same for every element.
#[derive(Clone, Copy)]
pub(crate) struct UpdateRule {
    rate: f32,
    decay: f32,
    clip: f32,
    /// 1 - β₁ᵗ and 1 - β₂ᵗ.
    first_correction: f32,
    second_correction: f32,
}

impl AdamW {
    /// For the trained part of a body, which starts at `from` and ends with
    /// the body.
    pub(crate) fn new(layout: &Layout, from: usize) -> Self {
        let mut stretches = Vec::new();
        for tensor in layout.tensors() {
            let Place::Body(range) = &tensor.place else {
                continue;
            };
            if range.start < from {
                continue;
            }
            for start in range.clone().step_by(CHUNK) {
                let end = (start + CHUNK).min(range.end);
                stretches.push((start - from..end - from, tensor.decays));
            }
        }
        let length = layout.body_length() - from;
        Self {
            first: Buffer::zeros(length),
            second: Buffer::zeros(length),
            stretches,
            step: 0,
        }
    }

    /// Begins a step: how long the gradient is decides how much it is clipped.
    pub(crate) fn begin(
        &mut self,
        settings: &TrainingSettings,
        rate: f32,
        norm: f64,
    ) -> UpdateRule {
        self.step = self.step.saturating_add(1);
        let limit = f64::from(settings.clip_norm);
        let clip = if limit > 0.0 && norm > limit {
            (limit / norm) as f32
        } else {
            1.0
        };
        let correction = |beta: f32| (1.0 - f64::from(beta).powi(self.step)) as f32;
        UpdateRule {
            rate,
            decay: settings.weight_decay,
            clip,
            first_correction: correction(BETA1),
            second_correction: correction(BETA2),
        }
    }

    /// Moves the weights.
    pub(crate) fn update(&mut self, step: UpdateRule, weights: &mut [f32], gradients: &[f32]) {
        divide(
            step,
            &self.stretches,
            Slices {
                weights,
                first: &mut self.first,
                second: &mut self.second,
                gradients,
            },
        );
    }
}

struct Slices<'a> {
    weights: &'a mut [f32],
    first: &'a mut [f32],
    second: &'a mut [f32],
    gradients: &'a [f32],
}

/// Halves the stretches until one is left, so that no step allocates.
fn divide(step: UpdateRule, stretches: &[(Range<usize>, bool)], slices: Slices) {
    match stretches {
        [] => {}
        [(_, decays)] => {
            let decay = if *decays { step.decay } else { 0.0 };
            let Slices {
                weights,
                first,
                second,
                gradients,
            } = slices;
            update_slice(
                UpdateRule { decay, ..step },
                weights,
                first,
                second,
                gradients,
            );
        }
        _ => {
            let (left, right) = stretches.split_at(stretches.len() / 2);
            let border = right[0].0.start - left[0].0.start;
            let (left_w, right_w) = slices.weights.split_at_mut(border);
            let (left_f, right_f) = slices.first.split_at_mut(border);
            let (left_s, right_s) = slices.second.split_at_mut(border);
            let (left_g, right_g) = slices.gradients.split_at(border);
            let part = |weights, first, second, gradients| Slices {
                weights,
                first,
                second,
                gradients,
            };
            let left_part = part(left_w, left_f, left_s, left_g);
            let right_part = part(right_w, right_f, right_s, right_g);
            rayon::join(
                || divide(step, left, left_part),
                || divide(step, right, right_part),
            );
        }
    }
}

/// The update of one stretch, `step.decay` being its own.
pub(crate) fn update_slice(
    step: UpdateRule,
    weights: &mut [f32],
    first: &mut [f32],
    second: &mut [f32],
    gradients: &[f32],
) {
    let shrink = 1.0 - step.rate * step.decay;
    let rate = step.rate / step.first_correction;
    let root = 1.0 / step.second_correction.sqrt();
    vectorised(
        #[inline(always)]
        || {
            let means = first.iter_mut().zip(second);
            for ((w, (m, v)), g) in weights.iter_mut().zip(means).zip(gradients) {
                let g = g * step.clip;
                *m = BETA1.mul_add(*m, (1.0 - BETA1) * g);
                *v = BETA2.mul_add(*v, (1.0 - BETA2) * g * g);
                let slope = *m / v.sqrt().mul_add(root, EPSILON);
                *w = w.mul_add(shrink, -rate * slope);
            }
        },
    );
}

/// Sum of squares in fixed chunks, in order; `partials` is scratch that keeps
/// its memory.
pub(crate) fn sum_of_squares(values: &[f32], partials: &mut Vec<f64>) -> f64 {
    partials.clear();
    partials.resize(values.len().div_ceil(CHUNK), 0.0);
    values
        .par_chunks(CHUNK)
        .zip(partials.par_iter_mut())
        .for_each(|(chunk, sum)| {
            // Short stretches in single precision, their sum in double.
            *sum = vectorised(
                #[inline(always)]
                || {
                    let mut total = 0.0;
                    for part in chunk.chunks(512) {
                        total += f64::from(dot(part, part));
                    }
                    total
                },
            );
        });
    partials.iter().sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One step worked out by hand from the paper's Algorithm 2.
    #[test]
    fn follows_the_paper() {
        let settings = TrainingSettings {
            weight_decay: 0.1,
            clip_norm: 1.0,
            ..TrainingSettings::default()
        };
        let mut adam = AdamW {
            first: Buffer::zeros(2),
            second: Buffer::zeros(2),
            stretches: vec![(0..1, true), (1..2, false)],
            step: 0,
        };
        let mut weights = [1.0_f32, -2.0];
        for t in 1..=3 {
            let before = weights;
            let gradients = [3.0_f32, 4.0]; // length 5, clipped to 1
            let step = adam.begin(&settings, 0.01, 5.0);
            adam.update(step, &mut weights, &gradients);
            for i in 0..2 {
                let g = f64::from(gradients[i]) / 5.0;
                // A constant gradient has bias-corrected means g and g².
                let decay = if i == 0 { 0.1 } else { 0.0 };
                let move_by = 0.01 * (g / (g.abs() + 1e-8) + decay * f64::from(before[i]));
                let expected = f64::from(before[i]) - move_by;
                assert!((f64::from(weights[i]) - expected).abs() < 1e-6, "step {t}");
            }
        }
    }

    #[test]
    fn the_rate_rises_and_falls() {
        let settings = TrainingSettings::default();
        let rates: Vec<f32> = (0..100).map(|i| learning_rate(&settings, i, 100)).collect();
        assert!(rates[0] > 0.0 && rates[0] < rates[5] && rates[99] < rates[50]);
        assert!((rates[9] - settings.learning_rate).abs() < 1e-9);
        assert!(
            rates
                .iter()
                .all(|rate| *rate > 0.0 && *rate <= settings.learning_rate)
        );
    }

    #[test]
    fn sums_squares_of_any_length() {
        let values = vec![2.0_f32; 3 * CHUNK + 5];
        let mut partials = Vec::new();
        assert_eq!(
            sum_of_squares(&values, &mut partials),
            4.0 * values.len() as f64
        );
    }
}
