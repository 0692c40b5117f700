//! The table as a whole, on data small enough to count by hand.

use super::simulation::{World, arm, generator};
use super::with_all_controls;
use crate::comparison::intervals::{Difference, Interval};
use crate::comparison::{
    Answer, ArmRuns, Call, Comparison, ComparisonInput, Evaluation, Guard, Region, Row, Slice,
    Source,
};
use crate::records::{Arm, BlindSpotId, Endpoint, Endpoints, Role};
use crate::support::Progress;

const RIGHT: bool = true;
const WRONG: bool = false;

fn evaluation(answers: impl Iterator<Item = (f32, bool)>) -> Evaluation {
    let answer = |(confidence, right): (f32, bool)| Answer {
        predicted: u16::from(right),
        confidence,
        scaled: confidence * 0.9,
    };
    Evaluation {
        answers: answers.map(answer).collect(),
    }
}

/// Rows of "films": enough to rule out a loss of accuracy.
const FILMS: usize = 400;

/// Rows of "tweets", and how many of them every model is sure of.
const TWEETS: usize = 60;
const SURE: usize = 40;

/// Rows of "tweets" and then those of "films", each its own group, label 1.
fn rows() -> Vec<Row> {
    let row = |n: usize| Row {
        truth: 1,
        group: n as u32,
        source: u16::from(n >= TWEETS),
    };
    (0..TWEETS + FILMS).map(row).collect()
}

/// Wrong with confidence 0.95 on the first `wrong` rows, right elsewhere with
/// 0.99, or with 0.6 on the last tweets and on every third film; `films` of the
/// in-domain rows are wrong, too.
pub(super) fn model(wrong: usize, films: usize) -> Evaluation {
    let is_wrong = move |row: usize| row < wrong || (TWEETS..TWEETS + films).contains(&row);
    let is_sure = |row: usize| row < SURE || (row >= TWEETS && !row.is_multiple_of(3));
    evaluation((0..TWEETS + FILMS).map(move |row| match is_wrong(row) {
        true => (0.95, WRONG),
        false if is_sure(row) => (0.99, RIGHT),
        false => (0.6, RIGHT),
    }))
}

pub(super) fn runs(arm: Arm, models: [Evaluation; 3]) -> ArmRuns {
    ArmRuns {
        arm,
        runs: (1..).zip(models).collect(),
    }
}

pub(super) fn compare_as(role: Role, arms: &[ArmRuns]) -> crate::support::Result<Comparison> {
    judged_by(role, &Endpoints::default(), arms)
}

fn judged_by(
    role: Role,
    endpoints: &Endpoints,
    arms: &[ArmRuns],
) -> crate::support::Result<Comparison> {
    let source = |name: &str, in_domain| Source {
        name: name.into(),
        in_domain,
        taught: !in_domain,
    };
    let regions = [Region {
        blind_spot: BlindSpotId(4),
        name: "irony".into(),
        taught: true,
        rows: (0..10).collect(),
    }];
    let input = ComparisonInput {
        role,
        tau: 0.9,
        sources: &[source("tweets", false), source("films", true)],
        rows: &rows(),
        reference: &model(20, 1),
        arms,
        regions: &regions,
        endpoints,
        resamples: 300,
        seed: 7,
    };
    Comparison::new(&input, &Progress::silent())
}

fn compare(arms: &[ArmRuns]) -> Comparison {
    compare_as(Role::Final, &with_all_controls(arms)).expect("valid input")
}

pub(super) fn lessons(models: [Evaluation; 3]) -> ArmRuns {
    runs(Arm::Lessons("expert".into()), models)
}

pub(super) fn base() -> ArmRuns {
    runs(Arm::Base, [model(20, 1), model(21, 1), model(19, 1)])
}

fn tweets() -> Slice {
    Slice::Source("tweets".into())
}

