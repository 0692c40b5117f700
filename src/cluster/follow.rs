//! Follows the tasks of an array until each has left its result.
//!
//! Nothing is held but what can be seen: results are files, what runs is asked
//! of the engine, and how often a task was submitted is kept beside the logs.
//! So the process that follows may end at any time; the next one goes on.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use super::Array;
use super::array::newest_log;
use super::record::{RERUNS, Record};
use crate::support::text::many;
use crate::support::{Error, Progress, Result, terminal};

/// Tasks that are named in one message; of more the number is said.
const NAMED: usize = 5;

/// How often the state is told at most.
const TELL_EVERY: Duration = Duration::from_secs(60);

/// How often a long wait looks whether somebody asked to stop.
const TICK: Duration = Duration::from_millis(200);

/// Tasks that the engine knows of and has not ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Alive {
    /// How many of them run.
    pub running: usize,
    /// All, with why one that waits does so.
    pub tasks: BTreeMap<usize, Option<String>>,
}

/// An engine that runs the tasks of one array.
pub trait Queue {
    /// Submits some tasks; gives the engine's number of them.
    ///
    /// # Errors
    /// When the engine refuses them.
    fn submit(&self, tasks: &[usize]) -> Result<String>;

    /// The tasks that wait or run, by whichever process they were submitted.
    ///
    /// # Errors
    /// When the engine does not answer.
    fn alive(&self) -> Result<Alive>;

    /// The command that stops them.
    fn how_to_stop(&self) -> String;
}

/// What the tasks make.
pub struct Results<'a> {
    /// Whether the result of a task is there.
    pub is_done: &'a dyn Fn(usize) -> bool,
    /// What a task makes, in words.
    pub name: &'a dyn Fn(usize) -> String,
}

/// How long to wait for what.
#[derive(Debug, Clone, Copy)]
pub struct Waits {
    /// Between two looks at the engine and at the results.
    pub look_every: Duration,
    /// After a task has left the engine, until its result has to be seen here:
    /// on network drives files of other machines appear late.
    pub result_seen: Duration,
}

/// Submits the tasks whose result is not there and that nobody runs, follows
/// all, and runs one that dies again, at most three times. On return every task
/// has left its result.
///
/// # Errors
/// Names the tasks that died each time, once all others are done. Also when the
/// engine refuses the tasks, or when cancelled: the tasks go on.
pub fn follow(
    array: &Array,
    queue: &dyn Queue,
    results: &Results<'_>,
    waits: Waits,
    progress: &Progress,
) -> Result<()> {
    let mut following = Following {
        array,
        queue,
        results,
        record: Record::read(&array.folder),
        gone_since: BTreeMap::new(),
        given_up: BTreeSet::new(),
        progress,
    };
    progress.stage(
        format!("On the cluster: {}", array.title),
        Some(array.tasks as u64),
    );
    let first = queue.alive()?;
    if !first.tasks.is_empty() {
        progress.note(format!(
            "the array {} is running already, with {}: it is followed",
            array.name(),
            many(first.tasks.len(), "task")
        ));
    }
    progress.note(format!(
        "this command may be ended: the same one goes on from there; `{}` stops the tasks",
        queue.how_to_stop()
    ));
    let mut telling = Telling::begin();
    let mut alive = Ok(first);
    loop {
        match &alive {
            Ok(alive) => {
                let open = following.look(alive, waits)?;
                progress.done((array.tasks - open) as u64);
                if open == following.given_up.len() {
                    break;
                }
                // Right after a submission the engine had not been asked yet.
                if !alive.tasks.is_empty() {
                    telling.tell(array.tasks, open, alive, progress);
                }
            }
            Err(error) => progress.warn(format!("{error}; it is asked again")),
        }
        wait(waits.look_every, progress)?;
        alive = queue.alive();
    }
    following.end()
}

struct Following<'a> {
    array: &'a Array,
    queue: &'a dyn Queue,
    results: &'a Results<'a>,
    record: Record,
    /// Tasks without a result that the engine does not know of, since when.
    gone_since: BTreeMap<usize, Instant>,
    /// Tasks that died too often.
    given_up: BTreeSet<usize>,
    progress: &'a Progress,
}

