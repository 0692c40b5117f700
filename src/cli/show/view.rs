//! What a view from elsewhere selects.

use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use serde::Serialize;

use super::example::{Shown, line};
use crate::discovery::AnswerTable;
use crate::records::ExampleKey;
use crate::session::History;
use crate::session::view::{ColourBy, HandedView, Looks, Row, SpotRef, Stage};
use crate::steps::{OpenProject, State, not_scored};
use crate::support::text::many;
use crate::support::{Error, Result};

/// Lines that are printed at most.
const MOST_LINES: usize = 50;

#[derive(Serialize)]
pub(super) struct ViewShown {
    page: Stage,
    colour_by: ColourBy,
    blind_spot: Option<String>,
    /// The example that is looked at.
    example: Option<Shown>,
    selected: Vec<Shown>,
    /// Ids of the examples that pass search and filters.
    passing: Vec<ExampleKey>,
    scored: usize,
    /// What is set otherwise for it than the project has it.
    set: Vec<String>,
    /// What is another thing here.
    notes: Vec<String>,
}

/// A view, under its own τ and snapshot where they are here; the project stays
/// as it is.
pub(super) fn of(file: &Path, project: &OpenProject, mut state: State) -> Result<ViewShown> {
    let view = HandedView::open(file)?;
    // A project that is open elsewhere can be looked at under any τ.
    state.read_only = None;
    let edits = view.edits(project, &state);
    for edit in &edits.commands {
        state.apply(edit, &mut History::default())?;
    }
    state.refresh();
    let (looks, missing) = view.looks(&state);
    let answers = said(project, &state)?;
    let passing = passing(&looks, &answers, &state)?;
    let selected = looks.selected.iter();
    Ok(ViewShown {
        page: looks.stage,
        colour_by: looks.colour_by,
        blind_spot: looks.spot.and_then(|spot| match spot {
            SpotRef::Frozen(id) => Some(state.blind_spot_name(id)),
            SpotRef::Group(_) => None,
        }),
        example: looks.focus.as_ref().and_then(|key| line(key, &state)),
        selected: selected.filter_map(|key| line(key, &state)).collect(),
        passing,
        scored: answers.len(),
        set: edits.changes,
        notes: edits.notes.into_iter().chain(missing).collect(),
    })
}

/// What the model in use says.
fn said(project: &OpenProject, state: &State) -> Result<AnswerTable> {
    let base = state.answers().ok_or_else(not_scored)?;
    let Some(run) = state.run_in_use() else {
        return Ok(AnswerTable::clone(base));
    };
    let round = state.require_round(state.document.model_round)?;
    let answers = project.answers_of(&round.round)?;
    let of_run = answers.iter().find(|(other, _)| other == run);
    Ok(of_run.map_or_else(
        || AnswerTable::clone(base),
        |(_, said)| base.of_another(Arc::clone(said)),
    ))
}

/// Ids of the examples that pass search and filters, in the order of the data.
fn passing(looks: &Looks, answers: &AnswerTable, state: &State) -> Result<Vec<ExampleKey>> {
    let search = looks.filters.search().map_err(|why| {
        Error::input("the regular expression of the view cannot be read").because(why)
    })?;
    let members = state.members();
    let of_spot = looks.spot.filter(|_| looks.filters.only_spot);
    let of_spot = of_spot.and_then(|spot| match spot {
        SpotRef::Frozen(id) => Some(members.get(&id)?.iter().collect::<BTreeSet<_>>()),
        SpotRef::Group(_) => None,
    });
    let selected: BTreeSet<&ExampleKey> = looks.selected.iter().collect();
    let rows = answers.rows().filter(|row| {
        let (example, answer) = (answers.example(*row), answers.answer(*row));
        let of_filters = Row {
            example,
            truth: answers.truth(*row),
            predicted: answer.label,
            confidence: answer.confidence,
            outcome: answers.outcome(*row),
        };
        let chosen = !looks.filters.only_selected || selected.contains(&example.key);
        looks.filters.let_through(&of_filters)
            && search.finds(example)
            && chosen
            && (of_spot.as_ref()).is_none_or(|members| members.contains(&example.key))
    });
    Ok(rows.map(|row| answers.example(row).key.clone()).collect())
}

impl fmt::Display for ViewShown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.set.is_empty() {
            writeln!(
                f,
                "with {}; the project stays as it is",
                self.set.join(" and ")
            )?;
        }
        for note in &self.notes {
            writeln!(f, "but: {note}")?;
        }
        write!(f, "coloured by {}", self.colour_by.name())?;
        if let Some(name) = &self.blind_spot {
            write!(f, "; blind spot “{name}”")?;
        }
        let (passing, scored) = (self.passing.len(), many(self.scored, "example"));
        write!(f, "; {passing} of {scored} pass the filters")?;
        if let Some(example) = &self.example {
            write!(f, "\nlooked at\n  {example}")?;
        }
        if !self.selected.is_empty() {
            write!(f, "\n{} selected", self.selected.len())?;
        }
        for line in self.selected.iter().take(MOST_LINES) {
            write!(f, "\n  {line}")?;
        }
        match self.selected.len().checked_sub(MOST_LINES) {
            Some(more) if more > 0 => write!(f, "\n  and {more} more; `--json` lists them"),
            _ => Ok(()),
        }
    }
}
