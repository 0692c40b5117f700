//! The comparison: everything that the command line, the app and the report
//! print, computed once.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::created::Created;
use super::curves::Curves;
use super::evaluation::{Evaluation, Row, grade};
use super::input::{ComparisonInput, Region};
use super::intervals::Difference;
use super::judging::add_verdicts;
use super::outcomes::{FEWEST_ROWS, Outcomes, Rate, mean_outcomes, outcomes};
use super::power::Power;
use super::sizes::SizeCurves;
use super::slice::slice_table;
use super::verdict::Verdict;
use super::versus::Versus;
use crate::discovery::Corrections;
use crate::records::{Arm, BlindSpotId, Endpoint, Endpoints, Role, is_accuracy};
use crate::support::{Progress, Result};

/// Some of the rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Slice {
    /// The rows of a source. Only these get verdicts.
    Source(String),
    /// All sources that the base was fitted on, where there are several.
    InDomain,
    /// All sources that no lesson touched.
    UntaughtSources,
    /// Rows in the region of some blind spot with a lesson.
    InsideTaughtRegions,
    /// All other rows.
    OutsideTaughtRegions,
}

impl Slice {
    /// What stands above its figures: of a source its name alone.
    pub fn name(&self) -> String {
        match self {
            Slice::Source(name) => name.clone(),
            other => other.to_string(),
        }
    }
}

impl fmt::Display for Slice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Slice::Source(name) => write!(f, "source {name}"),
            Slice::InDomain => f.write_str("all in-domain sources"),
            Slice::UntaughtSources => f.write_str("sources that no lesson touched"),
            Slice::InsideTaughtRegions => f.write_str("inside taught regions"),
            Slice::OutsideTaughtRegions => f.write_str("outside taught regions"),
        }
    }
}

/// A set of arms compared on one role.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// The role of the rows.
    pub role: Role,
    /// Confidence from which a wrong row is an unknown unknown.
    pub tau: f32,
    /// Bootstrap resamples.
    pub resamples: usize,
    /// Seed of the bootstrap.
    pub seed: u64,
    /// What arms are judged by, chosen before these rows were looked at.
    #[serde(default)]
    pub endpoints: Endpoints,
    /// Curves over the number of what is added, if the round is the largest of
    /// an experiment over sizes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sizes: Option<SizeCurves>,
    /// Sources first, in their order, then the other slices that have rows.
    pub slices: Vec<SliceTable>,
    /// Each blind spot.
    pub blind_spots: Vec<BlindSpotTable>,
    /// Unknown unknowns that the arms with lessons created; only *check* has
    /// them, since they are found by looking at rows.
    #[serde(default)]
    pub created: Vec<Created>,
    /// Arms that were asked for but have no runs ("no lessons").
    pub not_run: Vec<Arm>,
    /// Labels of these rows that people changed: they count as changed, and
    /// rows that were set aside are not among them.
    #[serde(default)]
    pub corrections: Corrections,
    /// Names all labels that people had changed, in any role; none if they had
    /// changed nothing.
    #[serde(default)]
    pub truths: Option<String>,
}

/// All arms on one slice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SliceTable {
    /// Which rows.
    pub slice: Slice,
    /// How many.
    pub rows: usize,
    /// In how many groups.
    pub groups: usize,
    /// c: rows that the reference base holds with confidence ≥ τ.
    pub confident: usize,
    /// What these rows can show.
    pub power: Power,
    /// [`Arm::Reference`] first, then in the order given.
    pub arms: Vec<ArmFigures>,
}

impl SliceTable {
    /// Whether errors among the c most confident rows are accuracy by another
    /// name, c being more than three quarters of the rows.
    pub fn is_accuracy(&self) -> bool {
        is_accuracy(self.confident, self.rows)
    }

    /// The figures of an arm.
    pub fn arm(&self, arm: &Arm) -> Option<&ArmFigures> {
        self.arms.iter().find(|figures| figures.arm == *arm)
    }
}

