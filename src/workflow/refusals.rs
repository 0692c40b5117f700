//! Refuses samples that copy a text of *check* or *final*, however they came
//! in: by their words, or by the pretrained encoder's embedding.

use super::open_project::OpenProject;
use super::score;
use crate::dataset::copies::{Copy, refuses_embedding};
use crate::dataset::{CopyGuard, Role, Text};
use crate::inference::{self, Predictions};
use crate::model::Classifier;
use crate::support::{Progress, Result};

/// Knows what must not be copied, by hashes and embeddings.
pub struct Refusals {
    words: CopyGuard,
    meaning: Predictions,
    encoder: std::sync::Arc<Classifier>,
}

impl Refusals {
    /// Embeds *check* and *final* with the pretrained encoder, once for a
    /// project: fine-tuned embeddings lie close together for all texts of a
    /// class and would refuse far too much.
    ///
    /// # Errors
    /// When there is no encoder, or when cancelled.
    pub fn new(project: &OpenProject, progress: &Progress) -> Result<Self> {
        let workspace = &project.workspace;
        let encoder = workspace.pretrained()?;
        let (model, data) = (encoder.fingerprint(), project.scored_data()?);
        let meaning = match project.store.predictions(&model, &data)? {
            Some(kept) => kept,
            None => {
                let progress = progress.within("Guarding check and final");
                let examples = score::with_roles(workspace, &[Role::Check, Role::Final]);
                let seen = score::score(workspace, &encoder, examples, &progress)?;
                let meaning = seen.embeddings_only()?;
                if project.store.read_only().is_none() {
                    project.store.put_predictions(&model, &data, &meaning)?;
                }
                meaning
            }
        };
        Ok(Self {
            words: CopyGuard::new(&workspace.dataset),
            meaning,
            encoder,
        })
    }

    /// For each text the reason why it is refused, if it is.
    ///
    /// # Errors
    /// When a text does not fit the encoder, or when cancelled.
    pub fn judge(
        &self,
        project: &OpenProject,
        texts: &[&Text],
        progress: &Progress,
    ) -> Result<Vec<Option<Copy>>> {
        let seen = self.embed(project, texts, progress)?;
        Ok(self.judge_embedded(texts, &seen))
    }

    /// Texts as the pretrained encoder sees them, one row for each.
    ///
    /// # Errors
    /// When a text does not fit the encoder, or when cancelled.
    pub fn embed(
        &self,
        project: &OpenProject,
        texts: &[&Text],
        progress: &Progress,
    ) -> Result<Predictions> {
        let tokens: Vec<_> = texts
            .iter()
            .map(|text| project.workspace.encode(&self.encoder, text))
            .collect::<Result<_>>()?;
        let scores = inference::score(&self.encoder, &tokens, progress)?;
        score::predictions((0..texts.len()).collect(), scores)
    }

    /// As [`Refusals::judge`], for texts with their rows of
    /// [`Refusals::embed`].
    pub fn judge_embedded(&self, texts: &[&Text], seen: &Predictions) -> Vec<Option<Copy>> {
        let rows = texts.iter().enumerate();
        rows.map(|(row, text)| {
            self.words
                .refuses(text)
                .or_else(|| refuses_embedding(seen.embedding(row), self.meaning.embeddings()))
        })
        .collect()
    }
}
