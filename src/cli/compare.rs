//! `blindspot compare`: a round, or a second model, beside the base.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use serde::Serialize;

use super::args::{Common, JudgingArgs, meaning};
use super::check::examples;
use super::comparison;
use super::discovered::{Discovered, Wanted, discover_or_read};
use super::run::said_openings;
use super::say::remark;
use crate::comparison::Comparison;
use crate::records::{AnswersFrom, Opening, Role, Round};
use crate::session::{Command, Edited};
use crate::steps::compare::second::{Beside, NO_ARM, SecondOutcome};
use crate::steps::shown_round::ShownRound;
use crate::steps::state::corrected_since;
use crate::steps::{Basis, State};
use crate::support::{Error, Progress, Result};

/// `compare`.
#[derive(Debug, Clone, Args)]
pub struct CompareArgs {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(flatten)]
    pub(crate) judging: JudgingArgs,
    /// Open *final*: deliberate, recorded, printed beside the figures.
    #[arg(long, conflicts_with = "with")]
    pub open_final: bool,
    /// Why *final* is opened: it stands beside the figures.
    #[arg(
        long,
        requires = "open_final",
        default_value = "blindspot compare --open-final"
    )]
    pub reason: String,
    /// The round to compare; the last one when left out.
    #[arg(long, conflicts_with = "with")]
    pub round: Option<u32>,
    /// Compare the base with a second model of the same labels instead, on
    /// *check*: a folder in Hugging Face layout, or a file of predictions as
    /// `import-predictions` reads it.
    #[arg(long, value_name = "FOLDER|FILE")]
    pub with: Option<PathBuf>,
    /// What a class of the second model means where its name is not that of a
    /// label; nothing after the `=` leaves the class out. Once for each class.
    #[arg(long = "label", value_name = "CLASS=LABEL", requires = "with", value_parser = meaning)]
    pub labels: Vec<(String, String)>,
}

/// `blindspot compare`: a round, on *check* or on *final*.
///
/// # Errors
/// When there is no round, or when the models' answers are gone.
pub(super) fn compare(args: &CompareArgs) -> Result<()> {
    let progress = args.common.at.progress();
    let found = discover_or_read(&args.common, Wanted::default(), &progress)?;
    if let Some(path) = &args.with {
        return compare_with(args, path, &found, &progress);
    }
    let rounds = found.project.store.rounds()?;
    if rounds.is_empty() && args.round.is_none() && !args.open_final {
        let state = State::read(&found.project)?;
        match state.shown_round() {
            Some(shown) => return tell_shipped(args, &found, (shown, &state), &progress),
            None => state.round_left_aside().map(|why| progress.warn(why)),
        };
    }
    let wanted = |round: &&Round| args.round.is_none_or(|number| round.number == number);
    let last = rounds
        .iter()
        .rev()
        .find(wanted)
        .ok_or_else(|| match args.round {
            Some(number) if !rounds.is_empty() => {
                let numbers: Vec<String> = rounds.iter().map(|r| r.number.to_string()).collect();
                Error::input(format!("there is no round {number}"))
                    .hint(format!("there are: {}", numbers.join(", ")))
            }
            _ => Error::input("there is no round to compare yet")
                .hint("`blindspot retrain PROJECT` trains one"),
        })?;
    let comparison = if args.open_final {
        let snapshot = found.project.snapshot_of(last)?;
        let basis = Basis {
            snapshot: &snapshot,
            ..found.basis()?
        };
        let trained = basis.recall(last)?;
        let endpoints = args.judging.endpoints(&found.project);
        basis.open_final(&trained, (&endpoints, &args.reason), &progress)?
    } else {
        let of = found.project.snapshot_of(last).ok();
        if let Some(why) = of.and_then(|of| last.outdated(&of, &found.info)) {
            progress.warn(why);
        }
        comparison_of(&found, last, &progress)?
    };
    let openings = said_openings(&found.project.store.openings()?);
    let spent = found.spent(&last.runs, &comparison);
    let table = comparison::text(&comparison, spent.as_ref());
    args.common
        .at
        .tell(&comparison, format_args!("{table}\n{openings}"))
}

