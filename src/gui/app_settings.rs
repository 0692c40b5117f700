//! What the app remembers across projects: which were open lately, and how
//! the window looks.

use std::path::{Path, PathBuf};

use eframe::egui::{Context, ThemePreference};
use serde::{Deserialize, Serialize};

use super::remembered;
use crate::support::{Error, Result};

/// Projects remembered at most.
const MOST_RECENT: usize = 8;

/// Theme, size and recent projects.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct AppSettings {
    /// Light, dark, or as the system.
    #[serde(with = "Theme")]
    pub theme: ThemePreference,
    /// Size of everything; 1 is normal.
    pub zoom: f32,
    /// Folders of projects, the last one first.
    pub recent: Vec<PathBuf>,
}

/// The theme as it is stored.
#[derive(Serialize, Deserialize)]
#[serde(remote = "ThemePreference", rename_all = "lowercase")]
enum Theme {
    System,
    Light,
    Dark,
}

impl Default for AppSettings {
    fn default() -> Self {
        Self {
            theme: ThemePreference::System,
            zoom: 1.0,
            recent: Vec::new(),
        }
    }
}

impl AppSettings {
    /// Reads the settings; the usual ones if there are none or they are damaged.
    pub fn load(file: &Path) -> Self {
        remembered::load(file)
    }

    /// Writes the settings.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn save(&self, file: &Path) -> Result<()> {
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder).map_err(|error| Error::file("make", folder, error))?;
        }
        remembered::save(self, file)
    }

    /// Puts a project in front of the recent ones.
    pub fn remember(&mut self, folder: &Path) {
        self.recent.retain(|other| other != folder);
        self.recent.insert(0, folder.to_owned());
        self.recent.truncate(MOST_RECENT);
    }

    /// Makes the window look as remembered.
    pub fn apply(&self, ctx: &Context) {
        ctx.set_theme(self.theme);
        ctx.set_zoom_factor(self.zoom.clamp(0.6, 3.0));
    }

    /// Takes over how the window looks now.
    pub fn follow(&mut self, ctx: &Context) {
        self.theme = ctx.options(|options| options.theme_preference);
        self.zoom = ctx.zoom_factor();
    }
}

/// Where the settings are: under the folder that the system has for this.
pub fn usual_file() -> Option<PathBuf> {
    let variable = |name: &str| std::env::var_os(name).map(PathBuf::from);
    let folder = variable("XDG_CONFIG_HOME")
        .or_else(|| variable("APPDATA"))
        .or_else(|| variable("HOME").map(|home| home.join(".config")))?;
    Some(folder.join("blindspot").join("app.json"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_come_back_and_damage_does_no_harm() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let file = folder.path().join("deeper/app.json");
        let mut settings = AppSettings::default();
        for project in 0..20 {
            settings.remember(&PathBuf::from(format!("/p/{project}")));
        }
        settings.remember(Path::new("/p/15"));
        assert_eq!(settings.recent.len(), MOST_RECENT);
        assert_eq!(
            settings.recent[..2],
            [PathBuf::from("/p/15"), PathBuf::from("/p/19")]
        );
        settings.save(&file).expect("saves");
        assert_eq!(AppSettings::load(&file), settings);
        std::fs::write(&file, "{").expect("writes");
        assert_eq!(AppSettings::load(&file), AppSettings::default());
    }
}
