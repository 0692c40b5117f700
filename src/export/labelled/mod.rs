//! Labelled rows in the forms that other programs take back: a folder that
//! Hugging Face `datasets` loads, and records for Argilla.
//!
//! Both take the same [columns](Column) and [rows](Row), so that whoever has
//! rows to hand on writes them once:
//!
//! ```no_run
//! use blindspot::export::labelled::{Column, DatasetsFolder, What, argilla_records};
//! # fn main() -> blindspot::support::Result<()> {
//! let names = vec!["bad".to_owned(), "good".to_owned()];
//! let columns = vec![
//!     Column::new("id", What::Id),
//!     Column::new("text", What::Text),
//!     Column::new("label", What::Label(names)),
//! ];
//! let rows = || [vec!["a1".into(), "It works".into(), "good".into()]].into_iter();
//! let mut folder = DatasetsFolder::begin("out/datasets".as_ref(), &columns)?;
//! folder.split("train", rows())?;
//! folder.finish()?;
//! argilla_records("out/argilla.json".as_ref(), &columns, rows())?;
//! # Ok(())
//! # }
//! ```

mod argilla;
mod arrow_stream;
mod datasets;

pub use argilla::argilla_records;
pub use datasets::DatasetsFolder;

pub use super::table::Row;

/// A column of labelled rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// What its cells are.
    pub what: What,
}

/// What the cells of a column are. Any cell may be empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// The row's lasting identity.
    Id,
    /// A text that is judged, or the second of a pair.
    Text,
    /// The name of one of these labels.
    Label(Vec<String>),
    /// Words about the row, such as its source.
    Note,
    /// A number in single precision, such as a confidence.
    Score,
}

impl Column {
    /// A column.
    pub fn new(name: impl Into<String>, what: What) -> Self {
        Self {
            name: name.into(),
            what,
        }
    }
}
