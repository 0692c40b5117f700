//! The encoder families: what Python's transformers calls them and their parts.

use crate::support::{Error, Result};

/// An encoder family, by the `model_type` of its `config.json`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// BERT (Devlin et al. 2019).
    Bert,
    /// DistilBERT (Sanh et al. 2019): no token types, and other names.
    DistilBert,
    /// RoBERTa (Liu et al. 2019): positions count from behind the padding's.
    Roberta,
    /// XLM-RoBERTa (Conneau et al. 2020): RoBERTa in a hundred languages.
    XlmRoberta,
    /// CamemBERT (Martin et al. 2020): RoBERTa in French.
    Camembert,
    /// ELECTRA (Clark et al. 2020): embeddings may be narrower than the blocks.
    Electra,
    /// MPNet (Song et al. 2020): a bias for each distance between two tokens.
    MpNet,
    /// DeBERTa-v2 and -v3 (He et al. 2021): tokens also attend by distance.
    DebertaV2,
    /// ModernBERT (Warner et al. 2024): rotary positions, and most blocks look
    /// only at the neighbourhood of a token.
    ModernBert,
}

impl Family {
    /// All families, in the order in which messages list them.
    pub const ALL: [Self; 9] = [
        Self::Bert,
        Self::DistilBert,
        Self::Roberta,
        Self::XlmRoberta,
        Self::Camembert,
        Self::Electra,
        Self::MpNet,
        Self::DebertaV2,
        Self::ModernBert,
    ];

    /// The family of a `model_type`.
    ///
    /// # Errors
    /// When it is another one.
    pub fn of(model_type: &str) -> Result<Self> {
        let mut known = Self::ALL.into_iter();
        let found = known.find(|family| family.model_type() == model_type);
        found.ok_or_else(|| refusal(model_type))
    }

    /// The names of the families that can be read, separated by commas.
    pub fn listed() -> String {
        let names: Vec<&str> = Self::ALL.into_iter().map(Self::name).collect();
        names.join(", ")
    }

    /// What people call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bert => "BERT",
            Self::DistilBert => "DistilBERT",
            Self::Roberta => "RoBERTa",
            Self::XlmRoberta => "XLM-RoBERTa",
            Self::Camembert => "CamemBERT",
            Self::Electra => "ELECTRA",
            Self::MpNet => "MPNet",
            Self::DebertaV2 => "DeBERTa-v2/v3",
            Self::ModernBert => "ModernBERT",
        }
    }

    /// `model_type` of its `config.json`.
    pub fn model_type(self) -> &'static str {
        match self {
            Self::Bert => "bert",
            Self::DistilBert => "distilbert",
            Self::Roberta => "roberta",
            Self::XlmRoberta => "xlm-roberta",
            Self::Camembert => "camembert",
            Self::Electra => "electra",
            Self::MpNet => "mpnet",
            Self::DebertaV2 => "deberta-v2",
            Self::ModernBert => "modernbert",
        }
    }

    /// The class that classifies in Python's transformers.
    pub fn architecture(self) -> &'static str {
        match self {
            Self::Bert => "BertForSequenceClassification",
            Self::DistilBert => "DistilBertForSequenceClassification",
            Self::Roberta => "RobertaForSequenceClassification",
            Self::XlmRoberta => "XLMRobertaForSequenceClassification",
            Self::Camembert => "CamembertForSequenceClassification",
            Self::Electra => "ElectraForSequenceClassification",
            Self::MpNet => "MPNetForSequenceClassification",
            Self::DebertaV2 => "DebertaV2ForSequenceClassification",
            Self::ModernBert => "ModernBertForSequenceClassification",
        }
    }

    /// What the names of the encoder's tensors begin with, before a full stop,
    /// in the file of a classifier; in that of a bare encoder it is missing.
    pub fn prefix(self) -> &'static str {
        match self {
            Self::Bert => "bert",
            Self::DistilBert => "distilbert",
            Self::Roberta | Self::XlmRoberta | Self::Camembert => "roberta",
            Self::Electra => "electra",
            Self::MpNet => "mpnet",
            Self::DebertaV2 => "deberta",
            Self::ModernBert => "model",
        }
    }

    /// The layer between the pooled token and the classifier, whole name: in
    /// BERT and DeBERTa it is called pooler.
    pub fn head_dense(self) -> &'static str {
        match self {
            Self::Bert => "bert.pooler.dense",
            Self::DistilBert => "pre_classifier",
            Self::DebertaV2 => "pooler.dense",
            Self::ModernBert => "head.dense",
            Self::Roberta | Self::XlmRoberta | Self::Camembert | Self::Electra | Self::MpNet => {
                "classifier.dense"
            }
        }
    }

    /// The last layer, whole name; it has a row for each class.
    pub fn classifier(self) -> &'static str {
        match self {
            Self::Bert | Self::DistilBert | Self::DebertaV2 | Self::ModernBert => "classifier",
            Self::Roberta | Self::XlmRoberta | Self::Camembert | Self::Electra | Self::MpNet => {
                "classifier.out_proj"
            }
        }
    }
}

fn refusal(model_type: &str) -> Error {
    Error::input(format!(
        "models of the family `{model_type}` are not supported"
    ))
    .hint(format!(
        "use a model of one of these: {}; or import predictions and embeddings of your own model",
        Family::listed()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_family_is_refused_by_name_with_what_can_be_done() {
        let error = Family::of("t5").expect_err("no encoder of ours");
        assert!(error.to_string().contains("`t5`"));
        let remedy = error.remedy().expect("a hint");
        assert!(remedy.contains("DistilBERT") && remedy.contains("import predictions"));
    }

    #[test]
    fn every_family_is_found_by_its_type() {
        for family in Family::ALL {
            assert_eq!(Family::of(family.model_type()).expect("known"), family);
        }
    }
}
