//! Which arms a round trains, and with which seeds.

use crate::records::{Arm, Mode, RetrainPlan};
use crate::steps::Basis;
use crate::support::{Error, Result};

impl Basis<'_> {
    /// The arms of these names, each once; all that can be trained without
    /// names.
    ///
    /// # Errors
    /// When there is no arm of a name.
    pub fn plan(
        &self,
        names: &[String],
        (seeds, first_seed, mode): (u64, u64, Mode),
    ) -> Result<RetrainPlan> {
        let arms = match names.is_empty() {
            true => self.available_arms(),
            false => arms_of(names)?,
        };
        Ok(usual_plan(arms, seeds, first_seed, mode))
    }
}

/// The arms of names, each once.
fn arms_of(names: &[String]) -> Result<Vec<Arm>> {
    let mut arms = Vec::with_capacity(names.len());
    for name in names {
        let arm = arm_of(name)?;
        if !arms.contains(&arm) {
            arms.push(arm);
        }
    }
    Ok(arms)
}

/// The arm of a name.
///
/// # Errors
/// When there is none.
pub fn arm_of(name: &str) -> Result<Arm> {
    Arm::from_name(name).ok_or_else(|| {
        Error::input(format!("there is no arm `{name}`")).hint(format!("arms are {}", Arm::NAMES))
    })
}

/// The plan that a face proposes: every arm there is, a few seeds, Quick.
pub fn usual_plan(arms: Vec<Arm>, seeds: u64, first_seed: u64, mode: Mode) -> RetrainPlan {
    RetrainPlan {
        mode,
        arms,
        // The seed after the largest one is 0.
        seeds: (0..seeds).map(|n| first_seed.wrapping_add(n)).collect(),
        size: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arm_that_is_named_twice_is_trained_once() {
        let names = ["base", "extra", "base"].map(str::to_owned);
        let arms = arms_of(&names).expect("are arms");
        assert_eq!(arms, [Arm::Base, Arm::Extra]);
    }

    #[test]
    fn seeds_go_on_after_the_largest() {
        let plan = usual_plan(vec![Arm::Base], 3, u64::MAX, Mode::Quick);
        assert_eq!(plan.seeds, [u64::MAX, 0, 1]);
    }
}
