//! Finds the unknown unknowns that the retrained models have and the base had
//! not, on *discovery* and *check*, and groups them.

use crate::blind_spots::{Freezing, freeze, preview};
use crate::comparison::created::{Created, CreatedGroup};
use crate::discovery::{UnknownUnknown, true_label};
use crate::inference::Prediction;
use crate::records::{Arm, Label, Role};
use crate::steps::compare::{Comparing, Judged};
use crate::support::{Progress, Result, clock};

/// What every arm with lessons has created.
///
/// # Errors
/// When cancelled.
pub fn created(from: &Comparing<'_>, progress: &Progress) -> Result<Vec<Created>> {
    let arms = from.arms.iter().filter(|arm| !arm.is_control());
    let mut all = Vec::new();
    for arm in arms {
        let runs: Vec<&Judged<'_>> = from.runs.iter().filter(|run| run.arm == *arm).collect();
        if !runs.is_empty() {
            all.push(of_arm(from, arm, &runs, progress)?);
        }
    }
    Ok(all)
}

fn of_arm(
    from: &Comparing<'_>,
    arm: &Arm,
    runs: &[&Judged<'_>],
    progress: &Progress,
) -> Result<Created> {
    let visible = |index: &&usize| {
        matches!(
            from.dataset.examples[**index].role,
            Role::Discovery | Role::Check
        )
    };
    let rows: Vec<usize> = from
        .reference
        .examples()
        .iter()
        .filter(visible)
        .copied()
        .collect();
    let uus: Vec<UnknownUnknown> = rows
        .iter()
        .filter_map(|index| made(from, *index, runs))
        .collect();
    let groups = if uus.is_empty() {
        Vec::new()
    } else {
        groups(from, &uus, progress)?
    };
    Ok(Created {
        arm: arm.clone(),
        rows: rows.len(),
        count: uus.len(),
        groups,
    })
}

/// The row as a created unknown unknown, if at least half of the runs made it
/// one.
fn made(from: &Comparing<'_>, index: usize, runs: &[&Judged<'_>]) -> Option<UnknownUnknown> {
    let (tau, temperature) = (from.snapshot.settings.tau, from.snapshot.temperature);
    let truth = true_label(&from.dataset.examples[index], from.triage)?;
    let is_uu = |answer: &Prediction| answer.label != truth && answer.confidence >= tau;
    if is_uu(&from.reference.of_example(index, temperature)?) {
        return None;
    }
    let answers = runs
        .iter()
        .filter_map(|run| run.predictions.of_example(index, temperature));
    let wrong: Vec<Prediction> = answers.filter(is_uu).collect();
    let first = wrong.first()?;
    (2 * wrong.len() >= runs.len()).then(|| UnknownUnknown {
        example: index,
        true_label: truth,
        predicted: first.label,
        confidence: wrong.iter().map(|answer| answer.confidence).sum::<f32>() / wrong.len() as f32,
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
    let clustering = preview(from.dataset, from.reference, uus, &settings, progress)?;
    let frozen = freeze(
        &Freezing {
            dataset: from.dataset,
            predictions: from.reference,
            triage: from.triage,
            uus,
            clustering: &clustering,
            settings: &settings,
            temperature: from.snapshot.temperature,
            model: &from.snapshot.model,
            created: &clock::now(),
            earlier: &[],
        },
        progress,
    )?;
    let label = |label: Label| from.dataset.label_name(label).to_owned();
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
