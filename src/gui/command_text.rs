//! Names and keys of what the keyboard can do: menus, tooltips and the
//! shortcut sheet all take them from here.

use eframe::egui::{Context, Key, KeyboardShortcut, Modifiers};

/// Something that a shortcut does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shortcut {
    /// Takes the last edit back.
    Undo,
    /// Does the last undone edit again.
    Redo,
    /// Goes to the search field.
    Search,
    /// Goes to the next example of the table.
    Next,
    /// Goes to the example before in the table.
    Previous,
    /// Judges the selected errors to be real.
    RealError,
    /// Judges the selected labels to be wrong.
    WrongLabel,
    /// Judges the selected texts to be ambiguous.
    Ambiguous,
    /// Chooses nothing.
    Clear,
    /// Freezes the blind spots.
    Freeze,
    /// The story on pages that fill the window.
    Presentation,
    /// Makes everything larger.
    Larger,
    /// Makes everything smaller.
    Smaller,
    /// Finds a command by its name.
    Palette,
    /// Shows the list of shortcuts.
    Help,
}

const COMMAND: Modifiers = Modifiers::COMMAND;
const SHIFT_COMMAND: Modifiers = COMMAND.plus(Modifiers::SHIFT);
const BARE: Modifiers = Modifiers::NONE;

/// What each does, and its keys, in the order of the sheet and of the variants.
const SHEET: [(Shortcut, &str, Modifiers, Key); 15] = [
    (Shortcut::Undo, "Undo the last edit", COMMAND, Key::Z),
    (Shortcut::Redo, "Redo", SHIFT_COMMAND, Key::Z),
    (Shortcut::Search, "Search the texts", COMMAND, Key::F),
    (Shortcut::Next, "Next example", BARE, Key::ArrowDown),
    (Shortcut::Previous, "Previous example", BARE, Key::ArrowUp),
    (Shortcut::RealError, "Triage: real error", BARE, Key::Num1),
    (Shortcut::WrongLabel, "Triage: wrong label", BARE, Key::Num2),
    (Shortcut::Ambiguous, "Triage: ambiguous", BARE, Key::Num3),
    (Shortcut::Clear, "Clear the selection", BARE, Key::Escape),
    (
        Shortcut::Freeze,
        "Freeze the blind spots",
        COMMAND,
        Key::Enter,
    ),
    (Shortcut::Presentation, "Presentation mode", BARE, Key::F5),
    (Shortcut::Larger, "Larger", COMMAND, Key::Plus),
    (Shortcut::Smaller, "Smaller", COMMAND, Key::Minus),
    (
        Shortcut::Palette,
        "Find a command by its name",
        COMMAND,
        Key::K,
    ),
    (
        Shortcut::Help,
        "Keyboard shortcuts and words",
        BARE,
        Key::Questionmark,
    ),
];

/// Keys that do the same as those of the sheet, for hands that stay on the
/// letters.
const ALSO: [(Shortcut, Key); 2] = [(Shortcut::Next, Key::J), (Shortcut::Previous, Key::K)];

impl Shortcut {
    /// All of them, in the order of the sheet.
    pub fn all() -> impl Iterator<Item = Shortcut> {
        SHEET.iter().map(|(shortcut, ..)| *shortcut)
    }

    /// What it does.
    pub fn text(self) -> &'static str {
        SHEET[self as usize].1
    }

    /// Its keys.
    pub fn keys(self) -> KeyboardShortcut {
        let (_, _, modifiers, key) = SHEET[self as usize];
        KeyboardShortcut::new(modifiers, key)
    }

    /// Whether it means something while the story is told.
    pub fn is_for_presenting(self) -> bool {
        matches!(
            self,
            Shortcut::Clear
                | Shortcut::Presentation
                | Shortcut::Larger
                | Shortcut::Smaller
                | Shortcut::Palette
                | Shortcut::Help
        )
    }

    /// Whether it is a bare key that a text field would want for itself.
    fn is_typing(self) -> bool {
        let keys = self.keys();
        keys.modifiers == BARE && keys.logical_key != Key::F5
    }

    /// Its keys as written on this system.
    pub fn written(self, ctx: &Context) -> String {
        let keys = self.keys();
        match keys.logical_key {
            // Nobody has a key called “Questionmark”.
            Key::Questionmark => keys.logical_key.symbol_or_name().to_owned(),
            _ => ctx.format_shortcut(&keys),
        }
    }

    /// The shortcuts pressed since the last frame. Bare keys count only while
    /// nothing has the keyboard, so that typing is never taken for a command.
    pub fn pressed(ctx: &Context) -> Vec<Shortcut> {
        let typing = ctx.text_edit_focused();
        // Redo is asked first: undo's keys are a part of redo's.
        let redo_first = [Shortcut::Redo].into_iter().chain(Shortcut::all());
        let sheet = redo_first.map(|shortcut| (shortcut, shortcut.keys()));
        let also = ALSO.map(|(shortcut, key)| (shortcut, KeyboardShortcut::new(BARE, key)));
        sheet
            .chain(also)
            .filter(|(shortcut, _)| !(typing && shortcut.is_typing()))
            .filter(|(_, keys)| ctx.input_mut(|input| input.consume_shortcut(keys)))
            .map(|(shortcut, _)| shortcut)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sheet_lists_each_shortcut_in_its_place() {
        for (place, (shortcut, ..)) in SHEET.iter().enumerate() {
            assert_eq!(*shortcut as usize, place);
        }
    }
}
