//! One trip through the second half of the loop: retrain the arms, compare
//! them on *check*, and on *final* once it is opened.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::comparison::Comparison;
use crate::discovery::AnswerTable;
use crate::inference::{Predictions, file};
use crate::model::Classifier;
use crate::project::{Key, Kind};
use crate::records::{Arm, ArmRun, BlindSpotId, Endpoints, Opening, Role, Round};
use crate::steps::compare::sealed::Sealed;
use crate::steps::compare::sizes::{SizesRead, size_curves};
use crate::steps::compare::{Comparing, ScoredRun, compare};
use crate::steps::prices::prices;
use crate::steps::retrain::additions::available_arms;
use crate::steps::retrain::arms::{DATA, data_changed};
use crate::steps::state::Answers;
use crate::steps::{Basis, OpenProject, RoundResult};
use crate::support::tensor_file::TensorFile;
use crate::support::{Error, Progress, Result, clock};

/// The note in the weights of an arm that names the base they continue from.
pub(super) const CONTINUES: &str = "continues";

/// A trained round with what its models say.
pub struct Trained {
    /// The record.
    pub round: Round,
    pub(super) results: Answers,
}

impl Trained {
    /// Whether an arm with lessons was trained: without one there is nothing
    /// that *final* could judge.
    pub fn has_lessons(&self) -> bool {
        self.round.runs.iter().any(|run| !run.arm.is_control())
    }

    /// Number N of examples that its arms add.
    pub fn size(&self) -> usize {
        self.round
            .runs
            .iter()
            .map(|run| run.added)
            .max()
            .unwrap_or(0)
    }

    /// What the trained models say about all roles but *final*.
    pub fn answers(self) -> Answers {
        self.results
    }
}

impl Basis<'_> {
    /// The arms that can be trained with the lessons there are.
    pub fn available_arms(&self) -> Vec<Arm> {
        available_arms(&self.lessons())
    }

    /// Checks that the blind spots were found in what this base says: another
    /// one has other errors, and other places in embedding space.
    pub(super) fn check_base(&self) -> Result<()> {
        if self.snapshot.model == self.base.info.id {
            Ok(())
        } else {
            Err(Error::input(
                "the blind spots were frozen for another base model, or for other data",
            )
            .hint("freeze blind spots again, then retrain"))
        }
    }

    /// A round that was trained earlier, with the answers its arms gave then:
    /// lessons may have changed since.
    ///
    /// # Errors
    /// When the blind spots are not those of the round, or a result is gone or
    /// damaged.
    pub fn recall(&self, round: &Round) -> Result<Trained> {
        if self.snapshot.version != round.snapshot {
            return Err(Error::program(format!(
                "round {} was trained for snapshot {}, not {}",
                round.number, round.snapshot, self.snapshot.version
            )));
        }
        Ok(Trained {
            results: self.project.answers_of(round)?,
            round: round.clone(),
        })
    }

    /// Compares what the arms of a round say about a role with what the base
    /// says.
    ///
    /// # Errors
    /// When cancelled.
    fn compare_on(
        &self,
        (role, endpoints): (Role, &Endpoints),
        round: &Round,
        (reference, results): (&AnswerTable, &Answers),
        progress: &Progress,
    ) -> Result<Comparison> {
        let lessons = round.taught.iter();
        let taught: BTreeSet<BlindSpotId> = lessons
            .filter(|lesson| !lesson.trained.is_empty())
            .map(|lesson| lesson.blind_spot)
            .collect();
        let names = |id: BlindSpotId| self.document.blind_spot_name(id, self.snapshot);
        let tables: Vec<AnswerTable> = (results.iter())
            .map(|(_, predictions)| reference.of_another(Arc::clone(predictions)))
            .collect();
        let runs = ScoredRun::each(results, &tables);
        compare(
            &Comparing {
                role,
                snapshot: self.snapshot,
                names: &names,
                taught: &taught,
                reference,
                runs: &runs,
                arms: &round.plan.arms,
                endpoints,
                seed: 0,
            },
            progress,
        )
    }

    /// Reads the trained arms on *check*, and keeps round and figures, unless
    /// the project is open for reading only: the process that holds it keeps
    /// them.
    ///
    /// # Errors
    /// When they cannot be kept, or when cancelled.
    pub fn read_check(&self, trained: &Trained, progress: &Progress) -> Result<Comparison> {
        let reference = self.answers();
        let answers = (&reference, &trained.results);
        let on = (Role::Check, &self.project.workspace.manifest.comparison);
        let comparison = self.compare_on(on, &trained.round, answers, progress)?;
        let store = &self.project.store;
        if store.read_only().is_none() {
            store.put_round(&trained.round)?;
            store.put_comparison(trained.round.number, &comparison)?;
        }
        Ok(comparison)
    }

    /// Opens *final* for a round: records the opening with what is to be judged
    /// by, then scores base and arms on it and compares them. An opening that
    /// is cancelled counts.
    ///
    /// # Errors
    /// When the opening cannot be recorded (then no model is asked), when the
    /// round was trained on other data or from another base, when its weights
    /// are gone, or when cancelled.
    pub fn open_final(
        &self,
        trained: &Trained,
        (endpoints, reason): (&Endpoints, &str),
        progress: &Progress,
    ) -> Result<Comparison> {
        let round = &trained.round;
        self.check_base()?;
        Sealed::of(self.project, self.base).check(&trained.results, progress)?;
        let earlier = self.project.store.openings()?;
        if let Some(other) = earlier.iter().find(|one| one.endpoints != *endpoints) {
            progress.warn(format!(
                "final was opened for round {} to judge by {}; now by {endpoints}: a choice that \
                 is made after figures were seen proves less",
                other.round, other.endpoints
            ));
        }
        self.project.store.record_opening(&Opening {
            round: round.number,
            when: clock::now(),
            reason: reason.to_owned(),
            endpoints: endpoints.clone(),
        })?;
        self.read_final(trained, endpoints, progress)
    }

    /// Makes the comparison of a round that was not kept, or was damaged: on
    /// *final* if it has been opened for that round, judged by what was written
    /// down then, else on *check*.
    ///
    /// # Errors
    /// As [`Basis::recall`], when the base is another one, or when
    /// cancelled.
    pub fn compare_again(
        &self,
        round: &Round,
        opened: Option<&Opening>,
        progress: &Progress,
    ) -> Result<Comparison> {
        self.check_base()?;
        let trained = self.recall(round)?;
        let Some(opening) = opened else {
            return self.read_check(&trained, progress);
        };
        Sealed::of(self.project, self.base).check(&trained.results, progress)?;
        self.read_final(&trained, &opening.endpoints, progress)
    }

    /// Reads base and arms on *final*, which has been opened.
    fn read_final(
        &self,
        trained: &Trained,
        endpoints: &Endpoints,
        progress: &Progress,
    ) -> Result<Comparison> {
        let round = &trained.round;
        let reference = self.reference_on(Role::Final, progress)?;
        let results = self.results_on(Role::Final, trained, progress)?;
        let answers = (&reference, &results);
        let on = (Role::Final, endpoints);
        let comparison = self.compare_on(on, round, answers, progress)?;
        let store = &self.project.store;
        if store.read_only().is_none() {
            store.put_comparison(round.number, &comparison)?;
        }
        Ok(comparison)
    }
}

