//! `blindspot demo`: a demo project to try the other commands on.

use std::path::PathBuf;

use clap::Args;

use super::say::{print_json, say};
use crate::support::{Result, assets};

/// `demo`.
#[derive(Debug, Clone, Args)]
pub struct DemoArgs {
    /// Name of the demo.
    #[arg(default_value = assets::DEMO)]
    pub name: String,
    /// Copy it into this new folder.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Print JSON for machines, with the names of all demos.
    #[arg(long)]
    pub json: bool,
}

/// Prints the folder of a demo project, and nothing else on standard output,
/// so that `blindspot run "$(blindspot demo)"` works.
///
/// # Errors
/// When there is no such demo, or it cannot be copied.
pub(super) fn demo(args: &DemoArgs) -> Result<()> {
    let folder = match &args.out {
        Some(folder) => {
            assets::copy_demo(&args.name, folder)?;
            folder.clone()
        }
        None => assets::demo_project(&args.name)?,
    };
    if args.json {
        return print_json(&serde_json::json!({"project": folder, "demos": assets::demos()}));
    }
    say(folder.display())?;
    eprintln!("try `blindspot run \"{}\"`", folder.display());
    Ok(())
}
