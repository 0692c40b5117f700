//! One error type for the whole program: what happened, whose fault it is,
//! and what the person in front of it can do.

use std::fmt;
use std::path::Path;

/// `Result` with the program's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

type Source = Box<dyn std::error::Error + Send + Sync + 'static>;

/// Whose fault an error is; decides the exit code of the headless commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The user's input: a file, a setting, an argument. Exit code 2.
    Input,
    /// Ours or the machine's: a full disk, a broken invariant. Exit code 1.
    Program,
    /// Nobody's: a test that was asked for found something. Exit code 1.
    Finding,
    /// Nobody's: the user asked to stop. Exit code 130.
    Cancelled,
}

/// An error message in plain words with an optional remedy.
///
/// The message names the file, row or tensor; [`Error::hint`] says what to do.
/// Keep keys and texts of a data set out of both.
#[derive(Debug)]
pub struct Error {
    fault: Fault,
    message: String,
    hint: Option<String>,
    source: Option<Source>,
}

impl Error {
    /// The user's input is at fault.
    pub fn input(message: impl Into<String>) -> Self {
        Self::new(Fault::Input, message)
    }

    /// The program or the machine is at fault.
    pub fn program(message: impl Into<String>) -> Self {
        Self::new(Fault::Program, message)
    }

    /// A test that was asked for found something: a model is worse.
    pub fn finding(message: impl Into<String>) -> Self {
        Self::new(Fault::Finding, message)
    }

    /// The user asked to stop.
    pub fn cancelled() -> Self {
        Self::new(Fault::Cancelled, "cancelled")
    }

    /// A file operation failed: names the operation and the path.
    pub fn file(doing: &str, path: &Path, source: std::io::Error) -> Self {
        use std::io::ErrorKind;
        let hint = match source.kind() {
            ErrorKind::NotFound => "check the path; nothing is there",
            ErrorKind::PermissionDenied => "check the permissions of the file",
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => {
                "free some disk space and run the command again; nothing was lost"
            }
            ErrorKind::ReadOnlyFilesystem => "choose a writable place with `--state-dir`",
            ErrorKind::IsADirectory | ErrorKind::NotADirectory => {
                "check the path; a file and a folder were taken for each other"
            }
            _ => "check the disk and run the command again; nothing was lost",
        };
        let fault = match source.kind() {
            ErrorKind::NotFound
            | ErrorKind::PermissionDenied
            | ErrorKind::IsADirectory
            | ErrorKind::NotADirectory => Fault::Input,
            _ => Fault::Program,
        };
        let mut error = Self::new(fault, format!("cannot {doing} `{}`", path.display()));
        error.hint = Some(hint.to_owned());
        error.source = Some(Box::new(source));
        error
    }

    fn new(fault: Fault, message: impl Into<String>) -> Self {
        Self {
            fault,
            message: message.into(),
            hint: None,
            source: None,
        }
    }

    /// Adds what the user can do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds the error underneath.
    #[must_use]
    pub fn because(mut self, source: impl Into<Source>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Puts what was being done in front: `while: message`.
    #[must_use]
    pub fn context(mut self, doing: impl fmt::Display) -> Self {
        self.message = format!("{doing}: {}", self.message);
        self
    }

    /// Whose fault it is.
    pub fn fault(&self) -> Fault {
        self.fault
    }

    /// What the user can do, if anything is known.
    pub fn remedy(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    /// Whether the user asked to stop.
    pub fn is_cancelled(&self) -> bool {
        self.fault == Fault::Cancelled
    }

    /// The process exit code: 2 for the user's input, 1 for our failure and for
    /// what a test found.
    pub fn exit_code(&self) -> u8 {
        match self.fault {
            Fault::Input => 2,
            Fault::Program | Fault::Finding => 1,
            Fault::Cancelled => 130,
        }
    }
}

impl fmt::Display for Error {
    /// The message and its causes in one line, without the hint.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        let mut cause = self.source.as_deref().map(|s| s as &dyn std::error::Error);
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_trouble_with_a_file_has_a_remedy() {
        use std::io::ErrorKind;
        for kind in [
            ErrorKind::Other,
            ErrorKind::QuotaExceeded,
            ErrorKind::NotADirectory,
        ] {
            let error = Error::file("read", Path::new("data.csv"), kind.into());
            assert!(error.remedy().is_some(), "{kind:?}");
        }
    }

    #[test]
    fn shows_causes_in_order_and_keeps_the_hint_apart() {
        let disk = std::io::Error::new(std::io::ErrorKind::StorageFull, "no space left");
        let error = Error::file("write", Path::new("model.safetensors"), disk).context("saving");
        assert_eq!(
            error.to_string(),
            "saving: cannot write `model.safetensors`: no space left"
        );
        assert_eq!(error.exit_code(), 1);
        assert!(
            error
                .remedy()
                .is_some_and(|hint| hint.contains("disk space"))
        );
    }
}
