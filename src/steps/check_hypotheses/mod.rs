//! Hypotheses asked of texts that their writers have not seen: which rows
//! those are in a project, who answers, and what is kept of it.
//!
//! Whoever judges, [`Checking`] says which rows are asked: *discovery* rows
//! alone, never *check* or *final*. Counter-examples are shown errors or right
//! rows; kept-back errors are counted and not shown to a writer.

mod by_model;
mod by_pattern;
mod by_person;
mod figures;
mod order;
#[cfg(test)]
mod planted_tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub use by_model::{Asking, statement};
pub use by_pattern::Draft;
pub use by_person::Quiz;
pub use figures::{CheckFigures, CheckRow, Rate, check_figures, check_rows};
pub use order::{CheckOrder, CheckedHypothesis, Checks, JudgeChoice};

use crate::discovery::{AnswerTable, Outcome, UnknownUnknown};
use crate::inference::neighbours::nearest_among;
use crate::lessons::check::{CheckRows, verdict};
use crate::records::{
    BlindSpot, BlindSpotId, Document, ExampleKey, Hypothesis, HypothesisCheck, Judge, Label,
    Lesson, Role, Snapshot, Text, Thresholds,
};
use crate::steps::evidence::Evidence;
use crate::steps::{State, not_scored};
use crate::support::{Error, Progress, Result, clock};

/// Right rows that count as the nearest to a blind spot.
const NEAREST: usize = 20;
/// Counter-examples that a check keeps of each kind.
const COUNTER_EXAMPLES: usize = 10;

/// Where checks start from: blind spots, and what the base says under their τ.
#[derive(Clone)]
pub struct Checking {
    answers: Arc<AnswerTable>,
    snapshot: Arc<Snapshot>,
    document: Document,
    task: String,
    thresholds: Thresholds,
}

impl Checking {
    /// What is known of a project.
    ///
    /// # Errors
    /// When nothing is frozen or scored yet.
    pub fn of(state: &State) -> Result<Self> {
        Ok(Self {
            snapshot: Arc::clone(state.require_snapshot()?),
            answers: Arc::clone(state.frozen_answers().ok_or_else(not_scored)?),
            document: state.document.clone(),
            task: state.task.clone(),
            thresholds: state.manifest.hypotheses,
        })
    }

    /// The blind spot of a number.
    ///
    /// # Errors
    /// When it is not in the snapshot in use.
    pub fn spot(&self, id: BlindSpotId) -> Result<&BlindSpot> {
        self.snapshot.blind_spot(id).ok_or_else(|| {
            Error::input(format!(
                "there is no blind spot {id} in the snapshot in use"
            ))
            .hint("`blindspot show PROJECT` lists them")
        })
    }

    /// The rows that a hypothesis on a blind spot is asked of.
    ///
    /// # Errors
    /// When cancelled.
    pub fn rows(&self, spot: &BlindSpot, progress: &Progress) -> Result<CheckRows> {
        let evidence = Evidence::new(&self.answers, &self.snapshot, &self.document);
        let (shown, kept_back) = (evidence.shown(spot.id), evidence.kept_back(spot.id));
        let row = |error: &UnknownUnknown| self.answers.row_of(error.example);
        let errors = shown.iter().chain(kept_back);
        let own: BTreeSet<usize> = errors.clone().filter_map(row).collect();
        let mut classes: BTreeSet<Label> = errors.map(|error| error.true_label).collect();
        if classes.is_empty() {
            classes.insert(spot.true_label);
        }
        let of_class = |row: &usize| {
            let truth = self.answers.truth(*row);
            truth.is_some_and(|label| classes.contains(&label))
        };
        let is = |row: usize, outcome: Outcome| self.answers.outcome(row) == outcome;
        let discovery: Vec<usize> = self.answers.rows_of(Role::Discovery).collect();
        let all = || discovery.iter().copied();
        let right: Vec<usize> = all()
            .filter(|row| is(*row, Outcome::Right) && of_class(row))
            .collect();
        let elsewhere = all().filter(|row| is(*row, Outcome::UnknownUnknown) && !own.contains(row));
        Ok(CheckRows {
            shown: shown.iter().filter_map(row).collect(),
            kept_back: kept_back.iter().filter_map(row).collect(),
            nearest: self.nearest(spot, &right, progress)?,
            elsewhere: elsewhere.collect(),
            right,
        })
    }

    /// Of some rows those that lie nearest to the centre of a blind spot;
    /// none without embeddings.
    fn nearest(
        &self,
        spot: &BlindSpot,
        among: &[usize],
        progress: &Progress,
    ) -> Result<Vec<usize>> {
        let predictions = self.answers.predictions();
        let width = predictions.width();
        if width == 0 || spot.centre.len() != width || among.is_empty() {
            return Ok(Vec::new());
        }
        let candidates = (predictions.embeddings(), among);
        let found = nearest_among(&spot.centre, candidates, width, NEAREST, progress)?;
        let nearest = found.into_iter().flatten();
        Ok(nearest.map(|neighbour| neighbour.row).collect())
    }

