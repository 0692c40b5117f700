//! What holds the loop together: one state, one writer, jobs in the
//! background, undo. The window and the headless commands are two faces of it.

pub mod apply;
pub mod command;
pub mod event;
mod history;
pub mod jobs;
pub mod live;
mod second;
mod shared;
mod teaching;
mod work;

pub use command::Command;
pub use event::Event;
pub use history::History;
pub use jobs::{JobId, JobKind, JobState, JobStatus, Jobs};
pub use live::Session;
pub use shared::Shared;
