//! Whether a text is in English, as far as its commonest words show: a guess,
//! to warn whoever gives other texts to a model that reads English only.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use super::folding::words;
use super::function_words::is_function_word;

/// Common words of German, Dutch, French, Spanish, Portuguese, Italian, Polish
/// and Turkish that are no words of English.
const OF_OTHERS: &str = "aber auch auf aus bei das dem der ein eine einen für ich ihr ist kann kein \
    keine mit nicht noch nur oder sehr sich sie sind und von wenn wie wird zu \
    dat een het ik maar niet ook voor wat zijn \
    avec cette dans est et je les mais nous pas qui très une vous \
    el esta está las los muy pero por que una yo \
    mais muito não os um uma você \
    anche che della di gli il nel non però più sono questo \
    ale jak jest nie się są tak że \
    bir bu çok değil için ve";

/// Fewer such words may be a name or a quotation.
const LEAST: usize = 2;

/// Whether a text seems to be in another language than English: more words of
/// other languages, or in other letters than Latin ones, than function words
/// of English. A short text, or one of names, seems English.
pub fn seems_foreign(text: &str) -> bool {
    let (mut english, mut others) = (0, 0);
    for word in words(text) {
        english += usize::from(is_function_word(&word));
        others += usize::from(is_foreign(&word));
    }
    others >= LEAST && others > english
}

fn is_foreign(word: &str) -> bool {
    static KNOWN: LazyLock<BTreeSet<&str>> =
        LazyLock::new(|| OF_OTHERS.split_whitespace().collect());
    word.chars().any(is_letter_beyond_latin) || KNOWN.contains(word)
}

fn is_letter_beyond_latin(letter: char) -> bool {
    let is_latin = matches!(letter, '\0'..='\u{02FF}' | '\u{1E00}'..='\u{1EFF}');
    letter.is_alphabetic() && !is_latin
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_other_languages_are_known_by_their_commonest_words() {
        for text in [
            "Das Essen ist kalt und ich warte noch auf die Rechnung.",
            "Ik wacht al een week en het pakket is er niet.",
            "Je n'ai pas reçu le colis, mais vous dites que si.",
            "No funciona, y los botones no son muy grandes pero el sonido sí.",
            "Não recebi os livros que comprei e você não responde.",
            "Il film non è male, ma gli attori sono lenti.",
            "To nie jest dobre, że się psuje.",
            "Bu çok kötü ve değil mi?",
            "Это очень плохой фильм",
            "这部电影很糟糕",
            "이 영화는 정말 나빠요",
        ] {
            assert!(seems_foreign(text), "{text}");
        }
    }

    #[test]
    fn english_with_a_foreign_name_or_word_is_english() {
        for text in [
            "The die is cast, and Der Spiegel was also in on it.",
            "I loved El Paso and the Los Angeles scenes: très chic!",
            "A café in São Paulo, with a view of the Plaza de España",
            "samsung galaxy s20 128 gb black",
            "exchange rate",
            "The α and β particles of the experiment",
            "",
        ] {
            assert!(!seems_foreign(text), "{text}");
        }
    }
}