impl Basis<'_> {
    /// What the base says on a role; of *final* only once it has been opened.
    fn reference_on(&self, role: Role, progress: &Progress) -> Result<AnswerTable> {
        if role != Role::Final {
            return Ok(self.answers());
        }
        let sealed = Sealed::of(self.project, self.base);
        let reference = self.reference.joined(&sealed.reference(progress)?)?;
        Ok(self.answers().of_another(Arc::new(reference)))
    }

    /// What the arms of a round say on a role; of *final* only once it has been
    /// opened.
    fn results_on(&self, role: Role, trained: &Trained, progress: &Progress) -> Result<Answers> {
        match role {
            Role::Final => {
                let sealed = Sealed::of(self.project, self.base);
                sealed.joined(&trained.round, &trained.results, progress)
            }
            _ => Ok(trained.results.clone()),
        }
    }

    /// Reads the rounds of an experiment over sizes together, smallest first,
    /// and keeps the curves with the comparison of the largest.
    ///
    /// # Errors
    /// As [`Basis::read_check`].
    pub fn with_size_curves(
        &self,
        comparison: Comparison,
        rounds: &[&Trained],
        progress: &Progress,
    ) -> Result<Comparison> {
        let role = comparison.role;
        let reference = self.reference_on(role, progress)?;
        let mut results = Vec::new();
        for trained in rounds {
            results.push(self.results_on(role, trained, progress)?);
        }
        let tables: Vec<Vec<AnswerTable>> = (results.iter())
            .map(|answers| {
                let answers = answers.iter();
                answers
                    .map(|(_, said)| reference.of_another(Arc::clone(said)))
                    .collect()
            })
            .collect();
        let runs: Vec<(usize, Vec<ScoredRun<'_>>)> = (rounds.iter().zip(&tables))
            .map(|(trained, tables)| {
                let runs = trained.round.runs.iter().zip(tables);
                let runs = runs.map(|(run, answers)| ScoredRun {
                    arm: run.arm.clone(),
                    seed: run.seed,
                    answers,
                });
                (trained.size(), runs.collect())
            })
            .collect();
        let arms: Vec<Arm> = rounds
            .last()
            .map_or_else(Vec::new, |last| last.round.plan.arms.clone());
        let (prices, currency) = prices(&self.project.workspace.manifest, &self.lessons(), &arms);
        let curves = size_curves(
            &SizesRead {
                role,
                endpoints: &comparison.endpoints,
                reference: &reference,
                tau: self.snapshot.settings.tau,
                runs: &runs,
                prices: &prices,
                currency: &currency,
            },
            progress,
        )?;
        let comparison = Comparison {
            sizes: Some(curves),
            ..comparison
        };
        let store = &self.project.store;
        if let Some(last) = rounds.last().filter(|_| store.read_only().is_none()) {
            store.put_comparison(last.round.number, &comparison)?;
        }
        Ok(comparison)
    }
}

