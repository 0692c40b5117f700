//! Lessons as a file, for a project on another machine.

use std::path::Path;

use crate::records::{Author, Document, Lesson};
use crate::steps::leakage_guard::without_copied_texts;
use crate::steps::{OpenProject, read_lessons};
use crate::support::{Error, Progress, Result, atomic_file};

/// Writes the lessons of people as JSON Lines, to be
/// [imported](super::import_lessons) elsewhere, without samples that copy
/// *check* or *final*. Gives how many there are.
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
