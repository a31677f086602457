//! `/v1/messages` and `/v1/messages/count_tokens`.

mod conversations;
mod faults;
mod streams;

use axum::http::StatusCode;
use receipt_gateway::generation::{Grammar, Part, Role};
use serde_json::{Value, json};

use crate::support::{
    Gateway, Options, Reply, Script, Scripted, data_uri, invoice, json_request, key, pictures, png,
    with_key,
};

const PATH: &str = "/v1/messages";
const COUNT: &str = "/v1/messages/count_tokens";
const CALL: &str = "<tool_call>\n{\"name\": \"f\", \"arguments\": {\"a\":1}}\n</tool_call>";

/// A request with a message of the user, and other fields.
#[expect(
    clippy::needless_pass_by_value,
    reason = "it is called with fresh values"
)]
fn asking(content: Value, more: Value) -> Value {
    let mut request = json!({
        "model": "org/scripted", "max_tokens": 500,
        "messages": [{"role": "user", "content": content}]
    });
    if let Value::Object(more) = more {
        request.as_object_mut().unwrap().extend(more);
    }
    request
}

fn tool() -> Value {
    json!({"name": "f", "description": "Does it.", "input_schema": {
        "type": "object", "properties": {"a": {"type": "number"}}}})
}

/// A file in base64.
fn base64(bytes: &[u8]) -> String {
    let uri = data_uri(bytes);
    uri.split_once(',').unwrap().1.to_owned()
}

fn image() -> Value {
    json!({"type": "image", "source": {
        "type": "base64", "media_type": "image/png", "data": base64(&png(1))}})
}

/// The text of each message that a model was asked with; a picture is `<picture>`.
fn told(engine: &Scripted) -> Vec<(Role, String)> {
    let asked = engine.asked.lock().unwrap();
    let messages = asked.last().unwrap().messages().iter();
    let messages = messages.map(|message| {
        let parts = message.parts.iter().map(|part| match part {
            Part::Text(text) => text.as_str(),
            Part::Picture(_) => "<picture>",
        });
        (message.role, parts.collect())
    });
    messages.collect()
}

/// The answer without its id, which must be of that kind.
fn without_ids(reply: &Reply) -> Value {
    assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
    let mut answer = reply.json();
    let id = answer["id"].as_str().unwrap();
    assert!(id.starts_with("msg_") && id.len() > 20, "{id}");
    answer["id"] = json!("msg");
    for block in answer["content"].as_array_mut().unwrap() {
        if let Some(id) = block.get_mut("id") {
            assert!(id.as_str().unwrap().starts_with("toolu_"), "{id}");
            *id = json!("toolu");
        }
    }
    answer
}

#[tokio::test]
async fn a_plain_answer() {
    let engine = Scripted::new([Script::text("Hi")]);
    let gateway = Gateway::new(engine.clone(), Options::default());
    let request = asking(
        json!("Hello"),
        json!({
            "system": [{"type": "text", "text": "Be brief.", "cache_control": {"type": "ephemeral"}},
                {"type": "text", "text": "Be kind."}],
            "temperature": 0.5, "top_p": 0.9, "top_k": 5, "max_tokens": 9,
            "metadata": {"user_id": "u"}, "thinking": {"type": "enabled", "budget_tokens": 2000},
            "service_tier": "auto", "never_heard_of": 1
        }),
    );
    let reply = gateway.post_json(PATH, &request).await;
    assert_eq!(
        without_ids(&reply),
        json!({
            "id": "msg", "type": "message", "role": "assistant", "model": "org/scripted",
            "content": [{"type": "text", "text": "Hi"}],
            "stop_reason": "end_turn", "stop_sequence": null,
            "usage": {"input_tokens": 7, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0,
                "output_tokens": 2}
        })
    );
    assert_eq!(reply.header("request-id"), reply.header("x-request-id"));
    assert!(!reply.header("request-id").is_empty());
    assert_eq!(
        told(&engine),
        [
            (Role::System, "Be brief.\n\nBe kind.".to_owned()),
            (Role::User, "Hello".to_owned())
        ]
    );
    let asked = engine.asked.lock().unwrap();
    assert_eq!(asked[0].max_tokens, 9);
    let sampling = &asked[0].sampling;
    assert_eq!(
        (sampling.temperature, sampling.top_p, sampling.top_k),
        (0.5, Some(0.9), Some(5))
    );
}

