//! Everything the faces show. They read it; only the session changes it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use crate::comparison::Comparison;
use crate::dataset::{Dataset, ReadReport};
use crate::discovery::Truths;
use crate::discovery::calibration::fit_temperature;
use crate::inference::Predictions;
use crate::inference::saliency::Saliency;
use crate::lessons::split::{Settled, settled_samples};
use crate::map::pca_map;
use crate::records::{
    ArmRun, BaseModel, BlindSpot, BlindSpotId, Document, Endpoints, ExampleKey, Manifest,
    MapMethod, MapPositions, Opening, Role, Round, Snapshot,
};
use crate::steps::OpenProject;
use crate::steps::abstain::AbstainTable;
use crate::steps::compare::second::SecondResult;
use crate::steps::data_sheet::{RoleCount, role_counts};
use crate::steps::discover::{Preview, StabilityByK};
use crate::steps::estimate::RetrainTimes;
use crate::steps::evidence::Evidence;
use crate::steps::fit_longer::longer;
use crate::steps::hand_over::{self, HandOver};
use crate::steps::interference::Measured;
use crate::steps::sample_sets::SampleSet;
use crate::steps::shipped_round::ShippedRound;
use crate::steps::suite::SuiteResult;
use crate::steps::tables::Tables;
use crate::steps::teach::setup::TeachingSetup;
use crate::steps::teachers::TeacherTable;
use crate::support::{Progress, Result};

/// What runs say about all roles but *final*.
pub type Answers = Vec<(ArmRun, Arc<Predictions>)>;

/// A round with its figures and with what its models say about the visible
/// roles.
#[derive(Debug, Clone, PartialEq)]
pub struct RoundResult {
    /// The record.
    pub round: Round,
    /// The comparison on *check*, and the one on *final* once it was opened.
    pub comparisons: Vec<Arc<Comparison>>,
    /// What each run says; empty for rounds of an earlier session until they
    /// are looked at again.
    pub answers: Answers,
}

impl RoundResult {
    /// The comparison on a role, if it was made.
    pub fn comparison(&self, role: Role) -> Option<&Arc<Comparison>> {
        self.comparisons.iter().find(|c| c.role == role)
    }

    /// What a run says about the visible roles, once it was looked at.
    pub fn answers_of(&self, run: &ArmRun) -> Option<&Arc<Predictions>> {
        let mut answers = self.answers.iter();
        answers
            .find(|(other, _)| other == run)
            .map(|(_, said)| said)
    }
}

/// Whether people have changed other labels since a comparison was made; in
/// words for whoever reads its figures.
pub fn corrected_since(
    comparison: &Comparison,
    dataset: &Dataset,
    truths: &Truths,
) -> Option<String> {
    let now = truths.fingerprint(dataset, &Role::ALL);
    (now != comparison.truths).then(|| {
        "Labels were corrected after these figures were made: retrain to take that in. Only arms \
         that it touches are trained again."
            .to_owned()
    })
}

/// The state of an open project.
pub struct State {
    /// The project's folder.
    pub folder: PathBuf,
    /// Its name.
    pub name: String,
    /// Task description for people and prompts.
    pub task: String,
    /// What an hour of a person's teaching costs.
    pub hourly_rate: Option<f64>,
    /// What arms are judged by on *final*, unless something else is chosen.
    pub endpoints: Endpoints,
    /// Currency of rates and prices.
    pub currency: Option<String>,
    /// Whether the base stands on the built-in encoder, which reads English
    /// only.
    pub built_in_model: bool,
    /// Whether the model brings its own head and is the base as it is.
    pub as_it_is: bool,
    /// Whether the model's folder has a head, kept or not.
    pub brings_head: bool,
    /// Whether the project holds the predictions of a black box instead of a
    /// model.
    pub black_box: bool,
    /// What the project was handed over from, if it is an expert's copy.
    pub handed_over: Option<HandOver>,
    /// Who else holds the project, if it is open for reading only.
    pub read_only: Option<String>,
    /// The data.
    pub dataset: Arc<Dataset>,
    /// What its project.toml says.
    pub manifest: Arc<Manifest>,
    /// How its files were read.
    pub reading: Arc<ReadReport>,
    /// Its rows by role and source.
    pub role_counts: Vec<RoleCount>,
    /// The reference base, once there is one.
    pub base: Option<Arc<BaseModel>>,
    /// Its predictions on all roles but *final*.
    pub predictions: Option<Arc<Predictions>>,
    /// Temperature fitted on *validation*.
    pub temperature: f32,
    /// What follows from document, predictions and rounds.
    pub(super) tables: Tables,
    /// The map: PCA first, the neighbour-preserving one when ready.
    pub map: Option<Arc<MapPositions>>,
    /// Clusters under the current settings.
    pub preview: Option<Arc<Preview>>,
    /// How stable each number of clusters is, once somebody asked.
    pub stability: Option<Arc<StabilityByK>>,
    /// What the words of some examples do to the base's answer, as far as
    /// somebody looked at them.
    pub saliency: BTreeMap<ExampleKey, Arc<Saliency>>,
    /// Frozen blind spots, oldest first.
    pub snapshots: Vec<Arc<Snapshot>>,
    /// What people decided and wrote.
    pub document: Document,
    /// How long retraining takes on this machine, once measured.
    pub retrain_times: Option<RetrainTimes>,
    /// Rounds so far.
    pub rounds: Vec<Arc<RoundResult>>,
    /// The round that came with the project, read if it had none of its own
    /// when it was opened, or why it is left aside.
    pub(super) shipped_round: Option<Result<Arc<ShippedRound>, String>>,
    /// Second models that were compared with the base, by their numbers, but
    /// for those that were taken off the list.
    pub second_models: Vec<Arc<SecondResult>>,
    /// The models on what the lessons test, as asked last.
    pub suite: Option<Arc<SuiteResult>>,
    /// What each lesson does in every place, as measured last.
    pub interference: Option<Arc<Measured>>,
    /// The samples of each lesson as a set, as looked at last.
    pub sample_sets: Option<Arc<Vec<SampleSet>>>,
    /// What to leave to a person, as found last.
    pub abstention: Option<Arc<AbstainTable>>,
    /// The same with those.
    pub all_second_models: Vec<Arc<SecondResult>>,
    /// Openings of *final*.
    pub openings: Vec<Opening>,
    /// Language models that may teach, and what is set up for them.
    pub teaching: Arc<TeachingSetup>,
    /// The teachers beside each other, as measured last.
    pub teachers: Option<Arc<TeacherTable>>,
    /// Notes of the last lessons by a language model.
    pub teaching_notes: Vec<String>,
}

