//! What a chat may ask for: what is wrong is named, and all else is taken.

use axum::http::StatusCode;
use receipt_gateway::generation::{Part, Role};
use serde_json::{Value, json};

use super::{ask, with};
use crate::support::{Gateway, Options, Script, Scripted, data_uri, json_request, pictures, png};

fn tools() -> Value {
    json!([{"type": "function", "function": {"name": "f"}}, {"type": "web_search"}])
}

#[tokio::test]
async fn what_is_wrong_is_named_by_its_path() {
    let gateway = Gateway::scripted(Script::text("x"));
    let schema = |schema: Value| json!({"type": "json_schema", "json_schema": {"name": "a", "schema": schema}});
    let content = |content: Value| json!([{"role": "user", "content": content}]);
    let picture = |url: &str| content(json!([{"type": "image_url", "image_url": {"url": url}}]));
    let three = json!(vec![
        json!({"type": "image_url", "image_url": data_uri(&png(1))});
        3
    ]);
    for (name, value, param) in [
        ("messages", json!([]), "messages"),
        ("messages", json!("x"), "messages"),
        (
            "messages",
            json!([{"role": "king", "content": "x"}]),
            "messages[0].role",
        ),
        ("messages", content(json!(5)), "messages[0].content"),
        (
            "messages",
            content(json!([{"type": "video"}])),
            "messages[0].content[0].type",
        ),
        (
            "messages",
            content(json!([{"type": "text", "text": 1}])),
            "messages[0].content[0]",
        ),
        (
            "messages",
            picture("http://10.0.0.1/x"),
            "messages[0].content[0].image_url",
        ),
        (
            "messages",
            picture("data:image/png;base64,aGk="),
            "messages[0].content[0].image_url",
        ),
        ("messages", content(three), "messages[0].content[2]"),
        ("temperature", json!(3), "temperature"),
        ("temperature", json!("hot"), "temperature"),
        ("top_p", json!(-0.1), "top_p"),
        ("min_p", json!(2), "min_p"),
        ("frequency_penalty", json!(9), "frequency_penalty"),
        ("n", json!(0), "n"),
        ("n", json!(5), "n"),
        ("max_tokens", json!(0), "max_tokens"),
        ("max_completion_tokens", json!(-1), "max_completion_tokens"),
        ("stop", json!(["a", "b", "c", "d", "e"]), "stop"),
        ("stop", json!(7), "stop"),
        ("top_logprobs", json!(3), "top_logprobs"),
        ("top_logprobs", json!(21), "top_logprobs"),
        ("logit_bias", json!({"x": 1}), "logit_bias.x"),
        ("logit_bias", json!({"5": 101}), "logit_bias.5"),
        ("tools", json!([{"type": "function"}]), "tools[0]"),
        ("tool_choice", json!([null]), "tool_choice"),
        ("tool_choice", json!("some"), "tool_choice"),
        (
            "tool_choice",
            json!({"type": 0, "function": {"name": "f"}}),
            "tool_choice",
        ),
        (
            "response_format",
            json!({"type": "xml"}),
            "response_format.type",
        ),
        (
            "response_format",
            schema(json!(true)),
            "response_format.json_schema.schema",
        ),
        (
            "response_format",
            schema(json!({"type": "array", "uniqueItems": true})),
            "response_format.json_schema.schema",
        ),
    ] {
        let reply = gateway.chat(with(name, value.clone())).await;
        assert!(reply.status.is_client_error(), "{name} {value} {reply:?}");
        let error = &reply.json()["error"];
        let found = error["param"].as_str().unwrap_or_default();
        assert!(
            found.starts_with(param) || param.starts_with(found) && !found.is_empty(),
            "{name} {value}: {error}"
        );
        assert!(
            error["message"].is_string() && error["type"].is_string(),
            "{error}"
        );
    }
}

