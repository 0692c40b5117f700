use rand::Rng as _;
use rayon::prelude::*;

use super::*;
use crate::support::rng::{Rng, seeded};

fn graded(rows: &[(f32, bool)]) -> Vec<Graded> {
    let grade = |(confidence, right): &(f32, bool)| Graded {
        confidence: *confidence,
        right: *right,
    };
    rows.iter().map(grade).collect()
}

fn single(count: usize) -> Vec<u32> {
    (0..count as u32).collect()
}

/// A model whose errors fall as its confidence rises, in groups of a few rows:
/// P(wrong) = (1 − c) · 0.8 + 0.002.
fn drawn(rows: usize, group: u32, generator: &mut Rng) -> (Vec<Graded>, Vec<u32>) {
    let row = |_| {
        let confidence = 1.0 - 0.5 * generator.gen_range(0.0..1.0_f32).powi(2);
        let risk = (1.0 - confidence) * 0.8 + 0.002;
        Graded {
            confidence,
            right: generator.gen_range(0.0..1.0) >= risk,
        }
    };
    let rows: Vec<Graded> = (0..rows).map(row).collect();
    let groups = (0..rows.len() as u32).map(|row| row / group).collect();
    (rows, groups)
}

/// The true share of errors and of answers from a threshold on.
fn truth(threshold: f64) -> (f64, f64) {
    let all = (0..20_000).map(|place| {
        let confidence = 1.0 - 0.5 * ((f64::from(place) + 0.5) / 20_000.0).powi(2);
        (confidence, (1.0 - confidence) * 0.8 + 0.002)
    });
    let answered: Vec<f64> = all
        .filter(|(confidence, _)| *confidence >= threshold)
        .map(|(_, risk)| risk)
        .collect();
    let risk = answered.iter().sum::<f64>() / answered.len().max(1) as f64;
    (risk, answered.len() as f64 / 20_000.0)
}

#[test]
fn the_lowest_threshold_with_so_few_errors_is_chosen_and_ties_stay_together() {
    // Ninety-nine right answers above an error, then twenty of one confidence
    // with one error among them.
    let mut rows: Vec<(f32, bool)> = (0..99).map(|row| (0.99 - row as f32 / 1e4, true)).collect();
    rows.push((0.9701, false));
    rows.extend((0..20).map(|row| (0.8, row != 7)));
    rows.extend([(0.6, false); 5]);
    let rows = graded(&rows);
    let all = Ordered::new(&rows, &single(rows.len()), |_| true);
    let chosen = |share: f64| all.lowest(|step| step.has_at_most(share));
    assert_eq!(chosen(0.01), Some(0.97), "an error among a hundred is 1 %");
    assert_eq!(chosen(0.02), Some(0.8), "two among 120: the tie whole");
    assert_eq!(chosen(0.1), Some(0.0), "all are answered: no threshold");
    let step = all.at(0.8);
    assert_eq!((step.rows, step.errors), (120, 2));
    assert_eq!(all.at(0.97).rows, 100);
    let wrong = graded(&[(0.9, false), (0.8, true)]);
    let none = Ordered::new(&wrong, &single(2), |_| true);
    assert_eq!(none.lowest(|step| step.has_at_most(0.05)), None);
}

#[test]
fn thresholds_that_are_written_down_part_the_same_rows() {
    let mut generator = seeded(3, "thresholds");
    let (mut rows, groups) = drawn(500, 1, &mut generator);
    rows.extend(graded(&[(1.0, true), (0.999_999_94, false)]));
    let all = Ordered::new(&rows, &single(groups.len() + 2), |_| true);
    for step in all.steps() {
        let at = all.at(step.threshold);
        assert_eq!((at.rows, at.errors), (step.rows, step.errors));
    }
}

