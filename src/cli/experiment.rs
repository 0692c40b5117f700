//! `blindspot experiment`: arms × seeds, resumable, shared by several
//! processes or by machines.

mod work;

use std::time::Instant;

use clap::Args;
use serde::Serialize;

use super::args::{Common, JudgingArgs, Size, arms, modes, size};
use super::cluster::{ClusterArgs, Spread};
use super::comparison;
use super::discovered::{Discovered, discover_or_join, discovered_shared};
use super::run::said_openings;
use super::say::{print_json, say};
use crate::comparison::Comparison;
use crate::records::{ArmRun, Document, Mode, Opening, RetrainPlan};
use crate::steps::Basis;
use crate::steps::round::Trained;
use crate::support::text::many;
use crate::support::{Error, Progress, Result, Share};
use work::Units;

/// `experiment`.
#[derive(Debug, Clone, Args)]
pub struct ExperimentArgs {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(flatten)]
    pub(crate) judging: JudgingArgs,
    /// Arms by name; all that can be trained when left out.
    #[arg(long, value_delimiter = ',', help = arms())]
    pub arms: Vec<String>,
    /// Seeds per arm.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..))]
    pub seeds: u64,
    /// Rounds: in each one the lessons of one more snapshot are taught. All
    /// lessons at once when left out.
    #[arg(long)]
    pub rounds: Option<usize>,
    /// Numbers of examples that every arm adds, comma-separated, a round for
    /// each, and what lessons are worth in labels: `32,64,128,all`.
    #[arg(long, value_name = "N,…,all", value_delimiter = ',', value_parser = size, conflicts_with = "rounds")]
    pub sizes: Vec<Size>,
    /// Upper layers over cached activations, or all layers from the
    /// pretrained weights.
    #[arg(long, default_value = "quick", value_parser = modes())]
    pub mode: Mode,
    /// Open *final*: deliberate, recorded, printed beside the figures.
    #[arg(long)]
    pub open_final: bool,
    /// Do part I of N of the work only, as a task that any engine can start;
    /// the same command with `--collect` gives the result.
    #[arg(long, value_name = "I/N", conflicts_with_all = ["open_final", "collect", "slurm"])]
    pub task: Option<Share>,
    /// Train nothing here: compare what the tasks left, or name what is
    /// missing.
    #[arg(long)]
    pub collect: bool,
    #[command(flatten)]
    pub(crate) cluster: ClusterArgs,
}

/// What `--json` prints.
#[derive(Serialize)]
struct Output {
    rounds: Vec<Round>,
    openings: Vec<Opening>,
}

#[derive(Serialize)]
struct Round {
    number: u32,
    plan: RetrainPlan,
    runs: Vec<ArmRun>,
    check: Comparison,
    #[serde(rename = "final")]
    sealed: Option<Comparison>,
}

/// A round that is to be trained: what it teaches, and how.
struct Stage {
    document: Document,
    plan: RetrainPlan,
}

impl Stage {
    fn basis<'a>(&'a self, found: &'a Discovered) -> Result<Basis<'a>> {
        Ok(Basis {
            document: &self.document,
            ..found.basis()?
        })
    }
}

