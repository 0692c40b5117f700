//! What jobs bring back. Events, like commands, change the state only
//! through the session.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::jobs::JobKind;
use crate::inference::Predictions;
use crate::inference::saliency::Saliency;
use crate::records::{AnswersFrom, BaseModel, Document, ExampleKey, MapPositions, Snapshot};
use crate::steps::RoundResult;
use crate::steps::abstain::AbstainTable;
use crate::steps::check_hypotheses::Checks;
use crate::steps::clean::Unneeded;
use crate::steps::compare::second::SecondResult;
use crate::steps::discover::{Preview, StabilityByK};
use crate::steps::estimate::RetrainTimes;
use crate::steps::import_lessons::CheckedLessons;
use crate::steps::interference::Measured;
use crate::steps::label_question::LabelQuestion;
use crate::steps::model_use::ModelQuestion;
use crate::steps::sample_sets::SampleSet;
use crate::steps::state::Answers;
use crate::steps::suite::SuiteResult;
use crate::steps::teach::TaughtLessons;
use crate::steps::teachers::TeacherTable;
use crate::support::Error;

/// The result of a job, or its end without one.
#[derive(Debug, Clone)]
pub enum Event {
    /// The base model was fitted or loaded.
    BaseReady(Arc<BaseModel>),
    /// The visible roles were scored with the reference base.
    Scored {
        /// Id of the base that was asked.
        base: String,
        /// Predictions and embeddings of all roles but *final*.
        predictions: Arc<Predictions>,
        /// Temperature fitted on *validation*.
        temperature: f32,
    },
    /// Positions on the map are ready.
    Mapped(Arc<MapPositions>),
    /// Blind spots under the sliders' settings.
    Previewed(Arc<Preview>),
    /// How stable each number of blind spots is.
    StabilityMeasured(Arc<StabilityByK>),
    /// The words of an example were left out one by one.
    WordsWeighed(ExampleKey, Arc<Saliency>),
    /// Blind spots were frozen.
    Frozen(Arc<Snapshot>),
    /// How long retraining takes is known.
    Estimated(RetrainTimes),
    /// A round was trained and read on *check*, or *final* was opened for it.
    RoundReady(Arc<RoundResult>),
    /// A retraining found every result in an earlier round, and is that round.
    RoundKnown(Arc<RoundResult>),
    /// What the models of rounds of an earlier session say, by the number of
    /// the round.
    LookedAt(BTreeMap<u32, Answers>),
    /// A second model was compared with the base.
    SecondCompared(Arc<SecondResult>),
    /// A second model can be compared once somebody says what its classes mean.
    SecondAsks(AnswersFrom, Arc<LabelQuestion>),
    /// What a second model of an earlier session says, by its number.
    LookedAtSecond(u32, Arc<Predictions>),
    /// The models were asked what the lessons test.
    LessonsTested(Arc<SuiteResult>),
    /// Each lesson was taught alone and read on *check*, as the document was
    /// then.
    InterferenceMeasured(Arc<Measured>, Arc<Document>),
    /// The samples of each lesson were looked at as a set, as the document was
    /// then.
    SamplesMeasured(Arc<Vec<SampleSet>>, Arc<Document>),
    /// The confidences below which a model should not answer were found.
    AbstentionPlanned(Arc<AbstainTable>),
    /// The model was asked what its classes answer.
    ModelAsked(Arc<ModelQuestion>),
    /// The model is used otherwise once the project is opened again.
    ModelUseChanged,
    /// Lessons were read from a file, and their samples were checked.
    LessonsRead(CheckedLessons),
    /// The predictions of a black box were read; with what there is to say of
    /// it.
    PredictionsImported(Arc<BaseModel>, String),
    /// Predictions can be imported once somebody says what their classes mean.
    PredictionsAsk(AnswersFrom, Arc<LabelQuestion>),
    /// A language model taught, or as much of it as there was time for.
    Taught(Arc<TaughtLessons>),
    /// Hypotheses were checked, or as many as there was time for.
    Checked(Arc<Checks>),
    /// All teachers were measured.
    TeachersCompared(Arc<TeacherTable>),
    /// The computed files were looked through: what nothing needs any more.
    UnneededFound(Arc<Unneeded>),
    /// Something finished that changes no state, in the user's words.
    Notice(String),
    /// A job was cancelled.
    Cancelled(JobKind),
    /// A job failed; its status holds the message for the faces.
    Failed(JobKind, Arc<Error>),
}
