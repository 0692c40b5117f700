//! Painting: background, cloud, outlines, name tags, highlights.

use std::sync::Arc;

use eframe::egui::{
    Align2, Color32, FontId, Painter, Pos2, Rect, Role, Sense, Shape, Stroke, StrokeKind, Tooltip,
    WidgetInfo, pos2, vec2,
};

use super::camera::View;
use super::gestures::Gesture;
use super::layer::{self, Layer};
use super::prepared::RANKS;
use super::selection::Drawing;
use super::sprites::{Sizes, Sprites};
use super::{ScatterAction, ScatterInput, ScatterView, outlines};
use crate::gui::theme::{RADIUS, SMALL, Tokens};

/// Most dots that one frame draws, whatever the size of the data: past it
/// they cover each other, and the frame takes too long.
const DOT_BUDGET: usize = 40_000;
/// Share of the window that unknown unknowns and outcomes may cover together;
/// past it their rings would hide each other.
const MARK_SHARE: f32 = 0.25;
/// Most of them that one frame draws.
const MARK_BUDGET: f32 = 6_000.0;
/// Radius of the glow under a member of a blind spot, in points.
const GLOW: f32 = 16.0;
/// Radius of dots, in points: small when the map is crowded.
const DOT_RADIUS: std::ops::RangeInclusive<f32> = 1.5..=4.0;

/// Blind spots that have their name on the map without being looked at or
/// pointed at, the largest first: more names than these hide what they name.
const MOST_TAGS: usize = 8;
/// Room on the map for each of them, in the squares of a letter's height: a
/// small map has fewer.
const ROOM_OF_TAG: f32 = 160.0;
/// How far the pointer may be from a name that it called, in points: on its
/// way there it leaves the outline.
const NEAR_TAG: f32 = 6.0;

/// Characters of a name that are shown beside tools and a legend, and on a map
/// that has neither.
const MOST_OF_NAME: usize = 28;
const MOST_OF_NAME_ALONE: usize = 40;

/// What a map is painted on and with.
pub(super) struct Canvas<'a> {
    pub(super) painter: &'a Painter,
    pub(super) view: View,
    pub(super) tokens: &'a Tokens,
}

impl Canvas<'_> {
    pub(super) fn background(&self, focused: bool) {
        let edge = if focused {
            Stroke::new(1.5, self.tokens.accent)
        } else {
            Stroke::new(1.0, self.tokens.border)
        };
        let (window, fill) = (self.view.window, self.tokens.canvas);
        self.painter
            .rect(window, RADIUS, fill, edge, StrokeKind::Inside);
    }
}

impl ScatterView {
    pub(super) fn paint_points(&mut self, on: &Canvas<'_>, input: &ScatterInput<'_>) {
        let Canvas { painter, view, .. } = *on;
        if self.prepared.shown_count == 0 {
            let text = if input.columns.points().is_empty() {
                "Nothing to show yet"
            } else {
                "No example passes the filters"
            };
            painter.text(
                view.window.center(),
                Align2::CENTER_CENTER,
                text,
                FontId::proportional(15.0),
                on.tokens.text_weak,
            );
            return;
        }
        let sizes = self.sizes(view, painter.pixels_per_point());
        let sprites = Sprites::of(self.sprites.take(), painter.ctx(), sizes);
        let texture = sprites.texture.id();
        if self.mesh_view != Some(view) || self.mesh.texture_id != texture {
            self.rebuild_mesh(input, on, &sprites);
            self.mesh_view = Some(view);
        }
        self.sprites = Some(sprites);
        painter.add(Shape::Mesh(Arc::clone(&self.mesh)));
    }

    /// Dots fill a good part of the space that each has on average.
    fn sizes(&self, view: View, pixels_per_point: f32) -> Sizes {
        let spacing = self.prepared.extent() * view.camera.scale
            / (self.prepared.shown_count.max(1) as f32).sqrt();
        let radius = (spacing * 0.24).clamp(*DOT_RADIUS.start(), *DOT_RADIUS.end());
        Sizes {
            // In steps, so that zooming does not draw the sprites anew each
            // frame.
            dot: (radius * 4.0).round() / 4.0,
            pixels_per_point,
        }
    }

