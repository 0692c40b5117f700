//! From predictions to a comparison: which rows, which sources, which regions.

pub mod created;
mod kept_back;
pub(crate) mod sealed;
pub mod second;
pub mod sizes;

use std::collections::BTreeSet;

use crate::blind_spots::regions;
use crate::comparison::intervals::Difference;
use crate::comparison::{
    ArmRuns, Comparison, ComparisonInput, DEFAULT_RESAMPLES, Evaluation, Interference, Region, Row,
    Source, over_sources,
};
use crate::discovery::AnswerTable;
use crate::discovery::calibration::fit_temperature;
use crate::records::{Arm, BlindSpotId, Endpoints, Role, Snapshot};
use crate::steps::compare::created::created;
use crate::steps::compare::kept_back::test_on_kept_back;
use crate::steps::state::Answers;
use crate::support::{Progress, Result};

/// Answers of one arm trained with one seed.
pub struct ScoredRun<'a> {
    /// The arm.
    pub arm: Arm,
    /// The seed.
    pub seed: u64,
    /// What it says on the role compared and on *validation*, under the blind
    /// spots' τ and temperature.
    pub answers: &'a AnswerTable,
}

impl<'a> ScoredRun<'a> {
    /// Each training with its table of answers, which stand in one order.
    pub fn each(results: &Answers, tables: &'a [AnswerTable]) -> Vec<Self> {
        let pairs = results.iter().zip(tables);
        pairs
            .map(|((run, _), answers)| Self {
                arm: run.arm.clone(),
                seed: run.seed,
                answers,
            })
            .collect()
    }
}

/// What a comparison looks at.
pub struct Comparing<'a> {
    /// The role whose rows are compared.
    pub role: Role,
    /// The frozen blind spots, on whose τ and temperature the figures stand.
    pub snapshot: &'a Snapshot,
    /// Names of the blind spots, with those given by hand.
    pub names: &'a dyn Fn(BlindSpotId) -> String,
    /// Blind spots with lessons.
    pub taught: &'a BTreeSet<BlindSpotId>,
    /// What the reference base says, on which the regions stand; like the
    /// runs', under the blind spots' τ and temperature.
    pub reference: &'a AnswerTable,
    /// All arms and seeds.
    pub runs: &'a [ScoredRun<'a>],
    /// Arms that were asked for, trained or not.
    pub arms: &'a [Arm],
    /// What arms are judged by, chosen before the rows are looked at.
    pub endpoints: &'a Endpoints,
    /// Seed of the bootstrap.
    pub seed: u64,
}

/// What lessons do that were taught alone. Rows whose label nobody can say are
/// left out.
///
/// # Errors
/// As [`compare`].
pub(in crate::steps) fn interference(
    from: &Comparing<'_>,
    progress: &Progress,
) -> Result<Interference> {
    on_rows(from, progress, |input| Interference::new(input, progress))
}

/// Compares the arms on one role. Rows whose label nobody can say are left
/// out.
///
/// # Errors
/// When a row was not scored by some run, or when cancelled.
pub fn compare(from: &Comparing<'_>, progress: &Progress) -> Result<Comparison> {
    let (dataset, truths) = (from.reference.dataset(), from.reference.truths());
    let mut comparison = on_rows(from, progress, |input| Comparison::new(input, progress))?;
    comparison.corrections = truths.corrections(dataset, &[from.role]);
    comparison.truths = truths.fingerprint(dataset, &Role::ALL);
    if from.role == Role::Check {
        comparison.created = created(from, progress)?;
        test_on_kept_back(from, &mut comparison)?;
    }
    Ok(comparison)
}

