//! Recorded lessons, replayed without a network and labelled as such.
//!
//! A recording is a file of JSON Lines: for each lesson a line that says what
//! was asked of whom, then the entries of its journal.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::brief::LessonBrief;
use super::client::Answers;
use super::endpoint::Endpoint;
use super::journal::{Entry, Journal, MemoryStore, ReplyStore};
use super::teach::Plan;
use super::teacher::Teacher;
use super::wire::{Call, Reply};
use crate::records::{BlindSpotId, ExampleKey};
use crate::support::{Error, Progress, Result, atomic_file, user_file};

/// All that a lesson's questions are made of, so that the same questions find
/// the recorded replies whatever the project has become since.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RecordedLesson {
    /// Who answered.
    pub teacher: Teacher,
    /// When it was recorded, RFC 3339.
    pub recorded: String,
    /// The blind spot.
    pub blind_spot: BlindSpotId,
    /// Version of its snapshot.
    pub snapshot: u32,
    /// Keys of the errors that were shown.
    pub shown: Vec<ExampleKey>,
    /// What the teacher was told.
    pub brief: LessonBrief,
    /// What was asked for.
    pub plan: Plan,
    /// The prompts' texts, by file name.
    pub prompts: BTreeMap<String, String>,
}

/// Answers calls from a journal alone.
pub struct Replay {
    endpoint: Endpoint,
    journal: Journal,
}

impl Replay {
    /// Replays what `endpoint` answered, as the journal holds it.
    pub fn new(endpoint: Endpoint, journal: Journal) -> Self {
        Self { endpoint, journal }
    }

    /// Opens the lessons of a recording that [`save`] wrote.
    ///
    /// # Errors
    /// Input errors that name the file and the line.
    pub fn open(path: &Path) -> Result<Vec<(RecordedLesson, Self)>> {
        let text = user_file::text(path)?;
        let mut lessons: Vec<(RecordedLesson, MemoryStore)> = Vec::new();
        for (row, line) in (1..).zip(text.lines()) {
            let wrong = |why: String| {
                Error::input(format!("`{}`, line {row}: {why}", path.display()))
                    .hint("name a file that `blindspot teach --record` wrote")
            };
            let read = |error: serde_json::Error| wrong(format!("no part of a recording: {error}"));
            let value: Value = serde_json::from_str(line).map_err(read)?;
            if let Some(lesson) = value.get(LESSON) {
                let lesson = RecordedLesson::deserialize(lesson).map_err(read)?;
                lessons.push((lesson, MemoryStore::default()));
                continue;
            }
            let entry: Entry = serde_json::from_value(value).map_err(read)?;
            match lessons.last() {
                Some((_, store)) => store.append(&entry)?,
                None => return Err(wrong("a reply without a lesson".into())),
            }
        }
        if lessons.is_empty() {
            return Err(
                Error::input(format!("`{}` holds no recorded lesson", path.display()))
                    .hint("record one with `blindspot teach --record`"),
            );
        }
        let lessons = lessons.into_iter().map(|(lesson, store)| {
            let replay = Self::new(
                lesson.teacher.endpoint.clone(),
                Journal::open(Box::new(store))?,
            );
            Ok((lesson, replay))
        });
        lessons.collect()
    }

    /// What must stand beside everything that a replay shows.
    pub fn label(&self) -> String {
        format!(
            "Recording: replies of `{}` that were received earlier. Nothing is asked now.",
            self.endpoint.model
        )
    }
}

impl Answers for Replay {
    fn ask(&self, call: &Call, progress: &Progress) -> Result<Reply> {
        progress.check()?;
        self.journal.find(&self.key(call)).ok_or_else(|| {
            Error::input(format!(
                "the recording holds no reply to this question of the step `{}`",
                call.step
            ))
            .hint("the lesson ended here when it was recorded; record it anew for more")
        })
    }

    fn ask_anew(&self, call: &Call, progress: &Progress) -> Result<Reply> {
        self.ask(call, progress)
    }

    fn journal(&self) -> &Journal {
        &self.journal
    }

    fn concurrency(&self) -> usize {
        1
    }

    fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }
}

/// Field of the line that begins a lesson.
const LESSON: &str = "lesson";

/// Checks that a recording may be written to a path: nothing is there, or an
/// earlier recording.
///
/// # Errors
/// When something else is there.
pub fn may_record_to(path: &Path) -> Result<()> {
    let start = format!("{{\"{LESSON}\":");
    atomic_file::may_replace(path, "a recording", |path| {
        atomic_file::beginning(path).starts_with(&start)
    })
}

/// Writes lessons with the entries of their journals to a file that
/// [`Replay::open`] reads.
///
/// # Errors
/// If another file is in the way, a store cannot be read or the file not be
/// written.
pub fn save(lessons: &[(RecordedLesson, &dyn ReplyStore)], path: &Path) -> Result<()> {
    may_record_to(path)?;
    let mut recorded: Vec<(&RecordedLesson, Vec<Entry>)> = Vec::new();
    for (lesson, store) in lessons {
        recorded.push((lesson, store.load()?));
    }
    atomic_file::write(path, |out| {
        for (lesson, entries) in &recorded {
            serde_json::to_writer(&mut *out, &BTreeMap::from([(LESSON, lesson)]))?;
            out.write_all(b"\n")?;
            for entry in entries {
                serde_json::to_writer(&mut *out, entry)?;
                out.write_all(b"\n")?;
            }
        }
        Ok(())
    })
}
