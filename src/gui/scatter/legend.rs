//! The legend with its toggles, and the tools in the corner of the map.

use eframe::egui::{
    Align, Button, Color32, Frame, Layout, Margin, Mesh, Pos2, Rect, RichText, Role, ScrollArea,
    Sense, Shape, Stroke, Ui, UiBuilder, WidgetInfo, pos2, vec2,
};

use super::selection::Tool;
use super::sprites::{Sizes, Sprites};
use super::{ScatterInput, ScatterView};
use crate::drawing::{Category, Mark, Values};
use crate::gui::theme::{CONTROL_HEIGHT, RADIUS, SMALL, Tokens};
use crate::support::text::capitalised;

/// Distance of legend and tools from the edge of the map, in points.
const INSET: f32 = 10.0;
/// Width of the legend's rows where there is room, and the least one, in points.
const WIDTH: f32 = 190.0;
const LEAST_WIDTH: f32 = 70.0;
/// What the frame adds to that.
const FRAME: f32 = 20.0;
/// Width of the tools, in points.
const TOOLS_WIDTH: f32 = TOOLS.len() as f32 * (CONTROL_HEIGHT + 4.0);
const ROW: f32 = 21.0;
/// Least width of a map that the legend leaves enough of, in points.
const ROOMY: f32 = 620.0;
/// Factor of one press of a zoom button.
const BUTTON_ZOOM: f32 = 1.5;

impl ScatterView {
    /// Whether the legend shows its title only: as the person chose, else
    /// where it would hide too much of the map, or is not shown at all.
    fn folded(&self, window: Rect) -> bool {
        let narrow = self.bare.is_some() || window.width() < ROOMY;
        self.legend_folded.unwrap_or(narrow)
    }

    /// The part of the window that the unfolded legend leaves free, in which
    /// everything is fitted.
    pub(super) fn free_part(&self, window: Rect) -> Rect {
        if self.folded(window) || window.width() < ROOMY {
            window
        } else {
            window.with_min_x(window.left() + WIDTH + 2.0 * INSET)
        }
    }

    /// Lasso, zoom and fit buttons, top right.
    pub(super) fn tools(&mut self, ui: &mut Ui, window: Rect) {
        let corner = window.shrink(INSET);
        let area = Rect::from_min_max(
            pos2(corner.right() - TOOLS_WIDTH, corner.top()),
            pos2(corner.right(), corner.top() + CONTROL_HEIGHT),
        );
        let layout = Layout::right_to_left(Align::Center);
        let mut tools = ui.new_child(
            UiBuilder::new()
                .id_salt("tools")
                .max_rect(area)
                .layout(layout),
        );
        tools.spacing_mut().item_spacing.x = 4.0;
        let lasso = self.tool == Tool::Lasso;
        for (icon, name, help) in TOOLS {
            if tool(&mut tools, icon, name, help, lasso && icon == Icon::Lasso) {
                match icon {
                    Icon::Fit => self.fly_home(ui, window),
                    Icon::Minus => self.zoom(window, 1.0 / BUTTON_ZOOM, window.center()),
                    Icon::Plus => self.zoom(window, BUTTON_ZOOM, window.center()),
                    Icon::Lasso => self.toggle_lasso(),
                }
            }
        }
        self.overlays.push(tools.min_rect());
    }

    /// What the colours and marks mean, top left, with a toggle for each
    /// category.
    pub(super) fn legend(
        &mut self,
        ui: &mut Ui,
        window: Rect,
        input: &ScatterInput<'_>,
        tokens: &Tokens,
    ) {
        let corner = window.shrink(INSET);
        // The tools beside it stay free.
        let width = (corner.width() - TOOLS_WIDTH - INSET - FRAME).min(WIDTH);
        if width < LEAST_WIDTH || corner.height() < 5.0 * ROW {
            return;
        }
        let area = Rect::from_min_size(corner.min, vec2(width + FRAME, corner.height()));
        let mut child = ui.new_child(
            UiBuilder::new()
                .id_salt("legend")
                .max_rect(area)
                .layout(Layout::top_down(Align::Min)),
        );
        let folded = self.folded(window);
        let frame = Frame::new()
            .fill(tokens.surface.gamma_multiply(0.92))
            .stroke(Stroke::new(1.0, tokens.border))
            .corner_radius(RADIUS)
            .inner_margin(Margin::symmetric(FRAME as i8 / 2, 6));
        let inner = frame.show(&mut child, |ui| {
            ui.set_width(width);
            ui.spacing_mut().item_spacing.y = 0.0;
            self.legend_title(ui, input, folded);
            if !folded {
                let most = (corner.height() * 0.7).max(4.0 * ROW);
                ScrollArea::vertical().max_height(most).show(ui, |ui| {
                    self.legend_rows(ui, input, tokens);
                });
            }
        });
        self.overlays.push(inner.response.rect);
    }

