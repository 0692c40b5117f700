//! What was proposed before a round, what was done, and how the errors moved.

use serde::Serialize;

use super::{Doubted, Moment, NextAction, arm_of, figures_of, table_of, truths_then};
use crate::comparison::outcomes::Rate;
use crate::records::{Arm, BlindSpot, BlindSpotId, Document, Round, Snapshot};
use crate::steps::{RoundResult, State};
use crate::support::text::many;

/// A blind spot in a round.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FollowUp {
    /// The round.
    pub round: u32,
    /// The blind spot.
    pub blind_spot: BlindSpotId,
    /// Its name.
    pub name: String,
    /// What the rules proposed before it.
    pub proposed: NextAction,
    /// Why.
    pub reason: String,
    /// What was done until it was trained, in words.
    pub done: String,
    /// Confident errors of the base in its region on *check*.
    pub before: Rate,
    /// The same after the round's model; none where no arm with lessons was
    /// trained.
    pub after: Option<Rate>,
    /// The same after as many steps with nothing added, if that was trained.
    pub with_nothing: Option<Rate>,
    /// Its errors in *discovery* that no teacher saw and that the round's model
    /// gets right; none where they were not asked.
    pub unseen_corrected: Option<Rate>,
}

impl FollowUp {
    /// “round 2, blind spot 3: proposed teach; done: …; errors on check 5/30: …
    /// before, … after”.
    pub fn said(&self) -> String {
        let after = self.after.map(|after| format!(", {after} after"));
        let nothing = self.with_nothing;
        let nothing = nothing.map(|rate| format!(", {rate} with nothing added"));
        let unseen = self.unseen_corrected;
        let unseen = unseen.map(|rate| format!("; errors that no teacher saw: {rate} right"));
        format!(
            "round {}, blind spot {}: proposed {}; done: {}; errors on check {} before{}{}{}",
            self.round,
            self.blind_spot,
            self.proposed.name(),
            self.done,
            self.before,
            after.unwrap_or_default(),
            nothing.unwrap_or_default(),
            unseen.unwrap_or_default()
        )
    }
}

impl State {
    /// Looks back at every round: each blind spot that it was read on.
    pub fn follow_ups(&self, doubted: &Doubted) -> Vec<FollowUp> {
        let mut all = Vec::new();
        for (place, result) in self.rounds.iter().enumerate() {
            all.extend(self.follow_up(place, result, doubted).unwrap_or_default());
        }
        all
    }

    fn follow_up(
        &self,
        place: usize,
        result: &RoundResult,
        doubted: &Doubted,
    ) -> Option<Vec<FollowUp>> {
        let round = &result.round;
        let mut snapshots = self.snapshots.iter();
        let snapshot = snapshots.find(|snapshot| snapshot.version == round.snapshot)?;
        let base = self.base.as_ref()?;
        if base.id != snapshot.model {
            return None;
        }
        let before = &self.rounds[..place];
        let since = since(snapshot, before);
        let document = document_then(&self.document, since);
        let answers = self.answers_for(snapshot)?;
        let answers = answers.under(truths_then(self, &document), answers.tau());
        let moment = Moment {
            snapshot,
            document: &document,
            answers: &answers,
            rounds: before,
            since: Some(since),
        };
        let found = moment
            .proposals(doubted)
            .into_iter()
            .filter_map(|proposal| {
                let spot = snapshot.blind_spot(proposal.blind_spot)?;
                let table = table_of(result, spot.id)?;
                let after = |arm: &Arm| figures_of(table, arm).map(|figures| figures.after);
                let unseen = |arm: &Arm| {
                    let outcomes = figures_of(table, arm)?.kept_back?;
                    Some(Rate::new(outcomes.corrected, table.kept_back))
                };
                Some(FollowUp {
                    round: round.number,
                    blind_spot: spot.id,
                    name: self.document.blind_spot_name(spot.id, snapshot),
                    proposed: proposal.action,
                    reason: proposal.reason,
                    done: self.done(spot, since, round),
                    before: table.before,
                    after: arm_of(round).and_then(after),
                    with_nothing: after(&Arm::Base),
                    unseen_corrected: arm_of(round).and_then(unseen),
                })
            });
        Some(found.collect())
    }

    /// What people did about a blind spot between two times.
    fn done(&self, spot: &BlindSpot, since: &str, round: &Round) -> String {
        let mut done = Vec::new();
        let lessons = round.taught.iter();
        for lesson in lessons.filter(|lesson| lesson.blind_spot == spot.id) {
            let trained = lesson.trained.len();
            if trained > 0 {
                let samples = many(trained, "sample");
                done.push(format!("taught ({samples} by {})", lesson.teacher));
            }
        }
        let judged = spot.members().filter(|key| {
            let signature = self.document.judged.get(*key);
            let when = signature.map(|signature| signature.when.as_str());
            when.is_some_and(|when| since < when && when <= round.created.as_str())
        });
        let judged = judged.count();
        if judged > 0 {
            done.push(format!("{} judged", many(judged, "label")));
        }
        match done.is_empty() {
            true => "nothing".to_owned(),
            false => done.join(", "),
        }
    }
}

/// From when on something was done for a round: since its blind spots were
/// frozen, or since the round before, whatever was later.
fn since<'a>(snapshot: &'a Snapshot, before: &'a [std::sync::Arc<RoundResult>]) -> &'a str {
    let frozen = snapshot.created.as_str();
    let last = before.last().map(|result| result.round.created.as_str());
    last.map_or(frozen, |last| last.max(frozen))
}

/// The document without judgements that are known to be later.
fn document_then(now: &Document, since: &str) -> Document {
    let mut then = now.clone();
    then.triage.retain(|key, _| {
        let signature = now.judged.get(key);
        signature.is_none_or(|signature| signature.when.as_str() <= since)
    });
    then
}
