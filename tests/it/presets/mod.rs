//! Models that answer by a schema, in chats whose client knows nothing of it.

mod cache;

use axum::http::StatusCode;
use receipt_gateway::generation::{Grammar, Role};
use serde_json::{Value, json};

use crate::support::{Gateway, Options, Reply, Script, Scripted, data_uri, invoice, pictures, png};

fn options() -> Options {
    Options {
        presets: vec![
            ("receipt", Some("invoice"), None),
            ("warm", None, Some(0.7)),
        ],
        ..Options::default()
    }
}

fn gateway(script: Script) -> (Gateway, std::sync::Arc<Scripted>) {
    let engine = Scripted::new([script]);
    (Gateway::new(engine.clone(), options()), engine)
}

fn reads() -> Script {
    Script::text(&invoice().to_string())
}

/// Words and a picture below them, as `/extract` puts them.
fn ask(model: &str, words: &str) -> Value {
    json!({
        "model": model,
        "messages": [{"role": "user", "content": [
            {"type": "text", "text": words},
            {"type": "image_url", "image_url": {"url": data_uri(&png(1))}},
        ]}],
    })
}

fn with(name: &str, value: Value) -> Value {
    let mut request = ask("receipt", "Read it.");
    request[name] = value;
    request
}

fn content(reply: &Reply) -> Value {
    let answer = reply.json();
    serde_json::from_str(answer["choices"][0]["message"]["content"].as_str().unwrap()).unwrap()
}

#[tokio::test]
async fn the_go_backends_client_gets_an_invoice() {
    let (gateway, engine) = gateway(reads());
    let request = json!({
        "model": "receipt",
        "messages": [
            {"role": "system", "content": [{"type": "text", "text": "You read invoices."}]},
            {"role": "user", "content": [
                {"type": "text", "text": "Answer with JSON alone."},
                {"type": "image_url", "image_url": {"url": data_uri(&png(1))}},
            ]},
        ],
    });
    let reply = gateway
        .post_json("/api/v1/chat/completions", &request)
        .await;
    assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
    assert_eq!(content(&reply), invoice());
    let answer = reply.json();
    assert_eq!(answer["object"], "chat.completion");
    assert_eq!(answer["model"], "receipt");
    assert_eq!(answer["choices"][0]["finish_reason"], "stop");
    assert_eq!(answer["usage"]["prompt_tokens"], 7);
    assert_eq!(reply.header("x-model"), "org/scripted");
    assert_eq!(reply.header("x-checks"), "total_adds_up");
    assert_eq!(reply.header("x-cache"), "miss");
    assert!(reply.header("x-confidence").parse::<f64>().is_ok());

    // The model was told what the client said, in its order, and held to the schema.
    let asked = engine.asked.lock().unwrap();
    let [generation] = &asked[..] else {
        panic!("{asked:?}")
    };
    let roles: Vec<_> = generation.messages().iter().map(|m| m.role).collect();
    assert_eq!(roles, [Role::System, Role::User]);
    assert_eq!(pictures(generation), 1);
    assert!(format!("{generation:?}").contains("Answer with JSON alone."));
    assert!(matches!(generation.grammar, Grammar::JsonSchema(_)));
    assert!(generation.max_tokens > 1000, "the schema's own bound");
}

#[tokio::test]
async fn a_stream_brings_the_checked_text_in_one_piece() {
    let (gateway, _) = gateway(reads());
    let mut request = with("stream", json!(true));
    request["stream_options"] = json!({"include_usage": true});
    // The second comes from memory.
    for _ in 0..2 {
        let reply = gateway.chat(request.clone()).await;
        assert_eq!(reply.header("content-type"), "text/event-stream");
        let mut events = reply.events();
        assert_eq!(events.pop().unwrap(), "[DONE]");
        let chunks: Vec<Value> = events
            .iter()
            .map(|event| serde_json::from_str(event).unwrap())
            .collect();
        let [role, text, end, usage] = &chunks[..] else {
            panic!("{chunks:?}")
        };
        assert_eq!(role["choices"][0]["delta"]["role"], "assistant");
        let text = text["choices"][0]["delta"]["content"].as_str().unwrap();
        assert_eq!(serde_json::from_str::<Value>(text).unwrap(), invoice());
        assert_eq!(end["choices"][0]["finish_reason"], "stop");
        assert_eq!(usage["usage"]["prompt_tokens"], 7);
    }
}

#[tokio::test]
async fn what_does_not_fit_the_schema_never_goes_out() {
    for script in [
        Script::text("{\"vendor_name\": 1}"),
        Script::CutShort("{\"vendor_name\":"),
        Script::Fails,
    ] {
        let (gateway, _) = gateway(script);
        let reply = gateway.chat(ask("receipt", "Read it.")).await;
        assert_eq!(reply.status, StatusCode::BAD_GATEWAY);
        assert!(reply.json()["error"]["message"].is_string());

        let reply = gateway.chat(with("stream", json!(true))).await;
        assert_eq!(reply.status, StatusCode::BAD_GATEWAY);
        assert!(!reply.json().to_string().contains("vendor_name"));
    }
}

