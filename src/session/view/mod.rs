//! How a project is looked at, to be handed on: a small document that restores
//! page, colours, filters and selection on another machine with the same
//! project. It holds no texts of the data and no path; what it names, it names
//! by ids, names and fingerprints, so that what is another thing there is told
//! instead of shown.

mod document;
mod filters;
mod looks;
mod restoring;

pub use document::HandedView;
pub use filters::{Filters, Row, Search};
pub use looks::{ColourBy, Column, Compared, Looks, SpotOrder, SpotRef, Stage};
pub use restoring::Edits;
