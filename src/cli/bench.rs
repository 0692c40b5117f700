//! `blindspot plant` and `blindspot bench-discovery`: blind spots that are
//! known, and how well they are found.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::args::Common;
use super::progress::on_terminal;
use super::say::{print_json, say};
use crate::steps::OpenProject;
use crate::steps::bench_discovery::{Bench, Fit, FoundPlant, Summary, bench, summaries};
use crate::steps::plant::{Plant, Wanted, plant};
use crate::support::Result;
use crate::support::text::many;

/// `plant`.
#[derive(Debug, Clone, Args)]
pub struct PlantArgs {
    #[command(flatten)]
    common: Common,
    /// The folder to write: new or empty.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Number of blind spots.
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u8).range(1..=20))]
    plants: u8,
}

/// `bench-discovery`.
#[derive(Debug, Clone, Args)]
pub struct BenchArgs {
    /// Folders that `plant` wrote.
    #[arg(required = true, value_name = "FOLDER")]
    folders: Vec<PathBuf>,
    /// Print JSON for machines.
    #[arg(long)]
    json: bool,
    /// No progress bars.
    #[arg(long)]
    quiet: bool,
}

/// `blindspot plant`.
///
/// # Errors
/// When there are too few training rows, or the folder cannot be written.
pub(super) fn plant_blind_spots(args: &PlantArgs) -> Result<()> {
    let progress = args.common.at.progress();
    let project = args.common.at.open(&progress)?;
    let wanted = Wanted {
        plants: args.plants.into(),
        seed: args.common.first_seed(),
    };
    let plants = plant(&project.workspace, wanted, &args.out, &progress)?;
    let said = plants.iter().map(|plant: &Plant| {
        let (training, rows) = (plant.training_rows, plant.members.len());
        format!(
            "  {} ({training} training rows, {rows} in discovery)\n",
            plant.said()
        )
    });
    let said: String = said.collect();
    args.common.at.tell(
        &json!({"folder": args.out, "plants": plants}),
        format_args!(
            "{} in {out}\n{said}`blindspot bench-discovery {out}` says how well they are found",
            many(plants.len(), "planted blind spot"),
            out = args.out.display()
        ),
    )
}

/// `blindspot bench-discovery`.
///
/// # Errors
/// When a folder has no planted blind spots, or whatever a step says.
pub(super) fn bench_discovery(args: &BenchArgs) -> Result<()> {
    let progress = on_terminal(args.quiet);
    let mut benches = Vec::new();
    for folder in &args.folders {
        let project = OpenProject::open(folder, None, &progress)?;
        benches.push(bench(&project, &progress)?);
    }
    match args.json {
        true => print_json(&json!({"projects": benches, "ways": summaries(&benches)})),
        false => say(words(&benches)),
    }
}

fn words(benches: &[Bench]) -> String {
    let mut said = String::new();
    for plant in benches.iter().flat_map(|bench| &bench.plants) {
        said += &line(plant);
    }
    said.extend(summaries(benches).iter().map(summary));
    said.trim_end().to_owned()
}

fn line(plant: &FoundPlant) -> String {
    let found = match plant.found.split_first() {
        None => "the model was not led astray".to_owned(),
        Some((in_use, others)) => {
            let f1 = |fit: &Fit| fit.f1;
            let least = others.iter().map(f1).fold(f64::INFINITY, f64::min);
            let most = others.iter().map(f1).fold(0.0, f64::max);
            let in_use = in_use.f1;
            format!("F1 {in_use:.2} as in use, {least:.2} to {most:.2} in other ways")
        }
    };
    let (rows, errors) = (many(plant.rows, "row"), plant.errors);
    format!(
        "{}  {} ({errors} of {rows} wrong): {found}\n",
        plant.project, plant.plant
    )
}

fn summary(of: &Summary) -> String {
    format!(
        "{}: best F1 {:.2} (standard error {:.2}, {} plants, {} with 0.8 or more), precision of \
         the first ten {:.2}, adjusted Rand index {:.2}\n",
        of.way, of.f1, of.standard_error, of.plants, of.well, of.precision_at_10, of.agreement
    )
}