#[tokio::test]
async fn the_end_of_an_answer_has_its_reason() {
    for (script, more, reason, sequence, text) in [
        (
            Script::text("abc"),
            json!({}),
            "end_turn",
            json!(null),
            "abc",
        ),
        (
            Script::text("abc"),
            json!({"max_tokens": 2}),
            "max_tokens",
            json!(null),
            "ab",
        ),
        (
            Script::text("a b c"),
            json!({"stop_sequences": ["x", " c", " b"]}),
            "stop_sequence",
            json!(" b"),
            "a",
        ),
        (
            Script::text("a b c"),
            json!({"stop_sequences": null}),
            "end_turn",
            json!(null),
            "a b c",
        ),
    ] {
        let gateway = Gateway::scripted(script);
        let request = asking(json!("x"), more);
        let answer = without_ids(&gateway.post_json(PATH, &request).await);
        assert_eq!(answer["stop_reason"], reason, "{request}");
        assert_eq!(answer["stop_sequence"], sequence, "{request}");
        assert_eq!(answer["content"][0]["text"], text, "{request}");
    }
    let gateway = Gateway::scripted(Script::text(""));
    let answer = gateway
        .post_json(PATH, &asking(json!("x"), json!({})))
        .await;
    assert_eq!(without_ids(&answer)["content"], json!([]));
}

