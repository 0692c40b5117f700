//! A retraining at work: loss and confident errors as they come.

use eframe::egui::Ui;
use egui_plot::{HLine, Legend, Line, Plot, PlotPoints, Points};

use crate::gui::panels::widgets::{caption, section};
use crate::gui::read::{Cx, Read};
use crate::gui::theme::tokens;
use crate::gui::words;
use crate::records::Arm;
use crate::session::JobStatus;
use crate::steps::retrain::arms::UU_FIGURE;

const HEIGHT: f32 = 190.0;

/// Shows the stage and the plots; bar, time left and the way out are where
/// those of all jobs are.
pub(super) fn ui(job: &JobStatus, cx: &mut Cx<'_>, ui: &mut Ui) {
    section(ui, &job.title, "");
    caption(ui, job.stage.as_str());
    let losses = job.figures.get("loss").map_or(&[][..], Vec::as_slice);
    ui.columns(2, |columns| {
        loss(losses, &mut columns[0]);
        errors(job, cx, &mut columns[1]);
    });
}

fn loss(losses: &[(u64, f64)], ui: &mut Ui) {
    let heading = "How wrong the training at work still is on what it is taught (loss)";
    caption(ui, heading);
    let colours = tokens(ui.ctx());
    plot("live loss").x_axis_label("step").show(ui, |plot| {
        let trainings = trainings(losses);
        for (number, training) in trainings.iter().enumerate() {
            let last = number + 1 == trainings.len();
            let points: PlotPoints<'_> = training
                .iter()
                .map(|(step, loss)| [*step as f64, *loss])
                .collect();
            let (name, colour, width) = match last {
                true => ("now", colours.accent, 2.0),
                false => ("before", colours.muted_dot, 1.0),
            };
            plot.line(Line::new(name, points).color(colour).width(width));
        }
    });
}

/// A plot to look at, not to move about in.
fn plot(name: &str) -> Plot<'static> {
    Plot::new(name)
        .height(HEIGHT)
        .allow_scroll(false)
        .allow_drag(false)
        .allow_zoom(false)
}

/// The figures of one training after another: steps begin anew in each.
fn trainings(figures: &[(u64, f64)]) -> Vec<&[(u64, f64)]> {
    figures
        .chunk_by(|before, after| after.0 > before.0)
        .collect()
}

fn errors(job: &JobStatus, read: &Read<'_>, ui: &mut Ui) {
    let heading = "Confident errors on “check” after each training, by seed";
    caption(ui, heading).on_hover_text(words::UU);
    let colours = tokens(ui.ctx());
    let base = read.derived.counts().on_check as f64;
    let series = || {
        let figures = job.figures.iter();
        figures.filter_map(|(name, values)| Some((name.strip_prefix(UU_FIGURE)?, values)))
    };
    let seeds = || series().flat_map(|(_, values)| values.iter().map(|(seed, _)| *seed as f64));
    let first = seeds().reduce(f64::min).unwrap_or(0.0);
    let last = seeds().reduce(f64::max).unwrap_or(0.0);
    plot("live unknown unknowns")
        .legend(Legend::default())
        .include_y(0.0)
        .include_x(first - 0.5)
        // Room on the right for the legend.
        .include_x(last + 0.5 + 0.5 * (last - first + 1.0))
        .x_axis_label("seed")
        .show(ui, |plot| {
            let in_use = HLine::new("model in use", base).color(colours.text_weak);
            plot.hline(in_use.width(1.5));
            for (arm, values) in series() {
                let points: PlotPoints<'_> = values
                    .iter()
                    .map(|(seed, errors)| [*seed as f64, *errors])
                    .collect();
                let colour = match Arm::from_name(arm) {
                    Some(arm) => colours.hue(read.state.hues().hue(&arm)),
                    None => colours.text,
                };
                plot.points(Points::new(arm, points).radius(4.0).color(colour));
            }
        });
}

#[cfg(test)]
mod tests {
    use super::trainings;

    #[test]
    fn a_step_that_falls_back_begins_another_training() {
        let figures = [(1, 0.9), (2, 0.8), (1, 0.7), (2, 0.6), (3, 0.5)];
        let lengths: Vec<usize> = trainings(&figures).iter().map(|t| t.len()).collect();
        assert_eq!(lengths, [2, 3]);
        assert!(trainings(&[]).is_empty());
    }
}
