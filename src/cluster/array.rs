//! What an engine is given: the same command for every task.

use std::path::{Path, PathBuf};

/// One command for each task; only the number of the task differs.
#[derive(Debug, Clone)]
pub struct Array {
    /// Hash of the work: names the array, so that a later process finds it.
    pub fingerprint: String,
    /// What is done, in a few words.
    pub title: String,
    /// The program's arguments, but for the part.
    pub arguments: Vec<String>,
    /// The option that takes the part, such as `--task`.
    pub part: &'static str,
    /// The option that gives the result once all tasks are done.
    pub collect: String,
    /// Number of tasks.
    pub tasks: usize,
    /// The most tasks that run at a time.
    pub at_once: Option<usize>,
    /// Options of the user for the engine.
    pub options: String,
    /// Where logs, the script and the record lie, a folder of this array.
    pub folder: PathBuf,
}

impl Array {
    /// What the engine calls it. The same work in another number of tasks is
    /// another array, whose numbers mean other parts.
    pub fn name(&self) -> String {
        let short = self.fingerprint.get(..12).unwrap_or(&self.fingerprint);
        format!("blindspot-{short}-{}", self.tasks)
    }

    /// The command of a task for a POSIX shell; `number` is put in as it is,
    /// and may be a variable.
    pub(super) fn shell(&self, program: &str, number: &str) -> String {
        let words = std::iter::once(program).chain(self.arguments.iter().map(String::as_str));
        let words: Vec<String> = words.map(quoted).collect();
        let (words, part, tasks) = (words.join(" "), self.part, self.tasks);
        format!("{words} {part} \"{number}/{tasks}\"")
    }

    /// Where a file of the array lies.
    pub(super) fn place(&self, file: &str) -> PathBuf {
        self.folder.join(file)
    }
}

/// A word for a POSIX shell.
pub(super) fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,+@%".contains(c);
    match !word.is_empty() && word.chars().all(plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    }
}

/// The newest log of a task, if it left one.
pub(super) fn newest_log(folder: &Path, task: usize) -> Option<PathBuf> {
    let prefix = format!("{task}.");
    let entries = std::fs::read_dir(folder).ok()?.flatten();
    let logs = entries.filter(|entry| {
        let name = entry.file_name().to_string_lossy().into_owned();
        name.starts_with(&prefix) && name.ends_with(".log")
    });
    let newest = logs.max_by_key(|entry| entry.metadata().and_then(|about| about.modified()).ok());
    Some(newest?.path())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_reads_the_words_as_they_were() {
        let words = ["my project", "it's", "", "a$b", "lessons:me,uus"];
        let array = Array {
            fingerprint: "f".into(),
            title: "t".into(),
            arguments: words.iter().map(|word| (*word).to_owned()).collect(),
            part: "--task",
            collect: "--collect".into(),
            tasks: 12,
            at_once: None,
            options: String::new(),
            folder: PathBuf::new(),
        };
        assert_eq!(
            array.shell("blindspot", "$I"),
            r#"blindspot 'my project' 'it'\''s' '' 'a$b' lessons:me,uus --task "$I/12""#
        );
    }
}
