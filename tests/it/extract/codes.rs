//! Codes on the paper: what they state, and what becomes of an answer that says otherwise.

use std::sync::Arc;

use axum::http::StatusCode;
use receipt_gateway::codes::CodeLimits;
use serde_json::{Value, json};

use crate::support::{Gateway, Options, Script, Scripted, form, invoice, png};

fn picture(name: &str) -> Vec<u8> {
    std::fs::read(format!("tests/fixtures/codes/{name}.png")).unwrap()
}

/// The invoice that the model answers with, with these values instead.
fn with(values: &[(&str, Value)]) -> Value {
    let mut answer = invoice();
    for (name, value) in values {
        answer[*name] = value.clone();
    }
    answer
}

fn seeking() -> Options {
    Options {
        codes: Some(CodeLimits::default()),
        ..Options::default()
    }
}

fn gateway(answer: &Value, options: Options) -> (Gateway, Arc<Scripted>) {
    let engine = Scripted::new([Script::text(&answer.to_string())]);
    (Gateway::new(engine.clone(), options), engine)
}

async fn read(gateway: &Gateway, file: &[u8]) -> (Value, Value) {
    let reply = gateway
        .send(form("/extract?include=meta", &[("a", file)]))
        .await;
    assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
    let mut body = reply.json();
    (body["invoice"].take(), body["meta"].take())
}

fn check<'a>(meta: &'a Value, name: &str) -> &'a Value {
    let checks = meta["checks"].as_array().unwrap();
    let found = checks.iter().find(|check| check["name"] == name);
    found.map_or(&Value::Null, |check| &check["passed"])
}

#[tokio::test]
async fn a_code_is_told_with_its_place() {
    let (gateway, _) = gateway(&invoice(), seeking());
    let (_, meta) = read(&gateway, &picture("epc")).await;
    let code = &meta["codes"][0];
    assert_eq!((&code["kind"], &code["page"]), (&json!("epc"), &json!(1)));
    let sides: Vec<f64> = serde_json::from_value(code["box"].clone()).unwrap();
    assert!(
        sides.iter().all(|side| (0.0..=1.0).contains(side)),
        "{sides:?}"
    );
    assert!(sides[2] > 0.05 && sides[3] > 0.02, "{sides:?}");
    assert!(code["fields"].as_object().unwrap().len() > 2, "{code}");
    let (_, meta) = read(&gateway, &png(1)).await;
    assert_eq!(meta["codes"], json!([]));
}

#[tokio::test]
async fn a_value_that_the_model_left_out_is_taken_from_the_code() {
    let truth: Value =
        serde_json::from_slice(&std::fs::read("tests/fixtures/codes/epc.json").unwrap()).unwrap();
    let total = truth[0]["facts"]["total"].clone();
    let answer = with(&[("total_due", Value::Null)]);
    let (gateway, _) = gateway(&answer, seeking());
    let (read_as, meta) = read(&gateway, &picture("epc")).await;
    assert_eq!(
        read_as["total_due"].to_string(),
        total
            .as_str()
            .unwrap()
            .trim_end_matches('0')
            .trim_end_matches('.')
    );
    let field = &meta["fields"]["/total_due"];
    assert_eq!(field["confidence"], 1.0);
    assert_eq!(field["evidence"][0]["source"], "code");
    assert_eq!(field["evidence"][0]["box"], meta["codes"][0]["box"]);
    assert_eq!(*check(&meta, "total_matches_code"), true);
}

#[tokio::test]
async fn a_value_that_differs_stands_and_fails_a_check() {
    let answer = with(&[("total_due", json!(1.5))]);
    let (gateway, _) = gateway(&answer, seeking());
    let (read_as, meta) = read(&gateway, &picture("epc")).await;
    assert_eq!(read_as["total_due"], 1.5);
    assert_eq!(*check(&meta, "total_matches_code"), false);
}

#[tokio::test]
async fn codes_can_be_left_alone() {
    let answer = with(&[("total_due", Value::Null)]);
    let (gateway, _) = gateway(&answer, Options::default());
    let (read_as, meta) = read(&gateway, &picture("epc")).await;
    assert_eq!(read_as, answer);
    assert_eq!(meta["codes"], json!([]));
    assert_eq!(*check(&meta, "total_matches_code"), Value::Null);
}
