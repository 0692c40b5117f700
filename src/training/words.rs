//! Training of the word embedding table, on the rows that a batch touches.
//!
//! Untouched rows keep their weights and their running means ("lazy" Adam: the
//! means of a rare word do not fade while it is absent, and it is not decayed).
//! That makes a step as cheap as its batch is small.

use super::adamw::{UpdateRule, update_slice};
use crate::model::Config;
use crate::model::buffer::Buffer;
use crate::model::kernels::add;
use crate::model::kernels::math::{dot, vectorised};
use crate::model::pack::Pack;

/// Running means for all rows, and the gradients of a batch's rows.
pub(crate) struct WordRows {
    width: usize,
    first: Buffer,
    second: Buffer,
    /// Word id and token of the batch, sorted.
    places: Vec<(u32, usize)>,
    /// Touched word ids, ascending.
    touched: Vec<u32>,
    /// Their gradients, `[touched, width]`.
    gradients: Vec<f32>,
}

impl WordRows {
    /// All running means 0.
    pub(crate) fn new(config: &Config) -> Self {
        let size = config.vocabulary * config.embedding;
        Self {
            width: config.embedding,
            first: Buffer::zeros(size),
            second: Buffer::zeros(size),
            places: Vec::new(),
            touched: Vec::new(),
            gradients: Vec::new(),
        }
    }

    /// Adds up the gradients of each word's tokens, in order; gives their sum
    /// of squares.
    pub(crate) fn collect(&mut self, pack: &Pack, token_gradients: &[f32]) -> f64 {
        let width = self.width;
        self.places.clear();
        let tokens = pack.ids().iter().enumerate();
        self.places.extend(tokens.map(|(token, id)| (*id, token)));
        self.places.sort_unstable();
        self.touched.clear();
        self.gradients.clear();
        for &(id, token) in &self.places {
            let row = &token_gradients[token * width..(token + 1) * width];
            if self.touched.last() == Some(&id) {
                let end = self.gradients.len();
                add(&mut self.gradients[end - width..], row);
            } else {
                self.touched.push(id);
                self.gradients.extend_from_slice(row);
            }
        }
        vectorised(
            #[inline(always)]
            || {
                let mut total = 0.0;
                for row in self.gradients.chunks_exact(width) {
                    total += f64::from(dot(row, row));
                }
                total
            },
        )
    }

    /// Moves the touched rows of the table.
    pub(crate) fn update(&mut self, step: UpdateRule, table: &mut [f32]) {
        let width = self.width;
        for (id, gradient) in self.touched.iter().zip(self.gradients.chunks_exact(width)) {
            let row = *id as usize * width..(*id as usize + 1) * width;
            update_slice(
                step,
                &mut table[row.clone()],
                &mut self.first[row.clone()],
                &mut self.second[row],
                gradient,
            );
        }
    }
}
