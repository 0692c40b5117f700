//! The samples of a lesson with their checks, each a column to sort by.

use std::cmp::{Ordering, Reverse};
use std::collections::BTreeMap;
use std::sync::Arc;

use eframe::egui::{self, Align, RichText, ScrollArea, Ui};
use egui_extras::{Column as Width, TableBuilder, TableRow};

use super::TeachForm;
use crate::gui::live_checks::LiveChecks;
use crate::gui::panels::widgets::{percent, sort_head};
use crate::gui::read::{Ask, Cx, shown};
use crate::gui::theme::{self, tokens};
use crate::gui::words;
use crate::lessons::checks::{SameTexts, SampleCheck};
use crate::records::{Lesson, RecordId, Review, Sample, SampleUse};
use crate::session::Command;

const ROW_HEIGHT: f32 = 24.0;

/// Columns by which samples are sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    Text,
    Hypothesis,
    Label,
    Model,
    Fools,
    Nearest,
    Edit,
    Length,
    Use,
    Check,
}

/// The columns behind what can be done with a sample, which stands beside its
/// text: a small window cuts the row off at the right.
const AFTER_ACTIONS: &[Column] = &[
    Column::Hypothesis,
    Column::Label,
    Column::Model,
    Column::Fools,
    Column::Nearest,
    Column::Edit,
    Column::Length,
    Column::Use,
    Column::Check,
];

impl Column {
    /// Its head, its first width and what it means.
    fn head(self) -> (&'static str, f32, &'static str) {
        match self {
            Column::Text => ("Sample", 160.0, "The text"),
            Column::Hypothesis => (
                "For",
                44.0,
                "The hypothesis that it was written for, by number",
            ),
            Column::Label => ("Label", 76.0, "The label that you say is right"),
            Column::Model => ("Model says", 112.0, "What the model in use says to it now"),
            Column::Fools => ("Fools it", 58.0, "Whether the model gives it another label"),
            Column::Nearest => ("Nearest", 58.0, words::NEAREST_TRAINING),
            Column::Edit => (
                "Changed",
                58.0,
                "Of an edited example: the share of characters that were changed",
            ),
            Column::Length => ("Length", 58.0, words::LENGTH_PERCENTILE),
            Column::Use => ("Use", 58.0, words::TEST_SAMPLES),
            Column::Check => ("Check", 100.0, words::SAMPLE_CHECK),
        }
    }
}

/// What is kept from frame to frame.
#[derive(Debug, Default)]
pub(super) struct SampleTable {
    sort: Option<(Column, bool)>,
    made_of: Option<MadeOf>,
    rows: Vec<Row>,
    /// Texts of the lesson's samples.
    same: SameTexts,
}

/// What the rows were made of.
#[derive(Debug)]
struct MadeOf {
    /// Held, so that a changed lesson cannot come to lie where this one is.
    lesson: Arc<Lesson>,
    /// Of the checks; none without a model.
    revision: Option<u64>,
    /// The order that they are in.
    sort: Option<(Column, bool)>,
}

#[derive(Debug, Clone)]
struct Row {
    sample: Sample,
    /// Number of its hypothesis, from 1.
    hypothesis: Option<usize>,
    check: Option<Result<SampleCheck, String>>,
}

impl Row {
    fn check(&self) -> Option<&SampleCheck> {
        self.check.as_ref()?.as_ref().ok()
    }

    fn says(&self) -> String {
        match &self.check {
            Some(Ok(check)) => format!("{} {}", check.said.label, percent(check.said.confidence)),
            Some(Err(error)) => error.clone(),
            None => "…".into(),
        }
    }

    fn problem(&self) -> String {
        if let Review::Rejected { reason } = &self.sample.review {
            return format!("rejected: {reason}");
        }
        match self.check() {
            Some(check) => check.problem().unwrap_or_else(|| "passes".into()),
            None => String::new(),
        }
    }

    fn cell(&self, column: Column) -> String {
        let number =
            |value: Option<f32>| value.map_or("–".to_owned(), |v| format!("{:.0} %", v * 100.0));
        match column {
            Column::Text => shown(&self.sample.text),
            Column::Hypothesis => self
                .hypothesis
                .map_or("–".into(), |number| number.to_string()),
            Column::Label => self.sample.label.clone(),
            Column::Model => self.says(),
            Column::Fools => match self.check().map(|check| check.fools) {
                Some(true) => "fools it".into(),
                Some(false) => "no".into(),
                None => "…".into(),
            },
            Column::Nearest => {
                let nearest = self.check().and_then(|check| check.nearest.as_ref());
                nearest.map_or("–".into(), |near| format!("{:.2}", near.cosine))
            }
            Column::Edit => number(self.check().and_then(|check| check.edit_ratio)),
            Column::Length => number(self.check().and_then(|check| check.length_percentile)),
            Column::Use => match (&self.sample.review, self.sample.purpose) {
                (Review::Accepted, SampleUse::Train) => "train".into(),
                (Review::Accepted, SampleUse::Test) => "test".into(),
                (Review::Draft, _) => "draft".into(),
                (Review::Rejected { .. }, _) => "none".into(),
            },
            Column::Check => self.problem(),
        }
    }

