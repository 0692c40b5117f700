//! Folders that stand for data files: those that Hugging Face `datasets` saved
//! with `save_to_disk`, and those of its hub, with files or folders for each
//! split, and texts in a folder for each label. What a split is used for is never
//! guessed.

use std::path::{Component, Path, PathBuf};

use serde_json::Value as Json;

use super::table::Format;
use crate::records::{FileSpec, Role};
use crate::support::hash::{self, StepHash};
use crate::support::{Error, Result, user_file};

/// Describes a saved data set.
const STATE: &str = "state.json";
/// Lists the splits of a saved data set.
const SPLITS: &str = "dataset_dict.json";
/// Files of data sets that hold no rows.
const NO_ROWS: [&str; 4] = [STATE, SPLITS, "dataset_info.json", "dataset_infos.json"];
/// Most files that are listed in a folder.
const MOST_FILES: usize = 1_000_000;

/// Files of one split, relative to the folder.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Split {
    /// None where nothing names it.
    name: Option<String>,
    files: Vec<PathBuf>,
}

/// The files that an entry of project.toml stands for: itself, or those of the
/// folder that it names.
///
/// # Errors
/// When a folder holds no data, several splits of which none is chosen, or not
/// the one that is; when its description leads out of it.
pub(super) fn expanded(spec: &FileSpec, path: &Path) -> Result<Vec<FileSpec>> {
    let name = spec.path.display().to_string();
    if !path.is_dir() {
        return match &spec.split {
            None => Ok(vec![spec.clone()]),
            Some(split) => Err(Error::input(format!(
                "project.toml names the split `{split}` of `{name}`, which is no folder"
            ))
            .hint("delete `split`, or name the folder of a data set")),
        };
    }
    let splits = splits(path, &name)?;
    let chosen = chosen(splits, spec, &name)?;
    let file = |file: PathBuf| FileSpec {
        path: inside(&spec.path, file),
        ..spec.clone()
    };
    Ok(chosen.files.into_iter().map(file).collect())
}

/// The texts of a folder of texts by label.
#[derive(Debug, Default)]
pub struct Texts {
    /// `label/name.txt`, sorted.
    pub files: Vec<PathBuf>,
    /// Files that are none.
    pub others: usize,
}

impl Texts {
    /// Whether there are texts of several labels.
    fn has_labels(&self) -> bool {
        let mut labels = self.files.iter().map(|file| file.parent());
        let first = labels.next();
        labels.any(|label| Some(label) != first)
    }
}

/// The texts by label in a folder; none if it is no such folder.
///
/// # Errors
/// When a folder cannot be read.
pub fn texts(folder: &Path) -> Result<Texts> {
    let mut found = Texts {
        files: Vec::new(),
        others: names(folder, |path| !path.is_dir())?.len(),
    };
    for label in folders(folder)? {
        let names = names(&folder.join(&label), |path| !path.is_dir())?;
        let (texts, others): (Vec<String>, Vec<String>) =
            names.into_iter().partition(|name| name.ends_with(".txt"));
        found.others += others.len();
        found
            .files
            .extend(texts.iter().map(|name| label.join(name)));
    }
    found.files.sort();
    Ok(found)
}

/// A checksum of a folder of texts, for its names and contents.
///
/// # Errors
/// When a file cannot be read.
pub fn checksum(folder: &Path) -> Result<String> {
    let mut whole = StepHash::default();
    for file in texts(folder)?.files {
        let content = hash::file(&folder.join(&file))?;
        whole = whole.with(&file.display().to_string(), content.as_bytes());
    }
    Ok(whole.finish())
}

/// The data files of a folder, each with the split that it belongs to, if the
/// folder has splits.
///
/// # Errors
/// When it holds no data, or its description leads out of it.
pub fn files_in(folder: &Path) -> Result<Vec<(Option<String>, PathBuf)>> {
    let splits = splits(folder, &folder.display().to_string())?.into_iter();
    let files = splits.flat_map(|split| {
        let Split { name, files } = split;
        let files = files.into_iter();
        files.map(move |file| (name.clone(), inside(folder, file)))
    });
    Ok(files.collect())
}

/// A file in a folder, or the folder itself.
fn inside(folder: &Path, file: PathBuf) -> PathBuf {
    match file.as_os_str().is_empty() {
        true => folder.to_owned(),
        false => folder.join(file),
    }
}

