//! What the labels of the files are read as: their names, spellings that are
//! joined, marks for missing labels.

use eframe::egui::{Grid, Ui};

use super::form::line;
use super::widgets::{caption, count, section};
use crate::dataset::report::Spelling;
use crate::steps::draft::LabelSettings;

/// Labels that are listed; a project with more is named in its project.toml.
const MOST_LABELS: usize = 40;

/// What reading found about the labels.
pub struct FoundLabels<'a> {
    /// Their names in order.
    pub labels: &'a [String],
    /// Rows of each that are not sealed, in any order.
    pub rows: &'a [(String, usize)],
    /// Spellings of one label.
    pub spellings: &'a [Spelling],
}

/// Shows the labels and lets one change what they are read as.
pub fn ui(found: &FoundLabels<'_>, settings: &mut LabelSettings, ui: &mut Ui) {
    section(
        ui,
        "What labels are read as",
        "What stands in the files, and what it is called here",
    );
    for spelling in found.spellings {
        let joined = spelling.joined();
        let usual = joined.first().map_or("", |(_, usual)| usual.as_str());
        let button = ui.button(format!("Read all spellings of “{usual}” as one label"));
        if button
            .on_hover_text("Written under [data.join] in project.toml")
            .clicked()
        {
            settings.join.extend(joined);
        }
    }
    match found.labels.len() {
        0..=MOST_LABELS => names(found, settings, ui),
        more => {
            caption(
                ui,
                format!("{} labels: too many to name them here", count(more)),
            );
        }
    }
    decided(settings, ui);
}

/// Width of the field for the name of a label, in points.
const NAME_WIDTH: f32 = 160.0;

fn names(found: &FoundLabels<'_>, settings: &mut LabelSettings, ui: &mut Ui) {
    let mut names = settings.names(found.labels);
    let before = names.clone();
    let mut left_out = None;
    Grid::new("labels of the files")
        .num_columns(4)
        .spacing([16.0, 4.0])
        .show(ui, |ui| {
            for (value, name) in &mut names {
                ui.label(value.as_str());
                let rows = found.rows.iter().find(|(of, _)| of == name || of == value);
                caption(ui, rows.map_or(String::new(), |(_, rows)| count(*rows)));
                // A cell is as narrow as what was in it unless it is told otherwise.
                ui.vertical(|ui| {
                    ui.set_width(NAME_WIDTH);
                    line(
                        ui,
                        &format!("Name of {value}"),
                        name,
                        value.as_str(),
                        NAME_WIDTH,
                    );
                });
                let button = ui.button("Is no label");
                let button = button.accessible_name(format!("{value} is no label"));
                if button
                    .on_hover_text("Rows with it are read as rows without a label and left out")
                    .clicked()
                {
                    left_out = Some(value.clone());
                }
                ui.end_row();
            }
        });
    if names != before {
        settings.name(names);
    }
    if let Some(value) = left_out {
        settings.leave_out(&value);
    }
}

/// What was decided, each taken back with a press.
fn decided(settings: &mut LabelSettings, ui: &mut Ui) {
    let mut back = None;
    for (value, usual) in &settings.join {
        if taken_back(ui, &format!("“{value}” is read as “{usual}”"), value) {
            back = Some(value.clone());
        }
    }
    for value in &settings.missing {
        if taken_back(ui, &format!("“{value}” marks rows without a label"), value) {
            back = Some(value.clone());
        }
    }
    if let Some(value) = back {
        settings.take_back(&value);
    }
}

fn taken_back(ui: &mut Ui, line: &str, value: &str) -> bool {
    ui.horizontal(|ui| {
        caption(ui, line);
        let button = ui.button("Take back");
        button
            .accessible_name(format!("Take back {value}"))
            .clicked()
    })
    .inner
}
