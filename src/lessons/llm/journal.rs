//! The journal of a teacher's calls: what was sent, received and charged.
//!
//! Every reply is stored before it is used, so that a job that was killed goes
//! on where it stood: no reply that was received is asked for again, and what
//! was spent stays spent. The same entries are a recorded lesson that can be
//! [replayed](super::Replay) without a network.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use super::budget::Spent;
use super::endpoint::Endpoint;
use super::money::Money;
use super::wire::{Call, Reply};
use crate::records::Cost;
use crate::support::Result;

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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

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
            only_reasoning: false,
        }
    }

    /// Entries that outlive the journal, as those in a database do.
    #[derive(Default, Clone)]
    struct Lasting(Arc<MemoryStore>);

    impl ReplyStore for Lasting {
        fn load(&self) -> Result<Vec<Entry>> {
            self.0.load()
        }

        fn append(&self, entry: &Entry) -> Result<()> {
            self.0.append(entry)
        }
    }

    #[test]
    fn a_killed_job_finds_its_replies_and_its_bill() {
        let store = Lasting::default();
        let open = || Journal::open(Box::new(store.clone())).expect("opens");

        let journal = open();
        let first = journal.sent("a", "samples", Money(100)).expect("stored");
        journal.received(first, &reply("one", 7)).expect("stored");
        let second = journal.sent("b", "samples", Money(100)).expect("stored");
        journal
            .failed(second, Money(100), "lost".into())
            .expect("stored");
        journal.sent("c", "samples", Money(100)).expect("stored");
        drop(journal);

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
    }
}
