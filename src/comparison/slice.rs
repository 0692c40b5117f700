//! All arms on one slice of the rows.

use std::collections::BTreeMap;

use super::bootstrap::{Figures, Resampler};
use super::curves::Curves;
use super::evaluation::{Evaluation, Graded, Row, grade_all};
use super::input::ComparisonInput;
use super::intervals::Difference;
use super::metrics::{
    CALIBRATION_BINS, area_under_risk_coverage, brier, calibration_error, confident_rows, mean,
    reliability, unknown_unknowns,
};
use super::outcomes::{mean_outcomes, outcomes};
use super::power::{PowerAssumptions, power};
use super::table::{ArmFigures, EndpointFigures, Slice, SliceTable};
use super::versus::Versus;
use crate::records::{Arm, Endpoint};
use crate::support::{Progress, Result};

/// An arm with the numbers of its models in a [`Models`].
struct Entrant<'a> {
    arm: &'a Arm,
    /// Seed (none for the untouched base) and model.
    runs: Vec<(Option<u64>, usize)>,
}

impl Entrant<'_> {
    fn mean(&self, figure: impl Fn(usize) -> f64) -> f64 {
        mean(self.runs.iter().map(|(_, model)| figure(*model)))
    }

    /// The models of two arms that share a seed. The untouched base has none
    /// and is paired with every model of the other.
    fn pairs(&self, other: &Entrant) -> Vec<(usize, usize)> {
        let mut pairs = Vec::new();
        for (seed, model) in &self.runs {
            for (other_seed, other_model) in &other.runs {
                if seed == other_seed || seed.is_none() || other_seed.is_none() {
                    pairs.push((*model, *other_model));
                }
            }
        }
        pairs
    }
}

/// Every model graded on the slice (model 0 is the reference base), and
/// resampled.
struct Models {
    tau: f32,
    graded: Vec<Vec<Graded>>,
    scaled: Vec<Vec<Graded>>,
    resampler: Resampler,
    observed: Figures,
    resamples: Vec<Figures>,
}

/// Computes the table of a slice, verdicts left out.
pub(super) fn slice_table(
    input: &ComparisonInput,
    slice: Slice,
    positions: &[usize],
    progress: &Progress,
) -> Result<SliceTable> {
    let (entrants, evaluations) = enlist(input);
    let groups = groups_from_zero(input.rows, positions);
    let stream = slice.to_string();
    let models = Models::new(input, &stream, positions, &groups, &evaluations, progress)?;
    let mut uus_by_group = vec![0; models.resampler.groups()];
    for (row, group) in models.graded[0].iter().zip(&groups) {
        uus_by_group[*group] += u32::from(row.is_unknown_unknown(input.tau));
    }
    let fewest_runs = entrants.iter().skip(1).map(|entrant| entrant.runs.len());
    let assumptions = PowerAssumptions {
        seeds: fewest_runs
            .min()
            .unwrap_or(PowerAssumptions::default().seeds),
        claims: entrants.iter().filter(|e| !e.arm.is_control()).count(),
        ..PowerAssumptions::default()
    };
    let arms = entrants.iter();
    Ok(SliceTable {
        slice,
        rows: positions.len(),
        groups: models.resampler.groups(),
        confident: confident_rows(&models.graded[0], input.tau),
        power: power(positions.len(), &uus_by_group, &assumptions),
        arms: arms.map(|arm| models.figures(arm, &entrants)).collect(),
    })
}

/// Arms with lessons against the arm that nothing is added to, on some rows.
pub(super) struct AgainstBase {
    /// Groups of rows.
    pub(super) groups: usize,
    /// c: rows that the reference base holds with confidence ≥ τ.
    pub(super) confident: usize,
    /// The figures of the arm `base` on each endpoint.
    pub(super) base: Vec<f64>,
    /// Each other arm against it, on each endpoint.
    pub(super) arms: Vec<Vec<Versus>>,
}

/// Holds every arm that claims something against the arm `base`, on some
/// endpoints. `None` where that arm was not trained. `name` keeps the resamples
/// of these rows apart from those of others.
pub(super) fn against_base(
    input: &ComparisonInput,
    endpoints: &[Endpoint],
    (name, positions): (&str, &[usize]),
    progress: &Progress,
) -> Result<Option<AgainstBase>> {
    let (entrants, evaluations) = enlist(input);
    let Some(base) = entrants.iter().find(|entrant| *entrant.arm == Arm::Base) else {
        return Ok(None);
    };
    let groups = groups_from_zero(input.rows, positions);
    let models = Models::new(input, name, positions, &groups, &evaluations, progress)?;
    let claiming = entrants.iter().filter(|entrant| !entrant.arm.is_control());
    let versus = |entrant: &Entrant| -> Vec<Versus> {
        let endpoints = endpoints.iter();
        endpoints
            .map(|endpoint| models.against(entrant, base, *endpoint))
            .collect()
    };
    Ok(Some(AgainstBase {
        groups: models.resampler.groups(),
        confident: confident_rows(&models.graded[0], input.tau),
        base: (endpoints.iter())
            .map(|endpoint| base.mean(|model| models.observed[model].of(*endpoint)))
            .collect(),
        arms: claiming.map(versus).collect(),
    }))
}

