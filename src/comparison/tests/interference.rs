//! Interference on worlds whose truth is known: a lesson that helps in one place
//! and hurts in another, and lessons that do nothing.

use super::simulation::{World, arm, generator};
use crate::comparison::interference::{Effect, LEVEL, PlaceOf};
use crate::comparison::{
    Answer, ArmRuns, ComparisonInput, Evaluation, Interference, Region, Row, Source,
};
use crate::records::{Arm, BlindSpotId, Endpoints, RecordId, Role};
use crate::support::Progress;

const SEEDS: u64 = 3;

fn world() -> World {
    World {
        rows: 240,
        in_domain: 200,
        largest_group: 2,
        hard: 0.25,
        seed_shift: 0.2,
        row_noise: 0.5,
    }
}

fn lesson(number: usize) -> Arm {
    Arm::Lesson(RecordId(format!("lesson-{number}")))
}

fn measure(
    rows: &[Row],
    reference: &Evaluation,
    arms: &[ArmRuns],
    small: &[usize],
) -> Interference {
    let source = |name: &str| Source {
        name: name.into(),
        in_domain: name == "films",
        taught: false,
    };
    let region = |id: u32, rows: &[usize]| Region {
        blind_spot: BlindSpotId(id),
        name: format!("region {id}"),
        taught: true,
        rows: rows.to_vec(),
    };
    let input = ComparisonInput {
        role: Role::Check,
        tau: 0.8,
        sources: &[source("new"), source("films")],
        rows,
        reference,
        arms,
        regions: &[region(1, small), region(2, &[])],
        endpoints: &Endpoints::default(),
        resamples: 150,
        seed: 1,
    };
    Interference::new(&input, &Progress::silent()).expect("valid input")
}

/// The same answers, but for some rows where they are confidently wrong.
fn misled(evaluation: Evaluation, rows: impl Fn(usize) -> bool) -> Evaluation {
    let answers = evaluation.answers.into_iter().enumerate();
    let answers = answers.map(|(row, answer)| match rows(row) {
        true => Answer {
            predicted: 0,
            confidence: 0.99,
            scaled: 0.99,
        },
        false => answer,
    });
    Evaluation {
        answers: answers.collect(),
    }
}

#[test]
fn a_lesson_helps_in_one_place_and_hurts_in_another() {
    let mut generator = generator(3, "interference");
    let sample = world().sample(&mut generator);
    let reference = sample.model(&mut generator);
    let learnt = vec![true; sample.rows.len()];
    let films = |row: usize| sample.rows[row].source == 1 && row.is_multiple_of(5);
    let arms = [
        arm(Arm::Base, SEEDS, || sample.model(&mut generator)),
        ArmRuns {
            arm: lesson(0),
            runs: Vec::new(),
        },
        arm(lesson(1), SEEDS, || {
            misled(sample.taught_model(&learnt, &mut generator), films)
        }),
    ];
    let few: Vec<usize> = (0..12).collect();
    let found = measure(&sample.rows, &reference, &arms, &few);
    assert_eq!(
        found.arms,
        [lesson(1)],
        "one that was not trained has no cells"
    );
    let places: Vec<&PlaceOf> = found.places.iter().map(|place| &place.of).collect();
    assert!(
        matches!(
            places[..],
            [
                PlaceOf::Everywhere,
                PlaceOf::Source(_),
                PlaceOf::Source(_),
                PlaceOf::BlindSpot { .. }
            ]
        ),
        "a region without rows has no column: {places:?}"
    );
    let cells = &found.cells[0];
    assert_eq!(cells[1].effect, Effect::Helped, "{:?}", cells[1]);
    assert_eq!(cells[2].effect, Effect::Hurt, "{:?}", cells[2]);
    assert!(cells[2].unknown_unknowns.difference.mean > 20.0);
    assert_eq!(cells[3].effect, Effect::TooFewRows);
    assert_eq!(
        (found.judged, cells[3].p),
        (3, 1.0),
        "it costs the others nothing"
    );
}

#[test]
fn without_the_base_arm_there_is_nothing_to_hold_against() {
    let mut generator = generator(4, "interference");
    let sample = world().sample(&mut generator);
    let reference = sample.model(&mut generator);
    let arms = [arm(lesson(1), 1, || sample.model(&mut generator))];
    let found = measure(&sample.rows, &reference, &arms, &[]);
    assert!(found.places.is_empty() && found.judged == 0);
    assert!(found.cells.iter().all(Vec::is_empty));
}

/// Over lessons that do nothing, words without “perhaps” come in about one
/// study in twenty at most, whatever the number of cells.
#[test]
fn lessons_that_do_nothing_are_blamed_for_nothing() {
    const STUDIES: u64 = 24;
    const LESSONS: usize = 5;
    let (mut blamed, mut perhaps, mut judged) = (0, 0, 0);
    for study in 0..STUDIES {
        let mut generator = generator(study, "no interference");
        let sample = world().sample(&mut generator);
        let reference = sample.model(&mut generator);
        let mut arms = vec![arm(Arm::Base, SEEDS, || sample.model(&mut generator))];
        for number in 0..LESSONS {
            arms.push(arm(lesson(number), SEEDS, || sample.model(&mut generator)));
        }
        let region: Vec<usize> = (0..60).collect();
        let found = measure(&sample.rows, &reference, &arms, &region);
        let effects: Vec<Effect> = found
            .cells
            .iter()
            .flatten()
            .map(|cell| cell.effect)
            .collect();
        let count = |wanted: &[Effect]| effects.iter().filter(|one| wanted.contains(one)).count();
        blamed += usize::from(count(&[Effect::Hurt, Effect::Helped]) > 0);
        perhaps += count(&[Effect::PerhapsHurt, Effect::PerhapsHelped]);
        judged += found.judged;
    }
    assert_eq!(judged, STUDIES as usize * LESSONS * 4);
    assert!(blamed <= 4, "{blamed} of {STUDIES} studies");
    // Intervals cover in 95 % or somewhat more.
    assert!(
        (perhaps as f64) < 1.6 * LEVEL * judged as f64,
        "{perhaps} of {judged}"
    );
}