impl Following<'_> {
    /// Submits what has to be submitted; gives the number of tasks without a
    /// result. `alive` was asked before, so that a task which has left the
    /// engine since is not taken for dead.
    fn look(&mut self, alive: &Alive, waits: Waits) -> Result<usize> {
        let open: Vec<usize> = (1..=self.array.tasks)
            .filter(|task| !(self.results.is_done)(*task))
            .collect();
        self.record.know(&self.array.folder, alive.tasks.keys())?;
        let mut lost = Vec::new();
        for &task in &open {
            if alive.tasks.contains_key(&task) || self.given_up.contains(&task) {
                self.gone_since.remove(&task);
                continue;
            }
            let since = self.gone_since.entry(task).or_insert_with(Instant::now);
            if self.record.of(task) == 0 || since.elapsed() >= waits.result_seen {
                lost.push(task);
            }
        }
        let (again, too_often): (Vec<usize>, Vec<usize>) =
            (lost.into_iter()).partition(|task| self.record.of(*task) <= RERUNS);
        self.given_up.extend(too_often);
        if !again.is_empty() {
            self.submit(&again)?;
        }
        Ok(open.len())
    }

    fn submit(&mut self, tasks: &[usize]) -> Result<()> {
        let died: Vec<usize> = (tasks.iter().copied())
            .filter(|task| self.record.of(*task) > 0)
            .collect();
        if !died.is_empty() {
            self.progress.warn(format!(
                "{} ended without a result and {} again: {}",
                many(died.len(), "task"),
                if died.len() == 1 { "is run" } else { "are run" },
                self.named(&died, true)
            ));
        }
        let job = self.queue.submit(tasks)?;
        self.progress.note(format!(
            "submitted {} as job {job} ({})",
            many(tasks.len(), "task"),
            self.array.name()
        ));
        for task in tasks {
            self.gone_since.remove(task);
        }
        self.record.add(&self.array.folder, job, tasks)
    }

    /// Tasks with what they make and why they ended, as far as their logs say.
    fn named(&self, tasks: &[usize], with_tries: bool) -> String {
        let named = tasks.iter().take(NAMED).map(|&task| {
            let mut said = format!("task {task} ({})", (self.results.name)(task));
            if with_tries {
                said += &format!(", time {} of {RERUNS}", self.record.of(task));
            }
            if let Some(why) = last_words(self.array, task) {
                said += &format!(", whose log ends with `{why}`");
            }
            said
        });
        let mut named: Vec<String> = named.collect();
        if tasks.len() > NAMED {
            named.push(format!("and {} more", tasks.len() - NAMED));
        }
        named.join("; ")
    }

    fn end(mut self) -> Result<()> {
        if self.given_up.is_empty() {
            return Ok(());
        }
        let died: Vec<usize> = self.given_up.iter().copied().collect();
        // Whoever starts the command again has mended something.
        self.record.forget(&self.array.folder)?;
        Err(Error::program(format!(
            "{} died {} times without a result: {}",
            many(died.len(), "task"),
            RERUNS + 1,
            self.named(&died, false)
        ))
        .hint(format!(
            "see the logs in `{}`; run the same command again to try only these",
            self.array.folder.display()
        )))
    }
}

/// The last line that a task wrote, or its error.
fn last_words(array: &Array, task: usize) -> Option<String> {
    let log = std::fs::read(newest_log(&array.folder, task)?).ok()?;
    let log = String::from_utf8_lossy(&log).into_owned();
    let lines = || log.lines().map(str::trim).filter(|line| !line.is_empty());
    let error = lines().rfind(|line| line.starts_with("error:"));
    let line = error.or_else(|| lines().next_back())?;
    Some(terminal::line(line).chars().take(300).collect())
}

/// Tells now and then how far the tasks are.
struct Telling {
    began: Instant,
    last: Option<Instant>,
    /// Tasks that were done at the first look.
    done_before: Option<usize>,
}

impl Telling {
    fn begin() -> Self {
        Self {
            began: Instant::now(),
            last: None,
            done_before: None,
        }
    }

    fn tell(&mut self, tasks: usize, open: usize, alive: &Alive, progress: &Progress) {
        let done = tasks - open;
        let done_before = *self.done_before.get_or_insert(done);
        if self.last.is_some_and(|last| last.elapsed() < TELL_EVERY) {
            return;
        }
        self.last = Some(Instant::now());
        let waiting = alive.tasks.len().saturating_sub(alive.running);
        let mut said = format!(
            "{done} of {tasks} done, {} running, {waiting} waiting",
            alive.running
        );
        let reason = alive.tasks.values().flatten().next();
        if let Some(reason) = reason.filter(|_| alive.running == 0) {
            said += &format!(" ({reason})");
        }
        if let Some(left) = time_left(self.began.elapsed(), done - done_before.min(done), open) {
            said += &format!(", about {left} left");
        }
        progress.note(said);
    }
}

