//! Added tokens: those that are found in a text before it is cut, special ones
//! such as `[SEP]` among them.

use serde_json::{Map, Value, json};
use tokenizers::AddedToken;

/// The added tokens of a tokenizer with the numbers that the tokenizers
/// library gives them: those of the vocabulary, else the next ones.
pub(super) struct AddedTokens<'a> {
    model: &'a Map<String, Value>,
    embeddings: Option<u32>,
    tokens: Vec<(u32, AddedToken)>,
}

impl<'a> AddedTokens<'a> {
    /// None yet, on top of the vocabulary of a tokenizer.json's `model`, for a
    /// model with so many word embeddings.
    pub(super) fn new(model: &'a Map<String, Value>, embeddings: Option<u32>) -> Self {
        Self {
            model,
            embeddings,
            tokens: Vec::new(),
        }
    }

    /// The tokens that a tokenizer.json lists, in the order of their numbers.
    pub(super) fn listed_in(file: &Map<String, Value>) -> Vec<(u32, AddedToken)> {
        let listed = file.get("added_tokens").and_then(Value::as_array);
        let token = |token: &Value| {
            let flag = |name: &str| token.get(name).and_then(Value::as_bool).unwrap_or(false);
            let id = u32::try_from(token.get("id")?.as_u64()?).ok()?;
            let text = token.get("content")?.as_str()?;
            let token = AddedToken::from(text, flag("special"))
                .single_word(flag("single_word"))
                .lstrip(flag("lstrip"))
                .rstrip(flag("rstrip"))
                .normalized(flag("normalized"));
            Some((id, token))
        };
        let mut tokens: Vec<_> = listed.into_iter().flatten().filter_map(token).collect();
        tokens.sort_by_key(|(id, _)| *id);
        tokens
    }

    /// Adds tokens that files list; those with a role are special.
    pub(super) fn declare(&mut self, tokens: Vec<(u32, AddedToken)>, roles: &[(&str, AddedToken)]) {
        for (_, mut token) in tokens {
            let has_role = roles
                .iter()
                .any(|(_, named)| named.content == token.content);
            token.special |= has_role;
            if let Some(id) = self.next_number(&token.content) {
                self.tokens
                    .retain(|(_, known)| known.content != token.content);
                self.tokens.push((id, token));
            }
        }
    }

    /// Adds the tokens that are not there yet. One that the vocabulary lacks
    /// and the model has no embedding for is left out: there is nothing that
    /// it could be read as.
    pub(super) fn append(&mut self, tokens: impl Iterator<Item = AddedToken>) {
        for token in tokens {
            if self
                .tokens
                .iter()
                .any(|(_, known)| known.content == token.content)
            {
                continue;
            }
            let Some(id) = self.next_number(&token.content) else {
                continue;
            };
            if self.embeddings.is_none_or(|rows| id < rows) {
                self.tokens.push((id, token));
            }
        }
    }

    /// The number of a token, added or of the vocabulary.
    pub(super) fn number(&self, text: &str) -> Option<u32> {
        let added = self.tokens.iter().find(|(_, token)| token.content == text);
        added
            .map(|(id, _)| *id)
            .or_else(|| self.in_vocabulary(text))
    }

    /// All tokens in the order of their numbers.
    pub(super) fn listed(&self) -> Vec<(u32, AddedToken)> {
        let mut tokens = self.tokens.clone();
        tokens.sort_by_key(|(id, _)| *id);
        tokens
    }

    /// The tokens as a tokenizer.json lists them.
    pub(super) fn to_json(&self) -> Value {
        let entry = |(id, token): (u32, AddedToken)| {
            json!({
                "id": id,
                "content": token.content,
                "single_word": token.single_word,
                "lstrip": token.lstrip,
                "rstrip": token.rstrip,
                "normalized": token.normalized,
                "special": token.special,
            })
        };
        self.listed().into_iter().map(entry).collect()
    }

    fn next_number(&self, text: &str) -> Option<u32> {
        if text.is_empty() {
            return None;
        }
        let next = || {
            let added = self.tokens.iter().map(|(id, _)| id + 1).max();
            added.unwrap_or(0).max(self.vocabulary_size())
        };
        Some(self.number(text).unwrap_or_else(next))
    }

    fn in_vocabulary(&self, text: &str) -> Option<u32> {
        let number = match self.model.get("vocab")? {
            Value::Object(numbers) => numbers.get(text)?.as_u64()?,
            Value::Array(pieces) => pieces.iter().position(|piece| piece[0] == text)? as u64,
            _ => return None,
        };
        u32::try_from(number).ok()
    }

    fn vocabulary_size(&self) -> u32 {
        let size = match self.model.get("vocab") {
            Some(Value::Object(numbers)) => numbers.len(),
            Some(Value::Array(pieces)) => pieces.len(),
            _ => 0,
        };
        u32::try_from(size).unwrap_or(u32::MAX)
    }
}
