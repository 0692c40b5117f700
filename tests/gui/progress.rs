//! A retraining at work: one bar over the whole, its stages under it, one way
//! out, and what was finished is not done again.

use std::collections::BTreeSet;
use std::time::Duration;

use eframe::egui::Theme;
use egui_kittest::kittest::Queryable as _;

use crate::support::{Window, click, click_first, options, press, shows, state, wait, window};
use crate::tiny_project::Project;
use crate::written_lesson::teach;
use blindspot::session::{JobKind, JobStatus};

/// Looks at the retraining in each frame until it is over or `enough`: the
/// trainings that it said were at work.
fn watch(window: &mut Window, enough: impl Fn(&JobStatus) -> bool) -> BTreeSet<(u64, u64)> {
    let (mut bar, mut at_work) = (0.0_f32, BTreeSet::new());
    loop {
        window.run_steps(1);
        let session = window.state().session().expect("open");
        let Some(job) = session.jobs().active(JobKind::Retrain) else {
            return at_work;
        };
        if enough(job) {
            return at_work;
        }
        if let Some(pace) = &job.pace {
            let now = job.overall().expect("a share of the whole");
            assert!(now >= bar, "the bar goes back: {bar} to {now}");
            bar = now;
            at_work.insert(pace.at());
            if !pace.is_through() {
                let (at, of) = pace.at();
                assert!(shows(window, &format!("training {at} of {of}")));
            }
            if let Some([low, high]) = job.time_left_overall() {
                assert!(low <= high);
            }
        }
        let ways_out = window.query_all_by_label_contains("Cancel: ");
        assert_eq!(ways_out.count(), 1);
        assert!(!shows(window, "loss 0.") && !shows(window, "loss 1."));
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn one_bar_over_all_trainings_one_way_out_and_nothing_done_twice() {
    let project = Project::new();
    let snapshot = project.json("discover", &["--freeze"]);
    teach(&project, &snapshot);
    let at = options(Some(project.path().to_owned()), None);
    let mut window = window(at, [1280.0, 800.0], Theme::Dark);
    wait(&mut window, |app| {
        let session = app.session();
        session.is_some_and(|session| {
            session.state().preview.is_some() && !session.jobs().any_active()
        })
    });
    click_first(&mut window, "Retrain:");
    wait(&mut window, |app| {
        let state = app.session().map(|session| session.state());
        state.is_some_and(|state| state.retrain_times.is_some())
    });
    click(&mut window, "Start retraining");
    // What was measured before says how long it takes, from the start.
    let began = |job: &JobStatus| job.pace.is_some();
    watch(&mut window, began);
    let session = window.state().session().expect("open");
    let job = session.jobs().active(JobKind::Retrain).expect("at work");
    assert!(job.time_left_overall().is_some());

    let third = |job: &JobStatus| job.pace.as_ref().is_some_and(|pace| pace.at().0 >= 3);
    watch(&mut window, third);
    press(&mut window, "Cancel: Retraining");
    wait(&mut window, |app| {
        let session = app.session();
        session.is_some_and(|session| !session.jobs().any_active())
    });
    assert!(state(&window).rounds.is_empty());

    click(&mut window, "Start retraining");
    let at_work = watch(&mut window, |_| false);
    let (last, all) = at_work.last().copied().expect("some");
    assert!(last == all && all > 3, "{at_work:?}");
    assert_eq!(state(&window).rounds.len(), 1);
    assert_eq!(state(&window).rounds[0].round.runs.len() as u64, all);
}
