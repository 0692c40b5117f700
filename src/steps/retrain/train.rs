//! Carries out a plan: trains its units, here or as one of many machines, and
//! makes a round of them.

use std::sync::Arc;

use crate::inference::Predictions;
use crate::project::Files;
use crate::records::{Arm, ArmRun, ExampleKey, Label, RetrainPlan, Role, Round, mixed_machines};
use crate::steps::Basis;
use crate::steps::leakage_guard::refused;
use crate::steps::retrain::additions::Pool;
use crate::steps::retrain::arms::{Prepared, train_all, train_some};
use crate::steps::retrain::units::{Terms, Unit};
use crate::steps::retrain::{Retraining, lesson_tests};
use crate::steps::round::Trained;
use crate::steps::state::Answers;
use crate::support::{Error, Progress, Result, clock};

impl Basis<'_> {
    /// What a plan has to train, in the order in which one process would.
    ///
    /// # Errors
    /// When the blind spots are those of another base, or when cancelled.
    pub fn units(&self, plan: &RetrainPlan, progress: &Progress) -> Result<Vec<Unit>> {
        self.on_terms(plan, progress, |terms| Ok(Unit::all(terms, plan)))
    }

    /// Trains some units of a plan, as one of many machines that share the
    /// state folder: what is done already is left as it is.
    ///
    /// # Errors
    /// As [`Basis::train`].
    pub fn train_some(
        &self,
        plan: &RetrainPlan,
        units: &[Unit],
        progress: &Progress,
    ) -> Result<()> {
        self.on_terms(plan, progress, |terms| {
            let files = self.project.store.files();
            let prepare = || self.prepared(terms, files, progress);
            train_some(units, Prepared::when_needed(files, &prepare), progress)
        })
    }

    /// Trains the arms of a plan; what an earlier process finished is read.
    ///
    /// # Errors
    /// When the blind spots are those of another base, a result cannot be
    /// kept, or when cancelled: finished arms stay.
    pub fn train(&self, plan: &RetrainPlan, progress: &Progress) -> Result<Trained> {
        if let Some(alone) = plan.arms.iter().find(|arm| arm.is_alone()) {
            return Err(Error::input(format!("{alone} is no arm of a round"))
                .hint("`blindspot interference PROJECT` teaches each lesson alone"));
        }
        self.on_terms(plan, progress, |terms| {
            let results = self.results(terms, plan, progress)?;
            let runs: Vec<ArmRun> = results.iter().map(|(run, _)| run.clone()).collect();
            if let Some(mix) = mixed_machines(&runs) {
                progress.warn(mix);
            }
            let (base, pool) = (&self.base.model, terms.pool);
            let taught = lesson_tests::taught(self.project, base, pool, &runs, progress)?;
            let round = self.numbered(Round {
                number: 0,
                snapshot: self.snapshot.version,
                plan: plan.clone(),
                recipe: terms.pool.recipe.clone(),
                runs,
                taught,
                created: clock::now(),
            })?;
            Ok(Trained { round, results })
        })
    }

    /// Trains the arms of a plan that is no round; what an earlier process
    /// finished is read.
    ///
    /// # Errors
    /// As [`Basis::train`].
    pub(in crate::steps) fn train_alone(
        &self,
        plan: &RetrainPlan,
        progress: &Progress,
    ) -> Result<Answers> {
        self.on_terms(plan, progress, |terms| self.results(terms, plan, progress))
    }

    fn results(
        &self,
        terms: Terms<'_>,
        plan: &RetrainPlan,
        progress: &Progress,
    ) -> Result<Answers> {
        let answers = self.answers();
        let errors = |predictions: &Arc<Predictions>| {
            let answers = answers.of_another(Arc::clone(predictions));
            answers.unknown_unknowns(Role::Check).len()
        };
        let files = self.project.store.files();
        let prepare = || self.prepared(terms, files, progress);
        let prepared = Prepared::when_needed(files, &prepare);
        train_all(&Unit::all(terms, plan), prepared, &errors, progress)
    }

    /// Number N of examples that every arm of a plan would add.
    ///
    /// # Errors
    /// As [`Basis::units`].
    pub fn size_of(&self, plan: &RetrainPlan, progress: &Progress) -> Result<usize> {
        self.on_terms(plan, progress, |terms| Ok(terms.n))
    }

    /// Does something on the terms of a plan: what all its arms share.
    fn on_terms<T>(
        &self,
        plan: &RetrainPlan,
        progress: &Progress,
        act: impl FnOnce(Terms<'_>) -> Result<T>,
    ) -> Result<T> {
        self.check_base()?;
        let truths = self.project.truths(self.document);
        let lessons = self.lessons();
        let refused = refused(self.project, lessons.iter().copied(), progress)?;
        let recipe = self.project.workspace.manifest.recipe_of(plan.mode);
        let pool = Pool {
            dataset: &self.project.workspace.dataset,
            truths: &truths,
            unknown_unknowns: self.unknown_unknowns(),
            lessons,
            refused: refused.into_keys().collect(),
            recipe: &recipe,
        };
        let n = match (plan.size, pool.common_count(&plan.arms)) {
            (Some(size), _) => size,
            // Without lessons the controls are compared at a size of their own.
            (None, 0) => pool.unknown_unknowns.len(),
            (None, n) => n,
        };
        act(Terms {
            workspace: &self.project.workspace,
            base: &self.base.model,
            base_id: &self.base.info.id,
            curve: self.base.info.curve.as_ref(),
            pool: &pool,
            n,
            mode: plan.mode,
            pace: pace(plan),
        })
    }

    fn prepared<'t>(
        &self,
        terms: Terms<'t>,
        files: &'t Files,
        progress: &Progress,
    ) -> Result<Retraining<'t>> {
        let rows = self.rows_to_train_on(terms.mode, terms.pool.truths, progress)?;
        Retraining::prepare(terms, rows, files, progress)
    }

    /// Gives a round the next number; one with the very same results as an
    /// earlier round *is* that round.
    fn numbered(&self, round: Round) -> Result<Round> {
        let rounds = self.project.store.rounds()?;
        let same = rounds.iter().find(|earlier| {
            let renamed = Round {
                number: earlier.number,
                created: earlier.created.clone(),
                ..round.clone()
            };
            **earlier == renamed
        });
        if let Some(earlier) = same {
            return Ok(earlier.clone());
        }
        let last = rounds.iter().map(|earlier| earlier.number).max();
        Ok(Round {
            number: last.unwrap_or(0) + 1,
            ..round
        })
    }

    /// The snapshot's errors that are in some blind spot after moves and
    /// triage, with their right labels.
    fn unknown_unknowns(&self) -> Vec<(ExampleKey, Label)> {
        let dataset = &self.project.workspace.dataset;
        let errors = self.evidence().errors().into_iter();
        errors
            .map(|error| {
                let key = dataset.examples[error.example].key.clone();
                (key, error.true_label)
            })
            .collect()
    }
}

/// The arm that sets the pace: the first with lessons; where lessons are taught
/// alone, all together, so that none depends on which comes first.
fn pace(plan: &RetrainPlan) -> Option<&Arm> {
    let first = plan.arms.iter().find(|arm| !arm.is_control())?;
    Some(if first.is_alone() {
        &Arm::AllLessons
    } else {
        first
    })
}
