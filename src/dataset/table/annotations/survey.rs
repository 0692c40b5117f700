//! A pass over an export: its columns, what its annotators answered, and what
//! must be said of that before its labels are used.

use std::collections::{BTreeMap, HashMap};

use super::Tool;
use super::row::{Annotated, Cells};
use super::rule::{Answer, Outcome};
use crate::dataset::spelling::shown;
use crate::dataset::table::{Layout, Refusal, RowRead, Table};
use crate::records::{ColumnNames, DataSpec, Disagreement};
use crate::support::text::many;
use crate::support::{Progress, Result};

/// Rows between two looks at the cancel flag.
const CHECK_EVERY: usize = 4_096;

/// What a pass over an export found.
#[derive(Debug, Default)]
pub(super) struct Survey {
    /// Columns of what is said of tasks.
    pub(super) fields: Vec<String>,
    /// Columns of answers.
    pub(super) questions: Vec<String>,
    /// Answers to tasks of which several rows may speak, by question, and
    /// whether the task has been given out as a row.
    pub(super) tasks: HashMap<String, Task>,
    tallies: BTreeMap<String, Tally>,
    rows: usize,
    /// Rows beyond the first of their task.
    again: usize,
}

/// A task that several rows may speak of.
#[derive(Debug, Default)]
pub(super) struct Task {
    pub(super) answers: Vec<(String, Answer)>,
    pub(super) was_given: bool,
    first_row: u32,
}

/// What the answers to a question come to, over all tasks.
#[derive(Debug, Default)]
struct Tally {
    labels: BTreeMap<String, usize>,
    tasks: usize,
    majority: usize,
    several: Met,
    disputed: Met,
    spans: Met,
    rejected: usize,
}

/// How often something was met, and first where.
#[derive(Debug, Default)]
struct Met {
    count: usize,
    first: Option<(u32, String)>,
}

impl Met {
    fn note(&mut self, row: u32, what: String) {
        self.count += 1;
        self.first.get_or_insert((row, what));
    }
}

impl Survey {
    /// Goes through a table.
    pub(super) fn of(
        table: &mut dyn Table,
        tool: Tool,
        columns: &[String],
        spec: &DataSpec,
        progress: &Progress,
    ) -> Result<Self> {
        let mut survey = Self::default();
        while let Some(step) = table.advance()? {
            let RowRead::Row(row) = step else {
                continue;
            };
            survey.rows += 1;
            if survey.rows.is_multiple_of(CHECK_EVERY) {
                progress.check()?;
            }
            let cells = Cells {
                table: &*table,
                columns,
            };
            survey.take(tool.read(&cells, spec), row, spec);
        }
        let tasks: Vec<(u32, Vec<(String, Outcome)>)> = survey
            .in_order()
            .iter()
            .map(|task| (task.first_row, survey.outcomes(&task.answers, spec)))
            .collect();
        for (row, outcomes) in tasks {
            survey.tally(row, outcomes);
        }
        Ok(survey)
    }

    fn in_order(&self) -> Vec<&Task> {
        let mut tasks: Vec<&Task> = self.tasks.values().collect();
        tasks.sort_by_key(|task| task.first_row);
        tasks
    }

    fn take(&mut self, found: Annotated, row: u32, spec: &DataSpec) {
        for (name, _) in &found.fields {
            if !self.fields.contains(name) {
                self.fields.push(name.clone());
            }
        }
        for (name, _) in &found.answers {
            if !self.questions.contains(name) {
                self.questions.push(name.clone());
            }
        }
        match found.task {
            None => {
                let outcomes = self.outcomes(&found.answers, spec);
                self.tally(row, outcomes);
            }
            Some(task) => {
                let known = self.tasks.entry(task).or_default();
                match known.first_row {
                    0 => known.first_row = row,
                    _ => self.again += 1,
                }
                known.answers.extend(found.answers);
            }
        }
    }

    /// What the answers of a task come to, question by question.
    fn outcomes(&self, answers: &[(String, Answer)], spec: &DataSpec) -> Vec<(String, Outcome)> {
        let questions = self.questions.iter().filter_map(|question| {
            let to_it = answers.iter().filter(|(name, _)| name == question);
            let to_it: Vec<&Answer> = to_it.map(|(_, answer)| answer).collect();
            let outcome = (!to_it.is_empty()).then(|| Outcome::of(&to_it, spec.disagreement))?;
            Some((question.clone(), outcome))
        });
        questions.collect()
    }

    fn tally(&mut self, row: u32, outcomes: Vec<(String, Outcome)>) {
        for (question, outcome) in outcomes {
            let tally = self.tallies.entry(question).or_default();
            tally.tasks += 1;
            match outcome {
                Outcome::Majority(label) => {
                    tally.majority += 1;
                    tally.label(label);
                }
                Outcome::Label(label) => tally.label(label),
                Outcome::Several(labels) => tally.several.note(row, listed(&labels)),
                Outcome::Disputed(labels) => {
                    let labels: Vec<String> = labels
                        .iter()
                        .map(|(label, count)| format!("`{}` by {count}", shown(label)))
                        .collect();
                    tally.disputed.note(row, labels.join(", "));
                }
                Outcome::Spans => tally.spans.note(row, String::new()),
                Outcome::Without(why) => {
                    tally.rejected += usize::from(why == crate::dataset::report::Skip::Rejected);
                }
            }
        }
    }

