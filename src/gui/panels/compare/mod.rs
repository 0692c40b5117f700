//! Before against after: the verdict in words first, then the map, then the
//! figures.

mod abstain;
mod changes;
mod curves;
mod heat;
mod interference;
mod intervals;
mod looked;
mod maps;
mod second;
mod sizes;
mod suite;
mod verdict;

use eframe::egui::Ui;

use self::abstain::AbstainView;
use self::changes::Changes;
use self::curves::CurveChoice;
use self::interference::InterferenceView;
pub(super) use self::looked::Looked;
use self::maps::Maps;
use self::sizes::SizeChoice;
use self::suite::SuiteView;
use super::form::{choices, menu};
use super::retrain::keep;
use super::sheet;
use super::widgets::{bad, button_if, caption, caution, empty, explained, page, section, title};
use crate::comparison::{Comparison, figures};
use crate::gui::file_dialog::file_button;
use crate::gui::read::{Cx, Read};
use crate::gui::view_state::{Compared, Confirm, FilePurpose, OpenFinal, ViewState};
use crate::gui::words;
use crate::records::Opening;
use crate::session::JobKind;
use crate::steps::RoundResult;
use crate::steps::next_action::figures::{MEANING, follow_up_sheet};
use crate::support::text::times;

/// Width of the menu of what is compared, in points.
const MENU: f32 = 150.0;

/// What is kept from frame to frame.
#[derive(Default)]
pub struct CompareView {
    changes: Changes,
    maps: Maps,
    curves: CurveChoice,
    sizes: SizeChoice,
    suite: SuiteView,
    interference: InterferenceView,
    abstain: AbstainView,
    /// Whose answers were asked for.
    asked: Option<Compared>,
}

impl CompareView {
    /// The map as it is shown, as SVG; of a pair the one after.
    pub fn map_svg(&self, positions: &[[f32; 2]]) -> Option<String> {
        self.maps.svg(positions)
    }

    /// The curves as they are shown, as SVG.
    pub fn curves_svg(&self, read: &Read<'_>, view: &ViewState) -> Option<String> {
        let looked = Looked::of(read, view)?;
        let comparison = looked.comparison(looked.role(view))?;
        curves::svg(comparison, read.state.hues(), &self.curves)
    }
}

/// Shows a comparison with the base: of a round, or of a second model.
pub fn ui(compare: &mut CompareView, cx: &mut Cx<'_>, ui: &mut Ui) {
    let Some(looked) = Looked::of(cx, cx.view) else {
        page(ui, "nothing to compare", f32::INFINITY, |ui| {
            empty(
                ui,
                "Nothing to compare yet",
                match cx.state.black_box {
                    true => "Bring the predictions of the retrained model, as a file",
                    false => "Retrain first: each round is compared on “check”",
                },
            );
            if let Some(why) = cx.state.round_left_aside() {
                ui.vertical_centered(|ui| caution(ui, why));
            }
            ui.vertical_centered(|ui| with_another(cx, ui));
            if cx.state.predictions.is_some() {
                abstain::ui(&mut compare.abstain, cx, ui);
            }
        });
        return;
    };
    if let Some(command) = looked.to_read()
        && compare.asked != Some(looked.which())
    {
        compare.asked = Some(looked.which());
        cx.ask(command);
    }
    compare.changes.update(looked, cx, ui.ctx());
    page(ui, "comparison", f32::INFINITY, |ui| {
        header(looked, cx, ui);
        if let Some(why) = looked.outdated(cx) {
            bad(ui, why);
        }
        let comparison = looked.comparison(looked.role(cx.view));
        match (comparison, looked) {
            (Some(comparison), _) => {
                verdict::ui(comparison, cx.state.hues(), ui);
            }
            (None, Looked::Round(result)) => final_closed(result, cx, ui),
            (None, Looked::CameWith(_)) => {
                ui.label("“Final” was not opened for this round");
            }
            (None, Looked::Second(_)) => {}
        }
        maps::ui(looked, compare, cx, ui);
        if !cx.state.black_box {
            suite::ui(&mut compare.suite, cx, ui);
            interference::ui(&mut compare.interference, cx, ui);
        }
        if !cx.derived.next.followed_up.is_empty() {
            sheet::ui(&follow_up_sheet(&cx.derived.next.followed_up), MEANING, ui);
        }
        abstain::ui(&mut compare.abstain, cx, ui);
        if let Some(comparison) = comparison {
            all_figures(comparison, compare, cx, ui);
        }
    });
}

