//! Everything a face can ask for. Commands serialise, so a demo, a regression
//! test and a bug report can be a list of them.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::lessons::llm::Teacher;
use crate::records::{
    AnswersFrom, BlindSpotId, Cost, DiscoverySettings, Endpoints, ExampleKey, Familiarity,
    Hypothesis, Lesson, ModelUse, Placement, RecordId, RetrainPlan, Sample, TeacherChoice, Triage,
};
use crate::steps::abstain::AbstainOrder;
use crate::steps::check_hypotheses::{CheckOrder, CheckedHypothesis};
use crate::steps::teach::TeachOrder;

/// A request to the session, the only way to change its state.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    // Edits of the document: undoable, durable when `Session::apply` returns.
    /// Set τ, k and the rest; previews at once.
    SetDiscovery(DiscoverySettings),
    /// Judge confident "errors"; `None` takes a judgement back.
    Triage {
        /// The examples.
        examples: Vec<ExampleKey>,
        /// The judgement.
        triage: Option<Triage>,
        /// Who judges, if they said so.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<String>,
    },
    /// Name a blind spot; an empty name brings the default back.
    Rename {
        /// The blind spot.
        blind_spot: BlindSpotId,
        /// Its new name.
        name: String,
    },
    /// Move unknown unknowns to a blind spot or drop them; `None` puts them
    /// back where the clustering had them.
    Place {
        /// The examples.
        examples: Vec<ExampleKey>,
        /// Where to.
        placement: Option<Placement>,
    },
    /// Pick who teaches a blind spot.
    ChooseTeacher {
        /// The blind spot.
        blind_spot: BlindSpotId,
        /// The choice.
        choice: TeacherChoice,
    },
    /// Begin lessons or replace them whole, in one step.
    PutLessons(Vec<Lesson>),
    /// Say who teaches a lesson, and how familiar they are with the domain.
    SetTeacher {
        /// The lesson.
        lesson: RecordId,
        /// Name of the teacher.
        teacher: String,
        /// Self-rated.
        familiarity: Option<Familiarity>,
    },
    /// Add or replace a hypothesis.
    PutHypothesis {
        /// Its lesson.
        lesson: RecordId,
        /// The hypothesis.
        hypothesis: Hypothesis,
    },
    /// Keep what checks of hypotheses came to; better ones that a language
    /// model wrote in their place are added.
    TakeChecks(Vec<CheckedHypothesis>),
    /// Remove a hypothesis with its samples.
    RemoveHypothesis {
        /// Its lesson.
        lesson: RecordId,
        /// The hypothesis.
        hypothesis: RecordId,
    },
    /// Add or replace a sample.
    PutSample {
        /// Its lesson.
        lesson: RecordId,
        /// The sample.
        sample: Box<Sample>,
    },
    /// Remove a sample.
    RemoveSample {
        /// Its lesson.
        lesson: RecordId,
        /// The sample.
        sample: RecordId,
    },
    /// Record time and money spent on a lesson.
    SetCost {
        /// The lesson.
        lesson: RecordId,
        /// Its cost so far.
        cost: Cost,
    },
    /// Take over lessons that a language model taught, or taught further:
    /// what a person decided about their samples stays.
    TakeLessons {
        /// Name of the teacher.
        teacher: String,
        /// The lessons.
        lessons: Vec<Lesson>,
    },
    /// Accept every draft of a lesson that passes the checks.
    AcceptPassing(RecordId),
    /// Leave a lesson's samples out of training, or take them in again; those
    /// that test go on testing.
    LeaveOut {
        /// The lesson.
        lesson: RecordId,
        /// Whether it is left out.
        left_out: bool,
    },
    /// Use another snapshot.
    UseSnapshot(u32),
    /// Use the model of a round; 0 is the reference base. What is shown and
    /// what answers live from then on is that model.
    UseModel(u32),
    /// A round's model is not worth keeping. Its figures and weights stay; if
    /// it was in use, the base is again.
    DiscardModel(u32),
    /// Take a second model off the list, or put it back. Its figures stay.
    ListSecond {
        /// Its number.
        number: u32,
        /// Whether it is listed.
        listed: bool,
    },
    /// Take the last edit back.
    Undo,
    /// Do the last undone edit again.
    Redo,
    /// A slider or text field was let go: the next edit is a new undo step.
    EndEdit,

    // Work: starts a job.
    /// Fit the base model, or fit it again.
    Fit,
    /// Fit the base model for longer than the last time.
    FitLonger,
    /// Score the visible roles with the reference base.
    Score,
    /// Make the neighbour-preserving map.
    BuildMap,
    /// Find out which words of an example the base model's answer rests on.
    ComputeSaliency(ExampleKey),
    /// Find out how stable each number of blind spots is.
    MeasureStability,
    /// Freeze the blind spots of the current settings.
    Freeze,
    /// Measure how long retraining takes, without training.
    EstimateRetraining,
    /// Retrain the arms of a new round.
    Retrain(RetrainPlan),
    /// Open *final* for a round: deliberate and recorded.
    OpenFinal {
        /// The round.
        round: u32,
        /// Why, in the user's words.
        reason: String,
        /// What the round is to be judged by.
        endpoints: Endpoints,
    },
    /// Write the blind spots that a person is to teach as one file, for an
    /// expert on another machine.
    HandOver(PathBuf),
    /// Write the lessons of people as one file, to be merged elsewhere.
    SaveLessons(PathBuf),
    /// Read lessons that came back, or a table of samples that were written
    /// elsewhere; the samples pass the same checks as typed ones.
    ImportLessons(PathBuf),
    /// Read what a black box says to the project's rows.
    ImportPredictions(AnswersFrom),
    /// Read what the models of an earlier session's round say.
    LookAt(u32),
    /// Compare the base with a second model, on *check*.
    CompareWith(AnswersFrom),
    /// Read what a second model of an earlier session says.
    LookAtSecond(u32),
    /// Ask the base and the models of all rounds what the lessons test.
    TestLessons,
    /// Teach each lesson alone, with so many seeds, and read what that does in
    /// every blind spot and source of *check*.
    MeasureInterference {
        /// Seeds of each lesson.
        seeds: u64,
    },
    /// Look at the samples of each lesson as a set.
    MeasureSamples,
    /// Find the confidences below which the model in use should not answer.
    PlanAbstaining(AbstainOrder),
    /// Find out what the model's own classes answer, for who may change how it
    /// is used.
    AskModel,
    /// Use the model so from the next opening on.
    UseModelSo(ModelUse),
    /// Write the report, one HTML file.
    WriteReport {
        /// The file.
        path: PathBuf,
    },
    /// Write every table, the predictions, the lessons and the model in use
    /// into a folder.
    Export {
        /// The folder: new, empty, or an earlier export.
        folder: PathBuf,
    },
    /// Write the data set with the corrections of people, and what they
    /// changed, into a folder.
    WriteCorrected {
        /// The folder: new, empty, or an earlier one of these.
        folder: PathBuf,
    },
    /// Find the computed files that nothing needs any more.
    FindUnneeded,
    /// Remove the computed files that nothing needs any more.
    RemoveUnneeded,
    /// Have a language model teach; its lessons arrive as one edit.
    Teach(Box<TeachOrder>),
    /// Ask whether hypotheses hold for texts that their writers have not seen;
    /// the checks arrive as one edit.
    CheckHypotheses(Box<CheckOrder>),
    /// Replay a recorded lesson, without a network.
    Replay(PathBuf),
    /// Measure and compare all teachers.
    CompareTeachers,
    /// Keep a language model that was set up in the app.
    PutTeacher(Box<Teacher>),
    /// Texts of this project may go to this host.
    ConfirmHost(String),
    /// Keep an edited prompt; the built-in text takes the edit back.
    PutPrompt {
        /// Name of the file.
        file: String,
        /// Its new text.
        text: String,
    },
}