/// Reads rows, sources, regions and what every arm says of them.
fn on_rows<T>(
    from: &Comparing<'_>,
    progress: &Progress,
    act: impl FnOnce(&ComparisonInput) -> Result<T>,
) -> Result<T> {
    let (examples, rows) = rows_of(from.reference, from.role);
    let arms: Vec<ArmRuns> = from
        .arms
        .iter()
        .filter(|arm| **arm != Arm::Reference)
        .map(|arm| {
            let runs = from.runs.iter().filter(|run| run.arm == *arm);
            let runs = runs
                .map(|run| Ok((run.seed, evaluation(run.answers, &examples)?)))
                .collect::<Result<_>>()?;
            Ok(ArmRuns {
                arm: arm.clone(),
                runs,
            })
        })
        .collect::<Result<_>>()?;
    act(&ComparisonInput {
        role: from.role,
        tau: from.snapshot.settings.tau,
        sources: &sources(from),
        rows: &rows,
        reference: &evaluation(from.reference, &examples)?,
        arms: &arms,
        regions: &regions_compared(from, &examples, progress)?,
        endpoints: from.endpoints,
        resamples: DEFAULT_RESAMPLES,
        seed: from.seed,
    })
}

/// Errors at matched coverage that an arm has fewer than another one, over all
/// sources together; `None` where one of them was not trained.
///
/// # Errors
/// As [`compare`].
pub fn removed(
    from: &Comparing<'_>,
    (arm, other): (&Arm, &Arm),
    progress: &Progress,
) -> Result<Option<Difference>> {
    on_rows(from, progress, |input| {
        over_sources(input, (other, arm), progress)
    })
}

/// The rows of a role whose label somebody can say, as examples and as the
/// comparison sees them.
pub(super) fn rows_of(reference: &AnswerTable, role: Role) -> (Vec<usize>, Vec<Row>) {
    let (dataset, truths) = (reference.dataset(), reference.truths());
    let rows = dataset.with_role(role).into_iter();
    rows.filter_map(|index| {
        let example = &dataset.examples[index];
        let row = Row {
            truth: truths.of(dataset, index)?,
            group: example.group,
            source: example.source,
        };
        Some((index, row))
    })
    .unzip()
}

fn evaluation(answers: &AnswerTable, examples: &[usize]) -> Result<Evaluation> {
    let (dataset, predictions) = (answers.dataset(), answers.predictions());
    let fitted = fit_temperature(dataset, predictions, answers.truths()).temperature;
    Evaluation::of(answers, examples, fitted)
}

/// A source is in-domain if the base was trained on rows of it; of a model that
/// was trained elsewhere nobody knows, so that every source is to keep its
/// accuracy. It is taught if a taught blind spot holds errors from it.
fn sources(from: &Comparing<'_>) -> Vec<Source> {
    let dataset = from.reference.dataset();
    let source_of = |index: usize| dataset.examples[index].source;
    let trained: BTreeSet<u16> = dataset
        .with_role(Role::Train)
        .into_iter()
        .map(source_of)
        .collect();
    let taught: BTreeSet<u16> = from
        .snapshot
        .blind_spots
        .iter()
        .filter(|spot| from.taught.contains(&spot.id))
        .flat_map(|spot| &spot.shown)
        .filter_map(|key| dataset.index_of(key).map(source_of))
        .collect();
    (0_u16..)
        .zip(&dataset.sources)
        .map(|(number, name)| Source {
            name: name.clone(),
            in_domain: trained.is_empty() || trained.contains(&number),
            taught: taught.contains(&number),
        })
        .collect()
}

fn regions_compared(
    from: &Comparing<'_>,
    examples: &[usize],
    progress: &Progress,
) -> Result<Vec<Region>> {
    let spots = &from.snapshot.blind_spots;
    let members = regions(spots, from.reference.predictions(), progress)?;
    Ok((spots.iter().zip(members))
        .map(|(spot, members)| Region {
            blind_spot: spot.id,
            name: (from.names)(spot.id),
            taught: from.taught.contains(&spot.id),
            rows: (members.iter())
                .filter_map(|index| examples.binary_search(index).ok())
                .collect(),
        })
        .collect())
}
