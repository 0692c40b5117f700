//! Which of many written samples are kept: those that cover the blind spot best.

use std::collections::BTreeSet;

use crate::blind_spots::regions;
use crate::inference;
use crate::lessons::review::passes;
use crate::lessons::sample_set::chosen;
use crate::model::TokenizedText;
use crate::records::{BlindSpotId, ExampleKey, Review, Role, Sample};
use crate::steps::{Basis, score};
use crate::support::text::many;
use crate::support::{Progress, Result};

impl Basis<'_> {
    /// Keeps so many drafts of a blind spot, and rejects the others with the
    /// reason. Kept are those that lie nearest to what is to be covered (see
    /// [`chosen`]): the errors that teachers see, and all other rows of
    /// *discovery* in its region, whatever their labels, but none that is kept
    /// back. Drafts that pass the checks come first. Gives what is to be said of
    /// the choice; `None` where there are no more drafts than are to be kept.
    ///
    /// # Errors
    /// When a text does not fit the model, or when cancelled.
    pub(in crate::steps) fn keep_covering(
        &self,
        samples: &mut [Sample],
        spot: BlindSpotId,
        keep: usize,
        progress: &Progress,
    ) -> Result<Option<String>> {
        let is_draft = |sample: &Sample| sample.review == Review::Draft;
        let drafts: Vec<usize> = (0..samples.len())
            .filter(|at| is_draft(&samples[*at]))
            .collect();
        if drafts.len() <= keep {
            return Ok(None);
        }
        let texts: Vec<&Sample> = drafts.iter().map(|at| &samples[*at]).collect();
        let encode = |sample: &&Sample| {
            let (workspace, model) = (&self.project.workspace, &self.base.model);
            workspace.encode(model, &sample.text)
        };
        let tokens: Vec<TokenizedText> = texts.iter().map(encode).collect::<Result<_>>()?;
        let scores = inference::score(&self.base.model, &tokens, progress)?;
        let seen = score::predictions((0..tokens.len()).collect(), scores)?;
        let cover = self.rows_to_cover(spot, progress)?;
        let cover: Vec<&[f32]> = cover
            .iter()
            .map(|row| self.reference.embedding(*row))
            .collect();
        let (sound, other): (Vec<usize>, Vec<usize>) =
            (0..drafts.len()).partition(|draft| passes(texts[*draft]));
        let rows = |of: &[usize]| -> Vec<&[f32]> {
            of.iter().map(|draft| seen.embedding(*draft)).collect()
        };
        let first = chosen(&rows(&sound), &cover, &[], keep);
        let mut kept: Vec<usize> = first.into_iter().map(|at| sound[at]).collect();
        let left = keep - kept.len();
        let then = chosen(&rows(&other), &cover, &rows(&kept), left);
        kept.extend(then.into_iter().map(|at| other[at]));
        let kept: BTreeSet<usize> = kept.into_iter().collect();
        let said = format!(
            "{} of {} were kept: those that lie nearest to the shown errors and to the other texts \
             of discovery round them",
            many(keep, "draft"),
            drafts.len()
        );
        for (draft, at) in drafts.into_iter().enumerate() {
            if !kept.contains(&draft) {
                samples[at].review = Review::Rejected {
                    reason: format!("not among the {keep} that cover the blind spot best"),
                };
            }
        }
        Ok(Some(said))
    }

    /// Rows of the reference that samples should lie near.
    fn rows_to_cover(&self, spot: BlindSpotId, progress: &Progress) -> Result<Vec<usize>> {
        let Some(of) = self.snapshot.blind_spot(spot) else {
            return Ok(Vec::new());
        };
        let spots = self.snapshot.blind_spots.iter();
        let hidden: BTreeSet<&ExampleKey> = spots.flat_map(|spot| &spot.kept_back).collect();
        let examples = &self.project.workspace.dataset.examples;
        let inside = regions(std::slice::from_ref(of), self.reference, progress)?;
        let evidence = self.evidence();
        let shown = evidence.shown(spot).iter().map(|error| error.example);
        let all: BTreeSet<usize> = shown.chain(inside.into_iter().flatten()).collect();
        let may_be_seen = |index: &usize| {
            let example = &examples[*index];
            example.role == Role::Discovery && !hidden.contains(&example.key)
        };
        let answers = self.answers();
        Ok(all
            .into_iter()
            .filter(may_be_seen)
            .filter_map(|index| answers.row_of(index))
            .collect())
    }
}
