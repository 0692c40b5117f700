//! Windows over the window: the shortcut sheet with what the program is, and
//! what is asked before it is done.

use std::collections::BTreeMap;

use eframe::egui::{self, Context, Id, Modal, Ui};

use super::command_text::Shortcut;
use super::panels::form::{answer, menu};
use super::panels::widgets::{bad, caption, caution, explained, primary_button, section, title};
use super::read::Ask;
use super::theme;
use super::view_state::{
    ClassesAsked, Confirm, FilePurpose, Leaving, ModelUseDraft, OpenFinal, ViewState,
};
use super::words;
use super::{file_dialog, label_table};
use crate::records::Endpoint;
use crate::session::Command;
use crate::steps::clean::Unneeded;
use crate::steps::label_question::LabelQuestion;
use crate::support::build;
use crate::support::text::size;

/// Width of what covers the window, in points; of a table in it, and how high
/// that is at most.
const WIDTH: f32 = 460.0;
const TABLE_WIDTH: f32 = 760.0;
const TABLE_HEIGHT: f32 = 330.0;

/// Shows whatever is open.
pub fn ui(view: &mut ViewState, ctx: &Context, out: &mut Vec<Ask>) {
    if view.shortcuts_open {
        shortcuts(view, ctx);
    }
    let Some(mut confirm) = view.confirm.take() else {
        return;
    };
    let answered = match &mut confirm {
        Confirm::Reset => reset(ctx),
        Confirm::Clean(unneeded) => clean(unneeded, ctx),
        Confirm::File { purpose, path, .. } => file_dialog::ui(*purpose, path, ctx, out),
        Confirm::OpenFinal(opening) => open_final(opening, ctx),
        Confirm::ClassesAsked(asked) => classes_asked(asked, ctx),
        Confirm::ModelUse(draft) => model_use(draft, ctx),
        Confirm::Leave(leaving) => leave(leaving, ctx),
    };
    match (answered, confirm) {
        (None, confirm) => view.confirm = Some(confirm),
        (Some(false), _) => {}
        (Some(true), Confirm::Reset) => out.push(Ask::ResetProject),
        (Some(true), Confirm::Leave(leaving)) => out.push(Ask::Leave(leaving)),
        (Some(true), Confirm::Clean(_)) => out.push(Command::RemoveUnneeded.into()),
        (
            Some(true),
            Confirm::File {
                purpose,
                path,
                folder,
            },
        ) => {
            out.push(purpose.asked(&folder, &path));
        }
        (Some(true), Confirm::ModelUse(draft)) => {
            out.push(Command::UseModelSo(draft.chosen).into());
        }
        (Some(true), Confirm::ClassesAsked(asked)) => {
            let command = match asked.purpose {
                FilePurpose::ImportPredictions => Command::ImportPredictions,
                _ => Command::CompareWith,
            };
            out.push(command(asked.wanted).into());
        }
        (Some(true), Confirm::OpenFinal(opening)) => {
            let command = Command::OpenFinal {
                round: opening.round,
                reason: opening.reason.trim().to_owned(),
                endpoints: opening.endpoints,
            };
            out.push(command.into());
        }
    }
}

/// Asks something: whether it is to be done, once that is answered. `contents`
/// tells whether it can be done yet, and whether Enter was pressed; more
/// buttons stand beside the one that does it.
pub(super) fn question(
    ctx: &Context,
    heading: &str,
    verb: &str,
    contents: impl FnOnce(&mut Ui) -> (bool, bool),
    more: impl FnOnce(&mut Ui),
) -> Option<bool> {
    let contents = |ui: &mut Ui| {
        ui.set_width(WIDTH);
        contents(ui)
    };
    question_of_any_width(ctx, heading, verb, contents, more)
}

fn question_of_any_width(
    ctx: &Context,
    heading: &str,
    verb: &str,
    contents: impl FnOnce(&mut Ui) -> (bool, bool),
    more: impl FnOnce(&mut Ui),
) -> Option<bool> {
    let modal = Modal::new(Id::unique("question")).show(ctx, |ui| {
        title(ui, heading);
        let (ready, entered) = contents(ui);
        ui.add_space(theme::GAP);
        ui.horizontal(|ui| {
            let done = primary_button(ui, verb, ready).clicked();
            more(ui);
            ((done || entered) && ready, ui.button("Cancel").clicked())
        })
        .inner
    });
    let (done, cancel) = modal.inner;
    (done || cancel || modal.should_close()).then_some(done)
}

fn shortcuts(view: &mut ViewState, ctx: &Context) {
    let height = (ctx.content_rect().height() - 120.0).clamp(160.0, 560.0);
    let modal = Modal::new(Id::unique("shortcuts")).show(ctx, |ui| {
        ui.set_width(WIDTH);
        // As high at once as it will be: it is in the middle, and would jump as
        // what is in it takes its room.
        let area = egui::ScrollArea::vertical().max_height(height);
        let area = area.min_scrolled_height(height).auto_shrink([false, false]);
        area.show(ui, |ui| sheet(ctx, ui));
        ui.add_space(theme::GAP);
        ui.button("Close").clicked()
    });
    if modal.inner || modal.should_close() {
        view.shortcuts_open = false;
    }
}

/// Keys, words, and what the program is.
fn sheet(ctx: &Context, ui: &mut Ui) {
    title(ui, "Keyboard shortcuts");
    egui::Grid::new("shortcuts")
        .num_columns(2)
        .striped(true)
        .show(ui, |ui| {
            for shortcut in Shortcut::all() {
                ui.label(shortcut.text());
                ui.monospace(shortcut.written(ctx));
                ui.end_row();
            }
        });
    for more in words::MORE_KEYS {
        caption(ui, more);
    }
    egui::CollapsingHeader::new("What the words mean").show(ui, |ui| {
        for (term, meaning) in words::glossary() {
            ui.label(egui::RichText::new(term).strong());
            caption(ui, meaning);
        }
    });
    section(ui, &format!("About Blindspot {}", build::VERSION), "");
    caption(ui, build::built_with());
    caption(ui, "It asks no network for news of itself");
}

