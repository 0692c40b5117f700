//! The language models that may teach a project, and what was set up for them
//! in the app: further teachers, hosts that texts may go to, edited prompts.
//! Lies in the state folder; never holds a key.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::lessons::llm::{Endpoint, Prompts, Teacher};
use crate::records::Manifest;
use crate::support::{Error, Result, atomic_file, user_file};

/// File of what was set up in the app.
const FILE: &str = "teachers.json";
/// Folder of edited prompts.
const PROMPTS: &str = "prompts";
/// Names that belong to the control arms.
const RESERVED: [&str; 2] = [
    "samples-without-hypotheses",
    "extrapolation-without-clusters",
];

/// What of teaching by language models is set up for a project.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TeachingSetup {
    /// All teachers: those of project.toml, then those set up in the app.
    pub teachers: Vec<Teacher>,
    /// Names of those set up in the app.
    pub own: BTreeSet<String>,
    /// Hosts that somebody has confirmed texts may go to.
    pub confirmed: BTreeSet<String>,
    /// The prompts' texts, by file name, edited ones in place.
    pub prompts: BTreeMap<String, String>,
    /// What labels mean, by name.
    pub meanings: BTreeMap<String, String>,
}

/// What the file holds.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Kept {
    teachers: Vec<Teacher>,
    confirmed: BTreeSet<String>,
}

impl TeachingSetup {
    /// Reads what project.toml and the state folder say.
    ///
    /// # Errors
    /// Names the table or file that makes no sense.
    pub fn load(manifest: &Manifest, state: &Path) -> Result<Self> {
        let mut teachers: Vec<Teacher> = Vec::new();
        for table in &manifest.teachers {
            let teacher = Teacher::from_table(table).map_err(|e| e.context("project.toml"))?;
            check_name(&teacher, &teachers).map_err(|e| e.context("project.toml"))?;
            teachers.push(teacher);
        }
        let kept = Kept::load(state)?;
        let mut own = BTreeSet::new();
        for teacher in kept.teachers {
            // project.toml was written by hand and wins.
            if teachers.iter().all(|other| other.name != teacher.name) {
                own.insert(teacher.name.clone());
                teachers.push(teacher);
            }
        }
        let meanings = manifest.labels.iter().filter_map(|label| {
            let meaning = label.description.clone()?;
            Some((label.name.clone(), meaning))
        });
        Ok(Self {
            teachers,
            own,
            confirmed: kept.confirmed,
            prompts: Prompts::texts(&prompts_folder(state))?,
            meanings: meanings.collect(),
        })
    }

    /// The teacher of a name.
    ///
    /// # Errors
    /// Input error that lists the names there are.
    pub fn teacher(&self, name: &str) -> Result<&Teacher> {
        let found = self.teachers.iter().find(|teacher| teacher.name == name);
        found.ok_or_else(|| {
            let names: Vec<&str> = self.teachers.iter().map(|t| t.name.as_str()).collect();
            let error = Error::input(format!("there is no teacher `{name}`"));
            if names.is_empty() {
                error.hint("describe one in project.toml under [[teachers]]; README.md shows how")
            } else {
                error.hint(format!("teachers are: {}", names.join(", ")))
            }
        })
    }

    /// The prompts, checked.
    ///
    /// # Errors
    /// Names the file and the placeholder that is missing or unknown.
    pub fn checked_prompts(&self) -> Result<Prompts> {
        Prompts::from_texts(&self.prompts)
    }

    /// Whether somebody has confirmed that texts may go to an endpoint.
    pub fn is_confirmed(&self, endpoint: &Endpoint) -> bool {
        self.confirmed.contains(&endpoint.host())
    }
}

impl Kept {
    fn load(state: &Path) -> Result<Self> {
        let path = state.join(FILE);
        let Some(text) = user_file::text_if_there(&path)? else {
            return Ok(Self::default());
        };
        serde_json::from_str(&text).map_err(|error| {
            Error::input(format!("`{}` is damaged", path.display()))
                .because(error)
                .hint("delete it; teachers that were set up in the app must be set up again")
        })
    }

    fn save(&self, state: &Path) -> Result<()> {
        let text = serde_json::to_vec_pretty(self)
            .map_err(|e| Error::program("cannot write the teachers").because(e))?;
        atomic_file::write(&state.join(FILE), |out| out.write_all(&text))
    }
}

/// Keeps a teacher that was set up in the app, or replaces the one of its
/// name.
///
/// # Errors
/// For settings that cannot work, or when it cannot be kept.
pub fn put_teacher(state: &Path, teacher: &Teacher) -> Result<()> {
    teacher.endpoint.check()?;
    let mut kept = Kept::load(state)?;
    kept.teachers.retain(|other| other.name != teacher.name);
    check_name(teacher, &kept.teachers)?;
    kept.teachers.push(teacher.clone());
    kept.save(state)
}

