//! The two-dimensional map of embeddings: principal components at once
//! ([`pca_map`]), a neighbour-preserving map when it is ready
//! ([`neighbour_map`]), and places for texts that come later ([`place`]).
//!
//! Positions are centred and lie within −1 to 1 on both axes, at one scale.

pub mod neighbour_map;
pub mod pca;
mod placing;

pub use neighbour_map::{MapSettings, neighbour_map};
pub use pca::{Pca, pca_map};
pub use placing::place;

/// Centres positions and scales both axes by the same factor, so that the
/// farthest point lies on the edge of the square from −1 to 1.
fn normalised(mut positions: Vec<[f32; 2]>) -> Vec<[f32; 2]> {
    let count = positions.len().max(1) as f64;
    for axis in 0..2 {
        let total: f64 = positions.iter().map(|p| f64::from(p[axis])).sum();
        let mean = (total / count) as f32;
        positions.iter_mut().for_each(|p| p[axis] -= mean);
    }
    let farthest = positions
        .iter()
        .flatten()
        .fold(0.0_f32, |far, x| far.max(x.abs()));
    if farthest > 0.0 {
        positions.iter_mut().flatten().for_each(|x| *x /= farthest);
    }
    positions
}
