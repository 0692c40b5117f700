//! CPU time of a frame of the map, layout and tessellation, without a GPU.
//! Run with `cargo bench --bench scatter`.

use std::hint::black_box;
use std::sync::Arc;

use eframe::egui::{Context, Event, RawInput, Rect, Vec2, pos2, vec2};

use blindspot::drawing::{Category, Colouring, Hue, Mark, Values};
use blindspot::gui::scatter::{Camera, Columns, Outline, ScatterInput, ScatterView};
use blindspot::gui::theme;
use blindspot::records::{MapMethod, MapPositions};

const SIZES: [usize; 3] = [10_000, 100_000, 1_000_000];
const WINDOW: Vec2 = vec2(1400.0, 900.0);
const GROUPS: usize = 12;

fn main() {
    divan::main();
}

/// A map of `GROUPS` round clouds, every hundredth point an unknown unknown.
struct Scene {
    ctx: Context,
    columns: Arc<Columns>,
    view: ScatterView,
    frame: u64,
}

impl Scene {
    fn new(points: usize) -> Self {
        let mut state = 1_u64;
        let mut uniform = move || {
            // Knuth's MMIX generator: enough for a picture.
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 40) as f32 / (1_u64 << 24) as f32
        };
        let positions: Vec<[f32; 2]> = (0..points)
            .map(|point| {
                let turn = (point % GROUPS) as f32 / GROUPS as f32 * std::f32::consts::TAU;
                let centre = 6.0 * Vec2::angled(turn);
                let mut spread = Vec2::ZERO;
                for _ in 0..4 {
                    spread += vec2(uniform(), uniform()) - vec2(0.5, 0.5);
                }
                (centre + 2.0 * spread).to_pos2().into()
            })
            .collect();
        let is_unknown = |point: usize| point.is_multiple_of(100);
        let groups = |point: usize| (point / 100 % GROUPS) as u16;
        let of = (0..points)
            .map(|point| {
                if is_unknown(point) {
                    groups(point)
                } else {
                    GROUPS as u16
                }
            })
            .collect();
        let mut categories: Vec<Category> = (0..GROUPS)
            .map(|group| Category {
                name: format!("blind spot {group}"),
                meaning: "",
                hue: Hue::Palette(group),
                mark: Mark::UnknownUnknown,
            })
            .collect();
        categories.push(Category {
            name: "others".into(),
            meaning: "",
            hue: Hue::Muted,
            mark: Mark::Plain,
        });
        let mark = |point: usize| match is_unknown(point) {
            true => Mark::UnknownUnknown,
            false => Mark::Plain,
        };
        let in_group =
            |point: usize, group: usize| is_unknown(point) && usize::from(groups(point)) == group;
        let outlines = (0..GROUPS).map(|group| Outline {
            key: group as u64,
            name: format!("blind spot {group}"),
            detail: "12".into(),
            hue: Hue::Palette(group),
            members: (0..points)
                .filter(|&point| in_group(point, group))
                .collect(),
            emphasised: group == 3,
        });
        let outlines = outlines.collect();
        let ctx = Context::default();
        theme::install(&ctx);
        Self {
            ctx,
            columns: Arc::new(Columns {
                positions: Arc::new(MapPositions {
                    method: MapMethod::Pca,
                    points: positions,
                }),
                colouring: Arc::new(Colouring {
                    title: "blind spot".into(),
                    values: Values::Categories { of, categories },
                }),
                marks: Arc::new((0..points).map(mark).collect()),
                selected: Arc::new(vec![false; points]),
                outlines: Arc::new(outlines),
                ..Columns::default()
            }),
            view: ScatterView::default(),
            frame: 0,
        }
    }

    /// One frame with the pointer on the map, tessellated.
    fn frame(&mut self) -> usize {
        self.frame += 1;
        let input = ScatterInput {
            label: "Map",
            columns: &self.columns,
            current: Some(1),
            tooltip: &|ui, point| {
                ui.label(format!("example {point}"));
            },
        };
        let raw = RawInput {
            screen_rect: Some(Rect::from_min_size(pos2(0.0, 0.0), WINDOW)),
            time: Some(self.frame as f64 / 60.0),
            events: vec![Event::PointerMoved(pos2(
                700.0 + (self.frame % 7) as f32,
                450.0,
            ))],
            ..RawInput::default()
        };
        let view = &mut self.view;
        let mut output = self.ctx.run_ui(raw, |ui| {
            black_box(view.show(ui, &input));
        });
        // No renderer takes the textures here.
        output.textures_delta.clear();
        let meshes = self.ctx.tessellate(output.shapes, output.pixels_per_point);
        black_box(meshes).len()
    }

    fn look(&mut self, zoom: f32) {
        let step = (self.frame % 64) as f32 / 64.0;
        self.view.set_camera(Some(Camera {
            centre: pos2(4.0 + step, 1.0),
            scale: 50.0 * zoom,
        }));
    }
}

fn bench(bencher: divan::Bencher<'_, '_>, points: usize, mut change: impl FnMut(&mut Scene)) {
    let mut scene = Scene::new(points);
    while scene.view.shown_count() == 0 {
        scene.frame();
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    bencher.bench_local(|| {
        change(&mut scene);
        scene.frame()
    });
}

#[divan::bench(args = SIZES)]
fn at_rest(bencher: divan::Bencher<'_, '_>, points: usize) {
    bench(bencher, points, |_| {});
}

#[divan::bench(args = SIZES)]
fn panning_over_everything(bencher: divan::Bencher<'_, '_>, points: usize) {
    bench(bencher, points, |scene| scene.look(1.0));
}

#[divan::bench(args = SIZES)]
fn panning_close_up(bencher: divan::Bencher<'_, '_>, points: usize) {
    bench(bencher, points, |scene| scene.look(12.0));
}

#[divan::bench(args = SIZES)]
fn zooming(bencher: divan::Bencher<'_, '_>, points: usize) {
    bench(bencher, points, |scene| {
        let zoom = 1.0 + (scene.frame % 200) as f32 / 10.0;
        scene.look(zoom);
    });
}

/// What a frame costs in which the selection changed: of many points everything
/// derived from the columns is made anew in the background.
#[divan::bench(args = SIZES)]
fn selecting(bencher: divan::Bencher<'_, '_>, points: usize) {
    bench(bencher, points, |scene| {
        let mut columns = Columns::clone(&scene.columns);
        let selected = Arc::make_mut(&mut columns.selected);
        let point = scene.frame as usize % selected.len();
        selected[point] = true;
        scene.columns = Arc::new(columns);
    });
}
