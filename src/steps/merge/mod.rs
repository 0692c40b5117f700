//! Lessons that come back from other machines.

mod checked;

pub(crate) use checked::list_refused;
pub use checked::{CheckedLessons, TakenIn, keep, take_back, take_in};

use crate::steps::hand_over::is_hand_over;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use crate::lessons::split::{Settled, split};
use crate::records::{Author, Document, ExampleKey, Lesson, RecordId, Sample, Snapshot};
use crate::steps::copy_guard::without_copied_texts;
use crate::steps::{OpenProject, read_lessons};
use crate::support::text::many;
use crate::support::{Error, Progress, Result, atomic_file};

/// What merging would change.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Merged {
    /// The lessons as they are afterwards, new and changed ones only.
    pub lessons: Vec<Lesson>,
    /// Lessons that were not there before.
    pub new_lessons: usize,
    /// Samples that were not there before.
    pub new_samples: usize,
    /// Samples that were there and have come back changed.
    pub changed_samples: usize,
    /// Lessons on blind spots that the project does not have, by id.
    pub strangers: Vec<RecordId>,
}

impl Merged {
    /// Counts what differs from a document, and leaves out lessons that do
    /// not.
    pub(in crate::steps) fn count(&mut self, before: &Document) {
        self.lessons.retain(|lesson| {
            let here = before.lessons.get(&lesson.id);
            here.is_none_or(|here| **here != *lesson)
        });
        (self.new_lessons, self.new_samples, self.changed_samples) = (0, 0, 0);
        for lesson in &self.lessons {
            let here = before.lessons.get(&lesson.id);
            self.new_lessons += usize::from(here.is_none());
            let known = here.map_or(&[][..], |here| &here.samples);
            let known: BTreeMap<_, _> = known.iter().map(|old| (&old.id, old)).collect();
            for sample in &lesson.samples {
                match known.get(&sample.id) {
                    Some(old) => self.changed_samples += usize::from(differ(old, sample)),
                    None => self.new_samples += 1,
                }
            }
        }
    }

    /// In one sentence.
    pub fn sentence(&self) -> String {
        let mut said = format!(
            "{}, {}, {}",
            many(self.new_lessons, "new lesson"),
            many(self.new_samples, "new sample"),
            many(self.changed_samples, "changed sample")
        );
        if !self.strangers.is_empty() {
            said += &format!("; {}", left_out(self.strangers.len()));
        }
        said
    }
}

/// Says how many lessons were left out since they teach blind spots that are
/// not there.
pub(in crate::steps) fn left_out(strangers: usize) -> String {
    let left_out = many(strangers, "lesson");
    let (was, teach) = match strangers {
        1 => ("was", "it teaches a blind spot"),
        _ => ("were", "they teach blind spots"),
    };
    format!("{left_out} {was} left out: {teach} that this project does not have")
}

/// Reads the lessons of a file that came back: JSON Lines, as “Save the
/// lessons” and `export` write it.
///
/// # Errors
/// When there is no such file, or a line of it is no lesson.
pub fn read_lessons_of(file: &Path) -> Result<Vec<Lesson>> {
    if is_hand_over(file) {
        return Err(Error::input(format!(
            "`{}` is what went out, not what comes back",
            file.display()
        ))
        .hint("the expert opens it in Blindspot, teaches, and saves the lessons as a file"));
    }
    if !file.is_file() {
        return Err(Error::input(format!(
            "there is no file `{}`",
            file.display()
        )));
    }
    let lessons = read_lessons(file)?;
    if lessons.is_empty() {
        return Err(Error::input(format!(
            "`{}` holds no lesson",
            file.display()
        )));
    }
    Ok(lessons)
}

