//! Where blind spots lie: outlines round the dense parts of each, and where
//! their name tags go.

use eframe::egui::{Pos2, Rect, Vec2, pos2, vec2};

use super::camera::{View, usable};
use super::hit_test::Region as _;
use super::selection::Polygon;
use crate::drawing::Hue;

/// Members that make a dense part of a blind spot, with fewer of them near each
/// other it is a stray.
const FEWEST: usize = 3;
/// Share of a blind spot's members that a dense part has at least.
const LEAST_SHARE: f32 = 0.12;
/// How many times as far apart as members usually are two may lie to belong to
/// one part.
const REACH: f32 = 2.5;
/// Share of the map that is the farthest that they may lie apart.
const FARTHEST: f32 = 0.06;
/// Members whose distances are looked at: of more, evenly many of them.
const MOST_MEASURED: usize = 600;
/// Room between members and outline, in points.
const ROOM: f32 = 10.0;

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

/// The dense parts of a blind spot on the map, before any view.
///
/// Groups were formed in hundreds of dimensions. Two hold some of them
/// together, tear others into parts, and always leave members astray: one line
/// round all of them would enclose half the map and say nothing. So only where
/// members lie close to each other is a line drawn; strays carry the colour.
#[derive(Debug, Clone, Default)]
pub(super) struct Hull {
    /// The members in the dense parts.
    pub(super) core: Vec<usize>,
    /// A convex polygon round each part, anticlockwise, on the map; the one
    /// with most members first.
    parts: Vec<Vec<[f32; 2]>>,
}

impl Hull {
    /// `extent` is the side of the square round all points of the map.
    pub(super) fn new(
        outline: &Outline,
        positions: &[[f32; 2]],
        shown: &[bool],
        extent: f32,
    ) -> Self {
        let is_drawn = |point: &usize| {
            shown.get(*point) == Some(&true) && positions.get(*point).is_some_and(|&p| usable(p))
        };
        let mut members: Vec<usize> = outline.members.iter().copied().filter(is_drawn).collect();
        members.sort_unstable();
        members.dedup();
        let step = members.len().div_ceil(MOST_MEASURED).max(1);
        let members: Vec<usize> = members.into_iter().step_by(step).collect();
        let places: Vec<[f32; 2]> = members.iter().map(|&member| positions[member]).collect();
        let parts = dense_parts(&places, extent * FARTHEST);
        let hull = |part: &Vec<usize>| convex_hull(part.iter().map(|&at| places[at]).collect());
        Self {
            core: parts.iter().flatten().map(|&at| members[at]).collect(),
            parts: parts.iter().map(hull).collect(),
        }
    }

    /// The outlines on the screen: each hull pushed outwards with round
    /// corners. Empty if nothing is enclosed.
    pub(super) fn on_screen(&self, view: View) -> Vec<Vec<Pos2>> {
        let parts = self.parts.iter().map(|corners| {
            let corners: Vec<Pos2> = corners.iter().map(|&c| view.to_screen(c)).collect();
            rounded(&corners, ROOM)
        });
        parts.collect()
    }
}

/// Positions in `places` of what lies close together, the largest part first;
/// no part is farther apart than `farthest` from one place to the next. Without
/// any dense part, the place with the nearest neighbour stands for all.
fn dense_parts(places: &[[f32; 2]], farthest: f32) -> Vec<Vec<usize>> {
    if places.is_empty() {
        return Vec::new();
    }
    let distance = |a: usize, b: usize| {
        let ([ax, ay], [bx, by]) = (places[a], places[b]);
        (ax - bx).hypot(ay - by)
    };
    let count = places.len();
    let nearest = (0..count).map(|a| {
        let others = (0..count).filter(|&b| b != a);
        others.map(|b| distance(a, b)).fold(f32::INFINITY, f32::min)
    });
    let nearest: Vec<f32> = nearest.collect();
    let usual = median(nearest.iter().copied().filter(|near| near.is_finite()));
    let reach = (usual * REACH).min(farthest);
    let mut parts = linked(count, |a, b| distance(a, b) <= reach);
    parts.sort_by_key(|part| (std::cmp::Reverse(part.len()), part[0]));
    let least = ((count as f32 * LEAST_SHARE).ceil() as usize).max(FEWEST.min(count));
    let dense: Vec<Vec<usize>> = (parts.iter().filter(|part| part.len() >= least))
        .cloned()
        .collect();
    match dense.is_empty() {
        true => parts.into_iter().take(1).collect(),
        false => dense,
    }
}

