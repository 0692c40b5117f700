//! What can be typed.

use std::fmt::Display;
use std::path::PathBuf;
use std::sync::LazyLock;

use clap::builder::{PossibleValue, PossibleValuesParser, RangedU64ValueParser, TypedValueParser};
use clap::{Args, Parser, Subcommand};
use serde::Serialize;

use super::abstain::AbstainArgs;
use super::assistant::McpArgs;
use super::bench::{BenchArgs, PlantArgs};
use super::check_hypotheses::CheckHypothesesArgs;
use super::clean::CleanArgs;
use super::compare::CompareArgs;
use super::demo::DemoArgs;
use super::edit::args::EditArgs;
use super::exchange::{
    ExportArgs, HandOverArgs, ImportLessonsArgs, ImportPredictionsArgs, ReportArgs,
};
use super::experiment::ExperimentArgs;
use super::interference::InterferenceArgs;
use super::new_project::NewArgs;
use super::progress::on_terminal;
use super::run::RunArgs;
use super::say::{print_json, say};
use super::score::ScoreArgs;
use super::show::ShowArgs;
use super::steps::{DiscoverArgs, FitArgs, ResetArgs, RetrainArgs};
use super::suspects::{CorrectedArgs, SuspectsArgs};
use super::teach::TeachArgs;
use super::test::TestArgs;
use crate::records::{Arm, Disagreement, Endpoint, Endpoints, Mode, is_threshold};
use crate::steps::OpenProject;
use crate::support::{Progress, Result, build};

/// Finds where a text classifier is confidently wrong, teaches it, and shows
/// what got better and what got worse.
#[derive(Debug, Parser)]
#[command(name = "blindspot", version, long_version = LONG_VERSION.as_str(), args_conflicts_with_subcommands = true)]
pub struct Cli {
    /// Project, or hand-over, to open in the window, or a data file or folder to
    /// make a project of; the demo when nothing is named.
    pub project: Option<PathBuf>,
    /// Look at it as in this file, which “Save the view …” wrote elsewhere.
    #[arg(long, value_name = "FILE", requires = "project")]
    pub view: Option<PathBuf>,
    /// Where the program writes for the project, instead of `.blindspot` in it.
    #[arg(long, value_name = "DIR", requires = "project")]
    pub state_dir: Option<PathBuf>,
    /// What to do without a window.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// The version, and what the program was built with.
static LONG_VERSION: LazyLock<String> =
    LazyLock::new(|| format!("{}\n{}", build::VERSION, build::built_with()));

/// The headless commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// The whole loop with the lessons stored in the project.
    Run(RunArgs),
    /// Say where the demo project is; a copy of your own is made if need be.
    Demo(DemoArgs),
    /// Check a project's data: roles, labels, lengths, duplicates, leakage.
    Check(Common),
    /// Fit the base model.
    Fit(FitArgs),
    /// Find unknown unknowns and freeze their blind spots.
    Discover(DiscoverArgs),
    /// List confident errors whose label, not the model, may be wrong.
    Suspects(SuspectsArgs),
    /// Write the data set with the labels corrected here, and what was changed.
    Corrected(CorrectedArgs),
    /// Have a language model teach the blind spots.
    Teach(TeachArgs),
    /// Ask whether hypotheses hold for errors that their writers have not seen,
    /// and for texts that the model gets right.
    CheckHypotheses(CheckHypothesesArgs),
    /// Compare people and language models: yield, diversity, cost, effect.
    Teachers(Common),
    /// Say below which confidence a model should not answer: for each source,
    /// at a wanted share of errors, or at least cost.
    Abstain(AbstainArgs),
    /// Retrain the arms of a new round and read them on *check*.
    Retrain(RetrainArgs),
    /// Compare the arms of the last round, or of the round that came with the
    /// project as long as it has none of its own.
    Compare(CompareArgs),
    /// Train arms × seeds and compare them: resumable, shared by processes.
    Experiment(ExperimentArgs),
    /// Read lessons that came back, or samples that were written elsewhere; they
    /// pass the sample checks or are refused.
    #[command(name = "import-lessons")]
    ImportLessons(ImportLessonsArgs),
    /// The same as `import-lessons`.
    Merge(ImportLessonsArgs),
    /// Read the predictions of a black box: probabilities, optional embeddings.
    ImportPredictions(ImportPredictionsArgs),
    /// Write the report: one HTML file with pictures, to hand on.
    Report(ReportArgs),
    /// Write every table, predictions, lessons and a model for other programs.
    Export(ExportArgs),
    /// Pack the blind spots that a person is to teach as one file for an
    /// expert on another machine.
    HandOver(HandOverArgs),
    /// Put the fitted base, its predictions, the map and the frozen blind spots
    /// beside the data (`shipped/`), and the last finished round if it is of
    /// these: whoever opens the project sees the same.
    Publish(Common),
    /// Write the lessons of people as one file, for `import-lessons` elsewhere.
    SaveLessons(HandOverArgs),
    /// Score the texts of a file, however large.
    Score(ScoreArgs),
    /// Write a version of a project with blind spots that are known.
    Plant(PlantArgs),
    /// Say how well discovery finds blind spots that were planted.
    BenchDiscovery(BenchArgs),
    /// Make a project of data files.
    New(NewArgs),
    /// Look at a project: blind spots, errors, lessons, rounds, with their ids.
    Show(ShowArgs),
    /// Change what a window changes: triage, names, lessons, review, the model
    /// in use; undo and redo.
    Edit(EditArgs),
    /// Let an assistant teach: a server of the Model Context Protocol on
    /// standard input and output.
    Mcp(McpArgs),
    /// Remove computed files that nothing needs any more.
    Clean(CleanArgs),
    /// Test a model with the lessons: samples that nothing trains on, pairs of
    /// an example and its edit, changes that must not matter. Exit code 1 where
    /// a lesson is worse than under the model that it is held against.
    Test(TestArgs),
    /// Teach each lesson alone and say where on *check* it helps and where it
    /// hurts: its own blind spot, the others, each source.
    Interference(InterferenceArgs),
    /// Look at the samples of each lesson as a set: could they be data, how far
    /// do they spread, what do they reach, how are their labels shared out.
    Samples(Common),
    /// Delete what the program wrote for a project (`.blindspot/`).
    Reset(ResetArgs),
}

