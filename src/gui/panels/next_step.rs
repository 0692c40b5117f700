//! The one thing to do next in the loop, as the steps stand.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::no_errors::{at_lower_tau, ways_on};
use super::spot_list::has_no_errors;
use crate::comparison::headline::headlines;
use crate::comparison::verdict::why_no_verdict;
use crate::gui::read::{Cx, Read};
use crate::gui::view_state::{Confirm, FilePurpose, OpenFinal, SpotRef, Stage, ViewState};
use crate::records::{RecordId, Role};
use crate::session::{Command, JobKind};
use crate::steps::RoundResult;
use crate::steps::interference::{USUAL_SEEDS, is_measured};
use crate::steps::next_action::NextAction as Proposed;
use crate::support::text::many;

/// What to do next.
#[derive(Debug, Clone, PartialEq)]
pub struct NextAction {
    /// On the button.
    pub label: Cow<'static, str>,
    /// Under the button.
    pub why: String,
    /// What the button does.
    pub act: Act,
}

/// What the button says, what is under it, and what it does.
type Said = (Cow<'static, str>, String, Act);

/// What the next action does.
#[derive(Debug, Clone, PartialEq)]
pub enum Act {
    /// A command.
    Do(Command),
    /// Asks for a file.
    Ask(FilePurpose),
    /// Shows something.
    Go(Stage),
    /// Shows the lesson on a blind spot.
    Teach(SpotRef),
    /// Asks why *final* is to be opened.
    OpenFinal(OpenFinal),
}

impl Act {
    /// Does it.
    pub fn follow(self, cx: &mut Cx<'_>) {
        match self {
            Act::Do(command) => cx.ask(command),
            Act::Ask(purpose) => cx.view.confirm = Some(purpose.ask(cx.state)),
            Act::Go(stage) => cx.view.stage = stage,
            Act::Teach(spot) => {
                if let Some(facts) = cx.derived.spot(spot) {
                    cx.choose_spot(facts);
                }
                cx.view.stage = Stage::Teach;
            }
            Act::OpenFinal(question) => {
                cx.view.stage = Stage::Compare;
                cx.view.final_shown = true;
                cx.view.confirm = Some(Confirm::OpenFinal(question));
            }
        }
    }
}

/// Accepted samples that are trained on.
pub fn samples(read: &Read<'_>) -> usize {
    let lessons = read.state.document.lessons.values();
    lessons
        .map(|lesson| lesson.training_samples().count())
        .sum()
}

/// Accepted samples that no round has used or left out.
fn new_samples(read: &Read<'_>) -> usize {
    let rounds = read.state.rounds.iter();
    let taught = rounds.flat_map(|result| &result.round.taught);
    let known: BTreeSet<&RecordId> = taught
        .flat_map(|lesson| lesson.uses().map(|(id, _)| id).chain(&lesson.left_out))
        .collect();
    let lessons = read.state.document.lessons.values();
    let accepted =
        lessons.flat_map(|lesson| lesson.training_samples().chain(lesson.test_samples()));
    accepted
        .filter(|sample| !known.contains(&sample.id))
        .count()
}

/// The one thing to do now; none while work that must finish first is running.
pub fn next_action(read: &Read<'_>, view: &ViewState) -> Option<NextAction> {
    let state = read.state;
    let blocking = [
        JobKind::Open,
        JobKind::Fit,
        JobKind::Score,
        JobKind::Freeze,
        JobKind::Retrain,
    ];
    if blocking.into_iter().any(|kind| read.is_busy(kind)) {
        return None;
    }
    let nothing_frozen = (state.snapshot()).is_none_or(|of| of.blind_spots.is_empty());
    let (samples, new) = (samples(read), new_samples(read));
    let (label, why, act): Said = if state.predictions.is_none() {
        without_answers(read)
    } else if nothing_frozen {
        if has_no_errors(read) {
            return without_errors(read);
        }
        (
            "Freeze the blind spots".into(),
            "Names, triage and lessons attach to a frozen version".into(),
            Act::Do(Command::Freeze),
        )
    } else if state.black_box {
        (
            "Write the report".into(),
            "There is no model to retrain; its blind spots can be handed on".into(),
            Act::Ask(FilePurpose::Report),
        )
    } else if samples == 0 {
        to_teach(read, view)?
    } else if state.rounds.is_empty() {
        let why = format!("{} waiting", many(samples, "sample"));
        ("Retrain the model".into(), why, Act::Go(Stage::Retrain))
    } else if new > 0 {
        let why = format!("{} since the last round", many(new, "new sample"));
        ("Retrain the model".into(), why, Act::Go(Stage::Retrain))
    } else {
        after_a_round(read, view)?
    };
    Some(NextAction { label, why, act })
}

/// What leads to the model's answers.
fn without_answers(read: &Read<'_>) -> Said {
    let state = read.state;
    match state.base {
        None if state.black_box => (
            "Import the predictions".into(),
            "What your model says to these texts, from a file".into(),
            Act::Ask(FilePurpose::ImportPredictions),
        ),
        None if state.as_it_is => (
            "Take the model as it is".into(),
            "It brings its own head: its own confident errors are looked for".into(),
            Act::Do(Command::Fit),
        ),
        None => (
            "Fit the base model".into(),
            "Its confident errors are what this is about".into(),
            Act::Do(Command::Fit),
        ),
        Some(_) => (
            "Score the texts".into(),
            "The base model has not answered them yet".into(),
            Act::Do(Command::Score),
        ),
    }
}

/// The largest blind spot, or first the labels that may be what is wrong in it:
/// a lesson on those would teach the wrong ones.
fn to_teach(read: &Read<'_>, view: &ViewState) -> Option<Said> {
    let first = read.derived.spots.first()?;
    let next = &read.derived.next;
    if let SpotRef::Frozen(id) = first.spot
        && next.labels_first(id).is_some()
    {
        let labels = many(next.all_labels_first(), "label");
        let label = format!("Look at {labels} first").into();
        let why = "They look wrong: a lesson on them would teach what is wrong".into();
        // There already, one judges rather than goes anywhere.
        if view.stage == Stage::Labels {
            return None;
        }
        return Some((label, why, Act::Go(Stage::Labels)));
    }
    // What is better collected, or is no error any more, makes no lesson.
    let can_teach = |spot: SpotRef| match spot {
        SpotRef::Frozen(id) => (next.about(id))
            .is_none_or(|of| !matches!(of.action, Proposed::Collect | Proposed::Nothing)),
        SpotRef::Group(_) => true,
    };
    let largest = read.derived.spots.iter().find(|of| can_teach(of.spot));
    let largest = largest.unwrap_or(first);
    let label = "Teach the largest blind spot".into();
    Some((label, largest.name.clone(), Act::Teach(largest.spot)))
}

/// The last round, as long as nobody has kept or discarded its model.
pub fn undecided<'a>(read: &Read<'a>) -> Option<&'a RoundResult> {
    let result = read.state.rounds.last()?;
    let (number, document) = (result.round.number, &read.state.document);
    let is_decided = document.model_round == number || document.discarded.contains(&number);
    (!is_decided).then_some(result)
}

