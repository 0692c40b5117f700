//! What retrained models say about the rows of some roles.

use crate::inference::ActivationCache;
use crate::inference::file::Notes;
use crate::inference::{self, Predictions};
use crate::model::{Classifier, TokenizedText};
use crate::project::{Files, Key, Kind};
use crate::records::{Mode, Role};
use crate::steps::retrain::quick_settings;
use crate::steps::{Workspace, score};
use crate::support::{Progress, Result};

/// Rows that several retrained models are scored on.
pub struct ArmScoring<'a> {
    base: &'a Classifier,
    examples: Vec<usize>,
    texts: Vec<TokenizedText>,
    /// Output of the base's frozen lower blocks, for Quick.
    cached: Option<ActivationCache>,
}

/// Output of a base's frozen lower blocks, kept as files: one for each set of
/// texts, the newest only.
#[derive(Clone, Copy)]
pub struct KeptStates<'a> {
    files: &'a Files,
    workspace: &'a Workspace,
    base: &'a Classifier,
    /// Fingerprint of the base.
    id: &'a str,
}

impl<'a> KeptStates<'a> {
    /// The states of a base, whose fingerprint is `id`.
    pub fn new(
        files: &'a Files,
        workspace: &'a Workspace,
        (base, id): (&'a Classifier, &'a str),
    ) -> Self {
        Self {
            files,
            workspace,
            base,
            id,
        }
    }

    /// Runs the lower blocks over some texts, or maps the file of them.
    /// `label` says which texts they are.
    ///
    /// # Errors
    /// When the file cannot be written, or when cancelled.
    pub fn of(
        self,
        label: &str,
        texts: &[TokenizedText],
        progress: &Progress,
    ) -> Result<ActivationCache> {
        let upper = quick_settings(self.workspace, self.base.layers()).upper_layers;
        let key = |key: &str| Key::labelled(Kind::States, label, key);
        let place = |made_from: &str| self.files.place(&key(made_from));
        let notes = states_of(self.id, self.workspace);
        let kept = (&place as _, &notes);
        let cache = ActivationCache::build_file(self.base, texts, upper, kept, progress)?;
        self.files.keep_newest(&key(cache.key()));
        Ok(cache)
    }
}

/// The notes of hidden states: their base, and the data.
pub(in crate::steps) fn states_of(base: &str, workspace: &Workspace) -> Notes {
    let notes = [("base", base), ("data", workspace.fingerprint())];
    notes
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
}

impl<'a> ArmScoring<'a> {
    /// Prepares to score models of a round on the rows of some roles. For
    /// Quick, the base's lower blocks run over them once.
    ///
    /// # Errors
    /// When hidden states cannot be kept, or when cancelled.
    pub fn prepare(
        workspace: &Workspace,
        base: &'a Classifier,
        roles: &[Role],
        mode: Mode,
        (states, label): (KeptStates<'a>, &str),
        progress: &Progress,
    ) -> Result<Self> {
        let examples = score::with_roles(workspace, roles);
        let texts = score::texts(workspace, &examples, progress)?;
        let cached = match mode {
            Mode::Quick => Some(states.of(label, &texts, progress)?),
            Mode::Full => None,
        };
        Ok(Self {
            base,
            examples,
            texts,
            cached,
        })
    }

    /// Scores a retrained model. After Quick this starts from the cache, if
    /// the model still has the lower blocks of the base.
    ///
    /// # Errors
    /// When cancelled.
    pub fn score(&self, model: &Classifier, progress: &Progress) -> Result<Predictions> {
        let fits = |cache: &&ActivationCache| model.shares_below(self.base, cache.frozen_layers());
        let scores = match self.cached.as_ref().filter(fits) {
            Some(cache) => inference::classify_cached(model, cache, progress)?,
            None => inference::classify(model, &self.texts, progress)?,
        };
        score::predictions(self.examples.clone(), scores)
    }
}