#[tokio::test]
async fn a_full_house_is_a_429_before_the_stream_begins() {
    let engine = Scripted::gated([reads()]);
    let options = Options {
        concurrency: 1,
        queue_length: 0,
        ..options()
    };
    let gateway = Gateway::new(engine.clone(), options);
    let inside = tokio::spawn({
        let router = gateway.0.clone();
        async move { Gateway(router).chat(ask("receipt", "Read it.")).await }
    });
    engine.until_running().await;
    let mut other = with("stream", json!(true));
    other["messages"][0]["content"][0]["text"] = json!("Another.");
    let refused = gateway.chat(other).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    engine.gate.close();
    assert_eq!(content(&inside.await.unwrap()), invoice());
}

#[tokio::test]
async fn what_would_take_the_answer_apart_is_refused_by_name() {
    let (gateway, engine) = gateway(reads());
    let tools = json!([{"type": "function", "function": {"name": "f"}}]);
    for (field, value) in [
        ("n", json!(2)),
        ("stop", json!(["}"])),
        ("logprobs", json!(true)),
        ("tools", tools),
        ("temperature", json!(3)),
        (
            "messages",
            json!([{"role": "user", "content": "No picture."}]),
        ),
        ("messages", json!([])),
    ] {
        let reply = gateway.chat(with(field, value)).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{field}");
        assert_eq!(reply.json()["error"]["param"], field);
    }
    assert_eq!(engine.times_asked(), 0);
}

#[tokio::test]
async fn a_clients_own_format_comes_first() {
    let (gateway, engine) = gateway(Script::text("{}"));
    let format = json!({"type": "json_schema", "json_schema": {
        "name": "empty", "schema": {"type": "object", "properties": {}, "additionalProperties": false}
    }});
    let reply = gateway.chat(with("response_format", format)).await;
    assert_eq!(content(&reply), json!({}));
    assert_eq!(engine.times_asked(), 1);
}

#[tokio::test]
async fn settings_of_a_preset_are_defaults() {
    let (gateway, engine) = gateway(Script::text("Hi"));
    let mut request = json!({"model": "warm", "messages": [{"role": "user", "content": "Hello"}]});
    let reply = gateway.chat(request.clone()).await;
    assert_eq!(reply.json()["choices"][0]["message"]["content"], "Hi");
    request["temperature"] = json!(0.2);
    gateway.chat(request).await;
    let asked = engine.asked.lock().unwrap();
    assert_eq!(asked[0].sampling.temperature, 0.7);
    assert_eq!(asked[1].sampling.temperature, 0.2);
}

#[tokio::test]
async fn presets_are_listed_and_found() {
    let (gateway, _) = gateway(reads());
    let list = gateway.get("/v1/models").await.json();
    let ids: Vec<_> = list["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|model| model["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids, ["org/scripted", "broken", "receipt", "warm"]);
    for (id, description) in [
        ("receipt", "org/scripted; answers are of the schema invoice"),
        ("warm", "org/scripted"),
        (
            "org/scripted:receipt-brief",
            "org/scripted; answers are of the schema receipt-brief",
        ),
    ] {
        let model = gateway.get(&format!("/v1/models/{id}")).await.json();
        assert_eq!(model["id"], id);
        assert_eq!(model["description"], description);
        let model = gateway.get(&format!("/api/v1/model/{id}")).await.json();
        assert_eq!(model["data"]["id"], id);
        let acts = model["data"]["supported_parameters"].to_string();
        assert_eq!(acts.contains("\"stop\""), id == "warm", "{acts}");
    }
    assert!(list["data"][0].get("description").is_none());
    for unknown in [
        "org/scripted:nothing",
        "nobody:invoice",
        "receipt:",
        ":invoice",
    ] {
        let reply = gateway.chat(ask(unknown, "Read it.")).await;
        assert_eq!(reply.status, StatusCode::NOT_FOUND, "{unknown}");
        assert_eq!(reply.json()["error"]["code"], "model_not_found");
    }
}

#[tokio::test]
async fn a_picture_without_words_is_read_by_the_settings_prompt() {
    let (gateway, engine) = gateway(reads());
    let mut silent = ask("receipt", "");
    silent["messages"][0]["content"]
        .as_array_mut()
        .unwrap()
        .remove(0);
    assert_eq!(content(&gateway.chat(silent).await), invoice());
    let asked = engine.asked.lock().unwrap();
    assert!(format!("{:?}", asked[0].messages()).contains("Read it."));
}
