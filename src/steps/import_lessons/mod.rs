//! Lessons that were written elsewhere: whole lessons as JSON Lines, as an
//! expert sends them back and `export` writes them, or a table of samples.
//! Whichever they are, they are read, their samples pass the same checks as
//! typed ones, and they are joined with those of the project.

mod join;
mod table;

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};
use std::path::Path;

pub use self::join::JoinedLessons;
use self::join::Teachable;
pub use self::table::Defaults;
use crate::lessons::checks::SameTexts;
use crate::records::{Lesson, RecordId, Review, Sample, Text, resolve};
use crate::steps::hand_over::is_meant_as_hand_over;
use crate::steps::leakage_guard::LeakageGuard;
use crate::steps::sample_checks::{answers, problems};
use crate::steps::{OpenProject, State, read_lessons};
use crate::support::{Error, Progress, Result, user_file};

/// Lessons that came in: their samples are checked, but they are not joined
/// with those of the project. Checking takes long enough for somebody to go on
/// writing meanwhile.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CheckedLessons {
    /// The lessons as the file has them.
    pub lessons: Vec<Lesson>,
    /// Samples that the checks let through.
    pub accepted: usize,
    /// Samples that they did not, with the reason.
    pub refused: Vec<(RecordId, String)>,
}

/// From so many samples on an import is asked about first.
const MANY: usize = 2_000;

/// Why an import may not be what was meant, once the file is read and before
/// anything is checked or kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Unusual {
    /// Samples in the file.
    pub samples: usize,
    /// What is unusual, in words.
    pub why: String,
}

impl Unusual {
    fn of(samples: usize, says_what_for: bool) -> Option<Self> {
        let why = match (samples > MANY, says_what_for) {
            (false, true) => return None,
            (_, false) => {
                "no column says which hypothesis or blind spot they are for, so that each goes to \
                 the blind spot nearest to it"
            }
            (true, true) => "that is far more than lessons usually have",
        };
        let why = why.to_owned();
        Some(Self { samples, why })
    }
}

/// Reads lessons and checks their samples, and keeps nothing.
///
/// The file holds whole lessons (JSON Lines), or samples in any table format:
/// columns `text` and `label`, and optionally `text_b`, `hypothesis`,
/// `teacher`, `blind_spot` (number or name) and `contrast`. A sample without a
/// blind spot goes to the nearest. `agree` is asked first about what looks as
/// if another file had been meant, and an error of it ends the import.
///
/// # Errors
/// When the file holds no lessons or is one of the project's own, a row makes
/// no sense, nothing is frozen that a table's samples could belong to, `agree`
/// does not, the base cannot be loaded, or when cancelled.
pub fn checked_lessons(
    project: &OpenProject,
    state: &State,
    (file, defaults): (&Path, &Defaults),
    agree: &dyn Fn(&Unusual) -> Result<()>,
    progress: &Progress,
) -> Result<CheckedLessons> {
    if is_meant_as_hand_over(file) {
        return Err(Error::input(format!(
            "`{}` is what went out, not what comes back",
            file.display()
        ))
        .hint("the expert opens it in Blindspot, teaches, and saves the lessons as a file"));
    }
    refuse_own_data(project, file)?;
    if holds_lessons(file)? {
        let mut lessons = read_lessons(file)?;
        let samples = lessons.iter().map(|lesson| lesson.samples.len()).sum();
        Unusual::of(samples, true).map_or(Ok(()), |unusual| agree(&unusual))?;
        let dataset = &project.workspace.dataset;
        for sample in lessons.iter_mut().flat_map(|lesson| &mut lesson.samples) {
            // However the label is written, it is kept by its name.
            if let Some(label) = dataset.label_meant(&sample.label) {
                dataset.label_name(label).clone_into(&mut sample.label);
            }
        }
        return checked(project, state, lessons, progress);
    }
    table::checked_samples(project, state, (file, defaults), agree, progress)
}

/// What the project's own data are is no lesson, whatever its columns are
/// called.
fn refuse_own_data(project: &OpenProject, file: &Path) -> Result<()> {
    let workspace = &project.workspace;
    let Ok(named) = std::fs::canonicalize(file) else {
        return Ok(());
    };
    for data in &workspace.manifest.data.files {
        let path = resolve(&workspace.folder, &data.path)?;
        if std::fs::canonicalize(path).is_ok_and(|own| named.starts_with(own)) {
            return Err(Error::input(format!(
                "`{}` is data of this project, not lessons for it",
                file.display()
            ))
            .hint(
                "name the file that came back, or a table of new samples with the columns text, \
                 label, hypothesis",
            ));
        }
    }
    Ok(())
}

/// Whether the first line of a file is a whole lesson.
fn holds_lessons(file: &Path) -> Result<bool> {
    let opened = user_file::open(file)?;
    // What is no text is no lesson.
    let mut lines = BufReader::new(opened).lines().map_while(|line| line.ok());
    let first = lines.find(|line| !line.trim().is_empty());
    let value = first.and_then(|line| serde_json::from_str::<serde_json::Value>(&line).ok());
    Ok(value.is_some_and(|value| value.get("samples").is_some()))
}

