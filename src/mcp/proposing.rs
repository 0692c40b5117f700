//! What an assistant proposes: hypotheses, and samples that are drafts until a
//! person, or the rule that the person chose, accepts them.

use serde_json::{Value, json};

use super::desk::{Desk, Seen, is_of_assistant};
use super::looking::standing;
use super::tools::{Hypotheses, Labels, NewSample, Samples};
use crate::lessons::checks::SameTexts;
use crate::records::{
    Author, BlindSpot, BlindSpotId, ExampleKey, Hypothesis, Lesson, RecordId, Review, Sample, Text,
};
use crate::session::{Command, Edited};
use crate::steps::leakage_guard::LeakageGuard;
use crate::steps::sample_checks::check_drafts;
use crate::steps::{OpenProject, State};
use crate::support::text::many;
use crate::support::{Error, Progress, Result};

/// Drafts that are given out to be labelled again at once.
const MOST_TO_LABEL: usize = 50;
/// What an assistant is told of a copy: not how near it came to which text.
const COPIES: &str = "refused: too near to a text that the comparison is made on";

/// An assistant as the author of a lesson.
pub(super) struct Writer<'a> {
    /// The teacher that it is.
    pub teacher: &'a str,
    /// What it calls itself, with its version.
    pub called: &'a str,
}

/// The lessons of a teacher, oldest snapshot first.
pub(super) fn own_lessons<'s>(
    state: &'s State,
    teacher: &'s str,
) -> impl Iterator<Item = &'s Lesson> {
    let lessons = state.document.lessons.values().map(AsRef::as_ref);
    lessons.filter(move |lesson: &&Lesson| is_of_assistant(lesson) && lesson.teacher == teacher)
}

/// Those on the blind spots in use.
fn current_lessons<'s>(state: &'s State, teacher: &'s str) -> impl Iterator<Item = &'s Lesson> {
    own_lessons(state, teacher).filter(|lesson| state.blind_spot(lesson.blind_spot).is_some())
}

/// Adds hypotheses to the assistant's lesson.
pub(super) fn hypotheses(
    desk: &Desk,
    writer: &Writer<'_>,
    of: &Hypotheses,
    progress: &Progress,
) -> Result<Value> {
    changing(desk, |project| {
        let mut edited = Edited::of(project)?;
        let known = (project, &edited.state);
        let (_, mut lesson) = lesson(known, writer, of.blind_spot, progress)?;
        lesson.cost.llm_seconds += desk.seconds_to_write();
        let mut ids = Vec::new();
        for new in &of.hypotheses {
            let id = RecordId::random("hypothesis");
            let text = new.text.trim();
            let hypothesis = Hypothesis::new(id, new.kind, text, lesson.author.clone());
            ids.push(hypothesis.id.clone());
            lesson.hypotheses.push(hypothesis);
        }
        take(&mut edited, writer, lesson)?;
        Ok(json!({ "hypotheses": ids }))
    })
}

/// Adds samples to the assistant's lesson as drafts; those that the checks
/// refuse are rejected at once.
pub(super) fn samples(
    desk: &Desk,
    writer: &Writer<'_>,
    of: &Samples,
    progress: &Progress,
) -> Result<Value> {
    changing(desk, |project| {
        let mut edited = Edited::of(project)?;
        let state = &edited.state;
        let left = desk.samples_left(&state.document);
        if of.samples.len() > left {
            return Err(Error::input(format!(
                "the budget leaves {}; nothing was kept",
                many(left, "sample")
            ))
            .hint("the person who started Blindspot can start it again with `--samples N`"));
        }
        let (spot, mut lesson) = lesson((project, state), writer, of.blind_spot, progress)?;
        let shown = lesson.shown.clone();
        let new = of.samples.iter();
        let new = new.map(|sample| draft(sample, &lesson, (state, &spot, &shown)));
        let mut new: Vec<Sample> = new.collect::<Result<_>>()?;
        check((project, state), &lesson, &mut new, progress)?;
        lesson.cost.llm_seconds += desk.seconds_to_write();
        let told: Vec<Value> = new.iter().map(standing).collect();
        lesson.samples.extend(new);
        take(&mut edited, writer, lesson)?;
        Ok(json!({
            "samples": told,
            "next": "label_samples checks their labels apart",
            "samples_left": desk.samples_left(&edited.state.document),
        }))
    })
}

