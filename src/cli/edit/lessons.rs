//! Hypotheses and samples by hand, and the review of drafts: what a window's
//! panels for teaching send.

use super::Written;
use super::args::{HypothesisArgs, LessonArgs, SampleArgs};
use crate::lessons::checks::SameTexts;
use crate::records::{
    Author, BlindSpotId, Cost, ExampleKey, Hypothesis, Lesson, RecordId, Review, Sample, Text,
};
use crate::session::Command;
use crate::steps::leakage_guard::LeakageGuard;
use crate::steps::sample_checks::{answers, problems};
use crate::steps::{OpenProject, State};
use crate::support::{Error, Progress, Result};

/// Commands with what they will have written.
type Writing = (Vec<Command>, Written);

/// A hypothesis that is written or changed.
pub(super) fn hypothesis(args: &HypothesisArgs, state: &State) -> Result<Writing> {
    let text = args.text.trim().to_owned();
    let (mut commands, lesson, hypothesis) = match &args.change {
        Some(id) => {
            let (lesson, old) = state.require_hypothesis(&RecordId(id.clone()))?;
            let changed = Hypothesis {
                text,
                kind: args.kind.unwrap_or(old.kind),
                pattern: args.pattern.clone().or(old.pattern.clone()),
                ..old.clone()
            };
            (Vec::new(), lesson.id.clone(), changed)
        }
        None => {
            let (begun, lesson) = lesson_of(&args.lesson, state)?;
            let id = RecordId::random("hypothesis");
            let kind = args.kind.unwrap_or_default();
            let new = Hypothesis {
                pattern: args.pattern.clone(),
                ..Hypothesis::new(id, kind, text, Author::Human)
            };
            (begun, lesson, new)
        }
    };
    let written = Written {
        lesson: Some(lesson.clone()),
        hypothesis: Some(hypothesis.id.clone()),
        ..Written::default()
    };
    commands.push(Command::PutHypothesis { lesson, hypothesis });
    Ok((commands, written))
}

/// The lesson of a teacher on a blind spot, with the command that begins it if
/// there is none.
fn lesson_of(args: &LessonArgs, state: &State) -> Result<(Vec<Command>, RecordId)> {
    let number = args.blind_spot.unwrap_or_default();
    let spot = state.require_blind_spot(BlindSpotId(number))?.id;
    let version = state.require_snapshot()?.version;
    let teacher = args.by.trim();
    let known = state.document.lessons.values().find(|lesson| {
        let here = (lesson.blind_spot, lesson.snapshot) == (spot, version);
        here && lesson.teacher == teacher && lesson.author == Author::Human
    });
    if let Some(known) = known {
        return Ok((Vec::new(), known.id.clone()));
    }
    let shown = state.evidence().map(|evidence| {
        let shown = evidence.shown(spot).iter();
        let keys = shown.map(|error| state.dataset.examples[error.example].key.clone());
        keys.collect()
    });
    let lesson = Lesson {
        statement: "Written by a person on the command line".into(),
        shown: shown.unwrap_or_default(),
        cost: Cost {
            hourly_rate: state.hourly_rate,
            ..Cost::default()
        },
        ..Lesson::new(
            RecordId::random("lesson"),
            (spot, version),
            teacher,
            Author::Human,
        )
    };
    let id = lesson.id.clone();
    Ok((vec![Command::PutLessons(vec![lesson])], id))
}

/// A sample that is written or changed: it is checked first, and counts at
/// once.
pub(super) fn sample(
    args: &SampleArgs,
    project: &OpenProject,
    state: &State,
    progress: &Progress,
) -> Result<Writing> {
    let (mut commands, lesson, mut sample) = match &args.change {
        Some(id) => changed(id, args, state)?,
        None => new_sample(args, state)?,
    };
    if let Some(key) = &sample.edit_of {
        state.require_example(key)?;
    }
    check(&mut sample, project, state, progress)?;
    let said = sample.model_answer.as_ref();
    let written = Written {
        lesson: Some(lesson.clone()),
        sample: Some(sample.id.clone()),
        model_says: said.map(|said| said.label.clone()),
        confidence: said.map(|said| said.confidence),
        fools: said.map(|said| said.label != sample.label),
        ..Written::default()
    };
    let sample = Box::new(sample);
    commands.push(Command::PutSample { lesson, sample });
    Ok((commands, written))
}

fn new_sample(args: &SampleArgs, state: &State) -> Result<(Vec<Command>, RecordId, Sample)> {
    let (commands, lesson) = lesson_of(&args.lesson, state)?;
    let text = text_of(args, None, state)?;
    let label = label_of(args.label.as_deref().unwrap_or_default(), state)?;
    let number = args.lesson.blind_spot.unwrap_or_default();
    let spot = state.require_blind_spot(BlindSpotId(number))?;
    let right = state.dataset.label_name(spot.true_label);
    let sample = Sample {
        hypothesis: args.hypothesis.clone().map(RecordId),
        contrast: label != right,
        edit_of: args.edit_of.clone().map(ExampleKey),
        ..Sample::new(RecordId::random("sample"), text, label, Author::Human)
    };
    Ok((commands, lesson, sample))
}

