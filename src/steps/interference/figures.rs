//! Interference as people read it, the same on every face.

use super::{Measured, TaughtAlone};
use crate::comparison::interference::{Cell, Effect, Place, PlaceOf};
use crate::comparison::intervals::Interval;
use crate::comparison::outcomes::FEWEST_ROWS;
use crate::support::figures::{Line, Sheet};
use crate::support::text::{agreeing, many, mean_count, shortened, signed};

/// Characters of a name of a lesson at most.
const LONGEST_NAME: usize = 48;
/// Characters of a name of a source at the head of a column at most.
const LONGEST_HEAD: usize = 16;

/// What the figures are.
const MEANING: &str = "Each lesson taught alone, Quick, against as many steps with nothing added: \
    errors among the c most confident rows of a place on check.";
/// When something is said of a cell.
const WORDS: &str = "“Perhaps”: the cell's own 95 % interval leaves 0 out, and Holm's correction \
    over all cells does not agree. No word: no evidence. In brackets: fewer rows than words need.";

/// Places, lessons by places, and what that comes to.
pub fn sheets(measured: &Measured) -> Vec<Sheet> {
    vec![places(measured), matrix(measured)]
}

fn places(measured: &Measured) -> Sheet {
    let mut sheet = Sheet::new("Places on check")
        .words("place", "")
        .words("", "")
        .words("rows", "")
        .words("c", "Rows that the base holds with confidence at least τ")
        .words("errors among c", "Of the arm that nothing is added to")
        .words("unknown unknowns", "Of the same, after temperature scaling");
    for place in &measured.matrix.places {
        let name = match &place.of {
            PlaceOf::BlindSpot { name, .. } => shortened(name, LONGEST_NAME),
            _ => String::new(),
        };
        sheet.lines.push(
            Line::new(false)
                .words(head(place))
                .words(name)
                .words(place.rows.to_string())
                .words(place.confident.to_string())
                .words(mean_count(tenths(place.errors)))
                .words(mean_count(tenths(place.unknown_unknowns))),
        );
    }
    sheet
}

fn matrix(measured: &Measured) -> Sheet {
    let mut sheet = Sheet::new("What each lesson does, taught alone")
        .words("lesson", "")
        .words("samples", "");
    for place in &measured.matrix.places {
        sheet = sheet.words(&head(place), "");
    }
    sheet.notes = vec![MEANING.to_owned(), looked_at(measured), WORDS.to_owned()];
    sheet.notes.extend(measured.notes.iter().cloned());
    for (row, (lesson, cells)) in lessons(measured).enumerate() {
        let mut line = Line::new(false)
            .words(shortened(&lesson.title(), LONGEST_NAME))
            .words(lesson.samples.to_string());
        for (place, cell) in cells.iter().enumerate() {
            let detail = said(measured, row, place);
            line = line.explained(short(cell, &measured.matrix.places[place]), detail);
        }
        sheet.lines.push(line);
    }
    sheet
}

fn lessons(measured: &Measured) -> impl Iterator<Item = (&TaughtAlone, &Vec<Cell>)> + use<'_> {
    measured.lessons.iter().zip(&measured.matrix.cells)
}

/// How many cells were looked at, and what chance alone would make of them.
pub fn looked_at(measured: &Measured) -> String {
    let matrix = &measured.matrix;
    format!(
        "{} with {FEWEST_ROWS} rows or more {} looked at, {} each: about {:.1} would leave 0 out by \
         chance alone.",
        many(matrix.judged, "cell"),
        agreeing(matrix.judged, "was", "were"),
        many(measured.seeds.len(), "seed"),
        matrix.by_chance()
    )
}

/// What a place is called at the head of a column.
pub fn head(place: &Place) -> String {
    match &place.of {
        PlaceOf::Everywhere => "all rows".to_owned(),
        PlaceOf::Source(name) => shortened(name, LONGEST_HEAD),
        PlaceOf::BlindSpot { id, .. } => format!("spot {id}"),
    }
}

