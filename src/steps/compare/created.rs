//! Finds the unknown unknowns that the retrained models have and the base had
//! not, on *discovery* and *check*, and groups them.

use std::collections::BTreeSet;

use crate::blind_spots::{Freezing, freeze, preview};
use crate::comparison::created::{Created, CreatedGroup};
use crate::discovery::{Fate, UnknownUnknown};
use crate::records::{Arm, Label, Role};
use crate::steps::compare::{Comparing, ScoredRun};
use crate::support::{Progress, Result, clock};

/// What every arm with lessons has created, and beside it the arm with nothing
/// added: what that makes too is not blamed on lessons.
///
/// # Errors
/// When cancelled.
pub fn created(from: &Comparing<'_>, progress: &Progress) -> Result<Vec<Created>> {
    let runs_of = |arm: &Arm| -> Vec<&ScoredRun<'_>> {
        from.runs.iter().filter(|run| run.arm == *arm).collect()
    };
    let with_nothing = made_by(from, &runs_of(&Arm::Base));
    let shared: BTreeSet<usize> = with_nothing.iter().map(|uu| uu.example).collect();
    let arms = from.arms.iter().filter(|arm| !arm.is_control());
    let mut all = Vec::new();
    for arm in arms {
        let runs = runs_of(arm);
        if !runs.is_empty() {
            let (both, own): (Vec<_>, Vec<_>) = made_by(from, &runs)
                .into_iter()
                .partition(|uu| shared.contains(&uu.example));
            all.push(of_arm(from, arm, (&own, both.len()), progress)?);
        }
    }
    if !all.is_empty() && from.runs.iter().any(|run| run.arm == Arm::Base) {
        all.push(of_arm(from, &Arm::Base, (&with_nothing, 0), progress)?);
    }
    Ok(all)
}

/// Rows of the roles that are looked at.
fn looked_at<'a>(from: &'a Comparing<'_>) -> impl Iterator<Item = usize> + use<'a> {
    let roles = [Role::Discovery, Role::Check];
    let rows = from.reference.rows();
    rows.filter(move |row| roles.contains(&from.reference.example(*row).role))
}

/// The unknown unknowns that an arm's runs made.
fn made_by(from: &Comparing<'_>, runs: &[&ScoredRun<'_>]) -> Vec<UnknownUnknown> {
    looked_at(from)
        .filter_map(|row| made(from, row, runs))
        .collect()
}

fn of_arm(
    from: &Comparing<'_>,
    arm: &Arm,
    (uus, shared): (&[UnknownUnknown], usize),
    progress: &Progress,
) -> Result<Created> {
    let groups = if uus.is_empty() {
        Vec::new()
    } else {
        groups(from, uus, progress)?
    };
    Ok(Created {
        arm: arm.clone(),
        rows: looked_at(from).count(),
        count: uus.len(),
        shared,
        groups,
    })
}

/// The row as a created unknown unknown, if at least half of the runs made it
/// one.
fn made(from: &Comparing<'_>, row: usize, runs: &[&ScoredRun<'_>]) -> Option<UnknownUnknown> {
    let is_new = |after| Fate::of(from.reference.outcome(row), after) == Some(Fate::New);
    let example = from.reference.index(row);
    let answers = runs.iter().map(|run| run.answers);
    let wrong: Vec<UnknownUnknown> = answers
        .filter_map(|answers| {
            let row = answers.row_of(example)?;
            let error = answers.error(row)?;
            is_new(answers.outcome(row)).then_some(error)
        })
        .collect();
    let first = wrong.first()?;
    let confidence: f32 = wrong.iter().map(|error| error.confidence).sum();
    (2 * wrong.len() >= runs.len()).then(|| UnknownUnknown {
        confidence: confidence / wrong.len() as f32,
        ..*first
    })
}

fn groups(
    from: &Comparing<'_>,
    uus: &[UnknownUnknown],
    progress: &Progress,
) -> Result<Vec<CreatedGroup>> {
    // k was chosen for other errors; here it follows from their number.
    let settings = crate::records::DiscoverySettings {
        k: None,
        ..from.snapshot.settings.clone()
    };
    let (dataset, predictions) = (from.reference.dataset(), from.reference.predictions());
    let clustering = preview(dataset, predictions, uus, &settings, progress)?;
    let frozen = freeze(
        &Freezing {
            answers: from.reference,
            uus,
            clustering: &clustering,
            settings: &settings,
            model: &from.snapshot.model,
            created: &clock::now(),
            earlier: &[],
            lessons: &[],
        },
        progress,
    )?;
    let label = |label: Label| dataset.label_name(label).to_owned();
    Ok(frozen
        .blind_spots
        .into_iter()
        .map(|spot| CreatedGroup {
            members: spot.members().cloned().collect(),
            name: spot.name,
            true_label: label(spot.true_label),
            predicted: label(spot.predicted),
            terms: spot.terms,
        })
        .collect())
}
