//! Blind spots with their errors, and single examples.

use std::fmt;

use serde::Serialize;

use crate::dataset::Example;
use crate::inference::saliency::{Saliency, saliency};
use crate::inference::{Prediction, Predictions};
use crate::records::{BlindSpot, BlindSpotId, ExampleKey, Role, Term, Text, Triage};
use crate::steps::marks::Marks;
use crate::steps::next_action::Proposal;
use crate::steps::{OpenProject, State};
use crate::support::{Progress, Result};

/// Marks that are printed at most.
const MOST_MARKS: usize = 6;
/// Words that are printed at most.
const MOST_WORDS: usize = 8;

#[derive(Serialize)]
pub(super) struct SpotShown {
    id: BlindSpotId,
    name: String,
    label: String,
    predicted: String,
    terms: Vec<Term>,
    /// What to do next about it.
    next: Option<Proposal>,
    /// What tells its shown errors from right texts and from other blind spots.
    marks: Option<Marks>,
    /// Those that a teacher may see.
    shown: Vec<Shown>,
    /// Ids of those that are kept back; their texts reach no teacher.
    kept_back: Vec<ExampleKey>,
    /// What the model gets right near them.
    contrasts: Vec<Shown>,
}

#[derive(Serialize)]
pub(super) struct Shown {
    id: ExampleKey,
    text: Option<Text>,
    label: String,
    predicted: Option<String>,
    confidence: Option<f32>,
    triage: Option<Triage>,
}

/// A blind spot of the snapshot in use, moves by hand included.
pub(super) fn blind_spot(id: BlindSpotId, state: &State, progress: &Progress) -> Result<SpotShown> {
    let spot = state.require_blind_spot(id)?;
    let spots = &state.require_snapshot()?.blind_spots;
    let here = |part: fn(&BlindSpot) -> &[ExampleKey]| {
        let all = spots.iter().flat_map(move |of| {
            let keys = part(of).iter();
            keys.filter(move |key| state.document.place_of(key, of.id) == Some(id))
        });
        all.cloned().collect::<Vec<ExampleKey>>()
    };
    let shown = here(|spot| &spot.shown);
    let mut proposals = state.proposals(&state.doubted(progress)?).into_iter();
    Ok(SpotShown {
        id,
        name: state.blind_spot_name(id),
        label: state.dataset.label_name(spot.true_label).to_owned(),
        predicted: state.dataset.label_name(spot.predicted).to_owned(),
        terms: spot.terms.clone(),
        next: proposals.find(|proposal| proposal.blind_spot == id),
        marks: state.compared(id).map(|compared| compared.marks()),
        shown: shown.iter().filter_map(|key| line(key, state)).collect(),
        kept_back: here(|spot| &spot.kept_back),
        contrasts: spot
            .contrasts
            .iter()
            .filter_map(|key| line(key, state))
            .collect(),
    })
}

pub(super) fn line(key: &ExampleKey, state: &State) -> Option<Shown> {
    let index = state.dataset.index_of(key)?;
    let example = &state.dataset.examples[index];
    let answers = state.frozen_answers();
    let row = answers.and_then(|answers| answers.row_of(index));
    let said = answers.zip(row).map(|(answers, row)| answers.answer(row));
    let name = |said: Prediction| state.dataset.label_name(said.label).to_owned();
    Some(Shown {
        id: key.clone(),
        text: example.text().cloned(),
        label: state.dataset.label_name(example.label).to_owned(),
        predicted: said.map(name),
        confidence: said.map(|said| said.confidence),
        triage: state.document.triage.get(key).copied(),
    })
}

impl fmt::Display for SpotShown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "blind spot {} “{}” ({} → {}), {} kept back",
            self.id,
            self.name,
            self.label,
            self.predicted,
            self.kept_back.len()
        )?;
        if let Some(next) = &self.next {
            write!(f, "\n  next: {}; {}", next.said(), next.action.how())?;
        }
        for mark in self
            .marks
            .iter()
            .flat_map(|all| &all.marks)
            .take(MOST_MARKS)
        {
            write!(f, "\n  marked by {}", mark.said())?;
        }
        for error in &self.shown {
            write!(f, "\n  {error}")?;
        }
        if !self.contrasts.is_empty() {
            f.write_str("\nright near them")?;
        }
        for contrast in &self.contrasts {
            write!(f, "\n  {contrast}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.text.as_ref().map(Text::joined).unwrap_or_default();
        write!(f, "{}  {}", self.id, self.label)?;
        if let (Some(predicted), Some(confidence)) = (&self.predicted, self.confidence) {
            write!(f, " → {predicted} ({confidence:.2})")?;
        }
        match self.triage {
            None => {}
            Some(Triage::RealError) => f.write_str("  [real error]")?,
            Some(Triage::WrongLabel(_)) => f.write_str("  [wrong label]")?,
            Some(Triage::Ambiguous) => f.write_str("  [ambiguous]")?,
        }
        write!(f, "  {text}")
    }
}

/// What is wanted of an example.
pub(super) struct Wanted {
    pub key: ExampleKey,
    pub words: bool,
    pub round: Option<u32>,
    pub second: Option<u32>,
}

