//! Whether a lesson was learnt: its test samples, which no arm trains on,
//! asked before and after retraining.

use crate::inference;
use crate::model::{Classifier, TokenizedText};
use crate::records::{ArmRun, Lesson, LessonTest, Sample, TaughtLesson};
use crate::steps::OpenProject;
use crate::steps::retrain::additions::Pool;
use crate::support::{Progress, Result};

/// A lesson with the samples of it that count in a round.
struct Tested<'a> {
    lesson: &'a Lesson,
    trained: Vec<&'a Sample>,
    tests: Vec<&'a Sample>,
    left_out: Vec<&'a Sample>,
}

/// What each lesson in use contributed to a round, and how many of its test
/// samples the base and the arms that were taught it label as intended.
///
/// # Errors
/// When the weights of a run are gone, or when cancelled.
pub(crate) fn taught(
    project: &OpenProject,
    base: &Classifier,
    pool: &Pool<'_>,
    runs: &[ArmRun],
    progress: &Progress,
) -> Result<Vec<TaughtLesson>> {
    let tested: Vec<Tested<'_>> = pool
        .lessons
        .iter()
        .map(|lesson| tested(lesson, pool))
        .collect();
    let before = passed(project, base, &tested, progress)?;
    let mut taught: Vec<TaughtLesson> = tested
        .iter()
        .zip(before)
        .map(|(tested, passed_before)| TaughtLesson {
            lesson: tested.lesson.id.clone(),
            blind_spot: tested.lesson.blind_spot,
            teacher: tested.lesson.teacher.clone(),
            trained: tested.trained.iter().map(|s| s.id.clone()).collect(),
            tested: tested.tests.iter().map(|s| s.id.clone()).collect(),
            left_out: tested.left_out.iter().map(|s| s.id.clone()).collect(),
            passed_before,
            passed_after: Vec::new(),
        })
        .collect();
    let with_lessons = runs.iter().filter(|run| !run.arm.is_control());
    for run in with_lessons {
        progress.check()?;
        let model = project.retrained(run)?;
        let after = passed(project, &model, &tested, progress)?;
        for ((taught, tested), passed) in taught.iter_mut().zip(&tested).zip(after) {
            if Pool::teaches(tested.lesson, &run.arm) {
                note(taught, run, passed);
            }
        }
    }
    taught.retain(|lesson| !lesson.trained.is_empty() || !lesson.tested.is_empty());
    Ok(taught)
}

fn tested<'a>(lesson: &'a Lesson, pool: &Pool<'_>) -> Tested<'a> {
    let allowed = |sample: &&Sample| {
        let known = pool.dataset.label_of(&sample.label).is_some();
        known && !pool.refused.contains(&sample.id)
    };
    Tested {
        lesson,
        trained: lesson.training_samples().filter(allowed).collect(),
        tests: lesson.test_samples().filter(allowed).collect(),
        left_out: lesson
            .training_samples()
            .chain(lesson.test_samples())
            .filter(|sample| !allowed(sample))
            .collect(),
    }
}

fn note(taught: &mut TaughtLesson, run: &ArmRun, passed: usize) {
    let after = &mut taught.passed_after;
    match after.iter_mut().find(|test| test.arm == run.arm) {
        Some(test) => test.passed.push(passed),
        None => after.push(LessonTest {
            arm: run.arm.clone(),
            passed: vec![passed],
        }),
    }
}

/// For each lesson the number of test samples that a model labels as intended.
fn passed(
    project: &OpenProject,
    model: &Classifier,
    lessons: &[Tested<'_>],
    progress: &Progress,
) -> Result<Vec<usize>> {
    let samples = || lessons.iter().flat_map(|lesson| &lesson.tests);
    let encode = |sample: &&Sample| project.workspace.encode(model, &sample.text);
    let tokens: Vec<TokenizedText> = samples().map(encode).collect::<Result<_>>()?;
    let progress = progress.within("Asking the test samples");
    let scores = inference::classify(model, &tokens, &progress)?;
    let mut right = samples().zip(scores.rows()).map(|(sample, logits)| {
        crate::steps::sample_checks::said(model, logits, 1.0).label == sample.label
    });
    Ok(lessons
        .iter()
        .map(|lesson| {
            right
                .by_ref()
                .take(lesson.tests.len())
                .filter(|r| *r)
                .count()
        })
        .collect())
}
