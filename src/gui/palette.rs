//! Every command by its name: one field to find it in, one key to carry it out.

use eframe::egui::{
    self, Align2, Context, Id, InputState, Key, Modal, Modifiers, RichText, ThemePreference, Ui,
    vec2,
};

use super::command_text::Shortcut;
use super::panels::form::line;
use super::panels::widgets::caption;
use super::read::{Ask, Cx, Read};
use super::theme::{self, tokens};
use super::view_state::{Compared, Confirm, FilePurpose, Filters, SpotRef, Stage, ViewState};
use crate::session::Command;

/// Commands that are listed at most.
const MOST_LISTED: usize = 12;
const WIDTH: f32 = 520.0;
/// From the top of the window, in points.
const FROM_TOP: f32 = 70.0;

/// The palette while it is open.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Palette {
    /// What is looked for.
    query: String,
    /// Which of the commands found is chosen.
    at: usize,
}

/// What a command does.
#[derive(Debug, Clone)]
pub enum Act {
    /// What its key does.
    Press(Shortcut),
    /// Asks for something.
    Ask(Ask),
    /// Asks where, or whether.
    Confirm(Confirm),
    /// Shows something.
    Go(Stage),
    /// Shows a blind spot.
    Spot(SpotRef),
    /// Shows a comparison.
    Compare(Compared),
    /// Changes how things are looked at.
    View(fn(&mut ViewState)),
    /// Light, dark, or as the system.
    Theme(ThemePreference),
}

/// A command with its name and keys.
struct Entry {
    name: String,
    keys: String,
    act: Act,
}

impl Entry {
    fn new(name: impl Into<String>, act: Act) -> Self {
        Self {
            name: name.into(),
            keys: String::new(),
            act,
        }
    }

    /// Whether all words that were typed are in its name.
    fn fits(&self, query: &str) -> bool {
        let name = self.name.to_lowercase();
        let mut words = query.split_whitespace();
        words.all(|word| name.contains(&word.to_lowercase()))
    }
}

/// Shows the palette if it is open; gives what was chosen.
pub fn ui(cx: &mut Cx<'_>, ctx: &Context) -> Option<Act> {
    let mut palette = cx.view.palette.take()?;
    let mut found = entries(cx, ctx);
    found.retain(|entry| entry.fits(&palette.query));
    let pressed =
        |key: Key| ctx.input_mut(|input: &mut InputState| input.consume_key(Modifiers::NONE, key));
    let last = found.len().min(MOST_LISTED).saturating_sub(1);
    if pressed(Key::ArrowDown) {
        palette.at += 1;
    }
    if pressed(Key::ArrowUp) {
        palette.at = palette.at.saturating_sub(1);
    }
    palette.at = palette.at.min(last);
    let mut chosen = pressed(Key::Enter).then_some(palette.at);
    let area = Modal::default_area(Id::unique("palette"));
    let modal = Modal::new(Id::unique("palette"))
        .area(area.anchor(Align2::CENTER_TOP, vec2(0.0, FROM_TOP)))
        .show(ctx, |ui| {
            ui.set_width(WIDTH.min(ui.ctx().content_rect().width() - 60.0));
            field(&mut palette, ui);
            if found.is_empty() {
                caption(ui, "No command has these words");
            }
            for (number, entry) in found.iter().take(MOST_LISTED).enumerate() {
                if row(entry, number == palette.at, ui) {
                    chosen = Some(number);
                }
            }
            if found.len() > MOST_LISTED {
                caption(
                    ui,
                    format!(
                        "and {} more: type a part of the name",
                        found.len() - MOST_LISTED
                    ),
                );
            }
        });
    if let Some(entry) = chosen.and_then(|at| found.into_iter().nth(at)) {
        return Some(entry.act);
    }
    if !modal.should_close() {
        cx.view.palette = Some(palette);
    }
    None
}

fn field(palette: &mut Palette, ui: &mut Ui) {
    let before = palette.query.clone();
    let hint = "What do you want to do?";
    let field = line(
        ui,
        "Find a command",
        &mut palette.query,
        hint,
        f32::INFINITY,
    );
    field.request_focus();
    if palette.query != before {
        palette.at = 0;
    }
}

fn row(entry: &Entry, chosen: bool, ui: &mut Ui) -> bool {
    let keys = RichText::new(&entry.keys)
        .size(theme::SMALL)
        .color(tokens(ui.ctx()).text_weak);
    let button = egui::Button::selectable(chosen, &entry.name).right_text(keys);
    let button = button.min_size(vec2(ui.available_width(), theme::CONTROL_HEIGHT));
    let button = ui.add(button).accessible_name(&entry.name);
    button.clicked()
}

