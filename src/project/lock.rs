//! One process at a time writes to a state folder.
//!
//! The lock belongs to the open file, so the operating system takes it back
//! when the process ends, however it ends. Who holds it is said in a file
//! beside it: on Windows a locked file cannot be read by others.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::support::{Error, Result, clock, file_lock};

pub(super) const LOCK_FILE: &str = "lock";
pub(super) const HOLDER_FILE: &str = "holder.json";

/// A process that writes to a state folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// Process id.
    pub pid: u32,
    /// Name of the machine.
    pub host: String,
    /// Name of the program and its version.
    pub program: String,
    /// Since when, RFC 3339.
    pub since: String,
}

impl Holder {
    /// This process, now.
    pub fn this_process() -> Self {
        Self {
            pid: std::process::id(),
            host: host_name(),
            program: format!("blindspot {}", env!("CARGO_PKG_VERSION")),
            since: clock::now(),
        }
    }
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} (process {} on {}, since {})",
            self.program, self.pid, self.host, self.since
        )
    }
}

/// The right to write, until it is dropped.
#[derive(Debug)]
pub(super) struct Lock {
    file: File,
}

impl Drop for Lock {
    /// Closing the file would do, were it not for a child process that was
    /// just being started and shares it for a moment.
    fn drop(&mut self) {
        drop(self.file.unlock());
    }
}

/// What came of asking for the lock.
#[derive(Debug)]
pub(super) enum Claim {
    /// It is ours.
    Ours(Lock),
    /// Another process has it; who, if it said so.
    Theirs(Option<Holder>),
}

/// Asks for the lock of a state folder, without waiting.
pub(super) fn claim(folder: &Path) -> Result<Claim> {
    let path = folder.join(LOCK_FILE);
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(|e| Error::file("open", &path, e))?;
    if file_lock::take(&file, &path)? {
        say_who(folder)?;
        Ok(Claim::Ours(Lock { file }))
    } else {
        Ok(Claim::Theirs(read_holder(folder)))
    }
}

fn say_who(folder: &Path) -> Result<()> {
    let path = folder.join(HOLDER_FILE);
    let content = serde_json::to_vec(&Holder::this_process())
        .map_err(|e| Error::program("cannot describe this process").because(e))?;
    std::fs::write(&path, content).map_err(|e| Error::file("write", &path, e))
}

fn read_holder(folder: &Path) -> Option<Holder> {
    let content = std::fs::read(folder.join(HOLDER_FILE)).ok()?;
    serde_json::from_slice(&content).ok()
}

fn host_name() -> String {
    let from_kernel = std::fs::read_to_string("/proc/sys/kernel/hostname").ok();
    from_kernel
        .or_else(|| std::env::var("HOSTNAME").ok())
        .or_else(|| std::env::var("COMPUTERNAME").ok())
        .map(|name| name.trim().to_owned())
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| "this machine".into())
}
