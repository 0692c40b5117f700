//! Which points are near the pointer or inside a shape: a uniform grid over
//! the map, so that no gesture looks at every point.

use eframe::egui::{Rect, pos2};

use super::camera::{bounds, usable};

/// Points that a grid cell holds on average.
const POINTS_PER_CELL: f32 = 2.0;
/// Most cells along one axis.
const MAX_CELLS: f32 = 1024.0;

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

/// Points by grid cell; positions that cannot be drawn are in none.
#[derive(Debug, Default)]
pub(super) struct GridIndex {
    origin: [f32; 2],
    cell: f32,
    columns: usize,
    rows: usize,
    /// `points[starts[c]..starts[c + 1]]` lie in cell `c`, row by row.
    starts: Vec<u32>,
    points: Vec<u32>,
}

impl GridIndex {
    pub(super) fn new(positions: &[[f32; 2]]) -> Self {
        let Some(bounds) = bounds(positions.iter().copied()) else {
            return Self::default();
        };
        let longest = bounds.width().max(bounds.height());
        let cell = (bounds.area() * POINTS_PER_CELL / positions.len() as f32)
            .sqrt()
            .max(longest / MAX_CELLS)
            .max(f32::MIN_POSITIVE);
        let mut grid = Self {
            origin: bounds.min.into(),
            cell,
            columns: (bounds.width() / cell) as usize + 1,
            rows: (bounds.height() / cell) as usize + 1,
            ..Self::default()
        };
        grid.fill(positions);
        grid
    }

    /// Counting sort of the points by cell.
    fn fill(&mut self, positions: &[[f32; 2]]) {
        let cells: Vec<Option<usize>> = positions
            .iter()
            .map(|&position| usable(position).then(|| self.cell_of(position)))
            .collect();
        self.starts = vec![0; self.columns * self.rows + 1];
        for cell in cells.iter().flatten() {
            self.starts[cell + 1] += 1;
        }
        for cell in 1..self.starts.len() {
            self.starts[cell] += self.starts[cell - 1];
        }
        let mut next = self.starts.clone();
        self.points = vec![0; self.starts.last().map_or(0, |&end| end as usize)];
        for (point, cell) in cells.iter().enumerate() {
            if let Some(cell) = cell {
                self.points[next[*cell] as usize] = point as u32;
                next[*cell] += 1;
            }
        }
    }

    /// Rounding is monotone, so a position between two others is never in a
    /// column outside theirs; out-of-range casts saturate.
    fn column(&self, x: f32) -> usize {
        (((x - self.origin[0]) / self.cell) as usize).min(self.columns - 1)
    }

    fn row(&self, y: f32) -> usize {
        (((y - self.origin[1]) / self.cell) as usize).min(self.rows - 1)
    }

    fn cell_of(&self, [x, y]: [f32; 2]) -> usize {
        self.row(y) * self.columns + self.column(x)
    }

    /// Calls `visit` with every point in the cells that touch `area`.
    fn visit(&self, area: Rect, mut visit: impl FnMut(usize)) {
        if self.points.is_empty() {
            return;
        }
        let columns = self.column(area.min.x)..=self.column(area.max.x);
        for row in self.row(area.min.y)..=self.row(area.max.y) {
            let first = self.starts[row * self.columns + columns.start()] as usize;
            let end = self.starts[row * self.columns + columns.end() + 1] as usize;
            for &point in &self.points[first..end] {
                visit(point as usize);
            }
        }
    }

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
        let area = Rect::from_min_max(
            pos2(at[0] - reach, at[1] - reach),
            pos2(at[0] + reach, at[1] + reach),
        );
        let mut best: Option<(f32, usize)> = None;
        self.visit(area, |point| {
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
        self.visit(region.bounds(), |point| {
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
            let found = GridIndex::new(&positions).nearest(&positions, at, radius, keep);
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
            let found = GridIndex::new(&positions).inside(&positions, &area, |_| true);
            prop_assert_eq!(found, expected);
        }
    }
}