/// The project, and how its result is told: what every command takes.
#[derive(Debug, Clone, Args)]
pub struct Place {
    /// Folder of the project (it holds `project.toml`).
    pub project: PathBuf,
    /// Where the program writes, instead of `.blindspot` in the project.
    #[arg(long, value_name = "DIR", global = true)]
    pub state_dir: Option<PathBuf>,
    /// Print JSON for machines.
    #[arg(long, global = true)]
    pub json: bool,
    /// No progress bars.
    #[arg(long, global = true)]
    pub quiet: bool,
}

impl Place {
    /// Where the command tells how far it is.
    pub(super) fn progress(&self) -> Progress {
        on_terminal(self.quiet)
    }

    /// Opens the project.
    pub(super) fn open(&self, progress: &Progress) -> Result<OpenProject> {
        OpenProject::open(&self.project, self.state_dir.as_deref(), progress)
    }

    /// Prints the result: as JSON if that is wanted, else in words.
    pub(super) fn tell(&self, result: &impl Serialize, words: impl Display) -> Result<()> {
        match self.json {
            true => print_json(result),
            false => say(words),
        }
    }
}

/// What commands without commands of their own below them take.
#[derive(Debug, Clone, Args)]
pub struct Common {
    #[command(flatten)]
    pub(crate) at: Place,
    /// Seed of everything that is drawn (0 when left out).
    #[arg(long)]
    pub seed: Option<u64>,
}

impl Common {
    /// Seed of the first training.
    pub(super) fn first_seed(&self) -> u64 {
        self.seed.unwrap_or(0)
    }
}

/// How unknown unknowns are found.
#[derive(Debug, Clone, Default, Args)]
pub struct DiscoveryArgs {
    /// Confidence from which a wrong label is an unknown unknown.
    #[arg(long, value_name = "0..1", value_parser = threshold)]
    pub tau: Option<f32>,
    /// Number of blind spots over all.
    #[arg(long, value_parser = at_least_one())]
    pub k: Option<usize>,
}

/// How arms are trained.
#[derive(Debug, Clone, Args)]
pub struct TrainingArgs {
    /// Seeds per arm.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..))]
    pub seeds: u64,
    /// Upper layers over cached activations, or all layers from the
    /// pretrained weights.
    #[arg(long, default_value = "quick", value_parser = modes())]
    pub mode: Mode,
    /// Arms by name; all that can be trained when left out.
    #[arg(long, value_delimiter = ',', help = arms())]
    pub arms: Vec<String>,
}

/// What *final* is judged by, written down before it is opened.
#[derive(Debug, Clone, Default, Args)]
pub struct JudgingArgs {
    /// Endpoint that the verdict on final is about, instead of the one in
    /// project.toml.
    #[arg(long, value_name = "ENDPOINT", value_parser = endpoints())]
    pub primary: Option<Endpoint>,
    /// Endpoints that are judged too, comma-separated; each makes the
    /// correction for the number of tests dearer.
    #[arg(long, value_name = "ENDPOINT", value_delimiter = ',', value_parser = endpoints())]
    pub also: Vec<Endpoint>,
}

