//! Retraining that an assistant starts: all that a person's would do, read on
//! *check* alone.

use serde_json::Value;

use super::desk::Desk;
use super::looking::of_round;
use super::proposing::changing;
use super::tools::Retrain;
use crate::records::Arm;
use crate::steps::{Basis, State};
use crate::support::{Error, Progress, Result};

/// Seeds unless the assistant asks for others.
const USUAL_SEEDS: u64 = 3;

/// Trains the arms of a new round and gives their comparison on *check*.
pub(super) fn retrain(desk: &Desk, wanted: &Retrain, progress: &Progress) -> Result<Value> {
    changing(desk, |project| {
        let state = State::read(project)?;
        let snapshot = state.require_snapshot()?.clone();
        let base = project.base(false, progress)?;
        let reference = project.reference(&base, progress)?;
        let basis = Basis {
            project,
            base: &base,
            reference: &reference,
            snapshot: &snapshot,
            document: &state.document,
        };
        let seeds = wanted.seeds.unwrap_or(USUAL_SEEDS);
        let plan = basis.plan(&wanted.arms, (seeds, 0, wanted.mode));
        // Its words must not stand in the journal.
        let plan = plan.map_err(|_| {
            Error::input("an arm in the list does not exist")
                .hint(format!("arms are {}", Arm::NAMES))
        })?;
        let trained = basis.train(&plan, progress)?;
        basis.read_check(&trained, progress)?;
        of_round(project, trained.round.number, None)
    })
}
