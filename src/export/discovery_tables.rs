//! What was found: blind spots, unknown unknowns, the map.

use std::collections::BTreeMap;

use super::table::Table;
use crate::records::{BlindSpot, BlindSpotId, ExampleKey, Snapshot};
use crate::steps::State;
use crate::steps::discover::figures::{figures, found_spots};
use crate::steps::suspects::judgement;
use crate::support::figures::{Cell, cells};

/// All tables on what discovery found.
pub(super) fn all(state: &State) -> Vec<Table> {
    let mut tables = Vec::new();
    if let Some(snapshot) = state.snapshot() {
        tables.push(blind_spots(state, snapshot));
        tables.push(terms(state, snapshot));
        tables.push(unknown_unknowns(state, snapshot));
    }
    tables.extend(map(state));
    tables
}

fn blind_spots(state: &State, snapshot: &Snapshot) -> Table {
    let figures = figures();
    let mut table = Table::new("blind_spots", &[]).figures(&figures);
    let found = found_spots(snapshot, &state.document, &state.dataset);
    table.rows = found
        .iter()
        .map(|spot| cells(&figures, spot).collect())
        .collect();
    table
}

fn terms(state: &State, snapshot: &Snapshot) -> Table {
    let mut table = Table::new(
        "blind_spot_terms",
        &[
            "blind_spot",
            "name",
            "word",
            "texts_inside",
            "texts_outside",
            "score",
        ],
    );
    for spot in &snapshot.blind_spots {
        for term in &spot.terms {
            table.rows.push(vec![
                spot.id.0.into(),
                state.blind_spot_name(spot.id).into(),
                term.word.as_str().into(),
                term.inside.into(),
                term.outside.into(),
                term.score.into(),
            ]);
        }
    }
    table
}

/// One row for each unknown unknown of the snapshot. Kept-back ones come
/// without their text: the table may reach a teacher.
fn unknown_unknowns(state: &State, snapshot: &Snapshot) -> Table {
    let mut table = Table::new(
        "unknown_unknowns",
        &[
            "id",
            "source",
            "text",
            "text_b",
            "label",
            "predicted",
            "confidence",
            "blind_spot",
            "part",
            "triage",
        ],
    );
    let moved: BTreeMap<&ExampleKey, BlindSpotId> = placed(state);
    for spot in &snapshot.blind_spots {
        for key in spot.members() {
            let Some(index) = state.dataset.index_of(key) else {
                continue;
            };
            let example = &state.dataset.examples[index];
            let is_shown = spot.shown.contains(key);
            let text = example.text().filter(|_| is_shown);
            let answer = state
                .predictions
                .as_ref()
                .and_then(|p| p.of_example(index, snapshot.temperature));
            table.rows.push(vec![
                key.0.as_str().into(),
                state.dataset.sources[usize::from(example.source)]
                    .as_str()
                    .into(),
                text.map(|text| text.first.as_str()).into(),
                text.and_then(|text| text.second.as_deref()).into(),
                state.dataset.label_name(example.label).into(),
                answer.map(|a| state.dataset.label_name(a.label)).into(),
                answer.map(|a| a.confidence).into(),
                moved.get(key).map(|id| id.0).into(),
                part(spot, key).into(),
                triage(state, key),
            ]);
        }
    }
    table
}

/// The blind spot that each unknown unknown is in after moves by hand.
fn placed(state: &State) -> BTreeMap<&ExampleKey, BlindSpotId> {
    let Some(snapshot) = state.snapshot() else {
        return BTreeMap::new();
    };
    let members = state.members();
    let keys = snapshot.blind_spots.iter().flat_map(BlindSpot::members);
    keys.filter_map(|key| {
        let mut spots = members.iter();
        let (id, _) = spots.find(|(_, members)| members.contains(key))?;
        Some((key, *id))
    })
    .collect()
}

fn part(spot: &BlindSpot, key: &ExampleKey) -> &'static str {
    if spot.shown.contains(key) {
        "shown"
    } else {
        "kept back"
    }
}

fn triage(state: &State, key: &ExampleKey) -> Cell {
    let triage = state.document.triage.get(key);
    triage
        .map(|triage| judgement(*triage, &state.dataset))
        .into()
}

fn map(state: &State) -> Option<Table> {
    let (map, predictions) = (state.map.as_ref()?, state.predictions.as_ref()?);
    let columns = ["id", "x", "y"];
    let mut table = Table::new("map", &columns);
    for (index, [x, y]) in predictions.examples().iter().zip(&map.points) {
        let key = &state.dataset.examples[*index].key;
        table
            .rows
            .push(vec![key.0.as_str().into(), (*x).into(), (*y).into()]);
    }
    Some(table)
}
