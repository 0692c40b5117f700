//! The files of a new project: which, how each is read, and whose rows they
//! are.

use std::collections::BTreeMap;
use std::path::PathBuf;

use eframe::egui::{CollapsingHeader, Context, RichText, Ui};

use super::background::Pending;
use super::new_project::Answer;
use super::notices::Notice;
use super::panels::form::{line, menu};
use super::panels::how_read;
use super::panels::widgets::{bad, caption, section};
use super::pick::Wanted;
use super::words;
use crate::dataset::guess::Guess;
use crate::records::{FileSpec, Role};
use crate::steps::draft::{Draft, DraftFile, FileRoles};

/// A look at a file that was begun.
struct Look {
    path: PathBuf,
    how: FileSpec,
    guess: Pending<Guess>,
}

/// What runs behind the list of files.
#[derive(Default)]
pub struct NewFiles {
    looking: Option<Look>,
    /// Why a file cannot be read as somebody wants.
    troubles: BTreeMap<PathBuf, Notice>,
}

impl NewFiles {
    /// Looks anew at files that somebody wants to be read otherwise.
    pub fn logic(&mut self, draft: &mut Draft, ctx: &Context) {
        if let Some(look) = &mut self.looking
            && let Some(result) = look.guess.take()
        {
            match result {
                Ok(guess) => {
                    self.troubles.remove(&look.path);
                    draft.looked_at(&look.path, look.how.clone(), guess);
                }
                Err(error) => {
                    self.troubles
                        .insert(look.path.clone(), Notice::from(&error));
                    draft.could_not_look_at(&look.path, look.how.clone());
                }
            }
            self.looking = None;
        }
        if self.looking.is_none()
            && let Some(file) = draft.files.iter().find(|file| file.how != file.seen_as)
        {
            let (path, how) = (file.path.clone(), file.how.clone());
            let (from, wanted) = (path.clone(), how.clone());
            let guess = Pending::start(ctx, move || DraftFile::look(&from, &wanted));
            self.looking = Some(Look { path, how, guess });
        }
    }

    /// The list.
    pub fn ui(&self, draft: &mut Draft, answer: &mut Answer, ui: &mut Ui) {
        section(
            ui,
            "Files",
            "Tables with one text and one label in each row",
        );
        let mut remove = None;
        for (position, file) in draft.files.iter_mut().enumerate() {
            if self.file(file, ui) {
                remove = Some(position);
            }
        }
        if let Some(position) = remove {
            draft.remove(position);
        }
        let layouts = draft.files.iter().map(|file| &file.guess.layout);
        how_read::disagreement(layouts, &mut draft.disagreement, ui);
        ui.horizontal(|ui| {
            if ui.button("Add files …").clicked() {
                answer.pick = Some(Wanted::DataFiles);
            }
            answer.paste |= paste_button(ui);
            caption(ui, "or drop them onto the window");
        });
    }

    /// One of them; whether it is to be removed.
    fn file(&self, file: &mut DraftFile, ui: &mut Ui) -> bool {
        let name = file.name();
        let removed = ui.horizontal(|ui| {
            ui.label(RichText::new(&name).strong())
                .on_hover_text(file.path.display().to_string());
            if let Some(split) = &file.split {
                caption(ui, format!("split {split}"));
            }
            caption(ui, file.guess.layout.described());
            let label = caption(ui, "source").on_hover_text(words::SOURCE);
            line(
                ui,
                &format!("Source of {name}"),
                &mut file.source,
                "",
                110.0,
            )
            .labelled_by(label.id)
            .on_hover_text(words::SOURCE);
            roles_menu(&name, file, ui);
            let button = ui.button("Remove");
            button.accessible_name(format!("Remove {name}")).clicked()
        });
        if let Some(trouble) = self.troubles.get(&file.path) {
            bad(ui, format!("! {}", trouble.message));
            if let Some(hint) = &trouble.hint {
                caption(ui, hint);
            }
        }
        CollapsingHeader::new(format!("How {name} is read"))
            .id_salt(&file.path)
            .show(ui, |ui| {
                how_read::ui(&name, &file.guess.layout, &mut file.how, ui);
            });
        removed.inner
    }
}

/// The button that takes a table from the clipboard.
pub(super) fn paste_button(ui: &mut Ui) -> bool {
    let meaning = "Cells copied in a spreadsheet, CSV or JSON Lines from the clipboard, header and \
                   rows; Ctrl+V does the same";
    ui.button("Paste a table").on_hover_text(meaning).clicked()
}

fn roles_menu(name: &str, file: &mut DraftFile, ui: &mut Ui) {
    let before = file.roles;
    let roles = [FileRoles::Drawn, FileRoles::Unseen]
        .into_iter()
        .chain(Role::ALL.map(FileRoles::All));
    menu(
        ui,
        (&format!("Roles of {name}"), 180.0),
        &before.name(),
        &mut file.roles,
        roles.map(|roles| (roles, roles.name())),
    )
    .on_hover_text(words::ROLES_OF_FILE);
    file.roles_chosen |= file.roles != before;
}
