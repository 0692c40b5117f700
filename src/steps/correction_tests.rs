//! A corrected label counts in training and comparison alike, names what was
//! made with it, and never counts on *final*.

use std::sync::{Arc, Mutex};

use crate::comparison::Comparison;
use crate::discovery::Corrections;
use crate::records::{Arm, Document, ExampleKey, Judgements, Mode, Role, Triage, fixture};
use crate::steps::plan::usual_plan;
use crate::steps::staleness_tests::{open, tiny_project};
use crate::steps::{Basis, OpenProject};
use crate::support::{Progress, Update};

/// The first example of a role, and its label turned round.
fn first(project: &OpenProject, role: Role) -> (ExampleKey, Triage) {
    let dataset = &project.workspace.dataset;
    let example = &dataset.examples[dataset.with_role(role)[0]];
    let other = Triage::WrongLabel(Some(1 - example.label));
    (example.key.clone(), other)
}

/// The files of the arms that are trained under some judgements, and the
/// comparison on *check*.
fn compared(project: &OpenProject, triage: Judgements) -> (Vec<String>, Comparison) {
    let silent = Progress::silent();
    let base = project.base(false, &silent).expect("fits");
    let document = Document {
        triage,
        ..Document::default()
    };
    let round = Basis {
        project,
        base: &base,
        reference: &project.reference(&base, &silent).expect("scores"),
        snapshot: &fixture::snapshot(&base.info.id),
        document: &document,
    };
    let plan = usual_plan(vec![Arm::Base], 1, 0, Mode::Quick);
    let trained = round.train(&plan, &silent).expect("trains");
    let comparison = round.read_check(&trained, &silent).expect("compares");
    let runs = trained.round.runs.into_iter();
    (runs.filter_map(|run| run.checkpoint).collect(), comparison)
}

#[test]
fn a_correction_counts_where_it_was_made_and_names_what_was_made_of_it() {
    let folder = tiny_project();
    let project = open(folder.path());
    let judged = |role| compared(&project, Judgements::from([first(&project, role)]));
    let (plain, figures) = compared(&project, Judgements::new());
    assert_eq!(figures.corrections, Corrections::default());
    assert_eq!(figures.truths, None);

    let (key, _) = first(&project, Role::Train);
    let real = compared(&project, Judgements::from([(key, Triage::RealError)]));
    assert_eq!(real, (plain.clone(), figures.clone()));
    assert_eq!(judged(Role::Final), (plain.clone(), figures.clone()));

    let (same, on_check) = judged(Role::Check);
    assert_eq!(same, plain, "check is not trained on");
    assert_eq!(on_check.corrections.corrected, 1);
    assert!(on_check.truths.is_some());
    let accuracy = |comparison: &Comparison| comparison.slices[0].arms[0].accuracy;
    let moved = (accuracy(&on_check) - accuracy(&figures)).abs();
    assert!((moved - 1.0 / 8.0).abs() < 1e-9, "{moved}");

    let (other, on_train) = judged(Role::Train);
    assert_ne!(other, plain, "a result of the data's labels would be stale");
    assert_eq!(
        on_train.corrections,
        Corrections::default(),
        "none on check"
    );
    assert_ne!(on_train.truths, on_check.truths);
}

#[test]
fn a_row_whose_label_nobody_can_say_is_left_out() {
    let folder = tiny_project();
    let project = open(folder.path());
    let (key, _) = first(&project, Role::Check);
    let (_, figures) = compared(&project, Judgements::from([(key, Triage::Ambiguous)]));
    assert_eq!(figures.slices[0].rows, 7);
    assert_eq!(figures.corrections.set_aside, 1);
}

#[test]
fn the_base_stays_until_it_is_fitted_again_and_says_so() {
    let folder = tiny_project();
    let project = open(folder.path());
    let warnings: Arc<Mutex<Vec<Update>>> = Arc::default();
    let sink = Arc::clone(&warnings);
    let listening = Progress::new(move |update| {
        if matches!(update, Update::Warning(_)) {
            sink.lock().expect("whole").push(update);
        }
    });
    let base = |again| project.base(again, &listening).expect("fits").info.id;
    let before = base(false);
    let mut document = project.store.document();
    document.triage.extend([first(&project, Role::Train)]);
    project.store.save_document(&document).expect("saves");
    let warned = || std::mem::take(&mut *warnings.lock().expect("whole"));
    warned();
    assert_eq!(base(false), before);
    assert!(matches!(&warned()[..], [Update::Warning(why)] if why.contains("1 label corrected")));
    let after = base(true);
    assert_ne!(after, before);
    warned();
    assert_eq!(base(false), after);
    assert_eq!(warned(), []);
}
