//! The map before and after retraining.

use maud::{Markup, PreEscaped, html};

use super::Told;
use crate::discovery::{Fate, Outcome, true_label};
use crate::drawing::svg::{self, MapPicture};
use crate::drawing::{Colouring, Mark};
use crate::inference::Predictions;
use crate::records::{MapMethod, MapPositions, Role};
use crate::steps::State;

/// Both maps.
pub(super) fn section(told: &Told<'_>) -> Markup {
    let state = &told.state;
    let (Some(map), Some(base)) = (&state.map, &state.predictions) else {
        return html! {};
    };
    let model = told.last().and_then(|last| last.round.model());
    let after = model.and_then(|model| told.answers.iter().find(|(run, _)| run == model));
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
                    (drawing(state, map, base, None))
                    figcaption { "Before: the base model. Numbers name blind spots" }
                }
                @if let Some((run, answers)) = after {
                    figure {
                        (drawing(state, map, base, Some(answers)))
                        figcaption { "After: arm " (run.arm) ", seed " (run.seed) ", same places" }
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

fn drawing(
    state: &State,
    map: &MapPositions,
    base: &Predictions,
    after: Option<&Predictions>,
) -> Markup {
    let marks = marks(state, base, after);
    let visible: Vec<bool> = marks.iter().map(Option::is_some).collect();
    let marks: Vec<Mark> = marks.into_iter().map(Option::unwrap_or_default).collect();
    let (title, colouring) = match after {
        None => ("Map before retraining", Colouring::before(&marks)),
        Some(_) => ("Map after retraining", Colouring::outcomes(&marks)),
    };
    PreEscaped(svg::map(&MapPicture {
        title,
        positions: &map.points,
        colouring: &colouring,
        marks: &marks,
        visible: &visible,
        tags: &middles(state, map, base),
    }))
}

/// What each row of the predictions is; `None` for those that are not drawn.
fn marks(state: &State, base: &Predictions, after: Option<&Predictions>) -> Vec<Option<Mark>> {
    let (tau, temperature) = state.snapshot().map_or(
        (state.document.settings.tau, state.effective_temperature()),
        |snapshot| (snapshot.settings.tau, snapshot.temperature),
    );
    let mark = |index: &usize| {
        let example = &state.dataset.examples[*index];
        if !matches!(example.role, Role::Discovery | Role::Check) {
            return None;
        }
        let truth = true_label(example, &state.document.triage);
        truth?;
        let outcome = |predictions: &Predictions| {
            let answer = predictions.of_example(*index, temperature)?;
            Some(Outcome::of(truth, answer, tau))
        };
        let before = outcome(base)?;
        Some(match after {
            Some(after) => Fate::of(before, outcome(after)?).into(),
            None if before == Outcome::UnknownUnknown => Mark::UnknownUnknown,
            None => Mark::Plain,
        })
    };
    base.examples().iter().map(mark).collect()
}

/// The number of each blind spot at the mean place of its shown members.
fn middles(state: &State, map: &MapPositions, base: &Predictions) -> Vec<(String, [f32; 2])> {
    let Some(snapshot) = state.snapshot() else {
        return Vec::new();
    };
    let dataset = &state.dataset;
    let spots = snapshot.blind_spots.iter();
    spots
        .filter_map(|spot| {
            let shown = spot.shown.iter();
            let rows = shown.filter_map(|key| base.row_of(dataset.index_of(key)?));
            let points: Vec<[f32; 2]> = rows
                .filter_map(|row| map.points.get(row).copied())
                .collect();
            let count = points.len() as f32;
            let mean = |axis: usize| points.iter().map(|p| p[axis]).sum::<f32>() / count;
            (count > 0.0).then(|| (spot.id.to_string(), [mean(0), mean(1)]))
        })
        .collect()
}