/// Errors at matched coverage of one arm minus those of another, over all
/// sources together, with an interval over seeds and groups; `None` where one of
/// them has no runs, or they share no seed. Sources are resampled each by
/// itself, as their own tables are, and the models of a seed are the same on all
/// of them.
///
/// # Errors
/// When evaluations and rows do not fit each other, or when cancelled.
pub fn over_sources(
    input: &ComparisonInput<'_>,
    (arm, other): (&Arm, &Arm),
    progress: &Progress,
) -> Result<Option<Difference>> {
    input.check()?;
    let (entrants, evaluations) = enlist(input);
    let entrant = |wanted: &Arm| entrants.iter().find(|entrant| entrant.arm == wanted);
    let (Some(arm), Some(other)) = (entrant(arm), entrant(other)) else {
        return Ok(None);
    };
    let pairs = arm.pairs(other);
    if pairs.is_empty() {
        return Ok(None);
    }
    let add = |sums: &mut Vec<f64>, figures: &Figures| {
        for (sum, (a, b)) in sums.iter_mut().zip(&pairs) {
            let errors = |model: usize| figures[model].of(Endpoint::ErrorsAtMatchedCoverage);
            *sum += errors(*a) - errors(*b);
        }
    };
    let mut observed = vec![0.0; pairs.len()];
    let mut resampled = vec![observed.clone(); input.resamples];
    let mut all_groups = 0;
    for (number, source) in input.sources.iter().enumerate() {
        let rows = input.rows.iter().enumerate();
        let of_source = rows.filter(|(_, row)| usize::from(row.source) == number);
        let positions: Vec<usize> = of_source.map(|(position, _)| position).collect();
        if positions.is_empty() {
            continue;
        }
        let slice = Slice::Source(source.name.clone()).to_string();
        let groups = groups_from_zero(input.rows, &positions);
        let models = Models::new(input, &slice, &positions, &groups, &evaluations, progress)?;
        add(&mut observed, &models.observed);
        for (sums, figures) in resampled.iter_mut().zip(&models.resamples) {
            add(sums, figures);
        }
        all_groups += models.resampler.groups();
    }
    Ok(Some(Difference::crossed(&observed, &resampled, all_groups)))
}

/// The arms that have runs, the untouched base first, and all their models.
fn enlist<'a>(input: &ComparisonInput<'a>) -> (Vec<Entrant<'a>>, Vec<&'a Evaluation>) {
    let mut entrants = vec![Entrant {
        arm: &Arm::Reference,
        runs: vec![(None, 0)],
    }];
    let mut evaluations = vec![input.reference];
    for arm in input.arms.iter().filter(|arm| !arm.runs.is_empty()) {
        let first = evaluations.len();
        let seeds = arm.runs.iter().enumerate();
        entrants.push(Entrant {
            arm: &arm.arm,
            runs: seeds
                .map(|(run, (seed, _))| (Some(*seed), first + run))
                .collect(),
        });
        evaluations.extend(arm.runs.iter().map(|(_, evaluation)| evaluation));
    }
    (entrants, evaluations)
}

/// The groups of some rows, numbered from 0 without gaps.
pub(super) fn groups_from_zero(rows: &[Row], positions: &[usize]) -> Vec<usize> {
    let mut numbers = BTreeMap::new();
    let groups = positions.iter().map(|position| rows[*position].group);
    groups
        .map(|group| {
            let next = numbers.len();
            *numbers.entry(group).or_insert(next)
        })
        .collect()
}

impl Models {
    fn new(
        input: &ComparisonInput,
        stream: &str,
        positions: &[usize],
        groups: &[usize],
        evaluations: &[&Evaluation],
        progress: &Progress,
    ) -> Result<Self> {
        let (graded, scaled) = grade_all(input.rows, evaluations, positions);
        let resampler = Resampler::new(groups, (&graded, &scaled), input.tau);
        Ok(Self {
            tau: input.tau,
            scaled,
            graded,
            observed: resampler.observed(),
            resamples: resampler.resample(input.resamples, input.seed, stream, progress)?,
            resampler,
        })
    }

