//! What base and arms say about the rows of *final*: nobody asks them before
//! it is opened.

use std::path::Path;
use std::sync::Arc;

use crate::inference::Predictions;
use crate::inference::file::{self, Embeddings, Notes};
use crate::project::Kind;
use crate::records::{Role, Round};
use crate::steps::fit::Base;
use crate::steps::retrain::arm_scoring::{ArmScoring, KeptStates};
use crate::steps::retrain::arms::{DATA, data_changed};
use crate::steps::round::weights_of;
use crate::steps::state::Answers;
use crate::steps::{OpenProject, score};
use crate::support::{Progress, Result};

/// The sealed rows of a project, and the base that rounds start from.
pub(crate) struct Sealed<'a> {
    project: &'a OpenProject,
    base: &'a Base,
}

impl<'a> Sealed<'a> {
    /// Scores nothing yet.
    pub(crate) fn of(project: &'a OpenProject, base: &'a Base) -> Self {
        Self { project, base }
    }

    /// Checks that the arms were trained on the data as they are: every text
    /// and label of them. Results of earlier versions do not say on which;
    /// there the rows are counted, with a warning.
    ///
    /// # Errors
    /// When other data were scored then, or when a result is gone or damaged.
    pub(crate) fn check(&self, visible: &Answers, progress: &Progress) -> Result<()> {
        let rows = score::with_roles(&self.project.workspace, &score::VISIBLE);
        let mut unknown = 0;
        for (run, answers) in visible {
            if answers.examples() != rows {
                return Err(data_changed());
            }
            match self.project.data_of(run)? {
                Some(then) if then != self.project.workspace.fingerprint() => {
                    return Err(data_changed());
                }
                Some(_) => {}
                None => unknown += 1,
            }
        }
        if unknown > 0 {
            progress.warn(
                "this round was trained by an earlier version, which did not note its data: \
                 whether a text or a label has changed since is not known (retrain to be sure)",
            );
        }
        Ok(())
    }

    /// What the base says about *final*; kept for later openings.
    ///
    /// # Errors
    /// When cancelled, or when it cannot be kept.
    pub(crate) fn reference(&self, progress: &Progress) -> Result<Predictions> {
        let (workspace, store) = (&self.project.workspace, &self.project.store);
        let (model, data) = (
            self.base.info.id.as_str(),
            format!("{} final", self.project.scored_data()?),
        );
        if let Some(kept) = store.predictions(model, &data)? {
            return Ok(kept);
        }
        let progress = progress.within("the base on final, once");
        let examples = score::with_roles(workspace, &[Role::Final]);
        let predictions = score::score(workspace, &self.base.model, examples, &progress)?;
        self.project.kept(model, &data, predictions)
    }

    /// What the arms of a round say, with what they say about *final*; that is
    /// kept beside their weights.
    ///
    /// # Errors
    /// When the weights of an arm are gone or damaged, a result cannot be
    /// kept, or when cancelled.
    pub(crate) fn joined(
        &self,
        round: &Round,
        visible: &Answers,
        progress: &Progress,
    ) -> Result<Answers> {
        let mut scoring = None;
        let mut joined = Answers::new();
        for (run, answers) in visible {
            let answers_on_final = weights_of(run)?.of_kind(Kind::Answers).on_final();
            let path = self.project.store.files().place(&answers_on_final)?;
            let on_final = match self.kept(&path)? {
                Some(kept) => kept,
                None => {
                    let scoring = match &scoring {
                        Some(ready) => ready,
                        None => scoring.insert(self.scoring(round, progress)?),
                    };
                    let (number, total) = (joined.len() + 1, visible.len());
                    let title = format!("{number} of {total}: arm {}, seed {}", run.arm, run.seed);
                    let model = self.project.retrained(run)?;
                    let predictions = scoring.score(&model, &progress.within(&title))?;
                    file::write(&path, &predictions, Embeddings::Left, &self.notes())?
                }
            };
            joined.push((run.clone(), Arc::new(answers.joined(&on_final)?)));
        }
        Ok(joined)
    }

    /// What an earlier opening left, if it was of the same data.
    fn kept(&self, path: &Path) -> Result<Option<Predictions>> {
        if !path.exists() {
            return Ok(None);
        }
        let (predictions, file) = file::read(path)?;
        let fits = file.note(DATA) == Some(self.project.workspace.fingerprint());
        Ok(fits.then_some(predictions))
    }

    fn notes(&self) -> Notes {
        let data = self.project.workspace.fingerprint().to_owned();
        Notes::from([(DATA.to_owned(), data)])
    }

    fn scoring(&self, round: &Round, progress: &Progress) -> Result<ArmScoring<'a>> {
        let workspace = &self.project.workspace;
        let (base, id) = (&*self.base.model, self.base.info.id.as_str());
        let states = KeptStates::new(self.project.store.files(), workspace, (base, id));
        ArmScoring::prepare(
            workspace,
            base,
            &[Role::Final],
            round.plan.mode,
            (states, "final"),
            progress,
        )
    }
}
