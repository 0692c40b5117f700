//! What can be said before work starts: how long fitting takes, and what
//! *final* will be able to show.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::time::{Duration, Instant};

use crate::comparison::power::{Power, PowerAssumptions, power};
use crate::discovery::AnswerTable;
use crate::inference;
use crate::model::{Classifier, TokenizedText};
use crate::records::{Mode, Role, Round};
use crate::steps::fit::{self, Base};
use crate::steps::retrain::quick_settings;
use crate::steps::score::{VISIBLE, with_roles};
use crate::steps::{State, Workspace};
use crate::support::{Progress, Result};
use crate::training::Duration as Passes;

/// Texts that are scored to measure the machine.
const PROBE_TEXTS: usize = 64;

/// How often they are scored.
const PROBES: usize = 2;

/// A training step costs about three times a forward pass: the backward pass
/// has two matrix products for each of the forward pass's.
const STEP_TO_FORWARD: f64 = 3.0;

/// Time to fit the base on this machine, measured by scoring some training
/// texts: at least and at most. They differ where *validation* decides how
/// long.
///
/// # Errors
/// When the model cannot be loaded, or when cancelled.
pub fn time_to_fit(workspace: &Workspace, progress: &Progress) -> Result<RangeInclusive<Duration>> {
    let tokens = workspace.tokens(progress)?;
    let rows = workspace.dataset.with_role(Role::Train);
    let count = |rows: &[usize]| rows.iter().map(|i| tokens[*i].len()).sum::<usize>() as f64;
    let model = workspace.pretrained()?;
    let per_token = seconds_per_token(&model, &tokens, &rows, progress)?;
    let spec = &workspace.manifest.fit;
    let watched = workspace.dataset.with_role(Role::Validation);
    let passes = fit::passes(spec, !watched.is_empty());
    let reading = match passes.start() == passes.end() {
        true => 0.0,
        false => count(&watched),
    };
    let pass = per_token * (STEP_TO_FORWARD * count(&rows) + reading);
    let time = |passes: usize| Duration::from_secs_f64(pass * passes as f64);
    Ok(time(*passes.start())..=time(*passes.end()))
}

/// Time to score every row but those of *final* with a model that is used as
/// it is, measured by scoring some of them.
///
/// # Errors
/// When the model cannot be loaded, or when cancelled.
pub fn time_to_score(workspace: &Workspace, progress: &Progress) -> Result<Duration> {
    let tokens = workspace.tokens(progress)?;
    let rows = with_roles(workspace, &VISIBLE);
    let all: usize = rows.iter().map(|row| tokens[*row].len()).sum();
    let model = &workspace.model()?.model;
    let per_token = seconds_per_token(model, &tokens, &rows, progress)?;
    Ok(Duration::from_secs_f64(per_token * all as f64))
}

/// Time that retraining takes on this machine.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RetrainTimes {
    /// Before the first Quick training: running the frozen layers over the
    /// rows that are scored.
    pub quick_once: Duration,
    /// Before the first Quick training with a seed: running them over the rows
    /// that are replayed.
    pub quick_seed: Duration,
    /// Each Quick training, scoring included.
    pub quick_each: Duration,
    /// Each Full training, scoring included.
    pub full_each: Duration,
}

impl RetrainTimes {
    /// Time to train so many arms with so many seeds.
    pub fn total(&self, mode: Mode, arms: usize, seeds: usize) -> Duration {
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let trainings = count(arms.saturating_mul(seeds));
        match mode {
            Mode::Quick => {
                let each = self.quick_each.saturating_mul(trainings);
                self.quick_once + self.quick_seed.saturating_mul(count(seeds)) + each
            }
            Mode::Full => self.full_each.saturating_mul(trainings),
        }
    }
}

impl State {
    /// Time to train so many arms with so many seeds, once that can be said;
    /// and whether it is what the last round of the mode took rather than what
    /// was measured.
    pub fn time_to_retrain(
        &self,
        mode: Mode,
        arms: usize,
        seeds: usize,
    ) -> Option<(Duration, bool)> {
        let rounds = self.rounds.iter().rev().map(|result| &result.round);
        let of_mode = |round: &&Round| round.plan.mode == mode && !round.runs.is_empty();
        let took = rounds.into_iter().find(of_mode).map(|round| {
            let seconds: f64 = round.runs.iter().map(|run| run.seconds).sum();
            let all = seconds / round.runs.len() as f64 * (arms * seeds) as f64;
            Duration::try_from_secs_f64(all.max(0.0)).unwrap_or(Duration::MAX)
        });
        let measured = || Some(self.retrain_times?.total(mode, arms, seeds));
        let took = took.map(|took| (took, true));
        took.or_else(|| measured().map(|time| (time, false)))
    }
}

