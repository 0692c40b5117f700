//! What a command prints as its result.

use std::fmt::Display;
use std::io::{self, ErrorKind, Write as _};

use serde::Serialize;

use crate::support::{Error, Result, terminal};

/// Prints a line. A reader that has gone, as in `| head`, is no trouble: what
/// was asked for has been done.
///
/// # Errors
/// When standard output cannot be written to, as on a full disk.
pub(super) fn say(line: impl Display) -> Result<()> {
    let line = line.to_string();
    print(&terminal::block(&line))
}

fn print(text: &str) -> Result<()> {
    let mut out = io::stdout().lock();
    told(writeln!(out, "{text}").and_then(|()| out.flush()))
}

/// Says a line beside the result, on standard error.
pub(super) fn remark(line: impl Display) {
    let line = line.to_string();
    eprintln!("{}", terminal::block(&line));
}

/// Prints JSON for machines.
///
/// # Errors
/// As [`say`].
pub(super) fn print_json(value: &impl Serialize) -> Result<()> {
    let text = serde_json::to_string_pretty(value)
        .map_err(|e| Error::program("cannot write JSON").because(e))?;
    print(&terminal::json(&text))
}

fn told(written: io::Result<()>) -> Result<()> {
    match written {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Error::program("cannot write to standard output")
                .because(error)
                .hint("what was computed is kept; run the command again and write elsewhere"))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_that_has_gone_is_no_trouble_and_a_full_disk_is() {
        assert!(told(Err(ErrorKind::BrokenPipe.into())).is_ok());
        let full = told(Err(ErrorKind::StorageFull.into())).expect_err("is told");
        assert_eq!(full.exit_code(), 1);
    }
}
