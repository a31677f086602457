//! Chats over HTTP, and stop sequences that end within a run of forced tokens.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{TOLERANCE, gateway};
use crate::support::Gateway;

/// After the digits of `total`, all up to the currency itself is forced.
fn amount() -> Value {
    json!({"type": "json_schema", "json_schema": {"name": "n", "strict": true, "schema": {
        "type": "object", "additionalProperties": false, "required": ["total", "currency_of_it"],
        "properties": {
            "total": {"type": "integer", "minimum": 10, "maximum": 99},
            "currency_of_it": {"enum": ["EUR", "USD"]}
        }
    }}})
}

/// Everything that a chat can be held to.
#[tokio::test(flavor = "multi_thread")]
async fn chats_say_the_same() {
    let (with, without) = (gateway(true), gateway(false));
    let schema = amount();
    let tool = json!({"type": "function", "function": {"name": "add_a_number", "strict": true, "parameters": {
        "type": "object", "additionalProperties": false, "required": ["number"],
        "properties": {"number": {"type": "integer", "minimum": 0, "maximum": 9}}
    }}});
    let mut forced = 0;
    for request in [
        json!({"response_format": schema}),
        json!({"response_format": schema, "logprobs": true, "top_logprobs": 2}),
        json!({"response_format": schema, "n": 3}),
        json!({"response_format": schema, "temperature": 1, "seed": 5}),
        json!({"response_format": schema, "frequency_penalty": 1.5, "repetition_penalty": 1.3}),
        json!({"response_format": schema, "logit_bias": {"32": 100}}),
        json!({"response_format": {"type": "json_object"}}),
        json!({"tools": [tool], "tool_choice": "required"}),
        json!({"tools": [tool], "tool_choice": {"type": "function", "function": {"name": "add_a_number"}}}),
    ] {
        let mut request = request;
        request["model"] = json!("tiny-qwen3-vl");
        request["max_tokens"] = json!(60);
        request["messages"] = json!([{"role": "user", "content": "Hello"}]);
        let one = with.chat(request.clone()).await.json();
        let other = without.chat(request.clone()).await.json();
        let choices = |reply: &Value| -> Vec<Value> {
            let choices = reply["choices"].as_array();
            choices
                .unwrap_or_else(|| panic!("{request}: {reply}"))
                .clone()
        };
        for (one, other) in choices(&one).iter().zip(&choices(&other)) {
            assert_eq!(
                one["message"]["content"], other["message"]["content"],
                "{request}"
            );
            assert_eq!(one["finish_reason"], other["finish_reason"], "{request}");
            let calls = |choice: &Value| choice["message"]["tool_calls"][0]["function"].clone();
            assert_eq!(calls(one), calls(other), "{request}");
            let probabilities = |choice: &Value| -> Vec<f64> {
                let tokens = choice["logprobs"]["content"].as_array();
                let tokens = tokens.into_iter().flatten();
                tokens
                    .map(|token| token["logprob"].as_f64().unwrap())
                    .collect()
            };
            let (one, other) = (probabilities(one), probabilities(other));
            assert_eq!(one.len(), other.len());
            let close = |(a, b): (&f64, &f64)| (a - b).abs() < f64::from(TOLERANCE);
            assert!(one.iter().zip(&other).all(close), "{request}");
        }
        let usage = |answer: &Value, of: &str| answer["usage"][of].clone();
        assert_eq!(
            usage(&one, "completion_tokens"),
            usage(&other, "completion_tokens"),
            "{request}"
        );
        let details = [&one, &other].map(|answer| usage(answer, "completion_tokens_details"));
        assert_eq!(
            details[0]["forced_tokens"], details[1]["forced_tokens"],
            "{request}"
        );
        forced += details[0]["forced_tokens"].as_u64().unwrap();
    }
    assert!(forced > 50, "{forced}");
}

/// The text of a streamed chat under `amount`'s schema with a stop sequence, and how it finished.
async fn stopped(gateway: &Gateway, stop: &str) -> (String, String) {
    let reply = gateway.chat(stopping(stop, true)).await;
    let events = reply.events();
    let chunks = events.iter().filter_map(|e| serde_json::from_str(e).ok());
    let chunks: Vec<Value> = chunks.collect();
    let choices = chunks.iter().map(|chunk| &chunk["choices"][0]);
    let text = choices.filter_map(|choice| choice["delta"]["content"].as_str());
    let finish = &chunks.last().unwrap()["choices"][0]["finish_reason"];
    (text.collect(), finish.as_str().unwrap().to_owned())
}

fn stopping(stop: &str, stream: bool) -> Value {
    json!({
        "model": "tiny-qwen3-vl",
        "messages": [{"role": "user", "content": "Hello"}],
        "max_tokens": 60,
        "response_format": amount(),
        "stop": stop,
        "stream": stream,
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_sequence_within_a_run_acts_as_it_does_without() {
    let (with, without) = (gateway(true), gateway(false));
    let (whole, finish) = stopped(&with, "not written").await;
    assert_eq!(finish, "stop");
    for stop in ["curr", "ency_o", "of_it", "\":\""] {
        let expected = &whole[..whole.find(stop).unwrap()];
        let one = stopped(&with, stop).await;
        assert_eq!(one, stopped(&without, stop).await);
        // A strict answer that is cut off does not fit its schema.
        assert_eq!(one.1, "error");
        assert!(expected.starts_with(&one.0), "{stop}: {}", one.0);
        for gateway in [&with, &without] {
            let reply = gateway.chat(stopping(stop, false)).await;
            assert_eq!(reply.status, StatusCode::BAD_GATEWAY, "{stop}");
        }
    }
}
