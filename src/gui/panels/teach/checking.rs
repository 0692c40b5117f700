//! Whether a hypothesis holds: a pattern with its live verdict, a language
//! model, or twenty texts for a person, beside the checks that were made.

use std::collections::BTreeMap;
use std::sync::Arc;

use eframe::egui::{self, Color32, Id, RichText, TextEdit, Ui};

use super::quiz::Asked;
use crate::discovery::AnswerTable;
use crate::gui::following::Following;
use crate::gui::panels::form::{entered, menu};
use crate::gui::panels::widgets::{bad, button_if, caption, tag};
use crate::gui::read::{Ask, Cx, Read};
use crate::gui::theme::{self, Tokens, tokens};
use crate::gui::words;
use crate::lessons::check::CheckRows;
use crate::records::{
    BlindSpotId, CheckVerdict, ExampleKey, Hypothesis, HypothesisCheck, Lesson, Pattern, Placement,
    RecordId, Snapshot, Standing,
};
use crate::session::{Command, JobKind};
use crate::steps::check_hypotheses::{
    CheckFigures, CheckOrder, Checking, Draft, JudgeChoice, Rate, statement,
};
use crate::support::{Error, Progress, Result};

/// Counter-examples that are shown of each kind.
const SHOWN: usize = 3;
/// Better hypotheses that a model may write.
const REFINEMENTS: u32 = 3;

/// What is being asked, kept from frame to frame.
#[derive(Default)]
pub(in crate::gui::panels) struct CheckForm {
    /// The hypothesis that the pattern belongs to.
    of: Option<RecordId>,
    typed: String,
    /// The rows on the ground that they were found on.
    rows: Option<(Ground, Arc<Asking>)>,
    draft: Following<(Ground, String), Draft>,
    /// The texts that a person is asked about.
    pub(in crate::gui::panels) asked: Option<Asked>,
    teacher: String,
    refine: bool,
    /// What would be sent to the language model that was chosen.
    sending: Option<String>,
    /// Why nothing could be asked.
    trouble: Option<String>,
}

/// Whom a check asks.
type Asking = (Checking, CheckRows);

/// What the rows of a check depend on.
#[derive(Clone)]
struct Ground {
    spot: BlindSpotId,
    snapshot: Arc<Snapshot>,
    answers: Arc<AnswerTable>,
    moves: BTreeMap<ExampleKey, Placement>,
}

impl PartialEq for Ground {
    fn eq(&self, other: &Self) -> bool {
        self.spot == other.spot
            && Arc::ptr_eq(&self.snapshot, &other.snapshot)
            && Arc::ptr_eq(&self.answers, &other.answers)
            && self.moves == other.moves
    }
}

impl Ground {
    fn of(read: &Read<'_>, spot: BlindSpotId) -> Option<Self> {
        Some(Self {
            spot,
            snapshot: Arc::clone(read.state.snapshot()?),
            answers: Arc::clone(read.state.frozen_answers()?),
            moves: read.state.document.moves.clone(),
        })
    }
}

impl CheckForm {
    fn turn_to(&mut self, hypothesis: &Hypothesis) {
        if self.of.as_ref() == Some(&hypothesis.id) {
            return;
        }
        self.of = Some(hypothesis.id.clone());
        let pattern = hypothesis.pattern.as_ref();
        self.typed = pattern.map_or_else(String::new, |pattern| pattern.typed().to_owned());
        self.sending = None;
        self.trouble = None;
    }

    /// The rows that can be asked, found anew where the ground has changed.
    fn asking(&mut self, ground: &Ground, read: &Read<'_>) -> Option<Arc<Asking>> {
        if let Some((known, asking)) = &self.rows
            && known == ground
        {
            return Some(Arc::clone(asking));
        }
        let checking = Checking::of(read.state).ok()?;
        let spot = checking.spot(ground.spot).ok()?;
        let rows = checking.rows(spot, &Progress::silent()).ok()?;
        let asking = Arc::new((checking, rows));
        self.rows = Some((ground.clone(), Arc::clone(&asking)));
        Some(asking)
    }
}

/// A word on how a hypothesis stands; none before its first check.
pub(in crate::gui::panels) fn standing(hypothesis: &Hypothesis, snapshot: u32, ui: &mut Ui) {
    let tokens = tokens(ui.ctx());
    let (standing, colour) = match hypothesis.standing(snapshot) {
        Standing::Unchecked => return,
        standing @ Standing::Supported => (standing, tokens.good),
        standing @ Standing::Unsupported => (standing, tokens.caution),
    };
    tag(ui, standing.name(), colour).on_hover_text(words::STANDING);
}

