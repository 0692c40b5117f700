//! Texts that are still wrapped for a mail or an address: base64,
//! quoted-printable, UTF-7, percent signs. They are read as they stand, and a
//! model reads nonsense.

use crate::records::Text;

/// Letters of a word that is looked at for base64, within a text.
const LONG_WORD: usize = 24;
/// Letters of a whole text in base64, unless it ends with its padding.
const LONG_TEXT: usize = 12;
/// The share of letters and spaces in what base64 stands for.
const MOSTLY: f64 = 0.8;

/// How texts may be wrapped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Wrapping {
    Base64,
    QuotedPrintable,
    Utf7,
    Percent,
}

impl Wrapping {
    pub(super) const ALL: [Self; 4] = [
        Self::Base64,
        Self::QuotedPrintable,
        Self::Utf7,
        Self::Percent,
    ];

    /// In words, with an example.
    pub(super) fn described(self) -> &'static str {
        match self {
            Self::Base64 => "in base64 (such as \"Z29vZCBmaWxt\" for \"good film\")",
            Self::QuotedPrintable => "in quoted-printable (such as \"=C3=A4\" for \"ä\")",
            Self::Utf7 => "in UTF-7 (such as \"+AOQ-\" for \"ä\")",
            Self::Percent => {
                "with percent signs as in web addresses (such as \"%C3%A4\" for \"ä\")"
            }
        }
    }

    /// How a text seems to be wrapped.
    pub(super) fn of(text: &Text) -> Option<Self> {
        text.parts().find_map(|part| {
            Self::ALL.into_iter().find(|wrapping| match wrapping {
                Self::Base64 => is_base64(part),
                Self::QuotedPrintable => is_quoted_printable(part),
                Self::Utf7 => is_utf7(part),
                Self::Percent => is_percent(part),
            })
        })
    }
}

/// A whole text, as mails break it into lines or not, or a long word of it.
fn is_base64(text: &str) -> bool {
    let bare = text.trim();
    if bare.contains("=?") && (bare.contains("?B?") || bare.contains("?b?")) {
        return true;
    }
    let joined: String = bare.split(['\n', '\r']).collect();
    let whole = joined.len() >= LONG_TEXT || (joined.len() >= 8 && joined.ends_with('='));
    (whole && stands_for_a_text(&joined))
        || bare
            .split_whitespace()
            .any(|word| word.len() >= LONG_WORD && stands_for_a_text(word))
}

fn stands_for_a_text(word: &str) -> bool {
    if !word.len().is_multiple_of(4) {
        return false;
    }
    let Some(bytes) = base64(word.trim_end_matches('=')) else {
        return false;
    };
    let Ok(text) = String::from_utf8(bytes) else {
        return false;
    };
    let readable = |c: &char| c.is_alphabetic() || *c == ' ';
    let all = text.chars().count();
    let is_odd = |c: char| c.is_control() && !c.is_whitespace();
    !text.contains(is_odd) && text.chars().filter(readable).count() as f64 >= MOSTLY * all as f64
}

/// The bytes that letters of base64 stand for; none if some are no such
/// letters, or leave bits over.
fn base64(letters: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let (mut held, mut bits) = (0_u32, 0);
    for letter in letters.bytes() {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'a'..=b'z' => letter - b'a' + 26,
            b'0'..=b'9' => letter - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        held = (held << 6 | u32::from(value)) & 0xffff;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits & 0xff) as u8);
        }
    }
    let left = held & ((1 << bits) - 1);
    (left == 0 && bits < 6).then_some(bytes)
}

/// The bytes that `mark` and two digits each stand for, for each run of such.
fn hexadecimal(text: &str, mark: u8) -> Vec<(usize, Vec<u8>)> {
    let bytes = text.as_bytes();
    let digit = |at: usize| {
        bytes
            .get(at)
            .and_then(|digit| char::from(*digit).to_digit(16))
    };
    let mut runs: Vec<(usize, Vec<u8>)> = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        match (bytes[at] == mark, digit(at + 1), digit(at + 2)) {
            (true, Some(high), Some(low)) => {
                let byte = (high * 16 + low) as u8;
                match runs.last_mut() {
                    Some((start, run)) if *start + 3 * run.len() == at => run.push(byte),
                    _ => runs.push((at, vec![byte])),
                }
                at += 3;
            }
            _ => at += 1,
        }
    }
    runs
}

/// Whether a run stands for letters beyond ASCII in UTF-8.
fn is_utf8((_, run): &(usize, Vec<u8>)) -> bool {
    !run.is_ascii() && std::str::from_utf8(run).is_ok()
}

