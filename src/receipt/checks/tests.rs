use serde_json::json;

use super::*;

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 6, 15).unwrap()
}

/// Two coffees at 12.50 and 11 % tax on 25.00.
fn invoice() -> Value {
    json!({
        "vendor_name": "Kopi", "invoice_number": null,
        "invoice_date": "2026-06-01", "due_date": "2026-06-30",
        "items": [
            {"description": "Kopi", "quantity": 2, "unit_price": 8.25, "total": 16.5,
             "currency": "MYR"},
            {"description": "Roti", "quantity": 1, "unit_price": 8.5, "total": 8.5,
             "currency": "MYR"}
        ],
        "subtotal": 25, "tax_rate_percent": 11, "tax_amount": 2.75, "discount": 0,
        "total_due": 27.75
    })
}

fn with(changes: &[(&str, Value)]) -> Value {
    let mut invoice = invoice();
    for (pointer, value) in changes {
        *invoice.pointer_mut(pointer).unwrap() = value.clone();
    }
    invoice
}

fn failing(object: &Value) -> Vec<&'static str> {
    let findings = run(object, today(), None);
    let failing = findings.iter().filter(|finding| !finding.passed());
    failing.map(|finding| finding.name).collect()
}

#[test]
fn a_sound_invoice_passes_every_check() {
    let findings = run(&invoice(), today(), None);
    assert_eq!(findings.len(), 6);
    assert_eq!(failing(&invoice()), Vec::<&str>::new());
}

#[test]
fn each_fault_is_found_by_its_check() {
    for (changes, expected) in [
        (vec![("/total_due", json!(28.75))], vec!["total_adds_up"]),
        (
            vec![("/subtotal", json!(26)), ("/total_due", json!(28.75))],
            vec!["items_make_subtotal", "tax_matches_rate"],
        ),
        (
            vec![("/items/0/unit_price", json!(8.15))],
            vec!["quantity_times_price"],
        ),
        (
            vec![("/tax_rate_percent", json!(10))],
            vec!["tax_matches_rate"],
        ),
        (
            vec![("/invoice_date", json!("2026-06-17"))],
            vec!["date_is_plausible"],
        ),
        (
            vec![("/invoice_date", json!("1989-12-31"))],
            vec!["date_is_plausible"],
        ),
        (
            vec![("/due_date", json!("2026-05-31"))],
            vec!["due_is_not_before_issue"],
        ),
    ] {
        assert_eq!(failing(&with(&changes)), expected, "{changes:?}");
    }
}

#[test]
fn a_finding_names_its_fields_and_figures() {
    let faulty = with(&[("/items/1/total", json!(9)), ("/subtotal", json!(25.5))]);
    let findings = run(&faulty, today(), None);
    let finding = findings.iter().find(|f| f.name == "quantity_times_price");
    assert_eq!(
        finding,
        Some(&Finding {
            name: "quantity_times_price",
            fields: ["quantity", "unit_price", "total"]
                .map(|name| format!("/items/1/{name}"))
                .to_vec(),
            fault: Some("Item 2: 1 times 8.5 makes 8.5, not 9.".to_owned()),
        })
    );
}

#[test]
fn tax_may_be_in_the_prices() {
    let included = with(&[("/total_due", json!(25)), ("/tax_amount", json!(2.48))]);
    assert_eq!(failing(&included), Vec::<&str>::new());
}

#[test]
fn tills_round_to_the_coin_of_the_currency() {
    // Five sen in Malaysia: 27.77 is paid as 27.75, and 27.80 is no rounding.
    let rounded = |subtotal: f64, total: f64| {
        with(&[
            ("/items/1/unit_price", json!(subtotal - 16.5)),
            ("/items/1/total", json!(subtotal - 16.5)),
            ("/subtotal", json!(subtotal)),
            ("/tax_rate_percent", json!(0)),
            ("/tax_amount", json!(0)),
            ("/total_due", json!(total)),
        ])
    };
    assert_eq!(failing(&rounded(27.77, 27.75)), Vec::<&str>::new());
    assert_eq!(failing(&rounded(27.77, 27.8)), vec!["total_adds_up"]);

    // A hundred rupiah in Indonesia.
    let rupiah = |total: i64| {
        json!({
            "items": [{"quantity": 3, "unit_price": 9250, "total": 27750, "currency": "IDR"}],
            "subtotal": 27750, "tax_rate_percent": 11, "tax_amount": 3053, "discount": 0,
            "total_due": total
        })
    };
    assert_eq!(failing(&rupiah(30_800)), Vec::<&str>::new());
    assert_eq!(failing(&rupiah(30_900)), vec!["total_adds_up"]);

    // The gateway's currency is a setting: a rupiah's coin is no measure for a total of 27.75.
    let mislabelled = with(&[
        ("/items/0/currency", json!("IDR")),
        ("/total_due", json!(29)),
    ]);
    assert_eq!(failing(&mislabelled), vec!["total_adds_up"]);
}

#[test]
fn what_is_missing_is_not_checked() {
    let bare = with(&[
        ("/subtotal", Value::Null),
        ("/items/0/unit_price", Value::Null),
        ("/items/1/unit_price", Value::Null),
        ("/invoice_date", Value::Null),
    ]);
    let names: Vec<_> = run(&bare, today(), None).iter().map(|f| f.name).collect();
    assert_eq!(names, ["total_adds_up", "tax_matches_rate"]);
    assert_eq!(run(&json!({"a": 1}), today(), None), Vec::new());
    assert_eq!(run(&json!([1, 2]), today(), None), Vec::new());
}

#[test]
fn amounts_of_every_size_are_exact() {
    let large = json!({
        "items": [{"quantity": 99999, "unit_price": 9_999_999_999_i64,
                   "total": 9_999_999_999_i64, "currency": "IDR"}],
        "subtotal": 1e10, "tax_rate_percent": 100, "tax_amount": 0.1, "discount": 0.2,
        "total_due": 1e-2
    });
    assert_eq!(failing(&large).len(), 4);
}

#[test]
fn numbers_beyond_all_amounts_are_no_amounts() {
    for number in [json!(1e20), json!(-1e300), json!(u64::MAX)] {
        let item = json!({"quantity": number, "unit_price": number, "total": number});
        let absurd = json!({
            "items": [item], "subtotal": number, "tax_rate_percent": -100, "tax_amount": number,
            "discount": number, "total_due": number
        });
        assert_eq!(run(&absurd, today(), None), Vec::new(), "{number}");
    }
}
