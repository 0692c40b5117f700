//! Scaled dot-product attention (Vaswani et al. 2017), sequence by sequence
//! over a pack, forward and backward.
//!
//! [`every`] lets all tokens ask; [`first`] only the first of each sequence,
//! with less work. [`tiled`] does either for the families whose tokens know how
//! far others stand away ([`distances`], [`rotary`]) or see only some of them;
//! it keeps no scores, so that memory grows with the text, not with its square.
//! Sequences are independent, so they are divided among the threads; of a long
//! one the heads are, too.

pub mod distances;
pub mod every;
pub mod first;
pub mod places;
pub mod rotary;
mod terms;
pub mod tiled;

use rayon::prelude::*;

use super::config::Config;
use super::kernels::dropout::{Dropout, Mask};
use super::kernels::softmax::{drop_some, drop_some_backward};
use super::pack::{Pack, PackSize, padded};

/// Which tokens of a sequence ask: the rows that a block computes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Queries {
    /// Every token.
    All,
    /// The first token only: the classifier reads nothing else of the last
    /// block.
    First,
}

impl Queries {
    /// Rows over all sequences of a pack of this size.
    pub fn rows(self, size: PackSize) -> usize {
        match self {
            Queries::All => size.tokens,
            Queries::First => size.sequences,
        }
    }
}

/// The sizes that attention needs, and its dropout.
#[derive(Clone, Copy)]
pub struct Shape<'a> {
    /// The sequences.
    pub pack: &'a Pack,
    /// Attention heads.
    pub heads: usize,
    /// Width of a head.
    pub width: usize,
    /// What a product of query and key is multiplied by.
    pub scale: f32,
    /// Dropout of the probabilities, if there is any.
    pub mask: Option<Mask>,
}

impl<'a> Shape<'a> {
    /// The shape of attention in a model.
    pub fn new(config: &Config, pack: &'a Pack) -> Self {
        Self {
            pack,
            heads: config.heads,
            width: config.head_width(),
            scale: 1.0 / ((config.head_width() * config.score_parts()) as f32).sqrt(),
            mask: None,
        }
    }

    /// The same with some of the probabilities dropped at this place.
    #[must_use]
    pub fn with_dropout(self, dropout: Dropout, place: usize) -> Self {
        let mask = dropout.is_on().then(|| dropout.mask(place));
        Self { mask, ..self }
    }

    fn hidden(self) -> usize {
        self.heads * self.width
    }

    /// Tokens of sequence `s`.
    fn keys(self, s: usize) -> usize {
        self.pack.offsets()[s + 1] - self.pack.offsets()[s]
    }

    /// Elements from one row of probabilities of sequence `s` to the next.
    fn row_stride(self, s: usize) -> usize {
        padded(self.keys(s))
    }

    /// The heads whose probabilities are kept a second time, with dropout.
    fn dropped_heads(self) -> usize {
        if self.mask.is_some() { self.heads } else { 0 }
    }

    /// The weights of the values: the probabilities, or what is left of them,
    /// which is written to `dropped`. The first has this number in the mask.
    fn drop<'p>(self, probabilities: &'p [f32], dropped: &'p mut [f32], first: usize) -> &'p [f32] {
        match self.mask {
            None => probabilities,
            Some(mask) => {
                drop_some(dropped, probabilities, mask, first);
                dropped
            }
        }
    }

    /// Backward of [`Shape::drop`].
    fn drop_backward(self, gradients: &mut [f32], first: usize) {
        if let Some(mask) = self.mask {
            drop_some_backward(gradients, mask, first);
        }
    }
}

/// From so many tokens on, the heads of a sequence are divided among the
/// threads: the work of a head outweighs handing it over.
const LONG: usize = 256;

/// Calls `work` for each head of a sequence with so many keys, with its number
/// and its part of what is written, on one thread or, if the sequence is long,
/// on all; `scratch` makes what a thread works in. Who does it changes no bit.
fn each_head<P: Send, W>(
    keys: usize,
    parts: Vec<P>,
    scratch: impl Fn() -> W + Send + Sync,
    work: impl Fn(&mut W, usize, P) + Send + Sync,
) {
    let together = if keys < LONG { parts.len().max(1) } else { 1 };
    parts
        .into_par_iter()
        .enumerate()
        .with_min_len(together)
        .for_each_init(scratch, |scratch, (head, part)| work(scratch, head, part));
}
