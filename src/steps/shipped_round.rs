//! The last finished round of a project, shipped beside its data, so that who
//! opens it for the first time sees what a round comes to. It is there to be
//! looked at: its models stay behind, and it is no round of the project.
//!
//! One file, JSON packed by Zstandard: the record, the comparisons, how often
//! *final* was opened, and what one retrained model says to the rows of
//! *discovery* and *check*, as probabilities. No text of the data is in it.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::blind_spots::with_new_names;
use crate::comparison::Comparison;
use crate::inference::Predictions;
use crate::project::Kind;
use crate::records::{Arm, ArmRun, Lesson, Opening, RecordId, Role, Round, Snapshot};
use crate::steps::shipped::Shipped;
use crate::steps::state::corrected_since;
use crate::steps::{Basis, OpenProject, RoundResult, State, Workspace, score};
use crate::support::hash::StepHash;
use crate::support::text::many;
use crate::support::{Error, Progress, Result, user_file};

const FILE: &str = "round.json.zst";
/// Compression level of Zstandard: packed once, and small for good.
const LEVEL: i32 = 19;
/// Longest content that is unpacked, in bytes.
const MOST_BYTES: u64 = 64 << 20;
/// The roles that a teacher or a reader of *check* may look at.
const ANSWERED: [Role; 2] = [Role::Discovery, Role::Check];
/// How far the probabilities of a row may be from 1 together: they are stored
/// in single precision.
const ROUNDING: f32 = 1e-3;
/// What helps whatever is wrong.
const REMEDY: &str = "restore it from version control; all else works without it, and retraining \
                      gives a round of your own";

/// A finished round that came with a project.
#[derive(Debug, PartialEq)]
pub struct ShippedRound {
    /// The record, the comparisons, and what one of its models says to the rows
    /// of *discovery* and *check*. No run has weights.
    pub result: RoundResult,
    /// Openings of *final* where it was trained.
    pub openings: Vec<Opening>,
    base: String,
    snapshot: Snapshot,
    taught: String,
}

/// How a round that came with a project stands to the project as it is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Standing {
    /// It is of the base, the blind spots and the lessons in use.
    Current,
    /// Its lessons are there as they were, and others beside them.
    FurtherLessons,
    /// It is of something else, in words.
    Stale(String),
}

/// What became of the round that was to be shipped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RoundShipped {
    /// It lies beside the rest.
    Yes {
        /// Its number where it was trained.
        number: u32,
        /// Length of its file.
        bytes: u64,
    },
    /// There is none, and why.
    No(String),
}

/// What the file holds.
#[derive(Serialize, Deserialize)]
struct Content {
    /// Names all that lessons gave to train on or to test with.
    taught: String,
    round: Round,
    comparisons: Vec<Comparison>,
    openings: Vec<Opening>,
    answers: Answers,
}

/// What a model says.
#[derive(Serialize, Deserialize)]
struct Answers {
    arm: Arm,
    seed: u64,
    /// For each row of [`ANSWERED`], in the order of the data, the probability
    /// of each label.
    probabilities: Vec<Vec<f32>>,
}

impl ShippedRound {
    /// The run whose model says something: of others only figures came along.
    pub fn answering(&self) -> Option<&ArmRun> {
        self.result.answers.first().map(|(run, _)| run)
    }

    /// That it is nobody's own, in one line.
    pub fn said(&self) -> String {
        let round = &self.result.round;
        let day = round.created.get(..10).unwrap_or(&round.created);
        format!(
            "This round came with the project ({day}, {} of {}). Retrain to have one of your own",
            many(round.runs.len(), "training"),
            many(round.plan.seeds.len(), "seed")
        )
    }

    /// Whether it stands for the project as it is now.
    pub(super) fn standing(&self, state: &State) -> Standing {
        let is_base = state.base.as_ref().is_some_and(|base| base.id == self.base);
        let is_snapshot = state.snapshot().is_some_and(|of| **of == self.snapshot);
        let lessons = || state.document.lessons.values().map(AsRef::as_ref);
        let its = self.result.round.taught.iter();
        let its: BTreeSet<&RecordId> = its.map(|taught| &taught.lesson).collect();
        let are_there = || taught(lessons().filter(|of| its.contains(&of.id))) == self.taught;
        let what = match (is_base, is_snapshot) {
            (false, _) => "the base model is another one",
            (_, false) => "the blind spots in use are others",
            _ if taught(lessons()) == self.taught => return Standing::Current,
            _ if are_there() => return Standing::FurtherLessons,
            _ => "the lessons have changed since",
        };
        Standing::Stale(format!(
            "A round came with the project (`shipped/{FILE}`), but {what}: it is not shown, and \
             retraining gives one of your own"
        ))
    }

    /// Whether people have changed other labels since, in words.
    pub(super) fn corrected_since(&self, state: &State) -> Option<String> {
        let check = self.result.comparison(Role::Check)?;
        corrected_since(check, &state.dataset, state.truths())
    }
}