/// Runs the sample checks: accepted samples that do not pass are rejected, and
/// drafts stay drafts. What the base says to accepted samples is noted, where
/// it was not noted before. Lessons on blind spots that are not there are left
/// as they are.
///
/// # Errors
/// When the base cannot be loaded, a text does not fit the model, or when
/// cancelled.
fn checked(
    project: &OpenProject,
    state: &State,
    lessons: Vec<Lesson>,
    progress: &Progress,
) -> Result<CheckedLessons> {
    let mut checked = CheckedLessons {
        lessons,
        ..CheckedLessons::default()
    };
    let teachable = Teachable::of(&state.snapshots);
    let known = (checked.lessons.iter_mut()).filter(|lesson| teachable.is_taught_by(lesson));
    let mut replaced = BTreeSet::new();
    let mut samples: Vec<&mut Sample> = known
        .flat_map(|lesson| &mut lesson.samples)
        .inspect(|sample| {
            replaced.insert(sample.id.clone());
        })
        .filter(|sample| sample.is_accepted())
        .collect();
    if samples.is_empty() {
        return Ok(checked);
    }
    let here = state.document.lessons.values();
    let here = here.flat_map(|lesson| &lesson.samples);
    // What was rejected before stands in nobody's way.
    let stays = |sample: &&Sample| sample.is_accepted() && !replaced.contains(&sample.id);
    let new: Vec<&Sample> = samples.iter().map(|sample| &**sample).collect();
    let same = SameTexts::of(here.filter(stays).chain(new.iter().copied()));
    let guard = LeakageGuard::new(project, progress)?;
    let checked_against = (&same, &state.shown_errors());
    let problems = problems(project, &guard, &new, checked_against, progress)?;
    for (sample, problem) in samples.iter_mut().zip(problems) {
        match problem {
            None => checked.accepted += 1,
            Some(reason) => {
                checked.refused.push((sample.id.clone(), reason.clone()));
                sample.review = Review::Rejected { reason };
            }
        }
    }
    samples.retain(|sample| sample.model_answer.is_none());
    if samples.is_empty() {
        return Ok(checked);
    }
    let base = project.base(false, progress)?;
    let model = (&*base.model, state.effective_temperature());
    let texts: Vec<&Text> = samples.iter().map(|sample| &sample.text).collect();
    let said = answers(project, model, &texts, progress)?;
    for (sample, said) in samples.into_iter().zip(said) {
        sample.model_answer = Some(said);
    }
    Ok(checked)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;
    use crate::project::Kind;
    use crate::records::{Author, BlindSpotId, Snapshot, fixture};
    use crate::steps::staleness_tests::{open, tiny_project};
    use crate::support::Update;

    /// Runs the checks, and counts the texts that some model was asked about.
    fn counted(project: &OpenProject, state: &State, lesson: Lesson) -> (CheckedLessons, u64) {
        let asked = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&asked);
        let progress = Progress::new(move |update| {
            if let Update::Stage { name, total } = update
                && name.ends_with("scoring")
            {
                counter.fetch_add(total.unwrap_or(0), Ordering::Relaxed);
            }
        });
        let checked = checked(project, state, vec![lesson], &progress).expect("checks");
        (checked, asked.load(Ordering::Relaxed))
    }

    fn one_blind_spot(model: &str) -> Snapshot {
        Snapshot {
            blind_spots: vec![fixture::blind_spot(BlindSpotId(1), "films")],
            ..fixture::snapshot(model)
        }
    }

    #[test]
    fn each_text_is_asked_about_once_and_what_is_known_never_again() {
        let folder = tiny_project();
        let project = open(folder.path());
        let base = project.base(false, &Progress::silent()).expect("fits");
        let mut state = State::read(&project).expect("reads");
        state
            .snapshots
            .push(Arc::new(one_blind_spot(&base.info.id)));
        let mut lesson = Lesson::new(
            RecordId("lesson".into()),
            (BlindSpotId(1), 1),
            "teacher",
            Author::Human,
        );
        let sample = |id: &str, text: &str| {
            let text = Text::single(text);
            Sample::new(RecordId(id.into()), text, "good", Author::Human)
        };
        lesson.samples = vec![
            sample("a", "a wonderful evening"),
            sample("b", "nothing happens for hours"),
            sample("c", "A wonderful evening!"),
        ];

        // Sealed and check texts, and the samples by encoder and base; the
        // training texts say nothing on what may come in.
        let (first, asked) = counted(&project, &state, lesson);
        assert_eq!(asked, 16 + 3 + 3);
        assert_eq!(first.accepted, 2);
        assert_eq!(first.refused[0].0.0, "c");

        let again = first.lessons[0].clone();
        let (second, asked) = counted(&project, &state, again.clone());
        assert_eq!((second.accepted, asked), (2, 0));

        // A damaged file is no reason to stop, and is made again.
        let kept = project.store.files().all().expect("lists");
        let kept = kept.iter().find(|file| file.key.kind() == Kind::Samples);
        let path = project.store.files().path(&kept.expect("is kept").key);
        let mut bytes = std::fs::read(&path).expect("reads");
        *bytes.last_mut().expect("bytes") ^= 1;
        std::fs::write(&path, bytes).expect("writes");
        let (third, asked) = counted(&project, &state, again);
        assert_eq!((third.accepted, asked), (2, 2), "two are accepted still");
        assert_eq!(third.lessons, second.lessons);
    }
}
