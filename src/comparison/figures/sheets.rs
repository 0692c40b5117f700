//! A comparison as tables for people.

use super::{
    IS_ACCURACY, answers, change, created, created_group, errors, kept_back, matched_errors,
    of_endpoints, region, slice, spot, unseen, which,
};
use crate::comparison::{BlindSpotTable, Comparison, Slice, SliceTable};
use crate::records::Arm;
use crate::support::figures::{Line, Sheet};

/// Said where no arm could be judged.
pub const NOTHING_JUDGED: &str =
    "No arm with lessons was trained, so there is nothing to judge: see the controls.";
/// Said beside figures on *check*.
pub const CHECK_IS_FOR_CHOOSING: &str =
    "*check* is read every round (used for choosing); only *final* gives a verdict.";
/// What an arm is.
pub const ARM: &str = "Every arm trains for the same number of steps and adds equally many texts; \
    only where the texts come from differs. A lesson has to beat the best control.";

/// All arms on a slice: confident errors first, then the other endpoints and
/// all answers.
pub fn of_slice(comparison: &Comparison, of: &SliceTable) -> Vec<Sheet> {
    let place = format!("{} · {}", comparison.role, of.slice);
    let [rows, power] = slice();
    let can_show = match of.slice {
        Slice::Source(_) => format!("Power: {}", power.text(of)),
        _ => "Descriptive: verdicts are given for sources only.".to_owned(),
    };
    let mut rows = format!("{} = {:.2}. {can_show}", rows.text(of), comparison.tau);
    if !comparison.corrections.is_empty() {
        rows += &format!(" On {}: {}.", comparison.role, comparison.corrections);
    }
    let sheet = |title: String, figures: &[_]| {
        let mut sheet = Sheet::new(title).words("arm", ARM).figures(figures);
        sheet.lines.extend(of.arms.iter().map(|arm| {
            let line = Line::new(!arm.arm.is_control());
            let line = line.explained(arm.arm.to_string(), Some(arm.arm.meaning()));
            line.figures(figures, arm)
        }));
        sheet
    };
    let all = format!("{place} · all answers");
    let mut confident = sheet(place, &errors()).note(rows);
    if of.is_accuracy() {
        confident = confident.note(IS_ACCURACY);
    }
    let sheets = [
        Some(confident),
        of_endpoints(comparison, of),
        Some(sheet(all, &answers())),
    ];
    sheets.into_iter().flatten().collect()
}

/// An arm and the base on every source: a line for each figure.
pub fn of_arm(comparison: &Comparison, arm: &Arm) -> Sheet {
    let figures: Vec<_> = errors().into_iter().chain(answers()).collect();
    let mut sheet = Sheet::new(arm.to_string()).words("figure", "");
    let names = figures.iter().map(|figure| figure.name);
    sheet.lines = names.map(|name| Line::new(false).words(name)).collect();
    let shown = |of: &Arm| of == arm || *of == Arm::Reference;
    for slice in &comparison.slices {
        let is_source = matches!(slice.slice, Slice::Source(_));
        for of in slice.arms.iter().filter(|of| is_source && shown(&of.arm)) {
            let head = format!("{}, {} (n = {})", slice.slice, of.arm, slice.rows);
            sheet = sheet.words(&head, "");
            for (line, figure) in sheet.lines.iter_mut().zip(&figures) {
                *line = std::mem::take(line).words(figure.text(of));
            }
        }
    }
    sheet
}

/// The regions of all blind spots under the lessons and, beside them, as many
/// steps without; then the errors that no teacher saw.
pub fn of_blind_spots(comparison: &Comparison) -> Vec<Sheet> {
    let (before, after) = (spot(), region());
    let title = format!("{} · unknown unknowns by blind spot", comparison.role);
    let mut regions = Sheet::new(title)
        .note(
            "In the region of each blind spot, before → after, means over seeds (descriptive; \
             read nothing into fewer than 30 rows).",
        )
        .figures(&before)
        .words("arm", ARM)
        .figures(&after);
    let (errors, became) = ([which(), unseen()], kept_back());
    let mut kept_back = Sheet::new("discovery · errors kept back from teachers")
        .note("Before → after, means over seeds; beside the lessons, as many steps without them.")
        .figures(&errors)
        .words("arm", ARM)
        .figures(&became);
    for spot in &comparison.blind_spots {
        let arms = spot.arms.iter();
        for arm in arms.filter(|of| of.arm == Arm::Base || !of.arm.is_control()) {
            let line = |before: &[_], after: &[_]| {
                let line = Line::new(!arm.arm.is_control()).figures(before, spot);
                line.words(arm.arm.to_string()).figures(after, arm)
            };
            regions.lines.push(line(&before, &after));
            if arm.kept_back.is_some() {
                kept_back.lines.push(line(&errors, &became));
            }
        }
    }
    let sheets = [regions, kept_back].into_iter();
    sheets.filter(|sheet| !sheet.lines.is_empty()).collect()
}

/// All arms in the region of one blind spot.
pub fn of_region(comparison: &Comparison, of: &BlindSpotTable) -> Sheet {
    let mut size: Vec<String> = spot()[1..].iter().map(|figure| figure.said(of)).collect();
    let mut figures = region();
    if of.kept_back > 0 {
        size.push(unseen().said(of));
        figures.extend(kept_back());
    }
    let mut sheet = Sheet::new(format!("Its region on {}", comparison.role))
        .note(format!("{}. Descriptive.", size.join(", ")))
        .words("arm", ARM)
        .figures(&figures);
    sheet.lines.extend(of.arms.iter().map(|arm| {
        let line = Line::new(!arm.arm.is_control()).words(arm.arm.to_string());
        line.figures(&figures, arm)
    }));
    sheet
}

/// Errors that retraining made; nothing where nobody looked.
pub fn of_created(comparison: &Comparison) -> Option<Sheet> {
    let (count, group) = (created(), created_group());
    let mut sheet = Sheet::new(format!(
        "discovery and {} · created unknown unknowns",
        comparison.role
    ))
    .words("arm", ARM)
    .figures(&count)
    .figures(&group);
    for created in &comparison.created {
        let line = || {
            let line = Line::new(false).words(created.arm.to_string());
            line.figures(&count, created)
        };
        let groups = created.groups.iter();
        sheet
            .lines
            .extend(groups.map(|of| line().figures(&group, of)));
        if created.groups.is_empty() {
            sheet
                .lines
                .push(group.iter().fold(line(), |line, _| line.words("")));
        }
    }
    (!sheet.lines.is_empty()).then_some(sheet)
}

/// The judged arms of all rounds, one line for each arm and source.
pub fn history<'a>(comparisons: impl Iterator<Item = (u32, &'a Comparison)>) -> Sheet {
    let figures = [matched_errors(), change()];
    let mut sheet = Sheet::new("All rounds");
    for head in ["round", "role", "source", "arm", "base"] {
        sheet = sheet.words(head, "");
    }
    sheet = sheet.figures(&figures).words("verdict", "");
    for (round, comparison) in comparisons {
        for (slice, arm, verdict) in comparison.verdicts() {
            let base = comparison.slice(slice).and_then(|table| table.arms.first());
            let line = Line::new(false)
                .words(round.to_string())
                .words(comparison.role.to_string())
                .words(slice.to_string())
                .words(arm.arm.to_string())
                .words(base.map_or_else(String::new, |base| figures[0].text(base)));
            let line = line.figures(&figures, arm);
            sheet.lines.push(line.words(verdict.call.to_string()));
        }
    }
    sheet
}