/// The checks of a hypothesis, and what can be asked of it next.
pub(in crate::gui::panels) fn ui(
    hypothesis: &Hypothesis,
    lesson: &Lesson,
    form: &mut CheckForm,
    cx: &mut Cx<'_>,
    ui: &mut Ui,
) {
    form.turn_to(hypothesis);
    let version = cx.state.document.snapshot.unwrap_or(lesson.snapshot);
    ui.indent("check of a hypothesis", |ui| {
        for check in hypothesis.checks_on(version) {
            kept(check, hypothesis, cx, ui);
        }
        pattern(hypothesis, lesson, form, cx, ui);
        if let Some(job) = cx.jobs.active(JobKind::Check) {
            ui.horizontal(|ui| {
                caption(ui, job.stage.as_str());
                if ui.button("Stop the check").clicked() {
                    cx.ask(Ask::CancelJob(job.id));
                }
            });
            return;
        }
        ui.horizontal_wrapped(|ui| {
            let meaning = words::QUIZ;
            if button_if(ui, true, "Judge 20 texts yourself", meaning) {
                match quiz(hypothesis, lesson, cx) {
                    Ok(asked) => form.asked = Some(asked),
                    Err(error) => form.trouble = Some(error.to_string()),
                }
            }
            model(hypothesis, form, cx, ui);
        });
        if let Some(trouble) = &form.trouble {
            bad(ui, trouble);
        }
        sending(hypothesis, form, cx, ui);
    });
}

/// What a verdict says, with the thresholds of the project.
fn verdicts(read: &Read<'_>) -> String {
    let thresholds = read.state.manifest.hypotheses;
    let percent = |share: f64| format!("{:.0} %", share * 100.0);
    format!(
        "{} It passes with {} of the kept-back errors and surely less than {} of the right texts: \
         [hypotheses] in project.toml",
        words::VERDICTS,
        percent(thresholds.inside),
        percent(thresholds.outside)
    )
}

fn colour(verdict: CheckVerdict, tokens: &Tokens) -> Color32 {
    match verdict {
        CheckVerdict::Explains => tokens.good,
        CheckVerdict::TooFewRows => tokens.text_weak,
        CheckVerdict::TooBroad | CheckVerdict::TooNarrow | CheckVerdict::NotSupported => {
            tokens.caution
        }
    }
}

/// A check that was made.
fn kept(check: &HypothesisCheck, hypothesis: &Hypothesis, read: &Read<'_>, ui: &mut Ui) {
    let figures = CheckFigures::of(check);
    let judge = match figures.asked.as_str() {
        "" => figures.judge.to_owned(),
        asked => format!("{} “{asked}”", figures.judge),
    };
    ui.horizontal_wrapped(|ui| {
        let colour = colour(check.verdict, tokens(ui.ctx()));
        tag(ui, check.verdict.name(), colour).on_hover_text(verdicts(read));
        caption(ui, format!("{judge}: {}", figures.reason));
    });
    let share = |name: &str, share: (usize, usize)| format!("{name} {} of {}", share.0, share.1);
    let mut more = vec![
        share(
            "nearest right texts",
            (figures.nearest.yes, figures.nearest.of),
        ),
        share(
            "errors elsewhere",
            (figures.elsewhere.yes, figures.elsewhere.of),
        ),
    ];
    if let Some(risk) = figures.risk_ratio {
        more.push(format!(
            "risk ratio {:.1} ({:.1} to {:.1})",
            risk.ratio, risk.lower, risk.upper
        ));
    }
    if figures.unanswered > 0 {
        more.push(format!("{} without an answer", figures.unanswered));
    }
    if hypothesis.tried > 1 {
        more.push(format!("asked {} times so far", hypothesis.tried));
    }
    let bounds = |what: &str, share: &Rate| {
        format!(
            "{what}: 95 % interval {:.0} to {:.0} %",
            share.lower * 100.0,
            share.upper * 100.0
        )
    };
    let bounds = [
        bounds("kept-back errors", &figures.kept_back),
        bounds("right texts", &figures.right),
    ];
    caption(ui, more.join("  ·  ")).on_hover_text(format!(
        "{}. {}",
        bounds.join(", "),
        words::CHECKED_ROWS
    ));
    if check.verdict != CheckVerdict::Explains {
        counter_examples(&check.missed, &check.also, read, ui);
    }
}

/// Shown errors that it misses, and right texts that it holds for.
fn counter_examples(missed: &[ExampleKey], also: &[ExampleKey], read: &Read<'_>, ui: &mut Ui) {
    let lists = [
        ("misses this error", missed),
        ("holds for this one too, which the model gets right", also),
    ];
    for (what, keys) in lists {
        for key in keys.iter().take(SHOWN) {
            let Some(row) = read.derived.row_of(key) else {
                continue;
            };
            let text = format!("{what}: {}", read.text(row));
            let weak = tokens(ui.ctx()).text_weak;
            let text = RichText::new(text).size(theme::SMALL).color(weak);
            ui.add(egui::Label::new(text).truncate())
                .on_hover_text(read.text(row));
        }
    }
}

