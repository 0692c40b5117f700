//! What must hold of a session when a save fails, when something comes late,
//! and when edits are taken back.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Instant;

use tempfile::TempDir;

use super::*;
use crate::comparison::Comparison;
use crate::discovery::Outcome;
use crate::project::Store;
use crate::records::{
    AnswersFrom, Arm, ArmRun, Author, BlindSpotId, CheckVerdict, Cost, ExampleKey, Hypothesis,
    HypothesisCheck, HypothesisKind, Judge, Lesson, Matches, Mode, Opening, RecordId, RetrainPlan,
    Role, Round, Sample, SampleUse, Snapshot, Standing, TaughtLesson, Text, Thresholds, Triage,
    fixture,
};
use crate::steps::check_hypotheses::CheckedHypothesis;
use crate::steps::import_lessons::CheckedLessons;

const SEEN: [&str; 4] = ["train", "validation", "discovery", "check"];
const SPOT: BlindSpotId = BlindSpotId(1);

/// An open project with the predictions of a black box: nothing is fitted.
fn open() -> (TempDir, Session) {
    let folder = tempfile::tempdir().expect("temporary folder");
    let mut rows = String::from("id,text,label,role\n");
    for role in SEEN.iter().chain(&["final"]) {
        for row in 0..8 {
            let label = ["bad", "good"][row % 2];
            let text = format!("the film number {row} of {role} is {label}");
            writeln!(rows, "{role} {row},{text},{label},{role}").expect("to a string");
        }
    }
    let settings = "labels = [\"bad\", \"good\"]\n\n[data]\nfiles = [{ path = \"data.csv\" }]\n\n\
                    [model]\nbase = \"predictions\"\n";
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text);
    write("data.csv", &rows).expect("writes the data");
    write("project.toml", settings).expect("writes the settings");
    let session = Session::open(folder.path(), None, || {}, &Progress::silent()).expect("opens");
    (folder, session)
}

/// Predictions without a confident error.
fn predictions(folder: &TempDir) -> PathBuf {
    let mut rows = String::from("id,bad,good\n");
    for role in SEEN {
        for row in 0..8 {
            writeln!(rows, "{role} {row},0.4,0.6").expect("to a string");
        }
    }
    let path = folder.path().join("predictions.csv");
    std::fs::write(&path, rows).expect("writes");
    path
}

fn until(session: &mut Session, done: impl Fn(&Session) -> bool) {
    let began = Instant::now();
    while !done(session) {
        assert!(began.elapsed() < Duration::from_secs(60), "nothing came");
        session.wait(Duration::from_millis(20));
    }
}

fn apply(session: &mut Session, command: Command) {
    session.apply(&command).expect("is applied");
}

fn rename(spot: u32) -> Command {
    Command::Rename {
        blind_spot: BlindSpotId(spot),
        name: "irony".into(),
    }
}

fn id() -> RecordId {
    RecordId("lesson".into())
}

/// Samples of different numbers share no word.
fn sample(number: usize) -> Sample {
    let id = RecordId(format!("sample-{number}"));
    let text = format!("one{number} two{number} three{number}");
    Sample::new(id, Text::single(text), "good", Author::Human)
}

fn lesson(samples: Vec<Sample>) -> Lesson {
    Lesson {
        samples,
        created: "2026-01-01T00:00:00Z".into(),
        ..Lesson::new(id(), (SPOT, 1), "person", Author::Human)
    }
}

fn put_lesson(samples: Vec<Sample>) -> Command {
    Command::PutLessons(vec![lesson(samples)])
}

fn put(sample: Sample) -> Command {
    Command::PutSample {
        lesson: id(),
        sample: Box::new(sample),
    }
}

fn taught(session: &Session) -> &Lesson {
    &session.state.document.lessons[&id()]
}

fn purposes(session: &Session) -> Vec<SampleUse> {
    let samples = taught(session).samples.iter();
    samples.map(|sample| sample.purpose).collect()
}

fn ids(samples: &[Sample]) -> BTreeSet<RecordId> {
    samples.iter().map(|sample| sample.id.clone()).collect()
}

fn snapshot() -> Snapshot {
    Snapshot {
        blind_spots: vec![fixture::blind_spot(SPOT, "irony")],
        ..fixture::snapshot("model")
    }
}