    /// The text of a row.
    fn text(&self, row: usize) -> Option<&Text> {
        self.answers.example(row).text()
    }

    /// The texts of some rows.
    fn texts(&self, rows: &[usize]) -> Vec<&Text> {
        rows.iter().filter_map(|row| self.text(*row)).collect()
    }

    fn key(&self, row: usize) -> ExampleKey {
        self.answers.example(row).key.clone()
    }

    /// What follows from answers by row.
    fn concluded(
        &self,
        judge: Judge,
        sentence: &str,
        rows: &CheckRows,
        said: &BTreeMap<usize, bool>,
    ) -> HypothesisCheck {
        let counts = rows.counts(said);
        let keys = |rows: Vec<usize>| -> Vec<ExampleKey> {
            let some = rows.into_iter().take(COUNTER_EXAMPLES);
            some.map(|row| self.key(row)).collect()
        };
        let (missed, also) = counter_examples(rows, said);
        HypothesisCheck {
            judge,
            sentence: sentence.to_owned(),
            snapshot: self.snapshot.version,
            when: clock::now(),
            kept_back: counts.kept_back,
            right: counts.right,
            nearest: counts.nearest,
            elsewhere: counts.elsewhere,
            risk: None,
            unanswered: counts.unanswered,
            thresholds: self.thresholds,
            verdict: verdict(counts.kept_back, counts.right, self.thresholds),
            missed: keys(missed),
            also: keys(also),
        }
    }

    /// The hypotheses that an order is about, with their lessons. Those of an
    /// earlier freezing go with the blind spots of their numbers.
    fn ordered(&self, order: &CheckOrder) -> Result<Vec<(&Lesson, &Hypothesis)>> {
        let lessons = self.document.lessons.values().map(AsRef::as_ref);
        let all = lessons
            .flat_map(|lesson: &Lesson| lesson.hypotheses.iter().map(move |one| (lesson, one)));
        let all: Vec<(&Lesson, &Hypothesis)> = all.collect();
        if let Some(missing) = order.missing(all.iter().map(|(_, one)| &one.id)) {
            return Err(Error::input(format!("there is no hypothesis `{missing}`"))
                .hint("`blindspot show PROJECT lessons` lists hypotheses with their ids"));
        }
        for spot in &order.blind_spots {
            self.spot(*spot)?;
        }
        let wanted = all.into_iter().filter(|(lesson, one)| {
            let there = self.snapshot.blind_spot(lesson.blind_spot).is_some();
            there && order.is_about(lesson.blind_spot, &one.id)
        });
        Ok(wanted.collect())
    }

    /// Checks the hypotheses of an order. An end that comes early is told in
    /// the result, beside what was answered.
    ///
    /// # Errors
    /// When nothing could be asked: names that are not there, settings that
    /// cannot work, a host that nobody has confirmed, or when cancelled.
    pub fn run(
        &self,
        order: &CheckOrder,
        asking: &Asking<'_>,
        progress: &Progress,
    ) -> Result<Checks> {
        let ordered = self.ordered(order)?;
        if ordered.is_empty() {
            return Err(Error::input("there is no hypothesis to check").hint(
                "write one first: on the Teach page, with `blindspot edit PROJECT hypothesis`, or \
                 have a language model teach",
            ));
        }
        match &order.judge {
            JudgeChoice::Pattern(pattern) => {
                self.all_by_pattern(&ordered, pattern.as_ref(), progress)
            }
            JudgeChoice::Person { by, said } => {
                self.one_by_person(&ordered, (by.as_deref(), said), progress)
            }
            JudgeChoice::Model { teacher } => {
                self.all_by_model(&ordered, order, (teacher, asking), progress)
            }
        }
    }

    fn checked(
        lesson: &Lesson,
        hypothesis: &Hypothesis,
        check: HypothesisCheck,
    ) -> CheckedHypothesis {
        let mut hypothesis = hypothesis.clone();
        hypothesis.take_check(check);
        CheckedHypothesis {
            lesson: lesson.id.clone(),
            hypothesis,
            is_new: false,
        }
    }
}

/// Shown errors that it does not hold for, and right rows that it holds for,
/// nearest first.
fn counter_examples(rows: &CheckRows, said: &BTreeMap<usize, bool>) -> (Vec<usize>, Vec<usize>) {
    let answered = |rows: &[usize], yes: bool| -> Vec<usize> {
        let rows = rows.iter().copied();
        rows.filter(|row| said.get(row) == Some(&yes)).collect()
    };
    let mut also = answered(&rows.nearest, true);
    let farther = answered(&rows.right, true);
    also.extend(
        farther
            .into_iter()
            .filter(|row| !rows.nearest.contains(row)),
    );
    (answered(&rows.shown, false), also)
}
