//! Outlines round blind spots and where their name tags go.

use eframe::egui::{Pos2, Rect, Vec2, pos2, vec2};

use super::camera::{View, usable};
use super::hit_test::Region as _;
use super::selection::Polygon;
use crate::drawing::Hue;

/// Share of a blind spot's members that its outline encloses, those nearest
/// to its middle. Groups were formed in hundreds of dimensions; two always
/// leave some members astray, and a line round those would enclose
/// everything. Strays still carry the colour.
const CORE_SHARE: f32 = 0.85;
/// Room between members and outline, in points.
const ROOM: f32 = 12.0;

/// A blind spot to outline.
#[derive(Debug, Clone, PartialEq)]
pub struct Outline {
    /// What the caller knows it by; unique on a map.
    pub key: u64,
    /// Its name, on the tag.
    pub name: String,
    /// A short figure after the name, such as its number of members.
    pub detail: String,
    /// Its colour.
    pub hue: Hue,
    /// The points that belong to it.
    pub members: Vec<usize>,
    /// Whether it is drawn stronger: the one that is looked at.
    pub emphasised: bool,
}

/// The outline's shape on the map, before any view.
#[derive(Debug, Clone, Default)]
pub(super) struct Hull {
    /// The members that it encloses.
    pub(super) core: Vec<usize>,
    /// Convex, anticlockwise, on the map.
    corners: Vec<[f32; 2]>,
}

impl Hull {
    pub(super) fn new(outline: &Outline, positions: &[[f32; 2]], shown: &[bool]) -> Self {
        let mut members: Vec<usize> = outline
            .members
            .iter()
            .copied()
            .filter(|&point| {
                shown.get(point) == Some(&true) && positions.get(point).is_some_and(|&p| usable(p))
            })
            .collect();
        if members.is_empty() {
            return Self::default();
        }
        let middle = [0, 1].map(|axis| median(members.iter().map(|&m| positions[m][axis])));
        let distance = |point: usize| {
            let [x, y] = positions[point];
            (x - middle[0]).hypot(y - middle[1])
        };
        members.sort_by(|&a, &b| distance(a).total_cmp(&distance(b)).then(a.cmp(&b)));
        members.truncate(((members.len() as f32 * CORE_SHARE).ceil() as usize).max(1));
        let corners = convex_hull(members.iter().map(|&m| positions[m]).collect());
        Self {
            core: members,
            corners,
        }
    }

    /// The outline on the screen: the hull pushed outwards with round
    /// corners. Empty if nothing is enclosed.
    pub(super) fn on_screen(&self, view: View) -> Vec<Pos2> {
        let corners: Vec<Pos2> = self.corners.iter().map(|&c| view.to_screen(c)).collect();
        rounded(&corners, ROOM)
    }
}

fn median(values: impl Iterator<Item = f32>) -> f32 {
    let mut values: Vec<f32> = values.collect();
    let middle = values.len() / 2;
    *values.select_nth_unstable_by(middle, f32::total_cmp).1
}

/// Andrew's monotone chain: the corners of the convex hull, anticlockwise
/// where y grows upwards.
fn convex_hull(mut positions: Vec<[f32; 2]>) -> Vec<[f32; 2]> {
    positions.sort_by(|a, b| a[0].total_cmp(&b[0]).then(a[1].total_cmp(&b[1])));
    positions.dedup();
    if positions.len() < 3 {
        return positions;
    }
    let turns_left = |o: [f32; 2], a: [f32; 2], b: [f32; 2]| {
        (a[0] - o[0]) * (b[1] - o[1]) - (a[1] - o[1]) * (b[0] - o[0]) > 0.0
    };
    let half = |positions: &mut dyn Iterator<Item = [f32; 2]>| {
        let mut chain: Vec<[f32; 2]> = Vec::new();
        for position in positions {
            while chain.len() >= 2
                && !turns_left(chain[chain.len() - 2], chain[chain.len() - 1], position)
            {
                chain.pop();
            }
            chain.push(position);
        }
        chain.pop();
        chain
    };
    let mut corners = half(&mut positions.iter().copied());
    corners.extend(half(&mut positions.iter().rev().copied()));
    corners
}

/// A convex polygon, clockwise on the screen or a lone point or line, pushed
/// outwards by `room`: each corner becomes an arc.
fn rounded(corners: &[Pos2], room: f32) -> Vec<Pos2> {
    const ARC_STEP: f32 = std::f32::consts::PI / 10.0;
    let count = corners.len();
    if count == 1 {
        return (0..20)
            .map(|step| corners[0] + room * Vec2::angled(step as f32 * ARC_STEP))
            .collect();
    }
    let outwards = |from: Pos2, to: Pos2| {
        let along = (to - from).normalized();
        // On the screen y grows downwards, which turns the polygon round.
        vec2(-along.y, along.x).angle()
    };
    let mut outline = Vec::new();
    for index in 0..count {
        let corner = corners[index];
        let before = outwards(corners[(index + count - 1) % count], corner);
        let after = outwards(corner, corners[(index + 1) % count]);
        // Screen angles fall along an anticlockwise polygon.
        let turn = (before - after).rem_euclid(std::f32::consts::TAU);
        let steps = (turn / ARC_STEP).ceil().max(1.0) as usize;
        outline.extend((0..=steps).map(|step| {
            let angle = before - turn * step as f32 / steps as f32;
            corner + room * Vec2::angled(angle)
        }));
    }
    outline
}

