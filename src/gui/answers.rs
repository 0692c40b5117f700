//! Questions about the model in use, answered in a thread of their own, so
//! that answers come while a retraining runs and never hold up a frame.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::mpsc::{Receiver, Sender, channel};

use eframe::egui::Context;

use crate::records::ArmRun;
use crate::steps::State;
use crate::support::Result;

/// Answers to texts being typed that are remembered at most.
const MOST_ANSWERS: usize = 500;

/// Which model answers, and how its logits become confidences.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    /// The run that trained it; the base without one.
    pub run: Option<ArmRun>,
    /// Temperature that the logits are divided by.
    pub temperature: f32,
}

impl Asked {
    /// The model in use.
    pub fn of(state: &State) -> Self {
        Self {
            run: state.run_in_use().cloned(),
            temperature: state.effective_temperature(),
        }
    }
}

/// Which questions are answered when several wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waiting {
    /// All, in their order.
    All,
    /// The newest: the others are about texts that nobody types any more.
    Newest,
}

/// An answer, or why there is none.
pub type Answer<A> = std::result::Result<A, String>;

/// Asks a thread and remembers what it said about the model in use.
pub struct Answers<Q, A> {
    waiting: Waiting,
    questions: Sender<(Asked, Q)>,
    answers: Receiver<(Asked, Q, Answer<A>)>,
    asked: Asked,
    known: BTreeMap<Q, Answer<A>>,
    open: BTreeSet<Q>,
    revision: u64,
}

impl<Q, A> Answers<Q, A>
where
    Q: Ord + Clone + Send + 'static,
    A: Send + 'static,
{
    /// Starts the thread, which ends when this is dropped.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn start(
        ctx: &Context,
        name: &str,
        waiting: Waiting,
        mut answer: impl FnMut(&Asked, &Q) -> Result<A> + Send + 'static,
    ) -> std::io::Result<Self> {
        let (questions, to_answer) = channel::<(Asked, Q)>();
        let (sender, answers) = channel();
        let ctx = ctx.clone();
        std::thread::Builder::new()
            .name(name.into())
            .spawn(move || {
                while let Ok(first) = to_answer.recv() {
                    let (asked, question) = match waiting {
                        Waiting::All => first,
                        Waiting::Newest => to_answer.try_iter().last().unwrap_or(first),
                    };
                    let said = answer(&asked, &question).map_err(|error| error.to_string());
                    if sender.send((asked, question, said)).is_err() {
                        return;
                    }
                    ctx.request_repaint();
                }
            })?;
        Ok(Self {
            waiting,
            questions,
            answers,
            asked: Asked {
                run: None,
                temperature: 1.0,
            },
            known: BTreeMap::new(),
            open: BTreeSet::new(),
            revision: 0,
        })
    }

    /// Takes in answers, and follows the model in use: what another one said
    /// is forgotten.
    pub fn follow(&mut self, state: &State) {
        let asked = Asked::of(state);
        if asked != self.asked {
            self.asked = asked;
            self.known.clear();
            self.open.clear();
            self.revision += 1;
        }
        for (asked, question, said) in self.answers.try_iter() {
            if asked != self.asked {
                continue;
            }
            if self.waiting == Waiting::Newest && self.known.len() >= MOST_ANSWERS {
                self.known.clear();
            }
            self.open.remove(&question);
            self.known.insert(question, said);
            self.revision += 1;
        }
    }

    /// The answer to a question; asks it if it is not known yet.
    pub fn get(&mut self, question: &Q) -> Option<&Answer<A>> {
        if !self.known.contains_key(question) && !self.open.contains(question) {
            if self.waiting == Waiting::Newest {
                self.open.clear();
            }
            // A thread that has ended leaves the question without an answer.
            let sent = self.questions.send((self.asked.clone(), question.clone()));
            if sent.is_ok() {
                self.open.insert(question.clone());
            }
        }
        self.known.get(question)
    }

    /// Grows with every answer, for what is made of them.
    pub fn revision(&self) -> u64 {
        self.revision
    }
}
