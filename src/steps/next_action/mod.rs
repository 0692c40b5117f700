//! What to do next about each blind spot, and each error, from what is measured
//! already: proposed, never done by itself.
//!
//! What was proposed before a round is not kept. It follows from what was known
//! then, which is: rounds, judgements and checks have their time. So rounds of
//! any age can be looked back at, by the rules as they are now.

pub mod figures;
mod followed;
mod rules;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;

pub use followed::FollowUp;
pub use rules::NextAction;
use rules::{Facts, RoundFacts, decide};

use crate::comparison::{BlindSpotFigures, BlindSpotTable};
use crate::discovery::{AnswerTable, Suspect, Truths, UnknownUnknown, suspects};
use crate::records::{
    Arm, BlindSpotId, CheckVerdict, Document, ExampleKey, Label, Role, Round, Snapshot, Triage,
};
use crate::steps::evidence::Evidence;
use crate::steps::suspects::reason;
use crate::steps::{RoundResult, State};
use crate::support::{Progress, Result};

/// What is proposed for a blind spot.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Proposal {
    /// The blind spot.
    pub blind_spot: BlindSpotId,
    /// What to do.
    pub action: NextAction,
    /// Why, in a sentence without its full stop.
    pub reason: String,
}

impl Proposal {
    /// “teach: 18 errors, and no round has taught it”.
    pub fn said(&self) -> String {
        format!("{}: {}", self.action.name(), self.reason)
    }
}

/// The errors whose labels the nearest texts speak against, by their examples.
pub struct Doubted(BTreeMap<usize, Suspect>);

/// Of so many nearest texts at most one has the label that the data give to one
/// that is doubted. Most confident errors lie among texts of the label that the
/// model says, since that is why it errs: only where hardly any other has theirs
/// is the label more suspect than the model.
const ONE_IN: usize = 20;

impl Doubted {
    /// Of some suspects those whose nearest texts hardly have their label, and
    /// mostly the one that the model says.
    pub fn among(suspects: impl IntoIterator<Item = Suspect>) -> Self {
        let doubted = suspects.into_iter().filter(|one| {
            ONE_IN * one.side_with_data <= one.asked && 2 * one.side_with_model > one.asked
        });
        Self(doubted.map(|one| (one.example, one)).collect())
    }
}

impl State {
    /// The errors of the snapshot in use whose labels are doubted.
    ///
    /// # Errors
    /// When cancelled.
    pub fn doubted(&self, progress: &Progress) -> Result<Doubted> {
        let found = match self.frozen_answers() {
            Some(answers) => suspects(answers, progress)?,
            None => Vec::new(),
        };
        Ok(Doubted::among(found))
    }

    /// What to do next about each blind spot of the snapshot in use.
    pub fn proposals(&self, doubted: &Doubted) -> Vec<Proposal> {
        let now = self.now();
        now.map_or_else(Vec::new, |now| now.proposals(doubted))
    }

    /// Of each blind spot of the snapshot in use how many labels are doubted
    /// that nobody has judged, and of how many errors.
    pub fn doubted_labels(&self, doubted: &Doubted) -> BTreeMap<BlindSpotId, (usize, usize)> {
        let now = self.now();
        now.map_or_else(BTreeMap::new, |now| now.doubted_labels(doubted))
    }

    fn now(&self) -> Option<Moment<'_>> {
        Some(Moment {
            snapshot: self.snapshot()?,
            document: &self.document,
            answers: self.frozen_answers()?,
            rounds: &self.rounds,
            since: None,
        })
    }

    /// What to do next about one error: look at its label where that is doubted
    /// and nobody has judged it, else what its blind spot needs. None of what
    /// was judged to be no error, or belongs to no blind spot.
    pub fn proposal_for(
        &self,
        example: &ExampleKey,
        (doubted, proposals): (&Doubted, &[Proposal]),
    ) -> Option<(NextAction, String)> {
        let index = self.dataset.index_of(example)?;
        let judged = self.document.triage.get(example);
        if judged.is_some_and(|judged| *judged != Triage::RealError) {
            return None;
        }
        let suspect = doubted.0.get(&index).filter(|_| judged.is_none());
        if let Some(suspect) = suspect {
            return Some((NextAction::Relabel, reason(suspect, &self.dataset)));
        }
        let mut spots = self.snapshot()?.blind_spots.iter();
        let frozen_in = spots.find(|spot| spot.members().any(|key| key == example))?;
        let spot = self.document.place_of(example, frozen_in.id)?;
        let mut proposals = proposals.iter();
        let proposal = proposals.find(|proposal| proposal.blind_spot == spot)?;
        // Its own label is not doubted: that of others is no reason here.
        let action = Some(proposal.action).filter(|action| *action != NextAction::Relabel);
        Some((
            action?,
            format!("as its blind spot {spot}: {}", proposal.reason),
        ))
    }
}

/// What was known at a time.
struct Moment<'a> {
    snapshot: &'a Snapshot,
    /// With the judgements of then.
    document: &'a Document,
    answers: &'a AnswerTable,
    /// The rounds before.
    rounds: &'a [Arc<RoundResult>],
    /// When it was, RFC 3339; none for now.
    since: Option<&'a str>,
}

