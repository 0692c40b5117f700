//! From the base's predictions to blind spots.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::estimate::power_of_final;
use super::workspace::Workspace;
use crate::blind_spots::{Clustering, Freezing, cluster, freeze, preview};
use crate::discovery::calibration::fit_temperature;
use crate::discovery::{UnknownUnknown, find};
use crate::inference::Predictions;
use crate::records::{DiscoverySettings, ExampleKey, Role, Snapshot, Triage};
use crate::session::Preview;
use crate::support::{Progress, Result, clock};

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
            group_count: found.groups.len(),
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
