//! A full disk, a folder that cannot be written to, figures that are none.

use super::super::open::open_for_reading;
use super::*;
use crate::project::ReadOnly;
use crate::records::ModelAnswer;
use crate::support::Error;

/// Lets the database grow by no more than a few pages.
fn fill_up(store: &Store) {
    let guarded = store.lock();
    let connection = &guarded.connection;
    let pages: i64 = connection
        .pragma_query_value(None, "page_count", |row| row.get(0))
        .expect("count");
    connection
        .pragma_update_and_check(None, "max_page_count", pages + 2, |_| Ok(()))
        .expect("limit");
}

#[test]
fn a_full_disk_keeps_what_was_saved_and_the_store_goes_on() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let store = open(folder.path());
    let before = with_lesson(&Document::default(), lesson("one", 1));
    store.save_document(&before).expect("saved");
    fill_up(&store);
    let big = with_lesson(&before, lesson("two", 500));
    let error = store.save_document(&big).expect_err("full");
    assert!(
        error
            .remedy()
            .is_some_and(|hint| hint.contains("disk space")),
        "{error}"
    );
    assert_eq!(error.exit_code(), 1);
    assert_eq!(store.document(), before);
    let small = with_lesson(&before, lesson("one", 2));
    store.save_document(&small).expect("fits");
    drop(store);
    assert_eq!(open(folder.path()).document(), small);
}

/// Linux has a file that is always full.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_said_with_what_can_be_done() {
    let full = std::fs::File::options().write(true).open("/dev/full");
    let error = std::io::Write::write_all(&mut full.expect("opens"), b"weights");
    let error = Error::file("write", Path::new("weights"), error.expect_err("full"));
    assert!(
        error
            .remedy()
            .is_some_and(|hint| hint.contains("disk space")),
        "{error}"
    );
    assert_eq!(error.exit_code(), 1);
}

#[test]
fn what_could_not_be_read_again_is_not_written() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let store = open(folder.path());
    let mut nowhere = lesson("one", 1);
    nowhere.samples[0].model_answer = Some(ModelAnswer {
        label: "positive".into(),
        confidence: f32::NAN,
    });
    let document = with_lesson(&Document::default(), nowhere);
    let error = store.save_document(&document).expect_err("refused");
    assert!(
        error
            .remedy()
            .is_some_and(|hint| hint.contains("no number")),
        "{error}"
    );
    drop(store);
    assert_eq!(open(folder.path()).document(), Document::default());
}

#[test]
fn a_place_that_is_no_folder_is_named() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let file = folder.path().join("file");
    std::fs::write(&file, "").expect("written");
    let error = Store::open(&file.join("state")).expect_err("refused");
    assert!(error.to_string().contains("state"), "{error}");
    assert!(
        error
            .remedy()
            .is_some_and(|hint| hint.contains("--state-dir"))
    );
    assert_eq!(error.exit_code(), 2);
}

#[cfg(unix)]
#[test]
fn a_folder_that_cannot_be_written_to_can_be_looked_at() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = tempfile::tempdir().expect("temporary folder");
    let state = folder.path().join("state");
    let store = open(&state);
    let document = with_lesson(&Document::default(), lesson("one", 1));
    store.save_document(&document).expect("saved");
    drop(store);
    let allow = |mode| {
        let permissions = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(&state, permissions).expect("set");
    };
    allow(0o555);
    if std::fs::write(state.join("probe"), "").is_ok() {
        allow(0o755);
        return; // the administrator may write everywhere
    }
    let opened = Store::open(&state);
    allow(0o755);
    let opened = opened.expect("opens");
    assert_eq!(opened.store.document(), document);
    let why = opened.store.read_only().expect("reading only").to_string();
    assert!(why.contains("cannot be written to"), "{why}");
}

#[test]
fn changes_that_wait_in_the_log_of_a_killed_process_are_seen_without_writing() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let state = folder.path().join("state");
    let writer = open(&state);
    let document = with_lesson(&Document::default(), lesson("one", 1));
    writer.save_document(&document).expect("saved");
    // The log goes into the database when the last handle is dropped.
    let killed = folder.path().join("killed");
    std::fs::create_dir(&killed).expect("created");
    for name in ["blindspot.sqlite", "blindspot.sqlite-wal"] {
        std::fs::copy(state.join(name), killed.join(name)).expect("copied");
    }
    let before = crate::project::files::listed(&killed).expect("readable");
    let opened = open_for_reading(&killed, ReadOnly::Unwritable).expect("opens");
    assert_eq!(opened.store.document(), document);
    let after = crate::project::files::listed(&killed).expect("readable");
    assert_eq!(before, after);
    assert!(opened.store.save_document(&Document::default()).is_err());
}
