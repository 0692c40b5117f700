//! Projects with known blind spots, made from the training rows of another:
//! what discovery ought to find is then known.
//!
//! A third of the groups of *train* and *reserve* become *discovery*, but for
//! some rows of *check* and *final*, so that all come from the same places; the model is taught wrongly, or not at all,
//! about slices of one label, and the rows of these slices in *discovery* are
//! the errors to be found. Natural errors stay beside them, as anywhere.
//!
//! Settings and ways of planting follow the three kinds of Domino (Eyuboglu and
//! others, arXiv 2203.14960): noisy labels, rare slices, spurious correlations.

mod apply;
mod slice;

use std::collections::BTreeSet;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::records::{ExampleKey, Label};
use crate::steps::Workspace;
use crate::support::{Error, Progress, Result, atomic_file, user_file};

use self::apply::Planted;
use self::slice::{Rows, choose};

/// The list of what was planted, beside project.toml.
pub const PLANTS_FILE: &str = "plants.json";

/// What is wrong with the training rows of a slice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Fault {
    /// They have another label.
    Mislabelled,
    /// They are missing.
    Removed,
    /// They are sound; but training rows of another label bear a marker that
    /// rows of the slice bear in *discovery*.
    Marker,
}

/// What the rows of a slice share, beside their label.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "by")]
pub enum Slice {
    /// They hold a word.
    Term {
        /// The word, in lower case.
        word: String,
    },
    /// They have so many words.
    Length {
        /// At least.
        least: usize,
        /// At most.
        most: usize,
    },
    /// They come from a source.
    Source {
        /// Its name.
        source: String,
    },
    /// They lie near a row in the embedding space of the model before it is
    /// fitted.
    Region {
        /// That row.
        around: ExampleKey,
        /// Least cosine.
        cosine: f32,
    },
    /// They were drawn.
    Drawn,
}

/// A blind spot that was planted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plant {
    /// What was done.
    pub fault: Fault,
    /// To which rows.
    pub slice: Slice,
    /// Name of their true label.
    pub label: String,
    /// Name of the label that the model is led to.
    pub taught: String,
    /// Training rows that were changed.
    pub training_rows: usize,
    /// The rows of *discovery* that belong to it.
    pub members: BTreeSet<ExampleKey>,
}

impl Plant {
    /// What it is, in words.
    pub fn said(&self) -> String {
        let slice = match &self.slice {
            Slice::Term { word } => format!("with “{word}”"),
            Slice::Length { least: 0, most } => format!("of at most {most} words"),
            Slice::Length { least, .. } => format!("of at least {least} words"),
            Slice::Source { source } => format!("from {source}"),
            Slice::Region { around, .. } => format!("like {around}"),
            Slice::Drawn => "drawn".to_owned(),
        };
        let fault = match self.fault {
            Fault::Mislabelled => "mislabelled",
            Fault::Removed => "removed",
            Fault::Marker => "spurious marker",
        };
        format!("{fault}: {} {slice}, taken for {}", self.label, self.taught)
    }
}

/// What to plant.
#[derive(Debug, Clone, Copy)]
pub struct Wanted {
    /// Number of plants.
    pub plants: usize,
    /// Seed of everything that is drawn.
    pub seed: u64,
}

/// Writes a project with known blind spots into a new folder.
///
/// # Errors
/// When the folder holds something, when the project has no training rows or no
/// slice large enough, or when it cannot be written.
pub fn plant(
    workspace: &Workspace,
    wanted: Wanted,
    out: &Path,
    progress: &Progress,
) -> Result<Vec<Plant>> {
    refuse_what_is_there(out)?;
    let rows = Rows::of(workspace, wanted.seed, progress)?;
    let chosen = choose(&rows, wanted, progress)?;
    let planted = Planted::new(&rows, chosen);
    std::fs::create_dir_all(out).map_err(|e| Error::file("create", out, e))?;
    planted.write(workspace, out)?;
    let plants = planted.into_plants();
    let json = serde_json::to_string_pretty(&plants)
        .map_err(|e| Error::program("cannot describe what was planted").because(e))?;
    atomic_file::write(&out.join(PLANTS_FILE), |file| {
        file.write_all(json.as_bytes())
    })?;
    Ok(plants)
}

/// What was planted in a project.
///
/// # Errors
/// When nothing was, or when the list is damaged.
pub fn plants_of(folder: &Path) -> Result<Vec<Plant>> {
    let path = folder.join(PLANTS_FILE);
    let text = user_file::text_if_there(&path)?.ok_or_else(|| {
        Error::input(format!(
            "`{}` has no known blind spots: it holds no {PLANTS_FILE}",
            folder.display()
        ))
        .hint("make such a project with `blindspot plant PROJECT --out FOLDER`")
    })?;
    serde_json::from_str(&text)
        .map_err(|e| Error::input(format!("`{}` is damaged", path.display())).because(e))
}

fn refuse_what_is_there(out: &Path) -> Result<()> {
    let is_empty = match std::fs::read_dir(out) {
        Ok(mut entries) => entries.next().is_none(),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => true,
        Err(e) => return Err(Error::file("read", out, e)),
    };
    match is_empty {
        true => Ok(()),
        false => Err(Error::input(format!("`{}` is not empty", out.display()))
            .hint("name a folder that does not exist yet")),
    }
}

/// A slice with what is done to it, by rows of the data set.
struct Chosen {
    fault: Fault,
    slice: Slice,
    label: Label,
    taught: Label,
    training: Vec<usize>,
    discovery: Vec<usize>,
}
