//! What can be said of a project before anything is computed: what is in the
//! data and what is wrong with it, how long fitting takes, what *final* can
//! show.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;

use serde::Serialize;

use crate::comparison::power::Power;
use crate::dataset::{self, AsRead, CheckReport, Dataset};
use crate::model::{TokenizedText, Tokenizer};
use crate::records::{DiscoverySettings, ModelBase, Role, Text};
use crate::steps::Workspace;
use crate::steps::discover::answers_under;
use crate::steps::estimate::{power_of_final, time_to_fit, time_to_score};
use crate::steps::label_question::{LabelQuestion, doubt_on_some_rows};
use crate::steps::shipped::Shipped;
use crate::steps::workspace::{Head, USUAL_MAX_TOKENS};
use crate::support::languages::seems_foreign;
use crate::support::{Progress, Result};

/// Rows that are shown as they are used.
const FIRST_ROWS: usize = 10;

/// The outcome of checking a project.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ProjectCheck {
    /// What is in the data.
    pub data: CheckReport,
    /// What is done with the model's head.
    pub base: BaseIs,
    /// The first rows as they are used.
    pub first_rows: Vec<FirstRow>,
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

/// A row as it is used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FirstRow {
    /// `file:row`.
    pub place: String,
    /// Its role.
    pub role: Role,
    /// Where it comes from.
    pub source: String,
    /// Its label, by the name that is used.
    pub label: String,
    /// Its text; none of *final*.
    pub text: Option<Text>,
}

fn as_read(tokenizer: &Tokenizer, text: &TokenizedText) -> AsRead {
    let mut hasher = DefaultHasher::new();
    (&text.ids, &text.type_ids).hash(&mut hasher);
    let unknown = tokenizer.unknown();
    AsRead {
        tokens: text.len(),
        has_unknown: unknown.is_some_and(|id| text.ids.contains(&id)),
        fingerprint: Some(hasher.finish()),
        foreign: false,
    }
}

/// The first rows of a data set, as many of each file.
pub fn first_rows(dataset: &Dataset) -> Vec<FirstRow> {
    let of_each = (FIRST_ROWS / dataset.files.len().max(1)).max(1);
    let mut taken = vec![0; dataset.files.len()];
    let examples = dataset.examples.iter().filter(|example| {
        let count = taken.get_mut(usize::from(example.origin.file));
        count.is_some_and(|count| {
            *count += 1;
            *count <= of_each
        })
    });
    let rows = examples.take(FIRST_ROWS).map(|example| FirstRow {
        place: dataset.place(example),
        role: example.role,
        source: dataset.sources[usize::from(example.source)].clone(),
        label: dataset.label_name(example.label).to_owned(),
        text: example.text().cloned(),
    });
    rows.collect()
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
    let model_base = manifest.model_base(&workspace.folder)?;
    let has_model = model_base != ModelBase::Predictions;
    let is_built_in = model_base == ModelBase::Builtin;
    let named = has_model.then(|| workspace.model()).transpose()?;
    let model = named.as_ref().map(|named| &named.model);
    let base = match named.as_ref().map(|named| &named.head) {
        None => BaseIs::Imported,
        Some(Head::Fitted) => BaseIs::FittedHere,
        Some(Head::AsItIs(matched)) => BaseIs::AsItIs(matched.said()),
        Some(Head::Open(_)) => BaseIs::AsItIs(None),
    };
    let label_question = workspace.label_question()?;
    let longest = match model {
        Some(model) => workspace.longest_text(model),
        None => manifest.max_tokens.unwrap_or(USUAL_MAX_TOKENS),
    };
    let read = |text: &Text| {
        let words = || AsRead::long(text.joined().split_whitespace().count());
        let Some(model) = model else { return words() };
        let tokenizer = model.tokenizer();
        // Counted before cutting: what will be cut is what the report is for.
        let encoded = tokenizer.encode(&text.first, text.second.as_deref(), usize::MAX);
        let read = encoded.map_or_else(|_| words(), |tokens| as_read(tokenizer, &tokens));
        AsRead {
            foreign: is_built_in && seems_foreign(&text.joined()),
            ..read
        }
    };
    let (data, report) = (&workspace.dataset, &workspace.report);
    let data = dataset::check(data, report, longest, &read, progress)?;
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
        first_rows: first_rows(&workspace.dataset),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inference::fixture::Fixture;

    #[test]
    fn the_first_rows_are_ten_and_sealed_texts_are_not_among_them() {
        let mut fixture = Fixture::new(2, 0);
        for row in 0..12 {
            let role = [Role::Train, Role::Final][row % 2];
            fixture.add(&format!("text {row}"), 1, role, &[0.0, 1.0], &[]);
        }
        let (dataset, _) = fixture.build();
        let rows = first_rows(&dataset);
        assert_eq!(rows.len(), FIRST_ROWS);
        for row in rows {
            assert_eq!(row.text.is_none(), row.role == Role::Final, "{row:?}");
            assert_eq!(row.label, "label1");
        }
    }
}
