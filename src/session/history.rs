//! Undo and redo of what a person wrote.

use std::sync::Arc;

use crate::records::Document;

/// How many steps back undo goes.
const MAX_UNDOS: usize = 100;

/// A document to go back or forth to, and the name of the edit in between.
#[derive(Debug, Clone)]
pub(super) struct Edit {
    pub(super) name: String,
    pub(super) document: Arc<Document>,
}

/// Undo and redo of whole documents, by name. Cheap to clone: documents are
/// shared.
#[derive(Debug, Clone, Default)]
pub struct History {
    pub(super) undo: Vec<Edit>,
    pub(super) redo: Vec<Edit>,
    /// Successive edits with the same key (a slider drag, typing in one
    /// field) are one step.
    pub(super) merging: Option<String>,
}

impl History {
    /// Remembers the document as it was before an edit called `name`.
    ///
    /// Edits in a row with the same `merge_key` count as one.
    pub fn remember(&mut self, name: &str, merge_key: Option<&str>, before: Document) {
        self.redo.clear();
        if merge_key.is_some() && self.merging.as_deref() == merge_key {
            return;
        }
        self.merging = merge_key.map(str::to_owned);
        self.undo.push(Edit {
            name: name.to_owned(),
            document: Arc::new(before),
        });
        if self.undo.len() > MAX_UNDOS {
            self.undo.remove(0);
        }
    }

    /// Ends a run of merged edits, for instance when a slider is let go.
    pub fn end_merge(&mut self) {
        self.merging = None;
    }

    /// Name of what undo would take back.
    pub fn undo_name(&self) -> Option<&str> {
        self.undo.last().map(|step| step.name.as_str())
    }

    /// Name of what redo would do again.
    pub fn redo_name(&self) -> Option<&str> {
        self.redo.last().map(|step| step.name.as_str())
    }

    /// Swaps `current` for the document before the last edit.
    pub fn undo(&mut self, current: &mut Document) -> bool {
        self.end_merge();
        Self::step(&mut self.undo, &mut self.redo, current)
    }

    /// Swaps `current` for the document after the edit that was undone last.
    pub fn redo(&mut self, current: &mut Document) -> bool {
        self.end_merge();
        Self::step(&mut self.redo, &mut self.undo, current)
    }

    fn step(from: &mut Vec<Edit>, to: &mut Vec<Edit>, current: &mut Document) -> bool {
        let Some(Edit { name, document }) = from.pop() else {
            return false;
        };
        let left = std::mem::replace(current, Arc::unwrap_or_clone(document));
        to.push(Edit {
            name,
            document: Arc::new(left),
        });
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at_tau(tau: f32) -> Document {
        let mut document = Document::default();
        document.settings.tau = tau;
        document
    }

    #[test]
    fn a_slider_drag_is_one_step() {
        let mut history = History::default();
        history.remember("change τ", Some("tau"), at_tau(0.9));
        history.remember("change τ", Some("tau"), at_tau(0.8));
        let mut current = at_tau(0.7);
        assert!(history.undo(&mut current));
        assert_eq!(current, at_tau(0.9));
        assert!(!history.undo(&mut current));
        assert!(history.redo(&mut current));
        assert_eq!(current, at_tau(0.7));
    }

    #[test]
    fn what_follows_an_undo_is_a_step_of_its_own() {
        let mut history = History::default();
        history.remember("change τ", Some("tau"), at_tau(0.9));
        let mut current = at_tau(0.8);
        history.undo(&mut current);
        history.remember("change τ", Some("tau"), current);
        assert_eq!(history.undo_name(), Some("change τ"));
    }

    #[test]
    fn a_new_edit_forgets_what_was_undone() {
        let mut history = History::default();
        history.remember("one", None, at_tau(0.9));
        let mut current = at_tau(0.8);
        history.undo(&mut current);
        history.remember("two", None, current.clone());
        assert_eq!(history.redo_name(), None);
        assert_eq!(history.undo_name(), Some("two"));
    }
}
