//! Which rows pass search and filters, and in what order the table lists them.

use super::derived::RowFacts;
use super::read::Read;
use super::view_state::{Column, Filters, SpotRef, ViewState};
use crate::dataset::Example;

/// The rows on show; kept until the state, the filters or the order change.
#[derive(Debug, Default)]
pub struct Visible {
    key: Option<Key>,
    /// Rows in the order of the table.
    pub order: Vec<usize>,
    /// One flag for each row.
    pub flags: Vec<bool>,
    /// What is wrong with the search, if anything.
    pub error: Option<String>,
    /// Grows whenever the rows on show change.
    pub revision: u64,
}

#[derive(Debug, PartialEq)]
struct Key {
    derived: u64,
    filters: Filters,
    sort: Option<(Column, bool)>,
    spot: Option<SpotRef>,
    selected: Vec<bool>,
}

impl Visible {
    /// Follows the view.
    pub fn update(&mut self, read: &Read<'_>, view: &ViewState) {
        let selected = match view.filters.only_selected {
            true => view.selected.clone(),
            false => Vec::new(),
        };
        let key = Key {
            derived: read.derived.revision,
            filters: view.filters.clone(),
            sort: view.sort,
            spot: view.spot.filter(|_| view.filters.only_spot),
            selected,
        };
        if self.key.as_ref() == Some(&key) {
            return;
        }
        self.fill(read, &key);
        self.key = Some(key);
        self.revision += 1;
    }

    fn fill(&mut self, read: &Read<'_>, key: &Key) {
        let search = Search::new(&key.filters);
        self.error = search.as_ref().err().cloned();
        let search = search.ok();
        let spot = key.spot.and_then(|spot| {
            let mut facts = read.derived.spots.iter();
            facts.position(|facts| facts.spot == spot)
        });
        let passes = |row: usize, facts: &RowFacts| {
            let Some(example) = read.state.dataset.examples.get(facts.example) else {
                return false;
            };
            filter(&key.filters, facts, example)
                && (key.spot.is_none() || facts.spot == spot)
                && key
                    .selected
                    .get(row)
                    .copied()
                    .unwrap_or(key.selected.is_empty())
                && search.as_ref().is_none_or(|search| search.finds(example))
        };
        let rows = read.derived.rows.iter().enumerate();
        self.flags = rows.map(|(row, facts)| passes(row, facts)).collect();
        self.order = (0..self.flags.len())
            .filter(|row| self.flags[*row])
            .collect();
        sort(&mut self.order, key.sort, read);
    }
}

fn filter(filters: &Filters, facts: &RowFacts, example: &Example) -> bool {
    fn within<T: Ord>(chosen: &std::collections::BTreeSet<T>, value: &T) -> bool {
        chosen.is_empty() || chosen.contains(value)
    }
    let truth = facts.truth.unwrap_or(example.label);
    within(&filters.true_labels, &truth)
        && within(&filters.predicted, &facts.predicted)
        && within(&filters.roles, &example.role)
        && within(&filters.sources, &example.source)
        && within(&filters.outcomes, &facts.outcome)
        && facts.confidence >= filters.least_confidence
}

/// A search as typed: a part of the text, or a regular expression. Both
/// ignore case.
enum Search {
    Everything,
    Part(String),
    Regex(Box<regex::Regex>),
}

impl Search {
    fn new(filters: &Filters) -> Result<Self, String> {
        if filters.search.trim().is_empty() {
            return Ok(Search::Everything);
        }
        if !filters.regex {
            return Ok(Search::Part(filters.search.to_lowercase()));
        }
        regex::RegexBuilder::new(&filters.search)
            .case_insensitive(true)
            .build()
            .map(|regex| Search::Regex(Box::new(regex)))
            .map_err(|error| {
                let text = error.to_string();
                text.lines().last().unwrap_or_default().trim().to_owned()
            })
    }

    fn finds(&self, example: &Example) -> bool {
        let Some(text) = example.text() else {
            return false;
        };
        let finds = |part: &str| match self {
            Search::Everything => true,
            Search::Part(wanted) => part.to_lowercase().contains(wanted),
            Search::Regex(regex) => regex.is_match(part),
        };
        finds(&text.first) || text.second.as_deref().is_some_and(finds)
    }
}

/// Sorts by a column; rows that are equal in it keep the order of the data,
/// but among equal outcomes those that the model is most sure of come first.
fn sort(order: &mut [usize], by: Option<(Column, bool)>, read: &Read<'_>) {
    let Some((column, descending)) = by else {
        return;
    };
    let facts = |row: &usize| &read.derived.rows[*row];
    let example = |row: &usize| &read.state.dataset.examples[facts(row).example];
    let compare = |a: &usize, b: &usize| match column {
        Column::Text => {
            let first = |row: &usize| example(row).text().map(|text| text.first.to_lowercase());
            first(a).cmp(&first(b))
        }
        Column::TrueLabel => facts(a).truth.cmp(&facts(b).truth),
        Column::Predicted => facts(a).predicted.cmp(&facts(b).predicted),
        Column::Confidence => facts(a).confidence.total_cmp(&facts(b).confidence),
        Column::Outcome => {
            let by_outcome = facts(a).outcome.cmp(&facts(b).outcome);
            let surest = facts(b).confidence.total_cmp(&facts(a).confidence);
            by_outcome.then(if descending { surest.reverse() } else { surest })
        }
        Column::BlindSpot => {
            // Rows in no blind spot come last.
            let position = |row: &usize| facts(row).spot.unwrap_or(usize::MAX);
            position(a).cmp(&position(b))
        }
        Column::Role => example(a).role.cmp(&example(b).role),
        Column::Source => example(a).source.cmp(&example(b).source),
    };
    if descending {
        order.sort_by(|a, b| compare(b, a));
    } else {
        order.sort_by(compare);
    }
}
