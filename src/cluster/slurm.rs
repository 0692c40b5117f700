//! Job arrays of Slurm, through its own commands `sbatch` and `squeue`.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::process::Command;

use super::Array;
use super::array::quoted;
use super::follow::{Alive, Queue};
use crate::support::{Error, Result, atomic_file};

/// Options that the program sets itself, or that would hide the array from it.
const OURS: [(&str, Option<char>); 9] = [
    ("array", Some('a')),
    ("clusters", Some('M')),
    ("error", Some('e')),
    ("job-name", Some('J')),
    ("output", Some('o')),
    ("parsable", None),
    ("test-only", None),
    ("wait", Some('W')),
    ("wrap", None),
];

/// The batch script of an array, whose tasks run `program`.
///
/// # Errors
/// When an option is one that the program sets itself.
pub fn script(array: &Array, program: &str) -> Result<String> {
    check_options(&array.options)?;
    let log = array.place("%a.%A.log").display().to_string();
    let options = match array.options.trim() {
        "" => String::new(),
        options => format!("#SBATCH {options}\n"),
    };
    let all: Vec<usize> = (1..=array.tasks).collect();
    Ok(format!(
        "#!/bin/sh\n\
         # {title}, in {tasks} tasks.\n\
         #SBATCH --job-name={name}\n\
         #SBATCH --array={which}\n\
         #SBATCH --output={log}\n\
         {options}\
         # One thread for each processor that Slurm gives; figures do not depend on it.\n\
         export RAYON_NUM_THREADS=\"${{SLURM_CPUS_PER_TASK:-${{SLURM_CPUS_ON_NODE:-1}}}}\"\n\
         exec {command}\n",
        title = array.title,
        tasks = array.tasks,
        name = array.name(),
        which = which(array, &all),
        log = in_options(&log),
        command = array.shell(program, "$SLURM_ARRAY_TASK_ID"),
    ))
}

/// A path in a line of options. Slurm puts numbers in for `%a` and `%A`, which
/// are the last ones; a `%` of the folders before them stands for itself.
fn in_options(log: &str) -> String {
    let (folders, file) = log.rsplit_once('/').unwrap_or(("", log));
    format!("\"{}/{file}\"", folders.replace('%', "%%"))
}

/// Refuses options that would break the array.
fn check_options(options: &str) -> Result<()> {
    if options.contains(['\n', '\r']) {
        return Err(Error::input("the options for Slurm have to be one line"));
    }
    let named = |word: &str| {
        let long = word.strip_prefix("--");
        let long = long.map(|long| long.split_once('=').map_or(long, |(name, _)| name));
        let short = word.strip_prefix('-').and_then(|rest| rest.chars().next());
        OURS.iter().find(|(name, letter)| match long {
            Some(long) => long == *name,
            None => short.is_some() && short == *letter,
        })
    };
    match options.split_whitespace().find_map(named) {
        None => Ok(()),
        Some((name, _)) => Err(Error::input(format!(
            "`--{name}` cannot be among the options for Slurm: the program sets it itself"
        ))
        .hint("leave it out; `--at-once N` limits how many tasks run at a time")),
    }
}

/// Numbers of tasks as Slurm reads them, with the most that run at a time.
fn which(array: &Array, tasks: &[usize]) -> String {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for task in tasks {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == *task => *last = *task,
            _ => runs.push((*task, *task)),
        }
    }
    let runs = runs.iter().map(|(first, last)| match first == last {
        true => first.to_string(),
        false => format!("{first}-{last}"),
    });
    let limit = array
        .at_once
        .map_or(String::new(), |most| format!("%{most}"));
    runs.collect::<Vec<_>>().join(",") + &limit
}

/// A Slurm that this machine can submit to.
pub struct Slurm<'a> {
    array: &'a Array,
    script: PathBuf,
}

impl<'a> Slurm<'a> {
    /// Writes the script of an array; submits nothing yet.
    ///
    /// # Errors
    /// When an option is refused, or the folder cannot be written to.
    pub fn of(array: &'a Array, program: &str) -> Result<Self> {
        let content = script(array, program)?;
        std::fs::create_dir_all(&array.folder)
            .map_err(|e| Error::file("create", &array.folder, e))?;
        let script = array.place("array.sh");
        atomic_file::write(&script, |out| out.write_all(content.as_bytes()))?;
        Ok(Self { array, script })
    }
}

