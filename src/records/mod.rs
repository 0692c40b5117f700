//! What is kept or passed on: plain data, without the loop's behaviour.
//!
//! Everything that a person wrote ([`Document`], [`Lesson`], [`Manifest`]),
//! that names something for good ([`ExampleKey`], [`BlindSpotId`],
//! [`RecordId`]), or that a step leaves for later ones ([`Snapshot`],
//! [`Round`], [`SecondModel`], [`Opening`], [`MapPositions`]) is defined here, so that the store
//! can keep it and each step can take it without knowing the step that made
//! it.

mod arm;
mod base;
mod blind_spot;
mod document;
mod endpoint;
mod example;
#[cfg(test)]
pub(crate) mod fixture;
mod hypothesis_check;
mod lesson;
mod manifest;
mod pattern;
mod recipe;
mod round;
mod second_model;
mod triage;

pub use arm::Arm;
pub use base::{AfterPass, BaseModel, FitCurve, MapMethod, MapPositions};
pub use blind_spot::{
    BlindSpot, BlindSpotId, DiscoverySettings, EmbeddingOf, Snapshot, Term, is_threshold,
};
pub use document::{Document, Placement};
pub use endpoint::{Endpoint, Endpoints, is_accuracy};
pub use example::{ExampleKey, Label, Role, Text};
pub use hypothesis_check::{
    CheckVerdict, HypothesisCheck, Judge, Matches, Risk, Standing, Thresholds,
};
pub use lesson::{
    Author, Cost, Familiarity, Hypothesis, HypothesisKind, Lesson, ModelAnswer, RecordId, Review,
    Sample, SampleUse, TeacherChoice, UNNAMED_TEACHER,
};
pub use manifest::{
    ColumnNames, Costs, DataSpec, Disagreement, Epochs, FileSpec, FitSpec, LabelSpec, Manifest,
    ModelBase, ModelSpec, ModelUse, QuickSpec, Quotes, Rewrite, RoleSpec, Shares, Tests,
    USUAL_PASSES, resolve,
};
pub use pattern::Pattern;
pub use recipe::{Balance, Recipe, Until};
pub use round::{
    ArmRun, LessonTest, Mode, Opening, RetrainPlan, Round, TaughtLesson, machines, mixed_machines,
};
pub use second_model::{AnswersFrom, SecondModel};
pub use triage::{Judgements, Signature, Triage};
