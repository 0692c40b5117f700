//! What the panels show of the state, computed once for each change of it
//! rather than once for each frame.

use std::collections::BTreeMap;
use std::sync::Arc;

use eframe::egui::Context;

use super::following::Following;
use super::next_actions::NextActions;
use super::rows::Asked;
pub use super::rows::{Counts, RowFacts, Rows};
use super::spot_state::SpotState;
use super::view_state::SpotRef;
use crate::dataset::Example;
use crate::discovery::AnswerTable;
use crate::records::{BlindSpotId, ExampleKey, Label, Snapshot};
use crate::steps::State;
use crate::steps::discover::Preview;

/// A blind spot on the screen, frozen or previewed.
#[derive(Debug, Clone, PartialEq)]
pub struct SpotFacts {
    /// Which one it is.
    pub spot: SpotRef,
    /// Its name.
    pub name: String,
    /// Main confusion: label given by the data.
    pub true_label: Label,
    /// Main confusion: label predicted.
    pub predicted: Label,
    /// Rows of its unknown unknowns.
    pub rows: Vec<usize>,
    /// Mean confidence of these.
    pub mean_confidence: f32,
    /// Unknown unknowns and texts in its region, once frozen.
    pub region: Option<(usize, usize)>,
    /// Training samples written for it.
    pub samples: usize,
    /// How its teaching stands.
    pub state: SpotState,
}

impl SpotFacts {
    /// Share of confident errors in its region.
    pub fn region_rate(&self) -> Option<f32> {
        let (uus, size) = self.region?;
        (size > 0).then(|| uus as f32 / size as f32)
    }
}

/// What a teacher of a frozen blind spot works with, after triage and moves.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ToTeach {
    /// Rows of the errors that may be shown.
    pub shown: Vec<usize>,
    /// The same with those that were judged to be no errors: what is gone
    /// through with the keyboard keeps its order, the most typical first.
    pub cards: Vec<usize>,
    /// Number of errors that are kept back for testing.
    pub kept_back: usize,
}

/// Everything derived from one version of the state.
#[derive(Default)]
pub struct Derived {
    /// What the rows are to be made of.
    wanted: Option<Asked>,
    following: Following<Asked, Rows>,
    /// One for each row of the predictions. Of many rows they are those of an
    /// earlier version for a moment, or none yet.
    pub rows: Arc<Rows>,
    /// The blind spots on the screen, largest first.
    pub spots: Vec<SpotFacts>,
    /// Positions in `spots` of the rows that are in one.
    pub spot_of: Arc<BTreeMap<usize, usize>>,
    /// The errors to teach from, for each frozen blind spot.
    to_teach: BTreeMap<BlindSpotId, ToTeach>,
    /// What to do next about the frozen ones.
    pub next: NextActions,
    /// Whether they are a preview of the sliders rather than frozen.
    pub previewing: bool,
    /// Grows with every change; caches of panels compare it.
    pub revision: u64,
}

impl Derived {
    /// Follows a change of the state.
    pub fn update(&mut self, state: &State, ctx: &Context) {
        self.revision += 1;
        self.previewing = state
            .snapshot()
            .is_none_or(|snapshot| snapshot.settings != state.document.settings);
        let Some(base) = state.answers() else {
            *self = Self {
                previewing: self.previewing,
                revision: self.revision,
                ..Self::default()
            };
            return;
        };
        let asked = Asked::of(state, base, self.wanted.as_ref());
        let same = |old: &Asked| Arc::ptr_eq(old.base.predictions(), base.predictions());
        if !self.wanted.as_ref().is_some_and(same) {
            // Rows of other predictions are other rows.
            self.rows = Arc::default();
            self.following.clear();
        }
        self.wanted = Some(asked);
        let error_row = |key: &ExampleKey| {
            let row = base.row_of(state.dataset.index_of(key)?)?;
            base.error(row).map(|_| row)
        };
        let spots = match (state.snapshot(), &state.preview) {
            (Some(snapshot), _) if !self.previewing => frozen(snapshot, state, error_row),
            (_, Some(preview)) => previewed(preview, base),
            _ => Vec::new(),
        };
        let mut spot_of = BTreeMap::new();
        for (position, spot) in spots.iter().enumerate() {
            spot_of.extend(spot.rows.iter().map(|row| (*row, position)));
        }
        if *self.spot_of != spot_of {
            self.spot_of = Arc::new(spot_of);
        }
        self.spots = spots;
        self.to_teach = to_teach(base, state);
        self.next.update(state, ctx);
        self.follow(state, ctx);
    }

    /// Takes in what was made in the background.
    pub fn follow(&mut self, state: &State, ctx: &Context) {
        self.next.follow(state, ctx);
        let Some(wanted) = self.wanted.clone() else {
            return;
        };
        let asked = wanted.clone();
        let make = move || Rows::new(&asked);
        let count = wanted.base.len();
        if self.following.follow(wanted, count, ctx, make)
            && let Some(rows) = self.following.value()
        {
            self.rows = Arc::clone(rows);
            self.revision += 1;
        }
    }