    /// Says in the layout which columns the export stands for and what is to be
    /// known of its answers.
    pub(super) fn describe(&self, tool: Tool, spec: &DataSpec, layout: &mut Layout) {
        layout.columns.clone_from(&self.fields);
        layout.columns.extend(self.columns_of_questions());
        layout.tool = Some(tool.name());
        let label = self.label_question(tool);
        let column = |question: &String| self.column_of(question);
        layout.suggested = ColumnNames {
            label: label.map(column),
            ..ColumnNames::default()
        };
        if let Some(question) = label {
            layout.notes.push(format!(
                "an export of {}: the label is what annotators answered to `{question}`",
                tool.name()
            ));
        }
        if self.again > 0 {
            layout.notes.push(format!(
                "{} of its rows are further answers to tasks that came before",
                self.again
            ));
        }
        for (question, tally) in &self.tallies {
            layout
                .refusals
                .extend(tally.refusals(question, &self.column_of(question), tool, spec));
            let asked_for =
                label == Some(question) || spec.columns.label.as_ref() == Some(question);
            if tally.majority > 0 && asked_for {
                layout.doubts.push(format!(
                    "annotators disagree on {} of {} (`{question}`), which have the label of the \
                     majority, as project.toml says",
                    tally.majority,
                    many(tally.tasks, "task"),
                ));
            }
        }
    }

    /// The question whose answers are labels, if there is only one such.
    fn label_question(&self, tool: Tool) -> Option<&String> {
        if tool == Tool::LabelStudioRows {
            return None;
        }
        match self.questions.as_slice() {
            [only] => Some(only),
            several => {
                let has_labels = |question: &&String| {
                    let tally = self.tallies.get(*question);
                    tally.is_some_and(|tally| !tally.labels.is_empty())
                };
                let mut labelled = several.iter().filter(has_labels);
                labelled.next().filter(|_| labelled.next().is_none())
            }
        }
    }

    /// The columns of the questions, in their order.
    fn columns_of_questions(&self) -> Vec<String> {
        self.questions
            .iter()
            .map(|question| self.column_of(question))
            .collect()
    }

    /// The column of a question: told apart from a field of its name.
    fn column_of(&self, question: &String) -> String {
        match self.fields.contains(question) {
            true => format!("{question} (annotated)"),
            false => question.clone(),
        }
    }
}

impl Tally {
    fn label(&mut self, label: String) {
        // Texts may be among what is asked; only few labels are of interest.
        if self.labels.len() < 3 {
            *self.labels.entry(label).or_default() += 1;
        }
    }

    /// Why the column of a question cannot be the label.
    fn refusals(&self, question: &str, column: &str, tool: Tool, spec: &DataSpec) -> Vec<Refusal> {
        let mut refusals = Vec::new();
        let mut refuse = |why: String, hint: String| {
            refusals.push(Refusal {
                column: column.to_owned(),
                why,
                hint,
            });
        };
        let of_tasks = |met: &Met| format!("{} of {}", met.count, many(self.tasks, "task"));
        if let Some((row, labels)) = &self.several.first {
            refuse(
                format!(
                    "in {} the answer to `{question}` has several labels, first in row {row} \
                     ({labels}); this is a multi-label set, in which a text has several labels at \
                     once",
                    of_tasks(&self.several)
                ),
                "keep the tasks with one label, or make a data set of each label, with yes and no"
                    .to_owned(),
            );
        }
        if let Some((row, labels)) = &self.disputed.first {
            let settings =
                Disagreement::ALL.map(|one| format!("disagreement = \"{}\"", one.name()));
            refuse(
                format!(
                    "annotators disagree on {} (`{question}`), first in row {row} ({labels})",
                    of_tasks(&self.disputed)
                ),
                format!(
                    "settle them in {}, or say under [data] what counts: {}",
                    tool.name(),
                    settings.join(" or ")
                ),
            );
        }
        let spans_only = self.spans.count > 0 && self.labels.is_empty();
        if let (true, Some((row, _))) = (spans_only, &self.spans.first) {
            refuse(
                format!(
                    "in {} the answer to `{question}` labels parts of the text, first in row {row}; \
                     no text has a label of its own",
                    of_tasks(&self.spans)
                ),
                "export a project whose annotators choose a label for the whole text".to_owned(),
            );
        }
        let one_label = self.labels.len() == 1 && spec.rejected.is_none();
        let only = self
            .labels
            .keys()
            .next()
            .filter(|_| one_label && self.rejected > 0);
        if let Some(only) = only {
            refuse(
                format!(
                    "its annotators were asked about one label only, `{}`: {} were accepted and {} \
                     rejected, and which label the rejected ones have is not said",
                    shown(only),
                    self.labels.values().sum::<usize>(),
                    self.rejected
                ),
                "say it under [data], for instance rejected = \"other\"".to_owned(),
            );
        }
        refusals
    }
}

fn listed(labels: &[String]) -> String {
    let labels: Vec<String> = labels
        .iter()
        .take(5)
        .map(|label| format!("`{}`", shown(label)))
        .collect();
    labels.join(", ")
}
