//! Selecting by hand: the modes, the box and the lasso.

use eframe::egui::{Modifiers, Pos2, Rect};

use super::hit_test::Region;

/// What a click, a box or a lasso does to the selection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SelectMode {
    /// It becomes the selection.
    Replace,
    /// It joins the selection (Ctrl, or Command on macOS).
    Add,
    /// It leaves the selection (Alt).
    Remove,
}

impl SelectMode {
    /// The mode that the held keys ask for.
    pub fn of(modifiers: Modifiers) -> Self {
        if modifiers.alt {
            SelectMode::Remove
        } else if modifiers.command {
            SelectMode::Add
        } else {
            SelectMode::Replace
        }
    }

    /// Applies the mode to a selection with one flag for each point. A lone
    /// point that is to be added but is selected already leaves, so that
    /// Ctrl-click toggles.
    pub fn apply(self, points: &[usize], selected: &mut [bool]) {
        if self == SelectMode::Replace {
            selected.fill(false);
        }
        let toggles_off = matches!(
            (self, points),
            (SelectMode::Add, [one]) if selected.get(*one) == Some(&true)
        );
        for &point in points {
            if let Some(flag) = selected.get_mut(point) {
                *flag = self != SelectMode::Remove && !toggles_off;
            }
        }
    }
}

/// What dragging with the primary button does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tool {
    /// Moves the map; with Shift it draws a box.
    #[default]
    Pan,
    /// Draws a lasso.
    Lasso,
}

/// A selection being drawn, in points on the screen.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Drawing {
    Box { from: Pos2, to: Pos2 },
    Lasso(Vec<Pos2>),
}

/// Points on the screen between two corners of a lasso.
const LASSO_STEP: f32 = 3.0;

impl Drawing {
    pub(super) fn extend(&mut self, pointer: Pos2) {
        match self {
            Drawing::Box { to, .. } => *to = pointer,
            Drawing::Lasso(corners) => {
                if corners
                    .last()
                    .is_none_or(|last| last.distance(pointer) >= LASSO_STEP)
                {
                    corners.push(pointer);
                }
            }
        }
    }
}

/// The inside of a closed polygon by the even-odd rule, where a region that
/// the line encloses twice is outside.
///
/// The edges are sorted into horizontal strips: a lasso of hundreds of edges
/// round a hundred thousand points must not cost their product.
#[derive(Debug)]
pub(super) struct Polygon {
    bounds: Rect,
    strips: Vec<Vec<[[f32; 2]; 2]>>,
}

impl Polygon {
    pub(super) fn new(corners: &[[f32; 2]]) -> Self {
        let mut bounds = Rect::NOTHING;
        for &corner in corners {
            bounds.extend_with(corner.into());
        }
        let mut polygon = Self {
            bounds,
            strips: vec![Vec::new(); corners.len().clamp(1, 256)],
        };
        for (index, &from) in corners.iter().enumerate() {
            let to = corners[(index + 1) % corners.len()];
            let strips = polygon.strip(from[1].min(to[1]))..=polygon.strip(from[1].max(to[1]));
            for strip in &mut polygon.strips[strips] {
                strip.push([from, to]);
            }
        }
        polygon
    }

    fn strip(&self, y: f32) -> usize {
        let share = (y - self.bounds.min.y) / self.bounds.height();
        ((share * self.strips.len() as f32) as usize).min(self.strips.len() - 1)
    }
}

impl Region for Polygon {
    fn bounds(&self) -> Rect {
        self.bounds
    }

    fn contains(&self, position: [f32; 2]) -> bool {
        let crossings = self.strips[self.strip(position[1])]
            .iter()
            .filter(|edge| crosses(edge, position))
            .count();
        self.bounds.contains(position.into()) && crossings % 2 == 1
    }
}

/// Whether a ray from a position to the right meets an edge.
fn crosses(&[from, to]: &[[f32; 2]; 2], [x, y]: [f32; 2]) -> bool {
    (from[1] > y) != (to[1] > y)
        && x < (to[0] - from[0]) * (y - from[1]) / (to[1] - from[1]) + from[0]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::layer::MortonOrder;
    use super::*;

    proptest! {
        #[test]
        fn a_lasso_holds_exactly_the_points_inside(
            positions in prop::collection::vec([-5.0_f32..5.0, -5.0_f32..5.0], 0..200),
            corners in prop::collection::vec([-6.0_f32..6.0, -6.0_f32..6.0], 3..60),
        ) {
            let expected: Vec<usize> = (0..positions.len())
                .filter(|&point| {
                    let crossings = (0..corners.len())
                        .map(|i| [corners[i], corners[(i + 1) % corners.len()]])
                        .filter(|edge| crosses(edge, positions[point]))
                        .count();
                    crossings % 2 == 1
                })
                .collect();
            let lasso = Polygon::new(&corners);
            let found = MortonOrder::new(&positions).inside(&positions, &lasso, |_| true);
            prop_assert_eq!(found, expected);
        }
    }

    #[test]
    fn a_square_has_an_inside() {
        let square = Polygon::new(&[[0.0, 0.0], [2.0, 0.0], [2.0, 2.0], [0.0, 2.0]]);
        assert!(square.contains([1.0, 1.0]));
        assert!(!square.contains([3.0, 1.0]));
        assert!(!Polygon::new(&[[1.0, 1.0]; 3]).contains([1.0, 1.0]));
    }

    #[test]
    fn modes_replace_add_remove_and_toggle() {
        let mut selected = [true, false, false];
        SelectMode::Add.apply(&[1, 2], &mut selected);
        assert_eq!(selected, [true, true, true]);
        SelectMode::Remove.apply(&[0], &mut selected);
        assert_eq!(selected, [false, true, true]);
        SelectMode::Add.apply(&[1], &mut selected);
        assert_eq!(selected, [false, false, true]);
        SelectMode::Replace.apply(&[0, 99], &mut selected);
        assert_eq!(selected, [true, false, false]);
    }
}
