//! The standard classification head on each sequence's first token, as Python
//! transformers has it: a dense layer (BERT: tanh, DistilBERT: ReLU), dropout,
//! a linear classifier.

use super::buffer::Buffer;
use super::config::{Config, Family};
use super::kernels::dropout::Dropout;
use super::kernels::{column_sums, fill_rows, partial_length};
use super::layout::HeadParts;
use super::linear::{linear, linear_backward, weight_gradient};
use super::matrix::Into;

/// Where the head's dropout draws its mask from.
const DROPOUT_PLACE: usize = usize::MAX;

/// What forward leaves for backward.
#[derive(Debug, Clone, Default)]
pub struct HeadBuffers {
    /// The first token of each sequence, `[sequences, hidden]`.
    pub first: Buffer,
    /// After the dense layer.
    dense: Buffer,
    /// After dropout.
    dropped: Buffer,
    /// `[sequences, classes]`; backward expects their gradient here.
    pub logits: Buffer,
    partials: Buffer,
}

impl HeadBuffers {
    /// Buffers for up to so many sequences.
    pub fn new(config: &Config, sequences: usize) -> Self {
        let (hidden, classes) = (config.hidden, config.labels.len());
        Self {
            first: Buffer::zeros(sequences * hidden),
            dense: Buffer::zeros(sequences * hidden),
            dropped: Buffer::zeros(sequences * hidden),
            logits: Buffer::zeros(sequences * classes),
            partials: Buffer::zeros(partial_length(sequences, hidden.max(classes))),
        }
    }
}

/// `buffers.first` → `buffers.logits`.
pub fn forward(
    config: &Config,
    weights: &HeadParts<&[f32]>,
    sequences: usize,
    dropout: Dropout,
    buffers: &mut HeadBuffers,
) {
    let (hidden, classes) = (config.hidden, config.labels.len());
    if classes == 0 || sequences == 0 {
        return;
    }
    let first = &buffers.first[..sequences * hidden];
    let dense = &mut buffers.dense[..sequences * hidden];
    fill_rows(dense, weights.dense_bias);
    linear(dense, Into::Add, first, weights.dense_weight, sequences);
    let mask = dropout.mask(DROPOUT_PLACE);
    let dropped = &mut buffers.dropped[..sequences * hidden];
    for (index, (x, y)) in dense.iter_mut().zip(dropped.iter_mut()).enumerate() {
        *x = match config.family {
            Family::Bert => x.tanh(),
            Family::DistilBert => x.max(0.0),
        };
        *y = *x * mask.factor(index as u32);
    }
    let logits = &mut buffers.logits[..sequences * classes];
    fill_rows(logits, weights.classifier_bias);
    linear(
        logits,
        Into::Add,
        dropped,
        weights.classifier_weight,
        sequences,
    );
}

/// Backward of [`forward`]: `buffers.logits` holds the gradient of the
/// logits; writes that of the first tokens into `gradient`.
pub fn backward(
    config: &Config,
    weights: &HeadParts<&[f32]>,
    sequences: usize,
    dropout: Dropout,
    buffers: &mut HeadBuffers,
    into: HeadParts<&mut [f32]>,
    gradient: &mut [f32],
) {
    let (hidden, classes) = (config.hidden, config.labels.len());
    let logits = &buffers.logits[..sequences * classes];
    let dropped = &mut buffers.dropped[..sequences * hidden];
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
    let dense = &buffers.dense[..sequences * hidden];
    for (index, (d, x)) in inner.iter_mut().zip(dense).enumerate() {
        let slope = match config.family {
            Family::Bert => x.mul_add(-*x, 1.0),
            Family::DistilBert => f32::from(u8::from(*x > 0.0)),
        };
        *d *= mask.factor(index as u32) * slope;
    }
    let first = &buffers.first[..sequences * hidden];
    column_sums(into.dense_bias, inner, &mut buffers.partials);
    weight_gradient(into.dense_weight, inner, first, sequences);
    let gradient = &mut gradient[..sequences * hidden];
    linear_backward(
        gradient,
        Into::Overwrite,
        inner,
        weights.dense_weight,
        sequences,
    );
}

/// Softmax cross-entropy, weighted mean over the sequences: the loss, with
/// `logits`, `[sequences, classes]`, turned into its gradient.
pub fn cross_entropy(logits: &mut [f32], classes: usize, labels: &[u16], weights: &[f32]) -> f64 {
    let total: f64 = weights.iter().map(|w| f64::from(*w)).sum();
    let mut loss = 0.0;
    let rows = logits.chunks_exact_mut(classes).zip(labels).zip(weights);
    for ((row, label), weight) in rows {
        let share = if total > 0.0 {
            f64::from(*weight) / total
        } else {
            0.0
        };
        let top = row.iter().copied().fold(f32::MIN, f32::max);
        let sum: f64 = row.iter().map(|x| f64::from(x - top).exp()).sum();
        let label = usize::from(*label);
        loss += share * (sum.ln() - f64::from(row[label] - top));
        for (class, x) in row.iter_mut().enumerate() {
            let probability = f64::from(*x - top).exp() / sum;
            let target = f64::from(u8::from(class == label));
            *x = (share * (probability - target)) as f32;
        }
    }
    loss
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cross_entropy_and_its_gradient() {
        let start = [0.3_f32, -1.2, 2.0, 0.5, 0.1, -0.4];
        let (labels, weights) = ([2_u16, 0], [1.0_f32, 3.0]);
        let loss = |logits: &[f32]| cross_entropy(&mut logits.to_vec(), 3, &labels, &weights);
        let mut gradient = start;
        cross_entropy(&mut gradient, 3, &labels, &weights);
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
