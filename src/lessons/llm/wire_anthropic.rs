//! Anthropic's `/v1/messages`.

use serde_json::{Value, json};

use super::drafts::MOST_ITEMS;
use super::endpoint::Endpoint;
use super::money::Usage;
use super::wire::{Call, Content, Dialect, Ending, Format};

pub(super) fn body(endpoint: &Endpoint, dialect: Dialect, call: &Call) -> Value {
    let mut body = json!({
        "model": endpoint.model,
        "max_tokens": call.max_output_tokens,
        "system": call.system,
        "messages": [{"role": "user", "content": call.user}],
    });
    if let Some(temperature) = endpoint.temperature.filter(|_| dialect.temperature) {
        body["temperature"] = json!(temperature);
    }
    if let Some(schema) = call
        .schema
        .as_ref()
        .filter(|_| dialect.format == Format::Schema)
    {
        let schema = without_lengths(schema);
        body["output_config"] = json!({"format": {"type": "json_schema", "schema": schema}});
    }
    body
}

/// This service refuses schemas that limit the length of a list.
fn without_lengths(schema: &Value) -> Value {
    match schema {
        Value::Object(fields) => {
            let kept = fields.iter().filter(|(name, _)| *name != MOST_ITEMS);
            kept.map(|(name, value)| (name.clone(), without_lengths(value)))
                .collect()
        }
        other => other.clone(),
    }
}

pub(super) fn content(reply: &Value) -> Option<Content> {
    let blocks = reply.get("content")?.as_array()?;
    let text: String = blocks
        .iter()
        .filter(|block| block.get("type").and_then(Value::as_str) == Some("text"))
        .filter_map(|block| block.get("text")?.as_str())
        .collect();
    let ending = match reply.get("stop_reason").and_then(Value::as_str) {
        Some("max_tokens" | "model_context_window_exceeded") => Ending::Cut,
        Some("refusal") => Ending::Refused,
        _ => Ending::Complete,
    };
    let thinks = |block: &Value| {
        let kind = block.get("type").and_then(Value::as_str);
        matches!(kind, Some("thinking" | "redacted_thinking"))
    };
    Some(Content {
        only_reasoning: text.trim().is_empty() && blocks.iter().any(thinks),
        text,
        ending,
        usage: reply.get("usage").and_then(usage),
    })
}

/// Tokens read from or written to a cache are not part of `input_tokens`, yet
/// they are paid for.
fn usage(usage: &Value) -> Option<Usage> {
    let cached = |name: &str| usage.get(name).and_then(Value::as_u64).unwrap_or(0);
    Some(Usage {
        input_tokens: usage
            .get("input_tokens")?
            .as_u64()?
            .saturating_add(cached("cache_creation_input_tokens"))
            .saturating_add(cached("cache_read_input_tokens")),
        output_tokens: usage.get("output_tokens")?.as_u64()?,
        estimated: false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schemas_say_nothing_of_the_length_of_lists() {
        let item = json!({"type": "string", "enum": ["yes", "no"]});
        let limited = super::super::drafts::list("answers", item, 20);
        assert!(limited.to_string().contains(MOST_ITEMS), "{limited}");
        let sent = without_lengths(&limited);
        assert!(!sent.to_string().contains(MOST_ITEMS), "{sent}");
        assert_eq!(
            sent.pointer("/properties/answers/items/enum/1"),
            Some(&json!("no")),
            "the rest stays"
        );
    }

    #[test]
    fn thinking_is_left_out_and_cached_tokens_count() {
        let reply = json!({
            "content": [{"type": "thinking", "thinking": "hm"},
                        {"type": "text", "text": "a"}, {"type": "text", "text": "b"}],
            "stop_reason": "max_tokens",
            "usage": {"input_tokens": 5, "cache_read_input_tokens": 7, "output_tokens": 2},
        });
        let read = content(&reply).expect("message");
        assert_eq!((read.text.as_str(), read.ending), ("ab", Ending::Cut));
        assert_eq!(read.usage.map(|usage| usage.input_tokens), Some(12));
        assert!(!read.only_reasoning);
        let thought = json!({"content": [{"type": "thinking", "thinking": "hm"}]});
        assert!(content(&thought).expect("message").only_reasoning);
        assert_eq!(content(&json!({"choices": []})), None);
    }
}