fn reset(ctx: &Context) -> Option<bool> {
    let contents = |ui: &mut Ui| {
        ui.label(
            "Triage, names, lessons and models of this project are deleted for good. Your data \
             files and project.toml stay as they are.",
        );
        (true, false)
    };
    question(
        ctx,
        "Reset this project?",
        "Delete and start anew",
        contents,
        |_| {},
    )
}

fn leave(leaving: &Leaving, ctx: &Context) -> Option<bool> {
    let contents = |ui: &mut Ui| {
        for work in &leaving.work {
            ui.label(format!("“{work}” is under way, and stops."));
        }
        caption(
            ui,
            "Everything that you wrote is kept. Trainings, replies and pages that are finished are \
             used again when the same work is started anew; what is half done is lost",
        );
        (true, false)
    };
    let (heading, verb) = match leaving.window {
        true => ("Close the window?", "Stop and close"),
        false => ("Close the project?", "Stop and leave"),
    };
    question(ctx, heading, verb, contents, |_| {})
}

fn clean(unneeded: &Unneeded, ctx: &Context) -> Option<bool> {
    let contents = |ui: &mut Ui| {
        ui.label(unneeded.to_string());
        caption(
            ui,
            "Nothing that a person wrote is among them, and nothing that a round in the history \
             stands on. A retraining that was cancelled would begin anew.",
        );
        (true, false)
    };
    let verb = format!("Remove {}", size(unneeded.bytes()));
    question(ctx, "Clean up this project?", &verb, contents, |_| {})
}

/// What screen readers and tests call the menu of endpoints.
const PRIMARY: &str = "Primary endpoint";

fn open_final(opening: &mut OpenFinal, ctx: &Context) -> Option<bool> {
    let contents = |ui: &mut Ui| {
        ui.label(words::SEALED);
        ui.label(
            "Every opening is recorded with its round and printed beside the figures. \
             The models are asked about these texts only now, which takes a few seconds each.",
        );
        if let Some(why) = &opening.no_verdict {
            bad(
                ui,
                format!("This round can give no verdict ({why}), but the opening counts."),
            );
        }
        let primary = &mut opening.endpoints.primary;
        ui.horizontal_wrapped(|ui| {
            explained(ui.label("Judged by"), primary.meaning());
            let named = primary.to_string();
            let all = Endpoint::ALL.map(|one| (one, one.to_string()));
            menu(ui, (PRIMARY, 240.0), &named, primary, all);
        });
        caption(
            ui,
            "The verdict is about this figure alone; it is written down with the opening. Where \
             the base is sure of more than three quarters of the rows, the area under \
             risk–coverage stands in for errors at matched coverage.",
        );
        let reason = &mut opening.reason;
        let entered = answer(ui, "Reason for opening final", reason, "Why now?");
        (!reason.trim().is_empty(), entered)
    };
    question(ctx, "Open “final”?", "Open final", contents, |_| {})
}

/// A table of classes that scrolls, inside of a question.
pub(super) fn class_table(
    question: &LabelQuestion,
    classes: &mut BTreeMap<String, String>,
    ui: &mut Ui,
) {
    let width = (ui.ctx().content_rect().width() - 80.0).clamp(WIDTH, TABLE_WIDTH);
    let height = (ui.ctx().content_rect().height() - 300.0).clamp(80.0, TABLE_HEIGHT);
    ui.set_width(width);
    egui::ScrollArea::both()
        .id_salt("classes of the model")
        .max_height(height)
        .show(ui, |ui| label_table::ui(question, classes, ui));
}

fn classes_asked(asked: &mut ClassesAsked, ctx: &Context) -> Option<bool> {
    let name = asked.wanted.name();
    let contents = |ui: &mut Ui| {
        caution(
            ui,
            format!(
                "The names of the classes of {name} are not the labels: please say what they mean"
            ),
        );
        class_table(&asked.question, &mut asked.wanted.labels, ui);
        let why_not = asked.question.why_not(&asked.wanted.labels);
        if let Some(why) = &why_not {
            caption(ui, format!("Not yet possible: {why}"));
        }
        (why_not.is_none(), false)
    };
    let verb = asked.purpose.verb();
    let heading = "What do its classes mean?";
    question_of_any_width(ctx, heading, verb, contents, |_| {})
}

fn model_use(draft: &mut ModelUseDraft, ctx: &Context) -> Option<bool> {
    let ModelUseDraft { question, chosen } = draft;
    let contents = |ui: &mut Ui| {
        ui.horizontal(|ui| {
            ui.radio_value(&mut chosen.refit, false, "as it is");
            ui.radio_value(&mut chosen.refit, true, "fitted anew on “train”");
        });
        match chosen.refit {
            true => ui.set_width(WIDTH),
            false => class_table(&question.classes, &mut chosen.labels, ui),
        }
        section(ui, "What a change costs", "");
        for line in &question.lost {
            ui.label(format!("•  {line}"));
        }
        caption(
            ui,
            "project.toml stays as it is; what is chosen here counts until it names another model",
        );
        let why_not = question.why_not(chosen);
        if let Some(why) = &why_not {
            caption(ui, format!("Not yet possible: {why}"));
        }
        (why_not.is_none() && *chosen != question.now, false)
    };
    let heading = "How the model is used";
    question_of_any_width(ctx, heading, "Use it so, and ask it anew", contents, |_| {})
}
