//! Interference, measured: what each lesson does when it is taught alone, in its
//! own blind spot, in the others and in each source. Only *check* is read; errors
//! that were kept back play no part.

pub mod figures;

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::Serialize;

use crate::comparison::Interference;
use crate::comparison::interference::PlaceOf;
use crate::discovery::AnswerTable;
use crate::records::{
    Arm, ArmRun, BlindSpotId, Document, Lesson, Mode, RecordId, RetrainPlan, Role, mixed_machines,
};
use crate::steps::Basis;
use crate::steps::compare::{Comparing, ScoredRun, interference};
use crate::steps::plan::usual_plan;
use crate::steps::retrain::additions::Pool;
use crate::steps::state::Answers;
use crate::support::text::many;
use crate::support::{Error, Progress, Result};

/// Seeds of each lesson, unless somebody asks for another number.
pub const USUAL_SEEDS: u64 = 3;

/// A lesson that was taught alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TaughtAlone {
    /// The lesson.
    pub lesson: RecordId,
    /// The blind spot that it teaches.
    pub blind_spot: BlindSpotId,
    /// Name of the blind spot.
    pub name: String,
    /// Its teacher.
    pub teacher: String,
    /// Samples that were added.
    pub samples: usize,
}

impl TaughtAlone {
    /// What it is called: its blind spot and its teacher.
    pub fn title(&self) -> String {
        format!("{} ({})", self.name, self.teacher)
    }
}

/// What each lesson does in every place.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Measured {
    /// Version of the blind spots.
    pub snapshot: u32,
    /// Seeds of each lesson.
    pub seeds: Vec<u64>,
    /// Optimiser steps of each training, the same for all.
    pub steps: usize,
    /// The lessons, in the order of the matrix.
    pub lessons: Vec<TaughtAlone>,
    /// Lessons by places.
    pub matrix: Interference,
    /// What a reader should know.
    pub notes: Vec<String>,
}

impl Measured {
    /// Whether a place is the region of the blind spot that a lesson teaches.
    pub fn is_own(&self, lesson: usize, place: usize) -> bool {
        match (&self.matrix.places[place].of, self.lessons.get(lesson)) {
            (PlaceOf::BlindSpot { id, .. }, Some(taught)) => *id == taught.blind_spot,
            _ => false,
        }
    }

    /// Whether the figures that were made under one document stand under
    /// another: the same samples, blind spots and labels. A lesson that is left
    /// out is measured all the same.
    pub fn stands(before: &Document, now: &Document) -> bool {
        let same = |a: &Lesson, b: &Lesson| {
            Lesson {
                left_out: b.left_out,
                cost: b.cost.clone(),
                ..a.clone()
            } == *b
        };
        let mut lessons = before.lessons.values().zip(now.lessons.values());
        before.lessons.len() == now.lessons.len()
            && lessons.all(|(a, b)| same(a, b))
            && before.snapshot == now.snapshot
            && before.triage == now.triage
            && before.names == now.names
    }
}

/// Whether a lesson is one of those that are taught alone: it has samples to
/// train on, and is no control.
pub fn is_measured(lesson: &Lesson) -> bool {
    Pool::teaches(lesson, &Arm::AllLessons) && lesson.written_to_train().next().is_some()
}

