//! How many of the first suspects are mislabelled, where it is known which
//! labels are wrong: planted ones, in the demo's rows of *discovery*.
//!
//! `cargo test --release --lib planted_label_noise -- --nocapture` prints the
//! figures of BENCHMARKS.md.

use std::collections::BTreeSet;
use std::sync::Arc;

use rand::seq::index::sample;

use crate::comparison::intervals::wilson;
use crate::dataset::Dataset;
use crate::discovery::{AnswerTable, Suspect, Truths, suspects};
use crate::records::Role;
use crate::steps::{OpenProject, State};
use crate::support::{Progress, assets, rng};

/// Share of the labels that are turned round.
const NOISE: f64 = 0.03;
/// Suspects that are looked at.
const FIRST: usize = 30;

/// The data with some labels of *discovery* turned round, and which.
fn with_noise(dataset: &Dataset, seed: u64) -> (Dataset, BTreeSet<usize>) {
    let mut noisy = dataset.clone();
    let rows = dataset.with_role(Role::Discovery);
    let wrong = (rows.len() as f64 * NOISE).round() as usize;
    let mut generator = rng::seeded(seed, "planted label noise");
    let drawn = sample(&mut generator, rows.len(), wrong);
    let planted: BTreeSet<usize> = drawn.iter().map(|at| rows[at]).collect();
    for index in &planted {
        let label = &mut noisy.examples[*index].label;
        *label = 1 - *label;
    }
    (noisy, planted)
}

/// How many of the first of some suspects are planted.
fn hits<'s>(first: impl Iterator<Item = &'s Suspect>, planted: &BTreeSet<usize>) -> usize {
    first
        .take(FIRST)
        .filter(|suspect| planted.contains(&suspect.example))
        .count()
}

#[test]
fn planted_label_noise_is_found_among_the_first_suspects_of_the_demo() {
    let folder = assets::demo_project("sentiment").expect("comes with the program");
    let state = tempfile::tempdir().expect("temporary folder");
    let silent = Progress::silent();
    let project = OpenProject::open(&folder, Some(state.path()), &silent).expect("opens");
    let state = State::read(&project).expect("reads");
    let answers = state.answers().expect("ships its predictions");
    let (mut found, mut by_model, mut by_chance) = (0, 0, 0.0);
    let seeds = 20;
    let mut of_three = 0;
    for seed in 0..seeds {
        let (dataset, planted) = with_noise(&state.dataset, seed);
        let table = AnswerTable::new(
            Arc::new(dataset),
            Arc::clone(answers.predictions()),
            Arc::new(Truths::default()),
            answers.tau(),
            answers.temperature(),
        );
        let ranked = suspects(&table, &silent).expect("ranks");
        let errors = ranked.len();
        let all = ranked
            .iter()
            .filter(|one| planted.contains(&one.example))
            .count();
        let first = hits(ranked.iter(), &planted);
        let mut alone: Vec<&Suspect> = ranked.iter().collect();
        alone.sort_by(|a, b| a.self_confidence.total_cmp(&b.self_confidence));
        let model = hits(alone.into_iter(), &planted);
        if seed < 3 {
            println!(
                "seed {seed}: {first} of {FIRST} (self-confidence alone {model}; {all} planted \
                 among {errors} confident errors)"
            );
            of_three += first;
        }
        found += first;
        by_model += model;
        by_chance += FIRST as f64 * all as f64 / errors as f64;
    }
    let told = |name: &str, hits: usize, of: u64| {
        let trials = FIRST * usize::try_from(of).expect("small");
        let interval = wilson(hits as f64, trials, 0.95);
        let (low, high) = (interval.lower, interval.upper);
        let share = hits as f64 / trials as f64;
        println!("{name}: {share:.3} ({low:.3} to {high:.3}, {hits} of {trials})");
        low
    };
    told("precision, 3 seeds", of_three, 3);
    let low = told("precision, 20 seeds", found, seeds);
    told("self-confidence alone, 20 seeds", by_model, seeds);
    let chance = by_chance / (FIRST as f64 * seeds as f64);
    println!("in any order: {chance:.3}");
    assert!(low > 2.0 * chance, "{low} against {chance} in any order");
    assert!(
        found > by_model,
        "neighbours add nothing: {found} against {by_model}"
    );
}
