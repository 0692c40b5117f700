//! How one data file is read, each decision in a menu: what was recognised
//! stands there until somebody says otherwise.

use eframe::egui::{Grid, Ui};

use super::form::menu;
use super::widgets::{caption, caution};
use crate::dataset::table::{Format, Layout};
use crate::records::{Disagreement, FileSpec, Quotes};

/// Width of a menu, in points.
const MENU: f32 = 200.0;

/// What screen readers and tests call the menu.
const DISAGREEMENT: &str = "Where annotators disagree, what counts";

/// Encodings that files in use have, by their web names.
const ENCODINGS: [&str; 18] = [
    "utf-8",
    "windows-1252",
    "windows-1250",
    "windows-1251",
    "iso-8859-2",
    "iso-8859-15",
    "koi8-r",
    "windows-1253",
    "windows-1254",
    "windows-1255",
    "windows-1256",
    "shift_jis",
    "euc-jp",
    "gb18030",
    "big5",
    "euc-kr",
    "utf-16le",
    "utf-16be",
];

const DELIMITERS: [(char, &str); 4] = [
    (',', "comma"),
    (';', "semicolon"),
    ('\t', "tab"),
    ('|', "bar"),
];

const QUOTES: [(Quotes, &str); 3] = [
    (Quotes::Doubled, "enclose cells, doubled inside"),
    (
        Quotes::Backslash,
        "enclose cells, a backslash before those inside",
    ),
    (Quotes::None, "are part of the texts"),
];

/// Shows what was decided on a file and on which evidence, and lets one decide
/// otherwise; `name` tells its menus from those of other files.
pub fn ui(name: &str, layout: &Layout, file: &mut FileSpec, ui: &mut Ui) {
    for line in &layout.evidence {
        caption(ui, line);
    }
    for doubt in &layout.doubts {
        caution(ui, format!("! {doubt}"));
    }
    let (text, table) = match layout.format {
        Format::Delimited => (true, true),
        Format::JsonLines => (true, false),
        _ => (false, false),
    };
    if !text && layout.sheets.len() < 2 {
        caption(ui, "The file itself says how it is to be read");
        return;
    }
    Grid::new(("how it is read", name))
        .num_columns(2)
        .spacing([16.0, 6.0])
        .show(ui, |ui| {
            if text {
                let known = layout.encoding.unwrap_or_default();
                let all = ENCODINGS.map(|name| (name.to_owned(), name));
                setting(ui, ("Encoding", name), known, &mut file.encoding, all);
            }
            if table {
                let known = DELIMITERS
                    .iter()
                    .find(|(c, _)| Some(*c) == layout.delimiter);
                let known = known.map_or("", |(_, name)| name);
                setting(
                    ui,
                    ("Delimiter", name),
                    known,
                    &mut file.delimiter,
                    DELIMITERS,
                );
                let marks = ("Quotation marks", name);
                setting(ui, marks, "see above", &mut file.quotes, QUOTES);
            }
            if layout.sheets.len() > 1 {
                let known = layout.sheet.as_deref().unwrap_or_default();
                let all = layout
                    .sheets
                    .iter()
                    .map(|name| (name.clone(), name.as_str()));
                setting(ui, ("Sheet", name), known, &mut file.sheet, all);
            }
        });
}

/// What counts where the annotators of a text disagree: asked where a file is
/// the export of an annotation tool.
pub fn disagreement<'a>(
    mut layouts: impl Iterator<Item = &'a Layout>,
    chosen: &mut Option<Disagreement>,
    ui: &mut Ui,
) {
    if !layouts.any(|layout| layout.tool.is_some()) {
        return;
    }
    let entries = [
        (None, "files with such texts are refused"),
        (Some(Disagreement::Majority), "the label that most gave"),
        (
            Some(Disagreement::LeaveOut),
            "nothing: the text is left out",
        ),
    ];
    let shown = entries.iter().find(|(value, _)| value == chosen);
    let shown = shown.map_or("", |(_, name)| *name);
    ui.horizontal(|ui| {
        ui.label("Where annotators disagree").on_hover_text(
            "Of several annotators of one text; a tie under “most” is left out and counted",
        );
        menu(ui, (DISAGREEMENT, MENU + 40.0), shown, chosen, entries);
    });
}

/// A row of the grid: what is to be decided, and a menu whose first entry
/// leaves it to the program.
fn setting<'n, T: Clone + PartialEq>(
    ui: &mut Ui,
    (what, file): (&str, &str),
    recognised: &str,
    chosen: &mut Option<T>,
    all: impl IntoIterator<Item = (T, &'n str)>,
) {
    ui.label(what);
    let left = format!("recognised: {recognised}");
    let entries: Vec<(Option<T>, &str)> = std::iter::once((None, left.as_str()))
        .chain(all.into_iter().map(|(value, name)| (Some(value), name)))
        .collect();
    let shown = entries.iter().find(|(value, _)| value == chosen);
    let shown = shown.map_or("as set", |(_, name)| name).to_owned();
    menu(
        ui,
        (&format!("{what} of {file}"), MENU),
        &shown,
        chosen,
        entries,
    );
    ui.end_row();
}