fn run() -> ArmRun {
    ArmRun {
        arm: Arm::AllLessons,
        seed: 0,
        steps: 1,
        added: 1,
        seconds: 1.0,
        checkpoint: Some("gone.weights".into()),
        machine: None,
    }
}

fn comparison(role: Role) -> Arc<Comparison> {
    Arc::new(Comparison {
        role,
        tau: 0.9,
        resamples: 0,
        seed: 0,
        endpoints: Default::default(),
        sizes: None,
        slices: Vec::new(),
        blind_spots: Vec::new(),
        created: Vec::new(),
        not_run: Vec::new(),
        corrections: Default::default(),
        truths: None,
    })
}

/// The first round, of which only the record is there.
fn round(taught: Vec<TaughtLesson>) -> Arc<RoundResult> {
    Arc::new(RoundResult {
        round: Round {
            number: 1,
            snapshot: 1,
            plan: RetrainPlan {
                mode: Mode::Quick,
                arms: vec![Arm::AllLessons],
                seeds: vec![0],
                size: None,
            },
            recipe: Default::default(),
            runs: vec![run()],
            taught,
            created: String::new(),
        },
        comparisons: vec![comparison(Role::Check), comparison(Role::Final)],
        answers: Vec::new(),
    })
}

#[test]
fn what_could_not_be_saved_changes_neither_undo_nor_redo() {
    let (_folder, mut session) = open();
    for spot in 1..=3 {
        apply(&mut session, rename(spot));
    }
    apply(&mut session, Command::Undo);

    let elsewhere = tempfile::tempdir().expect("temporary folder");
    let closed = Store::open(elsewhere.path()).expect("opens").store;
    closed.close();
    let working = std::mem::replace(&mut session.shared.project.store, closed);
    assert!(session.apply(&Command::Undo).is_err());
    assert!(session.apply(&Command::Redo).is_err());
    assert!(session.apply(&rename(4)).is_err());
    session.shared.project.store = working;

    let names = |session: &Session| session.state.document.names.len();
    assert_eq!(names(&session), 2);
    apply(&mut session, Command::Redo);
    assert_eq!(names(&session), 3);
    for left in [2, 1, 0] {
        apply(&mut session, Command::Undo);
        assert_eq!(names(&session), left);
    }
    assert_eq!(session.history().undo_name(), None);
}

#[test]
fn undo_and_redo_keep_the_time_that_a_lesson_took() {
    let (_folder, mut session) = open();
    apply(&mut session, put_lesson(Vec::new()));
    apply(&mut session, put(sample(0)));
    apply(&mut session, put(sample(1)));
    let cost = Cost {
        active_seconds: 60.0,
        ..Cost::default()
    };
    let spent = Command::SetCost {
        lesson: id(),
        cost: cost.clone(),
    };
    apply(&mut session, spent);
    for (step, samples) in [
        (Command::Undo, 1),
        (Command::Undo, 0),
        (Command::Redo, 1),
        (Command::Redo, 2),
    ] {
        apply(&mut session, step);
        assert_eq!(taught(&session).samples.len(), samples);
        assert_eq!(taught(&session).cost, cost);
    }
}

#[test]
fn undo_after_a_round_keeps_what_the_round_used_samples_for() {
    use SampleUse::{Test, Train};
    let (_folder, mut session) = open();
    apply(&mut session, put_lesson(Vec::new()));
    for number in 0..3 {
        apply(&mut session, put(sample(number)));
    }
    assert_eq!(purposes(&session), [Train, Train, Test]);
    let used = |number: usize| sample(number).id;
    session.state.rounds.push(round(vec![TaughtLesson {
        lesson: id(),
        blind_spot: SPOT,
        teacher: "person".into(),
        trained: vec![used(0), used(1)],
        tested: vec![used(2)],
        left_out: Vec::new(),
        passed_before: 0,
        passed_after: Vec::new(),
    }]));
    // Of two samples the first was the one to test with.
    apply(&mut session, Command::Undo);
    assert_eq!(purposes(&session), [Train, Train]);
    apply(&mut session, Command::Redo);
    assert_eq!(purposes(&session), [Train, Train, Test]);
}

