//! What ways of grouping errors look at: where they lie in the model's last
//! layer and half-way up, and which words its answers rest on.

use std::collections::BTreeMap;

use ndarray::Array2;

use crate::blind_spots::embeddings_of;
use crate::blind_spots::ways::Seen;
use crate::discovery::UnknownUnknown;
use crate::inference::saliency::saliency;
use crate::inference::{ActivationCache, Predictions};
use crate::map::Pca;
use crate::model::Classifier;
use crate::steps::{Workspace, score};
use crate::support::folding::words;
use crate::support::{Error, Progress, Result};

/// Principal components, at most.
const COMPONENTS: usize = 16;

/// What confidences are divided by: nothing, since effects are only weighed
/// against each other.
const TEMPERATURE: f32 = 1.0;

/// Everything that some way of grouping looks at, a row for each error.
///
/// # Errors
/// When values are not finite, or when cancelled.
pub(super) fn seen(
    workspace: &Workspace,
    (model, predictions): (&Classifier, &Predictions),
    uus: &[UnknownUnknown],
    progress: &Progress,
) -> Result<Seen> {
    let dataset = &workspace.dataset;
    let points = embeddings_of(dataset, predictions, uus)?;
    let (errors, width) = points.dim();
    let flat: Vec<f32> = points.iter().copied().collect();
    let pca = Pca::fit(&flat, width, COMPONENTS, progress)?;
    let components = Array2::from_shape_vec((errors, pca.components()), pca.transform(&flat)?)
        .map_err(|e| Error::program("components do not fit errors").because(e))?;
    let mut effects = Vec::with_capacity(errors);
    for uu in uus {
        effects.push(effects_of(workspace, model, uu, progress)?);
    }
    Ok(Seen {
        points,
        lower: half_way(workspace, model, uus, progress)?,
        components,
        words: effects,
    })
}

/// The mean over tokens of the states half-way up the layers, of length 1:
/// `[uus, hidden]`.
fn half_way(
    workspace: &Workspace,
    model: &Classifier,
    uus: &[UnknownUnknown],
    progress: &Progress,
) -> Result<Array2<f32>> {
    let examples: Vec<usize> = uus.iter().map(|uu| uu.example).collect();
    let texts = score::texts(workspace, &examples, progress)?;
    let states = ActivationCache::build(model, &texts, model.layers() / 2, progress)?;
    let width = states.width();
    let mut rows = Array2::zeros((texts.len(), width));
    for (text, mut row) in rows.rows_mut().into_iter().enumerate() {
        let mut of_text = vec![0.0; states.lengths()[text] * width];
        states.copy(text, &mut of_text);
        for token in of_text.chunks(width) {
            row += &ndarray::aview1(token);
        }
        let squares: f32 = row.dot(&row);
        if squares > 0.0 {
            row /= squares.sqrt();
        }
    }
    Ok(rows)
}

/// What each different word of a text does for the answer, 0 for those that
/// speak against it or do nothing.
fn effects_of(
    workspace: &Workspace,
    model: &Classifier,
    uu: &UnknownUnknown,
    progress: &Progress,
) -> Result<BTreeMap<String, f32>> {
    let Some(text) = workspace.dataset.examples[uu.example].text() else {
        return Ok(BTreeMap::new());
    };
    let longest = workspace.longest_text(model);
    let found = saliency(model, text, longest, TEMPERATURE, progress)?;
    let mut effects = BTreeMap::<String, f32>::new();
    for word in found.words {
        for name in words(word.of(text)) {
            let effect = effects.entry(name).or_default();
            *effect = effect.max(word.effect);
        }
    }
    Ok(effects)
}
