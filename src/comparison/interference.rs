//! What each lesson, taught alone, does in every place: in its own blind spot,
//! in the others, in each source.
//!
//! A cell holds a lesson's arm against the arm that nothing is added to, trained
//! for the same steps over the same replayed rows with the same seeds. All
//! places overlap and there are many cells, so words are given by two rules: the
//! interval leaves 0 out, and Holm's correction over all cells that were looked
//! at agrees (“helped”, “hurt”) or not (“perhaps”).

use serde::Serialize;

use super::input::ComparisonInput;
use super::intervals::holm;
use super::outcomes::FEWEST_ROWS;
use super::slice::{AgainstBase, against_base};
use super::versus::{Versus, against_all};
use crate::records::{Arm, BlindSpotId, Endpoint, is_accuracy};
use crate::support::{Progress, Result};

/// Chance of a wrong word, over all cells together.
pub const LEVEL: f64 = 0.05;

/// What is counted: errors among the c most confident rows of the place, from
/// which the words follow, and unknown unknowns.
const ENDPOINTS: [Endpoint; 2] = [
    Endpoint::ErrorsAtMatchedCoverage,
    Endpoint::ScaledUnknownUnknowns,
];

/// What the rows of a place have in common.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PlaceOf {
    /// Nothing: all rows.
    Everywhere,
    /// The source.
    Source(String),
    /// They lie in the region of a blind spot.
    BlindSpot {
        /// The blind spot.
        id: BlindSpotId,
        /// Its name.
        name: String,
    },
}

/// Some of the rows, with what the arm says of them that nothing is added to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Place {
    /// Which rows.
    pub of: PlaceOf,
    /// How many.
    pub rows: usize,
    /// In how many groups.
    pub groups: usize,
    /// c: rows that the reference base holds with confidence ≥ τ.
    pub confident: usize,
    /// Errors among the c most confident rows, mean over seeds.
    pub errors: f64,
    /// Unknown unknowns after temperature scaling, mean over seeds.
    pub unknown_unknowns: f64,
}

impl Place {
    /// Whether there are rows enough for words.
    pub fn is_judged(&self) -> bool {
        self.rows >= FEWEST_ROWS
    }

    /// Whether errors among the c most confident rows are accuracy by another
    /// name here.
    pub fn is_accuracy(&self) -> bool {
        is_accuracy(self.confident, self.rows)
    }
}

/// What a lesson did in a place, in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Fewer errors, also after the correction for all cells.
    Helped,
    /// Fewer errors by the cell's own interval alone.
    PerhapsHelped,
    /// The interval holds 0.
    NoEvidence,
    /// More errors by the cell's own interval alone.
    PerhapsHurt,
    /// More errors, also after the correction for all cells.
    Hurt,
    /// Not judged: fewer rows than words need.
    TooFewRows,
}

impl Effect {
    /// Its word.
    pub fn name(self) -> &'static str {
        match self {
            Effect::Helped => "helped",
            Effect::PerhapsHelped => "perhaps helped",
            Effect::NoEvidence => "no evidence",
            Effect::PerhapsHurt => "perhaps hurt",
            Effect::Hurt => "hurt",
            Effect::TooFewRows => "too few rows",
        }
    }

    /// Whether it speaks of harm, certain or not.
    pub fn is_harm(self) -> bool {
        matches!(self, Effect::Hurt | Effect::PerhapsHurt)
    }

    /// Whether it speaks of a gain, certain or not.
    pub fn is_gain(self) -> bool {
        matches!(self, Effect::Helped | Effect::PerhapsHelped)
    }
}

/// A lesson in a place.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Cell {
    /// Errors among the c most confident rows against those of the arm `base`.
    pub errors: Versus,
    /// Unknown unknowns after temperature scaling against the same.
    pub unknown_unknowns: Versus,
    /// Two-sided p of the errors, by Holm over all cells that are judged; 1
    /// where this one is not.
    pub p: f64,
    /// What that comes to.
    pub effect: Effect,
}

/// Lessons by places.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Interference {
    /// Confidence from which a wrong row is an unknown unknown.
    pub tau: f32,
    /// All rows, then sources, then blind spots; those without rows are left
    /// out.
    pub places: Vec<Place>,
    /// The arms of the lessons, in the order of the cells.
    pub arms: Vec<Arm>,
    /// For each arm a cell in each place.
    pub cells: Vec<Vec<Cell>>,
    /// Cells that are judged: over these p is corrected.
    pub judged: usize,
}

