//! The standard classification head on each sequence's pooled states, as
//! Python's transformers has it: a dense layer with the family's activation
//! (in ModernBERT a LayerNorm, too), dropout, a linear classifier.

use super::buffer::Buffer;
use super::config::{Activation, Config};
use super::kernels::dropout::{Dropout, drop_in_place};
use super::kernels::math::{gelu_and_slope, gelu_tanh_and_slope, silu_and_slope};
use super::kernels::norm::{Norm, NormGradients, NormSaved, norm_backward, normalise};
use super::kernels::{add_bias, column_sums, partial_length};
use super::layout::HeadParts;
use super::linear::{linear, linear_backward, weight_gradient};
use super::matrix::Into;

/// Where the head's dropout draws its masks from: behind the dense layer, and
/// in front of it.
const DROPOUT_PLACE: usize = usize::MAX;
const INPUT_DROPOUT_PLACE: usize = usize::MAX - 1;

/// What forward leaves for backward.
#[derive(Debug, Clone, Default)]
pub struct HeadBuffers {
    /// The pooled states of each sequence, `[sequences, hidden]`; after
    /// forward, what is left of them after dropout.
    pub pooled: Buffer,
    /// Slope of the activation behind the dense layer.
    slope: Buffer,
    /// After the activation; of a LayerNorm, the normalised rows.
    dense: Buffer,
    /// One over the standard deviations of the LayerNorm, if there is one.
    inverse: Buffer,
    /// After dropout.
    dropped: Buffer,
    /// `[sequences, labels]`; backward expects their gradient here.
    pub logits: Buffer,
    /// `[sequences, classes]` where several classes mean one label, else empty;
    /// backward leaves their gradient here.
    by_class: Buffer,
    partials: Buffer,
}

impl HeadBuffers {
    /// Buffers for up to so many sequences.
    pub fn new(config: &Config, sequences: usize) -> Self {
        let (hidden, classes) = (config.hidden, config.classes());
        let zeros = Buffer::zeros;
        let by_class = if config.grouped.is_empty() {
            0
        } else {
            classes
        };
        Self {
            pooled: zeros(sequences * hidden),
            slope: zeros(sequences * hidden),
            dense: zeros(sequences * hidden),
            inverse: zeros(if config.head.normed { sequences } else { 0 }),
            dropped: zeros(sequences * hidden),
            logits: zeros(sequences * config.labels.len()),
            by_class: zeros(sequences * by_class),
            partials: zeros(partial_length(sequences, classes.max(2 * hidden))),
        }
    }
}

/// The activation of a head; these are few values, so that the library's
/// hyperbolic tangent will do.
fn activate(activation: Activation, x: f32) -> (f32, f32) {
    match activation {
        Activation::Gelu => gelu_and_slope(x),
        Activation::GeluTanh => gelu_tanh_and_slope(x),
        Activation::Silu => silu_and_slope(x),
        Activation::Relu => (x.max(0.0), f32::from(u8::from(x > 0.0))),
        Activation::Tanh => {
            let y = x.tanh();
            (y, y.mul_add(-y, 1.0))
        }
    }
}

/// `buffers.pooled` → `buffers.logits`.
pub fn forward(
    config: &Config,
    weights: &HeadParts<&[f32]>,
    sequences: usize,
    dropout: Dropout,
    buffers: &mut HeadBuffers,
) {
    let (hidden, classes) = (config.hidden, config.classes());
    if classes == 0 || sequences == 0 {
        return;
    }
    let used = ..sequences * hidden;
    let pooled = &mut buffers.pooled[used];
    if config.head.drops_input {
        drop_in_place(pooled, dropout.mask(INPUT_DROPOUT_PLACE));
    }
    let dense = &mut buffers.dense[used];
    let into = add_bias(dense, weights.dense_bias);
    linear(dense, into, pooled, weights.dense_weight, sequences);
    for (x, slope) in dense.iter_mut().zip(&mut buffers.slope[used]) {
        (*x, *slope) = activate(config.head.activation, *x);
    }
    let dropped = &mut buffers.dropped[used];
    if config.head.normed {
        let norm = Norm {
            scale: weights.norm_scale,
            shift: weights.norm_shift,
            epsilon: config.norm_epsilon,
        };
        let rows = dense.chunks_exact_mut(hidden).zip(&mut buffers.inverse[..]);
        for ((row, inverse), out) in rows.zip(dropped.chunks_exact_mut(hidden)) {
            *inverse = normalise(row, norm, out);
        }
    } else {
        dropped.copy_from_slice(dense);
    }
    drop_in_place(dropped, dropout.mask(DROPOUT_PLACE));
    let logits = match config.grouped.is_empty() {
        true => &mut buffers.logits[..sequences * classes],
        false => &mut buffers.by_class[..sequences * classes],
    };
    let into = add_bias(logits, weights.classifier_bias);
    linear(logits, into, dropped, weights.classifier_weight, sequences);
    if !config.grouped.is_empty() {
        let labels = &mut buffers.logits[..sequences * config.labels.len()];
        add_up(config, &buffers.by_class[..sequences * classes], labels);
    }
}

