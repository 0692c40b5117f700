//! Clusters of unknown unknowns, and the frozen snapshots that names, triage
//! and lessons attach to.
//!
//! [`preview`] groups errors while a slider moves, [`cluster`] also measures
//! how stable the groups are, [`freeze`] makes a versioned [`Snapshot`] of
//! them. Errors are grouped within each confusion (true → predicted), on the
//! embeddings of the fine-tuned model; confusions with few errors are pooled,
//! so that many classes do not make hundreds of blind spots of one error.

mod buckets;
mod by_k;
mod cluster;
mod continuity;
mod freeze;
mod kept_back;
mod naming;
pub mod kmeans;
pub mod lloyd;
mod region;
pub mod slice_fit;
mod split;
mod stability;
mod terms;
pub mod ways;

pub use buckets::MOST_BLIND_SPOTS;
pub use by_k::{StabilityAt, most_stable, stability_by_k};
pub use cluster::{Clustering, Group, STABLE_FROM, cluster, common, embeddings_of, preview};
pub use freeze::{Freezing, freeze};
pub use naming::{Common, is_called, with_new_names};
pub use region::{nearest_blind_spot, regions};
pub use stability::adjusted_rand_index;
