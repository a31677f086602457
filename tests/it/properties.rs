//! Whatever is sent, the answer has the API's own shape; whatever a model writes, a stream carries it.

use std::sync::{Arc, LazyLock};

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use proptest::{collection::vec, prelude::*};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::support::{Gateway, Options, Reply, Script, Scripted, data_uri, json_request, png};

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().unwrap());

// One gateway for all cases of a property: to build one takes longer than to ask it.
static BRACES: LazyLock<Gateway> = LazyLock::new(|| Gateway::scripted(Script::text("{}")));
static LETTER: LazyLock<Gateway> = LazyLock::new(|| Gateway::scripted(Script::text("x")));
static SAYING: LazyLock<(Arc<Scripted>, Gateway)> = LazyLock::new(|| {
    let engine = Scripted::new([Script::text("")]);
    (engine.clone(), Gateway::new(engine, Options::default()))
});

fn chat(gateway: &Gateway, request: Request<Body>) -> Reply {
    RUNTIME.block_on(gateway.send(request))
}

fn posted(path: &str, kind: &str, body: Vec<u8>) -> Request<Body> {
    Request::post(path)
        .header(header::CONTENT_TYPE, kind)
        .body(body.into())
        .unwrap()
}

/// A 200, or a fault of the client's in OpenAI's form.
fn is_well_formed(reply: &Reply) -> Result<(), TestCaseError> {
    if reply.status == StatusCode::OK {
        return Ok(());
    }
    prop_assert!(reply.status.is_client_error(), "{reply:?}");
    let error = &reply.json()["error"];
    prop_assert!(error["message"].is_string() && error["type"].is_string());
    prop_assert!(error["code"].is_string() && error.get("param").is_some());
    Ok(())
}

/// A 200, or a fault of the client's in Anthropic's form.
fn is_well_formed_message(reply: &Reply) -> Result<(), TestCaseError> {
    let body = reply.json();
    if reply.status == StatusCode::OK {
        return Ok(());
    }
    prop_assert!(reply.status.is_client_error(), "{reply:?}");
    prop_assert!(body["type"] == "error" && body["request_id"].is_string());
    prop_assert!(body["error"]["message"].is_string() && body["error"]["type"].is_string());
    Ok(())
}

/// Any JSON, a few levels deep.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            vec(("[a-z_]{1,8}", inner), 0..4)
                .prop_map(|entries| entries.into_iter().collect::<Value>()),
        ]
    })
}

/// `request` with one of `fields`, JSON pointers, replaced by anything.
fn nearly(request: Value, fields: &'static [&'static str]) -> impl Strategy<Value = Value> {
    let field = prop::sample::select(fields);
    (field, any_json()).prop_map(move |(field, value)| {
        let mut request = request.clone();
        *request.pointer_mut(field).unwrap() = value;
        request
    })
}

fn nearly_a_chat() -> impl Strategy<Value = Value> {
    let request = json!({
        "model": "org/scripted",
        "models": [],
        "messages": [
            {"role": "user", "content": [
                {"type": "text", "text": "Hello"},
                {"type": "image_url", "image_url": {"url": data_uri(&png(1))}},
            ]},
            {"role": "assistant", "tool_calls": [{"function": {"name": "f", "arguments": "{}"}}]},
        ],
        "max_tokens": 4,
        "temperature": 0,
        "stop": "x",
        "n": 1,
        "logit_bias": {},
        "logprobs": true,
        "top_logprobs": 1,
        "stream_options": {},
        "response_format": {"type": "json_schema", "json_schema": {"schema": {}}},
        "tools": [{"type": "function", "function": {"name": "f", "parameters": {}}}],
        "tool_choice": "auto",
        "parallel_tool_calls": true,
    });
    let fields = &[
        "/model",
        "/models",
        "/messages",
        "/messages/0",
        "/messages/0/role",
        "/messages/0/content",
        "/messages/0/content/0",
        "/messages/0/content/1/image_url",
        "/messages/0/content/1/image_url/url",
        "/messages/1/tool_calls",
        "/messages/1/tool_calls/0/function",
        "/max_tokens",
        "/temperature",
        "/stop",
        "/n",
        "/logit_bias",
        "/top_logprobs",
        "/stream_options",
        "/response_format",
        "/response_format/json_schema/schema",
        "/tools",
        "/tools/0/function",
        "/tools/0/function/name",
        "/tools/0/function/parameters",
        "/tool_choice",
        "/parallel_tool_calls",
    ];
    nearly(request, fields)
}

