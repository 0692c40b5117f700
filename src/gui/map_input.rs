//! What the map shows of the rows: colours, marks and outlines, remade only
//! when they change.

use std::collections::BTreeMap;
use std::sync::Arc;

use eframe::egui::Context;

use super::derived::Rows;
use super::following::Following;
use super::read::Read;
use super::scatter::{Columns, Outline};
use super::view_state::{ColourBy, SpotRef};
use crate::dataset::Dataset;
use crate::discovery::Outcome;
use crate::drawing::{Category, Colouring, Hue, Mark, NO_CATEGORY, Values};
use crate::records::MapPositions;

/// The columns of the map.
#[derive(Default)]
pub struct MapInput {
    following: Following<Asked, Painted>,
    outlined: Option<(u64, Option<SpotRef>)>,
    /// What the map is given; another one whenever anything on it changes.
    pub columns: Arc<Columns>,
}

/// How the rows are looked at.
pub struct Look<'a> {
    /// What they are coloured by.
    pub by: ColourBy,
    /// Whether each passes search and filters; empty if all do.
    pub visible: &'a Arc<Vec<bool>>,
    /// Whether each is selected; empty if none is.
    pub selected: &'a [bool],
    /// The blind spot that is looked at.
    pub spot: Option<SpotRef>,
    /// Colours that the rows have to themselves: outlines take those after.
    pub kept: usize,
}

/// Colours and marks of the rows.
pub struct Painted {
    /// The colours.
    pub colouring: Arc<Colouring>,
    /// The marks.
    pub marks: Arc<Vec<Mark>>,
}

/// What colours and marks are made of.
#[derive(Clone)]
pub struct Asked {
    dataset: Arc<Dataset>,
    rows: Arc<Rows>,
    /// Positions of the blind spots that rows are in.
    spot_of: Arc<BTreeMap<usize, usize>>,
    /// Their names.
    spots: Vec<String>,
    by: ColourBy,
}

impl PartialEq for Asked {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.rows, &other.rows)
            && Arc::ptr_eq(&self.spot_of, &other.spot_of)
            && self.spots == other.spots
            && self.by == other.by
    }
}

impl MapInput {
    /// Follows state, filters and selection.
    pub fn update(
        &mut self,
        read: &Read<'_>,
        look: &Look<'_>,
        positions: &Arc<MapPositions>,
        ctx: &Context,
    ) {
        let mut columns = Columns::clone(&self.columns);
        let asked = Asked::of(read, look.by);
        let (of, count) = (asked.clone(), asked.rows.len());
        let mut changed = self
            .following
            .follow(asked, count, ctx, move || of.painted());
        if let Some(painted) = self.following.value().filter(|_| changed) {
            columns.colouring = Arc::clone(&painted.colouring);
            columns.marks = Arc::clone(&painted.marks);
        }
        let outlined = Some((read.derived.revision, look.spot));
        if self.outlined != outlined {
            self.outlined = outlined;
            columns.outlines = Arc::new(outlines(read, look));
            changed = true;
        }
        if !Arc::ptr_eq(&columns.positions, positions) {
            columns.positions = Arc::clone(positions);
            changed = true;
        }
        if !Arc::ptr_eq(&columns.visible, look.visible) {
            columns.visible = Arc::clone(look.visible);
            changed = true;
        }
        if *columns.selected != look.selected {
            columns.selected = Arc::new(look.selected.to_vec());
            changed = true;
        }
        if changed {
            self.columns = Arc::new(columns);
        }
    }
}

fn outlines(read: &Read<'_>, look: &Look<'_>) -> Vec<Outline> {
    let spots = read.derived.spots.iter().enumerate();
    spots
        .map(|(position, facts)| Outline {
            key: position as u64,
            name: facts.name.clone(),
            detail: facts.rows.len().to_string(),
            hue: Hue::Palette(look.kept + position),
            members: facts.rows.clone(),
            emphasised: look.spot == Some(facts.spot),
        })
        .collect()
}

impl Asked {
    /// What the rows are to be coloured by.
    pub fn of(read: &Read<'_>, by: ColourBy) -> Self {
        let spots = read.derived.spots.iter();
        Self {
            dataset: Arc::clone(&read.state.dataset),
            rows: Arc::clone(&read.derived.rows),
            spot_of: Arc::clone(&read.derived.spot_of),
            spots: spots.map(|spot| spot.name.clone()).collect(),
            by,
        }
    }

    /// Colours and marks.
    pub fn painted(&self) -> Painted {
        Painted {
            colouring: Arc::new(Colouring {
                title: self.by.name().to_owned(),
                values: self.values(),
            }),
            marks: Arc::new(self.marks()),
        }
    }

    fn marks(&self) -> Vec<Mark> {
        let rows = self.rows.iter();
        rows.map(|facts| match facts.outcome {
            Outcome::UnknownUnknown => Mark::UnknownUnknown,
            _ => Mark::Plain,
        })
        .collect()
    }

    fn values(&self) -> Values {
        let (dataset, rows) = (&self.dataset, &self.rows);
        match self.by {
            ColourBy::Confidence => Values::Continuous {
                of: rows.iter().map(|facts| facts.confidence).collect(),
                range: [1.0 / dataset.labels.len().max(2) as f32, 1.0],
            },
            ColourBy::BlindSpot => {
                let of = (0..rows.len()).map(|row| category(self.spot_of.get(&row).copied()));
                palette(self.spots.iter().cloned(), of, Mark::UnknownUnknown)
            }
            ColourBy::Outcome => self.outcomes(),
            ColourBy::TrueLabel => {
                let of = rows.iter().map(|facts| facts.truth.unwrap_or(NO_CATEGORY));
                palette(dataset.labels.iter().cloned(), of, Mark::Plain)
            }
            ColourBy::PredictedLabel => {
                let of = rows.iter().map(|facts| facts.predicted);
                palette(dataset.labels.iter().cloned(), of, Mark::Plain)
            }
            ColourBy::Source => {
                let source = |example: usize| dataset.examples[example].source;
                let of = rows.iter().map(|facts| source(facts.example));
                palette(dataset.sources.iter().cloned(), of, Mark::Plain)
            }
        }
    }

    fn outcomes(&self) -> Values {
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
        let rows = self.rows.iter();
        Values::Categories {
            of: rows
                .map(|facts| category(position(facts.outcome)))
                .collect(),
            categories,
        }
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
