//! Undo across processes. A window keeps its history in memory; commands run
//! one process each, so theirs lies beside the database.
//!
//! It is good for the document that it was made for and no other: after an
//! edit that is not in it, as one in the window, it is forgotten.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::change::Change;
use super::history::{Edit, History};
use crate::records::Document;
use crate::support::{Error, Result, atomic_file, hash, user_file};

const FILE: &str = "edits.json";

#[derive(Serialize, Deserialize)]
struct Kept {
    /// Fingerprint of the document that these lead away from.
    document: String,
    /// Newest first.
    undo: Vec<KeptEdit>,
    /// The one that was undone last comes first.
    redo: Vec<KeptEdit>,
}

#[derive(Serialize, Deserialize)]
struct KeptEdit {
    name: String,
    /// What leads to the document before, or after, the edit from where the
    /// list stands.
    change: Change,
}

/// The history of the commands so far, if it belongs to the document.
///
/// # Errors
/// When it cannot be read. One that is damaged is as good as none.
pub(super) fn load(state: &Path, document: &Document) -> Result<History> {
    let Some(text) = user_file::text_if_there(&path(state))? else {
        return Ok(History::default());
    };
    let kept = serde_json::from_str::<Kept>(&text).ok();
    let now = fingerprint(document)?;
    let Some(kept) = kept.filter(|kept| kept.document == now) else {
        return Ok(History::default());
    };
    Ok(History {
        undo: edits(document, kept.undo),
        redo: edits(document, kept.redo),
        merging: None,
    })
}

/// Keeps a history for the next command.
///
/// # Errors
/// When it cannot be written.
pub(super) fn keep(state: &Path, document: &Document, history: &History) -> Result<()> {
    let kept = Kept {
        document: fingerprint(document)?,
        undo: changes(document, &history.undo),
        redo: changes(document, &history.redo),
    };
    let json = serde_json::to_vec(&kept).map_err(unwritable)?;
    atomic_file::write(&path(state), |out| out.write_all(&json))
}

fn edits(document: &Document, kept: Vec<KeptEdit>) -> Vec<Edit> {
    let mut at = document.clone();
    let mut edits: Vec<Edit> = Vec::with_capacity(kept.len());
    for KeptEdit { name, change } in kept {
        change.apply(&mut at);
        edits.push(Edit {
            name,
            document: Arc::new(at.clone()),
        });
    }
    edits.reverse();
    edits
}

fn changes(document: &Document, edits: &[Edit]) -> Vec<KeptEdit> {
    let mut from = document;
    let mut changes = Vec::with_capacity(edits.len());
    for edit in edits.iter().rev() {
        changes.push(KeptEdit {
            name: edit.name.clone(),
            change: Change::between(from, &edit.document),
        });
        from = &edit.document;
    }
    changes
}

fn fingerprint(document: &Document) -> Result<String> {
    let all = Change::between(&Document::default(), document);
    let json = serde_json::to_vec(&all).map_err(unwritable)?;
    Ok(hash::bytes(&json))
}

fn path(state: &Path) -> PathBuf {
    state.join(FILE)
}

fn unwritable(error: serde_json::Error) -> Error {
    Error::program("cannot write down what undo needs").because(error)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records::RecordId;
    use crate::records::{Author, BlindSpotId, ExampleKey, Lesson, Placement, Signature, Triage};

    /// Documents that differ in everything that an edit can touch.
    fn documents() -> [Document; 3] {
        let empty = Document::default();
        let mut judged = empty.clone();
        let key = || ExampleKey("a".into());
        judged.triage.insert(key(), Triage::WrongLabel(Some(1)));
        let signature = Signature {
            by: Some("ann".into()),
            when: "2026-01-01T00:00:00Z".into(),
        };
        judged.judged.insert(key(), signature);
        judged.settings.tau = 0.7;
        judged.settings.k = Some(3);
        judged.names.insert(BlindSpotId(1), "irony".into());
        judged.snapshot = Some(2);
        let mut taught = judged.clone();
        taught.triage.remove(&key());
        taught.moves.insert(key(), Placement::Dropped);
        let (id, place) = (RecordId("lesson".into()), (BlindSpotId(1), 2));
        let lesson = Lesson::new(id, place, "expert", Author::Human);
        taught.lessons.insert(lesson.id.clone(), Arc::new(lesson));
        taught.snapshot = None;
        taught.discarded.insert(4);
        taught.unlisted_seconds.insert(2);
        [empty, judged, taught]
    }

    #[test]
    fn another_process_undoes_and_redoes_what_one_did() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let state = folder.path();
        let [empty, judged, taught] = documents();
        let mut history = History::default();
        history.remember("judge", None, empty.clone());
        history.remember("teach", None, judged.clone());
        keep(state, &taught, &history).expect("kept");

        let mut document = taught.clone();
        let mut history = load(state, &document).expect("reads");
        assert_eq!(history.undo_name(), Some("teach"));
        assert!(history.undo(&mut document));
        assert_eq!(document, judged);
        keep(state, &document, &history).expect("kept");

        let mut history = load(state, &document).expect("reads");
        assert_eq!(history.redo_name(), Some("teach"));
        assert!(history.undo(&mut document));
        assert_eq!(document, empty);
        assert!(history.redo(&mut document) && history.redo(&mut document));
        assert_eq!(document, taught);
    }

    #[test]
    fn the_history_of_another_document_is_none() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let [empty, judged, taught] = documents();
        let mut history = History::default();
        history.remember("judge", None, empty);
        keep(folder.path(), &judged, &history).expect("kept");
        let other = load(folder.path(), &taught).expect("reads");
        assert_eq!(other.undo_name(), None);
        std::fs::write(path(folder.path()), "{").expect("writes");
        let damaged = load(folder.path(), &judged).expect("reads");
        assert_eq!(damaged.undo_name(), None);
    }
}
