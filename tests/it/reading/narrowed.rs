//! What one model is held to, where that is less than the schema; and what room its answer has.

use std::{collections::HashMap, path::Path};

use axum::http::StatusCode;
use receipt_gateway::{
    generation::Grammar,
    receipt::{Currency, Narrowing, ReceiptSchema},
};
use serde_json::{Value, json};

use super::{asks, sound};
use crate::support::{Gateway, Options, Script, Scripted};

fn narrowed(empty_fields: &[&str], max_items: usize) -> Options {
    let path = Path::new("schemas/invoice.schema.json");
    let schema = ReceiptSchema::load(path, &Currency::Fixed("IDR".into()).into()).unwrap();
    let by = Narrowing {
        empty_fields: empty_fields.iter().map(|name| (*name).to_owned()).collect(),
        max_items: Some(max_items),
    };
    Options {
        narrowed: HashMap::from([("invoice".into(), schema.narrowed(&by).unwrap())]),
        ..Options::default()
    }
}

fn prepaid() -> Value {
    let mut invoice = sound();
    invoice["prepaid"] = json!(5);
    invoice["total_due"] = json!(5);
    invoice
}

#[tokio::test]
async fn a_model_leaves_fields_empty_that_it_was_not_taught() {
    let mut written = sound();
    for name in ["taxes", "prepaid"] {
        written.as_object_mut().unwrap().shift_remove(name);
    }
    let answers = [&written, &prepaid()].map(|answer| Script::text(&answer.to_string()));
    let engine = Scripted::new(answers);
    let gateway = Gateway::new(engine.clone(), narrowed(&["taxes", "prepaid"], 50));
    let reply = gateway.send(asks("/extract")).await;
    assert_eq!((reply.status, reply.json()), (StatusCode::OK, sound()));
    assert_eq!(reply.header("x-checks"), "ok");
    let asked = engine.asked.lock().unwrap().remove(0);
    let Grammar::JsonSchema(schema) = asked.grammar else {
        panic!("no schema");
    };
    assert_eq!(schema["properties"].get("taxes"), None);
    assert_eq!(schema["properties"].get("prepaid"), None);
    assert!(schema["properties"]["rounding"].is_object());
    assert_eq!(schema["properties"]["items"]["maxItems"], 50);
    // An engine that does not keep to it gives no invoice.
    let mut again = asks("/extract");
    again
        .headers_mut()
        .insert("cache-control", "no-cache".parse().unwrap());
    let reply = gateway.send(again).await;
    assert_eq!(reply.status, StatusCode::BAD_GATEWAY, "{reply:?}");
    assert_eq!(reply.json()["code"], "invalid_answer");
}

#[tokio::test]
async fn other_models_may_write_all_of_the_schema() {
    let gateway = Gateway::scripted(Script::text(&prepaid().to_string()));
    let reply = gateway.send(asks("/extract")).await;
    assert_eq!((reply.status, reply.json()), (StatusCode::OK, prepaid()));
    assert_eq!(reply.header("x-checks"), "ok");
}

#[tokio::test]
async fn a_list_that_may_go_on_is_told() {
    let mut invoice = sound();
    let item = json!({
        "description": "Kopi", "details": [], "quantity": 1, "unit_price": 6, "total": 6,
        "currency": "IDR", "category": "FOOD"
    });
    invoice["items"] = json!([item]);
    let answer = invoice.to_string();
    let cut = Gateway::new(Scripted::new([Script::text(&answer)]), narrowed(&[], 1));
    let reply = cut.send(asks("/extract")).await;
    let failed = reply.header("x-checks");
    assert!(failed.contains("items_are_complete"), "{failed}");
    let free = Gateway::scripted(Script::text(&answer));
    let reply = free.send(asks("/extract")).await;
    assert_eq!(reply.header("x-checks"), "items_make_subtotal");
}

#[tokio::test]
async fn an_answer_has_the_room_that_the_pictures_leave() {
    let engine = Scripted::new([Script::text(&sound().to_string())]);
    let gateway = Gateway::new(engine.clone(), Options::default());
    let reply = gateway.send(asks("/extract")).await;
    assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
    let longest = ReceiptSchema::load(
        Path::new("schemas/invoice.schema.json"),
        &Currency::Fixed("IDR".into()).into(),
    );
    let asked = engine.asked.lock().unwrap().remove(0);
    // 200 of the longest items would not fit the engine's 100,000 tokens.
    assert!(longest.unwrap().max_tokens() > 100_000);
    assert!(
        (90_000..100_000).contains(&asked.max_tokens),
        "{}",
        asked.max_tokens
    );
}
