//! Faults in the form of this API.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use receipt_gateway::keys::{KeyLimits, KeySettings};
use serde_json::{Value, json};

use super::{COUNT, PATH, asking, image};
use crate::support::{Gateway, Options, Reply, Script, Scripted, json_request, key, with_key};

/// The class and the message of a fault, whose envelope must be whole.
fn fault(reply: &Reply) -> (String, String) {
    let body = reply.json();
    let members: Vec<_> = body.as_object().unwrap().keys().collect();
    assert_eq!(members, ["type", "error", "request_id"], "{body}");
    assert_eq!(body["type"], "error");
    assert_eq!(body["request_id"], reply.header("request-id"));
    let text = |name: &str| body["error"][name].as_str().unwrap().to_owned();
    assert_eq!(body["error"].as_object().unwrap().len(), 2);
    (text("type"), text("message"))
}

/// Each of these values of a field is refused by its name.
async fn are_refused(fields: impl IntoIterator<Item = (&'static str, Value, &'static str)>) {
    let gateway = Gateway::scripted(Script::text("x"));
    for (name, value, told) in fields {
        let mut request = asking(json!("x"), json!({}));
        request[name] = value;
        let reply = gateway.post_json(PATH, &request).await;
        assert!(reply.status.is_client_error(), "{request} {reply:?}");
        let (class, message) = fault(&reply);
        assert_eq!(class, "invalid_request_error");
        assert!(message.contains(told), "{told}: {message}");
    }
}

#[tokio::test]
async fn faults_name_the_block() {
    let user = |block: Value| json!([{"role": "user", "content": [block]}]);
    let document = |source: Value| user(json!({"type": "document", "source": source}));
    let picture = |source: Value| user(json!({"type": "image", "source": source}));
    let call = json!({"type": "tool_use", "id": "one", "name": "f", "input": {}});
    let result = json!({"type": "tool_result", "tool_use_id": "two", "content": "x"});
    let fields = [
        ("messages", json!([]), "messages is empty"),
        ("messages", json!(5), "messages"),
        (
            "messages",
            json!([{"role": "king", "content": "x"}]),
            "messages[0].role",
        ),
        (
            "messages",
            json!([{"role": "user", "content": ""}]),
            "messages[0].content: ",
        ),
        (
            "messages",
            user(json!({"type": "video"})),
            "messages[0].content[0]",
        ),
        (
            "messages",
            json!([{"role": "user", "content": "x"}, {"role": "assistant", "content": "The sum is"}]),
            "ends with a message of the assistant",
        ),
        ("messages", user(call.clone()), "messages[0].content[0]: "),
        (
            "messages",
            json!([{"role": "user", "content": "x"}, {"role": "assistant", "content": [call]},
                {"role": "user", "content": [result]}]),
            "messages[2].content[0].tool_use_id: ",
        ),
        (
            "messages",
            picture(json!({"type": "base64", "media_type": "image/png", "data": "*"})),
            "messages[0].content[0].source.data: ",
        ),
        (
            "messages",
            picture(json!({"type": "url", "url": "http://10.0.0.1/x"})),
            "messages[0].content[0].source.url: ",
        ),
        (
            "messages",
            picture(json!({"type": "file", "file_id": "file_1"})),
            "messages[0].content[0].source.file_id: ",
        ),
        (
            "messages",
            picture(json!({"type": "text", "media_type": "text/plain", "data": "x"})),
            "messages[0].content[0].source.type: ",
        ),
        (
            "messages",
            document(
                json!({"type": "base64", "media_type": "application/pdf", "data": "JVBERi0="}),
            ),
            "messages[0].content[0].source.data: ",
        ),
        (
            "messages",
            document(json!({"type": "content", "content": [
                {"type": "image", "source": {"type": "file", "file_id": "file_1"}}]})),
            "messages[0].content[0].source.content[0].source.file_id: ",
        ),
    ];
    are_refused(fields).await;
}

