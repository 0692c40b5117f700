use super::*;
use serde_json::json;

#[test]
fn wrapped_answers_are_found() {
    let wanted = json!({"samples": [{"text": "a}] b"}]});
    for text in [
        r#"{"samples":[{"text":"a}] b"}]}"#,
        "```json\n{\"samples\":[{\"text\":\"a}] b\",},],}\n```\nHope it helps {smile}",
        "<think>\nmaybe {\"samples\": []}?\n</think>\nSure: {\"samples\":[{\"text\":\"a}] b\"}]}",
        "so it is</think>{\"samples\":[{\"text\":\"a}] b\"}]} [end",
        "Here are [five] texts {as asked}: {\"samples\":[{\"text\":\"a}] b\"}]}",
    ] {
        assert_eq!(values(text), vec![wanted.clone()], "{text}");
    }
}

#[test]
fn values_in_lines_and_fences_are_all_found() {
    let objects = [
        json!({"text": "a"}),
        json!({"text": "b ] }"}),
        json!({"text": "c"}),
    ];
    let separators = ["\n", "\n\n", ",\n", "\n```\n```json\n", "\nand\n", "  "];
    for separator in separators {
        let lines: Vec<String> = objects.iter().map(Value::to_string).collect();
        let text = format!("Here they are:\n```json\n{}\n```", lines.join(separator));
        assert_eq!(values(&text), objects, "{separator:?}");
    }
}

#[test]
fn what_is_announced_as_a_draft_is_none() {
    let (draft, answer) = (json!({"text": "draft"}), json!({"text": "answer"}));
    for between in [
        ("My first draft:\n", "\nNow better:\n"),
        ("", "\nRevised version:\n"),
        ("Attempt 1: ", "\n**Final answer:**\n"),
        (
            "A rough draft would be\n```json\n",
            "\n```\nThe samples:\n```json\n",
        ),
    ] {
        let text = format!("{}{draft}{}{answer}", between.0, between.1);
        assert_eq!(values(&text), vec![answer.clone()], "{text}");
    }
}

#[test]
fn a_cut_value_keeps_what_is_complete() {
    let whole = r#"{"samples":[{"text":"one","label":"x"},{"text":"two","label":"y"}]}"#;
    let mut most = 0;
    for end in 0..whole.len() {
        for value in values(&whole[..end]) {
            let texts = value["samples"].as_array().cloned().unwrap_or_default();
            for (text, name) in texts.iter().zip(["one", "two"]) {
                assert_eq!(text["text"], name, "cut at {end}");
                assert!(text["label"].is_string(), "cut at {end}");
            }
            most = most.max(texts.len());
        }
    }
    assert_eq!(most, 2);
}

#[test]
fn an_unclosed_thought_is_no_answer_and_thoughts_in_strings_stay() {
    let inside = values("{\"text\": \"<think> no </think>\",}");
    assert_eq!(inside[0]["text"], "<think> no </think>");
    assert!(values("<think> I could say {\"text\": \"hello\"}").is_empty());
}

#[test]
fn hostile_text_ends_quickly() {
    for piece in [
        "[", "{", "{\"a\":", "[\"", "[[],", "<", "<think>", "/*", "\\\"[",
    ] {
        let text = piece.repeat(300_000 / piece.len());
        let started = std::time::Instant::now();
        let _found = values(&text);
        assert!(started.elapsed().as_secs() < 20, "{piece}");
    }
}

#[test]
fn data_is_told_from_texts() {
    for data in [
        r#"{"text": "a", "label": "good"}"#,
        r#"[{"text": "a"}]"#,
        "```json\n{\"text\": \"a\"}\n```",
        r#"{"text": "cut off in the mid"#,
        "{'text': 'a', 'label': 'good'}",
        r#" ["a", "b"] "#,
        "{}",
    ] {
        assert!(is_data(data), "{data}");
    }
    for text in [
        "A fine film.",
        "[great movie]",
        "{smile} what a day",
        "[1] shows it, \"as said\"",
        "\"Great movie\"",
        "10",
        "He wrote {\"a\": 1} on the wall",
        "[sic] \"so\": he said",
    ] {
        assert!(!is_data(text), "{text}");
    }
}
