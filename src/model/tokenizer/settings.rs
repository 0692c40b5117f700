//! What the small files beside a tokenizer say: tokenizer_config.json,
//! special_tokens_map.json, added_tokens.json, and the family in config.json.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value};
use tokenizers::AddedToken;

use super::class::{Class, ROLES};
use crate::model::files::{ADDED_TOKENS, CONFIG, SPECIAL_TOKENS, TOKENIZER_SETTINGS};
use crate::support::{Error, Result, user_file};

/// How a tokenizer.json is to be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Treatment {
    /// A class of transformers rebuilds it from its own settings.
    By(Class),
    /// It is used as it is.
    AsWritten,
    /// It belongs to a class of this name that is not known here.
    Unknown(String),
}

/// The settings of a folder's tokenizer.
pub(super) struct Settings {
    path: PathBuf,
    fields: Option<Map<String, Value>>,
    special: Map<String, Value>,
    added: Map<String, Value>,
    model: Map<String, Value>,
}

impl Settings {
    /// Reads the files that are there.
    ///
    /// # Errors
    /// When one of them is damaged. What is wrong with config.json is said
    /// where the model is read.
    pub(super) fn load(dir: &Path) -> Result<Self> {
        let path = dir.join(TOKENIZER_SETTINGS);
        Ok(Self {
            fields: object(&path)?,
            path,
            special: object(&dir.join(SPECIAL_TOKENS))?.unwrap_or_default(),
            added: object(&dir.join(ADDED_TOKENS))?.unwrap_or_default(),
            model: object(&dir.join(CONFIG)).ok().flatten().unwrap_or_default(),
        })
    }

    /// Whether there is a tokenizer_config.json.
    pub(super) fn are_written(&self) -> bool {
        self.fields.is_some()
    }

    /// Rows of the model's word embeddings, if config.json says so.
    pub(super) fn embeddings(&self) -> Option<u32> {
        u32::try_from(self.model.get("vocab_size")?.as_u64()?).ok()
    }

    /// Tokens of a text that the model has positions for, if config.json says
    /// so.
    pub(super) fn positions(&self) -> Option<usize> {
        usize::try_from(self.model.get("max_position_embeddings")?.as_u64()?).ok()
    }

    /// How transformers takes this folder's tokenizer: by the class that is
    /// named, else by the model's family.
    pub(super) fn treatment(&self) -> Treatment {
        let family = self.model.get("model_type").and_then(Value::as_str);
        if family == Some("modernbert") {
            return Treatment::AsWritten; // also where another class is named
        }
        let name = |fields: &Map<String, Value>| {
            let name = fields.get("tokenizer_class").and_then(Value::as_str);
            name.map(str::to_owned)
        };
        let named = self.fields.as_ref().and_then(name);
        match named.or_else(|| name(&self.model)) {
            Some(name) => match Class::named(&name) {
                Some(class) => Treatment::By(class),
                None if name.starts_with("PreTrainedTokenizer") || name == "TokenizersBackend" => {
                    Treatment::AsWritten
                }
                None => Treatment::Unknown(name),
            },
            None => family
                .and_then(Class::of_model_type)
                .map_or(Treatment::AsWritten, Treatment::By),
        }
    }

    /// A setting that is true or false; none when it is missing or null.
    ///
    /// # Errors
    /// When it is something else.
    pub(super) fn flag(&self, name: &str) -> Result<Option<bool>> {
        match self.field(name) {
            None => Ok(None),
            Some(value) => value.as_bool().map(Some).ok_or_else(|| {
                Error::input(format!(
                    "`{name}` in `{}` is neither true nor false",
                    self.path.display()
                ))
                .hint("write true or false, without quotation marks")
            }),
        }
    }

    fn field(&self, name: &str) -> Option<&Value> {
        let value = self.fields.as_ref()?.get(name)?;
        Some(value).filter(|value| !value.is_null())
    }

    /// The number of the unknown token, if it is set.
    pub(super) fn unknown_number(&self) -> Option<usize> {
        usize::try_from(self.field("unk_id")?.as_u64()?).ok()
    }

    /// The longest text in tokens; none if it is missing or no real limit:
    /// transformers writes 1e30 for that.
    pub(super) fn longest(&self) -> Option<usize> {
        let value = self.field("model_max_length")?;
        let tokens = usize::try_from(value.as_u64()?).ok()?;
        Some(tokens).filter(|tokens| (1..1 << 24).contains(tokens))
    }

    /// Whether long texts lose their beginning, if it is set.
    pub(super) fn cuts_left(&self) -> Option<bool> {
        Some(self.field("truncation_side")?.as_str()? == "left")
    }

