//! What is half typed on a blind spot: kept while others are looked at, and
//! found again after a kill.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::TeachForm;
use crate::records::{BlindSpotId, ExampleKey, RecordId};

/// Half-typed texts by blind spot.
pub type Drafts = BTreeMap<BlindSpotId, Draft>;

/// What is half typed on one blind spot.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Draft {
    hypothesis: String,
    sample: String,
    second: String,
    label: Option<u16>,
    of: Option<RecordId>,
    edit_of: Option<ExampleKey>,
    replaces: Option<RecordId>,
}

impl Draft {
    fn is_empty(&self) -> bool {
        [&self.hypothesis, &self.sample, &self.second]
            .iter()
            .all(|text| text.trim().is_empty())
    }
}

impl TeachForm {
    /// Everything that is half typed.
    pub fn drafts(&self) -> Drafts {
        let mut drafts = self.drafts.clone();
        if let Some(spot) = self.spot {
            let draft = self.draft();
            match draft.is_empty() {
                true => drafts.remove(&spot),
                false => drafts.insert(spot, draft),
            };
        }
        drafts
    }

    /// Brings back what was half typed when the program ended.
    pub fn restore(&mut self, drafts: Drafts) {
        self.drafts = drafts;
        self.spot = None;
    }

    fn draft(&self) -> Draft {
        Draft {
            hypothesis: self.hypothesis.clone(),
            sample: self.sample.clone(),
            second: self.second.clone(),
            label: self.label,
            of: self.of.clone(),
            edit_of: self.edit_of.clone(),
            replaces: self.replaces.clone(),
        }
    }

    /// Takes up what was half typed on a blind spot.
    pub(super) fn take_up(&mut self, spot: BlindSpotId) {
        let draft = self.drafts.remove(&spot).unwrap_or_default();
        self.hypothesis = draft.hypothesis;
        self.sample = draft.sample;
        self.second = draft.second;
        self.label = draft.label;
        self.of = draft.of;
        self.edit_of = draft.edit_of;
        self.replaces = draft.replaces;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_half_typed_waits_on_its_blind_spot_and_survives() {
        let mut form = TeachForm::default();
        form.turn_to(BlindSpotId(1));
        form.sample = "half a sen".into();
        form.turn_to(BlindSpotId(2));
        assert_eq!(form.sample, "");
        form.hypothesis = "irony is".into();
        let json = serde_json::to_string(&form.drafts()).expect("writes");

        let mut again = TeachForm::default();
        again.restore(serde_json::from_str(&json).expect("reads"));
        again.turn_to(BlindSpotId(1));
        assert_eq!(again.sample, "half a sen");
        again.sample.clear();
        again.turn_to(BlindSpotId(2));
        assert_eq!(
            (again.hypothesis.as_str(), again.sample.as_str()),
            ("irony is", "")
        );
        assert_eq!(again.drafts().len(), 1, "what was finished is no draft");
    }
}
