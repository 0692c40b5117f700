//! A project: a folder that a person can read and put under version control,
//! and what the program writes for it.
//!
//! [`manifest`] reads what the person wrote and never changes it. All that the
//! program writes lies in one state folder behind [`Store`]: a database of what
//! people made, and [`Files`] of what was computed. [`StepKey`] says whether
//! finished work may be used again.

pub mod files;
pub mod lock;
pub mod manifest;
mod network_folder;
pub mod reset;
pub mod step;
pub mod store;

pub use files::{Files, Key, Kind};
pub use lock::Holder;
pub use network_folder::network_type;
pub use reset::reset;
pub use step::StepKey;
pub use store::{Opened, ReadOnly, Store};

/// Name of the state folder inside a project.
pub const STATE_FOLDER: &str = ".blindspot";