/// Everything that can be asked for now.
fn entries(read: &Read<'_>, ctx: &Context) -> Vec<Entry> {
    let mut all: Vec<Entry> = Shortcut::all()
        .filter(|shortcut| *shortcut != Shortcut::Palette)
        .map(|shortcut| Entry {
            keys: shortcut.written(ctx),
            ..Entry::new(shortcut.text(), Act::Press(shortcut))
        })
        .collect();
    let stages = [
        ("Go to the data", Stage::Data),
        ("Go to the blind spots and their map", Stage::Explore),
        ("Go to labels that look wrong", Stage::Labels),
        ("Go to teaching", Stage::Teach),
        ("Go to retraining", Stage::Retrain),
        ("Go to comparing before and after", Stage::Compare),
    ];
    all.extend(stages.map(|(name, stage)| Entry::new(name, Act::Go(stage))));
    all.extend(of_the_view());
    all.extend(of_files(read));
    all.extend(of_the_project(read));
    all.extend(of_models(read));
    let spots = read.derived.spots.iter();
    all.extend(
        spots.map(|facts| Entry::new(format!("Blind spot: {}", facts.name), Act::Spot(facts.spot))),
    );
    all
}

fn of_the_view() -> Vec<Entry> {
    let view = |name: &str, change: fn(&mut ViewState)| Entry::new(name, Act::View(change));
    let theme = |name: &str, theme| Entry::new(name, Act::Theme(theme));
    vec![
        view("Show all texts again", |view| {
            view.filters = Filters::default();
        }),
        view("Fold or unfold the steps", |view| {
            view.steps_folded = !view.steps_folded;
        }),
        view("Fold or unfold what is selected", |view| {
            view.inspector_folded = !view.inspector_folded;
        }),
        view("Teach mode", |view| view.teach_mode = !view.teach_mode),
        theme("Light theme", ThemePreference::Light),
        theme("Dark theme", ThemePreference::Dark),
        theme("Theme as the system", ThemePreference::System),
    ]
}

fn of_files(read: &Read<'_>) -> Vec<Entry> {
    use FilePurpose::{
        CompareWith, Corrected, Curves, Export, HandOver, ImportLessons, ImportPredictions, Map,
        MergeLessons, Report, SaveLessons, Window,
    };
    let purposes = [
        Report,
        Export,
        Corrected,
        HandOver,
        SaveLessons,
        MergeLessons,
        ImportLessons,
        ImportPredictions,
        CompareWith,
        Window,
        Map,
        Curves,
    ];
    let fitting = purposes
        .into_iter()
        .filter(|purpose| purpose.fits(read.state));
    let entry =
        |purpose: FilePurpose| Entry::new(purpose.button(), Act::Confirm(purpose.ask(read.state)));
    fitting.map(entry).collect()
}

fn of_the_project(read: &Read<'_>) -> Vec<Entry> {
    let state = read.state;
    let command = |name: &str, command: Command| Entry::new(name, Act::Ask(command.into()));
    let mut all = vec![
        command("Clean up …", Command::FindUnneeded),
        Entry::new("Reset project …", Act::Confirm(Confirm::Reset)),
        Entry::new("Open another project …", Act::Ask(Ask::CloseProject)),
        Entry::new("Copy the window as a picture", Act::Ask(Ask::CopyPicture)),
    ];
    if !state.black_box {
        let fit = match (state.as_it_is, state.base.is_some()) {
            (true, _) => "Take the model as it is",
            (false, true) => "Fit the base model again",
            (false, false) => "Fit the base model",
        };
        all.push(command(fit, Command::Fit));
    }
    if state.longer_fit().is_some() {
        all.push(command("Fit longer", Command::FitLonger));
    }
    if state.base.is_some() {
        all.push(command("Score the texts again", Command::Score));
    }
    if state.predictions.is_some() {
        all.push(command("Better map", Command::BuildMap));
    }
    all
}

/// Models to use and comparisons to look at.
fn of_models(read: &Read<'_>) -> Vec<Entry> {
    let mut all = Vec::new();
    for result in &read.state.rounds {
        let number = result.round.number;
        let keep = Act::Ask(Command::UseModel(number).into());
        let compare = Act::Compare(Compared::Round(number));
        all.push(Entry::new(
            format!("Compare round {number} with the base"),
            compare,
        ));
        all.push(Entry::new(
            format!("Keep the model of round {number}"),
            keep,
        ));
    }
    if read.state.came_with().is_some() {
        let name = "Compare the round that came with the project with the base";
        all.push(Entry::new(name, Act::Compare(Compared::CameWith)));
    }
    for result in &read.state.second_models {
        let name = format!("Compare {} with the base", result.model.name());
        let compare = Act::Compare(Compared::Second(result.model.number));
        all.push(Entry::new(name, compare));
    }
    if read.state.document.model_round != 0 {
        let base = Act::Ask(Command::UseModel(0).into());
        all.push(Entry::new("Back to the base model", base));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_words_must_fit_in_any_order_and_case() {
        let entry = Entry::new("Write the report …", Act::Go(Stage::Data));
        assert!(entry.fits("") && entry.fits("report") && entry.fits("REP wri"));
        assert!(!entry.fits("report data"));
    }
}
