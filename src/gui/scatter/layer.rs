//! The cloud of dots: which of them to draw at a zoom level, and their mesh.
//!
//! Points are sorted along the Morton (Z-order) curve, in which every square
//! cell of every power-of-two grid is one run. A point's *level* is that of
//! the coarsest grid in which it is the first point of its cell; drawing all
//! points up to level L therefore draws exactly one point for each occupied
//! cell of grid L, the same ones wherever the map is panned to. So the cost
//! of a frame depends on the pixels of the window, not on the data, and what
//! is left out would lie under a dot that is drawn.

use std::ops::Range;

use eframe::egui::{Mesh, Rect, TextureId, pos2};
use rayon::slice::ParallelSliceMut;

use super::camera::{View, bounds, usable};

/// Bits of a Morton code for one axis: the finest grid is 65,536 cells wide.
const DEPTH: u32 = 16;
/// The level of points that share even a finest cell with another.
const LAST_LEVEL: usize = DEPTH as usize + 1;
/// Tiles for culling are the cells of grid 5: 32 × 32.
const TILE_DEPTH: u32 = 5;

/// Points of a square that are all visited rather than told apart.
const FEW: usize = 16;

/// All drawable points along the Morton curve.
#[derive(Debug, Default)]
pub(super) struct MortonOrder {
    origin: [f32; 2],
    /// Side of the square that the curve fills, in units of the map.
    pub(super) extent: f32,
    codes: Vec<u32>,
    points: Vec<u32>,
}

impl MortonOrder {
    pub(super) fn new(positions: &[[f32; 2]]) -> Self {
        let Some(bounds) = bounds(positions.iter().copied()) else {
            return Self::default();
        };
        // A hair larger, so that the far edge lies in the last cell.
        let extent = (bounds.width().max(bounds.height()) * 1.0001).max(f32::MIN_POSITIVE);
        let mut order = Self {
            origin: bounds.min.into(),
            extent,
            ..Self::default()
        };
        let mut keys: Vec<u64> = positions
            .iter()
            .enumerate()
            .filter(|(_, position)| usable(**position))
            .map(|(point, position)| {
                let [column, row] = order.cell_of(*position);
                let code = spread(column) | (spread(row) << 1);
                (u64::from(code) << 32) | point as u64
            })
            .collect();
        keys.par_sort_unstable();
        order.codes = keys.iter().map(|key| (key >> 32) as u32).collect();
        order.points = keys.iter().map(|key| *key as u32).collect();
        order
    }

    /// Column and row in the finest grid. Rounding is monotone, so a position
    /// between two others is never in a cell outside theirs; what lies outside
    /// the grid belongs to its edge.
    fn cell_of(&self, position: [f32; 2]) -> [u32; 2] {
        [0, 1].map(|axis| {
            let share = (position[axis] - self.origin[axis]) / self.extent;
            (share * (1_u32 << DEPTH) as f32).min(65_535.0) as u32
        })
    }

    /// Calls `visit` with every point in the cells that touch `area`, and with
    /// some others near them.
    pub(super) fn visit(&self, area: Rect, visit: &mut impl FnMut(usize)) {
        let corners = [area.min, area.max].map(|corner| self.cell_of(corner.into()));
        self.visit_square(0..self.codes.len(), (0, 0), corners, visit);
    }

    /// Visits the points of one square of the grid of some level, which are the
    /// run of the curve that begins with `code`.
    fn visit_square(
        &self,
        run: Range<usize>,
        (level, code): (u32, u32),
        [low, high]: [[u32; 2]; 2],
        visit: &mut impl FnMut(usize),
    ) {
        let shift = DEPTH - level;
        let at = [gather(code), gather(code >> 1)];
        let touches = |axis| (low[axis] >> shift..=high[axis] >> shift).contains(&at[axis]);
        if run.is_empty() || !touches(0) || !touches(1) {
            return;
        }
        if level == DEPTH || run.len() <= FEW {
            self.points[run]
                .iter()
                .for_each(|&point| visit(point as usize));
            return;
        }
        let mut start = run.start;
        for quarter in 4 * code..=4 * code + 3 {
            let within = |of: &u32| of >> (2 * (shift - 1)) <= quarter;
            let end = start + self.codes[start..run.end].partition_point(within);
            self.visit_square(start..end, (level + 1, quarter), [low, high], visit);
            start = end;
        }
    }

