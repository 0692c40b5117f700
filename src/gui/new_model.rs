//! The model of a new project: which folder, what it is, and what its classes
//! mean where their names do not say.

use eframe::egui::{self, Context, DragValue, Grid, Ui};

use super::background::Pending;
use super::label_table;
use super::new_project::Answer;
use super::notices::Notice;
use super::panels::form::{line, number};
use super::panels::widgets::{bad, caption, caution, count, explained, part, section};
use super::pick::Wanted;
use super::words;
use crate::model::label_names::listed;
use crate::records::Epochs;
use crate::steps::draft::{BUILTIN, Draft, PREDICTIONS};
use crate::steps::label_question::LabelQuestion;
use crate::steps::model_facts::ModelFacts;
use crate::support::typed_path::typed_path;

/// What is known of the model that was chosen.
#[derive(Default)]
pub struct NewModel {
    /// The folder that the rest is about, as it was typed.
    of: String,
    reading: Pending<ModelFacts>,
    facts: Option<Result<ModelFacts, Notice>>,
    /// What its classes are and what it answers, once that was asked for.
    asked: Option<LabelQuestion>,
}

impl NewModel {
    /// Looks at a folder that was just chosen; what was known of another one
    /// is forgotten.
    pub fn logic(&mut self, draft: &mut Draft, ctx: &Context) {
        if self.of != draft.model.trim() {
            *self = Self {
                of: draft.model.trim().to_owned(),
                ..Self::default()
            };
            draft.classes.clear();
            let folder = typed_path(&self.of);
            let is_folder = ![BUILTIN, PREDICTIONS].contains(&self.of.as_str());
            if is_folder && folder.join("config.json").exists() {
                self.reading = Pending::start(ctx, move || ModelFacts::of(&folder));
            }
        }
        if let Some(result) = self.reading.take() {
            self.facts = Some(result.map_err(|error| Notice::from(&error)));
        }
        draft.brings_head = matches!(&self.facts, Some(Ok(facts)) if !facts.classes.is_empty());
        draft.propose_roles();
    }

    /// Somebody has to say what the classes mean. What was asked first stays,
    /// so that an answer can be changed.
    pub fn ask(&mut self, question: &LabelQuestion) {
        if self.asked.is_none() {
            self.asked = Some(question.clone());
        }
    }

    /// Which model, what it is, and how it is fitted if it is.
    pub fn ui(&self, draft: &mut Draft, answer: &mut Answer, ui: &mut Ui) {
        section(
            ui,
            "Model",
            "The classifier whose blind spots are looked for",
        );
        choice(draft, answer, ui);
        part(ui, "what it is", |ui| self.what_it_is(draft, ui));
        if draft.is_fitted() {
            part(ui, "fit", |ui| fitting(draft, ui));
        }
    }

    /// What is known of the model, and what there is to say about its head.
    fn what_it_is(&self, draft: &mut Draft, ui: &mut Ui) {
        match &self.facts {
            Some(Ok(facts)) => show_facts(facts, ui),
            Some(Err(notice)) => {
                bad(ui, format!("! {}", notice.message));
                if let Some(hint) = &notice.hint {
                    caption(ui, hint);
                }
            }
            None if self.reading.is_running() => {
                caption(ui, "Looking at the model …");
            }
            None => {}
        }
        if draft.brings_head {
            ui.horizontal(|ui| {
                ui.radio_value(&mut draft.refit, false, "as it is");
                ui.radio_value(&mut draft.refit, true, "fitted anew on “train”");
            });
        }
        if let Some(asked) = self.asked.as_ref().filter(|_| !draft.refit) {
            caution(
                ui,
                "The names of the model's classes are not the labels: please say what they mean",
            );
            label_table::ui(asked, &mut draft.classes, ui);
        }
    }
}

fn choice(draft: &mut Draft, answer: &mut Answer, ui: &mut Ui) {
    let before = match draft.model.trim() {
        BUILTIN => BUILTIN,
        PREDICTIONS => PREDICTIONS,
        _ => "",
    };
    let mut chosen = before;
    ui.horizontal_wrapped(|ui| {
        ui.radio_value(&mut chosen, BUILTIN, "built-in, reads English only");
        ui.radio_value(&mut chosen, "", "a folder in Hugging Face layout")
            .on_hover_text(words::MODEL_FOLDER);
        ui.radio_value(&mut chosen, PREDICTIONS, "elsewhere: its answers in a file")
            .on_hover_text(words::ANSWERS_IN_A_FILE);
    });
    if chosen != before {
        chosen.clone_into(&mut draft.model);
    }
    if chosen == PREDICTIONS {
        caption(ui, "The file is asked for once the project is made");
    }
    if chosen.is_empty() {
        ui.horizontal(|ui| {
            let hint = "path of the folder with config.json";
            line(ui, "Folder of the model", &mut draft.model, hint, 420.0);
            let button = ui.button("Choose …").accessible_name("Choose model");
            if button.clicked() {
                answer.pick = Some(Wanted::ModelFolder);
            }
        });
    }
}

fn show_facts(facts: &ModelFacts, ui: &mut Ui) {
    let millions = facts.weights as f64 / 1e6;
    let head = match facts.classes.len() {
        0 => "an encoder without a classification head".to_owned(),
        classes => format!("a head with {classes} classes: {}", listed(&facts.classes)),
    };
    ui.label(format!(
        "{}, {millions:.1} million weights, {head}",
        facts.family
    ));
    let languages = match facts.languages.is_empty() {
        true => "its card names no language".to_owned(),
        false => format!("languages by its card: {}", facts.languages.join(", ")),
    };
    caption(
        ui,
        format!(
            "Reads up to {} tokens of a text; {languages}; scores about {} texts of 25 words a \
             second here",
            facts.reads,
            count(facts.texts_a_second.round() as usize)
        ),
    );
}

/// How often the training texts are passed over: for as long as it helps, or
/// a number.
fn passes(epochs: &mut Epochs, ui: &mut Ui) {
    const NAME: &str = "as many passes over the training texts as help";
    ui.label("");
    let mut auto = *epochs == Epochs::Auto;
    let helps = ui.checkbox(&mut auto, NAME).on_hover_text(
        "After each pass the validation texts are read; fitting ends when they stop gaining, and \
         the best state is kept",
    );
    if helps.changed() {
        *epochs = if auto { Epochs::Auto } else { Epochs::Fixed(3) };
    }
    ui.end_row();
    if let Epochs::Fixed(epochs) = epochs {
        number(ui, "passes over the training texts", 1..=50, epochs);
    }
}

fn fitting(draft: &mut Draft, ui: &mut Ui) {
    egui::CollapsingHeader::new("How it is fitted").show(ui, |ui| {
        Grid::new("fit")
            .num_columns(2)
            .spacing([16.0, 6.0])
            .show(ui, |ui| {
                passes(&mut draft.fit.epochs, ui);
                explained(
                    ui.label("learning rate"),
                    "How far each step moves the weights; too much and the model forgets",
                );
                let rate = DragValue::new(&mut draft.fit.learning_rate)
                    .range(1e-6..=1e-2)
                    .speed(1e-6)
                    .custom_formatter(|value, _| format!("{value:.0e}"))
                    .custom_parser(|text| text.trim().parse().ok());
                ui.add(rate).accessible_name("learning rate");
                ui.end_row();
                number(
                    ui,
                    "tokens read of each text",
                    16..=512,
                    &mut draft.max_tokens,
                );
            });
    });
}
