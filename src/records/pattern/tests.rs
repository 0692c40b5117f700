//! What patterns find, and what is refused.

use super::Pattern;
use crate::records::Text;

fn holds(pattern: &str, text: &str) -> bool {
    let pattern: Pattern = pattern.parse().expect(pattern);
    pattern.matches(&Text::single(text))
}

#[test]
fn terms_are_whole_words_however_they_are_written() {
    for (pattern, text, expected) in [
        ("funny", "So FUNNY!", true),
        ("funny", "unfunny", false),
        ("not good", "It is not, good grief", true),
        ("not good", "not so good", false),
        ("disappoint*", "Disappointing.", true),
        ("not disappoint*", "did not disappoint me", true),
        ("disappoint*", "a dis appointment", false),
        ("C++", "I write C++ daily", true),
        ("C++", "I write C daily", false),
        ("café", "CAFE\u{301} life", true),
        ("天气", "今天天气很好", true),
        ("😡", "Nice 😡", true),
        ("?", "Really?", true),
        (":(", "oh no :(", true),
        ("\"US\"", "made in the US", true),
        ("\"US\"", "join us", false),
        ("“US”, us", "join us", true),
    ] {
        assert_eq!(holds(pattern, text), expected, "{pattern} in {text}");
    }
}

#[test]
fn or_and_and_without() {
    for (pattern, text, expected) in [
        ("funny, sad", "a sad film", true),
        ("funny + film", "a funny film", true),
        ("funny + film", "a funny play", false),
        ("funny + -not", "a funny film", true),
        ("funny + -not", "not a funny film", false),
        ("sad, funny + film,", "a funny play", false),
        ("-\"!\"", "calm", true),
        ("/\\d{2}/ + film", "film of 1999", true),
        ("/[,/]/, x", "a/b", true),
        ("/https?://\\w+/", "see http://a.example", true),
        ("/good/", "GOOD", false),
        ("/good/i", "GOOD", true),
        ("words > 2", "one two three", true),
        ("words>=4", "one two three", false),
        ("Characters <= 3", "abc", true),
        ("words > 2 + film", "a film of mine", true),
    ] {
        assert_eq!(holds(pattern, text), expected, "{pattern} in {text}");
    }
}

#[test]
fn pairs_are_asked_part_by_part_and_sources_where_they_are_known() {
    let pair = Text::pair("one two", "three");
    let asked = |pattern: &str, source| {
        let pattern: Pattern = pattern.parse().expect(pattern);
        pattern.matches_from(&pair, source)
    };
    assert!(asked("three", None) && asked("words = 3", None));
    assert!(!asked("two three", None), "no words across the parts");
    assert!(asked("source = Tweets", Some("tweets")));
    assert!(!asked("source = tweets", Some("films")));
    assert!(!asked("source = tweets", None) && asked("-source = tweets", None));
}

#[test]
fn what_cannot_be_meant_is_refused_in_plain_words() {
    for (typed, named) in [
        ("  ", "empty"),
        (", ,", "empty"),
        ("\"open", "not closed"),
        ("\"a\" b", "neither a comma nor a plus"),
        ("/open", "not closed"),
        ("//", "empty"),
        ("/(a/", "never closed"),
        ("/a)/", "never opened"),
        ("/[a/", "not closed"),
        ("/*a/", "nothing that could be repeated"),
        ("/(?=a)/", "before or behind"),
        ("/(a)\\1/", "not supported"),
        ("/\\y/", "means nothing there"),
        ("/((a{200}){200}){200}/", "too large"),
        ("/(\\w{200}){200}/", "too large"),
        ("*ing", "end of a term"),
        ("words > many", "no number"),
        ("words > 99999999999999999999999", "no number"),
    ] {
        let error = typed.parse::<Pattern>().expect_err(typed);
        assert!(error.to_string().contains(named), "{typed}: {error}");
        assert!(error.remedy().is_some(), "{typed}");
    }
    let long = "word ".repeat(1_000);
    assert!(long.parse::<Pattern>().is_err());
    let deep = format!("/{}a{}/", "(".repeat(900), ")".repeat(900));
    assert!(deep.parse::<Pattern>().is_err());
}

/// Whatever is typed within the limits answers in no time: a backtracking
/// engine would never end here.
#[test]
fn no_pattern_makes_a_text_take_for_ever() {
    let text = "a".repeat(20_000);
    let began = std::time::Instant::now();
    assert!(!holds("/(a+)+$b/", &text));
    assert!(!holds("/(a|aa)+b/, /(.*)*x/", &text));
    assert!(began.elapsed() < std::time::Duration::from_secs(5));
}

#[test]
fn it_is_kept_as_it_was_typed() {
    let pattern: Pattern = " funny + -not ".parse().expect("sound");
    let json = serde_json::to_string(&pattern).expect("writes");
    assert_eq!(json, "\"funny + -not\"");
    let back: Pattern = serde_json::from_str(&json).expect("reads");
    assert_eq!(back, pattern);
    assert!(serde_json::from_str::<Pattern>("\"/(/\"").is_err());
}