#[test]
fn counts_endpoint_outcomes_and_regions() {
    let models = [model(4, 1), model(5, 1), model(6, 1)];
    let comparison = compare(&[base(), lessons(models)]);
    let table = comparison.slice(&tweets()).expect("has rows");
    assert_eq!(
        (table.rows, table.groups, table.confident),
        (TWEETS, TWEETS, SURE)
    );
    assert_eq!(table.power.unknown_unknowns, 20);
    let arms: Vec<String> = table.arms.iter().map(|a| a.arm.to_string()).collect();
    assert_eq!(arms, ["untouched", "base", "lessons:expert"]);
    let taught = &table.arms[2];
    assert_eq!(taught.matched_errors_by_seed, [4.0, 5.0, 6.0]);
    assert_eq!(taught.unknown_unknowns, 5.0);
    assert_eq!(taught.unknown_unknowns_scaled, 0.0);
    assert_eq!(
        (taught.outcomes.corrected, taught.outcomes.remaining),
        (15.0, 5.0)
    );
    assert!((taught.accuracy - 55.0 / 60.0).abs() < 1e-12);
    let at = |tau: f64| taught.curves.over_tau.iter().find(|p| p.x == tau);
    assert_eq!(at(0.95).map(|p| p.y), Some(5.0));
    assert_eq!(at(0.96).map(|p| p.y), Some(0.0));
    assert!((taught.accuracy_change.mean - 25.0).abs() < 1e-9);
    let verdict = taught.verdict.as_ref().expect("makes a claim");
    assert_eq!(verdict.call, Call::Improved, "{}", verdict.sentence);
    assert!(verdict.sentence.contains("40 most confident of 60 rows"));
    assert!(
        verdict.sentence.contains("95 % interval −"),
        "{}",
        verdict.sentence
    );

    let spot = &comparison.blind_spots[0];
    assert_eq!(
        (spot.rows, spot.enough_rows, spot.before.count),
        (10, false, 10.0)
    );
    assert_eq!(spot.arms[1].after.count, 5.0);
    let inside = comparison
        .slice(&Slice::InsideTaughtRegions)
        .expect("has rows");
    assert_eq!(inside.arms[2].matched_errors, 5.0);
    let untaught = comparison.slice(&Slice::UntaughtSources).expect("films");
    assert_eq!(untaught.rows, FILMS);
    assert!(
        untaught
            .arms
            .iter()
            .all(|figures| figures.verdict.is_none())
    );
}

#[test]
fn a_claim_must_beat_the_best_control() {
    let strong = runs(Arm::Uus, [model(4, 1), model(5, 1), model(6, 1)]);
    let models = [model(5, 1), model(6, 1), model(4, 1)];
    let comparison = compare(&[base(), strong, lessons(models)]);
    let table = comparison.slice(&tweets()).expect("has rows");
    let verdict = table.arms[3].verdict.as_ref().expect("makes a claim");
    assert_eq!(verdict.best_control, Some(Arm::Uus));
    assert_eq!(verdict.call, Call::NoEvidence);
    let against_base = table.arms[3].versus.iter().find(|v| v.control == Arm::Base);
    assert!(against_base.expect("compared").p_better < 0.01);
}

#[test]
fn what_helps_less_than_the_best_control_is_behind_and_not_worse() {
    let strong = runs(Arm::Uus, [model(0, 1), model(1, 1), model(0, 1)]);
    let models = [model(9, 1), model(10, 1), model(8, 1)];
    let comparison = compare(&[base(), strong.clone(), lessons(models)]);
    let table = comparison.slice(&tweets()).expect("has rows");
    let verdict = table.arms[3].verdict.as_ref().expect("makes a claim");
    assert_eq!(verdict.call, Call::Behind, "{}", verdict.sentence);
    let too_many = [model(20, 1), model(21, 1), model(19, 1)];
    let comparison = compare(&[base(), strong, lessons(too_many)]);
    let table = comparison.slice(&tweets()).expect("has rows");
    let verdict = table.arms[3].verdict.as_ref().expect("makes a claim");
    assert_eq!(verdict.call, Call::Worse, "{}", verdict.sentence);
}

#[test]
fn more_errors_than_a_control_are_called_worse() {
    let models = [model(35, 1), model(36, 1), model(37, 1)];
    let comparison = compare(&[base(), lessons(models)]);
    let table = comparison.slice(&tweets()).expect("has rows");
    assert_eq!(
        table.arms[2].verdict.as_ref().map(|v| v.call),
        Some(Call::Worse)
    );
}

#[test]
fn harm_whose_interval_leaves_out_zero_is_worse_however_many_arms_there_are() {
    let harm = [model(26, 1), model(33, 1), model(38, 1)];
    let same = |name: &str| {
        let models = [model(20, 1), model(21, 1), model(19, 1)];
        runs(Arm::Lessons(name.into()), models)
    };
    let comparison = compare(&[base(), lessons(harm), same("one"), same("other")]);
    let table = comparison.slice(&tweets()).expect("has rows");
    let figures = table.arm(&Arm::Lessons("expert".into())).expect("was run");
    let verdict = figures.verdict.as_ref().expect("makes a claim");
    assert!(verdict.p_adjusted > 0.05, "{}", verdict.p_adjusted);
    assert!(figures.versus[0].difference.interval.lower > 0.0);
    assert_eq!(verdict.call, Call::Worse, "{}", verdict.sentence);
}

