//! Clusters of unknown unknowns, and the frozen snapshots that names, triage
//! and lessons attach to.
//!
//! [`preview`] groups errors while a slider moves, [`cluster`] also measures
//! how stable the groups are, [`freeze`] makes a versioned [`Snapshot`] of
//! them. Errors are grouped within each confusion (true → predicted), on the
//! embeddings of the fine-tuned model.

mod cluster;
mod continuity;
mod freeze;
mod kept_back;
pub mod kmeans;
pub mod lloyd;
mod region;
pub mod slice_fit;
mod stability;
mod terms;

pub use cluster::{Clustering, Group, STABLE_FROM, cluster, preview};
pub use freeze::{Freezing, freeze};
pub use region::{nearest_blind_spot, nearest_correct, region_members};
pub use stability::adjusted_rand_index;
