//! People and language models in one table.

use eframe::egui::{self, ScrollArea, Ui};

use crate::gui::panels::widgets::{caption, empty, explained, section};
use crate::gui::read::{Ask, Read};
use crate::session::{Command, JobKind};
use crate::steps::teachers::{TeacherRow, TeacherTable};
use crate::support::text::figure;

/// Columns with what they mean.
const COLUMNS: [(&str, &str); 9] = [
    ("Teacher", "Who wrote the lessons"),
    ("Blind spot", "Each one, then all of them"),
    ("Samples", "Written, in all states"),
    ("Accepted", "Of those decided on, with 95 % bounds"),
    (
        "Useful",
        "Accepted and wrong for the base model, of those decided on",
    ),
    (
        "Distance",
        "Mean pairwise distance of the accepted samples (1 − cosine, pretrained encoder)",
    ),
    (
        "Distinct-2",
        "Different pairs of neighbouring words over all of them: 1 is no repetition",
    ),
    (
        "Minutes",
        "A person's active time, or waiting for the model",
    ),
    ("For each accepted", "Money for an accepted sample"),
];

/// The page.
pub(super) fn ui(read: &Read<'_>, ui: &mut Ui, out: &mut Vec<Ask>) {
    let idle = read.jobs.active(JobKind::Compare).is_none();
    let measure = ui.add_enabled(idle, egui::Button::new("Measure the teachers"));
    let meaning = "Reads all accepted samples with the base model and the pretrained encoder";
    if measure.on_hover_text(meaning).clicked() {
        out.push(Command::CompareTeachers.into());
    }
    let Some(table) = &read.state.teachers else {
        empty(
            ui,
            "Nothing is measured yet",
            "Measure the teachers to see yield, diversity, cost and effect beside each other",
        );
        return;
    };
    ScrollArea::both()
        .auto_shrink([false, false])
        .show(ui, |ui| {
            written(table, read, ui);
            effects(table, ui);
            for note in &table.notes {
                caption(ui, note.as_str());
            }
        });
}

fn written(table: &TeacherTable, read: &Read<'_>, ui: &mut Ui) {
    egui::Grid::new("teachers")
        .striped(true)
        .spacing([16.0, 6.0])
        .show(ui, |ui| {
            for (name, meaning) in COLUMNS {
                explained(caption(ui, name), meaning);
            }
            ui.end_row();
            for row in &table.rows {
                line(row, table, read, ui);
                ui.end_row();
            }
        });
}

fn line(row: &TeacherRow, table: &TeacherTable, read: &Read<'_>, ui: &mut Ui) {
    ui.label(&row.teacher);
    match row.blind_spot {
        Some(spot) => ui.label(read.state.blind_spot_name(spot)),
        None => ui.strong("all"),
    };
    let drafts = match row.drafts {
        0 => String::new(),
        drafts => format!(" ({drafts} drafts)"),
    };
    ui.label(format!("{}{drafts}", row.samples));
    ui.label(row.accepted.to_string());
    ui.label(row.useful.to_string());
    ui.label(figure(row.mean_distance, 2));
    ui.label(figure(row.distinct_2, 2));
    ui.label(format!("{:.1}", row.seconds / 60.0));
    let currency = table.currency.as_deref().unwrap_or("");
    ui.label(format!("{} {currency}", figure(row.money_per_accepted, 4)));
}

/// What went away after retraining with each teacher alone.
fn effects(table: &TeacherTable, ui: &mut Ui) {
    if table.after.is_empty() {
        return;
    }
    section(
        ui,
        "Trained on each teacher alone, on check",
        "Errors among the most confident texts. “check” is used for choosing and gives no verdict",
    );
    for after in &table.after {
        for figures in &after.sources {
            let best = figures.best_control.as_ref().zip(figures.against_best);
            let against = best.map_or_else(String::new, |(control, (mean, interval))| {
                format!(
                    "; {mean:+.1} [{:+.1}, {:+.1}] against the best control, {control}",
                    interval.lower, interval.upper
                )
            });
            ui.label(format!(
                "{}, {} (n = {}): {:.1} errors, {:.1} with nothing added ({} seeds){against}",
                after.teacher,
                figures.source,
                figures.rows,
                figures.errors,
                figures.base,
                figures.seeds
            ));
        }
        let currency = table.currency.as_deref().unwrap_or("");
        let each = figure(after.money_per_removed, 4);
        caption(
            ui,
            format!(
                "{}: {:+.1} errors removed, {each} {currency} for each",
                after.teacher, after.removed
            ),
        );
    }
    for overlap in &table.overlaps {
        ui.label(format!(
            "Of {} unknown unknowns on check, {} and {} both corrected {}; {} alone {}, {} alone {}",
            overlap.of,
            overlap.first,
            overlap.second,
            overlap.both.len(),
            overlap.first,
            overlap.only_first.len(),
            overlap.second,
            overlap.only_second.len(),
        ));
        let names = |keys: &[crate::records::ExampleKey]| -> String {
            let names: Vec<&str> = keys.iter().map(|key| key.0.as_str()).collect();
            names.join(", ")
        };
        caption(
            ui,
            format!("{} alone: {}", overlap.first, names(&overlap.only_first)),
        );
        caption(
            ui,
            format!("{} alone: {}", overlap.second, names(&overlap.only_second)),
        );
    }
}
