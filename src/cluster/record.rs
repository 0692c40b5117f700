//! How often each task was submitted: kept beside the logs, so that a later
//! process counts on.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::support::{Error, Result, atomic_file};

/// How often a task that died is run again.
pub(super) const RERUNS: u32 = 3;

const FILE: &str = "submissions.json";

/// The submissions of an array.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Record {
    /// The engine's numbers of what was submitted, oldest first.
    pub jobs: Vec<String>,
    /// For each task how often it was submitted.
    submitted: BTreeMap<usize, u32>,
}

impl Record {
    /// What an earlier process kept; a file that cannot be read counts as none,
    /// which costs a few runs more.
    pub(super) fn read(folder: &Path) -> Self {
        let kept = std::fs::read(folder.join(FILE)).ok();
        let kept = kept.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        kept.unwrap_or_default()
    }

    /// How often a task was submitted.
    pub(super) fn of(&self, task: usize) -> u32 {
        self.submitted.get(&task).copied().unwrap_or(0)
    }

    /// Counts a submission, and keeps the record.
    pub(super) fn add(&mut self, folder: &Path, job: String, tasks: &[usize]) -> Result<()> {
        self.jobs.push(job);
        for task in tasks {
            *self.submitted.entry(*task).or_default() += 1;
        }
        self.write(folder)
    }

    /// Counts tasks once that an earlier process submitted without coming to
    /// keep it.
    pub(super) fn know<'a>(
        &mut self,
        folder: &Path,
        tasks: impl Iterator<Item = &'a usize>,
    ) -> Result<()> {
        let unknown: Vec<usize> = tasks.copied().filter(|task| self.of(*task) == 0).collect();
        if unknown.is_empty() {
            return Ok(());
        }
        for task in unknown {
            self.submitted.insert(task, 1);
        }
        self.write(folder)
    }

    /// Forgets all, so that the next process begins anew.
    pub(super) fn forget(&mut self, folder: &Path) -> Result<()> {
        *self = Self::default();
        self.write(folder)
    }

    fn write(&self, folder: &Path) -> Result<()> {
        let bytes = serde_json::to_vec(self)
            .map_err(|e| Error::program("cannot describe what was submitted").because(e))?;
        atomic_file::write(&folder.join(FILE), |out| out.write_all(&bytes))
    }
}
