//! Other ways of grouping errors, to be measured beside the one in use.

mod linkage;
mod mixture;

use std::collections::BTreeMap;
use std::fmt;

use linkage::average_linkage;
use mixture::mixture;
use ndarray::{Array2, ArrayView2, Axis, concatenate, s};
use serde::Serialize;

use super::buckets::{Bucket, buckets};
use super::cluster::split_buckets;
use crate::discovery::UnknownUnknown;
use crate::records::DiscoverySettings;
use crate::support::{Error, Progress, Result};

/// Length of a coordinate that says which label was given or predicted, beside
/// embeddings of length 1.
const ANSWER: f32 = 0.5;
/// Length of the coordinates that say which words a text holds, beside
/// embeddings of length 1.
const WORDS: f32 = 0.7;
/// Words of fewer errors tell nothing of a group.
const FEWEST_WITH_WORD: usize = 3;
/// Principal components that are looked at where all count alike, at most: the
/// later ones are noise.
const WHITENED: usize = 16;
/// The same for a mixture, whose Gaussians have as many parameters as the
/// square of this.
const IN_MIXTURE: usize = 8;
/// With fewer errors for each coordinate, coordinates cannot be told from noise.
const ERRORS_FOR_EACH: usize = 4;

/// What ways of grouping look at, one row for each error.
#[derive(Debug, Clone)]
pub struct Seen {
    /// Embeddings, `[uus, width]`.
    pub points: Array2<f32>,
    /// States half-way up the layers, `[uus, width]`.
    pub lower: Array2<f32>,
    /// Principal components of the embeddings, most variance first,
    /// `[uus, components]`.
    pub components: Array2<f32>,
    /// The different words of each text, and what each does for the answer.
    pub words: Vec<BTreeMap<String, f32>>,
}

/// A way of grouping errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    /// k-means over embeddings within each confusion: the one in use.
    InUse,
    /// The same with half as many groups.
    Fewer,
    /// The same with as many groups as are most stable on resampled errors.
    MostStable,
    /// k-means over embeddings, confusions mixed.
    Mixed,
    /// k-means over embeddings and, as coordinates, true and predicted label,
    /// as the mixture of Domino has them (arXiv 2203.14960).
    WithAnswers,
    /// k-means within each confusion, every coordinate divided by its deviation
    /// among the errors.
    Scaled,
    /// k-means within each confusion over principal components of which all
    /// count alike.
    Whitened,
    /// k-means within each confusion over embeddings and, as coordinates, the
    /// words of the text, rare ones counting more.
    WithWords,
    /// The same, words counting by how much the answer rests on them.
    WithSaliency,
    /// k-means within each confusion over states half-way up the layers.
    HalfWay,
    /// Average linkage within each confusion: a reference.
    Linked,
    /// A mixture of Gaussians within each confusion: a reference.
    Mixture,
}

impl Way {
    /// All of them, the one in use first.
    pub const ALL: [Self; 12] = [
        Self::InUse,
        Self::Fewer,
        Self::MostStable,
        Self::Mixed,
        Self::WithAnswers,
        Self::Scaled,
        Self::Whitened,
        Self::WithWords,
        Self::WithSaliency,
        Self::HalfWay,
        Self::Linked,
        Self::Mixture,
    ];
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::InUse => "in use",
            Self::Fewer => "half as many",
            Self::MostStable => "as many as are most stable",
            Self::Mixed => "confusions mixed",
            Self::WithAnswers => "labels as coordinates",
            Self::Scaled => "coordinates scaled",
            Self::Whitened => "principal components alike",
            Self::WithWords => "words as coordinates",
            Self::WithSaliency => "words that the answer rests on as coordinates",
            Self::HalfWay => "states half-way up",
            Self::Linked => "average linkage",
            Self::Mixture => "mixture of Gaussians",
        })
    }
}

/// Group of each unknown unknown.
///
/// `most_stable`: as many groups as are most stable, `None` where nothing can
/// be split.
///
/// # Errors
/// When values are not finite, or when cancelled.
pub fn grouped(
    way: Way,
    seen: &Seen,
    uus: &[UnknownUnknown],
    settings: &DiscoverySettings,
    most_stable: Option<usize>,
    progress: &Progress,
) -> Result<Vec<usize>> {
    let mut settings = settings.clone();
    settings.mix_confusions |= matches!(way, Way::Mixed | Way::WithAnswers);
    if way == Way::MostStable {
        settings.k = most_stable;
    }
    let mut buckets = buckets(uus, &settings);
    if way == Way::Fewer {
        for bucket in &mut buckets {
            bucket.k = bucket.k.div_ceil(2);
        }
    }
    let points = match way {
        Way::InUse | Way::Fewer | Way::MostStable | Way::Mixed | Way::Linked => seen.points.clone(),
        Way::WithAnswers => beside(&seen.points, answers(uus))?,
        Way::WithWords => beside(&seen.points, words(&seen.words, |_| 1.0))?,
        Way::WithSaliency => beside(&seen.points, words(&seen.words, |effect| effect))?,
        Way::HalfWay => seen.lower.clone(),
        Way::Scaled => scaled(seen.points.view()),
        Way::Whitened => scaled(first(&seen.components, WHITENED)),
        Way::Mixture => scaled(first(&seen.components, IN_MIXTURE)),
    };
    let groups = match way {
        Way::Linked => in_buckets(&points, &buckets, progress, average_linkage)?,
        Way::Mixture => in_buckets(&points, &buckets, progress, |points, k| {
            mixture(points, k, settings.seed)
        })?,
        _ => split_buckets(&points, &buckets, &settings, progress)?,
    };
    let mut of_each = vec![0; uus.len()];
    for (number, members) in groups.iter().enumerate() {
        for member in members {
            of_each[*member] = number;
        }
    }
    Ok(of_each)
}