#[tokio::test]
async fn calls_are_blocks_of_their_own() {
    let text = format!("I do.\n{CALL}\n{CALL}").replace("1}}", "0.10}}");
    let gateway = || Gateway::scripted(Script::text(&text));
    let mut request = asking(json!("x"), json!({"tools": [tool()]}));
    let reply = gateway().post_json(PATH, &request).await;
    let answer = without_ids(&reply);
    assert_eq!(answer["stop_reason"], "tool_use");
    let kinds = answer["content"].as_array().unwrap().iter();
    let kinds: Vec<_> = kinds.map(|block| &block["type"]).collect();
    assert_eq!(kinds, ["text", "tool_use", "tool_use"]);
    assert_eq!(
        answer["content"][1],
        json!({"type": "tool_use", "id": "toolu", "name": "f", "input": {"a": 0.1}})
    );
    // Numbers keep their digits.
    let body = std::str::from_utf8(&reply.body).unwrap();
    assert!(body.contains(r#""input":{"a":0.10}"#), "{body}");
    // A call that is cut off has no arguments that could be told.
    request["max_tokens"] = json!(text.len() - 20);
    let cut = without_ids(&gateway().post_json(PATH, &request).await);
    assert_eq!(cut["stop_reason"], "max_tokens");
    assert_eq!(cut["content"].as_array().unwrap().len(), 2, "{cut}");
}

#[tokio::test]
async fn tools_are_chosen_as_asked() {
    let ask = async |choice: Value| {
        let engine = Scripted::new([Script::text(CALL)]);
        let gateway = Gateway::new(engine.clone(), Options::default());
        let more = json!({"tools": [tool()], "tool_choice": choice});
        let reply = gateway.post_json(PATH, &asking(json!("x"), more)).await;
        assert_eq!(reply.status, StatusCode::OK, "{choice} {reply:?}");
        let asked = engine.asked.lock().unwrap();
        let grammar = asked[0].grammar.clone();
        match grammar {
            Grammar::Lark(rules) => rules.to_string(),
            _ => String::new(),
        }
    };
    let free = ask(json!({"type": "auto"})).await;
    assert!(free.contains("TEXT") && free.contains("{0,"), "{free}");
    let single = ask(json!({"type": "auto", "disable_parallel_tool_use": true})).await;
    assert!(!single.contains("{0,"), "{single}");
    let any = ask(json!({"type": "any"})).await;
    assert!(!any.contains("TEXT") && any.contains("{0,"), "{any}");
    let named = ask(json!({"type": "tool", "name": "f"})).await;
    assert!(!named.contains("TEXT") && !named.contains("{0,"), "{named}");
    assert_eq!(ask(json!({"type": "none"})).await, "");
}

#[tokio::test]
async fn a_schema_holds_the_answer() {
    let schema = json!({"type": "object", "properties": {"a": {"type": "integer"}},
        "required": ["a"], "additionalProperties": false});
    let format = json!({"type": "json_schema", "schema": schema});
    for more in [
        json!({"output_config": {"format": format, "effort": "low"}}),
        json!({"output_format": format}),
    ] {
        let engine = Scripted::new([Script::text("{\"a\":7}"), Script::text("{\"a\":\"x\"}")]);
        let gateway = Gateway::new(engine.clone(), Options::default());
        let request = asking(json!("x"), more);
        let answer = without_ids(&gateway.post_json(PATH, &request).await);
        assert_eq!(answer["content"][0]["text"], "{\"a\":7}");
        let grammar = engine.asked.lock().unwrap()[0].grammar.clone();
        assert!(matches!(grammar, Grammar::JsonSchema(_)));
        let unfit = gateway.post_json(PATH, &request).await;
        assert_eq!(unfit.status, StatusCode::BAD_GATEWAY);
        assert_eq!(unfit.json()["error"]["type"], "api_error");
    }
}

fn receipts() -> Options {
    Options {
        presets: vec![("receipt", Some("invoice"), None)],
        ..Options::default()
    }
}

#[tokio::test]
async fn a_preset_reads_a_receipt() {
    let pdf = std::fs::read("tests/fixtures/receipt-05-invoice.pdf").unwrap();
    let pdf = json!({"type": "document", "title": "bill.pdf", "source": {
        "type": "base64", "media_type": "application/pdf", "data": base64(&pdf)}});
    for block in [image(), pdf] {
        let gateway = Gateway::new(
            Scripted::new([Script::text(&invoice().to_string())]),
            receipts(),
        );
        let mut request = asking(json!([block]), json!({"model": "receipt"}));
        let reply = gateway.post_json(PATH, &request).await;
        assert_eq!(reply.header("x-cache"), "miss", "{reply:?}");
        let answer = without_ids(&reply);
        assert_eq!(answer["model"], "receipt");
        let read: Value =
            serde_json::from_str(answer["content"][0]["text"].as_str().unwrap()).unwrap();
        assert_eq!(read, invoice());
        request["stream"] = json!(true);
        let events = streams::events(&gateway.post_json(PATH, &request).await);
        assert_eq!(
            events[2]["delta"]["text"], answer["content"][0]["text"],
            "{events:?}"
        );
    }
}

#[tokio::test]
async fn tokens_are_counted_without_an_answer() {
    let engine = Scripted::new([Script::text("x")]);
    let gateway = Gateway::new(engine.clone(), receipts());
    let request = json!({
        "model": "org/scripted", "tools": [tool()],
        "messages": [{"role": "user", "content": [image()]}]
    });
    let reply = gateway.post_json(COUNT, &request).await;
    assert_eq!(reply.json(), json!({"input_tokens": 7}), "{reply:?}");
    assert_eq!(engine.times_asked(), 0);
    let mut receipt = request.clone();
    receipt["model"] = json!("receipt");
    let reply = gateway.post_json(COUNT, &receipt).await;
    assert_eq!(reply.status, StatusCode::BAD_REQUEST);
    let message = reply.json()["error"]["message"].clone();
    assert!(
        message.as_str().unwrap().contains("reads receipts"),
        "{message}"
    );
}

#[tokio::test]
async fn the_key_may_be_sent_in_two_ways() {
    let options = || Options {
        keys: vec![key("till", "secret")],
        ..Options::default()
    };
    let gateway = Gateway::new(Scripted::new([Script::text("Hi")]), options());
    let body = asking(json!("x"), json!({}));
    let sent = |name: &'static str, value: &'static str| {
        let mut request = json_request(PATH, &body);
        request.headers_mut().insert(name, value.parse().unwrap());
        request
    };
    for (request, status) in [
        (sent("x-api-key", "secret"), 200),
        (sent("authorization", "Bearer secret"), 200),
        (with_key(sent("x-api-key", "any"), "secret"), 200),
        (sent("x-api-key", "wrong"), 401),
        (json_request(PATH, &body), 401),
    ] {
        let reply = gateway.send(request).await;
        assert_eq!(reply.status, status, "{reply:?}");
        if status == 401 {
            assert_eq!(reply.json()["error"]["type"], "authentication_error");
        }
    }
    let mut models = json_request("/v1/models", &json!(null));
    *models.method_mut() = axum::http::Method::GET;
    assert_eq!(gateway.send(models).await.status, 401);
}

#[tokio::test]
async fn models_are_listed_for_anthropics_clients_too() {
    let gateway = Gateway::new(Scripted::new([Script::text("x")]), receipts());
    let all = gateway.get("/v1/models").await.json();
    assert_eq!(all["has_more"], false);
    assert_eq!(all["first_id"], "org/scripted");
    assert_eq!(all["last_id"], "receipt");
    let first = &all["data"][0];
    assert_eq!(
        (&first["type"], &first["object"], &first["display_name"]),
        (&json!("model"), &json!("model"), &json!("org/scripted"))
    );
    assert_eq!(first["created_at"], "2023-11-14T22:13:20Z");
    assert_eq!(first["lifecycle"], "active");
    let ids = |list: &Value| {
        let ids = list["data"].as_array().unwrap().iter();
        ids.map(|model| model["id"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let every = ids(&all);
    assert_eq!(every, ["org/scripted", "broken", "receipt"]);
    for (query, part, has_more) in [
        ("limit=2", &every[..2], true),
        ("limit=3", &every, false),
        ("after_id=broken", &every[2..], false),
        ("limit=1&after_id=org/scripted", &every[1..2], true),
        ("before_id=receipt&limit=1", &every[1..2], true),
        ("before_id=broken", &every[..1], false),
        ("after_id=receipt", &[], false),
    ] {
        let page = gateway.get(&format!("/v1/models?{query}")).await.json();
        assert_eq!(ids(&page), part, "{query}");
        assert_eq!(page["has_more"], has_more, "{query}");
        assert_eq!(page["first_id"], json!(part.first()), "{query}");
        assert_eq!(page["last_id"], json!(part.last()), "{query}");
    }
    let wrong = gateway.get("/v1/models?limit=0").await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    let one = gateway.get("/v1/models/receipt").await.json();
    assert_eq!(one["display_name"], "receipt");
}

#[tokio::test]
async fn pictures_count_as_in_other_chats() {
    let engine = Scripted::new([Script::text("x")]);
    let gateway = Gateway::new(engine.clone(), Options::default());
    let url = json!({"type": "image", "source": {"type": "url", "url": data_uri(&png(2))}});
    let request = asking(json!([image(), url]), json!({}));
    let reply = gateway.post_json("/v1/messages?beta=true", &request).await;
    assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
    assert_eq!(pictures(&engine.asked.lock().unwrap()[0]), 2);
    let mirrored = gateway.post_json("/api/v1/messages", &request).await;
    assert_eq!(mirrored.json()["type"], "message");
}
