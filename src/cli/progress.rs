//! Progress on the terminal: one bar with time left, warnings above it, and
//! Ctrl-C as a cancel. Everything goes to standard error, so that standard
//! output stays the result.

use std::sync::Mutex;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::support::{Progress, Update, terminal};

const STYLE: &str = "{msg:30!} [{bar:30}] {pos}/{len} {elapsed} (left: {eta})";
const STYLE_UNKNOWN: &str = "{msg:30!} {spinner} {elapsed}";
const STYLE_COUNTED: &str = "{msg:30!} {spinner} {pos} {elapsed}";

/// A progress handle that draws on the terminal; with `quiet` it prints
/// warnings only.
pub fn on_terminal(quiet: bool) -> Progress {
    let bar = ProgressBar::no_length();
    if quiet {
        bar.set_draw_target(ProgressDrawTarget::hidden());
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    let bar = Mutex::new(bar);
    Progress::new(move |update| {
        // A poisoned lock means another thread panicked while drawing; the
        // bar itself is still fine.
        let bar = bar
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        show(&bar, quiet, update);
    })
}

/// Without a terminal the stages are printed a line each.
fn show(bar: &ProgressBar, quiet: bool, update: Update) {
    let line = |text: &str| terminal::line(text).into_owned();
    match update {
        Update::Stage { name, total } => {
            let name = line(&name);
            if bar.is_hidden() && !quiet {
                eprintln!("{name} …");
            }
            bar.reset();
            bar.set_message(name);
            match total {
                Some(total) => bar.set_length(total),
                None => bar.unset_length(),
            }
            set_style(
                bar,
                if total.is_some() {
                    STYLE
                } else {
                    STYLE_UNKNOWN
                },
            );
        }
        Update::Renamed { name } => {
            let name = line(&name);
            if bar.is_hidden() && !quiet {
                eprintln!("{name} …");
            }
            bar.set_message(name);
        }
        Update::Done { done } => {
            if bar.length().is_none() {
                set_style(bar, STYLE_COUNTED);
            }
            bar.set_position(done);
        }
        // The stages of a part are told with its number.
        Update::Figure { .. } | Update::Parts { .. } => {}
        Update::Note(note) => {
            if !quiet {
                bar.suspend(|| eprintln!("note: {}", line(&note)));
            }
        }
        Update::Warning(warning) => bar.suspend(|| eprintln!("warning: {}", line(&warning))),
    }
}

fn set_style(bar: &ProgressBar, template: &str) {
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style.progress_chars("=> "));
    }
}
