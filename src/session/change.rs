//! What differs between two documents: small enough to be kept for each edit.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::records::{
    BlindSpotId, DiscoverySettings, Document, ExampleKey, Lesson, Placement, RecordId, Signature,
    TeacherChoice, Triage,
};

/// What leads from one document to another: in the maps, `None` removes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Change {
    triage: BTreeMap<ExampleKey, Option<Triage>>,
    judged: BTreeMap<ExampleKey, Option<Signature>>,
    moves: BTreeMap<ExampleKey, Option<Placement>>,
    names: BTreeMap<BlindSpotId, Option<String>>,
    teachers: BTreeMap<BlindSpotId, Option<TeacherChoice>>,
    lessons: BTreeMap<RecordId, Option<Lesson>>,
    settings: Option<DiscoverySettings>,
    // Tuples of one: in JSON the null of “none” and that of “as it was” are
    // the same.
    settings_from: Option<(Option<DiscoverySettings>,)>,
    snapshot: Option<(Option<u32>,)>,
    model_round: Option<u32>,
    discarded: Option<BTreeSet<u32>>,
    unlisted_seconds: Option<BTreeSet<u32>>,
}

impl Change {
    /// What leads from one document to another.
    pub(super) fn between(from: &Document, to: &Document) -> Self {
        let lessons = differences(&from.lessons, &to.lessons).into_iter();
        Self {
            triage: differences(&from.triage, &to.triage),
            judged: differences(&from.judged, &to.judged),
            moves: differences(&from.moves, &to.moves),
            names: differences(&from.names, &to.names),
            teachers: differences(&from.teachers, &to.teachers),
            lessons: lessons
                .map(|(id, lesson)| (id, lesson.map(Arc::unwrap_or_clone)))
                .collect(),
            settings: differs(&from.settings, &to.settings),
            settings_from: differs(&from.settings_from, &to.settings_from).map(|to| (to,)),
            snapshot: differs(&from.snapshot, &to.snapshot).map(|to| (to,)),
            model_round: differs(&from.model_round, &to.model_round),
            discarded: differs(&from.discarded, &to.discarded),
            unlisted_seconds: differs(&from.unlisted_seconds, &to.unlisted_seconds),
        }
    }

    /// Makes the change.
    pub(super) fn apply(self, document: &mut Document) {
        let lessons = self.lessons.into_iter();
        let lessons = lessons.map(|(id, lesson)| (id, lesson.map(Arc::new)));
        put(&mut document.triage, self.triage);
        put(&mut document.judged, self.judged);
        put(&mut document.moves, self.moves);
        put(&mut document.names, self.names);
        put(&mut document.teachers, self.teachers);
        put(&mut document.lessons, lessons);
        set(&mut document.settings, self.settings);
        set(
            &mut document.settings_from,
            self.settings_from.map(|(to,)| to),
        );
        set(&mut document.snapshot, self.snapshot.map(|(to,)| to));
        set(&mut document.model_round, self.model_round);
        set(&mut document.discarded, self.discarded);
        set(&mut document.unlisted_seconds, self.unlisted_seconds);
    }
}

fn differences<K: Ord + Clone, V: PartialEq + Clone>(
    from: &BTreeMap<K, V>,
    to: &BTreeMap<K, V>,
) -> BTreeMap<K, Option<V>> {
    let gone = from.keys().filter(|key| !to.contains_key(key));
    let put = to
        .iter()
        .filter(|(key, value)| from.get(key) != Some(value));
    gone.map(|key| (key.clone(), None))
        .chain(put.map(|(key, value)| (key.clone(), Some(value.clone()))))
        .collect()
}

fn differs<T: PartialEq + Clone>(from: &T, to: &T) -> Option<T> {
    (from != to).then(|| to.clone())
}

fn put<K: Ord, V>(map: &mut BTreeMap<K, V>, changes: impl IntoIterator<Item = (K, Option<V>)>) {
    for (key, value) in changes {
        match value {
            Some(value) => map.insert(key, value),
            None => map.remove(&key),
        };
    }
}

fn set<T>(field: &mut T, change: Option<T>) {
    if let Some(value) = change {
        *field = value;
    }
}
