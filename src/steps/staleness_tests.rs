//! What makes a result stale that is kept or shipped, and what does not.

use std::path::Path;
use std::sync::{Arc, Mutex};

use crate::discovery::Truths;
use crate::inference::Predictions;
use crate::inference::file::{self, Embeddings};
use crate::model::fixture::tiny_model;
use crate::model::{Classifier, Precision};
use crate::project::Kind;
use crate::records::{
    Arm, BaseModel, Document, Endpoints, Epochs, Manifest, MapMethod, MapPositions, Mode, Snapshot,
    fixture,
};
use crate::steps::Basis;
use crate::steps::compare::sealed::Sealed;
use crate::steps::fit::{Base, fit_base};
use crate::steps::plan::usual_plan;
use crate::steps::project::CODE_VERSION;
use crate::steps::retrain::arms::DATA;
use crate::steps::round::weights_of;
use crate::steps::shipped::{Shipped, publish};
use crate::steps::{OpenProject, Workspace, score};
use crate::support::{Progress, Update, assets};

const MANIFEST: &str = "[data]\nfiles = [{ path = \"data.csv\" }]\n\
                        [model]\nbase = \"model\"\nrefit = true\n[fit]\nepochs = 1\n";

/// A project with a tiny model of its own, fitted in one pass.
pub(super) fn tiny_project() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("temporary folder");
    tiny_model(&folder.path().join("model")).expect("writes the model");
    let roles = [
        "train",
        "train",
        "discovery",
        "validation",
        "check",
        "final",
    ];
    let mut csv = String::from("text,label,role\n");
    for row in 0..48 {
        let label = ["good", "bad"][row / roles.len() % 2];
        let role = roles[row % roles.len()];
        csv += &format!("the film number {row} is {label},{label},{role}\n");
    }
    std::fs::write(folder.path().join("data.csv"), csv).expect("writes");
    std::fs::write(folder.path().join("project.toml"), MANIFEST).expect("writes");
    folder
}

pub(super) fn open(folder: &Path) -> OpenProject {
    OpenProject::open(folder, None, &Progress::silent()).expect("opens")
}

fn visible(workspace: &Workspace, model: &Classifier) -> (Predictions, MapPositions) {
    let rows = score::with_roles(workspace, &score::VISIBLE);
    let predictions = score::score(workspace, model, rows, &Progress::silent()).expect("scores");
    let map = MapPositions {
        method: MapMethod::Tsne,
        points: vec![[0.0, 0.0]; predictions.len()],
    };
    (predictions, map)
}

fn is_taken(workspace: &Workspace) -> bool {
    let shipped = Shipped::with_base(workspace).expect("readable");
    shipped.is_some()
}

#[test]
fn a_base_is_stale_when_a_file_of_its_pretrained_model_was_replaced() {
    let folder = tiny_project();
    let model = folder.path().join("model");
    let silent = Progress::silent();
    let project = open(folder.path());
    let base = project.base(false, &silent).expect("fits");
    project.reference(&base, &silent).expect("scores");
    drop(project);

    let project = open(folder.path());
    let known = project.known_base().expect("readable").expect("is kept");
    assert_eq!(known.id, base.info.id);
    assert!(project.known_predictions(&known).expect("read").is_some());
    drop(project);

    let tokenizer = model.join("tokenizer.json");
    let uncased = std::fs::read_to_string(&tokenizer).expect("readable");
    let cased = uncased.replace("\"lowercase\":true", "\"lowercase\":false");
    assert_ne!(uncased, cased);
    std::fs::write(&tokenizer, cased).expect("writes");
    let project = open(folder.path());
    assert!(project.known_base().expect("readable").is_none());
    assert!(project.known_predictions(&known).expect("read").is_none());
    project.base(false, &silent).expect("fits again");
    assert!(project.known_base().expect("readable").is_some());
    drop(project);

    base.model.save(&model, Precision::F32).expect("writes");
    std::fs::write(&tokenizer, uncased).expect("writes");
    let project = open(folder.path());
    assert!(project.known_base().expect("readable").is_none());
    project.base(false, &silent).expect("fits once more");
}

#[test]
fn what_another_version_of_the_code_scored_is_not_taken() {
    let folder = tiny_project();
    let project = open(folder.path());
    let base = Base {
        info: BaseModel {
            id: "some base".into(),
            path: "base.safetensors".into(),
            origin: "made up".into(),
            curve: None,
        },
        model: project.workspace.pretrained().expect("loads"),
        fit_seconds: 0.0,
    };
    let (predictions, map) = visible(&project.workspace, &base.model);
    let known = || {
        let predictions = project.known_predictions(&base.info).expect("readable");
        let map = project.known_map(&base.info).expect("readable");
        (predictions.is_some(), map.is_some())
    };
    let other = project.scored_by(CODE_VERSION + 1).expect("describes");
    let store = &project.store;
    store
        .put_predictions(&base.info.id, &other, &predictions)
        .expect("saved");
    store.put_map(&base.info.id, &other, &map).expect("saved");
    assert_eq!(known(), (false, false));

    let silent = Progress::silent();
    project.reference(&base, &silent).expect("scores");
    let made = project.make_map(&base.info, &predictions, &silent);
    assert_eq!(made.expect("saved").points.len(), predictions.len());
    assert_eq!(known(), (true, true));
}

