//! Plain facts about a project that reports and exports tell: its files with
//! checksums, its rows by role and source, what teaching cost.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::workspace::Workspace;
use crate::dataset::{Dataset, folder};
use crate::records::{Author, Lesson, Review, Role, resolve};
use crate::support::figures::{Cell, Figure, figure};
use crate::support::{Result, hash};

/// A data file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DataFile {
    /// Its name, relative to the project.
    pub name: String,
    /// Its SHA-256.
    pub sha256: String,
    /// Examples read from it.
    pub rows: usize,
}

/// The data files with checksums and rows.
///
/// # Errors
/// When one cannot be read any more.
pub fn data_files(workspace: &Workspace) -> Result<Vec<DataFile>> {
    let dataset = &workspace.dataset;
    let mut rows = vec![0; dataset.files.len()];
    for example in &dataset.examples {
        if let Some(rows) = rows.get_mut(usize::from(example.origin.file)) {
            *rows += 1;
        }
    }
    let files = dataset.files.iter().zip(rows);
    files
        .map(|(name, rows)| {
            let path = resolve(&workspace.folder, std::path::Path::new(name))?;
            Ok(DataFile {
                name: name.clone(),
                sha256: match path.is_dir() {
                    true => folder::checksum(&path)?,
                    false => hash::file(&path)?,
                },
                rows,
            })
        })
        .collect()
}

/// The rows of a source that have a role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RoleCount {
    /// The role.
    pub role: Role,
    /// Name of the source.
    pub source: String,
    /// How many.
    pub rows: usize,
    /// In how many groups.
    pub groups: usize,
    /// Rows of each label, in the order of the labels.
    pub by_label: Vec<usize>,
}

/// Counts of rows by role and source, without empty ones; *final* is counted
/// like the others.
pub fn role_counts(dataset: &Dataset) -> Vec<RoleCount> {
    type Count = (usize, BTreeSet<u32>, Vec<usize>);
    let mut counts: BTreeMap<(Role, u16), Count> = BTreeMap::new();
    for example in &dataset.examples {
        let count = counts.entry((example.role, example.source));
        let (rows, groups, by_label) =
            count.or_insert_with(|| (0, BTreeSet::new(), vec![0; dataset.labels.len()]));
        *rows += 1;
        groups.insert(example.group);
        if let Some(rows) = by_label.get_mut(usize::from(example.label)) {
            *rows += 1;
        }
    }
    let name = |source: u16| dataset.sources.get(usize::from(source)).cloned();
    counts
        .into_iter()
        .map(|((role, source), (rows, groups, by_label))| RoleCount {
            role,
            source: name(source).unwrap_or_default(),
            rows,
            groups: groups.len(),
            by_label,
        })
        .collect()
}

/// What one teacher's lessons cost and gave.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TeacherCost {
    /// Name of the teacher.
    pub teacher: String,
    /// Whether the teacher is a language model.
    pub is_llm: bool,
    /// Lessons.
    pub lessons: usize,
    /// Hypotheses in them.
    pub hypotheses: usize,
    /// Accepted samples.
    pub accepted: usize,
    /// Refused samples.
    pub rejected: usize,
    /// Hours a person spent: writing, or reviewing what a model wrote.
    pub person_hours: f64,
    /// What these hours cost; `None` without an hourly rate.
    pub person_money: Option<f64>,
    /// Hours spent waiting for the language model.
    pub llm_hours: f64,
    /// Tokens sent and received.
    pub tokens: u64,
    /// Price of the calls.
    pub llm_money: f64,
    /// Whether tokens were estimated.
    pub estimated: bool,
}

impl TeacherCost {
    /// Whether any time, tokens or money were recorded; lessons from a file
    /// may come without.
    pub fn is_recorded(&self) -> bool {
        self.person_hours > 0.0 || self.tokens > 0 || self.llm_hours > 0.0 || self.llm_money > 0.0
    }

    fn recorded(&self, cell: impl Into<Cell>) -> Cell {
        if self.is_recorded() {
            cell.into()
        } else {
            Cell::Empty
        }
    }

    /// All money for each accepted sample, if it is known.
    pub fn per_sample(&self) -> Option<f64> {
        let person = if self.person_hours > 0.0 {
            self.person_money?
        } else {
            0.0
        };
        (self.accepted > 0 && self.is_recorded())
            .then(|| (person + self.llm_money) / self.accepted as f64)
    }
}