fn chosen(mut splits: Vec<Split>, spec: &FileSpec, name: &str) -> Result<Split> {
    let names: Vec<&str> = splits
        .iter()
        .filter_map(|split| split.name.as_deref())
        .collect();
    let Some(wanted) = &spec.split else {
        if splits.len() == 1 {
            return Ok(splits.remove(0));
        }
        return Err(Error::input(format!(
            "the folder `{name}` has several splits, and what each is for is not said: {}",
            names.join(", ")
        ))
        .hint(format!(
            "say it under [data], for instance files = [{}]",
            proposed(&names, name)
        )));
    };
    match splits
        .iter()
        .position(|split| split.name.as_ref() == Some(wanted))
    {
        Some(at) => Ok(splits.swap_remove(at)),
        None => Err(Error::input(format!(
            "the folder `{name}` has no split `{wanted}`; it has {}",
            match names.is_empty() {
                true => "none".to_owned(),
                false => names.join(", "),
            }
        ))
        .hint("write one of them as split = \"…\", or delete `split` if there is none")),
    }
}

/// Lines for project.toml that give each split the role of its name; a test set
/// serves for discovery and check as well.
fn proposed(names: &[&str], folder: &str) -> String {
    let line = |name: &&str| {
        let role = match Role::called(name) {
            Some(Role::Final) => "shares = { discovery = 0.45, check = 0.2, final = 0.35 }".into(),
            Some(role) => format!("role = \"{role}\""),
            None => "role = \"…\"".to_owned(),
        };
        format!("{{ path = \"{folder}\", split = \"{name}\", {role} }}")
    };
    names.iter().map(line).collect::<Vec<_>>().join(", ")
}

fn splits(folder: &Path, name: &str) -> Result<Vec<Split>> {
    if let Some(state) = described(folder, STATE)? {
        return Ok(vec![Split {
            name: None,
            files: shards(&state, Path::new(""), name)?,
        }]);
    }
    let Some(listed) = described(folder, SPLITS)? else {
        let texts = text_splits(folder)?;
        return match texts.is_empty() {
            true => by_names(folder, name),
            false => Ok(texts),
        };
    };
    let listed = listed["splits"].as_array().into_iter().flatten();
    let splits = listed.map(|split| {
        let split = plain_name(split, SPLITS, name)?;
        let state = described(&folder.join(&split), STATE)?.ok_or_else(|| {
            Error::input(format!("the folder `{name}` lacks `{split}/{STATE}`"))
                .hint("save the data set again with save_to_disk")
        })?;
        Ok(Split {
            files: shards(&state, Path::new(&split), name)?,
            name: Some(split),
        })
    });
    let splits: Vec<Split> = splits.collect::<Result<_>>()?;
    match splits.is_empty() {
        true => Err(Error::input(format!("`{name}/{SPLITS}` lists no split"))
            .hint("save the data set again with save_to_disk")),
        false => Ok(splits),
    }
}

/// The splits that hold texts by label, or the folder itself as its one split.
/// Those inside come first: lists of addresses in `.txt` lie beside the labels.
fn text_splits(folder: &Path) -> Result<Vec<Split>> {
    let mut splits = Vec::new();
    for inside in folders(folder)? {
        if texts(&folder.join(&inside))?.has_labels() {
            splits.push(Split {
                name: Some(inside.display().to_string()),
                files: vec![inside],
            });
        }
    }
    splits.sort_by(|a, b| a.name.cmp(&b.name));
    if splits.is_empty() && texts(folder)?.has_labels() {
        splits.push(Split {
            name: None,
            files: vec![PathBuf::new()],
        });
    }
    Ok(splits)
}

/// A description in a folder, if it is there.
fn described(folder: &Path, file: &str) -> Result<Option<Json>> {
    let path = folder.join(file);
    let Some(text) = user_file::text_if_there(&path)? else {
        return Ok(None);
    };
    serde_json::from_str(&text).map(Some).map_err(|error| {
        Error::input(format!("`{}` is no JSON", path.display()))
            .because(error)
            .hint("save the data set again with save_to_disk")
    })
}

