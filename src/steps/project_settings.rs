//! Settings of discovery that stand in two places: project.toml, which a
//! person edits, and the document, which the window and the command line
//! change.
//!
//! What was not changed in the document follows project.toml. What was changed
//! in both stays as the document has it, and the person is told.

use serde_json::{Map, Value};

use crate::records::{DiscoverySettings, Document};
use crate::support::{Error, Result};

/// The settings in force, and a sentence for each that project.toml sets
/// in vain.
///
/// # Errors
/// Never for settings that can be saved.
pub(super) fn in_force(
    document: &Document,
    project: &DiscoverySettings,
) -> Result<(DiscoverySettings, Vec<String>)> {
    let here = by_name(&document.settings)?;
    let there = by_name(project)?;
    let from = match &document.settings_from {
        Some(from) => by_name(from)?,
        // Documents of earlier versions do not say. Restarts can be set
        // nowhere but in project.toml.
        None => here
            .iter()
            .filter(|(name, _)| *name == "restarts")
            .map(owned)
            .collect(),
    };
    let mut settings = Map::new();
    let mut in_vain = Vec::new();
    for (name, value) in there {
        let (here, from) = (&here[&name], from.get(&name));
        let follows = from == Some(here);
        if !follows && *here != value && from != Some(&value) {
            in_vain.push(format!(
                "project.toml sets {name} = {} under [discovery]; what was chosen in the window \
                 or on the command line counts, {} (choose the same there to follow project.toml \
                 again)",
                shown(&value),
                shown(here)
            ));
        }
        settings.insert(name, if follows { value } else { here.clone() });
    }
    let settings = serde_json::from_value(Value::Object(settings)).map_err(unreadable)?;
    Ok((settings, in_vain))
}

/// Written as text first: single precision keeps its decimals that way.
fn by_name(settings: &DiscoverySettings) -> Result<Map<String, Value>> {
    let text = serde_json::to_string(settings).map_err(unreadable)?;
    serde_json::from_str(&text).map_err(unreadable)
}

fn owned((name, value): (&String, &Value)) -> (String, Value) {
    (name.clone(), value.clone())
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "(none)".to_owned(),
        value => value.to_string(),
    }
}

fn unreadable(error: serde_json::Error) -> Error {
    Error::program("cannot compare the settings of discovery").because(error)
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::records::BlindSpotId;
    use crate::steps::OpenProject;
    use crate::support::{Progress, Update};

    fn at(tau: f32, restarts: usize) -> DiscoverySettings {
        DiscoverySettings {
            tau,
            restarts,
            ..DiscoverySettings::default()
        }
    }

    fn document(settings: DiscoverySettings, from: Option<DiscoverySettings>) -> Document {
        Document {
            settings,
            settings_from: from,
            ..Document::default()
        }
    }

    #[test]
    fn what_was_not_changed_here_follows_project_toml() {
        let untouched = document(at(0.9, 10), Some(at(0.9, 10)));
        let (settings, in_vain) = in_force(&untouched, &at(0.8, 20)).expect("compares");
        assert_eq!((settings, in_vain), (at(0.8, 20), Vec::new()));

        let slid = document(at(0.7, 10), Some(at(0.9, 10)));
        let (settings, in_vain) = in_force(&slid, &at(0.9, 20)).expect("compares");
        assert_eq!((settings, in_vain), (at(0.7, 20), Vec::new()));
    }

    #[test]
    fn what_was_changed_in_both_places_is_told() {
        let slid = document(at(0.7, 10), Some(at(0.9, 10)));
        let of_an_earlier_version = document(at(0.7, 10), None);
        for document in [slid, of_an_earlier_version] {
            let (settings, in_vain) = in_force(&document, &at(0.8, 20)).expect("compares");
            assert_eq!(settings, at(0.7, 20));
            assert_eq!(in_vain.len(), 1, "{in_vain:?}");
            assert!(in_vain[0].contains("tau = 0.8") && in_vain[0].contains("0.7 ("));
        }
        let agreed = document(at(0.8, 10), None);
        let (_, in_vain) = in_force(&agreed, &at(0.8, 10)).expect("compares");
        assert!(in_vain.is_empty(), "{in_vain:?}");
    }

    #[test]
    fn project_toml_is_followed_after_an_edit_elsewhere() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let rows: String = (0..40)
            .map(|row| format!("film number {row},{}\n", ["good", "bad"][row % 2]))
            .collect();
        let data = format!("text,label\n{rows}");
        std::fs::write(folder.path().join("data.csv"), data).expect("writes");
        let write = |tau: f32| {
            let toml =
                format!("[data]\nfiles = [{{ path = \"data.csv\" }}]\n[discovery]\ntau = {tau}\n");
            std::fs::write(folder.path().join("project.toml"), toml).expect("writes");
        };
        let warnings: Arc<Mutex<Vec<String>>> = Arc::default();
        let sink = Arc::clone(&warnings);
        let listening = Progress::new(move |update| {
            if let Update::Warning(warning) = update {
                sink.lock().expect("whole").push(warning);
            }
        });
        let open = || OpenProject::open(folder.path(), None, &listening).expect("opens");
        let told = || std::mem::take(&mut *warnings.lock().expect("whole")).join("\n");

        write(0.8);
        let project = open();
        let mut document = project.document().expect("reads");
        document.names.insert(BlindSpotId(1), "irony".into());
        project.store.save_document(&document).expect("saves");
        drop(project);

        write(0.7);
        let project = open();
        let mut document = project.document().expect("reads");
        assert_eq!((document.settings.tau, told().as_str()), (0.7, ""));
        document.settings.tau = 0.6;
        project.store.save_document(&document).expect("saves");
        drop(project);

        write(0.75);
        let project = open();
        assert_eq!(project.document().expect("reads").settings.tau, 0.6);
        assert!(told().contains("project.toml sets tau = 0.75"));
    }
}