fn is_quoted_printable(text: &str) -> bool {
    if text.contains("=?") && (text.contains("?Q?") || text.contains("?q?")) {
        return true;
    }
    let runs = hexadecimal(text, b'=');
    let is_letter = |at: Option<usize>| {
        let byte = at.and_then(|at| text.as_bytes().get(at));
        byte.is_some_and(u8::is_ascii_alphabetic)
    };
    // A letter of an old encoding in the middle of a word: "M=FCnchen".
    let in_word = |(at, run): &(usize, Vec<u8>)| {
        run.len() == 1
            && run[0] >= 0xc0
            && is_letter(at.checked_sub(1))
            && is_letter(Some(at + 3))
            && text[at + 1..at + 3] == text[at + 1..at + 3].to_ascii_uppercase()
    };
    // "=" itself and the space at the end of a line have to be written so.
    let soft = text.lines().rev().skip(1).any(|line| line.ends_with('='));
    let usual = runs
        .iter()
        .filter(|(_, run)| run.iter().all(|byte| matches!(byte, b'=' | b' ')))
        .count();
    runs.iter().any(|run| is_utf8(run) || in_word(run)) || usual > 1 || (soft && usual > 0)
}

fn is_percent(text: &str) -> bool {
    // Addresses inside of texts are written so, and meant.
    let words = text.split_whitespace().filter(|word| !word.contains("://"));
    words.into_iter().any(|word| {
        let runs = hexadecimal(word, b'%');
        let spaces = runs
            .iter()
            .filter(|(_, run)| run.as_slice() == b" ")
            .count();
        runs.iter().any(is_utf8) || spaces > 1
    })
}

/// `+` and letters of base64 and `-`, which stand for letters in UTF-16.
fn is_utf7(text: &str) -> bool {
    let mut rest = text;
    while let Some((_, behind)) = rest.split_once('+') {
        rest = behind;
        let Some((letters, _)) = behind.split_once('-') else {
            return false;
        };
        let units =
            base64(letters).filter(|bytes| !bytes.is_empty() && bytes.len().is_multiple_of(2));
        let units = units.map(|bytes| {
            let pairs = bytes.chunks_exact(2);
            pairs
                .map(|two| u16::from_be_bytes([two[0], two[1]]))
                .collect::<Vec<_>>()
        });
        let Some(units) = units else {
            continue;
        };
        let Ok(decoded) = String::from_utf16(&units) else {
            continue;
        };
        // What is short may be there by chance, so that rare letters count for
        // nothing.
        let is_usual = |c: char| match decoded.chars().count() {
            1 => ('\u{a1}'..='\u{5ff}').contains(&c) || ('\u{2010}'..='\u{20bf}').contains(&c),
            _ => c.is_alphanumeric() || c.is_whitespace() || c.is_ascii_punctuation(),
        };
        if !decoded.is_ascii() && decoded.chars().all(is_usual) {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Option<Wrapping> {
        Wrapping::of(&Text::single(text))
    }

    #[test]
    fn wrapped_texts_are_known_by_what_they_stand_for() {
        for (wrapping, texts) in [
            (
                Wrapping::Base64,
                &[
                    "Z29vZCBmaWxtLCBJIGxpa2VkIGl0",
                    "Z29vZA==",
                    "RGVyIEZpbG0gd2FyIHNjaMO2bg==",
                    "VGhlIGZpbG0gd2FzIGEgYml0IGxvbmcgYW5kIHRoZSBlbmQgd2FzIG5vdCB3aGF0\n\
                     IHdlIGhvcGVkIGZvciBhdCBhbGw=",
                    "body: VGhlIGZpbG0gd2FzIGEgYml0IGxvbmcgYW5k",
                    "=?UTF-8?B?U2Now7Zu?=",
                ][..],
            ),
            (
                Wrapping::QuotedPrintable,
                &[
                    "Der Film war sch=C3=B6n",
                    "M=FCnchen ist eine Stadt",
                    "the sum =3D 4 and more =3D 5",
                    "a line that goes on=\nto the next =3D",
                    "=?utf-8?Q?Sch=C3=B6n?=",
                ],
            ),
            (
                Wrapping::Utf7,
                &[
                    "Der Film war sch+APY-n",
                    "M+APw-nchen",
                    "+ZeVnLIqe-",
                    "5 +IKw- only",
                    "1 + 1 is 2, sch+APY-n",
                ],
            ),
            (
                Wrapping::Percent,
                &[
                    "caf%C3%A9",
                    "a%20film%20that%20I%20liked",
                    "sch%c3%b6n war es",
                ],
            ),
        ] {
            for text in texts {
                assert_eq!(of(text), Some(wrapping), "{text}");
            }
        }
    }

    #[test]
    fn plain_texts_are_not() {
        for text in [
            "The film was good",
            "Wonderful",
            "Unbelievable",
            "internationalization",
            "Donaudampfschifffahrtsgesellschaft",
            "SupercalifragilisticexpialidociousNess",
            "deadbeefdeadbeefdeadbeef",
            "a=b and c=d",
            "x=42, y=AB, z=FF",
            "E=mc2",
            "1+1-2",
            "call +49-30-123456 or +1-800-555",
            "C++ and A+B-C",
            "A+ - great",
            "50% off, 20% more",
            "100%20",
            "see https://example.org/a%20b%20c/%C3%A4",
            "sk-1234567890abcdefghijklmn",
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "",
        ] {
            assert_eq!(of(text), None, "{text}");
        }
    }
}
