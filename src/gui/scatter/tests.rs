//! The map driven by pointer and keys, without a GPU.

use std::cell::RefCell;
use std::rc::Rc;

use eframe::egui::{Event, Key, Modifiers, PointerButton, Pos2, Vec2, vec2};
use egui_kittest::{Harness, kittest::Queryable as _};

use super::*;
use crate::drawing::{Category, Hue, Values};

const SIZE: Vec2 = vec2(800.0, 600.0);

/// What the map is shown with, and what came of it.
struct World {
    columns: Arc<Columns>,
    view: ScatterView,
    actions: Vec<ScatterAction>,
}

impl World {
    /// A 5 × 4 lattice; the left two columns are category 0, and the four
    /// points in the lower left corner a blind spot.
    fn new() -> Self {
        let positions: Vec<[f32; 2]> = (0..20).map(|i| [(i % 5) as f32, (i / 5) as f32]).collect();
        let of = (0..20).map(|i| u16::from(i % 5 >= 2)).collect();
        let category = |name: &str, hue| Category {
            name: name.into(),
            meaning: "",
            hue,
            mark: Mark::Plain,
        };
        let colouring = Colouring {
            title: "blind spot".into(),
            values: Values::Categories {
                of,
                categories: vec![
                    category("irony", Hue::Palette(0)),
                    category("others", Hue::Muted),
                ],
            },
        };
        let outline = Outline {
            key: 7,
            name: "irony".into(),
            detail: "4".into(),
            hue: Hue::Palette(0),
            members: vec![0, 1, 5, 6],
            emphasised: false,
        };
        Self {
            columns: Arc::new(Columns {
                positions: at(positions),
                colouring: Arc::new(colouring),
                selected: Arc::new(vec![false; 20]),
                outlines: Arc::new(vec![outline]),
                ..Columns::default()
            }),
            view: ScatterView::default(),
            actions: Vec::new(),
        }
    }

    fn change(&mut self, change: impl FnOnce(&mut Columns)) {
        let mut columns = Columns::clone(&self.columns);
        change(&mut columns);
        self.columns = Arc::new(columns);
    }

    fn input<'a>(
        &'a self,
        label: &'a str,
        tooltip: &'a dyn Fn(&mut Ui, usize),
    ) -> ScatterInput<'a> {
        ScatterInput {
            label,
            columns: &self.columns,
            current: None,
            tooltip,
        }
    }

    fn show(&mut self, ui: &mut Ui) {
        let mut view = std::mem::take(&mut self.view);
        let tooltip = |ui: &mut Ui, point: usize| {
            ui.label(format!("example {point}"));
        };
        let actions = view.show(ui, &self.input("Map of examples", &tooltip));
        self.actions.extend(actions);
        self.view = view;
    }
}

fn at(points: Vec<[f32; 2]>) -> Arc<MapPositions> {
    Arc::new(MapPositions {
        method: MapMethod::Pca,
        points,
    })
}

struct Driver {
    harness: Harness<'static>,
    world: Rc<RefCell<World>>,
}

impl Driver {
    fn new() -> Self {
        let world = Rc::new(RefCell::new(World::new()));
        let shared = Rc::clone(&world);
        let mut harness = Harness::builder()
            .with_size(SIZE)
            .with_step_dt(1.0 / 60.0)
            .build_ui(move |ui| shared.borrow_mut().show(ui));
        harness.run_steps(2);
        Self { harness, world }
    }

    /// Where a position of the map is on the screen.
    fn at(&self, position: [f32; 2]) -> Pos2 {
        let window = self.harness.get_by_label("Map of examples").rect();
        self.world.borrow().view.view(window).to_screen(position)
    }

    /// Turns the wheel upwards over a place.
    fn scroll(&mut self, at: Pos2, modifiers: Modifiers) {
        self.hold(modifiers);
        self.harness.hover_at(at);
        self.harness.event(Event::MouseWheel {
            unit: eframe::egui::MouseWheelUnit::Point,
            delta: vec2(0.0, 120.0),
            phase: eframe::egui::TouchPhase::Move,
            source: eframe::egui::MouseWheelSource::Unknown,
            modifiers,
        });
        self.harness.run_steps(40);
        self.hold(Modifiers::NONE);
    }

    /// Holds modifier keys until told otherwise.
    fn hold(&mut self, modifiers: Modifiers) {
        self.harness.event(Event::ModifiersChanged(modifiers));
    }

    fn button(&mut self, pos: Pos2, pressed: bool, modifiers: Modifiers) {
        self.harness.event(Event::PointerButton {
            pos,
            button: PointerButton::Primary,
            pressed,
            modifiers,
        });
    }