/// What a place is called in a sentence.
pub fn in_words(place: &Place) -> String {
    match &place.of {
        PlaceOf::Everywhere => "all rows together".to_owned(),
        PlaceOf::Source(name) => format!("the source {name}"),
        PlaceOf::BlindSpot { id, name } => {
            format!("blind spot {id}, {}", shortened(name, LONGEST_NAME))
        }
    }
}

/// “−3.3”, “+2.0 hurt”, “(+1.0)” where there are too few rows.
fn short(cell: &Cell, place: &Place) -> String {
    let change = change(cell);
    match (
        place.is_judged(),
        cell.effect.is_harm() || cell.effect.is_gain(),
    ) {
        (false, _) => format!("({change})"),
        (true, true) => format!("{change} {}", cell.effect.name()),
        (true, false) => change,
    }
}

/// The change of errors, with its sign.
pub fn change(cell: &Cell) -> String {
    signed(cell.errors.difference.mean, 1)
}

/// All figures of a cell, in a sentence or two.
pub fn said(measured: &Measured, lesson: usize, place: usize) -> Option<String> {
    let cell = measured.matrix.cells.get(lesson)?.get(place)?;
    let of = measured.matrix.places.get(place)?;
    let own = match measured.is_own(lesson, place) {
        true => ", its own",
        false => "",
    };
    let after = of.errors + cell.errors.difference.mean;
    let mut said = format!(
        "{}{own}: {}. {} → {} errors among the {} most confident of {} rows ({}, {}{}); unknown \
         unknowns {} ({})",
        in_words(of),
        cell.effect.name(),
        mean_count(tenths(of.errors)),
        mean_count(tenths(after)),
        of.confident,
        of.rows,
        change(cell),
        interval(&cell.errors.difference.interval),
        match of.is_judged() {
            true => format!(", p = {:.3} after Holm", cell.p),
            false => String::new(),
        },
        signed(cell.unknown_unknowns.difference.mean, 1),
        interval(&cell.unknown_unknowns.difference.interval),
    );
    if of.is_accuracy() {
        said += ". The base is sure of more than three quarters of these rows: these errors are \
                 accuracy by another name";
    }
    Some(said)
}

fn interval(interval: &Interval) -> String {
    format!(
        "95 % interval {} to {}",
        signed(interval.lower, 1),
        signed(interval.upper, 1)
    )
}

fn tenths(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

/// What is to be said of a lesson that did harm somewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Harm {
    /// Its number.
    pub lesson: usize,
    /// Whether the correction for all cells agrees somewhere.
    pub is_certain: bool,
    /// Where it hurt and where it helped.
    pub said: String,
}

/// Where no lesson did.
pub const NO_HARM: &str = "No lesson did harm that could be shown.";

/// The lessons that did harm somewhere, the certain ones first.
pub fn harms(measured: &Measured) -> Vec<Harm> {
    let mut harms: Vec<Harm> = (lessons(measured).enumerate())
        .filter(|(_, (_, cells))| cells.iter().any(|cell| cell.effect.is_harm()))
        .map(|(lesson, (taught, cells))| Harm {
            lesson,
            is_certain: cells.iter().any(|cell| cell.effect == Effect::Hurt),
            said: format!("“{}” {}", taught.title(), where_what(measured, lesson)),
        })
        .collect();
    harms.sort_by_key(|harm| !harm.is_certain);
    harms
}

/// “hurt in … (+3.0), perhaps helped in … (−2.0)”: harm first; nothing of cells
/// without evidence.
pub fn where_what(measured: &Measured, lesson: usize) -> String {
    let cells = &measured.matrix.cells[lesson];
    let order = [
        Effect::Hurt,
        Effect::PerhapsHurt,
        Effect::Helped,
        Effect::PerhapsHelped,
    ];
    let parts = order.into_iter().filter_map(|effect| {
        let there = cells.iter().zip(&measured.matrix.places);
        let there: Vec<String> = there
            .filter(|(cell, _)| cell.effect == effect)
            .map(|(cell, place)| format!("{} ({})", in_words(place), change(cell)))
            .collect();
        (!there.is_empty()).then(|| format!("{} in {}", effect.name(), there.join(" and ")))
    });
    parts.collect::<Vec<_>>().join("; ")
}
