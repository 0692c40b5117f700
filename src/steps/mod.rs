//! The steps of the loop over a project on disk, one file for each command that
//! a user gives: what the jobs of the window and the headless commands both
//! run.
//!
//! [`OpenProject`] is what a step works on; what all steps together know of it
//! is its [`State`].

mod as_it_is;
mod basis;
mod project;
mod project_settings;
pub mod workspace;

pub mod abstain;
pub mod bench_discovery;
pub mod check;
pub mod check_hypotheses;
pub mod clean;
pub mod compare;
pub mod leakage_guard;
pub mod data_sheet;
pub mod discover;
pub mod draft;
pub mod estimate;
pub mod evidence;
pub mod fit;
mod fit_longer;
pub mod hand_over;
pub mod import_lessons;
pub mod import_predictions;
pub mod interference;
pub mod label_question;
mod lookup;
pub mod map;
pub mod marks;
pub mod model_facts;
pub mod model_use;
pub mod next_action;
pub mod plan;
pub mod plant;
pub mod prices;
pub mod retrain;
pub mod round;
pub mod sample_checks;
pub mod sample_sets;
pub mod save_lessons;
pub mod score;
pub mod score_file;
pub mod shipped;
pub mod shipped_round;
pub mod shown_round;
pub mod state;
pub mod suite;
pub mod suspects;
mod tables;
pub mod teach;
pub mod teachers;

pub use basis::Basis;
pub(crate) use lookup::not_scored;
pub use project::{OpenProject, read_lessons, state_folder};
pub use state::{RoundResult, State};
pub use workspace::Workspace;

#[cfg(test)]
mod correction_tests;
#[cfg(test)]
mod staleness_tests;
#[cfg(test)]
mod suspects_tests;
