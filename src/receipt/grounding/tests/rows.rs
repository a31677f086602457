//! Items that are held to the rows that make their sum.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::{
    super::{by_rows, ground},
    amount, page, schema,
};
use crate::{
    grammar::for_tests::accepts,
    page::PageText,
    receipt::{evidence::item_rows, schema::ReceiptSchema},
};

/// The schema of an invoice in short.
fn bill() -> ReceiptSchema {
    let number = |kind: &str| {
        let mut number = amount();
        number["x-printed"] = json!(kind);
        number
    };
    let text = json!({"x-printed": "text", "type": "string", "maxLength": 40});
    let item = json!({
        "type": "object", "additionalProperties": false,
        "required": ["description", "details", "quantity", "unit_price", "total"],
        "properties": {
            "description": text, "details": {"type": "array", "items": text, "maxItems": 3},
            "quantity": number("quantity"), "unit_price": number("amount"), "total": number("amount")
        }
    });
    schema(&json!({
        "items": {"type": "array", "items": item, "maxItems": 10}, "total_due": number("amount")
    }))
}

/// Returns whether answers are by the rows of a page whose items make one of `sums`; `None` if none do.
fn by_rows_of(page: &PageText, sums: &[u32]) -> Option<impl Fn(&Value) -> bool + use<>> {
    let (schema, pages) = (bill(), [Ok(page.clone())]);
    let fields = ground(&schema, &pages).unwrap().fields;
    let sums: Vec<_> = sums
        .iter()
        .map(|sum| Decimal::new((*sum).into(), 2))
        .collect();
    let grammar = by_rows(&schema, &fields, &item_rows(&pages, &sums))?;
    Some(move |items: &Value| {
        accepts(
            &grammar,
            &json!({"items": items, "total_due": 8.6}).to_string(),
        )
    })
}

fn item(description: &str, details: &[&str], figures: [&str; 3]) -> Value {
    let [quantity, unit_price, total]: [Value; 3] =
        figures.map(|figure| serde_json::from_str(figure).unwrap());
    json!({"description": description, "details": details, "quantity": quantity,
           "unit_price": unit_price, "total": total})
}

#[test]
fn items_are_the_rows_that_make_the_sum() {
    let page = page(&[
        "KEDAI KOPI MURNI",
        "JALAN 50480 KUALA LUMPUR",
        "TABLE  7.00",
        "Kopi O Ais  5.00",
        "less sugar",
        "Roti Kaya",
        "3 x 1.20  3.60 SR",
        "SUBTOTAL  8.60",
        "TOTAL  8.60",
        "CASH  10.00",
    ]);
    let may_be = by_rows_of(&page, &[860]).unwrap();
    let kopi = item("Kopi O Ais", &["less sugar"], ["1", "5", "5"]);
    let roti = item("Roti Kaya", &[], ["3", "1.2", "3.6"]);
    assert!(may_be(&json!([kopi, roti])));
    for others in [
        json!([kopi]),
        json!([roti, kopi]),
        json!([kopi, roti, roti]),
        json!([kopi, item("Roti Kaya", &[], ["1", "3.6", "3.6"])]),
        json!([kopi, item("Kaya", &[], ["3", "1.2", "3.6"])]),
        json!([item("less sugar", &[], ["1", "5", "5"]), roti]),
        json!([
            item("Kopi O Ais", &["JALAN 50480 KUALA LUMPUR"], ["1", "5", "5"]),
            roti
        ]),
    ] {
        assert!(!may_be(&others), "{others}");
    }
    assert!(by_rows_of(&page, &[850]).is_none());
}

#[test]
fn one_item_is_what_its_quantity_and_price_make() {
    let page = page(&[
        "PETROL STATION NORTH",
        "Super 95",
        "Litres  4.30",
        "Price  2.00",
        "Plate  B 1234 XY",
        "AMOUNT",
        "RM 8.60",
    ]);
    let may_be = by_rows_of(&page, &[860]).unwrap();
    assert!(may_be(&json!([item("Super 95", &[], ["4.3", "2", "8.6"])])));
    assert!(!may_be(&json!([item(
        "Super 95",
        &[],
        ["2", "4.3", "8.6"]
    )])));
    assert!(!may_be(&json!([item(
        "Super 95",
        &[],
        ["1", "8.6", "8.6"]
    )])));
}

#[test]
fn a_sum_above_others_is_no_item() {
    let page = page(&[
        "RESTORAN MURNI DAN CAFE",
        "Roti Kaya  3.00",
        "Kopi O Ais  5.00",
        "Food  8.00",
        "Service  0.60",
        "TOTAL  8.60",
    ]);
    let food = [
        item("Roti Kaya", &[], ["1", "3", "3"]),
        item("Kopi O Ais", &[], ["1", "5", "5"]),
    ];
    assert!(by_rows_of(&page, &[800]).unwrap()(&json!(food)));
    let [roti, kopi] = food;
    let service = item("Service", &[], ["1", "0.6", "0.6"]);
    assert!(by_rows_of(&page, &[860]).unwrap()(&json!([
        roti, kopi, service
    ])));
}

#[test]
fn what_is_left_of_the_rows_of_an_item_is_its_details() {
    let page = page(&[
        "TOKO BANGUNAN",
        "Paku Beton  5.00",
        "Galvanis",
        "> isi 10",
        "Cat  3.60",
        "TOTAL  8.60",
    ]);
    let may_be = by_rows_of(&page, &[860]).unwrap();
    let cat = item("Cat", &[], ["1", "3.6", "3.6"]);
    let paku = |name: &str, details: &[&str]| item(name, details, ["1", "5", "5"]);
    for right in [
        paku("Paku Beton", &["Galvanis", "isi 10"]),
        paku("Paku Beton Galvanis", &["isi 10"]),
    ] {
        assert!(may_be(&json!([right, cat])), "{right}");
    }
    for wrong in [
        paku("Paku Beton", &["Galvanis"]),
        paku("Paku Beton", &["isi 10", "Galvanis"]),
        paku("Paku Beton Galvanis", &["Galvanis", "isi 10"]),
        paku("Paku Beton 5.00", &["Galvanis", "isi 10"]),
    ] {
        assert!(!may_be(&json!([wrong, cat])), "{wrong}");
    }
}
