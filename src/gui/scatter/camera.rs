//! Where the map is looked at from: pan, zoom and the flight between views.

use eframe::egui::{Pos2, Rect, Vec2, pos2, vec2};

use crate::gui::theme::FLIGHT_SECONDS;

/// Free space round what a view is fitted to, as a share of the window.
const FIT_MARGIN: f32 = 0.08;
/// How far one can zoom in and out, measured from the fitted view. Beyond the
/// upper bound `f32` positions would visibly jump.
const ZOOM_RANGE: std::ops::RangeInclusive<f32> = 0.25..=2000.0;

/// A view of the map: two maps with equal cameras and sizes show the same.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Camera {
    /// The position on the map in the middle of the window.
    pub centre: Pos2,
    /// Points on the screen for one unit of the map, along both axes.
    pub scale: f32,
}

impl Camera {
    /// The view in which `bounds`, a rectangle of the map, fills a window of
    /// `size`.
    pub fn fitted(bounds: Rect, size: Vec2) -> Self {
        let room = (size * (1.0 - 2.0 * FIT_MARGIN)).max(Vec2::splat(1.0));
        let extent = bounds.size().max(Vec2::splat(1e-6));
        Self {
            centre: bounds.center(),
            scale: (room.x / extent.x).min(room.y / extent.y),
        }
    }

    /// The same view nearer (`factor` > 1) or farther, `fixed` (a position on
    /// the map) staying where it is; `home` is the fitted view.
    pub fn zoomed(self, factor: f32, fixed: Pos2, home: Camera) -> Self {
        let scale = (self.scale * factor).clamp(
            home.scale * ZOOM_RANGE.start(),
            home.scale * ZOOM_RANGE.end(),
        );
        Self {
            centre: fixed + (self.centre - fixed) * (self.scale / scale),
            scale,
        }
    }

    /// The same view after the map was dragged by `delta` points.
    pub fn dragged(self, delta: Vec2) -> Self {
        Self {
            centre: self.centre - vec2(delta.x, -delta.y) / self.scale,
            ..self
        }
    }
}

/// A camera in a window: turns positions on the map into points on the screen
/// and back. On the map, y grows upwards.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct View {
    pub(super) window: Rect,
    pub(super) camera: Camera,
}

impl View {
    pub(super) fn to_screen(self, [x, y]: [f32; 2]) -> Pos2 {
        let Camera { centre, scale } = self.camera;
        let middle = self.window.center();
        pos2(
            middle.x + (x - centre.x) * scale,
            middle.y - (y - centre.y) * scale,
        )
    }

    pub(super) fn to_map(self, screen: Pos2) -> Pos2 {
        let offset = (screen - self.window.center()) / self.camera.scale;
        self.camera.centre + vec2(offset.x, -offset.y)
    }

    /// The part of the map within `margin` points of the window.
    pub(super) fn map_rect(self, margin: f32) -> Rect {
        let window = self.window.expand(margin);
        Rect::from_two_pos(self.to_map(window.min), self.to_map(window.max))
    }
}

/// A smooth change from one view to another.
#[derive(Debug, Clone, Copy)]
pub(super) struct Flight {
    from: Camera,
    pub(super) to: Camera,
    began: f64,
}

impl Flight {
    pub(super) fn new(from: Camera, to: Camera, now: f64) -> Self {
        Self {
            from,
            to,
            began: now,
        }
    }

    /// The view at the time `now`, in seconds, and whether it has arrived.
    pub(super) fn at(&self, now: f64) -> (Camera, bool) {
        let share = ((now - self.began) as f32 / FLIGHT_SECONDS).clamp(0.0, 1.0);
        if share >= 1.0 {
            return (self.to, true);
        }
        let eased = share * share * (3.0 - 2.0 * share);
        let scale = self.from.scale * (self.to.scale / self.from.scale).powf(eased);
        let centre = self.from.centre.lerp(self.to.centre, eased);
        (Camera { centre, scale }, false)
    }
}

/// The smallest rectangle round positions; `None` without any that is finite.
pub(super) fn bounds(positions: impl IntoIterator<Item = [f32; 2]>) -> Option<Rect> {
    let mut bounds = Rect::NOTHING;
    for [x, y] in positions {
        if usable([x, y]) {
            bounds.extend_with(pos2(x, y));
        }
    }
    bounds.is_finite().then_some(bounds)
}

/// Whether a position can be drawn: finite, and far from where `f32`
/// arithmetic overflows.
pub(super) fn usable([x, y]: [f32; 2]) -> bool {
    x.abs() < 1e15 && y.abs() < 1e15
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: Rect = Rect {
        min: pos2(100.0, 50.0),
        max: pos2(900.0, 650.0),
    };

    #[test]
    fn a_fitted_view_shows_all_of_the_bounds_and_maps_back() {
        let bounds = Rect::from_min_max(pos2(-3.0, 10.0), pos2(5.0, 12.0));
        let view = View {
            window: WINDOW,
            camera: Camera::fitted(bounds, WINDOW.size()),
        };
        for corner in [[-3.0, 10.0], [5.0, 12.0]] {
            let screen = view.to_screen(corner);
            assert!(WINDOW.contains(screen));
            assert!((view.to_map(screen) - Pos2::from(corner)).length() < 1e-4);
        }
    }

    #[test]
    fn zooming_keeps_the_fixed_position_in_place_and_stays_in_range() {
        let home = Camera::fitted(
            Rect::from_min_max(Pos2::ZERO, pos2(1.0, 1.0)),
            WINDOW.size(),
        );
        let at = pos2(300.0, 200.0);
        let mut view = View {
            window: WINDOW,
            camera: home,
        };
        let fixed = view.to_map(at);
        view.camera = home.zoomed(3.0, fixed, home);
        assert!((view.to_map(at) - fixed).length() < 1e-5);
        assert!(home.zoomed(1e9, fixed, home).scale <= home.scale * 2001.0);
    }

    #[test]
    fn a_flight_ends_where_it_should() {
        let from = Camera {
            centre: Pos2::ZERO,
            scale: 1.0,
        };
        let to = Camera {
            centre: pos2(4.0, 2.0),
            scale: 8.0,
        };
        let flight = Flight::new(from, to, 10.0);
        assert_eq!(flight.at(10.0), (from, false));
        assert_eq!(flight.at(11.0), (to, true));
    }

    #[test]
    fn useless_positions_have_no_bounds() {
        assert_eq!(bounds([[f32::NAN, 0.0], [f32::INFINITY, 1.0]]), None);
        let one = bounds([[f32::NAN, 0.0], [2.0, 3.0]]).unwrap();
        assert_eq!(one.center(), pos2(2.0, 3.0));
    }
}
