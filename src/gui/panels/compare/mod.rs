//! Before against after: the verdict in words first, then the map, then the
//! figures.

mod changes;
mod curves;
mod maps;
mod verdict;

use eframe::egui::{self, RichText, ScrollArea, Ui};

use self::changes::Changes;
use self::curves::CurveChoice;
use self::maps::Maps;
use super::retrain::keep;
use super::sheet;
use super::widgets::{caption, choice, empty, explained, section, title};
use crate::comparison::verdict::why_no_verdict;
use crate::comparison::{Comparison, figures};
use crate::gui::file_dialog::file_button;
use crate::gui::read::{Ask, Read};
use crate::gui::theme::tokens;
use crate::gui::view_state::{Confirm, FilePurpose, OpenFinal, ViewState};
use crate::gui::words;
use crate::records::Role;
use crate::session::{Command, JobKind};
use crate::steps::RoundResult;
use crate::support::text::times;

/// What is kept from frame to frame.
#[derive(Default)]
pub struct CompareView {
    changes: Changes,
    maps: Maps,
    curves: CurveChoice,
    /// Round whose answers were asked for.
    asked: Option<u32>,
}

impl CompareView {
    /// The map as it is shown, as SVG; of a pair the one after.
    pub fn map_svg(&self, positions: &[[f32; 2]]) -> Option<String> {
        self.maps.svg(positions)
    }

    /// The curves as they are shown, as SVG.
    pub fn curves_svg(&self, read: &Read<'_>, view: &ViewState) -> Option<String> {
        let comparison = looked_at(read, view)?.comparison(role(view))?;
        curves::svg(comparison, &self.curves)
    }
}

/// The round that is looked at: the last one unless another was chosen.
fn looked_at<'a>(read: &Read<'a>, view: &ViewState) -> Option<&'a RoundResult> {
    let chosen = view.round.and_then(|number| read.state.round(number));
    chosen
        .or_else(|| read.state.rounds.last())
        .map(AsRef::as_ref)
}

fn role(view: &ViewState) -> Role {
    match view.final_shown {
        true => Role::Final,
        false => Role::Check,
    }
}

/// Shows a round's comparison.
pub fn ui(
    read: &Read<'_>,
    compare: &mut CompareView,
    view: &mut ViewState,
    ui: &mut Ui,
    out: &mut Vec<Ask>,
) {
    let Some(result) = looked_at(read, view) else {
        empty(
            ui,
            "Nothing to compare yet",
            "Retrain first: each round is compared on “check”",
        );
        return;
    };
    let number = result.round.number;
    if result.answers.is_empty() && compare.asked != Some(number) {
        compare.asked = Some(number);
        out.push(Command::LookAt(number).into());
    }
    compare.changes.update(result, read, ui.ctx());
    ScrollArea::vertical()
        .id_salt("comparison")
        .auto_shrink([false, false])
        .show(ui, |ui| {
            ui.set_max_width(ui.available_width() - 10.0);
            header(result, read, view, ui, out);
            if let Some(why) = read.state.outdated(&result.round) {
                ui.label(RichText::new(why).color(tokens(ui.ctx()).bad));
            }
            let role = role(view);
            match result.comparison(role) {
                Some(comparison) => verdict::ui(comparison, view.presentation, ui),
                None => final_closed(result, read, view, ui),
            }
            maps::ui(result, read, compare, view, ui);
            if let Some(comparison) = result.comparison(role) {
                all_figures(comparison, read, compare, view, ui);
            }
        });
}

fn all_figures(
    comparison: &Comparison,
    read: &Read<'_>,
    compare: &mut CompareView,
    view: &mut ViewState,
    ui: &mut Ui,
) {
    if view.presentation {
        return;
    }
    for slice in &comparison.slices {
        for of_slice in figures::of_slice(comparison, slice) {
            sheet::ui(&of_slice, words::COVERAGE, ui);
        }
    }
    for blind_spots in figures::of_blind_spots(comparison) {
        sheet::ui(&blind_spots, words::KEPT_BACK, ui);
    }
    curves::ui(comparison, &mut compare.curves, ui);
    file_button(FilePurpose::Curves, read, view, ui);
    if let Some(created) = figures::of_created(comparison) {
        sheet::ui(&created, "", ui);
    }
}

fn header(
    result: &RoundResult,
    read: &Read<'_>,
    view: &mut ViewState,
    ui: &mut Ui,
    out: &mut Vec<Ask>,
) {
    let number = result.round.number;
    ui.horizontal_wrapped(|ui| {
        title(ui, "Before and after");
        if read.state.rounds.len() > 1 {
            egui::ComboBox::from_id_salt("round")
                .selected_text(format!("Round {number}"))
                .show_ui(ui, |ui| {
                    for other in &read.state.rounds {
                        let other = other.round.number;
                        if choice(ui, other == number, &format!("Round {other}")) {
                            view.round = Some(other);
                        }
                    }
                })
                .response
                .accessible_name("Round");
        } else {
            caption(ui, format!("round {number}"));
        }
        if choice(ui, !view.final_shown, "On check") {
            view.final_shown = false;
        }
        if choice(ui, view.final_shown, "On final") {
            view.final_shown = true;
        }
        ui.separator();
        keep(number, read, ui, out);
        if !view.presentation {
            ui.separator();
            for purpose in [FilePurpose::Report, FilePurpose::Export] {
                file_button(purpose, read, view, ui);
            }
        }
    });
    let openings = read.state.openings.iter();
    let (all, here) = (
        read.state.openings.len(),
        openings.filter(|opening| opening.round == number).count(),
    );
    let line = if view.final_shown {
        match all {
            0 => "“final” has never been opened".to_owned(),
            some => format!(
                "“final” was opened {}, for this round {}",
                times(some),
                times(here)
            ),
        }
    } else {
        "Figures on “check” are used for choosing; only “final” gives a verdict".into()
    };
    explained(caption(ui, line), words::SEALED);
    if view.final_shown {
        for opening in read.state.openings.iter().filter(|o| o.round == number) {
            let when = opening.when.get(..16).unwrap_or(&opening.when);
            caption(
                ui,
                format!("{}: {}", when.replace('T', " "), opening.reason),
            );
        }
    }
}

fn final_closed(result: &RoundResult, read: &Read<'_>, view: &mut ViewState, ui: &mut Ui) {
    if !view.final_shown {
        caption(ui, "This round has no figures");
        return;
    }
    section(ui, "“Final” is sealed for this round", words::SEALED);
    ui.label(words::SEALED);
    let idle = read.jobs.active(JobKind::Compare).is_none();
    let open = ui.add_enabled(idle, egui::Button::new("Open final …"));
    if open.clicked() {
        view.confirm = Some(Confirm::OpenFinal(OpenFinal {
            round: result.round.number,
            reason: String::new(),
            no_verdict: why_no_verdict(&result.round.plan),
        }));
    }
}
