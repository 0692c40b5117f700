//! The map before and after as SVG. All points of a kind are one path of
//! zero-length strokes with round ends: ten bytes a point.

use std::collections::BTreeMap;

use maud::{Markup, PreEscaped, html};

use super::Told;
use crate::discovery::{Fate, Outcome, true_label};
use crate::inference::Predictions;
use crate::records::{BlindSpotId, MapMethod, MapPositions, Role};
use crate::steps::State;
use crate::support::text::many;

/// Width and height of a map in its own units; points lie within −1 to 1.
const SIDE: f32 = 500.0;
const MARGIN: f32 = 14.0;

/// What became of a row; in the order of drawing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Rest,
    Before,
    Quieted,
    Corrected,
    Remaining,
    New,
}

impl Kind {
    fn class(self) -> &'static str {
        match self {
            Kind::Rest => "rest",
            Kind::Before => "uu",
            Kind::Quieted => "quieted",
            Kind::Corrected => "corrected",
            Kind::Remaining => "remaining",
            Kind::New => "new",
        }
    }

    fn meaning(self) -> &'static str {
        match self {
            Kind::Rest => "all other rows",
            Kind::Before => "unknown unknown of the base",
            Kind::Quieted => "quieted: still wrong, now below τ",
            Kind::Corrected => "corrected: right now",
            Kind::Remaining => "remaining: still wrong with confidence",
            Kind::New => "new: an unknown unknown that the base did not have",
        }
    }
}

/// Both maps with their key.
pub(super) fn section(told: &Told<'_>) -> Markup {
    let state = &told.state;
    let (Some(map), Some(base)) = (&state.map, &state.predictions) else {
        return html! {};
    };
    let before = kinds(state, base, None);
    let model = told.last().and_then(|last| last.round.model());
    let run = model.and_then(|model| told.answers.iter().find(|(run, _)| run == model));
    let after = run.map(|(run, answers)| (run, kinds(state, base, Some(answers))));
    let method = match map.method {
        MapMethod::Pca => "principal components",
        MapMethod::Tsne => {
            "t-SNE: neighbours stay neighbours, distances between groups mean nothing"
        }
    };
    html! {
        section {
            h2 { "The map, before and after" }
            div.maps {
                figure {
                    (drawing(told, map, base, &before, "Map before retraining"))
                    figcaption { "Before: the base model. Numbers name blind spots" }
                    (key(&before))
                }
                @if let Some((run, after)) = &after {
                    figure {
                        (drawing(told, map, base, after, "Map after retraining"))
                        figcaption { "After: arm " (run.arm) ", seed " (run.seed) ", same places" }
                        (key(after))
                    }
                }
            }
            p.note {
                "Rows of discovery and check in the embedding space of the base model ("
                (method) "). Rows of final are not drawn."
            }
        }
    }
}

/// What each row of the predictions is; rows of other roles are left out.
fn kinds(state: &State, base: &Predictions, after: Option<&Predictions>) -> Vec<Option<Kind>> {
    let (tau, temperature) = state.snapshot().map_or(
        (state.document.settings.tau, state.effective_temperature()),
        |snapshot| (snapshot.settings.tau, snapshot.temperature),
    );
    let kind = |(row, index): (usize, &usize)| {
        let example = &state.dataset.examples[*index];
        if !matches!(example.role, Role::Discovery | Role::Check) {
            return None;
        }
        let truth = true_label(example, &state.document.triage);
        truth?;
        let was = Outcome::of(truth, base.prediction(row, temperature), tau);
        let Some(after) = after else {
            return Some(match was {
                Outcome::UnknownUnknown => Kind::Before,
                _ => Kind::Rest,
            });
        };
        let is = Outcome::of(truth, after.of_example(*index, temperature)?, tau);
        Some(match Fate::of(was, is) {
            Some(Fate::Corrected) => Kind::Corrected,
            Some(Fate::Quieted) => Kind::Quieted,
            Some(Fate::Remaining) => Kind::Remaining,
            Some(Fate::New) => Kind::New,
            None => Kind::Rest,
        })
    };
    base.examples().iter().enumerate().map(kind).collect()
}

fn place([x, y]: [f32; 2]) -> (f32, f32) {
    let half = SIDE / 2.0 - MARGIN;
    // The window draws y upwards, SVG downwards.
    (SIDE / 2.0 + x * half, SIDE / 2.0 - y * half)
}

fn drawing(
    told: &Told<'_>,
    map: &MapPositions,
    base: &Predictions,
    kinds: &[Option<Kind>],
    title: &str,
) -> Markup {
    let mut paths: BTreeMap<Kind, String> = BTreeMap::new();
    for (point, kind) in map.points.iter().zip(kinds) {
        let Some(kind) = kind else { continue };
        let (x, y) = place(*point);
        let path = paths.entry(*kind).or_default();
        *path += &format!("M{x:.1} {y:.1}h0");
    }
    html! {
        svg viewBox=(format!("0 0 {SIDE} {SIDE}")) role="img" aria-label=(title) {
            @for (kind, path) in &paths {
                path class=(format!("dots {}", kind.class())) d=(PreEscaped(path)) {}
            }
            @for (id, (x, y)) in middles(told, map, base) {
                text.tag x=(format!("{x:.0}")) y=(format!("{y:.0}")) text-anchor="middle" { (id) }
            }
        }
    }
}

/// The mean place of each blind spot's shown members.
fn middles(
    told: &Told<'_>,
    map: &MapPositions,
    base: &Predictions,
) -> Vec<(BlindSpotId, (f32, f32))> {
    let Some(snapshot) = told.state.snapshot() else {
        return Vec::new();
    };
    let dataset = &told.state.dataset;
    let spots = snapshot.blind_spots.iter();
    spots
        .filter_map(|spot| {
            let rows = spot
                .shown
                .iter()
                .filter_map(|key| base.row_of(dataset.index_of(key)?));
            let points: Vec<[f32; 2]> = rows
                .filter_map(|row| map.points.get(row).copied())
                .collect();
            let count = points.len() as f32;
            let mean = |axis: usize| points.iter().map(|p| p[axis]).sum::<f32>() / count;
            (count > 0.0).then(|| (spot.id, place([mean(0), mean(1)])))
        })
        .collect()
}

fn key(kinds: &[Option<Kind>]) -> Markup {
    let mut counts: BTreeMap<Kind, usize> = BTreeMap::new();
    for kind in kinds.iter().flatten() {
        *counts.entry(*kind).or_default() += 1;
    }
    html! {
        ul.key {
            @for (kind, count) in counts.iter().rev() {
                li {
                    svg viewBox="0 0 12 12" aria-hidden="true" {
                        path class=(format!("dots {}", kind.class())) d="M6 6h0" {}
                    }
                    (kind.meaning()) " (" (many(*count, "row")) ")"
                }
            }
        }
    }
}