/// Trains what no other process has trained yet, waits for the rest, and
/// prints the comparison; with `--task` trains a part and prints its results.
///
/// The process that opened the project first records rounds and openings; any
/// other prints the same figures and records nothing.
///
/// # Errors
/// Whatever a step says; arms that finished stay and are not trained again.
pub(super) fn experiment(args: &ExperimentArgs) -> Result<()> {
    let began = Instant::now();
    let progress = args.common.at.progress();
    if let Some(share) = args.task {
        let found = discovered_shared(&args.common, &progress)?;
        return work::task(&found, args, share, &progress);
    }
    let found = discover_or_join(&args.common, &progress)?;
    let records = found.project.store.read_only().is_none();
    if (args.open_final || args.cluster.slurm.is_some()) && !records {
        return Err(Error::input(
            "another process has the project open, so neither an opening of final nor what was \
             submitted can be recorded",
        )
        .hint("leave out `--open-final` here, and give it to the process that was started first"));
    }
    let stages = stages(&found, args, &progress)?;
    if args.collect || args.cluster.is_asked_for() {
        let units = Units::of(&found, &stages, &progress)?;
        if args.cluster.is_asked_for() && units.spread(args, &progress)? == Spread::Printed {
            return Ok(());
        }
        units.check_all_done()?;
    }
    let rounds = match args.sizes.is_empty() {
        true => (stages.iter())
            .map(|stage| compared(&stage.basis(&found)?, &stage.plan, args, &progress))
            .collect::<Result<_>>()?,
        false => over_sizes(&found, &stages, args, &progress)?,
    };
    let openings = found.project.store.openings()?;
    if args.common.at.json {
        return print_json(&Output { rounds, openings });
    }
    // Of an experiment over sizes the largest round holds the curves.
    let shown = match args.sizes.is_empty() {
        true => rounds.as_slice(),
        false => rounds.last().map(std::slice::from_ref).unwrap_or_default(),
    };
    for round in shown {
        say(format_args!(
            "round {} ({}, {})",
            round.number,
            round.plan.mode,
            many(round.plan.seeds.len(), "seed")
        ))?;
        for comparison in [Some(&round.check), round.sealed.as_ref()]
            .into_iter()
            .flatten()
        {
            let spent = found.spent(&round.runs, comparison);
            say(comparison::text(comparison, spent.as_ref()))?;
        }
    }
    say(said_openings(&openings))?;
    eprintln!("finished in {:.0} s", began.elapsed().as_secs_f64());
    Ok(())
}

/// Trains a round, or reads what was trained, and compares its arms.
fn compared(
    basis: &Basis<'_>,
    plan: &RetrainPlan,
    args: &ExperimentArgs,
    progress: &Progress,
) -> Result<Round> {
    let (trained, check) = read(basis, plan, progress)?;
    let sealed = if args.open_final {
        let reason = "blindspot experiment --open-final";
        let endpoints = args.judging.endpoints(basis.project);
        Some(basis.open_final(&trained, (&endpoints, reason), progress)?)
    } else {
        None
    };
    Ok(Round::of(trained, check, sealed))
}

/// Trains a round, or reads what was trained, and compares its arms on *check*.
fn read(
    basis: &Basis<'_>,
    plan: &RetrainPlan,
    progress: &Progress,
) -> Result<(Trained, Comparison)> {
    let trained = basis.train(plan, progress)?;
    let check = basis.read_check(&trained, progress)?;
    Ok((trained, check))
}

impl Round {
    fn of(trained: Trained, check: Comparison, sealed: Option<Comparison>) -> Self {
        Self {
            number: trained.round.number,
            plan: trained.round.plan,
            runs: trained.round.runs,
            check,
            sealed,
        }
    }
}

/// A round for each size, smallest first; the largest holds the curves over
/// all. *final* is opened once, for the largest, and the others are read on it
/// for the curves alone.
fn over_sizes(
    found: &Discovered,
    stages: &[Stage],
    args: &ExperimentArgs,
    progress: &Progress,
) -> Result<Vec<Round>> {
    let mut read_so_far = Vec::new();
    for (number, stage) in (1..).zip(stages) {
        let within = progress.within(&format!("size {number} of {}", stages.len()));
        read_so_far.push(read(&stage.basis(found)?, &stage.plan, &within)?);
    }
    let (trained, mut checks): (Vec<Trained>, Vec<Comparison>) = read_so_far.into_iter().unzip();
    let together: Vec<&Trained> = trained.iter().collect();
    let mut sealed = None;
    if let (Some(stage), Some(largest), Some(check)) = (stages.last(), trained.last(), checks.pop())
    {
        let basis = stage.basis(found)?;
        if args.open_final {
            let reason = format!(
                "blindspot experiment --open-final --sizes: {} rounds for one curve",
                trained.len()
            );
            let endpoints = args.judging.endpoints(basis.project);
            let opened = basis.open_final(largest, (&endpoints, &reason), progress)?;
            sealed = Some(basis.with_size_curves(opened, &together, progress)?);
        }
        checks.push(basis.with_size_curves(check, &together, progress)?);
    }
    let rounds = trained.into_iter().zip(checks);
    let mut rounds: Vec<Round> = rounds
        .map(|(trained, check)| Round::of(trained, check, None))
        .collect();
    if let Some(largest) = rounds.last_mut() {
        largest.sealed = sealed;
    }
    Ok(rounds)
}

