//! Ranges of the numbers of project.toml.

use regex::Regex;

use super::sound;
use crate::lessons::suite::perturb::Perturbation;
use crate::records::{Costs, Epochs, FitSpec, QuickSpec, Recipe, Tests, Thresholds};
use crate::support::{Error, Result};

/// Most passes that make sense: batches are planned ahead, and many more would
/// never end.
const MOST_EPOCHS: usize = 1000;

impl FitSpec {
    /// Checks the ranges, in single precision as training takes the numbers.
    pub(super) fn validate(&self) -> Result<()> {
        let [warmup, dropout, weight_decay, clip_norm] =
            [self.warmup, self.dropout, self.weight_decay, self.clip_norm]
                .map(|number| number as f32);
        let share = 0.0..1.0;
        if let Epochs::Fixed(epochs) = self.epochs {
            valid_epochs("fit.epochs", epochs)?;
        }
        valid_epochs("fit.most_epochs", self.most_epochs)?;
        valid_epochs("fit.patience", self.patience)?;
        sound("fit.batch_size", "at least 1", self.batch_size >= 1)?;
        valid_learning_rate("fit.learning_rate", self.learning_rate)?;
        sound(
            "fit.warmup",
            "0 or more and below 1",
            share.contains(&warmup),
        )?;
        sound("fit.weight_decay", "0 or more", {
            weight_decay >= 0.0 && weight_decay.is_finite()
        })?;
        sound("fit.clip_norm", "above 0", {
            clip_norm > 0.0 && clip_norm.is_finite()
        })?;
        sound(
            "fit.dropout",
            "0 or more and below 1",
            share.contains(&dropout),
        )
    }
}

impl QuickSpec {
    pub(super) fn validate(&self) -> Result<()> {
        sound("quick.upper_layers", "at least 1", self.upper_layers >= 1)?;
        // The arm without additions sees nothing but the replayed rows.
        sound("quick.replay", "at least 1", self.replay >= 1)?;
        if let Some(epochs) = self.epochs {
            valid_epochs("quick.epochs", epochs)?;
        }
        valid_learning_rate("quick.learning_rate", self.learning_rate)
    }
}

impl Tests {
    /// Each change has a name of its own and a pattern that can be read.
    pub(super) fn validate(&self) -> Result<()> {
        for (position, rewrite) in self.rewrites.iter().enumerate() {
            let name = rewrite.name.trim();
            let earlier = self.rewrites[..position].iter();
            let taken = earlier.map(|other| other.name.trim());
            let built_in = Perturbation::ALL.map(Perturbation::name);
            let is_taken = taken.chain(built_in).any(|other| other == name);
            if name.is_empty() || is_taken {
                return Err(Error::input(format!(
                    "`tests.rewrites`: the name `{name}` is empty or taken"
                ))
                .hint("give each change a name of its own"));
            }
            if let Err(error) = Regex::new(&rewrite.find) {
                return Err(Error::input(format!(
                    "`tests.rewrites`: `find` of `{name}` is no regular expression"
                ))
                .because(error)
                .hint("correct it; `replace` may use $1 for what the first group found"));
            }
        }
        Ok(())
    }
}

impl Costs {
    pub(super) fn validate(&self) -> Result<()> {
        for (name, cost) in [
            ("costs.label", self.label),
            ("costs.label_seconds", self.label_seconds),
            ("costs.sample", self.sample),
            ("costs.sample_seconds", self.sample_seconds),
            ("costs.error", self.error),
            ("costs.person", self.person),
        ] {
            let holds = cost.is_none_or(|cost| cost.is_finite() && cost >= 0.0);
            sound(name, "0 or more", holds)?;
        }
        Ok(())
    }
}

impl Thresholds {
    pub(super) fn validate(&self) -> Result<()> {
        let share = 0.0..=1.0;
        sound(
            "hypotheses.inside",
            "from 0 to 1",
            share.contains(&self.inside),
        )?;
        sound(
            "hypotheses.outside",
            "from 0 to 1 and below hypotheses.inside",
            share.contains(&self.outside) && self.outside < self.inside,
        )
    }
}

impl Recipe {
    pub(super) fn validate(&self) -> Result<()> {
        let weight = self.sample_weight as f32;
        sound(
            "retrain.sample_weight",
            "above 0 and at most 1000",
            weight > 0.0 && weight <= 1000.0,
        )?;
        sound(
            "retrain.replay_per_sample",
            "from 0 to 10000",
            (0.0..=10_000.0).contains(&self.replay_per_sample),
        )?;
        sound(
            "retrain.label_share",
            "from 0 to 1",
            (0.0..=1.0).contains(&self.label_share),
        )?;
        valid_epochs("retrain.most_passes", self.most_passes)?;
        sound(
            "retrain.guard_points",
            "from 0 to 100",
            (0.0..=100.0).contains(&self.guard_points),
        )
    }
}

fn valid_epochs(name: &str, epochs: usize) -> Result<()> {
    let range = format!("from 1 to {MOST_EPOCHS}");
    sound(name, &range, (1..=MOST_EPOCHS).contains(&epochs))
}

fn valid_learning_rate(name: &str, rate: f64) -> Result<()> {
    let rate = rate as f32;
    sound(name, "above 0 and below 1", rate > 0.0 && rate < 1.0)
}