impl OpenProject {
    /// The round that came with the project, or why it is left aside; `None`
    /// where none came. That it is of the base, the blind spots and the lessons
    /// in use is for [`ShippedRound::standing`] to say.
    pub(super) fn shipped_round(&self) -> Option<Result<Arc<ShippedRound>, String>> {
        let read = read(&self.workspace).transpose()?;
        Some(read.map(Arc::new).map_err(|error| {
            let remedy = error.remedy().unwrap_or(REMEDY);
            format!("The round that came with the project is left aside. {error}: {remedy}")
        }))
    }
}

fn read(workspace: &Workspace) -> Result<Option<ShippedRound>> {
    let Some(shipped) = Shipped::of_any_data(workspace)? else {
        return Ok(None);
    };
    let path = shipped.place(FILE);
    if !shipped.lists(FILE) && !path.exists() {
        return Ok(None);
    }
    if shipped.index.data != workspace.fingerprint() {
        return Err(Error::input(format!(
            "`{}` is about other data than the project has now",
            path.display()
        ))
        .hint("retrain to have a round of your own"));
    }
    if !shipped.is_whole(FILE) {
        return Err(damaged(
            &path,
            "its checksum is not the one in shipped.json",
        ));
    }
    let snapshot = with_new_names((*shipped.snapshot()?).clone(), &workspace.dataset);
    let content = unpacked(&user_file::bytes(&path)?).map_err(|why| damaged(&path, &why))?;
    let round = content.checked(workspace, (&shipped.index.model, snapshot));
    round.map(Some).map_err(|why| damaged(&path, &why))
}

fn damaged(path: &Path, why: &str) -> Error {
    Error::input(format!("`{}` is damaged ({why})", path.display())).hint(REMEDY)
}

fn unpacked(bytes: &[u8]) -> Result<Content, String> {
    let mut json = Vec::new();
    zstd::stream::read::Decoder::new(bytes)
        .and_then(|content| content.take(MOST_BYTES + 1).read_to_end(&mut json))
        .map_err(|e| format!("it cannot be unpacked: {e}"))?;
    if json.len() as u64 > MOST_BYTES {
        return Err("it is far too long".to_owned());
    }
    serde_json::from_slice(&json).map_err(|e| e.to_string())
}

impl Content {
    /// The round, if the parts fit each other and the data.
    fn checked(
        self,
        workspace: &Workspace,
        (base, snapshot): (&str, Snapshot),
    ) -> Result<ShippedRound, String> {
        let round = self.round;
        if round.snapshot != snapshot.version {
            return Err("it is of other blind spots than lie beside it".to_owned());
        }
        let roles: BTreeSet<Role> = self.comparisons.iter().map(|of| of.role).collect();
        let opened = self.openings.iter().any(|of| of.round == round.number);
        let known = |role: &Role| *role == Role::Check || *role == Role::Final && opened;
        if roles.len() != self.comparisons.len()
            || !roles.contains(&Role::Check)
            || !roles.iter().all(known)
        {
            return Err("its comparisons are not those of a round".to_owned());
        }
        let asked = |run: &&ArmRun| run.arm == self.answers.arm && run.seed == self.answers.seed;
        let run = round.runs.iter().find(asked).cloned();
        let run = run.ok_or("it answers for a training that it does not list")?;
        let answers = vec![(run, Arc::new(self.answers.predictions(workspace)?))];
        let comparisons = self.comparisons.into_iter().map(Arc::new).collect();
        Ok(ShippedRound {
            result: RoundResult {
                round,
                comparisons,
                answers,
            },
            openings: self.openings,
            base: base.to_owned(),
            snapshot,
            taught: self.taught,
        })
    }
}

impl Answers {
    fn of(run: &ArmRun, said: &Predictions, workspace: &Workspace) -> Result<Self> {
        let rows = score::with_roles(workspace, &ANSWERED).into_iter();
        let probabilities = rows.map(|example| {
            let row = said.row_of(example).ok_or_else(|| {
                Error::program(format!("arm {} was not asked about all rows", run.arm))
            })?;
            Ok(said.probabilities(row, 1.0))
        });
        Ok(Self {
            arm: run.arm.clone(),
            seed: run.seed,
            probabilities: probabilities.collect::<Result<_>>()?,
        })
    }

    /// The same as logits, which are logarithms up to what a row has in common.
    fn predictions(&self, workspace: &Workspace) -> Result<Predictions, String> {
        let examples = score::with_roles(workspace, &ANSWERED);
        let classes = workspace.dataset.labels.len();
        let is_sound = |row: &Vec<f32>| {
            let sum: f32 = row.iter().sum();
            row.len() == classes && row.iter().all(|p| *p >= 0.0) && (sum - 1.0).abs() <= ROUNDING
        };
        if self.probabilities.len() != examples.len() || !self.probabilities.iter().all(is_sound) {
            return Err("its answers are not those to the rows of discovery and check".to_owned());
        }
        let probabilities = self.probabilities.iter().flatten();
        // What is too small for a number is no less than the smallest.
        let logits: Vec<f32> = probabilities
            .map(|p| p.max(f32::MIN_POSITIVE).ln())
            .collect();
        Predictions::new(examples, classes, logits, 0, Vec::new()).map_err(|e| e.to_string())
    }
}

