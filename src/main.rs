//! The `blindspot` binary: a thin face.

use std::process::ExitCode;

use blindspot::cli::{self, args::Cli};
use clap::Parser as _;

#[cfg(feature = "carried")]
#[path = "main/carried.rs"]
mod carried;

fn main() -> ExitCode {
    #[cfg(feature = "carried")]
    blindspot::support::assets::carry(carried::FILES);
    let typed = Cli::parse();
    let result = cli::caught(|| match typed.command {
        Some(command) => cli::run(command),
        None => cli::check_named(typed.project.as_deref()).and_then(|()| window(&typed)),
    });
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => cli::fail(&error),
    }
}

#[cfg(feature = "gui")]
fn window(typed: &Cli) -> blindspot::support::Result<()> {
    let (project, view) = (typed.project.as_deref(), typed.view.as_deref());
    blindspot::gui::open(project, view, typed.state_dir.as_deref())
}

#[cfg(not(feature = "gui"))]
fn window(_typed: &Cli) -> blindspot::support::Result<()> {
    Err(
        blindspot::support::Error::input("this build of Blindspot has no window").hint(
            "run a headless command, for instance `blindspot run PROJECT` (`blindspot demo` gives \
             one), or build with the feature `gui`",
        ),
    )
}
