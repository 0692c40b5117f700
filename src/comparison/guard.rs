//! The guard on in-domain accuracy.

use serde::{Deserialize, Serialize};

use super::intervals::Difference;
use super::outcomes::FEWEST_ROWS;
use super::verdict::FEWEST_GROUPS;
use crate::support::text::signed;

/// The loss of in-domain accuracy that the guard must rule out, in points
/// (hundredths).
pub const GUARD_POINTS: f64 = 1.5;

/// The guard: in-domain accuracy must not have been paid for the gain.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state", content = "points")]
pub enum Guard {
    /// A loss of more than [`GUARD_POINTS`] is ruled out.
    Held(Difference),
    /// It is not ruled out.
    NotShown(Difference),
    /// Accuracy did fall by more than that.
    Violated(Difference),
    /// There are no in-domain rows to see it on.
    Unknown,
}

impl Guard {
    /// Judges the paired difference of in-domain accuracy to the reference
    /// base, in points, seen on so many rows in so many groups.
    pub fn new(points: Option<Difference>, rows: usize, groups: usize) -> Self {
        let points = points.map(|points| points.unless_unseen(100.0, groups));
        let enough = rows >= FEWEST_ROWS && groups >= FEWEST_GROUPS;
        match points {
            None => Guard::Unknown,
            Some(points) if !enough => Guard::NotShown(points),
            Some(points) if points.interval.lower > -GUARD_POINTS => Guard::Held(points),
            Some(points) if points.interval.upper < -GUARD_POINTS => Guard::Violated(points),
            Some(points) => Guard::NotShown(points),
        }
    }

    /// Whether a loss is ruled out.
    pub fn held(&self) -> bool {
        matches!(self, Guard::Held(_))
    }

    /// What was seen, in words.
    pub(super) fn sentence(&self) -> String {
        let figures = |points: &Difference| {
            format!(
                "in-domain accuracy changed by {} points ({})",
                signed(points.mean, 1),
                points.said(1, "")
            )
        };
        match self {
            Guard::Held(points) => format!("Guard held: {}.", figures(points)),
            Guard::NotShown(points) => format!(
                "Guard not met: {}, so a loss of more than {GUARD_POINTS} points is not ruled out.",
                figures(points)
            ),
            Guard::Violated(points) => format!(
                "Guard violated: {}, a loss of more than {GUARD_POINTS} points.",
                figures(points)
            ),
            Guard::Unknown => {
                "Guard not met: no in-domain rows, so a loss of accuracy is not ruled out.".into()
            }
        }
    }
}