    /// The level whose cells are at most `cell` points wide on the screen.
    pub(super) fn level_for(&self, view: View, cell: f32) -> usize {
        let level = (self.extent * view.camera.scale / cell).log2().ceil();
        if level > DEPTH as f32 {
            LAST_LEVEL
        } else {
            level.max(0.0) as usize
        }
    }
}

/// Moves the lower 16 bits of `value` to the even places.
fn spread(value: u32) -> u32 {
    let mut bits = value & 0xffff;
    bits = (bits | (bits << 8)) & 0x00ff_00ff;
    bits = (bits | (bits << 4)) & 0x0f0f_0f0f;
    bits = (bits | (bits << 2)) & 0x3333_3333;
    (bits | (bits << 1)) & 0x5555_5555
}

/// Takes the even places together again.
fn gather(code: u32) -> u32 {
    let mut bits = code & 0x5555_5555;
    bits = (bits | (bits >> 1)) & 0x3333_3333;
    bits = (bits | (bits >> 2)) & 0x0f0f_0f0f;
    bits = (bits | (bits >> 4)) & 0x00ff_00ff;
    (bits | (bits >> 8)) & 0xffff
}

/// The points of one layer of the picture, by tile and level.
#[derive(Debug, Default)]
pub(super) struct Layer {
    tiles: Vec<Tile>,
    points: Vec<u32>,
}

#[derive(Debug)]
struct Tile {
    area: Rect,
    first: u32,
    /// `points[first..ends[l]]` are the tile's points up to level `l`.
    ends: [u32; LAST_LEVEL + 1],
}

impl Layer {
    /// The layer of those points that `keep` accepts.
    pub(super) fn new(order: &MortonOrder, keep: impl Fn(usize) -> bool) -> Self {
        let mut layer = Self::default();
        let mut previous = None;
        let mut tile: Vec<(u8, u32)> = Vec::new();
        let mut tile_code = 0;
        for (&code, &point) in order.codes.iter().zip(&order.points) {
            if !keep(point as usize) {
                continue;
            }
            let this_tile = code >> (2 * (DEPTH - TILE_DEPTH));
            if this_tile != tile_code {
                layer.push_tile(order, tile_code, &tile);
                tile.clear();
                tile_code = this_tile;
            }
            tile.push((level(previous, code), point));
            previous = Some(code);
        }
        layer.push_tile(order, tile_code, &tile);
        layer
    }

    /// Appends a tile, its points by level in the order of the curve.
    fn push_tile(&mut self, order: &MortonOrder, code: u32, points: &[(u8, u32)]) {
        if points.is_empty() {
            return;
        }
        let side = order.extent / (1_u32 << TILE_DEPTH) as f32;
        let corner = pos2(
            order.origin[0] + gather(code) as f32 * side,
            order.origin[1] + gather(code >> 1) as f32 * side,
        );
        let first = self.points.len() as u32;
        let mut ends = [0; LAST_LEVEL + 1];
        for &(level, _) in points {
            ends[usize::from(level)] += 1;
        }
        let mut next = [0; LAST_LEVEL + 1];
        let mut end = first;
        for level in 0..=LAST_LEVEL {
            next[level] = end;
            end += ends[level];
            ends[level] = end;
        }
        self.points.resize(end as usize, 0);
        for &(level, point) in points {
            let place = &mut next[usize::from(level)];
            self.points[*place as usize] = point;
            *place += 1;
        }
        self.tiles.push(Tile {
            // Rounding may put a point a hair outside its tile.
            area: Rect::from_min_size(corner, eframe::egui::Vec2::splat(side)).expand(side * 0.01),
            first,
            ends,
        });
    }

    /// The points up to `level` in tiles that touch `area` of the map.
    pub(super) fn drawn(&self, level: usize, area: Rect) -> impl Iterator<Item = usize> {
        self.runs(level, area)
            .flat_map(|run| &self.points[run])
            .map(|&point| point as usize)
    }

    /// How many points [`Layer::drawn`] yields.
    pub(super) fn count(&self, level: usize, area: Rect) -> usize {
        self.runs(level, area).map(|run| run.len()).sum()
    }

    fn runs(&self, level: usize, area: Rect) -> impl Iterator<Item = Range<usize>> {
        let level = level.min(LAST_LEVEL);
        self.tiles
            .iter()
            .filter(move |tile| tile.area.intersects(area))
            .map(move |tile| tile.first as usize..tile.ends[level] as usize)
    }
}

