//! What real clients send beside what the descriptions of the APIs have: it is read, or refused by name.

mod batches;
mod bodies;
mod files;
mod plugins;
mod texts;

use axum::http::StatusCode;
use receipt_gateway::generation::Grammar;
use serde_json::{Value, json};

use crate::support::{
    Gateway, Options, Reply, Script, Scripted, data_uri, invoice, json_request, png,
};

fn ask() -> Value {
    json!({"messages": [{"role": "user", "content": "Hello"}]})
}

fn with(name: &str, value: Value) -> Value {
    let mut request = ask();
    request[name] = value;
    request
}

fn says(text: &str) -> Gateway {
    Gateway::scripted(Script::text(text))
}

/// A gateway whose preset `receipt` is held to the invoice schema, and which reads one.
fn reads() -> (Gateway, std::sync::Arc<Scripted>) {
    let engine = Scripted::new([Script::text(&invoice().to_string())]);
    let options = Options {
        presets: vec![("receipt", Some("invoice"), None)],
        ..Options::default()
    };
    (Gateway::new(engine.clone(), options), engine)
}

/// A chat that shows a picture to the preset.
fn shows() -> Value {
    let url = data_uri(&png(1));
    json!({"model": "receipt", "messages": [{"role": "user", "content": [
        {"type": "image_url", "image_url": {"url": url}},
    ]}]})
}

