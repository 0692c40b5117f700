//! Tables of figures as the window shows them: meanings on hover.

use eframe::egui::{Grid, RichText, ScrollArea, TextStyle, Ui};

use super::widgets::{caption, explained, section};
use crate::support::figures::{Line, Sheet};
use crate::support::text::capitalised;

/// Lines up to which a table is shown whole.
const MOST_WHOLE: usize = 60;
/// Height of a longer one, in points.
const HEIGHT: f32 = 420.0;

/// Shows a sheet; `meaning` explains its headline.
pub(super) fn ui(sheet: &Sheet, meaning: &str, ui: &mut Ui) {
    section(ui, &capitalised(&sheet.title), meaning);
    for note in &sheet.notes {
        caption(ui, note.as_str());
    }
    let all = &sheet.lines;
    let name = ("sheet", &sheet.title);
    if all.len() <= MOST_WHOLE {
        // One that scrolled upwards too would show a line of it and no more:
        // the page that it is in has no height to give.
        let area = ScrollArea::horizontal().id_salt(name);
        area.show(ui, |ui| grid(sheet, all, ui));
    } else {
        let area = ScrollArea::both().id_salt(name);
        // Hundreds of blind spots must not cost a frame: only lines in sight
        // are laid out.
        let height = ui.text_style_height(&TextStyle::Body);
        area.max_height(HEIGHT)
            .show_rows(ui, height, all.len(), |ui, rows| {
                grid(sheet, &all[rows], ui);
            });
    }
}

fn grid(sheet: &Sheet, lines: &[Line], ui: &mut Ui) {
    Grid::new(("figures", &sheet.title))
        .num_columns(sheet.heads.len())
        .spacing([16.0, 5.0])
        .striped(true)
        .show(ui, |ui| cells(sheet, lines, ui));
}

fn cells(sheet: &Sheet, lines: &[Line], ui: &mut Ui) {
    for head in &sheet.heads {
        explained(caption(ui, head.name.as_str()), head.meaning);
    }
    ui.end_row();
    for line in lines {
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
