//! Vectorised elementary functions: accurate to single precision, free of
//! branches and library calls, so that the compiler turns loops over them
//! into vector code for the processor at hand.

use pulp::Arch;

/// Elements of the widest vectors (AVX-512); narrower processors take several.
pub const LANES: usize = 16;

/// Runs a loop compiled for the widest vectors of this processor.
///
/// The closure and what it calls must be `#[inline(always)]`; everything else
/// stays plain SSE2 code. That includes `for_each`, `fold` and `sum` of the
/// standard library, which the compiler is free not to inline: inside, loops
/// are written as `for`.
#[inline(always)]
pub fn vectorised<R>(work: impl FnOnce() -> R) -> R {
    Arch::new().dispatch(work)
}

/// e^x for x ≤ 88, relative error below 3e-7; 0 below -87.
///
/// x = n ln 2 + r; e^r by a polynomial, 2^n by the exponent bits (Cody and
/// Waite's reduction with ln 2 in two parts).
#[inline(always)]
pub fn exp(x: f32) -> f32 {
    const ROUND: f32 = 12_582_912.0; // 1.5 · 2^23: adding it rounds to an integer
    const LN2_HIGH: f32 = 0.693_359_4;
    const LN2_LOW: f32 = -2.121_944_4e-4;
    let clamped = x.clamp(-87.0, 88.0);
    let shifted = clamped.mul_add(std::f32::consts::LOG2_E, ROUND);
    let n = shifted - ROUND;
    let r = n.mul_add(-LN2_LOW, n.mul_add(-LN2_HIGH, clamped));
    let mut p = 1.987_569_1e-4_f32;
    p = p.mul_add(r, 1.398_199_9e-3);
    p = p.mul_add(r, 8.333_452e-3);
    p = p.mul_add(r, 4.166_579_6e-2);
    p = p.mul_add(r, 1.666_666_5e-1);
    p = p.mul_add(r, 0.5);
    p = p.mul_add(r * r, r) + 1.0;
    let exponent = shifted
        .to_bits()
        .wrapping_sub(ROUND.to_bits())
        .wrapping_add(127)
        << 23;
    let value = p * f32::from_bits(exponent);
    if x < -87.0 { 0.0 } else { value }
}

/// GELU(x) = x Φ(x) and its derivative Φ(x) + x φ(x), Φ the normal
/// distribution function (Hendrycks and Gimpel 2016, exact form).
#[inline(always)]
pub fn gelu_and_slope(x: f32) -> (f32, f32) {
    let (below, power) = normal_distribution(x);
    let density = power * 0.398_942_3;
    (x * below, x.mul_add(density, below))
}

/// GELU(x) alone, with the same bits as [`gelu_and_slope`].
#[inline(always)]
pub fn gelu(x: f32) -> f32 {
    x * normal_distribution(x).0
}

/// Φ(x) and exp(-x²/2), from which the density follows.
///
/// Φ by Abramowitz and Stegun 7.1.26 (absolute error of erf below 1.5e-7); it
/// shares its exponential with the density.
#[inline(always)]
fn normal_distribution(x: f32) -> (f32, f32) {
    let z = x.abs() * std::f32::consts::FRAC_1_SQRT_2;
    let t = 1.0 / z.mul_add(0.327_591_1, 1.0);
    let mut p = 1.061_405_4_f32;
    p = p.mul_add(t, -1.453_152);
    p = p.mul_add(t, 1.421_413_7);
    p = p.mul_add(t, -0.284_496_74);
    p = p.mul_add(t, 0.254_829_6);
    let power = exp(-z * z);
    let tail = 0.5 * p * t * power; // 1 - Φ(|x|)
    let below = if x < 0.0 { tail } else { 1.0 - tail };
    (below, power)
}

/// GELU by a hyperbolic tangent, and its derivative: with u = √(2/π) (x +
/// 0.044715 x³) it is x (1 + tanh u) / 2 = x σ(2u), σ the logistic function.
#[inline(always)]
pub fn gelu_tanh_and_slope(x: f32) -> (f32, f32) {
    const TWICE_ROOT: f32 = 1.595_769_2; // 2 √(2/π)
    const CUBIC: f32 = 0.044_715;
    let square = x * x;
    let twice_u = TWICE_ROOT * x * square.mul_add(CUBIC, 1.0);
    let share = logistic(twice_u);
    let slope_of_u = TWICE_ROOT * square.mul_add(3.0 * CUBIC, 1.0);
    let slope = (x * slope_of_u * share).mul_add(1.0 - share, share);
    (x * share, slope)
}

/// x σ(x) and its derivative, σ the logistic function.
#[inline(always)]
pub fn silu_and_slope(x: f32) -> (f32, f32) {
    let share = logistic(x);
    (x * share, (x * share).mul_add(1.0 - share, share))
}