    fn click(&mut self, pos: Pos2, modifiers: Modifiers) {
        self.hold(modifiers);
        self.harness.hover_at(pos);
        self.harness.step();
        self.button(pos, true, modifiers);
        self.button(pos, false, modifiers);
        self.harness.step();
        self.hold(Modifiers::NONE);
    }

    /// Drags through the given points of the screen.
    fn drag(&mut self, path: &[Pos2], modifiers: Modifiers) {
        self.hold(modifiers);
        self.harness.hover_at(path[0]);
        self.harness.step();
        self.button(path[0], true, modifiers);
        for &pos in path {
            self.harness.event(Event::PointerMoved(pos));
            self.harness.step();
        }
        self.button(path[path.len() - 1], false, modifiers);
        self.harness.step();
        self.hold(Modifiers::NONE);
    }

    fn take_actions(&self) -> Vec<ScatterAction> {
        let mut world = self.world.borrow_mut();
        std::mem::take(&mut world.actions)
            .into_iter()
            .filter(|action| !matches!(action, ScatterAction::Hover(_)))
            .collect()
    }
}

#[test]
fn hovering_finds_the_point_and_shows_its_tooltip() {
    let mut driver = Driver::new();
    driver
        .harness
        .hover_at(driver.at([3.0, 1.0]) + vec2(4.0, -3.0));
    driver.harness.run_steps(3);
    let hover = ScatterAction::Hover(Some(8));
    assert!(driver.world.borrow().actions.contains(&hover));
    driver.harness.get_by_label("example 8");
    driver.harness.hover_at(driver.at([3.5, 1.5]));
    driver.harness.run_steps(3);
    assert_eq!(driver.world.borrow().view.hovered, None);
    assert!(driver.harness.query_by_label("example 8").is_none());
}

#[test]
fn clicking_selects_a_point_and_empty_space_clears() {
    let mut driver = Driver::new();
    driver.click(driver.at([4.0, 3.0]), Modifiers::NONE);
    driver.click(driver.at([2.0, 0.0]), Modifiers::COMMAND);
    driver.harness.run_steps(4);
    driver.click(driver.at([2.5, 1.5]), Modifiers::NONE);
    let click = |point, mode| ScatterAction::Click { point, mode };
    assert_eq!(
        driver.take_actions(),
        [
            click(19, SelectMode::Replace),
            click(2, SelectMode::Add),
            ScatterAction::Clear
        ]
    );
}

#[test]
fn a_shift_drag_selects_exactly_the_points_in_the_box() {
    let mut driver = Driver::new();
    let (from, to) = (driver.at([1.5, 3.2]), driver.at([3.5, 1.5]));
    driver.drag(&[from, from.lerp(to, 0.5), to], Modifiers::SHIFT);
    let points = vec![12, 13, 17, 18];
    let mode = SelectMode::Replace;
    assert_eq!(
        driver.take_actions(),
        [ScatterAction::Select { points, mode }]
    );
    assert_eq!(driver.world.borrow().view.camera, None, "the map stayed");
}

#[test]
fn the_lasso_selects_exactly_the_points_inside() {
    let mut driver = Driver::new();
    driver.harness.get_by_label("Lasso").click();
    driver.harness.run_steps(2);
    // A triangle round (2, 0), (3, 0), (4, 0), (3, 1), (4, 1) and (4, 2).
    let corners = [[1.2, -0.2], [4.2, -0.2], [4.2, 2.9]].map(|corner| driver.at(corner));
    let path: Vec<Pos2> = (0..=30)
        .map(|step| {
            let side = step / 10;
            corners[side % 3].lerp(corners[(side + 1) % 3], (step % 10) as f32 / 10.0)
        })
        .collect();
    driver.drag(&path, Modifiers::NONE);
    let points = vec![2, 3, 4, 8, 9, 14];
    let mode = SelectMode::Replace;
    assert_eq!(
        driver.take_actions(),
        [ScatterAction::Select { points, mode }]
    );
}

#[test]
fn dragging_pans_and_scrolling_zooms_where_the_pointer_is() {
    let mut driver = Driver::new();
    let before = driver.at([2.0, 2.0]);
    let from = driver.at([2.5, 1.5]);
    driver.drag(
        &[from, from + vec2(30.0, 10.0), from + vec2(60.0, 20.0)],
        Modifiers::NONE,
    );
    let moved = driver.at([2.0, 2.0]) - before;
    assert!(
        (moved - vec2(60.0, 20.0)).length() < 1.0,
        "moved by {moved:?}"
    );

    let fixed = driver.at([2.0, 2.0]);
    let apart = driver.at([3.0, 2.0]).distance(fixed);
    driver.scroll(fixed, Modifiers::NONE);
    assert!(driver.at([2.0, 2.0]).distance(fixed) < 1.0);
    assert!(driver.at([3.0, 2.0]).distance(driver.at([2.0, 2.0])) > 1.2 * apart);

    driver.harness.get_by_label("Fit to view").click();
    driver.harness.run_steps(30);
    assert!(driver.at([2.0, 2.0]).distance(before) < 1.0);
}

