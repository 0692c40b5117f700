//! From the base's predictions to blind spots.

pub mod figures;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;

use crate::blind_spots::{
    Clustering, Freezing, Group, StabilityAt, cluster, common, freeze, preview, stability_by_k,
    with_new_names,
};
use crate::comparison::power::Power;
use crate::dataset::Dataset;
use crate::discovery::calibration::fit_temperature;
use crate::discovery::{AnswerTable, Truths, UnknownUnknown, WaysOn};
use crate::inference::Predictions;
use crate::records::{DiscoverySettings, Document, Label, Lesson, Role, Round, Snapshot};
use crate::steps::OpenProject;
use crate::steps::estimate::power_of_final;
use crate::steps::shipped::Shipped;
use crate::support::{Error, Progress, Result, clock};

/// What discovery starts from.
#[derive(Clone, Copy)]
pub struct Discovering<'a> {
    /// The reference base's answers, under the settings.
    pub answers: &'a AnswerTable,
    /// Fingerprint of the reference base.
    pub model: &'a str,
    /// τ, k and the rest.
    pub settings: &'a DiscoverySettings,
}

impl Discovering<'_> {
    /// Groups for the sliders, fast enough to follow them.
    ///
    /// # Errors
    /// When cancelled.
    pub fn preview(&self, progress: &Progress) -> Result<Preview> {
        let uus = self.answers.unknown_unknowns(Role::Discovery);
        let (dataset, predictions) = (self.answers.dataset(), self.answers.predictions());
        let found = preview(dataset, predictions, &uus, self.settings, progress)?;
        let mut groups = vec![0; uus.len()];
        for (number, group) in found.groups.iter().enumerate() {
            for member in &group.members {
                groups[*member] = number;
            }
        }
        let uus_are_none = uus.is_empty();
        Ok(Preview {
            settings: self.settings.clone(),
            names: names(&found.groups, &uus, dataset),
            unknown_unknowns: uus,
            groups,
            confusions: (found.groups.iter())
                .map(|group| (group.true_label, group.predicted))
                .collect(),
            stability: found.stability,
            notes: found.notes,
            power: power_of_final(self.answers),
            ways_on: uus_are_none.then(|| ways_on(self.answers, self.settings)),
        })
    }

    /// How stable the groups are for each number of them.
    ///
    /// # Errors
    /// When cancelled.
    pub fn stability(&self, progress: &Progress) -> Result<StabilityByK> {
        let uus = self.answers.unknown_unknowns(Role::Discovery);
        let (dataset, predictions) = (self.answers.dataset(), self.answers.predictions());
        Ok(StabilityByK {
            of: without_k(self.settings),
            at: stability_by_k(dataset, predictions, &uus, self.settings, progress)?,
        })
    }

    /// Clusters and freezes; `earlier` are all snapshots before this one, in
    /// order, and `lessons` those that are there already.
    ///
    /// # Errors
    /// When cancelled.
    pub fn freeze(
        &self,
        (earlier, lessons): (&[Arc<Snapshot>], &[Arc<Lesson>]),
        progress: &Progress,
    ) -> Result<Snapshot> {
        let uus = self.answers.unknown_unknowns(Role::Discovery);
        let (dataset, predictions) = (self.answers.dataset(), self.answers.predictions());
        progress.stage("Grouping unknown unknowns", None);
        let clustering: Clustering = cluster(dataset, predictions, &uus, self.settings, progress)?;
        freeze(
            &Freezing {
                answers: self.answers,
                uus: &uus,
                clustering: &clustering,
                settings: self.settings,
                model: self.model,
                created: &clock::now(),
                earlier,
                lessons,
            },
            progress,
        )
    }
}

/// Groups by what they have in common, numbered where several have the same.
fn names(groups: &[Group], uus: &[UnknownUnknown], dataset: &Dataset) -> Vec<String> {
    let mut seen = BTreeMap::<String, usize>::new();
    let name = |group: &Group| {
        let name = common(uus, group).name(dataset);
        let number = seen.entry(name.clone()).or_default();
        *number += 1;
        match *number {
            1 => name,
            more => format!("{name}, group {more}"),
        }
    };
    groups.iter().map(name).collect()
}

/// What leads on where no error reaches τ.
pub fn ways_on(answers: &AnswerTable, settings: &DiscoverySettings) -> WaysOn {
    let (dataset, predictions) = (answers.dataset(), answers.predictions());
    let other = match settings.scale_temperature {
        true => 1.0,
        false => fit_temperature(dataset, predictions, answers.truths()).temperature,
    };
    WaysOn::new(answers, &answers.at_temperature(other))
}

