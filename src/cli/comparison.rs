//! The comparison as a person reads it: what to take home, verdicts, then the
//! figures of each source, then each blind spot.

use super::table::sheet;
use crate::comparison::figures::{
    CHECK_IS_FOR_CHOOSING, NOTHING_JUDGED, of_blind_spots, of_created, of_sizes, of_slice,
};
use crate::comparison::{Comparison, Spent, TakeHome, headlines};
use crate::records::Role;

/// The comparison as text, with what its main arm cost if that is known.
pub(super) fn text(comparison: &Comparison, spent: Option<&Spent>) -> String {
    let take_home = TakeHome::new(comparison, spent);
    let in_short = take_home.map(|found| format!("In short\n  {}\n", found.sentence));
    let slices = comparison.slices.iter();
    let slices = slices.flat_map(|slice| of_slice(comparison, slice));
    let sizes = comparison.sizes.iter().flat_map(of_sizes);
    let sheets = sizes
        .chain(slices)
        .chain(of_blind_spots(comparison))
        .chain(of_created(comparison));
    let tables = sheets.map(|of| format!("\n{}", sheet(&of)));
    let not_run = comparison.not_run.iter();
    let not_run = not_run.map(|arm| format!("  {arm}: {}\n", arm.nothing_to_add()));
    let lines = (in_short.into_iter())
        .chain(worths(comparison))
        .chain([verdicts(comparison)])
        .chain(tables)
        .chain(not_run);
    lines.collect()
}

/// What lessons are worth, if that was measured: it is said first.
fn worths(comparison: &Comparison) -> Option<String> {
    let curves = comparison.sizes.as_ref()?;
    let mut text = format!("What lessons are worth on {}\n", comparison.role);
    for worth in curves.worths() {
        text += &format!("  {}\n", worth.sentence);
    }
    Some(text)
}

fn verdicts(comparison: &Comparison) -> String {
    let all = headlines(comparison);
    let mut text = format!("Verdict on {}\n", comparison.role);
    if all.is_empty() {
        text += &format!("  {NOTHING_JUDGED}\n");
    }
    for headline in all {
        let verdict = headline.verdict;
        text += &format!("  [{}] {}\n", verdict.call, headline.sentence);
        text += &format!("    {}\n", verdict.sentence);
    }
    if comparison.role == Role::Check {
        text += &format!("  {CHECK_IS_FOR_CHOOSING}\n");
    }
    text
}
