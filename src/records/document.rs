//! The part of the state that a person wrote: what undo goes back over and
//! what is made durable before a command returns.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{
    BlindSpotId, DiscoverySettings, ExampleKey, Lesson, RecordId, Signature, Snapshot,
    TeacherChoice, Triage,
};
use crate::support::text::shortened;

/// Characters of a hypothesis that name a blind spot, at most.
const LONGEST_NAME: usize = 60;

/// Everything a person decided or wrote. Cheap to clone: lessons are shared.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Document {
    /// Judgements on confident "errors".
    pub triage: BTreeMap<ExampleKey, Triage>,
    /// Who judged each, and when; none of judgements that an earlier version
    /// kept.
    pub judged: BTreeMap<ExampleKey, Signature>,
    /// τ, k and the rest as set by the sliders; a freeze turns them into a
    /// snapshot.
    pub settings: DiscoverySettings,
    /// What project.toml said when the settings were last taken from it; none
    /// in documents of earlier versions.
    pub settings_from: Option<DiscoverySettings>,
    /// Version of the snapshot in use; none before the first freeze.
    pub snapshot: Option<u32>,
    /// Names given to blind spots by hand.
    pub names: BTreeMap<BlindSpotId, String>,
    /// Unknown unknowns moved to another blind spot or dropped from all.
    pub moves: BTreeMap<ExampleKey, Placement>,
    /// Who is to teach which blind spot.
    pub teachers: BTreeMap<BlindSpotId, TeacherChoice>,
    /// What teachers wrote.
    pub lessons: BTreeMap<RecordId, Arc<Lesson>>,
    /// Round whose model is in use; 0 is the reference base.
    pub model_round: u32,
    /// Rounds whose models were found not worth keeping. Their figures and
    /// weights stay.
    pub discarded: BTreeSet<u32>,
    /// Second models that were taken off the list. Their figures stay, and
    /// comparing with one again lists it again.
    pub unlisted_seconds: BTreeSet<u32>,
}

impl Document {
    /// The name of a blind spot: the one given by hand, else the first hypothesis
    /// on it, shortened, else the one that was made.
    pub fn blind_spot_name(&self, id: BlindSpotId, snapshot: &Snapshot) -> String {
        if self.names.contains_key(&id) {
            return self.name_for_teachers(id, snapshot);
        }
        let lessons = self.lessons.values().filter(|lesson| {
            let is_here = lesson.blind_spot == id && snapshot.blind_spot(id).is_some();
            is_here && !lesson.hypotheses.is_empty()
        });
        let first = lessons.min_by_key(|lesson| (&lesson.created, &lesson.id));
        let first = first.and_then(|lesson| lesson.hypotheses.first());
        match first {
            Some(hypothesis) => shortened(&hypothesis.text, LONGEST_NAME),
            None => self.name_for_teachers(id, snapshot),
        }
    }

    /// The same without hypotheses: a teacher must not be told what others
    /// think.
    pub fn name_for_teachers(&self, id: BlindSpotId, snapshot: &Snapshot) -> String {
        self.names
            .get(&id)
            .cloned()
            .or_else(|| snapshot.blind_spot(id).map(|spot| spot.name.clone()))
            .unwrap_or_else(|| format!("blind spot {id}"))
    }

    /// The blind spot that an error belongs to after moves by hand, if it was
    /// frozen in `frozen_in`; none if it was dropped from all.
    pub fn place_of(&self, error: &ExampleKey, frozen_in: BlindSpotId) -> Option<BlindSpotId> {
        match self.moves.get(error) {
            None => Some(frozen_in),
            Some(Placement::In(id)) => Some(*id),
            Some(Placement::Dropped) => None,
        }
    }
}

/// Where a person put an unknown unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Placement {
    /// Into this blind spot.
    In(BlindSpotId),
    /// Into none.
    Dropped,
}
