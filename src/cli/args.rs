//! What can be typed.

use std::fmt::Display;
use std::path::PathBuf;
use std::sync::LazyLock;

use clap::builder::{PossibleValue, PossibleValuesParser, RangedU64ValueParser, TypedValueParser};
use clap::{Args, Parser, Subcommand};
use serde::Serialize;

use super::assistant::McpArgs;
use super::bench::{BenchArgs, PlantArgs};
use super::check_hypotheses::CheckHypothesesArgs;
use super::cluster::ClusterArgs;
use super::edit::args::EditArgs;
use super::new_project::NewArgs;
use super::progress::on_terminal;
use super::say::{print_json, say};
use super::show::ShowArgs;
use crate::records::{Arm, Disagreement, Endpoint, Endpoints, Mode, is_threshold};
use crate::steps::OpenProject;
use crate::support::{Progress, Result, Share, assets, build};

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
    /// Retrain the arms of a new round and read them on *check*.
    Retrain(RetrainArgs),
    /// Compare the arms of the last round.
    Compare(CompareArgs),
    /// Train arms × seeds and compare them: resumable, shared by processes.
    Experiment(ExperimentArgs),
    /// Read lessons that came back, or samples that were written elsewhere; they
    /// pass the sample checks or are refused.
    #[command(visible_alias = "merge")]
    ImportLessons(ImportLessonsArgs),
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
    /// beside the data (`shipped/`): whoever opens the project sees the same.
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
    /// Delete what the program wrote for a project (`.blindspot/`).
    Reset(ResetArgs),
}

/// What every command takes.
#[derive(Debug, Clone, Args)]
pub struct Common {
    /// Folder of the project (it holds `project.toml`).
    pub project: PathBuf,
    /// Where the program writes, instead of `.blindspot` in the project.
    #[arg(long, value_name = "DIR")]
    pub state_dir: Option<PathBuf>,
    /// Print JSON for machines.
    #[arg(long)]
    pub json: bool,
    /// No progress bars.
    #[arg(long)]
    pub quiet: bool,
    /// Seed of everything that is drawn (0 when left out).
    #[arg(long)]
    pub seed: Option<u64>,
}

impl Common {
    /// Seed of the first training.
    pub(super) fn first_seed(&self) -> u64 {
        self.seed.unwrap_or(0)
    }

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
        told(self.json, result, words)
    }
}

/// The project, for commands with commands of their own below them.
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

    /// As [`Common::tell`].
    pub(super) fn tell(&self, result: &impl Serialize, words: impl Display) -> Result<()> {
        told(self.json, result, words)
    }
}

