//! How far samples spread, what they reach, and which of many to keep.

/// Distance of each point to the nearest other one, as 1 − cosine; none of a
/// point alone.
pub fn nearest_others(points: &[&[f32]]) -> Vec<f64> {
    let others = |at: usize| {
        let others = points
            .iter()
            .enumerate()
            .filter(move |(other, _)| *other != at);
        others.map(move |(_, other)| distance(points[at], other))
    };
    (0..points.len())
        .filter_map(|at| others(at).min_by(f64::total_cmp))
        .collect()
}

/// The median distance of a point to the nearest other one: what “near” means
/// among these. `None` of fewer than two points.
pub fn typical_spacing(points: &[&[f32]]) -> Option<f64> {
    let mut distances = nearest_others(points);
    distances.sort_by(f64::total_cmp);
    distances.get(distances.len() / 2).copied()
}

/// How many of some points lie within a distance of one of `by`.
pub fn reached(points: &[&[f32]], by: &[&[f32]], within: f64) -> usize {
    let is_reached = |point: &&&[f32]| by.iter().any(|one| distance(point, one) <= within);
    points.iter().filter(is_reached).count()
}

/// Picks `keep` of some candidates so that the points to cover are as near as
/// can be to one that is picked, the farthest of them first: greedy k-centre
/// (Gonzalez, Theoretical Computer Science 1985). `kept` ones cover already.
/// Where no candidate would bring any point nearer, those follow that lie
/// farthest from all others. Gives their numbers in the order in which they
/// were picked.
pub fn chosen(
    candidates: &[&[f32]],
    to_cover: &[&[f32]],
    kept: &[&[f32]],
    keep: usize,
) -> Vec<usize> {
    let mut uncovered = Gaps::to(to_cover, kept);
    let mut apart = Gaps::to(candidates, kept);
    let to_points: Vec<Vec<f64>> = distances(candidates, to_cover);
    let between: Vec<Vec<f64>> = distances(candidates, candidates);
    let mut free: Vec<usize> = (0..candidates.len()).collect();
    let mut picked = Vec::new();
    while picked.len() < keep && !free.is_empty() {
        let by_need = uncovered.farthest_first().find_map(|(point, now)| {
            let nearest = free.iter().copied().min_by(|a, b| {
                let (a, b) = (&to_points[*a], &to_points[*b]);
                a[point].total_cmp(&b[point])
            });
            nearest.filter(|one| to_points[*one][point] < now)
        });
        let far = || {
            let mut apart = apart.farthest_first().map(|(one, _)| one);
            apart.find(|one| free.contains(one))
        };
        let Some(next) = by_need.or_else(far) else {
            break;
        };
        free.retain(|one| *one != next);
        picked.push(next);
        uncovered.close(&to_points[next]);
        apart.close(&between[next]);
    }
    picked
}

/// The distance of each of some points to the nearest that is picked.
struct Gaps(Vec<f64>);

impl Gaps {
    fn to(points: &[&[f32]], picked: &[&[f32]]) -> Self {
        let nearest = |point: &&[f32]| {
            let all = picked.iter().map(|one| distance(point, one));
            all.min_by(f64::total_cmp).unwrap_or(f64::INFINITY)
        };
        Self(points.iter().map(nearest).collect())
    }

    /// One more is picked, with its distances to all.
    fn close(&mut self, by: &[f64]) {
        for (gap, distance) in self.0.iter_mut().zip(by) {
            *gap = gap.min(*distance);
        }
    }

    fn farthest_first(&self) -> impl Iterator<Item = (usize, f64)> {
        let mut all: Vec<(usize, f64)> = self.0.iter().copied().enumerate().collect();
        all.sort_by(|a, b| b.1.total_cmp(&a.1));
        all.into_iter()
    }
}

fn distances(of: &[&[f32]], to: &[&[f32]]) -> Vec<Vec<f64>> {
    let row = |one: &&[f32]| to.iter().map(|other| distance(one, other)).collect();
    of.iter().map(row).collect()
}

fn distance(a: &[f32], b: &[f32]) -> f64 {
    let product: f64 = a.iter().zip(b).map(|(a, b)| f64::from(a * b)).sum();
    (1.0 - product).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Directions in the plane, by their angle in degrees.
    fn at(degrees: &[f32]) -> Vec<[f32; 2]> {
        let point = |angle: &f32| [angle.to_radians().cos(), angle.to_radians().sin()];
        degrees.iter().map(point).collect()
    }

    fn rows(points: &[[f32; 2]]) -> Vec<&[f32]> {
        points.iter().map(<[f32; 2]>::as_slice).collect()
    }

    #[test]
    fn distances_and_reach_by_hand() {
        let points = at(&[0.0, 60.0, 180.0]);
        let points = rows(&points);
        let near: Vec<f64> = nearest_others(&points);
        assert!((near[0] - 0.5).abs() < 1e-6 && (near[2] - 1.5).abs() < 1e-6);
        assert!((typical_spacing(&points).expect("three") - 0.5).abs() < 1e-6);
        assert_eq!(typical_spacing(&points[..1]), None);
        assert!(nearest_others(&points[..1]).is_empty());
        let by = at(&[70.0]);
        assert_eq!(reached(&points, &rows(&by), 0.1), 1);
        assert_eq!(reached(&points, &rows(&by), 0.7), 2);
        assert_eq!(reached(&points, &[], 2.0), 0);
    }

    #[test]
    fn those_are_kept_that_cover_what_is_far() {
        let candidates = at(&[0.0, 1.0, 2.0, 90.0, 200.0]);
        let to_cover = at(&[0.0, 3.0, 95.0, 100.0]);
        let pick = |kept: &[f32], keep| {
            let kept = at(kept);
            chosen(&rows(&candidates), &rows(&to_cover), &rows(&kept), keep)
        };
        assert_eq!(pick(&[0.0], 1), [3], "what is kept covers already");
        let two = pick(&[], 2);
        assert!(two.contains(&3), "{two:?}");
        let all = pick(&[], 9);
        assert_eq!(all.len(), candidates.len());
        let mut sorted = all.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, [0, 1, 2, 3, 4]);
        assert!(pick(&[], 0).is_empty());
    }
}