    fn legend_title(&mut self, ui: &mut Ui, input: &ScatterInput<'_>, folded: bool) {
        let title = RichText::new(capitalised(&input.columns.colouring.title))
            .size(SMALL)
            .strong();
        let (row, _) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::hover());
        let mut left = ui.new_child(
            UiBuilder::new()
                .max_rect(row.with_max_x(row.right() - 16.0))
                .layout(Layout::left_to_right(Align::Center)),
        );
        let button = left.add(Button::new(title).frame(false).truncate());
        let middle = pos2(row.right() - 6.0, row.center().y);
        let tip = if folded { -1.0 } else { 1.0 };
        let arrow = [(-4.0, -2.0), (0.0, 2.0), (4.0, -2.0)]
            .map(|(x, y)| middle + vec2(x, y * tip))
            .to_vec();
        ui.painter()
            .line(arrow, Stroke::new(1.5, ui.visuals().text_color()));
        let label = if folded {
            "Unfold legend"
        } else {
            "Fold legend"
        };
        button.widget_info(|| WidgetInfo::labeled(Role::Button, true, label));
        if button.clicked() {
            self.legend_folded = Some(!folded);
        }
    }

    fn legend_rows(&mut self, ui: &mut Ui, input: &ScatterInput<'_>, tokens: &Tokens) {
        match &input.columns.colouring.values {
            Values::Categories { categories, .. } => {
                for (index, category) in categories.iter().enumerate() {
                    self.category_row(ui, index as u16, category, tokens);
                }
                if !self.hidden.is_empty() && ui.small_button("Show all").clicked() {
                    self.hidden.clear();
                }
            }
            Values::Continuous { range, .. } => gradient(ui, *range, tokens),
        }
        // Marks that the categories do not explain themselves.
        let explained = |mark: Mark| match &input.columns.colouring.values {
            Values::Categories { categories, .. } => categories.iter().any(|c| c.mark == mark),
            Values::Continuous { .. } => false,
        };
        for mark in self.prepared.marks.clone() {
            if mark != Mark::Plain && !explained(mark) {
                self.mark_row(ui, mark, tokens);
            }
        }
    }

    fn mark_row(&mut self, ui: &mut Ui, mark: Mark, tokens: &Tokens) {
        let name = mark.name();
        let (row, response) =
            ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, name));
        self.mark(ui, row, mark, [tokens.text_weak, tokens.text]);
        row_text(ui, row, Side::Left, name, tokens.text, 0.0);
    }

    /// Paints the mark of a row, in a size that shows its colour well.
    fn mark(&mut self, ui: &Ui, row: Rect, mark: Mark, colours: [Color32; 2]) {
        let sizes = Sizes {
            dot: 2.75,
            pixels_per_point: ui.ctx().pixels_per_point(),
        };
        let sprites = Sprites::of(self.legend_sprites.take(), ui.ctx(), sizes);
        let mut mesh = Mesh::with_texture(sprites.texture.id());
        let at = pos2(row.left() + 7.0, row.center().y);
        sprites.draw(&mut mesh, at, mark, colours);
        ui.painter().add(Shape::mesh(mesh));
        self.legend_sprites = Some(sprites);
    }

    /// A toggle; Alt-click or double click shows this category alone.
    fn category_row(&mut self, ui: &mut Ui, index: u16, category: &Category, tokens: &Tokens) {
        let on = !self.hidden.contains(&index);
        let count = self.prepared.category_counts[usize::from(index)];
        let (row, response) =
            ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::click());
        let response = response.on_hover_text(format!(
            "{}: {count} examples. Click to {}, Alt-click to show it alone",
            category.name,
            if on { "hide" } else { "show" },
        ));
        response.widget_info(|| WidgetInfo::selected(Role::CheckBox, true, on, &category.name));
        if response.clicked() {
            if ui.input(|input| input.modifiers.alt) {
                let others =
                    (0..self.prepared.category_counts.len() as u16).filter(|&i| i != index);
                self.hidden = others.collect();
            } else if on {
                self.hidden.insert(index);
            } else {
                self.hidden.remove(&index);
            }
        }
        if response.hovered() || response.has_focus() {
            let ground = row.expand2(vec2(4.0, 0.0));
            ui.painter().rect_filled(ground, 4, tokens.hovered);
        }
        let strength = if on { 1.0 } else { 0.35 };
        let colour = tokens.hue(category.hue).gamma_multiply(strength);
        let ink = tokens.text.gamma_multiply(strength);
        self.mark(ui, row, category.mark, [colour, ink]);
        let (number, weak) = (count.to_string(), tokens.text_weak);
        let count_width = row_text(ui, row, Side::Right, &number, weak, 0.0);
        let colour = if on { tokens.text } else { tokens.text_weak };
        let name = row_text(ui, row, Side::Left, &category.name, colour, count_width);
        if !on {
            let from = pos2(row.left() + 20.0, row.center().y);
            let line = [from, from + vec2(name, 0.0)];
            ui.painter()
                .line_segment(line, Stroke::new(1.0, tokens.text_weak));
        }
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Side {
    Left,
    Right,
}

