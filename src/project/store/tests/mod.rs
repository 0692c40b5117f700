//! What must hold of the state, whatever happens to the process, the disk or
//! the files.

mod crash;
mod interleaving;
mod opening;
mod records;
mod trouble;

use std::path::Path;
use std::sync::Arc;

use super::{CheckpointId, Store};
use crate::records::{
    Author, BlindSpotId, Cost, Document, ExampleKey, Hypothesis, HypothesisKind, Lesson, RecordId,
    Review, Sample, SampleUse, Text,
};

fn open(folder: &Path) -> Store {
    let opened = Store::open(folder).expect("opens");
    assert_eq!(opened.warnings, Vec::<String>::new());
    opened.store
}

fn key(name: &str) -> ExampleKey {
    ExampleKey(name.to_owned())
}

fn sample(number: usize) -> Sample {
    Sample {
        id: RecordId(format!("sample-{number}")),
        hypothesis: Some(RecordId("hypothesis-0".into())),
        text: Text::single(format!("text {number}")),
        label: "negative".into(),
        author: Author::Human,
        purpose: SampleUse::Train,
        contrast: number % 2 == 1,
        edit_of: None,
        review: Review::Accepted,
        edited: false,
        judged_label: None,
        model_said: None,
    }
}

/// A lesson with one hypothesis and `samples` samples.
fn lesson(id: &str, samples: usize) -> Lesson {
    Lesson {
        id: RecordId(id.into()),
        blind_spot: BlindSpotId(1),
        snapshot: 1,
        teacher: "person".into(),
        author: Author::Human,
        statement: String::new(),
        familiarity: None,
        shown: vec![key("a"), key("b")],
        hypotheses: vec![Hypothesis {
            id: RecordId("hypothesis-0".into()),
            kind: HypothesisKind::Abstraction,
            text: "irony".into(),
            author: Author::Human,
        }],
        samples: (0..samples).map(sample).collect(),
        cost: Cost::default(),
        created: "2026-01-01T00:00:00Z".into(),
    }
}

fn with_lesson(document: &Document, lesson: Lesson) -> Document {
    let mut document = document.clone();
    document.lessons.insert(lesson.id.clone(), Arc::new(lesson));
    document
}

fn write(store: &Store, name: &str, content: &[u8]) -> CheckpointId {
    store
        .write_checkpoint(name, |out| out.write_all(content))
        .expect("written")
}

/// Number of files in the folder of checkpoints.
fn files(folder: &Path) -> usize {
    std::fs::read_dir(folder.join("checkpoints"))
        .expect("folder")
        .count()
}
