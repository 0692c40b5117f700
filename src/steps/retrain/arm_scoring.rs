//! What retrained models say about the rows of some roles.

use std::path::Path;

use crate::inference::ActivationCache;
use crate::inference::{self, Predictions};
use crate::model::{Classifier, TokenizedText};
use crate::records::{Mode, Role};
use crate::steps::{Workspace, score};
use crate::support::{Error, Progress, Result};

/// Rows that several retrained models are scored on.
pub struct ArmScoring<'a> {
    base: &'a Classifier,
    examples: Vec<usize>,
    texts: Vec<TokenizedText>,
    /// Output of the base's frozen lower blocks, for Quick.
    cached: Option<ActivationCache>,
}

/// The file in the cache folder that keeps the lower blocks' output.
#[derive(Debug, Clone, Copy)]
pub struct CacheFile<'a> {
    /// The cache folder; made when needed.
    pub folder: &'a Path,
    /// Name of the file.
    pub name: &'a str,
    /// Blocks above the states.
    pub upper_layers: usize,
}

impl CacheFile<'_> {
    /// Runs the lower blocks over these texts, or maps the file if it holds
    /// just that.
    ///
    /// # Errors
    /// When the file cannot be written, or when cancelled.
    pub fn build(
        self,
        base: &Classifier,
        texts: &[TokenizedText],
        progress: &Progress,
    ) -> Result<ActivationCache> {
        let folder = self.folder;
        std::fs::create_dir_all(folder).map_err(|e| Error::file("create", folder, e))?;
        let path = folder.join(self.name);
        ActivationCache::build_file(base, texts, self.upper_layers, &path, progress)
    }
}

impl<'a> ArmScoring<'a> {
    /// Prepares to score models of a round on the rows of some roles. For
    /// Quick, the base's lower blocks run over them once.
    ///
    /// # Errors
    /// When the cache cannot be written, or when cancelled.
    pub fn prepare(
        workspace: &Workspace,
        base: &'a Classifier,
        roles: &[Role],
        mode: Mode,
        file: CacheFile<'_>,
        progress: &Progress,
    ) -> Result<Self> {
        let examples = score::with_roles(workspace, roles);
        let texts = score::texts(workspace, &examples, progress)?;
        let cached = match mode {
            Mode::Quick => Some(file.build(base, &texts, progress)?),
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
