//! What holds the loop together: one state, one writer, jobs in the
//! background, undo. The window and the headless commands are two faces of it.

pub mod apply;
pub mod command;
pub mod document;
pub mod event;
pub mod jobs;
pub mod live;
mod shared;
pub mod state;
mod teaching;
mod work;

pub use command::{Command, Mode, RetrainPlan};
pub use document::{Document, History, Placement};
pub use event::Event;
pub use jobs::{JobId, JobKind, JobState, JobStatus, Jobs};
pub use live::Session;
pub use shared::Shared;
pub use state::{
    ArmRun, BaseModel, LessonTest, MapMethod, MapPositions, Opening, Preview, Round, RoundResult,
    State, TaughtLesson,
};
