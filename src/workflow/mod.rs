//! The steps of the loop over a project on disk: what the jobs of the window
//! and the headless commands both run.

pub mod additions;
pub mod arm_scoring;
pub mod arms;
pub mod base;
pub mod brief;
pub mod check;
pub mod compare;
pub mod created;
pub mod discover;
pub mod estimate;
pub mod evidence;
pub mod facts;
pub mod hand_over;
pub mod import_lessons;
pub mod import_predictions;
mod kept_back;
mod lesson_tests;
pub mod open_project;
pub mod refusals;
pub mod retrain;
pub mod round;
pub mod sample_checks;
pub mod score;
pub mod score_file;
mod sealed;
pub mod shipped;
pub mod taking_in;
pub mod teach;
pub mod teacher_table;
pub mod teachers;
pub mod workspace;

pub use check::{ProjectCheck, check};
pub use open_project::{Base, OpenProject};
pub use workspace::Workspace;
pub(crate) use workspace::black_box;

#[cfg(test)]
mod staleness_tests;
