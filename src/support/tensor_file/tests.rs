//! What was written comes back, and damage is noticed.

use super::*;

fn written(path: &Path) -> TensorFile {
    let notes = Notes::from([("model".to_owned(), "m".to_owned())]);
    let plan = [
        Planned::new("rows", Dtype::U64, [2]),
        Planned::new("values", Dtype::F32, [2, 3]),
        Planned::new("halves", Dtype::F16, [1]),
        Planned::new("text", Dtype::U8, [5]),
    ];
    let mut writer = Writer::begin(path, &notes, &plan).expect("begins");
    writer.write_numbers(&[7, 1 << 40]).expect("writes");
    writer
        .write_floats(&[0.1, -2.0, f32::MIN_POSITIVE])
        .expect("writes");
    writer.write_floats(&[1.0, 2.0, 3.0]).expect("writes");
    writer.write_halves(&[0.5]).expect("writes");
    writer.write(b"bytes").expect("writes");
    writer.finish().expect("finishes")
}

#[test]
fn what_was_written_comes_back_in_place() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let path = folder.path().join("it.safetensors");
    written(&path);
    let file = TensorFile::open(&path).expect("opens");
    assert_eq!(file.note("model"), Some("m"));
    assert_eq!(file.numbers("rows").expect("there"), [7, 1 << 40]);
    assert_eq!(file.shape("values"), Some(&[2, 3][..]));
    let values = file.floats("values").expect("there");
    assert_eq!(values[..3], [0.1, -2.0, f32::MIN_POSITIVE]);
    let mapped = file.bytes().as_ptr_range();
    assert!(mapped.contains(&values.as_ptr().cast()), "was copied");
    assert_eq!(file.floats("halves").expect("there")[..], [0.5]);
    assert_eq!(file.raw("text").expect("there"), b"bytes");
    assert!(file.raw("values").is_err() && file.numbers("none").is_err());
}

#[test]
fn a_whole_file_of_another_process_stays_and_a_damaged_one_goes() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let path = folder.path().join("it.safetensors");
    let finished = |value: f32| {
        let plan = [Planned::new("values", Dtype::F32, [1])];
        let mut writer = Writer::begin(&path, &Notes::new(), &plan).expect("begins");
        writer.write_floats(&[value]).expect("writes");
        let file = writer.finish_first(|file| file.shape("values").is_some());
        file.expect("finishes")
            .file()
            .floats("values")
            .expect("there")[0]
    };
    assert_eq!(finished(1.0), 1.0);
    assert_eq!(finished(2.0), 1.0, "the first is replaced");
    std::fs::write(&path, b"cut off").expect("writes");
    assert_eq!(finished(3.0), 3.0, "a damaged file stays");
}

#[test]
fn no_flipped_bit_goes_unnoticed() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let path = folder.path().join("it.safetensors");
    written(&path);
    let whole = std::fs::read(&path).expect("readable");
    for position in 0..whole.len() {
        let mut flipped = whole.clone();
        flipped[position] ^= 1 << (position % 8);
        std::fs::write(&path, &flipped).expect("writes");
        let error = TensorFile::open(&path).expect_err("damaged");
        assert!(error.remedy().is_some(), "{error}");
        assert!(error.to_string().contains("it.safetensors"), "{error}");
    }
    for length in 0..whole.len() {
        std::fs::write(&path, &whole[..length]).expect("writes");
        assert!(TensorFile::open(&path).is_err(), "cut at {length}");
    }
    std::fs::write(&path, &whole).expect("writes");
    assert!(TensorFile::open(&path).is_ok());
}

#[test]
fn a_file_that_lacks_bytes_does_not_appear() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let path = folder.path().join("it.safetensors");
    let plan = [Planned::new("values", Dtype::F32, [2])];
    let begin = || Writer::begin(&path, &Notes::new(), &plan).expect("begins");
    let mut short = begin();
    short.write_floats(&[1.0]).expect("writes");
    assert!(short.finish().is_err());
    assert!(begin().write_floats(&[1.0, 2.0, 3.0]).is_err());
    let left = std::fs::read_dir(folder.path()).expect("folder").count();
    assert_eq!(left, 0);
}
