//! What each arm adds to the training data: the same number N of examples
//! for every arm, so that only their kind differs.

use std::collections::BTreeSet;

use rand::seq::SliceRandom as _;

use crate::dataset::Dataset;
use crate::discovery::Truths;
use crate::records::{Arm, ExampleKey, Label, Lesson, Recipe, RecordId, Role, Text};
use crate::steps::retrain::balance::balanced;
use crate::support::rng;

/// A text with its label, to be added to the training data.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Addition {
    /// The text.
    pub text: Text,
    /// Its label.
    pub label: Label,
}

/// Where the arms take their examples from.
pub struct Pool<'a> {
    /// The data set with its reserve and discovery rows.
    pub dataset: &'a Dataset,
    /// Its true labels. Rows whose label nobody can say are not added.
    pub truths: &'a Truths,
    /// Unknown unknowns of the snapshot in use, with triage applied: keys and
    /// right labels.
    pub unknown_unknowns: Vec<(ExampleKey, Label)>,
    /// Lessons in use.
    pub lessons: Vec<&'a Lesson>,
    /// Samples that copy a text of *check* or *final*: never trained on.
    pub refused: BTreeSet<RecordId>,
    /// How the arms are trained.
    pub recipe: &'a Recipe,
}

impl Pool<'_> {
    /// The number N that every arm adds: the smallest number of training
    /// samples among the lesson arms asked for.
    ///
    /// Several teachers are compared at the size of the smallest, since a
    /// teacher who wrote more would otherwise win by that alone. Lessons that
    /// are taught alone are not compared with each other: each is added whole,
    /// and the largest sets the steps that all take.
    pub fn common_count(&self, arms: &[Arm]) -> usize {
        let with_lessons = arms.iter().filter(|arm| !arm.is_control());
        let counts = with_lessons.map(|arm| self.lesson_samples(arm).len());
        let counts = counts.filter(|count| *count > 0);
        let common = match arms.iter().any(Arm::is_alone) {
            true => counts.max(),
            false => counts.min(),
        };
        common.unwrap_or(0)
    }

    /// Whether an arm trains on a lesson.
    pub fn teaches(lesson: &Lesson, arm: &Arm) -> bool {
        belongs(lesson, arm)
    }

    /// The N examples that an arm adds with a seed; `None` when the arm has
    /// nothing to draw from (no lessons by that teacher, no reserve) or N is 0:
    /// then it would only be the base arm once more.
    ///
    /// Arms with fewer than N examples of their kind repeat some; a lesson that
    /// is taught alone adds each of its samples once.
    pub fn additions(&self, arm: &Arm, n: usize, seed: u64) -> Option<Vec<Addition>> {
        let mut candidates = match arm {
            Arm::Reference | Arm::Base => return Some(Vec::new()),
            Arm::Other(_) => return None,
            Arm::Extra => self.rows(Role::Reserve),
            Arm::RandomDiscovery => self.rows(Role::Discovery),
            Arm::Uus => self.uus(),
            Arm::LessonsAndLabels => return self.lessons_and_labels(n, seed),
            Arm::Lesson(_)
            | Arm::Lessons(_)
            | Arm::AllLessons
            | Arm::LlmLabels
            | Arm::SamplesWithoutHypotheses
            | Arm::ExtrapolationWithoutClusters => self.lesson_samples(arm),
        };
        if candidates.is_empty() || n == 0 {
            return None;
        }
        candidates.sort();
        candidates.shuffle(&mut rng::seeded(seed, &format!("additions {arm}")));
        let n = match arm.is_alone() {
            true => n.min(candidates.len()),
            false => n,
        };
        let of_discovery = || self.rows(Role::Discovery);
        Some(balanced(candidates, n, self.recipe.balance, &of_discovery))
    }

    /// Lessons and, for a share of N, the very rows that the arm of ordinary
    /// labelled rows begins with.
    fn lessons_and_labels(&self, n: usize, seed: u64) -> Option<Vec<Addition>> {
        let labelled = (self.recipe.label_share * n as f64).round() as usize;
        let rows = self.additions(&Arm::RandomDiscovery, n, seed)?;
        let lessons = self.additions(&Arm::AllLessons, n, seed)?;
        let lessons = lessons.into_iter().take(n - labelled.min(n));
        Some(rows.into_iter().take(labelled).chain(lessons).collect())
    }

    fn rows(&self, role: Role) -> Vec<Addition> {
        let rows = self.dataset.with_role(role).into_iter();
        rows.filter_map(|index| {
            Some(Addition {
                text: self.dataset.examples[index].text()?.clone(),
                label: self.truths.of(self.dataset, index)?,
            })
        })
        .collect()
    }

    fn uus(&self) -> Vec<Addition> {
        self.unknown_unknowns
            .iter()
            .filter_map(|(key, label)| {
                let text = self.dataset.examples[self.dataset.index_of(key)?].text()?;
                Some(Addition {
                    text: text.clone(),
                    label: *label,
                })
            })
            .collect()
    }

    fn lesson_samples(&self, arm: &Arm) -> Vec<Addition> {
        self.lessons
            .iter()
            .filter(|lesson| belongs(lesson, arm))
            .filter(|lesson| arm.is_alone() || !lesson.left_out)
            .flat_map(|lesson| lesson.written_to_train())
            .filter(|sample| !self.refused.contains(&sample.id))
            .filter_map(|sample| {
                Some(Addition {
                    text: sample.text.clone(),
                    label: self.dataset.label_of(&sample.label)?,
                })
            })
            .collect()
    }
}

/// Teacher names under which samples for the LLM controls are stored.
const WITHOUT_HYPOTHESES: &str = "samples-without-hypotheses";
const WITHOUT_CLUSTERS: &str = "extrapolation-without-clusters";
/// The teacher name under which real rows with labels by a language model are
/// stored.
const LLM_LABELS: &str = "llm-labels";

