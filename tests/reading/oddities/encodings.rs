//! Texts that are not UTF-8, and marks of encodings in odd places.

use encoding_rs::Encoding;

use super::{Given, Plain, ROWS, Written};

const TEXTS: [&str; 3] = ["csv", "tsv", "jsonl"];

fn of_texts(change: impl Fn(&str) -> Given + 'static) -> Written {
    Box::new(move |suffix| TEXTS.contains(&suffix).then(|| change(suffix)))
}

/// The plain rows with other bytes.
fn english(encode: impl Fn(&str) -> Vec<u8> + 'static) -> Written {
    of_texts(move |suffix| {
        let plain = Plain::english();
        let bytes = plain.table().written(suffix);
        let text = String::from_utf8(bytes).expect("UTF-8");
        plain.given(encode(&text))
    })
}

/// Sentences of a language in an encoding.
fn language(name: &'static str, sentence: &'static str, labels: [&'static str; 2]) -> Written {
    of_texts(move |suffix| {
        let plain = sentences(sentence, labels);
        let text = String::from_utf8(plain.table().written(suffix)).expect("UTF-8");
        let encoding = Encoding::for_label(name.as_bytes()).expect("an encoding");
        let (bytes, _, unmappable) = encoding.encode(&text);
        assert!(!unmappable, "{name}");
        plain.given(bytes.into_owned())
    })
}

fn sentences(sentence: &str, labels: [&'static str; 2]) -> Plain {
    Plain {
        texts: (0..ROWS).map(|row| format!("{sentence} {row}.")).collect(),
        labels,
    }
}

/// German as DOS wrote it.
fn of_dos() -> Written {
    of_texts(|suffix| {
        let plain = sentences("Die Fähre fährt für große Körbe später", ["schön", "übel"]);
        let text = String::from_utf8(plain.table().written(suffix)).expect("UTF-8");
        let byte = |letter| match letter {
            'ä' => 0x84,
            'ö' => 0x94,
            'ü' => 0x81,
            'ß' => 0xe1,
            other => other as u8,
        };
        plain.given(text.chars().map(byte).collect())
    })
}

/// A mark in front of the line in the middle.
fn mark_in_the_middle() -> Written {
    english(|text| {
        let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
        lines[ROWS / 2].insert(0, '\u{feff}');
        lines.concat().into_bytes()
    })
}

/// One letter of an older encoding in a file of UTF-8.
fn mixed() -> Written {
    of_texts(|suffix| {
        let plain = sentences("Die Fähre fährt für große Körbe später", ["schön", "übel"]);
        let mut bytes = plain.table().written(suffix);
        let at = bytes.windows(2).rposition(|two| two == "ä".as_bytes());
        bytes.splice(at.expect("a letter")..at.expect("a letter") + 2, [0xe4]);
        plain.given(bytes)
    })
}

pub(super) fn all() -> Vec<(&'static str, Written)> {
    let utf16 = |text: &str| text.encode_utf16().collect::<Vec<u16>>();
    let low = move |text: &str| utf16(text).into_iter().flat_map(u16::to_le_bytes).collect();
    let high = move |text: &str| utf16(text).into_iter().flat_map(u16::to_be_bytes).collect();
    let marked = move |text: &str| -> Vec<u8> { low(&format!("\u{feff}{text}")) };
    let utf32 = |text: &str| {
        text.chars()
            .flat_map(|c| u32::from(c).to_le_bytes())
            .collect()
    };
    let russian = "Этот каталог нас очень разочаровал";
    let polish = "Źle się stało, że ją zgubiłem, świetny wózek";
    let japanese = "この電車はとても遅いです";
    vec![
        (
            "a byte order mark",
            english(|text| format!("\u{feff}{text}").into_bytes()),
        ),
        (
            "two of them",
            english(|text| format!("\u{feff}\u{feff}{text}").into_bytes()),
        ),
        ("one in the middle", mark_in_the_middle()),
        ("UTF-16 with its mark", english(marked)),
        ("UTF-16 without", english(low)),
        ("UTF-16, high bytes first, without", english(high)),
        ("UTF-32", english(utf32)),
        (
            "Windows-1251",
            language("windows-1251", russian, ["хорошо", "плохо"]),
        ),
        ("KOI8-R", language("koi8-r", russian, ["хорошо", "плохо"])),
        (
            "ISO 8859-2",
            language("iso-8859-2", polish, ["dobrze", "źle"]),
        ),
        (
            "Windows-1250",
            language("windows-1250", polish, ["dobrze", "źle"]),
        ),
        (
            "Windows-1252",
            language(
                "windows-1252",
                "Die Fähre fährt später für große Körbe",
                ["schön", "übel"],
            ),
        ),
        (
            "Mac OS Roman",
            language(
                "macintosh",
                "Die Fähre fährt später für große Körbe",
                ["schön", "übel"],
            ),
        ),
        ("code page 850", of_dos()),
        (
            "GB 18030",
            language("gb18030", "那班渡船又坏了真是很差", ["好", "差"]),
        ),
        (
            "Shift JIS",
            language("shift_jis", japanese, ["良い", "悪い"]),
        ),
        (
            "EUC-KR",
            language("euc-kr", "이 버스는 너무 느립니다", ["좋음", "나쁨"]),
        ),
        ("UTF-8 with a broken letter", mixed()),
    ]
}