/// Notes that texts of the project may go to a host.
///
/// # Errors
/// When it cannot be kept.
pub fn confirm_host(state: &Path, host: &str) -> Result<()> {
    let mut kept = Kept::load(state)?;
    kept.confirmed.insert(host.to_owned());
    kept.save(state)
}

/// Keeps an edited prompt; the built-in text takes the edit back.
///
/// # Errors
/// Names the placeholder that is missing or unknown; nothing is kept then.
pub fn put_prompt(state: &Path, file: &str, text: &str) -> Result<()> {
    let built_in = built_in_prompt(file)?;
    let folder = prompts_folder(state);
    let path = folder.join(file);
    if text == built_in {
        return match std::fs::remove_file(&path) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
                Err(Error::file("delete", &path, e))
            }
            _ => Ok(()),
        };
    }
    Prompts::from_texts(&BTreeMap::from([(file.to_owned(), text.to_owned())]))?;
    std::fs::create_dir_all(&folder).map_err(|e| Error::file("create", &folder, e))?;
    atomic_file::write(&path, |out| out.write_all(text.as_bytes()))
}

/// The text of a prompt as the program brings it.
///
/// # Errors
/// Lists the prompts.
pub fn built_in_prompt(file: &str) -> Result<&'static str> {
    let found = Prompts::files().find(|(name, _)| *name == file);
    found.map(|(_, text)| text).ok_or_else(|| {
        let names: Vec<&str> = Prompts::files().map(|(name, _)| name).collect();
        Error::input(format!("there is no prompt file `{file}`"))
            .hint(format!("there are: {}", names.join(", ")))
    })
}

fn prompts_folder(state: &Path) -> PathBuf {
    state.join(PROMPTS)
}

fn check_name(teacher: &Teacher, others: &[Teacher]) -> Result<()> {
    let taken = others.iter().any(|other| other.name == teacher.name);
    if taken || RESERVED.contains(&teacher.name.as_str()) {
        return Err(
            Error::input(format!("the name `{}` of a teacher is taken", teacher.name))
                .hint("give each teacher a name of its own"),
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::lessons::llm::Kind;
    use crate::steps::teach::setup::*;

    fn teacher(name: &str) -> Teacher {
        Teacher::new(name, Endpoint::new(Kind::OpenAi, "http://127.0.0.1:1", "m"))
    }

    #[test]
    fn what_was_set_up_is_found_again_and_project_toml_wins() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let state = folder.path();
        put_teacher(state, &teacher("mine")).expect("kept");
        put_teacher(state, &teacher("shared")).expect("kept");
        put_teacher(state, &teacher("mine")).expect("replaced");
        confirm_host(state, "127.0.0.1:1").expect("kept");
        let manifest = Manifest::parse(
            "[[teachers]]\nname = \"shared\"\nkind = \"anthropic\"\nmodel = \"m\"\n\
             base_url = \"https://api.example\"\n",
            "p",
        );
        let setup = TeachingSetup::load(&manifest.expect("sound"), state).expect("reads");
        let names: Vec<&str> = setup.teachers.iter().map(|t| t.name.as_str()).collect();
        assert_eq!(names, ["shared", "mine"]);
        assert_eq!(setup.teachers[0].endpoint.kind, Kind::Anthropic);
        assert_eq!(setup.own, BTreeSet::from(["mine".to_owned()]));
        assert!(setup.is_confirmed(&teacher("mine").endpoint));
        assert!(!setup.is_confirmed(&setup.teachers[0].endpoint));
        let missing = setup.teacher("x").expect_err("no such teacher");
        assert!(
            missing
                .remedy()
                .is_some_and(|hint| hint.contains("shared, mine"))
        );
    }

    #[test]
    fn edited_prompts_are_checked_kept_and_taken_back() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let state = folder.path();
        let load = || TeachingSetup::load(&Manifest::default(), state).expect("reads");
        let before = load().checked_prompts().expect("sound").version();
        let built_in = load().prompts["judge.txt"].clone();
        let edited = format!("Be strict.\n{built_in}");
        put_prompt(state, "judge.txt", &edited).expect("kept");
        assert_eq!(load().prompts["judge.txt"], edited);
        assert_ne!(load().checked_prompts().expect("sound").version(), before);
        assert!(put_prompt(state, "judge.txt", "no placeholders").is_err());
        assert!(put_prompt(state, "../x", "").is_err());
        assert_eq!(load().prompts["judge.txt"], edited, "as it was");
        put_prompt(state, "judge.txt", &built_in).expect("taken back");
        assert_eq!(load().checked_prompts().expect("sound").version(), before);
    }
}