#[tokio::test]
async fn bodies_that_do_not_parse() {
    let gateway = Gateway::scripted(Script::text("x"));
    for body in ["", "{", "nope", "[]", "{\"messages\": [}"] {
        let mut request = json_request("/v1/chat/completions", &Value::Null);
        *request.body_mut() = body.into();
        let reply = gateway.send(request).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{body} {reply:?}");
        assert_eq!(reply.json()["error"]["type"], "invalid_request_error");
    }
    let mut request = json_request("/v1/chat/completions", &Value::Null);
    *request.body_mut() = vec![b' '; 2 << 20].into();
    let reply = gateway.send(request).await;
    assert_eq!(reply.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(reply.json()["error"]["code"], "body_too_large");
}

#[tokio::test]
async fn every_documented_field_and_any_other_is_taken() {
    let engine = Scripted::new([Script::text("x")]);
    let gateway = Gateway::new(engine.clone(), Options::default());
    let reply = gateway
        .chat(json!({
            "model": "none", "models": ["nor/this", "org/scripted"],
            "messages": [
                {"role": "developer", "content": [{"type": "text", "text": "Be brief."}]},
                {"role": "assistant", "content": null},
                {"role": "user", "name": "u", "content": [
                    {"type": "text", "text": "a"},
                    {"type": "image_url", "image_url": {"url": data_uri(&png(1)), "detail": "high"}},
                    {"type": "image_url", "image_url": data_uri(&png(2))},
                    {"type": "text", "text": "b"}
                ]}
            ],
            "max_tokens": 9, "max_completion_tokens": 5, "temperature": 0.5, "top_p": 0.9,
            "top_k": 40, "min_p": 0.1, "frequency_penalty": 0.1, "presence_penalty": 0.2,
            "repetition_penalty": 1.1, "seed": -3, "stop": "zz", "n": 1,
            "logit_bias": {"5": -100}, "logprobs": true, "top_logprobs": 2, "stream": false,
            "tools": tools(), "tool_choice": "none", "user": "u", "metadata": {}, "store": true,
            "service_tier": "auto", "provider": {"order": ["x"]}, "transforms": [], "plugins": [],
            "reasoning": {}, "usage": {"include": true}, "never_heard_of": [1, {"a": null}]
        }))
        .await;
    assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
    let asked = engine.asked.lock().unwrap();
    let asked = &asked[0];
    assert_eq!(
        (asked.max_tokens, asked.top_logprobs, pictures(asked)),
        (5, 2, 2)
    );
    let sampling = &asked.sampling;
    assert_eq!(
        (sampling.temperature, sampling.top_k, sampling.seed),
        (0.5, Some(40), Some(-3i64 as u64))
    );
    assert_eq!(sampling.logit_bias.get(&5), Some(&-100.0));
    assert_eq!(asked.messages()[0].role, Role::System);
    let order: Vec<_> = asked.messages()[2]
        .parts
        .iter()
        .map(|part| matches!(part, Part::Picture(_)))
        .collect();
    assert_eq!(order, [false, true, true, false]);
}

#[tokio::test]
async fn defaults_are_deterministic_and_bounded() {
    let engine = Scripted::new([Script::text("x")]);
    Gateway::new(engine.clone(), Options::default())
        .chat(ask())
        .await;
    let asked = engine.asked.lock().unwrap();
    assert_eq!(
        (asked[0].sampling.temperature, asked[0].max_tokens),
        (0.0, 100)
    );
}

#[tokio::test]
async fn a_model_that_reads_no_pictures_leads_to_the_next() {
    let options = || Options {
        better: Some(Scripted::new([Script::text("seen")])),
        ..Options::default()
    };
    let blind = || Scripted::blind([Script::text("unseen")]);
    let parts = json!([{"type": "image_url", "image_url": data_uri(&png(1))}]);
    let mut request = with("messages", json!([{"role": "user", "content": parts}]));
    let alone = Gateway::new(blind(), options()).chat(request.clone()).await;
    assert_eq!(alone.status, StatusCode::BAD_REQUEST);
    let error = &alone.json()["error"];
    assert_eq!(error["param"], "messages[0].content[0].image_url");
    request["models"] = json!(["org/better"]);
    let next = Gateway::new(blind(), options()).chat(request).await;
    assert_eq!(next.json()["choices"][0]["message"]["content"], "seen");
    assert_eq!(next.header("x-model"), "org/better");
}