fn belongs(lesson: &Lesson, arm: &Arm) -> bool {
    let control =
        [WITHOUT_HYPOTHESES, WITHOUT_CLUSTERS, LLM_LABELS].contains(&lesson.teacher.as_str());
    match arm {
        Arm::Lesson(id) => lesson.id == *id,
        Arm::Lessons(teacher) => lesson.teacher == *teacher && !control,
        Arm::AllLessons | Arm::LessonsAndLabels => !control,
        Arm::LlmLabels => lesson.teacher == LLM_LABELS,
        Arm::SamplesWithoutHypotheses => lesson.teacher == WITHOUT_HYPOTHESES,
        Arm::ExtrapolationWithoutClusters => lesson.teacher == WITHOUT_CLUSTERS,
        Arm::Reference
        | Arm::Base
        | Arm::Extra
        | Arm::Uus
        | Arm::RandomDiscovery
        | Arm::Other(_) => false,
    }
}

/// The arms that are trained with what is there unless others are named: all
/// controls, every teacher, and all teachers together when there are several.
pub fn available_arms(lessons: &[&Lesson]) -> Vec<Arm> {
    let mut teachers: Vec<&str> = lessons
        .iter()
        .filter(|lesson| belongs(lesson, &Arm::AllLessons))
        .filter(|lesson| lesson.training_samples().next().is_some())
        .map(|lesson| lesson.teacher.as_str())
        .collect();
    teachers.sort_unstable();
    teachers.dedup();
    let mut arms = vec![
        Arm::Reference,
        Arm::Base,
        Arm::Extra,
        Arm::Uus,
        Arm::RandomDiscovery,
    ];
    for arm in [
        Arm::LlmLabels,
        Arm::SamplesWithoutHypotheses,
        Arm::ExtrapolationWithoutClusters,
    ] {
        if lessons.iter().any(|lesson| belongs(lesson, &arm)) {
            arms.push(arm);
        }
    }
    arms.extend(teachers.iter().map(|t| Arm::Lessons((*t).to_owned())));
    if teachers.len() > 1 {
        arms.push(Arm::AllLessons);
    }
    arms
}

/// The arms that can be named beside the usual ones.
pub fn further_arms(lessons: &[&Lesson]) -> Vec<Arm> {
    let of_teachers = lessons.iter().any(|lesson| {
        belongs(lesson, &Arm::LessonsAndLabels) && lesson.training_samples().next().is_some()
    });
    of_teachers
        .then_some(Arm::LessonsAndLabels)
        .into_iter()
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::inference::fixture::Fixture;
    use crate::records::{Author, BlindSpotId, Sample};
    use crate::steps::retrain::additions::*;

    fn lesson(id: &str, samples: usize) -> Lesson {
        let sample = |number: usize| {
            let text = Text::single(format!("{id} {number}"));
            Sample::new(RecordId(format!("{id}-{number}")), text, "0", Author::Human)
        };
        Lesson {
            samples: (0..samples).map(sample).collect(),
            ..Lesson::new(
                RecordId(id.into()),
                (BlindSpotId(1), 1),
                "ann",
                Author::Human,
            )
        }
    }

    #[test]
    fn a_lesson_alone_adds_each_sample_once_also_when_it_is_left_out() {
        let mut fixture = Fixture::new(2, 1);
        fixture.add("a film", 0, Role::Discovery, &[1.0, 0.0], &[0.0]);
        let (dataset, _) = fixture.build();
        let label = dataset.labels[0].clone();
        let mut lessons = [lesson("small", 2), lesson("large", 5)];
        for sample in lessons.iter_mut().flat_map(|lesson| &mut lesson.samples) {
            sample.label.clone_from(&label);
        }
        lessons[1].left_out = true;
        let pool = Pool {
            dataset: &dataset,
            truths: &Truths::default(),
            unknown_unknowns: Vec::new(),
            lessons: lessons.iter().collect(),
            refused: BTreeSet::new(),
            recipe: &Recipe::default(),
        };
        let alone = ["small", "large"].map(|id| Arm::Lesson(RecordId(id.into())));
        let n = pool.common_count(&alone);
        assert_eq!(n, 5, "the largest sets the steps of all");
        for (arm, size) in alone.iter().zip([2, 5]) {
            let mut added = pool.additions(arm, n, 0).expect("has samples");
            added.sort();
            added.dedup();
            assert_eq!(added.len(), size, "{arm}");
        }
        let together = pool.additions(&Arm::AllLessons, 5, 0).expect("has samples");
        let is_small = |one: &Addition| one.text.first.starts_with("small");
        assert!(together.iter().all(is_small), "the other is left out");
    }

    #[test]
    fn arms_that_would_add_nothing_are_left_out_and_the_base_arm_stays() {
        let mut fixture = Fixture::new(2, 1);
        for role in [Role::Reserve, Role::Discovery] {
            fixture.add("a dull film", 0, role, &[1.0, 0.0], &[0.0]);
        }
        let (dataset, _) = fixture.build();
        let pool = Pool {
            dataset: &dataset,
            truths: &Truths::default(),
            unknown_unknowns: Vec::new(),
            lessons: Vec::new(),
            refused: BTreeSet::new(),
            recipe: &Recipe::default(),
        };
        for arm in [Arm::Extra, Arm::RandomDiscovery, Arm::Uus] {
            assert_eq!(pool.additions(&arm, 0, 0), None, "{arm}");
        }
        assert_eq!(pool.additions(&Arm::Base, 0, 0), Some(Vec::new()));
        let repeated = pool.additions(&Arm::Extra, 2, 0).expect("has a reserve");
        assert_eq!(repeated.len(), 2);
    }
}
