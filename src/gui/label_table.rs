//! What the classes of a model mean: a table beside what it answers.

use std::collections::BTreeMap;

use eframe::egui::{Grid, RichText, Ui};

use super::panels::form::menu;
use super::panels::widgets::caption;
use super::theme;
use crate::steps::label_question::{ClassSaid, LabelQuestion};

/// Width of a menu of labels, in points.
const MENU: f32 = 150.0;

/// A row for each class: what it answered, and what it means.
pub fn ui(asked: &LabelQuestion, classes: &mut BTreeMap<String, String>, ui: &mut Ui) {
    caption(
        ui,
        format!(
            "What it answers to {} texts of “{}”",
            asked.rows, asked.role
        ),
    );
    Grid::new("classes of the model")
        .num_columns(4)
        .striped(true)
        .spacing([16.0, 4.0])
        .show(ui, |ui| {
            for (class, said) in asked.classes.iter().zip(asked.counts()) {
                ui.label(RichText::new(&class.name).strong());
                meaning(class, &asked.labels, classes, ui);
                let said = said
                    .strip_prefix(&format!("`{}`: ", class.name))
                    .unwrap_or(&said);
                caption(ui, said);
                let texts: Vec<String> = class.examples.iter().map(|t| format!("“{t}”")).collect();
                ui.label(RichText::new(texts.join("\n")).size(theme::SMALL));
                ui.end_row();
            }
        });
    let open = asked.classes.iter().filter(|class| !class.is_known);
    let best: Option<Vec<_>> = open
        .map(|class| Some((class.name.clone(), class.meaning.clone()?)))
        .collect();
    if let Some(best) = best {
        let button = ui.button("Take what agrees most with the labels");
        if button
            .on_hover_text("Please look at the counts and texts above first")
            .clicked()
        {
            classes.extend(best);
        }
    }
}

/// The menu of a class.
fn meaning(
    class: &ClassSaid,
    labels: &[String],
    classes: &mut BTreeMap<String, String>,
    ui: &mut Ui,
) {
    let known = class.meaning.clone().filter(|_| class.is_known);
    let mut chosen = classes.get(&class.name).cloned().or(known.clone());
    let shown = match chosen.as_deref() {
        None => "choose …",
        Some("") => "left out",
        Some(label) => label,
    };
    let shown = shown.to_owned();
    let left_out = (Some(String::new()), "left out");
    let entries = labels
        .iter()
        .map(|label| (Some(label.clone()), label.as_str()));
    let name = format!("Meaning of {}", class.name);
    menu(
        ui,
        (&name, MENU),
        &shown,
        &mut chosen,
        entries.chain([left_out]),
    );
    if chosen == known {
        classes.remove(&class.name);
    } else if let Some(label) = chosen {
        classes.insert(class.name.clone(), label);
    }
}
