//! What a model folder is, before there is a project.

use std::path::Path;
use std::time::Instant;

use crate::inference;
use crate::model::{Classifier, TokenizedText};
use crate::support::{Progress, Result, user_file};

/// The card that people put beside a model.
const CARD: &str = "README.md";
/// Texts that are scored to measure the machine, and what they say.
const PROBES: usize = 32;
const PROBE: &str = "The parcel came two days late, but the people at the desk were kind and \
                     found it at once, so I would order there again.";

/// What a model folder is.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelFacts {
    /// Name of its family.
    pub family: &'static str,
    /// Number of weights.
    pub weights: usize,
    /// Tokens of a text that it reads at most.
    pub reads: usize,
    /// Names of the classes of its head; empty without one.
    pub classes: Vec<String>,
    /// Languages by its card.
    pub languages: Vec<String>,
    /// Texts of some 25 words that it scores in a second on this machine.
    pub texts_a_second: f64,
}

impl ModelFacts {
    /// Loads the model and lets it read some made-up texts.
    ///
    /// # Errors
    /// When it cannot be loaded.
    pub fn of(folder: &Path) -> Result<Self> {
        let model = Classifier::load(folder)?;
        let reads = model.max_tokens();
        let text = model.tokenizer().encode(PROBE, None, reads)?;
        let texts: Vec<TokenizedText> = vec![text; PROBES];
        let began = Instant::now();
        inference::score(&model, &texts, &Progress::silent())?;
        let seconds = began.elapsed().as_secs_f64().max(1e-6);
        let card = user_file::text_if_there(&folder.join(CARD)).ok().flatten();
        Ok(Self {
            family: model.config().family.name(),
            weights: model.weight_count(),
            reads,
            classes: model.labels().to_vec(),
            languages: card.map_or_else(Vec::new, |card| languages(&card)),
            texts_a_second: PROBES as f64 / seconds,
        })
    }
}

/// The languages that the front matter of a model card names: `language: en`,
/// `language: [en, de]`, or one to a line.
fn languages(card: &str) -> Vec<String> {
    let mut lines = card.lines();
    if lines.next().map(str::trim) != Some("---") {
        return Vec::new();
    }
    let mut front = lines.take_while(|line| line.trim() != "---");
    let Some(first) = front.find_map(|line| line.strip_prefix("language:")) else {
        return Vec::new();
    };
    let bare = |word: &str| word.trim().trim_matches(['"', '\'']).to_owned();
    let inline = first.trim().trim_start_matches('[').trim_end_matches(']');
    if !inline.is_empty() {
        return inline.split(',').map(bare).collect();
    }
    let listed = front.map_while(|line| line.trim_start().strip_prefix("- "));
    listed.map(bare).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_read_as_cards_write_them() {
        let of = |front: &str| languages(&format!("---\nlicense: mit\n{front}\n---\n# Card\n"));
        assert_eq!(of("language: en"), ["en"]);
        assert_eq!(of("language: [en, \"de\"]"), ["en", "de"]);
        assert_eq!(of("language:\n- pl\n- 'cs'\ntags:\n- x"), ["pl", "cs"]);
        assert_eq!(of("tags:\n- en"), Vec::<String>::new());
        assert_eq!(languages("language: en\n"), Vec::<String>::new());
    }
}
