//! From pointer and keys to view and actions.

use eframe::egui::{EventFilter, Key, PointerButton, Pos2, Rect, Response, Ui, Vec2, vec2};

use super::camera::Flight;
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

/// What a person does on a map in one frame, and what comes of it.
pub(super) struct Gesture<'a> {
    pub(super) ui: &'a Ui,
    pub(super) response: &'a Response,
    pub(super) input: &'a ScatterInput<'a>,
    pub(super) actions: &'a mut Vec<ScatterAction>,
}

impl ScatterView {
    pub(super) fn gestures(&mut self, on: &mut Gesture<'_>) {
        self.fly(on.ui);
        self.scroll(on);
        self.drag(on);
        self.keys(on);
        self.hover(on);
        self.click(on);
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

    fn scroll(&mut self, on: &Gesture<'_>) {
        let Some(pointer) = on.response.hover_pos() else {
            return;
        };
        let factor = on.ui.input(|input| {
            let wheel = match self.in_page {
                true => 0.0,
                false => input.smooth_scroll_delta().y,
            };
            input.zoom_delta() * (wheel / SCROLL_STEP).exp()
        });
        if factor != 1.0 {
            self.zoom(on.response.rect, factor, pointer);
        }
    }

    pub(super) fn zoom(&mut self, window: Rect, factor: f32, fixed: Pos2) {
        self.flight = None;
        let view = self.view(window);
        let fixed = view.to_map(fixed);
        self.camera = Some(view.camera.zoomed(factor, fixed, self.home(window)));
    }

    fn pan(&mut self, window: Rect, delta: Vec2) {
        if delta != Vec2::ZERO {
            self.flight = None;
            self.camera = Some(self.view(window).camera.dragged(delta));
        }
    }

    fn drag(&mut self, on: &mut Gesture<'_>) {
        let response = on.response;
        let (origin, pointer, modifiers) = on.ui.input(|input| {
            let pointer = &input.pointer;
            (
                pointer.press_origin(),
                pointer.latest_pos(),
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
            let points = self.enclosed(&drawing, response.rect, on.input);
            let mode = SelectMode::of(modifiers);
            on.actions.push(match points.is_empty() {
                true if mode == SelectMode::Replace => ScatterAction::Clear,
                _ => ScatterAction::Select { points, mode },
            });
        }
    }

    /// The points that a drawing encloses.
    fn enclosed(&self, drawing: &Drawing, window: Rect, input: &ScatterInput<'_>) -> Vec<usize> {
        let view = self.view(window);
        let order = self.prepared.order();
        let shown = |point: usize| self.prepared.shown[point];
        match drawing {
            Drawing::Box { from, to } => {
                let area = Rect::from_two_pos(view.to_map(*from), view.to_map(*to));
                order.inside(input.columns.points(), &area, shown)
            }
            Drawing::Lasso(corners) => {
                let corners = corners.iter().map(|&corner| view.to_map(corner).into());
                let corners: Vec<[f32; 2]> = corners.collect();
                order.inside(input.columns.points(), &Polygon::new(&corners), shown)
            }
        }
    }

    fn keys(&mut self, on: &mut Gesture<'_>) {
        let (ui, response) = (on.ui, on.response);
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
            self.set_camera(None);
        }
        if pressed(Key::L) {
            self.toggle_lasso();
        }
        let selecting = on.input.columns.selected.contains(&true);
        if pressed(Key::Escape) && self.drawing.take().is_none() && selecting {
            on.actions.push(ScatterAction::Clear);
        }
    }

    pub(super) fn toggle_lasso(&mut self) {
        self.tool = match self.tool {
            Tool::Pan => Tool::Lasso,
            Tool::Lasso => Tool::Pan,
        };
    }

    fn hover(&mut self, on: &mut Gesture<'_>) {
        let view = self.view(on.response.rect);
        let pointer = on.response.hover_pos();
        let pointer = pointer.filter(|_| self.drawing.is_none() && !on.response.dragged());
        let hovered = pointer.and_then(|pointer| {
            let radius = HIT_RADIUS / view.camera.scale;
            let at = view.to_map(pointer).into();
            let shown = |point: usize| self.prepared.shown[point];
            let order = self.prepared.order();
            order.nearest(on.input.columns.points(), at, radius, shown)
        });
        if hovered != self.hovered {
            self.hovered = hovered;
            on.actions.push(ScatterAction::Hover(hovered));
        }
    }

    fn click(&mut self, on: &mut Gesture<'_>) {
        if on.response.double_clicked() {
            self.double_click(on);
        } else if on.response.clicked() {
            on.response.request_focus();
            let mode = SelectMode::of(on.ui.input(|input| input.modifiers));
            match self.hovered {
                Some(point) => on.actions.push(ScatterAction::Click { point, mode }),
                None if mode == SelectMode::Replace => on.actions.push(ScatterAction::Clear),
                None => {}
            }
        }
    }

    /// Flies to the blind spot under the pointer, or back to everything.
    fn double_click(&mut self, on: &mut Gesture<'_>) {
        let window = on.response.rect;
        let mut outlines = on.input.columns.outlines.iter();
        let of_point = self
            .hovered
            .and_then(|point| outlines.position(|outline| outline.members.contains(&point)));
        let target = of_point.or_else(|| {
            let pointer = on.response.interact_pointer_pos()?;
            outlines::at(&self.prepared.hulls, self.view(window), pointer)
        });
        match target {
            Some(index) => self.zoom_to_outline(index, window, on),
            None => self.fly_home(on.ui, window),
        }
        on.ui.ctx().request_repaint();
    }

    pub(super) fn zoom_to_outline(&mut self, index: usize, window: Rect, on: &mut Gesture<'_>) {
        let now = on.ui.input(|input| input.time);
        let core = self.prepared.hulls[index].core.clone();
        self.zoom_to(&core, on.input, window, now);
        let key = on.input.columns.outlines[index].key;
        on.actions.push(ScatterAction::ZoomedTo(key));
    }

    /// Starts a flight back to everything.
    pub(super) fn fly_home(&mut self, ui: &Ui, window: Rect) {
        let now = ui.input(|input| input.time);
        let from = self.view(window).camera;
        self.flight = Some(Flight::new(from, self.home(window), now));
        ui.ctx().request_repaint();
    }
}