/// The round that came with the project.
#[derive(Serialize)]
struct Shipped<'a> {
    came_with_project: &'a str,
    openings: &'a [Opening],
    #[serde(flatten)]
    comparison: &'a Comparison,
}

/// A round that came with the project, and that it did.
fn tell_shipped(
    args: &CompareArgs,
    found: &Discovered,
    (shown, state): (ShownRound<'_>, &State),
    progress: &Progress,
) -> Result<()> {
    let (Some(said), Some(comparison)) = (shown.came_with(), shown.comparison()) else {
        return Err(Error::program(
            "the round that came with the project has no figures",
        ));
    };
    if let Some(why) = shown.outdated(state) {
        progress.warn(why);
    }
    let openings = shown.openings(state);
    let spent = found.spent(&shown.result().round.runs, comparison);
    let judged_by = openings.last();
    let judged_by = judged_by.map_or_else(String::new, |last| {
        format!(", to judge by {}", last.endpoints)
    });
    let words = format!(
        "{said}\n{}\n*final*: {}{judged_by}.",
        comparison::text(comparison, spent.as_ref()),
        state.openings_said()
    );
    let shipped = Shipped {
        came_with_project: &said,
        openings,
        comparison,
    };
    args.common.at.tell(&shipped, words)
}

/// `blindspot compare --with`: a second model, on *check*.
fn compare_with(
    args: &CompareArgs,
    path: &Path,
    found: &Discovered,
    progress: &Progress,
) -> Result<()> {
    let wanted = AnswersFrom {
        path: path.to_owned(),
        labels: args.labels.iter().cloned().collect(),
    };
    let beside = Beside {
        base: &found.info,
        reference: &found.reference,
        snapshot: &found.snapshot,
        document: &found.document,
    };
    let result = match found.project.compare_with(&wanted, &beside, progress)? {
        SecondOutcome::Compared(result) => result,
        SecondOutcome::Asks(question) => {
            remark(examples(&question));
            return Err(question.refusal_of_second(&wanted.name()));
        }
    };
    let (model, table) = (&result.model, comparison::text(&result.comparison, None));
    let number = model.number;
    if found.document.unlisted_seconds.contains(&number) {
        // Who compares with it again wants to see it.
        let listed = true;
        Edited::of(&found.project)?.apply(&[Command::ListSecond { number, listed }])?;
    }
    let said = model.said.iter().map(|line| format!("  {line}\n"));
    let said: String = said.collect();
    let fingerprint = model.fingerprint.get(..10).unwrap_or(&model.fingerprint);
    args.common.at.tell(
        &*result.comparison,
        format_args!(
            "second model {}: {}, {fingerprint}\n{said}{table}\n{NO_ARM}",
            model.number,
            model.name()
        ),
    )
}

/// The comparison of a round: on *final* if that was opened for it, else on
/// *check*. One that was not kept, or was damaged, or does not know
/// of labels that people have corrected since, is made again.
fn comparison_of(found: &Discovered, round: &Round, progress: &Progress) -> Result<Comparison> {
    let openings = found.project.store.openings()?;
    let of_round = |opening: &&Opening| opening.round == round.number;
    let opened = openings.iter().rev().find(of_round);
    let role = if opened.is_some() {
        Role::Final
    } else {
        Role::Check
    };
    let kept = found.project.comparisons_of(round.number)?;
    match kept.into_iter().find(|kept| kept.role == role) {
        None => progress.warn(format!(
            "the comparison of round {} on {} had not been kept; it is made again",
            round.number,
            role.name()
        )),
        Some(kept) => {
            let truths = found.project.truths(&found.document);
            let since = corrected_since(&kept, &found.project.workspace.dataset, &truths);
            match since.filter(|_| role == Role::Check && !found.is_black_box()) {
                None => return Ok(Arc::unwrap_or_clone(kept)),
                Some(why) => progress.warn(why),
            }
        }
    }
    let snapshot = found.project.snapshot_of(round)?;
    let basis = Basis {
        snapshot: &snapshot,
        ..found.basis()?
    };
    basis.compare_again(round, opened, progress)
}