fn nearly_a_response() -> impl Strategy<Value = Value> {
    let request = json!({
        "input": [
            {"role": "user", "content": [{"type": "input_text", "text": "Hello"}]},
            {"type": "function_call", "name": "f", "call_id": "c", "arguments": "{}"},
            {"type": "function_call_output", "call_id": "c", "output": "x"},
        ],
        "instructions": "Be brief.",
        "max_output_tokens": 4,
        "text": {"format": {"type": "json_schema", "name": "a", "schema": {}}},
        "tools": [{"type": "function", "name": "f", "parameters": {}}],
        "tool_choice": "auto",
        "include": [],
        "top_logprobs": 0,
    });
    let fields = &[
        "/input",
        "/input/0",
        "/input/0/content",
        "/input/0/content/0",
        "/input/1/name",
        "/input/2/output",
        "/instructions",
        "/max_output_tokens",
        "/text",
        "/text/format",
        "/text/format/schema",
        "/tools",
        "/tools/0",
        "/tools/0/parameters",
        "/tool_choice",
        "/include",
        "/top_logprobs",
    ];
    nearly(request, fields)
}

fn nearly_a_completion() -> impl Strategy<Value = Value> {
    let request = json!({"prompt": "x", "max_tokens": 4, "logprobs": 1, "n": 1, "stop": "x",
        "echo": false, "best_of": 1, "suffix": null});
    let fields = &[
        "/prompt",
        "/max_tokens",
        "/logprobs",
        "/n",
        "/stop",
        "/echo",
        "/best_of",
        "/suffix",
    ];
    nearly(request, fields)
}