impl Basis<'_> {
    /// Which trainings show what each lesson does: each one alone and, beside
    /// them, the arm that nothing is added to, with each seed; Quick.
    ///
    /// # Errors
    /// When no lesson has samples to train on.
    pub fn interference_plan(&self, seeds: u64, first_seed: u64) -> Result<RetrainPlan> {
        let mut lessons = self.lessons();
        lessons.retain(|lesson| is_measured(lesson));
        if lessons.is_empty() {
            return Err(Error::input("no lesson has samples to train on yet")
                .hint("write, or accept, some"));
        }
        lessons.sort_by_key(|lesson| (lesson.blind_spot, &lesson.teacher, &lesson.id));
        let alone = lessons.iter().map(|lesson| Arm::Lesson(lesson.id.clone()));
        let arms = [Arm::Base].into_iter().chain(alone).collect();
        Ok(usual_plan(arms, seeds, first_seed, Mode::Quick))
    }

    /// Trains each lesson of a plan alone and reads *check*. What was trained
    /// before is not trained again; a cancel keeps what is finished.
    ///
    /// # Errors
    /// When the blind spots are those of another base, a result cannot be kept,
    /// or when cancelled.
    pub fn interference(&self, plan: &RetrainPlan, progress: &Progress) -> Result<Measured> {
        let results = self.train_alone(plan, progress)?;
        let matrix = self.matrix(plan, &results, progress)?;
        let runs: Vec<&ArmRun> = results.iter().map(|(run, _)| run).collect();
        let lessons = (matrix.arms.iter())
            .filter_map(|arm| self.taught_alone(arm, &runs))
            .collect();
        Ok(Measured {
            snapshot: self.snapshot.version,
            seeds: plan.seeds.clone(),
            steps: runs.first().map_or(0, |run| run.steps),
            lessons,
            notes: self.notes(plan, &matrix, &results),
            matrix,
        })
    }

    fn matrix(
        &self,
        plan: &RetrainPlan,
        results: &Answers,
        progress: &Progress,
    ) -> Result<Interference> {
        let reference = self.answers();
        let tables: Vec<AnswerTable> = (results.iter())
            .map(|(_, said)| reference.of_another(Arc::clone(said)))
            .collect();
        let runs = ScoredRun::each(results, &tables);
        let lessons = self.lessons();
        let taught: BTreeSet<BlindSpotId> = lessons.iter().map(|one| one.blind_spot).collect();
        let names = |id: BlindSpotId| self.document.blind_spot_name(id, self.snapshot);
        interference(
            &Comparing {
                role: Role::Check,
                snapshot: self.snapshot,
                names: &names,
                taught: &taught,
                reference: &reference,
                runs: &runs,
                arms: &plan.arms,
                endpoints: &self.project.workspace.manifest.comparison,
                seed: 0,
            },
            progress,
        )
    }

    fn taught_alone(&self, arm: &Arm, runs: &[&ArmRun]) -> Option<TaughtAlone> {
        let Arm::Lesson(id) = arm else {
            return None;
        };
        let lesson = self.document.lessons.get(id)?;
        let run = runs.iter().find(|run| run.arm == *arm)?;
        Some(TaughtAlone {
            lesson: id.clone(),
            blind_spot: lesson.blind_spot,
            name: (self.document).blind_spot_name(lesson.blind_spot, self.snapshot),
            teacher: lesson.teacher.clone(),
            samples: run.added,
        })
    }

    fn notes(&self, plan: &RetrainPlan, matrix: &Interference, results: &Answers) -> Vec<String> {
        let asked = plan.trained_arms().saturating_sub(1);
        let unread = asked.saturating_sub(matrix.arms.len());
        let spots = self.snapshot.blind_spots.len();
        let with_rows = matrix.places.iter();
        let with_rows = with_rows.filter(|place| matches!(place.of, PlaceOf::BlindSpot { .. }));
        let empty = spots.saturating_sub(with_rows.count());
        let runs: Vec<ArmRun> = results.iter().map(|(run, _)| run.clone()).collect();
        let said = [
            (unread > 0).then(|| {
                format!(
                    "{} left out: its samples copy texts of check or final, or have labels that \
                     the data lack",
                    many(unread, "lesson")
                )
            }),
            (empty > 0).then(|| {
                format!(
                    "{} left out: no row of check lies there",
                    many(empty, "blind spot")
                )
            }),
            (plan.seeds.len() < 2).then(|| {
                "With one seed the intervals know nothing of how much seeds vary".to_owned()
            }),
            mixed_machines(&runs),
        ];
        said.into_iter().flatten().collect()
    }
}
