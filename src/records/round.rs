//! Rounds: what was asked for, what was trained, and what was taught.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Arm, BaseModel, BlindSpotId, Endpoints, Recipe, RecordId, SampleUse, Snapshot};

/// How much of the model is trained.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// The upper layers continue from the base over cached activations.
    #[default]
    Quick,
    /// All layers from the pretrained weights.
    Full,
}

impl Mode {
    /// The name used in files and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Mode::Quick => "quick",
            Mode::Full => "full",
        }
    }
}

impl std::fmt::Display for Mode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// Which arms to train and how.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RetrainPlan {
    /// Quick or Full.
    pub mode: Mode,
    /// The arms; [`Arm::Reference`] is always there and needs no training.
    pub arms: Vec<Arm>,
    /// One run for each arm and seed.
    pub seeds: Vec<u64>,
    /// Number N of examples that every arm adds; all training samples of the
    /// teacher who wrote fewest where nobody asks for another number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<usize>,
}

impl RetrainPlan {
    /// Number of arms that are trained: all but the untouched base.
    pub fn trained_arms(&self) -> usize {
        let trained = |arm: &&Arm| **arm != Arm::Reference;
        self.arms.iter().filter(trained).count()
    }
}

/// One arm trained with one seed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ArmRun {
    /// The arm.
    pub arm: Arm,
    /// Seed of the run.
    pub seed: u64,
    /// Optimiser steps.
    pub steps: usize,
    /// Examples added.
    pub added: usize,
    /// Seconds of training.
    pub seconds: f64,
    /// What the retrained weights are called among the computed files, if they
    /// were kept.
    pub checkpoint: Option<String>,
    /// The kind of machine that trained it, if it was noted: runs on several
    /// kinds agree but for rounding.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub machine: Option<String>,
}

/// The kinds of machines that trained some runs, with the number of runs of
/// each; runs of earlier versions do not say.
pub fn machines(runs: &[ArmRun]) -> BTreeMap<&str, usize> {
    let mut machines = BTreeMap::new();
    for machine in runs.iter().filter_map(|run| run.machine.as_deref()) {
        *machines.entry(machine).or_default() += 1;
    }
    machines
}

/// That some runs were trained on several kinds of machines, if they were, in
/// words for whoever reads the figures.
pub fn mixed_machines(runs: &[ArmRun]) -> Option<String> {
    let machines = machines(runs);
    let said = machines
        .iter()
        .map(|(kind, runs)| format!("{kind}: {runs}"));
    (machines.len() > 1).then(|| {
        format!(
            "the runs were trained on {} kinds of machines; figures of different kinds agree but \
             for rounding (runs of each: {})",
            machines.len(),
            said.collect::<Vec<_>>().join("; ")
        )
    })
}

/// One trip through the loop.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Round {
    /// 1, 2, 3, …
    pub number: u32,
    /// Snapshot whose lessons were taught.
    pub snapshot: u32,
    /// What was asked for.
    pub plan: RetrainPlan,
    /// How arms were trained, the same for all.
    #[serde(default, skip_serializing_if = "Recipe::is_default")]
    pub recipe: Recipe,
    /// What was trained.
    pub runs: Vec<ArmRun>,
    /// The lessons that were taught, with what their test samples say.
    #[serde(default)]
    pub taught: Vec<TaughtLesson>,
    /// When, RFC 3339.
    pub created: String,
}

impl Round {
    /// Whether the round, trained for the blind spots `of`, started from another
    /// base, or on other data, than `base`; in words for whoever reads its
    /// figures.
    pub fn outdated(&self, of: &Snapshot, base: &BaseModel) -> Option<String> {
        (base.id != of.model).then(|| {
            format!(
                "Round {} was trained from another base model, or on other data, than the project \
                 has now: its figures stand for those.",
                self.number
            )
        })
    }

    /// The run whose weights are "the model of the round": all lessons
    /// together if there are several teachers, else the lessons there are; of
    /// its seeds the first.
    pub fn model(&self) -> Option<&ArmRun> {
        let first = |wanted: &dyn Fn(&Arm) -> bool| {
            let mut kept = self.runs.iter().filter(|run| run.checkpoint.is_some());
            kept.find(|run| wanted(&run.arm))
        };
        first(&|arm| *arm == Arm::AllLessons)
            .or_else(|| first(&|arm| !arm.is_control()))
            .or_else(|| first(&|_| true))
    }
}

/// A lesson in a round: which of its samples were trained on, and whether the
/// others show that it was learnt.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TaughtLesson {
    /// The lesson.
    pub lesson: RecordId,
    /// The blind spot that it teaches.
    pub blind_spot: BlindSpotId,
    /// Its teacher.
    pub teacher: String,
    /// Samples that were trained on.
    pub trained: Vec<RecordId>,
    /// Samples that were kept for testing.
    pub tested: Vec<RecordId>,
    /// Accepted samples that did not count: copies of a text of *check* or
    /// *final*, and those whose label the data does not have.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<RecordId>,
    /// Test samples that the base labels as intended.
    pub passed_before: usize,
    /// The same after each arm that was taught the lesson.
    pub passed_after: Vec<LessonTest>,
}

impl TaughtLesson {
    /// All its samples that counted, with what they were used for.
    pub fn uses(&self) -> impl Iterator<Item = (&RecordId, SampleUse)> {
        let trained = self.trained.iter().map(|id| (id, SampleUse::Train));
        trained.chain(self.tested.iter().map(|id| (id, SampleUse::Test)))
    }
}

/// How many test samples of a lesson an arm's models label as intended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LessonTest {
    /// The arm.
    pub arm: Arm,
    /// Test samples passed, one number for each seed.
    pub passed: Vec<usize>,
}

impl LessonTest {
    /// Mean over the seeds.
    pub fn mean(&self) -> f64 {
        self.passed.iter().sum::<usize>() as f64 / self.passed.len().max(1) as f64
    }
}

/// One opening of *final*.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Opening {
    /// The round it was opened for.
    pub round: u32,
    /// When, RFC 3339.
    pub when: String,
    /// Why.
    pub reason: String,
    /// What was to be judged by, written down before anything was read;
    /// openings by earlier versions knew one endpoint only.
    #[serde(default)]
    pub endpoints: Endpoints,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mix_of_machines_is_told_and_runs_that_do_not_say_are_none() {
        let run = |machine: Option<&str>| ArmRun {
            arm: Arm::Base,
            seed: 0,
            steps: 1,
            added: 0,
            seconds: 1.0,
            checkpoint: None,
            machine: machine.map(str::to_owned),
        };
        let (one, other) = (run(Some("one kind")), run(Some("another")));
        assert_eq!(mixed_machines(&[one.clone(), run(None), one.clone()]), None);
        let told = mixed_machines(&[one.clone(), other, one]).expect("a mix");
        assert!(
            told.contains("one kind: 2") && told.contains("another: 1"),
            "{told}"
        );
    }
}