#[test]
fn in_a_page_the_wheel_zooms_only_with_ctrl() {
    let mut driver = Driver::new();
    driver.world.borrow_mut().view = ScatterView::in_page();
    driver.harness.run_steps(2);
    let fixed = driver.at([2.0, 2.0]);
    let apart = driver.at([3.0, 2.0]).distance(fixed);
    driver.scroll(fixed, Modifiers::NONE);
    let now = driver.at([3.0, 2.0]).distance(driver.at([2.0, 2.0]));
    assert!((now - apart).abs() < 0.1, "{apart} points became {now}");
    driver.scroll(fixed, Modifiers::COMMAND);
    let now = driver.at([3.0, 2.0]).distance(driver.at([2.0, 2.0]));
    assert!(now > 1.1 * apart, "{apart} points became {now}");
}

#[test]
fn a_double_click_zooms_to_the_blind_spot_and_back() {
    let mut driver = Driver::new();
    // Its members lie close together: only dense parts are outlined.
    driver.world.borrow_mut().change(|columns| {
        let positions = (0..20).map(|i| match i {
            0 | 1 | 5 | 6 => [0.4 + 0.2 * (i % 5) as f32, 0.4 + 0.2 * (i / 5) as f32],
            _ => [(i % 5) as f32, (i / 5) as f32],
        });
        columns.positions = at(positions.collect());
    });
    driver.harness.run_steps(2);
    let apart = |driver: &Driver| driver.at([0.0, 0.0]).distance(driver.at([0.0, 3.0]));
    let before = apart(&driver);
    let inside = driver.at([0.5, 0.5]);
    driver.harness.hover_at(inside);
    driver.harness.step();
    for _ in 0..2 {
        driver.button(inside, true, Modifiers::NONE);
        driver.button(inside, false, Modifiers::NONE);
    }
    driver.harness.run_steps(30);
    assert!(driver.take_actions().contains(&ScatterAction::ZoomedTo(7)));
    assert!(apart(&driver) > 2.0 * before);
    let window = driver.harness.get_by_label("Map of examples").rect();
    let middle = driver.at([0.5, 0.5]);
    let free = driver.world.borrow().view.free_part(window);
    assert!(middle.distance(free.center()) < 1.0, "{middle:?}");
}

#[test]
fn the_tag_of_a_blind_spot_is_a_labelled_button() {
    let mut driver = Driver::new();
    driver.harness.get_by_label("Blind spot irony, 4").click();
    driver.harness.run_steps(2);
    assert_eq!(driver.take_actions(), [ScatterAction::ClickOutline(7)]);
}

#[test]
fn of_many_blind_spots_the_largest_are_named_and_others_when_pointed_at() {
    let mut driver = Driver::new();
    let home = |spot: usize| [(spot % 5) as f32 * 10.0, (spot / 5) as f32 * 10.0];
    // 25 blind spots, each a bunch of its own: 27 members down to 3.
    let size = |spot: usize| 27 - spot;
    driver.world.borrow_mut().change(|columns| {
        let (mut points, mut outlines) = (Vec::new(), Vec::new());
        for spot in 0..25 {
            let [x, y] = home(spot);
            let first = points.len();
            points.extend(
                (0..size(spot)).map(|i| [x + 0.1 * (i % 5) as f32, y + 0.1 * (i / 5) as f32]),
            );
            outlines.push(Outline {
                key: spot as u64,
                name: format!("names of some length, {spot}"),
                detail: size(spot).to_string(),
                hue: Hue::Palette(spot),
                members: (first..points.len()).collect(),
                emphasised: false,
            });
        }
        columns.selected = Arc::default();
        columns.positions = at(points);
        columns.outlines = Arc::new(outlines);
    });
    driver.harness.run_steps(3);
    let named = |driver: &Driver| -> Vec<Rect> {
        let tags = driver
            .harness
            .query_all_by_label_contains("Blind spot names");
        tags.map(|tag| tag.rect()).collect()
    };
    let clear = |tags: &[Rect]| {
        let pairs = tags.iter().enumerate();
        let mut pairs = pairs.flat_map(|(i, a)| tags[i + 1..].iter().map(move |b| (a, b)));
        pairs.all(|(a, b)| !a.intersects(*b))
    };
    let tags = named(&driver);
    assert!((4..=8).contains(&tags.len()), "{}", tags.len());
    assert!(clear(&tags));
    let last = "Blind spot names of some length, 24, 3";
    assert!(driver.harness.query_by_label(last).is_none());

    let [x, y] = home(24);
    driver.harness.hover_at(driver.at([x + 0.1, y]));
    driver.harness.run_steps(3);
    let there = driver.harness.get_by_label(last).rect();
    assert!(clear(&named(&driver)));
    // It waits for the pointer, and can be pressed.
    driver.harness.get_by_label(last).click();
    driver.harness.run_steps(2);
    assert!(
        driver
            .take_actions()
            .contains(&ScatterAction::ClickOutline(24))
    );
    assert_eq!(driver.harness.get_by_label(last).rect(), there);
    driver.harness.hover_at(driver.at([20.0, 5.0]));
    driver.harness.run_steps(3);
    assert!(driver.harness.query_by_label(last).is_none());
    assert_eq!(named(&driver), tags);
}

