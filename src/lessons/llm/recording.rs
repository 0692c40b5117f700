//! The journal of a teacher's calls: what was sent, received and charged.
//!
//! Every reply is stored before it is used, so that a job that was killed goes
//! on where it stood: no reply that was received is asked for again, and what
//! was spent stays spent. The same entries, in a file, are a recorded lesson
//! that can be replayed without a network.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use super::budget::Spent;
use super::endpoint::Endpoint;
use super::money::Money;
use super::wire::{Call, Reply};
use crate::records::Cost;
use crate::support::{Error, Result};

/// One event of the journal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "event")]
pub enum Entry {
    /// A request is about to leave. Without a later entry of the same number
    /// its reply counts as lost.
    Sent {
        /// Number of the request in this journal.
        number: u64,
        /// Which question it asks: [`super::Call::key`].
        call: String,
        /// The step that asks.
        step: String,
        /// What it can cost at most.
        worst: Money,
    },
    /// A whole reply arrived.
    Received {
        /// Number of the request.
        number: u64,
        /// The reply.
        reply: Reply,
    },
    /// The request failed.
    Failed {
        /// Number of the request.
        number: u64,
        /// What is charged for it: nothing, or its worst case if a reply may
        /// have been lost.
        charged: Money,
        /// What went wrong.
        why: String,
    },
}

/// Keeps the entries of one job, in order.
pub trait ReplyStore: Send + Sync {
    /// All entries so far, oldest first.
    ///
    /// # Errors
    /// If they cannot be read.
    fn load(&self) -> Result<Vec<Entry>>;

    /// Adds one entry; on return it must survive a crash.
    ///
    /// # Errors
    /// If it cannot be stored; the entry then counts as never written.
    fn append(&self, entry: &Entry) -> Result<()>;
}

/// What was sent and received so far, over a store that outlives the process.
pub struct Journal {
    store: Box<dyn ReplyStore>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    next: u64,
    open: BTreeMap<u64, Open>,
    replies: BTreeMap<String, Reply>,
    charged: BTreeMap<String, Money>,
    /// Time and tokens of all replies.
    bill: Cost,
    failures: u64,
}

struct Open {
    call: String,
    worst: Money,
}

impl State {
    fn take(&mut self, entry: &Entry) {
        match entry {
            Entry::Sent {
                number,
                call,
                worst,
                ..
            } => {
                self.next = self.next.max(number + 1);
                let (call, worst) = (call.clone(), *worst);
                self.open.insert(*number, Open { call, worst });
            }
            Entry::Received { number, reply } => {
                if let Some(open) = self.open.remove(number) {
                    self.charge(&open.call, reply.cost);
                    self.bill.llm_seconds += reply.seconds;
                    self.bill.input_tokens += reply.usage.input_tokens;
                    self.bill.output_tokens += reply.usage.output_tokens;
                    self.bill.estimated |= reply.usage.estimated;
                    self.replies.insert(open.call, reply.clone());
                }
            }
            Entry::Failed {
                number, charged, ..
            } => {
                if let Some(open) = self.open.remove(number) {
                    self.charge(&open.call, *charged);
                    self.failures += 1;
                }
            }
        }
    }

    fn charge(&mut self, call: &str, cost: Money) {
        let charged = self.charged.entry(call.to_owned()).or_default();
        *charged = charged.plus(cost);
    }
}

impl Journal {
    /// Opens the journal of a job; what an earlier run received is known.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn open(store: Box<dyn ReplyStore>) -> Result<Self> {
        let mut state = State::default();
        for entry in store.load()? {
            state.take(&entry);
        }
        Ok(Self {
            store,
            state: Mutex::new(state),
        })
    }

    /// A journal that ends with the process.
    pub fn in_memory() -> Self {
        Self {
            store: Box::new(MemoryStore::default()),
            state: Mutex::default(),
        }
    }

    /// The stored reply to a call, if one was received.
    pub fn find(&self, call: &str) -> Option<Reply> {
        self.lock().replies.get(call).cloned()
    }

    /// The key under which a call was answered, else the one that it gets.
    pub(super) fn key_of(&self, call: &Call, endpoint: &Endpoint) -> String {
        let (key, earlier) = (call.key(endpoint), call.earlier_key(endpoint));
        let replies = &self.lock().replies;
        let is_of_earlier = !replies.contains_key(&key) && replies.contains_key(&earlier);
        if is_of_earlier { earlier } else { key }
    }

    /// What is charged so far; requests without an outcome at their worst.
    pub fn spent(&self) -> Spent {
        let state = self.lock();
        let open = state.open.values().map(|open| open.worst);
        let charged = state.charged.values().copied();
        Spent {
            calls: state.next,
            money: charged.chain(open).fold(Money::ZERO, Money::plus),
        }
    }

    /// What one call is charged with so far, its lost tries included.
    pub fn charged(&self, call: &str) -> Money {
        let state = self.lock();
        let open = state.open.values().filter(|open| open.call == call);
        let settled = state.charged.get(call).copied().unwrap_or_default();
        open.map(|open| open.worst).fold(settled, Money::plus)
    }

    /// What the job has cost so far: time and tokens of the replies, and all
    /// money that is charged, lost replies included.
    pub fn bill(&self) -> Cost {
        Cost {
            money: self.spent().money.units(),
            ..self.lock().bill.clone()
        }
    }

    /// How many replies were received and how many requests failed.
    pub fn outcomes(&self) -> (usize, u64) {
        let state = self.lock();
        (state.replies.len(), state.failures)
    }

    /// Notes that a request is about to leave; gives its number.
    pub(super) fn sent(&self, call: &str, step: &str, worst: Money) -> Result<u64> {
        let mut state = self.lock();
        let number = state.next;
        self.note(
            &mut state,
            Entry::Sent {
                number,
                call: call.to_owned(),
                step: step.to_owned(),
                worst,
            },
        )?;
        Ok(number)
    }

    /// Notes a reply, before anybody uses it.
    pub(super) fn received(&self, number: u64, reply: &Reply) -> Result<()> {
        let reply = reply.clone();
        self.note(&mut self.lock(), Entry::Received { number, reply })
    }

    /// Notes that a request failed and what it is charged with.
    pub(super) fn failed(&self, number: u64, charged: Money, why: String) -> Result<()> {
        let entry = Entry::Failed {
            number,
            charged,
            why,
        };
        self.note(&mut self.lock(), entry)
    }

    fn note(&self, state: &mut State, entry: Entry) -> Result<()> {
        self.store.append(&entry)?;
        state.take(&entry);
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Entries in memory.
#[derive(Debug, Default)]
pub struct MemoryStore(Mutex<Vec<Entry>>);

impl ReplyStore for MemoryStore {
    fn load(&self) -> Result<Vec<Entry>> {
        let entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(entries.clone())
    }

    fn append(&self, entry: &Entry) -> Result<()> {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        entries.push(entry.clone());
        Ok(())
    }
}

/// Entries as JSON Lines in a file: a resumable job, and a recording.
#[derive(Debug)]
pub struct FileStore {
    path: PathBuf,
    file: Mutex<Option<File>>,
}

impl FileStore {
    /// A store in the file at `path`, which need not exist yet.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            file: Mutex::new(None),
        }
    }

    /// Opens the file for adding to it. What a crash left of a last, half
    /// written line is cut off, so that the next entry has a line of its own.
    fn open(path: &Path) -> std::io::Result<File> {
        let mut file = OpenOptions::new()
            .create(true)
            .append(true)
            .read(true)
            .open(path)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        let whole = bytes.iter().rposition(|byte| *byte == b'\n');
        let whole = whole.map_or(0, |last| last + 1);
        if whole < bytes.len() {
            file.set_len(whole as u64)?;
        }
        Ok(file)
    }
}

