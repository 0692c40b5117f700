//! Adds the verdicts to the tables of the sources.

use super::curves::crossing;
use super::guard::Guard;
use super::input::ComparisonInput;
use super::intervals::holm;
use super::table::{ArmFigures, Slice, SliceTable};
use super::verdict::{Claim, Evidence, Verdict, judge};
use super::versus::against_all;
use crate::records::{Arm, Endpoint};

/// Judges every arm that makes a claim on every source.
pub(super) fn add_verdicts(input: &ComparisonInput, tables: &mut [SliceTable]) {
    let in_domain = in_domain(input, tables).cloned();
    let guard = |arm: &Arm| {
        let Some(table) = &in_domain else {
            return Guard::Unknown;
        };
        let figures = table.arm(arm);
        let change = figures.map(|figures| figures.accuracy_change);
        Guard::new(change, table.rows, table.groups)
    };
    let absent = absent_controls(input);
    for table in tables {
        if matches!(table.slice, Slice::Source(_)) {
            let verdicts = verdicts(input, table, &guard, &absent);
            for (arm, verdict) in verdicts {
                table.arms[arm].verdict = Some(verdict);
            }
        }
    }
}

/// The verdicts on the arms of a source, with their places in its table.
fn verdicts(
    input: &ComparisonInput,
    table: &SliceTable,
    guard: &dyn Fn(&Arm) -> Guard,
    absent: &[Arm],
) -> Vec<(usize, Verdict)> {
    let arms = table.arms.iter().enumerate();
    let (claiming, controls): (Vec<_>, Vec<_>) = arms.partition(|(_, of)| !of.arm.is_control());
    let endpoints = input.endpoints.judged(table.confident, table.rows);
    let tests = claiming.iter().flat_map(|(_, arm)| {
        let versus = endpoints.iter().filter_map(|endpoint| arm.on(*endpoint));
        versus.map(|(_, versus)| against_all(versus))
    });
    let mut adjusted = holm(&tests.collect::<Vec<f64>>()).into_iter();
    let reference = controls.first().map(|(_, figures)| *figures);
    let mut verdicts = Vec::new();
    for (place, figures) in claiming {
        let claims = endpoints.iter().filter_map(|endpoint| {
            let (value, versus) = figures.on(*endpoint)?;
            Some(Claim {
                endpoint: *endpoint,
                value,
                reference: reference?.on(*endpoint)?.0,
                versus,
                p_adjusted: adjusted.next()?,
            })
        });
        let claims: Vec<Claim> = claims.collect();
        let Some((primary, also)) = claims.split_first() else {
            continue;
        };
        let verdict = judge(&Evidence {
            arm: &figures.arm,
            place: &table.slice.to_string(),
            role: input.role,
            rows: table.rows,
            confident: table.confident,
            groups: table.groups,
            named: input.endpoints.primary,
            primary: *primary,
            also,
            complete: primary.versus.len() == controls.len(),
            absent,
            guard: &guard(&figures.arm),
            crossing: crossing_of(table, figures, primary.endpoint).as_deref(),
        });
        verdicts.push((place, verdict));
    }
    verdicts
}

/// Where the risk–coverage curve of an arm crosses that of its best control.
fn crossing_of(table: &SliceTable, arm: &ArmFigures, endpoint: Endpoint) -> Option<String> {
    let (_, versus) = arm.on(endpoint)?;
    let control = table.arm(&versus.first()?.control)?;
    let curves = [&arm.curves, &control.curves].map(|curves| curves.risk_coverage.as_slice());
    crossing(curves, table.rows, &control.arm.to_string())
}

/// The table on which the guard looks at in-domain accuracy.
fn in_domain<'a>(input: &ComparisonInput, tables: &'a [SliceTable]) -> Option<&'a SliceTable> {
    let all = tables.iter().find(|table| table.slice == Slice::InDomain);
    all.or_else(|| {
        let only = input.sources.iter().find(|source| source.in_domain)?;
        let slice = Slice::Source(only.name.clone());
        tables.iter().find(|table| table.slice == slice)
    })
}

/// Controls that were not among the arms asked for. One that was, but had
/// nothing to add, is not missing.
fn absent_controls(input: &ComparisonInput) -> Vec<Arm> {
    let controls = Arm::CONTROLS.iter();
    let asked_for = |control: &Arm| input.arms.iter().any(|asked| asked.arm == *control);
    controls
        .filter(|control| !asked_for(control))
        .cloned()
        .collect()
}
