//! The order of the modules, as `src/lib.rs` lists them, holds: each uses only
//! those above it. The window alone names egui, the command line alone clap.

#![expect(clippy::expect_used, reason = "helpers of tests fail loudly")]

use std::path::{Path, PathBuf};

fn sources() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// The modules in the order in which `lib.rs` declares them, lowest first.
fn order() -> Vec<String> {
    let lib = std::fs::read_to_string(sources().join("lib.rs")).expect("lib.rs is there");
    let declared = lib.lines().filter_map(|line| {
        let name = line.trim().strip_prefix("pub mod ")?;
        name.strip_suffix(';').map(str::to_owned)
    });
    declared.collect()
}

/// A source file: its name, the module it belongs to, and its code.
struct Source {
    name: String,
    module: String,
    code: String,
}

fn all_sources() -> Vec<Source> {
    let mut found = Vec::new();
    let mut folders = vec![sources()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder of sources") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(read(&path));
            }
        }
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found
}

fn read(path: &Path) -> Source {
    let inside = path.strip_prefix(sources()).expect("lies in src");
    let name = inside.display().to_string();
    let first = inside.iter().next().expect("a name").to_string_lossy();
    let text = std::fs::read_to_string(path).expect("a source file");
    Source {
        module: first.trim_end_matches(".rs").to_owned(),
        code: without_comments(&text),
        name,
    }
}

/// The code without what follows `//` in a line; docs may name what they like.
fn without_comments(text: &str) -> String {
    let code = text.lines().map(|line| match line.find("//") {
        Some(start) if !line[..start].contains('"') => &line[..start],
        _ => line,
    });
    code.collect::<Vec<_>>().join("\n")
}

/// Names of the modules that some code reaches through `crate::…`, in `use`
/// lists and in full paths.
fn used(code: &str) -> Vec<String> {
    let identifier = |text: &str| -> String {
        let letters = text.trim_start().chars();
        letters
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect()
    };
    let mut names = Vec::new();
    for (start, matched) in code.match_indices("crate::") {
        // `$crate::` and `my_crate::` are other paths.
        let before = code[..start].chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '$') {
            continue;
        }
        let rest = &code[start + matched.len()..];
        match rest.strip_prefix('{') {
            None => names.push(identifier(rest)),
            Some(list) => names.extend(top_level(list).map(identifier)),
        }
    }
    names
}

/// The parts of a `use` list, without those of lists inside it.
fn top_level(list: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_usize;
    let mut parts = Vec::new();
    let mut from = 0;
    for (at, letter) in list.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' if depth == 0 => {
                parts.push(&list[from..at]);
                break;
            }
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&list[from..at]);
                from = at + 1;
            }
            _ => {}
        }
    }
    parts.into_iter().filter(|part| !part.trim().is_empty())
}

#[test]
fn each_module_uses_only_those_above_it_in_the_list() {
    let order = order();
    let place = |name: &str| order.iter().position(|module| module == name);
    let mut broken = Vec::new();
    let mut seen = 0;
    for source in all_sources() {
        let Some(here) = place(&source.module) else {
            continue; // lib.rs and main.rs
        };
        for name in used(&source.code) {
            let Some(there) = place(&name) else {
                broken.push(format!(
                    "{}: `{name}` is no module of the list",
                    source.name
                ));
                continue;
            };
            seen += 1;
            if there > here {
                broken.push(format!("{} uses `{name}`", source.name));
            }
        }
    }
    assert!(seen > 1000, "only {seen} uses were found");
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn every_module_of_the_sources_is_in_the_list() {
    let order = order();
    for source in all_sources() {
        let is_root = matches!(source.module.as_str(), "lib" | "main");
        assert!(
            is_root || order.contains(&source.module),
            "{} is in no module that lib.rs lists",
            source.name
        );
    }
}

#[test]
fn the_window_alone_names_egui_and_the_command_line_alone_clap() {
    let borders = [
        (
            "gui",
            ["egui", "eframe", "egui_plot", "egui_extras"].as_slice(),
        ),
        ("cli", ["clap"].as_slice()),
    ];
    for source in all_sources() {
        for (module, crates) in &borders {
            let may = source.module == *module || source.module == "main";
            let named = crates.iter().find(|name| {
                let path = format!("{name}::");
                source.code.match_indices(&path).any(|(start, _)| {
                    let before = source.code[..start].chars().next_back();
                    !before.is_some_and(|c| c.is_alphanumeric() || c == '_')
                })
            });
            if let (false, Some(name)) = (may, named) {
                panic!("{} names {name}, which belongs to {module}", source.name);
            }
        }
    }
}

#[test]
fn uses_are_read_from_lists_and_from_paths() {
    let code = "use crate::{a::{b, c}, d};\nlet x = crate::e::f(); macro!($crate::g)";
    assert_eq!(used(code), ["a", "d", "e"]);
    assert_eq!(used("use crate::support::{Error};"), ["support"]);
}