/// max(x, 0) and its derivative, 0 where x is.
#[inline(always)]
pub fn relu_and_slope(x: f32) -> (f32, f32) {
    if x > 0.0 { (x, 1.0) } else { (0.0, 0.0) }
}

/// Hyperbolic tangent and its derivative, absolute error below 3e-7.
#[inline(always)]
pub fn tanh_and_slope(x: f32) -> (f32, f32) {
    let value = logistic(2.0 * x).mul_add(2.0, -1.0);
    (value, value.mul_add(-value, 1.0))
}

/// 1 / (1 + e^-x).
#[inline(always)]
fn logistic(x: f32) -> f32 {
    1.0 / (1.0 + exp(-x))
}

/// Sum of a slice in a fixed order of 16 interleaved partial sums.
#[inline(always)]
pub fn sum(values: &[f32]) -> f32 {
    let mut lanes = [0.0_f32; LANES];
    let (blocks, rest) = values.as_chunks::<LANES>();
    for block in blocks {
        for lane in 0..LANES {
            lanes[lane] += block[lane];
        }
    }
    let mut total = 0.0;
    for lane in lanes {
        total += lane;
    }
    for value in rest {
        total += value;
    }
    total
}

/// Dot product in the order of [`sum`].
#[inline(always)]
pub fn dot(left: &[f32], right: &[f32]) -> f32 {
    let mut lanes = [0.0_f32; LANES];
    let (left_blocks, left_rest) = left.as_chunks::<LANES>();
    let (right_blocks, right_rest) = right.as_chunks::<LANES>();
    for (a, b) in left_blocks.iter().zip(right_blocks) {
        for lane in 0..LANES {
            lanes[lane] = a[lane].mul_add(b[lane], lanes[lane]);
        }
    }
    let mut total = 0.0;
    for lane in lanes {
        total += lane;
    }
    for (a, b) in left_rest.iter().zip(right_rest) {
        total += a * b;
    }
    total
}

#[cfg(test)]
mod tests {
    use super::*;
    use statrs::function::erf::erf;

    #[test]
    fn exponential_is_accurate() {
        for step in -8_700..=8_800 {
            let x = step as f32 / 100.0;
            let exact = f64::from(x).exp();
            let error = (f64::from(exp(x)) - exact).abs() / exact;
            assert!(error < 3e-7, "exp({x}): relative error {error}");
        }
        assert_eq!(exp(-1000.0), 0.0);
        assert_eq!(exp(f32::NEG_INFINITY), 0.0);
    }

    #[test]
    fn gelu_follows_the_error_function() {
        for step in -1_000..=1_000 {
            let x = f64::from(step) / 100.0;
            let below = 0.5 * (1.0 + erf(x / 2.0_f64.sqrt()));
            let density = (-x * x / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt();
            let (value, slope) = gelu_and_slope(x as f32);
            let error = (f64::from(value) - x * below).abs();
            assert!(error < 1e-6, "gelu({x}): error {error}");
            let error = (f64::from(slope) - (below + x * density)).abs();
            assert!(error < 1e-6, "slope at {x}: error {error}");
        }
    }

    /// Values by their definitions, slopes by differences, in double precision.
    #[test]
    fn the_other_activations_follow_their_definitions() {
        type Case = (fn(f32) -> (f32, f32), fn(f64) -> f64);
        let cases: [Case; 4] = [
            (gelu_tanh_and_slope, |x| {
                let u = (2.0 / std::f64::consts::PI).sqrt() * (x + 0.044_715 * x.powi(3));
                0.5 * x * (1.0 + u.tanh())
            }),
            (silu_and_slope, |x| x / (1.0 + (-x).exp())),
            (relu_and_slope, |x| x.max(0.0)),
            (tanh_and_slope, f64::tanh),
        ];
        for (number, (ours, exact)) in cases.into_iter().enumerate() {
            for step in -1_000..=1_000 {
                // Between the steps, lest a difference straddles ReLU's corner.
                let x = f64::from((f64::from(step) / 100.0 + 0.003) as f32);
                let (value, slope) = ours(x as f32);
                let difference = (exact(x + 1e-6) - exact(x - 1e-6)) / 2e-6;
                let size = 1.0_f64.max(x.abs());
                let error = (f64::from(value) - exact(x)).abs() / size;
                assert!(error < 5e-7, "{number} at {x}: error {error}");
                let error = (f64::from(slope) - difference).abs() / size;
                assert!(error < 2e-6, "slope of {number} at {x}: error {error}");
            }
            // Far out nothing overflows.
            for x in [-1e4_f32, 1e4] {
                let (value, slope) = ours(x);
                assert!(value.is_finite() && slope.is_finite(), "{number} at {x}");
            }
        }
    }

    #[test]
    fn sums_take_every_element() {
        let values: Vec<f32> = (0..37).map(|i| i as f32).collect();
        assert_eq!(sum(&values), 666.0);
        assert_eq!(dot(&values, &values), 16_206.0);
    }
}