impl Command {
    /// Successive edits with the same key are one undo step.
    pub fn merge_key(&self) -> Option<String> {
        match self {
            Command::SetDiscovery(_) => Some("discovery".into()),
            Command::Rename { blind_spot, .. } => Some(format!("rename {blind_spot}")),
            Command::PutHypothesis { hypothesis, .. } => Some(hypothesis.id.0.clone()),
            Command::SetTeacher { lesson, .. } => Some(format!("teacher of {lesson}")),
            _ => None,
        }
    }

    /// Whether it changes the document at once, rather than being work or what
    /// lies beside the document.
    pub fn is_edit(&self) -> bool {
        matches!(
            self,
            Command::SetDiscovery(_)
                | Command::Triage { .. }
                | Command::Rename { .. }
                | Command::Place { .. }
                | Command::ChooseTeacher { .. }
                | Command::PutLessons(_)
                | Command::SetTeacher { .. }
                | Command::PutHypothesis { .. }
                | Command::TakeChecks(_)
                | Command::RemoveHypothesis { .. }
                | Command::PutSample { .. }
                | Command::RemoveSample { .. }
                | Command::SetCost { .. }
                | Command::TakeLessons { .. }
                | Command::AcceptPassing(_)
                | Command::LeaveOut { .. }
                | Command::UseSnapshot(_)
                | Command::UseModel(_)
                | Command::DiscardModel(_)
                | Command::ListSecond { .. }
                | Command::Undo
                | Command::Redo
                | Command::EndEdit
        )
    }
}
