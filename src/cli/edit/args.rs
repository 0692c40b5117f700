//! What can be typed after `blindspot edit PROJECT`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use crate::cli::args::{Place, at_least_one, meaning, threshold};
use crate::cli::check_hypotheses::pattern;
use crate::records::{Familiarity, HypothesisKind, Pattern, TeacherChoice, UNNAMED_TEACHER};

/// `edit`.
#[derive(Debug, Clone, Args)]
pub struct EditArgs {
    #[command(flatten)]
    pub(crate) at: Place,
    /// What to change.
    #[command(subcommand)]
    pub what: Edit,
}

/// The changes that a window makes, one each.
#[derive(Debug, Clone, Subcommand)]
pub enum Edit {
    /// Judge confident errors: is it the model that errs, or the data?
    Triage {
        /// Ids of examples.
        #[arg(required = true, value_name = "EXAMPLE")]
        examples: Vec<String>,
        /// The judgement.
        #[arg(long = "as", value_name = "JUDGEMENT")]
        judgement: Judgement,
        /// The right label, for `wrong-label`, where it is known.
        #[arg(long)]
        label: Option<String>,
        /// Name of the person who judges.
        #[arg(long, value_name = "NAME")]
        by: Option<String>,
    },
    /// Name a blind spot; an empty name brings the usual one back.
    Rename {
        /// Number of the blind spot.
        blind_spot: u32,
        /// Its name.
        name: String,
    },
    /// Move errors to another blind spot, or out of all.
    Move(MoveArgs),
    /// Pick who teaches a blind spot.
    ChooseTeacher {
        /// Number of the blind spot.
        blind_spot: u32,
        /// The teacher.
        #[arg(value_parser = choices())]
        choice: TeacherChoice,
    },
    /// Set τ, k and the rest; `discover --freeze` freezes under them.
    Settings(SettingsArgs),
    /// Write a hypothesis, or change one.
    Hypothesis(HypothesisArgs),
    /// Write a sample, or change one: it counts at once if it passes the checks.
    Sample(SampleArgs),
    /// Accept drafts of a language model.
    Accept {
        /// Ids of samples.
        #[arg(value_name = "SAMPLE", required_unless_present = "passing")]
        samples: Vec<String>,
        /// Every draft of this lesson that passes the checks.
        #[arg(long, value_name = "LESSON", conflicts_with = "samples")]
        passing: Option<String>,
    },
    /// Reject samples; they are kept with the reason and never trained on.
    Reject {
        /// Ids of samples.
        #[arg(required = true, value_name = "SAMPLE")]
        samples: Vec<String>,
        /// Why.
        #[arg(long)]
        reason: String,
    },
    /// Remove samples, or hypotheses with their samples.
    Remove {
        /// Ids of samples or hypotheses.
        #[arg(required = true, value_name = "ID")]
        records: Vec<String>,
    },
    /// Leave a lesson's samples out of training; those that test go on testing.
    LeaveOut {
        /// Id of the lesson.
        lesson: String,
        /// Take them in again instead.
        #[arg(long)]
        back: bool,
    },
    /// Say who wrote a lesson.
    Signed {
        /// Id of the lesson.
        lesson: String,
        /// Name of the teacher.
        #[arg(long, value_name = "NAME")]
        by: String,
        /// How familiar they are with the domain.
        #[arg(long, value_parser = familiarities())]
        familiarity: Option<Familiarity>,
    },
    /// Record the time that a person spent on a lesson.
    Time {
        /// Id of the lesson.
        lesson: String,
        /// All of it so far, in seconds.
        #[arg(long, value_name = "N", value_parser = seconds)]
        seconds: f64,
    },
    /// Use another snapshot of blind spots.
    UseSnapshot {
        /// Its version.
        version: u32,
    },
    /// Use the model of a round; 0 is the base.
    UseModel {
        /// The round.
        round: u32,
    },
    /// Say that the model of a round is not worth keeping.
    DiscardModel {
        /// The round.
        round: u32,
    },
    /// Take a second model off the list; its figures stay.
    RemoveSecond {
        /// Its number.
        number: u32,
        /// Put it back on the list instead.
        #[arg(long)]
        back: bool,
    },
    /// Take the last edit back.
    Undo,
    /// Make the last undone edit again.
    Redo,
    /// Carry out a list of commands as one edit.
    Commands {
        /// File with a command a line, as JSON; `-` reads standard input.
        file: PathBuf,
    },
    /// Set up a language model that may teach.
    LanguageModel {
        /// File with its table, as under `[[teachers]]` in project.toml.
        file: PathBuf,
    },
    /// Say that texts of this project may go to a host.
    AllowHost {
        /// The host, with its port if it has one.
        host: String,
    },
    /// Use a model that brings a head otherwise, from the next command on.
    UseModelAs {
        /// Fit it anew.
        #[arg(long)]
        refit: bool,
        /// What a class of it means: `CLASS=LABEL`.
        #[arg(long, value_name = "CLASS=LABEL", value_parser = meaning)]
        class: Vec<(String, String)>,
    },
    /// Edit a prompt, or bring the built-in one back.
    Prompt {
        /// Name of the prompt; `show PROJECT prompts` lists them.
        name: String,
        /// File with its new text; the built-in text when left out.
        #[arg(long, value_name = "FILE")]
        from: Option<PathBuf>,
    },
}