fn beside(points: &Array2<f32>, more: Array2<f32>) -> Result<Array2<f32>> {
    concatenate(Axis(1), &[points.view(), more.view()])
        .map_err(|e| Error::program("embeddings and what stands beside them do not fit").because(e))
}

fn answers(uus: &[UnknownUnknown]) -> Array2<f32> {
    let labels = uus
        .iter()
        .map(|uu| uu.true_label.max(uu.predicted))
        .max()
        .unwrap_or(0);
    let labels = usize::from(labels) + 1;
    let mut answers = Array2::zeros((uus.len(), 2 * labels));
    for (row, uu) in uus.iter().enumerate() {
        answers[[row, usize::from(uu.true_label)]] = ANSWER;
        answers[[row, labels + usize::from(uu.predicted)]] = ANSWER;
    }
    answers
}

/// Which words each text holds, rarer ones counting more (inverse document
/// frequency), times a weight that their effect on the answer gives; each row
/// as long as [`WORDS`]: `[uus, words]`.
fn words(texts: &[BTreeMap<String, f32>], weight: impl Fn(f32) -> f32) -> Array2<f32> {
    let mut often = BTreeMap::<&str, usize>::new();
    for word in texts.iter().flat_map(BTreeMap::keys) {
        *often.entry(word).or_default() += 1;
    }
    often.retain(|_, count| *count >= FEWEST_WITH_WORD);
    let mut rows = Array2::zeros((texts.len(), often.len()));
    for (mut row, text) in rows.rows_mut().into_iter().zip(texts) {
        for (place, (word, count)) in often.iter().enumerate() {
            if let Some(effect) = text.get(*word) {
                row[place] = weight(*effect) * (texts.len() as f32 / *count as f32).ln();
            }
        }
        let length: f32 = row.dot(&row);
        if length > 0.0 {
            row *= WORDS / length.sqrt();
        }
    }
    rows
}

/// The first so many components, fewer where there are few errors.
fn first(components: &Array2<f32>, most: usize) -> ArrayView2<'_, f32> {
    let (errors, all) = components.dim();
    let kept = (errors / ERRORS_FOR_EACH).clamp(1, most).min(all);
    components.slice(s![.., ..kept])
}

fn scaled(points: ArrayView2<'_, f32>) -> Array2<f32> {
    let deviation = points
        .std_axis(Axis(0), 0.0)
        .mapv(|x| if x > 0.0 { x } else { 1.0 });
    &points / &deviation
}

/// Groups within each bucket, by something that says each point's group.
fn in_buckets(
    points: &Array2<f32>,
    buckets: &[Bucket],
    progress: &Progress,
    group: impl Fn(ArrayView2<'_, f32>, usize) -> Vec<usize>,
) -> Result<Vec<Vec<usize>>> {
    let mut groups = Vec::new();
    for bucket in buckets {
        progress.check()?;
        let rows = points.select(Axis(0), &bucket.members);
        let mut of_number = BTreeMap::<usize, Vec<usize>>::new();
        for (member, number) in bucket.members.iter().zip(group(rows.view(), bucket.k)) {
            of_number.entry(number).or_default().push(*member);
        }
        groups.extend(of_number.into_values());
    }
    Ok(groups)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_few_errors_share_count_for_nothing_and_rare_ones_for_more() {
        let texts = ["a b", "a b", "a b c", "a", "a", "c"].map(|text| {
            let words = text.split(' ').map(|word| (word.to_owned(), 0.5));
            words.collect::<BTreeMap<_, _>>()
        });
        let rows = words(&texts, |_| 1.0);
        assert_eq!(rows.dim(), (6, 2), "c is in two texts alone");
        assert!(rows[[0, 1]] > rows[[0, 0]] && rows[[0, 0]] > 0.0, "{rows}");
        assert!((rows[[3, 0]] - WORDS).abs() < 1e-6 && rows[[5, 0]] == 0.0);
        // What an answer does not rest on tells nothing of it.
        let mut rested = texts.clone();
        rested[0].insert("b".to_owned(), 0.0);
        let by_effect = words(&rested, |effect| effect);
        assert!((by_effect[[0, 0]] - WORDS).abs() < 1e-6 && by_effect[[0, 1]] == 0.0);
        assert_eq!(
            by_effect.row(1),
            rows.row(1),
            "equal effects change nothing"
        );
    }
}
