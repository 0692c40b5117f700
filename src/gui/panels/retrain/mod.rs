//! What to retrain, how long it takes, how it goes, and what came of it.

mod progress;
mod rounds;

use std::collections::BTreeSet;

use eframe::egui::{self, RichText, Ui};

use crate::comparison::verdict::why_no_verdict;

pub use rounds::keep;

use super::form::choices;
use super::widgets::{caption, duration, empty, page, primary_button, section, title, toggle};
use crate::gui::read::{Cx, Read};
use crate::gui::theme;
use crate::gui::words;
use crate::records::{Arm, Lesson, Mode, RetrainPlan, Role};
use crate::session::{Command, JobKind};
use crate::steps::retrain::additions::{available_arms, further_arms};
use crate::steps::retrain::replay::FULL_IS_OFF;
use crate::support::text::{agreeing, capitalised, many};

/// Seeds that can be chosen at most.
const MOST_SEEDS: usize = 10;

/// Choices of the panel, kept from frame to frame.
#[derive(Debug, Clone, PartialEq)]
pub struct RetrainForm {
    mode: Mode,
    seeds: usize,
    without: BTreeSet<Arm>,
    /// Arms beside the usual ones.
    further: BTreeSet<Arm>,
    /// Whether the time was asked for in this session.
    measured: bool,
}

impl Default for RetrainForm {
    fn default() -> Self {
        Self {
            mode: Mode::Quick,
            seeds: 3,
            without: BTreeSet::new(),
            further: BTreeSet::new(),
            measured: false,
        }
    }
}

/// Shows mode, arms and seeds, starts a round, and lists the rounds so far.
pub fn ui(form: &mut RetrainForm, cx: &mut Cx<'_>, ui: &mut Ui) {
    if cx.state.black_box {
        empty(
            ui,
            "There is no model here to retrain",
            "Retrain it where it is, with the lessons from “Export everything”; then hold its new \
             predictions against these under Compare",
        );
        return;
    }
    if cx.state.snapshot().is_none() {
        empty(
            ui,
            "Nothing to retrain for yet",
            "Freeze the blind spots first",
        );
        return;
    }
    if !form.measured && cx.state.base.is_some() {
        form.measured = true;
        cx.ask(Command::EstimateRetraining);
    }
    page(ui, "retrain", 970.0, |ui| {
        title(ui, "Retrain");
        caption(
            ui,
            "The lessons' samples join the training texts; the base model stays as it is, and \
             nothing changes until you keep a retrained model",
        );
        match cx.jobs.active(JobKind::Retrain) {
            Some(job) => progress::ui(job, cx, ui),
            None => choose(form, cx, ui),
        }
        rounds::ui(cx, ui);
    });
}

fn choose(form: &mut RetrainForm, cx: &mut Cx<'_>, ui: &mut Ui) {
    mode(form, cx, ui);
    arms(cx, form, ui);
    section(ui, "Seeds", words::SEEDS);
    let unit = agreeing(form.seeds, "seed", "seeds");
    ui.add(egui::Slider::new(&mut form.seeds, 1..=MOST_SEEDS).text(unit));
    ui.add_space(theme::PADDING);
    start(form, cx, ui);
}

fn mode(form: &mut RetrainForm, read: &Read<'_>, ui: &mut Ui) {
    section(ui, "How much is trained", words::QUICK);
    let mut counts = read.state.role_counts.iter();
    if !counts.any(|count| count.role == Role::Train) {
        form.mode = Mode::Quick;
        ui.label("Quick: the upper layers, from the base model");
        caption(
            ui,
            format!("{FULL_IS_OFF}. {}", words::REPLAY_OF_RIGHT_ONES),
        );
        return;
    }
    ui.horizontal(|ui| {
        let modes = [(Mode::Quick, "Quick"), (Mode::Full, "Full")];
        let modes = modes.map(|(mode, name)| (mode, name, words::QUICK));
        choices(ui, &mut form.mode, modes);
        caption(
            ui,
            match form.mode {
                Mode::Quick => "the upper layers, from the base model",
                Mode::Full => "all layers, from the pretrained weights",
            },
        );
    });
}

fn available(read: &Read<'_>) -> Vec<Arm> {
    let document = &read.state.document;
    let lessons: Vec<&Lesson> = document.lessons.values().map(AsRef::as_ref).collect();
    available_arms(&lessons)
}

fn further(read: &Read<'_>) -> Vec<Arm> {
    let document = &read.state.document;
    let lessons: Vec<&Lesson> = document.lessons.values().map(AsRef::as_ref).collect();
    further_arms(&lessons)
}

/// The arms to train; all but the untouched base can be left out.
fn arms(read: &Read<'_>, form: &mut RetrainForm, ui: &mut Ui) {
    section(ui, "What is compared", words::ARMS);
    let available = available(read);
    for arm in available.iter().filter(|arm| **arm != Arm::Reference) {
        arm_box(arm, !form.without.contains(arm), &mut form.without, ui);
    }
    for arm in further(read) {
        let on = form.further.contains(&arm);
        arm_box(&arm, on, &mut form.further, ui);
    }
    if available.iter().all(Arm::is_control) {
        caption(
            ui,
            "No lesson has an accepted sample yet: only controls can be trained",
        );
    }
}

/// One arm to tick, in words; `named` are those that a tick is taken from or
/// given to.
fn arm_box(arm: &Arm, mut on: bool, named: &mut BTreeSet<Arm>, ui: &mut Ui) {
    ui.horizontal_wrapped(|ui| {
        let name = RichText::new(capitalised(&arm.in_words())).strong();
        let ticked = ui.checkbox(&mut on, name);
        let ticked = ticked.on_hover_text(format!("`{arm}` in commands and files"));
        if ticked.changed() {
            toggle(named, arm.clone());
        }
        caption(ui, arm.meaning());
    });
}

fn start(form: &RetrainForm, cx: &mut Cx<'_>, ui: &mut Ui) {
    let mut arms = available(cx);
    arms.retain(|arm| !form.without.contains(arm));
    arms.extend(
        further(cx)
            .into_iter()
            .filter(|arm| form.further.contains(arm)),
    );
    let plan = RetrainPlan {
        mode: form.mode,
        arms,
        seeds: (0..form.seeds as u64).collect(),
        size: None,
    };
    let trained = plan.trained_arms();
    let no_verdict = why_no_verdict(&plan);
    ui.horizontal_wrapped(|ui| {
        if primary_button(ui, "Start retraining", trained > 0).clicked() {
            cx.ask(Command::Retrain(plan));
        }
        if trained == 0 {
            caption(ui, "Nothing is ticked, so there is nothing to train");
            return;
        }
        let trainings = many(trained * form.seeds, "training");
        let time = time(cx, form.mode, trained, form.seeds);
        caption(ui, format!("{trainings}, {time}")).on_hover_text(
            "Measured by scoring some texts on this machine; a busy machine takes longer. \
             Trainings of an earlier round with the same samples are used again",
        );
    });
    // Under the button, which so stays where it is.
    if let Some(why) = no_verdict {
        caption(ui, format!("A look, not a verdict: {why}"));
    }
}

/// How long it will take, in words: as the last round of the mode took, or
/// else as measured.
fn time(read: &Read<'_>, mode: Mode, arms: usize, seeds: usize) -> String {
    match read.state.time_to_retrain(mode, arms, seeds) {
        Some((time, true)) => format!("about {} by what the last round took", duration(time)),
        Some((time, false)) => format!("about {}", duration(time)),
        None if read.is_busy(JobKind::Estimate) => "measuring how long that takes …".into(),
        None => "how long that takes could not be measured".into(),
    }
}
