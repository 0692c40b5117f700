//! The figures of frozen blind spots, as discovery found them.

use crate::blind_spots::StabilityAt;
use crate::dataset::Dataset;
use crate::records::{BlindSpot, Document, Lesson, Snapshot};
use crate::support::figures::{Figure, figure};

/// A blind spot in figures.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FoundSpot {
    /// Its number in the snapshot.
    pub number: u32,
    /// Version of the snapshot.
    pub snapshot: u32,
    /// Its name.
    pub name: String,
    /// Main confusion: the true label.
    pub true_label: String,
    /// Main confusion: the label predicted.
    pub predicted: String,
    /// Its unknown unknowns.
    pub unknown_unknowns: usize,
    /// Those that teachers are shown.
    pub shown: usize,
    /// Those that are kept back.
    pub kept_back: usize,
    /// Mean confidence of these, 0 to 1.
    pub mean_confidence: f32,
    /// Rows of discovery in its region.
    pub region_rows: usize,
    /// Unknown unknowns among them.
    pub region_uus: usize,
    /// Radius of the region.
    pub radius: f32,
    /// Lessons on it.
    pub lessons: usize,
    /// Samples of these that are trained on.
    pub samples: usize,
}

/// How stable a number of blind spots is.
pub fn by_k() -> Vec<Figure<StabilityAt>> {
    vec![
        figure("k")
            .whole("k", |at: &StabilityAt| at.k)
            .meaning("What is set."),
        figure("blind spots")
            .whole("groups", |at: &StabilityAt| at.groups)
            .meaning("How many there are then: each confusion has one at least."),
        figure("stability")
            .number("stability", 2, |at: &StabilityAt| at.stability)
            .meaning(
                "Mean adjusted Rand index on resampled errors: 1 where they fall into the same \
                 groups again, 0 as by chance; stable from 0.5.",
            ),
    ]
}

/// How many errors it holds.
pub fn uus() -> Figure<FoundSpot> {
    figure("UUs")
        .whole("unknown_unknowns", |spot: &FoundSpot| spot.unknown_unknowns)
        .meaning(
            "Unknown unknowns in it: rows that are labelled wrongly with confidence τ or more.",
        )
}

/// What teachers work with.
pub fn for_teaching() -> Figure<FoundSpot> {
    figure("for teaching")
        .print("{shown} shown, {kept_back} kept back")
        .whole("shown", |spot: &FoundSpot| spot.shown)
        .whole("kept_back", |spot| spot.kept_back)
        .meaning(
            "A third of the errors is kept back: no teacher sees them, and after retraining they \
             tell whether a lesson carries over to errors it was not written from.",
        )
}

/// How sure the model is of its errors.
pub fn confidence() -> Figure<FoundSpot> {
    figure("mean confidence")
        .print("{mean_confidence} %")
        .share("mean_confidence", 1, |spot: &FoundSpot| {
            spot.mean_confidence
        })
        .meaning("The probability that the model gives to its own answer, mean over the errors.")
}

/// How often the model errs around it.
pub fn region_rate() -> Figure<FoundSpot> {
    figure("UU rate of its region")
        .print("{region_unknown_unknown_rate} % ({region_unknown_unknowns} of {region_rows})")
        .whole("region_rows", |spot: &FoundSpot| spot.region_rows)
        .whole("region_unknown_unknowns", |spot| spot.region_uus)
        .number("region_radius", 3, |spot| spot.radius)
        .share("region_unknown_unknown_rate", 1, |spot| {
            let rate = spot.region_uus as f64 / spot.region_rows as f64;
            (spot.region_rows > 0).then_some(rate)
        })
        .meaning(
            "The region holds the texts as near to its centre as nine in ten of its own errors, \
             right or wrong. The rate says how often the model was confidently wrong there when it \
             was frozen; what was judged since is not taken out.",
        )
}

/// All figures of a blind spot; the first says which it is.
pub fn figures() -> Vec<Figure<FoundSpot>> {
    vec![
        figure("blind spot")
            .print("{blind_spot} {name}")
            .words("blind_spot", |spot: &FoundSpot| spot.number)
            .words("name", |spot| spot.name.clone())
            .words("snapshot", |spot| spot.snapshot),
        figure("true → predicted")
            .print("{true_label} → {predicted}")
            .words("true_label", |spot: &FoundSpot| spot.true_label.clone())
            .words("predicted", |spot| spot.predicted.clone())
            .meaning("Its main confusion: the label that the data gives, and the model's."),
        uus(),
        for_teaching(),
        confidence(),
        region_rate(),
        figure("lessons / samples")
            .print("{lessons} / {training_samples}")
            .whole("lessons", |spot: &FoundSpot| spot.lessons)
            .whole("training_samples", |spot| spot.samples)
            .meaning("Lessons on it, and their samples that are trained on."),
    ]
}

/// All blind spots of a snapshot.
pub fn found_spots(snapshot: &Snapshot, document: &Document, dataset: &Dataset) -> Vec<FoundSpot> {
    let spots = snapshot.blind_spots.iter();
    spots
        .map(|spot| found_spot(spot, snapshot, document, dataset))
        .collect()
}

/// One of them.
pub fn found_spot(
    spot: &BlindSpot,
    snapshot: &Snapshot,
    document: &Document,
    dataset: &Dataset,
) -> FoundSpot {
    let lessons = document.lessons.values();
    let lessons: Vec<&Lesson> = lessons
        .map(AsRef::as_ref)
        .filter(|lesson| lesson.blind_spot == spot.id)
        .collect();
    FoundSpot {
        number: spot.id.0,
        snapshot: snapshot.version,
        name: document.blind_spot_name(spot.id, snapshot).to_string(),
        true_label: dataset.label_name(spot.true_label).to_owned(),
        predicted: dataset.label_name(spot.predicted).to_owned(),
        unknown_unknowns: spot.size(),
        shown: spot.shown.len(),
        kept_back: spot.kept_back.len(),
        mean_confidence: spot.mean_confidence,
        region_rows: spot.region_size,
        region_uus: spot.region_uus,
        radius: spot.radius,
        samples: lessons.iter().map(|l| l.training_samples().count()).sum(),
        lessons: lessons.len(),
    }
}
