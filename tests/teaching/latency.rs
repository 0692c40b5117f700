//! How long the model takes to answer while somebody types, idle and while a
//! Full retraining runs.

use std::time::{Duration, Instant};

use blindspot::inference::predict_one;
use blindspot::records::{Arm, Mode, RetrainPlan, Text};
use blindspot::session::{Command, JobKind, Session};
use blindspot::support::{Progress, assets};

const QUESTIONS: usize = 200;
const PAUSE: Duration = Duration::from_millis(30);

/// Milliseconds: median and 99th percentile.
fn measure(session: &Session) -> (f64, f64) {
    let shared = session.shared();
    let mut times: Vec<f64> = (0..QUESTIONS)
        .map(|number| {
            std::thread::sleep(PAUSE);
            let text = Text::single(format!(
                "The waiter forgot order {number}, but honestly the food was so good that nobody minded"
            ));
            let began = Instant::now();
            let model = shared.model(None, &Progress::silent()).expect("loaded");
            let tokens = shared.project.workspace.encode(&model, &text).expect("fits");
            predict_one(&model, &tokens).expect("answers");
            began.elapsed().as_secs_f64() * 1000.0
        })
        .collect();
    times.sort_by(f64::total_cmp);
    (times[QUESTIONS / 2], times[QUESTIONS * 99 / 100])
}

#[test]
#[ignore = "a measurement: minutes, and it wants a quiet machine"]
fn live_prediction_stays_quick_during_a_full_retraining() {
    let state = tempfile::tempdir().expect("temporary folder");
    let demo = assets::demo_project("sentiment").expect("the demo");
    let progress = Progress::silent();
    let mut session = Session::open(&demo, Some(state.path()), || {}, &progress).expect("opens");
    measure(&session);
    let (median, p99) = measure(&session);
    println!("idle: median {median:.1} ms, 99th percentile {p99:.1} ms");

    let plan = RetrainPlan {
        mode: Mode::Full,
        arms: vec![Arm::Base],
        seeds: vec![0],
        size: None,
    };
    session.apply(&Command::Retrain(plan)).expect("starts");
    let training = |session: &Session| {
        let job = session.jobs().active(JobKind::Retrain);
        job.is_some_and(|job| job.stage.contains("training") && job.done > 0)
    };
    while !training(&session) {
        session.wait(Duration::from_millis(50));
        assert!(
            session.jobs().active(JobKind::Retrain).is_some(),
            "ended early"
        );
    }
    let (median, p99) = measure(&session);
    session.poll(Duration::from_millis(50));
    assert!(
        training(&session),
        "the training ended before the measurement"
    );
    println!("during a Full retraining: median {median:.1} ms, 99th percentile {p99:.1} ms");
    assert!(p99 < 150.0, "slower than a pause in typing");
}
