//! What a provider is asked to tell, and what is told of it: log-probabilities, cached tokens, and prompts that
//! are too long.

use axum::http::StatusCode;
use receipt_gateway::{
    engine::remote::{RemoteSettings, StructuredOutput},
    registry::Reads,
};
use serde_json::{Value, json};

use super::Routed;
use crate::{
    support::{Options, Script, invoice, png, printed},
    upstream::{Does, delta, says},
};

/// A gateway whose provider tells log-probabilities.
async fn telling(does: Does) -> Routed {
    let settings = RemoteSettings {
        model: "their/model".into(),
        context_length: 8000,
        reads_pictures: true,
        structured_output: StructuredOutput::JsonSchema,
        logprobs: true,
    };
    Routed::with(settings, Script::text("local"), [does]).await
}

fn tools() -> Value {
    let parameters = json!({"type": "object", "properties": {"city": {"type": "string"}},
        "required": ["city"], "additionalProperties": false});
    json!([{"type": "function", "function": {"name": "weather", "parameters": parameters}}])
}

#[tokio::test]
async fn log_probabilities_are_asked_for_where_somebody_wants_them() {
    for (more, wanted) in [
        (json!({}), Value::Null),
        (json!({"tools": tools()}), Value::Null),
        (json!({"tools": tools(), "stream": true}), Value::Null),
        (json!({"logprobs": false}), Value::Null),
        (json!({"logprobs": true}), json!(true)),
        (json!({"logprobs": true, "top_logprobs": 2}), json!(true)),
    ] {
        let routed = telling(says(&["Hi"])).await;
        let reply = routed.ask(more.clone()).await;
        assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
        let asked = routed.upstream.asked(0);
        assert_eq!(asked["logprobs"], wanted, "{more}: {asked}");
        assert_eq!(asked["top_logprobs"], more["top_logprobs"]);
    }
    let body = json!({"model": "org/scripted", "prompt": "Say"});
    let routed = telling(says(&["Hi"])).await;
    routed.gateway.post_json("/v1/completions", &body).await;
    assert_eq!(routed.upstream.asked(0)["logprobs"], Value::Null);
    // The confidence of a receipt is made of them.
    let routed = telling(says(&[&invoice().to_string()])).await;
    assert_eq!(routed.gateway.extract(png(1)).await.status, StatusCode::OK);
    assert_eq!(routed.upstream.asked(0)["logprobs"], json!(true));
}

/// An answer to a prompt of which the provider remembered so much.
fn remembers(details: &Value) -> Does {
    let usage =
        json!({"prompt_tokens": 11, "completion_tokens": 5, "prompt_tokens_details": details});
    let end = json!({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]});
    let usage = json!({"choices": [], "usage": usage});
    let events = [
        delta("Hi"),
        end.to_string(),
        usage.to_string(),
        "[DONE]".to_owned(),
    ];
    Does::Streams(events.to_vec())
}

#[tokio::test]
async fn cached_tokens_are_passed_on() {
    for (details, cached) in [
        (json!({"cached_tokens": 8, "audio_tokens": 0}), json!(8)),
        (json!({"cached_tokens": 0}), json!(0)),
        (json!({"cached_tokens": null}), Value::Null),
        (json!(null), Value::Null),
        (json!({}), Value::Null),
        (json!("none"), Value::Null),
    ] {
        let routed = Routed::new([remembers(&details)]).await;
        let whole = routed.ask(json!({})).await.json();
        let usage = &whole["usage"];
        assert_eq!(
            usage["prompt_tokens_details"]["cached_tokens"], cached,
            "{whole}"
        );
        assert_eq!(usage["total_tokens"], 16);
        let streamed = json!({"stream": true, "stream_options": {"include_usage": true}});
        let events = routed.ask(streamed).await.events();
        let last: Value = serde_json::from_str(&events[events.len() - 2]).unwrap();
        assert_eq!(
            last["usage"]["prompt_tokens_details"]["cached_tokens"],
            cached
        );
        // The form of responses requires a number.
        let cached = cached.as_u64().unwrap_or(0);
        let body = json!({"model": "org/scripted", "input": "Hello", "n": 1});
        let response = routed
            .gateway
            .post_json("/v1/responses", &body)
            .await
            .json();
        assert_eq!(
            response["usage"]["input_tokens_details"]["cached_tokens"], cached,
            "{response}"
        );
        let mut streaming = body.clone();
        streaming["stream"] = json!(true);
        let response = routed.gateway.post_json("/v1/responses", &streaming).await;
        let text = String::from_utf8_lossy(&response.body).into_owned();
        assert!(
            text.contains(&format!("\"cached_tokens\":{cached},")),
            "{text}"
        );
    }
    // The prompt counts once, however many answers it gets.
    let routed = Routed::new([remembers(&json!({"cached_tokens": 8}))]).await;
    let usage = routed.ask(json!({"n": 2})).await.json()["usage"].clone();
    assert_eq!(usage["prompt_tokens_details"]["cached_tokens"], 8);
    assert_eq!(
        (&usage["prompt_tokens"], &usage["completion_tokens"]),
        (&json!(11), &json!(10))
    );
}

