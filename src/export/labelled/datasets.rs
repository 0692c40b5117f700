//! A folder that `datasets.load_from_disk` opens: a `DatasetDict` with a folder
//! of Arrow for each split. Its form is that of `save_to_disk` in `datasets` 2
//! to 5.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::{Column, Row, arrow_stream};
use crate::export::json;
use crate::support::hash::StepHash;
use crate::support::{Error, Result, atomic_file};

/// Lists the splits.
const SPLITS: &str = "dataset_dict.json";
/// The rows of a split.
const ROWS: &str = "data-00000-of-00001.arrow";
/// Digits of a fingerprint.
const DIGITS: usize = 16;

/// A folder of splits that is being written. It is one that `datasets` opens
/// once it is [finished](Self::finish).
#[derive(Debug)]
pub struct DatasetsFolder {
    folder: PathBuf,
    columns: Vec<Column>,
    splits: Vec<String>,
}

impl DatasetsFolder {
    /// Begins a folder, which is made if needed.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn begin(folder: &Path, columns: &[Column]) -> Result<Self> {
        std::fs::create_dir_all(folder).map_err(|e| Error::file("create", folder, e))?;
        Ok(Self {
            folder: folder.to_owned(),
            columns: columns.to_vec(),
            splits: Vec::new(),
        })
    }

    /// Writes the rows of a split; one without rows is left out. A split's name
    /// has letters, digits, `_`, `.` and `-` only.
    ///
    /// # Errors
    /// When a file cannot be written, or the name is no name of a split.
    pub fn split(&mut self, name: &str, rows: impl Iterator<Item = Row>) -> Result<()> {
        let plain = |c: char| c.is_ascii_alphanumeric() || ['_', '-'].contains(&c);
        if name.is_empty() || !name.chars().all(|c| plain(c) || c == '.') || name.starts_with('.') {
            return Err(Error::program(format!("`{name}` is no name of a split")));
        }
        let mut rows = rows.peekable();
        if rows.peek().is_none() {
            return Ok(());
        }
        let folder = self.folder.join(name);
        std::fs::create_dir_all(&folder).map_err(|e| Error::file("create", &folder, e))?;
        atomic_file::write(&folder.join(ROWS), |out| {
            arrow_stream::write(out, &self.columns, rows).map_err(std::io::Error::other)
        })?;
        let about = json!({
            "citation": "",
            "description": "",
            "features": arrow_stream::features(&self.columns),
            "homepage": "",
            "license": "",
        });
        json(&folder.join("dataset_info.json"), &about)?;
        let state = json!({
            "_data_files": [{ "filename": ROWS }],
            "_fingerprint": self.fingerprint(&folder)?,
            "_format_columns": null,
            "_format_kwargs": {},
            "_format_type": null,
            "_output_all_columns": false,
            "_split": name,
        });
        json(&folder.join("state.json"), &state)?;
        self.splits.push(name.to_owned());
        Ok(())
    }

    /// Lists the splits, so that the folder opens.
    ///
    /// # Errors
    /// When the list cannot be written.
    pub fn finish(self) -> Result<()> {
        json(&self.folder.join(SPLITS), &json!({ "splits": self.splits }))
    }

    /// `datasets` names what it caches by this.
    fn fingerprint(&self, split: &Path) -> Result<String> {
        let content = crate::support::hash::file(&split.join(ROWS))?;
        let hash = StepHash::default()
            .with("rows", content.as_bytes())
            .finish();
        Ok(hash.chars().take(DIGITS).collect())
    }
}