/// The coarsest grid in which a point is the first of its cell, given the
/// Morton code of the point before it.
fn level(previous: Option<u32>, code: u32) -> u8 {
    match previous.map(|previous| (previous ^ code).leading_zeros()) {
        None => 0,
        Some(32) => LAST_LEVEL as u8,
        Some(equal_bits) => (equal_bits / 2 + 1) as u8,
    }
}

/// The most coarse level change so that `layers` together draw at most
/// `budget` points of `area`.
pub(super) fn level_within(layers: &[&Layer], finest: usize, area: Rect, budget: usize) -> usize {
    (0..=finest)
        .rev()
        .find(|&level| {
            let drawn: usize = layers.iter().map(|layer| layer.count(level, area)).sum();
            drawn <= budget
        })
        .unwrap_or(0)
}

/// Starts a mesh of sprites with room for `sprites` of them.
pub(super) fn clear_mesh(mesh: &mut Mesh, texture: TextureId, sprites: usize) {
    mesh.texture_id = texture;
    mesh.vertices.clear();
    mesh.indices.clear();
    mesh.vertices.reserve(4 * sprites);
    mesh.indices.reserve(6 * sprites);
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    const EVERYWHERE: Rect = Rect::EVERYTHING;

    fn cell(order: &MortonOrder, [x, y]: [f32; 2], level: u32) -> (u32, u32) {
        let finest = |value: f32, origin: f32| {
            ((value - origin) / order.extent * 65_536.0).min(65_535.0) as u32 >> (DEPTH - level)
        };
        (finest(x, order.origin[0]), finest(y, order.origin[1]))
    }

    proptest! {
        #[test]
        fn every_level_draws_one_point_for_each_occupied_cell(
            positions in prop::collection::vec([-3.0_f32..3.0, -9.0_f32..9.0], 1..300),
            level in 0_usize..=16,
        ) {
            let order = MortonOrder::new(&positions);
            let keep = |point: usize| !point.is_multiple_of(3);
            let layer = Layer::new(&order, keep);
            let occupied: BTreeSet<_> = (0..positions.len())
                .filter(|&point| keep(point))
                .map(|point| cell(&order, positions[point], level as u32))
                .collect();
            let drawn: Vec<_> = layer
                .drawn(level, EVERYWHERE)
                .map(|point| cell(&order, positions[point], level as u32))
                .collect();
            prop_assert_eq!(drawn.len(), occupied.len());
            prop_assert_eq!(drawn.into_iter().collect::<BTreeSet<_>>(), occupied);
            let all: BTreeSet<_> = layer.drawn(LAST_LEVEL, EVERYWHERE).collect();
            prop_assert_eq!(all, (0..positions.len()).filter(|&p| keep(p)).collect());
        }

        #[test]
        fn culling_loses_no_point_of_the_area(
            positions in prop::collection::vec([-3.0_f32..3.0, -3.0_f32..3.0], 1..300),
            one in [-4.0_f32..4.0, -4.0_f32..4.0],
            other in [-4.0_f32..4.0, -4.0_f32..4.0],
        ) {
            let area = Rect::from_two_pos(one.into(), other.into());
            let layer = Layer::new(&MortonOrder::new(&positions), |_| true);
            let drawn: BTreeSet<_> = layer.drawn(LAST_LEVEL, area).collect();
            for (point, &position) in positions.iter().enumerate() {
                prop_assert!(!area.contains(position.into()) || drawn.contains(&point));
            }
        }
    }

    #[test]
    fn a_budget_is_kept_and_equal_points_are_drawn_at_the_last_level_only() {
        let mut positions: Vec<[f32; 2]> = (0..1000)
            .map(|i| [(i % 40) as f32, (i / 40) as f32])
            .collect();
        positions.extend([[7.0, 7.0]; 50]);
        let order = MortonOrder::new(&positions);
        let layer = Layer::new(&order, |_| true);
        assert_eq!(layer.count(16, EVERYWHERE), 1000);
        assert_eq!(layer.count(LAST_LEVEL, EVERYWHERE), 1050);
        let level = level_within(&[&layer], LAST_LEVEL, EVERYWHERE, 300);
        assert!(layer.count(level, EVERYWHERE) <= 300);
        assert!(layer.count(level + 1, EVERYWHERE) > 300);
    }
}