/// Writes one end of a row, leaving `keep_free` points at the other, and
/// returns its width.
fn row_text(ui: &Ui, row: Rect, side: Side, text: &str, colour: Color32, keep_free: f32) -> f32 {
    let most = row.width() - 20.0 - keep_free - 6.0;
    let mut job = eframe::egui::text::LayoutJob::simple_singleline(
        text.to_owned(),
        eframe::egui::FontId::proportional(SMALL),
        colour,
    );
    job.wrap = eframe::egui::text::TextWrapping::truncate_at_width(most);
    let galley = ui.painter().layout_job(job);
    let size = galley.size();
    let left = match side {
        Side::Left => row.left() + 20.0,
        Side::Right => row.right() - size.x,
    };
    let at: Pos2 = pos2(left, row.center().y - size.y / 2.0);
    ui.painter().galley(at, galley, colour);
    size.x
}

/// The scale of a continuous colouring.
fn gradient(ui: &mut Ui, [low, high]: [f32; 2], tokens: &Tokens) {
    const STEPS: u32 = 24;
    let (bar, _) = ui.allocate_exact_size(vec2(ui.available_width(), 10.0), Sense::hover());
    let mut mesh = Mesh::default();
    for step in 0..=STEPS {
        let share = step as f32 / STEPS as f32;
        let x = bar.left() + share * bar.width();
        mesh.colored_vertex(pos2(x, bar.top()), tokens.continuous(share));
        mesh.colored_vertex(pos2(x, bar.bottom()), tokens.continuous(share));
    }
    for step in 0..STEPS {
        let first = 2 * step;
        mesh.add_triangle(first, first + 1, first + 2);
        mesh.add_triangle(first + 1, first + 2, first + 3);
    }
    ui.painter().add(Shape::mesh(mesh));
    let (row, _) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::hover());
    let write = |share: f32, anchor| {
        ui.painter().text(
            pos2(row.left() + share * row.width(), row.center().y),
            anchor,
            format!("{:.2}", low + share * (high - low)),
            eframe::egui::FontId::proportional(SMALL),
            tokens.text_weak,
        )
    };
    write(0.0, eframe::egui::Align2::LEFT_CENTER);
    write(0.5, eframe::egui::Align2::CENTER_CENTER);
    write(1.0, eframe::egui::Align2::RIGHT_CENTER);
}

/// What a tool's button shows, drawn rather than typed: no font is sure to
/// have such signs.
#[derive(Clone, Copy, PartialEq)]
enum Icon {
    Fit,
    Minus,
    Plus,
    Lasso,
}

/// The tools with what they do, from the right.
const TOOLS: [(Icon, &str, &str); 4] = [
    (Icon::Fit, "Fit to view", "Show everything (0)"),
    (Icon::Minus, "Zoom out", "Zoom out (-, or scroll)"),
    (Icon::Plus, "Zoom in", "Zoom in (+, or scroll)"),
    (
        Icon::Lasso,
        "Lasso",
        "Draw round examples to select them (L). Shift-drag draws a box; Ctrl adds, Alt takes away",
    ),
];

impl Icon {
    /// Its lines, in a square from −1 to 1.
    fn lines(self) -> Vec<Vec<(f32, f32)>> {
        let minus = vec![(-1.0, 0.0), (1.0, 0.0)];
        let plus = vec![(0.0, -1.0), (0.0, 1.0)];
        match self {
            Icon::Fit => [(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)]
                .map(|(x, y)| vec![(x * 0.35, y), (x, y), (x, y * 0.35)])
                .to_vec(),
            Icon::Minus => vec![minus],
            Icon::Plus => vec![minus, plus],
            Icon::Lasso => {
                let rope = (0..=24)
                    .map(|step| step as f32 / 24.0 * std::f32::consts::TAU + 2.2)
                    .map(|angle| (1.1 * angle.cos(), -0.25 + 0.75 * angle.sin()))
                    .collect();
                vec![rope, vec![(-0.65, 0.36), (-0.35, 0.75), (-0.75, 1.1)]]
            }
        }
    }
}

/// A square button with a name for screen readers.
fn tool(ui: &mut Ui, icon: Icon, name: &str, help: &str, on: bool) -> bool {
    let size = vec2(CONTROL_HEIGHT, CONTROL_HEIGHT);
    let response = ui
        .add_sized(size, Button::new("").selected(on))
        .on_hover_text(help);
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, on, name));
    let stroke = Stroke::new(1.5, ui.visuals().text_color());
    for line in icon.lines() {
        let on_screen = line
            .into_iter()
            .map(|(x, y)| response.rect.center() + 6.0 * vec2(x, y))
            .collect();
        ui.painter().line(on_screen, stroke);
    }
    response.clicked()
}
