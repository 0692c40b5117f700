//! Opening: versions, foreign and damaged files, reset.

use rusqlite::Connection;

use super::super::migrations::{MIGRATIONS, migrate};
use super::*;
use crate::project::reset;

#[test]
fn a_new_folder_is_kept_out_of_version_control() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let state = folder.path().join("project").join(".blindspot");
    let store = open(&state);
    assert_eq!(store.document(), Document::default());
    let ignored = std::fs::read_to_string(state.join(".gitignore")).expect("there");
    assert!(ignored.lines().any(|line| line == "*"));
}

#[test]
fn a_second_handle_in_the_same_process_only_reads() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let first = open(folder.path());
    let second = Store::open(folder.path()).expect("opens").store;
    assert!(second.read_only().is_some());
    drop((first, second));
    assert!(open(folder.path()).read_only().is_none());
}

#[test]
fn a_closed_project_is_free_though_a_job_still_has_a_handle() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let closed = open(folder.path());
    let of_a_job = closed.clone();
    closed.close();
    assert!(open(folder.path()).read_only().is_none());
    let error = of_a_job.write_checkpoint("late", |out| out.write_all(b"weights"));
    assert!(error.expect_err("too late").to_string().contains("closed"));
    assert!(of_a_job.checkpoints().expect("can be read").is_empty());
}

#[test]
fn a_database_of_a_newer_program_is_refused_untouched() {
    let folder = tempfile::tempdir().expect("temporary folder");
    drop(open(folder.path()));
    let database = folder.path().join("blindspot.sqlite");
    let connection = Connection::open(&database).expect("opens");
    let newer = i64::try_from(MIGRATIONS.len()).expect("small") + 1;
    connection
        .pragma_update(None, "user_version", newer)
        .expect("set");
    drop(connection);
    let error = Store::open(folder.path()).expect_err("refused");
    assert!(error.to_string().contains("newer version"), "{error}");
    assert!(
        error
            .remedy()
            .is_some_and(|hint| hint.contains("install the newer"))
    );
    assert_eq!(error.exit_code(), 2);
}

#[test]
fn an_older_database_is_brought_up_to_date_and_a_failing_migration_undone() {
    let mut connection = Connection::open_in_memory().expect("opens");
    let name = Path::new("db");
    migrate(&mut connection, &["CREATE TABLE a (x)"], name).expect("first");
    connection
        .execute("INSERT INTO a VALUES (1)", [])
        .expect("row");
    let broken = ["CREATE TABLE a (x)", "CREATE TABLE b (x); nonsense"];
    migrate(&mut connection, &broken, name).expect_err("broken");
    let good = ["CREATE TABLE a (x)", "CREATE TABLE b AS SELECT x FROM a"];
    migrate(&mut connection, &good, name).expect("second");
    migrate(&mut connection, &good, name).expect("nothing to do");
    let kept: i64 = connection
        .query_row("SELECT sum(x) FROM b", [], |row| row.get(0))
        .expect("kept");
    assert_eq!(kept, 1);
}

#[test]
fn a_folder_with_other_files_is_neither_used_nor_deleted() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let thesis = folder.path().join("thesis.txt");
    std::fs::write(&thesis, "years of work").expect("written");
    let error = Store::open(folder.path()).expect_err("refused");
    assert!(
        error
            .remedy()
            .is_some_and(|hint| hint.contains("--state-dir"))
    );
    let error = reset(folder.path()).expect_err("refused");
    assert!(error.to_string().contains("nothing was deleted"), "{error}");
    assert!(thesis.exists());
}

#[test]
fn reset_deletes_the_state_and_nothing_beside_it() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let state = folder.path().join(".blindspot");
    let manifest = folder.path().join("project.toml");
    std::fs::write(&manifest, "name = 'mine'").expect("written");
    let store = open(&state);
    write(&store, "weights", b"w");
    reset(&state).expect_err("in use");
    drop(store);
    reset(&state).expect("reset");
    assert!(!state.exists() && manifest.exists());
    reset(&state).expect("nothing to do");
    assert_eq!(files(open(&state).folder()), 0);
}

#[test]
fn a_damaged_database_is_named_with_a_remedy_and_can_be_reset() {
    for damage in [damage_start, damage_end, damage_middle] {
        let folder = tempfile::tempdir().expect("temporary folder");
        let store = open(folder.path());
        let document = with_lesson(&Document::default(), lesson("one", 200));
        store.save_document(&document).expect("saved");
        drop(store);
        let database = folder.path().join("blindspot.sqlite");
        let bytes = std::fs::read(&database).expect("readable");
        std::fs::write(&database, damage(bytes)).expect("written");

        let error = Store::open(folder.path()).expect_err("damaged");
        assert!(error.to_string().contains("blindspot.sqlite"), "{error}");
        assert!(
            error.remedy().is_some_and(|hint| hint.contains("reset")),
            "{error}"
        );
        assert_eq!(error.exit_code(), 2, "{error}");
        reset(folder.path()).expect("reset");
    }
}

fn damage_start(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes[..16].fill(b'x');
    bytes
}

fn damage_end(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.truncate(bytes.len() / 2);
    bytes
}

fn damage_middle(mut bytes: Vec<u8>) -> Vec<u8> {
    let middle = bytes.len() / 2;
    bytes[middle..middle + 8192].fill(0xA5);
    bytes
}

#[test]
fn checkpoints_that_are_damaged_or_gone_are_told_apart_from_good_ones() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let store = open(folder.path());
    let [good, damaged, gone] = [b"good", b"dama", b"gone"].map(|c| write(&store, "w", c));
    let path = |id| store.checkpoint_path(id).expect("there");
    std::fs::write(path(&damaged), b"dAma").expect("written");
    std::fs::remove_file(path(&gone)).expect("deleted");
    let stray = folder.path().join("checkpoints").join("0000.safetensors");
    std::fs::write(&stray, b"without a row").expect("written");
    drop(store);

    let opened = Store::open(folder.path()).expect("opens");
    assert_eq!(opened.warnings.len(), 1, "{:?}", opened.warnings);
    assert!(opened.warnings[0].contains("is missing"));
    assert!(!stray.exists());
    assert!(opened.store.checkpoint_path(&good).is_ok());
    for id in [damaged, gone] {
        let error = opened.store.checkpoint_path(&id).expect_err("unusable");
        assert!(
            error.remedy().is_some_and(|hint| hint.contains("retrain")),
            "{error}"
        );
    }
}
