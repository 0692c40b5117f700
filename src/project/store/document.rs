//! What people decided and wrote. A save writes the rows that changed.

use std::collections::BTreeMap;
use std::sync::Arc;

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension as _, params};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Store;
use super::json::{AsJson, FromJson};
use crate::records::{BlindSpotId, Document, ExampleKey, Lesson, RecordId};
use crate::support::Result;

impl Store {
    /// The document as it was saved last; the default one in a new project.
    /// A store for reading only gives it as it was when it was opened.
    pub fn document(&self) -> Document {
        self.lock().saved.clone()
    }

    /// Saves a document: all that changed since the last save, or nothing.
    /// Undo and redo are changes like any other.
    ///
    /// # Errors
    /// If the project is open for reading only, if the disk is full, or if a
    /// record holds a figure that is no number.
    pub fn save_document(&self, document: &Document) -> Result<()> {
        let guarded = &mut *self.lock();
        let before = guarded.saved.clone();
        if *document == before {
            return Ok(());
        }
        self.write_guarded(guarded, "your changes", |transaction| {
            save(transaction, &before, document)
        })?;
        guarded.saved = document.clone();
        Ok(())
    }

    /// What a face wants to find again (open tabs, zoom), as JSON; not undoable.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn view(&self) -> Result<Option<serde_json::Value>> {
        self.read("the view", |connection| setting(connection, "view"))
    }

    /// Keeps what a face wants to find again.
    ///
    /// # Errors
    /// If it cannot be saved.
    pub fn put_view(&self, view: &serde_json::Value) -> Result<()> {
        self.write("the view", |transaction| {
            put_setting(transaction, "view", view)
        })
    }
}

pub(super) fn load(connection: &Connection) -> rusqlite::Result<Document> {
    let default = Document::default();
    Ok(Document {
        triage: load_map(connection, "triage")?,
        judged: load_map(connection, "judged")?,
        settings: setting(connection, "discovery")?.unwrap_or(default.settings),
        settings_from: setting(connection, "discovery_from")?.flatten(),
        snapshot: setting(connection, "snapshot")?.flatten(),
        names: load_map(connection, "blind_spot_name")?,
        moves: load_map(connection, "placement")?,
        teachers: load_map(connection, "teacher_choice")?,
        lessons: load_lessons(connection)?,
        model_round: setting(connection, "model_round")?.unwrap_or(default.model_round),
        discarded: setting(connection, "discarded_rounds")?.unwrap_or(default.discarded),
        unlisted_seconds: setting(connection, "unlisted_second_models")?
            .unwrap_or(default.unlisted_seconds),
    })
}

fn save(connection: &Connection, before: &Document, after: &Document) -> rusqlite::Result<()> {
    save_map(connection, "triage", &before.triage, &after.triage)?;
    save_map(connection, "judged", &before.judged, &after.judged)?;
    save_map(connection, "placement", &before.moves, &after.moves)?;
    save_map(connection, "blind_spot_name", &before.names, &after.names)?;
    save_map(
        connection,
        "teacher_choice",
        &before.teachers,
        &after.teachers,
    )?;
    save_lessons(connection, &before.lessons, &after.lessons)?;
    if before.settings != after.settings {
        put_setting(connection, "discovery", &after.settings)?;
    }
    if before.settings_from != after.settings_from {
        put_setting(connection, "discovery_from", &after.settings_from)?;
    }
    if before.snapshot != after.snapshot {
        put_setting(connection, "snapshot", &after.snapshot)?;
    }
    if before.model_round != after.model_round {
        put_setting(connection, "model_round", &after.model_round)?;
    }
    if before.discarded != after.discarded {
        put_setting(connection, "discarded_rounds", &after.discarded)?;
    }
    if before.unlisted_seconds != after.unlisted_seconds {
        put_setting(
            connection,
            "unlisted_second_models",
            &after.unlisted_seconds,
        )?;
    }
    Ok(())
}

/// What a row of an overlay table belongs to.
trait Key: Ord + Sized {
    const COLUMN: &'static str;
    fn to_column(&self) -> Value;
    fn from_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<Self>;
}

impl Key for ExampleKey {
    const COLUMN: &'static str = "example";

    fn to_column(&self) -> Value {
        self.0.clone().into()
    }

    fn from_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<Self> {
        row.get(0).map(ExampleKey)
    }
}

impl Key for BlindSpotId {
    const COLUMN: &'static str = "blind_spot";

    fn to_column(&self) -> Value {
        self.0.into()
    }

    fn from_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<Self> {
        row.get(0).map(BlindSpotId)
    }
}

fn load_map<K: Key, V: DeserializeOwned>(
    connection: &Connection,
    table: &str,
) -> rusqlite::Result<BTreeMap<K, V>> {
    let mut statement = connection.prepare_cached(&format!("SELECT * FROM {table}"))?;
    let rows = statement.query_map([], |row| {
        let FromJson(value) = row.get(1)?;
        Ok((K::from_row(row)?, value))
    })?;
    rows.collect()
}

