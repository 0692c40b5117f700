//! The map before and after retraining, and under a second model.

use std::sync::Arc;

use maud::{Markup, PreEscaped, html};

use super::Told;
use crate::discovery::{AnswerTable, Fate, Outcome};
use crate::drawing::svg::{self, MapPicture};
use crate::drawing::{Colouring, Mark};
use crate::inference::Predictions;
use crate::records::{MapMethod, MapPositions, Role, SecondModel};
use crate::steps::State;
use crate::steps::shown_round::ShownRound;

/// Both maps.
pub(super) fn section(told: &Told<'_>) -> Markup {
    let state = &told.state;
    let (Some(map), Some(base)) = (&state.map, state.frozen_answers()) else {
        return html! {};
    };
    let model = state.shown_round().and_then(ShownRound::run);
    let after = model.and_then(|model| told.answers.iter().find(|(run, _)| run == model));
    let after = after.map(|(run, said)| (run, base.of_another(Arc::clone(said))));
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
                @if let Some((run, answers)) = &after {
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

/// The map under what a second model says.
pub(super) fn of_second(told: &Told<'_>, model: &SecondModel, said: &Arc<Predictions>) -> Markup {
    let state = &told.state;
    let mut snapshots = state.snapshots.iter();
    let of = snapshots.find(|snapshot| snapshot.version == model.snapshot);
    let base = of.and_then(|of| state.answers_for(of));
    let (Some(map), Some(base)) = (&state.map, base) else {
        return html! {};
    };
    let answers = base.of_another(Arc::clone(said));
    html! {
        div.maps {
            figure {
                (drawing(state, map, &base, None))
                figcaption { "The base model" }
            }
            figure {
                (drawing(state, map, &base, Some(&answers)))
                figcaption { (model.name()) ", same places" }
            }
        }
    }
}

fn drawing(
    state: &State,
    map: &MapPositions,
    base: &AnswerTable,
    after: Option<&AnswerTable>,
) -> Markup {
    let marks = marks(base, after);
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

/// What each row is; `None` for those that are not drawn.
fn marks(base: &AnswerTable, after: Option<&AnswerTable>) -> Vec<Option<Mark>> {
    let mark = |row: usize| {
        let before = base.outcome(row);
        let role = base.example(row).role;
        if !matches!(role, Role::Discovery | Role::Check) || before == Outcome::SetAside {
            return None;
        }
        Some(match after {
            Some(after) => {
                let now = after.row_of(base.index(row))?;
                Fate::of(before, after.outcome(now)).into()
            }
            None if before == Outcome::UnknownUnknown => Mark::UnknownUnknown,
            None => Mark::Plain,
        })
    };
    base.rows().map(mark).collect()
}

/// The number of each blind spot at the mean place of its shown members.
fn middles(state: &State, map: &MapPositions, base: &AnswerTable) -> Vec<(String, [f32; 2])> {
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
