//! Which rows pass search and filters, and in what order the table lists them.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use eframe::egui::Context;

use super::derived::{RowFacts, Rows};
use super::following::Following;
use super::read::Read;
use super::view_state::{Column, Filters, SpotRef, ViewState};
use crate::dataset::Dataset;
use crate::records::{DiscoverySettings, Role};
use crate::session::view::{Row, Search};

/// The rows on show; kept until the state, the filters or the order change. Of
/// many rows they are those of a moment ago until that is done.
#[derive(Default)]
pub struct Visible {
    following: Following<Asked, Listed>,
    listed: Arc<Listed>,
    /// What was listed last, and how.
    sorted: Option<(Asked, Arc<Listed>)>,
}

/// Rows that pass.
#[derive(Debug, Default)]
pub struct Listed {
    /// Rows in the order of the table.
    pub order: Vec<usize>,
    /// One flag for each row.
    pub flags: Arc<Vec<bool>>,
    /// What is wrong with the search, if anything.
    pub error: Option<String>,
    search: Search,
}

impl Listed {
    /// Where the search is found in a text, in bytes.
    pub fn hits(&self, text: &str) -> Vec<Range<usize>> {
        self.search.hits(text)
    }
}

/// What they are made of.
#[derive(Clone)]
struct Asked {
    dataset: Arc<Dataset>,
    rows: Arc<Rows>,
    /// Positions of the blind spots that rows are in.
    spot_of: Arc<BTreeMap<usize, usize>>,
    filters: Filters,
    sort: Option<(Column, bool)>,
    /// The only blind spot on show, and its position.
    spot: Option<(SpotRef, Option<usize>)>,
    /// What is selected, if only that is shown.
    selected: Vec<bool>,
    /// Whose answers these are, and under which settings.
    under: (u32, DiscoverySettings),
}

impl PartialEq for Asked {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.rows, &other.rows)
            && Arc::ptr_eq(&self.spot_of, &other.spot_of)
            && self.filters == other.filters
            && self.sort == other.sort
            && self.spot == other.spot
            && self.selected == other.selected
    }
}

impl Asked {
    /// Whether judgements at most have changed since: then rows keep their
    /// places, so that whoever judges one after the other meets each once.
    fn keeps_order(&self, before: &Self) -> bool {
        Arc::ptr_eq(&self.dataset, &before.dataset)
            && self.rows.len() == before.rows.len()
            && self.filters == before.filters
            && self.sort == before.sort
            && self.spot == before.spot
            && self.selected == before.selected
            && self.under == before.under
    }
}

impl Visible {
    /// The rows on show.
    pub fn listed(&self) -> &Listed {
        &self.listed
    }

    /// Follows the view.
    pub fn update(&mut self, read: &Read<'_>, view: &ViewState, ctx: &Context) {
        let rows = &read.derived.rows;
        let position = |spot: SpotRef| {
            let mut spots = read.derived.spots.iter();
            spots.position(|facts| facts.spot == spot)
        };
        let spot = view.spot.filter(|_| view.filters.only_spot);
        let asked = Asked {
            dataset: Arc::clone(&read.state.dataset),
            rows: Arc::clone(rows),
            spot_of: Arc::clone(&read.derived.spot_of),
            filters: view.filters.clone(),
            sort: view.sort,
            spot: spot.map(|spot| (spot, position(spot))),
            selected: match view.filters.only_selected {
                true => view.selected.clone(),
                false => Vec::new(),
            },
            under: (
                read.state.document.model_round,
                read.state.document.settings.clone(),
            ),
        };
        let fits = |listed: &Listed| listed.flags.len() == rows.len();
        if !fits(&self.listed) && !self.listed.flags.is_empty() {
            // Rows of other predictions.
            self.listed = Arc::default();
            self.sorted = None;
            self.following.clear();
        }
        let keeps = |(before, _): &&(Asked, Arc<Listed>)| asked.keeps_order(before);
        let before = self.sorted.as_ref().filter(keeps);
        let before = before.map(|(_, listed)| Arc::clone(listed));
        let (of, wanted) = (asked.clone(), asked.clone());
        let make = move || of.listed(before.as_deref());
        if self.following.follow(asked, rows.len(), ctx, make)
            && let Some(listed) = self.following.value().filter(|listed| fits(listed))
        {
            self.listed = Arc::clone(listed);
            self.sorted = Some((wanted, Arc::clone(listed)));
        }
    }
}

