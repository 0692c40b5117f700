//! The figures of a blind spot's region, before and after.

use super::BECAME;
use crate::comparison::{BlindSpotFigures, BlindSpotTable};
use crate::support::figures::{Figure, figure};

/// Which blind spot.
pub fn which() -> Figure<BlindSpotTable> {
    figure("blind spot")
        .print("{blind_spot} {name}")
        .words("blind_spot", |spot: &BlindSpotTable| spot.blind_spot.0)
        .words("name", |spot| spot.name.clone())
        .words("taught", |spot| spot.taught)
}

/// The errors that no teacher saw.
pub fn unseen() -> Figure<BlindSpotTable> {
    figure("kept back")
        .whole("kept_back", |spot: &BlindSpotTable| spot.kept_back)
        .meaning("Errors of the blind spot in discovery that no teacher saw.")
}

/// A blind spot and its region before.
pub fn spot() -> Vec<Figure<BlindSpotTable>> {
    vec![
        which(),
        figure("rows")
            .whole("rows", |spot: &BlindSpotTable| spot.rows)
            .meaning(
                "Rows in the region: as near to the blind spot's centre as nine in ten of its own \
                 errors, right or wrong.",
            ),
        figure("enough rows")
            .words("enough_rows", |spot: &BlindSpotTable| spot.enough_rows)
            .meaning(
                "Whether there are the 30 rows that it takes to read anything into the counts.",
            ),
        figure("before")
            .whole("before", |spot: &BlindSpotTable| spot.before.count)
            .meaning("Unknown unknowns of the base in the region."),
    ]
}

/// An arm in the region.
pub fn region() -> Vec<Figure<BlindSpotFigures>> {
    vec![
        figure("after (95 % of the share)")
            .print("{after} ({share_lower}–{share_upper} %)")
            .number("after", 1, |arm: &BlindSpotFigures| arm.after.count)
            .share("share_lower", 0, |arm| arm.after.share.lower)
            .share("share_upper", 0, |arm| arm.after.share.upper)
            .meaning(
                "Unknown unknowns of the arm in the region, with 95 % Wilson bounds of their \
                 share of its rows. Descriptive.",
            ),
        figure("corrected / quieted / remaining / new")
            .print("{corrected} / {quieted} / {remaining} / {new}")
            .number("corrected", 1, |arm: &BlindSpotFigures| {
                arm.outcomes.corrected
            })
            .number("quieted", 1, |arm| arm.outcomes.quieted)
            .number("remaining", 1, |arm| arm.outcomes.remaining)
            .number("new", 1, |arm| arm.outcomes.new)
            .meaning(BECAME),
    ]
}

/// What became of the errors that no teacher saw.
pub fn kept_back() -> Vec<Figure<BlindSpotFigures>> {
    vec![
        figure("kept back: corrected / quieted / remaining")
            .print("{kept_back_corrected} / {kept_back_quieted} / {kept_back_remaining}")
            .number("kept_back_corrected", 1, |arm: &BlindSpotFigures| {
                arm.kept_back.map(|outcomes| outcomes.corrected)
            })
            .number("kept_back_quieted", 1, |arm| {
                arm.kept_back.map(|outcomes| outcomes.quieted)
            })
            .number("kept_back_remaining", 1, |arm| {
                arm.kept_back.map(|outcomes| outcomes.remaining)
            })
            .meaning(
                "What became of the errors in discovery that no teacher saw. An arm that may have \
                 been trained on them is not asked.",
            ),
    ]
}
