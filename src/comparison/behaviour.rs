//! What lessons kept as tests say of models: a matrix of lessons and models,
//! and whether one model is worse than another on a lesson.
//!
//! Two models answer the same texts, so they are compared text by text:
//! McNemar's exact test, one-sided, on the texts that only one of them gets
//! right (Psychometrika 1947). Several lessons are tested at once; a lesson
//! with so few such texts that nothing could show says nothing of chance
//! either, so Bonferroni's correction counts only those that could (Tarone,
//! Biometrics 1990). Over all lessons together a model that is no worse is
//! called worse in one of a hundred comparisons at most.

use serde::Serialize;

use super::intervals::{CONFIDENCE_LEVEL, Interval, mcnemar_exact, wilson};
use crate::lessons::suite::{Case, LessonCases, Pair, Suite};
use crate::records::{Label, RecordId};

/// Chance, over all lessons together, that a model which is no worse is called
/// worse. A test that runs at every change of a model may not cry wolf: at one
/// side of a 95 % interval it would every fortieth time.
pub const FALSE_ALARM: f64 = 0.01;

/// The answer of a model to each text of a suite; `None` where it was not
/// asked.
pub type Answered = Vec<Option<Label>>;

/// How many of some texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Rate {
    /// Those that are counted.
    pub count: usize,
    /// All of them.
    pub of: usize,
}

impl Rate {
    /// Share, 0 to 1; `None` of nothing.
    pub fn share(self) -> Option<f64> {
        (self.of > 0).then(|| self.count as f64 / self.of as f64)
    }

    /// Its 95 % interval by Wilson's score.
    pub fn interval(self) -> Interval {
        wilson(self.count as f64, self.of, CONFIDENCE_LEVEL)
    }
}

/// Lessons and changes by models.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Matrix {
    /// One for each lesson of the suite.
    pub lessons: Vec<LessonRow>,
    /// One for each change of the suite.
    pub perturbations: Vec<ChangeRow>,
}

/// A lesson under every model.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LessonRow {
    /// The lesson.
    pub lesson: RecordId,
    /// One for each model.
    pub cells: Vec<LessonCell>,
    /// The model that is tested beside the one that it is held against.
    pub change: Option<Change>,
}

/// A lesson under one model.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LessonCell {
    /// Test samples with the right answer.
    pub passed: Rate,
    /// Pairs whose two answers differ, among those whose labels differ.
    pub flipped: Rate,
    /// Pairs of which both answers are right, among all.
    pub pairs: Rate,
    /// The texts with another answer than the right one.
    pub failed: Vec<usize>,
}

/// A change that must not change the answer, under every model.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ChangeRow {
    /// Name of the change.
    pub name: String,
    /// One for each model; `None` where the changed texts were not asked.
    pub cells: Vec<Option<ChangeCell>>,
}

/// A change under one model.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ChangeCell {
    /// Texts whose answer changed.
    pub failed: Rate,
    /// These, as they were changed.
    pub texts: Vec<usize>,
}

/// Whether a model is worse on a lesson than the one it is held against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Call {
    /// By more than chance explains.
    Worse,
    /// By no more than chance explains.
    NotWorse,
    /// Nothing that could be lost would tell: the other gets too few texts
    /// right.
    TooFew,
}

/// Two models on the texts of a lesson.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Change {
    /// Texts that only the other model gets right.
    pub lost: Vec<usize>,
    /// Texts that only this model gets right.
    pub gained: Vec<usize>,
    /// McNemar's exact p, one-sided: as many lost by chance.
    pub p: f64,
    /// What follows, all lessons taken together.
    pub call: Call,
}

impl Matrix {
    /// The matrix of a suite over models; `held`: which model is tested, and
    /// which one it is held against.
    pub fn of(suite: &Suite, answers: &[Answered], held: Option<(usize, usize)>) -> Self {
        let mut lessons: Vec<LessonRow> = (suite.lessons.iter())
            .map(|lesson| LessonRow {
                lesson: lesson.lesson.clone(),
                cells: answers.iter().map(|said| cell(lesson, said)).collect(),
                change: held.map(|(tested, against)| {
                    Change::between(&lesson.cases, &answers[tested], &answers[against])
                }),
            })
            .collect();
        call_all(lessons.iter_mut().filter_map(|row| row.change.as_mut()));
        let perturbations = (suite.perturbations.iter()).map(|change| ChangeRow {
            name: change.name.clone(),
            cells: (answers.iter())
                .map(|said| change_cell(&change.pairs, said))
                .collect(),
        });
        Self {
            lessons,
            perturbations: perturbations.collect(),
        }
    }

    /// The lessons on which the model is worse.
    pub fn worse(&self) -> impl Iterator<Item = &LessonRow> {
        let is_worse = |row: &&LessonRow| {
            let change = row.change.as_ref();
            change.is_some_and(|change| change.call == Call::Worse)
        };
        self.lessons.iter().filter(is_worse)
    }
}

