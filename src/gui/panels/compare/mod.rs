//! Before against after: the verdict in words first, then the map, then the
//! figures.

mod changes;
mod curves;
mod maps;
mod sizes;
mod verdict;

use eframe::egui::Ui;

use self::changes::Changes;
use self::curves::CurveChoice;
use self::maps::Maps;
use self::sizes::SizeChoice;
use super::form::{SHORT_MENU, choices, menu};
use super::retrain::keep;
use super::sheet;
use super::widgets::{bad, button_if, caption, empty, explained, page, section, title};
use crate::comparison::verdict::why_no_verdict;
use crate::comparison::{Comparison, figures};
use crate::gui::file_dialog::file_button;
use crate::gui::read::{Cx, Read};
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
    sizes: SizeChoice,
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
pub fn ui(compare: &mut CompareView, cx: &mut Cx<'_>, ui: &mut Ui) {
    let Some(result) = looked_at(cx, cx.view) else {
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
        cx.ask(Command::LookAt(number));
    }
    compare.changes.update(result, cx, ui.ctx());
    page(ui, "comparison", f32::INFINITY, |ui| {
        header(result, cx, ui);
        if let Some(why) = cx.state.outdated(&result.round) {
            bad(ui, why);
        }
        let comparison = result.comparison(role(cx.view));
        match comparison {
            Some(comparison) => verdict::ui(comparison, cx.view.presentation, ui),
            None => final_closed(result, cx, ui),
        }
        maps::ui(result, compare, cx, ui);
        if let Some(comparison) = comparison.filter(|_| !cx.view.presentation) {
            all_figures(comparison, compare, cx, ui);
        }
    });
}

fn all_figures(comparison: &Comparison, compare: &mut CompareView, cx: &mut Cx<'_>, ui: &mut Ui) {
    if let Some(curves) = &comparison.sizes {
        sizes::ui(curves, &mut compare.sizes, ui);
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
    file_button(FilePurpose::Curves, cx, ui);
    if let Some(created) = figures::of_created(comparison) {
        sheet::ui(&created, "", ui);
    }
}

fn header(result: &RoundResult, cx: &mut Cx<'_>, ui: &mut Ui) {
    let number = result.round.number;
    ui.horizontal_wrapped(|ui| {
        title(ui, "Before and after");
        if cx.state.rounds.len() > 1 {
            let name = |number: u32| format!("Round {number}");
            let rounds = cx.read.state.rounds.iter().map(|other| other.round.number);
            let mut chosen = number;
            menu(
                ui,
                ("Round", SHORT_MENU),
                &name(number),
                &mut chosen,
                rounds.map(|other| (other, name(other))),
            );
            if chosen != number {
                cx.view.round = Some(chosen);
            }
        } else {
            caption(ui, format!("round {number}"));
        }
        let roles = [(false, "On check", ""), (true, "On final", "")];
        choices(ui, &mut cx.view.final_shown, roles);
        ui.separator();
        keep(number, cx, ui);
        if !cx.view.presentation {
            ui.separator();
            for purpose in [FilePurpose::Report, FilePurpose::Export] {
                file_button(purpose, cx, ui);
            }
        }
    });
    openings(number, cx, ui);
}

/// How often *final* was opened, and why for this round.
fn openings(number: u32, cx: &Cx<'_>, ui: &mut Ui) {
    if !cx.view.final_shown {
        let line = "Figures on “check” are used for choosing; only “final” gives a verdict";
        explained(caption(ui, line), words::SEALED);
        return;
    }
    let all = &cx.state.openings;
    let here: Vec<_> = all.iter().filter(|o| o.round == number).collect();
    let line = match all.len() {
        0 => "“final” has never been opened".to_owned(),
        some => format!(
            "“final” was opened {}, for this round {}",
            times(some),
            times(here.len())
        ),
    };
    explained(caption(ui, line), words::SEALED);
    for opening in here {
        let when = opening.when.get(..16).unwrap_or(&opening.when);
        let when = when.replace('T', " ");
        caption(ui, format!("{when}: {}", opening.reason));
    }
}

fn final_closed(result: &RoundResult, cx: &mut Cx<'_>, ui: &mut Ui) {
    if !cx.view.final_shown {
        caption(ui, "This round has no figures");
        return;
    }
    section(ui, "“Final” is sealed for this round", words::SEALED);
    ui.label(words::SEALED);
    let idle = !cx.is_busy(JobKind::Compare);
    if button_if(ui, idle, "Open final …", "") {
        cx.view.confirm = Some(Confirm::OpenFinal(OpenFinal {
            round: result.round.number,
            reason: String::new(),
            endpoints: cx.state.endpoints.clone(),
            no_verdict: why_no_verdict(&result.round.plan),
        }));
    }
}
