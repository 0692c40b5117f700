//! What was asked, and of which data.

use maud::{Markup, html};

use super::Told;
use super::words::percent;
use crate::records::Role;
use crate::steps::data_sheet::{data_files, role_counts};
use crate::support::Result;

/// The task.
pub(super) fn asked(told: &Told<'_>) -> Markup {
    let state = &told.state;
    let labels = &told.project.workspace.manifest.labels;
    html! {
        section {
            h2 { "What was asked" }
            p { (state.task) }
            @if labels.is_empty() {
                p { "Labels: " (state.dataset.labels.join(", ")) }
            } @else {
                ul {
                    @for label in labels {
                        li {
                            strong { (label.name) }
                            @if let Some(meaning) = &label.description { ": " (meaning) }
                        }
                    }
                }
            }
            p {
                "An " em { "unknown unknown" } " is an example that the model labels wrongly with \
                 confidence at or above τ = " (format!("{:.2}", tau(told))) ". A "
                em { "blind spot" } " is a cluster of them. A " em { "lesson" }
                " explains a blind spot and adds new training texts for it. The question: do the \
                 lessons leave the model with fewer confident errors than every fair control, at \
                 the same accuracy?"
            }
        }
    }
}

fn tau(told: &Told<'_>) -> f32 {
    let snapshot = told.state.snapshot();
    snapshot.map_or(told.state.document.settings.tau, |s| s.settings.tau)
}

/// Rows by role and source, files with checksums.
///
/// # Errors
/// When a data file cannot be read any more.
pub(super) fn section(told: &Told<'_>) -> Result<Markup> {
    let dataset = &told.state.dataset;
    let files = data_files(&told.project.workspace)?;
    Ok(html! {
        section {
            h2 { "Data" }
            div.scroll { table {
                caption { "Rows by role and source; groups (one review, one author, equal texts) never straddle roles" }
                thead { tr {
                    th { "role" } th.text { "source" } th { "rows" } th { "groups" }
                    @for label in &dataset.labels { th { (label) } }
                } }
                tbody {
                    @for count in role_counts(dataset) {
                        tr {
                            td { (count.role) } td.text { (count.source) }
                            td { (count.rows) } td { (count.groups) }
                            @for rows in &count.by_label {
                                td { (rows) " (" (percent(*rows as f64 / count.rows as f64)) ")" }
                            }
                        }
                    }
                }
            } }
            @if let Some(told) = told.state.truths().corrections(dataset, &Role::ALL).told() {
                p.note { (told) }
            }
            div.scroll { table {
                caption { "Files" }
                thead { tr { th { "file" } th { "examples" } th.text { "SHA-256" } } }
                tbody {
                    @for file in files {
                        tr { td { (file.name) } td { (file.rows) } td.text.hash { (file.sha256) } }
                    }
                }
            } }
            @let report = &told.project.workspace.report;
            @for said in report.warnings().iter().chain(&report.notes) {
                p.note { (said) }
            }
        }
    })
}
