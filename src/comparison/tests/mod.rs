mod headline;
mod interference;
mod reference;
mod simulation;
mod simulations;
mod table;
mod take_home;

use super::ArmRuns;
use crate::records::Arm;

/// These arms, and the controls that are missing as asked for without anything
/// to add.
fn with_all_controls(arms: &[ArmRuns]) -> Vec<ArmRuns> {
    let missing = Arm::CONTROLS
        .into_iter()
        .filter(|control| arms.iter().all(|given| given.arm != *control))
        .map(|arm| ArmRuns {
            arm,
            runs: Vec::new(),
        });
    arms.iter().cloned().chain(missing).collect()
}
