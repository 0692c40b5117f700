//! The program's only source of randomness: seeded, the same on every machine.

use rand::SeedableRng;
use rand_xoshiro::Xoshiro256PlusPlus;
use sha2::{Digest, Sha256};

/// The generator used everywhere.
pub type Rng = Xoshiro256PlusPlus;

/// A generator for one purpose.
///
/// `stream` names the purpose ("dropout", "batches", …), so that drawing more
/// numbers for one purpose never changes another.
pub fn seeded(seed: u64, stream: &str) -> Rng {
    let mut hasher = Sha256::new();
    hasher.update(seed.to_le_bytes());
    hasher.update(stream.as_bytes());
    Xoshiro256PlusPlus::from_seed(hasher.finalize().into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::RngCore;

    #[test]
    fn streams_of_one_seed_differ_and_repeat() {
        let draw = |seed, stream| seeded(seed, stream).next_u64();
        assert_eq!(draw(1, "dropout"), draw(1, "dropout"));
        assert_ne!(draw(1, "dropout"), draw(1, "batches"));
        assert_ne!(draw(1, "dropout"), draw(2, "dropout"));
    }
}
