use super::*;

fn decoded(bytes: &[u8], wanted: Option<&str>) -> Result<(String, Found)> {
    let file = tempfile::NamedTempFile::new().expect("temporary file");
    std::fs::write(file.path(), bytes).expect("writes");
    let source = Source::new(file.path(), "x.csv");
    let found = found(&source, wanted, &Progress::silent())?;
    let mut text = String::new();
    found
        .decoded(&source)?
        .read_to_string(&mut text)
        .expect("decoded text is UTF-8");
    Ok((text, found))
}

#[test]
fn recognises_encodings_and_drops_the_marks() {
    let cases: [(&[u8], &str, &str); 5] = [
        (b"\xef\xbb\xbfgr\xc3\xbcn", "grün", "UTF-8"),
        (b"\xef\xbb\xbf\xef\xbb\xbfx", "x", "UTF-8"),
        (b"gr\xfcn \x80", "grün €", "windows-1252"),
        (b"\xff\xfeg\0r\0", "gr", "UTF-16LE"),
        (b"plain", "plain", "UTF-8"),
    ];
    for (bytes, text, name) in cases {
        let (found, encoding) = decoded(bytes, None).expect("text");
        assert_eq!((found.as_str(), encoding.encoding.name()), (text, name));
    }
}

/// Sentences in the languages of an encoding, as many as a small file has.
fn sentences(of: &[&str]) -> String {
    let rows = (0..60).map(|row| format!("{} {row};x\n", of[row % of.len()]));
    rows.collect()
}

#[test]
fn older_encodings_are_told_by_their_letters_and_doubted() {
    let cases: [(&str, &[&str]); 13] = [
        (
            "windows-1251",
            &["Этот каталог нас разочаровал", "Очень хорошая услуга"],
        ),
        (
            "koi8-r",
            &["Этот каталог нас разочаровал", "Очень хорошая услуга"],
        ),
        (
            "iso-8859-2",
            &[
                "Źle się stało, że ją zgubiłem",
                "Świetny wózek, którą mąż kupił",
            ],
        ),
        (
            "windows-1250",
            &[
                "Źle się stało, że ją zgubiłem",
                "Świetny wózek, którą mąż kupił",
            ],
        ),
        (
            "gbk",
            &["那班渡船又坏了真是很差", "这个水壶用得很好我们都喜欢"],
        ),
        (
            "shift_jis",
            &["この電車はとても遅いです", "サービスが良かったと思います"],
        ),
        ("shift_jis", &["遅い;悪い", "良い"]),
        (
            "iso-2022-jp",
            &["この電車はとても遅いです", "サービスが良かったと思います"],
        ),
        (
            "ibm866",
            &["Этот каталог нас разочаровал", "Очень хорошая услуга"],
        ),
        (
            "macintosh",
            &[
                "Die Grüße kamen später an",
                "C'était très décevant, où es-tu",
            ],
        ),
        ("iso-8859-15", &["Es kostet 5 € in Köln", "Grüße"]),
        (
            "big5",
            &["那班渡船又壞了真是很差", "這個水壺用得很好我們都喜歡"],
        ),
        ("euc-kr", &["이 버스는 너무 느립니다", "좋았습니다"]),
    ];
    for (label, texts) in cases {
        let encoding = Encoding::for_label(label.as_bytes()).expect("an encoding");
        let text = sentences(texts);
        let (bytes, _, unmappable) = encoding.encode(&text);
        assert!(!unmappable, "{label}");
        let (found, how) = decoded(&bytes, None).expect(label);
        assert_eq!(found, text, "{label} read as {:?}", how.encoding);
        let mut layout = Layout::new(crate::dataset::table::Format::Delimited, Vec::new());
        how.tell(&mut layout);
        assert!(layout.doubts[0].contains(how.encoding.name()));
    }
    let western = sentences(&["Die Grüße kamen später an", "Où est passé mon été"]);
    let (bytes, _, _) = WINDOWS_1252.encode(&western);
    let (found, how) = decoded(&bytes, None).expect("western");
    assert_eq!((found, how.encoding), (western, WINDOWS_1252));
}

