//! A teacher that is set up in the app, for instance a server on this machine.

use eframe::egui::{self, Ui};

use crate::gui::panels::form::{choices, line};
use crate::gui::panels::widgets::{button_if, caption};
use crate::gui::read::Cx;
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

/// The fields, and the button that keeps what was typed; the name of what is
/// kept.
pub(super) fn ui(own: &mut OwnTeacher, cx: &mut Cx<'_>, ui: &mut Ui) -> Option<String> {
    ui.horizontal_wrapped(|ui| {
        let kinds = [
            (Kind::OpenAi, "OpenAI-compatible", ""),
            (Kind::Anthropic, "Anthropic", ""),
        ];
        choices(ui, &mut own.kind, kinds);
        caption(ui, "usual:");
        for (server, address) in USUAL {
            if ui.small_button(server).on_hover_text(address).clicked() {
                own.base_url = address.to_owned();
                own.kind = Kind::OpenAi;
            }
        }
    });
    let name = ("Name", "local", "Its lessons bear this name");
    let address = (
        "Base URL",
        "http://127.0.0.1:8080/v1",
        "Where the server is reached, up to /v1",
    );
    let model = (
        "Model",
        "model name",
        "As the server calls it; Test connection lists the names",
    );
    let key = (
        "Key variable",
        "none",
        "Name of the environment variable that holds the key, if the server asks for one. The \
         key itself is never stored",
    );
    egui::Grid::new("own teacher")
        .num_columns(2)
        .show(ui, |ui| {
            for (value, (name, hint, meaning)) in [
                (&mut own.name, name),
                (&mut own.base_url, address),
                (&mut own.model, model),
                (&mut own.key_env, key),
            ] {
                let label = ui.label(name).on_hover_text(meaning);
                line(ui, name, value, hint, 220.0).labelled_by(label.id);
                ui.end_row();
            }
        });
    let teacher = own.teacher();
    let sound = teacher.endpoint.check();
    let ready = !teacher.name.is_empty() && sound.is_ok();
    let meaning = "Kept in the project's state folder, without any key";
    let keep = button_if(ui, ready, "Keep this teacher", meaning);
    if let Err(error) = sound {
        caption(ui, error.to_string());
    }
    keep.then(|| {
        let name = teacher.name.clone();
        cx.ask(Command::PutTeacher(Box::new(teacher)));
        name
    })
}
