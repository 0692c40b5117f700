//! Whether the result of a step may be used again: only if its inputs, its
//! settings and the code that computes it are what they were.

use serde::Serialize;

use crate::support::hash::StepHash;
use crate::support::{Error, Result};

/// A step of the loop with everything that its result depends on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepKey {
    name: String,
    hash: String,
}

impl StepKey {
    /// Describes a step.
    ///
    /// `code`: version of the code that computes it; raise it whenever the
    /// same inputs and settings would give another result. The version of the
    /// program counts as well. `settings`: anything that serialises in a fixed
    /// order, seeds included. `inputs`: names with checksums of what it reads.
    ///
    /// # Errors
    /// If the settings cannot be serialised.
    pub fn new(
        name: &str,
        code: u32,
        settings: &impl Serialize,
        inputs: &[(&str, &str)],
    ) -> Result<Self> {
        Self::of_program(env!("CARGO_PKG_VERSION"), name, code, settings, inputs)
    }

    fn of_program(
        program: &str,
        name: &str,
        code: u32,
        settings: &impl Serialize,
        inputs: &[(&str, &str)],
    ) -> Result<Self> {
        let settings = serde_json::to_vec(settings).map_err(|e| {
            Error::program(format!("cannot serialise the settings of step {name}")).because(e)
        })?;
        let hash = StepHash::default()
            .with("program", program.as_bytes())
            .with("step", name.as_bytes())
            .with("code", &code.to_le_bytes())
            .with("settings", &settings);
        let hash = inputs.iter().fold(hash, |hash, (input, checksum)| {
            hash.with(&format!("input {input}"), checksum.as_bytes())
        });
        Ok(Self {
            name: name.to_owned(),
            hash: hash.finish(),
        })
    }

    /// Its name: the store keeps the last result of each name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Checksum of everything that its result depends on.
    pub fn hash(&self) -> &str {
        &self.hash
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INPUTS: [(&str, &str); 2] = [("data", "d1"), ("model", "m1")];

    #[test]
    fn each_thing_that_a_result_depends_on_changes_the_hash() {
        let step = |program, code, tau: f32, inputs: &[(&str, &str)]| {
            StepKey::of_program(program, "discover", code, &tau, inputs).expect("serialises")
        };
        let same = step("0.1.0", 1, 0.9, &INPUTS);
        assert_eq!(same, step("0.1.0", 1, 0.9, &INPUTS));
        for (what, changed) in [
            ("program", step("0.1.1", 1, 0.9, &INPUTS)),
            ("code", step("0.1.0", 2, 0.9, &INPUTS)),
            ("settings", step("0.1.0", 1, 0.8, &INPUTS)),
            (
                "one input",
                step("0.1.0", 1, 0.9, &[("data", "d2"), ("model", "m1")]),
            ),
            (
                "inputs swapped",
                step("0.1.0", 1, 0.9, &[("data", "m1"), ("model", "d1")]),
            ),
            ("an input gone", step("0.1.0", 1, 0.9, &INPUTS[..1])),
        ] {
            assert_ne!(same.hash(), changed.hash(), "{what}");
        }
    }
}