/// Time to retrain, measured by scoring some texts with the base: nothing is
/// trained. `added` is the number of samples that an arm adds.
///
/// # Errors
/// When the texts do not fit the model, or when cancelled.
pub fn time_to_retrain(
    workspace: &Workspace,
    base: &Base,
    added: usize,
    progress: &Progress,
) -> Result<RetrainTimes> {
    let tokens = workspace.tokens(progress)?;
    let train = workspace.dataset.with_role(workspace.trained_role());
    let scored = with_roles(workspace, &VISIBLE);
    let count = |rows: &[usize]| rows.iter().map(|row| tokens[*row].len()).sum::<usize>() as f64;
    let (train_tokens, scored_tokens) = (count(&train), count(&scored));
    let per_token = seconds_per_token(&base.model, &tokens, &train, progress)?;

    let layers = base.model.layers();
    let quick = quick_settings(workspace, layers);
    let upper = quick.upper_layers as f64 / layers.max(1) as f64;
    let share = |rows: usize| rows as f64 / train.len().max(1) as f64;
    let replayed = quick.replay.min(train.len());
    let seen = share(replayed + added);
    let epochs = |duration| match duration {
        Passes::Epochs(epochs) => epochs as f64,
        Passes::Steps(steps) => (steps * quick.training.batch_examples) as f64 / train.len() as f64,
    };
    let quick_steps = STEP_TO_FORWARD * epochs(quick.training.duration) * seen * train_tokens;
    let full = &workspace.manifest.fit;
    let full = match &base.info.curve {
        Some(curve) => curve.length,
        None => *fit::passes(full, false).end(),
    };
    let full_steps = STEP_TO_FORWARD * full as f64 * train_tokens;
    let seconds = |tokens: f64| Duration::from_secs_f64((per_token * tokens).max(0.0));
    Ok(RetrainTimes {
        quick_once: seconds((1.0 - upper) * scored_tokens),
        quick_seed: seconds((1.0 - upper) * share(replayed) * train_tokens),
        quick_each: seconds(upper * (quick_steps + scored_tokens)),
        full_each: seconds(full_steps + scored_tokens),
    })
}

/// Seconds that a token takes to be scored.
fn seconds_per_token(
    model: &Classifier,
    tokens: &[TokenizedText],
    rows: &[usize],
    progress: &Progress,
) -> Result<f64> {
    let stride = rows.len().div_ceil(PROBE_TEXTS).max(1);
    let probe: Vec<_> = rows
        .iter()
        .step_by(stride)
        .map(|i| tokens[*i].clone())
        .collect();
    let probed: usize = probe.iter().map(|text| text.len()).sum();
    // The first run warms up, and other programs take their part of either: the
    // faster one tells more of the machine.
    let mut fastest = f64::INFINITY;
    for _ in 0..PROBES {
        let began = Instant::now();
        inference::score(model, &probe, progress)?;
        fastest = fastest.min(began.elapsed().as_secs_f64());
    }
    Ok(fastest / probed.max(1) as f64)
}

/// What *final* can show, for each source that has rows in it.
///
/// *final* stays sealed: its unknown unknowns are taken to be as frequent as
/// those of *check*, group for group.
pub fn power_of_final(answers: &AnswerTable) -> Vec<(String, Power)> {
    let dataset = answers.dataset();
    let uus = answers.unknown_unknowns(Role::Check);
    let rows_of = |role: Role, source: u16| {
        let all = dataset.examples.iter();
        all.filter(|e| e.role == role && e.source == source).count()
    };
    (0_u16..)
        .zip(&dataset.sources)
        .filter_map(|(source, name)| {
            let (check, sealed) = (rows_of(Role::Check, source), rows_of(Role::Final, source));
            if check == 0 || sealed == 0 {
                return None;
            }
            let mut by_group: BTreeMap<u32, u32> = BTreeMap::new();
            for uu in &uus {
                let example = &dataset.examples[uu.example];
                if example.source == source {
                    *by_group.entry(example.group).or_default() += 1;
                }
            }
            let groups: Vec<u32> = by_group.into_values().collect();
            let expected = groups.len() * sealed / check;
            let groups: Vec<u32> = groups.iter().copied().cycle().take(expected).collect();
            Some((
                name.clone(),
                power(sealed, &groups, &PowerAssumptions::default()),
            ))
        })
        .collect()
}
