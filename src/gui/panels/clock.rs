//! How long somebody has been at it.

use std::time::{Duration, Instant};

use eframe::egui::Ui;

use crate::records::Cost;

/// Time without a key, a click or a move that is not counted as teaching.
const IDLE: Duration = Duration::from_secs(60);

/// Counts active time.
#[derive(Debug, Default)]
pub(super) struct Clock {
    active: Duration,
    last_input: Option<Instant>,
}

impl Clock {
    /// Notes what came since the last frame.
    pub(super) fn tick(&mut self, ui: &Ui) {
        if ui.input(|input| !input.events.is_empty()) {
            self.input_at(Instant::now());
        }
    }

    fn input_at(&mut self, now: Instant) {
        if let Some(last) = self.last_input {
            let passed = now.saturating_duration_since(last);
            if passed <= IDLE {
                self.active += passed;
            }
        }
        self.last_input = Some(now);
    }

    /// Active time that has not been recorded yet.
    pub(super) fn unrecorded(&self) -> Duration {
        self.active
    }

    /// A lesson's cost with the active time so far; counting starts anew.
    pub(super) fn added_to(&mut self, cost: &Cost) -> Cost {
        let active = std::mem::take(&mut self.active);
        Cost {
            active_seconds: cost.active_seconds + active.as_secs_f64(),
            ..cost.clone()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_pauses_are_not_counted() {
        let mut clock = Clock::default();
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        for seconds in [0, 10, 55, 200, 210] {
            clock.input_at(at(seconds));
        }
        assert_eq!(clock.unrecorded(), Duration::from_secs(65));
        let before = Cost {
            active_seconds: 10.0,
            ..Cost::default()
        };
        let after = clock.added_to(&before);
        assert_eq!(after.active_seconds, 75.0);
        assert_eq!(clock.added_to(&after), after);
    }
}
