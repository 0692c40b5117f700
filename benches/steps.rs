//! The steps beside training: reading data, opening a project, grouping and
//! mapping. Run with `cargo bench --bench steps [NAME]`; the counterpart of
//! the grouping is `benches/kmeans_peer.py`.

#![expect(clippy::expect_used, reason = "a step that fails is not measured")]

use std::path::Path;

use ndarray::Array2;
use rand::Rng as _;

use blindspot::blind_spots::kmeans::kmeans;
use blindspot::map::{MapSettings, neighbour_map, pca_map};
use blindspot::steps::OpenProject;
use blindspot::support::{Progress, rng};

const POINTS: usize = 100_000;
const WIDTH: usize = 384;
/// Round clouds that the points lie in.
const CLOUDS: usize = 50;

fn main() {
    divan::main();
}

/// Unit vectors around `CLOUDS` directions, as the peer draws them too.
fn points() -> Array2<f32> {
    let mut generator = rng::seeded(1, "bench");
    let mut uniform = |spread: f32| generator.gen_range(-spread..spread);
    let middles = Array2::from_shape_fn((CLOUDS, WIDTH), |_| uniform(1.0));
    let mut points = Array2::from_shape_fn((POINTS, WIDTH), |(row, column)| {
        middles[(row % CLOUDS, column)] + uniform(1.5)
    });
    for mut row in points.rows_mut() {
        let length = row.dot(&row).sqrt();
        row /= length;
    }
    points
}

#[divan::bench(args = [20, 50], sample_count = 5, sample_size = 1)]
fn k_means_of_100_000(bencher: divan::Bencher, k: usize) {
    let points = points();
    bencher.bench_local(|| {
        kmeans(points.view(), k, 1, 0, "bench", &Progress::silent()).expect("works")
    });
}

#[divan::bench(sample_count = 3, sample_size = 1)]
fn principal_components_of_100_000(bencher: divan::Bencher) {
    let points = points();
    let values = points.as_slice().unwrap_or_default();
    bencher.bench_local(|| pca_map(values, WIDTH, &Progress::silent()).expect("works"));
}

/// A sample is arranged, the rest placed among it.
#[divan::bench(sample_count = 1, sample_size = 1)]
fn neighbour_map_of_100_000(bencher: divan::Bencher) {
    let points = points();
    let values = points.as_slice().unwrap_or_default();
    let settings = MapSettings::default();
    bencher.bench_local(|| {
        neighbour_map(values, WIDTH, &settings, &Progress::silent()).expect("works")
    });
}

#[divan::bench(sample_count = 10, sample_size = 1)]
fn open_the_demo(bencher: divan::Bencher) {
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("projects/sentiment");
    bencher
        .with_inputs(|| tempfile::tempdir().expect("temporary folder"))
        .bench_local_values(|state| {
            OpenProject::open(&demo, Some(state.path()), &Progress::silent()).expect("opens")
        });
}

/// Reads a table, draws roles and looks for texts that come twice.
#[divan::bench(sample_count = 3, sample_size = 1)]
fn read_100_000_rows(bencher: divan::Bencher) {
    bencher
        .with_inputs(|| large_project().expect("written"))
        .bench_local_values(|folder| {
            OpenProject::open(folder.path(), None, &Progress::silent()).expect("opens")
        });
}

fn large_project() -> std::io::Result<tempfile::TempDir> {
    const WORDS: [&str; 16] = [
        "film", "music", "actor", "plot", "scene", "night", "story", "ending", "warm", "dull",
        "bright", "slow", "clever", "loud", "small", "great",
    ];
    let mut generator = rng::seeded(2, "bench");
    let mut table = String::from("text,label\n");
    for row in 0..POINTS {
        table.push_str(&row.to_string());
        for _ in 0..20 {
            table.push(' ');
            table.push_str(WORDS[generator.gen_range(0..WORDS.len())]);
        }
        table.push_str(if row % 2 == 0 { ",good\n" } else { ",bad\n" });
    }
    let folder = tempfile::tempdir()?;
    std::fs::write(folder.path().join("rows.csv"), table)?;
    let settings = "name = \"bench\"\n\n[model]\nbase = \"builtin\"\n\n[data]\nfiles = [{ path = \"rows.csv\", source = \"rows\" }]\n";
    std::fs::write(folder.path().join("project.toml"), settings)?;
    Ok(folder)
}
