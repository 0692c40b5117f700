//! What holds the loop together: one state, one writer, jobs in the
//! background, undo. The window and the headless commands are two faces of it.

pub mod apply;
pub mod command;
mod change;
pub mod event;
pub mod headless;
mod history;
pub mod jobs;
mod kept_history;
pub mod live;
mod names;
mod pace;
mod second;
mod shared;
mod teaching;
pub mod view;
mod work;

pub use command::Command;
pub use event::Event;
pub use headless::Edited;
pub use history::History;
pub use jobs::{JobId, JobKind, JobState, JobStatus, Jobs};
pub use live::Session;
pub use pace::Pace;
pub use shared::Shared;
