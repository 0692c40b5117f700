use super::*;

const WANTED: Wanted = Wanted {
    list: "samples",
    fields: &["text"],
};

fn texts(reply: &str) -> Vec<(String, Option<String>)> {
    let found = elements(reply, WANTED);
    let text = |element: &Element| {
        let value = &element.value;
        let text = value.as_str().or_else(|| value["text"].as_str());
        let label = value.get("label").and_then(Value::as_str);
        (text.expect("a text").to_owned(), label.map(str::to_owned))
    };
    found.iter().map(text).collect()
}

/// Three samples in every wrapping that models have been seen to use.
fn wrappings() -> Vec<String> {
    let items: Vec<Value> = ["a \"quoted\" one", "zwei\nZeilen", "c: {3}"]
        .iter()
        .map(|text| json!({"text": text, "label": "good"}))
        .collect();
    let list = json!({"samples": items});
    let array = json!(items);
    let strings: Vec<String> = items.iter().map(Value::to_string).collect();
    let numbered = |name: &str| -> Value {
        let fields = items.iter().enumerate();
        let fields = fields.map(|(at, item)| (format!("{name}{}", at + 1), item.clone()));
        Value::Object(fields.collect())
    };
    let lines = strings.join("\n");
    vec![
        list.to_string(),
        array.to_string(),
        lines.clone(),
        format!("```json\n{lines}\n```"),
        format!("```jsonl\n{}\n```", strings.join("\n```\nand\n```json\n")),
        numbered("").to_string(),
        numbered("sample_").to_string(),
        json!({"samples": numbered("")}).to_string(),
        json!({"result": {"samples": items}}).to_string(),
        json!({"samples": {"items": items}}).to_string(),
        json!([{"samples": [items[0]]}, {"samples": [items[1], items[2]]}]).to_string(),
        // JSON inside strings, once and twice.
        json!({"samples": array.to_string()}).to_string(),
        json!({"answer": list.to_string()}).to_string(),
        json!({"content": list.to_string()}).to_string(),
        json!(list.to_string()).to_string(),
        json!(json!(list.to_string()).to_string()).to_string(),
        json!({"samples": strings}).to_string(),
        json!(strings).to_string(),
        json!({"text": array.to_string()}).to_string(),
        json!({"samples": format!("```json\n{array}\n```")}).to_string(),
        json!({"label": "good", "texts": ["a \"quoted\" one", "zwei\nZeilen", "c: {3}"]}).to_string(),
        json!({"samples": [{"label": "good", "text": ["a \"quoted\" one", "zwei\nZeilen", "c: {3}"]}]})
            .to_string(),
    ]
}

#[test]
fn items_are_found_in_every_wrapping() {
    let good = |text: &str| (text.to_owned(), Some("good".to_owned()));
    let wanted = vec![
        good("a \"quoted\" one"),
        good("zwei\nZeilen"),
        good("c: {3}"),
    ];
    for reply in wrappings() {
        assert_eq!(texts(&reply), wanted, "{reply}");
        let prose = format!("Sure, here you are:\n{reply}\n\nAnything else?");
        if !reply.starts_with('"') {
            assert_eq!(texts(&prose), wanted, "{prose}");
        }
    }
}

#[test]
fn plain_strings_count_in_lists_alone() {
    let names =
        |reply: &str| -> Vec<String> { texts(reply).into_iter().map(|(text, _)| text).collect() };
    for list in [
        r#"["a", "b"]"#,
        r#"{"samples": ["a", "b"]}"#,
        r#"{"note": "as asked", "sentences": ["a", "b"]}"#,
        r#"{"1": "a", "2": "b"}"#,
        r#"{1: "a", 2: "b"}"#,
    ] {
        assert_eq!(names(list), ["a", "b"], "{list}");
    }
    assert_eq!(names(r#"{"samples": "a"}"#), ["a"]);
    for nothing in [
        r#"{"error": "too long"}"#,
        r#"{"errors": ["too long"]}"#,
        r#"{"response": "I cannot do that"}"#,
        r#""I cannot do that""#,
        "{}",
        "3",
        "[1, 2]",
    ] {
        assert!(names(nothing).is_empty(), "{nothing}");
    }
}

#[test]
fn reasoning_inside_an_answer_is_passed_over() {
    let draft = json!([{"text": "draft", "label": "good"}]);
    let answer = json!([{"text": "answer", "label": "good"}]);
    for key in [
        "reasoning",
        "thoughts",
        "draft_samples",
        "Analysis",
        "scratchpad",
    ] {
        for name in ["samples", "final", "items"] {
            let reply = json!({key: draft, name: answer}).to_string();
            assert_eq!(texts(&reply).len(), 1, "{reply}");
            assert_eq!(texts(&reply)[0].0, "answer", "{reply}");
        }
        assert!(texts(&json!({key: draft}).to_string()).is_empty(), "{key}");
        assert!(
            texts(&json!({key: draft.to_string()}).to_string()).is_empty(),
            "{key}"
        );
    }
}

#[test]
fn more_than_nine_numbers_keep_their_order() {
    let fields = (1..=12).map(|at| (at.to_string(), json!(format!("text {at}"))));
    let reply = Value::Object(fields.collect()).to_string();
    let found = elements(&reply, WANTED);
    let numbers: Vec<Option<u64>> = found.iter().map(|element| element.number).collect();
    assert_eq!(numbers, (1..=12).map(Some).collect::<Vec<_>>());
    assert_eq!(found[10].value, json!("text 11"));
}

#[test]
fn deep_wrappings_end() {
    let mut reply = json!({"samples": ["a"]});
    for _ in 0..100 {
        reply = json!([reply]);
    }
    assert!(elements(&reply.to_string(), WANTED).is_empty());
    let mut text = json!({"samples": ["a"]}).to_string();
    for _ in 0..12 {
        text = json!({"samples": text}).to_string();
    }
    let _found = elements(&text, WANTED);
}