/// The rounds to train.
fn stages(found: &Discovered, args: &ExperimentArgs, progress: &Progress) -> Result<Vec<Stage>> {
    let mut stages = Vec::new();
    for document in accumulated(&found.document, args.rounds)? {
        let basis = Basis {
            document: &document,
            ..found.basis()?
        };
        let how = (args.seeds, args.common.first_seed(), args.mode);
        let plan = basis.plan(&args.arms, how)?;
        if args.sizes.is_empty() {
            stages.push(Stage { document, plan });
            continue;
        }
        let all = basis.size_of(&plan, progress)?;
        for size in in_order(&args.sizes, all, progress)? {
            let plan = RetrainPlan {
                size: Some(size).filter(|size| *size < all),
                ..plan.clone()
            };
            let document = document.clone();
            stages.push(Stage { document, plan });
        }
    }
    Ok(stages)
}

/// The numbers of examples, ascending, each once.
fn in_order(sizes: &[Size], all: usize, progress: &Progress) -> Result<Vec<usize>> {
    let number = |size: &Size| match size {
        Size::Of(number) => *number,
        Size::All => all,
    };
    let mut numbers: Vec<usize> = sizes.iter().map(number).collect();
    numbers.sort_unstable();
    numbers.dedup();
    let too_many = numbers.iter().filter(|number| **number > all);
    let too_many: Vec<String> = too_many.map(usize::to_string).collect();
    if !too_many.is_empty() {
        progress.warn(format!(
            "there are {all} examples to add, so these sizes are left out: {}",
            too_many.join(", ")
        ));
    }
    numbers.retain(|number| (1..=all).contains(number));
    if numbers.is_empty() {
        return Err(Error::input(format!(
            "none of the sizes can be had: there are {all} examples to add"
        ))
        .hint("`--sizes all` takes all there are"));
    }
    Ok(numbers)
}

/// The documents that the rounds teach: in round r the lessons that were
/// written for the first r snapshots with lessons, so that lessons accumulate
/// as they did when they were written. Without a number all at once.
fn accumulated(document: &Document, rounds: Option<usize>) -> Result<Vec<Document>> {
    let Some(rounds) = rounds else {
        return Ok(vec![document.clone()]);
    };
    let mut versions: Vec<u32> = document.lessons.values().map(|l| l.snapshot).collect();
    versions.sort_unstable();
    versions.dedup();
    if rounds == 0 || rounds > versions.len() {
        return Err(Error::input(format!(
            "{rounds} rounds are asked for, and lessons were written for {} snapshots",
            versions.len()
        ))
        .hint("each round adds the lessons of one more snapshot; leave `--rounds` out to teach all at once"));
    }
    let up_to = |version: &u32| {
        let mut document = document.clone();
        document
            .lessons
            .retain(|_, lesson| lesson.snapshot <= *version);
        document
    };
    Ok(versions.iter().take(rounds).map(up_to).collect())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::records::{Author, BlindSpotId, Lesson, RecordId};

    #[test]
    fn sizes_are_ascending_and_none_is_larger_than_what_there_is() {
        let silent = Progress::silent();
        let order = |sizes: &[Size]| in_order(sizes, 100, &silent);
        let sizes = [
            Size::All,
            Size::Of(64),
            Size::Of(512),
            Size::Of(100),
            Size::Of(32),
        ];
        assert_eq!(order(&sizes).expect("some fit"), [32, 64, 100]);
        assert!(order(&[Size::Of(512)]).is_err());
        assert!(in_order(&[Size::All], 0, &silent).is_err());
    }

    #[test]
    fn lessons_accumulate_by_snapshot() {
        let mut document = Document::default();
        for (id, snapshot) in [("a", 1), ("b", 3), ("c", 3)] {
            let place = (BlindSpotId(1), snapshot);
            let lesson = Lesson::new(RecordId(id.into()), place, "t", Author::Human);
            document.lessons.insert(lesson.id.clone(), Arc::new(lesson));
        }
        let counts = |rounds| -> Vec<usize> {
            let stages = accumulated(&document, rounds).expect("enough snapshots");
            stages.iter().map(|stage| stage.lessons.len()).collect()
        };
        assert_eq!(counts(None), [3]);
        assert_eq!(counts(Some(2)), [1, 3]);
        assert!(accumulated(&document, Some(3)).is_err());
    }
}
