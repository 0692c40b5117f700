//! What must hold of the state, whatever happens to the process, the disk or
//! the files.

mod crash;
mod interleaving;
mod opening;
mod records;
mod trouble;
mod version_1;

use std::path::Path;
use std::sync::Arc;

use super::Store;
use crate::project::{Key, Kind};
use crate::records::{
    Author, BlindSpotId, Document, ExampleKey, Hypothesis, HypothesisKind, Lesson, RecordId,
    Sample, Text,
};
use crate::support::hash::StepHash;
use crate::support::tensor_file::{Dtype, Notes, Planned, Writer};

fn open(folder: &Path) -> Store {
    let opened = Store::open(folder).expect("opens");
    assert_eq!(opened.warnings, Vec::<String>::new());
    opened.store
}

fn key(name: &str) -> ExampleKey {
    ExampleKey(name.to_owned())
}

fn sample(number: usize) -> Sample {
    let id = RecordId(format!("sample-{number}"));
    let text = Text::single(format!("text {number}"));
    Sample {
        hypothesis: Some(RecordId("hypothesis-0".into())),
        contrast: number % 2 == 1,
        ..Sample::new(id, text, "negative", Author::Human)
    }
}

/// A lesson with one hypothesis and `samples` samples.
fn lesson(id: &str, samples: usize) -> Lesson {
    Lesson {
        shown: vec![key("a"), key("b")],
        hypotheses: vec![Hypothesis::new(
            RecordId("hypothesis-0".into()),
            HypothesisKind::Abstraction,
            "irony",
            Author::Human,
        )],
        samples: (0..samples).map(sample).collect(),
        created: "2026-01-01T00:00:00Z".into(),
        ..Lesson::new(
            RecordId(id.into()),
            (BlindSpotId(1), 1),
            "person",
            Author::Human,
        )
    }
}

fn with_lesson(document: &Document, lesson: Lesson) -> Document {
    let mut document = document.clone();
    document.lessons.insert(lesson.id.clone(), Arc::new(lesson));
    document
}

/// The tensor of the tests' computed files.
const CONTENT: &str = "content";

/// Begins a computed file with some content, named by it.
fn begin(store: &Store, content: &[u8]) -> (Key, Writer) {
    let made_from = StepHash::default().with(CONTENT, content);
    let key = Key::new(Kind::Model, "weights", made_from);
    let path = store.files().place(&key).expect("a place");
    let plan = [Planned::new(CONTENT, Dtype::U8, [content.len()])];
    let writer = Writer::begin(&path, &Notes::new(), &plan).expect("begins");
    (key, writer)
}

/// Writes a computed file.
fn write(store: &Store, content: &[u8]) -> Key {
    let (key, mut writer) = begin(store, content);
    writer.write(content).expect("written");
    writer.finish().expect("written");
    key
}

/// What a computed file holds, if it is there.
fn read(store: &Store, key: &Key) -> Option<Vec<u8>> {
    let found = store.files().find(key).expect("whole or absent");
    found.map(|file| file.raw(CONTENT).expect("the tensor").to_vec())
}

/// Number of files in the folder of models, half-written ones too.
fn files(folder: &Path) -> usize {
    let models = folder.join(Kind::Model.folder());
    std::fs::read_dir(models).map_or(0, Iterator::count)
}