impl JudgingArgs {
    /// What was typed, else what the project says.
    pub(super) fn endpoints(&self, project: &OpenProject) -> Endpoints {
        let of_project = &project.workspace.manifest.comparison;
        Endpoints {
            primary: self.primary.unwrap_or(of_project.primary),
            also: match self.also.is_empty() {
                true => of_project.also.clone(),
                false => self.also.clone(),
            },
        }
    }
}

pub(super) fn arms() -> String {
    format!(
        "Arms by name, comma-separated; all that can be trained when left out: {}",
        Arm::NAMES
    )
}

pub(super) fn threshold(typed: &str) -> std::result::Result<f32, String> {
    let number = typed.parse().ok();
    let sound = number.filter(|tau| is_threshold(*tau));
    sound.ok_or_else(|| "it must be above 0 and at most 1".to_owned())
}

/// A number of examples, or all that there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// So many.
    Of(usize),
    /// All training samples of the teacher who wrote fewest.
    All,
}

impl Display for Size {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Size::Of(number) => write!(f, "{number}"),
            Size::All => f.write_str("all"),
        }
    }
}

pub(super) fn size(typed: &str) -> std::result::Result<Size, String> {
    match typed.trim() {
        "all" => Ok(Size::All),
        number => match number.parse() {
            Ok(number) if number > 0 => Ok(Size::Of(number)),
            _ => Err("it must be a number from 1, or `all`".to_owned()),
        },
    }
}

/// `CLASS=LABEL`; a class may have the sign in its name.
pub(super) fn meaning(typed: &str) -> std::result::Result<(String, String), String> {
    let parts = typed
        .rsplit_once('=')
        .filter(|(class, _)| !class.is_empty());
    let (class, label) = parts.ok_or_else(|| "write CLASS=LABEL".to_owned())?;
    Ok((class.to_owned(), label.to_owned()))
}

/// What counts where annotators disagree, by its name in project.toml.
pub(super) fn disagreement() -> impl TypedValueParser<Value = Disagreement> {
    PossibleValuesParser::new(Disagreement::ALL.map(Disagreement::name)).try_map(|typed| {
        let mut all = Disagreement::ALL.into_iter();
        all.find(|one| one.name() == typed).ok_or("unknown")
    })
}

pub(super) fn at_least_one() -> RangedU64ValueParser<usize> {
    RangedU64ValueParser::new().range(1..)
}

/// All endpoints, with what they mean.
pub(super) fn endpoints() -> impl TypedValueParser<Value = Endpoint> {
    let values = Endpoint::ALL.map(|one| PossibleValue::new(one.key()).help(one.meaning()));
    PossibleValuesParser::new(values).map(|key| Endpoint::from_key(&key).unwrap_or_default())
}

/// Quick and Full, with what they mean.
pub(super) fn modes() -> impl TypedValueParser<Value = Mode> {
    let named = |mode: Mode, help: &'static str| PossibleValue::new(mode.name()).help(help);
    let values = [
        named(
            Mode::Quick,
            "The upper layers continue from the base over cached activations",
        ),
        named(Mode::Full, "All layers from the pretrained weights"),
    ];
    PossibleValuesParser::new(values).map(|name| match name == Mode::Full.name() {
        true => Mode::Full,
        false => Mode::Quick,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_make_no_sense_are_refused_before_anything_is_done() {
        let parsed = |typed: &str| Cli::try_parse_from(typed.split(' '));
        for typed in [
            "blindspot discover p --tau 7",
            "blindspot discover p --tau nan",
            "blindspot run p --tau 0",
            "blindspot discover p --k 0",
            "blindspot retrain p --seeds 0",
            "blindspot experiment p --seeds 0",
            "blindspot experiment p --sizes 32,0",
            "blindspot experiment p --sizes 32,many",
            "blindspot abstain p --error 2",
            "blindspot abstain p --error 0.01,0",
            "blindspot abstain p --error nan",
            "blindspot abstain p --cost-error -1 --cost-person 1",
            "blindspot abstain p --cost-error inf --cost-person 1",
        ] {
            let error = parsed(typed).expect_err(typed);
            assert_eq!(error.exit_code(), 2, "{typed}");
        }
        assert!(parsed("blindspot run p --tau 1 --k 1 --seeds 1").is_ok());
    }
}
