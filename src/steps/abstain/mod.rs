//! What to leave to a person: for each source, and each blind spot's region
//! with enough rows, the confidence below which the model in use should not
//! answer.
//!
//! Thresholds are chosen on *check*. *Discovery* would flatter: lessons are
//! written from its errors, and arms are trained on its rows. *Validation*
//! lacks the sources that the base was not fitted on. *Check* is read to keep
//! or discard models, so figures on it are for choosing; *final* is not looked
//! at. What thresholds keep and cost is estimated by cross-fitting.

pub mod figures;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::blind_spots::regions;
use crate::comparison::abstain::{Abstention, Costs, WANTED, abstention};
use crate::comparison::outcomes::FEWEST_ROWS;
use crate::comparison::{Evaluation, Row, grade};
use crate::discovery::AnswerTable;
use crate::inference::Predictions;
use crate::records::{ArmRun, BlindSpotId, Manifest, Role};
use crate::steps::compare::rows_of;
use crate::steps::{OpenProject, State, not_scored};
use crate::support::{Error, Progress, Result};

/// Seed of the folds: the same rows are always dealt out the same way.
const SEED: u64 = 0;

/// What is asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AbstainOrder {
    /// Shares of errors among answers that are wanted, each 0 to 1.
    pub wanted: Vec<f64>,
    /// What errors and people cost, if that is known.
    pub costs: Option<Costs>,
    /// Round whose model is meant, 0 for the base; the model in use where none
    /// is named.
    #[serde(default)]
    pub round: Option<u32>,
}

impl AbstainOrder {
    /// What is asked of a project unless somebody says otherwise.
    pub fn usual(manifest: &Manifest) -> Self {
        let person = manifest.costs.person.or(manifest.costs.label);
        let costs = manifest.costs.error.zip(person);
        Self {
            wanted: WANTED.to_vec(),
            costs: costs.map(|(error, person)| Costs { error, person }),
            round: None,
        }
    }
}

/// Some of the rows that thresholds are found for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartOf {
    /// All rows, where there are several sources.
    Everything,
    /// A source.
    Source(String),
    /// The region of a blind spot, in the base's coordinates.
    BlindSpot(BlindSpotId),
}

/// The thresholds of a part.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AbstainPart {
    /// Which rows.
    pub part: PartOf,
    /// Its name for people.
    pub name: String,
    /// What was found.
    #[serde(flatten)]
    pub found: Abstention,
}

/// What to leave to a person.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AbstainTable {
    /// The model, in words.
    pub model: String,
    /// What was asked.
    pub order: AbstainOrder,
    /// The role that thresholds were chosen on.
    pub role: Role,
    /// Currency of the costs; none if project.toml names none.
    pub currency: Option<String>,
    /// Sources first, then blind spots.
    pub parts: Vec<AbstainPart>,
    /// What a reader should know.
    pub notes: Vec<String>,
}

impl OpenProject {
    /// What to leave to a person under a model of the project.
    ///
    /// # Errors
    /// When the model is not there or has not answered *check*, when there are
    /// no rows of *check*, or when cancelled.
    pub fn abstain(
        &self,
        state: &State,
        order: &AbstainOrder,
        progress: &Progress,
    ) -> Result<AbstainTable> {
        let run = match order.round {
            None => state.run_in_use(),
            Some(0) => None,
            Some(number) => {
                let result = state.round(number);
                let result = result.ok_or_else(|| {
                    Error::input(format!("there is no round {number}"))
                        .hint("`blindspot show PROJECT` lists the rounds; 0 is the base model")
                })?;
                result.round.model()
            }
        };
        self.abstain_with(state, run, order, progress)
    }

    /// As [`OpenProject::abstain`], for one run of a round, or for the base.
    ///
    /// # Errors
    /// As there.
    pub fn abstain_with(
        &self,
        state: &State,
        run: Option<&ArmRun>,
        order: &AbstainOrder,
        progress: &Progress,
    ) -> Result<AbstainTable> {
        progress.stage("Looking for thresholds", None);
        let base = state.predictions.as_ref().ok_or_else(not_scored)?;
        let said = match run {
            Some(run) => self.result_of(run)?,
            None => Arc::clone(base),
        };
        let looked = Looked::of(state, said)?;
        let mut parts = looked.sources(order);
        parts.extend(looked.blind_spots(base, order, progress)?);
        let mut notes = notes(state, run);
        if parts.iter().any(|part| part.found.rows < FEWEST_ROWS) {
            notes.push(format!(
                "Where fewer than {FEWEST_ROWS} rows of check lie, there is no threshold: too few \
                 to tell."
            ));
        }
        Ok(AbstainTable {
            model: model_name(state, run),
            order: order.clone(),
            role: Role::Check,
            currency: state.currency.clone(),
            parts,
            notes,
        })
    }
}

