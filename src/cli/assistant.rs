//! `blindspot mcp`: an assistant as a teacher, over standard input and output.

use std::path::PathBuf;

use clap::Args;

use super::progress::on_terminal;
use super::say::remark;
use crate::mcp::{Offer, Terms};
use crate::support::Result;

/// `mcp`.
#[derive(Debug, Clone, Args)]
pub struct McpArgs {
    /// Folder of the project (it holds `project.toml`).
    pub project: PathBuf,
    /// Where the program writes, instead of `.blindspot` in the project.
    #[arg(long, value_name = "DIR")]
    pub state_dir: Option<PathBuf>,
    /// What the assistant is called; what it calls itself when left out.
    #[arg(long)]
    pub name: Option<String>,
    /// Most calls in this session.
    #[arg(long, value_name = "N", default_value_t = 500)]
    pub calls: usize,
    /// Most samples in all lessons of assistants on the project.
    #[arg(long, value_name = "N", default_value_t = 300)]
    pub samples: usize,
    /// Accept drafts that pass the checks without a person.
    #[arg(long)]
    pub accept_all_passing: bool,
}

/// Answers an assistant until it goes. Standard output belongs to the protocol;
/// what a person should know goes to standard error.
///
/// # Errors
/// When the project cannot be read or taught, or what comes in is not the
/// protocol.
pub(super) fn mcp(args: &McpArgs) -> Result<()> {
    let terms = Terms {
        name: args.name.clone(),
        calls: args.calls,
        samples: args.samples,
        accept_passing: args.accept_all_passing,
    };
    let progress = on_terminal(true);
    let offer = Offer::new(&args.project, args.state_dir.as_deref(), terms, &progress)?;
    remark(offer.statement());
    remark(format_args!(
        "Every call is written down in {}.",
        offer.journal().display()
    ));
    offer.serve_stdio()
}