    fn figures(&self, entrant: &Entrant, all: &[Entrant]) -> ArmFigures {
        let errors = |model: usize| self.observed[model].of(Endpoint::ErrorsAtMatchedCoverage);
        let of = |graded: &[Vec<Graded>], figure: &dyn Fn(&[Graded]) -> f64| {
            entrant.mean(|model| figure(&graded[model]))
        };
        let runs = |graded| -> Vec<&[Graded]> {
            let graded: &Vec<Vec<Graded>> = graded;
            let models = entrant.runs.iter();
            models.map(|(_, model)| graded[*model].as_slice()).collect()
        };
        let uus = |rows: &[Graded]| unknown_unknowns(rows, self.tau) as f64;
        let became: Vec<_> = runs(&self.graded)
            .into_iter()
            .map(|run| outcomes(&self.graded[0], run, self.tau))
            .collect();
        let binned_gap = |rows: &[Graded]| calibration_error(&reliability(rows, CALIBRATION_BINS));
        ArmFigures {
            arm: entrant.arm.clone(),
            seeds: entrant.runs.iter().filter_map(|(seed, _)| *seed).collect(),
            matched_errors: entrant.mean(errors),
            matched_errors_by_seed: entrant.runs.iter().map(|(_, m)| errors(*m)).collect(),
            unknown_unknowns: of(&self.graded, &uus),
            unknown_unknowns_scaled: of(&self.scaled, &uus),
            outcomes: mean_outcomes(&became),
            accuracy: entrant.mean(|model| self.observed[model].accuracy),
            accuracy_change: self.difference(&entrant.pairs(&all[0]), |figures, model| {
                figures[model].accuracy * 100.0
            }),
            calibration_error: of(&self.graded, &binned_gap),
            calibration_error_scaled: of(&self.scaled, &binned_gap),
            brier: of(&self.graded, &brier),
            risk_coverage_area: of(&self.graded, &area_under_risk_coverage),
            versus: self.versus(entrant, all, Endpoint::ErrorsAtMatchedCoverage),
            beside: self.beside(entrant, all),
            curves: Curves::new(&runs(&self.graded), &runs(&self.scaled)),
            verdict: None,
        }
    }

    /// The endpoints beside errors at matched coverage.
    fn beside(&self, entrant: &Entrant, all: &[Entrant]) -> Vec<EndpointFigures> {
        let others = Endpoint::ALL.into_iter();
        let others = others.filter(|one| *one != Endpoint::ErrorsAtMatchedCoverage);
        others
            .map(|endpoint| EndpointFigures {
                endpoint,
                value: entrant.mean(|model| self.observed[model].of(endpoint)),
                versus: self.versus(entrant, all, endpoint),
            })
            .collect()
    }

    /// The entrant against every control that it shares a seed with, the best
    /// control first.
    fn versus(&self, entrant: &Entrant, all: &[Entrant], endpoint: Endpoint) -> Vec<Versus> {
        let loss = |e: &Entrant| {
            let mean = e.mean(|model| self.observed[model].of(endpoint));
            if endpoint.higher_is_better() {
                -mean
            } else {
                mean
            }
        };
        let mut controls: Vec<&Entrant> = all.iter().filter(|e| e.arm.is_control()).collect();
        controls.retain(|control| control.arm != entrant.arm);
        controls.sort_by(|a, b| loss(a).total_cmp(&loss(b)));
        let compared = controls.into_iter();
        compared
            .filter(|control| !entrant.pairs(control).is_empty())
            .map(|control| self.against(entrant, control, endpoint))
            .collect()
    }

    /// The entrant against a control that it shares a seed with.
    fn against(&self, entrant: &Entrant, control: &Entrant, endpoint: Endpoint) -> Versus {
        let pairs = entrant.pairs(control);
        let difference = self.difference(&pairs, |figures, model| figures[model].of(endpoint));
        let groups = self.discordant_groups(&pairs, endpoint);
        Versus::new(control.arm.clone(), endpoint, difference, groups)
    }

    fn difference(
        &self,
        pairs: &[(usize, usize)],
        figure: impl Fn(&Figures, usize) -> f64,
    ) -> Difference {
        let differences = |figures: &Figures| -> Vec<f64> {
            let pairs = pairs.iter();
            pairs
                .map(|(a, b)| figure(figures, *a) - figure(figures, *b))
                .collect()
        };
        let resampled: Vec<Vec<f64>> = self.resamples.iter().map(differences).collect();
        Difference::crossed(
            &differences(&self.observed),
            &resampled,
            self.resampler.groups(),
        )
    }

    /// Groups with fewer and with more errors than under the control: a group
    /// counts by its mean net change over seeds, but for one at most. `None`
    /// where the endpoint is no count.
    fn discordant_groups(
        &self,
        pairs: &[(usize, usize)],
        endpoint: Endpoint,
    ) -> Option<(u64, u64)> {
        let mut net = vec![0.0; self.resampler.groups()];
        for (model, control) in pairs {
            let after = self.resampler.counts_by_group(*model, endpoint)?;
            let before = self.resampler.counts_by_group(*control, endpoint)?;
            for (net, (after, before)) in net.iter_mut().zip(after.iter().zip(before)) {
                *net += (after - before) / pairs.len() as f64;
            }
        }
        let fewer: f64 = net.iter().map(|net| (-net).clamp(0.0, 1.0)).sum();
        let more: f64 = net.iter().map(|net| net.clamp(0.0, 1.0)).sum();
        Some((fewer.round() as u64, more.round() as u64))
    }
}
