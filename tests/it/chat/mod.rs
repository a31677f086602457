//! `/v1/chat/completions` and `/api/v1`, plain and streamed.

mod faults;
mod requests;
mod schemas;
mod strict;

use std::{sync::Arc, time::Duration};

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::support::{Gateway, Options, Script, Scripted, data_uri, png};

fn ask() -> Value {
    json!({"messages": [{"role": "user", "content": "Hello"}]})
}

fn with(name: &str, value: Value) -> Value {
    let mut request = ask();
    request[name] = value;
    request
}

#[tokio::test]
async fn a_plain_answer() {
    let reply = Gateway::scripted(Script::text("Hi €")).chat(ask()).await;
    assert_eq!(reply.status, StatusCode::OK);
    assert_eq!(reply.header("content-type"), "application/json");
    let mut answer = reply.json();
    assert!(answer["id"].as_str().unwrap().starts_with("chatcmpl-"));
    assert!(answer["created"].as_u64().unwrap() > 1_700_000_000);
    answer["id"] = json!("chatcmpl-x");
    answer["created"] = json!(0);
    insta::assert_json_snapshot!(answer);
}

#[tokio::test]
async fn a_streamed_answer() {
    let mut request = with("stream", json!(true));
    request["stream_options"] = json!({"include_usage": true});
    let reply = Gateway::scripted(Script::text("Hi €")).chat(request).await;
    assert_eq!(reply.header("content-type"), "text/event-stream");
    let mut events = reply.events();
    assert_eq!(events.pop().unwrap(), "[DONE]");
    let mut chunks: Vec<Value> = events
        .iter()
        .map(|event| serde_json::from_str(event).unwrap())
        .collect();
    for chunk in &mut chunks {
        chunk["id"] = json!("chatcmpl-x");
        chunk["created"] = json!(0);
    }
    insta::assert_json_snapshot!(chunks);
    let text = String::from_utf8(reply.body.to_vec()).unwrap();
    assert!(
        !text.contains("\nid:") && !text.contains("null,\"usage\""),
        "{text}"
    );
}

#[tokio::test]
async fn stop_sequences_cut_the_answer_and_end_the_run() {
    for stream in [false, true] {
        let engine = Scripted::gated([Script::text("one two three")]);
        engine.gate.add_permits(8);
        let gateway = Gateway::new(engine.clone(), Options::default());
        let mut request = with("stop", json!([" tw", "zzz"]));
        request["stream"] = json!(stream);
        let reply = gateway.chat(request).await;
        let text = String::from_utf8(reply.body.to_vec()).unwrap();
        assert!(
            !text.contains("tw") && text.contains("\"finish_reason\":\"stop\""),
            "{text}"
        );
        if !stream {
            assert_eq!(reply.json()["choices"][0]["message"]["content"], "one");
            assert_eq!(reply.json()["usage"]["prompt_tokens"], 7);
        }
        engine.until_idle().await;
    }
}

