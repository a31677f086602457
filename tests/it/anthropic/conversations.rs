//! What a model is told of a conversation.

use axum::http::StatusCode;
use receipt_gateway::generation::Role;
use serde_json::{Value, json};

use super::{PATH, base64, image, told};
use crate::support::{Gateway, Options, Reply, Script, Scripted, data_uri, png};

async fn converse(messages: Value) -> (Reply, Vec<(Role, String)>) {
    let engine = Scripted::new([Script::text("x")]);
    let gateway = Gateway::new(engine.clone(), Options::default());
    let request = json!({"model": "org/scripted", "max_tokens": 9, "messages": messages});
    let reply = gateway.post_json(PATH, &request).await;
    let told = if engine.times_asked() > 0 {
        told(&engine)
    } else {
        Vec::new()
    };
    (reply, told)
}

/// What the model is told by the user with that content.
async fn of_user(content: Value) -> String {
    let (reply, mut told) = converse(json!([{"role": "user", "content": content}])).await;
    assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
    told.pop().unwrap().1
}

fn text(text: &str) -> Value {
    json!({"type": "text", "text": text})
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "it is called with fresh values"
)]
fn call(id: &str, input: Value) -> Value {
    json!({"type": "tool_use", "id": id, "name": "f", "input": input})
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "it is called with fresh values"
)]
fn document(source: Value, more: Value) -> Value {
    let mut document = json!({"type": "document", "source": source});
    if let Value::Object(more) = more {
        document.as_object_mut().unwrap().extend(more);
    }
    document
}

#[tokio::test]
async fn calls_and_results_in_the_order_of_the_calls() {
    let (reply, told) = converse(json!([
        {"role": "user", "content": "Add them."},
        {"role": "assistant", "content": [
            {"type": "thinking", "thinking": "Hm.", "signature": "s"},
            {"type": "redacted_thinking", "data": "d"},
            text("I add."),
            call("one", json!({"b": 1, "a": 2})),
            {"type": "tool_use", "id": "two", "name": "g", "input": {}, "caller": {"type": "direct"}}
        ]},
        {"role": "user", "content": [
            {"type": "tool_result", "tool_use_id": "two", "content": [text("two"), image()], "is_error": false},
            {"type": "tool_result", "tool_use_id": "one", "content": "one", "is_error": true,
             "cache_control": {"type": "ephemeral", "ttl": "1h"}},
            text("So?")
        ]},
        {"role": "assistant", "content": [{"type": "thinking", "thinking": "Hm.", "signature": "s"}]},
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Well?"}
    ]))
    .await;
    assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
    let call = |name: &str, arguments: &str| {
        format!("<tool_call>\n{{\"name\": \"{name}\", \"arguments\": {arguments}}}\n</tool_call>")
    };
    let calls = [call("f", r#"{"b":1,"a":2}"#), call("g", "{}")].join("\n");
    let expected = [
        (Role::User, "Add them.".to_owned()),
        (Role::Assistant, format!("I add.\n{calls}")),
        (
            Role::User,
            "<tool_response>\nThe call failed.\none\n</tool_response>\n\
             <tool_response>\ntwo<picture>\n</tool_response>"
                .to_owned(),
        ),
        (Role::User, "So?".to_owned()),
        (Role::System, "Be brief.".to_owned()),
        (Role::User, "Well?".to_owned()),
    ];
    assert_eq!(told, expected);
}

#[tokio::test]
async fn a_result_may_be_empty() {
    let (reply, told) = converse(json!([
        {"role": "user", "content": "x"},
        {"role": "assistant", "content": [call("one", json!({}))]},
        {"role": "assistant", "content": [call("two", json!({}))]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "one"}]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "two", "content": "2"}]}
    ]))
    .await;
    assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
    let last = &told.last().unwrap().1;
    assert_eq!(
        last,
        "<tool_response>\n\n</tool_response>\n<tool_response>\n2\n</tool_response>"
    );
}

#[tokio::test]
async fn documents_stand_apart() {
    let plain = json!({"type": "text", "media_type": "text/plain", "data": "Milk 2.50"});
    for (content, expected) in [
        (json!([document(plain.clone(), json!({}))]), "Milk 2.50"),
        (
            json!([
                text("See:"),
                document(plain.clone(), json!({})),
                text("What is it?")
            ]),
            "See:\n\nMilk 2.50\n\nWhat is it?",
        ),
        (
            json!([
                document(
                    plain.clone(),
                    json!({"title": "A bill", "context": "Of May."})
                ),
                document(
                    plain,
                    json!({"title": null, "citations": {"enabled": true}})
                ),
                text("Sum?")
            ]),
            "A bill\nOf May.\n\nMilk 2.50\n\nMilk 2.50\n\nSum?",
        ),
        (
            json!([document(
                json!({"type": "content", "content": [text("Milk"), image(), text("Bread")]}),
                json!({"title": "A bill"})
            )]),
            "A bill\n\nMilk<picture>\n\nBread",
        ),
        (
            json!([document(
                json!({"type": "content", "content": "Milk"}),
                json!({})
            )]),
            "Milk",
        ),
        (
            json!([{"type": "search_result", "title": "Prices", "source": "https://a.example/",
                "content": [text("Milk 2.50")]}, text("Sum?")]),
            "Prices\nhttps://a.example/\n\nMilk 2.50\n\nSum?",
        ),
    ] {
        assert_eq!(of_user(content.clone()).await, expected, "{content}");
    }
}

#[tokio::test]
async fn pdfs_are_shown_page_by_page() {
    let two = std::fs::read("tests/fixtures/two-pages.pdf").unwrap();
    let source = json!({"type": "base64", "media_type": "application/pdf", "data": base64(&two)});
    let content = json!([document(source, json!({"title": "bill.pdf"})), text("Sum?")]);
    assert_eq!(of_user(content).await, "bill.pdf<picture><picture>Sum?");
    let source = json!({"type": "url", "url": data_uri(&png(1))});
    let content = json!([document(source, json!({}))]);
    assert_eq!(of_user(content).await, "<picture>");
}
