//! Sizes that follow the screen: what is read from afar fills it.

use std::ops::RangeInclusive;
use std::sync::Arc;

use eframe::egui::text::{LayoutJob, TextFormat};
use eframe::egui::{Color32, FontId, Galley, Rect, Ui, Vec2};

/// The window for which sizes are 1, in points.
const USUAL: Vec2 = Vec2::new(900.0, 600.0);
/// Height of a line, in sizes of its text.
const LINE: f32 = 1.35;

/// How much larger than in the usual window everything is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scale(f32);

impl Scale {
    /// The scale of a window.
    pub(super) fn of(window: Vec2) -> Self {
        let [across, down] = [window.x / USUAL.x, window.y / USUAL.y];
        Self(across.min(down).clamp(0.6, 4.0))
    }

    /// Some points in the usual window.
    pub(super) fn points(self, usual: f32) -> f32 {
        usual * self.0
    }

    pub(super) fn title(self) -> f32 {
        self.points(30.0)
    }

    pub(super) fn text(self) -> f32 {
        self.points(20.0)
    }

    pub(super) fn small(self) -> f32 {
        self.points(15.0)
    }

    pub(super) fn gap(self) -> f32 {
        self.points(12.0)
    }
}

/// Takes the upper part off.
pub(super) fn cut_top(room: &mut Rect, height: f32) -> Rect {
    let at = (room.top() + height).min(room.bottom());
    let top = room.with_max_y(at);
    *room = room.with_min_y(at);
    top
}

/// Takes the lower part off.
pub(super) fn cut_bottom(room: &mut Rect, height: f32) -> Rect {
    let at = (room.bottom() - height).max(room.top());
    let bottom = room.with_min_y(at);
    *room = room.with_max_y(at);
    bottom
}

/// Parts of equal width beside each other.
pub(super) fn columns(room: Rect, count: usize, gap: f32) -> Vec<Rect> {
    let count = count.max(1);
    let width = (room.width() - gap * (count - 1) as f32) / count as f32;
    let column = |number: usize| {
        let left = room.left() + (width + gap) * number as f32;
        room.with_min_x(left).with_max_x(left + width)
    };
    (0..count).map(column).collect()
}

/// Text of one kind, to be laid out at some size.
pub(super) fn plain(text: &str, colour: Color32) -> impl Fn(f32) -> LayoutJob + use<'_> {
    move |size| {
        let format = TextFormat::simple(FontId::proportional(size), colour);
        LayoutJob::single_section(text.to_owned(), format)
    }
}

/// Text as large as there is room for; what does not fit at the least size
/// ends in an ellipsis.
pub(super) fn fitted(
    room: Vec2,
    sizes: RangeInclusive<f32>,
    make: impl Fn(f32) -> LayoutJob,
    ui: &Ui,
) -> Arc<Galley> {
    let lay = |size: f32, is_least: bool| {
        let mut job = make(size);
        job.wrap.max_width = room.x;
        if is_least {
            job.wrap.max_rows = (room.y / (size * LINE)).floor().max(1.0) as usize;
        }
        job
    };
    shrunk(sizes, lay, |galley| galley.size().y <= room.y, ui)
}

/// The same in one line.
pub(super) fn line(
    width: f32,
    sizes: RangeInclusive<f32>,
    make: impl Fn(f32) -> LayoutJob,
    ui: &Ui,
) -> Arc<Galley> {
    let lay = |size: f32, is_least: bool| {
        let mut job = make(size);
        job.wrap.max_width = f32::INFINITY;
        if is_least {
            job.wrap.max_width = width;
            job.wrap.max_rows = 1;
        }
        job
    };
    shrunk(sizes, lay, |galley| galley.size().x <= width, ui)
}

/// The largest of some sizes that fits, or the least one, of which `lay` is
/// told.
fn shrunk(
    sizes: RangeInclusive<f32>,
    lay: impl Fn(f32, bool) -> LayoutJob,
    fits: impl Fn(&Galley) -> bool,
    ui: &Ui,
) -> Arc<Galley> {
    let least = *sizes.start();
    let mut size = sizes.end().max(least);
    loop {
        let is_least = size <= least;
        let galley = ui.painter().layout_job(lay(size, is_least));
        if is_least || fits(&galley) {
            return galley;
        }
        size = (size * 0.93).max(least);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use eframe::egui::pos2;

    #[test]
    fn parts_fill_the_room_and_no_more() {
        let mut room = Rect::from_min_max(pos2(10.0, 20.0), pos2(310.0, 220.0));
        let whole = room;
        let top = cut_top(&mut room, 50.0);
        let bottom = cut_bottom(&mut room, 500.0);
        assert_eq!((top.height(), bottom.height()), (50.0, 150.0));
        assert_eq!(room.height(), 0.0);
        let parts = columns(whole, 3, 15.0);
        assert_eq!(parts[0].left(), whole.left());
        assert!((parts[2].right() - whole.right()).abs() < 1e-3);
        assert!((parts[1].left() - parts[0].right() - 15.0).abs() < 1e-3);
    }
}
