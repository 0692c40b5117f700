//! Training until the lessons are learnt or the guard on *validation* is
//! touched.
//!
//! One strength does not fit all tasks: what corrects errors of one leaves
//! those of another as they are. So the first arm with lessons sets the pace
//! for each seed, and every other arm takes as many steps under the same
//! schedule. What is looked at are the lessons' own training samples; errors
//! that were kept back are not, or they could no longer test anything.

use std::collections::BTreeSet;
use std::sync::PoisonError;

use crate::dataset::Dataset;
use crate::discovery::Truths;
use crate::inference::{self, ActivationCache, Scores};
use crate::model::{Classifier, TokenizedText};
use crate::records::{Arm, Label, Mode, Role};
use crate::steps::retrain::Retraining;
use crate::steps::score;
use crate::support::{Progress, Result};
use crate::training::{Stopping, TrainingExample};

/// Share of its own samples from which an arm has learnt them: some are wrong,
/// and the last ones are learnt by heart.
const LEARNT: f64 = 0.95;

/// Labelled texts that a model is asked about while it is trained.
struct Watched {
    texts: Vec<TokenizedText>,
    labels: Vec<Label>,
    /// Output of the frozen lower blocks, for Quick.
    cached: Option<ActivationCache>,
}

impl Watched {
    fn new(
        of: &Retraining<'_>,
        (texts, labels): (Vec<TokenizedText>, Vec<Label>),
        progress: &Progress,
    ) -> Result<Self> {
        let cached = match of.terms.mode {
            Mode::Quick => Some(ActivationCache::build(
                of.terms.base,
                &texts,
                of.quick.upper_layers,
                progress,
            )?),
            Mode::Full => None,
        };
        Ok(Self {
            texts,
            labels,
            cached,
        })
    }

    /// Share of the texts that a model labels rightly; `None` of none.
    fn right(&self, model: &Classifier) -> Result<Option<f64>> {
        if self.texts.is_empty() {
            return Ok(None);
        }
        let silent = Progress::silent();
        let scores = match &self.cached {
            Some(cache) => inference::classify_cached(model, cache, &silent)?,
            None => inference::classify(model, &self.texts, &silent)?,
        };
        let right = said(&scores)
            .zip(&self.labels)
            .filter(|(said, label)| said == *label);
        Ok(Some(right.count() as f64 / self.labels.len() as f64))
    }
}

/// The label that each text gets.
fn said(scores: &Scores) -> impl Iterator<Item = Label> {
    scores.rows().map(|logits| {
        let best = logits.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1));
        best.map_or(0, |(class, _)| class as Label)
    })
}

impl Retraining<'_> {
    /// Trains the arm that sets the pace until it has learnt, and any other for
    /// as many steps.
    pub(super) fn run_until_learnt(
        &self,
        (arm, added): (&Arm, &[TrainingExample]),
        seed: u64,
        progress: &Progress,
    ) -> Result<(Classifier, usize)> {
        let Some(pace) = self.terms.pace else {
            return self.run(added, (seed, None), progress);
        };
        if pace == arm {
            return self.set_pace(added, seed, progress);
        }
        let known = self.paces().get(&seed).copied();
        let steps = match (known, self.terms.pool.additions(pace, self.terms.n, seed)) {
            (Some(steps), _) => steps,
            (None, Some(additions)) => {
                let of_pace = self.examples(&additions)?;
                let progress = progress.within(&format!("first {pace}, which sets the pace"));
                self.set_pace(&of_pace, seed, &progress)?.1
            }
            (None, None) => return self.run(added, (seed, None), progress),
        };
        let mut ends = |_: &Classifier, taken: usize| Ok(taken >= steps);
        let stopping = Stopping {
            every: 1,
            ends: &mut ends,
        };
        self.run(added, (seed, Some(stopping)), progress)
    }

    fn set_pace(
        &self,
        added: &[TrainingExample],
        seed: u64,
        progress: &Progress,
    ) -> Result<(Classifier, usize)> {
        let texts = added.iter().map(|one| one.text.clone()).collect();
        let labels = added.iter().map(|one| one.label).collect();
        let samples = Watched::new(self, (texts, labels), progress)?;
        let guarded = Watched::new(self, self.in_domain_validation(progress)?, progress)?;
        let before = guarded.right(self.terms.base)?;
        let most_lost = self.terms.pool.recipe.guard_points / 100.0;
        let mut ends = |model: &Classifier, _: usize| {
            let learnt = samples.right(model)?.is_none_or(|right| right >= LEARNT);
            let now = guarded.right(model)?;
            let lost = before.zip(now).map_or(0.0, |(before, now)| before - now);
            Ok(learnt || lost >= most_lost.max(f64::MIN_POSITIVE))
        };
        let stopping = Stopping {
            every: self.steps_of_a_pass(seed, progress)?,
            ends: &mut ends,
        };
        let (model, steps) = self.run(added, (seed, Some(stopping)), progress)?;
        self.paces().insert(seed, steps);
        Ok((model, steps))
    }

    fn paces(&self) -> std::sync::MutexGuard<'_, std::collections::BTreeMap<u64, usize>> {
        self.paces.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The rows of *validation* of the sources that the base was fitted on, and
    /// their labels.
    fn in_domain_validation(
        &self,
        progress: &Progress,
    ) -> Result<(Vec<TokenizedText>, Vec<Label>)> {
        let (workspace, truths) = (self.terms.workspace, self.terms.pool.truths);
        let (examples, labels) = in_domain(&workspace.dataset, truths);
        if examples.is_empty() {
            progress.warn(
                "validation has no in-domain rows: nothing but the lessons being learnt ends the \
                 training before its most passes",
            );
        }
        Ok((score::texts(workspace, &examples, progress)?, labels))
    }
}

fn in_domain(dataset: &Dataset, truths: &Truths) -> (Vec<usize>, Vec<Label>) {
    let source = |index: &usize| dataset.examples[*index].source;
    let trained: BTreeSet<u16> = dataset.with_role(Role::Train).iter().map(source).collect();
    let rows = dataset.with_role(Role::Validation).into_iter();
    rows.filter(|index| trained.is_empty() || trained.contains(&source(index)))
        .filter_map(|index| Some((index, truths.of(dataset, index)?)))
        .unzip()
}
