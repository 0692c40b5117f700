//! Looking at a project as somebody elsewhere did: what of a view is to be
//! found here, and in words what is not.

use std::collections::BTreeSet;

use super::document::{Discovery, HandedView, OfCompared, OfSnapshot};
use super::{Compared, Filters, Looks, SpotRef};
use crate::records::{DiscoverySettings, ExampleKey};
use crate::session::Command;
use crate::steps::{OpenProject, State};
use crate::support::text::{agreeing, many, shortened};

/// Names that are told of those that are not there.
const MOST_NAMED: usize = 3;
/// Characters of a name that are told.
const LONGEST_NAME: usize = 40;

/// What has to be changed before a project can be looked at so.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Edits {
    /// Edits of the document, for undo to take back.
    pub commands: Vec<Command>,
    /// What each of them changes, in words.
    pub changes: Vec<String>,
    /// What is another thing here, in words.
    pub notes: Vec<String>,
}

impl HandedView {
    /// What a project is to be changed in first: the snapshot in use, τ, the
    /// number of groups. Nothing if it is for reading only.
    pub fn edits(&self, project: &OpenProject, state: &State) -> Edits {
        let mut edits = Edits::default();
        edits.notes.extend(self.other_origin(project, state));
        self.use_snapshot(state, &mut edits);
        self.set_discovery(state, &mut edits);
        if state.read_only.is_some() && !edits.commands.is_empty() {
            edits.commands.clear();
            for change in std::mem::take(&mut edits.changes) {
                edits.notes.push(format!(
                    "it is looked at with {change}, but this project is open for reading only"
                ));
            }
        }
        edits
    }

    fn use_snapshot(&self, state: &State, edits: &mut Edits) {
        let Some(wanted) = &self.snapshot else {
            return;
        };
        let version = wanted.version;
        let here = state.snapshots.iter().find(|of| of.version == version);
        match here {
            None => edits
                .notes
                .push(format!("snapshot {version} is not in this project")),
            Some(here) if OfSnapshot::of(here) != *wanted => edits
                .notes
                .push(format!("snapshot {version} is another one here")),
            Some(_) if state.document.snapshot == Some(version) => {}
            Some(_) => {
                edits.changes.push(format!("snapshot {version}"));
                edits.commands.push(Command::UseSnapshot(version));
            }
        }
    }

    fn set_discovery(&self, state: &State, edits: &mut Edits) {
        let (wanted, now) = (&self.discovery, &state.document.settings);
        if *wanted == Discovery::of(now) {
            return;
        }
        edits.changes.push(format!(
            "{} instead of {}",
            in_words(wanted),
            in_words(&Discovery::of(now))
        ));
        edits
            .commands
            .push(Command::SetDiscovery(DiscoverySettings {
                tau: wanted.tau,
                scale_temperature: wanted.scale_temperature,
                k: wanted.k,
                ..now.clone()
            }));
    }

    /// Whether data or base are others than those that it was made on.
    fn other_origin(&self, project: &OpenProject, state: &State) -> Option<String> {
        let of = shortened(self.project(), LONGEST_NAME);
        if self.data != project.workspace.fingerprint() {
            return Some(format!(
                "it was made of “{of}” with other data than this project's: an id may stand for \
                 another text here"
            ));
        }
        let here = state.base.as_ref().map(|base| &base.id);
        match (&self.base, here) {
            (Some(_), None) => Some("this project has no base model yet".to_owned()),
            (theirs, ours) if theirs.as_ref() != ours => Some(
                "it was made with another base model: outcomes and confidences are those of this \
                 one"
                .to_owned(),
            ),
            _ => None,
        }
    }

    /// How the project is to be looked at, once [`HandedView::edits`] were made,
    /// and what of the view is not to be found here, in words.
    pub fn looks(&self, state: &State) -> (Looks, Vec<String>) {
        let mut notes = Vec::new();
        if state.handed_over.is_some() {
            notes.push("this copy of the project is for teaching: only that is shown".to_owned());
        }
        let looks = Looks {
            stage: self.page,
            spot: self.spot(state, &mut notes),
            focus: self.focus(state, &mut notes),
            selected: self.selected(state, &mut notes),
            colour_by: self.colour_by,
            filters: self.filters(state, &mut notes),
            sort: self.sort.as_ref().map(|sort| (sort.by, sort.descending)),
            spot_order: self.blind_spots_by,
            compared: self.compared(state, &mut notes),
        };
        (looks, notes)
    }

