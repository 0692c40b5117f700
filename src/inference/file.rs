//! Predictions as a file of tensors: example numbers, logits, optionally
//! embeddings, and notes on what they are.

use std::path::Path;

use super::Predictions;
use crate::support::tensor_file::{Dtype, Planned, TensorFile, Writer};
use crate::support::{Error, Result};

pub use crate::support::tensor_file::Notes;

/// How embeddings are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Embeddings {
    /// Not at all: what is read back has none.
    Left,
    /// In half precision, to be handed on.
    Half,
    /// Bit for bit, so that a run that finds them goes on exactly as the one
    /// that computed them.
    Exact,
}

/// Writes predictions; the file is whole or absent. Gives them as they lie in
/// the file, mapped.
///
/// # Errors
/// When the file cannot be written.
pub fn write(
    path: &Path,
    predictions: &Predictions,
    embeddings: Embeddings,
    notes: &Notes,
) -> Result<Predictions> {
    of(&written(path, predictions, embeddings, notes)?.finish()?)
}

/// As [`write()`], for predictions that several processes may be making: gives
/// those that were finished first, which stay, with their file.
///
/// # Errors
/// As [`write()`].
pub fn offer(
    path: &Path,
    predictions: &Predictions,
    embeddings: Embeddings,
    notes: &Notes,
) -> Result<(Predictions, TensorFile)> {
    let file = written(path, predictions, embeddings, notes)?;
    let file = file.finish_first(|theirs| of(theirs).is_ok())?.file();
    Ok((of(&file)?, file))
}

fn written(
    path: &Path,
    predictions: &Predictions,
    embeddings: Embeddings,
    notes: &Notes,
) -> Result<Writer> {
    let rows = predictions.len();
    let mut plan = vec![
        Planned::new("examples", Dtype::U64, [rows]),
        Planned::new("logits", Dtype::F32, [rows, predictions.classes()]),
    ];
    let width = predictions.width();
    let format = match embeddings {
        Embeddings::Half if width > 0 => Some(Dtype::F16),
        Embeddings::Exact if width > 0 => Some(Dtype::F32),
        _ => None,
    };
    plan.extend(format.map(|format| Planned::new("embeddings", format, [rows, width])));
    let mut out = Writer::begin(path, notes, &plan)?;
    out.write_numbers(predictions.examples())?;
    out.write_floats(predictions.all_logits())?;
    match format {
        Some(Dtype::F16) => out.write_halves(predictions.embeddings())?,
        Some(_) => out.write_floats(predictions.embeddings())?,
        None => {}
    }
    Ok(out)
}

/// Reads predictions and the file that they lie in, which holds the notes.
///
/// # Errors
/// When the file is missing, damaged, or not what [`write()`] makes.
pub fn read(path: &Path) -> Result<(Predictions, TensorFile)> {
    let file = TensorFile::open(path)?;
    Ok((of(&file)?, file))
}

fn of(file: &TensorFile) -> Result<Predictions> {
    let width = |name| file.shape(name).and_then(|shape| shape.get(1)).copied();
    let no_predictions = |why: Error| {
        let path = file.path().display();
        Error::input(format!("`{path}` holds no predictions"))
            .because(why)
            .hint("delete it; the program makes it again")
    };
    let parts = || {
        let (examples, logits) = (file.numbers("examples")?, file.floats("logits")?);
        let (classes, width) = (width("logits").unwrap_or(0), width("embeddings"));
        let Some(width) = width else {
            return Predictions::restore(examples, classes, logits, 0, Vec::new());
        };
        let embeddings = file.floats("embeddings")?;
        // Rounding to half precision has changed their length.
        match file.dtype("embeddings") {
            Some(Dtype::F16) => {
                let (logits, embeddings) = (logits.to_vec(), embeddings.to_vec());
                Predictions::new(examples, classes, logits, width, embeddings)
            }
            _ => Predictions::restore(examples, classes, logits, width, embeddings),
        }
    };
    parts().map_err(no_predictions)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_back_what_was_written_and_refuses_a_cut_file() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let path = folder.path().join("p.safetensors");
        let predictions = Predictions::new(
            vec![2, 9],
            2,
            vec![0.5, -1.0, 2.0, 3.0],
            2,
            vec![1.0, 0.0, 0.61, 0.8],
        )
        .expect("shapes fit");
        let notes = Notes::from([("arm".to_owned(), "uus".to_owned())]);
        let write = |embeddings| write(&path, &predictions, embeddings, &notes).expect("writes");
        write(Embeddings::Half);
        let (read_back, file) = read(&path).expect("reads");
        assert_eq!(file.note("arm"), Some("uus"));
        assert_eq!(read_back.logits(1), predictions.logits(1));
        assert!((read_back.embedding(1)[1] - predictions.embedding(1)[1]).abs() < 1e-3);

        write(Embeddings::Left);
        assert_eq!(read(&path).expect("reads").0.width(), 0);
        assert_eq!(write(Embeddings::Exact), predictions);
        assert_eq!(read(&path).expect("reads").0, predictions);

        let bytes = std::fs::read(&path).expect("there");
        std::fs::write(&path, &bytes[..bytes.len() - 3]).expect("cut");
        assert!(read(&path).is_err());
    }
}