#[test]
fn samples_are_divided_anew_when_a_hypothesis_goes() {
    use SampleUse::{Test, Train};
    let (_folder, mut session) = open();
    let hypothesis = RecordId("hypothesis".into());
    apply(&mut session, put_lesson(Vec::new()));
    let first = Sample {
        hypothesis: Some(hypothesis.clone()),
        ..sample(0)
    };
    for sample in [first, sample(1), sample(2)] {
        apply(&mut session, put(sample));
    }
    assert_eq!(purposes(&session), [Train, Train, Test]);
    let lesson = id();
    let remove = Command::RemoveHypothesis { lesson, hypothesis };
    apply(&mut session, remove);
    assert_eq!(purposes(&session), [Test, Train]);
}

/// A hypothesis that a pattern judged: all of three kept-back errors, and no
/// right text.
fn checked(hypothesis: &Hypothesis, is_new: bool) -> CheckedHypothesis {
    let matches = |yes, of| Matches { yes, of };
    let check = HypothesisCheck {
        judge: Judge::Pattern {
            pattern: "irony".parse().expect("sound"),
        },
        sentence: hypothesis.text.clone(),
        snapshot: 1,
        when: "2026-01-01T00:00:00Z".into(),
        kept_back: matches(3, 3),
        right: matches(0, 40),
        nearest: matches(0, 20),
        elsewhere: matches(1, 9),
        risk: None,
        unanswered: 0,
        thresholds: Thresholds::default(),
        verdict: CheckVerdict::Explains,
        missed: Vec::new(),
        also: Vec::new(),
    };
    let mut hypothesis = hypothesis.clone();
    hypothesis.take_check(check);
    CheckedHypothesis {
        lesson: id(),
        hypothesis,
        is_new,
    }
}

#[test]
fn checks_are_kept_and_undone_and_what_was_asked_stays_counted() {
    let (folder, mut session) = open();
    apply(&mut session, put_lesson(Vec::new()));
    let named = |id: &str| {
        let kind = HypothesisKind::Abstraction;
        Hypothesis::new(RecordId(id.into()), kind, "it is ironic", Author::Human)
    };
    let put = |hypothesis| Command::PutHypothesis {
        lesson: id(),
        hypothesis,
    };
    apply(&mut session, put(named("one")));
    let (refined, gone) = (named("refined"), named("removed meanwhile"));
    let all = vec![
        checked(&named("one"), false),
        checked(&refined, true),
        checked(&gone, false),
    ];
    apply(&mut session, Command::TakeChecks(all));
    let standings = |session: &Session| -> Vec<(Standing, u32)> {
        let hypotheses = taught(session).hypotheses.iter();
        hypotheses.map(|one| (one.standing(1), one.tried)).collect()
    };
    assert_eq!(standings(&session), [(Standing::Supported, 1); 2]);
    apply(&mut session, Command::Undo);
    assert_eq!(standings(&session), [(Standing::Unchecked, 1)]);
    apply(&mut session, Command::Redo);
    assert_eq!(standings(&session), [(Standing::Supported, 1); 2]);
    // A killed program finds them again.
    let kept = taught(&session).clone();
    drop(session);
    let mut session =
        Session::open(folder.path(), None, || {}, &Progress::silent()).expect("opens");
    assert_eq!(*taught(&session), kept);
    // Another sentence was not checked, and neither was another freezing.
    let mut other = kept.hypotheses[0].clone();
    assert_eq!(other.standing(2), Standing::Unchecked);
    other.text = "it is short".into();
    apply(&mut session, put(other));
    assert_eq!(standings(&session)[0], (Standing::Unchecked, 1));
}

#[test]
fn an_import_joins_what_was_typed_while_its_samples_were_checked() {
    let (_folder, mut session) = open();
    session.state.snapshots.push(Arc::new(snapshot()));
    apply(&mut session, put_lesson(vec![sample(0)]));
    let checked = CheckedLessons {
        lessons: vec![lesson(vec![sample(5)]), lesson(vec![sample(6)])],
        accepted: 2,
        refused: Vec::new(),
    };
    apply(&mut session, put(sample(1)));
    session
        .on(&Event::LessonsRead(checked))
        .expect("is taken in");
    let all = [0, 1, 5, 6].map(sample);
    assert_eq!(ids(&taught(&session).samples), ids(&all));
    apply(&mut session, Command::Undo);
    assert_eq!(ids(&taught(&session).samples), ids(&all[..2]));
}

