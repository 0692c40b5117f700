//! What a model makes of an example, and what became of it under another
//! model: decided here and nowhere else.

use serde::{Deserialize, Serialize};

use crate::inference::Prediction;
use crate::records::Label;

/// What a model makes of an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Wrong with confidence τ or more.
    UnknownUnknown,
    /// Wrong, below τ.
    WrongUnsure,
    /// Right.
    Right,
    /// Judged ambiguous or wrongly labelled without a known right label.
    SetAside,
}

impl Outcome {
    /// All of them, worst first.
    pub const ALL: [Outcome; 4] = [
        Outcome::UnknownUnknown,
        Outcome::WrongUnsure,
        Outcome::Right,
        Outcome::SetAside,
    ];

    /// Its name in tables and legends.
    pub fn name(self) -> &'static str {
        match self {
            Outcome::UnknownUnknown => "unknown unknown",
            Outcome::WrongUnsure => "wrong, unsure",
            Outcome::Right => "right",
            Outcome::SetAside => "set aside",
        }
    }

    /// Holds an answer against the true label, where anybody can say it.
    pub fn of(truth: Option<Label>, answer: Prediction, tau: f32) -> Self {
        match truth {
            None => Outcome::SetAside,
            Some(label) => Self::graded(label == answer.label, answer.confidence, tau),
        }
    }

    /// The outcome of an answer that is known to be right or wrong.
    pub fn graded(right: bool, confidence: f32, tau: f32) -> Self {
        if right {
            Outcome::Right
        } else if confidence >= tau {
            Outcome::UnknownUnknown
        } else {
            Outcome::WrongUnsure
        }
    }
}

/// What became of an example under a retrained model, as far as unknown
/// unknowns go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// Was an unknown unknown and is right now.
    Corrected,
    /// Was one and is still wrong, but now below τ. Not repaired: only less
    /// sure.
    Quieted,
    /// Was one and is one still.
    Remaining,
    /// Is one now and was none.
    New,
}

impl Fate {
    /// From what the base made of an example and what another model makes of
    /// it; none where neither made it an unknown unknown.
    pub fn of(before: Outcome, after: Outcome) -> Option<Self> {
        use Outcome::UnknownUnknown;
        match (before, after) {
            (UnknownUnknown, UnknownUnknown) => Some(Fate::Remaining),
            (UnknownUnknown, Outcome::Right) => Some(Fate::Corrected),
            (UnknownUnknown, _) => Some(Fate::Quieted),
            (_, UnknownUnknown) => Some(Fate::New),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_threshold_belongs_to_the_unknown_unknowns() {
        let said = |confidence| Prediction {
            label: 1,
            confidence,
        };
        assert_eq!(
            Outcome::of(Some(0), said(0.9), 0.9),
            Outcome::UnknownUnknown
        );
        assert_eq!(Outcome::of(Some(0), said(0.89), 0.9), Outcome::WrongUnsure);
        assert_eq!(Outcome::of(Some(1), said(0.99), 0.9), Outcome::Right);
        assert_eq!(Outcome::of(None, said(0.99), 0.9), Outcome::SetAside);
        assert_eq!(
            Outcome::of(Some(0), said(f32::NAN), 0.9),
            Outcome::WrongUnsure
        );
    }

    #[test]
    fn a_quieted_error_is_never_called_corrected() {
        use Outcome::{Right, UnknownUnknown, WrongUnsure};
        let became = |after| Fate::of(UnknownUnknown, after);
        assert_eq!(became(Right), Some(Fate::Corrected));
        assert_eq!(became(WrongUnsure), Some(Fate::Quieted));
        assert_eq!(became(UnknownUnknown), Some(Fate::Remaining));
        for before in [Right, WrongUnsure] {
            assert_eq!(Fate::of(before, UnknownUnknown), Some(Fate::New));
            assert_eq!(Fate::of(before, Right), None);
        }
    }
}
