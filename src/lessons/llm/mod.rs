//! Language models as teachers: asked over HTTP, within a budget, their
//! replies kept as data and reviewed before they count.
//!
//! Nothing that a model replies can run, write or fetch anything: it is text
//! that ends up in drafts of hypotheses and samples.

mod asking;
mod brief;
mod budget;
mod client;
mod connection;
#[cfg(test)]
mod damaged_tests;
mod drafts;
mod elements;
mod endpoint;
mod exchange;
mod failure;
mod hypothesis_judge;
mod journal;
mod loose_json;
mod money;
mod parse;
mod prompt;
mod questions;
mod reasoning;
mod replay;
mod retry;
mod secret;
mod server_error;
mod teach;
mod teacher;
mod wire;
mod wire_anthropic;
mod wire_openai;
mod writing;

pub use asking::REPLY_SECONDS;
pub use brief::{Contrast, LessonBrief, MinimalPair, ShownError};
pub use budget::{Budget, Limits, Spent};
pub use client::{Answers, Client};
pub use connection::{Diagnosis, models, test_connection, test_with_key};
pub use endpoint::{Endpoint, Kind};
pub use exchange::Pace;
pub use failure::{Cause, Failure};
pub use hypothesis_judge::{Claim, Estimate, Failing, Judged, refine};
pub use journal::{Entry, Journal, MemoryStore, ReplyStore};
pub use money::{Money, Prices, Usage};
pub use prompt::{Prompts, Template};
pub use replay::{RecordedLesson, Replay, may_record_to, save};
pub use retry::RetryPolicy;
pub use secret::Secret;
pub use teach::{Plan, Taught, teach};
pub use teacher::Teacher;
pub use wire::{Call, Ending, Reply};
pub use writing::passes_label_check;
