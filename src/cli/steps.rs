//! The steps of the loop on their own.

use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;

use super::args::{Common, DiscoveryArgs, JudgingArgs, TrainingArgs, meaning};
use super::check::examples;
use super::comparison;
use super::discovered::{Discovered, Wanted, discover as discovered, discover_or_read};
use super::run::{plan, said_openings};
use super::say::remark;
use super::table::table;
use crate::blind_spots::most_stable;
use crate::comparison::Comparison;
use crate::records::{AnswersFrom, Opening, Role, Round};
use crate::session::{Command, Edited};
use crate::steps::compare::second::{Beside, NO_ARM, SecondOutcome};
use crate::steps::discover::Discovering;
use crate::steps::discover::figures::{by_k, figures, found_spots};
use crate::steps::estimate::time_to_retrain;
use crate::steps::state::corrected_since;
use crate::steps::{Basis, State, not_scored, state_folder};
use crate::support::figures::Sheet;
use crate::support::text::many;
use crate::support::{Error, Progress, Result, terminal};

/// `fit`.
#[derive(Debug, Clone, Args)]
pub struct FitArgs {
    #[command(flatten)]
    pub(crate) common: Common,
    /// Fit again even if a fitted base is there.
    #[arg(long)]
    pub again: bool,
    /// Fit again for as long as *validation* gains, up to twice as many passes
    /// as the last time.
    #[arg(long, conflicts_with = "again")]
    pub longer: bool,
}

/// `discover`.
#[derive(Debug, Clone, Args)]
pub struct DiscoverArgs {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(flatten)]
    pub(crate) discovery: DiscoveryArgs,
    /// Freeze what is found as a new snapshot, whatever is frozen already.
    #[arg(long)]
    pub freeze: bool,
    /// Freeze nothing: say how stable the groups are for each number of blind
    /// spots, and which is the most stable.
    #[arg(long, conflicts_with_all = ["freeze", "k"])]
    pub each_k: bool,
}

/// `retrain`.
#[derive(Debug, Clone, Args)]
pub struct RetrainArgs {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(flatten)]
    pub(crate) training: TrainingArgs,
    /// Only measure how long it takes.
    #[arg(long)]
    pub estimate: bool,
}

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

/// `reset`.
#[derive(Debug, Clone, Args)]
pub struct ResetArgs {
    #[command(flatten)]
    pub(crate) common: Common,
    /// Do not ask.
    #[arg(long)]
    pub yes: bool,
}

/// `blindspot fit`.
///
/// # Errors
/// When there is nothing to fit, or when cancelled.
pub(super) fn fit(args: &FitArgs) -> Result<()> {
    let progress = args.common.at.progress();
    let project = args.common.at.open(&progress)?;
    if !project.is_black_box()?
        && let Some(question) = project.workspace.label_question()?
    {
        remark(examples(&question));
        return Err(question.refusal());
    }
    let base = match args.longer {
        true => project.fit_longer(&progress)?,
        false => project.base(args.again, &progress)?,
    };
    let (id, origin, seconds) = (&base.info.id, &base.info.origin, base.fit_seconds);
    let fitted = match project.workspace.is_as_it_is() {
        true => "the model brings its own head, so nothing was fitted".to_owned(),
        false => format!("fitted in {seconds:.0} s"),
    };
    args.common.at.tell(
        &serde_json::json!({"base": id, "origin": origin, "seconds": seconds}),
        format_args!("base model {id} ({origin}), {fitted}"),
    )
}

/// `blindspot discover`.
///
/// # Errors
/// Whatever a step says.
pub(super) fn discover(args: &DiscoverArgs) -> Result<()> {
    let progress = args.common.at.progress();
    if args.each_k {
        return each_k(args, &progress);
    }
    let wanted = Wanted::of(&args.discovery, &args.common).anew(args.freeze);
    let found = discover_or_read(&args.common, wanted, &progress)?;
    let snapshot = &found.snapshot;
    let spots = found_spots(snapshot, &found.document, &found.project.workspace.dataset);
    let spots = table(&Sheet::of("Blind spots", &figures(), &spots));
    let (version, tau) = (snapshot.version, snapshot.settings.tau);
    let mut said = format!("snapshot {version} at τ = {tau:.2}\n{}", spots.trim_end());
    for note in &snapshot.notes {
        said += &format!("\n{note}");
    }
    args.common.at.tell(snapshot, said)
}

