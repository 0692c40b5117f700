//! Dropout whose mask is computed, not stored: element i of a tensor is
//! dropped or kept by a hash of i and a key, so that forward and backward
//! agree and the number of threads does not matter.

use rand::RngCore as _;
use rayon::prelude::*;

use crate::support::rng;

/// The dropout of one training step: gives a mask to each place in the model.
#[derive(Debug, Clone, Copy)]
pub struct Dropout {
    rate: f32,
    key: u64,
}

impl Dropout {
    /// Nothing is dropped.
    pub const OFF: Self = Self { rate: 0.0, key: 0 };

    /// The dropout of the next step; `rate` is the probability to be dropped,
    /// from 0 to below 1.
    pub fn next(rate: f32, generator: &mut rng::Rng) -> Self {
        Self {
            rate,
            key: generator.next_u64(),
        }
    }

    /// Whether anything is dropped.
    pub fn is_on(self) -> bool {
        self.rate > 0.0
    }

    /// The mask of one place in the model, each with its own number.
    pub fn mask(self, place: usize) -> Mask {
        let mixed = mix64(self.key ^ (place as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15));
        Mask {
            key: mixed as u32,
            threshold: (f64::from(self.rate) * 4_294_967_296.0) as u32,
            scale: 1.0 / (1.0 - self.rate),
        }
    }
}

/// Decides for each element of one tensor whether it is dropped.
#[derive(Debug, Clone, Copy)]
pub struct Mask {
    key: u32,
    threshold: u32,
    scale: f32,
}

impl Mask {
    /// What element `index` is multiplied by: 0 or 1 / (1 - rate).
    #[inline(always)]
    pub fn factor(self, index: u32) -> f32 {
        // The finaliser of MurmurHash3 (Appleby, public domain algorithm).
        let mut bits = index.wrapping_mul(0x9E37_79B9) ^ self.key;
        bits = (bits ^ (bits >> 16)).wrapping_mul(0x85EB_CA6B);
        bits = (bits ^ (bits >> 13)).wrapping_mul(0xC2B2_AE35);
        bits ^= bits >> 16;
        if bits >= self.threshold {
            self.scale
        } else {
            0.0
        }
    }
}

/// Drops some elements of a tensor, on all threads.
pub fn drop_in_place(values: &mut [f32], mask: Mask) {
    const LENGTH: usize = 1 << 13;
    let chunks = values.par_chunks_mut(LENGTH).enumerate();
    chunks.for_each(|(chunk, values)| {
        for (index, x) in values.iter_mut().enumerate() {
            *x *= mask.factor((chunk * LENGTH + index) as u32);
        }
    });
}

/// The finaliser of SplitMix64 (Steele, Lea and Flood 2014).
fn mix64(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drops_the_asked_share_and_keeps_the_mean() {
        let mut generator = rng::seeded(1, "dropout");
        let dropout = Dropout::next(0.1, &mut generator);
        let count = 100_000;
        let mean = |mask: Mask| {
            (0..count).map(|i| f64::from(mask.factor(i))).sum::<f64>() / f64::from(count)
        };
        let (one, other) = (dropout.mask(0), dropout.mask(1));
        assert!((mean(one) - 1.0).abs() < 0.01);
        let equal = (0..count)
            .filter(|i| one.factor(*i) == other.factor(*i))
            .count();
        let share = equal as f64 / f64::from(count);
        assert!((share - 0.82).abs() < 0.01, "masks of two places: {share}");
    }

    #[test]
    fn a_high_rate_is_taken_at_its_word() {
        let mut generator = rng::seeded(1, "dropout");
        let mask = Dropout::next(0.99, &mut generator).mask(0);
        let count = 100_000;
        let dropped = (0..count).filter(|i| mask.factor(*i) == 0.0).count();
        let share = dropped as f64 / f64::from(count);
        assert!((share - 0.99).abs() < 0.002, "{share}");
    }

    #[test]
    fn off_keeps_everything() {
        let mask = Dropout::OFF.mask(3);
        assert!((0..1000).all(|i| mask.factor(i) == 1.0));
    }
}
