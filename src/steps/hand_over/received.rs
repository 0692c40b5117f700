//! What may come with a hand-over: it was sent by somebody, and is opened like
//! a project of one's own.

use std::path::Path;

use super::{DATA, INDEX, MODEL};
use crate::project::manifest::FILE_NAME;
use crate::records::{Manifest, ModelBase};
use crate::steps::shipped;
use crate::support::{Error, Result};

/// Whether a hand-over has a file of that name: its own three, and those of
/// the model and of its results. No state of a project is among them.
pub(super) fn is_expected(name: &str) -> bool {
    let parts: Vec<&str> = name.split('/').collect();
    match parts[..] {
        [file] => [FILE_NAME, INDEX, DATA].contains(&file),
        [folder, file] => [MODEL, shipped::FOLDER].contains(&folder) && !file.starts_with('.'),
        _ => false,
    }
}

/// The content of a file as it is unpacked. `project.toml` may name nothing
/// outside, and names of environment variables that hold keys are left out of
/// it: whoever sent the file could have a key of this machine sent anywhere.
pub(super) fn made_safe(file: &Path, name: &str, content: &[u8]) -> Result<Vec<u8>> {
    if name != FILE_NAME {
        return Ok(content.to_vec());
    }
    let refused = |what: &str| {
        Error::input(format!("{FILE_NAME} in `{}` {what}", file.display()))
            .hint("ask for the file again, made by `blindspot hand-over`")
    };
    let text = std::str::from_utf8(content).map_err(|_| refused("is not UTF-8"))?;
    let named = format!("{FILE_NAME} in `{}`", file.display());
    let manifest = Manifest::parse(text, &named)?;
    let mut files = manifest.data.files.iter();
    if !files.all(|data| data.path == Path::new(DATA)) {
        return Err(refused("names data outside the hand-over"));
    }
    let inside = match manifest.model_base(Path::new(""))? {
        ModelBase::Builtin => true,
        ModelBase::Folder(folder) => folder == Path::new(MODEL),
        ModelBase::Predictions => false,
    };
    if !inside {
        return Err(refused("names a model outside the hand-over"));
    }
    without_keys(text, manifest).map_err(|error| error.context(named))
}

fn without_keys(text: &str, mut manifest: Manifest) -> Result<Vec<u8>> {
    let mut changed = false;
    for teacher in &mut manifest.teachers {
        changed |= teacher.remove("key_env").is_some();
    }
    match changed {
        true => Ok(manifest.to_toml()?.into_bytes()),
        false => Ok(text.as_bytes().to_vec()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unpacked(project: &str) -> Result<String> {
        let content = made_safe(Path::new("it.blindspot"), FILE_NAME, project.as_bytes())?;
        Ok(String::from_utf8(content).expect("UTF-8"))
    }

    #[test]
    fn only_its_own_files_come_with_a_hand_over() {
        for own in [
            "project.toml",
            "data.csv",
            "model/config.json",
            "shipped/base.safetensors",
        ] {
            assert!(is_expected(own), "{own}");
        }
        for foreign in [
            ".blindspot/blindspot.sqlite",
            ".gitignore",
            "lessons.jsonl",
            "model/.hidden",
            "model/sub/config.json",
            "prompts/samples.txt",
            "project.toml/x",
        ] {
            assert!(!is_expected(foreign), "{foreign}");
        }
    }

    #[test]
    fn nothing_outside_is_named_and_no_key_is_taken_over() {
        let own = "name = \"n\"\n[data]\nfiles = [{ path = \"data.csv\" }]\n";
        assert_eq!(unpacked(own).expect("is its own"), own);
        for path in ["/etc/passwd", "other.csv", "model/data.csv"] {
            let project = own.replace("data.csv", path);
            let error = unpacked(&project).expect_err("names others");
            assert_eq!(error.exit_code(), 2);
            assert!(error.to_string().contains("it.blindspot"), "{error}");
        }
        for base in ["/home/x/model", "other", "predictions"] {
            let project = format!("{own}[model]\nbase = \"{base}\"\n");
            assert!(unpacked(&project).is_err(), "{base}");
        }
        let teacher = "[[teachers]]\nname = \"t\"\nkind = \"openai\"\n\
                       base_url = \"https://example.org/v1\"\nmodel = \"m\"\nkey_env = \"MY_KEY\"\n";
        let project = unpacked(&format!("{own}{teacher}")).expect("is taken");
        assert!(
            !project.contains("MY_KEY") && project.contains("example.org"),
            "{project}"
        );
        let manifest = Manifest::parse(&project, "project.toml").expect("reads");
        assert_eq!(manifest.teachers.len(), 1);
    }
}
