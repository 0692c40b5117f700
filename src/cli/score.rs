//! `blindspot score`: the texts of a file, here, in parts, or on a cluster.

use std::path::{Path, PathBuf};

use clap::Args;

use super::args::{Common, at_least_one};
use super::cluster::{
    ClusterArgs, Spread, Work, absolute, project_arguments, shared_folders, text,
};
use super::discovered::open_shared;
use crate::model::Classifier;
use crate::steps::OpenProject;
use crate::steps::score_file::{
    ScoredFile, fingerprint, is_shard, join_shards, score_file, score_shard, shard_path,
};
use crate::support::text::many;
use crate::support::{Error, Progress, Result, Share};

/// `score`.
#[derive(Debug, Clone, Args)]
pub struct ScoreArgs {
    /// The project whose model in use scores.
    #[command(flatten)]
    pub common: Common,
    /// File with texts: CSV, TSV, JSON, JSON Lines, Parquet, Arrow or .xlsx.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// CSV to write; `FILE.scored.csv` when left out. A stopped run goes on
    /// from `OUT.part`.
    #[arg(long, value_name = "OUT")]
    pub out: Option<PathBuf>,
    /// Score part I of N only, into `OUT.shard-I-of-N`.
    #[arg(long, value_name = "I/N", conflicts_with_all = ["join", "slurm"])]
    pub shard: Option<Share>,
    /// Join N shards that were scored with `--shard` to OUT, equal to that of
    /// a single run.
    #[arg(long, value_name = "N", conflicts_with = "slurm", value_parser = at_least_one())]
    pub join: Option<usize>,
    #[command(flatten)]
    pub(crate) cluster: ClusterArgs,
}

/// Scores a file, a part of it, or joins the parts.
///
/// # Errors
/// When a file cannot be read or written, or when cancelled: what was scored
/// stays for the next run.
pub(super) fn score(args: &ScoreArgs) -> Result<()> {
    let progress = args.common.at.progress();
    let out = args.out.clone().unwrap_or_else(|| {
        let mut name = args.file.as_os_str().to_owned();
        name.push(".scored.csv");
        name.into()
    });
    let files = (args.file.as_path(), out.as_path());
    if let Some(share) = args.shard {
        return shard(args, files, share, &progress);
    }
    let project = args.common.at.open(&progress)?;
    let model = project.model_in_use(&progress)?;
    let shards = match args.cluster.is_asked_for() {
        false => args.join,
        true => match spread(args, (&project, &model), files, &progress)? {
            (Spread::Printed, _) => return Ok(()),
            (Spread::Done, shards) => Some(shards),
        },
    };
    let Some(shards) = shards else {
        let scored = score_file(&project.workspace, &model, files, &progress)?;
        return tell(args, &scored, &out);
    };
    let joined = join_shards(&project.workspace, &model, files, shards, &progress)?;
    let words = format!(
        "rows joined: {}, of {}, into `{}`",
        joined.rows,
        many(shards, "shard"),
        out.display()
    );
    args.common.at.tell(&joined, words)
}

/// Scores one shard, as one of many machines.
fn shard(
    args: &ScoreArgs,
    (input, out): (&Path, &Path),
    share: Share,
    progress: &Progress,
) -> Result<()> {
    let project = open_shared(&args.common, progress)?;
    let model = project.model_in_use(progress)?;
    let workspace = &project.workspace;
    args.cluster
        .check_expected(&fingerprint(workspace, &model, input)?)?;
    let scored = score_shard(workspace, &model, (input, out), share, progress)?;
    tell(args, &scored, &shard_path(out, share))
}

fn tell(args: &ScoreArgs, scored: &ScoredFile, out: &Path) -> Result<()> {
    let mut words = format!("rows scored: {}, into `{}`", scored.rows, out.display());
    if scored.taken_over > 0 {
        words += &format!("\nby an earlier run: {}", scored.taken_over);
    }
    args.common.at.tell(scored, words)
}

/// Has an engine score the shards, or prints what one needs; gives their
/// number.
fn spread(
    args: &ScoreArgs,
    (project, model): (&OpenProject, &Classifier),
    (input, out): (&Path, &Path),
    progress: &Progress,
) -> Result<(Spread, usize)> {
    let shards = args.cluster.tasks.ok_or_else(|| {
        Error::input("the number of shards is not said")
            .hint("say it with `--tasks N`, about one for each processor core or machine")
    })?;
    let (input, out) = (absolute(input)?, absolute_new(out)?);
    let key = fingerprint(&project.workspace, model, &input)?;
    let mut arguments = vec!["score".to_owned()];
    arguments.extend(project_arguments(&args.common)?);
    arguments.extend([text(&input)?, "--out".to_owned(), text(&out)?]);
    let state = project.store.folder();
    let mut shared = shared_folders(&args.common, state)?;
    for folder in [&input, &out].into_iter().filter_map(|file| file.parent()) {
        if !shared.iter().any(|known| folder.starts_with(known)) {
            shared.retain(|known| !known.starts_with(folder));
            shared.push(folder.to_owned());
        }
    }
    let work = Work {
        title: format!("scores of {}", args.file.display()),
        units: shards,
        arguments,
        part: "--shard",
        collect: &|shards| format!("--join {shards}"),
        is_done: &|share| is_shard(&shard_path(&out, share), share, &key),
        name: &|share| format!("shard {share}"),
        state,
        shared,
        fingerprint: key.clone(),
    };
    Ok((args.cluster.spread(work, progress)?, shards))
}

/// The path of a file that may not be there yet, from any folder.
fn absolute_new(path: &Path) -> Result<PathBuf> {
    std::path::absolute(path).map_err(|e| Error::file("find", path, e))
}
