//! The list of figures: each figure of a comparison once, with its name,
//! unit, decimals, meaning and where it is read from.
//!
//! To add a figure, add an entry to the list of the rows that it is about:
//! an arm on a slice ([`errors`], [`answers`]), a slice ([`slice`]), a blind
//! spot's region ([`spot`], [`region`], [`kept_back`]), created errors
//! ([`created`], [`created_group`]) or a curve ([`CURVES`]). Every face goes
//! through these lists, and a test goes through them to see that it does.

mod arms;
mod blind_spots;
mod created;
mod curves;
mod endpoints;
mod sheets;
mod sizes;

use std::collections::BTreeSet;

pub use arms::{
    AGAINST, BECAME, ENDPOINT, accuracy, against_control, against_controls, answers, change,
    errors, matched_errors, outcomes, slice, verdict,
};
pub use blind_spots::{kept_back, region, spot, unseen, which};
pub use created::{created, created_group};
pub use curves::{CURVES, Curve, CurvePoint};
pub use endpoints::{
    EndpointAgainst, IS_ACCURACY, endpoint_against, endpoints_against, of_endpoints,
    said_difference,
};
pub use sheets::{
    ARM, CHECK_IS_FOR_CHOOSING, NOTHING_JUDGED, history, of_arm, of_blind_spots, of_created,
    of_region, of_slice,
};

pub use sizes::{SIZES, SizeRow, of_sizes, size_figures, size_rows, worth_figures, worths};

use crate::records::Endpoint;
use crate::support::figures::Figure;

type Term = (&'static str, &'static str);

/// What every figure means that people are shown, each name once: for
/// glossaries.
pub fn glossary() -> Vec<Term> {
    fn terms<R>(figures: &[Figure<R>]) -> Vec<Term> {
        figures
            .iter()
            .map(|figure| (figure.name, figure.meaning))
            .collect()
    }
    let curves = CURVES.iter().map(|curve| (curve.name, curve.meaning));
    let endpoints = Endpoint::ALL.map(|endpoint| (endpoint.name(), endpoint.meaning()));
    let mut all = [
        terms(&errors()),
        endpoints.to_vec(),
        terms(&answers()),
        terms(&spot()),
        terms(&region()),
        terms(&kept_back()),
        curves.collect(),
    ]
    .concat();
    let mut seen = BTreeSet::new();
    all.retain(|(name, meaning)| !meaning.is_empty() && seen.insert(*name));
    all
}