    /// Whether the model is told which of two texts a token belongs to, if it
    /// is set.
    pub(super) fn tells_types(&self) -> Option<bool> {
        let names = self.field("model_input_names")?.as_array()?;
        Some(names.iter().any(|name| name == "token_type_ids"))
    }

    /// The added tokens with their numbers that tokenizer_config.json lists.
    pub(super) fn listed_tokens(&self) -> Option<Vec<(u32, AddedToken)>> {
        let listed = self.field("added_tokens_decoder")?.as_object()?;
        let token = |(id, token): (&String, &Value)| Some((id.parse().ok()?, described(token)?));
        let mut tokens: Vec<_> = listed.iter().filter_map(token).collect();
        tokens.sort_by_key(|(id, _)| *id);
        Some(tokens)
    }

    /// The tokens of added_tokens.json with their numbers, which count where
    /// tokenizer_config.json lists none.
    pub(super) fn older_tokens(&self) -> Vec<(u32, AddedToken)> {
        let special = |text: &str| {
            let named = ROLES.iter().filter_map(|role| self.named(role));
            let extras = self.extras_of(self.fields.as_ref()).unwrap_or_default();
            named.chain(extras).any(|token| token.content == text)
        };
        let token = |(text, id): (&String, &Value)| {
            let id = u32::try_from(id.as_u64()?).ok()?;
            Some((id, AddedToken::from(text.clone(), special(text))))
        };
        let mut tokens: Vec<_> = self.added.iter().filter_map(token).collect();
        tokens.sort_by_key(|(id, _)| *id);
        tokens
    }

    /// The special token that the files name for a role.
    pub(super) fn named(&self, role: &str) -> Option<AddedToken> {
        let name = format!("{role}_token");
        let older = || match self.listed_tokens() {
            Some(_) => None, // then special_tokens_map.json is not read
            None => self.special.get(&name).and_then(special_token),
        };
        older().or_else(|| special_token(self.field(&name)?))
    }

    /// Special tokens without a usual role.
    pub(super) fn extras(&self) -> Option<Vec<AddedToken>> {
        let older = self.listed_tokens().is_none().then_some(&self.special);
        let mut all = self.extras_of(self.fields.as_ref());
        if all.is_none() {
            all = self.extras_of(older);
        }
        let own_roles = self.fields.iter().flatten().filter(|(name, _)| {
            let role = name.strip_suffix("_token");
            role.is_some_and(|role| !ROLES.contains(&role))
        });
        let own: Vec<AddedToken> = own_roles
            .filter_map(|(_, token)| special_token(token))
            .collect();
        if own.is_empty() {
            return all;
        }
        Some(all.into_iter().flatten().chain(own).collect())
    }

    fn extras_of(&self, fields: Option<&Map<String, Value>>) -> Option<Vec<AddedToken>> {
        let fields = fields?;
        let listed = fields
            .get("extra_special_tokens")
            .or_else(|| fields.get("additional_special_tokens"))?;
        let tokens: Vec<&Value> = match listed {
            Value::Array(tokens) => tokens.iter().collect(),
            Value::Object(by_role) => by_role.values().collect(),
            _ => return None,
        };
        Some(tokens.into_iter().filter_map(special_token).collect())
    }
}

/// A token with the properties that a file gives it.
fn described(token: &Value) -> Option<AddedToken> {
    let fields = token.as_object()?;
    let flag = |name: &str| fields.get(name).and_then(Value::as_bool);
    let special = flag("special").unwrap_or(false);
    let token = AddedToken::from(fields.get("content")?.as_str()?, special)
        .single_word(flag("single_word").unwrap_or(false))
        .lstrip(flag("lstrip").unwrap_or(false))
        .rstrip(flag("rstrip").unwrap_or(false))
        .normalized(flag("normalized").unwrap_or(!special));
    Some(token)
}

/// A token that is special whatever the file says of that.
fn special_token(token: &Value) -> Option<AddedToken> {
    match token {
        Value::String(text) => Some(AddedToken::from(text.clone(), true)),
        Value::Object(fields) => {
            let mut fields = fields.clone();
            fields.insert("special".into(), true.into());
            described(&Value::Object(fields))
        }
        _ => None,
    }
}

/// The object in a JSON file; none when there is no such file.
fn object(path: &Path) -> Result<Option<Map<String, Value>>> {
    if !path.exists() {
        return Ok(None);
    }
    let text = user_file::bytes(path)?;
    serde_json::from_slice(&text)
        .map(Some)
        .map_err(|e| super::unreadable(path, e.into()))
}
