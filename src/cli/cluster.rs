//! Work that is spread over machines, as the command line asks for it: which
//! part a task does, and which engine gets the tasks.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;

use super::args::Common;
use super::say::say;
use crate::cluster::{self, Array, Results, Slurm, Waits};
use crate::project::network_type;
use crate::support::text::many;
use crate::support::{Error, Progress, Result, Share};

/// Folder of scripts, logs and records inside the state folder.
const FOLDER: &str = "cluster";

/// The most tasks of an array: Slurm takes numbers up to 1,000 unless it was
/// set otherwise.
const MOST_TASKS: usize = 1_000;

/// Time between two looks at the queue.
const LOOK_EVERY: Duration = Duration::from_secs(10);

/// Time until a result has to be seen after its task has ended: files of
/// another machine appear on a network drive after a minute at the latest,
/// unless it was mounted otherwise.
const SEEN_ON_NETWORK: Duration = Duration::from_secs(90);
const SEEN_HERE: Duration = Duration::from_secs(15);

/// Options of commands whose work can be spread over machines.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct ClusterArgs {
    /// Submit the work as a job array of Slurm with these options for `sbatch`,
    /// such as "--partition=cpu --time=2:00:00", follow it and collect. The
    /// same command goes on after it was ended.
    #[arg(long, value_name = "OPTIONS", allow_hyphen_values = true)]
    pub slurm: Option<String>,
    /// Only print the script for `sbatch`.
    #[arg(long, conflicts_with = "print_kubernetes")]
    pub print_slurm: bool,
    /// Only print an indexed Job for `kubectl apply`.
    #[arg(long)]
    pub print_kubernetes: bool,
    /// Number of tasks; one for each unit of work, at most 1,000, when left
    /// out.
    #[arg(long, value_name = "N", value_parser = super::args::at_least_one())]
    pub tasks: Option<usize>,
    /// The most tasks that run at a time.
    #[arg(long, value_name = "N", value_parser = super::args::at_least_one())]
    pub at_once: Option<usize>,
    /// What the work was when the tasks were submitted: a task refuses other
    /// work.
    #[arg(long, value_name = "FINGERPRINT", hide = true)]
    pub expect: Option<String>,
}

/// Work that can be cut into tasks.
pub(super) struct Work<'a> {
    /// Hash of all that the results depend on.
    pub fingerprint: String,
    /// What is done, in a few words.
    pub title: String,
    /// Units that a task has one or more of.
    pub units: usize,
    /// The program's arguments that do this work, but for the part.
    pub arguments: Vec<String>,
    /// The option that takes the part.
    pub part: &'static str,
    /// The option that gives the result of so many parts.
    pub collect: &'a dyn Fn(usize) -> String,
    /// Whether the results of a part are there.
    pub is_done: &'a dyn Fn(Share) -> bool,
    /// What a part makes, in words.
    pub name: &'a dyn Fn(Share) -> String,
    /// The state folder.
    pub state: &'a Path,
    /// Files and folders that all machines read or write.
    pub shared: Vec<PathBuf>,
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spread {
    /// Something was printed, and nothing else is to be done.
    Printed,
    /// All results are there.
    Done,
}

impl ClusterArgs {
    /// Whether an engine is to get the work.
    pub(super) fn is_asked_for(&self) -> bool {
        self.slurm.is_some() || self.print_slurm || self.print_kubernetes
    }

    /// Refuses a part of other work than the tasks were submitted for.
    ///
    /// # Errors
    /// When it is other work.
    pub(super) fn check_expected(&self, fingerprint: &str) -> Result<()> {
        match &self.expect {
            Some(expected) if expected != fingerprint => Err(Error::input(
                "the project or the options have changed since the tasks were \
                 submitted: this part would be one of other work",
            )
            .hint("start the command that submitted them again; what is done already is kept")),
            _ => Ok(()),
        }
    }

    /// Prints what an engine needs, or has Slurm do the work and waits for it.
    ///
    /// # Errors
    /// When Slurm refuses it, when tasks die each time, or when cancelled.
    pub(super) fn spread(&self, work: Work<'_>, progress: &Progress) -> Result<Spread> {
        let tasks = self.tasks.unwrap_or(work.units.min(MOST_TASKS));
        let share = |number| Share { number, of: tasks };
        let state = absolute(work.state)?;
        let mut arguments = work.arguments;
        arguments.extend(["--expect".to_owned(), work.fingerprint.clone()]);
        let mut array = Array {
            title: format!("{} ({})", work.title, many(work.units, "unit")),
            folder: PathBuf::new(),
            fingerprint: work.fingerprint,
            arguments,
            part: work.part,
            collect: (work.collect)(tasks),
            tasks,
            at_once: self.at_once,
            options: self.slurm.clone().unwrap_or_default(),
        };
        array.folder = state.join(FOLDER).join(array.name());
        if self.print_kubernetes {
            say(cluster::job(&array, &work.shared).trim_end())?;
            return Ok(Spread::Printed);
        }
        let program = std::env::current_exe()
            .map_err(|e| Error::program("cannot find this program's own file").because(e))?;
        let program = program.display().to_string();
        if self.print_slurm {
            // Slurm writes logs only into a folder that is there.
            std::fs::create_dir_all(&array.folder)
                .map_err(|e| Error::file("create", &array.folder, e))?;
            say(cluster::script(&array, &program)?.trim_end())?;
            return Ok(Spread::Printed);
        }
        let waits = Waits {
            look_every: LOOK_EVERY,
            result_seen: match network_type(&state) {
                Some(_) => SEEN_ON_NETWORK,
                None => SEEN_HERE,
            },
        };
        let results = Results {
            is_done: &|task| (work.is_done)(share(task)),
            name: &|task| (work.name)(share(task)),
        };
        let slurm = Slurm::of(&array, &program)?;
        cluster::follow(&array, &slurm, &results, waits, progress)?;
        Ok(Spread::Done)
    }
}

/// The arguments that name a project from any folder.
///
/// # Errors
/// When its path is not text, or is gone.
pub(super) fn project_arguments(common: &Common) -> Result<Vec<String>> {
    let mut arguments = vec![text(&absolute(&common.at.project)?)?];
    if let Some(state) = &common.at.state_dir {
        arguments.extend(["--state-dir".to_owned(), text(&absolute(state)?)?]);
    }
    if let Some(seed) = common.seed {
        arguments.extend(["--seed".to_owned(), seed.to_string()]);
    }
    arguments.push("--quiet".to_owned());
    Ok(arguments)
}

/// The folders that all machines need for a project and its state.
///
/// # Errors
/// When one is gone.
pub(super) fn shared_folders(common: &Common, state: &Path) -> Result<Vec<PathBuf>> {
    let (project, state) = (absolute(&common.at.project)?, absolute(state)?);
    Ok(match state.starts_with(&project) {
        true => vec![project],
        false => vec![project, state],
    })
}

/// The path of something from any folder.
///
/// # Errors
/// When it is gone.
pub(super) fn absolute(path: &Path) -> Result<PathBuf> {
    path.canonicalize()
        .map_err(|e| Error::file("find", path, e))
}

/// A path as an argument in a script.
///
/// # Errors
/// When it is not text.
pub(super) fn text(path: &Path) -> Result<String> {
    path.to_str().map(str::to_owned).ok_or_else(|| {
        Error::input(format!("the path `{}` is not Unicode", path.display()))
            .hint("rename the folder; scripts hold text only")
    })
}
