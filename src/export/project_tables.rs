//! What the figures rest on: data, runs, openings of *final*, costs.

use super::table::{Row, Table};
use crate::steps::check_hypotheses::{check_figures, check_rows};
use crate::steps::data_sheet::{cost_figures, costs, data_files, role_counts};
use crate::steps::{State, Workspace};
use crate::support::Result;
use crate::support::figures::{Cell, cells};

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
        hypotheses(state),
        openings(state),
        teachers(workspace, state),
    ])
}

fn files(workspace: &Workspace) -> Result<Table> {
    let columns = ["file", "rows", "sha256"];
    let mut table = Table::new("data_files", &columns);
    for file in data_files(workspace)? {
        let row = vec![file.name.into(), file.rows.into(), file.sha256.into()];
        table.rows.push(row);
    }
    Ok(table)
}

fn roles(state: &State) -> Table {
    let columns = ["role", "source", "rows", "groups"];
    let mut table = Table::new("roles", &columns);
    let labels = state.dataset.labels.iter();
    table
        .columns
        .extend(labels.map(|label| format!("label_{label}")));
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
            "round",
            "created",
            "snapshot",
            "mode",
            "arm",
            "seed",
            "steps",
            "examples_added",
            "seconds",
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
            "round",
            "lesson",
            "blind_spot",
            "teacher",
            "trained_samples",
            "test_samples",
            "passed_before",
            "arm",
            "seeds",
            "passed_after",
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

/// Every hypothesis with its checks, unchecked ones too.
fn hypotheses(state: &State) -> Table {
    let figures = check_figures();
    let columns = ["lesson", "hypothesis"];
    let mut table = Table::new("hypotheses", &columns).figures(&figures);
    for checked in check_rows(&state.document) {
        let mut row: Row = vec![
            checked.lesson.0.as_str().into(),
            checked.hypothesis.0.as_str().into(),
        ];
        row.extend(cells(&figures, &checked));
        table.rows.push(row);
    }
    table
}

fn openings(state: &State) -> Table {
    let columns = ["round", "when", "reason"];
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
    let figures = cost_figures();
    let mut table = Table::new("costs", &[]).figures(&figures);
    let lessons = state.document.lessons.values().map(AsRef::as_ref);
    let costs = costs(lessons, workspace.manifest.hourly_rate);
    table.rows = costs
        .iter()
        .map(|cost| cells(&figures, cost).collect())
        .collect();
    table
}
