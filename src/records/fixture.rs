//! Made-up records for tests.

use super::{BlindSpot, BlindSpotId, DiscoverySettings, Snapshot};

/// The first snapshot of a base, without blind spots.
pub(crate) fn snapshot(model: &str) -> Snapshot {
    Snapshot {
        version: 1,
        created: "2026-01-01T00:00:00Z".into(),
        settings: DiscoverySettings::default(),
        temperature: 1.0,
        model: model.to_owned(),
        blind_spots: Vec::new(),
        stability: None,
        notes: Vec::new(),
        orphans: Vec::new(),
    }
}

/// A blind spot that holds no errors yet.
pub(crate) fn blind_spot(id: BlindSpotId, name: &str) -> BlindSpot {
    BlindSpot {
        id,
        name: name.to_owned(),
        true_label: 1,
        predicted: 0,
        shown: Vec::new(),
        kept_back: Vec::new(),
        medoids: Vec::new(),
        contrasts: Vec::new(),
        terms: Vec::new(),
        mean_confidence: 0.95,
        centre: Vec::new(),
        radius: 0.0,
        region_size: 0,
        region_uus: 0,
    }
}
