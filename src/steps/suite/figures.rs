//! The matrix of lessons and models as people read it, the same on every face.

use super::{SuiteResult, said};
use crate::comparison::behaviour::{Call, Change, LessonCell, Rate};
use crate::support::figures::{Line, NOTHING, Sheet};
use crate::support::text::shortened;

/// Characters of a blind spot's name at most.
const LONGEST_NAME: usize = 48;
/// Characters of a pattern at most.
const LONGEST_PATTERN: usize = 24;

/// What names a row of lessons.
const BY_LESSON: [&str; 2] = ["lesson", "teacher"];
/// Said above the lessons.
const TESTS_ARE_HELD_OUT: &str = "Test samples are never trained on, by no arm. In brackets: 95 % \
    interval.";
/// Said above the pairs.
const FLIPS: &str = "Of pairs whose labels differ, those whose two answers differ; then pairs of \
    which both answers are right.";
/// Said above the changes.
const MUST_STAY: &str = "Answers that changed although the change of the text must not matter.";

/// Tables of a test: lessons, pairs if there are any, changes.
pub fn sheets(result: &SuiteResult) -> Vec<Sheet> {
    let pairs = result.suite.lessons.iter().any(|of| !of.pairs.is_empty());
    let mut sheets = vec![lessons(result)];
    sheets.extend(pairs.then(|| pairs_sheet(result)));
    sheets.push(changes(result));
    sheets
}

fn lessons(result: &SuiteResult) -> Sheet {
    let mut sheet = with_models(result, "Lessons kept as tests: right answers", &BY_LESSON);
    sheet.notes = vec![TESTS_ARE_HELD_OUT.to_owned()];
    if result.held.0 != result.held.1 {
        let (tested, against) = (result.tested(), result.against());
        sheet
            .notes
            .push(format!("{tested} is held against {against}."));
        sheet = sheet.words("against it", "");
    }
    sheet.notes.extend(result.notes.iter().cloned());
    for (row, lesson) in result.matrix.lessons.iter().enumerate() {
        let mut line = named(result, row);
        for cell in &lesson.cells {
            line = line.words(rate(cell.passed));
        }
        if let Some(change) = &lesson.change {
            line = line.explained(called(change), Some(said(change)));
        }
        sheet.lines.push(line);
    }
    sheet
}

fn pairs_sheet(result: &SuiteResult) -> Sheet {
    let mut sheet = with_models(result, "Pairs of an example and its edit", &BY_LESSON).note(FLIPS);
    for (row, lesson) in result.matrix.lessons.iter().enumerate() {
        if lesson.cells.iter().any(|cell| cell.pairs.of > 0) {
            let cells = lesson.cells.iter().map(pair);
            sheet
                .lines
                .push(cells.fold(named(result, row), Line::words));
        }
    }
    sheet
}

fn changes(result: &SuiteResult) -> Sheet {
    let title = "Changes that must not matter: answers that changed";
    let mut sheet = with_models(result, title, &["change"]).note(MUST_STAY);
    for row in &result.matrix.perturbations {
        let cells = row.cells.iter().map(|cell| {
            cell.as_ref()
                .map_or_else(|| NOTHING.to_owned(), |cell| rate(cell.failed))
        });
        let line = Line::new(false).words(&row.name);
        sheet.lines.push(cells.fold(line, Line::words));
    }
    sheet
}

fn with_models(result: &SuiteResult, title: &str, rows: &[&str]) -> Sheet {
    let sheet = Sheet::new(title);
    let named = rows.iter().fold(sheet, |sheet, name| sheet.words(name, ""));
    let models = result.models.iter();
    models.fold(named, |sheet, model| sheet.words(&model.name, ""))
}

fn named(result: &SuiteResult, row: usize) -> Line {
    let name = result.names.get(row).map_or("", String::as_str);
    let lesson = result.suite.lessons.get(row);
    let teacher = lesson.map_or("", |of| of.teacher.as_str());
    let pattern = lesson.and_then(|of| of.pattern.as_deref());
    let about = pattern.map_or_else(
        || teacher.to_owned(),
        |pattern| format!("{teacher}, pattern {}", shortened(pattern, LONGEST_PATTERN)),
    );
    Line::new(false)
        .words(shortened(name, LONGEST_NAME))
        .words(about)
}

/// “7/12 (32–81 %)”.
pub fn rate(rate: Rate) -> String {
    if rate.of == 0 {
        return NOTHING.to_owned();
    }
    let interval = rate.interval();
    format!(
        "{}/{} ({:.0}–{:.0} %)",
        rate.count,
        rate.of,
        100.0 * interval.lower,
        100.0 * interval.upper
    )
}

fn pair(cell: &LessonCell) -> String {
    let flipped = match cell.flipped.of {
        0 => NOTHING.to_owned(),
        of => format!("{}/{of}", cell.flipped.count),
    };
    format!("{flipped}; {}/{}", cell.pairs.count, cell.pairs.of)
}

/// What a comparison of two models comes to, in a word or two.
pub fn called(change: &Change) -> &'static str {
    match change.call {
        Call::Worse => "worse",
        Call::NotWorse => "not shown worse",
        Call::TooFew => "too few to tell",
    }
}
