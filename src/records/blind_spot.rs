//! Blind spots, the settings that they are found by, and the snapshots that
//! they are frozen in.

use serde::{Deserialize, Serialize};

use super::{ExampleKey, Label};

/// Number of a blind spot; kept when freezing again maps it by overlap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BlindSpotId(pub u32);

impl std::fmt::Display for BlindSpotId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// Whose embeddings the errors are grouped in, as earlier versions recorded it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EmbeddingOf {
    /// The fine-tuned base model's: they show what it has learnt to look at.
    /// Snapshots may say `pretrained`, which was accepted without effect.
    #[default]
    #[serde(alias = "pretrained")]
    Base,
}

/// How unknown unknowns are found and grouped.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DiscoverySettings {
    /// Confidence from which a wrong label is an unknown unknown, 0 to 1.
    pub tau: f32,
    /// Whether confidences are temperature-scaled on *validation* first.
    pub scale_temperature: bool,
    /// Number of blind spots over all; `None`: about one for 15 unknown
    /// unknowns, 1 to 8 for each confusion, at most 40.
    pub k: Option<usize>,
    /// Fewest errors that a confusion needs for blind spots of its own, where
    /// there are more than two confusions: rarer ones are pooled by a label
    /// that they share. 1: no pools.
    pub smallest_group: usize,
    /// Whether a blind spot may mix confusions (true → predicted).
    pub mix_confusions: bool,
    /// Read, not written: see [`EmbeddingOf`].
    #[serde(skip_serializing)]
    pub embedding: EmbeddingOf,
    /// Restarts of k-means.
    pub restarts: usize,
    /// Seed of clustering, of the shown/kept-back draw and of the stability.
    pub seed: u64,
}

impl Default for DiscoverySettings {
    fn default() -> Self {
        Self {
            tau: 0.9,
            scale_temperature: false,
            k: None,
            smallest_group: 10,
            mix_confusions: false,
            embedding: EmbeddingOf::Base,
            restarts: 10,
            seed: 0,
        }
    }
}

/// A term that is commoner in a blind spot than among correct examples.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Term {
    /// The word.
    pub word: String,
    /// Members of the blind spot that hold it.
    pub inside: usize,
    /// Correctly classified examples that hold it.
    pub outside: usize,
    /// Smoothed log-odds ratio against the correctly classified rest, in
    /// standard errors.
    pub score: f32,
}

/// A cluster of unknown unknowns.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BlindSpot {
    /// Its number.
    pub id: BlindSpotId,
    /// Name: the most distinctive terms until somebody renames it.
    pub name: String,
    /// Main confusion: the label given by the data.
    pub true_label: Label,
    /// Main confusion: the label predicted.
    pub predicted: Label,
    /// Unknown unknowns that teachers may see, nearest to their own centre
    /// first.
    pub shown: Vec<ExampleKey>,
    /// Unknown unknowns kept back for testing hypotheses: a third.
    pub kept_back: Vec<ExampleKey>,
    /// The most central shown members.
    pub medoids: Vec<ExampleKey>,
    /// The nearest correctly classified examples with the same true label.
    pub contrasts: Vec<ExampleKey>,
    /// Distinctive terms, best first, from shown members only.
    pub terms: Vec<Term>,
    /// Mean confidence of its members, 0 to 1.
    pub mean_confidence: f32,
    /// Centre in the space of L2-normalised embeddings.
    pub centre: Vec<f32>,
    /// 90th percentile of its members' distances to the centre: the region's
    /// radius.
    pub radius: f32,
    /// Discovery examples in its region.
    pub region_size: usize,
    /// Unknown unknowns among them.
    pub region_uus: usize,
}

impl BlindSpot {
    /// All its unknown unknowns, shown ones first.
    pub fn members(&self) -> impl Iterator<Item = &ExampleKey> {
        self.shown.iter().chain(&self.kept_back)
    }

    /// Number of its unknown unknowns.
    pub fn size(&self) -> usize {
        self.shown.len() + self.kept_back.len()
    }
}

/// A frozen set of blind spots. Snapshots are never changed, only followed by
/// newer versions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// 1, 2, 3, …
    pub version: u32,
    /// When it was frozen, RFC 3339.
    pub created: String,
    /// How it was made.
    pub settings: DiscoverySettings,
    /// Temperature that the confidences were divided by (1: none).
    pub temperature: f32,
    /// Checkpoint of the model whose errors these are.
    pub model: String,
    /// The blind spots, largest first.
    pub blind_spots: Vec<BlindSpot>,
    /// Mean adjusted Rand index over bootstrap runs; below 0.5 the groups are
    /// not stable. `None` for a single blind spot.
    pub stability: Option<f32>,
    /// What a reader should know, for instance why there is only one group.
    pub notes: Vec<String>,
    /// Blind spots of the previous version that no new one continues, with
    /// whatever was written for them still attached.
    pub orphans: Vec<BlindSpotId>,
}

impl Snapshot {
    /// The blind spot of a number.
    pub fn blind_spot(&self, id: BlindSpotId) -> Option<&BlindSpot> {
        self.blind_spots.iter().find(|spot| spot.id == id)
    }
}

/// Whether a number can be τ, the confidence from which an error counts.
pub fn is_threshold(tau: f32) -> bool {
    tau > 0.0 && tau <= 1.0
}
