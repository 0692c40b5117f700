//! People and language models in one table: what they wrote, what it cost,
//! and which errors went away after retraining with each teacher alone.

mod agree;
mod effects;
pub mod figures;
mod measured;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::comparison::intervals::Interval;
use crate::comparison::outcomes::Rate;
use crate::records::{Arm, BlindSpotId, ExampleKey, Familiarity, Lesson, Role};
use crate::steps::Basis;
use crate::steps::prices::prices;
use crate::steps::teachers::agree::agreements;
use crate::steps::teachers::effects::{after, most_seeds_right, overlaps};
use crate::steps::teachers::measured::Measured;
use crate::support::{Progress, Result};

/// All teachers beside each other.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct TeacherTable {
    /// What each teacher wrote, for each blind spot and in total.
    pub rows: Vec<TeacherRow>,
    /// The last round in which each teacher was trained on alone.
    pub after: Vec<AfterRetraining>,
    /// How far each two teachers agree who taught the same blind spot.
    pub agreements: Vec<TeachersAgree>,
    /// Which errors each two teachers removed.
    pub overlaps: Vec<Overlap>,
    /// Currency of all money; none if project.toml names none.
    pub currency: Option<String>,
    /// What a reader should know.
    pub notes: Vec<String>,
}

/// What one teacher wrote for one blind spot, or in total.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TeacherRow {
    /// Name of the teacher.
    pub teacher: String,
    /// Whether it is a language model.
    pub is_model: bool,
    /// The blind spot; none for the total.
    pub blind_spot: Option<BlindSpotId>,
    /// Samples in all states.
    pub samples: usize,
    /// Drafts that nobody has decided on.
    pub drafts: usize,
    /// Accepted ones among those decided on.
    pub accepted: Rate,
    /// Useful yield: accepted ones that fool the base, among those decided on.
    pub useful: Rate,
    /// Mean pairwise distance (1 − cosine, pretrained encoder) of the accepted
    /// samples; none below two.
    pub mean_distance: Option<f64>,
    /// Different pairs of neighbouring words over all of them, in the accepted
    /// samples; none without pairs.
    pub distinct_2: Option<f64>,
    /// Samples with the label that was given apart from their writing, by a
    /// separate call, among those of which such a label is known.
    pub confirmed: Rate,
    /// How familiar the teacher is with the domain, as lessons say; none of a
    /// language model, or where nobody said.
    pub familiarity: Vec<Familiarity>,
    /// Active time of a person, in seconds: of a language model that of its
    /// review.
    pub active_seconds: f64,
    /// Active time of a person and waiting time for a model, in seconds.
    pub seconds: f64,
    /// A person's time at their hourly rate, and a model's calls; none if
    /// nothing has a price.
    pub money: Option<f64>,
    /// Money for an accepted sample.
    pub money_per_accepted: Option<f64>,
}

/// A teacher's samples alone in the training data: the primary endpoint on
/// *check*, which is used for choosing and gives no verdict.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AfterRetraining {
    /// Name of the teacher.
    pub teacher: String,
    /// The round.
    pub round: u32,
    /// Each source.
    pub sources: Vec<SourceFigures>,
    /// What stands for doing nothing: as many steps with nothing added, or
    /// the base as it is where that was not trained.
    pub against: Arm,
    /// Errors fewer than that, over all sources; none if the round was trained
    /// from another base.
    pub removed: Option<Removed>,
    /// Samples that were trained on.
    pub samples: usize,
    /// What these cost at the project's prices; none if nobody knows.
    pub money: Option<f64>,
    /// Where the price comes from.
    pub price_from: String,
    /// What a removed error cost; none where it is not known how many went
    /// away.
    pub per_removed: Option<PerRemoved>,
}

/// Errors among the c most confident rows that went away, over all sources.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Removed {
    /// How many, mean over seeds; below zero if there are more.
    pub errors: f64,
    /// 95 % interval over seeds and groups.
    pub interval: Interval,
}

/// What a removed error cost.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PerRemoved {
    /// Money for each, with the bounds that those of the removed errors give.
    Money {
        /// At the mean.
        money: f64,
        /// If as many went away as may be.
        lower: f64,
        /// If as few did.
        upper: f64,
    },
    /// The interval includes no removed error at all.
    NoneRemoved,
    /// There are more errors, and not by chance.
    Added,
    /// Some went away, and nobody knows the price.
    NoPrice,
}

impl PerRemoved {
    /// What each of some removed errors cost.
    fn of(removed: Removed, money: Option<f64>) -> Self {
        let Interval { lower, upper } = removed.interval;
        match money {
            _ if upper < 0.0 => PerRemoved::Added,
            _ if lower <= 0.0 => PerRemoved::NoneRemoved,
            None => PerRemoved::NoPrice,
            Some(money) => PerRemoved::Money {
                money: money / removed.errors,
                lower: money / upper,
                upper: money / lower,
            },
        }
    }
}