#[test]
fn legend_toggles_hide_points_from_sight_and_from_the_pointer() {
    let mut driver = Driver::new();
    driver.harness.get_by_label("irony").click();
    driver.harness.run_steps(2);
    assert_eq!(driver.world.borrow().view.prepared.shown_count, 12);
    driver.harness.hover_at(driver.at([0.0, 1.0]));
    driver.harness.run_steps(2);
    assert_eq!(driver.world.borrow().view.hovered, None);
    driver.harness.get_by_label("Show all").click();
    driver.harness.run_steps(2);
    assert_eq!(driver.world.borrow().view.prepared.shown_count, 20);
    driver.harness.get_by_label("Fold legend").click();
    driver.harness.run_steps(2);
    assert!(driver.harness.query_by_label("irony").is_none());
}

#[test]
fn keys_zoom_pan_fit_and_clear() {
    let mut driver = Driver::new();
    {
        let mut world = driver.world.borrow_mut();
        let mut selected = vec![false; 20];
        selected[3] = true;
        world.change(|columns| columns.selected = Arc::new(selected));
    }
    driver.harness.get_by_label("Map of examples").focus();
    driver.harness.run_steps(2);
    driver.harness.key_press(Key::Equals);
    driver.harness.key_press(Key::ArrowRight);
    driver.harness.run_steps(2);
    assert!(driver.world.borrow().view.camera.is_some());
    driver.harness.key_press(Key::Num0);
    driver.harness.key_press(Key::Escape);
    driver.harness.run_steps(2);
    assert_eq!(driver.world.borrow().view.camera, None);
    assert_eq!(driver.take_actions(), [ScatterAction::Clear]);
}

#[test]
fn broken_and_missing_columns_do_no_harm() {
    let mut driver = Driver::new();
    {
        let mut world = driver.world.borrow_mut();
        let mut points = world.columns.points()[..6].to_vec();
        points[0] = [f32::NAN, f32::INFINITY];
        world.change(|columns| {
            columns.positions = at(points);
            columns.selected = Arc::new(vec![true]);
        });
    }
    driver.harness.run_steps(2);
    assert_eq!(driver.world.borrow().view.prepared.shown_count, 5);
    let mut world = driver.world.borrow_mut();
    world.change(|columns| columns.positions = at(Vec::new()));
    drop(world);
    driver.harness.run_steps(2);
    assert_eq!(driver.world.borrow().view.prepared.shown_count, 0);
}

#[test]
fn a_pair_is_panned_and_hovered_together() {
    let views = Rc::new(RefCell::new([
        ScatterView::default(),
        ScatterView::default(),
    ]));
    let shared = Rc::clone(&views);
    let world = World::new();
    let mut harness = Harness::builder()
        .with_size(vec2(1200.0, 500.0))
        .with_step_dt(1.0 / 60.0)
        .build_ui(move |ui| {
            let [left, right] = &mut *shared.borrow_mut();
            let tooltip = |_: &mut Ui, _: usize| {};
            let before = world.input("Before", &tooltip);
            let after = world.input("After", &tooltip);
            show_pair(ui, (left, &before), (right, &after));
        });
    harness.run_steps(2);
    let at = |harness: &Harness<'_>, label, side: usize, position| {
        let window = harness.get_by_label(label).rect();
        views.borrow()[side].view(window).to_screen(position)
    };

    let from = at(&harness, "After", 1, [2.5, 1.5]);
    harness.hover_at(from);
    harness.drag_at(from);
    for step in 1..5 {
        harness.hover_at(from + step as f32 * vec2(10.0, 5.0));
    }
    harness.drop_at(from + vec2(40.0, 20.0));
    harness.run_steps(4);
    let [left, right] = [0, 1].map(|side| views.borrow()[side].camera);
    assert!(right.is_some(), "the right map was panned");
    assert_eq!(left, right);

    harness.hover_at(at(&harness, "Before", 0, [3.0, 1.0]));
    harness.run_steps(3);
    assert_eq!(views.borrow()[0].hovered, Some(8));
    assert_eq!(views.borrow()[1].linked_hover, Some(8));
}
