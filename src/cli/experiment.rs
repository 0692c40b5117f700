//! `blindspot experiment`: arms × seeds, resumable, shared by several
//! processes.

use std::time::Instant;

use serde::Serialize;

use super::args::ExperimentArgs;
use super::comparison;
use super::discovered::discover_or_join;
use super::run::{plan_of, said_openings};
use super::say::{print_json, say};
use crate::comparison::Comparison;
use crate::records::{ArmRun, Document, Opening, RetrainPlan};
use crate::steps::Basis;
use crate::support::text::many;
use crate::support::{Error, Result};

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

/// Trains what no other process has trained yet, waits for the rest, and
/// prints the comparison.
///
/// The process that opened the project first records rounds and openings; any
/// other prints the same figures and records nothing.
///
/// # Errors
/// Whatever a step says; arms that finished stay and are not trained again.
pub(super) fn experiment(args: &ExperimentArgs) -> Result<()> {
    let began = Instant::now();
    let progress = args.common.progress();
    let found = discover_or_join(&args.common, &progress)?;
    let records = found.project.store.read_only().is_none();
    if args.open_final && !records {
        return Err(Error::input(
            "another process has the project open, so an opening of final cannot be recorded",
        )
        .hint("leave out `--open-final` here, and give it to the process that was started first"));
    }
    let mut rounds = Vec::new();
    for document in stages(&found.document, args.rounds)? {
        let round = Basis {
            document: &document,
            ..found.basis()?
        };
        let plan = plan_of(
            &args.arms,
            (args.seeds, args.common.first_seed(), args.mode),
            &round,
        )?;
        let trained = round.train(&plan, &progress)?;
        let check = round.read_check(&trained, &progress)?;
        let sealed = if args.open_final {
            let reason = "blindspot experiment --open-final";
            Some(round.open_final(&trained, reason, &progress)?)
        } else {
            None
        };
        rounds.push(Round {
            number: trained.round.number,
            plan,
            runs: trained.round.runs,
            check,
            sealed,
        });
    }
    let openings = found.project.store.openings()?;
    if args.common.json {
        return print_json(&Output { rounds, openings });
    }
    for round in &rounds {
        say(format_args!(
            "round {} ({}, {})",
            round.number,
            round.plan.mode,
            many(round.plan.seeds.len(), "seed")
        ))?;
        say(comparison::text(&round.check))?;
        if let Some(sealed) = &round.sealed {
            say(comparison::text(sealed))?;
        }
    }
    say(said_openings(&openings))?;
    eprintln!("finished in {:.0} s", began.elapsed().as_secs_f64());
    Ok(())
}

/// The documents that the rounds teach: in round r the lessons that were
/// written for the first r snapshots with lessons, so that lessons accumulate
/// as they did when they were written. Without a number all at once.
fn stages(document: &Document, rounds: Option<usize>) -> Result<Vec<Document>> {
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
    fn lessons_accumulate_by_snapshot() {
        let mut document = Document::default();
        for (id, snapshot) in [("a", 1), ("b", 3), ("c", 3)] {
            let place = (BlindSpotId(1), snapshot);
            let lesson = Lesson::new(RecordId(id.into()), place, "t", Author::Human);
            document.lessons.insert(lesson.id.clone(), Arc::new(lesson));
        }
        let counts = |rounds| -> Vec<usize> {
            let stages = stages(&document, rounds).expect("enough snapshots");
            stages.iter().map(|stage| stage.lessons.len()).collect()
        };
        assert_eq!(counts(None), [3]);
        assert_eq!(counts(Some(2)), [1, 3]);
        assert!(stages(&document, Some(3)).is_err());
    }
}
