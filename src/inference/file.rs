//! Predictions as a file: one safetensors with the logits, optionally the
//! embeddings in half precision, and notes on what they are.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use half::f16;
use safetensors::tensor::{Dtype, SafeTensors, TensorView};

use super::Predictions;
use crate::support::{Error, Result, atomic_file};

/// What a file says about itself, by name.
pub type Notes = BTreeMap<String, String>;

/// Writes predictions; the file is whole or absent. Without `embeddings` the
/// file is small, and what is read back has none.
///
/// # Errors
/// When the file cannot be written.
pub fn write(
    path: &Path,
    predictions: &Predictions,
    embeddings: bool,
    notes: &Notes,
) -> Result<()> {
    let rows = predictions.len();
    let examples: Vec<u8> = predictions
        .examples()
        .iter()
        .flat_map(|index| (*index as u64).to_le_bytes())
        .collect();
    let logits: Vec<u8> = (0..rows)
        .flat_map(|row| predictions.logits(row))
        .flat_map(|x| x.to_le_bytes())
        .collect();
    let halves: Vec<u8> = predictions
        .embeddings()
        .iter()
        .flat_map(|x| f16::from_f32(*x).to_le_bytes())
        .collect();
    let tensor = |dtype, shape: Vec<usize>, data| {
        TensorView::new(dtype, shape, data)
            .map_err(|e| Error::program("cannot lay out predictions").because(e))
    };
    let mut tensors = vec![
        ("examples", tensor(Dtype::U64, vec![rows], &examples)?),
        (
            "logits",
            tensor(Dtype::F32, vec![rows, predictions.classes()], &logits)?,
        ),
    ];
    if embeddings && predictions.width() > 0 {
        let shape = vec![rows, predictions.width()];
        tensors.push(("embeddings", tensor(Dtype::F16, shape, &halves)?));
    }
    let notes: HashMap<String, String> = notes.clone().into_iter().collect();
    let bytes = safetensors::serialize(tensors, Some(notes))
        .map_err(|e| Error::program("cannot write predictions").because(e))?;
    atomic_file::write(path, |out| out.write_all(&bytes))
}

/// Reads predictions and the notes beside them.
///
/// # Errors
/// When the file is missing, cut short, or not what [`write()`] makes.
pub fn read(path: &Path) -> Result<(Predictions, Notes)> {
    let bytes = std::fs::read(path).map_err(|e| Error::file("read", path, e))?;
    parse(&bytes).map_err(|why| {
        Error::input(format!("`{}` holds no predictions: {why}", path.display()))
            .hint("delete it; the program makes it again")
    })
}

fn parse(bytes: &[u8]) -> Result<(Predictions, Notes), String> {
    let said = |e: &dyn std::fmt::Display| e.to_string();
    let (_, header) = SafeTensors::read_metadata(bytes).map_err(|e| said(&e))?;
    let notes = header.metadata().clone().unwrap_or_default();
    let file = SafeTensors::deserialize(bytes).map_err(|e| said(&e))?;
    let examples = file.tensor("examples").map_err(|e| said(&e))?;
    let logits = file.tensor("logits").map_err(|e| said(&e))?;
    let embeddings = file.tensor("embeddings").ok();
    let width_of = |view: &TensorView| view.shape().get(1).copied().unwrap_or(0);
    let types_fit = examples.dtype() == Dtype::U64
        && logits.dtype() == Dtype::F32
        && embeddings.as_ref().is_none_or(|e| e.dtype() == Dtype::F16);
    if !types_fit {
        return Err("its number formats are others".into());
    }
    let predictions = Predictions::new(
        chunks(examples.data(), |b| u64::from_le_bytes(b) as usize),
        width_of(&logits),
        chunks(logits.data(), f32::from_le_bytes),
        embeddings.as_ref().map_or(0, width_of),
        embeddings.as_ref().map_or_else(Vec::new, |view| {
            chunks(view.data(), |b| f16::from_le_bytes(b).to_f32())
        }),
    )
    .map_err(|e| said(&e))?;
    Ok((predictions, notes.into_iter().collect()))
}

fn chunks<const N: usize, T>(bytes: &[u8], value: impl Fn([u8; N]) -> T) -> Vec<T> {
    let (whole, _) = bytes.as_chunks::<N>();
    whole.iter().map(|chunk| value(*chunk)).collect()
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
            vec![1.0, 0.0, 0.6, 0.8],
        )
        .expect("shapes fit");
        let notes = Notes::from([("arm".to_owned(), "uus".to_owned())]);
        write(&path, &predictions, true, &notes).expect("writes");
        let (read_back, read_notes) = read(&path).expect("reads");
        assert_eq!(read_notes, notes);
        assert_eq!(read_back.logits(1), predictions.logits(1));
        assert!((read_back.embedding(1)[1] - 0.8).abs() < 1e-3);

        let bytes = std::fs::read(&path).expect("there");
        std::fs::write(&path, &bytes[..bytes.len() - 3]).expect("cut");
        assert!(read(&path).is_err());
    }
}
