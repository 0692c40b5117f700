//! Names of columns that look like another and are written with other letters,
//! or with characters that nobody sees.

use super::spelling;
use crate::support::folding;

/// Letters of other alphabets, and signs, with the Latin letter that they look
/// like; small ones, as what is compared is folded to those. Letters that Latin
/// ones of two kinds look like stand for one of them.
const LIKE: [(&str, char); 22] = [
    ("аαɑ", 'a'),
    ("вЬβ", 'b'),
    ("сϲ", 'c'),
    ("ԁ", 'd'),
    ("еєҽё", 'e'),
    ("ɡց", 'g'),
    ("һհн", 'h'),
    ("іıιi1|ǀӏℓ", 'l'),
    ("јϳ", 'j'),
    ("кκ", 'k'),
    ("м", 'm'),
    ("пո", 'n'),
    ("оο0օ", 'o'),
    ("рρ", 'p'),
    ("ԛ", 'q'),
    ("гꭇ", 'r'),
    ("ѕ", 's'),
    ("тτ", 't'),
    ("υս", 'u'),
    ("ѵν", 'v'),
    ("ԝω", 'w'),
    ("хχ", 'x'),
];

/// Two more ways to write `y`; they are told from `u` and `v`.
const LIKE_Y: &str = "уүγ";

/// A name as it looks to whoever does not look closely.
fn look(name: &str) -> String {
    let letters = spelling::visible(name).trim().to_lowercase();
    let seen = letters.chars().map(|letter| match letter {
        'ё' => 'e',
        letter if LIKE_Y.contains(letter) => 'y',
        letter => {
            let mut all = LIKE.iter();
            let found = all.find(|(others, _)| others.contains(letter));
            found.map_or(letter, |(_, latin)| *latin)
        }
    });
    seen.collect()
}

/// What is to be told of a name that looks like one of others, the first of
/// them, and is not written like it.
pub(super) fn told<'a>(name: &str, others: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let folded = |name: &str| folding::folded(&spelling::visible(name));
    let loose = folded(name);
    let mut others = others.into_iter();
    let other = others.find(|other| looks_like(&loose, &folded(other)))?;
    Some(format!(
        "`{}` looks like `{}` and is written otherwise ({})",
        spelling::shown(name),
        spelling::shown(other),
        difference(name, other)
    ))
}

/// Whether a name looks like another one and is not written like it.
fn looks_like(name: &str, other: &str) -> bool {
    let plain = |name: &str| spelling::visible(name).trim().to_lowercase();
    plain(name) != plain(other) && look(name) == look(other)
}

/// Where a name that looks like another one is written otherwise: the first
/// letters of which that holds.
fn difference(name: &str, other: &str) -> String {
    let (name, other) = (spelling::visible(name), spelling::visible(other));
    let pairs = name.trim().chars().zip(other.trim().chars());
    let differ = pairs.filter(|(one, wanted)| !one.to_lowercase().eq(wanted.to_lowercase()));
    let told: Vec<String> = differ
        .take(3)
        .map(|(one, wanted)| format!("U+{:04X} in place of `{wanted}`", u32::from(one)))
        .collect();
    told.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_of_other_alphabets_look_like_latin_ones_and_words_of_them_do_not() {
        for (name, other) in [
            ("lаbel", "label"),
            ("Lаbеl", "label"),
            ("tехt", "text"),
            ("ѕоurсе", "source"),
            ("rοle", "role"),
            ("labe1", "label"),
            ("IabeI", "label"),
            ("grоuр", "group"),
            ("cаtegоry", "category"),
            ("label", "lаbel"),
        ] {
            assert!(looks_like(name, other), "{name}");
            assert!(difference(name, other).contains("U+"), "{name}");
        }
        for (name, other) in [
            ("label", "label"),
            ("Label ", "label"),
            ("la\u{200b}bel", "label"),
            ("ｌａｂｅｌ", "label"),
            ("метка", "label"),
            ("текст", "text"),
            ("labels", "label"),
            ("text2", "text1"),
        ] {
            assert!(!looks_like(name, other), "{name}");
        }
    }

    #[test]
    fn the_difference_names_the_letter_and_what_it_looks_like() {
        assert_eq!(difference("lаbel", "label"), "U+0430 in place of `a`");
    }
}
