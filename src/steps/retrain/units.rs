//! What a round has to train, as units of work.
//!
//! A unit is named by all that its result depends on, and its result is one
//! file of answers, whole or absent. So the units of a round can be made in any
//! order, by any number of processes on any number of machines: the file says
//! that a unit is done, and nothing else has to be kept about it.

use std::sync::Arc;

use crate::model::Classifier;
use crate::project::{Files, Key, Kind};
use crate::records::{Arm, FitCurve, Mode, RetrainPlan, Until};
use crate::steps::Workspace;
use crate::steps::retrain::additions::Pool;
use crate::steps::retrain::quick_settings_for;
use crate::support::hash::StepHash;

/// Raised when training changes its results by more than rounding, so that old
/// ones are not taken for new.
const TRAINING_VERSION: &str = "3";

/// What is the same for all arms of a round.
#[derive(Clone, Copy)]
pub struct Terms<'a> {
    /// Settings, rows and token ids.
    pub workspace: &'a Workspace,
    /// The reference base, from which Quick continues.
    pub base: &'a Arc<Classifier>,
    /// Its fingerprint.
    pub base_id: &'a str,
    /// How its fit went, where *validation* decided how long.
    pub curve: Option<&'a FitCurve>,
    /// Where the arms take their examples from.
    pub pool: &'a Pool<'a>,
    /// Number of examples that every arm adds.
    pub n: usize,
    /// Quick or Full.
    pub mode: Mode,
    /// The arm that sets the pace where training goes on until lessons are
    /// learnt: the first with lessons.
    pub pace: Option<&'a Arm>,
}

/// One arm with one seed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// The arm.
    pub arm: Arm,
    /// The seed.
    pub seed: u64,
    answers: Key,
}

impl Unit {
    /// The units of a plan, seed by seed: the arms of a seed share what is
    /// replayed. Arms without anything to add are left out.
    pub fn all(terms: Terms<'_>, plan: &RetrainPlan) -> Vec<Self> {
        let arms = || plan.arms.iter().filter(|arm| **arm != Arm::Reference);
        let units = (plan.seeds.iter()).flat_map(|seed| arms().map(move |arm| (arm, *seed)));
        units
            .filter_map(|(arm, seed)| Self::of(terms, arm, seed))
            .collect()
    }

    fn of(terms: Terms<'_>, arm: &Arm, seed: u64) -> Option<Self> {
        let (workspace, pool) = (terms.workspace, terms.pool);
        let additions = pool.additions(arm, terms.n, seed)?;
        let settings = match terms.mode {
            Mode::Quick => serde_json::json!(quick_settings_for(terms)),
            Mode::Full => serde_json::json!(workspace.manifest.fit),
        };
        let mut hash = StepHash::default()
            .with("version", TRAINING_VERSION.as_bytes())
            .with("base", terms.base_id.as_bytes())
            .with("data", workspace.fingerprint().as_bytes())
            .with("mode", terms.mode.to_string().as_bytes())
            .with("settings", settings.to_string().as_bytes())
            .with("n", &terms.n.to_le_bytes())
            .with("seed", &seed.to_le_bytes());
        let role = workspace.trained_role();
        if let Some(corrected) = pool.truths.fingerprint(pool.dataset, &[role]) {
            hash = hash.with("corrected", corrected.as_bytes());
        }
        for addition in &additions {
            hash = hash
                .with("text", addition.text.joined().as_bytes())
                .with("label", &addition.label.to_le_bytes());
        }
        if !pool.recipe.is_default() {
            hash = hash.with(
                "recipe",
                serde_json::json!(pool.recipe).to_string().as_bytes(),
            );
        }
        let pace = terms.pace.filter(|_| pool.recipe.until == Until::Learnt);
        for addition in pace
            .and_then(|pace| pool.additions(pace, terms.n, seed))
            .iter()
            .flatten()
        {
            hash = hash
                .with("pace", addition.text.joined().as_bytes())
                .with("label", &addition.label.to_le_bytes());
        }
        Some(Self {
            arm: arm.clone(),
            seed,
            answers: Key::new(Kind::Answers, &format!("{arm}-{seed}"), hash),
        })
    }

    /// What it is called in messages.
    pub fn name(&self) -> String {
        format!("arm {}, seed {}", self.arm, self.seed)
    }

    /// What its file of answers is called, and the weights beside it.
    pub fn key(&self) -> &Key {
        &self.answers
    }

    /// Whether its result is there.
    pub fn is_done(&self, files: &Files) -> bool {
        files.path(&self.answers).exists()
    }
}
