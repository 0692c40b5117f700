//! Names, explanations and shortcuts of what the keyboard can do: menus,
//! tooltips and the shortcut sheet all take them from here.

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
    /// Judges the selected errors to be real.
    RealError,
    /// Judges the selected labels to be wrong.
    WrongLabel,
    /// Judges the selected texts to be ambiguous.
    Ambiguous,
    /// Goes to the next example of the table.
    Next,
    /// Goes to the example before in the table.
    Previous,
    /// Chooses nothing.
    Clear,
    /// Freezes the blind spots.
    Freeze,
    /// Large type for showing to others.
    Presentation,
    /// Makes everything larger.
    Larger,
    /// Makes everything smaller.
    Smaller,
    /// Shows the list of shortcuts.
    Help,
}

impl Shortcut {
    /// All of them, in the order of the sheet.
    pub const ALL: [Shortcut; 14] = [
        Shortcut::Undo,
        Shortcut::Redo,
        Shortcut::Search,
        Shortcut::Next,
        Shortcut::Previous,
        Shortcut::RealError,
        Shortcut::WrongLabel,
        Shortcut::Ambiguous,
        Shortcut::Clear,
        Shortcut::Freeze,
        Shortcut::Presentation,
        Shortcut::Larger,
        Shortcut::Smaller,
        Shortcut::Help,
    ];

    /// What it does.
    pub fn text(self) -> &'static str {
        match self {
            Shortcut::Undo => "Undo the last edit",
            Shortcut::Redo => "Redo",
            Shortcut::Search => "Search the texts",
            Shortcut::RealError => "Triage: real error",
            Shortcut::WrongLabel => "Triage: wrong label",
            Shortcut::Ambiguous => "Triage: ambiguous",
            Shortcut::Next => "Next example",
            Shortcut::Previous => "Previous example",
            Shortcut::Clear => "Clear the selection",
            Shortcut::Freeze => "Freeze the blind spots",
            Shortcut::Presentation => "Presentation mode",
            Shortcut::Larger => "Larger",
            Shortcut::Smaller => "Smaller",
            Shortcut::Help => "This list",
        }
    }

    /// Its keys.
    pub fn keys(self) -> KeyboardShortcut {
        let (modifiers, key) = match self {
            Shortcut::Undo => (Modifiers::COMMAND, Key::Z),
            Shortcut::Redo => (Modifiers::COMMAND.plus(Modifiers::SHIFT), Key::Z),
            Shortcut::Search => (Modifiers::COMMAND, Key::F),
            Shortcut::RealError => (Modifiers::NONE, Key::Num1),
            Shortcut::WrongLabel => (Modifiers::NONE, Key::Num2),
            Shortcut::Ambiguous => (Modifiers::NONE, Key::Num3),
            Shortcut::Next => (Modifiers::NONE, Key::ArrowDown),
            Shortcut::Previous => (Modifiers::NONE, Key::ArrowUp),
            Shortcut::Clear => (Modifiers::NONE, Key::Escape),
            Shortcut::Freeze => (Modifiers::COMMAND, Key::Enter),
            Shortcut::Presentation => (Modifiers::NONE, Key::F5),
            Shortcut::Larger => (Modifiers::COMMAND, Key::Plus),
            Shortcut::Smaller => (Modifiers::COMMAND, Key::Minus),
            Shortcut::Help => (Modifiers::NONE, Key::Questionmark),
        };
        KeyboardShortcut::new(modifiers, key)
    }

    /// Whether it is a bare key that a text field would want for itself.
    fn is_typing(self) -> bool {
        let keys = self.keys();
        keys.modifiers == Modifiers::NONE && keys.logical_key != Key::F5
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
        let mut order = Shortcut::ALL;
        order.swap(0, 1);
        order
            .into_iter()
            .filter(|shortcut| !(typing && shortcut.is_typing()))
            .filter(|shortcut| ctx.input_mut(|input| input.consume_shortcut(&shortcut.keys())))
            .collect()
    }
}
