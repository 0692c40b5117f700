//! The document of a view: how it is written, and how one from elsewhere is
//! read.

use std::collections::BTreeSet;
use std::io::Read as _;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{ColourBy, Column, Compared, Looks, SpotOrder, SpotRef, Stage};
use crate::discovery::Outcome;
use crate::records::{DiscoverySettings, ExampleKey, Role, Snapshot, is_threshold};
use crate::steps::{OpenProject, State};
use crate::support::hash::StepHash;
use crate::support::text::{shortened, size};
use crate::support::{Error, Result, user_file};

/// What the document calls itself.
const FORMAT: &str = "blindspot-view";
/// Raised when an earlier program could not read it any more.
const VERSION: u32 = 1;
/// Longest document that is read.
const MOST_BYTES: u64 = 16 << 20;
/// Most examples that are selected in one: they fit into [`MOST_BYTES`].
const MOST_SELECTED: usize = 100_000;
/// Characters of a search at most: nobody types longer ones.
const LONGEST_SEARCH: usize = 10_000;
/// Characters of what is wrong with a document that are told.
const MOST_TOLD: usize = 200;
/// Where the format stands in a document, at most.
const BEGINNING: usize = 256;

/// A view as it is handed on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HandedView {
    format: String,
    version: u32,
    /// Name of the project, for people.
    project: String,
    /// Fingerprint of the data.
    pub(super) data: String,
    /// Id of the base model, if there was one.
    pub(super) base: Option<String>,
    /// The snapshot in use.
    pub(super) snapshot: Option<OfSnapshot>,
    pub(super) discovery: Discovery,
    pub(super) page: Stage,
    pub(super) colour_by: ColourBy,
    pub(super) filters: NamedFilters,
    pub(super) sort: Option<Sort>,
    pub(super) blind_spots_by: SpotOrder,
    pub(super) blind_spot: Option<SpotRef>,
    /// The example that the inspector shows.
    pub(super) example: Option<ExampleKey>,
    pub(super) selected: Vec<ExampleKey>,
    pub(super) compared: Option<OfCompared>,
}

/// A snapshot: its number, and what tells it from another one of that number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OfSnapshot {
    pub version: u32,
    pub fingerprint: String,
}

impl OfSnapshot {
    pub(super) fn of(snapshot: &Snapshot) -> Self {
        let hash = StepHash::default().with("model", snapshot.model.as_bytes());
        let spots = snapshot.blind_spots.iter();
        let hash = spots.fold(hash, |hash, spot| {
            let hash = hash.with("blind spot", &spot.id.0.to_le_bytes());
            let members = spot.members();
            members.fold(hash, |hash, key| hash.with("member", key.0.as_bytes()))
        });
        Self {
            version: snapshot.version,
            fingerprint: hash.finish(),
        }
    }
}

/// What decides which errors are shown as unknown unknowns and how many groups
/// a preview has.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Discovery {
    pub tau: f32,
    pub scale_temperature: bool,
    pub k: Option<usize>,
}

impl Discovery {
    pub(super) fn of(settings: &DiscoverySettings) -> Self {
        Self {
            tau: settings.tau,
            scale_temperature: settings.scale_temperature,
            k: settings.k,
        }
    }
}

/// Filters with labels and sources by name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NamedFilters {
    pub search: String,
    pub regex: bool,
    pub true_labels: BTreeSet<String>,
    pub predicted: BTreeSet<String>,
    pub roles: BTreeSet<Role>,
    pub sources: BTreeSet<String>,
    pub outcomes: BTreeSet<Outcome>,
    pub only_blind_spot: bool,
    pub only_selected: bool,
    pub least_confidence: f32,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sort {
    pub by: Column,
    pub descending: bool,
}

/// What stood beside the base, and when it was made: another machine may have
/// another one of the same number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OfCompared {
    pub with: Compared,
    pub made: String,
}

impl OfCompared {
    /// What has this number here.
    pub(super) fn of(with: Compared, state: &State) -> Option<Self> {
        let made = match with {
            Compared::Round(number) => state.round(number)?.round.created.clone(),
            Compared::Second(number) => state.second_model(number)?.model.created.clone(),
            Compared::CameWith => state.came_with()?.result.round.created.clone(),
        };
        Some(Self { with, made })
    }
}

/// The first fields of any version.
#[derive(Deserialize)]
struct Head {
    format: String,
    version: u32,
}