fn model_name(state: &State, run: Option<&ArmRun>) -> String {
    let Some(run) = run else {
        return "the base model".to_owned();
    };
    let mut rounds = state.rounds.iter();
    let of = rounds.find(|result| result.round.runs.contains(run));
    let round = of.map_or_else(String::new, |of| format!("round {}, ", of.round.number));
    format!("{round}arm {}, seed {}", run.arm, run.seed)
}

fn notes(state: &State, run: Option<&ArmRun>) -> Vec<String> {
    let mut notes = vec![
        "Chosen on check, whose rows nothing is trained on and no lesson is written from. Shares \
         of answers and of errors are by cross-fitting: each fifth of the groups of rows is \
         answered with the threshold of the others. Check also serves to keep or discard models, \
         and final is not looked at."
            .to_owned(),
        "A confidence is the model's own, as it scores files and as the exported model gives it: \
         no temperature divides it."
            .to_owned(),
    ];
    let round = run.and_then(|run| {
        let mut rounds = state.rounds.iter();
        rounds.find(|result| result.round.runs.contains(run))
    });
    notes.extend(round.and_then(|result| state.outdated(&result.round)));
    notes
}

/// What a model says to the rows of *check*.
struct Looked<'a> {
    state: &'a State,
    examples: Vec<usize>,
    rows: Vec<Row>,
    said: Evaluation,
}

impl<'a> Looked<'a> {
    fn of(state: &'a State, said: Arc<Predictions>) -> Result<Self> {
        let (dataset, truths) = (Arc::clone(&state.dataset), Arc::clone(state.truths()));
        let tau = state.document.settings.tau;
        let answers = AnswerTable::new(dataset, said, truths, tau, 1.0);
        let (examples, rows) = rows_of(&answers, Role::Check);
        if rows.is_empty() {
            return Err(
                Error::input("there are no rows of check to choose thresholds on").hint(
                    "give some labelled rows the role check: those of discovery are trained on, \
                     and final is sealed",
                ),
            );
        }
        Ok(Self {
            state,
            said: Evaluation::of(&answers, &examples, 1.0)?,
            examples,
            rows,
        })
    }

    fn part(
        &self,
        part: PartOf,
        name: String,
        positions: &[usize],
        order: &AbstainOrder,
    ) -> AbstainPart {
        let graded = grade(&self.rows, &self.said, positions);
        let groups = positions.iter().map(|position| self.rows[*position].group);
        let groups: Vec<u32> = groups.collect();
        AbstainPart {
            part,
            name,
            found: abstention(&graded, &groups, (&order.wanted, order.costs), SEED),
        }
    }

    fn sources(&self, order: &AbstainOrder) -> Vec<AbstainPart> {
        let sources = (0_u16..).zip(&self.state.dataset.sources);
        let mut parts: Vec<AbstainPart> = sources
            .filter_map(|(number, name)| {
                let rows = self.rows.iter().enumerate();
                let of_source = rows.filter(|(_, row)| row.source == number);
                let positions: Vec<usize> = of_source.map(|(position, _)| position).collect();
                let part = PartOf::Source(name.clone());
                (!positions.is_empty()).then(|| self.part(part, name.clone(), &positions, order))
            })
            .collect();
        if parts.len() > 1 {
            let all: Vec<usize> = (0..self.rows.len()).collect();
            let name = "all sources".to_owned();
            parts.push(self.part(PartOf::Everything, name, &all, order));
        }
        parts
    }

    /// Regions lie where the base sees them, whatever model answers.
    fn blind_spots(
        &self,
        base: &Predictions,
        order: &AbstainOrder,
        progress: &Progress,
    ) -> Result<Vec<AbstainPart>> {
        let Some(snapshot) = self.state.snapshot() else {
            return Ok(Vec::new());
        };
        let spots = &snapshot.blind_spots;
        let members = regions(spots, base, progress)?;
        let parts = spots.iter().zip(members).filter_map(|(spot, members)| {
            let inside = members.iter();
            let positions: Vec<usize> = inside
                .filter_map(|index| self.examples.binary_search(index).ok())
                .collect();
            let name = self.state.blind_spot_name(spot.id);
            let name = format!("{}. {name}", spot.id);
            let part = PartOf::BlindSpot(spot.id);
            (!positions.is_empty()).then(|| self.part(part, name, &positions, order))
        });
        Ok(parts.collect())
    }
}
