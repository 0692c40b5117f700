//! What can be said of a project before anything is computed: what is in the
//! data and what is wrong with it, how long fitting takes, what *final* can
//! show.

use std::sync::Arc;

use serde::Serialize;

use crate::comparison::power::Power;
use crate::dataset::{self, CheckReport};
use crate::records::{DiscoverySettings, ModelBase, Text};
use crate::steps::Workspace;
use crate::steps::discover::answers_under;
use crate::steps::estimate::{power_of_final, time_to_fit};
use crate::steps::shipped::Shipped;
use crate::steps::workspace::USUAL_MAX_TOKENS;
use crate::support::{Progress, Result};

/// The outcome of checking a project.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ProjectCheck {
    /// What is in the data.
    pub data: CheckReport,
    /// Seconds that fitting the base takes on this machine; none for a black
    /// box.
    pub seconds_to_fit: Option<f64>,
    /// Tokens of a text that the model can read at most; none for a black box.
    pub model_reads: Option<usize>,
    /// What *final* can show for each source, if predictions of
    /// the base are shipped.
    pub power: Vec<(String, Power)>,
}

/// Checks a project without writing anything.
///
/// # Errors
/// When the model cannot be read, or when cancelled; trouble with the data is
/// in the report.
pub fn check(workspace: &Workspace, progress: &Progress) -> Result<ProjectCheck> {
    let manifest = &workspace.manifest;
    let has_model = manifest.model_base(&workspace.folder)? != ModelBase::Predictions;
    let model = has_model.then(|| workspace.pretrained()).transpose()?;
    let longest = match &model {
        Some(model) => workspace.longest_text(model),
        None => manifest.max_tokens.unwrap_or(USUAL_MAX_TOKENS),
    };
    let count = |text: &Text| {
        let words = || text.joined().split_whitespace().count();
        let Some(model) = &model else { return words() };
        let tokenizer = model.tokenizer();
        // Counted before cutting: what will be cut is what the report is for.
        let encoded = tokenizer.encode(&text.first, text.second.as_deref(), usize::MAX);
        encoded.map_or_else(|_| words(), |tokens| tokens.len())
    };
    let (data, report) = (&workspace.dataset, &workspace.report);
    let data = dataset::check(data, report, longest, &count, progress)?;
    let seconds_to_fit = has_model
        .then(|| time_to_fit(workspace, progress))
        .transpose()?
        .map(|time| time.as_secs_f64());
    let power = match Shipped::with_base(workspace)? {
        Some(shipped) => {
            let (said, truths) = (shipped.predictions()?, Arc::default());
            let settings = DiscoverySettings {
                scale_temperature: false,
                ..manifest.discovery.clone()
            };
            power_of_final(&answers_under(&settings, &workspace.dataset, said, truths))
        }
        None => Vec::new(),
    };
    Ok(ProjectCheck {
        data,
        seconds_to_fit,
        model_reads: model.map(|model| model.max_tokens()),
        power,
    })
}
