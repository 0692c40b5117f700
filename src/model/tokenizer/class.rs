//! The tokenizer classes of Python's transformers, as version 5 builds them:
//! what each does with a text before its vocabulary is asked, and the special
//! tokens it puts around texts and pairs.
//!
//! A class rebuilds all this from the settings in tokenizer_config.json; of a
//! tokenizer.json it takes the vocabulary and the added tokens alone.
//! `tests/engine/tokenizers.json` holds what transformers makes of each.

use serde_json::{Value, json};

use super::settings::Settings;
use crate::support::Result;

/// A class that cuts texts by settings of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    Bert,
    DistilBert,
    Mpnet,
    Roberta,
    XlmRoberta,
    Camembert,
    DebertaV2,
}

/// The roles of special tokens, in the order in which transformers adds them.
pub(super) const ROLES: [&str; 7] = ["bos", "eos", "unk", "sep", "pad", "cls", "mask"];

/// How the special tokens stand around texts.
pub(super) struct Frame {
    /// Role of the token in front.
    pub(super) start: &'static str,
    /// Role of the token behind each text.
    pub(super) end: &'static str,
    /// Whether a second text has one more in front of it.
    pub(super) doubled: bool,
    /// The token type of the second text.
    pub(super) second_type: u8,
}

impl Class {
    /// The class of a name in tokenizer_config.json; none if it has no
    /// settings of its own or is not known here.
    pub(super) fn named(name: &str) -> Option<Self> {
        match name.strip_suffix("Fast").unwrap_or(name) {
            "BertTokenizer" | "ElectraTokenizer" => Some(Self::Bert),
            "DistilBertTokenizer" => Some(Self::DistilBert),
            "MPNetTokenizer" => Some(Self::Mpnet),
            "RobertaTokenizer" => Some(Self::Roberta),
            "XLMRobertaTokenizer" => Some(Self::XlmRoberta),
            "CamembertTokenizer" => Some(Self::Camembert),
            "DebertaV2Tokenizer" => Some(Self::DebertaV2),
            _ => None,
        }
    }

    /// The class that a model of a family has when none is named.
    pub(super) fn of_model_type(model_type: &str) -> Option<Self> {
        match model_type {
            "bert" | "electra" => Some(Self::Bert),
            "distilbert" => Some(Self::DistilBert),
            "mpnet" => Some(Self::Mpnet),
            "roberta" => Some(Self::Roberta),
            "xlm-roberta" => Some(Self::XlmRoberta),
            "camembert" => Some(Self::Camembert),
            "deberta-v2" => Some(Self::DebertaV2),
            _ => None,
        }
    }