/// `edit PROJECT move`.
#[derive(Debug, Clone, Args)]
pub struct MoveArgs {
    /// Ids of examples.
    #[arg(required = true, value_name = "EXAMPLE")]
    pub examples: Vec<String>,
    /// Number of the blind spot that they belong to.
    #[arg(
        long,
        value_name = "N",
        conflicts_with_all = ["out", "back"],
        required_unless_present_any = ["out", "back"]
    )]
    pub to: Option<u32>,
    /// They belong to none.
    #[arg(long, conflicts_with = "back")]
    pub out: bool,
    /// Back to where they were found.
    #[arg(long)]
    pub back: bool,
}

/// `edit PROJECT settings`.
#[derive(Debug, Clone, Args)]
pub struct SettingsArgs {
    /// Confidence from which a wrong label is an unknown unknown.
    #[arg(long, value_name = "0..1", value_parser = threshold)]
    pub tau: Option<f32>,
    /// Number of blind spots over all.
    #[arg(long, value_parser = at_least_one())]
    pub k: Option<usize>,
    /// The usual number of blind spots.
    #[arg(long, conflicts_with = "k")]
    pub usual_k: bool,
    /// Whether confidences are temperature-scaled on *validation* first.
    #[arg(long, value_name = "true|false")]
    pub scale_temperature: Option<bool>,
    /// Fewest errors of a confusion with blind spots of its own.
    #[arg(long, value_name = "N", value_parser = at_least_one())]
    pub smallest_group: Option<usize>,
    /// Whether a blind spot may mix confusions.
    #[arg(long, value_name = "true|false")]
    pub mix_confusions: Option<bool>,
    /// Seed of clustering and of what is kept back.
    #[arg(long)]
    pub seed: Option<u64>,
}

/// Which lesson something is written in.
#[derive(Debug, Clone, Args)]
pub struct LessonArgs {
    /// Number of the blind spot: in the lesson of the teacher on it, which is
    /// begun if there is none.
    #[arg(long, value_name = "N")]
    pub blind_spot: Option<u32>,
    /// Name of the teacher, a person.
    #[arg(long, value_name = "NAME", default_value = UNNAMED_TEACHER)]
    pub by: String,
}