impl ReplyStore for FileStore {
    fn load(&self) -> Result<Vec<Entry>> {
        let bytes = match std::fs::read(&self.path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(Error::file("read", &self.path, error)),
        };
        let text = String::from_utf8_lossy(&bytes);
        let mut entries = Vec::new();
        for (row, line) in text.split_inclusive('\n').enumerate() {
            if !line.ends_with('\n') {
                break; // half written when the program was killed
            }
            let entry = serde_json::from_str(line).map_err(|error| {
                let place = format!("`{}`, line {}", self.path.display(), row + 1);
                Error::input(format!("{place}: no entry of a teacher's journal")).because(error)
            })?;
            entries.push(entry);
        }
        Ok(entries)
    }

    fn append(&self, entry: &Entry) -> Result<()> {
        let failed = |error| Error::file("write", &self.path, error);
        let mut line = serde_json::to_vec(entry)
            .map_err(|e| Error::program("cannot store a reply").because(e))?;
        line.push(b'\n');
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let mut open = match file.take() {
            Some(open) => open,
            None => Self::open(&self.path).map_err(failed)?,
        };
        // On failure the file is opened anew next time, which cuts off half a line.
        open.write_all(&line).map_err(failed)?;
        open.sync_data().map_err(failed)?;
        *file = Some(open);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::money::Usage;
    use super::super::wire::Ending;
    use super::*;

    fn reply(text: &str, cost: u64) -> Reply {
        Reply {
            text: text.into(),
            ending: Ending::Complete,
            usage: Usage::default(),
            cost: Money(cost),
            seconds: 0.5,
            limit: 100,
        }
    }

    #[test]
    fn a_killed_job_finds_its_replies_and_its_bill() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let path = folder.path().join("calls.jsonl");
        let open = || Journal::open(Box::new(FileStore::new(&path))).expect("opens");

        let journal = open();
        let first = journal.sent("a", "samples", Money(100)).expect("stored");
        journal.received(first, &reply("one", 7)).expect("stored");
        let second = journal.sent("b", "samples", Money(100)).expect("stored");
        journal
            .failed(second, Money(100), "lost".into())
            .expect("stored");
        journal.sent("c", "samples", Money(100)).expect("stored");
        drop(journal);
        // Killed while writing the next line.
        let mut file = OpenOptions::new().append(true).open(&path).expect("there");
        file.write_all(b"{\"event\":\"rece").expect("written");

        let journal = open();
        assert_eq!(
            journal.find("a").map(|reply| reply.text),
            Some("one".into())
        );
        assert_eq!(journal.find("b"), None);
        let expected = Spent {
            calls: 3,
            money: Money(207),
        };
        assert_eq!(journal.spent(), expected);
        let fourth = journal.sent("d", "samples", Money(1)).expect("stored");
        journal.received(fourth, &reply("two", 1)).expect("stored");
        assert!(open().find("d").is_some(), "the half line is gone");
    }

    #[test]
    fn a_damaged_journal_is_named_with_its_line() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let path = folder.path().join("calls.jsonl");
        std::fs::write(&path, "{\"event\":\"dance\"}\n").expect("written");
        let opened = Journal::open(Box::new(FileStore::new(&path)));
        let error = opened.err().expect("refused");
        assert!(
            error.to_string().contains("calls.jsonl`, line 1"),
            "{error}"
        );
    }
}
