//! Which points are near the pointer or inside a shape: the order in which the
//! cloud is drawn finds them, so that no gesture looks at every point.

use eframe::egui::{Rect, Vec2, pos2};

use super::layer::MortonOrder;

/// A part of the map.
pub(super) trait Region {
    /// A rectangle round it.
    fn bounds(&self) -> Rect;
    /// Whether it holds a position.
    fn contains(&self, position: [f32; 2]) -> bool;
}

impl Region for Rect {
    fn bounds(&self) -> Rect {
        *self
    }

    fn contains(&self, [x, y]: [f32; 2]) -> bool {
        Rect::contains(self, pos2(x, y))
    }
}

impl MortonOrder {
    /// The point nearest to `at` within `radius`, both in units of the map,
    /// among those that `keep` accepts; the lower index wins a tie.
    pub(super) fn nearest(
        &self,
        positions: &[[f32; 2]],
        at: [f32; 2],
        radius: f32,
        keep: impl Fn(usize) -> bool,
    ) -> Option<usize> {
        // A hair wider, so that rounding loses no point on the circle.
        let reach = radius * 1.001;
        let area = Rect::from_center_size(at.into(), Vec2::splat(2.0 * reach));
        let mut best: Option<(f32, usize)> = None;
        self.visit(area, &mut |point| {
            let distance = squared_distance(positions[point], at);
            if distance <= radius * radius
                && best.is_none_or(|best| (distance, point) < best)
                && keep(point)
            {
                best = Some((distance, point));
            }
        });
        best.map(|(_, point)| point)
    }

    /// The points inside `region` that `keep` accepts, in ascending order.
    pub(super) fn inside(
        &self,
        positions: &[[f32; 2]],
        region: &impl Region,
        keep: impl Fn(usize) -> bool,
    ) -> Vec<usize> {
        let mut found = Vec::new();
        self.visit(region.bounds(), &mut |point| {
            if region.contains(positions[point]) && keep(point) {
                found.push(point);
            }
        });
        found.sort_unstable();
        found
    }
}

fn squared_distance([ax, ay]: [f32; 2], [bx, by]: [f32; 2]) -> f32 {
    (ax - bx) * (ax - bx) + (ay - by) * (ay - by)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn position() -> impl Strategy<Value = [f32; 2]> {
        prop_oneof![
            20 => [-5.0_f32..5.0, -5.0_f32..5.0],
            // Many equal positions, and some far away or not there at all.
            5 => [(-2_i8..3).prop_map(f32::from), (-2_i8..3).prop_map(f32::from)],
            1 => [-1e4_f32..1e4, -1e4_f32..1e4],
            1 => Just([f32::NAN, 0.0]),
        ]
    }

    proptest! {
        #[test]
        fn nearest_agrees_with_looking_at_every_point(
            positions in prop::collection::vec(position(), 0..200),
            at in [-6.0_f32..6.0, -6.0_f32..6.0],
            radius in 0.0_f32..8.0,
            step in 1_usize..4,
        ) {
            let keep = |point: usize| point.is_multiple_of(step);
            let expected = (0..positions.len())
                .filter(|&point| keep(point))
                .map(|point| (squared_distance(positions[point], at), point))
                .filter(|&(distance, _)| distance <= radius * radius)
                .min_by(|a, b| a.partial_cmp(b).unwrap())
                .map(|(_, point)| point);
            let found = MortonOrder::new(&positions).nearest(&positions, at, radius, keep);
            prop_assert_eq!(found, expected);
        }

        #[test]
        fn a_box_holds_exactly_the_points_inside(
            positions in prop::collection::vec(position(), 0..200),
            one in [-6.0_f32..6.0, -6.0_f32..6.0],
            other in [-6.0_f32..6.0, -6.0_f32..6.0],
        ) {
            let area = Rect::from_two_pos(one.into(), other.into());
            let expected: Vec<usize> = (0..positions.len())
                .filter(|&point| Region::contains(&area, positions[point]))
                .collect();
            let found = MortonOrder::new(&positions).inside(&positions, &area, |_| true);
            prop_assert_eq!(found, expected);
        }
    }
}