fn save_map<K: Key, V: PartialEq + Serialize + DeserializeOwned>(
    connection: &Connection,
    table: &str,
    before: &BTreeMap<K, V>,
    after: &BTreeMap<K, V>,
) -> rusqlite::Result<()> {
    let put = format!("INSERT OR REPLACE INTO {table} VALUES (?1, ?2)");
    for (key, value) in after {
        if before.get(key) != Some(value) {
            connection
                .prepare_cached(&put)?
                .execute(params![key.to_column(), AsJson(value)])?;
        }
    }
    let delete = format!("DELETE FROM {table} WHERE {} = ?1", K::COLUMN);
    for key in before.keys().filter(|key| !after.contains_key(key)) {
        connection
            .prepare_cached(&delete)?
            .execute(params![key.to_column()])?;
    }
    Ok(())
}

fn load_lessons(connection: &Connection) -> rusqlite::Result<BTreeMap<RecordId, Arc<Lesson>>> {
    let mut statement = connection.prepare("SELECT content FROM lesson")?;
    let lessons = statement.query_map([], |row| row.get(0))?;
    let mut loaded = BTreeMap::new();
    for lesson in lessons {
        let FromJson(mut lesson): FromJson<Lesson> = lesson?;
        lesson.hypotheses = load_list(connection, "hypothesis", &lesson.id)?;
        lesson.samples = load_list(connection, "sample", &lesson.id)?;
        loaded.insert(lesson.id.clone(), Arc::new(lesson));
    }
    Ok(loaded)
}

fn load_list<T: DeserializeOwned>(
    connection: &Connection,
    table: &str,
    lesson: &RecordId,
) -> rusqlite::Result<Vec<T>> {
    let sql = format!("SELECT content FROM {table} WHERE lesson = ?1 ORDER BY position");
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map([&lesson.0], |row| row.get(0).map(|FromJson(item)| item))?;
    rows.collect()
}

fn save_lessons(
    connection: &Connection,
    before: &BTreeMap<RecordId, Arc<Lesson>>,
    after: &BTreeMap<RecordId, Arc<Lesson>>,
) -> rusqlite::Result<()> {
    for id in before.keys().filter(|id| !after.contains_key(id)) {
        connection.execute("DELETE FROM lesson WHERE id = ?1", [&id.0])?;
    }
    for (id, lesson) in after {
        let old = before.get(id);
        if old.is_none_or(|old| !Arc::ptr_eq(old, lesson)) {
            save_lesson(connection, id, old.map(Arc::as_ref), lesson)?;
        }
    }
    Ok(())
}

fn save_lesson(
    connection: &Connection,
    id: &RecordId,
    before: Option<&Lesson>,
    after: &Lesson,
) -> rusqlite::Result<()> {
    let head = after.emptied();
    if before.map(Lesson::emptied).as_ref() != Some(&head) {
        let put = "INSERT INTO lesson VALUES (?1, ?2)
                   ON CONFLICT (id) DO UPDATE SET content = excluded.content";
        connection.execute(put, params![id.0, AsJson(&head)])?;
    }
    let hypotheses = before.map_or(&[][..], |lesson| &lesson.hypotheses);
    save_list(connection, "hypothesis", id, hypotheses, &after.hypotheses)?;
    let samples = before.map_or(&[][..], |lesson| &lesson.samples);
    save_list(connection, "sample", id, samples, &after.samples)
}

fn save_list<T: PartialEq + Serialize + DeserializeOwned>(
    connection: &Connection,
    table: &str,
    lesson: &RecordId,
    before: &[T],
    after: &[T],
) -> rusqlite::Result<()> {
    let put = format!("INSERT OR REPLACE INTO {table} VALUES (?1, ?2, ?3)");
    for (position, item) in (0_i64..).zip(after) {
        let old = usize::try_from(position).ok().and_then(|p| before.get(p));
        if old != Some(item) {
            connection
                .prepare_cached(&put)?
                .execute(params![lesson.0, position, AsJson(item)])?;
        }
    }
    if before.len() > after.len() {
        let cut = format!("DELETE FROM {table} WHERE lesson = ?1 AND position >= ?2");
        let length = i64::try_from(after.len()).unwrap_or(i64::MAX);
        connection.execute(&cut, params![lesson.0, length])?;
    }
    Ok(())
}

fn setting<T: DeserializeOwned>(
    connection: &Connection,
    name: &str,
) -> rusqlite::Result<Option<T>> {
    connection
        .query_row("SELECT value FROM setting WHERE name = ?1", [name], |row| {
            row.get(0).map(|FromJson(value)| value)
        })
        .optional()
}

fn put_setting<T: Serialize + DeserializeOwned>(
    connection: &Connection,
    name: &str,
    value: &T,
) -> rusqlite::Result<()> {
    let put = "INSERT OR REPLACE INTO setting VALUES (?1, ?2)";
    connection
        .execute(put, params![name, AsJson(value)])
        .map(drop)
}
