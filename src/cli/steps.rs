//! The steps of the loop on their own.

use std::io::{IsTerminal as _, Write as _};
use std::sync::Arc;

use clap::Args;

use super::args::{Common, DiscoveryArgs, TrainingArgs};
use super::check::examples;
use super::comparison;
use super::discovered::{Wanted, discover as discovered, discover_or_read};
use super::run::plan;
use super::say::remark;
use super::table::table;
use crate::blind_spots::most_stable;
use crate::steps::discover::Discovering;
use crate::steps::discover::figures::{by_k, figures, found_spots};
use crate::steps::estimate::time_to_retrain;
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
    /// Freeze what is found as a new snapshot, also where one of these
    /// settings is frozen already; other settings are always frozen anew.
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
    if let Some(question) = project.workspace.label_question()? {
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