/// The smallest outline round a point of the screen.
pub(super) fn at(hulls: &[Hull], view: View, pointer: Pos2) -> Option<usize> {
    hulls
        .iter()
        .enumerate()
        .filter_map(|(index, hull)| {
            let corners: Vec<[f32; 2]> = hull.on_screen(view).into_iter().map(Into::into).collect();
            let polygon = (!corners.is_empty()).then(|| Polygon::new(&corners))?;
            polygon
                .contains(pointer.into())
                .then(|| (index, polygon.bounds().area()))
        })
        .min_by(|a, b| a.1.total_cmp(&b.1))
        .map(|(index, _)| index)
}

/// Where a tag of `size` goes: at the first of some places round `outline`
/// where it covers nothing of `taken`. `None` if there is no such place: a
/// tag that hides another helps nobody, and the outline's colour, the legend
/// and the list of blind spots still name it.
pub(super) fn place_tag(outline: Rect, size: Vec2, window: Rect, taken: &[Rect]) -> Option<Rect> {
    const DISTANCE: f32 = 3.0;
    let middle = outline.center();
    let dx = (outline.width() + size.x) / 2.0 + DISTANCE;
    let dy = (outline.height() + size.y) / 2.0 + DISTANCE;
    let inner = window.shrink(6.0);
    let places = [
        pos2(middle.x, middle.y - dy),
        pos2(middle.x, middle.y + dy),
        pos2(middle.x + dx, middle.y),
        pos2(middle.x - dx, middle.y),
        pos2(middle.x + dx * 0.7, middle.y - dy),
        pos2(middle.x - dx * 0.7, middle.y - dy),
        pos2(middle.x + dx * 0.7, middle.y + dy),
        pos2(middle.x - dx * 0.7, middle.y + dy),
        middle,
    ];
    if !outline.intersects(window) || size.x > inner.width() || size.y > inner.height() {
        return None;
    }
    places
        .into_iter()
        .map(|centre| {
            let room = inner.shrink2(size / 2.0);
            Rect::from_center_size(centre.clamp(room.min, room.max), size)
        })
        .find(|tag| !taken.iter().any(|other| other.intersects(*tag)))
}

#[cfg(test)]
mod tests {
    use super::super::camera::Camera;
    use super::*;

    fn outline(members: Vec<usize>) -> Outline {
        Outline {
            key: 1,
            name: "irony".into(),
            detail: String::new(),
            hue: Hue::Palette(0),
            members,
            emphasised: false,
        }
    }

    fn view() -> View {
        View {
            window: Rect::from_min_size(Pos2::ZERO, vec2(800.0, 600.0)),
            camera: Camera {
                centre: pos2(5.0, 5.0),
                scale: 20.0,
            },
        }
    }

    #[test]
    fn an_outline_encloses_its_core_and_leaves_a_stray_out() {
        let mut positions: Vec<[f32; 2]> =
            (0..30).map(|i| [(i % 6) as f32, (i / 6) as f32]).collect();
        positions.push([19.0, 15.0]);
        let hull = Hull::new(&outline((0..31).collect()), &positions, &[true; 31]);
        for &point in &hull.core {
            let at_point = at(
                std::slice::from_ref(&hull),
                view(),
                view().to_screen(positions[point]),
            );
            assert_eq!(at_point, Some(0), "point {point}");
        }
        assert!(!hull.core.contains(&30));
        let stray = view().to_screen(positions[30]);
        assert_eq!(at(&[hull], view(), stray), None);
    }

    #[test]
    fn one_point_two_points_and_none_have_outlines_too() {
        let positions = [[1.0, 1.0], [3.0, 4.0], [f32::NAN, 0.0]];
        for members in [vec![0], vec![0, 1], vec![0, 0, 2]] {
            let hull = Hull::new(&outline(members), &positions, &[true; 3]);
            let on_screen = hull.on_screen(view());
            assert!(on_screen.iter().all(|p| p.is_finite()) && on_screen.len() >= 8);
            let pointer = view().to_screen([1.0, 1.0]);
            assert_eq!(at(&[hull], view(), pointer), Some(0));
        }
        let none = Hull::new(&outline(vec![2, 9]), &positions, &[true; 3]);
        assert!(none.on_screen(view()).is_empty());
    }

    #[test]
    fn tags_keep_clear_of_each_other_and_stay_in_the_window() {
        let window = Rect::from_min_size(Pos2::ZERO, vec2(400.0, 300.0));
        let spot = Rect::from_center_size(pos2(200.0, 140.0), vec2(40.0, 40.0));
        let mut taken = Vec::new();
        for _ in 0..4 {
            let tag = place_tag(spot, vec2(60.0, 18.0), window, &taken).unwrap();
            assert!(window.contains_rect(tag));
            assert!(!taken.iter().any(|other: &Rect| other.intersects(tag)));
            taken.push(tag);
        }
        assert_eq!(place_tag(spot, vec2(500.0, 18.0), window, &[]), None);
    }
}