/// One arm on one slice; means over its seeds unless said otherwise.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ArmFigures {
    /// The arm.
    pub arm: Arm,
    /// Its seeds; empty for the untouched base.
    pub seeds: Vec<u64>,
    /// Errors among the c most confident rows.
    pub matched_errors: f64,
    /// The same for each seed (one figure for the untouched base).
    pub matched_errors_by_seed: Vec<f64>,
    /// Unknown unknowns at τ.
    pub unknown_unknowns: f64,
    /// Unknown unknowns at τ after temperature scaling of every model.
    pub unknown_unknowns_scaled: f64,
    /// What became of the base's unknown unknowns.
    pub outcomes: Outcomes,
    /// Share of right answers, 0 to 1.
    pub accuracy: f64,
    /// Accuracy minus the reference base's, in points (hundredths).
    pub accuracy_change: Difference,
    /// Expected calibration error, equal-mass bins.
    pub calibration_error: f64,
    /// The same after temperature scaling.
    pub calibration_error_scaled: f64,
    /// Brier score of the confidence.
    pub brier: f64,
    /// Area under the risk–coverage curve.
    pub risk_coverage_area: f64,
    /// These errors against each control, the best control (fewest errors)
    /// first; an arm is not compared with itself.
    pub versus: Vec<Versus>,
    /// The other endpoints; comparisons by earlier versions lack them.
    #[serde(default)]
    pub beside: Vec<EndpointFigures>,
    /// For plots.
    pub curves: Curves,
    /// The verdict, for arms with lessons on a source.
    pub verdict: Option<Verdict>,
}

/// One arm on one endpoint; means over its seeds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EndpointFigures {
    /// The endpoint.
    pub endpoint: Endpoint,
    /// The figure; a coverage in hundredths.
    pub value: f64,
    /// Against each control, the best control first.
    pub versus: Vec<Versus>,
}

impl ArmFigures {
    /// The figure of an endpoint, and how it stands to each control; `None`
    /// where an earlier version did not measure it.
    pub fn on(&self, endpoint: Endpoint) -> Option<(f64, &[Versus])> {
        if endpoint == Endpoint::ErrorsAtMatchedCoverage {
            return Some((self.matched_errors, &self.versus));
        }
        let measured = self.beside.iter().find(|one| one.endpoint == endpoint)?;
        Some((measured.value, &measured.versus))
    }

    /// All endpoints that were measured.
    pub fn endpoints(&self) -> impl Iterator<Item = EndpointFigures> {
        Endpoint::ALL.into_iter().filter_map(|endpoint| {
            let (value, versus) = self.on(endpoint)?;
            Some(EndpointFigures {
                endpoint,
                value,
                versus: versus.to_vec(),
            })
        })
    }
}

/// A blind spot's region before and after. Descriptive.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BlindSpotTable {
    /// The blind spot.
    pub blind_spot: BlindSpotId,
    /// Its name.
    pub name: String,
    /// Whether it has a lesson.
    pub taught: bool,
    /// Rows in its region.
    pub rows: usize,
    /// Whether there are enough rows to read anything into the counts.
    pub enough_rows: bool,
    /// Unknown unknowns of the reference base.
    pub before: Rate,
    /// Its errors in *discovery* that no teacher saw; 0 where they were not
    /// asked.
    #[serde(default)]
    pub kept_back: usize,
    /// Each arm.
    pub arms: Vec<BlindSpotFigures>,
}

/// One arm in one blind spot's region; means over seeds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BlindSpotFigures {
    /// The arm.
    pub arm: Arm,
    /// Unknown unknowns at τ.
    pub after: Rate,
    /// What became of the base's.
    pub outcomes: Outcomes,
    /// What became of the errors that no teacher saw; `None` where they were
    /// not asked, or where the arm may have been trained on them.
    #[serde(default)]
    pub kept_back: Option<Outcomes>,
}

impl Comparison {
    /// Computes the comparison; the same input gives the same figures for any
    /// number of threads.
    ///
    /// # Errors
    /// When evaluations and rows do not fit each other, when a confidence is
    /// no number, or when cancelled.
    pub fn new(input: &ComparisonInput, progress: &Progress) -> Result<Self> {
        input.check()?;
        let slices = slices(input);
        progress.stage("Comparing the arms", Some(slices.len() as u64));
        let mut tables = Vec::with_capacity(slices.len());
        for (slice, positions) in slices {
            tables.push(slice_table(input, slice, &positions, progress)?);
            progress.done(tables.len() as u64);
        }
        add_verdicts(input, &mut tables);
        let not_run = input.arms.iter().filter(|arm| arm.runs.is_empty());
        Ok(Self {
            role: input.role,
            tau: input.tau,
            resamples: input.resamples,
            seed: input.seed,
            endpoints: input.endpoints.clone(),
            sizes: None,
            slices: tables,
            created: Vec::new(),
            blind_spots: input.regions.iter().map(|r| blind_spot(input, r)).collect(),
            not_run: not_run.map(|arm| arm.arm.clone()).collect(),
            corrections: Corrections::default(),
            truths: None,
        })
    }

