//! How arms are trained, the same for all of them.

use serde::{Deserialize, Serialize};

/// What `[retrain]` of `project.toml` says; `[quick]` says the rest (layers,
/// passes, replayed rows), and [`Manifest::recipe_of`](super::Manifest::recipe_of)
/// when Quick ends. The defaults are the recipe of the first versions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Recipe {
    /// Weight of an added example in the loss; that of a replayed row is 1.
    pub sample_weight: f64,
    /// Training rows that Quick replays for each added example, where that is
    /// more than `quick.replay`.
    pub replay_per_sample: f64,
    /// Which labels the added examples have.
    pub balance: Balance,
    /// Share of ordinary labelled rows among what `lessons+labels` adds.
    pub label_share: f64,
    /// When training ends.
    pub until: Until,
    /// Most passes under [`Until::Learnt`].
    pub most_passes: usize,
    /// Points of in-domain accuracy on *validation* whose loss ends training
    /// under [`Until::Learnt`].
    pub guard_points: f64,
}

/// Which labels the added examples have; for every arm alike, as far as its
/// examples go.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Balance {
    /// Those that a draw gives.
    #[default]
    AsDrawn,
    /// Each label as often.
    Even,
    /// As the labels of *discovery* are shared out.
    AsInDiscovery,
}

/// When training ends.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Until {
    /// After the passes of `quick.epochs`, or of `fit.epochs` for Full.
    #[default]
    Passes,
    /// After the first pass at which the lessons are learnt, or the guard on
    /// *validation* is touched. The first arm with lessons decides, for each
    /// seed; every arm takes as many steps.
    Learnt,
}

impl Default for Recipe {
    fn default() -> Self {
        Self {
            sample_weight: 1.0,
            replay_per_sample: 0.0,
            balance: Balance::default(),
            label_share: 0.5,
            until: Until::default(),
            most_passes: 10,
            guard_points: 1.0,
        }
    }
}

impl Recipe {
    /// Whether it is the recipe of the first versions.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// What differs from the default, for people and hashes; empty if nothing
    /// does.
    pub fn said(&self) -> String {
        let usual = Self::default();
        let mut said = Vec::new();
        let mut tell = |differs: bool, what: String| {
            if differs {
                said.push(what);
            }
        };
        tell(
            self.sample_weight != usual.sample_weight,
            format!("weight of an added example {}", self.sample_weight),
        );
        tell(
            self.replay_per_sample != usual.replay_per_sample,
            format!("{} replayed rows for each", self.replay_per_sample),
        );
        tell(
            self.balance != usual.balance,
            match self.balance {
                Balance::AsDrawn => "labels as drawn".to_owned(),
                Balance::Even => "each label as often".to_owned(),
                Balance::AsInDiscovery => "labels as in discovery".to_owned(),
            },
        );
        tell(
            self.label_share != usual.label_share,
            format!("share of labelled rows beside lessons {}", self.label_share),
        );
        tell(
            self.until != usual.until,
            format!(
                "trained until the lessons are learnt or in-domain accuracy on validation falls by \
                 {} points, {} passes at most",
                self.guard_points, self.most_passes
            ),
        );
        said.join("; ")
    }
}
