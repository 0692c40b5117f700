//! `/v1/chat/completions`, as OpenAI, Ollama, llama.cpp, vLLM and LM Studio
//! speak it.

use serde_json::{Value, json};

use super::endpoint::Endpoint;
use super::money::Usage;
use super::wire::{Call, Content, Dialect, Ending, Format, LimitName};

pub(super) fn body(endpoint: &Endpoint, dialect: Dialect, call: &Call) -> Value {
    let mut body = json!({
        "model": endpoint.model,
        "messages": [
            {"role": "system", "content": call.system},
            {"role": "user", "content": call.user},
        ],
    });
    let limit = match dialect.limit {
        LimitName::MaxTokens => "max_tokens",
        LimitName::MaxCompletionTokens => "max_completion_tokens",
    };
    body[limit] = json!(call.max_output_tokens);
    if let Some(temperature) = endpoint.temperature.filter(|_| dialect.temperature) {
        body["temperature"] = json!(temperature);
    }
    if let Some(schema) = &call.schema {
        match dialect.format {
            Format::Schema => {
                body["response_format"] = json!({
                    "type": "json_schema",
                    "json_schema": {"name": "answer", "strict": true, "schema": schema},
                });
            }
            Format::JsonMode => body["response_format"] = json!({"type": "json_object"}),
            Format::Prompt => {}
        }
    }
    body
}

pub(super) fn content(reply: &Value) -> Option<Content> {
    let choice = reply.get("choices")?.get(0)?;
    let message = choice.get("message")?;
    let refusal = message.get("refusal").and_then(Value::as_str);
    let text = match message.get("content") {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(parts)) => parts.iter().filter_map(said).collect(),
        Some(Value::Null) | None => String::new(),
        Some(_) => return None,
    };
    let finish = choice.get("finish_reason").and_then(Value::as_str);
    let ending = match finish {
        _ if refusal.is_some_and(|refusal| !refusal.is_empty()) => Ending::Refused,
        Some("length") => Ending::Cut,
        Some("content_filter") => Ending::Refused,
        _ => Ending::Complete,
    };
    Some(Content {
        only_reasoning: text.trim().is_empty() && reasons(message),
        text,
        ending,
        usage: reply.get("usage").and_then(usage),
    })
}

/// The text of a part of an answer; parts of other kinds hold reasoning.
fn said(part: &Value) -> Option<&str> {
    let kind = part.get("type").and_then(Value::as_str);
    let text = matches!(kind, None | Some("text" | "output_text"));
    text.then(|| part.get("text")?.as_str()).flatten()
}

/// Whether a message holds reasoning apart from its text, under any of the
/// names that servers give it.
fn reasons(message: &Value) -> bool {
    let apart = [
        "reasoning",
        "reasoning_content",
        "reasoning_details",
        "thinking",
    ];
    let apart = apart.into_iter().filter_map(|name| message.get(name));
    let filled = |value: &Value| match value {
        Value::String(text) => !text.trim().is_empty(),
        Value::Array(parts) => !parts.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
        _ => false,
    };
    let in_parts = message.get("content").is_some_and(Value::is_array);
    apart.into_iter().any(filled) || (in_parts && message.get("content").is_some_and(filled))
}

fn usage(usage: &Value) -> Option<Usage> {
    Some(Usage {
        input_tokens: usage.get("prompt_tokens")?.as_u64()?,
        output_tokens: usage.get("completion_tokens")?.as_u64()?,
        estimated: false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replies_in_all_their_shapes() {
        let reply = |message: Value, finish: &str| {
            json!({"choices": [{"message": message, "finish_reason": finish}],
                   "usage": {"prompt_tokens": 3, "completion_tokens": 4}})
        };
        let plain = reply(json!({"content": "hi"}), "stop");
        let read = content(&plain).expect("message");
        assert_eq!((read.text.as_str(), read.ending), ("hi", Ending::Complete));
        assert_eq!(read.usage.map(|usage| usage.output_tokens), Some(4));

        let parts = reply(
            json!({"content": [{"type": "reasoning", "text": "draft"},
                               {"type": "text", "text": "a"}, {"text": "b"}]}),
            "length",
        );
        let read = content(&parts).expect("message");
        assert_eq!((read.text.as_str(), read.ending), ("ab", Ending::Cut));

        let refused = reply(json!({"content": null, "refusal": "I will not"}), "stop");
        assert_eq!(content(&refused).expect("message").ending, Ending::Refused);

        assert_eq!(content(&json!({"choices": []})), None);
        assert_eq!(content(&json!(["x"])), None);
    }

    #[test]
    fn reasoning_without_an_answer_is_told_from_an_empty_answer() {
        let read = |message: Value| {
            let reply = json!({"choices": [{"message": message, "finish_reason": "length"}]});
            content(&reply).expect("message").only_reasoning
        };
        for name in ["reasoning", "reasoning_content", "thinking"] {
            assert!(read(json!({"content": "", name: "hm"})), "{name}");
            assert!(read(json!({"content": null, name: "hm"})), "{name}");
            assert!(!read(json!({"content": "a", name: "hm"})), "{name}");
            assert!(!read(json!({"content": "", name: ""})), "{name}");
        }
        let parts = json!({"content": [{"type": "thinking", "thinking": [{"text": "hm"}]}]});
        assert!(read(parts));
        assert!(!read(json!({"content": ""})));
    }
}
