//! A model that brings its own head is the reference base as it is.

use serde::{Deserialize, Serialize};

use crate::project::StepKey;
use crate::records::{BaseModel, ModelBase};
use crate::steps::OpenProject;
use crate::steps::fit::Base;
use crate::steps::project::CODE_VERSION;
use crate::steps::workspace::Head;
use crate::support::{Error, Progress, Result};

/// What the base is called that nobody fitted here.
const ORIGIN: &str = "as it is";

/// What remembering such a base leaves behind: its fingerprint, so that it is
/// known without loading its weights.
#[derive(Serialize, Deserialize)]
struct Record {
    model: String,
}

impl OpenProject {
    /// The model of the project as it is.
    ///
    /// # Errors
    /// When nobody has said what its classes mean, when its files are damaged,
    /// or when it cannot be remembered.
    pub(super) fn base_as_it_is(&self, progress: &Progress) -> Result<Base> {
        let model = self.workspace.pretrained()?;
        if let Head::AsItIs(matched) = &self.workspace.model()?.head
            && let Some(said) = matched.said()
        {
            progress.warn(said);
        }
        let record = Record {
            model: model.fingerprint(),
        };
        let known = self.known_as_it_is()?;
        let is_new = known.is_none_or(|known| known.id != record.model);
        if is_new && self.store.read_only().is_none() {
            let output = serde_json::to_value(&record)
                .map_err(|e| Error::program("cannot describe the base").because(e))?;
            self.store.finish_step(&self.as_it_is_step()?, &output)?;
        }
        Ok(Base {
            info: self.as_it_is_info(record)?,
            model,
            fit_seconds: 0.0,
        })
    }

    /// The same as the faces show it, once it has been loaded.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub(super) fn known_as_it_is(&self) -> Result<Option<BaseModel>> {
        let output = self.store.step_output(&self.as_it_is_step()?)?;
        let record = output.and_then(|output| serde_json::from_value(output).ok());
        record.map(|record| self.as_it_is_info(record)).transpose()
    }

    fn as_it_is_info(&self, record: Record) -> Result<BaseModel> {
        let workspace = &self.workspace;
        let path = match workspace.manifest.model_base(&workspace.folder)? {
            ModelBase::Folder(folder) => folder,
            ModelBase::Builtin | ModelBase::Predictions => workspace.folder.clone(),
        };
        Ok(BaseModel {
            id: record.model,
            path,
            origin: ORIGIN.into(),
            curve: None,
        })
    }

    fn as_it_is_step(&self) -> Result<StepKey> {
        let labels = self.workspace.dataset.labels.join("\n");
        let model = self.workspace.pretrained_key()?;
        let mapping = &self.workspace.manifest.model.labels;
        let inputs = [("labels", labels.as_str()), ("model", model)];
        StepKey::new("as it is", CODE_VERSION, mapping, &inputs)
    }
}
