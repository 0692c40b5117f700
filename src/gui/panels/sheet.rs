//! Tables of figures as the window shows them: meanings on hover.

use eframe::egui::{Grid, RichText, ScrollArea, Ui};

use super::widgets::{caption, explained, section};
use crate::support::figures::Sheet;
use crate::support::text::capitalised;

/// Shows a sheet; `meaning` explains its headline.
pub(super) fn ui(sheet: &Sheet, meaning: &str, ui: &mut Ui) {
    section(ui, &capitalised(&sheet.title), meaning);
    for note in &sheet.notes {
        caption(ui, note.as_str());
    }
    ScrollArea::horizontal()
        .id_salt(("sheet", &sheet.title))
        .show(ui, |ui| {
            Grid::new(("figures", &sheet.title))
                .num_columns(sheet.heads.len())
                .spacing([16.0, 5.0])
                .striped(true)
                .show(ui, |ui| grid(sheet, ui));
        });
}

fn grid(sheet: &Sheet, ui: &mut Ui) {
    for head in &sheet.heads {
        explained(caption(ui, head.name.as_str()), head.meaning);
    }
    ui.end_row();
    for line in &sheet.lines {
        for (position, cell) in line.cells.iter().enumerate() {
            let text = RichText::new(&cell.text);
            let label = ui.label(if line.strong && position == 0 {
                text.strong()
            } else {
                text
            });
            explained(label, cell.detail.as_deref().unwrap_or_default());
        }
        ui.end_row();
    }
}
