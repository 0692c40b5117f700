//! What is derived from the columns of the map, kept until they change.

use std::collections::BTreeSet;
use std::sync::Arc;

use eframe::egui::{Color32, Mesh, Rect, pos2, vec2};

use super::ScatterInput;
use super::camera::{View, bounds, usable};
use super::hit_test::GridIndex;
use super::layer::{Layer, MortonOrder};
use super::outlines::Hull;
use super::sprites::Sprites;
use crate::drawing::{Mark, Values};
use crate::gui::theme::{self, Tokens};

/// The layers of the cloud from bottom to top.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rank {
    /// Dots in grey.
    MutedDots,
    /// Unknown unknowns and outcomes in grey.
    MutedMarks,
    /// Dots in colour.
    Dots,
    /// Unknown unknowns and outcomes in colour.
    Marks,
}

pub(super) const RANKS: [Rank; 4] = [Rank::MutedDots, Rank::MutedMarks, Rank::Dots, Rank::Marks];

impl Rank {
    pub(super) fn is_marked(self) -> bool {
        matches!(self, Rank::MutedMarks | Rank::Marks)
    }

    pub(super) fn is_muted(self) -> bool {
        matches!(self, Rank::MutedDots | Rank::MutedMarks)
    }

    fn of(muted: bool, mark: Mark) -> Self {
        match (muted, mark != Mark::Plain) {
            (true, false) => Rank::MutedDots,
            (true, true) => Rank::MutedMarks,
            (false, false) => Rank::Dots,
            (false, true) => Rank::Marks,
        }
    }
}

#[derive(Default)]
pub(super) struct Cache {
    /// What the rest was derived from.
    key: Option<(u64, usize, bool, BTreeSet<u16>)>,
    /// Fingerprint of the positions that `order` and `grid` were made of.
    positions: Option<u64>,
    bounds: Option<Rect>,
    order: MortonOrder,
    pub(super) grid: GridIndex,
    /// Whether each point is drawn and can be hit.
    pub(super) shown: Vec<bool>,
    pub(super) shown_count: usize,
    /// The colour of each point.
    pub(super) colours: Vec<Color32>,
    pub(super) layers: [Layer; 4],
    pub(super) hulls: Vec<Hull>,
    /// Points of each category that pass the filters, toggled off or not.
    pub(super) category_counts: Vec<usize>,
    /// The marks that occur, for the legend.
    pub(super) marks: BTreeSet<Mark>,
    pub(super) sprites: Option<Sprites>,
    pub(super) mesh: Arc<Mesh>,
    /// The view that `mesh` was made for; `None` if it must be made anew.
    pub(super) mesh_view: Option<View>,
}

impl Cache {
    /// Derives everything anew if anything that it depends on has changed.
    pub(super) fn refresh(
        &mut self,
        input: &ScatterInput<'_>,
        hidden: &BTreeSet<u16>,
        tokens: &Tokens,
    ) {
        let unchanged = self
            .key
            .as_ref()
            .is_some_and(|(revision, points, dark, hid)| {
                *revision == input.revision
                    && *points == input.positions.len()
                    && *dark == tokens.dark
                    && hid == hidden
            });
        if unchanged {
            return;
        }
        self.key = Some((
            input.revision,
            input.positions.len(),
            tokens.dark,
            hidden.clone(),
        ));
        self.mesh_view = None;
        self.refresh_positions(input.positions);
        self.refresh_shown(input, hidden);
        self.refresh_layers(input, tokens);
        self.hulls = input
            .outlines
            .iter()
            .map(|outline| Hull::new(outline, input.positions, &self.shown))
            .collect();
    }

    /// Selecting or filtering must not sort the points anew, so positions
    /// are told apart by content.
    fn refresh_positions(&mut self, positions: &[[f32; 2]]) {
        let fingerprint = positions
            .iter()
            .fold(positions.len() as u64, |sum, &[x, y]| {
                let bits = (u64::from(x.to_bits()) << 32) | u64::from(y.to_bits());
                (sum ^ bits)
                    .wrapping_mul(0x9e37_79b9_7f4a_7c15)
                    .rotate_left(29)
            });
        if self.positions != Some(fingerprint) {
            self.positions = Some(fingerprint);
            self.bounds = bounds(positions.iter().copied());
            self.order = MortonOrder::new(positions);
            self.grid = GridIndex::new(positions);
        }
    }

    fn refresh_shown(&mut self, input: &ScatterInput<'_>, hidden: &BTreeSet<u16>) {
        let categories = match &input.colouring.values {
            Values::Categories { categories, .. } => categories.len(),
            Values::Continuous { .. } => 0,
        };
        self.category_counts = vec![0; categories];
        self.shown.clear();
        self.marks.clear();
        for (point, &position) in input.positions.iter().enumerate() {
            let passes = usable(position) && input.visible.get(point).is_none_or(|&flag| flag);
            let category = input.colouring.category(point);
            if let (true, Some(category)) = (passes, category)
                && let Some(count) = self.category_counts.get_mut(usize::from(category))
            {
                *count += 1;
            }
            let shown = passes && category.is_none_or(|category| !hidden.contains(&category));
            self.shown.push(shown);
            if shown {
                self.marks.insert(mark(input, point));
            }
        }
        self.shown_count = self.shown.iter().filter(|&&flag| flag).count();
    }

    fn refresh_layers(&mut self, input: &ScatterInput<'_>, tokens: &Tokens) {
        let selecting = input.selected.contains(&true);
        let muted = |point: usize| {
            if selecting {
                input.selected.get(point) != Some(&true)
            } else {
                input.colouring.is_muted(point)
            }
        };
        let ranks: Vec<Rank> = (0..input.positions.len())
            .map(|point| Rank::of(muted(point), mark(input, point)))
            .collect();
        self.colours = (0..input.positions.len())
            .map(|point| {
                let colour = match ranks[point] {
                    rank if rank.is_muted() => tokens.muted_dot,
                    _ => theme::rgb(input.colouring.colour(point, &tokens.data)),
                };
                // A little transparency shows where dots pile up.
                colour.gamma_multiply(if ranks[point].is_marked() { 1.0 } else { 0.8 })
            })
            .collect();
        self.layers = RANKS.map(|rank| {
            Layer::new(&self.order, |point| {
                self.shown[point] && ranks[point] == rank
            })
        });
    }

    /// The rectangle round all points, or a unit square if there are none.
    pub(super) fn bounds(&self) -> Rect {
        self.bounds
            .unwrap_or_else(|| Rect::from_min_size(pos2(0.0, 0.0), vec2(1.0, 1.0)))
    }

    /// Side of the square round all points.
    pub(super) fn extent(&self) -> f32 {
        self.bounds().size().max_elem()
    }

    /// The level of detail whose cells are at most `cell` points wide.
    pub(super) fn level_for(&self, view: View, cell: f32) -> usize {
        self.order.level_for(view, cell)
    }
}

/// The mark of a point.
pub(super) fn mark(input: &ScatterInput<'_>, point: usize) -> Mark {
    input.marks.get(point).copied().unwrap_or_default()
}