impl OpenProject {
    /// The comparisons of a round: on *check*, and on *final* once opened.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn comparisons_of(&self, round: u32) -> Result<Vec<Arc<Comparison>>> {
        let of_round = self.comparisons()?.remove(&round);
        Ok(of_round.unwrap_or_default())
    }

    /// The rounds so far with their figures.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn rounds(&self) -> Result<Vec<Arc<RoundResult>>> {
        let mut comparisons = self.comparisons()?;
        let rounds = self.store.rounds()?.into_iter();
        Ok(rounds
            .map(|round| {
                Arc::new(RoundResult {
                    comparisons: comparisons.remove(&round.number).unwrap_or_default(),
                    round,
                    answers: Vec::new(),
                })
            })
            .collect())
    }

    /// All comparisons, by the number of their round.
    fn comparisons(&self) -> Result<BTreeMap<u32, Vec<Arc<Comparison>>>> {
        let mut by_round: BTreeMap<u32, Vec<_>> = BTreeMap::new();
        for (round, comparison) in self.store.comparisons()? {
            by_round
                .entry(round)
                .or_default()
                .push(Arc::new(comparison));
        }
        Ok(by_round)
    }

    /// The predictions of a trained arm on every role but *final*.
    ///
    /// # Errors
    /// When the file is gone or damaged, or when the data have changed since:
    /// predictions are known by the place of their row.
    pub(super) fn result_of(&self, run: &ArmRun) -> Result<Arc<Predictions>> {
        let answers = weights_of(run)?.of_kind(Kind::Answers);
        let (predictions, file) = file::read(&self.store.files().path(&answers))?;
        let now = self.workspace.fingerprint();
        if file.note(DATA).is_some_and(|then| then != now) {
            return Err(data_changed());
        }
        Ok(Arc::new(self.visible(&predictions)?))
    }

    /// What the models of a round say about all roles but *final*.
    ///
    /// # Errors
    /// As [`OpenProject::result_of`].
    pub fn answers_of(&self, round: &Round) -> Result<Answers> {
        let runs = round.runs.iter();
        runs.map(|run| Ok((run.clone(), self.result_of(run)?)))
            .collect()
    }

    /// The model that a run trained.
    ///
    /// # Errors
    /// When its weights, or those that it continued from, are gone or damaged.
    pub fn retrained(&self, run: &ArmRun) -> Result<Classifier> {
        let path = self.store.files().path(&weights_of(run)?);
        let file = TensorFile::open(&path)
            .map_err(|e| e.hint("retrain: without these weights the arm cannot be asked"))?;
        let pretrained = self.workspace.pretrained()?;
        match file.note(CONTINUES) {
            Some(base) if !pretrained.is_base_of(&file) => {
                self.base_called(base)?.with_checkpoint(&file)
            }
            _ => pretrained.with_checkpoint(&file),
        }
    }

    /// The model in use: the reference base, or the one of the round that was
    /// chosen.
    ///
    /// # Errors
    /// When it cannot be loaded, or when cancelled.
    pub fn model_in_use(&self, progress: &Progress) -> Result<Arc<Classifier>> {
        let number = self.document()?.model_round;
        let rounds = self.store.rounds()?;
        let chosen = rounds.iter().find(|round| round.number == number);
        match chosen.and_then(Round::model) {
            Some(run) => Ok(Arc::new(self.retrained(run)?)),
            None => Ok(self.base(false, progress)?.model),
        }
    }
}

/// What the weights of a run are called.
///
/// # Errors
/// When they were not kept.
pub(super) fn weights_of(run: &ArmRun) -> Result<Key> {
    let recorded = run.checkpoint.as_deref();
    let key = recorded.map(|name| Key::recorded(Kind::Model, name));
    key.ok_or_else(|| {
        Error::input(format!("the weights of arm {} were not kept", run.arm))
            .hint("retrain: a round keeps the weights of all its arms")
    })
}
