//! What teaching cost, people and language models side by side.

use maud::{Markup, html};

use super::Told;
use crate::steps::data_sheet::{TeacherCost, costs};

/// The table of costs.
pub(super) fn section(told: &Told<'_>) -> Markup {
    let manifest = &told.project.workspace.manifest;
    let lessons = told.state.document.lessons.values().map(AsRef::as_ref);
    let costs = costs(lessons, manifest.hourly_rate);
    let currency = manifest.currency.as_deref().unwrap_or("money");
    html! {
        section {
            h2 { "What teaching cost" }
            @if costs.is_empty() {
                p { "No lesson has been written." }
            } @else {
                div.scroll { table {
                    thead { tr {
                        th { "teacher" } th.text { "kind" } th { "lessons" } th { "hypotheses" }
                        th { "samples accepted / refused" } th { "person, hours" }
                        th { "person, " (currency) } th { "model, hours" } th { "tokens" }
                        th { "model, " (currency) } th { (currency) " per accepted sample" }
                    } }
                    tbody { @for cost in &costs { (row(cost)) } }
                } }
                p.note {
                    "A person's hours beside a model's name are review. Idle stretches over a \
                     minute are left out. “Not recorded” means that the lessons came from a file \
                     that says nothing of it, not that they were free."
                }
            }
        }
    }
}

fn row(cost: &TeacherCost) -> Markup {
    let unknown = "not recorded";
    let recorded = |text: String| {
        if cost.is_recorded() {
            text
        } else {
            unknown.to_owned()
        }
    };
    let money =
        |value: Option<f64>| value.map_or(unknown.to_owned(), |value| format!("{value:.2}"));
    let about = if cost.estimated { "about " } else { "" };
    html! {
        tr {
            td { (cost.teacher) }
            td.text { @if cost.is_llm { "language model" } @else { "person" } }
            td { (cost.lessons) }
            td { (cost.hypotheses) }
            td { (cost.accepted) " / " (cost.rejected) }
            td { (recorded(format!("{:.2}", cost.person_hours))) }
            td { (recorded(money(cost.person_money))) }
            td { (recorded(format!("{:.2}", cost.llm_hours))) }
            td { (recorded(format!("{about}{}", cost.tokens))) }
            td { (recorded(format!("{:.2}", cost.llm_money))) }
            td { (money(cost.per_sample())) }
        }
    }
}