impl Basis<'_> {
    /// Adds the last finished round to what the project ships: the last of
    /// those that a retraining now would give again, since whoever opens the
    /// project gets this base, these blind spots and these lessons.
    ///
    /// # Errors
    /// When what a model of it says is gone, or the file cannot be written.
    pub fn ship_round(&self, progress: &Progress) -> Result<RoundShipped> {
        let workspace = &self.project.workspace;
        let Some(mut shipped) = Shipped::find(workspace)? else {
            return Err(Error::program("a round is shipped after the rest"));
        };
        let round = match self.round_to_ship(progress)? {
            Ok(round) => round,
            Err(why) => {
                shipped.remove(FILE)?;
                return Ok(RoundShipped::No(why));
            }
        };
        let number = round.number;
        let packed = self.content(round)?.packed()?;
        shipped.add(FILE, &packed)?;
        let bytes = packed.len() as u64;
        Ok(RoundShipped::Yes { number, bytes })
    }

    fn round_to_ship(&self, progress: &Progress) -> Result<Result<Round, String>> {
        let mut beside = BTreeMap::<RecordId, Lesson>::new();
        for lesson in self.project.lessons_beside_data()? {
            beside.entry(lesson.id.clone()).or_insert(lesson);
        }
        if taught(beside.values()) != taught(self.lessons()) {
            return Ok(Err(
                "the lessons here are not those of lessons.jsonl, which others get: put the \
                 lessons.jsonl of `blindspot export` into the project's folder, and publish again"
                    .to_owned(),
            ));
        }
        let mut first = None;
        for round in self.project.store.rounds()?.into_iter().rev() {
            match self.why_not(&round, progress)? {
                None => return Ok(Ok(round)),
                Some(why) => {
                    first.get_or_insert(format!("round {} {why}", round.number));
                }
            }
        }
        Ok(Err(first.unwrap_or_else(|| {
            "no round is finished; `blindspot run` trains one".to_owned()
        })))
    }

    /// Why a round is not of what is shipped.
    fn why_not(&self, round: &Round, progress: &Progress) -> Result<Option<&'static str>> {
        if round.snapshot != self.snapshot.version {
            return Ok(Some("was trained for other blind spots"));
        }
        let units = self.units(&round.plan, progress)?;
        let now = units.iter().map(|unit| {
            let weights = unit.key().of_kind(Kind::Model);
            (&unit.arm, unit.seed, Some(weights.name().to_owned()))
        });
        let then = (round.runs.iter()).map(|run| (&run.arm, run.seed, run.checkpoint.clone()));
        if !now.eq(then) {
            return Ok(Some(
                "was trained on other lessons or under other settings than there are now",
            ));
        }
        let comparisons = self.project.comparisons_of(round.number)?;
        if comparisons.iter().all(|of| of.role != Role::Check) {
            return Ok(Some("was not compared on check"));
        }
        Ok(
            (comparisons.iter().any(|of| of.truths.is_some())).then_some(
                "stands on labels that were corrected here, and corrections do not come along",
            ),
        )
    }

    fn content(&self, mut round: Round) -> Result<Content> {
        let workspace = &self.project.workspace;
        let Some(run) = round.model() else {
            return Err(Error::program("the weights of the round were not kept"));
        };
        let said = self.project.result_of(run)?;
        let answers = Answers::of(run, &said, workspace)?;
        for run in &mut round.runs {
            run.checkpoint = None;
        }
        let comparisons = self.project.comparisons_of(round.number)?.into_iter();
        Ok(Content {
            taught: taught(self.lessons()),
            comparisons: comparisons.map(Arc::unwrap_or_clone).collect(),
            openings: self.project.store.openings()?,
            answers,
            round,
        })
    }
}

impl Content {
    fn packed(&self) -> Result<Vec<u8>> {
        let json =
            serde_json::to_vec(self).map_err(|e| Error::program("cannot write JSON").because(e))?;
        zstd::bulk::compress(&json, LEVEL)
            .map_err(|e| Error::program("the round cannot be packed").because(e))
    }
}

/// Names what lessons, in the order of their ids, give to train on or to test
/// with. Hypotheses, drafts and checks change no model.
fn taught<'a>(lessons: impl IntoIterator<Item = &'a Lesson>) -> String {
    let mut hash = StepHash::default();
    for lesson in lessons {
        let accepted = lesson.samples.iter().filter(|sample| sample.is_accepted());
        for sample in accepted {
            hash = hash
                .with("lesson", lesson.id.0.as_bytes())
                .with("blind spot", &lesson.blind_spot.0.to_le_bytes())
                .with("teacher", lesson.teacher.as_bytes())
                .with("left out", &[u8::from(lesson.left_out)])
                .with("sample", sample.id.0.as_bytes())
                .with("text", sample.text.joined().as_bytes())
                .with("label", sample.label.as_bytes())
                .with("trains", &[u8::from(sample.trains())]);
        }
    }
    hash.finish()
}
