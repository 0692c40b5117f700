//! Words that say nothing of what a text is about.

use std::collections::BTreeSet;
use std::sync::LazyLock;

/// Pronouns, articles, prepositions, conjunctions, auxiliaries of English, as
/// [`super::folding`] cuts them. Negations are none: they turn a text round.
/// Words of other languages would collide with English ones that mean much
/// (German “die”, French “car”), so they are told by how common they are.
const ENGLISH: &str = "a about above after again all also am an and another any are as at be \
    because been before being below between both but by can could d did do does doing down \
    during each either else ever every few for from further get gets getting go going got had \
    has have having he her here hers herself him himself his how i if in into is it its itself \
    just ll let m may me might mine more most much must my myself now of off on once \
    only onto or other others our ours ourselves out over own per quite rather re really s same \
    shall she should since so some such than that the their theirs them themselves then there \
    these they this those through till to too toward towards under until up upon us ve very via \
    was we were what when where which while who whom whose why will with within would yet you \
    your yours yourself yourselves";

/// What stands for something that was taken out of a text, or is left of its
/// markup.
const PLACEHOLDERS: &str = "user url http https www com href rt amp quot apos nbsp lt gt br html \
    unk mask sep cls pad removed redacted";

/// Whether a folded word is a function word of English.
pub fn is_function_word(word: &str) -> bool {
    static KNOWN: LazyLock<BTreeSet<&str>> = LazyLock::new(|| ENGLISH.split_whitespace().collect());
    KNOWN.contains(word)
}

/// What is left of English negations once folding has cut their “t” off.
const CUT: &str = "ain aren couldn didn doesn don hadn hasn haven isn mustn needn shouldn wasn \
    weren wouldn";

/// A folded word as people write it: “don” is most often left of “don't”.
pub fn as_written(word: &str) -> String {
    match CUT.split_whitespace().any(|cut| cut == word) {
        true => format!("{word}'t"),
        false => word.to_owned(),
    }
}

/// Whether a folded word stands for something that was taken out, or is left of
/// markup.
pub fn is_placeholder(word: &str) -> bool {
    PLACEHOLDERS.split_whitespace().any(|known| known == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_text_is_about_is_no_function_word() {
        for word in ["he", "the", "with", "would"] {
            assert!(is_function_word(word), "{word}");
        }
        for word in ["not", "never", "funny", "die", "he said"] {
            assert!(!is_function_word(word), "{word}");
        }
        assert_eq!(as_written("don"), "don't");
        assert_eq!(as_written("done"), "done");
        assert!(is_placeholder("url") && !is_placeholder("curl"));
    }
}
