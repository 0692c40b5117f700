//! The last net under a command: a panic, our own or a dependency's, ends in
//! an error with a remedy and an exit code.

use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::{Mutex, PoisonError};

use crate::support::{Error, Result};

/// Where the last panic began that did not begin in the standard library:
/// threads that are waited for panic a second time there.
static LAST: Mutex<Option<Place>> = Mutex::new(None);

/// A place in some source.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Place {
    file: String,
    line: u32,
}

/// Carries out the whole of a command. What a panic says is not printed, since
/// it may quote texts of a data set; `RUST_BACKTRACE=full` shows it to developers.
///
/// # Errors
/// Those of the command, and one for a panic.
pub fn caught(command: impl FnOnce() -> Result<()>) -> Result<()> {
    let wanted = std::env::var_os("RUST_BACKTRACE").filter(|wanted| wanted == "full");
    let usual = wanted.map(|_| take_hook());
    set_hook(Box::new(move |panic| {
        let place = panic.location().map(|location| Place {
            file: location.file().to_owned(),
            line: location.line(),
        });
        if let Some(place) = place.filter(|place| !place.file.starts_with("/rustc/")) {
            *LAST.lock().unwrap_or_else(PoisonError::into_inner) = Some(place);
        }
        if let Some(usual) = &usual {
            usual(panic);
        }
    }));
    catch_unwind(AssertUnwindSafe(command)).unwrap_or_else(|_| {
        let place = LAST.lock().unwrap_or_else(PoisonError::into_inner).take();
        Err(mistake(place))
    })
}

/// The error for a panic. One inside a dependency is nearly always about a
/// file that it was given to read.
fn mistake(place: Option<Place>) -> Error {
    let Some(place) = place else {
        return Error::program("the program made a mistake and stopped").hint(REPORT);
    };
    let parts: Vec<&str> = place.file.split(['/', '\\']).collect();
    let of_registry = parts
        .windows(2)
        .position(|pair| pair == ["registry", "src"]);
    // …/registry/src/INDEX/NAME-VERSION/src/…
    match of_registry.and_then(|at| parts.get(at + 3)) {
        Some(dependency) => Error::input(format!(
            "a part of the program, {dependency}, could not cope with what it was given to read"
        ))
        .hint(
            "check the files that the command was reading, or write them again from their \
             origin; `blindspot check` tells what is wrong with most",
        ),
        None => Error::program(format!(
            "the program made a mistake and stopped ({}, line {})",
            place.file, place.line
        ))
        .hint(REPORT),
    }
}

const REPORT: &str = "what was kept before is still there; please report the mistake with the \
                      command and this place";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mistakes_are_ours_or_those_of_what_was_read() {
        let of = |file: &str| {
            mistake(Some(Place {
                file: file.to_owned(),
                line: 7,
            }))
        };
        let theirs = of("/home/x/.cargo/registry/src/index.crates.io-1/calamine-0.38.0/src/x.rs");
        assert_eq!(theirs.exit_code(), 2);
        assert!(theirs.to_string().contains("calamine-0.38.0"), "{theirs}");
        assert!(!theirs.to_string().contains("home"), "{theirs}");
        let ours = of("src/steps/round.rs");
        assert_eq!(ours.exit_code(), 1);
        assert!(ours.to_string().contains("round.rs, line 7"), "{ours}");
        for error in [theirs, ours, mistake(None)] {
            assert!(error.remedy().is_some());
        }
    }
}