impl Moment<'_> {
    fn proposals(&self, doubted: &Doubted) -> Vec<Proposal> {
        let all = self.all_facts(doubted).into_iter();
        all.map(|(blind_spot, facts)| {
            let (action, reason) = decide(&facts);
            Proposal {
                blind_spot,
                action,
                reason,
            }
        })
        .collect()
    }

    fn doubted_labels(&self, doubted: &Doubted) -> BTreeMap<BlindSpotId, (usize, usize)> {
        let all = self.all_facts(doubted).into_iter();
        all.map(|(spot, facts)| (spot, (facts.suspects, facts.errors)))
            .collect()
    }

    /// What is known of each blind spot, in their order.
    fn all_facts(&self, doubted: &Doubted) -> Vec<(BlindSpotId, Facts)> {
        let evidence = Evidence::new(self.answers, self.snapshot, self.document);
        let spots = self.snapshot.blind_spots.iter();
        spots
            .map(|spot| {
                let errors = [evidence.shown(spot.id), evidence.kept_back(spot.id)].concat();
                (spot.id, self.facts(spot.id, &errors, doubted))
            })
            .collect()
    }

    fn facts(&self, spot: BlindSpotId, errors: &[UnknownUnknown], doubted: &Doubted) -> Facts {
        let dataset = self.answers.dataset();
        let is_judged = |error: &UnknownUnknown| {
            let key = &dataset.examples[error.example].key;
            self.document.triage.contains_key(key)
        };
        let suspects = errors
            .iter()
            .filter(|error| doubted.0.contains_key(&error.example) && !is_judged(error));
        let mut confusions: BTreeMap<(Label, Label), usize> = BTreeMap::new();
        for error in errors {
            *confusions
                .entry((error.true_label, error.predicted))
                .or_default() += 1;
        }
        let mut counts: Vec<usize> = confusions.into_values().collect();
        counts.sort_unstable_by(|a, b| b.cmp(a));
        let taught = self
            .rounds
            .iter()
            .filter(|result| teaches(&result.round, spot));
        // What was written by a time before now is not known.
        let untrained = match self.since.is_none() && taught.clone().next().is_none() {
            true => self.samples_for(spot),
            false => 0,
        };
        Facts {
            untrained,
            errors: errors.len(),
            suspects: suspects.count(),
            second_confusion: counts.get(1).copied().unwrap_or(0),
            is_partly_explained: self.is_partly_explained(spot),
            stability: self.snapshot.stability,
            rounds: taught.filter_map(|of| round_facts(of, spot)).collect(),
        }
    }

    fn samples_for(&self, spot: BlindSpotId) -> usize {
        let lessons = self.document.lessons.values();
        let lessons = lessons.filter(|lesson| lesson.blind_spot == spot);
        lessons
            .map(|lesson| lesson.training_samples().count())
            .sum()
    }

    fn is_partly_explained(&self, spot: BlindSpotId) -> bool {
        let lessons = self.document.lessons.values();
        let lessons = lessons.filter(|lesson| lesson.blind_spot == spot);
        let hypotheses = lessons.flat_map(|lesson| &lesson.hypotheses);
        let checks = hypotheses.flat_map(|one| one.checks_on(self.snapshot.version));
        let then = checks.filter(|check| self.since.is_none_or(|time| check.when.as_str() <= time));
        let verdicts: Vec<CheckVerdict> = then.map(|check| check.verdict).collect();
        verdicts.contains(&CheckVerdict::TooNarrow) && !verdicts.contains(&CheckVerdict::Explains)
    }
}

/// Whether a round trained on a lesson on a blind spot.
fn teaches(round: &Round, spot: BlindSpotId) -> bool {
    let mut taught = round.taught.iter();
    taught.any(|lesson| lesson.blind_spot == spot && !lesson.trained.is_empty())
}

/// The arm that a round's lessons are judged by: that of its model.
fn arm_of(round: &Round) -> Option<&Arm> {
    let of_model = round.model().map(|run| &run.arm);
    let of_lessons = || round.runs.iter().map(|run| &run.arm);
    of_model
        .filter(|arm| !arm.is_control())
        .or_else(|| of_lessons().find(|arm| !arm.is_control()))
}

/// A blind spot in a round's comparison on *check*.
fn table_of(result: &RoundResult, spot: BlindSpotId) -> Option<&BlindSpotTable> {
    let comparison = result.comparison(Role::Check)?;
    let mut tables = comparison.blind_spots.iter();
    tables.find(|table| table.blind_spot == spot)
}

fn figures_of<'a>(table: &'a BlindSpotTable, arm: &Arm) -> Option<&'a BlindSpotFigures> {
    table.arms.iter().find(|figures| figures.arm == *arm)
}

fn round_facts(result: &RoundResult, spot: BlindSpotId) -> Option<RoundFacts> {
    let round = &result.round;
    let table = table_of(result, spot)?;
    let arm = arm_of(round)?;
    let after = figures_of(table, arm)?;
    let kept_back = after.kept_back;
    // The other arm is asked of the same errors.
    let corrected = |figures: &BlindSpotFigures| {
        let of_kept_back = figures.kept_back.filter(|_| kept_back.is_some());
        figures.outcomes.corrected + of_kept_back.map_or(0.0, |outcomes| outcomes.corrected)
    };
    let lessons = round.taught.iter();
    let lessons = lessons.filter(|lesson| lesson.blind_spot == spot && !lesson.tested.is_empty());
    let mut tests: Option<(f64, f64)> = None;
    for lesson in lessons {
        let mut passed = lesson.passed_after.iter();
        if let Some(passed) = passed.find(|passed| passed.arm == *arm) {
            let (before, after) = tests.unwrap_or_default();
            tests = Some((before + lesson.passed_before as f64, after + passed.mean()));
        }
    }
    Some(RoundFacts {
        number: round.number,
        asked: table.before.count + kept_back.map_or(0.0, |_| table.kept_back as f64),
        corrected: corrected(after),
        with_nothing: figures_of(table, &Arm::Base).map(corrected),
        tests,
    })
}

/// The true labels as they were once judgements were as in a document.
fn truths_then(state: &State, document: &Document) -> Arc<Truths> {
    Arc::new(Truths::new(&state.dataset, &document.triage))
}