#[test]
fn another_endpoint_can_be_named_and_others_beside_it() {
    let arms = with_all_controls(&[base(), lessons([model(0, 1), model(0, 1), model(1, 1)])]);
    let named = |primary, also: &[Endpoint]| {
        let endpoints = Endpoints {
            primary,
            also: also.to_vec(),
        };
        let comparison = judged_by(Role::Final, &endpoints, &arms).expect("valid");
        let (_, _, verdict) = comparison.verdicts().next().expect("one claim");
        verdict.clone()
    };
    let alone = named(Endpoint::CoverageAt2, &[]);
    assert_eq!(
        (alone.call, alone.endpoint),
        (Call::Improved, Endpoint::CoverageAt2)
    );
    let said = "lessons:expert can be left 100.0 % of 60 rows with at most 2 % errors";
    assert!(alone.sentence.contains(said), "{}", alone.sentence);
    assert!(
        alone.sentence.contains(" points against "),
        "{}",
        alone.sentence
    );
    let errors = Endpoint::ErrorsAtMatchedCoverage;
    let first_of_two = named(Endpoint::CoverageAt2, &[errors]).p_adjusted;
    assert!(
        first_of_two > alone.p_adjusted,
        "Holm counts what was named"
    );
    let beside = named(errors, &[Endpoint::CoverageAt2]);
    assert_eq!(beside.also, [(Endpoint::CoverageAt2, Call::Improved)]);
    assert!(
        beside
            .sentence
            .contains("Also named, improved: lessons:expert can be left")
    );
}

#[test]
fn errors_among_nearly_all_rows_do_not_judge() {
    let surer = |(seed, mut run): (u64, Evaluation)| {
        for answer in &mut run.answers[..TWEETS] {
            answer.confidence = answer.confidence.max(0.91);
        }
        (seed, run)
    };
    let mut arms = [base(), lessons([model(4, 1), model(5, 1), model(6, 1)])];
    for arm in &mut arms {
        arm.runs = arm.runs.drain(..).map(surer).collect();
    }
    let (_, reference) = surer((0, model(20, 1)));
    let source = |name: &str| Source {
        name: name.into(),
        in_domain: name == "films",
        taught: name != "films",
    };
    let input = ComparisonInput {
        role: Role::Final,
        tau: 0.9,
        sources: &[source("tweets"), source("films")],
        rows: &rows(),
        reference: &reference,
        arms: &with_all_controls(&arms),
        regions: &[],
        endpoints: &Endpoints::default(),
        resamples: 300,
        seed: 7,
    };
    let comparison = Comparison::new(&input, &Progress::silent()).expect("valid");
    let table = comparison.slice(&tweets()).expect("has rows");
    assert!(table.is_accuracy());
    let verdict = table.arms[2].verdict.as_ref().expect("makes a claim");
    assert_eq!(verdict.endpoint, Endpoint::RiskCoverageArea);
    assert_eq!(verdict.call, Call::Improved, "{}", verdict.sentence);
    assert!(
        verdict.sentence.contains("60 of 60 rows"),
        "{}",
        verdict.sentence
    );
    let films = Slice::Source("films".into());
    let films = comparison.slice(&films).expect("has rows");
    assert!(!films.is_accuracy());
    let verdict = films.arms[2].verdict.as_ref().expect("makes a claim");
    assert_eq!(verdict.endpoint, Endpoint::ErrorsAtMatchedCoverage);
}

#[test]
fn where_the_curves_cross_the_words_say_so() {
    // Errors among the surest rows and none later, or the other way round.
    let with_errors_at = |errors: std::ops::Range<usize>| {
        let answers = (0..TWEETS + FILMS).map(|row| {
            let wrong = errors.contains(&row);
            (1.0 - row as f32 / 1000.0, if wrong { WRONG } else { RIGHT })
        });
        evaluation(answers)
    };
    let three = |errors: std::ops::Range<usize>| [(); 3].map(|()| with_errors_at(errors.clone()));
    let comparison = compare(&[runs(Arm::Base, three(0..6)), lessons(three(20..32))]);
    let table = comparison.slice(&tweets()).expect("has rows");
    let verdict = table.arms[2].verdict.as_ref().expect("makes a claim");
    let said = "Its risk–coverage curve crosses that of";
    assert!(verdict.sentence.contains(said), "{}", verdict.sentence);
    assert!(
        verdict
            .sentence
            .contains("fewer errors below it, more above")
    );
    let same = compare(&[base(), lessons([model(20, 1), model(21, 1), model(19, 1)])]);
    let (_, _, verdict) = same.verdicts().next().expect("one claim");
    assert!(
        !verdict.sentence.contains("crosses"),
        "{}",
        verdict.sentence
    );
}