fn is_right(said: &Answered, case: Case) -> bool {
    said[case.text] == Some(case.label)
}

fn cell(lesson: &LessonCases, said: &Answered) -> LessonCell {
    let (right, wrong): (Vec<Case>, Vec<Case>) =
        lesson.cases.iter().partition(|case| is_right(said, **case));
    let other_label = |pair: &&Pair| pair.original.label != pair.edit.label;
    let turning = || lesson.pairs.iter().filter(other_label);
    let flips = |pair: &&Pair| said[pair.original.text] != said[pair.edit.text];
    let both = |pair: &&Pair| is_right(said, pair.original) && is_right(said, pair.edit);
    LessonCell {
        passed: Rate {
            count: right.len(),
            of: lesson.cases.len(),
        },
        flipped: Rate {
            count: turning().filter(flips).count(),
            of: turning().count(),
        },
        pairs: Rate {
            count: lesson.pairs.iter().filter(both).count(),
            of: lesson.pairs.len(),
        },
        failed: wrong.into_iter().map(|case| case.text).collect(),
    }
}

fn change_cell(pairs: &[(usize, usize)], said: &Answered) -> Option<ChangeCell> {
    let answered = |text: &usize| said[*text].is_some();
    if !pairs.iter().all(|(_, changed)| answered(changed)) {
        return None;
    }
    let changed = pairs
        .iter()
        .filter(|(text, changed)| said[*text] != said[*changed]);
    let texts: Vec<usize> = changed.map(|(_, changed)| *changed).collect();
    Some(ChangeCell {
        failed: Rate {
            count: texts.len(),
            of: pairs.len(),
        },
        texts,
    })
}

impl Change {
    /// Two models on some texts, as if these were all that is tested.
    fn between(cases: &[Case], tested: &Answered, against: &Answered) -> Self {
        let only = |one: &Answered, other: &Answered| -> Vec<usize> {
            let alone = |case: &&Case| is_right(one, **case) && !is_right(other, **case);
            cases.iter().filter(alone).map(|case| case.text).collect()
        };
        let (lost, gained) = (only(against, tested), only(tested, against));
        let to_lose = cases
            .iter()
            .filter(|case| is_right(against, **case))
            .count();
        Self {
            p: p_worse(lost.len(), gained.len()),
            call: match least_p(to_lose) <= FALSE_ALARM {
                true => Call::NotWorse,
                false => Call::TooFew,
            },
            lost,
            gained,
        }
    }

    fn differing(&self) -> usize {
        self.lost.len() + self.gained.len()
    }
}

/// Marks the lessons on which the model is worse.
fn call_all<'a>(changes: impl Iterator<Item = &'a mut Change>) {
    let mut changes: Vec<&mut Change> = changes.collect();
    let able = |level: f64| {
        let able = changes
            .iter()
            .filter(|change| least_p(change.differing()) <= level);
        able.count()
    };
    // With no lesson at all the first number does.
    let counted = (1..=changes.len()).find(|count| able(FALSE_ALARM / *count as f64) <= *count);
    let level = FALSE_ALARM / counted.unwrap_or(1) as f64;
    for change in &mut changes {
        if change.p <= level {
            change.call = Call::Worse;
        }
    }
}

/// One-sided p of having lost so many texts and gained so many.
fn p_worse(lost: usize, gained: usize) -> f64 {
    match lost > gained {
        true => mcnemar_exact(gained as u64, lost as u64) / 2.0,
        false => 1.0,
    }
}

