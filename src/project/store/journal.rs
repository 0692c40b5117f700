//! The journal of calls to language models: replies that were received are
//! never asked, or paid, for again.

use super::Store;
use super::json::{AsJson, FromJson};
use crate::lessons::llm::{Entry, ReplyStore};
use crate::support::Result;

/// The entries of one job.
#[derive(Debug, Clone)]
pub struct StoredJournal {
    store: Store,
    job: String,
}

impl Store {
    /// The journal of a job, named for good: a job that was killed finds its
    /// entries under the same name.
    pub fn journal(&self, job: &str) -> StoredJournal {
        StoredJournal {
            store: self.clone(),
            job: job.to_owned(),
        }
    }
}

impl ReplyStore for StoredJournal {
    fn load(&self) -> Result<Vec<Entry>> {
        self.store.read("replies", |connection| {
            let all = "SELECT entry FROM journal WHERE job = ?1 ORDER BY id";
            let mut statement = connection.prepare_cached(all)?;
            let rows = statement.query_map([&self.job], |row| row.get(0))?;
            rows.map(|row| row.map(|FromJson(entry)| entry)).collect()
        })
    }

    fn append(&self, entry: &Entry) -> Result<()> {
        let add = "INSERT INTO journal (job, entry) VALUES (?1, ?2)";
        self.store.write("a reply", |transaction| {
            transaction
                .execute(add, (&self.job, AsJson(entry)))
                .map(drop)
        })
    }
}