#[tokio::test]
async fn faults_name_the_fields_of_this_api() {
    let fields = [
        ("system", json!(5), "system"),
        ("system", json!([image()]), "system[0]"),
        ("max_tokens", json!(null), "max_tokens is missing"),
        ("max_tokens", json!(0), "max_tokens must be at least 1"),
        ("max_tokens", json!(1.5), "max_tokens"),
        ("temperature", json!(3), "temperature is 3"),
        ("stop_sequences", json!("x"), "stop_sequences"),
        (
            "stop_sequences",
            json!(["a", "b", "c", "d", "e"]),
            "stop_sequences: ",
        ),
        ("thinking", json!({"type": "deep"}), "thinking"),
        (
            "tools",
            json!([{"type": "web_search_20260318", "name": "web_search"}]),
            "tools[0].type: ",
        ),
        ("tools", json!([{"name": "f"}]), "tools[0].input_schema: "),
        (
            "tools",
            json!([{"name": "no name", "input_schema": {}}]),
            "tools[0].name: ",
        ),
        (
            "tools",
            json!([{"name": "f", "input_schema": {"type": "string"}}]),
            "tools[0].input_schema: ",
        ),
        ("tool_choice", json!({"type": "any"}), "tool_choice"),
        ("tool_choice", json!("any"), "tool_choice"),
        (
            "output_config",
            json!({"format": {"type": "json_schema", "schema": true}}),
            "output_config.format.schema: ",
        ),
    ];
    are_refused(fields).await;
}

#[tokio::test]
async fn each_refusal_has_its_class() {
    let gateway = Gateway::scripted(Script::text("x"));
    let request = asking(json!("x"), json!({"model": "nobody"}));
    for path in [PATH, COUNT, "/api/v1/messages"] {
        let reply = gateway.post_json(path, &request).await;
        assert_eq!(reply.status, StatusCode::NOT_FOUND);
        assert_eq!(fault(&reply).0, "not_found_error");
    }
    for (request, status, class) in [
        (
            Request::get(PATH).body(Body::empty()),
            405,
            "invalid_request_error",
        ),
        (
            Request::get("/v1/messages/batches").body(Body::empty()),
            404,
            "not_found_error",
        ),
        (
            Request::post(PATH).body(Body::from(vec![b' '; 2 << 20])),
            413,
            "request_too_large",
        ),
        (
            Request::post(PATH).body(Body::from("{")),
            400,
            "invalid_request_error",
        ),
        (
            Request::get("/v1/models/nobody")
                .header("anthropic-version", "2023-06-01")
                .body(Body::empty()),
            404,
            "not_found_error",
        ),
    ] {
        let reply = gateway.send(request.unwrap()).await;
        assert_eq!(reply.status, status, "{reply:?}");
        assert_eq!(fault(&reply).0, class);
    }
    // Without that header the client is OpenAI's.
    let reply = gateway.get("/v1/models/nobody").await;
    assert_eq!(reply.json()["error"]["code"], "model_not_found");
    assert_eq!(reply.header("request-id"), "");
    let failing = Gateway::scripted(Script::Fails);
    let reply = failing
        .post_json(PATH, &asking(json!("x"), json!({})))
        .await;
    assert_eq!(reply.status, StatusCode::BAD_GATEWAY);
    assert_eq!(fault(&reply).0, "api_error");
    assert!(!format!("{reply:?}").contains("secret"));
    let broken = asking(json!("x"), json!({"model": "broken", "stream": true}));
    let reply = failing.post_json(PATH, &broken).await;
    assert_eq!(reply.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(fault(&reply).0, "api_error");
    assert!(!reply.header("retry-after").is_empty());
}

#[tokio::test]
async fn a_busy_model_and_a_spent_key_are_told_apart() {
    let options = Options {
        concurrency: 1,
        queue_length: 0,
        keys: vec![
            key("other", "other"),
            KeySettings {
                limits: KeyLimits {
                    requests_per_minute: Some(1),
                    ..KeyLimits::default()
                },
                ..key("till", "secret")
            },
        ],
        ..Options::default()
    };
    let engine = Scripted::gated([Script::text("Hi")]);
    let gateway = Gateway::new(engine.clone(), options);
    let request = || json_request(PATH, &asking(json!("x"), json!({})));
    let router = gateway.0.clone();
    let first = with_key(request(), "other");
    let first = tokio::spawn(async move { Gateway(router).send(first).await });
    engine.until_running().await;
    let busy = gateway.send(with_key(request(), "secret")).await;
    assert_eq!(busy.status.as_u16(), 529);
    assert_eq!(fault(&busy).0, "overloaded_error");
    assert!(!busy.header("retry-after").is_empty());
    let spent = gateway.send(with_key(request(), "secret")).await;
    assert_eq!(spent.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(fault(&spent).0, "rate_limit_error");
    assert!(!spent.header("retry-after").is_empty());
    engine.gate.add_permits(2);
    assert_eq!(first.await.unwrap().status, StatusCode::OK);
}
