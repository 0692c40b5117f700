//! The map: every example as a dot, blind spots outlined and named, selection
//! by click, box and lasso, pan and zoom.
//!
//! It draws with a transform of its own rather than inside an
//! `egui_plot::Plot`. On a map of embeddings the axes mean nothing, so the
//! plot's grid, ticks and legend would all be off; its box zoom claims the
//! gesture that selects here; its view lives in egui's memory, where two maps
//! cannot share it nor a test read it; and its point items are tessellated
//! anew every frame. What is left, pan and zoom with one scale for both axes,
//! is [`Camera`].
//!
//! The cloud is one mesh of textured squares, rebuilt only when the view or
//! the data changes, from at most some ten thousand points whatever the size
//! of the data (see [`layer`]). That needs no shader and no callback, so it
//! draws alike with wgpu, with OpenGL and in software.

mod camera;
mod gestures;
mod hit_test;
mod layer;
mod legend;
mod outlines;
mod paint;
mod pair;
mod prepared;
mod selection;
mod sprites;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::sync::Arc;

use eframe::egui::{Mesh, Rect, Sense, Ui, accesskit, vec2};

use crate::drawing::{Colouring, Mark};
use crate::gui::following::Following;
use crate::gui::theme::{self, Tokens};
use crate::records::{MapMethod, MapPositions};
use camera::{Flight, View};
use gestures::Gesture;
use paint::Canvas;
use prepared::{Prepared, Source};
use selection::Drawing;
use sprites::Sprites;

pub use camera::Camera;
pub use outlines::Outline;
pub use pair::show_pair;
pub use selection::{SelectMode, Tool};

/// What the map shows of the points; every column has one entry for each. Held
/// by the map, which derives much from it: a change is a new one.
#[derive(Debug, Clone)]
pub struct Columns {
    /// Position of each point, in any unit; both axes get the same scale. A
    /// point whose position is not finite is not drawn.
    pub positions: Arc<MapPositions>,
    /// What the colours mean.
    pub colouring: Arc<Colouring>,
    /// How each point is marked; empty if all are plain.
    pub marks: Arc<Vec<Mark>>,
    /// Whether each point passes search and filters; empty if all do.
    pub visible: Arc<Vec<bool>>,
    /// Whether each point is selected; empty if none is. While any is, the
    /// others are drawn in grey.
    pub selected: Arc<Vec<bool>>,
    /// Blind spots to outline and name.
    pub outlines: Arc<Vec<Outline>>,
}

impl Default for Columns {
    fn default() -> Self {
        Self {
            positions: Arc::new(MapPositions {
                method: MapMethod::Pca,
                points: Vec::new(),
            }),
            colouring: Arc::default(),
            marks: Arc::default(),
            visible: Arc::default(),
            selected: Arc::default(),
            outlines: Arc::default(),
        }
    }
}

impl Columns {
    fn points(&self) -> &[[f32; 2]] {
        &self.positions.points
    }

    fn mark(&self, point: usize) -> Mark {
        self.marks.get(point).copied().unwrap_or_default()
    }
}

/// What the map is given in a frame.
#[derive(Clone, Copy)]
pub struct ScatterInput<'a> {
    /// What a screen reader calls the map.
    pub label: &'a str,
    /// The points. The map may show earlier ones for some frames, until it has
    /// derived what it draws from these.
    pub columns: &'a Arc<Columns>,
    /// The point that the inspector shows.
    pub current: Option<usize>,
    /// Fills the tooltip of a point.
    pub tooltip: &'a dyn Fn(&mut Ui, usize),
}

/// What a person did on the map. The map changes nothing by itself but its
/// view and the toggles of its legend.
#[derive(Debug, Clone, PartialEq)]
pub enum ScatterAction {
    /// The pointer came over another point, or left the last one.
    Hover(Option<usize>),
    /// A point was clicked; [`SelectMode::apply`] says what that selects.
    Click {
        /// The point.
        point: usize,
        /// What the click does to the selection.
        mode: SelectMode,
    },
    /// A box or lasso was drawn round these points, in ascending order.
    Select {
        /// The points, at least one.
        points: Vec<usize>,
        /// What that does to the selection.
        mode: SelectMode,
    },
    /// Empty space was clicked, an empty box drawn or Escape pressed: nothing
    /// is to be selected.
    Clear,
    /// The name tag of the outline with this key was clicked.
    ClickOutline(u64),
    /// The view flew to the outline with this key after a double click.
    ZoomedTo(u64),
}

/// The part of the map that lives from frame to frame: view, tool, legend
/// toggles, and caches that can be dropped at any time.
#[derive(Default)]
pub struct ScatterView {
    /// `None` while the view follows the data: everything in sight.
    camera: Option<Camera>,
    flight: Option<Flight>,
    /// What dragging does.
    pub tool: Tool,
    in_page: bool,
    /// Size of names on a map without legend, tools and tooltips, in points.
    bare: Option<f32>,
    drawing: Option<Drawing>,
    hovered: Option<usize>,
    /// A point hovered in the other map of a pair.
    linked_hover: Option<usize>,
    /// Categories switched off in the legend.
    hidden: BTreeSet<u16>,
    /// Title of the colouring that `hidden` is about.
    hidden_of: String,
    /// As chosen by hand; else the width of the map decides.
    legend_folded: Option<bool>,
    /// The name that the pointer called by being over its outline, and where.
    called: Option<(u64, Rect)>,
    /// Where legend and tools were drawn last: tags keep clear of them.
    overlays: Vec<Rect>,
    following: Following<Source, Prepared>,
    /// What is drawn.
    prepared: Arc<Prepared>,
    sprites: Option<Sprites>,
    /// As `sprites`, for the legend.
    legend_sprites: Option<Sprites>,
    mesh: Arc<Mesh>,
    /// The view that `mesh` was made for; `None` if it must be made anew.
    mesh_view: Option<View>,
}

