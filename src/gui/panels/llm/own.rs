//! A teacher that is set up in the app, for instance a server on this machine.

use eframe::egui::{self, TextEdit, Ui};

use crate::gui::panels::widgets::{caption, choice};
use crate::gui::read::Ask;
use crate::lessons::llm::{Endpoint, Kind, Teacher};
use crate::session::Command;

/// Addresses that servers on this machine usually have.
const USUAL: [(&str, &str); 3] = [
    ("Ollama", "http://127.0.0.1:11434/v1"),
    ("llama.cpp", "http://127.0.0.1:8080/v1"),
    ("LM Studio", "http://127.0.0.1:1234/v1"),
];

/// What is typed for it.
pub(super) struct OwnTeacher {
    name: String,
    kind: Kind,
    base_url: String,
    pub(super) model: String,
    key_env: String,
}

impl Default for OwnTeacher {
    fn default() -> Self {
        Self {
            name: "local".into(),
            kind: Kind::OpenAi,
            base_url: USUAL[0].1.into(),
            model: String::new(),
            key_env: String::new(),
        }
    }
}

impl OwnTeacher {
    /// The teacher as typed so far.
    pub(super) fn teacher(&self) -> Teacher {
        let mut endpoint = Endpoint::new(self.kind, self.base_url.trim(), self.model.trim());
        let variable = self.key_env.trim();
        endpoint.key_env = (!variable.is_empty()).then(|| variable.to_owned());
        let local = endpoint.is_local();
        let mut teacher = Teacher::new(self.name.trim(), endpoint);
        if local {
            // Models that run here are small, and small ones repeat
            // themselves within an answer.
            teacher.samples_per_call = 1;
        }
        teacher
    }
}

/// The fields, and the button that keeps what was typed.
pub(super) fn ui(own: &mut OwnTeacher, ui: &mut Ui, out: &mut Vec<Ask>) -> Option<String> {
    ui.horizontal_wrapped(|ui| {
        for (kind, name) in [
            (Kind::OpenAi, "OpenAI-compatible"),
            (Kind::Anthropic, "Anthropic"),
        ] {
            if choice(ui, own.kind == kind, name) {
                own.kind = kind;
            }
        }
        caption(ui, "usual:");
        for (server, address) in USUAL {
            if ui.small_button(server).on_hover_text(address).clicked() {
                own.base_url = address.to_owned();
                own.kind = Kind::OpenAi;
            }
        }
    });
    egui::Grid::new("own teacher")
        .num_columns(2)
        .show(ui, |ui| {
            let mut field = |name: &str, value: &mut String, hint: &str, meaning: &str| {
                let label = ui.label(name).on_hover_text(meaning);
                let edit = TextEdit::singleline(value)
                    .hint_text(hint)
                    .desired_width(220.0);
                ui.add(edit).labelled_by(label.id);
                ui.end_row();
            };
            field("Name", &mut own.name, "local", "Its lessons bear this name");
            let address = "Where the server is reached, up to /v1";
            field(
                "Base URL",
                &mut own.base_url,
                "http://127.0.0.1:8080/v1",
                address,
            );
            let model = "As the server calls it; Test connection lists the names";
            field("Model", &mut own.model, "model name", model);
            let key = "Name of the environment variable that holds the key, if the server asks for \
                   one. The key itself is never stored";
            field("Key variable", &mut own.key_env, "none", key);
        });
    let teacher = own.teacher();
    let sound = teacher.endpoint.check();
    let named = !teacher.name.is_empty();
    let keep = ui.add_enabled(
        named && sound.is_ok(),
        egui::Button::new("Keep this teacher"),
    );
    let keep = keep.on_hover_text("Kept in the project's state folder, without any key");
    if let Err(error) = sound {
        caption(ui, error.to_string());
    }
    if keep.clicked() {
        let name = teacher.name.clone();
        out.push(Command::PutTeacher(Box::new(teacher)).into());
        return Some(name);
    }
    None
}
