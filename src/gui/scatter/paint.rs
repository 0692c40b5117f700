//! Painting: background, cloud, outlines, name tags, highlights.

use std::sync::Arc;

use eframe::egui::{
    Align2, Color32, FontId, Painter, Pos2, Rect, Response, Role, Sense, Shape, Stroke, StrokeKind,
    Tooltip, Ui, WidgetInfo, pos2, vec2,
};

use super::camera::{Flight, View};
use super::layer::{self, Layer};
use super::prepared::RANKS;
use super::selection::Drawing;
use super::sprites::{Paint, Sizes, Sprites};
use super::{ScatterAction, ScatterInput, ScatterView, dimmed, outlines};
use crate::drawing::Mark;
use crate::gui::theme::{RADIUS, SMALL, Tokens};

/// Most dots that one frame draws, whatever the size of the data: past it
/// they cover each other, and the frame takes too long.
const DOT_BUDGET: usize = 40_000;
/// Share of the window that unknown unknowns and outcomes may cover together;
/// past it their rings would hide each other.
const MARK_SHARE: f32 = 0.25;
/// Most of them that one frame draws.
const MARK_BUDGET: f32 = 6_000.0;
/// Radius of dots, in points: small when the map is crowded.
const DOT_RADIUS: std::ops::RangeInclusive<f32> = 1.5..=4.0;

pub(super) fn background(painter: &Painter, window: Rect, tokens: &Tokens, focused: bool) {
    let edge = if focused {
        Stroke::new(1.5, tokens.accent)
    } else {
        Stroke::new(1.0, tokens.border)
    };
    painter.rect(window, RADIUS, tokens.canvas, edge, StrokeKind::Inside);
}

impl ScatterView {
    pub(super) fn paint_points(
        &mut self,
        painter: &Painter,
        input: &ScatterInput<'_>,
        view: View,
        tokens: &Tokens,
    ) {
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
                tokens.text_weak,
            );
            return;
        }
        let sizes = self.sizes(view, painter.pixels_per_point());
        let sprites = self
            .sprites
            .take()
            .filter(|sprites| sprites.sizes == sizes)
            .unwrap_or_else(|| Sprites::new(painter.ctx(), sizes));
        let texture = sprites.texture.id();
        if self.mesh_view != Some(view) || self.mesh.texture_id != texture {
            self.rebuild_mesh(input, view, tokens, &sprites);
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

    fn rebuild_mesh(
        &mut self,
        input: &ScatterInput<'_>,
        view: View,
        tokens: &Tokens,
        sprites: &Sprites,
    ) {
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
            let ink = if rank.is_muted() {
                dimmed(tokens)
            } else {
                tokens.text
            };
            for point in layer.drawn(level, area) {
                let position = input.columns.points()[point];
                if !area.contains(position.into()) {
                    continue;
                }
                let at = view.to_screen(position);
                for &(sprite, paint) in input.columns.mark(point).parts() {
                    let colour = match paint {
                        Paint::Own => self.prepared.colours[point],
                        Paint::Ink => ink,
                    };
                    layer::push_sprite(target, at, sprites.place(sprite), colour);
                }
            }
        }
        self.mesh = mesh;
    }

    /// The current point, the hovered one and the one hovered in the other
    /// map of a pair.
    pub(super) fn paint_highlights(
        &self,
        painter: &Painter,
        input: &ScatterInput<'_>,
        view: View,
        tokens: &Tokens,
    ) {
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

    pub(super) fn paint_outlines(
        &mut self,
        ui: &Ui,
        painter: &Painter,
        input: &ScatterInput<'_>,
        view: View,
        tokens: &Tokens,
        actions: &mut Vec<ScatterAction>,
    ) {
        let mut spots: Vec<(usize, Vec<Pos2>)> = self
            .prepared
            .hulls
            .iter()
            .map(|hull| hull.on_screen(view))
            .enumerate()
            .filter(|(_, outline)| !outline.is_empty())
            .collect();
        for (index, outline) in &spots {
            let spot = &input.columns.outlines[*index];
            let colour = tokens.hue(spot.hue);
            let (fill, width) = if spot.emphasised {
                (0.16, 2.5)
            } else {
                (0.07, 1.25)
            };
            painter.add(Shape::convex_polygon(
                outline.clone(),
                colour.gamma_multiply(fill),
                Stroke::new(width, colour.gamma_multiply(0.9)),
            ));
        }
        // The one that is looked at gets the first choice of places, then
        // the large ones.
        spots.sort_by_key(|(index, _)| {
            let spot = &input.columns.outlines[*index];
            (
                !spot.emphasised,
                std::cmp::Reverse(spot.members.len()),
                *index,
            )
        });
        let mut taken = std::mem::take(&mut self.overlays);
        for (index, outline) in spots {
            let bounds = Rect::from_points(&outline);
            self.tag(
                ui, painter, input, index, bounds, view, tokens, &mut taken, actions,
            );
        }
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "all of them are the surroundings of one tag; a struct would only rename them"
    )]
    fn tag(
        &mut self,
        ui: &Ui,
        painter: &Painter,
        input: &ScatterInput<'_>,
        index: usize,
        bounds: Rect,
        view: View,
        tokens: &Tokens,
        taken: &mut Vec<Rect>,
        actions: &mut Vec<ScatterAction>,
    ) {
        let spot = &input.columns.outlines[index];
        let colour = tokens.hue(spot.hue);
        let font = FontId::proportional(SMALL);
        let name = painter.layout_no_wrap(shortened(&spot.name), font.clone(), tokens.text);
        let detail = painter.layout_no_wrap(spot.detail.clone(), font, tokens.text_weak);
        let gap = if spot.detail.is_empty() { 0.0 } else { 6.0 };
        let size = vec2(
            name.size().x + gap + detail.size().x + 26.0,
            name.size().y + 6.0,
        );
        let Some(tag) = outlines::place_tag(bounds, size, view.window, taken) else {
            return;
        };
        taken.push(tag.expand(2.0));

        let response = ui
            .interact(tag, ui.scope_id().with(("tag", spot.key)), Sense::click())
            .on_hover_text("Click to inspect, double-click to zoom in");
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
        painter.rect_filled(
            tag.translate(vec2(0.0, 1.0)).expand(1.0),
            RADIUS,
            tokens.shadow,
        );
        painter.rect(tag, RADIUS, fill, edge, StrokeKind::Inside);
        let left = tag.left_center();
        painter.circle_filled(left + vec2(10.0, 0.0), 4.0, colour);
        let text_top = tag.top() + 3.0;
        let name_width = name.size().x;
        painter.galley(pos2(left.x + 18.0, text_top), name, tokens.text);
        let detail_left = left.x + 18.0 + name_width + gap;
        painter.galley(pos2(detail_left, text_top), detail, tokens.text_weak);

        if response.double_clicked() {
            let now = ui.input(|input| input.time);
            self.zoom_to_outline(index, input, view.window, now, actions);
        } else if response.clicked() {
            actions.push(ScatterAction::ClickOutline(spot.key));
        }
    }

    pub(super) fn paint_drawing(&self, painter: &Painter, tokens: &Tokens) {
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

    pub(super) fn tooltip(&self, response: &Response, input: &ScatterInput<'_>, view: View) {
        if let (Some(point), Some(sprites)) = (self.hovered, &self.sprites)
            && response.hovered()
        {
            let at = view.to_screen(input.columns.points()[point]);
            let reach = sprites.sizes.reach() + 2.0;
            let anchor = Rect::from_center_size(at, vec2(reach, reach) * 2.0);
            Tooltip::always_open(response.ctx.clone(), response.layer_id, response.id, anchor)
                .show(|ui| (input.tooltip)(ui, point));
        }
    }

    /// Starts a flight back to everything.
    pub(super) fn fly_home(&mut self, ui: &Ui, window: Rect) {
        let now = ui.input(|input| input.time);
        self.flight = Some(Flight::new(self.camera_in(window), self.home(window), now));
        ui.ctx().request_repaint();
    }
}