    fn rebuild_mesh(&mut self, input: &ScatterInput<'_>, on: &Canvas<'_>, sprites: &Sprites) {
        let Canvas { view, tokens, .. } = *on;
        let dimmed = tokens.muted_dot.lerp_to_gamma(tokens.text_weak, 0.35);
        let area = view.map_rect(sprites.sizes.reach());
        let finest = self.prepared.level_for(view, sprites.sizes.dot * 0.8);
        let level_of = |marked: bool, budget: usize| {
            let layers: Vec<&Layer> = RANKS
                .iter()
                .zip(&self.prepared.layers)
                .filter(|(rank, _)| rank.is_marked() == marked)
                .map(|(_, layer)| layer)
                .collect();
            layer::level_within(&layers, finest, area, budget)
        };
        let mark_area = std::f32::consts::PI * sprites.sizes.reach().powi(2);
        let marks = (view.window.area() * MARK_SHARE / mark_area).min(MARK_BUDGET);
        let levels = [level_of(false, DOT_BUDGET), level_of(true, marks as usize)];

        // The allocation of the last frame's mesh is used again.
        let mut mesh = std::mem::take(&mut self.mesh);
        let target = Arc::make_mut(&mut mesh);
        let room = target.vertices.capacity() / 4;
        layer::clear_mesh(target, sprites.texture.id(), room);
        for (rank, layer) in RANKS.into_iter().zip(&self.prepared.layers) {
            let level = levels[usize::from(rank.is_marked())];
            let ink = if rank.is_muted() { dimmed } else { tokens.text };
            for point in layer.drawn(level, area) {
                let position = input.columns.points()[point];
                if !area.contains(position.into()) {
                    continue;
                }
                let colours = [self.prepared.colours[point], ink];
                let at = view.to_screen(position);
                sprites.draw(target, at, input.columns.mark(point), colours);
            }
        }
        self.mesh = mesh;
    }

    /// The current point, the hovered one and the one hovered in the other
    /// map of a pair.
    pub(super) fn paint_highlights(&self, on: &Canvas<'_>, input: &ScatterInput<'_>) {
        let Canvas {
            painter,
            view,
            tokens,
        } = *on;
        let Some(sprites) = &self.sprites else {
            return;
        };
        let circle = |point: Option<usize>, wider: f32, width: f32, colour: Color32| {
            let shown = |&point: &usize| self.prepared.shown.get(point) == Some(&true);
            if let Some(point) = point.filter(shown) {
                let at = view.to_screen(input.columns.points()[point]);
                let radius = sprites.sizes.reach() + wider;
                painter.circle_stroke(at, radius, Stroke::new(width + 2.0, tokens.canvas));
                painter.circle_stroke(at, radius, Stroke::new(width, colour));
            }
        };
        circle(input.current, 3.0, 2.5, tokens.accent);
        circle(self.linked_hover, 1.0, 1.5, tokens.text_weak);
        circle(self.hovered, 1.0, 1.5, tokens.text);
    }

    pub(super) fn paint_outlines(&mut self, on: &Canvas<'_>, gesture: &mut Gesture<'_>) {
        let hulls = self
            .prepared
            .hulls
            .iter()
            .map(|hull| hull.on_screen(on.view));
        let mut spots: Vec<(usize, Vec<Vec<Pos2>>)> = hulls
            .enumerate()
            .filter(|(_, parts)| !parts.is_empty())
            .collect();
        let all = &gesture.input.columns.outlines;
        for (index, parts) in &spots {
            let spot = &all[*index];
            let colour = on.tokens.hue(spot.hue);
            let (fill, width) = if spot.emphasised {
                (0.16, 2.5)
            } else {
                (0.07, 1.25)
            };
            self.density(*index, colour, on, gesture.input);
            for part in parts {
                on.painter.add(Shape::convex_polygon(
                    part.clone(),
                    colour.gamma_multiply(fill),
                    Stroke::new(width, colour.gamma_multiply(0.9)),
                ));
            }
        }
        // The one that is looked at gets the first choice of places, then
        // the large ones.
        spots.sort_by_key(|(index, _)| {
            let spot = &all[*index];
            let members = std::cmp::Reverse(spot.members.len());
            (!spot.emphasised, members, *index)
        });
        let pointed_at = self.pointed_at(on.view, gesture);
        // That comes last, so that no other name makes way for it.
        let letter = self.bare.unwrap_or(SMALL);
        let room = on.view.window.area() / (ROOM_OF_TAG * letter * letter);
        let most = (room as usize).clamp(1, MOST_TAGS);
        let mut named: Vec<_> = spots.iter().take(most).collect();
        let others = spots.iter().skip(most);
        named.extend(others.filter(|(index, _)| Some(*index) == pointed_at));
        let mut taken = std::mem::take(&mut self.overlays);
        self.called = None;
        for (index, parts) in named {
            let bounds = Rect::from_points(&parts[0]);
            let tag = self.tag(*index, bounds, &mut taken, on, gesture);
            if Some(*index) == pointed_at {
                self.called = tag.map(|tag| (all[*index].key, tag));
            }
        }
    }

    /// The outline under the pointer, or the one whose name the pointer called
    /// and is at now.
    fn pointed_at(&self, view: View, gesture: &Gesture<'_>) -> Option<usize> {
        let pointer = gesture.ui.ctx().pointer_hover_pos()?;
        if !view.window.contains(pointer) {
            return None;
        }
        let called = self
            .called
            .filter(|(_, tag)| tag.expand(NEAR_TAG).contains(pointer));
        let outlines = &gesture.input.columns.outlines;
        let of_called = called.and_then(|(key, _)| outlines.iter().position(|of| of.key == key));
        of_called.or_else(|| outlines::at(&self.prepared.hulls, view, pointer))
    }

