//! Second models beside the base, trained elsewhere: no verdict rests on them.

use std::sync::Arc;

use maud::{Markup, html};

use super::sheet::sheet;
use super::{Told, picture};
use crate::comparison::figures;
use crate::inference::Predictions;
use crate::steps::compare::second::{NO_ARM, SecondResult};

/// All of them, the newest last; nothing if there are none.
pub(super) fn section(told: &Told<'_>) -> Markup {
    let all = told.state.second_models.iter().zip(&told.seconds);
    html! {
        @if !told.seconds.is_empty() {
            section {
                h2 { "Second models" }
                p { (NO_ARM) }
                @for (result, answers) in all { (one(told, result, answers.as_ref())) }
            }
        }
    }
}

fn one(told: &Told<'_>, result: &SecondResult, answers: Option<&Arc<Predictions>>) -> Markup {
    let (model, comparison) = (&result.model, &result.comparison);
    let fingerprint = model.fingerprint.get(..10).unwrap_or(&model.fingerprint);
    let outdated = told.state.outdated_second(result);
    html! {
        h3 { "Second model " (model.number) ": " (model.name()) }
        p.note {
            "Fingerprint " (fingerprint) ", compared " (model.created)
            " beside the blind spots of version " (model.snapshot) "."
        }
        @if !model.said.is_empty() || outdated.is_some() {
            div.warning { ul {
                @for line in outdated.iter().chain(&model.said) { li { (line) } }
            } }
        }
        @if let Some(answers) = answers { (picture::of_second(told, model, answers)) }
        @for slice in &comparison.slices {
            @for of_slice in figures::of_slice(comparison, slice) { (sheet(&of_slice)) }
        }
        @for spots in figures::of_blind_spots(comparison) { (sheet(&spots)) }
        @if let Some(created) = figures::of_created(comparison) { (sheet(&created)) }
    }
}