fn told(json: bool, result: &impl Serialize, words: impl Display) -> Result<()> {
    match json {
        true => print_json(result),
        false => say(words),
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

/// `demo`.
#[derive(Debug, Clone, Args)]
pub struct DemoArgs {
    /// Name of the demo.
    #[arg(default_value = assets::DEMO)]
    pub name: String,
    /// Copy it into this new folder.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Print JSON for machines, with the names of all demos.
    #[arg(long)]
    pub json: bool,
}

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
}

/// `teach`.
#[derive(Debug, Clone, Args)]
pub struct TeachArgs {
    #[command(flatten)]
    pub(crate) common: Common,
    /// Name of a teacher in project.toml.
    #[arg(long, value_name = "NAME", required_unless_present = "replay")]
    pub teacher: Option<String>,
    /// Number of a blind spot; all of them when left out.
    #[arg(long, value_name = "N")]
    pub blind_spot: Option<u32>,
    /// Samples for each blind spot.
    #[arg(long, value_name = "N", default_value_t = 30, value_parser = at_least_one())]
    pub samples: usize,
    /// Most money for these lessons, earlier runs of them included.
    #[arg(long, value_name = "X")]
    pub budget: Option<f64>,
    /// Most calls for these lessons, earlier runs of them included.
    #[arg(long, value_name = "N")]
    pub max_calls: Option<u64>,
    /// Your own hypothesis, which the model writes samples for; can be given
    /// several times.
    #[arg(long, value_name = "SENTENCE", requires = "blind_spot")]
    pub hypothesis: Vec<String>,
    /// Accept every sample that passes the checks.
    #[arg(long)]
    pub accept_all_passing: bool,
    /// Do not ask before texts go to another machine.
    #[arg(long)]
    pub yes: bool,
    /// Only test whether the teacher can be reached.
    #[arg(long, conflicts_with_all = ["record", "replay"])]
    pub test: bool,
    /// Record the lessons in a file.
    #[arg(long, value_name = "FILE", conflicts_with = "replay")]
    pub record: Option<PathBuf>,
    /// Replay recorded lessons, without a network.
    #[arg(long, value_name = "FILE", conflicts_with = "teacher")]
    pub replay: Option<PathBuf>,
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

/// `test`.
#[derive(Debug, Clone, Args)]
pub struct TestArgs {
    #[command(flatten)]
    pub(crate) common: Common,
    /// The model to test: `base`, the number of a round, a folder in Hugging
    /// Face layout, or a file of predictions for what `--texts` writes; the
    /// model in use when left out. All rounds stand beside it.
    #[arg(long, value_name = "ROUND|FOLDER|FILE")]
    pub model: Option<String>,
    /// The model that it is held against, named in the same ways; the base when
    /// left out.
    #[arg(long, value_name = "ROUND|FOLDER|FILE")]
    pub baseline: Option<String>,
    /// What a class of a model from elsewhere means where its name is not that
    /// of a label; nothing after the `=` leaves the class out. Once for each
    /// class.
    #[arg(long = "label", value_name = "CLASS=LABEL", value_parser = meaning)]
    pub labels: Vec<(String, String)>,
    /// Also write the outcome as JUnit XML, a test case for each lesson.
    #[arg(long, value_name = "FILE.xml")]
    pub junit: Option<PathBuf>,
    /// Test nothing: write the texts with their ids as JSON Lines, for a model
    /// that answers elsewhere.
    #[arg(long, value_name = "FILE.jsonl", conflicts_with_all = ["model", "baseline", "junit"])]
    pub texts: Option<PathBuf>,
}

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

/// `import-lessons`.
#[derive(Debug, Clone, Args)]
pub struct ImportLessonsArgs {
    #[command(flatten)]
    pub(crate) common: Common,
    /// Whole lessons (JSON Lines, as an expert sends them back and `export`
    /// writes them): they are joined by their ids. Or a table with the columns text and label, and optionally text_b, hypothesis,
    /// teacher, blind_spot, contrast.
    pub file: PathBuf,
    /// Name of the teacher, for rows that name none.
    #[arg(long)]
    pub teacher: Option<String>,
    /// Language model that wrote the samples; without it a person did.
    #[arg(long, value_name = "MODEL")]
    pub llm: Option<String>,
}

/// `import-predictions`.
#[derive(Debug, Clone, Args)]
pub struct ImportPredictionsArgs {
    /// The project; its project.toml says `base = "predictions"`.
    #[command(flatten)]
    pub common: Common,
    /// CSV, Parquet, JSON Lines or .xlsx with a column `id`, a column
    /// `probability_LABEL` for each label, and optionally `embedding_0`, ….
    pub file: PathBuf,
    /// What a class of the black box means where its name is not that of a
    /// label; nothing after the `=` leaves the class out. Once for each class.
    #[arg(long = "label", value_name = "CLASS=LABEL", value_parser = meaning)]
    pub labels: Vec<(String, String)>,
}

/// `report`.
#[derive(Debug, Clone, Args)]
pub struct ReportArgs {
    #[command(flatten)]
    pub(crate) common: Common,
    /// The file to write.
    #[arg(long, value_name = "FILE.html")]
    pub out: PathBuf,
}

/// `export`.
#[derive(Debug, Clone, Args)]
pub struct ExportArgs {
    #[command(flatten)]
    pub(crate) common: Common,
    /// The folder to write: new, empty, or an earlier export.
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Round whose model is exported, 0 for the base; the model in use, or
    /// the last round's, when left out.
    #[arg(long)]
    pub round: Option<u32>,
    /// Arm of that round; the one with lessons when left out.
    #[arg(long)]
    pub arm: Option<String>,
    /// Seed of that arm; its first when left out.
    #[arg(long, value_name = "SEED")]
    pub model_seed: Option<u64>,
}

/// `suspects`.
#[derive(Debug, Clone, Args)]
pub struct SuspectsArgs {
    #[command(flatten)]
    pub(crate) common: Common,
    /// How many are listed, the most suspicious first.
    #[arg(long, value_name = "N", default_value_t = 30, value_parser = at_least_one())]
    pub top: usize,
}

/// `corrected`.
#[derive(Debug, Clone, Args)]
pub struct CorrectedArgs {
    #[command(flatten)]
    pub(crate) common: Common,
    /// The folder to write: new, empty, or an earlier one of these.
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
}

/// `score`.
#[derive(Debug, Clone, Args)]
pub struct ScoreArgs {
    /// The project whose model in use scores.
    #[command(flatten)]
    pub common: Common,
    /// File with texts: CSV, TSV, JSON, JSON Lines, Parquet, Arrow or .xlsx.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// CSV to write; `FILE.scored.csv` when left out. A stopped run goes on
    /// from `OUT.part`.
    #[arg(long, value_name = "OUT")]
    pub out: Option<PathBuf>,
    /// Score part I of N only, into `OUT.shard-I-of-N`.
    #[arg(long, value_name = "I/N", conflicts_with_all = ["join", "slurm"])]
    pub shard: Option<Share>,
    /// Join N shards that were scored with `--shard` to OUT, equal to that of
    /// a single run.
    #[arg(long, value_name = "N", conflicts_with = "slurm", value_parser = at_least_one())]
    pub join: Option<usize>,
    #[command(flatten)]
    pub(crate) cluster: ClusterArgs,
}

/// `clean`.
#[derive(Debug, Clone, Args)]
pub struct CleanArgs {
    #[command(flatten)]
    pub(crate) common: Common,
    /// Only say what would be removed.
    #[arg(long)]
    pub dry_run: bool,
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

/// `hand-over`, `save-lessons`.
#[derive(Debug, Clone, Args)]
pub struct HandOverArgs {
    #[command(flatten)]
    pub(crate) common: Common,
    /// Where to write it.
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
}

fn arms() -> String {
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

fn size(typed: &str) -> std::result::Result<Size, String> {
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
fn endpoints() -> impl TypedValueParser<Value = Endpoint> {
    let values = Endpoint::ALL.map(|one| PossibleValue::new(one.key()).help(one.meaning()));
    PossibleValuesParser::new(values).map(|key| Endpoint::from_key(&key).unwrap_or_default())
}

/// Quick and Full, with what they mean.
fn modes() -> impl TypedValueParser<Value = Mode> {
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
        ] {
            let error = parsed(typed).expect_err(typed);
            assert_eq!(error.exit_code(), 2, "{typed}");
        }
        assert!(parsed("blindspot run p --tau 1 --k 1 --seeds 1").is_ok());
    }
}
