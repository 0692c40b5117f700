//! What the program carries, so that it works wherever it is copied to.

use blindspot::support::assets::Carried;

/// Files of the repository by their paths in it.
macro_rules! carried {
    ($($path:literal,)*) => {
        &[$(Carried {
            path: $path,
            bytes: include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/", $path)),
        },)*]
    };
}

/// The built-in encoder and the demo projects, but for the scripts that made
/// their data.
pub(super) const FILES: &[Carried] = carried![
    "assets/all-MiniLM-L6-v2/SOURCE.md",
    "assets/all-MiniLM-L6-v2/config.json",
    "assets/all-MiniLM-L6-v2/model.safetensors",
    "assets/all-MiniLM-L6-v2/tokenizer.json",
    "assets/all-MiniLM-L6-v2/tokenizer_config.json",
    "projects/claims/SOURCE.md",
    "projects/claims/data/captions.csv",
    "projects/claims/data/negation.csv",
    "projects/claims/lessons.jsonl",
    "projects/claims/project.toml",
    "projects/claims/shipped/base.safetensors",
    "projects/claims/shipped/map.json",
    "projects/claims/shipped/predictions.safetensors",
    "projects/claims/shipped/round.json.zst",
    "projects/claims/shipped/shipped.json",
    "projects/claims/shipped/snapshot.json",
    "projects/desks/SOURCE.md",
    "projects/desks/data/known.csv",
    "projects/desks/data/new.csv",
    "projects/desks/data/spoken.csv",
    "projects/desks/lessons.jsonl",
    "projects/desks/project.toml",
    "projects/desks/shipped/base.safetensors",
    "projects/desks/shipped/map.json",
    "projects/desks/shipped/predictions.safetensors",
    "projects/desks/shipped/round.json.zst",
    "projects/desks/shipped/shipped.json",
    "projects/desks/shipped/snapshot.json",
    "projects/sentiment/SOURCE.md",
    "projects/sentiment/data/film.csv",
    "projects/sentiment/data/products.csv",
    "projects/sentiment/data/tweets.csv",
    "projects/sentiment/lessons.jsonl",
    "projects/sentiment/project.toml",
    "projects/sentiment/second-teacher.csv",
    "projects/sentiment/shipped/base.safetensors",
    "projects/sentiment/shipped/map.json",
    "projects/sentiment/shipped/predictions.safetensors",
    "projects/sentiment/shipped/round.json.zst",
    "projects/sentiment/shipped/shipped.json",
    "projects/sentiment/shipped/snapshot.json",
];

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::*;

    #[test]
    fn every_file_of_the_encoder_and_of_the_demos_is_carried() {
        let repository = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut found = Vec::new();
        let mut folders: Vec<PathBuf> = ["assets/all-MiniLM-L6-v2", "projects"]
            .map(PathBuf::from)
            .into();
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(repository.join(&folder)).expect("reads") {
                let entry = entry.expect("an entry");
                let path = folder.join(entry.file_name());
                let hidden = entry.file_name().to_string_lossy().starts_with('.');
                let script = path.extension().is_some_and(|kind| kind == "py");
                if entry.path().is_dir() && !hidden {
                    folders.push(path);
                } else if !hidden && !script {
                    found.push(path.display().to_string());
                }
            }
        }
        found.sort();
        let mut carried: Vec<&str> = FILES.iter().map(|file| file.path).collect();
        carried.sort_unstable();
        assert_eq!(carried, found);
    }
}