#[test]
fn a_cancelled_opening_of_final_is_counted_at_once() {
    let (_folder, mut session) = open();
    let opening = Opening {
        round: 1,
        when: "2026-01-01T00:00:00Z".into(),
        reason: "to look".into(),
        endpoints: Default::default(),
    };
    let store = &session.shared.project.store;
    store.record_opening(&opening).expect("is recorded");
    session
        .on(&Event::Cancelled(JobKind::Compare))
        .expect("is taken in");
    assert_eq!(session.state.openings, [opening]);
}

#[test]
fn answers_of_an_earlier_round_leave_its_figures_alone() {
    let (_folder, mut session) = open();
    session.state.rounds.push(round(Vec::new()));
    let answers = vec![(run(), Arc::new(Predictions::default()))];
    session
        .on(&Event::LookedAt([(1, answers)].into()))
        .expect("is taken in");
    let kept = session.state.round(1).expect("is there");
    assert_eq!(kept.answers.len(), 1);
    assert!(kept.comparison(Role::Final).is_some());
}

#[test]
fn answers_that_cannot_be_read_are_asked_for_again_only_with_the_model() {
    let (_folder, mut session) = open();
    session.state.rounds.push(round(Vec::new()));
    let readings = |session: &Session| {
        let jobs = session.jobs().statuses();
        jobs.filter(|job| job.kind == JobKind::LookAt).count()
    };
    apply(&mut session, Command::UseModel(1));
    assert_eq!(readings(&session), 1);
    until(&mut session, |session| {
        session.jobs().active(JobKind::LookAt).is_none()
    });
    apply(&mut session, rename(1));
    assert_eq!(readings(&session), 1);
    apply(&mut session, Command::UseModel(0));
    apply(&mut session, Command::UseModel(1));
    assert_eq!(readings(&session), 2);
}

#[test]
fn what_another_base_said_is_not_taken_for_this_one() {
    let (folder, mut session) = open();
    let file = predictions(&folder);
    apply(
        &mut session,
        Command::ImportPredictions(AnswersFrom::of(file)),
    );
    until(&mut session, |session| session.state.predictions.is_some());
    let (base, said) = (
        session.state.base.clone(),
        session.state.predictions.clone(),
    );
    session
        .on(&Event::Scored {
            base: "the base before".into(),
            predictions: Arc::new(Predictions::default()),
            temperature: 7.0,
        })
        .expect("is taken in");
    assert_eq!(session.state.predictions, said);
    assert!(session.jobs().active(JobKind::Score).is_some());
    until(&mut session, |session| {
        session.jobs().active(JobKind::Score).is_none()
    });
    assert_eq!(session.state.base, base);
    assert_eq!(session.state.predictions, said);
}

#[test]
fn a_correction_shows_at_once_is_undone_and_is_refused_on_final() {
    let (folder, mut session) = open();
    let file = predictions(&folder);
    apply(
        &mut session,
        Command::ImportPredictions(AnswersFrom::of(file)),
    );
    until(&mut session, |session| session.state.answers().is_some());
    let correct = |key: &str, label| Command::Triage {
        examples: vec![ExampleKey(key.into())],
        triage: Some(Triage::WrongLabel(Some(label))),
        by: Some("a reader".into()),
    };
    let outcome = |session: &Session| {
        let answers = session.state.answers().expect("scored");
        let key = ExampleKey("discovery 0".into());
        let index = answers.dataset().index_of(&key).expect("there");
        answers.outcome(answers.row_of(index).expect("scored"))
    };
    assert_eq!(outcome(&session), Outcome::WrongUnsure);
    apply(&mut session, correct("discovery 0", 1));
    assert_eq!(outcome(&session), Outcome::Right);
    let judged = session.state.document.judged.clone();
    let signed = &judged[&ExampleKey("discovery 0".into())];
    assert_eq!(signed.by.as_deref(), Some("a reader"));
    apply(&mut session, Command::Undo);
    assert_eq!(outcome(&session), Outcome::WrongUnsure);
    assert!(session.state.document.judged.is_empty());
    apply(&mut session, Command::Redo);
    assert_eq!(session.state.document.judged, judged);
    apply(&mut session, Command::Undo);

    let before = session.state.document.clone();
    let refused = session.apply(&correct("final 0", 1)).expect_err("sealed");
    assert!(refused.to_string().contains("final"), "{refused}");
    assert_eq!(session.state.document, before);
}
