//! The rows of an export with one cell for the answer to each question.

use super::Tool;
use super::row::{Annotated, Cells};
use super::rule::{Answer, Outcome};
use super::survey::Survey;
use crate::dataset::cell::{Cell, Kind, Value};
use crate::dataset::report::Skip;
use crate::dataset::table::{RowRead, Table};
use crate::records::DataSpec;
use crate::support::Result;

/// An export, task by task.
pub(super) struct Answered {
    rows: Box<dyn Table>,
    tool: Tool,
    /// Names of the columns of `rows`.
    source: Vec<String>,
    survey: Survey,
    spec: DataSpec,
    cells: Vec<Cell>,
}

impl Answered {
    pub(super) fn new(
        rows: Box<dyn Table>,
        tool: Tool,
        source: Vec<String>,
        survey: Survey,
        spec: &DataSpec,
    ) -> Self {
        let width = survey.fields.len() + survey.questions.len();
        Self {
            rows,
            tool,
            source,
            survey,
            spec: spec.clone(),
            cells: vec![Cell::default(); width],
        }
    }

    /// Fills the cells; not for a task that was given out before.
    fn fill(&mut self, mut found: Annotated) -> bool {
        if let Some(task) = found
            .task
            .take()
            .and_then(|task| self.survey.tasks.get_mut(&task))
        {
            if std::mem::replace(&mut task.was_given, true) {
                return false;
            }
            found.answers = std::mem::take(&mut task.answers);
        }
        let without: Vec<Answer> = found
            .without
            .iter()
            .map(|why| Answer::Without(*why))
            .collect();
        let fields = self.survey.fields.iter().map(|name| {
            let known = found.fields.iter().position(|(known, _)| known == name);
            known.map_or_else(Cell::default, |at| {
                std::mem::replace(&mut found.fields[at].1, Value::Missing).cell()
            })
        });
        self.cells.clear();
        self.cells.extend(fields);
        for question in &self.survey.questions {
            let to_it = found.answers.iter().filter(|(name, _)| name == question);
            let to_it = to_it.map(|(_, answer)| answer).chain(&without);
            let outcome = Outcome::of(&to_it.collect::<Vec<_>>(), self.spec.disagreement);
            self.cells.push(cell(outcome));
        }
        true
    }
}

fn cell(outcome: Outcome) -> Cell {
    let list =
        |labels: Vec<String>| Value::List(labels.into_iter().map(Value::Text).collect()).cell();
    let without = |why| Cell {
        text: String::new(),
        kind: Kind::Without(why),
    };
    match outcome {
        Outcome::Label(label) | Outcome::Majority(label) => Value::Text(label).cell(),
        Outcome::Several(labels) => list(labels),
        Outcome::Disputed(labels) => list(labels.into_iter().map(|(label, _)| label).collect()),
        Outcome::Spans => without(Skip::Spans),
        Outcome::Without(why) => without(why),
    }
}

impl Table for Answered {
    fn advance(&mut self) -> Result<Option<RowRead>> {
        loop {
            let step = self.rows.advance()?;
            let Some(RowRead::Row(_)) = step else {
                return Ok(step);
            };
            let cells = Cells {
                table: self.rows.as_ref(),
                columns: &self.source,
            };
            let found = self.tool.read(&cells, &self.spec);
            if self.fill(found) {
                return Ok(step);
            }
        }
    }

    fn cell(&self, column: usize) -> &str {
        Cell::text_of(&self.cells, column)
    }

    fn kind(&self, column: usize) -> Kind {
        Cell::kind_of(&self.cells, column)
    }
}