/// Gives drafts without their labels, or takes the labels that they were given
/// again.
pub(super) fn labels(desk: &Desk, writer: &Writer<'_>, of: &Labels) -> Result<Value> {
    if of.labels.is_empty() {
        let project = desk.look()?;
        return to_label(&State::read(&project)?, writer.teacher);
    }
    changing(desk, |project| {
        let mut edited = Edited::of(project)?;
        let state = &edited.state;
        let lessons = current_lessons(state, writer.teacher);
        let mut lessons: Vec<Lesson> = lessons.cloned().collect();
        for new in &of.labels {
            let label = state
                .require_label(&new.label)
                .map_err(|_| no_label(state))?;
            let name = state.dataset.label_name(label);
            let mut drafts = lessons.iter_mut().flat_map(|lesson| &mut lesson.samples);
            let draft = drafts.find(|sample| sample.id.0 == new.sample);
            let draft = draft.filter(|sample| sample.review == Review::Draft);
            let draft = draft.ok_or_else(|| {
                Error::input("a sample in the list is no draft of yours; nothing was kept")
                    .hint("call `label_samples` without arguments for those that wait")
            })?;
            draft.judged_label.get_or_insert_with(|| name.to_owned());
        }
        let mut commands = vec![Command::TakeLessons {
            teacher: writer.teacher.to_owned(),
            lessons: lessons.clone(),
        }];
        if desk.terms.accept_passing {
            let accept = lessons
                .iter()
                .map(|of| Command::AcceptPassing(of.id.clone()));
            commands.extend(accept);
        }
        edited.apply(&commands)?;
        let ids: Vec<&str> = of
            .labels
            .iter()
            .map(|label| label.sample.as_str())
            .collect();
        let now = current_lessons(&edited.state, writer.teacher).flat_map(|of| &of.samples);
        let now = now.filter(|sample| ids.contains(&sample.id.0.as_str()));
        Ok(json!({ "samples": now.map(standing).collect::<Vec<_>>() }))
    })
}

fn to_label(state: &State, teacher: &str) -> Result<Value> {
    let samples = current_lessons(state, teacher).flat_map(|lesson| &lesson.samples);
    let mut waiting: Vec<&Sample> = samples
        .filter(|of| of.review == Review::Draft && of.judged_label.is_none())
        .collect();
    // Random ids in their order: another one than that of writing.
    waiting.sort_by(|a, b| a.id.cmp(&b.id));
    let left = waiting.len().saturating_sub(MOST_TO_LABEL);
    let texts = waiting.iter().take(MOST_TO_LABEL).map(|sample| {
        json!({
            "sample": sample.id,
            "text": sample.text.first,
            "second_text": sample.text.second,
        })
    });
    Ok(json!({
        "to_label": texts.collect::<Vec<_>>(),
        "labels": state.dataset.labels,
        "more_after_these": left,
    }))
}

/// Does something with the project open for writing, and closes it.
pub(super) fn changing<T>(desk: &Desk, work: impl FnOnce(&OpenProject) -> Result<T>) -> Result<T> {
    let Ok(_turn) = desk.turn.try_lock() else {
        return Err(Error::input("another call is changing the project")
            .hint("wait for its answer, or cancel it"));
    };
    let project = desk.open()?;
    let done = work(&project);
    project.store.close();
    done
}

