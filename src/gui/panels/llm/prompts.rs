//! The prompts: plain texts that can be read and edited.

use eframe::egui::{self, ScrollArea, TextEdit, Ui};

use crate::gui::panels::widgets::{caption, choice};
use crate::gui::read::{Ask, Read};
use crate::lessons::llm::Prompts;
use crate::session::Command;
use crate::support::hash;

/// The prompt that is being edited.
#[derive(Debug, Default)]
pub(super) struct PromptEditor {
    file: String,
    text: String,
    /// The text as it was kept last, to tell that it has changed elsewhere.
    kept: String,
}

/// Shows all prompts, one at a time.
pub(super) fn ui(read: &Read<'_>, editor: &mut PromptEditor, ui: &mut Ui, out: &mut Vec<Ask>) {
    let texts = &read.state.teaching.prompts;
    ui.horizontal_wrapped(|ui| {
        for (file, _) in Prompts::files() {
            let name = file.trim_end_matches(".txt");
            if choice(ui, editor.file == file, name) || editor.file.is_empty() {
                editor.file = file.to_owned();
                editor.kept.clear();
            }
        }
    });
    let Some(kept) = texts.get(&editor.file) else {
        return;
    };
    if editor.kept != *kept {
        editor.text.clone_from(kept);
        editor.kept.clone_from(kept);
    }
    let built_in = Prompts::files().find(|(file, _)| *file == editor.file);
    let built_in = built_in.map_or("", |(_, text)| text);
    let edited = if kept == built_in {
        "as built in"
    } else {
        "edited"
    };
    let version = &hash::bytes(kept.as_bytes())[..12];
    caption(
        ui,
        format!("{edited}, version {version}; words in {{{{braces}}}} are filled in"),
    );
    ui.horizontal(|ui| {
        let changed = editor.text != *kept;
        let keep = ui.add_enabled(changed, egui::Button::new("Keep the edit"));
        let keep = keep.on_hover_text("Later lessons use it and record its version");
        if keep.clicked() {
            out.push(put(&editor.file, editor.text.clone()));
        }
        let back = ui.add_enabled(
            kept != built_in,
            egui::Button::new("Back to the built-in text"),
        );
        if back.clicked() {
            out.push(put(&editor.file, built_in.to_owned()));
        }
    });
    ScrollArea::vertical()
        .auto_shrink([false, false])
        .show(ui, |ui| {
            let field = TextEdit::multiline(&mut editor.text)
                .code_editor()
                .desired_width(f32::INFINITY);
            ui.add(field).accessible_name("Text of the prompt");
        });
}

fn put(file: &str, text: String) -> Ask {
    let file = file.to_owned();
    Command::PutPrompt { file, text }.into()
}
