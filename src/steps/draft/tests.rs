use std::path::Path;

use super::*;
use crate::dataset::guess::guess;
use crate::dataset::{self};
use crate::model::Family;
use crate::model::fixture::tiny_model_of;
use crate::records::{DataSpec, Manifest, Role};
use crate::support::Progress;

fn file(folder: &Path, name: &str, content: &str) -> DraftFile {
    let path = folder.join(name);
    std::fs::write(&path, content).expect("writes");
    let guess = guess(&path, &DataSpec::default(), 5, &Progress::silent()).expect("guesses");
    DraftFile::new(path, guess)
}

#[test]
fn a_german_csv_becomes_a_project_that_reads() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let model = folder.path().join("model");
    tiny_model_of(&model, Family::Bert, false).expect("writes the model");
    let rows: String = (0..60)
        .map(|i| format!("Der Vorgang {i} ist eilig;{}\n", ["Frage", "Lob"][i % 2]))
        .collect();
    let mut draft = Draft {
        parent: folder.path().join("projects").display().to_string(),
        model: model.display().to_string(),
        max_tokens: 8,
        ..Draft::default()
    };
    draft.add(file(
        folder.path(),
        "anfragen.csv",
        &format!("Text;Kategorie\n{rows}"),
    ));
    assert_eq!(draft.name, "anfragen");
    assert_eq!(draft.missing(), None);
    let checked = draft.check(&Progress::silent()).expect("checks");
    assert_eq!(checked.roles.iter().map(|(_, n)| n).sum::<usize>(), 60);
    let warnings = checked.warnings();
    assert!(warnings.iter().any(|w| w.contains("uncertain")));
    assert!(warnings.iter().any(|w| w.contains("longer than 8")));
    assert!(checked.longer() > Some(8));
    assert!(checked.check.seconds_to_fit > Some(0.0));

    let made = draft.create().expect("creates");
    let manifest = Manifest::load(&made).expect("loads");
    let dataset = dataset::read(&manifest, &made, &Progress::silent()).expect("reads");
    assert_eq!(dataset.labels, ["Frage", "Lob"]);
    let again = draft.create().expect_err("already there");
    assert!(again.remedy().is_some());
}

#[test]
fn what_cannot_be_opened_leaves_no_folder() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let projects = folder.path().join("projects");
    let rows = "text,label,day\ngood,yes,monday\nbad,no,monday\n".repeat(40);
    let mut draft = Draft {
        parent: projects.display().to_string(),
        ..Draft::default()
    };
    draft.add(file(folder.path(), "rows.csv", &rows));
    draft.columns.label = Some("day".into());
    draft.create().expect_err("one class only");
    assert!(!projects.exists());

    draft.columns.label.clone_from(&draft.columns.text);
    let missing = draft.missing().expect("nothing to learn");
    assert!(missing.contains("the same"), "{missing}");
}

#[test]
fn files_of_one_name_are_told_apart_and_names_promise_roles() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let deeper = folder.path().join("b");
    std::fs::create_dir(&deeper).expect("makes");
    let mut draft = Draft::default();
    draft.add(file(folder.path(), "x_train.csv", "text,label\na,b\n"));
    assert_eq!(draft.files[0].roles, FileRoles::Drawn, "a lone file");
    draft.add(file(&deeper, "x_train.csv", "text,label\nc,d\n"));
    draft.add(file(folder.path(), "reviews-test.csv", "text,label\nc,d\n"));
    assert_eq!(draft.files[0].roles, FileRoles::All(Role::Train));
    assert_eq!(draft.files[2].roles, FileRoles::Unseen);
    let manifest = draft.manifest(true);
    let paths: Vec<_> = manifest.data.files.iter().map(|file| &file.path).collect();
    assert_ne!(paths[0], paths[1]);
}

#[test]
fn a_role_column_serves_only_if_it_names_all_roles() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let rows = "split,text,label\ntrain,a,b\nDEV,c,d\ntest,e,f\n";
    let mut draft = Draft::default();
    draft.add(file(folder.path(), "three.csv", rows));
    assert_eq!(draft.columns.role, None);
    let more = format!("{rows}discovery,g,b\ncheck,h,b\n");
    let mut draft = Draft::default();
    draft.add(file(folder.path(), "all.csv", &more));
    let names = draft.manifest(true).roles.names;
    assert_eq!(names.get("DEV"), Some(&Role::Validation));
    assert_eq!(names.get("test"), Some(&Role::Final));
    assert_eq!(names.len(), 2);
}

#[test]
fn a_role_column_without_rows_for_training_is_kept_and_what_lacks_is_said() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let rows = |roles: &[&str]| -> String {
        let row = |i: usize| format!("{},text number {i},{}\n", roles[i % roles.len()], i / 7 % 2);
        (0..80).map(row).collect()
    };
    let roles = rows(&["validation", "discovery", "check", "test"]);
    let mut draft = Draft::default();
    draft.add(file(
        folder.path(),
        "roles.csv",
        &format!("split,text,label\n{roles}"),
    ));
    assert_eq!(draft.columns.role.as_deref(), Some("split"));
    // The built-in model is fitted, and a head that is replaced is, too.
    let error = draft
        .check(&Progress::silent())
        .expect_err("nothing to fit on");
    let (said, hint) = (
        error.to_string(),
        error.remedy().expect("a remedy").to_owned(),
    );
    assert!(said.contains("train") && said.contains("fitted"), "{said}");
    assert!(hint.contains("head of its own"), "{hint}");

    // Another file may bring them.
    let train = "text,label\nanother text,0\none more text,1\n";
    draft.add(file(folder.path(), "films_train.csv", train));
    assert_eq!(draft.files[0].roles, FileRoles::Drawn, "by its column");
    assert_eq!(draft.files[1].roles, FileRoles::All(Role::Train));
    assert_eq!(draft.columns.role.as_deref(), Some("split"));
    let check = draft.check(&Progress::silent()).expect("can be fitted");
    assert!(check.roles.contains(&(Role::Train, 2)), "{:?}", check.roles);

    // What somebody chose stays, whatever the model.
    for brings_head in [true, false] {
        draft.brings_head = brings_head;
        draft.columns.role = None;
        draft.proposed_role = Some("split".into());
        draft.propose_roles();
        assert_eq!(draft.columns.role, None);
    }
}

#[test]
fn a_model_that_brings_its_head_needs_no_role_of_training() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let mut draft = Draft {
        brings_head: true,
        ..Draft::default()
    };
    draft.add(file(folder.path(), "dev.csv", "text,label\na,b\n"));
    assert_eq!(draft.files[0].roles, FileRoles::Drawn, "a lone file");
    draft.add(file(folder.path(), "test.csv", "text,label\nc,d\n"));
    assert_eq!(draft.files[0].roles, FileRoles::All(Role::Validation));
    assert_eq!(draft.files[1].roles, FileRoles::Unseen);
}