/// Once all lessons were tried: look at what came of them, decide, go on.
fn after_a_round(read: &Read<'_>, view: &ViewState) -> Option<Said> {
    let result = read.state.rounds.last()?;
    let number = result.round.number;
    if undecided(read).is_some() {
        return Some(match view.stage {
            Stage::Compare => decide(result, read),
            // Whoever was led on from there is not led back at once.
            Stage::Teach if is_unclear(result) => return None,
            _ => (
                "Compare before and after".into(),
                "See what got better and what got worse".into(),
                Act::Go(Stage::Compare),
            ),
        });
    }
    let is_kept = read.state.document.model_round == number;
    if is_kept && matches!(view.stage, Stage::Compare | Stage::Retrain) {
        return Some((
            "See what it still gets wrong".into(),
            format!("The model of round {number} is in use now: its confident errors, on the map"),
            Act::Go(Stage::Explore),
        ));
    }
    let opened = result.comparison(Role::Final).is_some();
    let can_judge = why_no_verdict(&result.round.plan).is_none() && read.state.sealed_count() > 0;
    if is_kept && can_judge && !opened {
        return Some((
            "Open final …".into(),
            "Only “final” gives a verdict; it asks why, and each opening counts".into(),
            Act::OpenFinal(OpenFinal::of(&result.round, read.state)),
        ));
    }
    let became = if is_kept { "kept" } else { "discarded" };
    Some((
        "Write the report".into(),
        format!("The model of round {number} is {became}; more lessons make another round"),
        Act::Ask(FilePurpose::Report),
    ))
}

