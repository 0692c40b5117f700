//! The endpoints of an arm, each against its controls.

use crate::comparison::{ArmFigures, Comparison, EndpointFigures, SliceTable, Versus};
use crate::records::Endpoint;
use crate::support::figures::{Figure, Line, NOTHING, Sheet, figure};
use crate::support::text::{many, signed};

/// Said of rows that the base holds nearly all above τ.
pub const IS_ACCURACY: &str = "The base holds more than three quarters of these rows with \
    confidence τ or more, so errors in c are accuracy by another name here, and cannot judge.";

/// An endpoint of an arm against one control.
pub struct EndpointAgainst {
    endpoint: Endpoint,
    value: f64,
    versus: Option<Versus>,
}

/// Every endpoint of an arm against every control; one without controls stands
/// by itself.
pub fn endpoints_against(arm: &ArmFigures) -> Vec<EndpointAgainst> {
    let each = |measured: EndpointFigures| {
        let against = |versus| EndpointAgainst {
            endpoint: measured.endpoint,
            value: measured.value,
            versus,
        };
        match measured.versus.is_empty() {
            true => vec![against(None)],
            false => measured
                .versus
                .iter()
                .cloned()
                .map(Some)
                .map(against)
                .collect(),
        }
    };
    arm.endpoints().flat_map(each).collect()
}

/// Endpoints against controls, for files.
pub fn endpoint_against() -> Vec<Figure<EndpointAgainst>> {
    vec![
        figure("endpoint").words("endpoint", |row: &EndpointAgainst| row.endpoint.key()),
        figure("figure").number("value", 4, |row: &EndpointAgainst| row.value),
        figure("control").words("control", |row: &EndpointAgainst| {
            row.versus.as_ref().map(|versus| versus.control.to_string())
        }),
        figure("difference (95 %)")
            .print("{difference} ({lower} to {upper})")
            .signed("difference", 4, |row: &EndpointAgainst| {
                row.versus.as_ref().map(|versus| versus.difference.mean)
            })
            .signed("lower", 4, |row| {
                row.versus
                    .as_ref()
                    .map(|versus| versus.difference.interval.lower)
            })
            .signed("upper", 4, |row| {
                row.versus
                    .as_ref()
                    .map(|versus| versus.difference.interval.upper)
            })
            .number("standard_error", 4, |row| {
                row.versus
                    .as_ref()
                    .map(|versus| versus.difference.standard_error)
            })
            .number("degrees_of_freedom", 1, |row| {
                row.versus
                    .as_ref()
                    .map(|versus| versus.difference.degrees_of_freedom)
            }),
        figure("one-sided p of better and of worse")
            .print("{p_better} / {p_worse}")
            .number("p_better", 3, |row: &EndpointAgainst| {
                row.versus.as_ref().map(|versus| versus.p_better)
            })
            .number("p_worse", 3, |row| {
                row.versus.as_ref().map(|versus| versus.p_worse)
            }),
    ]
}

/// A difference to a control as people read it: “−3.1 (−7.0 to +0.8)”.
pub fn said_difference(endpoint: Endpoint, versus: &Versus) -> String {
    let (digits, interval) = (endpoint.digits(), &versus.difference.interval);
    format!(
        "{} ({} to {})",
        signed(versus.difference.mean, digits),
        signed(interval.lower, digits),
        signed(interval.upper, digits)
    )
}

/// All endpoints of all arms on a slice, each with its difference to the best
/// control; nothing where an earlier version measured one of them only.
pub fn of_endpoints(comparison: &Comparison, of: &SliceTable) -> Option<Sheet> {
    if of.arms.iter().all(|arm| arm.beside.is_empty()) {
        return None;
    }
    let judged = comparison.endpoints.judged(of.confident, of.rows);
    let mut sheet = Sheet::new(format!("{} · {} · endpoints", comparison.role, of.slice)).note(
        "Each with its difference to the best control on it (95 %, over seeds and groups of rows). \
         What was not named as primary is descriptive.",
    );
    if of.is_accuracy() {
        sheet = sheet.note(IS_ACCURACY);
    }
    sheet = sheet.words("arm", super::ARM);
    for endpoint in Endpoint::ALL {
        let name = match judged.first() == Some(&endpoint) {
            true => format!("{endpoint} (primary)"),
            false => endpoint.to_string(),
        };
        sheet = sheet.words(&name, endpoint.meaning());
    }
    for arm in &of.arms {
        let mut line = Line::new(!arm.arm.is_control());
        line = line.explained(arm.arm.to_string(), Some(arm.arm.meaning()));
        for endpoint in Endpoint::ALL {
            line = match arm.on(endpoint) {
                Some((value, versus)) => cell(line, endpoint, value, versus.first()),
                None => line.words(NOTHING),
            };
        }
        sheet.lines.push(line);
    }
    Some(sheet)
}

fn cell(line: Line, endpoint: Endpoint, value: f64, best: Option<&Versus>) -> Line {
    let (digits, [unit, _]) = (endpoint.digits(), endpoint.units());
    let value = format!("{value:.digits$}{unit}");
    match best {
        None => line.words(value),
        Some(best) => {
            let against = format!(
                "against {}, {}",
                best.control,
                many(best.difference.seeds, "seed")
            );
            let text = format!("{value}; {}", said_difference(endpoint, best));
            line.explained(text, Some(against))
        }
    }
}
