//! Lessons that came in, joined with those of the project.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use serde::{Serialize, Serializer};

use super::CheckedLessons;
use crate::lessons::split::split;
use crate::records::{Document, ExampleKey, Lesson, RecordId, Sample, Snapshot};
use crate::steps::State;
use crate::support::text::many;

/// Lessons that came in, joined but not kept yet. As JSON it gives the number
/// of the lessons in their place.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct JoinedLessons {
    /// The lessons as they are afterwards, new and changed ones only.
    #[serde(serialize_with = "their_number")]
    pub lessons: Vec<Lesson>,
    /// Lessons that were not there before.
    pub new_lessons: usize,
    /// Samples that were not there before.
    pub new_samples: usize,
    /// Samples that were there and have come back changed.
    pub changed_samples: usize,
    /// Samples that the checks let through.
    pub accepted: usize,
    /// Samples that they did not, with the reason.
    pub refused: Vec<(RecordId, String)>,
    /// Lessons on blind spots that the project does not have, by id.
    pub strangers: Vec<RecordId>,
}

fn their_number<S: Serializer>(lessons: &[Lesson], to: S) -> Result<S::Ok, S::Error> {
    lessons.len().serialize(to)
}

impl fmt::Display for JoinedLessons {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}, {}, {}; {} accepted, {} refused by the sample checks",
            many(self.new_lessons, "new lesson"),
            many(self.new_samples, "new sample"),
            many(self.changed_samples, "changed sample"),
            many(self.accepted, "sample"),
            self.refused.len()
        )?;
        match self.strangers.len() {
            0 => {}
            1 => f.write_str(
                "; 1 lesson was left out: it teaches a blind spot that this project does not have",
            )?,
            left_out => write!(
                f,
                "; {left_out} lessons were left out: they teach blind spots that this project \
                 does not have"
            )?,
        }
        self.refused
            .iter()
            .try_for_each(|(sample, reason)| write!(f, "\n  {sample}: {reason}"))
    }
}

impl CheckedLessons {
    /// Joins them with the lessons of the project as they are now, and divides
    /// their samples into those to train on and those to test with.
    ///
    /// Records with the same id are one record, and what came in is the newer
    /// version of it; what is new is added; nothing is removed. What a round
    /// has used keeps its use.
    #[must_use]
    pub fn joined(self, state: &State) -> JoinedLessons {
        let before = &state.document;
        let mut joined: BTreeMap<RecordId, Lesson> = BTreeMap::new();
        let mut strangers = Vec::new();
        let teachable = Teachable::of(&state.snapshots);
        for lesson in self.lessons {
            if !teachable.is_taught_by(&lesson) {
                strangers.push(lesson.id);
                continue;
            }
            let here = joined.entry(lesson.id.clone()).or_insert_with(|| {
                let known = before.lessons.get(&lesson.id);
                known.map_or_else(|| lesson.emptied(), |known| (**known).clone())
            });
            join(here, lesson);
        }
        let settled = state.settled_samples();
        for lesson in joined.values_mut() {
            split(lesson, &settled);
        }
        JoinedLessons {
            accepted: self.accepted,
            refused: self.refused,
            strangers,
            ..JoinedLessons::of(joined.into_values(), before)
        }
    }
}

impl JoinedLessons {
    /// Counts what differs from a document, and leaves out lessons that do
    /// not.
    fn of(lessons: impl Iterator<Item = Lesson>, before: &Document) -> Self {
        let mut joined = Self::default();
        for lesson in lessons {
            let here = before.lessons.get(&lesson.id);
            if here.is_some_and(|here| **here == lesson) {
                continue;
            }
            joined.new_lessons += usize::from(here.is_none());
            let known = here.map_or(&[][..], |here| &here.samples);
            let known: BTreeMap<_, _> = known.iter().map(|old| (&old.id, old)).collect();
            for sample in &lesson.samples {
                match known.get(&sample.id) {
                    Some(old) => joined.changed_samples += usize::from(differ(old, sample)),
                    None => joined.new_samples += 1,
                }
            }
            joined.lessons.push(lesson);
        }
        joined
    }
}

/// The blind spots of some snapshots, with all errors that lessons on them may
/// show.
pub(super) struct Teachable<'a>(BTreeMap<u32, (&'a Snapshot, BTreeSet<&'a ExampleKey>)>);

impl<'a> Teachable<'a> {
    pub(super) fn of(snapshots: &'a [Arc<Snapshot>]) -> Self {
        let with_members = |snapshot: &'a Arc<Snapshot>| {
            // Errors may have been moved into a blind spot from another one.
            let spots = snapshot.blind_spots.iter();
            let members = spots.flat_map(|spot| spot.members()).collect();
            (snapshot.version, (&**snapshot, members))
        };
        Self(snapshots.iter().map(with_members).collect())
    }

    /// Whether a lesson teaches one of these blind spots.
    pub(super) fn is_taught_by(&self, lesson: &Lesson) -> bool {
        self.0
            .get(&lesson.snapshot)
            .is_some_and(|(snapshot, members)| {
                snapshot.blind_spot(lesson.blind_spot).is_some()
                    && lesson.shown.iter().all(|key| members.contains(key))
            })
    }
}

/// Whether a sample has changed in more than its use, which the others of its
/// lesson decide.
fn differ(old: &Sample, new: &Sample) -> bool {
    let new = Sample {
        purpose: old.purpose,
        ..new.clone()
    };
    *old != new
}

fn join(here: &mut Lesson, back: Lesson) {
    for hypothesis in back.hypotheses {
        match here.hypotheses.iter_mut().find(|h| h.id == hypothesis.id) {
            Some(old) => *old = hypothesis,
            None => here.hypotheses.push(hypothesis),
        }
    }
    let ids = here.samples.iter().map(|sample| sample.id.clone());
    let mut positions: BTreeMap<RecordId, usize> = ids.zip(0..).collect();
    for mut sample in back.samples {
        match positions.get(&sample.id) {
            Some(position) => {
                let old = &mut here.samples[*position];
                sample.purpose = old.purpose;
                *old = sample;
            }
            None => {
                positions.insert(sample.id.clone(), here.samples.len());
                here.samples.push(sample);
            }
        }
    }
    if back.cost.active_seconds > here.cost.active_seconds {
        here.cost = back.cost;
    }
    here.familiarity = back.familiarity.or(here.familiarity);
    here.teacher = back.teacher;
}