/// The button that brings a second model, where there are blind spots to hold
/// it against.
fn with_another(cx: &mut Cx<'_>, ui: &mut Ui) {
    let purpose = FilePurpose::CompareWith;
    if purpose.fits(cx.state) {
        // No part of its own in a row: such a part does not go to the next one.
        match cx.is_busy(JobKind::Compare) {
            true => {
                button_if(ui, false, purpose.button(), "");
            }
            false => file_button(purpose, cx, ui),
        }
    }
}

fn all_figures(comparison: &Comparison, compare: &mut CompareView, cx: &mut Cx<'_>, ui: &mut Ui) {
    if let Some(curves) = &comparison.sizes {
        sizes::ui(curves, cx.state.hues(), &mut compare.sizes, ui);
    }
    for slice in &comparison.slices {
        for of_slice in figures::of_slice(comparison, slice) {
            sheet::ui(&of_slice, words::COVERAGE, ui);
        }
    }
    for blind_spots in figures::of_blind_spots(comparison) {
        sheet::ui(&blind_spots, words::KEPT_BACK, ui);
    }
    curves::ui(comparison, cx.state.hues(), &mut compare.curves, ui);
    file_button(FilePurpose::Curves, cx, ui);
    if let Some(created) = figures::of_created(comparison) {
        sheet::ui(&created, "", ui);
    }
}

fn header(looked: Looked<'_>, cx: &mut Cx<'_>, ui: &mut Ui) {
    ui.horizontal_wrapped(|ui| {
        title(ui, "Before and after");
        let all = Looked::all(cx);
        if all.len() > 1 {
            let mut chosen = looked.which();
            menu(
                ui,
                ("Compared with the base", MENU),
                &looked.name(),
                &mut chosen,
                all,
            );
            if chosen != looked.which() {
                cx.view.compared = Some(chosen);
            }
        } else {
            caption(ui, looked.name());
        }
        if matches!(looked, Looked::Round(_) | Looked::CameWith(_)) {
            let roles = [(false, "On check", ""), (true, "On final", "")];
            choices(ui, &mut cx.view.final_shown, roles);
        }
        if let Looked::Round(result) = looked {
            ui.separator();
            keep(result.round.number, cx, ui);
        }
        ui.separator();
        for purpose in [FilePurpose::Report, FilePurpose::Export] {
            file_button(purpose, cx, ui);
        }
        with_another(cx, ui);
    });
    match looked {
        Looked::Round(result) => openings(result.round.number, &cx.state.openings, cx, ui),
        Looked::CameWith(shipped) => {
            explained(ui.label(shipped.said()), words::CAME_WITH);
            let number = shipped.result.round.number;
            openings(number, &shipped.openings, cx, ui);
        }
        Looked::Second(result) => second::ui(result, cx, ui),
    }
}

/// How often *final* was opened, and why for this round.
fn openings(number: u32, all: &[Opening], cx: &Cx<'_>, ui: &mut Ui) {
    if !cx.view.final_shown {
        let line = "Figures on “check” are used for choosing; only “final” gives a verdict";
        explained(caption(ui, line), words::SEALED);
        return;
    }
    let here: Vec<_> = all.iter().filter(|o| o.round == number).collect();
    let mut line = format!("“final”: {}", cx.state.openings_said());
    if all.len() != here.len() {
        line += &format!(", for this round {}", times(here.len()));
    }
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
    let number = result.round.number;
    let opened = cx.state.openings.iter().filter(|o| o.round == number);
    let again = match opened.count() {
        0 => {
            section(ui, "“Final” is sealed for this round", words::SEALED);
            ui.label(words::SEALED);
            false
        }
        some => {
            section(ui, "“Final” has no figures for this round", words::SEALED);
            ui.label(format!(
                "It was opened {} for this round, and broken off before its figures were made. \
                 That opening counts: whoever opens it again adds another one, with its reason",
                times(some)
            ));
            true
        }
    };
    let idle = !cx.is_busy(JobKind::Compare);
    let label = match again {
        true => "Open final again …",
        false => "Open final …",
    };
    if button_if(ui, idle, label, "") {
        let question = OpenFinal::of(&result.round, cx.state);
        cx.view.confirm = Some(Confirm::OpenFinal(question));
    }
}
