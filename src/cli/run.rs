//! `blindspot run`: the whole loop with the lessons stored in the project.

use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Args;
use serde::Serialize;

use super::args::{Common, DiscoveryArgs, JudgingArgs, TrainingArgs};
use super::comparison;
use super::discovered::{Discovered, Wanted, discover};
use super::say::{print_json, say};
use crate::comparison::Comparison;
use crate::records::{Opening, RetrainPlan, Role, Snapshot};
use crate::report;
use crate::steps::Basis;
use crate::support::Result;
use crate::support::text::{many, times};

/// `run`.
#[derive(Debug, Clone, Args)]
pub struct RunArgs {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(flatten)]
    pub(crate) discovery: DiscoveryArgs,
    #[command(flatten)]
    pub(crate) training: TrainingArgs,
    #[command(flatten)]
    pub(crate) judging: JudgingArgs,
    /// Fit the base too and freeze its blind spots anew.
    #[arg(long)]
    pub fit: bool,
    /// Leave *final* sealed.
    #[arg(long)]
    pub keep_sealed: bool,
    /// Where the report is written, instead of `report.html` in the state
    /// folder.
    #[arg(long, value_name = "FILE.html")]
    pub report: Option<PathBuf>,
}

/// File of the report that `run` writes into the state folder.
const REPORT: &str = "report.html";

/// What `--json` prints.
#[derive(Serialize)]
struct Output<'a> {
    base: &'a str,
    blind_spots: usize,
    unknown_unknowns: usize,
    check: Option<&'a Comparison>,
    #[serde(rename = "final")]
    sealed: Option<&'a Comparison>,
    openings: &'a [Opening],
    report: &'a Path,
}

/// Runs the loop and prints the comparison.
///
/// # Errors
/// Whatever a step says; what finished before stays.
pub(super) fn run(args: &RunArgs) -> Result<()> {
    let began = Instant::now();
    let progress = args.common.at.progress();
    if let Some(path) = &args.report {
        report::may_be_written_to(path)?;
    }
    let wanted = Wanted::of(&args.discovery, &args.common);
    let found = discover(&args.common, wanted, args.fit, &progress)?;
    let (runs, check, sealed, nothing_to_judge) = if found.is_black_box() {
        (Vec::new(), None, None, false)
    } else {
        let round = found.basis()?;
        let plan = plan(&args.training, args.common.first_seed(), &round)?;
        let trained = round.train(&plan, &progress)?;
        let check = round.read_check(&trained, &progress)?;
        let sealed = if args.keep_sealed || !trained.has_lessons() {
            None
        } else {
            let endpoints = args.judging.endpoints(&found.project);
            Some(round.open_final(&trained, (&endpoints, "blindspot run"), &progress)?)
        };
        let nothing_to_judge = !trained.has_lessons();
        (trained.round.runs, Some(check), sealed, nothing_to_judge)
    };
    let told = |comparison: &Comparison| {
        let spent = found.spent(&runs, comparison);
        comparison::text(comparison, spent.as_ref())
    };
    let written = match &args.report {
        Some(path) => path.clone(),
        None => found.project.store.folder().join(REPORT),
    };
    report::write(&found.project, &written, &progress)?;
    progress.stage("Writing", None);
    let openings = found.project.store.openings()?;
    if args.common.at.json {
        return print_json(&Output {
            base: &found.info.id,
            blind_spots: found.snapshot.blind_spots.len(),
            unknown_unknowns: size(&found.snapshot),
            check: check.as_ref(),
            sealed: sealed.as_ref(),
            openings: &openings,
            report: &written,
        });
    }
    say(introduction(&found, openings.len()))?;
    match &check {
        Some(check) => say(told(check))?,
        None => say("A black box is not retrained: there is nothing to compare.")?,
    }
    if let Some(sealed) = &sealed {
        say(told(sealed))?;
        say(said_openings(&openings))?;
    } else if nothing_to_judge && !args.keep_sealed {
        say(
            "*final* was not opened: no arm with lessons was trained, so there is nothing to judge.",
        )?;
    }
    say(format_args!("Report: {}", written.display()))?;
    eprintln!("finished in {:.0} s", began.elapsed().as_secs_f64());
    Ok(())
}

/// The arms and seeds asked for; without names, all that can be trained.
pub(super) fn plan(training: &TrainingArgs, seed: u64, basis: &Basis<'_>) -> Result<RetrainPlan> {
    basis.plan(&training.arms, (training.seeds, seed, training.mode))
}

fn size(snapshot: &Snapshot) -> usize {
    snapshot.blind_spots.iter().map(|spot| spot.size()).sum()
}

fn introduction(found: &Discovered, openings: usize) -> String {
    let dataset = &found.project.workspace.dataset;
    let count = |role| dataset.with_role(role).len();
    let lessons = &found.document.lessons;
    let samples: usize = lessons.values().map(|l| l.training_samples().count()).sum();
    let mut text = format!(
        "{}\n  base model: {} ({})\n  data: {} train, {} discovery, {} check, {} final ({})\n  \
         {} at τ = {:.2} in {}; {} with {}\n",
        found.project.workspace.manifest.name,
        &found.info.id[..12.min(found.info.id.len())],
        found.info.origin,
        count(Role::Train),
        count(Role::Discovery),
        count(Role::Check),
        count(Role::Final),
        match openings {
            0 => "sealed".to_owned(),
            opened => format!("opened {}", times(opened)),
        },
        many(size(&found.snapshot), "unknown unknown"),
        found.snapshot.settings.tau,
        many(found.snapshot.blind_spots.len(), "blind spot"),
        many(lessons.len(), "lesson"),
        many(samples, "training sample"),
    );
    let stability = found.snapshot.stability;
    if let Some(stability) = stability {
        text += &format!("  stability of the blind spots: {stability:.2} (adjusted Rand index)\n");
    }
    for note in &found.snapshot.notes {
        text += &format!("  note: {note}\n");
    }
    text
}

pub(super) fn said_openings(openings: &[Opening]) -> String {
    let last = openings.last();
    let last = last.map_or_else(String::new, |o| {
        format!(", last for round {}, to judge by {}", o.round, o.endpoints)
    });
    format!("*final* has been opened {}{last}.", times(openings.len()))
}