impl HandedView {
    /// How a project is looked at here.
    ///
    /// # Errors
    /// When too much is selected to be handed on.
    pub fn of(looks: &Looks, project: &OpenProject, state: &State) -> Result<Self> {
        if looks.selected.len() > MOST_SELECTED {
            return Err(Error::input(format!(
                "{} examples are selected: a view holds {MOST_SELECTED} at most",
                looks.selected.len()
            ))
            .hint("clear the selection; filters say the same in fewer words"));
        }
        let filters = &looks.filters;
        let names = |chosen: &BTreeSet<u16>, all: &[String]| -> BTreeSet<String> {
            let chosen = chosen.iter();
            let names = chosen.filter_map(|index| all.get(usize::from(*index)));
            names.cloned().collect()
        };
        let (labels, sources) = (&state.dataset.labels, &state.dataset.sources);
        Ok(Self {
            format: FORMAT.to_owned(),
            version: VERSION,
            project: state.name.clone(),
            data: project.workspace.fingerprint().to_owned(),
            base: state.base.as_ref().map(|base| base.id.clone()),
            snapshot: state.snapshot().map(|snapshot| OfSnapshot::of(snapshot)),
            discovery: Discovery::of(&state.document.settings),
            page: looks.stage,
            colour_by: looks.colour_by,
            filters: NamedFilters {
                search: filters.search.clone(),
                regex: filters.regex,
                true_labels: names(&filters.true_labels, labels),
                predicted: names(&filters.predicted, labels),
                roles: filters.roles.clone(),
                sources: names(&filters.sources, sources),
                outcomes: filters.outcomes.clone(),
                only_blind_spot: filters.only_spot,
                only_selected: filters.only_selected,
                least_confidence: filters.least_confidence,
            },
            sort: looks.sort.map(|(by, descending)| Sort { by, descending }),
            blind_spots_by: looks.spot_order,
            blind_spot: looks.spot,
            example: looks.focus.clone(),
            selected: looks.selected.clone(),
            compared: looks.compared.and_then(|with| OfCompared::of(with, state)),
        })
    }

    /// Name of the project that it is of.
    pub fn project(&self) -> &str {
        &self.project
    }

    /// The document.
    ///
    /// # Errors
    /// When the program is at fault.
    pub fn written(&self) -> Result<String> {
        serde_json::to_string_pretty(self)
            .map_err(|e| Error::program("cannot write the view").because(e))
    }

    /// Whether a text that was pasted is meant to be a view.
    pub fn is_meant(text: &str) -> bool {
        let beginning: String = text.trim_start().chars().take(BEGINNING).collect();
        beginning.starts_with('{') && beginning.contains(FORMAT)
    }

    /// Whether a file that was named or dropped is meant to be a view.
    pub fn is_meant_by(path: &Path) -> bool {
        let mut beginning = Vec::new();
        let read = user_file::open(path).map(|file| {
            let most = 4 * BEGINNING as u64;
            file.take(most).read_to_end(&mut beginning)
        });
        matches!(read, Ok(Ok(_))) && Self::is_meant(&String::from_utf8_lossy(&beginning))
    }

    /// Reads a document that was copied or sent.
    ///
    /// # Errors
    /// When it is too long, no view, damaged, or of a newer program.
    pub fn read(text: &str) -> Result<Self> {
        if text.len() as u64 > MOST_BYTES {
            return Err(Error::input(format!(
                "this is longer than {}, which no view is",
                size(MOST_BYTES)
            )));
        }
        let head: Option<Head> = serde_json::from_str(text).ok();
        let Some(head) = head.filter(|head| head.format == FORMAT) else {
            let no_view = match Self::is_meant(text) {
                true => "this view is damaged: it is not whole",
                false => "this is no view of Blindspot",
            };
            return Err(Error::input(no_view)
                .hint("“Copy the view” and “Save the view …” in the menu of a project make one"));
        };
        if head.version != VERSION {
            return Err(Error::input(format!(
                "this view is of version {}, and this program knows {VERSION}",
                head.version
            ))
            .hint("open it with the version of Blindspot that made it"));
        }
        let view: Self = serde_json::from_str(text)
            .map_err(|e| damaged().because(shortened(&e.to_string(), MOST_TOLD)))?;
        match view.is_sound() {
            true => Ok(view),
            false => Err(damaged().because("a number or a text in it is out of bounds")),
        }
    }

    /// Reads the file of a view.
    ///
    /// # Errors
    /// As [`HandedView::read`], and when the file cannot be read.
    pub fn open(path: &Path) -> Result<Self> {
        let mut bytes = Vec::new();
        let read = user_file::open(path)?
            .take(MOST_BYTES + 1)
            .read_to_end(&mut bytes);
        read.map_err(|e| Error::file("read", path, e))?;
        Self::read(&String::from_utf8_lossy(&bytes))
            .map_err(|error| error.context(format_args!("`{}`", path.display())))
    }

    fn is_sound(&self) -> bool {
        let filters = &self.filters;
        is_threshold(self.discovery.tau)
            && self.discovery.k != Some(0)
            && (0.0..=1.0).contains(&filters.least_confidence)
            && filters.search.chars().count() <= LONGEST_SEARCH
            && self.selected.len() <= MOST_SELECTED
    }
}

fn damaged() -> Error {
    Error::input("this view is damaged").hint("have it copied or saved again where it came from")
}
