//! What is derived from the columns of the map, kept until they change.

use std::collections::BTreeSet;
use std::sync::Arc;

use eframe::egui::{Color32, Rect, pos2, vec2};

use super::Columns;
use super::camera::{View, bounds, usable};
use super::layer::{Layer, MortonOrder};
use super::outlines::Hull;
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

/// What the rest is derived from.
#[derive(Debug, Clone)]
pub(super) struct Source {
    pub(super) columns: Arc<Columns>,
    /// Categories switched off in the legend.
    pub(super) hidden: BTreeSet<u16>,
    pub(super) tokens: &'static Tokens,
}

impl PartialEq for Source {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.columns, &other.columns)
            && self.hidden == other.hidden
            && self.tokens.dark == other.tokens.dark
    }
}

/// Where the points lie; selecting and filtering do not change it.
#[derive(Debug, Default)]
struct Layout {
    bounds: Option<Rect>,
    order: MortonOrder,
}

/// Everything that frames draw and gestures look up.
#[derive(Debug, Default)]
pub(super) struct Prepared {
    pub(super) columns: Arc<Columns>,
    layout: Arc<Layout>,
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
}

impl Prepared {
    /// Derives everything; what lies where `before` had it is taken from there.
    pub(super) fn new(source: &Source, before: &Prepared) -> Self {
        let columns = &source.columns;
        let unmoved = Arc::ptr_eq(&before.columns.positions, &columns.positions);
        let mut prepared = Self {
            columns: Arc::clone(columns),
            layout: if unmoved {
                Arc::clone(&before.layout)
            } else {
                Arc::new(Layout::new(columns.points()))
            },
            ..Self::default()
        };
        prepared.show(columns, &source.hidden);
        prepared.lay(columns, source.tokens);
        let extent = prepared.extent();
        prepared.hulls = (columns.outlines.iter())
            .map(|outline| Hull::new(outline, columns.points(), &prepared.shown, extent))
            .collect();
        prepared
    }

    fn show(&mut self, columns: &Columns, hidden: &BTreeSet<u16>) {
        let categories = match &columns.colouring.values {
            Values::Categories { categories, .. } => categories.len(),
            Values::Continuous { .. } => 0,
        };
        self.category_counts = vec![0; categories];
        for (point, &position) in columns.points().iter().enumerate() {
            let passes = usable(position) && columns.visible.get(point).is_none_or(|&flag| flag);
            let category = columns.colouring.category(point);
            if let (true, Some(category)) = (passes, category)
                && let Some(count) = self.category_counts.get_mut(usize::from(category))
            {
                *count += 1;
            }
            let shown = passes && category.is_none_or(|category| !hidden.contains(&category));
            self.shown.push(shown);
            if shown {
                self.marks.insert(columns.mark(point));
            }
        }
        self.shown_count = self.shown.iter().filter(|&&flag| flag).count();
    }

    fn lay(&mut self, columns: &Columns, tokens: &Tokens) {
        let selecting = columns.selected.contains(&true);
        let muted = |point: usize| {
            if selecting {
                columns.selected.get(point) != Some(&true)
            } else {
                columns.colouring.is_muted(point)
            }
        };
        let points = 0..columns.points().len();
        let ranks: Vec<Rank> = points
            .clone()
            .map(|point| Rank::of(muted(point), columns.mark(point)))
            .collect();
        self.colours = points
            .map(|point| {
                let colour = match ranks[point] {
                    rank if rank.is_muted() => tokens.muted_dot,
                    _ => theme::rgb(columns.colouring.colour(point, &tokens.data)),
                };
                // A little transparency shows where dots pile up.
                colour.gamma_multiply(if ranks[point].is_marked() { 1.0 } else { 0.8 })
            })
            .collect();
        self.layers = RANKS.map(|rank| {
            Layer::new(&self.layout.order, |point| {
                self.shown[point] && ranks[point] == rank
            })
        });
    }

    pub(super) fn order(&self) -> &MortonOrder {
        &self.layout.order
    }

    /// The rectangle round all points, or a unit square if there are none.
    pub(super) fn bounds(&self) -> Rect {
        (self.layout.bounds).unwrap_or_else(|| Rect::from_min_size(pos2(0.0, 0.0), vec2(1.0, 1.0)))
    }

    /// Side of the square round all points.
    pub(super) fn extent(&self) -> f32 {
        self.bounds().size().max_elem()
    }

    /// The level of detail whose cells are at most `cell` points wide.
    pub(super) fn level_for(&self, view: View, cell: f32) -> usize {
        self.layout.order.level_for(view, cell)
    }
}

impl Layout {
    fn new(positions: &[[f32; 2]]) -> Self {
        Self {
            bounds: bounds(positions.iter().copied()),
            order: MortonOrder::new(positions),
        }
    }
}