    /// A glow under the members of the dense parts: the more of them, the
    /// stronger.
    fn density(&self, index: usize, colour: Color32, on: &Canvas<'_>, input: &ScatterInput<'_>) {
        let window = on.view.window.expand(GLOW);
        for &point in &self.prepared.hulls[index].core {
            let at = on.view.to_screen(input.columns.points()[point]);
            if window.contains(at) {
                on.painter
                    .circle_filled(at, GLOW, colour.gamma_multiply(0.05));
            }
        }
    }

    /// The name of an outline, a button; where it is, if there was room.
    fn tag(
        &mut self,
        index: usize,
        bounds: Rect,
        taken: &mut Vec<Rect>,
        on: &Canvas<'_>,
        gesture: &mut Gesture<'_>,
    ) -> Option<Rect> {
        let Canvas {
            painter,
            view,
            tokens,
        } = *on;
        let (ui, spot) = (gesture.ui, &gesture.input.columns.outlines[index]);
        let colour = tokens.hue(spot.hue);
        let size = self.bare.unwrap_or(SMALL);
        let font = FontId::proportional(size);
        let most = self.bare.map_or(MOST_OF_NAME, |_| MOST_OF_NAME_ALONE);
        let name = shortened(&spot.name, most);
        let name = painter.layout_no_wrap(name, font.clone(), tokens.text);
        let detail = painter.layout_no_wrap(spot.detail.clone(), font, tokens.text_weak);
        let gap = if spot.detail.is_empty() { 0.0 } else { 6.0 };
        let dot = size / SMALL * 4.0;
        let before = dot * 2.0 + 10.0;
        let width = name.size().x + gap + detail.size().x + before + 8.0;
        let size = vec2(width, name.size().y + 6.0);
        let tag = outlines::place_tag(bounds, size, view.window, taken)?;
        taken.push(tag.expand(2.0));
        let mut response = ui.interact(tag, ui.scope_id().with(("tag", spot.key)), Sense::click());
        if self.bare.is_none() {
            response = response.on_hover_text("Click to inspect, double-click to zoom in");
        }
        response.widget_info(|| {
            let label = format!("Blind spot {}, {}", spot.name, spot.detail);
            WidgetInfo::labeled(Role::Button, true, label)
        });
        let edge = if spot.emphasised || response.hovered() || response.has_focus() {
            Stroke::new(1.5, colour)
        } else {
            Stroke::new(1.0, tokens.border)
        };
        let fill = tokens.surface.gamma_multiply(0.94);
        let shadow = tag.translate(vec2(0.0, 1.0)).expand(1.0);
        painter.rect_filled(shadow, RADIUS, tokens.shadow);
        painter.rect(tag, RADIUS, fill, edge, StrokeKind::Inside);
        let left = tag.left_center();
        painter.circle_filled(left + vec2(dot + 6.0, 0.0), dot, colour);
        let text_top = tag.top() + 3.0;
        let detail_left = left.x + before + name.size().x + gap;
        painter.galley(pos2(left.x + before, text_top), name, tokens.text);
        painter.galley(pos2(detail_left, text_top), detail, tokens.text_weak);
        if response.double_clicked() {
            self.zoom_to_outline(index, view.window, gesture);
        } else if response.clicked() {
            gesture.actions.push(ScatterAction::ClickOutline(spot.key));
        }
        Some(tag)
    }

    pub(super) fn paint_drawing(&self, on: &Canvas<'_>) {
        let Canvas {
            painter, tokens, ..
        } = *on;
        let stroke = Stroke::new(1.5, tokens.accent);
        match &self.drawing {
            Some(Drawing::Box { from, to }) => {
                let area = Rect::from_two_pos(*from, *to);
                let fill = tokens.accent.gamma_multiply(0.12);
                painter.rect(area, 2, fill, stroke, StrokeKind::Middle);
            }
            Some(Drawing::Lasso(corners)) => {
                painter.line(corners.clone(), stroke);
                if let [first, .., last] = corners[..] {
                    painter.extend(Shape::dashed_line(&[last, first], stroke, 5.0, 4.0));
                }
            }
            None => {}
        }
    }

    pub(super) fn tooltip(&self, on: &Canvas<'_>, gesture: &Gesture<'_>) {
        let Gesture {
            response, input, ..
        } = gesture;
        if let (Some(point), Some(sprites)) = (self.hovered, &self.sprites)
            && response.hovered()
        {
            let at = on.view.to_screen(input.columns.points()[point]);
            let reach = sprites.sizes.reach() + 2.0;
            let anchor = Rect::from_center_size(at, vec2(reach, reach) * 2.0);
            Tooltip::always_open(response.ctx.clone(), response.layer_id, response.id, anchor)
                .show(|ui| (input.tooltip)(ui, point));
        }
    }
}

/// A name that leaves room for others.
fn shortened(name: &str, most: usize) -> String {
    if name.chars().count() <= most {
        return name.to_owned();
    }
    let start: String = name.chars().take(most - 1).collect();
    format!("{}…", start.trim_end())
}