/// The least p that so many differing texts can give: all of them lost.
fn least_p(differing: usize) -> f64 {
    0.5_f64.powi(i32::try_from(differing).unwrap_or(i32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records::BlindSpotId;
    use crate::support::rng;
    use rand::Rng as _;

    /// Lessons of so many texts of label 1.
    fn suite(sizes: &[usize]) -> Suite {
        let mut next = 0;
        let lessons = sizes.iter().enumerate().map(|(number, size)| {
            let cases = (next..next + size).map(|text| Case { text, label: 1 });
            next += size;
            LessonCases {
                lesson: RecordId(format!("lesson-{number}")),
                blind_spot: BlindSpotId(number as u32),
                snapshot: 1,
                teacher: "ann".into(),
                pattern: None,
                cases: cases.collect(),
                pairs: Vec::new(),
            }
        });
        Suite {
            lessons: lessons.collect(),
            ..Suite::default()
        }
    }

    /// Answers of which a share is right, by lesson.
    fn answers(sizes: &[usize], share: impl Fn(usize) -> f64, rng: &mut rng::Rng) -> Answered {
        let mut all = Vec::new();
        for (lesson, size) in sizes.iter().enumerate() {
            all.extend((0..*size).map(|_| Some(u16::from(rng.gen_bool(share(lesson))))));
        }
        all
    }

    /// Another training of the same model: one answer in twenty differs.
    fn again(of: &Answered, rng: &mut rng::Rng) -> Answered {
        let turned = |answer: &Option<Label>| match rng.gen_bool(0.05) {
            true => answer.map(|label| 1 - label),
            false => *answer,
        };
        of.iter().map(turned).collect()
    }

    #[test]
    fn an_equal_model_passes_and_one_worse_on_a_lesson_fails_in_twenty_of_twenty_seeds() {
        let sizes = [12, 14, 12, 10, 30, 60];
        let suite = suite(&sizes);
        for seed in 0..20 {
            let mut rng = rng::seeded(seed, "equal and worse");
            let learnt = answers(&sizes, |_| 0.95, &mut rng);
            // Two trainings that learnt the same, each with its own slips.
            let [reference, equal] = [(); 2].map(|()| again(&learnt, &mut rng));
            let matrix = Matrix::of(&suite, &[equal, reference.clone()], Some((0, 1)));
            assert_eq!(matrix.worse().count(), 0, "seed {seed}");

            let mut broken = again(&learnt, &mut rng);
            for case in &suite.lessons[2].cases {
                broken[case.text] = Some(0);
            }
            let matrix = Matrix::of(&suite, &[broken, reference], Some((0, 1)));
            let worse: Vec<&str> = matrix.worse().map(|row| row.lesson.0.as_str()).collect();
            assert_eq!(worse, ["lesson-2"], "seed {seed}");
        }
    }

    #[test]
    fn false_alarms_over_all_lessons_are_as_rare_as_is_promised() {
        let sizes = [20, 40, 40, 80];
        let suite = suite(&sizes);
        let mut rng = rng::seeded(5, "false alarms");
        let studies = 4_000;
        let alarms = (0..studies).filter(|_| {
            let (one, other) = (
                answers(&sizes, |_| 0.6, &mut rng),
                answers(&sizes, |_| 0.6, &mut rng),
            );
            Matrix::of(&suite, &[one, other], Some((0, 1)))
                .worse()
                .count()
                > 0
        });
        let share = alarms.count() as f64 / f64::from(studies);
        assert!(share <= FALSE_ALARM, "{share}");
        assert!(
            share > 0.001,
            "so strict that nothing would be found: {share}"
        );
    }

    #[test]
    fn seven_lost_texts_tell_and_six_do_not_whatever_else_is_tested() {
        let sizes = [10, 10, 10];
        let suite = suite(&sizes);
        let all_right = vec![Some(1); 30];
        for (lost, worse) in [(6, 0), (7, 1)] {
            let mut tested = all_right.clone();
            tested[..lost].fill(Some(0));
            let matrix = Matrix::of(&suite, &[tested, all_right.clone()], Some((0, 1)));
            assert_eq!(matrix.worse().count(), worse, "{lost} lost");
        }
    }

    #[test]
    fn what_the_other_model_never_knew_cannot_be_lost_and_that_is_said() {
        let suite = suite(&[10]);
        let mut few = vec![Some(0); 10];
        few[..6].fill(Some(1));
        let none = vec![Some(0); 10];
        let matrix = Matrix::of(&suite, &[none, few], Some((0, 1)));
        let change = matrix.lessons[0].change.as_ref().expect("two models");
        assert_eq!((change.lost.len(), change.call), (6, Call::TooFew));
    }

    #[test]
    fn pairs_flip_only_where_their_labels_differ_and_changes_count_what_moved() {
        let mut suite = suite(&[2]);
        let case = |text, label| Case { text, label };
        suite.lessons[0].pairs = vec![
            Pair {
                original: case(2, 0),
                edit: case(0, 1),
            },
            Pair {
                original: case(3, 1),
                edit: case(1, 1),
            },
        ];
        suite.perturbations = vec![crate::lessons::suite::Variants {
            name: "case".into(),
            pairs: vec![(0, 4), (1, 5)],
        }];
        let said = vec![Some(1), Some(0), Some(0), Some(1), Some(1), Some(1)];
        let silent = vec![Some(1), Some(0), Some(0), Some(1), None, None];
        let matrix = Matrix::of(&suite, &[said, silent], None);
        let cell = &matrix.lessons[0].cells[0];
        assert_eq!((cell.passed.count, cell.passed.of), (1, 2));
        assert_eq!((cell.flipped.count, cell.flipped.of), (1, 1));
        assert_eq!((cell.pairs.count, cell.pairs.of), (1, 2));
        assert_eq!(cell.failed, [1]);
        let changed = matrix.perturbations[0].cells[0].as_ref().expect("asked");
        assert_eq!((changed.failed.count, changed.failed.of), (1, 2));
        assert_eq!(changed.texts, [5]);
        assert_eq!(matrix.perturbations[0].cells[1], None);
    }
}