/// With a threshold that the rows are said to show, the true share of errors is
/// larger than wanted in one study of twenty at most; without that it may be
/// larger in half of them, and cross-fitting says how large it is.
#[test]
fn what_is_shown_holds_and_cross_fitting_does_not_flatter() {
    const STUDIES: u64 = 300;
    for (size, group) in [(600, 1), (1500, 3)] {
        let studies: Vec<(bool, bool, f64, f64)> = (0..STUDIES)
            .into_par_iter()
            .map(|study| {
                let (rows, groups) = drawn(size, group, &mut seeded(study, "abstain"));
                let found = abstention(&rows, &groups, (&[0.05], None), study);
                let at = &found.at[0];
                let broken = at.sure.is_some_and(|sure| truth(sure.threshold).0 > 0.05);
                let (risk, _) = truth(at.threshold.expect("some threshold"));
                let estimated = at.errors.share().expect("answers");
                (broken, at.sure.is_some(), estimated, risk)
            })
            .collect();
        let count = |which: fn(&(bool, bool, f64, f64)) -> bool| {
            studies.iter().filter(|one| which(one)).count() as f64 / STUDIES as f64
        };
        let mean = |which: fn(&(bool, bool, f64, f64)) -> f64| {
            studies.iter().map(which).sum::<f64>() / STUDIES as f64
        };
        let (broken, shown) = (count(|one| one.0), count(|one| one.1));
        let (estimated, risk) = (mean(|one| one.2), mean(|one| one.3));
        println!("{size} rows: broken {broken}, shown {shown}, {estimated:.4} for {risk:.4}");
        assert!(broken <= 0.07, "{broken} of studies");
        assert!(shown > 0.5, "{shown} of studies show something");
        assert!((estimated - risk).abs() < 0.004, "{estimated} for {risk}");
    }
}

#[test]
fn the_cheapest_threshold_weighs_errors_against_people() {
    let (rows, groups) = drawn(4000, 1, &mut seeded(9, "cost"));
    let cheapest = |error, person| {
        let costs = Costs { error, person };
        let found = abstention(&rows, &groups, (&[], Some(costs)), 1);
        found.cheapest.expect("costs are known")
    };
    // At the border an answer's risk times the cost of an error is that of a
    // person: (1 − c) · 0.8 + 0.002 = 0.1 at c = 0.8775.
    let middle = cheapest(10.0, 1.0);
    let threshold = middle.threshold.expect("a threshold");
    assert!((threshold - 0.8775).abs() < 0.08, "{threshold}");
    assert!(middle.per_hundred < middle.all_by_model.min(middle.all_by_person));
    assert!(middle.bounds.lower < middle.per_hundred && middle.per_hundred < middle.bounds.upper);
    // What a person does for nothing is left to them, but for answers that no
    // error is among; errors that cost nothing are no reason to ask.
    assert_eq!(cheapest(0.0, 1.0).threshold, Some(0.0));
    assert_eq!(cheapest(0.0, 1.0).answered.count, 4000);
    assert!(cheapest(1.0, 0.0).errors.count <= 40);
}

#[test]
fn few_rows_are_counted_and_get_no_threshold() {
    let rows = graded(&[(0.9, true); 29]);
    let found = abstention(&rows, &single(29), (&WANTED, None), 0);
    assert_eq!((found.rows, found.errors.count), (29, 0));
    assert!(found.at.is_empty() && found.curve.is_empty());
    // Many rows of few groups are no more than few rows.
    let rows = graded(&[(0.9, true); 80]);
    let groups: Vec<u32> = (0..80).map(|row| row % 4).collect();
    assert!(abstention(&rows, &groups, (&WANTED, None), 0).at.is_empty());
    assert_eq!(abstention(&[], &[], (&WANTED, None), 0).rows, 0);
    // Enough rows without an error: all is answered, and 1 % is not shown.
    let rows = graded(&[(0.9, true); 100]);
    let found = abstention(&rows, &single(100), (&WANTED, None), 0);
    let at = &found.at[0];
    assert_eq!((at.threshold, at.answered.count), (Some(0.0), 100));
    assert_eq!((at.held, at.sure), (Held::Open, None));
    assert_eq!(found.at[2].held, Held::Kept);
    assert_eq!(found.curve.len(), 1, "a tie is one point");
}