/// `blindspot discover --each-k`.
fn each_k(args: &DiscoverArgs, progress: &Progress) -> Result<()> {
    let project = args.common.at.open(progress)?;
    let state = State::read(&project)?;
    let (Some(answers), Some(base)) = (state.answers(), &state.base) else {
        return Err(not_scored());
    };
    let mut settings = state.document.settings.clone();
    settings.tau = args.discovery.tau.unwrap_or(settings.tau);
    settings.seed = args.common.seed.unwrap_or(settings.seed);
    let discovering = Discovering {
        answers: &answers.under(Arc::clone(answers.truths()), settings.tau),
        model: &base.id,
        settings: &settings,
    };
    let found = discovering.stability(progress)?;
    let best = most_stable(&found.at).map(|best| best.k);
    let sheet = Sheet::of(
        "How stable each number of blind spots is",
        &by_k(),
        &found.at,
    );
    let said = match best {
        Some(k) => format!("{}\nthe most stable: `--k {k}`", table(&sheet).trim_end()),
        None => "there is nothing to split: one blind spot, or one for each confusion".to_owned(),
    };
    let result = serde_json::json!({"tau": settings.tau, "at": found.at, "most_stable": best});
    args.common.at.tell(&result, said)
}

/// `blindspot retrain`.
///
/// # Errors
/// Whatever a step says; finished arms stay.
pub(super) fn retrain(args: &RetrainArgs) -> Result<()> {
    let progress = args.common.at.progress();
    let found = discovered(&args.common, Wanted::default(), false, &progress)?;
    let basis = found.basis()?;
    if args.estimate {
        return estimate(args, &basis, &progress);
    }
    let plan = plan(&args.training, args.common.first_seed(), &basis)?;
    let trained = basis.train(&plan, &progress)?;
    let comparison = basis.read_check(&trained, &progress)?;
    let spent = found.spent(&trained.round.runs, &comparison);
    let table = comparison::text(&comparison, spent.as_ref());
    let number = trained.round.number;
    args.common
        .at
        .tell(&comparison, format_args!("round {number}\n{table}"))
}

/// How long the retraining that is asked for takes.
fn estimate(args: &RetrainArgs, basis: &Basis<'_>, progress: &Progress) -> Result<()> {
    let plan = plan(&args.training, args.common.first_seed(), basis)?;
    let lessons = basis.lessons().into_iter();
    let added = lessons
        .map(|lesson| lesson.training_samples().count())
        .sum();
    let workspace = &basis.project.workspace;
    let times = time_to_retrain(workspace, basis.base, added, progress)?;
    let (arms, seeds) = (plan.trained_arms(), plan.seeds.len());
    let total = times.total(plan.mode, arms, seeds).as_secs_f64();
    args.common.at.tell(
        &serde_json::json!({
            "mode": plan.mode, "arms": arms, "seeds": seeds, "seconds": total,
        }),
        format_args!(
            "about {total:.0} s ({}, {} with {})",
            plan.mode,
            many(arms, "arm"),
            many(seeds, "seed"),
        ),
    )
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

/// `blindspot reset`: asks first.
///
/// # Errors
/// When the answer is no, or when the folder is in use or not ours.
pub(super) fn reset(args: &ResetArgs) -> Result<()> {
    let state = state_folder(&args.common.at.project, args.common.at.state_dir.as_deref());
    if !args.yes && state.exists() {
        let question = format!(
            "Delete `{}` with everything the program wrote for this project?",
            state.display()
        );
        if !std::io::stdin().is_terminal() || !confirmed(&question)? {
            return Err(Error::input("nothing was deleted").hint("say `--yes` to delete"));
        }
    }
    let was_there = crate::project::reset(&state)?;
    let folder = state.display();
    let words = match was_there {
        true => format!("deleted `{folder}`"),
        false => format!("there was nothing to delete: `{folder}` does not exist"),
    };
    let deleted = was_there.then_some(&state);
    let result = serde_json::json!({ "deleted": deleted });
    args.common.at.tell(&result, words)
}

pub(super) fn confirmed(question: &str) -> Result<bool> {
    let failed = |e| Error::program("cannot ask").because(e);
    eprint!("{} [y/N] ", terminal::line(question));
    std::io::stderr().flush().map_err(failed)?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer).map_err(failed)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}
