//! The strip at the bottom: what is being worked on, and what failed.

use eframe::egui::{self, Align, Layout, RichText, Ui};

use super::widgets::{caption, duration, duration_between, percent};
use crate::gui::notices::Notices;
use crate::gui::read::{Ask, Cx, Read};
use crate::gui::theme::tokens;
use crate::lessons::llm::REPLY_SECONDS;
use crate::session::{JobKind, JobState, JobStatus};
use crate::training::VALIDATION_ACCURACY;

/// Warnings shown of one job at most.
const MOST_WARNINGS: usize = 3;

/// Whether there is anything to show.
pub fn is_empty(read: &Read<'_>, notices: &Notices) -> bool {
    notices.0.is_empty() && listed(read).next().is_none()
}

/// Jobs worth a line: those that follow a slider come and go too fast, and
/// count only when they fail.
fn listed<'a>(read: &Read<'a>) -> impl Iterator<Item = &'a JobStatus> + use<'a> {
    read.jobs.statuses().filter(|job| {
        let follows = matches!(
            job.kind,
            JobKind::Preview | JobKind::LookAt | JobKind::LookAtSecond | JobKind::Saliency
        );
        !follows || matches!(job.state, JobState::Failed { .. })
    })
}

/// Shows jobs and messages; takes dismissed messages away.
pub fn ui(cx: &mut Cx<'_>, notices: &mut Notices, ui: &mut Ui) {
    egui::ScrollArea::vertical()
        .max_height(160.0)
        .show(ui, |ui| {
            notice_list(notices, ui);
            for job in listed(&cx.read) {
                match &job.state {
                    JobState::Failed { message, hint } => {
                        let text = format!("{}: {message}", job.title);
                        if message_row(ui, true, &text, hint.as_deref()) {
                            cx.ask(Ask::DismissJob(job.id));
                        }
                    }
                    _ => running(job, cx, ui),
                }
            }
        });
}

/// Shows messages; takes dismissed ones away.
pub fn notice_list(notices: &mut Notices, ui: &mut Ui) {
    notices
        .0
        .retain(|notice| !message_row(ui, notice.failure, &notice.message, notice.hint.as_deref()));
}

/// One message with its remedy; whether it was dismissed.
fn message_row(ui: &mut Ui, failure: bool, message: &str, hint: Option<&str>) -> bool {
    let tokens = tokens(ui.ctx());
    ui.horizontal_top(|ui| {
        let (sign, colour) = if failure {
            ("!", tokens.bad)
        } else {
            ("•", tokens.accent)
        };
        ui.label(RichText::new(sign).color(colour).strong());
        let room = (ui.available_width() - 90.0).max(100.0);
        ui.vertical(|ui| {
            ui.set_max_width(room);
            ui.add(egui::Label::new(message).wrap());
            if let Some(hint) = hint {
                caption(ui, hint);
            }
        });
        ui.with_layout(Layout::right_to_left(Align::Min), |ui| {
            ui.button("Dismiss").clicked()
        })
        .inner
    })
    .inner
}

fn running(job: &JobStatus, cx: &mut Cx<'_>, ui: &mut Ui) {
    ui.horizontal(|ui| {
        ui.add(egui::Label::new(RichText::new(&job.title).strong()).truncate());
        if let Some(pace) = job.pace.as_ref().filter(|pace| !pace.is_through()) {
            let (at, of) = pace.at();
            ui.label(format!("training {at} of {of}"));
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if job.state == JobState::Cancelling {
                caption(ui, "stopping …");
            } else {
                let cancel = ui.button("Cancel").on_hover_text(what_stays(job.kind));
                let cancel = cancel.accessible_name(format!("Cancel: {}", job.title));
                if cancel.clicked() {
                    cx.ask(Ask::CancelJob(job.id));
                }
            }
            caption(ui, left(job));
            let bar = match job.overall() {
                Some(fraction) => egui::ProgressBar::new(fraction).show_percentage(),
                None => egui::ProgressBar::new(0.0).text("…"),
            };
            ui.add(bar.desired_width(ui.available_width().clamp(60.0, 260.0)));
        });
    });
    ui.horizontal_wrapped(|ui| {
        let stage = match job.stage.as_str() {
            "" => "starting",
            stage => stage,
        };
        // Beside a bar over the whole, the stage has a figure of its own.
        match job.fraction().filter(|_| job.pace.is_some()) {
            Some(share) => caption(ui, format!("{stage}, {:.0} %", share * 100.0)),
            None => caption(ui, stage),
        };
        figures(job, ui);
    });
    let skipped = job.warnings.len().saturating_sub(MOST_WARNINGS);
    for warning in job.warnings.iter().skip(skipped) {
        caption(ui, format!("! {warning}"));
    }
    if skipped > 0 {
        caption(ui, format!("and {skipped} warnings before"));
    }
}

/// Time left: of the whole where that can be judged, else of what is said.
fn left(job: &JobStatus) -> String {
    if let Some([low, high]) = job.time_left_overall() {
        return format!("about {} left", duration_between(low, high));
    }
    if job.pace.as_ref().is_some_and(|pace| !pace.is_through()) {
        // A stage of the first part would be taken for the whole.
        return "how long it takes shows after the first".to_owned();
    }
    let of_stage = job.time_left().map(duration);
    match (job.kind, of_stage) {
        (_, None) => String::new(),
        // Fitting ends when validation stops gaining.
        (JobKind::Fit, Some(left)) if job.stage.contains(" at most ") => {
            format!("at most about {left} left")
        }
        (JobKind::Fit, Some(left)) => format!("about {left} left in this step"),
        (_, Some(left)) => format!("about {left} left"),
    }
}

/// What a cancel leaves.
fn what_stays(kind: JobKind) -> &'static str {
    match kind {
        JobKind::Retrain => {
            "Everything stays as it was. Trainings that are finished are used by the next \
             retraining with the same samples"
        }
        JobKind::Interference => {
            "Everything stays as it was. Lessons that were taught alone are not taught again"
        }
        _ => "Nothing that was confirmed is lost",
    }
}

/// The newest of the live figures that say something in words. Losses, and
/// the unknown unknowns of each arm, are plotted where there is room.
fn figures(job: &JobStatus, ui: &mut Ui) {
    for (name, values) in &job.figures {
        let Some((step, value)) = values.last() else {
            continue;
        };
        match name.as_str() {
            VALIDATION_ACCURACY => caption(
                ui,
                format!(
                    "after pass {step}: {} of “validation” right",
                    percent(*value as f32)
                ),
            ),
            REPLY_SECONDS => caption(ui, format!("the last answer took {value:.1} s")),
            _ => continue,
        };
    }
}
