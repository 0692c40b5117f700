//! The work of an experiment as a list of units, which tasks share.

use std::collections::BTreeSet;

use serde::Serialize;

use super::ExperimentArgs;
use super::{Stage, stages};
use crate::cli::cluster::{Spread, Work, project_arguments, shared_folders};
use crate::cli::discovered::Discovered;
use crate::project::Files;
use crate::steps::retrain::units::Unit;
use crate::support::hash::StepHash;
use crate::support::machine::Machine;
use crate::support::text::many;
use crate::support::{Error, Progress, Result, Share};

/// Missing units that an error names; of more the number is said.
const NAMED: usize = 10;

/// All units of an experiment, each once, in the order of its rounds.
pub(super) struct Units<'a> {
    found: &'a Discovered,
    /// Each with the number of its stage.
    units: Vec<(usize, Unit)>,
}

/// What `--task` prints with `--json`.
#[derive(Serialize)]
struct Output {
    task: String,
    work: String,
    machine: String,
    units: Vec<Made>,
}

#[derive(Serialize)]
struct Made {
    name: String,
    file: String,
}

impl<'a> Units<'a> {
    /// Lists the work of all stages. A unit that two rounds share, such as the
    /// base arm, is there once.
    pub(super) fn of(found: &'a Discovered, stages: &[Stage], progress: &Progress) -> Result<Self> {
        let mut known = BTreeSet::new();
        let mut units = Vec::new();
        for (number, stage) in stages.iter().enumerate() {
            let of_stage = stage.basis(found)?.units(&stage.plan, progress)?;
            let new = of_stage
                .into_iter()
                .filter(|unit| known.insert(unit.key().clone()));
            units.extend(new.map(|unit| (number, unit)));
        }
        if units.is_empty() {
            return Err(Error::input("no arm has anything to train")
                .hint("write lessons first, or name other arms with `--arms`"));
        }
        Ok(Self { found, units })
    }

    /// Names the work: the results of all its units.
    fn fingerprint(&self) -> String {
        let add = |hash: StepHash, unit: &Unit| hash.with("unit", unit.key().name().as_bytes());
        let units = self.units.iter().map(|(_, unit)| unit);
        units.fold(StepHash::default(), add).finish()
    }

    fn part(&self, share: Share) -> &[(usize, Unit)] {
        &self.units[share.range(self.units.len())]
    }

    fn files(&self) -> &Files {
        self.found.project.store.files()
    }

    /// Has an engine do the work, or prints what one needs.
    pub(super) fn spread(&self, args: &ExperimentArgs, progress: &Progress) -> Result<Spread> {
        let state = self.found.project.store.folder();
        let is_done = |share| {
            let mut units = self.part(share).iter();
            units.all(|(_, unit)| unit.is_done(self.files()))
        };
        let name = |share| {
            let names: Vec<String> = self.part(share).iter().map(|(_, u)| u.name()).collect();
            match names.as_slice() {
                [first, .., last] => format!("{first} to {last}"),
                names => names.concat(),
            }
        };
        let work = Work {
            fingerprint: self.fingerprint(),
            title: format!(
                "experiment on {}",
                self.found.project.workspace.manifest.name
            ),
            units: self.units.len(),
            arguments: arguments(args)?,
            part: "--task",
            collect: &|_| "--collect".to_owned(),
            is_done: &is_done,
            name: &name,
            state,
            shared: shared_folders(&args.common, state)?,
        };
        args.cluster.spread(work, progress)
    }

    /// Refuses to go on while results are missing, and names them.
    ///
    /// # Errors
    /// When some are.
    pub(super) fn check_all_done(&self) -> Result<()> {
        let open = self
            .units
            .iter()
            .filter(|(_, unit)| !unit.is_done(self.files()));
        let open: Vec<String> = open.map(|(_, unit)| unit.name()).collect();
        if open.is_empty() {
            return Ok(());
        }
        let named = open
            .iter()
            .take(NAMED)
            .cloned()
            .collect::<Vec<_>>()
            .join("; ");
        let more = open.len().saturating_sub(NAMED);
        let more = if more > 0 {
            format!("; and {more} more")
        } else {
            String::new()
        };
        Err(Error::input(format!(
            "{} of {} are missing: {named}{more}",
            many(open.len(), "result"),
            self.units.len()
        ))
        .hint("run their tasks again; without `--collect` this command makes them here"))
    }
}

/// Trains the part of a task and says where its results lie.
///
/// # Errors
/// When the work is other than the tasks were submitted for, or whatever a
/// step says; units that finished stay.
pub(super) fn task(
    found: &Discovered,
    args: &ExperimentArgs,
    share: Share,
    progress: &Progress,
) -> Result<()> {
    let stages = stages(found, args, progress)?;
    let units = Units::of(found, &stages, progress)?;
    let work = units.fingerprint();
    args.cluster.check_expected(&work)?;
    let part = units.part(share);
    for (number, stage) in stages.iter().enumerate() {
        let of_stage = part.iter().filter(|(of, _)| *of == number);
        let of_stage: Vec<Unit> = of_stage.map(|(_, unit)| unit.clone()).collect();
        if !of_stage.is_empty() {
            stage
                .basis(found)?
                .train_some(&stage.plan, &of_stage, progress)?;
        }
    }
    let made = part.iter().map(|(_, unit)| Made {
        name: unit.name(),
        file: units.files().path(unit.key()).display().to_string(),
    });
    let output = Output {
        task: share.to_string(),
        work,
        machine: Machine::here().kind(),
        units: made.collect(),
    };
    let lines = output
        .units
        .iter()
        .map(|made| format!("\n{}: {}", made.name, made.file));
    let words = format!(
        "task {share}, {}{}",
        output.machine,
        lines.collect::<String>()
    );
    args.common.at.tell(&output, words)
}

/// The arguments that do the same work from any folder: every option that
/// changes a unit has to be among them. One that is forgotten is found out,
/// since a task refuses other work than it was submitted for.
fn arguments(args: &ExperimentArgs) -> Result<Vec<String>> {
    let mut arguments = vec!["experiment".to_owned()];
    arguments.extend(project_arguments(&args.common)?);
    if !args.arms.is_empty() {
        arguments.extend(["--arms".to_owned(), args.arms.join(",")]);
    }
    arguments.extend(["--seeds".to_owned(), args.seeds.to_string()]);
    if let Some(rounds) = args.rounds {
        arguments.extend(["--rounds".to_owned(), rounds.to_string()]);
    }
    if !args.sizes.is_empty() {
        let sizes: Vec<String> = args.sizes.iter().map(ToString::to_string).collect();
        arguments.extend(["--sizes".to_owned(), sizes.join(",")]);
    }
    arguments.extend(["--mode".to_owned(), args.mode.to_string()]);
    Ok(arguments)
}