/// A name that leaves room for others.
fn shortened(name: &str) -> String {
    const MOST: usize = 28;
    if name.chars().count() <= MOST {
        return name.to_owned();
    }
    let start: String = name.chars().take(MOST - 1).collect();
    format!("{}…", start.trim_end())
}

/// Paints a mark of a legend, in the size of an unzoomed map.
pub(super) fn legend_mark(painter: &Painter, at: Pos2, mark: Mark, colour: Color32, ink: Color32) {
    let line = Stroke::new(1.5, colour);
    match mark {
        Mark::Plain => {
            painter.circle_filled(at, 4.0, colour);
        }
        Mark::UnknownUnknown | Mark::Remaining => {
            painter.circle_stroke(at, 6.0, Stroke::new(1.5, ink));
            painter.circle_filled(at, 3.75, colour);
        }
        Mark::Corrected => {
            painter.circle_stroke(at, 5.0, line);
        }
        Mark::Quieted => {
            painter.circle_stroke(at, 5.0, line);
            let lower_half = (0..=12)
                .map(|step| step as f32 / 12.0 * std::f32::consts::PI)
                .map(|angle| at + 5.0 * eframe::egui::Vec2::angled(angle))
                .collect();
            painter.add(Shape::convex_polygon(lower_half, colour, Stroke::NONE));
        }
        Mark::New => {
            let diamond = |radius: f32| {
                [(0.0, -1.0), (1.0, 0.0), (0.0, 1.0), (-1.0, 0.0)]
                    .map(|(x, y)| at + radius * vec2(x, y))
                    .to_vec()
            };
            painter.add(Shape::closed_line(diamond(7.0), Stroke::new(1.5, ink)));
            painter.add(Shape::convex_polygon(diamond(4.5), colour, Stroke::NONE));
        }
    }
}