fn round_on<'a>(
    project: &'a OpenProject,
    (base, reference, snapshot, document): (
        &'a Base,
        &'a Arc<Predictions>,
        &'a Snapshot,
        &'a Document,
    ),
) -> Basis<'a> {
    Basis {
        project,
        base,
        reference,
        snapshot,
        document,
    }
}

#[test]
fn final_is_not_opened_on_other_texts_than_a_round_was_trained_beside() {
    let folder = tiny_project();
    let project = open(folder.path());
    let silent = Progress::silent();
    let base = project.base(false, &silent).expect("fits");
    let snapshot = fixture::snapshot(&base.info.id);
    let reference = project.reference(&base, &silent).expect("scores");
    let document = Document::default();
    let beside = (&base, &reference, &snapshot, &document);
    let plan = usual_plan(vec![Arm::Base], 1, 0, Mode::Quick);
    let trained = round_on(&project, beside)
        .train(&plan, &silent)
        .expect("trains");
    round_on(&project, beside)
        .recall(&trained.round)
        .expect("as it was");

    // A result of a version that did not say what data it was made of.
    let run = trained.round.runs[0].clone();
    let answers = weights_of(&run).expect("kept").of_kind(Kind::Answers);
    let result = project.store.files().path(&answers);
    let (answers, noted) = file::read(&result).expect("readable");
    let noted = noted.notes().clone();
    let mut unsaid = noted.clone();
    unsaid.remove(DATA).expect("says so");
    file::write(&result, &answers, Embeddings::Left, &unsaid).expect("writes");
    let warnings: Arc<Mutex<Vec<Update>>> = Arc::default();
    let sink = Arc::clone(&warnings);
    let listening = Progress::new(move |update| sink.lock().expect("whole").push(update));
    let as_far_as_known =
        Sealed::of(&project, &base).check(&vec![(run, Arc::new(answers.clone()))], &listening);
    as_far_as_known.expect("as many rows");
    let said = warnings.lock().expect("whole").clone();
    assert!(matches!(&said[..], [Update::Warning(why)] if why.contains("earlier version")));
    file::write(&result, &answers, Embeddings::Left, &noted).expect("writes");
    drop(project);

    // The same rows in the same places, one with another text.
    let data = folder.path().join("data.csv");
    let text = std::fs::read_to_string(&data).expect("readable");
    let other = text.replace("the film number 47 is", "the film number 47 was");
    assert_ne!(text, other);
    std::fs::write(&data, other).expect("writes");
    let project = open(folder.path());
    let again = project.base(false, &silent).expect("fits");
    assert_eq!(
        again.info.id, base.info.id,
        "its training rows are the same"
    );
    let error = round_on(&project, beside)
        .recall(&trained.round)
        .err()
        .expect("other data");
    assert!(error.to_string().contains("data have changed"), "{error}");
    let opened =
        round_on(&project, beside).open_final(&trained, (&Endpoints::default(), "a test"), &silent);
    let error = opened.expect_err("other data");
    assert!(error.to_string().contains("data have changed"), "{error}");
    assert!(project.store.openings().expect("readable").is_empty());
}

#[test]
fn the_demos_base_is_taken_only_for_the_settings_that_made_it() {
    let folder = assets::demo_project("sentiment").expect("comes with the program");
    let demo = |change: &dyn Fn(&mut Manifest)| {
        let mut manifest = Manifest::load(&folder).expect("readable");
        change(&mut manifest);
        Workspace::of(manifest, &folder, &Progress::silent()).expect("readable")
    };
    // How texts are folded decides groups and roles, and so the fingerprint.
    assert!(is_taken(&demo(&|_| {})), "the demo as it is");
    assert!(is_taken(&demo(&|manifest| manifest.max_tokens = None)));

    let longer = demo(&|manifest| manifest.fit.epochs = Epochs::Fixed(5));
    assert!(!is_taken(&longer));
    let kept = Shipped::find(&longer).expect("readable");
    assert!(kept.is_some(), "the frozen blind spots stay");
    assert!(!is_taken(&demo(&|manifest| manifest.fit.seed = 1)));
    assert!(!is_taken(&demo(&|manifest| manifest.max_tokens = Some(64))));
    let other = tiny_project();
    let model = other.path().join("model").display().to_string();
    assert!(!is_taken(&demo(&|manifest| manifest
        .model
        .base
        .clone_from(&model))));
}

#[test]
fn what_is_shipped_says_how_it_was_made() {
    let folder = tiny_project();
    let workspace = Workspace::open(folder.path(), &Progress::silent()).expect("opens");
    let fitted = fit_base(&workspace, &Truths::default(), &Progress::silent()).expect("fits");
    let (predictions, map) = visible(&workspace, &fitted.model);
    let snapshot = fixture::snapshot(&fitted.model.fingerprint());
    publish(&workspace, &fitted, 1.0, (&predictions, &map), &snapshot).expect("writes");
    let with = |manifest: &str| {
        std::fs::write(folder.path().join("project.toml"), manifest).expect("writes");
        Workspace::open(folder.path(), &Progress::silent()).expect("opens")
    };
    assert!(is_taken(&with(MANIFEST)));
    let usual = MANIFEST.replace("epochs = 1", "epochs = 2");
    assert!(!is_taken(&with(&usual)));
    let handed_over = format!("teaching_only = true\n{usual}");
    assert!(is_taken(&with(&handed_over)), "an expert has no other");
}
