//! What the panels show of the state, computed once for each change of it
//! rather than once for each frame.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::spot_state::SpotState;
use super::view_state::SpotRef;
use crate::dataset::Example;
use crate::discovery::{Outcome, true_label};
use crate::inference::{Prediction, Predictions};
use crate::records::{BlindSpotId, ExampleKey, Label, Role, Snapshot};
use crate::steps::State;
use crate::steps::discover::Preview;

/// One example that the base model has answered.
#[derive(Debug, Clone, PartialEq)]
pub struct RowFacts {
    /// Index into the data set.
    pub example: usize,
    /// The label given by the data, corrected by triage; none if nobody can say.
    pub truth: Option<Label>,
    /// The label predicted.
    pub predicted: Label,
    /// The model's confidence, 0 to 1.
    pub confidence: f32,
    /// What the model makes of it.
    pub outcome: Outcome,
    /// Position of its blind spot in [`Derived::spots`].
    pub spot: Option<usize>,
}

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
    /// Number of errors that are kept back for testing.
    pub kept_back: usize,
}

/// Counts for the legend, the steps and the sliders.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Counts {
    /// Unknown unknowns in *discovery*.
    pub uus: usize,
    /// Examples in *discovery*.
    pub discovery: usize,
    /// Judged examples.
    pub triaged: usize,
    /// Unknown unknowns in *discovery* that nobody has judged.
    pub untriaged: usize,
    /// Unknown unknowns in *check*.
    pub on_check: usize,
    /// Unknown unknowns on the map that are not in *discovery*.
    pub elsewhere: usize,
}

/// Everything derived from one version of the state.
#[derive(Debug, Clone, Default)]
pub struct Derived {
    answers: Arc<Vec<Prediction>>,
    answers_of: Option<(Arc<Predictions>, u32)>,
    /// One for each row of the predictions.
    pub rows: Vec<RowFacts>,
    /// The blind spots on the screen, largest first.
    pub spots: Vec<SpotFacts>,
    /// The errors to teach from, for each frozen blind spot.
    to_teach: BTreeMap<BlindSpotId, ToTeach>,
    /// Whether they are a preview of the sliders rather than frozen.
    pub previewing: bool,
    /// Counts.
    pub counts: Counts,
    /// Rows by the key of their example.
    row_of: BTreeMap<ExampleKey, usize>,
    /// Grows with every change; caches of panels compare it.
    pub revision: u64,
}

impl Derived {
    /// Follows a change of the state.
    pub fn update(&mut self, state: &State) {
        self.revision += 1;
        self.previewing = state
            .snapshot()
            .is_none_or(|snapshot| snapshot.settings != state.document.settings);
        let Some(predictions) = &state.predictions else {
            self.rows.clear();
            self.spots.clear();
            self.to_teach.clear();
            self.row_of.clear();
            self.answers_of = None;
            self.counts = Counts::default();
            return;
        };
        // Rows and map stay those of the base, whichever model answers.
        let in_use = state
            .answers()
            .filter(|answers| answers.examples() == predictions.examples());
        self.answer(in_use.unwrap_or(predictions), state);
        self.fill_rows(predictions, state);
        let spots = match (state.snapshot(), &state.preview) {
            (Some(snapshot), _) if !self.previewing => self.frozen(snapshot, state),
            (_, Some(preview)) => self.previewed(preview),
            _ => Vec::new(),
        };
        for (position, spot) in spots.iter().enumerate() {
            for row in &spot.rows {
                self.rows[*row].spot = Some(position);
            }
        }
        self.spots = spots;
        self.to_teach = to_teach(predictions, state);
        self.count(state);
    }

    /// The errors of a frozen blind spot that its teacher works with.
    pub fn to_teach(&self, spot: BlindSpotId) -> Option<&ToTeach> {
        self.to_teach.get(&spot)
    }

    /// The row of an example, if it was scored.
    pub fn row_of(&self, key: &ExampleKey) -> Option<usize> {
        self.row_of.get(key).copied()
    }

