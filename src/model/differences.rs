//! Weights in half precision as differences from other weights, packed without
//! loss.
//!
//! Fine-tuning moves a weight by a few steps of its half-precision grid. The
//! steps are counted, so that small moves are small numbers whatever the size
//! of the weight; their low and high bytes lie apart, since the high ones are
//! nearly all zero. What is left packs to some 60 % of the halves themselves.

use half::f16;

use crate::support::{Error, Result};

/// Compression level of Zstandard: it is packed once and read often.
const LEVEL: i32 = 12;

/// Packs weights, each beside the one that it differs from.
pub(super) fn pack(weights: impl Iterator<Item = (f32, f32)>) -> Result<Vec<u8>> {
    let steps = weights.map(|(now, before)| {
        let steps = on_grid(now).wrapping_sub(on_grid(before));
        ((steps << 1) ^ (steps >> 15)).to_le_bytes()
    });
    let (mut bytes, high): (Vec<u8>, Vec<u8>) = steps.map(|[low, high]| (low, high)).unzip();
    bytes.extend(high);
    zstd::bulk::compress(&bytes, LEVEL)
        .map_err(|e| Error::program("the weights cannot be packed").because(e))
}

/// Unpacks weights over those that they differ from.
///
/// # Errors
/// When the bytes hold another number of weights, or are damaged.
pub(super) fn unpack(packed: &[u8], weights: &mut [f32]) -> Result<()> {
    let damaged = || Error::input("its packed weights are damaged");
    let bytes =
        zstd::bulk::decompress(packed, 2 * weights.len()).map_err(|e| damaged().because(e))?;
    if bytes.len() != 2 * weights.len() {
        return Err(damaged());
    }
    let (low, high) = bytes.split_at(weights.len());
    for (weight, (low, high)) in weights.iter_mut().zip(low.iter().zip(high)) {
        let folded = u16::from_le_bytes([*low, *high]);
        let steps = (folded >> 1) as i16 ^ -((folded & 1) as i16);
        *weight = from_grid(on_grid(*weight).wrapping_add(steps));
    }
    Ok(())
}

/// The place of a weight among all halves in ascending order, from that of 0.
fn on_grid(weight: f32) -> i16 {
    in_order(f16::from_f32(weight).to_bits() as i16)
}

fn from_grid(place: i16) -> f32 {
    f16::from_bits(in_order(place) as u16).to_f32()
}

/// Turns the magnitudes of negative numbers over; twice changes nothing.
fn in_order(bits: i16) -> i16 {
    bits ^ (((bits >> 15) as u16) >> 1) as i16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_half_comes_back_over_any_other() {
        let halves = || {
            (0..=u16::MAX)
                .map(f16::from_bits)
                .filter(|half| half.is_finite())
        };
        for before in [0.0, -0.0, 1e-7, -0.03, 65504.0, -65504.0] {
            let pairs = halves().map(|half| (half.to_f32(), before));
            let packed = pack(pairs).expect("packs");
            let mut weights = vec![before; halves().count()];
            unpack(&packed, &mut weights).expect("unpacks");
            for (weight, half) in weights.iter().zip(halves()) {
                assert_eq!(weight.to_bits(), half.to_f32().to_bits());
            }
        }
    }

    #[test]
    fn small_moves_pack_to_less_than_the_halves_themselves() {
        let before = (0..40_000_u32).map(|i| ((i * 7919) % 1000) as f32 / 1e4 - 0.05);
        let before: Vec<f32> = before.map(|x| f16::from_f32(x).to_f32()).collect();
        let moved = |(i, x): (usize, &f32)| f16::from_f32(x * (1.0 + (i % 7) as f32 / 500.0));
        let now: Vec<f32> = (before.iter().enumerate())
            .map(|pair| moved(pair).to_f32())
            .collect();
        let packed = pack(now.iter().copied().zip(before.iter().copied())).expect("packs");
        assert!(packed.len() < now.len(), "{} bytes", packed.len());
        let mut weights = before;
        unpack(&packed, &mut weights).expect("unpacks");
        assert_eq!(weights, now);
    }

    #[test]
    fn damage_is_told_and_never_unpacked_beyond_the_weights() {
        let packed = pack((0..1000).map(|i| (i as f32, 0.0))).expect("packs");
        let mut weights = vec![0.0; 1000];
        for cut in [0, 1, packed.len() / 2, packed.len() - 1] {
            assert!(unpack(&packed[..cut], &mut weights).is_err());
        }
        assert!(unpack(&packed, &mut vec![0.0; 999]).is_err());
        assert!(unpack(&packed, &mut vec![0.0; 1001]).is_err());
    }
}