    /// What a column of numbers sorts by.
    fn number(&self, column: Column) -> Option<f32> {
        let check = self.check()?;
        match column {
            Column::Model => Some(check.said.confidence),
            Column::Nearest => check.nearest.as_ref().map(|near| near.cosine),
            Column::Edit => check.edit_ratio,
            Column::Length => check.length_percentile,
            _ => None,
        }
    }
}

impl SampleTable {
    fn update(&mut self, lesson: &Arc<Lesson>, checks: Option<&mut LiveChecks>) {
        let revision = checks.as_ref().map(|checks| checks.revision());
        let of_lesson = |made: &MadeOf| Arc::ptr_eq(&made.lesson, lesson);
        let same_lesson = self.made_of.as_ref().is_some_and(of_lesson);
        let still = |made: &MadeOf| (made.revision, made.sort) == (revision, self.sort);
        if same_lesson && self.made_of.as_ref().is_some_and(still) {
            return;
        }
        if !same_lesson {
            self.same = SameTexts::of(&lesson.samples);
        }
        let numbers: BTreeMap<&RecordId, usize> = (lesson.hypotheses.iter())
            .map(|hypothesis| &hypothesis.id)
            .zip(1..)
            .collect();
        let number = |sample: &Sample| numbers.get(sample.hypothesis.as_ref()?).copied();
        let mut checks = checks;
        self.rows = lesson
            .samples
            .iter()
            .rev()
            .map(|sample| Row {
                check: checks
                    .as_mut()
                    .and_then(|checks| checks.of_sample(sample, &self.same)),
                hypothesis: number(sample),
                sample: sample.clone(),
            })
            .collect();
        self.made_of = Some(MadeOf {
            lesson: Arc::clone(lesson),
            revision,
            sort: self.sort,
        });
        self.order();
    }

    fn order(&mut self) {
        let Some((column, descending)) = self.sort else {
            return;
        };
        // Rows without a number come before those with one, by what they show.
        let key = |row: &Row| match row.number(column) {
            Some(number) => (Number(number), String::new()),
            None => (Number(-1.0), row.cell(column)),
        };
        match descending {
            true => self.rows.sort_by_cached_key(|row| Reverse(key(row))),
            false => self.rows.sort_by_cached_key(key),
        }
    }

    /// The texts of a lesson's samples, once they are shown.
    pub(super) fn same(&self, lesson: &Lesson) -> Option<&SameTexts> {
        let shown = self.made_of.as_ref()?;
        (shown.lesson.id == lesson.id).then_some(&self.same)
    }

    fn header(&mut self, column: Column, ui: &mut Ui) {
        let (name, _, meaning) = column.head();
        let words = (meaning, format!("Sort samples by {name}"));
        if let Some(sort) = sort_head(ui, (column, name), self.sort, words) {
            self.sort = sort;
        }
    }
}

/// A number to sort by.
#[derive(PartialEq)]
struct Number(f32);

impl Eq for Number {}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.total_cmp(&other.0)
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Takes in the samples of a lesson, and what the checks say of them by now.
pub(super) fn update(lesson: &Arc<Lesson>, checks: Option<&mut LiveChecks>, form: &mut TeachForm) {
    form.table.update(lesson, checks);
}

/// Shows the samples of a lesson, newest first; what a small window has no room
/// for at the right is scrolled to.
pub(super) fn ui(lesson: &Lesson, form: &mut TeachForm, cx: &mut Cx<'_>, ui: &mut Ui) {
    ScrollArea::horizontal()
        .id_salt("columns of the samples")
        .auto_shrink([false, false])
        .show(ui, |ui| table(lesson, form, cx, ui));
}

