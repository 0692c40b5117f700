//! What the model in use makes of every row of the predictions: the columns of
//! table and map. Of many rows it is made in the background.

use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::Arc;

use crate::discovery::{AnswerTable, Outcome};
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
    /// The answers of the base: rows and map stay its own, whichever model
    /// answers.
    pub(super) base: Arc<AnswerTable>,
    /// What the model in use says.
    answers: Arc<AnswerTable>,
    triage: Arc<Judgements>,
}

impl Asked {
    /// What the state asks for; judgements that have not changed since `before`
    /// are not copied.
    pub(super) fn of(state: &State, base: &Arc<AnswerTable>, before: Option<&Self>) -> Self {
        let examples = base.predictions().examples();
        let in_use = state.answers_in_use();
        let in_use = in_use.filter(|answers| answers.predictions().examples() == examples);
        let triage = &state.document.triage;
        let known = before.map(|before| &before.triage);
        Self {
            base: Arc::clone(base),
            answers: Arc::clone(in_use.unwrap_or(base)),
            triage: match known.filter(|known| ***known == *triage) {
                Some(known) => Arc::clone(known),
                None => Arc::new(triage.clone()),
            },
        }
    }
}

impl PartialEq for Asked {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.base, &other.base)
            && Arc::ptr_eq(&self.answers, &other.answers)
            && Arc::ptr_eq(&self.triage, &other.triage)
    }
}

/// All rows, in the order of the predictions.
#[derive(Default)]
pub struct Rows {
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
    pub(super) fn new(asked: &Asked) -> Self {
        let mut rows = Self::default();
        rows.facts.reserve(asked.answers.len());
        rows.counts.triaged = asked.triage.len();
        for row in asked.answers.rows() {
            rows.push(row, asked);
        }
        rows
    }

    fn push(&mut self, row: usize, asked: &Asked) {
        let (answers, example) = (&asked.answers, asked.answers.example(row));
        let (answer, outcome) = (answers.answer(row), answers.outcome(row));
        let is_uu = outcome == Outcome::UnknownUnknown;
        let is_judged = !asked.triage.is_empty() && asked.triage.contains_key(&example.key);
        if is_uu || is_judged {
            self.errors.push(row);
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
            example: answers.index(row),
            truth: answers.truth(row),
            predicted: answer.label,
            confidence: answer.confidence,
            outcome,
        });
    }
}
