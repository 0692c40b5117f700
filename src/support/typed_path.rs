//! Paths as people write them.

use std::path::PathBuf;

/// A path as people type and paste it: in quotation marks, as a `file://`
/// address, or under `~`.
pub fn typed_path(text: &str) -> PathBuf {
    let text = text.trim().trim_matches(['"', '\'']).trim();
    let text = text.strip_prefix("file://").unwrap_or(text);
    match (text.strip_prefix('~'), home()) {
        (Some(rest), Some(home)) => home.join(rest.trim_start_matches(['/', '\\'])),
        _ => PathBuf::from(text),
    }
}

/// The user's own folder.
pub fn home() -> Option<PathBuf> {
    let home = std::env::var_os("HOME").or_else(|| std::env::var_os("USERPROFILE"));
    home.map(PathBuf::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pasted_paths_lose_what_file_managers_add() {
        for written in [
            "/a/b c.csv",
            " '/a/b c.csv' ",
            "\"/a/b c.csv\"",
            "file:///a/b c.csv",
        ] {
            assert_eq!(
                typed_path(written),
                PathBuf::from("/a/b c.csv"),
                "{written}"
            );
        }
        let home = home().expect("tests have a home");
        assert_eq!(typed_path("~/x"), home.join("x"));
    }
}
