//! Blindspot finds where a text classifier is confidently wrong, lets a
//! teacher explain those errors and write new texts for them, retrains the
//! classifier, and shows honestly what got better and what got worse
//! (the method of arXiv 2403.17860).
//!
//! The modules are declared in the order in which data flows through them:
//!
//! 1. [`dataset`]: labelled texts, read, split into roles and checked;
//! 2. [`model`]: the classifier, read, computed and written;
//! 3. [`inference`]: predictions and embeddings;
//! 4. [`training`]: its fine-tuning, whole or in its upper blocks;
//! 5. [`discovery`]: unknown unknowns, the confident errors;
//! 6. [`blind_spots`]: their clusters, frozen as snapshots;
//! 7. [`map`]: the plane that shows them among all examples;
//! 8. [`lessons`]: what teachers make of them;
//! 9. [`comparison`]: the retrained model and its controls against the base;
//! 10. [`drawing`]: how maps and curves look, on the screen and in files.
//!
//! Below them lie [`support`], which every step leans on, and [`records`], the
//! plain data that is kept or passed on. Above them [`project`] keeps what was
//! written, [`steps`] are the loop over a project on disk, [`export`] and
//! [`report`] hand its results on, [`cluster`] has many machines share work,
//! [`session`] holds the state of a window, and [`cli`] and `gui` are the two
//! faces.
//!
//! **Each module uses only those above it in the list below**, which
//! `tests/borders.rs` reads.

pub mod support;
pub mod records;

pub mod dataset;
pub mod model;
pub mod inference;
pub mod training;
pub mod discovery;
pub mod blind_spots;
pub mod map;
pub mod lessons;
pub mod comparison;
pub mod drawing;

pub mod project;
pub mod steps;
pub mod export;
pub mod report;
pub mod cluster;
pub mod session;
pub mod mcp;
pub mod cli;
#[cfg(feature = "gui")]
pub mod gui;
