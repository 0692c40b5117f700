//! `blindspot suspects` and `blindspot corrected`: labels that look wrong, and
//! the data set without them.

use std::path::PathBuf;

use clap::Args;

use super::args::{Common, at_least_one};
use super::say::remark;
use crate::export::corrected;
use crate::records::Text;
use crate::steps::State;
use crate::steps::suspects::{Listed, MEANING};
use crate::support::text::many;
use crate::support::{Error, Result};

/// `suspects`.
#[derive(Debug, Clone, Args)]
pub struct SuspectsArgs {
    #[command(flatten)]
    pub(crate) common: Common,
    /// How many are listed, the most suspicious first.
    #[arg(long, value_name = "N", default_value_t = 30, value_parser = at_least_one())]
    pub top: usize,
}

/// `corrected`.
#[derive(Debug, Clone, Args)]
pub struct CorrectedArgs {
    #[command(flatten)]
    pub(crate) common: Common,
    /// The folder to write: new, empty, or an earlier one of these.
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
}

/// Neighbours that are printed under a suspect.
const NEIGHBOURS: usize = 3;

/// `blindspot suspects`.
///
/// # Errors
/// When the base has not been asked yet.
pub(super) fn suspects(args: &SuspectsArgs) -> Result<()> {
    let progress = args.common.at.progress();
    let project = args.common.at.open(&progress)?;
    let state = State::read(&project)?;
    if state.answers().is_none() {
        return Err(Error::input(
            "the base model has not answered the texts yet, so nothing is suspect",
        )
        .hint("`blindspot discover PROJECT` asks it"));
    }
    let mut listed = state.listed(&state.suspects(&progress)?);
    let (all, judged) = (
        listed.len(),
        listed.iter().filter(|one| one.judgement.is_some()).count(),
    );
    listed.truncate(args.top);
    if !args.common.at.json {
        remark(MEANING);
    }
    let mut words = match all {
        0 => "no confident error, so no label is suspect".to_owned(),
        _ => format!(
            "{}, {judged} judged; the first {}:",
            many(all, "confident error"),
            listed.len()
        ),
    };
    for one in &listed {
        words += &in_words(one);
    }
    args.common.at.tell(&listed, words)
}

fn in_words(one: &Listed) -> String {
    let mut words = format!(
        "\n{:>4}  {} → {}  ({}, {})\n      {}\n      {}",
        one.rank,
        one.label,
        one.predicted,
        one.id,
        one.place,
        quoted(one.text.as_ref()),
        one.reason
    );
    for near in one.neighbours.iter().take(NEIGHBOURS) {
        words += &format!(
            "\n        near: {}: {}",
            near.label,
            quoted(near.text.as_ref())
        );
    }
    if let Some(judgement) = &one.judgement {
        let by = one.judged_by.as_ref();
        let by = by.map_or_else(String::new, |by| format!(", says {by}"));
        words += &format!("\n      judged: {judgement}{by}");
    }
    words
}

fn quoted(text: Option<&Text>) -> String {
    match text {
        Some(text) => format!("“{}”", text.joined()),
        None => "(kept back from teachers; its row says where it is)".into(),
    }
}

/// `blindspot corrected`.
///
/// # Errors
/// When the folder holds other files or cannot be written to.
pub(super) fn write_corrected(args: &CorrectedArgs) -> Result<()> {
    let progress = args.common.at.progress();
    let project = args.common.at.open(&progress)?;
    let written = corrected::write(&project, &args.out, &progress)?;
    args.common.at.tell(&written, &written)
}