/// The time that `open` tasks take at the speed so far.
fn time_left(since: Duration, done: usize, open: usize) -> Option<String> {
    let each = since.as_secs_f64() / (done > 0).then_some(done as f64)?;
    let minutes = (each * open as f64 / 60.0).ceil() as u64;
    Some(match minutes {
        0..=90 => format!("{minutes} min"),
        _ => format!("{} h", minutes.div_ceil(60)),
    })
}

fn wait(duration: Duration, progress: &Progress) -> Result<()> {
    let until = Instant::now() + duration;
    while Instant::now() < until {
        progress.check()?;
        std::thread::sleep(TICK.min(duration));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::path::Path;

    use super::*;

    const AT_ONCE: Waits = Waits {
        look_every: Duration::ZERO,
        result_seen: Duration::ZERO,
    };

    /// An engine whose tasks end at once; those that `dies` names, without a
    /// result so many times.
    struct Scripted {
        dies: BTreeMap<usize, u32>,
        seen: RefCell<Vec<Vec<usize>>>,
        done: RefCell<BTreeSet<usize>>,
    }

    impl Scripted {
        fn new(dies: &[(usize, u32)]) -> Self {
            Self {
                dies: dies.iter().copied().collect(),
                seen: RefCell::default(),
                done: RefCell::default(),
            }
        }

        fn follow(&self, folder: &Path, tasks: usize) -> Result<()> {
            let array = Array {
                fingerprint: "f".into(),
                title: "some tasks".into(),
                arguments: Vec::new(),
                part: "--task",
                collect: "--collect".into(),
                tasks,
                at_once: None,
                options: String::new(),
                folder: folder.to_owned(),
            };
            let results = Results {
                is_done: &|task| self.done.borrow().contains(&task),
                name: &|task| format!("unit {task}"),
            };
            follow(&array, self, &results, AT_ONCE, &Progress::silent())
        }

        fn submitted(&self) -> Vec<Vec<usize>> {
            self.seen.borrow().clone()
        }
    }

    impl Queue for Scripted {
        fn submit(&self, tasks: &[usize]) -> Result<String> {
            let mut seen = self.seen.borrow_mut();
            for task in tasks {
                let before = seen.iter().flatten().filter(|t| *t == task).count();
                if before >= self.dies.get(task).copied().unwrap_or(0) as usize {
                    self.done.borrow_mut().insert(*task);
                }
            }
            seen.push(tasks.to_vec());
            Ok(seen.len().to_string())
        }

        fn alive(&self) -> Result<Alive> {
            Ok(Alive::default())
        }

        fn how_to_stop(&self) -> String {
            "stop".into()
        }
    }

    #[test]
    fn a_task_that_dies_is_run_again_and_what_is_done_is_not() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let engine = Scripted::new(&[(2, 1), (3, 3)]);
        engine.done.borrow_mut().insert(4);
        engine.follow(folder.path(), 4).expect("all are done");
        assert_eq!(
            engine.submitted(),
            [vec![1, 2, 3], vec![2, 3], vec![3], vec![3]]
        );
    }

    #[test]
    fn a_task_that_dies_a_fourth_time_is_named_with_its_last_words() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let log = "reading\nerror: no memory\nhint: ask for more\nslurmstepd: killed\n";
        std::fs::write(folder.path().join("2.17.log"), log).expect("writes");
        let engine = Scripted::new(&[(2, 9)]);
        let error = engine.follow(folder.path(), 2).expect_err("died");
        let said = error.to_string();
        for part in ["task 2 (unit 2)", "4 times", "error: no memory"] {
            assert!(said.contains(part), "{said}");
        }
        assert_eq!(engine.submitted().len(), 4);
        // Somebody mends it and starts the command again.
        let mended = Scripted::new(&[]);
        mended.done.borrow_mut().insert(1);
        mended.follow(folder.path(), 2).expect("all are done");
        assert_eq!(mended.submitted(), [[2]]);
    }

    #[test]
    fn a_later_process_counts_on() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let mut record = Record::default();
        for job in ["1", "2", "3"] {
            record.add(folder.path(), job.into(), &[1]).expect("keeps");
        }
        let engine = Scripted::new(&[(1, 9)]);
        engine.follow(folder.path(), 1).expect_err("died");
        assert_eq!(engine.submitted(), [[1]], "three times were before");
    }

    #[test]
    fn the_time_left_follows_the_speed_so_far() {
        let left = |seconds, done, open| time_left(Duration::from_secs(seconds), done, open);
        assert_eq!(left(60, 0, 5), None);
        assert_eq!(left(60, 2, 4).as_deref(), Some("2 min"));
        assert_eq!(left(3_600, 1, 10).as_deref(), Some("10 h"));
    }
}
