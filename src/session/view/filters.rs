//! Filters of examples: by label, role, source, outcome, confidence, and by
//! words.

use std::collections::BTreeSet;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::dataset::Example;
use crate::discovery::Outcome;
use crate::records::{Label, Role};

/// Which examples are shown. An empty list of values lets all through.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Filters {
    /// Text to look for.
    pub search: String,
    /// Whether the search is a regular expression.
    pub regex: bool,
    /// Labels given by the data.
    pub true_labels: BTreeSet<u16>,
    /// Labels predicted.
    pub predicted: BTreeSet<u16>,
    /// Roles.
    pub roles: BTreeSet<Role>,
    /// Sources.
    pub sources: BTreeSet<u16>,
    /// Outcomes.
    pub outcomes: BTreeSet<Outcome>,
    /// Only examples of the chosen blind spot.
    pub only_spot: bool,
    /// Only examples selected on the map.
    pub only_selected: bool,
    /// Least confidence, 0 to 1.
    pub least_confidence: f32,
}

impl Filters {
    /// How many columns are filtered.
    pub fn active(&self) -> usize {
        [
            !self.search.is_empty(),
            !self.true_labels.is_empty(),
            !self.predicted.is_empty(),
            !self.roles.is_empty(),
            !self.sources.is_empty(),
            !self.outcomes.is_empty(),
            self.only_spot,
            self.only_selected,
            self.least_confidence > 0.0,
        ]
        .into_iter()
        .filter(|active| *active)
        .count()
    }

    /// Whether a row passes all but the search, and but what depends on the
    /// chosen blind spot and on the selection.
    pub fn let_through(&self, row: &Row<'_>) -> bool {
        fn within<T: Ord>(chosen: &BTreeSet<T>, value: &T) -> bool {
            chosen.is_empty() || chosen.contains(value)
        }
        let truth = row.truth.unwrap_or(row.example.label);
        within(&self.true_labels, &truth)
            && within(&self.predicted, &row.predicted)
            && within(&self.roles, &row.example.role)
            && within(&self.sources, &row.example.source)
            && within(&self.outcomes, &row.outcome)
            && row.confidence >= self.least_confidence
    }

    /// What is searched for.
    ///
    /// # Errors
    /// What is wrong with a regular expression.
    pub fn search(&self) -> Result<Search, String> {
        Search::new(self)
    }
}

/// What filters look at of an example.
pub struct Row<'a> {
    /// The example.
    pub example: &'a Example,
    /// Its label, corrected by triage; none if nobody can say.
    pub truth: Option<Label>,
    /// The label predicted.
    pub predicted: Label,
    /// The model's confidence, 0 to 1.
    pub confidence: f32,
    /// What the model makes of it.
    pub outcome: Outcome,
}

/// Hits of a search that are shown in a text at most.
const MOST_HITS: usize = 50;

/// A search as typed: a part of the text, or a regular expression. Both
/// ignore case; nothing typed finds everything.
#[derive(Debug, Clone, Default)]
pub struct Search(Option<regex::Regex>);

impl Search {
    fn new(filters: &Filters) -> Result<Self, String> {
        if filters.search.trim().is_empty() {
            return Ok(Self(None));
        }
        let pattern = match filters.regex {
            true => filters.search.clone(),
            false => regex::escape(&filters.search),
        };
        regex::RegexBuilder::new(&pattern)
            .case_insensitive(true)
            .build()
            .map(|regex| Self(Some(regex)))
            .map_err(|error| {
                let text = error.to_string();
                text.lines().last().unwrap_or_default().trim().to_owned()
            })
    }

    /// Whether it finds an example; sealed texts are never found.
    pub fn finds(&self, example: &Example) -> bool {
        let Some(text) = example.text() else {
            return false;
        };
        let finds = |part: &str| self.0.as_ref().is_none_or(|regex| regex.is_match(part));
        finds(&text.first) || text.second.as_deref().is_some_and(finds)
    }

    /// Where it is found in a text, in bytes.
    pub fn hits(&self, text: &str) -> Vec<Range<usize>> {
        let found = self.0.iter().flat_map(|regex| regex.find_iter(text));
        let found = found.map(|hit| hit.range()).filter(|hit| !hit.is_empty());
        found.take(MOST_HITS).collect()
    }
}