    /// Counts for the legend, the steps and the sliders.
    pub fn counts(&self) -> &Counts {
        &self.rows.counts
    }

    /// The errors of a frozen blind spot that its teacher works with.
    pub fn to_teach(&self, spot: BlindSpotId) -> Option<&ToTeach> {
        self.to_teach.get(&spot)
    }

    /// The row of an example, if it was scored.
    pub fn row_of(&self, key: &ExampleKey) -> Option<usize> {
        let wanted = self.wanted.as_ref()?;
        wanted.base.row_of(wanted.base.dataset().index_of(key)?)
    }

    /// The blind spot on the screen that holds a row.
    pub fn spot_of(&self, row: usize) -> Option<&SpotFacts> {
        self.spots.get(*self.spot_of.get(&row)?)
    }

    /// The example of a row.
    pub fn example<'a>(&self, state: &'a State, row: usize) -> Option<&'a Example> {
        state.dataset.examples.get(self.rows.get(row)?.example)
    }

    /// A blind spot on the screen.
    pub fn spot(&self, spot: SpotRef) -> Option<&SpotFacts> {
        self.spots.iter().find(|facts| facts.spot == spot)
    }
}

fn frozen(
    snapshot: &Snapshot,
    state: &State,
    error_row: impl Fn(&ExampleKey) -> Option<usize>,
) -> Vec<SpotFacts> {
    let members = state.members();
    let samples = samples_by_spot(state);
    snapshot
        .blind_spots
        .iter()
        .map(|spot| {
            let samples = samples.get(&spot.id).copied().unwrap_or(0);
            let keys = members.get(&spot.id).map(Vec::as_slice).unwrap_or_default();
            SpotFacts {
                spot: SpotRef::Frozen(spot.id),
                name: state.blind_spot_name(spot.id),
                true_label: spot.true_label,
                predicted: spot.predicted,
                // What was judged to be no error counts nowhere.
                rows: keys.iter().filter_map(&error_row).collect(),
                mean_confidence: spot.mean_confidence,
                region: Some((spot.region_uus, spot.region_size)),
                samples,
                state: SpotState::of(spot.id, samples, snapshot, state),
            }
        })
        .collect()
}

fn previewed(preview: &Preview, base: &AnswerTable) -> Vec<SpotFacts> {
    let confusions = preview.confusions.iter().enumerate();
    let mut spots: Vec<SpotFacts> = confusions
        .map(|(group, confusion)| SpotFacts {
            spot: SpotRef::Group(group),
            name: preview.names.get(group).cloned().unwrap_or_default(),
            true_label: confusion.0,
            predicted: confusion.1,
            rows: Vec::new(),
            mean_confidence: 0.0,
            region: None,
            samples: 0,
            state: SpotState::default(),
        })
        .collect();
    for (uu, group) in preview.unknown_unknowns.iter().zip(&preview.groups) {
        let row = base.row_of(uu.example);
        if let (Some(row), Some(spot)) = (row, spots.get_mut(*group)) {
            spot.rows.push(row);
            spot.mean_confidence += uu.confidence;
        }
    }
    for spot in &mut spots {
        spot.mean_confidence /= spot.rows.len().max(1) as f32;
    }
    spots
}

/// The errors to teach from, of every frozen blind spot.
fn to_teach(base: &AnswerTable, state: &State) -> BTreeMap<BlindSpotId, ToTeach> {
    let (Some(snapshot), Some(evidence)) = (state.snapshot(), state.evidence()) else {
        return BTreeMap::new();
    };
    let mut cards: BTreeMap<BlindSpotId, Vec<usize>> = BTreeMap::new();
    for spot in &snapshot.blind_spots {
        for key in &spot.shown {
            let row = state.dataset.index_of(key).and_then(|of| base.row_of(of));
            let placed = state.document.place_of(key, spot.id).zip(row);
            if let Some((place, row)) = placed {
                cards.entry(place).or_default().push(row);
            }
        }
    }
    let spots = snapshot.blind_spots.iter();
    spots
        .map(|spot| {
            let shown = evidence.shown(spot.id).iter();
            let of_spot = ToTeach {
                shown: shown
                    .filter_map(|error| base.row_of(error.example))
                    .collect(),
                cards: cards.remove(&spot.id).unwrap_or_default(),
                kept_back: evidence.kept_back(spot.id).len(),
            };
            (spot.id, of_spot)
        })
        .collect()
}

/// Training samples written for each blind spot.
fn samples_by_spot(state: &State) -> BTreeMap<BlindSpotId, usize> {
    let mut samples = BTreeMap::new();
    for lesson in state.document.lessons.values() {
        *samples.entry(lesson.blind_spot).or_default() += lesson.training_samples().count();
    }
    samples
}