    /// The table of a slice, if it has rows.
    pub fn slice(&self, slice: &Slice) -> Option<&SliceTable> {
        self.slices.iter().find(|table| table.slice == *slice)
    }

    /// All judged arms with their sources and verdicts, bad news first.
    pub fn verdicts_worst_first(&self) -> Vec<(&Slice, &ArmFigures, &Verdict)> {
        let worse = |arm: &ArmFigures, verdict: &Verdict| {
            let best = arm
                .on(verdict.endpoint)
                .and_then(|(_, versus)| versus.first());
            let mean = best.map_or(0.0, |best| best.difference.mean);
            if verdict.endpoint.higher_is_better() {
                -mean
            } else {
                mean
            }
        };
        let mut all: Vec<_> = self.verdicts().collect();
        all.sort_by_key(|(_, arm, verdict)| (verdict.call.rank(), worse(arm, verdict) <= 0.0));
        all
    }

    /// All judged arms with their sources and verdicts, in the order of the
    /// tables.
    pub fn verdicts(&self) -> impl Iterator<Item = (&Slice, &ArmFigures, &Verdict)> {
        self.slices.iter().flat_map(|table| {
            let judged = table.arms.iter();
            judged.filter_map(|arm| Some((&table.slice, arm, arm.verdict.as_ref()?)))
        })
    }
}

/// The slices that have rows, with the positions of these.
fn slices(input: &ComparisonInput) -> Vec<(Slice, Vec<usize>)> {
    let with = |wanted: &dyn Fn(usize, &Row) -> bool| -> Vec<usize> {
        let rows = input.rows.iter().enumerate();
        rows.filter(|(position, row)| wanted(*position, row))
            .map(|(position, _)| position)
            .collect()
    };
    let source = |row: &Row| &input.sources[usize::from(row.source)];
    let taught = input.regions.iter().filter(|region| region.taught);
    let taught: BTreeSet<usize> = taught.flat_map(|region| region.rows.clone()).collect();

    let mut slices: Vec<(Slice, Vec<usize>)> = Vec::new();
    for (number, source) in input.sources.iter().enumerate() {
        let rows = with(&|_, row| usize::from(row.source) == number);
        slices.push((Slice::Source(source.name.clone()), rows));
    }
    if input.sources.iter().filter(|s| s.in_domain).count() > 1 {
        slices.push((Slice::InDomain, with(&|_, row| source(row).in_domain)));
    }
    if !taught.is_empty() {
        let untaught = with(&|_, row| !source(row).taught);
        let inside = with(&|position, _| taught.contains(&position));
        let outside = with(&|position, _| !taught.contains(&position));
        slices.push((Slice::UntaughtSources, untaught));
        slices.push((Slice::InsideTaughtRegions, inside));
        slices.push((Slice::OutsideTaughtRegions, outside));
    }
    slices.retain(|(_, rows)| !rows.is_empty());
    slices
}

fn blind_spot(input: &ComparisonInput, region: &Region) -> BlindSpotTable {
    let graded = |evaluation: &Evaluation| grade(input.rows, evaluation, &region.rows);
    let count = |o: &Outcomes| o.remaining + o.new;
    let before = graded(input.reference);
    let rate = |o: &Outcomes| Rate::new(count(o), region.rows.len());
    let arms = input.arms.iter().filter(|arm| !arm.runs.is_empty());
    let arms = arms.map(|arm| {
        let runs = arm.runs.iter();
        let runs: Vec<Outcomes> = runs
            .map(|(_, run)| outcomes(&before, &graded(run), input.tau))
            .collect();
        let outcomes = mean_outcomes(&runs);
        BlindSpotFigures {
            arm: arm.arm.clone(),
            after: rate(&outcomes),
            outcomes,
            kept_back: None,
        }
    });
    BlindSpotTable {
        blind_spot: region.blind_spot,
        name: region.name.clone(),
        taught: region.taught,
        rows: region.rows.len(),
        enough_rows: region.rows.len() >= FEWEST_ROWS,
        before: rate(&outcomes(&before, &before, input.tau)),
        kept_back: 0,
        arms: arms.collect(),
    }
}