/// A blind spot, and the assistant's lesson on it as it stands or begins.
fn lesson(
    (project, state): (&OpenProject, &State),
    writer: &Writer<'_>,
    number: u32,
    progress: &Progress,
) -> Result<(BlindSpot, Lesson)> {
    let spot = state.require_blind_spot(BlindSpotId(number))?.clone();
    let snapshot = state.require_snapshot()?.clone();
    let id = RecordId(Desk::lesson_id(writer.teacher, &snapshot, &spot));
    let shown = Seen::of(project, state, snapshot.clone(), progress)?.shown(&spot)?;
    if let Some(known) = state.document.lessons.get(&id) {
        let known = Lesson {
            shown,
            ..Lesson::clone(known)
        };
        return Ok((spot, known));
    }
    let author = Author::Llm {
        model: format!("{} over MCP", writer.called),
        prompt: None,
    };
    let lesson = Lesson {
        statement: format!(
            "Written by the assistant `{}` over the Model Context Protocol, which was shown the \
             errors listed and their contrasts. Which model it uses, what else it knew and what \
             it cost are not known here. It labelled its samples again; whether without knowing \
             the intended label, only it can say.",
            writer.called
        ),
        shown,
        ..Lesson::new(id, (spot.id, snapshot.version), writer.teacher, author)
    };
    Ok((spot, lesson))
}

fn draft(
    new: &NewSample,
    lesson: &Lesson,
    (state, spot, shown): (&State, &BlindSpot, &[ExampleKey]),
) -> Result<Sample> {
    let label = state
        .require_label(&new.label)
        .map_err(|_| no_label(state))?;
    let text = match (state.dataset.has_pairs(), &new.second_text) {
        (true, Some(second)) => Text::pair(new.text.trim(), second.trim()),
        (false, None) => Text::single(new.text.trim()),
        (true, None) => return Err(Error::input("the task has pairs: `second_text` is missing")),
        (false, Some(_)) => return Err(Error::input("the task has no pairs: no `second_text`")),
    };
    let hypothesis = new.hypothesis.clone().map(RecordId);
    let knows = |id: &RecordId| lesson.hypotheses.iter().any(|known| known.id == *id);
    if hypothesis.as_ref().is_some_and(|id| !knows(id)) {
        return Err(
            Error::input("a hypothesis that a sample names is not in your lesson")
                .hint("`propose_hypotheses` gives ids, and `drafts` lists them"),
        );
    }
    let edit_of = new.edit_of.clone().map(ExampleKey);
    if edit_of.as_ref().is_some_and(|key| !shown.contains(key)) {
        return Err(
            Error::input("`edit_of` names no shown error of this blind spot")
                .hint("`blind_spot` lists the shown errors with their ids"),
        );
    }
    let id = RecordId::random("sample");
    let name = state.dataset.label_name(label);
    Ok(Sample {
        hypothesis,
        contrast: label != spot.true_label,
        edit_of,
        review: Review::Draft,
        ..Sample::new(id, text, name, lesson.author.clone())
    })
}

fn no_label(state: &State) -> Error {
    Error::input("a sample has a label that there is not").hint(format!(
        "the labels are: {}",
        state.dataset.labels.join(", ")
    ))
}

/// The checks of any draft, against the lesson's own samples too.
fn check(
    (project, state): (&OpenProject, &State),
    lesson: &Lesson,
    new: &mut [Sample],
    progress: &Progress,
) -> Result<()> {
    let kept = lesson.samples.iter();
    let kept = kept.filter(|sample| !matches!(sample.review, Review::Rejected { .. }));
    let same = SameTexts::of(kept);
    let base = project.base(false, progress)?;
    let guard = LeakageGuard::new(project, progress)?;
    let model = (&*base.model, state.require_snapshot()?.temperature);
    check_drafts(project, model, &guard, new, &state.document)?;
    for sample in new {
        let repeats = same.other(&sample.text, None).is_some();
        match &mut sample.review {
            Review::Rejected { reason } if reason.starts_with("refused") => {
                COPIES.clone_into(reason);
            }
            review @ Review::Draft if repeats => {
                let reason = "another sample has the same text".to_owned();
                *review = Review::Rejected { reason };
            }
            _ => {}
        }
    }
    Ok(())
}

fn take(edited: &mut Edited<'_>, writer: &Writer<'_>, lesson: Lesson) -> Result<()> {
    let command = Command::TakeLessons {
        teacher: writer.teacher.to_owned(),
        lessons: vec![lesson],
    };
    edited.apply(&[command]).map(drop)
}
