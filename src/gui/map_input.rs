//! What the map shows of the rows: colours, marks and outlines, remade only
//! when they change.

use std::sync::Arc;

use super::read::Read;
use super::scatter::Outline;
use super::view_state::{ColourBy, SpotRef, ViewState};
use super::visible::Visible;
use crate::discovery::Outcome;
use crate::drawing::{Category, Colouring, Hue, Mark, NO_CATEGORY, Values};
use crate::records::MapPositions;

/// The columns of the map that do not come straight from the state.
pub struct MapInput {
    key: Option<Key>,
    selected: Vec<bool>,
    /// The colours.
    pub colouring: Colouring,
    /// The marks.
    pub marks: Vec<Mark>,
    /// The outlines of the blind spots; their key is their position.
    pub outlines: Vec<Outline>,
    /// Grows whenever anything on the map changes.
    pub revision: u64,
}

#[derive(Debug, Clone)]
struct Key {
    derived: u64,
    visible: u64,
    colour_by: ColourBy,
    spot: Option<SpotRef>,
    /// Held, so that others cannot come to lie where they are.
    positions: Option<Arc<MapPositions>>,
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        let same_positions = match (&self.positions, &other.positions) {
            (Some(one), Some(other)) => Arc::ptr_eq(one, other),
            (one, other) => one.is_none() && other.is_none(),
        };
        same_positions
            && self.derived == other.derived
            && self.visible == other.visible
            && self.colour_by == other.colour_by
            && self.spot == other.spot
    }
}

impl Default for MapInput {
    fn default() -> Self {
        Self {
            key: None,
            selected: Vec::new(),
            colouring: Colouring {
                title: String::new(),
                values: Values::Continuous {
                    of: Vec::new(),
                    range: [0.0, 1.0],
                },
            },
            marks: Vec::new(),
            outlines: Vec::new(),
            revision: 0,
        }
    }
}

impl MapInput {
    /// Follows state, filters and selection.
    pub fn update(&mut self, read: &Read<'_>, visible: &Visible, view: &ViewState) {
        let key = Key {
            derived: read.derived.revision,
            visible: visible.revision,
            colour_by: view.colour_by,
            spot: view.spot,
            positions: read.state.map.clone(),
        };
        if self.key.as_ref() != Some(&key) {
            self.colouring = colouring(read, view.colour_by);
            self.marks = marks(read);
            self.outlines = outlines(read, view);
            self.key = Some(key);
            self.revision += 1;
        }
        if self.selected != view.selected {
            self.selected.clone_from(&view.selected);
            self.revision += 1;
        }
    }
}

/// How each row is marked.
pub fn marks(read: &Read<'_>) -> Vec<Mark> {
    let rows = read.derived.rows.iter();
    rows.map(|facts| match facts.outcome {
        Outcome::UnknownUnknown => Mark::UnknownUnknown,
        _ => Mark::Plain,
    })
    .collect()
}

fn outlines(read: &Read<'_>, view: &ViewState) -> Vec<Outline> {
    let spots = read.derived.spots.iter().enumerate();
    spots
        .map(|(position, facts)| Outline {
            key: position as u64,
            name: facts.name.clone(),
            detail: facts.rows.len().to_string(),
            hue: Hue::Palette(position),
            members: facts.rows.clone(),
            emphasised: view.spot == Some(facts.spot),
        })
        .collect()
}

/// The colour of each row.
pub fn colouring(read: &Read<'_>, by: ColourBy) -> Colouring {
    let rows = &read.derived.rows;
    let dataset = &read.state.dataset;
    let values = match by {
        ColourBy::Confidence => Values::Continuous {
            of: rows.iter().map(|facts| facts.confidence).collect(),
            range: [1.0 / dataset.labels.len().max(2) as f32, 1.0],
        },
        ColourBy::BlindSpot => {
            let names = read.derived.spots.iter().map(|spot| spot.name.clone());
            let of = rows.iter().map(|facts| category(facts.spot));
            palette(names, of, Mark::UnknownUnknown)
        }
        ColourBy::Outcome => outcomes(read),
        ColourBy::TrueLabel => {
            let of = rows.iter().map(|facts| facts.truth.unwrap_or(NO_CATEGORY));
            palette(dataset.labels.iter().cloned(), of, Mark::Plain)
        }
        ColourBy::PredictedLabel => {
            let of = rows.iter().map(|facts| facts.predicted);
            palette(dataset.labels.iter().cloned(), of, Mark::Plain)
        }
        ColourBy::Source => {
            let of = rows
                .iter()
                .map(|facts| dataset.examples[facts.example].source);
            palette(dataset.sources.iter().cloned(), of, Mark::Plain)
        }
    };
    Colouring {
        title: by.name().to_owned(),
        values,
    }
}

fn category(position: Option<usize>) -> u16 {
    position
        .and_then(|position| u16::try_from(position).ok())
        .unwrap_or(NO_CATEGORY)
}

fn palette(
    names: impl Iterator<Item = String>,
    of: impl Iterator<Item = u16>,
    mark: Mark,
) -> Values {
    let categories = names
        .enumerate()
        .map(|(position, name)| Category {
            name,
            meaning: "",
            hue: Hue::Palette(position),
            mark,
        })
        .collect();
    Values::Categories {
        of: of.collect(),
        categories,
    }
}

fn outcomes(read: &Read<'_>) -> Values {
    let hue = |outcome: Outcome| match outcome {
        Outcome::UnknownUnknown => Hue::Bad,
        Outcome::WrongUnsure => Hue::Caution,
        Outcome::Right => Hue::Good,
        Outcome::SetAside => Hue::Muted,
    };
    let categories = Outcome::ALL
        .map(|outcome| Category {
            name: outcome.name().to_owned(),
            meaning: "",
            hue: hue(outcome),
            mark: match outcome {
                Outcome::UnknownUnknown => Mark::UnknownUnknown,
                _ => Mark::Plain,
            },
        })
        .into();
    let position = |outcome: Outcome| Outcome::ALL.iter().position(|other| *other == outcome);
    let rows = read.derived.rows.iter();
    Values::Categories {
        of: rows
            .map(|facts| category(position(facts.outcome)))
            .collect(),
        categories,
    }
}