/// `edit PROJECT hypothesis`.
#[derive(Debug, Clone, Args)]
pub struct HypothesisArgs {
    /// Why the model errs, in a sentence.
    pub text: String,
    #[command(flatten)]
    pub(crate) lesson: LessonArgs,
    /// Id of the hypothesis that this takes the place of.
    #[arg(
        long,
        value_name = "HYPOTHESIS",
        conflicts_with = "blind_spot",
        required_unless_present = "blind_spot"
    )]
    pub change: Option<String>,
    /// By abstraction from the errors, or by extrapolation to unseen ones.
    #[arg(long, value_parser = kinds())]
    pub kind: Option<HypothesisKind>,
    /// Pattern of the texts that it holds for: `funny, "US", /\d{4}/`,
    /// `words > 30`, `source = tweets`; a plus between spaces means “and”.
    #[arg(long, value_name = "PATTERN", value_parser = pattern)]
    pub pattern: Option<Pattern>,
}

/// `edit PROJECT sample`.
#[derive(Debug, Clone, Args)]
pub struct SampleArgs {
    /// The text; when a sample is changed, it keeps its text without this.
    #[arg(required_unless_present = "change")]
    pub text: Option<String>,
    /// Second text, where the task has pairs.
    #[arg(long, value_name = "TEXT")]
    pub second: Option<String>,
    /// Its right label.
    #[arg(long, required_unless_present = "change")]
    pub label: Option<String>,
    #[command(flatten)]
    pub(crate) lesson: LessonArgs,
    /// Id of the sample that this takes the place of.
    #[arg(
        long,
        value_name = "SAMPLE",
        conflicts_with = "blind_spot",
        required_unless_present = "blind_spot"
    )]
    pub change: Option<String>,
    /// Id of the hypothesis that it is written for.
    #[arg(long)]
    pub hypothesis: Option<String>,
    /// Id of the example that it is a minimal edit of.
    #[arg(long, value_name = "EXAMPLE")]
    pub edit_of: Option<String>,
}

/// What a confident error is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Judgement {
    /// The model errs.
    RealError,
    /// The data's label is wrong.
    WrongLabel,
    /// People would disagree.
    Ambiguous,
    /// Nothing: the judgement is taken back.
    Nothing,
}

mod parsers {
    use clap::builder::{PossibleValuesParser, TypedValueParser};

    use crate::records::{Familiarity, HypothesisKind, TeacherChoice};

    /// A value by its name.
    fn named<T: Copy + Send + Sync + 'static>(
        values: &'static [(&'static str, T)],
    ) -> impl TypedValueParser<Value = T> {
        let names: Vec<&str> = values.iter().map(|(name, _)| *name).collect();
        PossibleValuesParser::new(names).try_map(|typed| {
            let mut values = values.iter();
            let found = values.find(|(name, _)| **name == typed);
            found.map(|(_, value)| *value).ok_or("no such value")
        })
    }

    pub(super) fn choices() -> impl TypedValueParser<Value = TeacherChoice> {
        named(&[
            ("human", TeacherChoice::Human),
            ("llm", TeacherChoice::Llm),
            ("both", TeacherChoice::Both),
            ("none", TeacherChoice::None),
        ])
    }

    pub(super) fn familiarities() -> impl TypedValueParser<Value = Familiarity> {
        named(&[
            ("novice", Familiarity::Novice),
            ("user", Familiarity::User),
            ("expert", Familiarity::Expert),
        ])
    }

    pub(super) fn kinds() -> impl TypedValueParser<Value = HypothesisKind> {
        named(&[
            ("abstraction", HypothesisKind::Abstraction),
            ("extrapolation", HypothesisKind::Extrapolation),
        ])
    }

    pub(super) fn seconds(typed: &str) -> Result<f64, String> {
        let number: Option<f64> = typed.parse().ok();
        let sound = number.filter(|seconds| seconds.is_finite() && *seconds >= 0.0);
        sound.ok_or_else(|| "it must be a number of 0 or more".to_owned())
    }
}
use parsers::{choices, familiarities, kinds, seconds};