/// A sample with a new text, label or hypothesis. One of a language model is
/// the work of both then.
fn changed(id: &str, args: &SampleArgs, state: &State) -> Result<(Vec<Command>, RecordId, Sample)> {
    let (lesson, old) = state.require_sample(&RecordId(id.to_owned()))?;
    let text = text_of(args, Some(&old.text), state)?;
    let label = match &args.label {
        Some(label) => label_of(label, state)?,
        None => old.label.clone(),
    };
    let spot = state.blind_spot(lesson.blind_spot);
    let right = spot.map(|spot| state.dataset.label_name(spot.true_label));
    let same = text == old.text;
    let is_edit = !same || label != old.label;
    let sample = Sample {
        contrast: right.map_or(old.contrast, |right| label != right),
        hypothesis: args
            .hypothesis
            .clone()
            .map(RecordId)
            .or(old.hypothesis.clone()),
        edit_of: args.edit_of.clone().map(ExampleKey).or(old.edit_of.clone()),
        edited: old.edited || (is_edit && old.author != Author::Human),
        // What was judged was another text.
        judged_label: old.judged_label.clone().filter(|_| same),
        review: Review::Accepted,
        text,
        label,
        ..old.clone()
    };
    Ok((Vec::new(), lesson.id.clone(), sample))
}

fn text_of(args: &SampleArgs, old: Option<&Text>, state: &State) -> Result<Text> {
    let before = old.map(|old| old.first.as_str());
    let first = args.text.as_deref().or(before).unwrap_or_default().trim();
    let before = old.and_then(|old| old.second.as_deref());
    let second = args.second.as_deref().or(before);
    match (state.dataset.has_pairs(), second) {
        (true, Some(second)) => Ok(Text::pair(first, second.trim())),
        (false, None) => Ok(Text::single(first)),
        (true, None) => Err(Error::input("the task has pairs of texts")
            .hint("give the second text with `--second`")),
        (false, Some(_)) => {
            Err(Error::input("the task has single texts").hint("leave `--second` out"))
        }
    }
}

fn label_of(name: &str, state: &State) -> Result<String> {
    let label = state.require_label(name)?;
    Ok(state.dataset.label_name(label).to_owned())
}

/// Notes what the base says to a sample.
///
/// # Errors
/// When the sample copies a text of *check* or *final*, or has the text of
/// another one or of a row.
fn check(
    sample: &mut Sample,
    project: &OpenProject,
    state: &State,
    progress: &Progress,
) -> Result<()> {
    let lessons = state.document.lessons.values();
    let others = lessons
        .flat_map(|lesson| &lesson.samples)
        .filter(|other| other.is_accepted() && other.id != sample.id);
    let same = SameTexts::of(others.chain([&*sample]));
    let guard = LeakageGuard::new(project, progress)?;
    let against = (&same, &state.shown_errors());
    let found = problems(project, &guard, &[sample], against, progress)?;
    if let Some(problem) = found.into_iter().flatten().next() {
        return Err(Error::input(format!("the sample does not pass: {problem}"))
            .hint("write another text; nothing was changed"));
    }
    let base = project.base(false, progress)?;
    let model = (&*base.model, state.effective_temperature());
    let said = answers(project, model, &[&sample.text], progress)?;
    sample.model_answer = said.into_iter().next();
    Ok(())
}

/// Samples that are accepted or rejected one by one. One that the checks had
/// rejected passes them first.
pub(super) fn reviewed(
    ids: &[String],
    review: &Review,
    project: &OpenProject,
    state: &State,
    progress: &Progress,
) -> Result<Writing> {
    let mut commands = Vec::with_capacity(ids.len());
    for id in ids {
        let (lesson, sample) = state.require_sample(&RecordId(id.clone()))?;
        let mut sample = sample.clone();
        let was_rejected = matches!(sample.review, Review::Rejected { .. });
        if was_rejected && *review == Review::Accepted {
            check(&mut sample, project, state, progress)?;
        }
        sample.review = review.clone();
        commands.push(Command::PutSample {
            lesson: lesson.id.clone(),
            sample: Box::new(sample),
        });
    }
    Ok((commands, Written::default()))
}

/// Samples, or hypotheses with their samples, that are removed.
pub(super) fn removed(ids: &[String], state: &State) -> Result<Writing> {
    let command = |id: &String| {
        let id = RecordId(id.clone());
        if let Ok((lesson, _)) = state.require_hypothesis(&id) {
            return Ok(Command::RemoveHypothesis {
                lesson: lesson.id.clone(),
                hypothesis: id,
            });
        }
        let (lesson, _) = state.require_sample(&id)?;
        Ok(Command::RemoveSample {
            lesson: lesson.id.clone(),
            sample: id,
        })
    };
    let commands = ids.iter().map(command).collect::<Result<_>>()?;
    Ok((commands, Written::default()))
}