#[test]
fn utf16_needs_no_mark_and_a_nul_is_named_by_its_line() {
    for text in ["text,label\nplain,a\n", "текст,метка\nплохо,б\nхорошо,а\n"]
    {
        let units = text.encode_utf16();
        let low: Vec<u8> = units.clone().flat_map(u16::to_le_bytes).collect();
        let high: Vec<u8> = units.flat_map(u16::to_be_bytes).collect();
        for (bytes, name) in [(low, "UTF-16LE"), (high, "UTF-16BE")] {
            let (found, how) = decoded(&bytes, None).expect("UTF-16");
            assert_eq!((found.as_str(), how.encoding.name()), (text, name));
        }
    }
    for bytes in [&b"a,b\nc\0,d\n"[..], b"a,b\n\0\n\0", b"a,b\nd\0"] {
        let error = decoded(bytes, None).expect_err("a NUL").to_string();
        assert!(error.contains("line 2") && error.contains("NUL"), "{error}");
        assert!(decoded(bytes, Some("utf-8")).is_err());
    }
}

#[test]
fn broken_utf8_names_the_line() {
    let mut bytes = "größer\nschöner\n".as_bytes().to_vec();
    bytes.extend(b"br\xc3ken\n");
    let error = decoded(&bytes, None).expect_err("broken").to_string();
    assert!(error.contains("line 3"), "{error}");
}

#[test]
fn a_letter_cut_by_the_chunk_border_is_whole() {
    let mut bytes = vec![b'a'; CHUNK - 1];
    bytes.extend("ü\n".as_bytes());
    let (text, found) = decoded(&bytes, None).expect("text");
    assert_eq!(found.encoding, UTF_8);
    assert!(text.ends_with("aü\n"));
}

#[test]
fn a_named_encoding_is_used() {
    let (text, _) = decoded(b"\xb1", Some("iso-8859-2")).expect("text");
    assert_eq!(text, "ą");
    assert!(decoded(b"a", Some("klingon")).is_err());
}

/// Code pages of DOS, by the bytes of a few letters.
#[test]
fn letters_of_dos_are_refused_and_not_read_as_signs() {
    let german = "Die Gr\u{81}\u{e1}e w\u{84}ren sp\u{84}ter f\u{81}r K\u{94}ln;x\n";
    let polish = "zgubi\u{88}em j\u{a5} i w\u{a2}zek, m\u{a5}drze;x\n";
    for text in [german, polish] {
        let bytes: Vec<u8> = text.chars().map(|c| c as u8).collect();
        let error = decoded(&bytes.repeat(40), None).expect_err("no Windows");
        assert!(error.to_string().contains("DOS"), "{error}");
        assert!(error.remedy().is_some_and(|hint| hint.contains("iconv")));
        assert!(decoded(&bytes, Some("windows-1252")).is_ok());
    }
}

#[test]
fn utf32_is_refused_by_its_name() {
    for mark in ["", "\u{feff}"] {
        let text = format!("{mark}text,label\nplain,a\n");
        let low: Vec<u8> = text
            .chars()
            .flat_map(|c| u32::from(c).to_le_bytes())
            .collect();
        let high: Vec<u8> = text
            .chars()
            .flat_map(|c| u32::from(c).to_be_bytes())
            .collect();
        for bytes in [low, high] {
            let error = decoded(&bytes, None).expect_err("UTF-32").to_string();
            assert!(error.contains("UTF-32"), "{error}");
        }
    }
}

#[test]
fn a_few_lines_of_another_encoding_are_no_reason_to_read_all_so() {
    let (one, other) = ("Grüße aus Köln;x\n", "später;x\n");
    let (western, _, _) = WINDOWS_1252.encode(other);
    for (count, others) in [(100, 1), (100, 100), (20, 100)] {
        let bytes = [one.repeat(count).as_bytes(), &western.repeat(others)].concat();
        let error = decoded(&bytes, None).expect_err("mixed").to_string();
        assert!(error.contains(&format!("line {}", count + 1)), "{error}");
    }
}
