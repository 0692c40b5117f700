//! The samples of a lesson as a set, each figure with what to do.

use eframe::egui::{CollapsingHeader, Ui};

use crate::gui::panels::widgets::{button_if, caption, caution, explained};
use crate::gui::read::Cx;
use crate::gui::words;
use crate::records::Lesson;
use crate::session::{Command, JobKind};
use crate::steps::sample_sets::SampleSet;
use crate::steps::sample_sets::figures::properties;

/// Shows the figures of a lesson, or how to get them.
pub(super) fn ui(lesson: &Lesson, cx: &mut Cx<'_>, ui: &mut Ui) {
    if lesson.samples.is_empty() || cx.state.black_box {
        return;
    }
    let header = CollapsingHeader::new("Samples as a set").default_open(true);
    let header = header.show(ui, |ui| {
        let sets = cx.state.sample_sets.clone();
        let set = sets.as_ref().and_then(|sets| {
            let mut sets = sets.iter();
            sets.find(|set| set.lesson == lesson.id)
        });
        match set {
            Some(set) => figures(set, ui),
            None => ask(cx, ui),
        }
    });
    explained(header.header_response, words::AS_A_SET);
}

fn ask(cx: &mut Cx<'_>, ui: &mut Ui) {
    ui.horizontal_wrapped(|ui| {
        let idle = !cx.is_busy(JobKind::Samples);
        if button_if(ui, idle, "Look at them as a set", words::AS_A_SET) {
            cx.ask(Command::MeasureSamples);
        }
        caption(ui, "Realism, diversity, coverage, labels");
    });
}

fn figures(set: &SampleSet, ui: &mut Ui) {
    let properties = properties(set);
    for property in &properties {
        // In a grid a long figure would widen everything below it.
        ui.horizontal_wrapped(|ui| {
            explained(caption(ui, property.name), property.meaning);
            ui.label(&property.figure);
        });
    }
    for property in properties {
        let said = format!("{}: {}", property.name, property.advice);
        match property.needs_care {
            true => caution(ui, said),
            false => caption(ui, said),
        };
    }
}