/// Joins lessons that came back with those of the project. Records with the
/// same id are one record, and what came back is the newer version of it;
/// what is new is added; nothing is removed. What a round has used keeps its
/// use.
pub fn merge(
    document: &Document,
    snapshots: &[Arc<Snapshot>],
    settled: &Settled,
    back: Vec<Lesson>,
) -> Merged {
    let mut merged = Merged::default();
    let mut joined: BTreeMap<RecordId, Lesson> = BTreeMap::new();
    let teachable = Teachable::of(snapshots);
    for lesson in back {
        if !teachable.is_taught_by(&lesson) {
            merged.strangers.push(lesson.id);
            continue;
        }
        let here = joined.entry(lesson.id.clone()).or_insert_with(|| {
            let known = document.lessons.get(&lesson.id);
            known.map_or_else(|| empty(&lesson), |known| (**known).clone())
        });
        join(here, lesson);
    }
    for lesson in joined.values_mut() {
        split(lesson, settled);
    }
    merged.lessons = joined.into_values().collect();
    merged.count(document);
    merged
}

/// The blind spots of some snapshots, with all errors that lessons on them may
/// show.
pub(in crate::steps) struct Teachable<'a>(BTreeMap<u32, (&'a Snapshot, BTreeSet<&'a ExampleKey>)>);

impl<'a> Teachable<'a> {
    pub(in crate::steps) fn of(snapshots: &'a [Arc<Snapshot>]) -> Self {
        let with_members = |snapshot: &'a Arc<Snapshot>| {
            // Errors may have been moved into a blind spot from another one.
            let spots = snapshot.blind_spots.iter();
            let members = spots.flat_map(|spot| spot.members()).collect();
            (snapshot.version, (&**snapshot, members))
        };
        Self(snapshots.iter().map(with_members).collect())
    }

    /// Whether a lesson teaches one of these blind spots.
    pub(in crate::steps) fn is_taught_by(&self, lesson: &Lesson) -> bool {
        self.0
            .get(&lesson.snapshot)
            .is_some_and(|(snapshot, members)| {
                snapshot.blind_spot(lesson.blind_spot).is_some()
                    && lesson.shown.iter().all(|key| members.contains(key))
            })
    }
}

/// A lesson before anything was written for it.
fn empty(lesson: &Lesson) -> Lesson {
    Lesson {
        hypotheses: Vec::new(),
        samples: Vec::new(),
        ..lesson.clone()
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

/// Writes the lessons of people as JSON Lines, for [`merge`] elsewhere, without
/// samples that copy *check* or *final*. Gives how many there are.
///
/// # Errors
/// When there is none yet, another file is in the way, the file cannot be
/// written, or when cancelled.
pub fn save_lessons(
    project: &OpenProject,
    document: &Document,
    file: &Path,
    progress: &Progress,
) -> Result<usize> {
    atomic_file::may_replace(file, "a file of lessons", |file| {
        read_lessons(file).is_ok_and(|lessons| !lessons.is_empty())
    })?;
    let written = |lesson: &&Lesson| {
        let anything = !lesson.hypotheses.is_empty() || !lesson.samples.is_empty();
        lesson.author == Author::Human && anything
    };
    let lessons = document.lessons.values().map(AsRef::as_ref).filter(written);
    let lessons = without_copied_texts(project, lessons, progress)?;
    if lessons.is_empty() {
        return Err(Error::input("no lesson has been written yet")
            .hint("add a hypothesis or a sample to a blind spot first"));
    }
    let lines = json_lines(&lessons)?;
    atomic_file::write(file, |out| out.write_all(lines.as_bytes()))?;
    Ok(lessons.len())
}

/// Lessons as JSON Lines, one a line.
///
/// # Errors
/// When a lesson cannot be written as JSON.
pub fn json_lines(lessons: &[Lesson]) -> Result<String> {
    let mut text = String::new();
    for lesson in lessons {
        let line = serde_json::to_string(lesson)
            .map_err(|e| Error::program("cannot write a lesson").because(e))?;
        text.push_str(&line);
        text.push('\n');
    }
    Ok(text)
}
