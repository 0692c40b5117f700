//! Places for points that were not there when the map was made.

use rayon::prelude::*;

use crate::inference::neighbours::nearest;
use crate::support::{Error, Progress, Result};

/// Neighbours that a new point is placed among.
const NEIGHBOURS: usize = 5;
/// Added to squared distances, so that a copy of a point lands on it rather
/// than on a division by zero.
const SOFTENING: f32 = 1e-6;

/// Positions of new points: the mean of their five nearest neighbours'
/// positions, weighted by inverse squared distance.
///
/// `new`: `[m, width]`; `embeddings`: `[n, width]` of the points on the map;
/// `positions`: theirs. With nothing on the map, everything is at the origin.
///
/// # Errors
/// When the shapes do not fit each other, or when cancelled.
pub fn place(
    new: &[f32],
    embeddings: &[f32],
    width: usize,
    positions: &[[f32; 2]],
    progress: &Progress,
) -> Result<Vec<[f32; 2]>> {
    if embeddings.len() != positions.len() * width {
        return Err(Error::program(format!(
            "{} positions do not belong to {} embedding values of width {width}",
            positions.len(),
            embeddings.len()
        )));
    }
    let found = nearest(new, embeddings, width, NEIGHBOURS, progress)?;
    Ok(found
        .into_par_iter()
        .map(|neighbours| {
            let (mut sum, mut place) = (0.0, [0.0; 2]);
            for neighbour in neighbours {
                let weight = 1.0 / (neighbour.squared_distance + SOFTENING);
                let [x, y] = positions[neighbour.row];
                sum += weight;
                place = [place[0] + weight * x, place[1] + weight * y];
            }
            if sum > 0.0 {
                place.map(|coordinate| coordinate / sum)
            } else {
                place
            }
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_lands_on_its_original_and_a_stranger_among_its_neighbours() {
        let embeddings: Vec<f32> = (0..10).map(|i| i as f32).collect();
        let positions: Vec<[f32; 2]> = (0..10).map(|i| [i as f32 / 10.0, -1.0]).collect();
        let silent = Progress::silent();
        let placed = place(&[3.0, 6.5], &embeddings, 1, &positions, &silent).unwrap();
        assert!((placed[0][0] - 0.3).abs() < 1e-3);
        assert!((placed[1][0] - 0.65).abs() < 0.03);
        assert!((placed[1][1] + 1.0).abs() < 1e-6);
        assert_eq!(place(&[1.0], &[], 1, &[], &silent).unwrap(), [[0.0, 0.0]]);
        assert!(place(&[1.0], &embeddings, 1, &[], &silent).is_err());
    }
}
