//! Keys and texts in the order in which they came, however slow the frames
//! are: a key that acts ends a frame, and what was typed after it comes in the
//! next. Else what follows Enter in the same frame would be added to the text
//! that Enter was to finish.

use eframe::egui::{Event, Key};

/// Events that wait for later frames at most: beyond that somebody holds a key
/// down on a slow machine, and its repeats are dropped.
const MOST_WAITING: usize = 40;

/// Input that waits for the next frame.
#[derive(Debug, Default)]
pub(super) struct InOrder {
    waiting: Vec<Event>,
}

impl InOrder {
    /// Leaves of some events those for this frame; whether others wait.
    pub(super) fn cut(&mut self, events: &mut Vec<Event>) -> bool {
        let mut all = std::mem::take(&mut self.waiting);
        all.append(events);
        if all.len() > MOST_WAITING {
            all.retain(|event| !is_repeat(event));
        }
        let end = all.iter().position(acts).map_or(all.len(), |at| at + 1);
        // What was let go is no news that could come too early.
        let rest = all.split_off(end);
        let (typed, other): (Vec<Event>, Vec<Event>) = match rest.iter().any(is_typed) {
            true => (rest, Vec::new()),
            false => (Vec::new(), rest),
        };
        all.extend(other);
        self.waiting = typed;
        *events = all;
        !self.waiting.is_empty()
    }
}

/// Whether a key does something to what was typed before, or moves on.
fn acts(event: &Event) -> bool {
    let Event::Key {
        key,
        pressed: true,
        modifiers,
        ..
    } = event
    else {
        return false;
    };
    let moves = matches!(
        key,
        Key::Enter
            | Key::Tab
            | Key::Escape
            | Key::ArrowUp
            | Key::ArrowDown
            | Key::J
            | Key::K
            | Key::F5
    );
    let judges = matches!(key, Key::Num1 | Key::Num2 | Key::Num3);
    moves || judges || modifiers.command
}

fn is_typed(event: &Event) -> bool {
    matches!(
        event,
        Event::Key { pressed: true, .. } | Event::Text(_) | Event::Paste(_) | Event::Ime(_)
    )
}

fn is_repeat(event: &Event) -> bool {
    matches!(event, Event::Key { repeat: true, .. })
}

#[cfg(test)]
mod tests {
    use eframe::egui::Modifiers;

    use super::*;

    fn key(key: Key, repeat: bool) -> Event {
        Event::Key {
            key,
            physical_key: None,
            pressed: true,
            repeat,
            modifiers: Modifiers::NONE,
        }
    }

    fn text(text: &str) -> Event {
        Event::Text(text.to_owned())
    }

    #[test]
    fn what_follows_enter_comes_a_frame_later() {
        let mut order = InOrder::default();
        let mut events = vec![text("one"), key(Key::Enter, false), text("two")];
        events.extend([key(Key::Enter, false), text("three")]);
        assert!(order.cut(&mut events));
        assert_eq!(events, [text("one"), key(Key::Enter, false)]);
        let mut events = vec![text("four")];
        assert!(order.cut(&mut events));
        assert_eq!(events, [text("two"), key(Key::Enter, false)]);
        let mut events = Vec::new();
        assert!(!order.cut(&mut events));
        assert_eq!(events, [text("three"), text("four")]);
    }

    #[test]
    fn a_frame_with_one_key_is_left_as_it_is() {
        let mut order = InOrder::default();
        let up = Event::Key {
            key: Key::Enter,
            physical_key: None,
            pressed: false,
            repeat: false,
            modifiers: Modifiers::NONE,
        };
        let mut events = vec![key(Key::Enter, false), up.clone(), Event::PointerGone];
        assert!(!order.cut(&mut events));
        assert_eq!(events, [key(Key::Enter, false), up, Event::PointerGone]);
    }

    #[test]
    fn a_key_that_is_held_down_does_not_run_on_after_it_is_let_go() {
        let mut order = InOrder::default();
        let mut held = 0;
        for _ in 0..200 {
            let mut events = vec![key(Key::ArrowDown, true), key(Key::ArrowDown, true)];
            held += usize::from(order.cut(&mut events));
            assert!(order.waiting.len() <= MOST_WAITING);
        }
        assert!(held > 100, "keys wait for later frames, {held} times");
    }
}