/// What the figures on *check* speak for, where they speak.
fn decide(result: &RoundResult, read: &Read<'_>) -> Said {
    let number = result.round.number;
    match speaks(result) {
        (true, false) => (
            format!("Keep the model of round {number}").into(),
            "On “check” it is clearly better than before; undo takes it back".into(),
            Act::Do(Command::UseModel(number)),
        ),
        (false, true) => (
            format!("Discard the model of round {number}").into(),
            "On “check” it is clearly worse than before; nothing is deleted".into(),
            Act::Do(Command::DiscardModel(number)),
        ),
        (true, true) => which_lesson_hurts(read),
        (false, false) if cannot_tell(result) => {
            only_deciding("“Check” has too few texts to tell a change from chance")
        }
        (false, false) => more_lessons("No clear difference on “check”", read),
    }
}

/// Whether some source got clearly better on *check*, and some clearly worse.
fn speaks(result: &RoundResult) -> (bool, bool) {
    let comparison = result.comparison(Role::Check);
    let all = comparison.map_or_else(Vec::new, |of| headlines(of));
    let says = |what: bool| all.iter().any(|one| one.against_base() == Some(what));
    (says(true), says(false))
}

/// Whether *check* speaks neither for keeping the round's model nor against it.
fn is_unclear(result: &RoundResult) -> bool {
    let (better, worse) = speaks(result);
    better == worse
}

/// Whether no source of *check* could show even that all errors are gone.
fn cannot_tell(result: &RoundResult) -> bool {
    result.comparison(Role::Check).is_some_and(|comparison| {
        let all = headlines(comparison);
        all.iter().all(|one| one.table.power.detectable.is_none())
    })
}

/// Better here, worse there: one of several lessons may be what hurts.
fn which_lesson_hurts(read: &Read<'_>) -> Said {
    let found = "Better in one source and worse in another";
    let lessons = read.state.document.lessons.values();
    let several = lessons.filter(|lesson| is_measured(lesson)).count() > 1;
    if several && read.state.interference.is_none() && !read.is_busy(JobKind::Interference) {
        let seeds = USUAL_SEEDS;
        return (
            "Find the lesson that hurts".into(),
            format!("{found}: each lesson alone shows which. Or keep or discard the model, above"),
            Act::Do(Command::MeasureInterference { seeds }),
        );
    }
    more_lessons(found, read)
}

/// Nothing to try first.
fn only_deciding(found: &str) -> Said {
    (
        "Write the report".into(),
        format!("{found}: keep or discard the model, above"),
        Act::Ask(FilePurpose::Report),
    )
}

/// What was taught does not settle it: the largest blind spot without a lesson,
/// or else more for the largest one.
fn more_lessons(found: &str, read: &Read<'_>) -> Said {
    let spots = &read.derived.spots;
    let is_taught = |spot: SpotRef| match spot {
        SpotRef::Frozen(id) => read.lessons_on(id).any(|lesson| is_measured(lesson)),
        SpotRef::Group(_) => true,
    };
    let untaught = spots.iter().find(|facts| !is_taught(facts.spot));
    let (label, next) = match (untaught, spots.first()) {
        (Some(next), _) => ("Teach another blind spot", next),
        (None, Some(next)) => ("Write more samples", next),
        (None, None) => return only_deciding(found),
    };
    (
        label.into(),
        format!("{found}: more lessons may settle it. Or keep or discard the model, above"),
        Act::Teach(next.spot),
    )
}

/// What leads on where no error reaches τ.
fn without_errors(read: &Read<'_>) -> Option<NextAction> {
    let ways = ways_on(read)?;
    let lower = at_lower_tau(read, &ways).zip(ways.tau);
    Some(match lower {
        Some(((settings, label), (_, reached))) => NextAction {
            label: label.into(),
            why: format!("No error reaches τ now; {} would", many(reached, "error")),
            act: Act::Do(Command::SetDiscovery(settings)),
        },
        None => NextAction {
            label: "Look at the data".into(),
            why: "The model errs in none of the texts that are looked through".into(),
            act: Act::Go(Stage::Data),
        },
    })
}