    /// The example of a row.
    pub fn example<'a>(&self, state: &'a State, row: usize) -> Option<&'a Example> {
        state.dataset.examples.get(self.rows.get(row)?.example)
    }

    /// A blind spot on the screen.
    pub fn spot(&self, spot: SpotRef) -> Option<&SpotFacts> {
        self.spots.iter().find(|facts| facts.spot == spot)
    }

    /// Softmax over all rows is the dearest part: done again only when the
    /// predictions or the temperature change.
    fn answer(&mut self, predictions: &Arc<Predictions>, state: &State) {
        let temperature = state.effective_temperature();
        let fresh = self.answers_of.as_ref().is_some_and(|(of, bits)| {
            Arc::ptr_eq(of, predictions) && *bits == temperature.to_bits()
        });
        if fresh {
            return;
        }
        let answers = (0..predictions.len())
            .map(|row| predictions.prediction(row, temperature))
            .collect();
        self.answers = Arc::new(answers);
        self.answers_of = Some((Arc::clone(predictions), temperature.to_bits()));
        let key = |row: usize| {
            let example = state.dataset.examples.get(predictions.examples()[row])?;
            Some((example.key.clone(), row))
        };
        self.row_of = (0..predictions.len()).filter_map(key).collect();
    }

    fn fill_rows(&mut self, predictions: &Predictions, state: &State) {
        let tau = state.document.settings.tau;
        let answers = Arc::clone(&self.answers);
        self.rows = predictions
            .examples()
            .iter()
            .zip(answers.iter())
            .filter_map(|(index, answer)| {
                let example = state.dataset.examples.get(*index)?;
                let truth = true_label(example, &state.document.triage);
                let outcome = Outcome::of(truth, *answer, tau);
                Some(RowFacts {
                    example: *index,
                    truth,
                    predicted: answer.label,
                    confidence: answer.confidence,
                    outcome,
                    spot: None,
                })
            })
            .collect();
    }

    fn frozen(&self, snapshot: &Snapshot, state: &State) -> Vec<SpotFacts> {
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
                    rows: keys.iter().filter_map(|key| self.row_of(key)).collect(),
                    mean_confidence: spot.mean_confidence,
                    region: Some((spot.region_uus, spot.region_size)),
                    samples,
                    state: SpotState::of(spot.id, samples, snapshot, state),
                }
            })
            .collect()
    }

    fn previewed(&self, preview: &Preview) -> Vec<SpotFacts> {
        let mut spots: Vec<SpotFacts> = (0..preview.group_count)
            .map(|group| SpotFacts {
                spot: SpotRef::Group(group),
                name: format!("Group {}", group + 1),
                true_label: 0,
                predicted: 0,
                rows: Vec::new(),
                mean_confidence: 0.0,
                region: None,
                samples: 0,
                state: SpotState::default(),
            })
            .collect();
        let predictions = self.answers_of.as_ref().map(|(of, _)| of);
        for (uu, group) in preview.unknown_unknowns.iter().zip(&preview.groups) {
            let row = predictions.and_then(|of| of.row_of(uu.example));
            if let (Some(row), Some(spot)) = (row, spots.get_mut(*group)) {
                if spot.rows.is_empty() {
                    spot.true_label = uu.true_label;
                    spot.predicted = uu.predicted;
                }
                spot.rows.push(row);
                spot.mean_confidence += uu.confidence;
            }
        }
        for spot in &mut spots {
            spot.mean_confidence /= spot.rows.len().max(1) as f32;
        }
        spots
    }

    fn count(&mut self, state: &State) {
        let role = |row: &RowFacts| state.dataset.examples[row.example].role;
        let triage = &state.document.triage;
        let discovery = self.rows.iter().filter(|row| role(row) == Role::Discovery);
        let confident = |row: &&RowFacts| row.outcome == Outcome::UnknownUnknown;
        let errors = || self.rows.iter().filter(confident).map(role);
        let mut counts = Counts {
            triaged: triage.len(),
            on_check: errors().filter(|role| *role == Role::Check).count(),
            elsewhere: errors().filter(|role| *role != Role::Discovery).count(),
            ..Counts::default()
        };
        for row in discovery {
            counts.discovery += 1;
            if row.outcome == Outcome::UnknownUnknown {
                counts.uus += 1;
                let key = &state.dataset.examples[row.example].key;
                counts.untriaged += usize::from(!triage.contains_key(key));
            }
        }
        self.counts = counts;
    }
}

/// The errors to teach from, of every frozen blind spot.
fn to_teach(predictions: &Predictions, state: &State) -> BTreeMap<BlindSpotId, ToTeach> {
    let (Some(snapshot), Some(evidence)) = (state.snapshot(), state.evidence()) else {
        return BTreeMap::new();
    };
    let spots = snapshot.blind_spots.iter();
    spots
        .map(|spot| {
            let shown = evidence.shown(spot.id).into_iter();
            let of_spot = ToTeach {
                shown: shown
                    .filter_map(|error| predictions.row_of(error.example))
                    .collect(),
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