impl State {
    /// What is known of a project before anything is computed: what is kept
    /// or shipped.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn read(project: &OpenProject) -> Result<Self> {
        let workspace = &project.workspace;
        let base = project.known_base()?;
        let (mut predictions, mut map) = (None, None);
        if let Some(base) = &base {
            predictions = project.known_predictions(base)?;
            map = project.known_map(base)?;
        }
        let document = project.document()?;
        let truths = project.truths(&document);
        let temperature = predictions.as_ref().map_or(1.0, |predictions| {
            fit_temperature(&workspace.dataset, predictions, &truths).temperature
        });
        let rounds = project.rounds()?;
        let shipped_round = match rounds.is_empty() {
            true => project.shipped_round(),
            false => None,
        };
        let mut state = Self {
            folder: workspace.folder.clone(),
            name: workspace.manifest.name.clone(),
            task: workspace.manifest.task.clone(),
            hourly_rate: workspace.manifest.hourly_rate,
            endpoints: workspace.manifest.comparison.clone(),
            currency: workspace.manifest.currency.clone(),
            built_in_model: workspace.manifest.model.base == "builtin",
            as_it_is: workspace.is_as_it_is(),
            brings_head: workspace.brings_head(),
            black_box: project.is_black_box()?,
            handed_over: hand_over::of_folder(&workspace.folder),
            read_only: project.store.read_only().map(ToString::to_string),
            dataset: Arc::clone(&workspace.dataset),
            manifest: Arc::new(workspace.manifest.clone()),
            reading: Arc::new(workspace.report.clone()),
            role_counts: role_counts(&workspace.dataset),
            base: base.map(Arc::new),
            predictions,
            temperature,
            tables: Tables::of(truths),
            map,
            preview: None,
            stability: None,
            saliency: BTreeMap::new(),
            snapshots: project.snapshots()?,
            document,
            retrain_times: None,
            rounds,
            shipped_round,
            suite: None,
            interference: None,
            sample_sets: None,
            abstention: None,
            second_models: Vec::new(),
            all_second_models: project.second_models()?,
            openings: project.store.openings()?,
            teaching: Arc::new(TeachingSetup::load(
                &workspace.manifest,
                project.store.folder(),
            )?),
            teachers: None,
            teaching_notes: Vec::new(),
        };
        state.refresh();
        Ok(state)
    }

    /// Lays the map out by principal components, at once, unless there is one
    /// or there are no embeddings.
    ///
    /// # Errors
    /// When cancelled.
    pub fn ensure_map(&mut self, progress: &Progress) -> Result<()> {
        let Some(predictions) = self.predictions.as_ref().filter(|p| p.width() > 0) else {
            return Ok(());
        };
        if self.map.is_none() {
            let points = pca_map(predictions.embeddings(), predictions.width(), progress)?;
            self.map = Some(Arc::new(MapPositions {
                method: MapMethod::Pca,
                points,
            }));
        }
        Ok(())
    }

    /// The snapshot in use. One of another base's errors is none: blind spots
    /// have to be frozen again.
    pub fn snapshot(&self) -> Option<&Arc<Snapshot>> {
        let version = self.document.snapshot?;
        let of_base = |snapshot: &&Arc<Snapshot>| {
            let base = self.base.as_ref();
            base.is_none_or(|base| base.id == snapshot.model)
        };
        let mut snapshots = self.snapshots.iter();
        let in_use = snapshots.find(|snapshot| snapshot.version == version);
        in_use.filter(of_base)
    }

    /// A blind spot of the snapshot in use.
    pub fn blind_spot(&self, id: BlindSpotId) -> Option<&BlindSpot> {
        self.snapshot()?.blind_spot(id)
    }

    /// A round of this project.
    pub fn round(&self, number: u32) -> Option<&Arc<RoundResult>> {
        self.rounds
            .iter()
            .find(|result| result.round.number == number)
    }

    /// As [`Round::outdated`], for the base that the project has now.
    pub fn outdated(&self, round: &Round) -> Option<String> {
        let mut snapshots = self.snapshots.iter();
        let of = snapshots.find(|snapshot| snapshot.version == round.snapshot)?;
        let by_base = round.outdated(of, self.base.as_ref()?);
        by_base.or_else(|| {
            let result = self.round(round.number)?;
            corrected_since(
                result.comparison(Role::Check)?,
                &self.dataset,
                self.truths(),
            )
        })
    }

    /// Whether answers come with embeddings, once there are any: a black box
    /// may leave them out, and there is no map then.
    pub fn has_embeddings(&self) -> bool {
        self.predictions.as_ref().is_none_or(|of| of.width() > 0)
    }

    /// A second model of this project.
    pub fn second_model(&self, number: u32) -> Option<&Arc<SecondResult>> {
        let mut all = self.second_models.iter();
        all.find(|result| result.model.number == number)
    }

    /// Why the figures of a second model may not stand for the project as it
    /// is now; in words for whoever reads them.
    pub fn outdated_second(&self, result: &SecondResult) -> Option<String> {
        let mut snapshots = self.snapshots.iter();
        let of = snapshots.find(|snapshot| snapshot.version == result.model.snapshot)?;
        let by_base = result.model.outdated(of, self.base.as_ref()?);
        by_base.or_else(|| {
            let now = self.truths().fingerprint(&self.dataset, &Role::ALL);
            (now != result.comparison.truths).then(|| {
                "Labels were corrected after these figures were made: compare again to take that \
                 in."
                .to_owned()
            })
        })
    }

    pub(super) fn predictions_in_use(&self) -> Option<&Arc<Predictions>> {
        match self.document.model_round {
            0 => self.predictions.as_ref(),
            number => {
                let result = self.round(number)?;
                result.answers_of(result.round.model()?)
            }
        }
    }

    /// The run whose model is in use; none if it is the base.
    pub fn run_in_use(&self) -> Option<&ArmRun> {
        self.round(self.document.model_round)?.round.model()
    }

    /// Samples that some round has trained on or tested with: their use stays.
    pub fn settled_samples(&self) -> Settled {
        settled_samples(self.rounds.iter().map(|result| &result.round))
    }

    /// The name of a blind spot: the one given by hand, else the default.
    pub fn blind_spot_name(&self, id: BlindSpotId) -> String {
        match self.snapshot() {
            Some(snapshot) => self.document.blind_spot_name(id, snapshot),
            None => format!("blind spot {id}"),
        }
    }

    /// Members of each blind spot of the snapshot in use after moves and
    /// drops by hand.
    pub fn members(&self) -> BTreeMap<BlindSpotId, Vec<ExampleKey>> {
        let mut members: BTreeMap<BlindSpotId, Vec<ExampleKey>> = BTreeMap::new();
        let Some(snapshot) = self.snapshot() else {
            return members;
        };
        for spot in &snapshot.blind_spots {
            members.entry(spot.id).or_default();
            for key in spot.members() {
                if let Some(id) = self.document.place_of(key, spot.id) {
                    members.entry(id).or_default().push(key.clone());
                }
            }
        }
        members
    }

    /// What the blind spots of the snapshot in use rest on after triage and
    /// moves by hand, once the examples have been scored.
    pub fn evidence(&self) -> Option<Evidence<'_>> {
        let (snapshot, answers) = (self.snapshot()?, self.frozen_answers()?);
        Some(Evidence::new(answers, snapshot, &self.document))
    }

    /// Temperature that confidences are divided by under the current settings.
    pub fn effective_temperature(&self) -> f32 {
        if self.document.settings.scale_temperature {
            self.temperature
        } else {
            1.0
        }
    }

    /// What the words of an example do to the answer of the model in use, once
    /// somebody asked with [`super::Command::ComputeSaliency`].
    pub fn words_of(&self, example: &ExampleKey) -> Option<&Saliency> {
        let found = self.saliency.get(example)?;
        (found.temperature == self.effective_temperature()).then_some(found)
    }

    /// Passes that a longer fit of the base may take, where that could give
    /// another one.
    pub fn longer_fit(&self) -> Option<usize> {
        let base = self.base.as_ref()?;
        let is_fitted = !self.as_it_is && !self.black_box;
        longer(&self.manifest.fit, base, &self.dataset).filter(|_| is_fitted)
    }

    /// Number of sealed examples: all that may be known of them.
    pub fn sealed_count(&self) -> usize {
        let counts = self.role_counts.iter();
        let sealed = counts.filter(|count| count.role == Role::Final);
        sealed.map(|count| count.rows).sum()
    }
}
