//! Money and tokens, counted so that rounding never hides a cost.

use std::fmt;

use serde::{Deserialize, Serialize};

/// An amount in billionths of the currency of the prices.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Money(pub u64);

impl Money {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// An amount in whole units of the currency, rounded down; amounts below
    /// zero and what is no number count as zero.
    pub fn of(units: f64) -> Self {
        // The cast saturates: an absurdly large limit is no limit.
        Self((units * 1e9).floor() as u64)
    }

    /// The amount in whole units of the currency.
    pub fn units(self) -> f64 {
        self.0 as f64 / 1e9
    }

    /// The sum; amounts beyond 18 billion units stay there.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.4}", self.units())
    }
}

/// Prices of a million tokens, in any one currency.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prices {
    /// Of a million tokens sent.
    pub input: f64,
    /// Of a million tokens received.
    pub output: f64,
}

impl Prices {
    /// Whether both are finite and not below zero.
    pub fn is_valid(&self) -> bool {
        [self.input, self.output]
            .iter()
            .all(|price| price.is_finite() && *price >= 0.0)
    }

    /// What so many tokens cost, rounded up.
    pub fn cost(&self, input_tokens: u64, output_tokens: u64) -> Money {
        let millions = input_tokens as f64 * self.input + output_tokens as f64 * self.output;
        Money((millions * 1e3).ceil() as u64)
    }
}

/// Tokens of one call.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Tokens sent, cached ones included.
    pub input_tokens: u64,
    /// Tokens received, thinking included.
    pub output_tokens: u64,
    /// Whether the server named none and they were estimated (four
    /// characters a token).
    #[serde(default)]
    pub estimated: bool,
}

impl Usage {
    /// An estimate from the characters sent and received.
    pub fn estimate(sent: &str, received: &str) -> Self {
        let tokens = |text: &str| (text.chars().count() as u64).div_ceil(4);
        Self {
            input_tokens: tokens(sent),
            output_tokens: tokens(received),
            estimated: true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn costs_round_up_and_limits_down() {
        let prices = Prices {
            input: 0.15,
            output: 0.6,
        };
        assert_eq!(prices.cost(1_000_000, 1_000_000), Money::of(0.75));
        assert_eq!(prices.cost(1, 0), Money(150));
        assert_eq!(Money::of(-1.0), Money::ZERO);
        assert_eq!(Money::of(f64::NAN), Money::ZERO);
    }
}
