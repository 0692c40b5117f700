//! Proposals and what came of them as figures: described once for command
//! line, window, report and files.

use super::{FollowUp, Proposal};
use crate::records::BlindSpotId;
use crate::support::figures::{Figure, Line, Sheet, figure};

/// What a proposal is, for whoever reads it.
pub const MEANING: &str = "Proposed by plain rules from what is measured: look at labels that the \
    nearest texts speak against; retrain where lessons wait for it; collect where there are too few errors; teach; split what is made \
    of parts; drop a lesson that never helped; leave to a person what stays after a round that \
    taught it. Nothing is done by itself.";

/// What is proposed.
pub fn proposed() -> Vec<Figure<Proposal>> {
    vec![
        figure("next")
            .words("action", |one: &Proposal| one.action.name())
            .meaning(MEANING),
        figure("why").words("reason", |one: &Proposal| one.reason.clone()),
        figure("how").words("how", |one: &Proposal| one.action.how()),
    ]
}

/// What came of it.
pub fn followed() -> Vec<Figure<FollowUp>> {
    vec![
        figure("round").whole("round", |one: &FollowUp| one.round),
        figure("blind spot")
            .print("{blind_spot}. {name}")
            .words("blind_spot", |one: &FollowUp| one.blind_spot.to_string())
            .words("name", |one| one.name.clone()),
        figure("proposed")
            .words("proposed", |one: &FollowUp| one.proposed.name())
            .words("proposed_reason", |one| one.reason.clone())
            .detail(|one| one.reason.clone())
            .meaning("What the rules propose by what was known before the round."),
        figure("done")
            .words("done", |one: &FollowUp| one.done.clone())
            .meaning("What people did about it until the round was trained."),
        figure("errors before")
            .words("before", |one: &FollowUp| one.before.to_string())
            .meaning("Confident errors of the base among the texts of check in its region."),
        figure("after")
            .words("after", |one: &FollowUp| {
                one.after.map(|after| after.to_string())
            })
            .meaning("The same under the model of the round, mean over seeds."),
        figure("with nothing added")
            .words("with_nothing", |one: &FollowUp| {
                one.with_nothing.map(|after| after.to_string())
            })
            .meaning("The same after as many training steps with nothing added."),
        figure("unseen errors, right after")
            .words("unseen_corrected", |one: &FollowUp| {
                one.unseen_corrected.map(|rate| rate.to_string())
            })
            .meaning(
                "Its errors in discovery that were kept back from teachers and are right now.",
            ),
    ]
}

/// The proposals as a table; `name` names a blind spot.
pub fn proposal_sheet(proposals: &[Proposal], name: impl Fn(BlindSpotId) -> String) -> Sheet {
    let figures = proposed();
    let mut sheet = Sheet::new("What to do next")
        .note(MEANING)
        .words("blind spot", "")
        .figures(&figures);
    sheet.lines.extend(proposals.iter().map(|one| {
        let line = Line::new(false).words(format!("{}. {}", one.blind_spot, name(one.blind_spot)));
        line.figures(&figures, one)
    }));
    sheet
}

/// What came of the proposals as a table.
pub fn follow_up_sheet(followed_up: &[FollowUp]) -> Sheet {
    Sheet::of(
        "What was proposed, and what came of it",
        &followed(),
        followed_up,
    )
    .note("Errors on check, used for choosing: no verdict.")
}