/// What hangs together by links, each part ascending.
fn linked(count: usize, is_link: impl Fn(usize, usize) -> bool) -> Vec<Vec<usize>> {
    let mut left: Vec<usize> = (0..count).collect();
    let mut parts = Vec::new();
    while let Some(first) = left.pop() {
        let mut part = vec![first];
        let mut at = 0;
        while let Some(&from) = part.get(at) {
            let (near, far): (Vec<usize>, _) = left.into_iter().partition(|&to| is_link(from, to));
            part.extend(near);
            left = far;
            at += 1;
        }
        part.sort_unstable();
        parts.push(part);
    }
    parts
}

/// The middle one of some values; 0 without any.
fn median(values: impl Iterator<Item = f32>) -> f32 {
    let mut values: Vec<f32> = values.collect();
    if values.is_empty() {
        return 0.0;
    }
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
    let parts = hulls.iter().enumerate().flat_map(|(index, hull)| {
        let parts = hull.on_screen(view).into_iter();
        parts
            .filter(|part| !part.is_empty())
            .map(move |part| (index, part))
    });
    let round_it = parts.filter_map(|(index, part)| {
        let corners: Vec<[f32; 2]> = part.into_iter().map(Into::into).collect();
        let polygon = Polygon::new(&corners);
        let holds = polygon.contains(pointer.into());
        holds.then(|| (index, polygon.bounds().area()))
    });
    round_it
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

    /// Side of the square round all points of these tests.
    const EXTENT: f32 = 100.0;

    fn within(hull: &Hull, position: [f32; 2]) -> bool {
        let pointer = view().to_screen(position);
        at(std::slice::from_ref(hull), view(), pointer) == Some(0)
    }

    #[test]
    fn an_outline_encloses_what_lies_together_and_leaves_strays_out() {
        let mut positions: Vec<[f32; 2]> =
            (0..30).map(|i| [(i % 6) as f32, (i / 6) as f32]).collect();
        positions.push([19.0, 15.0]);
        let hull = Hull::new(&outline((0..31).collect()), &positions, &[true; 31], EXTENT);
        assert!(
            hull.core
                .iter()
                .all(|&point| within(&hull, positions[point]))
        );
        assert!(!hull.core.contains(&30));
        assert!(!within(&hull, positions[30]));
    }

    #[test]
    fn a_torn_blind_spot_has_an_outline_round_each_part_and_none_between() {
        let mut positions: Vec<[f32; 2]> = (0..20)
            .map(|i| [(i % 5) as f32 * 0.5, (i / 5) as f32 * 0.5])
            .collect();
        positions.extend((0..10).map(|i| [60.0 + (i % 5) as f32 * 0.5, (i / 5) as f32 * 0.5]));
        let hull = Hull::new(&outline((0..30).collect()), &positions, &[true; 30], EXTENT);
        assert_eq!(hull.parts.len(), 2);
        assert_eq!(hull.core.len(), 30);
        assert!(within(&hull, [1.0, 0.5]) && within(&hull, [61.0, 0.5]));
        assert!(!within(&hull, [30.0, 0.5]), "half the map is not enclosed");
    }

    #[test]
    fn members_scattered_over_the_map_are_not_outlined_together() {
        let positions: Vec<[f32; 2]> = (0..25)
            .map(|i| [(i % 5) as f32 * 25.0, (i / 5) as f32 * 25.0])
            .collect();
        let hull = Hull::new(&outline((0..25).collect()), &positions, &[true; 25], EXTENT);
        assert_eq!((hull.parts.len(), hull.core.len()), (1, 1));
    }

    #[test]
    fn one_point_two_points_and_none_have_outlines_too() {
        let positions = [[1.0, 1.0], [3.0, 4.0], [f32::NAN, 0.0]];
        for members in [vec![0], vec![0, 1], vec![0, 0, 2]] {
            let hull = Hull::new(&outline(members), &positions, &[true; 3], EXTENT);
            let on_screen = hull.on_screen(view()).concat();
            assert!(on_screen.iter().all(|p| p.is_finite()) && on_screen.len() >= 8);
            assert!(within(&hull, [1.0, 1.0]));
        }
        let none = Hull::new(&outline(vec![2, 9]), &positions, &[true; 3], EXTENT);
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
