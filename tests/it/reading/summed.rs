//! Subtotals that are printed nowhere.

use serde_json::{Value, json};

use super::asks;
use crate::support::{Gateway, Options, Script, Scripted, invoice, printed};

const LINES: [&str; 6] = [
    "Toko Kopi",
    "KOPI SUSU 10.000",
    "ROTI BAKAR 8.500",
    "PPN 6% 1.110",
    "TOTAL 19.610",
    "TUNAI 20.000",
];

/// The answer to the page, with that subtotal and that first item.
fn answer(subtotal: &Value, first: u32) -> Value {
    let item = |name: &str, total: u32| {
        json!({
            "description": name, "details": [], "quantity": 1, "unit_price": total, "total": total,
            "category": "FOOD", "currency": "IDR"
        })
    };
    let mut invoice = invoice();
    invoice["vendor_name"] = json!("Toko Kopi");
    invoice["invoice_date"] = json!(null);
    invoice["items"] = json!([item("KOPI SUSU", first), item("ROTI BAKAR", 8500)]);
    invoice["subtotal"] = subtotal.clone();
    invoice["tax_rate_percent"] = json!(6);
    invoice["tax_amount"] = json!(1110);
    invoice["total_due"] = json!(19_610);
    invoice
}

async fn read(written: &Value, path: &str) -> Value {
    let engine = Scripted::new([Script::text(&written.to_string())]);
    let options = Options {
        page_text: vec![Ok(printed(&LINES))],
        ..Options::default()
    };
    let reply = Gateway::new(engine, options).send(asks(path)).await;
    assert_eq!(reply.status, 200, "{}", reply.json());
    reply.json()
}

#[tokio::test]
async fn a_subtotal_is_computed_where_items_and_total_agree_on_it() {
    for written in [json!(19_610), Value::Null] {
        let body = read(&answer(&written, 10_000), "/extract?include=meta").await;
        assert_eq!(body["invoice"], answer(&json!(18_500), 10_000));
        let subtotal = &body["meta"]["fields"]["/subtotal"];
        assert_eq!(subtotal["printed"], "derived", "{subtotal}");
        let checks = body["meta"]["checks"].as_array().unwrap();
        assert!(
            checks.iter().all(|check| check["passed"] == json!(true)),
            "{checks:?}"
        );
    }
}

#[tokio::test]
async fn an_answer_stays_where_they_do_not_agree_or_the_model_was_free() {
    let other = answer(&json!(19_610), 8500);
    let body = read(&other, "/extract?include=meta").await;
    assert_eq!(body["invoice"], other);
    let free = answer(&json!(19_610), 10_000);
    let body = read(&free, "/extract?include=meta&grounding=report").await;
    assert_eq!(body["invoice"], free);
}
