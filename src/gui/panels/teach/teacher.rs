//! Who teaches a blind spot, and how the lesson stands: teacher, time,
//! progress, test samples, agreement.

use eframe::egui::{self, Ui};

use super::TeachForm;
use crate::gui::panels::form::{choices, line, menu};
use crate::gui::panels::widgets::{caption, explained};
use crate::gui::read::{Cx, Read};
use crate::gui::words;
use crate::lessons::agreement::Agreement;
use crate::records::{Author, BlindSpotId, Familiarity, Lesson, TeacherChoice, UNNAMED_TEACHER};
use crate::session::Command;
use crate::support::text::many;

/// Samples that a lesson should have.
pub(super) const TARGET: usize = 20;

const CHOICES: [(TeacherChoice, &str, &str); 4] = [
    (
        TeacherChoice::Human,
        "Person",
        "A person writes hypotheses and samples",
    ),
    (
        TeacherChoice::Llm,
        "Language model",
        "A language model suggests, a person accepts",
    ),
    (TeacherChoice::Both, "Both", "Each in a lesson of its own"),
    (
        TeacherChoice::None,
        "Nobody",
        "This blind spot is left untaught",
    ),
];

/// Who teaches a blind spot. Unless somebody chose, a person, beside a language
/// model whose lesson is there already.
pub(super) fn chosen(read: &Read<'_>, spot: BlindSpotId) -> TeacherChoice {
    let mut lessons = read.lessons_on(spot);
    let usual = match lessons.any(|lesson| lesson.author != Author::Human) {
        true => TeacherChoice::Both,
        false => TeacherChoice::Human,
    };
    let chosen = read.state.document.teachers.get(&spot);
    chosen.copied().unwrap_or(usual)
}

/// Lets one choose who teaches a blind spot.
pub(super) fn choose(blind_spot: BlindSpotId, cx: &mut Cx<'_>, ui: &mut Ui) {
    caption(ui, "Teacher");
    let mut choice = chosen(cx, blind_spot);
    if choices(ui, &mut choice, CHOICES) {
        cx.ask(Command::ChooseTeacher { blind_spot, choice });
    }
}

const FAMILIARITIES: [(Option<Familiarity>, &str); 4] = [
    (None, "not said"),
    (Some(Familiarity::Novice), "new to it"),
    (Some(Familiarity::User), "know it from use"),
    (Some(Familiarity::Expert), "work in it"),
];

/// The teacher's name and familiarity, both optional.
pub(super) fn about(lesson: Option<&Lesson>, form: &mut TeachForm, cx: &mut Cx<'_>, ui: &mut Ui) {
    let before = (form.teacher.clone(), form.familiarity);
    ui.horizontal_wrapped(|ui| {
        let name = "Your name (optional)";
        let label = caption(ui, name);
        let field = line(ui, name, &mut form.teacher, UNNAMED_TEACHER, 110.0).labelled_by(label.id);
        if field.lost_focus() {
            cx.ask(Command::EndEdit);
        }
        explained(
            caption(ui, "The domain:"),
            "How familiar you are with what the texts are about; it stands beside your lessons and in the table of teachers",
        );
        let mut all = FAMILIARITIES.iter();
        let shown = all.find(|(familiarity, _)| *familiarity == form.familiarity);
        menu(
            ui,
            ("Familiarity with the domain", 110.0),
            shown.map_or("", |(_, name)| name),
            &mut form.familiarity,
            FAMILIARITIES,
        );
    });
    if let Some(lesson) = lesson
        && before != (form.teacher.clone(), form.familiarity)
    {
        cx.ask(Command::SetTeacher {
            lesson: lesson.id.clone(),
            teacher: form.teacher_name(),
            familiarity: form.familiarity,
        });
    }
}

/// Progress to the target, active time with its cost, and the test samples.
pub(super) fn standing(lesson: &Lesson, read: &Read<'_>, form: &TeachForm, ui: &mut Ui) {
    let written = lesson.samples.len();
    let share = (written as f32 / TARGET as f32).min(1.0);
    ui.add(egui::ProgressBar::new(share).text(format!("{written} of {TARGET} samples")));
    let seconds = form.seconds_on(lesson);
    let mut time = format!(
        "{} min {:02} s of teaching",
        seconds as u64 / 60,
        seconds as u64 % 60
    );
    if let Some(rate) = lesson.cost.hourly_rate.or(read.state.hourly_rate) {
        let currency = read.state.currency.as_deref().unwrap_or("");
        time += &format!(", {:.2} {currency}", rate * seconds / 3600.0);
    }
    let trained = lesson.training_samples().count();
    let tests = lesson.test_samples().count();
    let uses = match lesson.left_out {
        true => format!("left out of training, {tests} for testing"),
        false => format!("{trained} for training, {tests} for testing"),
    };
    caption(ui, format!("{time}  ·  {uses}")).on_hover_text(format!(
        "{} {}",
        words::ACTIVE_TIME,
        words::TEST_SAMPLES
    ));
    learnt(lesson, read, ui);
}

/// What the test samples said before and after the last round that taught the
/// lesson.
fn learnt(lesson: &Lesson, read: &Read<'_>, ui: &mut Ui) {
    let last = read.state.rounds.iter().rev().find_map(|result| {
        let taught = result.round.taught.iter();
        let mut of_lesson = taught.filter(|taught| taught.lesson == lesson.id);
        Some((result.round.number, of_lesson.next()?))
    });
    let Some((round, taught)) = last else {
        return;
    };
    let of = taught.tested.len();
    if of == 0 {
        caption(
            ui,
            format!("Round {round} had no test samples of this lesson"),
        );
        return;
    }
    for after in &taught.passed_after {
        caption(
            ui,
            format!(
                "Test samples labelled as intended: {} of {of} before, {:.1} of {of} after \
                 round {round} ({}, mean of {})",
                taught.passed_before,
                after.mean(),
                after.arm,
                many(after.passed.len(), "seed")
            ),
        )
        .on_hover_text(words::TEST_SAMPLES);
    }
}

/// How two lessons by people agree, in words with their counts.
pub(super) fn agreement(one: &Lesson, other: &Lesson, ui: &mut Ui) {
    let found = Agreement::of(one, other);
    let (names, fooled) = ([&one.teacher, &other.teacher], found.fooled);
    let pairs = match found.pairs {
        0 => "no sample of one is nearly the same as one of the other, so labels cannot be \
              compared"
            .to_owned(),
        pairs => format!(
            "{} of {pairs} nearly equal samples have the same label",
            found.same_label
        ),
    };
    caption(
        ui,
        format!(
            "{} and {}: {pairs}; {} of {} and {} of {} samples fooled the model",
            names[0], names[1], fooled[0].0, fooled[0].1, fooled[1].0, fooled[1].1
        ),
    );
    if !found.common_words.is_empty() {
        let words = &found.common_words[..found.common_words.len().min(12)];
        caption(ui, format!("Both fooled it with: {}", words.join(", ")));
    }
}