#[tokio::test]
async fn a_prompt_that_is_too_long_is_told_in_openais_words() {
    let words = |context: u32, prompt: u32| {
        format!(
            "This model's maximum context length is {context} tokens. However, your messages resulted in \
             {prompt} tokens. Please reduce the length of the messages."
        )
    };
    let openrouter = "This endpoint's maximum context length is 8192 tokens. However, you requested about 9000 \
                      tokens.";
    let llama = json!({"error": {"code": 400, "type": "exceed_context_size_error", "n_prompt_tokens": 900,
        "n_ctx": 512, "message": "request (900 tokens) exceeds the available context size (512 tokens)"}});
    let vllm = json!({"object": "error", "message": words(4096, 5000), "type": "BadRequestError",
        "param": null, "code": 400});
    let named = json!({"error": {"message": words(128_000, 150_000), "type": "invalid_request_error",
        "param": "messages", "code": "context_length_exceeded"}});
    for (does, expected) in [
        (Does::Says(400, llama.clone()), words(512, 900)),
        (Does::Says(500, llama), words(512, 900)),
        (Does::Says(400, vllm), words(4096, 5000)),
        (Does::Says(400, named.clone()), words(128_000, 150_000)),
        // In the place of a stream.
        (
            Does::Streams(vec![named.to_string()]),
            words(128_000, 150_000),
        ),
        (
            Does::Says(200, json!({"error": {"code": 400, "message": openrouter}})),
            openrouter.to_owned(),
        ),
    ] {
        for stream in [false, true] {
            let routed = Routed::new([does.clone()]).await;
            let reply = routed.ask(json!({"stream": stream})).await;
            assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{reply:?}");
            let error = &reply.json()["error"];
            assert_eq!(error["message"], expected);
            assert_eq!(error["code"], "context_length_exceeded");
            assert_eq!(error["param"], "messages");
            let body = json!({"model": "org/scripted", "input": "Hello", "stream": stream});
            let reply = routed.gateway.post_json("/v1/responses", &body).await;
            let error = &reply.json()["error"];
            assert_eq!(
                (&error["code"], &error["param"]),
                (&json!("context_length_exceeded"), &json!("input"))
            );
            // It is no failure of the provider's.
            assert!(!routed.gateway.get("/metrics").await.body.is_empty());
        }
    }
}

#[tokio::test]
async fn a_provider_of_text_reads_receipts_by_their_text() {
    let settings = RemoteSettings {
        model: "their/model".into(),
        context_length: 32_768,
        reads_pictures: false,
        structured_output: StructuredOutput::JsonSchema,
        logprobs: false,
    };
    let options = Options {
        reads: Reads::PageText,
        page_text: vec![Ok(printed(&["TOKO", "TOTAL 10"]))],
        ..Options::default()
    };
    let does = [says(&[&invoice().to_string()])];
    let routed = Routed::with_options(settings, options, does).await;
    let reply = routed.gateway.extract(png(1)).await;
    assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
    assert_eq!(reply.json(), invoice());
    let content = &routed.upstream.asked(0)["messages"][0]["content"];
    let told: Vec<_> = content.as_array().unwrap().iter().collect();
    assert_eq!(told[0], &json!({"type": "text", "text": "Read it."}));
    assert_eq!(
        told[1],
        &json!({"type": "text", "text": "\n\nTOKO\nTOTAL 10"})
    );
    assert_eq!(told.len(), 2);
}