/// A model's answers under the settings of discovery. Confidences are divided
/// by the temperature that *validation* gives, if the settings ask for it.
pub fn answers_under(
    settings: &DiscoverySettings,
    dataset: &Arc<Dataset>,
    predictions: Arc<Predictions>,
    truths: Arc<Truths>,
) -> AnswerTable {
    let temperature = match settings.scale_temperature {
        true => fit_temperature(dataset, &predictions, &truths).temperature,
        false => 1.0,
    };
    let dataset = Arc::clone(dataset);
    AnswerTable::new(dataset, predictions, truths, settings.tau, temperature)
}

impl OpenProject {
    /// The true labels: the data's but where people corrected them.
    pub fn truths(&self, document: &Document) -> Arc<Truths> {
        let dataset = &self.workspace.dataset;
        Arc::new(Truths::new(dataset, &document.triage))
    }

    /// A model's answers under the τ and temperature of frozen blind spots.
    pub fn answers_for(
        &self,
        snapshot: &Snapshot,
        predictions: Arc<Predictions>,
        truths: &Arc<Truths>,
    ) -> AnswerTable {
        let dataset = Arc::clone(&self.workspace.dataset);
        let (tau, temperature) = (snapshot.settings.tau, snapshot.temperature);
        AnswerTable::new(dataset, predictions, Arc::clone(truths), tau, temperature)
    }

    /// All snapshots: those kept here, after the one that was shipped. Blind
    /// spots that an earlier version named are named as this one does.
    ///
    /// # Errors
    /// When one cannot be read.
    pub fn snapshots(&self) -> Result<Vec<Arc<Snapshot>>> {
        let dataset = &self.workspace.dataset;
        let named = |snapshot| Arc::new(with_new_names(snapshot, dataset));
        let kept = self.store.snapshots()?.into_iter();
        let mut snapshots: Vec<Arc<Snapshot>> = kept.map(named).collect();
        if let Some(shipped) = Shipped::find(&self.workspace)? {
            let shipped = named(Arc::unwrap_or_clone(shipped.snapshot()?));
            if snapshots.iter().all(|s| s.version != shipped.version) {
                snapshots.insert(0, shipped);
            }
        }
        Ok(snapshots)
    }

    /// The blind spots that a round was trained for.
    ///
    /// # Errors
    /// When they are gone.
    pub fn snapshot_of(&self, round: &Round) -> Result<Arc<Snapshot>> {
        let mut snapshots = self.snapshots()?.into_iter();
        let found = snapshots.find(|snapshot| snapshot.version == round.snapshot);
        found.ok_or_else(|| {
            Error::input(format!(
                "the blind spots (snapshot {}) that round {} was trained for are gone",
                round.snapshot, round.number
            ))
            .hint("retrain, and open final for the new round")
        })
    }
}

/// How stable the groups are for each number of them.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StabilityByK {
    /// The settings, without a number.
    #[serde(skip)]
    pub of: DiscoverySettings,
    /// Each number that was tried, ascending.
    pub at: Vec<StabilityAt>,
}

/// Settings apart from the number of groups.
pub fn without_k(settings: &DiscoverySettings) -> DiscoverySettings {
    DiscoverySettings {
        k: None,
        ..settings.clone()
    }
}

/// Unknown unknowns and their clusters under the current settings, before
/// anything is frozen.
#[derive(Debug, Clone, PartialEq)]
pub struct Preview {
    /// The settings it was made with.
    pub settings: DiscoverySettings,
    /// The unknown unknowns in *discovery*.
    pub unknown_unknowns: Vec<UnknownUnknown>,
    /// For each unknown unknown the position of its group.
    pub groups: Vec<usize>,
    /// Main confusion (true → predicted) of each group.
    pub confusions: Vec<(Label, Label)>,
    /// What each group is called: its confusion, as it will be once frozen.
    pub names: Vec<String>,
    /// Mean adjusted Rand index over bootstrap runs.
    pub stability: Option<f32>,
    /// What a reader should know.
    pub notes: Vec<String>,
    /// What *final* can show for each source.
    pub power: Vec<(String, Power)>,
    /// What leads on, where there is no unknown unknown.
    pub ways_on: Option<WaysOn>,
}
