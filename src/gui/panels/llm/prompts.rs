//! The prompts: plain texts that can be read and edited.

use eframe::egui::{ScrollArea, TextEdit, Ui};

use crate::gui::panels::widgets::{button_if, caption, choice};
use crate::gui::read::Cx;
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
pub(super) fn ui(editor: &mut PromptEditor, cx: &mut Cx<'_>, ui: &mut Ui) {
    let texts = &cx.state.teaching.prompts;
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
        let meaning = "Later lessons use it and record its version";
        let mut put = |text: String| {
            let file = editor.file.clone();
            cx.ask(Command::PutPrompt { file, text });
        };
        if button_if(ui, changed, "Keep the edit", meaning) {
            put(editor.text.clone());
        }
        if button_if(ui, kept != built_in, "Back to the built-in text", "") {
            put(built_in.to_owned());
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
