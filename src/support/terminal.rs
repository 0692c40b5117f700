//! Texts of others on a terminal. Labels, sources, file names, cells and what
//! servers say may hold sequences that move the cursor, rename the window or
//! turn the reading direction round; here they become visible instead.

use std::borrow::Cow;

/// A text that stands in one line: line breaks and tabs are shown as well.
pub fn line(text: &str) -> Cow<'_, str> {
    shown(text, &|_| false, &escaped)
}

/// A text of several lines, as tables are.
pub fn block(text: &str) -> Cow<'_, str> {
    shown(text, &|c| matches!(c, '\n' | '\t'), &escaped)
}

/// JSON that a terminal may show: what could work on it is written with the
/// escapes of JSON, so that it reads back as the same values.
pub fn json(text: &str) -> Cow<'_, str> {
    let escape = |c: char| {
        let mut units = [0; 2];
        let units = c.encode_utf16(&mut units).iter();
        units.map(|unit| format!("\\u{unit:04x}")).collect()
    };
    shown(text, &|c| c == '\n', &escape)
}

fn escaped(c: char) -> String {
    match c {
        '\n' => "\\n".to_owned(),
        '\r' => "\\r".to_owned(),
        '\t' => "\\t".to_owned(),
        c => format!("\\u{{{:x}}}", u32::from(c)),
    }
}

fn shown<'t>(
    text: &'t str,
    stays: &dyn Fn(char) -> bool,
    escape: &dyn Fn(char) -> String,
) -> Cow<'t, str> {
    let acts = |c: char| acts(c) && !stays(c);
    if !text.contains(acts) {
        return Cow::Borrowed(text);
    }
    let pieces = text.chars().map(|c| match acts(c) {
        true => escape(c),
        false => c.to_string(),
    });
    Cow::Owned(pieces.collect())
}

/// Whether a character does something instead of being shown: controls of
/// both sets, line and paragraph separators, and the marks, embeddings,
/// overrides and isolates of direction (Unicode Standard Annex 9). Joiners
/// stay: scripts and emoji need them.
fn acts(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{61c}'
                | '\u{200e}'
                | '\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2066}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0001}'
                | '\u{e0020}'..='\u{e007f}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_acts_becomes_visible_and_letters_stay() {
        assert_eq!(line("a\u{1b}[31mb\nc"), "a\\u{1b}[31mb\\nc");
        assert_eq!(block("a\u{9b}31m\n\tb\r"), "a\\u{9b}31m\n\tb\\r");
        assert_eq!(line("\u{202e}txt.exe\u{2069}"), "\\u{202e}txt.exe\\u{2069}");
        for plain in ["Grüße, שלום, नमस्ते", "👩\u{200d}🔬", "a\u{ad}b", "“\u{a0}–"]
        {
            assert_eq!(line(plain), plain);
        }
    }

    proptest! {
        #[test]
        fn nothing_that_acts_is_left_and_json_keeps_its_values(text in any::<String>()) {
            prop_assert!(!line(&text).contains(acts));
            prop_assert!(!block(&text).contains(|c| acts(c) && c != '\n' && c != '\t'));
            let value = serde_json::json!({ text.clone(): [text] });
            let pretty = serde_json::to_string_pretty(&value).expect("JSON");
            let shown = json(&pretty);
            prop_assert!(!shown.contains(|c| acts(c) && c != '\n'));
            prop_assert_eq!(serde_json::from_str::<serde_json::Value>(&shown).expect("JSON"), value);
        }
    }
}
