//! Each blind spot with examples that a teacher was shown, and its lessons.

use maud::{Markup, html};

use super::Told;
use super::sheet::sheet;
use super::words::percent;
use crate::blind_spots::STABLE_FROM;
use crate::comparison::Comparison;
use crate::comparison::figures::of_region;
use crate::records::{
    Author, BlindSpot, BlindSpotId, HypothesisKind, Lesson, Role, Sample, Snapshot, Text,
};
use crate::steps::discover::figures::{figures, found_spot};
use crate::steps::evidence::Evidence;
use crate::support::text::{many, mean_count};

/// Examples, contrasts and samples that are printed of each blind spot.
const EXAMPLES: usize = 5;
const CONTRASTS: usize = 2;
const SAMPLES: usize = 4;

/// All blind spots of the snapshot in use.
pub(super) fn section(told: &Told<'_>) -> Markup {
    let Some(snapshot) = told.state.snapshot() else {
        return html! {
            section {
                h2 { "Blind spots" }
                p { "None has been frozen yet." }
            }
        };
    };
    let evidence = told.state.evidence();
    let one = |spot| one(told, snapshot, spot, evidence.as_ref());
    html! {
        section {
            h2 { "Blind spots" }
            p { (stability(snapshot)) }
            @for note in &snapshot.notes { p.note { (note) } }
            p.note {
                "Examples are from discovery, and only those that teachers were shown: a third of \
                 each blind spot is kept back for testing hypotheses. What triage found to be no \
                 real error is left out."
            }
            @for spot in &snapshot.blind_spots { (one(spot)) }
        }
    }
}

fn stability(snapshot: &Snapshot) -> String {
    let made = format!(
        "Snapshot {}, frozen {}, τ = {:.2}.",
        snapshot.version, snapshot.created, snapshot.settings.tau
    );
    match snapshot.stability {
        None => made,
        Some(value) if value < STABLE_FROM => format!(
            "{made} The groups are not stable: adjusted Rand index {value:.2} on resampled \
             errors, below {STABLE_FROM}."
        ),
        Some(value) => {
            format!("{made} Stability on resampled errors: adjusted Rand index {value:.2}.")
        }
    }
}

fn one(
    told: &Told<'_>,
    snapshot: &Snapshot,
    spot: &BlindSpot,
    evidence: Option<&Evidence<'_>>,
) -> Markup {
    let state = &told.state;
    let found = found_spot(spot, snapshot, &state.document, &state.dataset);
    let figures: Vec<String> = figures()[1..]
        .iter()
        .map(|figure| figure.said(&found))
        .collect();
    let shown = evidence.map_or(&[][..], |evidence| evidence.shown(spot.id));
    let contrasts = evidence.map_or_else(Vec::new, |evidence| evidence.contrasts(spot));
    let terms: Vec<&str> = spot
        .terms
        .iter()
        .take(8)
        .map(|term| term.word.as_str())
        .collect();
    let lessons = state.document.lessons.values().map(AsRef::as_ref);
    let lessons: Vec<&Lesson> = lessons
        .filter(|lesson| lesson.blind_spot == spot.id)
        .collect();
    html! {
        section.spot {
            h3 { (spot.id) ". " (state.blind_spot_name(spot.id)) }
            p.small {
                (figures.join("; "))
                @if let Some(evidence) = evidence { (after_triage(evidence, spot)) }
                @if !terms.is_empty() { ". Distinctive terms: " (terms.join(", ")) }
            }
            ul.examples {
                @for error in shown.iter().take(EXAMPLES) { (example(told, error.example)) }
            }
            @if !contrasts.is_empty() {
                h4 { "Similar, and the model gets them right" }
                ul.examples.right {
                    @for index in contrasts.iter().take(CONTRASTS) { (example(told, *index)) }
                }
            }
            @for lesson in &lessons { (taught(lesson, spot)) (learnt(told, lesson)) }
            @if lessons.is_empty() { p.note { "No lesson was written for it." } }
            (became(told, spot.id))
        }
    }
}

/// How many errors there are now, where people have judged or moved some.
fn after_triage(evidence: &Evidence<'_>, spot: &BlindSpot) -> String {
    let (shown, kept_back) = (evidence.shown(spot.id), evidence.kept_back(spot.id));
    if (shown.len(), kept_back.len()) == (spot.shown.len(), spot.kept_back.len()) {
        return String::new();
    }
    format!(
        "; after triage and moves {} shown and {} kept back go on",
        shown.len(),
        kept_back.len()
    )
}