/// The field for a pattern, and what it does to the errors on show.
fn pattern(
    hypothesis: &Hypothesis,
    lesson: &Lesson,
    form: &mut CheckForm,
    cx: &mut Cx<'_>,
    ui: &mut Ui,
) {
    let field = TextEdit::singleline(&mut form.typed)
        .id(Id::unique("pattern of the hypothesis"))
        .hint_text("Words that such texts hold: funny + -not, hilarious. Enter checks it")
        .desired_width(f32::INFINITY);
    let field = ui.add(field).accessible_name("Pattern of the hypothesis");
    let entered = entered(&field);
    field.on_hover_text(format!("{} {}", words::PATTERN, verdicts(cx)));
    if form.typed.trim().is_empty() {
        return;
    }
    let pattern: Pattern = match form.typed.parse() {
        Ok(pattern) => pattern,
        Err(error) => {
            let error: Error = error;
            let remedy = error.remedy().unwrap_or_default();
            caption(ui, format!("{error}: {remedy}"));
            return;
        }
    };
    let is_kept = hypothesis.pattern.as_ref() == Some(&pattern);
    if !is_kept || hypothesis.checks.is_empty() {
        live(&pattern, lesson, form, cx, ui);
    }
    if entered && !cx.is_busy(JobKind::Check) {
        let judge = JudgeChoice::Pattern(Some(pattern));
        check(CheckOrder::of(&hypothesis.id, judge), cx);
    }
}

fn check(order: CheckOrder, cx: &mut Cx<'_>) {
    cx.ask(Command::CheckHypotheses(Box::new(order)));
}

/// How the pattern does on what its writer may see, as they type.
fn live(pattern: &Pattern, lesson: &Lesson, form: &mut CheckForm, read: &Read<'_>, ui: &mut Ui) {
    let Some(ground) = Ground::of(read, lesson.blind_spot) else {
        return;
    };
    let Some(asking) = form.asking(&ground, read) else {
        return;
    };
    let rows = ground.answers.len();
    let asked = pattern.clone();
    let key = (ground, pattern.typed().to_owned());
    form.draft.follow(key, rows, ui.ctx(), move || {
        let (checking, rows) = asking.as_ref();
        checking.draft(rows, &asked)
    });
    let Some(draft) = form.draft.value() else {
        return;
    };
    ui.horizontal_wrapped(|ui| {
        let colour = colour(draft.verdict, tokens(ui.ctx()));
        tag(ui, draft.verdict.name(), colour).on_hover_text(verdicts(read));
        caption(ui, format!("so far: {}", draft.reason)).on_hover_text(words::LIVE_VERDICT);
    });
    if draft.verdict != CheckVerdict::Explains {
        let (missed, also) = &draft.counter_examples;
        counter_examples(missed, also, read, ui);
    }
}

fn quiz(hypothesis: &Hypothesis, lesson: &Lesson, read: &Read<'_>) -> Result<Asked> {
    let checking = Checking::of(read.state)?;
    let quiz = checking.quiz(lesson, hypothesis, &Progress::silent())?;
    Ok(Asked::new(hypothesis, quiz))
}

/// The language model that may judge, and the button that says what it takes.
fn model(hypothesis: &Hypothesis, form: &mut CheckForm, read: &Read<'_>, ui: &mut Ui) {
    let teachers = &read.state.teaching.teachers;
    let Some(first) = teachers.first() else {
        return;
    };
    if teachers.iter().all(|teacher| teacher.name != form.teacher) {
        form.teacher.clone_from(&first.name);
    }
    let names = teachers.iter().map(|teacher| &teacher.name);
    let names: Vec<(String, &String)> = names.map(|name| (name.clone(), name)).collect();
    let shown = form.teacher.clone();
    let (title, width) = ("Language model that judges", 120.0);
    menu(ui, (title, width), &shown, &mut form.teacher, names);
    if button_if(ui, true, "Ask a language model", words::MODEL_JUDGE) {
        let order = order_to_model(hypothesis, form);
        let said = || -> Result<String> {
            let setup = &read.state.teaching;
            let checking = Checking::of(read.state)?;
            let silent = Progress::silent();
            let estimate = checking.estimate(&order, setup, &form.teacher, &silent)?;
            Ok(statement(&estimate, setup.teacher(&form.teacher)?))
        };
        match said() {
            Ok(said) => form.sending = Some(said),
            Err(error) => form.trouble = Some(error.to_string()),
        }
    }
}

fn order_to_model(hypothesis: &Hypothesis, form: &CheckForm) -> CheckOrder {
    let teacher = form.teacher.clone();
    CheckOrder {
        refine: if form.refine { REFINEMENTS } else { 0 },
        ..CheckOrder::of(&hypothesis.id, JudgeChoice::Model { teacher })
    }
}

/// What will be sent where, before it is.
fn sending(hypothesis: &Hypothesis, form: &mut CheckForm, cx: &mut Cx<'_>, ui: &mut Ui) {
    let Some(said) = form.sending.clone() else {
        return;
    };
    caption(ui, said);
    ui.checkbox(
        &mut form.refine,
        format!("It may write a better hypothesis, up to {REFINEMENTS} times"),
    );
    ui.horizontal(|ui| {
        if ui.button("Send them").clicked() {
            form.sending = None;
            if let Ok(teacher) = cx.state.teaching.teacher(&form.teacher)
                && !cx.state.teaching.is_confirmed(&teacher.endpoint)
            {
                cx.ask(Command::ConfirmHost(teacher.endpoint.host()));
            }
            check(order_to_model(hypothesis, form), cx);
        }
        if ui.button("Send nothing").clicked() {
            form.sending = None;
        }
    });
}