impl Interference {
    /// Holds the arm of every lesson against the arm `base` in every place; the
    /// same input gives the same figures for any number of threads. Empty where
    /// either was not trained.
    ///
    /// # Errors
    /// When evaluations and rows do not fit each other, when a confidence is no
    /// number, or when cancelled.
    pub fn new(input: &ComparisonInput, progress: &Progress) -> Result<Self> {
        input.check()?;
        let all = places(input);
        progress.stage("Comparing the lessons", Some(all.len() as u64));
        let mut found: Vec<(Place, Vec<Vec<Versus>>)> = Vec::with_capacity(all.len());
        for (done, (of, positions)) in (1..).zip(all) {
            let called = name(&of);
            let rows = (called.as_str(), positions.as_slice());
            if let Some(against) = against_base(input, &ENDPOINTS, rows, progress)? {
                found.push(place(of, positions.len(), against));
            }
            progress.done(done);
        }
        let trained = input.arms.iter().filter(|arm| !arm.runs.is_empty());
        let arms: Vec<Arm> = trained
            .filter(|arm| !arm.arm.is_control())
            .map(|arm| arm.arm.clone())
            .collect();
        let (places, by_place): (Vec<Place>, Vec<_>) = found.into_iter().unzip();
        let cells = cells(&places, by_place, arms.len());
        let judged = places.iter().filter(|place| place.is_judged()).count() * arms.len();
        Ok(Self {
            tau: input.tau,
            places,
            arms,
            cells,
            judged,
        })
    }

    /// Cells whose interval would leave 0 out by chance alone if no lesson did
    /// anything: 5 % of those that are judged.
    pub fn by_chance(&self) -> f64 {
        LEVEL * self.judged as f64
    }
}

/// All places that have rows, with the positions of these.
fn places(input: &ComparisonInput) -> Vec<(PlaceOf, Vec<usize>)> {
    let mut places = vec![(PlaceOf::Everywhere, (0..input.rows.len()).collect())];
    for (number, source) in input.sources.iter().enumerate() {
        let rows = input.rows.iter().enumerate();
        let of_source = rows.filter(|(_, row)| usize::from(row.source) == number);
        let positions = of_source.map(|(position, _)| position).collect();
        places.push((PlaceOf::Source(source.name.clone()), positions));
    }
    for region in input.regions {
        let of = PlaceOf::BlindSpot {
            id: region.blind_spot,
            name: region.name.clone(),
        };
        places.push((of, region.rows.clone()));
    }
    places.retain(|(_, positions): &(PlaceOf, Vec<usize>)| !positions.is_empty());
    if input.sources.len() == 1 {
        places.retain(|(of, _)| !matches!(of, PlaceOf::Source(_)));
    }
    places
}

/// Keeps the resamples of a place apart from those of others.
fn name(of: &PlaceOf) -> String {
    match of {
        PlaceOf::Everywhere => "everywhere".to_owned(),
        PlaceOf::Source(name) => format!("source {name}"),
        PlaceOf::BlindSpot { id, .. } => format!("blind spot {id}"),
    }
}

fn place(of: PlaceOf, rows: usize, against: AgainstBase) -> (Place, Vec<Vec<Versus>>) {
    let place = Place {
        of,
        rows,
        groups: against.groups,
        confident: against.confident,
        errors: against.base[0],
        unknown_unknowns: against.base[1],
    };
    (place, against.arms)
}

/// The cells by arm and place, with p corrected over those that are judged.
fn cells(places: &[Place], by_place: Vec<Vec<Vec<Versus>>>, arms: usize) -> Vec<Vec<Cell>> {
    let judged = || places.iter().map(Place::is_judged);
    let tested = by_place.iter().zip(judged()).filter(|(_, judged)| *judged);
    let p_values: Vec<f64> = tested
        .flat_map(|(of_place, _)| of_place.iter().map(|versus| against_all(&versus[..1])))
        .collect();
    let mut corrected = holm(&p_values).into_iter();
    let mut cells: Vec<Vec<Cell>> = vec![Vec::with_capacity(places.len()); arms];
    for (of_place, judged) in by_place.into_iter().zip(judged()) {
        for (versus, of_arm) in of_place.into_iter().zip(&mut cells) {
            let p = judged.then(|| corrected.next()).flatten();
            if let Ok([errors, unknown_unknowns]) = <[Versus; 2]>::try_from(versus) {
                of_arm.push(Cell {
                    effect: effect(&errors, p),
                    p: p.unwrap_or(1.0),
                    errors,
                    unknown_unknowns,
                });
            }
        }
    }
    cells
}

/// `p` is none where there are too few rows.
fn effect(errors: &Versus, p: Option<f64>) -> Effect {
    let endpoint = ENDPOINTS[0];
    let Some(p) = p else {
        return Effect::TooFewRows;
    };
    match (errors.is_gain(endpoint), errors.is_harm(endpoint)) {
        (true, _) if p <= LEVEL => Effect::Helped,
        (true, _) => Effect::PerhapsHelped,
        (_, true) if p <= LEVEL => Effect::Hurt,
        (_, true) => Effect::PerhapsHurt,
        _ => Effect::NoEvidence,
    }
}