fn nearly_a_message() -> impl Strategy<Value = Value> {
    let picture = data_uri(&png(1));
    let (_, picture) = picture.split_once(',').unwrap();
    let request = json!({
        "model": "org/scripted",
        "max_tokens": 4,
        "system": [{"type": "text", "text": "Be brief."}],
        "messages": [
            {"role": "user", "content": [
                {"type": "text", "text": "Hello"},
                {"type": "image", "source": {"type": "base64", "data": picture}},
                {"type": "document", "title": "a", "source": {"type": "text", "data": "x"}},
            ]},
            {"role": "assistant", "content": [{"type": "tool_use", "id": "c", "name": "f", "input": {}}]},
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "c", "content": "x"}]},
        ],
        "stop_sequences": ["x"],
        "temperature": 0,
        "output_config": {"format": {"type": "json_schema", "schema": {}}},
        "tools": [{"name": "f", "input_schema": {}}],
        "tool_choice": {"type": "auto"},
        "thinking": {"type": "adaptive"},
    });
    let fields = &[
        "/model",
        "/max_tokens",
        "/system",
        "/system/0",
        "/messages",
        "/messages/0",
        "/messages/0/role",
        "/messages/0/content",
        "/messages/0/content/0",
        "/messages/0/content/1/source",
        "/messages/0/content/1/source/type",
        "/messages/0/content/1/source/data",
        "/messages/0/content/2/source",
        "/messages/1/content/0/id",
        "/messages/1/content/0/input",
        "/messages/2/content/0/tool_use_id",
        "/messages/2/content/0/content",
        "/stop_sequences",
        "/temperature",
        "/output_config",
        "/output_config/format/schema",
        "/tools",
        "/tools/0",
        "/tools/0/name",
        "/tools/0/input_schema",
        "/tool_choice",
        "/thinking",
    ];
    nearly(request, fields)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn bodies_of_any_bytes(body: Vec<u8>) {
        let gateway = &*BRACES;
        let reply = chat(gateway, posted("/v1/chat/completions", "application/json", body));
        is_well_formed(&reply)?;
    }

    #[test]
    fn requests_that_are_nearly_right(request in nearly_a_chat()) {
        let gateway = &*BRACES;
        is_well_formed(&chat(gateway, json_request("/v1/chat/completions", &request)))?;
    }

    #[test]
    fn responses_that_are_nearly_right(request in nearly_a_response()) {
        let gateway = &*BRACES;
        is_well_formed(&chat(gateway, json_request("/v1/responses", &request)))?;
    }

    #[test]
    fn messages_that_are_nearly_right(request in nearly_a_message()) {
        let gateway = &*BRACES;
        for path in ["/v1/messages", "/v1/messages/count_tokens"] {
            is_well_formed_message(&chat(gateway, json_request(path, &request)))?;
        }
    }

    #[test]
    fn completions_that_are_nearly_right(request in nearly_a_completion()) {
        let gateway = &*BRACES;
        is_well_formed(&chat(gateway, json_request("/v1/completions", &request)))?;
    }

    #[test]
    fn addresses_of_pictures(rest in ".{0,40}", kind in "(data|https?|file|ftp)?:?") {
        // Nothing goes out: what looks like an address of the network has no host that resolves.
        let url = format!("{kind}{}", rest.replace('.', ""));
        let request = json!({"messages": [{"role": "user", "content": [
            {"type": "image_url", "image_url": url}
        ]}]});
        let gateway = &*LETTER;
        let reply = chat(gateway, json_request("/v1/chat/completions", &request));
        prop_assert!(reply.status != StatusCode::OK && reply.json()["error"]["message"].is_string());
    }

    #[test]
    fn pictures_with_any_bytes_in_them(
        start in prop::sample::select(vec![
            &b"\x89PNG\r\n\x1a\n"[..], b"\xff\xd8\xff\xe0", b"GIF89a", b"RIFF\0\0\0\0WEBPVP8 ",
            b"II*\0", b"BM", b"%PDF-1.7\n",
        ]),
        rest: Vec<u8>,
    ) {
        let gateway = &*LETTER;
        let body = [start, &rest].concat();
        let reply = chat(gateway, posted("/extract", "image/png", body));
        prop_assert!(reply.status.is_client_error(), "{reply:?}");
        prop_assert!(reply.json()["error"].is_string() && reply.json()["code"].is_string());
    }

    #[test]
    fn a_damaged_picture(at in any::<prop::sample::Index>(), byte: u8) {
        let mut picture = png(1).to_vec();
        let at = at.index(picture.len());
        picture[at] = byte;
        let gateway = &*LETTER;
        let reply = chat(gateway, posted("/extract", "image/png", picture));
        // The model's answer is no invoice, so a picture that is still read ends in a 502.
        let expected = reply.status.is_client_error() || reply.status == StatusCode::BAD_GATEWAY;
        prop_assert!(expected && reply.json()["error"].is_string(), "{reply:?}");
    }

    #[test]
    fn any_text_comes_through_a_stream(tokens in vec(vec(any::<u8>(), 1..6), 0..20)) {
        let whole = tokens.concat();
        let (engine, gateway) = &*SAYING;
        engine.say(Script::Tokens(tokens));
        let request = json!({"messages": [{"role": "user", "content": "Hello"}], "stream": true});
        let reply = chat(gateway, json_request("/v1/chat/completions", &request));
        let mut events = reply.events();
        let done = events.pop();
        prop_assert_eq!(done.as_deref(), Some("[DONE]"));
        let mut text = String::new();
        for event in events {
            let chunk: Value = serde_json::from_str(&event).unwrap();
            text += chunk["choices"][0]["delta"]["content"].as_str().unwrap_or_default();
        }
        prop_assert_eq!(text, String::from_utf8_lossy(&whole));
    }
}