impl Queue for Slurm<'_> {
    fn submit(&self, tasks: &[usize]) -> Result<String> {
        let mut command = Command::new("sbatch");
        command
            .arg("--parsable")
            .arg(format!("--array={}", which(self.array, tasks)))
            .arg(&self.script);
        let said = output(command)?;
        // With several clusters their name follows.
        let job = said.trim().split(';').next().unwrap_or_default();
        Ok(job.to_owned())
    }

    fn alive(&self) -> Result<Alive> {
        let mut command = Command::new("squeue");
        let name = self.array.name();
        command.args([
            "--noheader",
            "--me",
            "--array",
            "--name",
            &name,
            "--format",
            "%K|%T|%r",
        ]);
        Ok(read_queue(&output(command)?))
    }

    fn how_to_stop(&self) -> String {
        format!("scancel --name {}", quoted(&self.array.name()))
    }
}

/// Reads lines of task, state and reason.
fn read_queue(lines: &str) -> Alive {
    let mut alive = Alive {
        running: 0,
        tasks: BTreeMap::new(),
    };
    for line in lines.lines() {
        let mut cells = line.trim().splitn(3, '|');
        let (Some(task), Some(state)) = (cells.next().and_then(|t| t.parse().ok()), cells.next())
        else {
            continue;
        };
        let waits = state == "PENDING";
        alive.running += usize::from(!waits);
        let reason = cells.next().filter(|reason| waits && *reason != "None");
        alive.tasks.insert(task, reason.map(str::to_owned));
    }
    alive
}

/// What a command of Slurm prints.
fn output(mut command: Command) -> Result<String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|e| match e.kind() {
        ErrorKind::NotFound => Error::input(format!("there is no `{name}` on this machine"))
            .hint("run this where Slurm's commands are, or print the script with `--print-slurm`"),
        _ => Error::program(format!("cannot run `{name}`")).because(e),
    })?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(Error::input(format!("`{name}` failed: {}", said.trim()))
        .hint("correct the options for Slurm, or ask whoever runs the cluster"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn array(options: &str) -> Array {
        Array {
            fingerprint: "0123456789abcdef".into(),
            title: "3 arms × 4 seeds".into(),
            arguments: vec!["experiment".into(), "my project".into()],
            part: "--task",
            collect: "--collect".into(),
            tasks: 12,
            at_once: Some(4),
            options: options.into(),
            folder: PathBuf::from("/data/100%/cluster"),
        }
    }

    #[test]
    fn a_script_names_the_array_its_tasks_and_its_logs() {
        let script =
            script(&array("--partition=cpu --time=1:00:00"), "/opt/blindspot").expect("sound");
        let lines: Vec<&str> = script.lines().collect();
        for line in [
            "#SBATCH --job-name=blindspot-0123456789ab-12",
            "#SBATCH --array=1-12%4",
            "#SBATCH --output=\"/data/100%%/cluster/%a.%A.log\"",
            "#SBATCH --partition=cpu --time=1:00:00",
            "exec /opt/blindspot experiment 'my project' --task \"$SLURM_ARRAY_TASK_ID/12\"",
        ] {
            assert!(lines.contains(&line), "{line} in\n{script}");
        }
    }

    #[test]
    fn options_that_would_hide_or_break_the_array_are_refused() {
        for options in [
            "--array=1-3",
            "-a 1-3",
            "-a1-3",
            "--wait",
            "-p x --wrap=ls",
            "-J n",
            "a\nb",
        ] {
            let error = script(&array(options), "b").expect_err(options);
            assert_eq!(error.exit_code(), 2, "{options}");
        }
        assert!(script(&array("-A account -p cpu --mem=4G --nice"), "b").is_ok());
    }

    #[test]
    fn tasks_that_are_run_again_are_named_by_their_numbers() {
        assert_eq!(which(&array(""), &[1, 2, 3, 7, 9, 10]), "1-3,7,9-10%4");
    }

    #[test]
    fn the_queue_says_who_is_there_and_who_waits_for_what() {
        let alive =
            read_queue("3|RUNNING|None\n4|PENDING|Resources\n 5|COMPLETING|None\nN/A|x|y\n");
        assert_eq!(alive.running, 2);
        let tasks: Vec<usize> = alive.tasks.keys().copied().collect();
        assert_eq!(tasks, [3, 4, 5]);
        assert_eq!(alive.tasks[&4].as_deref(), Some("Resources"));
    }
}
