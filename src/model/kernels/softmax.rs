//! Softmax of attention scores with dropout behind it, forward and backward.
//!
//! Rows are filled up to whole vectors; what fills them up has the probability
//! 0 and changes nothing.

use super::dropout::Mask;
use super::math::{LANES, dot, exp, vectorised};

/// Softmax of rows of `width` elements, a multiple of [`LANES`], of which the
/// first `used` count; the others become 0.
pub fn softmax_rows(matrix: &mut [f32], width: usize, used: usize) {
    vectorised(
        #[inline(always)]
        || softmax_each(matrix, width, used),
    );
}

#[inline(always)]
fn softmax_each(matrix: &mut [f32], width: usize, used: usize) {
    for row in matrix.chunks_exact_mut(width) {
        for x in &mut row[used..] {
            *x = f32::MIN;
        }
        let (blocks, _) = row.as_chunks_mut::<LANES>();
        let mut tops = [f32::MIN; LANES];
        for block in blocks.iter() {
            for lane in 0..LANES {
                tops[lane] = tops[lane].max(block[lane]);
            }
        }
        let mut top = f32::MIN;
        for lane in tops {
            top = top.max(lane);
        }
        let mut sums = [0.0_f32; LANES];
        for block in blocks.iter_mut() {
            for lane in 0..LANES {
                block[lane] = exp(block[lane] - top);
                sums[lane] += block[lane];
            }
        }
        let mut total = 0.0;
        for lane in sums {
            total += lane;
        }
        let share = 1.0 / total;
        for block in blocks.iter_mut() {
            for x in block {
                *x *= share;
            }
        }
    }
}

/// `dropped = probabilities` with some of them dropped; `first` is the number
/// of the first element in the mask.
pub fn drop_some(dropped: &mut [f32], probabilities: &[f32], mask: Mask, first: usize) {
    vectorised(
        #[inline(always)]
        || {
            let mut index = first as u32;
            for (d, p) in dropped.iter_mut().zip(probabilities) {
                *d = p * mask.factor(index);
                index = index.wrapping_add(1);
            }
        },
    );
}

/// Turns gradients of the dropped probabilities into those of the kept ones.
pub fn drop_some_backward(gradients: &mut [f32], mask: Mask, first: usize) {
    vectorised(
        #[inline(always)]
        || {
            let mut index = first as u32;
            for d in gradients.iter_mut() {
                *d *= mask.factor(index);
                index = index.wrapping_add(1);
            }
        },
    );
}

/// Turns gradients of the probabilities, rows of `width` elements, into those
/// of the scores.
pub fn softmax_rows_backward(gradients: &mut [f32], probabilities: &[f32], width: usize) {
    vectorised(
        #[inline(always)]
        || {
            let rows = gradients.chunks_exact_mut(width);
            for (row, probabilities) in rows.zip(probabilities.chunks_exact(width)) {
                let mean = dot(row, probabilities);
                for (d, p) in row.iter_mut().zip(probabilities) {
                    *d = p * (*d - mean);
                }
            }
        },
    );
}