impl ScatterView {
    /// A map in a page that scrolls: the wheel alone moves the page, and zooms
    /// the map only with Ctrl.
    pub fn in_page() -> Self {
        Self {
            in_page: true,
            ..Self::default()
        }
    }

    /// From now on without legend, tools and tooltips, and with names so large.
    pub fn bare(&mut self, names: f32) {
        self.bare = Some(names);
    }

    /// Points that are drawn: none before the first of them are prepared.
    pub fn shown_count(&self) -> usize {
        self.prepared.shown_count
    }

    /// Draws the map in all the space that `ui` has left and returns what the
    /// person did, in order.
    pub fn show(&mut self, ui: &mut Ui, input: &ScatterInput<'_>) -> Vec<ScatterAction> {
        let size = ui.available_size().max(vec2(120.0, 90.0));
        let (window, response) = ui.allocate_exact_size(size, Sense::click_and_drag());
        let tokens = theme::tokens(ui.ctx());
        self.forget_old_toggles(input);
        self.prepare(ui, input, tokens);
        let prepared = Arc::clone(&self.prepared);
        let input = &ScatterInput {
            columns: &prepared.columns,
            ..*input
        };

        let mut actions = Vec::new();
        let mut gesture = Gesture {
            ui,
            response: &response,
            input,
            actions: &mut actions,
        };
        self.gestures(&mut gesture);
        let clip = window.intersect(ui.clip_rect());
        let canvas = Canvas {
            painter: &ui.painter().with_clip_rect(clip),
            view: self.view(window),
            tokens,
        };
        canvas.background(response.has_focus());
        self.paint_points(&canvas, input);
        self.paint_outlines(&canvas, &mut gesture);
        self.paint_highlights(&canvas, input);
        self.paint_drawing(&canvas);
        self.overlays.clear();
        if self.bare.is_none() {
            self.tooltip(&canvas, &gesture);
            self.tools(ui, window);
            self.legend(ui, window, input, tokens);
        }
        self.describe(ui, &response, input);
        actions
    }

    /// Sets the view; `None` shows everything until the next pan or zoom.
    pub fn set_camera(&mut self, camera: Option<Camera>) {
        self.camera = camera;
        self.flight = None;
    }

    /// Follows the columns.
    fn prepare(&mut self, ui: &Ui, input: &ScatterInput<'_>, tokens: &'static Tokens) {
        let source = Source {
            columns: Arc::clone(input.columns),
            hidden: self.hidden.clone(),
            tokens,
        };
        let points = input.columns.points().len();
        let (of, before) = (source.clone(), Arc::clone(&self.prepared));
        let make = move || Prepared::new(&of, &before);
        if self.following.follow(source, points, ui.ctx(), make)
            && let Some(prepared) = self.following.value()
        {
            self.prepared = Arc::clone(prepared);
            self.mesh_view = None;
        }
    }

    /// Flies to the points of a group, as a double click on it does.
    pub fn zoom_to(&mut self, points: &[usize], input: &ScatterInput<'_>, window: Rect, now: f64) {
        let positions = points
            .iter()
            .filter_map(|&point| input.columns.points().get(point).copied());
        if let Some(bounds) = camera::bounds(positions) {
            // A group of one, or of equal texts, still needs surroundings.
            let least = self.prepared.extent() * 0.02;
            let bounds = Rect::from_center_size(
                bounds.center(),
                bounds.size().max(vec2(least, least)) * 1.15,
            );
            let from = self.view(window).camera;
            let to = self.fitted(bounds, window);
            self.flight = Some(Flight::new(from, to, now));
        }
    }

    fn view(&self, window: Rect) -> View {
        let camera = self.camera.unwrap_or_else(|| self.home(window));
        View { window, camera }
    }

    /// The view in which `bounds` fill what the legend leaves of the window.
    fn fitted(&self, bounds: Rect, window: Rect) -> Camera {
        let free = self.free_part(window);
        let camera = Camera::fitted(bounds, free.size());
        camera.dragged(free.center() - window.center())
    }

    /// The view of everything.
    fn home(&self, window: Rect) -> Camera {
        self.fitted(self.prepared.bounds(), window)
    }

    fn forget_old_toggles(&mut self, input: &ScatterInput<'_>) {
        let title = &input.columns.colouring.title;
        if self.hidden_of != *title {
            self.hidden_of.clone_from(title);
            self.hidden.clear();
        }
    }

    /// egui knows no role for a plot, so the map describes itself.
    fn describe(&self, ui: &Ui, response: &eframe::egui::Response, input: &ScatterInput<'_>) {
        let selected = input.columns.selected.iter().filter(|&&flag| flag).count();
        let summary = format!(
            "{} of {} examples shown, {selected} selected. Arrow keys move the map, plus and minus \
             zoom, 0 shows everything, L draws a lasso. The table of examples lists the same points.",
            self.shown_count(),
            input.columns.points().len(),
        );
        ui.ctx().accesskit_node_builder(response.id, |node| {
            node.set_role(accesskit::Role::Canvas);
            node.set_label(input.label);
            node.set_description(summary);
        });
    }
}