impl Asked {
    /// The rows that pass; those that `before` lists stay in its order.
    fn listed(&self, before: Option<&Listed>) -> Listed {
        let search = self.filters.search();
        let error = search.as_ref().err().cloned();
        let search = search.ok();
        let passes = |(row, facts): (usize, &RowFacts)| {
            let Some(example) = self.dataset.examples.get(facts.example) else {
                return false;
            };
            let row_of_table = Row {
                example,
                truth: facts.truth,
                predicted: facts.predicted,
                confidence: facts.confidence,
                outcome: facts.outcome,
            };
            self.filters.let_through(&row_of_table)
                && (self.spot).is_none_or(|(_, spot)| self.spot_of.get(&row).copied() == spot)
                && (self.selected.get(row).copied()).unwrap_or(self.selected.is_empty())
                && search.as_ref().is_none_or(|search| search.finds(example))
        };
        let flags: Vec<bool> = self.rows.iter().enumerate().map(passes).collect();
        let mut order: Vec<usize> = (0..flags.len()).filter(|row| flags[*row]).collect();
        self.sort(&mut order);
        if let Some(before) = before {
            let kept = before.order.iter().copied().filter(|row| flags[*row]);
            let is_new = |row: &usize| before.flags.get(*row) != Some(&true);
            order = kept.chain(order.iter().copied().filter(is_new)).collect();
        }
        Listed {
            order,
            flags: Arc::new(flags),
            error,
            search: search.unwrap_or_default(),
        }
    }

    /// Sorts by a column; rows that are equal in it keep the order of the data,
    /// but among equal outcomes those that the model is most sure of come first.
    fn sort(&self, order: &mut [usize]) {
        let Some((column, descending)) = self.sort else {
            return;
        };
        let facts = |row: &usize| &self.rows[*row];
        let example = |row: &usize| &self.dataset.examples[facts(row).example];
        if column == Column::Text {
            // Folded once for each row, not at each comparison.
            let text = |row: &usize| example(row).text().map(|text| text.first.to_lowercase());
            match descending {
                true => order.sort_by_cached_key(|row| Reverse(text(row))),
                false => order.sort_by_cached_key(text),
            }
            return;
        }
        let compare = |a: &usize, b: &usize| match column {
            Column::Text => std::cmp::Ordering::Equal,
            Column::TrueLabel => facts(a).truth.cmp(&facts(b).truth),
            Column::Predicted => facts(a).predicted.cmp(&facts(b).predicted),
            Column::Confidence => facts(a).confidence.total_cmp(&facts(b).confidence),
            Column::Outcome => {
                let by_outcome = facts(a).outcome.cmp(&facts(b).outcome);
                // Blind spots are of discovery: its errors come first.
                let elsewhere = |row: &usize| example(row).role != Role::Discovery;
                let by_role = elsewhere(a).cmp(&elsewhere(b));
                let by_role = if descending {
                    by_role.reverse()
                } else {
                    by_role
                };
                let by_outcome = by_outcome.then(by_role);
                let surest = facts(b).confidence.total_cmp(&facts(a).confidence);
                by_outcome.then(if descending { surest.reverse() } else { surest })
            }
            Column::BlindSpot => {
                // Rows in no blind spot come last.
                let position = |row: &usize| self.spot_of.get(row).copied().unwrap_or(usize::MAX);
                position(a).cmp(&position(b))
            }
            Column::Role => example(a).role.cmp(&example(b).role),
            Column::Source => example(a).source.cmp(&example(b).source),
        };
        match descending {
            true => order.sort_by(|a, b| compare(b, a)),
            false => order.sort_by(compare),
        }
    }
}
