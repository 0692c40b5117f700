//! How the teaching of a blind spot stands.

use crate::comparison::BlindSpotTable;
use crate::records::{Arm, BlindSpotId, Role, Snapshot};
use crate::steps::State;

/// How the teaching of a blind spot stands. Worst first, so that lists sorted
/// by it begin with what needs work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum SpotState {
    /// The last round made it worse.
    Worse,
    /// Nobody wrote a sample for it.
    #[default]
    Untaught,
    /// Samples are there; no round has shown a difference yet.
    Taught,
    /// The last round made it better.
    Better,
}

impl SpotState {
    /// The state of a blind spot with so many training samples.
    ///
    /// Better and worse are read off the region's rate of unknown unknowns on
    /// *check* in the last round of this snapshot, and only said when the
    /// intervals before and after do not touch and there are rows enough.
    pub fn of(id: BlindSpotId, samples: usize, snapshot: &Snapshot, state: &State) -> Self {
        let taught = if samples > 0 {
            SpotState::Taught
        } else {
            SpotState::Untaught
        };
        let rounds = state.rounds.iter().rev();
        let mut of_snapshot = rounds.filter(|result| result.round.snapshot == snapshot.version);
        let table = of_snapshot
            .next()
            .and_then(|result| result.comparison(Role::Check))
            .and_then(|check| check.blind_spots.iter().find(|spot| spot.blind_spot == id));
        table.and_then(change).unwrap_or(taught)
    }
}

fn change(table: &BlindSpotTable) -> Option<SpotState> {
    let is_lesson = |arm: &Arm| matches!(arm, Arm::AllLessons | Arm::Lessons(_));
    let all = table
        .arms
        .iter()
        .find(|figures| figures.arm == Arm::AllLessons);
    let figures = all.or_else(|| table.arms.iter().find(|figures| is_lesson(&figures.arm)))?;
    let (before, after) = (&table.before.share, &figures.after.share);
    match table.enough_rows {
        true if after.upper < before.lower => Some(SpotState::Better),
        true if after.lower > before.upper => Some(SpotState::Worse),
        _ => None,
    }
}
