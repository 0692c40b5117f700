//! Tables of figures: every arm on every slice, and every blind spot.

use eframe::egui::{Grid, RichText, Ui};

use crate::comparison::outcomes::Rate;
use crate::comparison::{ArmFigures, BlindSpotFigures, BlindSpotTable, SliceTable};
use crate::gui::panels::widgets::{caption, count, explained, section};
use crate::gui::theme::tokens;
use crate::gui::words;

/// Shows all arms on a slice.
pub(super) fn slice_table(slice: &SliceTable, ui: &mut Ui) {
    section(ui, &capitalised(&slice.slice.to_string()), words::COVERAGE);
    caption(
        ui,
        format!(
            "{} rows in {} groups, of which the base holds {} with confidence τ or more. {}",
            count(slice.rows),
            count(slice.groups),
            count(slice.confident),
            slice.power.sentence
        ),
    );
    let headers = [
        ("arm", words::ARMS),
        ("errors at matched coverage", words::COVERAGE),
        ("against the best control", words::AGAINST_BEST),
        ("UUs", words::UU),
        ("after scaling", words::TEMPERATURE),
        ("corrected", words::OUTCOMES),
        ("quieted", words::OUTCOMES),
        ("remaining", words::OUTCOMES),
        ("new", words::OUTCOMES),
        ("accuracy", words::GUARD),
    ];
    Grid::new(("slice", slice.slice.to_string()))
        .num_columns(headers.len())
        .spacing([16.0, 5.0])
        .striped(true)
        .show(ui, |ui| {
            for (name, meaning) in headers {
                explained(caption(ui, name), meaning);
            }
            ui.end_row();
            for figures in &slice.arms {
                arm_row(figures, ui);
                ui.end_row();
            }
        });
}

fn arm_row(figures: &ArmFigures, ui: &mut Ui) {
    let name = RichText::new(figures.arm.to_string());
    let name = if figures.arm.is_control() {
        name
    } else {
        name.strong()
    };
    explained(ui.label(name), &figures.arm.meaning());
    let by_seed: Vec<String> = figures
        .matched_errors_by_seed
        .iter()
        .map(|errors| format!("{errors:.0}"))
        .collect();
    ui.label(RichText::new(format!("{:.1}", figures.matched_errors)).strong())
        .on_hover_text(format!("by seed: {}", by_seed.join(", ")));
    against_best(figures, ui);
    let outcomes = &figures.outcomes;
    for number in [
        figures.unknown_unknowns,
        figures.unknown_unknowns_scaled,
        outcomes.corrected,
        outcomes.quieted,
        outcomes.remaining,
        outcomes.new,
    ] {
        ui.label(format!("{number:.1}"));
    }
    let change = &figures.accuracy_change;
    ui.label(format!(
        "{:.1} %  ({:+.1}, {:+.1} to {:+.1})",
        figures.accuracy * 100.0,
        change.mean,
        change.interval.lower,
        change.interval.upper
    ));
}

fn against_best(figures: &ArmFigures, ui: &mut Ui) {
    let Some(best) = figures.versus.first().filter(|_| !figures.arm.is_control()) else {
        ui.label("");
        return;
    };
    let difference = &best.difference;
    ui.label(format!(
        "{:+.1} ({:+.1} to {:+.1})",
        difference.mean, difference.interval.lower, difference.interval.upper
    ))
    .on_hover_text(format!(
        "against {}, {} seeds, 95 % interval",
        best.control, difference.seeds
    ));
}

/// Shows each blind spot's region before and after.
pub(super) fn blind_spots(tables: &[BlindSpotTable], ui: &mut Ui) {
    section(
        ui,
        "Per blind spot",
        "Confident errors in each region, with 95 % Wilson bounds of their share",
    );
    Grid::new("blind spots compared")
        .spacing([16.0, 5.0])
        .striped(true)
        .show(ui, |ui| {
            for name in ["blind spot", "rows", "before"] {
                caption(ui, name);
            }
            if let Some(first) = tables.first() {
                for arm in &first.arms {
                    caption(ui, arm.arm.to_string());
                }
            }
            ui.end_row();
            for table in tables {
                let name = RichText::new(&table.name);
                ui.label(if table.taught { name.strong() } else { name });
                ui.label(table.rows.to_string());
                rate(&table.before, ui);
                for arm in &table.arms {
                    rate(&arm.after, ui);
                }
                if !table.enough_rows {
                    caption(ui, "too few rows to judge");
                }
                ui.end_row();
            }
        });
}

/// Shows what became of the errors that no teacher saw.
pub(super) fn kept_back(tables: &[BlindSpotTable], ui: &mut Ui) {
    let tested: Vec<&BlindSpotTable> = tables.iter().filter(|t| t.kept_back > 0).collect();
    let Some(first) = tested.first() else {
        return;
    };
    section(ui, "Errors kept back from teachers", words::KEPT_BACK);
    caption(
        ui,
        "corrected / quieted / remaining, means over seeds; arms that may have been trained on \
         these errors are left out",
    );
    let asked = |figures: &&BlindSpotFigures| figures.kept_back.is_some();
    Grid::new("errors kept back")
        .spacing([16.0, 5.0])
        .striped(true)
        .show(ui, |ui| {
            caption(ui, "blind spot");
            caption(ui, "errors");
            for figures in first.arms.iter().filter(asked) {
                caption(ui, figures.arm.to_string());
            }
            ui.end_row();
            for table in tested {
                let name = RichText::new(&table.name);
                ui.label(if table.taught { name.strong() } else { name });
                ui.label(table.kept_back.to_string());
                for outcomes in table.arms.iter().filter_map(|f| f.kept_back.as_ref()) {
                    ui.label(outcomes.of_the_base());
                }
                ui.end_row();
            }
        });
}

fn rate(rate: &Rate, ui: &mut Ui) {
    let weak = tokens(ui.ctx()).text_weak;
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        ui.label(format!("{:.1}", rate.count));
        let bounds = format!(
            "{:.0}–{:.0} %",
            rate.share.lower * 100.0,
            rate.share.upper * 100.0
        );
        ui.label(
            RichText::new(bounds)
                .size(crate::gui::theme::SMALL)
                .color(weak),
        );
    });
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}
