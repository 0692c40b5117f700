//! What there is to tell: which text, which lesson, which comparison.

use std::cmp::Reverse;

use crate::comparison::TakeHome;
use crate::discovery::UnknownUnknown;
use crate::gui::panels::compare::Looked;
use crate::gui::read::Read;
use crate::gui::view_state::ViewState;
use crate::records::{BlindSpotId, Lesson, Role};
use crate::steps::prices::spent;

/// A text that fools the model, of those that teachers may see.
pub(super) struct Fooled {
    /// The blind spot that it belongs to.
    pub(super) spot: BlindSpotId,
    /// How many errors that holds, shown or kept back.
    pub(super) errors: usize,
    /// What the base says, and what is right.
    pub(super) error: UnknownUnknown,
}

/// All of them: those of blind spots that are taught first, of the largest of
/// these first, and of each the most confident error first.
pub(super) fn fooled(read: &Read<'_>) -> Vec<Fooled> {
    let Some(answers) = read.state.frozen_answers() else {
        return Vec::new();
    };
    let mut all = Vec::new();
    for spot in in_order(read) {
        let Some(to_teach) = read.derived.to_teach(spot) else {
            continue;
        };
        let errors = to_teach.shown.len() + to_teach.kept_back;
        let shown = to_teach.shown.iter();
        let mut shown: Vec<UnknownUnknown> = shown.filter_map(|row| answers.error(*row)).collect();
        shown.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
        all.extend(shown.into_iter().map(|error| Fooled {
            spot,
            errors,
            error,
        }));
    }
    all
}

/// Frozen blind spots, those with training samples first, large ones first.
fn in_order(read: &Read<'_>) -> Vec<BlindSpotId> {
    let Some(snapshot) = read.state.snapshot() else {
        return Vec::new();
    };
    let is_taught = |spot| {
        let mut lessons = read.lessons_on(spot);
        lessons.any(|lesson| lesson.training_samples().next().is_some())
    };
    let size = |spot| {
        let of_spot = read.derived.to_teach(spot);
        of_spot.map_or(0, |errors| errors.shown.len() + errors.kept_back)
    };
    let mut spots: Vec<BlindSpotId> = snapshot.blind_spots.iter().map(|spot| spot.id).collect();
    spots.sort_by_key(|spot| (!is_taught(*spot), Reverse(size(*spot)), *spot));
    spots
}

/// The lesson that is told: on a blind spot if there is one, else on the first
/// that has one; with a hypothesis if any has.
pub(super) fn lesson<'a>(read: &Read<'a>, on: Option<BlindSpotId>) -> Option<&'a Lesson> {
    let spots = || on.into_iter().chain(in_order(read));
    let lessons = || spots().flat_map(|spot| read.lessons_on(spot).map(AsRef::as_ref));
    let says_why = |lesson: &&Lesson| !lesson.hypotheses.is_empty();
    let has_samples = |lesson: &&Lesson| lesson.training_samples().next().is_some();
    let both = |lesson: &&Lesson| says_why(lesson) && has_samples(lesson);
    lessons()
        .find(both)
        .or_else(|| lessons().find(says_why))
        .or_else(|| lessons().find(has_samples))
}

/// What is told of a comparison.
pub(super) struct Compared<'a> {
    /// What is taken home of it.
    pub(super) found: TakeHome<'a>,
    /// Which round or model on which role.
    pub(super) of: String,
    /// Why the figures may not stand for the project as it is now.
    pub(super) outdated: Option<String>,
}

/// The comparison that is looked at, on *final* where that was opened for it,
/// or that of the round that came with the project; `None` where nothing was
/// compared, or no arm makes a claim.
pub(super) fn compared<'a>(read: &Read<'a>, view: &ViewState) -> Option<Compared<'a>> {
    let state = read.state;
    let looked = Looked::of(read, view)?;
    let on = |role| looked.comparison(role);
    let comparison = on(Role::Final).or_else(|| on(Role::Check))?;
    let (manifest, document) = (&state.manifest, &state.document);
    let spent = spent(manifest, document, looked.trained(), comparison);
    Some(Compared {
        found: TakeHome::new(comparison, spent.as_ref())?,
        of: format!("{} on {}", looked.name(), comparison.role),
        outdated: looked.outdated(read),
    })
}