fn fault_of(reply: &Reply, param: &str) -> String {
    assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{param}: {reply:?}");
    let error = &reply.json()["error"];
    assert_eq!(error["param"], param, "{error}");
    error["message"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_preset_keeps_its_schema_where_any_object_is_asked_for() {
    let format = json!({"type": "json_object"});
    let mut chat = shows();
    chat["response_format"] = format.clone();
    let response = json!({"model": "receipt", "text": {"format": format}, "input": [
        {"role": "user", "content": [{"type": "input_image", "image_url": data_uri(&png(1))}]},
    ]});
    for (path, request) in [
        ("/v1/chat/completions", chat.clone()),
        ("/api/v1/chat/completions", chat),
        ("/v1/responses", response),
    ] {
        let (gateway, engine) = reads();
        let reply = gateway.post_json(path, &request).await;
        assert_eq!(reply.status, StatusCode::OK, "{path}: {reply:?}");
        let vendor = "\\\"vendor_name\\\":\\\"Toko\\\"";
        assert!(
            reply.json().to_string().contains(vendor),
            "{path}: {reply:?}"
        );
        let asked = engine.asked.lock().unwrap();
        let Grammar::JsonSchema(schema) = &asked[0].grammar else {
            panic!("{asked:?}")
        };
        assert!(schema["properties"]["total_due"].is_object(), "{path}");
    }
}

#[tokio::test]
async fn whole_numbers_may_be_floats() {
    let fields = [
        ("max_tokens", 3.0),
        ("max_completion_tokens", 3.0),
        ("top_k", 40.0),
        ("seed", 42.0),
        ("n", 1.0),
    ];
    for (name, value) in fields {
        let gateway = says("abcdef");
        let reply = gateway.chat(with(name, json!(value))).await;
        assert_eq!(reply.status, StatusCode::OK, "{name}: {reply:?}");
        if name.starts_with("max") {
            assert_eq!(reply.json()["usage"]["completion_tokens"], 3);
        }
        for (wrong, told) in [(json!(3.5), "`3.5`"), (json!("3"), "string \"3\"")] {
            let reply = gateway.chat(with(name, wrong)).await;
            let message = fault_of(&reply, name);
            assert!(message.contains(told), "{message}");
        }
    }
    for (path, field) in [
        ("/v1/completions", "max_tokens"),
        ("/v1/responses", "max_output_tokens"),
    ] {
        let gateway = says("abcdef");
        let mut request = json!({"prompt": "Say", "input": "Say"});
        request[field] = json!(2.0);
        let reply = gateway.post_json(path, &request).await;
        assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
        let usage = &reply.json()["usage"];
        assert!(
            usage["completion_tokens"] == 2 || usage["output_tokens"] == 2,
            "{usage}"
        );
        request[field] = json!(2.5);
        fault_of(&gateway.post_json(path, &request).await, field);
    }
}

#[tokio::test]
async fn no_stop_sequence_is_none() {
    for stop in [json!([]), json!(null), json!(""), json!([""])] {
        let (gateway, _) = reads();
        let mut request = shows();
        request["stop"] = stop.clone();
        let reply = gateway.chat(request).await;
        assert_eq!(reply.status, StatusCode::OK, "{stop}: {reply:?}");
        let reply = says("Hi").chat(with("stop", stop)).await;
        assert_eq!(reply.json()["choices"][0]["message"]["content"], "Hi");
    }
}

#[tokio::test]
async fn a_user_who_says_nothing_is_not_answered() {
    let empty_part = json!([{"type": "text", "text": ""}]);
    for content in [json!(null), json!(""), json!([]), empty_part] {
        let message = json!({"role": "user", "content": content});
        let chat = json!({"messages": [{"role": "system", "content": "Be brief."}, message]});
        fault_of(&says("Hi").chat(chat).await, "messages[1].content");
        let (gateway, engine) = reads();
        let mut request = shows();
        request["messages"].as_array_mut().unwrap().push(message);
        fault_of(&gateway.chat(request).await, "messages[1].content");
        assert_eq!(engine.times_asked(), 0);
    }
    let absent = json!({"messages": [{"role": "user"}]});
    fault_of(&says("Hi").chat(absent).await, "messages[0].content");
    for input in [json!(""), json!([])] {
        let reply = says("Hi")
            .post_json("/v1/responses", &json!({"input": input}))
            .await;
        fault_of(&reply, "input");
    }
    let item = json!({"input": [{"role": "user", "content": []}]});
    let reply = says("Hi").post_json("/v1/responses", &item).await;
    fault_of(&reply, "input[0].content");
}

#[tokio::test]
async fn what_others_leave_out_is_fine() {
    let call = json!({"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}});
    let calls_alone = json!({"role": "assistant", "content": null, "tool_calls": [call]});
    let refused = json!({"role": "assistant", "content": null, "refusal": "I cannot."});
    let part =
        json!({"role": "assistant", "content": [{"type": "refusal", "refusal": "I cannot."}]});
    for (message, told) in [
        (calls_alone, "tool_call"),
        (refused, "I cannot."),
        (part, "I cannot."),
    ] {
        let engine = Scripted::new([Script::text("Hi")]);
        let gateway = Gateway::new(engine.clone(), Options::default());
        let user = json!({"role": "user", "content": "Hello"});
        let chat = json!({"messages": [user, message, user]});
        let reply = gateway.chat(chat).await;
        assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
        let asked = engine.asked.lock().unwrap();
        assert!(format!("{:?}", asked[0].messages()).contains(told));
    }
    let null = json!(null);
    let mut chat = ask();
    for field in [
        "model",
        "models",
        "provider",
        "plugins",
        "max_tokens",
        "temperature",
        "top_p",
        "top_k",
        "min_p",
        "seed",
        "stop",
        "n",
        "logit_bias",
        "logprobs",
        "top_logprobs",
        "stream",
        "stream_options",
        "response_format",
        "tools",
        "tool_choice",
        "parallel_tool_calls",
    ] {
        chat[field] = null.clone();
    }
    let reply = says("Hi").chat(chat).await;
    assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
    let response = json!({
        "input": [{"type": null, "role": "user", "content": "Hello"}], "text": {"format": null},
        "tools": null, "include": null, "metadata": null, "max_output_tokens": null,
    });
    let reply = says("Hi").post_json("/v1/responses", &response).await;
    assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
}

#[tokio::test]
async fn one_kind_of_address_may_be_null_beside_the_other() {
    let url = data_uri(&png(1));
    for body in [
        json!({"image_url": url, "image_urls": null}),
        json!({"image_url": null, "image_urls": [url]}),
        json!({"image_url": url, "model": null, "schema": null}),
    ] {
        let (gateway, _) = reads();
        let reply = gateway.post_json("/extract", &body).await;
        assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
    }
    let (gateway, _) = reads();
    let none = json!({"image_url": null, "image_urls": null});
    let reply = gateway.post_json("/extract", &none).await;
    assert_eq!(
        (reply.status.as_u16(), &reply.json()["code"]),
        (400, &json!("no_image"))
    );
}

#[tokio::test]
async fn a_slash_at_the_end_of_a_path_means_nothing() {
    let (gateway, _) = reads();
    for (with, without) in [
        ("/v1/models/", "/v1/models"),
        ("/api/v1/models/", "/api/v1/models"),
        ("/v1/models/org/scripted/", "/v1/models/org/scripted"),
        ("/schemas/", "/schemas"),
        ("/health//", "/health"),
    ] {
        let (with, without) = (gateway.get(with).await, gateway.get(without).await);
        assert_eq!(with.status, StatusCode::OK);
        assert_eq!(
            with.json().as_object().unwrap().keys().collect::<Vec<_>>(),
            without
                .json()
                .as_object()
                .unwrap()
                .keys()
                .collect::<Vec<_>>()
        );
    }
    let body = json!({"image_url": data_uri(&png(1))});
    let reply = gateway
        .send(json_request("/extract/?include=meta", &body))
        .await;
    assert_eq!(reply.json()["meta"]["schema"], "invoice", "{reply:?}");
    assert_eq!(gateway.chat(ask()).await.status, StatusCode::OK);
    let reply = gateway.post_json("/v1/chat/completions/", &ask()).await;
    assert_eq!(reply.json()["object"], "chat.completion");
    let reply = gateway.get("/v1/nothing/").await;
    assert_eq!(reply.json()["error"]["code"], "not_found");
    assert_eq!(gateway.get("/docs/").await.status, StatusCode::OK);
}
