//! What the checks found in the files of a new project, in plain words.

use std::time::Duration;

use eframe::egui::{Grid, RichText, ScrollArea, Ui};

use super::panels::widgets::{caption, card, count, duration};
use super::read::shown;
use super::theme::tokens;
use super::words;
use crate::records::Role;
use crate::steps::check::{BaseIs, FirstRow};
use crate::steps::draft::Checked;
use crate::support::text::{capitalised, shortened};

/// Labels named one by one.
const MOST_LABELS: usize = 8;
/// Characters of a text that is shown as an example at most.
const LONGEST_TEXT: usize = 80;

/// Shows what was found; the number of tokens to read if the user wants more
/// of each text to be read.
pub fn show_checked(checked: &Checked, ui: &mut Ui) -> Option<usize> {
    card(ui, |ui| {
        let all: usize = checked.roles.iter().map(|(_, number)| number).sum();
        let found = format!(
            "{} texts with {} labels can be used",
            count(all),
            checked.labels.len()
        );
        ui.label(RichText::new(found).strong());
        roles(checked, ui);
        labels(checked, ui);
        base(checked, ui);
        if let Some(seconds) = checked.check.seconds_to_fit {
            let time = |seconds: f64| duration(Duration::from_secs_f64(seconds.clamp(0.0, 1e7)));
            let least = time(seconds);
            let takes = match checked.check.seconds_to_fit_at_most.map(time) {
                None => format!("about {least} here"),
                Some(most) => format!("{least} to {most} here, for as long as validation gains"),
            };
            ui.label(format!("Fitting the base model takes {takes}"))
                .on_hover_text("Measured by letting the model read some of the training texts");
        }
        let mut longer = None;
        if let Some(tokens) = checked.longer() {
            let button = ui.button(format!("Read up to {tokens} tokens of each text"));
            let button = button.on_hover_text("Takes longer; nothing of a text is lost then");
            longer = button.clicked().then_some(tokens);
        }
        for warning in checked.warnings() {
            ui.label(RichText::new(format!("! {warning}")).color(tokens(ui.ctx()).caution));
        }
        for file in &checked.check.data.reading.files {
            caption(ui, format!("{}: {}", file.file, file.layout.described()));
            for line in file.decided() {
                caption(ui, format!("{}: {line}", file.file));
            }
        }
        for note in &checked.check.data.reading.notes {
            caption(ui, note);
        }
        longer
    })
}

/// The first rows as they are used; of sealed ones the text is not shown.
pub fn first_rows(rows: &[FirstRow], ui: &mut Ui) {
    ScrollArea::horizontal()
        .id_salt("first rows as they are used")
        .show(ui, |ui| {
            Grid::new("first rows as they are used")
                .striped(true)
                .spacing([16.0, 4.0])
                .show(ui, |ui| {
                    for head in ["row", "role", "source", "label", "text"] {
                        caption(ui, head);
                    }
                    ui.end_row();
                    for row in rows {
                        caption(ui, &row.place);
                        caption(ui, row.role.name());
                        caption(ui, &row.source);
                        ui.label(RichText::new(&row.label).strong());
                        match &row.text {
                            Some(text) => ui.label(shortened(&shown(text), LONGEST_TEXT)),
                            None => caption(ui, "sealed").on_hover_text(words::SEALED),
                        };
                        ui.end_row();
                    }
                });
        });
}

/// What becomes of a model that brings its own head.
fn base(checked: &Checked, ui: &mut Ui) {
    if let BaseIs::AsItIs(said) = &checked.check.base {
        ui.label("The model brings its own head: it is the base as it is");
        if let Some(said) = said {
            caption(ui, capitalised(said));
        }
        if let Some(seconds) = checked.check.seconds_to_score {
            let time = duration(Duration::from_secs_f64(seconds.clamp(0.0, 1e7)));
            ui.label(format!("Scoring the texts takes about {time} here"))
                .on_hover_text("Measured by letting the model read some of the texts");
        }
    }
}

fn roles(checked: &Checked, ui: &mut Ui) {
    let roles = checked.roles.iter();
    let roles: Vec<String> = roles
        .map(|(role, number)| format!("{role} {}", count(*number)))
        .collect();
    let meanings: Vec<String> = Role::ALL
        .into_iter()
        .map(|role| format!("{role}: {}", words::role(role)))
        .collect();
    caption(ui, roles.join("  ·  ")).on_hover_text(meanings.join("\n"));
}

fn labels(checked: &Checked, ui: &mut Ui) {
    let named = checked.labels.iter().take(MOST_LABELS);
    let mut named: Vec<String> = named
        .map(|(name, number)| format!("{name} {}", count(*number)))
        .collect();
    let others = checked.labels.len().saturating_sub(MOST_LABELS);
    if let (Some((_, fewest)), 1..) = (checked.labels.last(), others) {
        named.push(format!("{others} more with {} or more", count(*fewest)));
    }
    caption(ui, format!("{}  (without “final”)", named.join("  ·  ")))
        .on_hover_text("Labels and the number of their texts; those of “final” stay sealed");
}
