//! Simulated studies through the shipped [`Comparison`]: do intervals cover,
//! and do verdicts come when they should and only then?
//!
//! 200 resamples instead of 2,000 keep this to seconds; a standard error then
//! varies by 5 % from the bootstrap alone, so intervals cover a trifle less
//! often than the program's own.

use rayon::prelude::*;

use super::simulation::{World, arm, generator, less_confident};
use super::with_all_controls;
use crate::comparison::metrics::mean;
use crate::comparison::{
    ArmRuns, Call, Comparison, ComparisonInput, Evaluation, Row, Slice, SliceTable, Source,
};
use crate::records::{Arm, Endpoint, Endpoints, Role};
use crate::support::Progress;

const TAU: f32 = 0.9;
const SEEDS: u64 = 5;
const RESAMPLES: usize = 200;

fn world() -> World {
    World {
        rows: 400,
        in_domain: 0,
        largest_group: 3,
        hard: 0.15,
        seed_shift: 0.3,
        row_noise: 0.7,
    }
}

fn compare(rows: &[Row], reference: &Evaluation, arms: &[ArmRuns]) -> Comparison {
    let source = |name: &str, in_domain| Source {
        name: name.into(),
        in_domain,
        taught: !in_domain,
    };
    let input = ComparisonInput {
        role: Role::Final,
        tau: TAU,
        sources: &[source("new", false), source("films", true)],
        rows,
        reference,
        arms: &with_all_controls(arms),
        regions: &[],
        endpoints: &Endpoints::default(),
        resamples: RESAMPLES,
        seed: 1,
    };
    Comparison::new(&input, &Progress::silent()).expect("the input is valid")
}

fn new_domain(comparison: &Comparison) -> &SliceTable {
    comparison
        .slice(&Slice::Source("new".into()))
        .expect("has rows")
}

/// The share of studies in which something holds.
fn share(studies: u64, holds: impl Fn(u64) -> bool + Sync) -> f64 {
    let count = (0..studies)
        .into_par_iter()
        .filter(|study| holds(*study))
        .count();
    count as f64 / studies as f64
}

/// Whether the interval of lessons against base covers zero when both are
/// trained alike, for each endpoint.
fn covers_zero(world: &World, study: u64, seeds: u64) -> [bool; Endpoint::ALL.len()] {
    let mut generator = generator(study, "no effect");
    let sample = world.sample(&mut generator);
    let reference = sample.model(&mut generator);
    let arms = [
        arm(Arm::Base, seeds, || sample.model(&mut generator)),
        arm(Arm::AllLessons, seeds, || sample.model(&mut generator)),
    ];
    let comparison = compare(&sample.rows, &reference, &arms);
    let lessons = new_domain(&comparison)
        .arm(&Arm::AllLessons)
        .expect("was run");
    Endpoint::ALL.map(|endpoint| {
        let (_, versus) = lessons.on(endpoint).expect("was measured");
        let base = versus.iter().find(|v| v.control == Arm::Base);
        let base = base.expect("a control");
        !base.is_harm(endpoint) && !base.is_gain(endpoint)
    })
}

#[test]
fn without_an_effect_95_percent_intervals_cover_zero() {
    let loud = World {
        seed_shift: 0.8,
        largest_group: 6,
        ..world()
    };
    for (name, world) in [("usual", world()), ("loud and grouped", loud)] {
        let covered: Vec<_> = (0..1000_u64)
            .into_par_iter()
            .map(|study| covers_zero(&world, study, SEEDS))
            .collect();
        for endpoint in Endpoint::ALL {
            let count = covered.iter().filter(|one| one[endpoint.place()]).count();
            let covered = count as f64 / covered.len() as f64;
            println!("{name} seeds, {endpoint}: intervals cover zero in {covered:.3}");
            // Coverage at a wanted rate moves in jumps, which makes its
            // intervals too wide, never too narrow.
            let most = if endpoint.higher_is_better() {
                1.0
            } else {
                0.98
            };
            assert!(
                (0.93..=most).contains(&covered),
                "{name}, {endpoint}: {covered}"
            );
        }
    }
}

#[test]
fn lowered_confidence_alone_is_never_improved() {
    let world = World {
        in_domain: 400,
        ..world()
    };
    let fooled = share(200, |study| {
        let mut generator = generator(study, "quiet");
        let sample = world.sample(&mut generator);
        let reference = sample.model(&mut generator);
        let base = arm(Arm::Base, SEEDS, || sample.model(&mut generator));
        let runs = base.runs.iter();
        let quieter = |(seed, run): &(u64, Evaluation)| {
            let temperature = 2.0 + *seed as f64 / 4.0;
            (*seed, less_confident(run, temperature))
        };
        let lessons = ArmRuns {
            arm: Arm::AllLessons,
            runs: runs.map(quieter).collect(),
        };
        let comparison = compare(&sample.rows, &reference, &[base, lessons]);
        let table = new_domain(&comparison);
        let lessons = table.arm(&Arm::AllLessons).expect("was run");
        let base = table.arm(&Arm::Base).expect("was run");
        assert!(lessons.unknown_unknowns < 0.6 * base.unknown_unknowns);
        let verdict = lessons.verdict.as_ref().expect("is judged");
        verdict.call == Call::Improved
    });
    assert_eq!(fooled, 0.0);
}

/// The verdict on lessons that spare the model as large a share of its
/// errors as the power line of the rows names, and that share.
fn call_with_effect(world: &World, study: u64) -> Option<(Call, f64)> {
    let mut generator = generator(study, "effect");
    let sample = world.sample(&mut generator);
    let reference = sample.model(&mut generator);
    let base = arm(Arm::Base, SEEDS, || sample.model(&mut generator));
    let line = compare(&sample.rows, &reference, &[]);
    let reduction = new_domain(&line).power.detectable?;
    let learnt = sample.pick(reduction, &mut generator);
    let lessons = arm(Arm::AllLessons, SEEDS, || {
        sample.taught_model(&learnt, &mut generator)
    });
    let comparison = compare(&sample.rows, &reference, &[base, lessons]);
    let lessons = new_domain(&comparison).arm(&Arm::AllLessons);
    let verdict = lessons.and_then(|lessons| lessons.verdict.clone());
    Some((verdict?.call, reduction))
}

#[test]
fn an_effect_of_the_size_that_the_power_line_names_is_mostly_found() {
    for (rows, largest_group) in [(800, 1), (1600, 3)] {
        let world = World {
            rows,
            in_domain: 1500,
            largest_group,
            seed_shift: 0.2,
            ..world()
        };
        let calls: Vec<(Call, f64)> = (0..100)
            .into_par_iter()
            .filter_map(|study| call_with_effect(&world, study))
            .collect();
        let improved = calls.iter().filter(|(call, _)| *call == Call::Improved);
        let share = improved.count() as f64 / calls.len() as f64;
        let reduction = mean(calls.iter().map(|(_, reduction)| *reduction));
        println!("errors fewer by {reduction:.2} on average: improved in {share:.2}");
        assert!(calls.len() > 90, "the power line named a size for too few");
        assert!(share >= 0.75, "groups up to {largest_group}: {share}");
    }
}
