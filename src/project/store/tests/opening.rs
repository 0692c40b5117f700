//! Opening: versions, foreign and damaged files, reset.

use rusqlite::Connection;

use super::super::migrations::{MIGRATIONS, Migration, migrate};
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
    let error = of_a_job.put_view(&serde_json::json!({}));
    assert!(error.expect_err("too late").to_string().contains("closed"));
    assert!(of_a_job.view().expect("can be read").is_none());
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
    let [first, broken, second] = [
        "CREATE TABLE a (x)",
        "CREATE TABLE b (x); nonsense",
        "CREATE TABLE b AS SELECT x FROM a",
    ]
    .map(|sql| move || Migration::tables(sql));
    migrate(&mut connection, &[first()], name).expect("first");
    connection
        .execute("INSERT INTO a VALUES (1)", [])
        .expect("row");
    migrate(&mut connection, &[first(), broken()], name).expect_err("broken");
    let good = [first(), second()];
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
    write(&store, b"weights");
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
fn a_lost_database_beside_work_is_no_new_project() {
    for lose in [
        (|database: &Path| std::fs::remove_file(database).expect("removed")) as fn(&Path),
        |database| std::fs::write(database, "").expect("emptied"),
        |database| {
            std::fs::remove_file(database).expect("removed");
            let empty = Connection::open(database).expect("opens");
            empty
                .pragma_update(None, "journal_mode", "wal")
                .expect("writes");
        },
    ] {
        let folder = tempfile::tempdir().expect("temporary folder");
        let store = open(folder.path());
        let key = write(&store, b"hours of work");
        let path = store.files().path(&key);
        drop(store);
        lose(&folder.path().join("blindspot.sqlite"));
        let error = Store::open(folder.path()).expect_err("refused");
        assert!(error.to_string().contains("missing or empty"), "{error}");
        assert!(error.remedy().is_some_and(|hint| hint.contains("backup")));
        assert_eq!(error.exit_code(), 2);
        assert!(path.exists(), "work was deleted");
        reset(folder.path()).expect("reset");
        assert!(!path.exists());
        open(folder.path());
    }
}

#[test]
fn files_without_a_row_stay_and_half_written_ones_go() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let store = open(folder.path());
    let key = write(&store, b"results of a cancelled round");
    let half = store.files().path(&key).with_file_name(".writing-arm.lock");
    std::fs::write(&half, "").expect("written");
    drop(store);
    let store = open(folder.path());
    assert!(read(&store, &key).is_some());
    assert!(!half.exists());
}

#[test]
fn a_damaged_comparison_is_told_and_the_rest_opens() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let store = open(folder.path());
    let document = with_lesson(&Document::default(), lesson("one", 1));
    store.save_document(&document).expect("saved");
    drop(store);
    let database = Connection::open(folder.path().join("blindspot.sqlite")).expect("opens");
    let put = "INSERT INTO comparison VALUES (2, 'check', '[\"0123456789abcdef\",{}]')";
    database.execute(put, []).expect("written");
    drop(database);
    let opened = Store::open(folder.path()).expect("opens");
    assert_eq!(opened.warnings.len(), 1, "{:?}", opened.warnings);
    assert!(opened.warnings[0].contains("round 2 on check"));
    assert!(opened.store.comparisons().expect("readable").is_empty());
    assert_eq!(opened.store.document(), document);
}

#[test]
fn a_flipped_bit_in_what_a_person_wrote_is_told_with_a_remedy() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let store = open(folder.path());
    let document = with_lesson(&Document::default(), lesson("one", 3));
    store.save_document(&document).expect("saved");
    drop(store);
    let database = Connection::open(folder.path().join("blindspot.sqlite")).expect("opens");
    let flip = "UPDATE sample SET content = replace(content, 'text 1', 'text 3')";
    assert!(database.execute(flip, []).expect("written") > 0);
    drop(database);
    let error = Store::open(folder.path()).expect_err("damaged");
    assert!(error.to_string().contains("checksum"), "{error}");
    assert!(error.remedy().is_some_and(|hint| hint.contains("backup")));
}
