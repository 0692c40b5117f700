//! What the figures rest on: data, runs, openings of *final*, costs.

use super::table::{Cell, Kind, Row, Table};
use crate::steps::data_sheet::{costs, data_files, role_counts};
use crate::steps::{State, Workspace};
use crate::support::Result;

/// All tables on what the figures rest on.
///
/// # Errors
/// When a data file cannot be read any more.
pub(super) fn all(workspace: &Workspace, state: &State) -> Result<Vec<Table>> {
    Ok(vec![
        files(workspace)?,
        roles(state),
        runs(state),
        lesson_tests(state),
        openings(state),
        teachers(workspace, state),
    ])
}

fn files(workspace: &Workspace) -> Result<Table> {
    let columns = [
        ("file", Kind::Text),
        ("rows", Kind::Whole),
        ("sha256", Kind::Text),
    ];
    let mut table = Table::new("data_files", &columns);
    for file in data_files(workspace)? {
        let row = vec![file.name.into(), file.rows.into(), file.sha256.into()];
        table.rows.push(row);
    }
    Ok(table)
}

fn roles(state: &State) -> Table {
    let columns = [
        ("role", Kind::Text),
        ("source", Kind::Text),
        ("rows", Kind::Whole),
        ("groups", Kind::Whole),
    ];
    let mut table = Table::new("roles", &columns);
    let labels = state.dataset.labels.iter();
    let labels = labels.map(|label| (format!("label_{label}"), Kind::Whole));
    table.columns.extend(labels);
    for count in role_counts(&state.dataset) {
        let mut row: Row = vec![
            count.role.name().into(),
            count.source.into(),
            count.rows.into(),
            count.groups.into(),
        ];
        row.extend(count.by_label.into_iter().map(Cell::from));
        table.rows.push(row);
    }
    table
}

fn runs(state: &State) -> Table {
    let mut table = Table::new(
        "runs",
        &[
            ("round", Kind::Whole),
            ("created", Kind::Text),
            ("snapshot", Kind::Whole),
            ("mode", Kind::Text),
            ("arm", Kind::Text),
            ("seed", Kind::Whole),
            ("steps", Kind::Whole),
            ("examples_added", Kind::Whole),
            ("seconds", Kind::Number),
        ],
    );
    for result in &state.rounds {
        let round = &result.round;
        for run in &round.runs {
            table.rows.push(vec![
                round.number.into(),
                round.created.as_str().into(),
                round.snapshot.into(),
                round.plan.mode.to_string().into(),
                run.arm.to_string().into(),
                run.seed.into(),
                run.steps.into(),
                run.added.into(),
                run.seconds.into(),
            ]);
        }
    }
    table
}

/// Whether lessons were learnt, by the samples kept for testing.
fn lesson_tests(state: &State) -> Table {
    let mut table = Table::new(
        "lesson_tests",
        &[
            ("round", Kind::Whole),
            ("lesson", Kind::Text),
            ("blind_spot", Kind::Whole),
            ("teacher", Kind::Text),
            ("trained_samples", Kind::Whole),
            ("test_samples", Kind::Whole),
            ("passed_before", Kind::Whole),
            ("arm", Kind::Text),
            ("seeds", Kind::Whole),
            ("passed_after", Kind::Number),
        ],
    );
    for result in &state.rounds {
        for taught in &result.round.taught {
            for test in &taught.passed_after {
                table.rows.push(vec![
                    result.round.number.into(),
                    taught.lesson.0.as_str().into(),
                    taught.blind_spot.0.into(),
                    taught.teacher.as_str().into(),
                    taught.trained.len().into(),
                    taught.tested.len().into(),
                    taught.passed_before.into(),
                    test.arm.to_string().into(),
                    test.passed.len().into(),
                    test.mean().into(),
                ]);
            }
        }
    }
    table
}

fn openings(state: &State) -> Table {
    let columns = [
        ("round", Kind::Whole),
        ("when", Kind::Text),
        ("reason", Kind::Text),
    ];
    let mut table = Table::new("openings_of_final", &columns);
    for opening in &state.openings {
        table.rows.push(vec![
            opening.round.into(),
            opening.when.as_str().into(),
            opening.reason.as_str().into(),
        ]);
    }
    table
}

fn teachers(workspace: &Workspace, state: &State) -> Table {
    let number = Kind::Number;
    let mut table = Table::new(
        "costs",
        &[
            ("teacher", Kind::Text),
            ("kind", Kind::Text),
            ("lessons", Kind::Whole),
            ("hypotheses", Kind::Whole),
            ("accepted_samples", Kind::Whole),
            ("rejected_samples", Kind::Whole),
            ("person_hours", number),
            ("person_money", number),
            ("llm_hours", number),
            ("tokens", Kind::Whole),
            ("tokens_estimated", Kind::Flag),
            ("llm_money", number),
            ("money_per_sample", number),
        ],
    );
    let lessons = state.document.lessons.values().map(AsRef::as_ref);
    for cost in costs(lessons, workspace.manifest.hourly_rate) {
        let recorded = |cell: Cell| {
            if cost.is_recorded() {
                cell
            } else {
                Cell::Empty
            }
        };
        table.rows.push(vec![
            cost.teacher.as_str().into(),
            if cost.is_llm { "LLM" } else { "person" }.into(),
            cost.lessons.into(),
            cost.hypotheses.into(),
            cost.accepted.into(),
            cost.rejected.into(),
            recorded(cost.person_hours.into()),
            recorded(cost.person_money.into()),
            recorded(cost.llm_hours.into()),
            recorded(cost.tokens.into()),
            recorded(cost.estimated.into()),
            recorded(cost.llm_money.into()),
            cost.per_sample().into(),
        ]);
    }
    table
}