    fn spot(&self, state: &State, notes: &mut Vec<String>) -> Option<SpotRef> {
        let id = match self.blind_spot? {
            SpotRef::Frozen(id) => id,
            SpotRef::Group(_) => {
                notes.push(
                    "the group that was chosen is a preview, which each machine makes anew: it is \
                     not chosen"
                        .to_owned(),
                );
                return None;
            }
        };
        let here = state.snapshot().map(|snapshot| OfSnapshot::of(snapshot));
        if here.is_some() && here == self.snapshot && state.blind_spot(id).is_some() {
            return Some(SpotRef::Frozen(id));
        }
        notes.push(format!(
            "blind spot {id} of the view is not among those of this project: it is not chosen"
        ));
        None
    }

    fn focus(&self, state: &State, notes: &mut Vec<String>) -> Option<ExampleKey> {
        let wanted = self.example.as_ref()?;
        if is_shown(wanted, state) {
            return Some(wanted.clone());
        }
        notes.push("the example that was looked at is not shown in this project".to_owned());
        None
    }

    fn selected(&self, state: &State, notes: &mut Vec<String>) -> Vec<ExampleKey> {
        let here = self.selected.iter().filter(|key| is_shown(key, state));
        let here: Vec<ExampleKey> = here.cloned().collect();
        let missing = self.selected.len() - here.len();
        if missing > 0 {
            notes.push(format!(
                "{missing} of {} {} not shown in this project, and not selected",
                many(self.selected.len(), "selected example"),
                agreeing(missing, "is", "are"),
            ));
        }
        here
    }

    fn filters(&self, state: &State, notes: &mut Vec<String>) -> Filters {
        let of = &self.filters;
        let (labels, sources) = (&state.dataset.labels, &state.dataset.sources);
        let mut known = |what: &str, wanted: &BTreeSet<String>, here: &[String]| {
            let (known, missing) = found(wanted, here);
            if !missing.is_empty() {
                notes.push(format!(
                    "{} of the filter {} not in this project: {}",
                    many(missing.len(), what),
                    agreeing(missing.len(), "is", "are"),
                    named(&missing)
                ));
            }
            known
        };
        Filters {
            search: of.search.clone(),
            regex: of.regex,
            true_labels: known("label", &of.true_labels, labels),
            predicted: known("predicted label", &of.predicted, labels),
            sources: known("source", &of.sources, sources),
            roles: of.roles.clone(),
            outcomes: of.outcomes.clone(),
            only_spot: of.only_blind_spot,
            only_selected: of.only_selected,
            least_confidence: of.least_confidence,
        }
    }

    fn compared(&self, state: &State, notes: &mut Vec<String>) -> Option<Compared> {
        let wanted = self.compared.as_ref()?;
        let what = match wanted.with {
            Compared::Round(number) => format!("round {number}"),
            Compared::Second(number) => format!("second model {number}"),
            Compared::CameWith => "the round that came with the project".to_owned(),
        };
        match OfCompared::of(wanted.with, state) {
            Some(here) if here == *wanted => return Some(wanted.with),
            Some(_) => notes.push(format!("{what} is another one here: it is not compared")),
            None => notes.push(format!("{what} is not in this project: it is not compared")),
        }
        None
    }
}

/// Whether an example is among those that a window shows: sealed ones are not,
/// and are told apart from unknown ones by nobody.
fn is_shown(key: &ExampleKey, state: &State) -> bool {
    let index = state.dataset.index_of(key);
    let answers = state.answers();
    index.is_some_and(|index| answers.is_some_and(|answers| answers.row_of(index).is_some()))
}

/// Positions of names in a list, and the names that are not in it.
fn found<'n>(wanted: &'n BTreeSet<String>, here: &[String]) -> (BTreeSet<u16>, Vec<&'n str>) {
    let (mut known, mut missing) = (BTreeSet::new(), Vec::new());
    for name in wanted {
        match (0_u16..).zip(here).find(|(_, other)| *other == name) {
            Some((position, _)) => {
                known.insert(position);
            }
            None => missing.push(name.as_str()),
        }
    }
    (known, missing)
}

fn named(names: &[&str]) -> String {
    let first = names.iter().take(MOST_NAMED);
    let first: Vec<String> = first
        .map(|name| format!("`{}`", shortened(name, LONGEST_NAME)))
        .collect();
    let more = if names.len() > MOST_NAMED {
        ", …"
    } else {
        ""
    };
    format!("{}{more}", first.join(", "))
}

fn in_words(discovery: &Discovery) -> String {
    let groups = discovery.k.map(|k| format!(" and k = {k}"));
    let scaled = match discovery.scale_temperature {
        true => " after temperature scaling",
        false => "",
    };
    format!(
        "τ = {:.2}{scaled}{}",
        discovery.tau,
        groups.unwrap_or_default()
    )
}
