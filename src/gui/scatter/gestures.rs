//! From pointer and keys to view and actions.

use eframe::egui::{EventFilter, Key, PointerButton, Pos2, Rect, Response, Ui, Vec2, vec2};

use super::camera::{Flight, View};
use super::outlines;
use super::selection::{Drawing, Polygon, SelectMode, Tool};
use super::{ScatterAction, ScatterInput, ScatterView};

/// How far from a point's centre the pointer still hits it, in points.
const HIT_RADIUS: f32 = 9.0;
/// Points of scrolling that change the scale by a factor of e.
const SCROLL_STEP: f32 = 220.0;
/// Points that an arrow key moves the map by.
const KEY_STEP: f32 = 60.0;
/// Factor of a press of the plus key.
const KEY_ZOOM: f32 = 1.4;

impl ScatterView {
    pub(super) fn gestures(
        &mut self,
        ui: &Ui,
        response: &Response,
        input: &ScatterInput<'_>,
        actions: &mut Vec<ScatterAction>,
    ) {
        let window = response.rect;
        self.fly(ui);
        self.scroll(ui, response);
        self.drag(ui, response, input, actions);
        self.keys(ui, response, input, actions);
        self.hover(response, window, input, actions);
        self.click(ui, response, input, actions);
    }

    fn fly(&mut self, ui: &Ui) {
        if let Some(flight) = self.flight {
            let (camera, arrived) = flight.at(ui.input(|input| input.time));
            self.camera = Some(camera);
            if arrived {
                self.flight = None;
            } else {
                ui.ctx().request_repaint();
            }
        }
    }

    fn scroll(&mut self, ui: &Ui, response: &Response) {
        let Some(pointer) = response.hover_pos() else {
            return;
        };
        let factor = ui.input(|input| {
            let wheel = match self.in_page {
                true => 0.0,
                false => input.smooth_scroll_delta().y,
            };
            input.zoom_delta() * (wheel / SCROLL_STEP).exp()
        });
        if factor != 1.0 {
            self.zoom(response.rect, factor, pointer);
        }
    }

    pub(super) fn zoom(&mut self, window: Rect, factor: f32, fixed: Pos2) {
        self.flight = None;
        let camera = self.camera_in(window);
        let fixed = View { window, camera }.to_map(fixed);
        self.camera = Some(camera.zoomed(factor, fixed, self.home(window)));
    }

    fn pan(&mut self, window: Rect, delta: Vec2) {
        if delta != Vec2::ZERO {
            self.flight = None;
            self.camera = Some(self.camera_in(window).dragged(delta));
        }
    }

    fn drag(
        &mut self,
        ui: &Ui,
        response: &Response,
        input: &ScatterInput<'_>,
        actions: &mut Vec<ScatterAction>,
    ) {
        let (origin, pointer, modifiers) = ui.input(|input| {
            (
                input.pointer.press_origin(),
                input.pointer.latest_pos(),
                input.modifiers,
            )
        });
        if response.drag_started_by(PointerButton::Primary)
            && let Some(origin) = origin.or(pointer)
        {
            self.drawing = match self.tool {
                _ if modifiers.shift => Some(Drawing::Box {
                    from: origin,
                    to: origin,
                }),
                Tool::Lasso => Some(Drawing::Lasso(vec![origin])),
                Tool::Pan => None,
            };
        }
        match (&mut self.drawing, pointer) {
            (Some(drawing), Some(pointer)) => drawing.extend(pointer),
            (None, _) if response.dragged() => self.pan(response.rect, response.drag_delta()),
            _ => {}
        }
        if response.drag_stopped()
            && let Some(drawing) = self.drawing.take()
        {
            actions.push(self.finish(&drawing, response.rect, input, SelectMode::of(modifiers)));
        }
    }

    fn finish(
        &self,
        drawing: &Drawing,
        window: Rect,
        input: &ScatterInput<'_>,
        mode: SelectMode,
    ) -> ScatterAction {
        let view = View {
            window,
            camera: self.camera_in(window),
        };
        let grid = self.prepared.grid();
        let shown = |point: usize| self.prepared.shown[point];
        let points = match drawing {
            Drawing::Box { from, to } => {
                let area = Rect::from_two_pos(view.to_map(*from), view.to_map(*to));
                grid.inside(input.columns.points(), &area, shown)
            }
            Drawing::Lasso(corners) => {
                let corners: Vec<[f32; 2]> = corners
                    .iter()
                    .map(|&corner| view.to_map(corner).into())
                    .collect();
                grid.inside(input.columns.points(), &Polygon::new(&corners), shown)
            }
        };
        if points.is_empty() && mode == SelectMode::Replace {
            ScatterAction::Clear
        } else {
            ScatterAction::Select { points, mode }
        }
    }

