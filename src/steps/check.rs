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
use crate::steps::estimate::{power_of_final, time_to_fit, time_to_score};
use crate::steps::label_question::{LabelQuestion, doubt_on_some_rows};
use crate::steps::shipped::Shipped;
use crate::steps::workspace::{Head, USUAL_MAX_TOKENS};
use crate::support::{Progress, Result};

/// The outcome of checking a project.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ProjectCheck {
    /// What is in the data.
    pub data: CheckReport,
    /// What is done with the model's head.
    pub base: BaseIs,
    /// What has to be said about the model's classes before anything else.
    pub label_question: Option<LabelQuestion>,
    /// Why the classes may not mean the labels that they are taken for.
    pub doubt: Option<String>,
    /// Seconds that fitting the base takes on this machine, at least; none for a
    /// black box and for a model that is used as it is.
    pub seconds_to_fit: Option<f64>,
    /// The same at most, where *validation* decides how long.
    pub seconds_to_fit_at_most: Option<f64>,
    /// Seconds that scoring every row but those of *final* takes; none where
    /// the base is fitted first, and for a black box.
    pub seconds_to_score: Option<f64>,
    /// Tokens of a text that the model can read at most; none for a black box.
    pub model_reads: Option<usize>,
    /// What *final* can show for each source, if predictions of
    /// the base are shipped.
    pub power: Vec<(String, Power)>,
}

/// Where the reference base comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "is", content = "said")]
pub enum BaseIs {
    /// The model that project.toml names, as it is; with what a reader should
    /// know of its classes.
    AsItIs(Option<String>),
    /// Fitted on *train*.
    FittedHere,
    /// A black box.
    Imported,
}

/// Checks a project without writing anything.
///
/// # Errors
/// When the model cannot be read, or when cancelled; trouble with the data is
/// in the report.
pub fn check(workspace: &Workspace, progress: &Progress) -> Result<ProjectCheck> {
    let manifest = &workspace.manifest;
    let has_model = manifest.model_base(&workspace.folder)? != ModelBase::Predictions;
    let named = has_model.then(|| workspace.model()).transpose()?;
    let model = named.as_ref().map(|named| &named.model);
    let base = match named.as_ref().map(|named| &named.head) {
        None => BaseIs::Imported,
        Some(Head::Fitted) => BaseIs::FittedHere,
        Some(Head::AsItIs(matched)) => BaseIs::AsItIs(matched.said()),
        Some(Head::Open(_)) => BaseIs::AsItIs(None),
    };
    let label_question = match has_model {
        true => workspace.label_question()?,
        false => None,
    };
    let longest = match model {
        Some(model) => workspace.longest_text(model),
        None => manifest.max_tokens.unwrap_or(USUAL_MAX_TOKENS),
    };
    let count = |text: &Text| {
        let words = || text.joined().split_whitespace().count();
        let Some(model) = model else { return words() };
        let tokenizer = model.tokenizer();
        // Counted before cutting: what will be cut is what the report is for.
        let encoded = tokenizer.encode(&text.first, text.second.as_deref(), usize::MAX);
        encoded.map_or_else(|_| words(), |tokens| tokens.len())
    };
    let (data, report) = (&workspace.dataset, &workspace.report);
    let data = dataset::check(data, report, longest, &count, progress)?;
    let is_fitted = base == BaseIs::FittedHere;
    let to_fit = is_fitted
        .then(|| time_to_fit(workspace, progress))
        .transpose()?;
    let to_score = workspace
        .is_as_it_is()
        .then(|| time_to_score(workspace, progress));
    let is_settled = label_question.is_none() && workspace.is_as_it_is();
    let doubt = match is_settled {
        true => doubt_on_some_rows(workspace, progress)?,
        false => None,
    };
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
        base,
        label_question,
        doubt,
        seconds_to_fit: to_fit.as_ref().map(|time| time.start().as_secs_f64()),
        seconds_to_fit_at_most: to_fit
            .filter(|time| time.start() < time.end())
            .map(|time| time.end().as_secs_f64()),
        seconds_to_score: to_score.transpose()?.map(|time| time.as_secs_f64()),
        model_reads: model.map(|model| model.max_tokens()),
        power,
    })
}
