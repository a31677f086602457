//! Items that are read a second time, row by row, and figures of items that are put right.

use serde_json::{Value, json};

use super::asks;
use crate::support::{Gateway, Options, Script, Scripted, invoice, printed};

const LINES: [&str; 6] = [
    "Toko Kopi",
    "KOPI SUSU 10.000",
    "ROTI BAKAR",
    "3 x 2.500 7.500",
    "TOTAL 17.500",
    "TUNAI 20.000",
];

fn item(name: &str, quantity: u32, unit_price: u32, total: u32) -> Value {
    json!({
        "description": name, "details": [], "quantity": quantity, "unit_price": unit_price,
        "total": total, "category": "FOOD", "currency": "IDR"
    })
}

fn answer(items: &[Value]) -> Value {
    let mut invoice = invoice();
    invoice["vendor_name"] = json!("Toko Kopi");
    invoice["invoice_date"] = json!(null);
    invoice["items"] = json!(items);
    invoice["subtotal"] = json!(17_500);
    invoice["total_due"] = json!(17_500);
    invoice
}

/// The whole list.
fn whole() -> Value {
    answer(&[
        item("KOPI SUSU", 1, 10_000, 10_000),
        item("ROTI BAKAR", 3, 2500, 7500),
    ])
}

/// Reads the page where the model writes these answers, the last one again; returns the body and how often it was asked.
async fn read(answers: &[&Value], path: &str) -> (Value, usize) {
    let scripts = answers
        .iter()
        .map(|answer| Script::text(&answer.to_string()));
    let engine = Scripted::new(scripts.collect::<Vec<_>>());
    let options = Options {
        page_text: vec![Ok(printed(&LINES))],
        ..Options::default()
    };
    let reply = Gateway::new(engine.clone(), options).send(asks(path)).await;
    assert_eq!(reply.status, 200, "{}", reply.json());
    (reply.json(), engine.times_asked())
}

#[tokio::test]
async fn items_that_do_not_add_up_are_read_by_their_rows() {
    let part = answer(&[item("KOPI SUSU", 1, 10_000, 10_000)]);
    let (body, asked) = read(&[&part, &whole()], "/extract?include=meta").await;
    assert_eq!(body["invoice"], whole());
    assert_eq!(body["meta"]["items_by_rows"], json!(true));
    assert_eq!(asked, 2);
    // A list that does not add up either does not take its place.
    let other = answer(&[item("ROTI BAKAR", 3, 2500, 7500)]);
    let (body, asked) = read(&[&part, &other], "/extract?include=meta").await;
    assert_eq!(body["invoice"], part);
    assert_eq!(body["meta"]["items_by_rows"], json!(false));
    assert_eq!(asked, 2);
}

#[tokio::test]
async fn items_that_are_not_what_stands_in_their_rows_are_read_by_these() {
    // They add up, but the second name stands beside the total.
    let astray = answer(&[
        item("KOPI SUSU", 1, 10_000, 10_000),
        item("TOTAL", 3, 2500, 7500),
    ]);
    let (body, asked) = read(&[&astray, &whole()], "/extract?include=meta").await;
    assert_eq!(body["invoice"], whole());
    assert_eq!(body["meta"]["items_by_rows"], json!(true));
    assert_eq!(asked, 2);
    // A second answer with another total does not take its place.
    let mut other = whole();
    other["total_due"] = json!(20_000);
    let (body, _) = read(&[&astray, &other], "/extract?include=meta").await;
    assert_eq!(body["invoice"], astray);
    assert_eq!(body["meta"]["items_by_rows"], json!(false));
}

#[tokio::test]
async fn a_tax_among_the_items_has_them_read_by_their_rows() {
    let mut taxed = answer(&[
        item("KOPI SUSU", 1, 10_000, 10_000),
        item("ROTI BAKAR", 3, 2500, 7500),
        item("TOTAL", 1, 1750, 1750),
    ]);
    taxed["tax_amount"] = json!(1750);
    taxed["total_due"] = json!(19_250);
    taxed["subtotal"] = json!(19_250);
    let mut right = whole();
    right["tax_amount"] = json!(1750);
    right["total_due"] = json!(19_250);
    let (body, asked) = read(&[&taxed, &right], "/extract?include=meta").await;
    assert_eq!((&body["invoice"], asked), (&right, 2));
}

#[tokio::test]
async fn items_that_add_up_are_read_once_and_so_are_free_ones() {
    let (body, asked) = read(&[&whole()], "/extract?include=meta").await;
    assert_eq!((&body["invoice"], asked), (&whole(), 1));
    assert_eq!(body["meta"]["items_by_rows"], json!(false));
    let part = answer(&[item("KOPI SUSU", 1, 10_000, 10_000)]);
    let path = "/extract?include=meta&grounding=report";
    let (body, asked) = read(&[&part, &whole()], path).await;
    assert_eq!((&body["invoice"], asked), (&part, 1));
    // No rows make that total.
    let mut other = part;
    other["total_due"] = json!(20_000);
    other["subtotal"] = json!(20_000);
    let (body, asked) = read(&[&other, &whole()], "/extract?include=meta").await;
    assert_eq!((&body["invoice"], asked), (&other, 1));
}

#[tokio::test]
async fn prices_and_quantities_that_do_not_make_a_total_are_put_right() {
    let with = |kopi: [u32; 2], roti: [u32; 2]| {
        answer(&[
            item("KOPI SUSU", kopi[0], kopi[1], 10_000),
            item("ROTI BAKAR", roti[0], roti[1], 7500),
        ])
    };
    // A price that stands elsewhere, and a quantity that its price, printed beside it, does not fit.
    let (body, _) = read(&[&with([1, 2500], [1, 2500])], "/extract?include=meta").await;
    assert_eq!(body["invoice"], whole());
    let fields = &body["meta"]["fields"];
    assert_eq!(fields["/items/0/unit_price"]["printed"], "printed");
    assert_eq!(fields["/items/1/quantity"]["printed"], "printed");
    let checks = body["meta"]["checks"].as_array().unwrap();
    assert!(
        checks.iter().all(|check| check["passed"] == json!(true)),
        "{checks:?}"
    );
    // A model that was free is not put right.
    let free = with([1, 2500], [1, 2500]);
    let (body, _) = read(&[&free], "/extract?include=meta&grounding=report").await;
    assert_eq!(body["invoice"], free);
}
