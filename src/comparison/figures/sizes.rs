//! Curves over sizes as figures: each arm, each size, each endpoint.

use crate::comparison::intervals::Interval;
use crate::comparison::sizes::{ArmCurve, SizeCurves, SourceCurves, Worth};
use crate::records::Endpoint;
use crate::support::figures::{Figure, Line, Sheet, figure};

/// What a curve over sizes shows.
pub const SIZES: &str = "Each arm over the number of examples that it adds, mean over seeds; the \
    band is the 95 % interval of the difference to the untouched base, over seeds and groups of \
    rows.";

/// One endpoint of one arm at one size on one source.
pub struct SizeRow {
    source: String,
    arm: String,
    size: usize,
    money: Option<f64>,
    minutes: Option<f64>,
    endpoint: Endpoint,
    value: f64,
    band: Interval,
}

/// All points of the curves.
pub fn size_rows(curves: &SizeCurves) -> Vec<SizeRow> {
    let of_arm = |source: &SourceCurves, curve: &ArmCurve| -> Vec<SizeRow> {
        let points = curve.points.iter().flat_map(|point| {
            let figures = Endpoint::ALL.into_iter().zip(&point.figures);
            figures.map(|(endpoint, (value, band))| SizeRow {
                source: source.source.clone(),
                arm: curve.arm.to_string(),
                size: point.size,
                money: point.money,
                minutes: point.minutes,
                endpoint,
                value: *value,
                band: *band,
            })
        });
        points.collect()
    };
    let sources = curves.sources.iter();
    sources
        .flat_map(|source| {
            source
                .arms
                .iter()
                .flat_map(move |curve| of_arm(source, curve))
        })
        .collect()
}

/// A point of a curve over sizes, for files.
pub fn size_figures() -> Vec<Figure<SizeRow>> {
    vec![
        figure("source").words("source", |row: &SizeRow| row.source.clone()),
        figure("arm").words("arm", |row: &SizeRow| row.arm.clone()),
        figure("added").whole("added", |row: &SizeRow| row.size),
        figure("money").number("money", 2, |row: &SizeRow| row.money),
        figure("minutes of a person").number("person_minutes", 1, |row: &SizeRow| row.minutes),
        figure("endpoint").words("endpoint", |row: &SizeRow| row.endpoint.key()),
        figure("figure (95 %)")
            .print("{value} ({lower} to {upper})")
            .number("value", 4, |row: &SizeRow| row.value)
            .number("lower", 4, |row| row.band.lower)
            .number("upper", 4, |row| row.band.upper),
    ]
}

/// What lessons are worth, for files.
pub fn worth_figures() -> Vec<Figure<(String, Worth)>> {
    vec![
        figure("source").words("source", |row: &(String, Worth)| row.0.clone()),
        figure("arm").words("arm", |row: &(String, Worth)| row.1.arm.to_string()),
        figure("added").whole("added", |row: &(String, Worth)| row.1.size),
        figure("worth in labels (95 %)")
            .print("{labels} ({lower} to {upper})")
            .number("labels", 0, |row: &(String, Worth)| row.1.labels.labels)
            .number("lower", 0, |row| row.1.labels.lower)
            .number("upper", 0, |row| row.1.labels.upper)
            .whole("most_labels_tried", |row| row.1.most_labels),
        figure("money, and that of so many labels")
            .print("{money} / {money_of_labels}")
            .number("money", 2, |row: &(String, Worth)| {
                row.1.money.map(|(own, _)| own)
            })
            .number("money_of_labels", 2, |row| {
                row.1.money.map(|(_, labels)| labels)
            }),
        figure("in words").words("sentence", |row: &(String, Worth)| row.1.sentence.clone()),
    ]
}

/// Each source's worths with its name.
pub fn worths(curves: &SizeCurves) -> Vec<(String, Worth)> {
    let sources = curves.sources.iter();
    sources
        .flat_map(|source| {
            let worths = source.worth.iter();
            worths.map(|worth| (source.source.clone(), worth.clone()))
        })
        .collect()
}

/// The curves as tables, one for each source: a line for each arm, a column for
/// each size, on the endpoint that judges.
pub fn of_sizes(curves: &SizeCurves) -> Vec<Sheet> {
    let sheet = |source: &SourceCurves| {
        let title = format!(
            "source {} · {} by number added",
            source.source, source.endpoint
        );
        let place = source.endpoint.place();
        let base = source.reference.get(place).copied().unwrap_or_default();
        let digits = source.endpoint.digits();
        let mut sheet = Sheet::new(title)
            .note(SIZES)
            .note(format!("Untouched base: {base:.digits$}."))
            .words("arm", super::ARM)
            .words(
                "price of one",
                "What one example costs, and where that number comes from.",
            );
        for size in &curves.sizes {
            sheet = sheet.words(&size.to_string(), "");
        }
        sheet.lines = source
            .arms
            .iter()
            .map(|curve| line(curves, curve, source.endpoint))
            .collect();
        sheet
    };
    curves.sources.iter().map(sheet).collect()
}

fn line(curves: &SizeCurves, curve: &ArmCurve, endpoint: Endpoint) -> Line {
    let mut prices = curves.prices.iter();
    let price = prices
        .find(|(arm, _)| *arm == curve.arm)
        .map(|(_, price)| price);
    let said = price.and_then(|price| price.money).map_or_else(
        || "unknown".to_owned(),
        |money| format!("{money:.3} {}", curves.currency),
    );
    let line = Line::new(!curve.arm.is_control());
    let line = line.explained(curve.arm.to_string(), Some(curve.arm.meaning()));
    let line = line.explained(said, price.map(|price| price.from.clone()));
    let digits = endpoint.digits();
    curves.sizes.iter().fold(line, |line, size| {
        let point = curve.points.iter().find(|point| point.size == *size);
        let figure = point.and_then(|point| point.figures.get(endpoint.place()));
        line.words(figure.map_or_else(String::new, |(value, band)| {
            format!(
                "{value:.digits$} ({:.digits$} to {:.digits$})",
                band.lower, band.upper
            )
        }))
    })
}
