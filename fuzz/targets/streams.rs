//! The input is what a model writes, a token for each length and as many bytes.

#![no_main]

use std::sync::{Arc, LazyLock};

use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};
use support::{Gateway, Options, Script, Scripted};
use tokio::runtime::{Builder, Runtime};

#[path = "../../tests/it/support/mod.rs"]
#[allow(dead_code, unused_imports, reason = "the tests use the rest")]
mod support;

static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| Builder::new_current_thread().enable_all().build().unwrap());

static SAYING: LazyLock<(Arc<Scripted>, Gateway)> = LazyLock::new(|| {
    let engine = Scripted::new([Script::text("")]);
    (engine.clone(), Gateway::new(engine, Options::default()))
});

fn tokens(mut input: &[u8]) -> Vec<Vec<u8>> {
    let mut tokens = Vec::new();
    while let Some((length, rest)) = input.split_first() {
        let (token, rest) = rest.split_at(rest.len().min(usize::from(*length % 16)));
        tokens.push(token.to_vec());
        input = rest;
    }
    tokens
}

fuzz_target!(|input: &[u8]| {
    let messages = json!([{"role": "user", "content": "Hello"}]);
    let function = json!({"name": "f"});
    let chat_tools = json!([{"type": "function", "function": function}]);
    let tools = json!([{"type": "function", "name": "f"}]);
    for (path, request) in [
        (
            "/v1/chat/completions",
            json!({"messages": messages, "tools": chat_tools, "stop": "ab"}),
        ),
        ("/v1/responses", json!({"input": "Hello", "tools": tools})),
        ("/v1/completions", json!({"prompt": "Hello", "logprobs": 1})),
        (
            "/v1/messages",
            json!({"messages": messages, "max_tokens": 4096, "stop_sequences": ["ab"],
                "tools": [{"name": "f", "input_schema": {}}]}),
        ),
    ] {
        let mut request = request;
        request["stream"] = json!(true);
        let (engine, gateway) = &*SAYING;
        engine.say(Script::Tokens(tokens(input)));
        let reply = RUNTIME.block_on(gateway.post_json(path, &request));
        if reply.status == 502 {
            // What is unfit from its beginning is no stream.
            assert!(reply.json()["error"]["message"].is_string());
            continue;
        }
        assert_eq!(reply.status, 200);
        let body = std::str::from_utf8(&reply.body).unwrap();
        for line in body.lines().filter_map(|line| line.strip_prefix("data: ")) {
            assert!(
                line == "[DONE]" || serde_json::from_str::<Value>(line).is_ok(),
                "{line}"
            );
        }
    }
});
