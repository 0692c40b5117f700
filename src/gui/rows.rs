//! What the model in use makes of every row of the predictions: the columns of
//! table and map. Of many rows it is made in the background.

use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::Arc;

use crate::dataset::Dataset;
use crate::discovery::{Outcome, true_label};
use crate::inference::{Prediction, Predictions};
use crate::records::{Judgements, Label, Role};
use crate::steps::State;

/// One example that the base model has answered.
#[derive(Debug, Clone, PartialEq)]
pub struct RowFacts {
    /// Index into the data set.
    pub example: usize,
    /// The label given by the data, corrected by triage; none if nobody can say.
    pub truth: Option<Label>,
    /// The label predicted.
    pub predicted: Label,
    /// The model's confidence, 0 to 1.
    pub confidence: f32,
    /// What the model makes of it.
    pub outcome: Outcome,
}

/// Counts for the legend, the steps and the sliders.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Counts {
    /// Unknown unknowns in *discovery*.
    pub uus: usize,
    /// Examples in *discovery*.
    pub discovery: usize,
    /// Judged examples.
    pub triaged: usize,
    /// Unknown unknowns in *discovery* that nobody has judged.
    pub untriaged: usize,
    /// Unknown unknowns in *check*.
    pub on_check: usize,
    /// Unknown unknowns on the map that are not in *discovery*.
    pub elsewhere: usize,
}

/// What rows are made of.
#[derive(Clone)]
pub(super) struct Asked {
    pub(super) dataset: Arc<Dataset>,
    /// The predictions of the base: rows and map stay its own, whichever model
    /// answers.
    pub(super) base: Arc<Predictions>,
    /// What the model in use says.
    answers: Arc<Predictions>,
    temperature: f32,
    tau: f32,
    triage: Arc<Judgements>,
}

impl Asked {
    /// What the state asks for; judgements that have not changed since `before`
    /// are not copied.
    pub(super) fn of(state: &State, base: &Arc<Predictions>, before: Option<&Self>) -> Self {
        let in_use = state.answers();
        let in_use = in_use.filter(|answers| answers.examples() == base.examples());
        let triage = &state.document.triage;
        let known = before.map(|before| &before.triage);
        Self {
            dataset: Arc::clone(&state.dataset),
            base: Arc::clone(base),
            answers: Arc::clone(in_use.unwrap_or(base)),
            temperature: state.effective_temperature(),
            tau: state.document.settings.tau,
            triage: match known.filter(|known| ***known == *triage) {
                Some(known) => Arc::clone(known),
                None => Arc::new(triage.clone()),
            },
        }
    }
}

impl PartialEq for Asked {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.dataset, &other.dataset)
            && Arc::ptr_eq(&self.base, &other.base)
            && Arc::ptr_eq(&self.triage, &other.triage)
            && self.same_answers(other)
            && self.tau.to_bits() == other.tau.to_bits()
    }
}

impl Asked {
    fn same_answers(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.answers, &other.answers)
            && self.temperature.to_bits() == other.temperature.to_bits()
    }
}

/// All rows, in the order of the predictions.
#[derive(Default)]
pub struct Rows {
    asked: Option<Asked>,
    answers: Arc<Vec<Prediction>>,
    facts: Vec<RowFacts>,
    /// Rows that the model gets confidently wrong or that somebody has judged,
    /// ascending.
    pub errors: Vec<usize>,
    /// Counts.
    pub counts: Counts,
    /// Rows that the model gets right, and all rows, of each role.
    pub right: BTreeMap<Role, (usize, usize)>,
}

impl Deref for Rows {
    type Target = [RowFacts];

    fn deref(&self) -> &[RowFacts] {
        &self.facts
    }
}

impl Rows {
    /// Softmax over all rows is the dearest part: taken from `before` unless
    /// predictions or temperature are others.
    pub(super) fn new(asked: &Asked, before: &Rows) -> Self {
        let same = |of: &&Asked| of.same_answers(asked);
        let answers = match before.asked.as_ref().filter(same) {
            Some(_) => Arc::clone(&before.answers),
            None => {
                let rows = 0..asked.answers.len();
                let answer = |row| asked.answers.prediction(row, asked.temperature);
                Arc::new(rows.map(answer).collect())
            }
        };
        let mut rows = Self {
            asked: Some(asked.clone()),
            answers: Arc::clone(&answers),
            ..Self::default()
        };
        rows.facts.reserve(answers.len());
        rows.counts.triaged = asked.triage.len();
        for (index, answer) in asked.base.examples().iter().zip(answers.iter()) {
            rows.push(*index, *answer, asked);
        }
        rows
    }

    fn push(&mut self, index: usize, answer: Prediction, asked: &Asked) {
        let Some(example) = asked.dataset.examples.get(index) else {
            return;
        };
        let truth = true_label(example, &asked.triage);
        let outcome = Outcome::of(truth, answer, asked.tau);
        let is_uu = outcome == Outcome::UnknownUnknown;
        let is_judged = !asked.triage.is_empty() && asked.triage.contains_key(&example.key);
        if is_uu || is_judged {
            self.errors.push(self.facts.len());
        }
        let (right, all) = self.right.entry(example.role).or_default();
        *right += usize::from(outcome == Outcome::Right);
        *all += 1;
        let of_discovery = example.role == Role::Discovery;
        self.counts.discovery += usize::from(of_discovery);
        self.counts.uus += usize::from(of_discovery && is_uu);
        self.counts.untriaged += usize::from(of_discovery && is_uu && !is_judged);
        self.counts.on_check += usize::from(example.role == Role::Check && is_uu);
        self.counts.elsewhere += usize::from(!of_discovery && is_uu);
        self.facts.push(RowFacts {
            example: index,
            truth,
            predicted: answer.label,
            confidence: answer.confidence,
            outcome,
        });
    }
}