/// How far two teachers agree on the blind spots that both taught.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TeachersAgree {
    /// One teacher.
    pub first: String,
    /// The other.
    pub second: String,
    /// Blind spots that both taught.
    pub blind_spots: usize,
    /// Among pairs of nearly equal samples, one by each, those with the same
    /// label.
    pub same_label: Rate,
    /// Words that samples of both which fooled the model have in common.
    pub common_words: Vec<String>,
}

/// Errors among the c most confident rows of a source.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SourceFigures {
    /// Name of the source.
    pub source: String,
    /// Rows of it.
    pub rows: usize,
    /// Errors of the arm with as many steps and nothing added.
    pub base: f64,
    /// Errors of the teacher's arm, mean over seeds.
    pub errors: f64,
    /// The best control.
    pub best_control: Option<Arm>,
    /// Errors more than the best control (below zero: fewer), with the 95 %
    /// interval over seeds and groups.
    pub against_best: Option<(f64, Interval)>,
    /// Seeds.
    pub seeds: usize,
}

/// Unknown unknowns of the base on *check* that two teachers' models get
/// right in most of their seeds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Overlap {
    /// One teacher.
    pub first: String,
    /// The other.
    pub second: String,
    /// Unknown unknowns there were.
    pub of: usize,
    /// Corrected by both.
    pub both: Vec<ExampleKey>,
    /// By the first alone.
    pub only_first: Vec<ExampleKey>,
    /// By the second alone.
    pub only_second: Vec<ExampleKey>,
}

/// Measures all teachers of the snapshot in use.
///
/// # Errors
/// When a text does not fit the model, or when cancelled.
pub fn teacher_table(basis: &Basis<'_>, progress: &Progress) -> Result<TeacherTable> {
    let lessons = basis.lessons();
    progress.stage("Reading the samples", None);
    let measured = Measured::new(basis, &lessons, progress)?;
    let mut by_teacher: BTreeMap<&str, Vec<&Lesson>> = BTreeMap::new();
    for lesson in &lessons {
        by_teacher.entry(&lesson.teacher).or_default().push(lesson);
    }
    let manifest = &basis.project.workspace.manifest;
    let mut table = TeacherTable {
        currency: manifest.currency.clone(),
        ..TeacherTable::default()
    };
    for (teacher, lessons) in &by_teacher {
        let mut spots: BTreeMap<BlindSpotId, Vec<&Lesson>> = BTreeMap::new();
        for lesson in lessons {
            spots.entry(lesson.blind_spot).or_default().push(lesson);
        }
        let rate = manifest.hourly_rate;
        for (spot, lessons) in &spots {
            let row = measured.row(teacher, Some(*spot), lessons, rate)?;
            table.rows.push(row);
        }
        table.rows.push(measured.row(teacher, None, lessons, rate)?);
    }
    table.agreements = agreements(&by_teacher);
    progress.stage("Reading what was trained on each teacher", None);
    effects(basis, &mut table, by_teacher.keys(), progress)?;
    Ok(table)
}

/// Adds what became of the errors after training on each teacher alone.
fn effects<'a>(
    basis: &Basis<'_>,
    table: &mut TeacherTable,
    teachers: impl Iterator<Item = &'a &'a str> + Clone,
    progress: &Progress,
) -> Result<()> {
    let arm_of = |teacher: &str| Arm::Lessons(teacher.to_owned());
    let arms: Vec<Arm> = teachers.clone().map(|teacher| arm_of(teacher)).collect();
    let (prices, _) = prices(&basis.project.workspace.manifest, &basis.lessons(), &arms);
    let mut corrected: Vec<(&str, BTreeSet<ExampleKey>)> = Vec::new();
    let errors = basis.answers().unknown_unknowns(Role::Check);
    let rounds = basis.project.rounds()?;
    for teacher in teachers {
        progress.check()?;
        let arm = arm_of(teacher);
        let last = rounds.iter().rev().find_map(|result| {
            let comparison = result.comparison(Role::Check)?;
            let trained = result.round.runs.iter().any(|run| run.arm == arm);
            trained.then_some((&result.round, comparison))
        });
        let Some((round, comparison)) = last else {
            let note =
                format!("{teacher} has not been trained on alone yet: retrain with all arms");
            table.notes.push(note);
            continue;
        };
        let price = prices.get(&arm).cloned().unwrap_or_default();
        let of_round = (round, comparison.as_ref());
        let found = after(basis, (teacher, &arm), of_round, &price, progress);
        let found =
            found.and_then(|after| Ok((after, most_seeds_right(basis, round, &arm, &errors)?)));
        match found {
            Ok((after, keys)) => {
                table.after.push(after);
                corrected.push((teacher, keys));
            }
            Err(error) => {
                progress.check()?;
                table.notes.push(format!(
                    "what {teacher} removed is not known: {error}; retrain to see"
                ));
            }
        }
    }
    table.overlaps = overlaps(&corrected, errors.len());
    Ok(())
}
