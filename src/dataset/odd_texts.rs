//! Texts that carry what only a way of writing them has left behind.

use crate::records::Text;

/// What Windows-1252 has where Latin-1 has control characters.
const OF_WINDOWS: &str = "€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ";

/// UTF-8 read as Windows-1252 ("Ã¤", "â€™"), or characters lost in decoding.
pub(super) fn looks_misread(text: &Text) -> bool {
    let marks = ['\u{fffd}', 'Ã', 'â', 'Â'];
    let parts = std::iter::once(text.first.as_str()).chain(text.second.as_deref());
    parts.into_iter().any(|part| {
        let mut previous = ' ';
        part.contains(marks)
            && part.chars().any(|letter| {
                let twisted = match previous {
                    // "Ã" or "Â" and a character of the second half of Latin-1 that
                    // is no letter: a two-byte letter in pieces.
                    'Ã' | 'Â' => {
                        ('\u{80}'..='\u{bf}').contains(&letter) || OF_WINDOWS.contains(letter)
                    }
                    'â' => letter == '€' || letter == '\u{80}',
                    _ => false,
                };
                previous = letter;
                twisted || letter == '\u{fffd}'
            })
    })
}

/// Characters written out for HTML, or for a program's source.
const ESCAPES: [&str; 11] = [
    "&amp;", "&quot;", "&#39;", "&#x27;", "&apos;", "&lt;", "&gt;", "&nbsp;", "\\n", "\\t", "\\u00",
];

/// Whether a text holds characters that are written out.
pub(super) fn holds_escapes(text: &Text) -> bool {
    let escaped = |part: &str| {
        part.contains(['&', '\\']) && ESCAPES.iter().any(|escape| part.contains(escape))
    };
    text.parts().any(escaped)
}