    fn keys(
        &mut self,
        ui: &Ui,
        response: &Response,
        input: &ScatterInput<'_>,
        actions: &mut Vec<ScatterAction>,
    ) {
        if !response.has_focus() {
            return;
        }
        let filter = EventFilter {
            horizontal_arrows: true,
            vertical_arrows: true,
            escape: true,
            ..EventFilter::default()
        };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
        let pressed = |key| ui.input(|input| input.modifiers.is_none() && input.key_pressed(key));
        for (key, step) in [
            (Key::ArrowLeft, vec2(KEY_STEP, 0.0)),
            (Key::ArrowRight, vec2(-KEY_STEP, 0.0)),
            (Key::ArrowUp, vec2(0.0, KEY_STEP)),
            (Key::ArrowDown, vec2(0.0, -KEY_STEP)),
        ] {
            if pressed(key) {
                self.pan(response.rect, step);
            }
        }
        let shifted_plus = ui.input(|input| input.key_pressed(Key::Plus));
        if pressed(Key::Equals) || shifted_plus {
            self.zoom(response.rect, KEY_ZOOM, response.rect.center());
        }
        if pressed(Key::Minus) {
            self.zoom(response.rect, 1.0 / KEY_ZOOM, response.rect.center());
        }
        if pressed(Key::Num0) {
            self.fit();
        }
        if pressed(Key::L) {
            self.toggle_lasso();
        }
        if pressed(Key::Escape)
            && self.drawing.take().is_none()
            && input.columns.selected.contains(&true)
        {
            actions.push(ScatterAction::Clear);
        }
    }

    pub(super) fn toggle_lasso(&mut self) {
        self.tool = match self.tool {
            Tool::Pan => Tool::Lasso,
            Tool::Lasso => Tool::Pan,
        };
    }

    fn hover(
        &mut self,
        response: &Response,
        window: Rect,
        input: &ScatterInput<'_>,
        actions: &mut Vec<ScatterAction>,
    ) {
        let view = View {
            window,
            camera: self.camera_in(window),
        };
        let hovered = response
            .hover_pos()
            .filter(|_| self.drawing.is_none() && !response.dragged())
            .and_then(|pointer| {
                let radius = HIT_RADIUS / view.camera.scale;
                let at = view.to_map(pointer).into();
                let shown = |point: usize| self.prepared.shown[point];
                self.prepared
                    .grid()
                    .nearest(input.columns.points(), at, radius, shown)
            });
        if hovered != self.hovered {
            self.hovered = hovered;
            actions.push(ScatterAction::Hover(hovered));
        }
    }

    fn click(
        &mut self,
        ui: &Ui,
        response: &Response,
        input: &ScatterInput<'_>,
        actions: &mut Vec<ScatterAction>,
    ) {
        if response.double_clicked() {
            self.double_click(ui, response, input, actions);
        } else if response.clicked() {
            response.request_focus();
            let mode = SelectMode::of(ui.input(|input| input.modifiers));
            match self.hovered {
                Some(point) => actions.push(ScatterAction::Click { point, mode }),
                None if mode == SelectMode::Replace => actions.push(ScatterAction::Clear),
                None => {}
            }
        }
    }

    /// Flies to the blind spot under the pointer, or back to everything.
    fn double_click(
        &mut self,
        ui: &Ui,
        response: &Response,
        input: &ScatterInput<'_>,
        actions: &mut Vec<ScatterAction>,
    ) {
        let window = response.rect;
        let view = View {
            window,
            camera: self.camera_in(window),
        };
        let now = ui.input(|input| input.time);
        let target = self
            .hovered
            .and_then(|point| {
                input
                    .columns
                    .outlines
                    .iter()
                    .position(|outline| outline.members.contains(&point))
            })
            .or_else(|| {
                let pointer = response.interact_pointer_pos()?;
                outlines::at(&self.prepared.hulls, view, pointer)
            });
        match target {
            Some(index) => self.zoom_to_outline(index, input, window, now, actions),
            None => {
                let from = view.camera;
                self.flight = Some(Flight::new(from, self.home(window), now));
            }
        }
        ui.ctx().request_repaint();
    }

    pub(super) fn zoom_to_outline(
        &mut self,
        index: usize,
        input: &ScatterInput<'_>,
        window: Rect,
        now: f64,
        actions: &mut Vec<ScatterAction>,
    ) {
        let outline = &input.columns.outlines[index];
        self.zoom_to(&self.prepared.hulls[index].core.clone(), input, window, now);
        actions.push(ScatterAction::ZoomedTo(outline.key));
    }
}