fn table(lesson: &Lesson, form: &mut TeachForm, cx: &mut Cx<'_>, ui: &mut Ui) {
    let mut table = std::mem::take(&mut form.table);
    let mut builder = TableBuilder::new(ui)
        .id_salt("samples")
        .striped(true)
        .cell_layout(egui::Layout::left_to_right(Align::Center))
        .auto_shrink([false, false])
        .min_scrolled_height(0.0)
        .column(Width::remainder().at_least(160.0).clip(true))
        .column(Width::initial(136.0).at_least(60.0));
    for column in AFTER_ACTIONS {
        let width = Width::initial(column.head().1).at_least(44.0);
        builder = builder.column(width.clip(true).resizable(true));
    }
    builder
        .header(ROW_HEIGHT + 2.0, |mut header| {
            header.col(|ui| table.header(Column::Text, ui));
            header.col(|ui| {
                let fold = ui.add(egui::Button::new("Fold").small().frame(false));
                let fold = fold.on_hover_text("More room for what you write");
                let fold = fold.accessible_name("Fold the samples");
                if fold.clicked() {
                    form.samples_folded = Some(true);
                }
            });
            for &column in AFTER_ACTIONS {
                header.col(|ui| table.header(column, ui));
            }
        })
        .body(|body| {
            body.rows(ROW_HEIGHT, table.rows.len(), |mut row| {
                if let Some(of) = table.rows.get(row.index()) {
                    body_row(of, lesson, form, cx, &mut row);
                }
            });
        });
    form.table = table;
}

fn body_row(
    of: &Row,
    lesson: &Lesson,
    form: &mut TeachForm,
    cx: &mut Cx<'_>,
    row: &mut TableRow<'_, '_>,
) {
    row.col(|ui| cell(of, Column::Text, ui));
    row.col(|ui| actions(of, lesson, form, cx, ui));
    for &column in AFTER_ACTIONS {
        row.col(|ui| cell(of, column, ui));
    }
}

fn cell(of: &Row, column: Column, ui: &mut Ui) {
    let tokens = tokens(ui.ctx());
    let text = of.cell(column);
    let refused = of.check().is_some_and(|check| !check.passes());
    let colour = match column {
        Column::Fools if of.check().is_some_and(|check| check.fools) => tokens.good,
        Column::Check if refused => tokens.bad,
        Column::Use if of.sample.purpose == SampleUse::Test => tokens.accent,
        _ => tokens.text,
    };
    let shown = RichText::new(text.replace('\n', " "))
        .size(theme::SMALL)
        .color(colour);
    let label = ui.add(egui::Label::new(shown).truncate());
    if matches!(column, Column::Text | Column::Check) {
        label.on_hover_text(text);
    }
}

fn actions(of: &Row, lesson: &Lesson, form: &mut TeachForm, cx: &mut Cx<'_>, ui: &mut Ui) {
    let reviewed = |review: Review| {
        let sample = Sample {
            review,
            ..of.sample.clone()
        };
        Ask::put_sample(lesson, sample)
    };
    let small = |ui: &mut Ui, text: &str| {
        let button = egui::Button::new(RichText::new(text).size(theme::SMALL)).small();
        let about = format!("{text}: {}", shown(&of.sample.text));
        ui.add(button).accessible_name(about).clicked()
    };
    if of.sample.review == Review::Draft {
        if small(ui, "Accept") {
            cx.ask(reviewed(Review::Accepted));
        }
        if small(ui, "Reject") {
            let reason = "a person refused it".to_owned();
            cx.ask(reviewed(Review::Rejected { reason }));
        }
        return;
    }
    if small(ui, "Edit") {
        form.edit_sample(&of.sample, cx);
    }
    if small(ui, "Remove") {
        let (lesson, sample) = (lesson.id.clone(), of.sample.id.clone());
        cx.ask(Command::RemoveSample { lesson, sample });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records::{Author, BlindSpotId, RecordId, Text};

    fn sample(id: &str, label: &str) -> Sample {
        Sample::new(RecordId(id.into()), Text::single(id), label, Author::Human)
    }

    #[test]
    fn the_table_follows_a_lesson_that_is_changed_in_place() {
        let (id, spot) = (RecordId("lesson".into()), (BlindSpotId(1), 1));
        let mut lesson = Arc::new(Lesson {
            samples: vec![sample("first", "good")],
            ..Lesson::new(id, spot, "expert", Author::Human)
        });
        let mut table = SampleTable::default();
        table.update(&lesson, None);
        Arc::make_mut(&mut lesson)
            .samples
            .push(sample("second", "bad"));
        table.update(&lesson, None);
        let shown: Vec<&str> = table.rows.iter().map(|row| &*row.sample.id.0).collect();
        assert_eq!(shown, ["second", "first"]);
        Arc::make_mut(&mut lesson).samples[0].label = "bad".into();
        table.update(&lesson, None);
        assert_eq!(table.rows[1].sample.label, "bad");
    }
}
