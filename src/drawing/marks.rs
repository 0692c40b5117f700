//! How points are marked: nothing is told by colour alone.

use super::Hue;
use crate::discovery::Fate;

/// How a point is drawn, apart from its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Mark {
    /// A dot.
    #[default]
    Plain,
    /// An unknown unknown: a larger dot in a ring.
    UnknownUnknown,
    /// An unknown unknown that retraining corrected: a circle.
    Corrected,
    /// One that is still wrong, but no longer with confidence: a half-filled
    /// circle.
    Quieted,
    /// One that remains: a larger dot in a ring.
    Remaining,
    /// One that retraining made: a diamond.
    New,
}

impl Mark {
    /// The four outcomes of a retraining.
    pub const OUTCOMES: [Mark; 4] = [Mark::Corrected, Mark::Quieted, Mark::Remaining, Mark::New];

    /// Its name in legends.
    pub fn name(self) -> &'static str {
        match self {
            Mark::Plain => "no unknown unknown",
            Mark::UnknownUnknown => "unknown unknown",
            Mark::Corrected => "corrected",
            Mark::Quieted => "quieted",
            Mark::Remaining => "remaining",
            Mark::New => "new",
        }
    }

    /// What it means; empty where the name says it.
    pub fn meaning(self) -> &'static str {
        match self {
            Mark::Plain | Mark::UnknownUnknown => "",
            Mark::Corrected => "right now",
            Mark::Quieted => "still wrong, now below τ",
            Mark::Remaining => "still wrong with confidence",
            Mark::New => "an unknown unknown that the base did not have",
        }
    }

    /// Its colour where marks are coloured by what they are.
    pub fn hue(self) -> Hue {
        match self {
            Mark::Plain => Hue::Muted,
            Mark::Corrected => Hue::Good,
            Mark::Quieted => Hue::Caution,
            Mark::UnknownUnknown | Mark::Remaining => Hue::Bad,
            Mark::New => Hue::Palette(3),
        }
    }
}

impl From<Option<Fate>> for Mark {
    fn from(fate: Option<Fate>) -> Self {
        match fate {
            None => Mark::Plain,
            Some(Fate::Corrected) => Mark::Corrected,
            Some(Fate::Quieted) => Mark::Quieted,
            Some(Fate::Remaining) => Mark::Remaining,
            Some(Fate::New) => Mark::New,
        }
    }
}