/// What teaching cost; money is in the project's currency. Nothing is shown
/// of time, tokens and money that were not recorded.
pub fn cost_figures() -> Vec<Figure<TeacherCost>> {
    vec![
        figure("teacher").words("teacher", |cost: &TeacherCost| cost.teacher.clone()),
        figure("kind").words("kind", |cost: &TeacherCost| match cost.is_llm {
            true => "LLM",
            false => "person",
        }),
        figure("lessons").whole("lessons", |cost: &TeacherCost| cost.lessons),
        figure("hypotheses").whole("hypotheses", |cost: &TeacherCost| cost.hypotheses),
        figure("samples accepted / refused")
            .print("{accepted_samples} / {rejected_samples}")
            .whole("accepted_samples", |cost: &TeacherCost| cost.accepted)
            .whole("rejected_samples", |cost| cost.rejected),
        figure("person, hours")
            .number("person_hours", 2, |cost: &TeacherCost| {
                cost.recorded(cost.person_hours)
            })
            .meaning("Active time; beside a model's name it is review."),
        figure("person, money").number("person_money", 2, |cost: &TeacherCost| {
            cost.recorded(cost.person_money)
        }),
        figure("model, hours")
            .number("llm_hours", 2, |cost: &TeacherCost| {
                cost.recorded(cost.llm_hours)
            })
            .meaning("Time spent waiting for the language model."),
        figure("tokens")
            .whole("tokens", |cost: &TeacherCost| cost.recorded(cost.tokens))
            .meaning("Sent and received."),
        figure("estimated")
            .words("tokens_estimated", |cost: &TeacherCost| {
                cost.recorded(cost.estimated)
            })
            .meaning("Whether tokens were estimated, since a server did not tell them."),
        figure("model, money").number("llm_money", 2, |cost: &TeacherCost| {
            cost.recorded(cost.llm_money)
        }),
        figure("money per accepted sample").number("money_per_sample", 2, TeacherCost::per_sample),
    ]
}

/// Costs by teacher, people first. `usual_rate` is the project's hourly rate,
/// for lessons that name none.
pub fn costs<'a>(
    lessons: impl Iterator<Item = &'a Lesson>,
    usual_rate: Option<f64>,
) -> Vec<TeacherCost> {
    let mut by_teacher: BTreeMap<(bool, String), Vec<&Lesson>> = BTreeMap::new();
    for lesson in lessons {
        let is_llm = matches!(lesson.author, Author::Llm { .. });
        let teacher = by_teacher.entry((is_llm, lesson.teacher.clone()));
        teacher.or_default().push(lesson);
    }
    by_teacher
        .into_iter()
        .map(|((is_llm, teacher), lessons)| cost(teacher, is_llm, &lessons, usual_rate))
        .collect()
}

fn cost(teacher: String, is_llm: bool, lessons: &[&Lesson], usual: Option<f64>) -> TeacherCost {
    let samples = || lessons.iter().flat_map(|lesson| &lesson.samples);
    let hours = |seconds: f64| seconds / 3600.0;
    let person_money = lessons
        .iter()
        .filter(|lesson| lesson.cost.active_seconds > 0.0)
        .map(|lesson| {
            let rate = lesson.cost.hourly_rate.or(usual)?;
            Some(hours(lesson.cost.active_seconds) * rate)
        })
        .sum::<Option<f64>>();
    let of = |part: fn(&Lesson) -> f64| lessons.iter().map(|lesson| part(lesson)).sum::<f64>();
    TeacherCost {
        teacher,
        is_llm,
        lessons: lessons.len(),
        hypotheses: lessons.iter().map(|lesson| lesson.hypotheses.len()).sum(),
        accepted: samples().filter(|s| s.is_accepted()).count(),
        rejected: samples()
            .filter(|s| matches!(s.review, Review::Rejected { .. }))
            .count(),
        person_hours: hours(of(|lesson| lesson.cost.active_seconds)),
        person_money,
        llm_hours: hours(of(|lesson| lesson.cost.llm_seconds)),
        tokens: lessons
            .iter()
            .map(|lesson| lesson.cost.input_tokens + lesson.cost.output_tokens)
            .sum(),
        llm_money: of(|lesson| lesson.cost.money),
        estimated: lessons.iter().any(|lesson| lesson.cost.estimated),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records::{BlindSpotId, Cost, RecordId};

    fn lesson(author: Author, cost: Cost) -> Lesson {
        let id = RecordId::random("lesson");
        Lesson {
            cost,
            ..Lesson::new(id, (BlindSpotId(1), 1), "t", author)
        }
    }

    #[test]
    fn money_for_time_without_a_rate_is_unknown_not_zero() {
        let hour = Cost {
            active_seconds: 3600.0,
            ..Cost::default()
        };
        let priced = Cost {
            hourly_rate: Some(40.0),
            ..hour.clone()
        };
        let lessons = [lesson(Author::Human, hour), lesson(Author::Human, priced)];
        assert_eq!(costs(lessons.iter(), None)[0].person_money, None);
        assert_eq!(
            costs(lessons.iter(), Some(20.0))[0].person_money,
            Some(60.0)
        );
    }

    #[test]
    fn people_and_models_of_one_name_are_told_apart() {
        let llm = Author::Llm {
            model: "m".into(),
            prompt: None,
        };
        let lessons = [
            lesson(llm, Cost::default()),
            lesson(Author::Human, Cost::default()),
        ];
        let costs = costs(lessons.iter(), None);
        assert_eq!(costs.len(), 2);
        assert!(!costs[0].is_llm && costs[1].is_llm);
        assert!(!costs[0].is_recorded() && costs[0].per_sample().is_none());
    }
}