#[test]
fn a_guard_that_does_not_hold_is_said_first_and_takes_the_claim_away() {
    let models = [model(4, 141), model(5, 139), model(6, 143)];
    let comparison = compare(&[base(), lessons(models)]);
    let (_, _, verdict) = comparison.verdicts().next().expect("one claim");
    assert!(matches!(verdict.guard, Guard::Violated(_)));
    assert_eq!(verdict.call, Call::NoEvidence);
    assert!(
        verdict
            .sentence
            .starts_with("Guard violated: in-domain accuracy changed by −35.0"),
        "{}",
        verdict.sentence
    );
}

#[test]
fn a_guard_that_saw_too_little_has_not_held() {
    let points = Difference {
        mean: 0.0,
        interval: Interval {
            lower: 0.0,
            upper: 0.0,
        },
        standard_error: 0.0,
        degrees_of_freedom: 9.0,
        seeds: 3,
    };
    let on = |rows: usize, groups: usize| Guard::new(Some(points), rows, groups);
    // Nobody changed, but of so few a loss of 1.5 points is not ruled out.
    assert!(!on(50, 50).held());
    assert!(!on(240, 240).held());
    assert!(on(250, 250).held());
    assert!(!on(250, 9).held(), "few groups say little");
    assert_eq!(Guard::new(None, 250, 250), Guard::Unknown);
}

#[test]
fn a_claim_needs_every_control() {
    let claim = lessons([model(4, 1), model(5, 1), model(6, 1)]);
    let comparison = compare_as(Role::Final, &[base(), claim]).expect("valid");
    let (_, _, verdict) = comparison.verdicts().next().expect("one claim");
    assert_eq!(verdict.call, Call::NotJudged);
    let missing = "without extra, uus, random-discovery";
    assert!(verdict.sentence.contains(missing), "{}", verdict.sentence);
}

#[test]
fn only_final_with_three_seeds_gives_a_verdict() {
    let claim = || lessons([model(4, 1), model(5, 1), model(6, 1)]);
    let checked = compare_as(Role::Check, &[base(), claim()]).expect("valid");
    let mut two = claim();
    two.runs.truncate(2);
    let short = compare(&[base(), two]);
    let mut elsewhere = claim();
    elsewhere.runs.iter_mut().for_each(|(seed, _)| *seed += 10);
    let apart = compare(&[base(), elsewhere]);
    for (comparison, reason) in [
        (checked, "used for choosing"),
        (short, "2 seeds, at least 3"),
        (apart, "not every control"),
    ] {
        let (_, _, verdict) = comparison.verdicts().next().expect("one claim");
        assert_eq!(verdict.call, Call::NotJudged);
        assert!(verdict.sentence.contains(reason), "{}", verdict.sentence);
    }
}

#[test]
fn arms_without_runs_are_named_and_have_no_figures() {
    let none = ArmRuns {
        arm: Arm::AllLessons,
        runs: Vec::new(),
    };
    let comparison = compare_as(Role::Final, &[base(), none]).expect("valid");
    assert_eq!(comparison.not_run, [Arm::AllLessons]);
    assert!(
        comparison
            .slices
            .iter()
            .all(|t| t.arm(&Arm::AllLessons).is_none())
    );
}

#[test]
fn bad_input_is_an_error_not_a_panic() {
    let mut short = base();
    short.runs[1].1.answers.pop();
    let mut broken = base();
    broken.runs[0].1.answers[3].confidence = f32::NAN;
    for arms in [vec![short], vec![broken], vec![base(), base()]] {
        assert!(compare_as(Role::Final, &arms).is_err());
    }
}

#[test]
fn the_same_for_any_number_of_threads_and_through_json() {
    let world = World {
        rows: 150,
        in_domain: 50,
        largest_group: 3,
        hard: 0.3,
        seed_shift: 0.2,
        row_noise: 0.7,
    };
    let mut generator = generator(1, "threads");
    let sample = world.sample(&mut generator);
    let reference = sample.model(&mut generator);
    let arms = [arm(Arm::Base, 3, || sample.model(&mut generator))];
    let source = |name: &str| Source {
        name: name.into(),
        in_domain: false,
        taught: false,
    };
    let input = ComparisonInput {
        role: Role::Check,
        tau: 0.9,
        sources: &[source("new"), source("films")],
        rows: &sample.rows,
        reference: &reference,
        arms: &arms,
        regions: &[],
        endpoints: &Endpoints::default(),
        resamples: 100,
        seed: 7,
    };
    let with_threads = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        pool.expect("a pool")
            .install(|| Comparison::new(&input, &Progress::silent()).expect("valid"))
    };
    let one = with_threads(1);
    assert!(one == with_threads(3), "figures depend on the threads");
    let json = serde_json::to_string(&one).expect("can be written");
    let back: Comparison = serde_json::from_str(&json).expect("reads back");
    assert_eq!(back.slices[0].arms[1].seeds, [0, 1, 2]);
}