/// One discovery example; nothing for any other role.
fn example(told: &Told<'_>, index: usize) -> Markup {
    let dataset = &told.state.dataset;
    let example = &dataset.examples[index];
    if example.role != Role::Discovery {
        return html! {};
    }
    let label = told.state.truths().of(dataset, index);
    let answer = (told.state.predictions.as_ref())
        .and_then(|predictions| predictions.of_example(index, 1.0));
    html! {
        li {
            @if let Some(text) = example.text() { (both(text)) }
            span.said {
                (dataset.label_name(label.unwrap_or(example.label)))
                @if let Some(answer) = answer {
                    "; the model says " (dataset.label_name(answer.label)) " ("
                    (percent(f64::from(answer.confidence))) ")"
                }
                " · " (dataset.sources[usize::from(example.source)])
            }
        }
    }
}

fn both(text: &Text) -> Markup {
    html! {
        (text.first)
        @if let Some(second) = &text.second { br; (second) }
    }
}

fn taught(lesson: &Lesson, spot: &BlindSpot) -> Markup {
    let author = match &lesson.author {
        Author::Human => match lesson.familiarity {
            Some(familiarity) => format!("a person; the domain: {}", familiarity.in_words()),
            None => "a person".to_owned(),
        },
        Author::Llm { model, .. } => format!("the language model {model}"),
    };
    let accepted: Vec<&Sample> = lesson
        .samples
        .iter()
        .filter(|sample| sample.is_accepted())
        .collect();
    html! {
        h4 { "Lesson by " (lesson.teacher) " (" (author) ")" }
        @if !lesson.statement.is_empty() { p.note { (lesson.statement) } }
        @if let Some(said) = written_from_others(lesson, spot) { p.note { (said) } }
        ul {
            @for hypothesis in &lesson.hypotheses {
                li {
                    (hypothesis.text)
                    span.said {
                        @match hypothesis.kind {
                            HypothesisKind::Abstraction => "by abstraction",
                            HypothesisKind::Extrapolation => "by extrapolation",
                        }
                    }
                }
            }
        }
        @if !accepted.is_empty() {
            p.small {
                (accepted.len()) " accepted samples, "
                (accepted.iter().filter(|sample| sample.contrast).count()) " of them contrasts"
                @if accepted.len() > SAMPLES { "; the first " (SAMPLES) }
            }
            ul.examples.sample {
                @for sample in accepted.iter().take(SAMPLES) {
                    li {
                        (both(&sample.text))
                        span.said { (sample.label)
                            @if sample.contrast { ", a contrast" }
                            @if sample.edited { ", changed by a person" }
                        }
                    }
                }
            }
        }
    }
}

/// What is said where a teacher did not see the very errors that are shown of
/// a blind spot now.
fn written_from_others(lesson: &Lesson, spot: &BlindSpot) -> Option<String> {
    let seen = lesson
        .shown
        .iter()
        .filter(|key| spot.shown.contains(key))
        .count();
    let same = (seen, seen) == (lesson.shown.len(), spot.shown.len());
    (!same && !lesson.shown.is_empty()).then(|| {
        format!(
            "It was written from {}, {seen} of which are among the {} that are shown of this \
             blind spot now.",
            many(lesson.shown.len(), "error"),
            spot.shown.len()
        )
    })
}

/// Whether the last round's models have learnt a lesson, by its test samples.
fn learnt(told: &Told<'_>, lesson: &Lesson) -> Markup {
    let taught = told.last().map(|last| last.round.taught.iter());
    let taught = taught.into_iter().flatten();
    let taught = taught.filter(|taught| taught.lesson == lesson.id && !taught.tested.is_empty());
    html! {
        @for taught in taught {
            p.small {
                "Of " (taught.tested.len()) " samples that were kept for testing, the base labels "
                (taught.passed_before) " as intended"
                @for test in &taught.passed_after {
                    ", " (test.arm) " " (mean_count(test.mean())) " (mean of " (many(test.passed.len(), "seed")) ")"
                }
            }
        }
    }
}

/// The unknown unknowns in the blind spot's region, before and after.
fn became(told: &Told<'_>, id: BlindSpotId) -> Markup {
    let check = || told.last()?.comparison(Role::Check).map(AsRef::as_ref);
    let comparison: Option<&Comparison> = told.sealed().map(|(_, c)| c).or_else(check);
    let found =
        |comparison: &&Comparison| comparison.blind_spots.iter().any(|s| s.blind_spot == id);
    let Some(comparison) = comparison.filter(found) else {
        return html! {};
    };
    let spots = comparison
        .blind_spots
        .iter()
        .filter(|spot| spot.blind_spot == id);
    html! { @for spot in spots { (sheet(&of_region(comparison, spot))) } }
}
