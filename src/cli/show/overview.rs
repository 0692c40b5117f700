//! The whole project at a glance.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use crate::records::{BlindSpotId, DiscoverySettings, Lesson, Review, Role, TeacherChoice};
use crate::session::Edited;
use crate::steps::State;
use crate::steps::next_action::{Doubted, FollowUp, Proposal};
use crate::steps::shipped_round::ShippedRound;
use crate::support::text::many;
use crate::support::{Progress, Result};

#[derive(Serialize)]
pub(super) struct Overview {
    project: String,
    task: String,
    labels: Vec<String>,
    rows: BTreeMap<Role, usize>,
    base: Option<String>,
    settings: DiscoverySettings,
    snapshot: Option<u32>,
    snapshots: Vec<u32>,
    blind_spots: Vec<Spot>,
    /// What the rules proposed before each round, and what came of it.
    followed_up: Vec<FollowUp>,
    rounds: Vec<RoundOf>,
    /// That there is a round to look at which is not the project's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    came_with_project: Option<String>,
    /// Round of the model in use; 0 is the base.
    model_in_use: u32,
    openings_of_final: usize,
    undo: Option<String>,
    redo: Option<String>,
    read_only: Option<String>,
}

#[derive(Serialize)]
struct Spot {
    id: BlindSpotId,
    name: String,
    label: String,
    predicted: String,
    errors: usize,
    mean_confidence: f32,
    teacher: Option<TeacherChoice>,
    lessons: usize,
    accepted: usize,
    drafts: usize,
    /// What to do next.
    next: Option<Proposal>,
}

#[derive(Serialize)]
struct RoundOf {
    number: u32,
    mode: &'static str,
    snapshot: u32,
    arms: Vec<String>,
    seeds: usize,
    discarded: bool,
}

pub(super) fn of(edited: &Edited<'_>, progress: &Progress) -> Result<Overview> {
    let (state, history) = (&edited.state, edited.history());
    let mut rows = BTreeMap::new();
    for count in &state.role_counts {
        *rows.entry(count.role).or_default() += count.rows;
    }
    let doubted = state.doubted(progress)?;
    let document = &state.document;
    let rounds = state.rounds.iter().map(|result| {
        let round = &result.round;
        RoundOf {
            number: round.number,
            mode: round.plan.mode.name(),
            snapshot: round.snapshot,
            arms: round.plan.arms.iter().map(ToString::to_string).collect(),
            seeds: round.plan.seeds.len(),
            discarded: document.discarded.contains(&round.number),
        }
    });
    Ok(Overview {
        project: state.name.clone(),
        task: state.task.trim().to_owned(),
        labels: state.dataset.labels.clone(),
        rows,
        base: state.base.as_ref().map(|base| base.id.clone()),
        settings: document.settings.clone(),
        snapshot: state.snapshot().map(|snapshot| snapshot.version),
        snapshots: state.snapshots.iter().map(|s| s.version).collect(),
        blind_spots: spots(state, &doubted),
        followed_up: state.follow_ups(&doubted),
        rounds: rounds.collect(),
        came_with_project: state.came_with().map(ShippedRound::said),
        model_in_use: document.model_round,
        openings_of_final: state.openings.len(),
        undo: history.undo_name().map(str::to_owned),
        redo: history.redo_name().map(str::to_owned),
        read_only: state.read_only.clone(),
    })
}

fn spots(state: &State, doubted: &Doubted) -> Vec<Spot> {
    let Some(snapshot) = state.snapshot() else {
        return Vec::new();
    };
    let members = state.members();
    let proposals = state.proposals(doubted);
    let spots = snapshot.blind_spots.iter().map(|spot| {
        let lessons = state.document.lessons.values();
        let lessons: Vec<&Lesson> = lessons
            .map(AsRef::as_ref)
            .filter(|lesson| lesson.blind_spot == spot.id)
            .collect();
        let samples = || lessons.iter().flat_map(|lesson| &lesson.samples);
        Spot {
            id: spot.id,
            name: state.blind_spot_name(spot.id),
            label: state.dataset.label_name(spot.true_label).to_owned(),
            predicted: state.dataset.label_name(spot.predicted).to_owned(),
            errors: members.get(&spot.id).map_or(0, Vec::len),
            mean_confidence: spot.mean_confidence,
            teacher: state.document.teachers.get(&spot.id).copied(),
            lessons: lessons.len(),
            accepted: samples().filter(|sample| sample.is_accepted()).count(),
            drafts: samples().filter(|s| s.review == Review::Draft).count(),
            next: proposals
                .iter()
                .find(|proposal| proposal.blind_spot == spot.id)
                .cloned(),
        }
    });
    spots.collect()
}

impl fmt::Display for Overview {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: {}", self.project, self.labels.join(", "))?;
        let rows = self
            .rows
            .iter()
            .map(|(role, rows)| format!("{rows} {role}"));
        writeln!(f, "  rows: {}", rows.collect::<Vec<_>>().join(", "))?;
        match self.snapshot {
            Some(version) => writeln!(f, "  snapshot {version}, τ = {:.2}", self.settings.tau)?,
            None => writeln!(
                f,
                "  no frozen blind spots; `blindspot discover` makes some"
            )?,
        }
        for spot in &self.blind_spots {
            writeln!(
                f,
                "  {}  {} ({} → {}): {}, {} accepted, {}",
                spot.id,
                spot.name,
                spot.label,
                spot.predicted,
                many(spot.errors, "error"),
                many(spot.accepted, "sample"),
                many(spot.drafts, "draft"),
            )?;
            if let Some(next) = &spot.next {
                writeln!(f, "      next: {}", next.said())?;
            }
        }
        for round in &self.rounds {
            let fate = match (round.number == self.model_in_use, round.discarded) {
                (true, _) => ", its model is in use",
                (_, true) => ", discarded",
                _ => "",
            };
            let (number, mode, arms) = (round.number, round.mode, round.arms.join(", "));
            writeln!(
                f,
                "  round {number} ({mode}, {}): {arms}{fate}",
                many(round.seeds, "seed")
            )?;
        }
        if let Some(said) = &self.came_with_project {
            writeln!(f, "  {said}")?;
        }
        for one in &self.followed_up {
            writeln!(f, "  {}", one.said())?;
        }
        let undo = self.undo.as_deref().unwrap_or("nothing");
        let redo = self.redo.as_deref().unwrap_or("nothing");
        write!(f, "  undo: {undo}; redo: {redo}")?;
        match &self.read_only {
            Some(why) => write!(f, "\n  for reading only: {why}"),
            None => Ok(()),
        }
    }
}
