//! A strict schema is never broken: what a model wrote is judged by what is written, whatever the grammar
//! let it write, and what no grammar holds is refused by name.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::with;
use crate::support::{Gateway, Script, data_uri, json_request, png};

fn number(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// A closed object with one property.
#[expect(
    clippy::needless_pass_by_value,
    reason = "schemas are written where they are used"
)]
fn of(name: &str, schema: Value) -> Value {
    json!({"type": "object", "properties": {name: schema}, "required": [name],
        "additionalProperties": false})
}

fn format(schema: &Value, strict: Option<bool>) -> Value {
    let mut format = json!({"name": "a", "schema": schema});
    if let Some(strict) = strict {
        format["strict"] = json!(strict);
    }
    json!({"type": "json_schema", "json_schema": format})
}

/// Answers, the schema they were asked for by, and whether they fit.
fn answers() -> Vec<(Value, &'static str, bool)> {
    let rate = of(
        "rate",
        json!({"type": "number", "exclusiveMinimum": 0, "maximum": 0.5}),
    );
    let step = of(
        "a",
        json!({"type": "number", "multipleOf": 0.1, "maximum": 3}),
    );
    let whole = of("n", json!({"type": "integer"}));
    let map = json!({"type": "object", "properties": {"id": {"type": "integer"}},
        "additionalProperties": {"type": ["integer", "string"]}});
    let day = of("day", json!({"type": "string", "format": "date"}));
    let either = of(
        "v",
        json!({"anyOf": [{"type": "integer", "maximum": 3}, {"const": "x"}]}),
    );
    vec![
        (rate.clone(), r#"{"rate":0.5}"#, true),
        (rate.clone(), r#"{"rate":0}"#, false),
        (rate.clone(), r#"{"rate":-0.0}"#, false),
        (rate.clone(), r#"{"rate":0.50000000000000001}"#, false),
        (rate, r#"{"rate":1e-400}"#, true),
        (step.clone(), r#"{"a":0.3}"#, true),
        (step.clone(), r#"{"a":0.30000000000000001}"#, false),
        (step, r#"{"a":0.30000000000000004}"#, false),
        (whole.clone(), r#"{"n":1.0}"#, true),
        (whole.clone(), r#"{"n":-0}"#, true),
        (whole.clone(), r#"{"n":9007199254740993}"#, true),
        (whole.clone(), r#"{"n":1e400}"#, true),
        (whole.clone(), r#"{"n":1e-400}"#, false),
        (whole.clone(), r#"{"n":1,"n":1}"#, false),
        (whole, r#"{"n":1,"\u006e":1}"#, false),
        (map.clone(), r#"{"id":1,"x":"y"}"#, true),
        (map.clone(), r#"{"\u0069d":"seven"}"#, false),
        (map, r#"{"x":1,"x":2}"#, false),
        (day.clone(), r#"{"day":"2024-02-29"}"#, true),
        (day, r#"{"day":"2023-02-29"}"#, false),
        (either.clone(), r#"{"v":3.0}"#, true),
        (either, r#"{"v":3.0000000000000001}"#, false),
    ]
}

#[tokio::test]
async fn an_answer_that_does_not_fit_is_an_error_in_every_form() {
    for (schema, text, fits) in answers() {
        let gateway = Gateway::scripted(Script::text(text));
        let place = format!("{schema} {text}");
        for strict in [Some(true), None] {
            let request = with("response_format", format(&schema, strict));
            let reply = gateway.chat(request.clone()).await;
            if fits {
                let said = &reply.json()["choices"][0]["message"]["content"];
                assert_eq!(
                    (reply.status, said),
                    (StatusCode::OK, &json!(text)),
                    "{place}"
                );
            } else {
                assert_eq!(reply.status, StatusCode::BAD_GATEWAY, "{place}");
                assert_eq!(reply.json()["error"]["code"], "invalid_answer", "{place}");
            }
            let mut streamed = request;
            streamed["stream"] = json!(true);
            let events = gateway.chat(streamed).await.events();
            let breaks = events.iter().any(|event| event.starts_with("{\"error\":{"));
            let stops = events
                .iter()
                .any(|event| event.contains("\"finish_reason\":\"stop\""));
            assert_eq!((breaks, stops), (!fits, fits), "{place} {events:?}");
        }

        let mut format = format(&schema, Some(true))["json_schema"].clone();
        format["type"] = json!("json_schema");
        let mut request = json!({"input": "x", "text": {"format": format}});
        let reply = gateway.post_json("/v1/responses", &request).await;
        assert_eq!(reply.status == StatusCode::OK, fits, "{place}");
        request["stream"] = json!(true);
        let reply = gateway.post_json("/v1/responses", &request).await;
        let events = std::str::from_utf8(&reply.body).unwrap();
        let last = if fits {
            "response.completed"
        } else {
            "response.failed"
        };
        assert!(events.contains(last), "{place} {events}");
    }
}

#[tokio::test]
async fn arguments_of_strict_functions_are_held_too() {
    for (schema, text, fits) in answers() {
        let call = format!("<tool_call>\n{{\"name\": \"f\", \"arguments\": {text}}}\n</tool_call>");
        let gateway = Gateway::scripted(Script::text(&call));
        let function = json!({"name": "f", "parameters": schema, "strict": true});
        let mut request = with("tools", json!([{"type": "function", "function": function}]));
        request["max_tokens"] = json!(500);
        let reply = gateway.chat(request.clone()).await;
        assert_eq!(reply.status == StatusCode::OK, fits, "{text} {reply:?}");
        request["stream"] = json!(true);
        let events = gateway.chat(request).await.events();
        let breaks = events.iter().any(|event| event.starts_with("{\"error\":{"));
        assert_eq!(breaks, !fits, "{text} {events:?}");
    }
}

#[tokio::test]
async fn a_receipt_keeps_every_number_or_is_none() {
    for (schema, text, fits) in answers() {
        let gateway = Gateway::scripted(Script::text(text));
        let body = json!({"image_url": data_uri(&png(1)), "schema": schema});
        let reply = gateway.send(json_request("/extract", &body)).await;
        // What a double does not hold would go out as another number.
        let keeps = !text.contains("400");
        assert_eq!(
            reply.status == StatusCode::OK,
            fits && keeps,
            "{text} {reply:?}"
        );
    }
    let sum = of("sum", json!({"type": "number"}));
    let body = json!({"image_url": data_uri(&png(1)), "schema": sum});
    for (text, status) in [
        (
            r#"{"sum":12345678901234567890123}"#,
            StatusCode::BAD_GATEWAY,
        ),
        (r#"{"sum":0.12345678901234567890}"#, StatusCode::BAD_GATEWAY),
        (r#"{"sum":9007199254740993}"#, StatusCode::OK),
    ] {
        let gateway = Gateway::scripted(Script::text(text));
        let reply = gateway.send(json_request("/extract", &body)).await;
        assert_eq!(reply.status, status, "{text} {reply:?}");
        if status == StatusCode::OK {
            assert_eq!(reply.body, text);
        }
    }
}

#[tokio::test]
async fn what_cannot_be_held_is_refused_by_keyword_and_place() {
    let narrow = json!({"type": "number", "exclusiveMinimum": 0, "maximum": 1e-20});
    let nothing = json!({"type": "integer", "const": 5, "maximum": 3});
    let gateway = Gateway::scripted(Script::text("{}"));
    for (schema, named) in [
        (
            json!({"const": number("20240115123456789")}),
            "/properties/x/const",
        ),
        (
            json!({"enum": [1, number("20240115123456789")]}),
            "/properties/x/enum",
        ),
        (
            json!({"type": "integer", "minimum": number("9999999999999999")}),
            "/properties/x/minimum",
        ),
        (
            json!({"type": "number", "maximum": number("-1e17")}),
            "/properties/x/maximum",
        ),
        (
            json!({"type": "integer", "multipleOf": number("9007199254740993")}),
            "/properties/x/multipleOf",
        ),
        (
            json!({"type": "integer", "multipleOf": 1_000_000_007}),
            "/properties/x/multipleOf",
        ),
        (narrow, "/properties/x/exclusiveMinimum"),
        (
            json!({"type": "string", "pattern": "^[[:alpha:]]+$"}),
            "/properties/x/pattern",
        ),
        (
            json!({"type": "string", "pattern": "^(?!0)\\d+$"}),
            "/properties/x/pattern",
        ),
        (
            json!({"type": "string", "pattern": "\\bx\\b"}),
            "/properties/x/pattern",
        ),
        (
            json!({"type": "string", "pattern": "(a)\\1"}),
            "/properties/x/pattern",
        ),
        (
            json!({"type": "array", "uniqueItems": true}),
            "/properties/x/uniqueItems",
        ),
        (json!({"not": {"type": "string"}}), "/properties/x/not"),
        (json!({"enum": []}), "/properties/x/enum"),
        (nothing, "/properties/x/const"),
        (
            json!({"type": "string", "minLength": 3, "maxLength": 2}),
            "minLength",
        ),
        (
            json!({"type": "object", "required": ["a"], "additionalProperties": false}),
            "'a' is unsatisfiable",
        ),
        (
            json!({"type": "string", "pattern": "^a$", "minLength": 3}),
            "pattern",
        ),
        (json!({"type": "string", "const": 5}), "/properties/x/const"),
        (json!({"$ref": "#"}), "/properties/x/$ref"),
        (
            json!({"type": "number", "multipleOf": 0.1, "minimum": 0.31, "maximum": 0.39}),
            "/properties/x/",
        ),
    ] {
        let request = with(
            "response_format",
            format(&of("x", schema.clone()), Some(true)),
        );
        let reply = gateway.chat(request).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{schema}");
        let error = &reply.json()["error"];
        assert_eq!(error["param"], "response_format.json_schema.schema");
        assert!(
            error["message"].as_str().unwrap().contains(named),
            "{schema} {error}"
        );
    }
}

#[tokio::test]
async fn what_asks_for_nothing_or_can_be_held_is_no_hindrance() {
    let unique = json!({"type": "array", "items": {"type": "string", "maxLength": 2},
        "maxItems": 2, "uniqueItems": false});
    let dead_end = json!({"type": "number", "multipleOf": 0.1, "minimum": 0.05, "maximum": 0.15});
    for (schema, text) in [
        (of("a", unique), r#"{"a":["x","x"]}"#),
        (of("a", dead_end), r#"{"a":0.1}"#),
        (
            of("a", json!({"type": "string", "pattern": "^[a&&b]$"})),
            r#"{"a":"&"}"#,
        ),
    ] {
        let gateway = Gateway::scripted(Script::text(text));
        let reply = gateway
            .chat(with("response_format", format(&schema, Some(true))))
            .await;
        assert_eq!(
            reply.json()["choices"][0]["message"]["content"],
            text,
            "{schema}"
        );
    }
}

#[tokio::test]
async fn without_strictness_the_finished_answer_is_checked() {
    let date = json!({"type": "string", "pattern": "^(?!0000)\\d{4}-\\d{2}-\\d{2}$"});
    let schema = of("date", date);
    let big = of("id", json!({"const": number("20240115123456789")}));
    for (schema, text, status) in [
        (&schema, r#"{"date":"2024-01-15"}"#, StatusCode::OK),
        (&schema, r#"{"date":"0000-01-15"}"#, StatusCode::BAD_GATEWAY),
        (
            &schema,
            r#"{"date":"2024-01-15","date":"2024-01-15"}"#,
            StatusCode::BAD_GATEWAY,
        ),
        (&big, r#"{"id":20240115123456789}"#, StatusCode::OK),
        (&big, r#"{"id":20240115123456788}"#, StatusCode::BAD_GATEWAY),
    ] {
        let gateway = Gateway::scripted(Script::text(text));
        let reply = gateway
            .chat(with("response_format", format(schema, Some(false))))
            .await;
        assert_eq!(reply.status, status, "{text} {reply:?}");
    }
}

#[tokio::test]
async fn a_stop_sequence_cannot_cut_a_strict_answer_off() {
    let schema = of("a", json!({"type": "string"}));
    let mut request = with("response_format", format(&schema, Some(true)));
    request["stop"] = json!(["never", "\n\n"]);
    let gateway = Gateway::scripted(Script::text(r#"{"a":"b"}"#));
    assert_eq!(gateway.chat(request.clone()).await.status, StatusCode::OK);
    request["stop"] = json!("b");
    assert_eq!(gateway.chat(request).await.status, StatusCode::BAD_GATEWAY);
}
