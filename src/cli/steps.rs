//! The steps of the loop on their own.

use std::io::{IsTerminal as _, Write as _};
use std::sync::Arc;

use super::args::{CompareArgs, DiscoverArgs, FitArgs, ResetArgs, RetrainArgs, ScoreArgs};
use super::comparison;
use super::discovered::{Discovered, Wanted, discover as discovered, discover_or_read};
use super::progress::on_terminal;
use super::run::{plan, said_openings};
use super::say::{print_json, say};
use super::table::table;
use crate::comparison::Comparison;
use crate::records::{Role, Round};
use crate::steps::discover::figures::{figures, found_spots};
use crate::steps::round::RoundInput;
use crate::steps::score_file::score_file;
use crate::steps::{OpenProject, state_folder};
use crate::support::figures::Sheet;
use crate::support::{Error, Progress, Result};

/// `blindspot fit`.
///
/// # Errors
/// When there is nothing to fit, or when cancelled.
pub(super) fn fit(args: &FitArgs) -> Result<()> {
    let progress = on_terminal(args.common.quiet);
    let state = args.common.state_dir.as_deref();
    let project = OpenProject::open(&args.common.project, state, &progress)?;
    let base = project.base(args.again, &progress)?;
    if args.common.json {
        return print_json(&serde_json::json!({
            "base": base.info.id, "origin": base.info.origin, "seconds": base.fit_seconds,
        }));
    }
    say(format_args!(
        "base model {} ({}), fitted in {:.0} s",
        base.info.id, base.info.origin, base.fit_seconds
    ))?;
    Ok(())
}

/// `blindspot discover`.
///
/// # Errors
/// Whatever a step says.
pub(super) fn discover(args: &DiscoverArgs) -> Result<()> {
    let progress = on_terminal(args.common.quiet);
    let wanted = Wanted::of(&args.discovery, &args.common).anew(args.freeze);
    let found = discover_or_read(&args.common, wanted, &progress)?;
    if args.common.json {
        return print_json(&found.snapshot);
    }
    say(format_args!(
        "snapshot {} at τ = {:.2}",
        found.snapshot.version, found.snapshot.settings.tau
    ))?;
    let dataset = &found.project.workspace.dataset;
    let spots = found_spots(&found.snapshot, &found.document, dataset);
    let spots = Sheet::of("Blind spots", &figures(), &spots);
    say(table(&spots).trim_end())?;
    Ok(())
}

/// `blindspot retrain`.
///
/// # Errors
/// Whatever a step says; finished arms stay.
pub(super) fn retrain(args: &RetrainArgs) -> Result<()> {
    let progress = on_terminal(args.common.quiet);
    let found = discovered(&args.common, Wanted::default(), false, &progress)?;
    let round = found.round()?;
    let plan = plan(&args.training, args.common.first_seed(), &round)?;
    let trained = round.train(&plan, &progress)?;
    let comparison = round.read_check(&trained, &progress)?;
    if args.common.json {
        return print_json(&comparison);
    }
    say(format_args!("round {}", trained.round.number))?;
    say(comparison::text(&comparison))?;
    Ok(())
}

/// `blindspot compare`: the last round, on *check* or on *final*.
///
/// # Errors
/// When there is no round, or when the models' answers are gone.
pub(super) fn compare(args: &CompareArgs) -> Result<()> {
    let progress = on_terminal(args.common.quiet);
    let found = discover_or_read(&args.common, Wanted::default(), &progress)?;
    let rounds = found.project.store.rounds()?;
    let last = rounds.last().ok_or_else(|| {
        Error::input("there is no round to compare yet")
            .hint("`blindspot retrain PROJECT` trains one")
    })?;
    let comparison = if args.open_final {
        let snapshot = found.project.snapshot_of(last)?;
        let round = RoundInput {
            snapshot: &snapshot,
            ..found.round()?
        };
        let trained = round.recall(last)?;
        round.open_final(&trained, "blindspot compare --open-final", &progress)?
    } else {
        let of = found.project.snapshot_of(last).ok();
        if let Some(why) = of.and_then(|of| last.outdated(&of, &found.info)) {
            progress.warn(why);
        }
        comparison_of(&found, last, &progress)?
    };
    if args.common.json {
        return print_json(&comparison);
    }
    say(comparison::text(&comparison))?;
    say(said_openings(&found.project.store.openings()?))?;
    Ok(())
}

/// The comparison of a round: on *final* if that was opened for it, else on
/// *check*. One that was not kept, or was damaged, is made again.
fn comparison_of(found: &Discovered, round: &Round, progress: &Progress) -> Result<Comparison> {
    let openings = found.project.store.openings()?;
    let opened = openings.iter().any(|opening| opening.round == round.number);
    let role = if opened { Role::Final } else { Role::Check };
    let kept = found.project.comparisons_of(round.number)?;
    if let Some(kept) = kept.into_iter().find(|kept| kept.role == role) {
        return Ok(Arc::unwrap_or_clone(kept));
    }
    progress.warn(format!(
        "the comparison of round {} on {} had not been kept; it is made again",
        round.number,
        role.name()
    ));
    let snapshot = found.project.snapshot_of(round)?;
    let input = RoundInput {
        snapshot: &snapshot,
        ..found.round()?
    };
    input.compare_again(round, opened, progress)
}

/// `blindspot score`.
///
/// # Errors
/// When a file cannot be read or written, or when cancelled: what was scored
/// stays for the next run.
pub(super) fn score(args: &ScoreArgs) -> Result<()> {
    let progress = on_terminal(args.common.quiet);
    let state = args.common.state_dir.as_deref();
    let project = OpenProject::open(&args.common.project, state, &progress)?;
    let model = project.model_in_use(&progress)?;
    let out = args.out.clone().unwrap_or_else(|| {
        let mut name = args.file.as_os_str().to_owned();
        name.push(".scored.csv");
        name.into()
    });
    let files = (args.file.as_path(), out.as_path());
    let scored = score_file(&project.workspace, &model, files, &progress)?;
    if args.common.json {
        return print_json(&scored);
    }
    say(format_args!(
        "rows scored: {}, into `{}`",
        scored.rows,
        out.display()
    ))?;
    if scored.taken_over > 0 {
        say(format_args!("by an earlier run: {}", scored.taken_over))?;
    }
    Ok(())
}

/// `blindspot reset`: asks first.
///
/// # Errors
/// When the answer is no, or when the folder is in use or not ours.
pub(super) fn reset(args: &ResetArgs) -> Result<()> {
    let state = state_folder(&args.common.project, args.common.state_dir.as_deref());
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
    if args.common.json {
        let deleted = was_there.then_some(state);
        return print_json(&serde_json::json!({ "deleted": deleted }));
    }
    if was_there {
        say(format_args!("deleted `{}`", state.display()))
    } else {
        say(format_args!(
            "there was nothing to delete: `{}` does not exist",
            state.display()
        ))
    }
}

pub(super) fn confirmed(question: &str) -> Result<bool> {
    let failed = |e| Error::program("cannot ask").because(e);
    eprint!("{question} [y/N] ");
    std::io::stderr().flush().map_err(failed)?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer).map_err(failed)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}