/// The files that a state lists, in `inside` of the folder.
fn shards(state: &Json, inside: &Path, name: &str) -> Result<Vec<PathBuf>> {
    let place = inside.join(STATE).display().to_string();
    let chosen = ["_indices_files", "_indices_data_files"];
    let chosen = chosen.iter().any(|key| {
        let files = state[*key].as_array();
        files.is_some_and(|files| !files.is_empty())
    });
    if chosen {
        return Err(Error::input(format!(
            "the folder `{name}`: `{place}` chooses rows by a list of indices, which is not read"
        ))
        .hint("save it again with flatten_indices().save_to_disk(…)"));
    }
    let files = state["_data_files"].as_array().into_iter().flatten();
    let files = files.map(|file| Ok(inside.join(plain_name(&file["filename"], &place, name)?)));
    let files: Vec<PathBuf> = files.collect::<Result<_>>()?;
    match files.is_empty() {
        true => Err(
            Error::input(format!("the folder `{name}`: `{place}` lists no data file"))
                .hint("save the data set again with save_to_disk"),
        ),
        false => Ok(files),
    }
}

/// A name that leads nowhere but into the folder.
fn plain_name(json: &Json, place: &str, folder: &str) -> Result<String> {
    let name = json.as_str().unwrap_or_default();
    let mut parts = Path::new(name).components();
    match (parts.next(), parts.next()) {
        (Some(Component::Normal(_)), None) if !name.contains('\\') => Ok(name.to_owned()),
        _ => Err(Error::input(format!(
            "the folder `{folder}`: `{place}` names `{}`, which is no file or folder in it",
            super::spelling::shown(name)
        ))
        .hint("save the data set again with save_to_disk")),
    }
}

/// Data files by the splits that their names, or the names of their folders,
/// tell.
fn by_names(folder: &Path, name: &str) -> Result<Vec<Split>> {
    let mut files = data_files(folder, Path::new(""))?;
    for inside in folders(folder)? {
        files.extend(data_files(&folder.join(&inside), &inside)?);
    }
    files.sort();
    let mut splits: Vec<Split> = Vec::new();
    for file in files {
        let split = split_of(&file);
        match splits.iter_mut().find(|known| known.name == split) {
            Some(known) => known.files.push(file),
            None => splits.push(Split {
                name: split,
                files: vec![file],
            }),
        }
    }
    let unnamed = splits.iter().find(|split| split.name.is_none());
    let unclear = unnamed.filter(|split| split.files.len() > 1 || splits.len() > 1);
    if let Some(unclear) = unclear {
        let files = unclear.files.iter().take(5);
        let files: Vec<String> = files.map(|file| format!("`{}`", file.display())).collect();
        return Err(Error::input(format!(
            "the folder `{name}` has data files whose names tell no split: {}",
            files.join(", ")
        ))
        .hint("name the files that are meant one by one under [data] files"));
    }
    match splits.is_empty() {
        true => Err(
            Error::input(format!("the folder `{name}` holds no data file")).hint(
                "name a file, a folder that Hugging Face `datasets` saved or downloaded, or \
                     one with a folder of .txt files for each label",
            ),
        ),
        false => Ok(splits),
    }
}

/// The split that a name in a path tells, as `datasets` reads it: a word of its
/// own.
fn split_of(file: &Path) -> Option<String> {
    let words = |text: &str| -> Vec<String> {
        let words = text.split(|c: char| !c.is_ascii_alphabetic());
        words.map(str::to_ascii_lowercase).collect()
    };
    let names = file.iter().rev().filter_map(|part| part.to_str());
    names.flat_map(words).find_map(|word| {
        let split = match word.as_str() {
            "train" | "training" => "train",
            "validation" | "valid" | "val" | "dev" => "validation",
            "test" | "testing" | "eval" | "evaluation" => "test",
            _ => return None,
        };
        Some(split.to_owned())
    })
}

fn data_files(folder: &Path, inside: &Path) -> Result<Vec<PathBuf>> {
    let names = names(folder, |path| path.is_file())?.into_iter();
    let has_rows = |name: &String| {
        !NO_ROWS.contains(&name.as_str()) && Format::of_suffix(Path::new(name)).is_some()
    };
    Ok(names
        .filter(has_rows)
        .map(|name| inside.join(name))
        .collect())
}

fn folders(folder: &Path) -> Result<Vec<PathBuf>> {
    let names = names(folder, Path::is_dir)?;
    Ok(names.into_iter().map(PathBuf::from).collect())
}

/// Names in a folder that are not hidden.
fn names(folder: &Path, is_meant: impl Fn(&Path) -> bool) -> Result<Vec<String>> {
    let failed = |error| Error::file("read", folder, error);
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)?.take(MOST_FILES) {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if !name.starts_with('.') && is_meant(&entry.path()) {
            names.push(name);
        }
    }
    Ok(names)
}