/// Logits of the classes, `[sequences, classes]`, → logits of the labels that
/// they mean, `[sequences, labels]`: the logarithm of the sum of the
/// exponentials, so that the softmax of these gives each label the sum of its
/// classes' probabilities.
fn add_up(config: &Config, classes: &[f32], labels: &mut [f32]) {
    let rows = classes.chunks_exact(config.grouped.len());
    for (row, out) in rows.zip(labels.chunks_exact_mut(config.labels.len())) {
        for (label, logit) in out.iter_mut().enumerate() {
            let top = of_label(config, label, row).fold(f32::NEG_INFINITY, f32::max);
            let sum: f32 = of_label(config, label, row).map(|x| (x - top).exp()).sum();
            *logit = top + sum.ln();
        }
    }
}

/// The values of the classes that mean a label.
fn of_label<'a>(
    config: &'a Config,
    label: usize,
    row: &'a [f32],
) -> impl Iterator<Item = f32> + 'a {
    let classes = config.grouped.iter().zip(row);
    classes
        .filter(move |(class, _)| class.label == label)
        .map(|(_, x)| *x)
}

/// Backward of [`add_up`]: each class gets the part of its label's gradient
/// that is its share of the label's probability. `classes` holds its logits and
/// is turned into their gradient.
fn share_out(config: &Config, classes: &mut [f32], labels: &[f32]) {
    let rows = classes.chunks_exact_mut(config.grouped.len());
    for (row, gradient) in rows.zip(labels.chunks_exact(config.labels.len())) {
        for (label, slope) in gradient.iter().enumerate() {
            let top = of_label(config, label, row).fold(f32::NEG_INFINITY, f32::max);
            let sum: f32 = of_label(config, label, row).map(|x| (x - top).exp()).sum();
            let own = config.grouped.iter().zip(&mut *row);
            for (_, x) in own.filter(|(class, _)| class.label == label) {
                *x = slope * (*x - top).exp() / sum;
            }
        }
    }
}

/// Backward of [`forward`]: `buffers.logits` holds the gradient of the
/// labels' logits; writes that of the pooled states into `gradient`.
pub fn backward(
    config: &Config,
    weights: &HeadParts<&[f32]>,
    sequences: usize,
    dropout: Dropout,
    buffers: &mut HeadBuffers,
    into: HeadParts<&mut [f32]>,
    gradient: &mut [f32],
) {
    let (hidden, classes) = (config.hidden, config.classes());
    let used = ..sequences * hidden;
    let logits = match config.grouped.is_empty() {
        true => &buffers.logits[..sequences * classes],
        false => {
            let by_class = &mut buffers.by_class[..sequences * classes];
            share_out(config, by_class, &buffers.logits);
            &*by_class
        }
    };
    let dropped = &mut buffers.dropped[used];
    column_sums(into.classifier_bias, logits, &mut buffers.partials);
    weight_gradient(into.classifier_weight, logits, dropped, sequences);
    let inner = dropped; // no longer needed as an activation
    linear_backward(
        inner,
        Into::Overwrite,
        logits,
        weights.classifier_weight,
        sequences,
    );
    let mask = dropout.mask(DROPOUT_PLACE);
    if config.head.normed {
        let saved = NormSaved {
            normalised: &buffers.dense[used],
            inverse_deviation: &buffers.inverse[..sequences],
        };
        let into = NormGradients {
            scale: into.norm_scale,
            shift: into.norm_shift,
            bias: &mut [],
        };
        let scale = weights.norm_scale;
        norm_backward(inner, saved, scale, mask, into, &mut buffers.partials);
        for (d, slope) in inner.iter_mut().zip(&buffers.slope[used]) {
            *d *= slope;
        }
    } else {
        for (index, (d, slope)) in inner.iter_mut().zip(&buffers.slope[used]).enumerate() {
            *d *= mask.factor(index as u32) * slope;
        }
    }
    if !into.dense_bias.is_empty() {
        column_sums(into.dense_bias, inner, &mut buffers.partials);
    }
    let pooled = &buffers.pooled[used];
    weight_gradient(into.dense_weight, inner, pooled, sequences);
    let gradient = &mut gradient[used];
    linear_backward(
        gradient,
        Into::Overwrite,
        inner,
        weights.dense_weight,
        sequences,
    );
    if config.head.drops_input {
        drop_in_place(gradient, dropout.mask(INPUT_DROPOUT_PLACE));
    }
}