    /// Its name in transformers.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Bert => "BertTokenizer",
            Self::DistilBert => "DistilBertTokenizer",
            Self::Mpnet => "MPNetTokenizer",
            Self::Roberta => "RobertaTokenizer",
            Self::XlmRoberta => "XLMRobertaTokenizer",
            Self::Camembert => "CamembertTokenizer",
            Self::DebertaV2 => "DebertaV2Tokenizer",
        }
    }

    /// The `type` of its model in a tokenizer.json.
    pub(super) fn model_type(self) -> &'static str {
        match self {
            Self::Bert | Self::DistilBert | Self::Mpnet => "WordPiece",
            Self::Roberta => "BPE",
            Self::XlmRoberta | Self::Camembert | Self::DebertaV2 => "Unigram",
        }
    }

    /// The special token of a role when the settings name none.
    pub(super) fn usual_token(self, role: &str) -> Option<&'static str> {
        let words = |unknown| match role {
            "bos" | "cls" => Some("<s>"),
            "eos" | "sep" => Some("</s>"),
            "unk" => Some(unknown),
            "pad" => Some("<pad>"),
            "mask" => Some("<mask>"),
            _ => None,
        };
        let brackets = match role {
            "cls" => Some("[CLS]"),
            "sep" => Some("[SEP]"),
            "unk" => Some("[UNK]"),
            "pad" => Some("[PAD]"),
            "mask" => Some("[MASK]"),
            _ => None,
        };
        match self {
            Self::Bert | Self::DistilBert => brackets,
            Self::DebertaV2 => match role {
                "bos" => Some("[CLS]"),
                "eos" => Some("[SEP]"),
                _ => brackets,
            },
            Self::Mpnet => words("[UNK]"),
            Self::Roberta | Self::XlmRoberta | Self::Camembert => words("<unk>"),
        }
    }

    /// Whether a mask token given by its text alone takes the space before it.
    pub(super) fn mask_takes_space(self) -> bool {
        matches!(self, Self::Mpnet | Self::Camembert)
    }

    /// Special tokens that it adds when the settings name none.
    pub(super) fn usual_extras(self) -> &'static [&'static str] {
        match self {
            Self::Camembert => &["<s>NOTUSED", "</s>NOTUSED", "<unk>NOTUSED"],
            _ => &[],
        }
    }

    /// Whether the model is told which of two texts a token belongs to.
    pub(super) fn tells_types(self) -> bool {
        matches!(self, Self::Bert | Self::DebertaV2)
    }

    /// Where its special tokens stand.
    pub(super) fn frame(self) -> Frame {
        let (start, end) = match self {
            Self::XlmRoberta | Self::Camembert => ("bos", "eos"),
            _ => ("cls", "sep"),
        };
        let separated_by_type = matches!(self, Self::Bert | Self::DistilBert | Self::DebertaV2);
        Frame {
            start,
            end,
            doubled: !separated_by_type,
            second_type: u8::from(separated_by_type),
        }
    }

    /// The part of a tokenizer.json that changes characters; `characters` is
    /// the table of a sentencepiece model.
    pub(super) fn normalizer(self, settings: &Settings, characters: &Value) -> Result<Value> {
        Ok(match self {
            Self::Bert | Self::DistilBert | Self::Mpnet => json!({
                "type": "BertNormalizer",
                "clean_text": true,
                "handle_chinese_chars": settings.flag("tokenize_chinese_chars")?.unwrap_or(true),
                "strip_accents": settings.flag("strip_accents")?,
                "lowercase": settings.flag("do_lower_case")?.unwrap_or(true),
            }),
            Self::Roberta => Value::Null,
            Self::XlmRoberta | Self::Camembert => characters.clone(),
            Self::DebertaV2 => {
                let mut steps = Vec::new();
                if settings.flag("do_lower_case")?.unwrap_or(false) {
                    steps.push(json!({"type": "Lowercase"}));
                }
                steps.push(json!({
                    "type": "Replace",
                    "pattern": {"Regex": r"\s{2,}|[\n\r\t]"},
                    "content": " ",
                }));
                steps.push(json!({"type": "NFC"}));
                steps.push(json!({"type": "Strip", "strip_left": false, "strip_right": true}));
                json!({"type": "Sequence", "normalizers": steps})
            }
        })
    }

    /// The part of a tokenizer.json that cuts texts into words.
    pub(super) fn pre_tokenizer(self, settings: &Settings) -> Result<Value> {
        let prefix = settings.flag("add_prefix_space")?;
        let spaces = |without| {
            json!({
                "type": "Metaspace",
                "replacement": "▁",
                "prepend_scheme": if prefix.unwrap_or(true) { "always" } else { without },
                "split": true,
            })
        };
        Ok(match self {
            Self::Bert | Self::DistilBert | Self::Mpnet => json!({"type": "BertPreTokenizer"}),
            Self::Roberta => json!({
                "type": "ByteLevel",
                "add_prefix_space": prefix.unwrap_or(false),
                "trim_offsets": true,
                "use_regex": true,
            }),
            Self::XlmRoberta | Self::Camembert => json!({
                "type": "Sequence",
                "pretokenizers": [{"type": "WhitespaceSplit"}, spaces("never")],
            }),
            Self::DebertaV2 => {
                let mut steps = Vec::new();
                if settings.flag("split_by_punct")?.unwrap_or(false) {
                    steps.push(json!({"type": "Punctuation", "behavior": "Isolated"}));
                }
                steps.push(spaces("first"));
                json!({"type": "Sequence", "pretokenizers": steps})
            }
        })
    }

    /// The part of a tokenizer.json that puts special tokens around texts, and
    /// another way to write the same; each token with its number.
    pub(super) fn post_processors(
        self,
        settings: &Settings,
        start: (&str, u32),
        end: (&str, u32),
    ) -> Result<[Value; 2]> {
        let pair = |(text, id): (&str, u32)| json!([text, id]);
        Ok(match self {
            Self::Roberta | Self::Mpnet => {
                let roberta = self == Self::Roberta;
                let trim = settings.flag("trim_offsets")?.filter(|_| roberta);
                let prefix = settings.flag("add_prefix_space")?.filter(|_| roberta);
                let processor = json!({
                    "type": "RobertaProcessing",
                    "sep": pair(end),
                    "cls": pair(start),
                    "trim_offsets": trim.unwrap_or(true),
                    "add_prefix_space": prefix.unwrap_or(false),
                });
                [processor.clone(), processor]
            }
            Self::Bert | Self::DistilBert | Self::DebertaV2 => [
                self.template(start, end),
                json!({"type": "BertProcessing", "sep": pair(end), "cls": pair(start)}),
            ],
            Self::XlmRoberta | Self::Camembert => {
                let template = self.template(start, end);
                [template.clone(), template]
            }
        })
    }

    fn template(self, start: (&str, u32), end: (&str, u32)) -> Value {
        let Frame {
            doubled,
            second_type,
            ..
        } = self.frame();
        let special = |text: &str, kind: u8| json!({"SpecialToken": {"id": text, "type_id": kind}});
        let text = |id: &str, kind: u8| json!({"Sequence": {"id": id, "type_id": kind}});
        let single = [special(start.0, 0), text("A", 0), special(end.0, 0)];
        let mut pair = single.to_vec();
        if doubled {
            pair.push(special(end.0, second_type));
        }
        pair.push(text("B", second_type));
        pair.push(special(end.0, second_type));
        let entry = |(text, id): (&str, u32)| json!({"id": text, "ids": [id], "tokens": [text]});
        json!({
            "type": "TemplateProcessing",
            "single": single,
            "pair": pair,
            "special_tokens": {start.0: entry(start), end.0: entry(end)},
        })
    }

    /// The part of a tokenizer.json that puts texts together again.
    pub(super) fn decoder(self) -> Value {
        match self.model_type() {
            "WordPiece" => json!({"type": "WordPiece", "prefix": "##", "cleanup": true}),
            "BPE" => json!({
                "type": "ByteLevel",
                "add_prefix_space": true,
                "trim_offsets": true,
                "use_regex": true,
            }),
            _ => json!({
                "type": "Metaspace",
                "replacement": "▁",
                "prepend_scheme": "always",
                "split": true,
            }),
        }
    }
}
