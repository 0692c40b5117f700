//! From the base's predictions to blind spots.

pub mod figures;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::blind_spots::{Clustering, Freezing, cluster, freeze, preview};
use crate::comparison::power::Power;
use crate::discovery::calibration::fit_temperature;
use crate::discovery::{UnknownUnknown, find};
use crate::inference::Predictions;
use crate::records::{
    BaseModel, DiscoverySettings, Document, ExampleKey, Label, Role, Round, Snapshot, Triage,
};
use crate::steps::estimate::power_of_final;
use crate::steps::shipped::Shipped;
use crate::steps::{OpenProject, Workspace};
use crate::support::{Error, Progress, Result, clock};

/// What discovery starts from.
#[derive(Clone, Copy)]
pub struct Discovering<'a> {
    /// The project.
    pub workspace: &'a Workspace,
    /// The reference base's predictions.
    pub predictions: &'a Predictions,
    /// Fingerprint of the reference base.
    pub model: &'a str,
    /// What people judged the errors to be.
    pub triage: &'a BTreeMap<ExampleKey, Triage>,
    /// τ, k and the rest.
    pub settings: &'a DiscoverySettings,
}

impl Discovering<'_> {
    /// Temperature that confidences are divided by before they are held
    /// against τ: 1 unless the settings ask for scaling.
    pub fn temperature(&self) -> f32 {
        if self.settings.scale_temperature {
            fit_temperature(&self.workspace.dataset, self.predictions).temperature
        } else {
            1.0
        }
    }

    /// The unknown unknowns of *discovery*.
    pub fn unknown_unknowns(&self) -> Vec<UnknownUnknown> {
        find(
            &self.workspace.dataset,
            self.predictions,
            self.triage,
            self.settings.tau,
            self.temperature(),
            Role::Discovery,
        )
    }

    /// Groups for the sliders, fast enough to follow them.
    ///
    /// # Errors
    /// When cancelled.
    pub fn preview(&self, progress: &Progress) -> Result<Preview> {
        let uus = self.unknown_unknowns();
        let dataset = &self.workspace.dataset;
        let found = preview(dataset, self.predictions, &uus, self.settings, progress)?;
        let mut groups = vec![0; uus.len()];
        for (number, group) in found.groups.iter().enumerate() {
            for member in &group.members {
                groups[*member] = number;
            }
        }
        Ok(Preview {
            settings: self.settings.clone(),
            unknown_unknowns: uus,
            groups,
            confusions: (found.groups.iter())
                .map(|group| (group.true_label, group.predicted))
                .collect(),
            stability: found.stability,
            notes: found.notes,
            power: power_of_final(
                self.workspace,
                self.predictions,
                self.settings.tau,
                self.temperature(),
            ),
        })
    }

    /// Clusters and freezes; `earlier` are all snapshots before this one, in
    /// order.
    ///
    /// # Errors
    /// When cancelled.
    pub fn freeze(&self, earlier: &[Arc<Snapshot>], progress: &Progress) -> Result<Snapshot> {
        let uus = self.unknown_unknowns();
        let dataset = &self.workspace.dataset;
        progress.stage("Grouping unknown unknowns", None);
        let clustering: Clustering =
            cluster(dataset, self.predictions, &uus, self.settings, progress)?;
        freeze(
            &Freezing {
                dataset,
                predictions: self.predictions,
                triage: self.triage,
                uus: &uus,
                clustering: &clustering,
                settings: self.settings,
                temperature: self.temperature(),
                model: self.model,
                created: &clock::now(),
                earlier,
            },
            progress,
        )
    }
}

impl OpenProject {
    /// What discovery starts from.
    pub fn discovering<'a>(
        &'a self,
        base: &'a BaseModel,
        predictions: &'a Predictions,
        document: &'a Document,
        settings: &'a DiscoverySettings,
    ) -> Discovering<'a> {
        Discovering {
            workspace: &self.workspace,
            predictions,
            model: &base.id,
            triage: &document.triage,
            settings,
        }
    }

    /// All snapshots: those kept here, after the one that was shipped.
    ///
    /// # Errors
    /// When one cannot be read.
    pub fn snapshots(&self) -> Result<Vec<Arc<Snapshot>>> {
        let mut snapshots: Vec<Arc<Snapshot>> =
            self.store.snapshots()?.into_iter().map(Arc::new).collect();
        if let Some(shipped) = Shipped::find(&self.workspace)? {
            let shipped = shipped.snapshot()?;
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
    /// Mean adjusted Rand index over bootstrap runs.
    pub stability: Option<f32>,
    /// What a reader should know.
    pub notes: Vec<String>,
    /// What *final* can show for each source.
    pub power: Vec<(String, Power)>,
}