/// What the answer to a sequence should be.
pub trait Target {
    /// Probability that a class should get.
    fn probability(&self, class: usize) -> f64;
}

/// A class, and no other.
impl Target for u16 {
    fn probability(&self, class: usize) -> f64 {
        f64::from(u8::from(usize::from(*self) == class))
    }
}

/// The probabilities of another model, one for each class.
impl Target for &[f32] {
    fn probability(&self, class: usize) -> f64 {
        self.get(class).copied().map_or(0.0, f64::from)
    }
}

/// Softmax cross-entropy to the targets, weighted mean over the sequences: the
/// loss, with `logits`, `[sequences, classes]`, turned into its gradient.
pub fn cross_entropy(
    logits: &mut [f32],
    classes: usize,
    targets: &[impl Target],
    weights: &[f32],
) -> f64 {
    let total: f64 = weights.iter().map(|w| f64::from(*w)).sum();
    let mut loss = 0.0;
    let rows = logits.chunks_exact_mut(classes).zip(targets).zip(weights);
    for ((row, target), weight) in rows {
        let share = if total > 0.0 {
            f64::from(*weight) / total
        } else {
            0.0
        };
        let top = row.iter().copied().fold(f32::MIN, f32::max);
        let sum: f64 = row.iter().map(|x| f64::from(x - top).exp()).sum();
        let surprise = |(class, x): (usize, &f32)| {
            let wanted = target.probability(class);
            // Logits of classes that are not wanted may be infinitely low.
            match wanted > 0.0 {
                true => wanted * (sum.ln() - f64::from(*x - top)),
                false => 0.0,
            }
        };
        loss += share * row.iter().enumerate().map(surprise).sum::<f64>();
        for (class, x) in row.iter_mut().enumerate() {
            let probability = f64::from(*x - top).exp() / sum;
            *x = (share * (probability - target.probability(class))) as f32;
        }
    }
    loss
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cross_entropy_and_its_gradient() {
        is_the_slope(&[2_u16, 0]);
        is_the_slope(&[&[0.2_f32, 0.1, 0.7][..], &[0.0, 0.5, 0.5]]);
        let start = [0.3_f32, -1.2, 2.0, 0.5, 0.1, -0.4];
        let (mut hard, mut soft) = (start, start);
        let weights = [1.0, 3.0];
        let one = cross_entropy(&mut hard, 3, &[2_u16, 0], &weights);
        let rows = [&[0.0_f32, 0.0, 1.0][..], &[1.0, 0.0, 0.0]];
        let other = cross_entropy(&mut soft, 3, &rows, &weights);
        assert_eq!((one, hard), (other, soft), "a certain answer is a class");
    }

    fn is_the_slope(targets: &[impl Target]) {
        let start = [0.3_f32, -1.2, 2.0, 0.5, 0.1, -0.4];
        let weights = [1.0_f32, 3.0];
        let loss = |logits: &[f32]| cross_entropy(&mut logits.to_vec(), 3, targets, &weights);
        let mut gradient = start;
        cross_entropy(&mut gradient, 3, targets, &weights);
        for i in 0..start.len() {
            let shifted = |by: f32| {
                let mut logits = start;
                logits[i] += by;
                loss(&logits)
            };
            let slope = (shifted(1e-2) - shifted(-1e-2)) / 2e-2;
            assert!((slope - f64::from(gradient[i])).abs() < 1e-4);
        }
    }
}
