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
        Some(Value::Array(parts)) => parts
            .iter()
            .filter_map(|part| part.get("text")?.as_str())
            .collect(),
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
    Some((text, ending, reply.get("usage").and_then(usage)))
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
        let (text, ending, usage) = content(&plain).expect("message");
        assert_eq!((text.as_str(), ending), ("hi", Ending::Complete));
        assert_eq!(usage.map(|usage| usage.output_tokens), Some(4));

        let parts = reply(
            json!({"content": [{"type": "text", "text": "a"}, {"text": "b"}]}),
            "length",
        );
        let (text, ending, _) = content(&parts).expect("message");
        assert_eq!((text.as_str(), ending), ("ab", Ending::Cut));

        let refused = reply(json!({"content": null, "refusal": "I will not"}), "stop");
        assert_eq!(content(&refused).expect("message").1, Ending::Refused);

        assert_eq!(content(&json!({"choices": []})), None);
        assert_eq!(content(&json!(["x"])), None);
    }
}
