//! Schemas that a request names or brings.

use axum::http::StatusCode;
use receipt_gateway::generation::{Generation, Grammar, Part};
use serde_json::{Value, json};

use super::asks;
use crate::support::{Gateway, Options, Script, Scripted, data_uri, form, json_request, png};

#[tokio::test]
async fn other_schemas_are_named_or_sent() {
    let brief = json!({"merchant": "Toko", "date": null, "total": 5, "currency": "IDR"});
    let engine = Scripted::new([Script::text(&brief.to_string())]);
    let gateway = Gateway::new(engine.clone(), Options::default());
    let reply = gateway.send(asks("/extract?schema=receipt-brief")).await;
    assert_eq!(
        (reply.status, reply.json()),
        (StatusCode::OK, brief.clone())
    );
    assert_eq!(reply.header("x-checks"), "none");

    let body = json!({"image_url": data_uri(&png(1)), "schema": "receipt-brief"});
    let reply = gateway.send(json_request("/extract", &body)).await;
    assert_eq!(reply.header("x-cache"), "hit");

    let schema =
        json!({"type": "object", "additionalProperties": {"type": ["string", "number", "null"]}});
    let mut sent = schema.clone();
    sent["x-guidance"] = json!({"lenient": true});
    let body = json!({"image_url": data_uri(&png(1)), "schema": sent});
    let reply = gateway
        .send(json_request("/extract?include=meta", &body))
        .await;
    assert_eq!(reply.json()["invoice"], brief, "{reply:?}");
    assert_eq!(reply.json()["meta"]["schema"], "inline");
    let asked = engine.asked.lock().unwrap();
    let Some(Part::Text(prompt)) = asked[1].messages()[0].parts.first() else {
        panic!("no text");
    };
    assert_eq!(*prompt, format!("By the schema: {schema}"));
    let Grammar::JsonSchema(grammar) = &asked[1].grammar else {
        panic!("no schema");
    };
    assert_eq!(grammar["x-guidance"], json!({"whitespace_flexible": false}));
}

/// A model that fills in templates is told every schema as one, with the pictures where its prompt has them.
#[tokio::test]
async fn a_prompt_of_all_schemas_holds_a_template_and_the_pictures() {
    let brief = json!({"merchant": "Toko", "date": null, "total": 5, "currency": "IDR"});
    let engine = Scripted::new([
        Script::text(&brief.to_string()),
        Script::text(r#"{"{pictures}":"a"}"#),
    ]);
    let options = Options {
        own_prompt: Some("# Template:\n{template}\n# Context:\n{pictures}"),
        takes_instructions: false,
        pictures_first: true,
        ..Options::default()
    };
    let gateway = Gateway::new(engine.clone(), options);
    let two = [("a.png", &png(1)[..]), ("b.png", &png(2)[..])];
    let reply = gateway
        .send(form("/extract?schema=receipt-brief", &two))
        .await;
    assert_eq!(reply.status, 200, "{reply:?}");
    let schema = json!({
        "type": "object",
        "additionalProperties": false,
        "properties": {"{pictures}": {"enum": ["a", "{template}"]}},
        "required": ["{pictures}"],
    });
    let body = json!({"image_url": data_uri(&png(1)), "schema": schema});
    let reply = gateway.send(json_request("/extract", &body)).await;
    assert_eq!(reply.status, 200, "{reply:?}");

    let shown: Vec<_> = engine.asked.lock().unwrap().iter().map(shown).collect();
    let brief = r#"# Template:
{
  "merchant": "verbatim-string",
  "date": "date-time",
  "total": "number",
  "currency": "string"
}
# Context:
<picture><picture>"#;
    // What a schema of a request says has no meaning in the prompt.
    let sent = r#"# Template:
{
  "{pictures}": [
    "a",
    "{template}"
  ]
}
# Context:
<picture>"#;
    assert_eq!(shown, [brief, sent]);
}

/// What the only message says and shows.
fn shown(asked: &Generation) -> String {
    let [message] = asked.messages() else {
        panic!("one message")
    };
    let parts = message.parts.iter().map(|part| match part {
        Part::Text(text) => text.as_str(),
        Part::Picture(_) => "<picture>",
    });
    parts.collect()
}

#[tokio::test]
async fn schemas_that_cannot_be_used_are_refused() {
    let gateway = Gateway::scripted(Script::text("{}"));
    let with = |schema: Value| {
        json_request(
            "/extract",
            &json!({"image_url": data_uri(&png(1)), "schema": schema}),
        )
    };
    for (request, status, code) in [
        (asks("/extract?schema=nothing"), 404, "schema_not_found"),
        (with(json!("nothing")), 404, "schema_not_found"),
        (with(json!(5)), 400, "invalid_schema"),
        (with(json!(true)), 400, "invalid_schema"),
        (
            with(json!({"type": "array", "items": {"$ref": "#"}, "maxItems": 2})),
            400,
            "invalid_schema",
        ),
        (with(json!({"type": 5})), 400, "invalid_schema"),
        (
            with(json!({"type": "array", "uniqueItems": true})),
            400,
            "invalid_schema",
        ),
        (
            with(json!({"type": "string", "description": "x".repeat(1000)})),
            400,
            "invalid_schema",
        ),
        (asks("/extract?include=everything"), 400, "invalid_query"),
    ] {
        let reply = gateway.send(request).await;
        assert_eq!(reply.status, status, "{reply:?}");
        assert_eq!(reply.json()["code"], code, "{reply:?}");
    }
    let listed = gateway.get("/schemas").await.json();
    assert_eq!(listed["default"], "invoice");
    assert_eq!(listed["schemas"][1]["name"], "receipt-brief");
    assert_eq!(listed["schemas"][0]["schema"]["title"], "Invoice");
}

#[tokio::test]
async fn schemas_are_listed_for_validators() {
    let gateway = Gateway::scripted(Script::text("{}"));
    let listed = gateway.get("/schemas").await.json();
    for listed in listed["schemas"].as_array().unwrap() {
        let text = listed["schema"].to_string();
        assert!(
            !text.contains("multipleOf") && !text.contains("x-guidance"),
            "{text}"
        );
        assert!(jsonschema::meta::is_valid(&listed["schema"]));
    }
    // What a file states may be wider than what a model may write, and in any currency.
    let invoice = &listed["schemas"][0]["schema"];
    assert_eq!(invoice["$defs"]["currency"]["pattern"], "^[A-Z]{3}$");
    let text = &invoice["$defs"]["text"];
    assert_eq!(
        (&text["maxLength"], text.get("pattern")),
        (&json!(1000), None)
    );
}

#[tokio::test]
async fn an_answer_that_passes_the_bound_of_a_sent_schema_is_an_error() {
    let long = json!({"a": "x".repeat(100)}).to_string();
    let gateway = Gateway::scripted(Script::text(&long));
    let schema = json!({"type": "object", "additionalProperties": {"type": "string"}});
    let body = json!({"image_url": data_uri(&png(1)), "schema": schema});
    let reply = gateway.send(json_request("/extract", &body)).await;
    assert_eq!(reply.status, StatusCode::BAD_GATEWAY, "{reply:?}");
    assert_eq!(reply.json()["code"], "invalid_answer");
}