#[tokio::test]
async fn several_choices() {
    let scripts = ["a", "b", "c"].map(Script::text);
    let engine = Scripted::new(scripts.clone());
    let options = || Options {
        concurrency: 1,
        ..Options::default()
    };
    let mut request = with("n", json!(3));
    request["seed"] = json!(5);
    let answer = Gateway::new(engine.clone(), options())
        .chat(request.clone())
        .await
        .json();
    let contents: Vec<_> = answer["choices"]
        .as_array()
        .unwrap()
        .iter()
        .map(|choice| {
            (
                choice["index"].as_u64().unwrap(),
                choice["message"]["content"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(contents, [(0, "a"), (1, "b"), (2, "c")]);
    assert_eq!(
        (
            &answer["usage"]["prompt_tokens"],
            &answer["usage"]["completion_tokens"]
        ),
        (&json!(7), &json!(3))
    );
    let mut seeds: Vec<_> = engine
        .asked
        .lock()
        .unwrap()
        .iter()
        .map(|asked| asked.sampling.seed)
        .collect();
    seeds.sort_unstable();
    assert_eq!(seeds, [Some(5), Some(6), Some(7)]);

    request["stream"] = json!(true);
    let reply = Gateway::new(Scripted::new(scripts), options())
        .chat(request)
        .await;
    let chunks: Vec<Value> = reply
        .events()
        .iter()
        .filter_map(|event| serde_json::from_str(event).ok())
        .collect();
    for index in 0..3 {
        let of_choice = |chunk: &&Value| chunk["choices"][0]["index"] == index;
        let mine: Vec<_> = chunks.iter().filter(of_choice).collect();
        assert_eq!(mine[0]["choices"][0]["delta"]["role"], "assistant");
        assert_eq!(mine.last().unwrap()["choices"][0]["finish_reason"], "stop");
    }
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_has_to_wait_begins_with_comments() {
    let engine = Scripted::gated([Script::text("a"), Script::text("b")]);
    let options = Options {
        concurrency: 1,
        ..Options::default()
    };
    let gateway = Arc::new(Gateway::new(engine.clone(), options));
    let asking = |request: Value| {
        let gateway = gateway.clone();
        tokio::spawn(async move { gateway.chat(request).await })
    };
    let first = asking(ask());
    engine.until_running().await;
    let second = asking(with("stream", json!(true)));
    let third = {
        let gateway = gateway.clone();
        let text = json!({"prompt": "Hello", "stream": true});
        tokio::spawn(async move { gateway.post_json("/v1/completions", &text).await })
    };
    tokio::time::sleep(Duration::from_secs(25)).await;
    engine.gate.add_permits(10);
    assert_eq!(first.await.unwrap().status, StatusCode::OK);
    for waited in [second, third] {
        let reply = waited.await.unwrap();
        let text = std::str::from_utf8(&reply.body).unwrap();
        assert!(
            text.starts_with(": OPENROUTER PROCESSING\n\ndata: {"),
            "{text}"
        );
        assert!(text.ends_with("data: [DONE]\n\n"), "{text}");
        // Nobody had answered when it began.
        assert_eq!(reply.header("x-model"), "");
    }
}

#[tokio::test]
async fn log_probabilities() {
    let mut request = with("logprobs", json!(true));
    let gateway = || {
        Gateway::scripted(Script::Tokens(vec![
            b"a".to_vec(),
            vec![0xE2, 0x82],
            vec![0xAC],
        ]))
    };
    let answer = gateway().chat(request.clone()).await.json();
    assert_eq!(answer["choices"][0]["message"]["content"], "a€");
    let content = &answer["choices"][0]["logprobs"]["content"];
    assert_eq!(content.as_array().unwrap().len(), 3);
    assert_eq!(
        content[0],
        json!({"token": "a", "logprob": -0.01, "bytes": [97], "top_logprobs": []})
    );
    assert_eq!(content[1]["bytes"], json!([0xE2, 0x82]));
    request["stream"] = json!(true);
    let streamed: usize = gateway()
        .chat(request)
        .await
        .events()
        .iter()
        .filter_map(|event| serde_json::from_str::<Value>(event).ok())
        .filter_map(|chunk| {
            chunk["choices"][0]["logprobs"]["content"]
                .as_array()
                .map(Vec::len)
        })
        .sum();
    assert_eq!(streamed, 3);
}

#[tokio::test]
async fn an_answer_that_is_cut_off_says_so() {
    let answer = Gateway::scripted(Script::text("abcdef"))
        .chat(with("max_tokens", json!(3)))
        .await
        .json();
    assert_eq!(answer["choices"][0]["finish_reason"], "length");
    assert_eq!(answer["choices"][0]["message"]["content"], "abc");
}

#[tokio::test]
async fn models_are_listed_and_found_with_their_slashes() {
    let gateway = Gateway::scripted(Script::text("x"));
    for base in ["/v1", "/api/v1"] {
        let list = gateway.get(&format!("{base}/models")).await.json();
        assert_eq!(
            (&list["object"], &list["data"][0]["id"]),
            (&json!("list"), &json!("org/scripted"))
        );
        assert!(list["data"][0]["created"].is_u64());
        for id in ["org/scripted", "org%2Fscripted", "org%2fscripted"] {
            let model = gateway.get(&format!("{base}/models/{id}")).await;
            assert_eq!(model.json()["id"], "org/scripted", "{id}");
        }
        assert_eq!(
            gateway.get(&format!("{base}/models/none")).await.status,
            StatusCode::NOT_FOUND
        );
    }
}

/// The Go backend's OpenRouter call: no `response_format`, a system message of one text part.
#[tokio::test]
async fn the_go_backends_call() {
    let gateway = Gateway::scripted(Script::text("{}"));
    let reply = gateway
        .post_json(
            "/api/v1/chat/completions",
            &json!({
                "model": "org/scripted",
                "messages": [
                    {"role": "system", "content": [{"type": "text", "text": "You read receipts."}]},
                    {"role": "user", "content": [
                        {"type": "text", "text": "Read this."},
                        {"type": "image_url", "image_url": {"url": data_uri(&png(1))}}
                    ]}
                ]
            }),
        )
        .await;
    assert_eq!(reply.status, StatusCode::OK);
    assert_eq!(reply.json()["choices"][0]["message"]["content"], "{}");
}