#[derive(Serialize)]
pub(super) struct ExampleShown {
    #[serde(flatten)]
    line: Shown,
    role: Role,
    source: String,
    /// The label after corrections, where anybody can say it.
    truth: Option<String>,
    blind_spot: Option<BlindSpotId>,
    /// What each model of a round says.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    round: Vec<Said>,
    /// What a second model says, unless it was not asked for this example.
    #[serde(skip_serializing_if = "Option::is_none")]
    second: Option<Answer>,
    #[serde(skip_serializing_if = "Option::is_none")]
    words: Option<Vec<Word>>,
}

#[derive(Serialize)]
struct Said {
    arm: String,
    seed: u64,
    #[serde(flatten)]
    answer: Answer,
}

#[derive(Serialize)]
struct Answer {
    label: String,
    confidence: f32,
}

impl Answer {
    fn of(said: Prediction, state: &State) -> Self {
        Self {
            label: state.dataset.label_name(said.label).to_owned(),
            confidence: said.confidence,
        }
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({:.2})", self.label, self.confidence)
    }
}

/// A word and what it does to the answer of the model in use.
#[derive(Serialize)]
struct Word {
    word: String,
    /// Probability of the answer minus its probability without the word.
    effect: f32,
}

/// One example, with as much as is wanted.
pub(super) fn one(
    wanted: &Wanted,
    project: &OpenProject,
    state: &State,
    progress: &Progress,
) -> Result<ExampleShown> {
    let example = state.require_example(&wanted.key)?;
    let index = state.dataset.index_of(&wanted.key).unwrap_or_default();
    let line = line(&wanted.key, state);
    let truth = state.truths().of(&state.dataset, index);
    let members = state.members();
    let mut spots = members.iter();
    let spot = spots.find(|(_, keys)| keys.contains(&wanted.key));
    let words = match (wanted.words, example.text()) {
        (true, Some(text)) => Some(words(text, project, state, progress)?),
        _ => None,
    };
    Ok(ExampleShown {
        line: line.unwrap_or_else(|| unknown(example)),
        role: example.role,
        source: source(example, state),
        truth: truth.map(|label| state.dataset.label_name(label).to_owned()),
        blind_spot: spot.map(|(id, _)| *id),
        round: match wanted.round {
            Some(number) => said_in(number, index, project, state)?,
            None => Vec::new(),
        },
        second: match wanted.second {
            Some(number) => said_by_second(number, index, project, state)?,
            None => None,
        },
        words,
    })
}

fn unknown(example: &Example) -> Shown {
    Shown {
        id: example.key.clone(),
        text: None,
        label: String::new(),
        predicted: None,
        confidence: None,
        triage: None,
    }
}

fn source(example: &Example, state: &State) -> String {
    let sources = &state.dataset.sources;
    let name = sources.get(usize::from(example.source));
    name.cloned().unwrap_or_default()
}

fn said_in(number: u32, index: usize, project: &OpenProject, state: &State) -> Result<Vec<Said>> {
    let round = &state.require_round(number)?.round;
    let temperature = state.effective_temperature();
    let answers = project.answers_of(round)?;
    let said = |predictions: &Predictions| predictions.of_example(index, temperature);
    let all = answers.iter().filter_map(|(run, predictions)| {
        let said = said(predictions)?;
        Some(Said {
            arm: run.arm.to_string(),
            seed: run.seed,
            answer: Answer::of(said, state),
        })
    });
    Ok(all.collect())
}

fn said_by_second(
    number: u32,
    index: usize,
    project: &OpenProject,
    state: &State,
) -> Result<Option<Answer>> {
    let model = &state.require_second_model(number)?.model;
    let answers = project.answers_of_second(model)?;
    let said = answers.of_example(index, state.effective_temperature());
    Ok(said.map(|said| Answer::of(said, state)))
}

fn words(
    text: &Text,
    project: &OpenProject,
    state: &State,
    progress: &Progress,
) -> Result<Vec<Word>> {
    let model = project.model_in_use(progress)?;
    let longest = project.workspace.longest_text(&model);
    let found: Saliency = saliency(
        &model,
        text,
        longest,
        state.effective_temperature(),
        progress,
    )?;
    let word = |effect: &crate::inference::saliency::WordEffect| Word {
        word: effect.of(text).to_owned(),
        effect: effect.effect,
    };
    Ok(found.strongest(usize::MAX).into_iter().map(word).collect())
}

impl fmt::Display for ExampleShown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n  {} · {}", self.line, self.role, self.source)?;
        if let Some(spot) = self.blind_spot {
            write!(f, " · blind spot {spot}")?;
        }
        for said in &self.round {
            let Said { arm, seed, answer } = said;
            write!(f, "\n  {arm}, seed {seed}: {answer}")?;
        }
        if let Some(answer) = &self.second {
            write!(f, "\n  second model: {answer}")?;
        }
        for word in self.words.iter().flatten().take(MOST_WORDS) {
            write!(f, "\n  {:+.2}  {}", word.effect, word.word)?;
        }
        Ok(())
    }
}
