//! Asks several questions at once, and each a second time if its first answer
//! cannot be used.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use super::client::Answers;
use super::prompt::Prompts;
use super::wire::{Call, Ending, Reply};
use crate::support::{Error, Progress, Result};

/// What the live figure of how long a reply took is called.
pub const REPLY_SECONDS: &str = "seconds of a reply";

/// What came of one question.
pub(super) struct Answer<T> {
    /// Position of the question among those asked together.
    pub(super) number: usize,
    /// Key of the first call; names what is made of the answer.
    pub(super) key: String,
    /// What could be used, or why nothing could.
    pub(super) outcome: std::result::Result<T, String>,
    /// The calls that were made, with their replies.
    pub(super) exchanged: Vec<(Call, Option<Reply>)>,
}

/// Asks all `calls`, several at a time, and reads each reply with `read`,
/// which is told the position of the call.
///
/// Gives what was answered, in the order of the calls, and the first error
/// that kept others from being asked. A row whose second answer is unusable
/// as well is given up; the others go on.
pub(super) fn ask_all<T: Send>(
    answers: &dyn Answers,
    prompts: &Prompts,
    calls: Vec<Call>,
    read: impl Fn(usize, &str) -> std::result::Result<T, String> + Sync,
    progress: &Progress,
) -> (Vec<Answer<T>>, Option<Error>) {
    ask_each(answers, (prompts, 2), calls, read, progress)
}

/// As [`ask_all`] for questions that whoever asks puts again in other words if
/// their answers cannot be used.
pub(super) fn ask_each_once<T: Send>(
    answers: &dyn Answers,
    prompts: &Prompts,
    calls: Vec<Call>,
    read: impl Fn(usize, &str) -> std::result::Result<T, String> + Sync,
    progress: &Progress,
) -> (Vec<Answer<T>>, Option<Error>) {
    ask_each(answers, (prompts, 1), calls, read, progress)
}

fn ask_each<T: Send>(
    answers: &dyn Answers,
    (prompts, tries): (&Prompts, usize),
    calls: Vec<Call>,
    read: impl Fn(usize, &str) -> std::result::Result<T, String> + Sync,
    progress: &Progress,
) -> (Vec<Answer<T>>, Option<Error>) {
    let next = AtomicUsize::new(0);
    let stop = AtomicBool::new(false);
    let done: Mutex<Vec<Answer<T>>> = Mutex::default();
    let errors: Mutex<Vec<(usize, Error)>> = Mutex::default();
    let work = || {
        while !stop.load(Ordering::Relaxed) {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(call) = calls.get(index) else {
                return;
            };
            let read = |reply: &str| read(index, reply);
            let (mut answer, error) = ask(answers, (prompts, tries), call, &read, progress);
            answer.number = index;
            for reply in answer
                .exchanged
                .iter()
                .filter_map(|(_, reply)| reply.as_ref())
            {
                progress.figure(REPLY_SECONDS, index as u64, reply.seconds);
            }
            locked(&done).push(answer);
            if let Some(error) = error {
                stop.store(true, Ordering::Relaxed);
                locked(&errors).push((index, error));
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..answers.concurrency().min(calls.len()) {
            scope.spawn(work);
        }
        work();
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|answer| answer.number);
    let mut errors = errors.into_inner().unwrap_or_else(PoisonError::into_inner);
    errors.sort_by_key(|(index, _)| *index);
    (done, errors.into_iter().next().map(|(_, error)| error))
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn ask<T>(
    answers: &dyn Answers,
    (prompts, tries): (&Prompts, usize),
    call: &Call,
    read: &impl Fn(&str) -> std::result::Result<T, String>,
    progress: &Progress,
) -> (Answer<T>, Option<Error>) {
    let mut answer = Answer {
        number: 0,
        key: answers.key(call),
        outcome: Err("it was not asked".to_owned()),
        exchanged: Vec::new(),
    };
    let mut call = call.clone();
    for _ in 0..tries {
        let reply = match answers.ask(&call, progress) {
            Ok(reply) => reply,
            Err(error) => {
                answer.exchanged.push((call, None));
                return (answer, Some(error));
            }
        };
        answer.outcome = usable(&reply, read);
        answer.exchanged.push((call.clone(), Some(reply)));
        match &answer.outcome {
            Ok(_) => break,
            Err(reason) => {
                // The reason is in our words: nothing of a reply goes back
                // into a prompt as an instruction.
                let (_, note) = prompts.again.fill(&[("reason", reason)]);
                call.user.push_str(&note);
            }
        }
    }
    let error = if_cut_ask_anew(&mut answer, answers, read, progress).err();
    say_if_it_only_reasoned(&mut answer);
    (answer, error)
}

/// What helps against reasoning without an answer is for the person; the
/// question that is put again, and by which a recording finds its reply, does
/// not hold it.
fn say_if_it_only_reasoned<T>(answer: &mut Answer<T>) {
    if let (Err(reason), Some((_, Some(reply)))) = (&mut answer.outcome, answer.exchanged.last())
        && reply.is_only_reasoning()
    {
        let limit = reply.limit;
        *reason = format!(
            "the model reasoned and gave no answer: raise the teacher's `max_output_tokens` \
             ({limit} were allowed), or name a model that does not reason"
        );
    }
}

/// A question that an earlier run gave up, since the answer broke off, is asked
/// again once the limit of tokens was raised. What could be used of a cut
/// answer stays: records are named by their question.
fn if_cut_ask_anew<T>(
    answer: &mut Answer<T>,
    answers: &dyn Answers,
    read: &impl Fn(&str) -> std::result::Result<T, String>,
    progress: &Progress,
) -> Result<()> {
    if answer.outcome.is_ok() {
        return Ok(());
    }
    if let Some((call, Some(reply))) = answer.exchanged.last_mut()
        && reply.is_cut_before(call)
    {
        *reply = answers.ask_anew(call, progress)?;
        answer.outcome = usable(reply, read);
    }
    Ok(())
}

fn usable<T>(
    reply: &Reply,
    read: &impl Fn(&str) -> std::result::Result<T, String>,
) -> std::result::Result<T, String> {
    match (read(&reply.text), reply.ending) {
        (Ok(value), _) => Ok(value),
        (Err(_), Ending::Refused) => Err("it was declined".to_owned()),
        (Err(_), Ending::Cut) => Err("it was cut off at the limit of tokens".to_owned()),
        (Err(reason), Ending::Complete) => Err(reason),
    }
}
