use rust_decimal::Decimal;
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
    let findings = run(object, &[], today(), None);
    let failing = findings.iter().filter(|finding| !finding.passed());
    failing.map(|finding| finding.name).collect()
}

#[test]
fn a_sound_invoice_passes_every_check() {
    let findings = run(&invoice(), &[], today(), None);
    assert_eq!(findings.len(), 6);
    assert_eq!(failing(&invoice()), Vec::<&str>::new());
}

#[test]
fn a_subtotal_follows_where_items_and_total_agree_on_it() {
    let agreed = |changes: &[(&str, Value)]| agreed_subtotal(&with(changes));
    // As it is, or within prices that include the tax.
    assert_eq!(agreed(&[]), None);
    assert_eq!(agreed(&[("/total_due", json!(25))]), None);
    // Another amount that is printed, and none.
    for written in [json!(27.75), json!(8.5), Value::Null] {
        assert_eq!(agreed(&[("/subtotal", written)]), Some(25.into()));
    }
    // Items and total do not agree, or one of them is not known.
    let other = ("/subtotal", json!(27));
    assert_eq!(agreed(&[other.clone(), ("/total_due", json!(30))]), None);
    assert_eq!(
        agreed(&[other.clone(), ("/items/0/total", json!(17))]),
        None
    );
    assert_eq!(
        agreed(&[other.clone(), ("/items/0/total", Value::Null)]),
        None
    );
    assert_eq!(agreed(&[other.clone(), ("/total_due", Value::Null)]), None);
    assert_eq!(agreed(&[other, ("/items", json!([]))]), None);
}

#[test]
fn sums_of_the_items_are_told_where_they_make_none() {
    let unmade = |changes: &[(&str, Value)]| unmade_sums(&with(changes));
    assert_eq!(unmade(&[]), []);
    // The subtotal would be that of the items, and the total agrees.
    assert_eq!(unmade(&[("/subtotal", Value::Null)]), []);
    let wrong = ("/items/0/total", json!(17));
    let sums = [25.into(), Decimal::new(2775, 2)];
    assert_eq!(unmade(std::slice::from_ref(&wrong)), sums);
    // A subtotal that does not lead to the total tells nothing.
    let other = ("/subtotal", json!(30));
    let sums = [Decimal::new(2775, 2), 25.into()];
    assert_eq!(unmade(&[wrong.clone(), other]), sums);
    assert_eq!(unmade(&[wrong.clone(), ("/total_due", Value::Null)]), []);
    assert_eq!(unmade(&[wrong, ("/items", json!([]))]), []);
}

#[test]
fn quantities_and_prices_are_told_that_would_make_a_total() {
    let unmade = |changes: &[(&str, Value)]| unmade_products(&with(changes));
    assert_eq!(unmade(&[]), []);
    let found = unmade(&[("/items/0/unit_price", json!(5.5))]);
    assert_eq!(found.len(), 1);
    let product = &found[0];
    assert_eq!(product.item, 0);
    assert_eq!(product.quantity, Some(3.into()));
    assert_eq!(product.price, Some(Decimal::new(825, 2)));
    // What is not exact is none.
    let found = unmade(&[
        ("/items/0/unit_price", json!(7)),
        ("/items/0/quantity", json!(7)),
    ]);
    assert_eq!((found[0].quantity, found[0].price), (None, None));
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
    let findings = run(&faulty, &[], today(), None);
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
fn missing_fields_are_not_checked() {
    let bare = with(&[
        ("/subtotal", Value::Null),
        ("/items/0/unit_price", Value::Null),
        ("/items/1/unit_price", Value::Null),
        ("/invoice_date", Value::Null),
    ]);
    let names: Vec<_> = run(&bare, &[], today(), None)
        .iter()
        .map(|f| f.name)
        .collect();
    assert_eq!(names, ["total_adds_up", "tax_matches_rate"]);
    assert_eq!(run(&json!({"a": 1}), &[], today(), None), Vec::new());
    assert_eq!(run(&json!([1, 2]), &[], today(), None), Vec::new());
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
fn absurd_numbers_are_not_amounts() {
    for number in [json!(1e20), json!(-1e300), json!(u64::MAX)] {
        let item = json!({"quantity": number, "unit_price": number, "total": number});
        let absurd = json!({
            "items": [item], "subtotal": number, "tax_rate_percent": -100, "tax_amount": number,
            "discount": number, "total_due": number
        });
        assert_eq!(run(&absurd, &[], today(), None), Vec::new(), "{number}");
    }
}

#[test]
fn a_full_list_has_to_make_the_subtotal() {
    let complete = |object: &Value, most| {
        let findings = run(object, &[], today(), Some(most));
        let finding = findings
            .into_iter()
            .find(|f| f.name == "items_are_complete");
        finding.map(|finding| finding.passed())
    };
    assert_eq!(complete(&invoice(), 3), None);
    assert_eq!(complete(&invoice(), 2), Some(true));
    assert_eq!(complete(&with(&[("/subtotal", json!(30))]), 2), Some(false));
    assert_eq!(
        complete(&with(&[("/subtotal", Value::Null)]), 2),
        Some(false)
    );
    assert_eq!(
        complete(&with(&[("/items/0/total", Value::Null)]), 2),
        Some(false)
    );
    // Prices with the tax in them, and a subtotal without.
    let net = [("/subtotal", json!(22.25)), ("/tax_amount", json!(2.75))];
    assert_eq!(complete(&with(&net), 2), Some(true));
}

/// Bread at 7 % and wine at 19 %, and a newspaper without tax.
fn two_rates() -> Value {
    json!({
        "items": [
            {"quantity": 1, "unit_price": 10, "total": 10, "currency": "EUR"},
            {"quantity": 1, "unit_price": 20, "total": 20, "currency": "EUR"},
            {"quantity": 1, "unit_price": 3, "total": 3, "currency": "EUR"}
        ],
        "subtotal": 33, "tax_rate_percent": 19, "tax_amount": 4.5, "discount": 0,
        "total_due": 27.5, "prepaid": 10, "rounding": 0,
        "taxes": [
            {"rate_percent": 7, "base": 10, "amount": 0.7},
            {"rate_percent": 19, "base": 20, "amount": 3.8}
        ]
    })
}

#[test]
fn several_taxes_and_prepayments_are_understood() {
    assert_eq!(failing(&two_rates()), Vec::<&str>::new());
    for (pointer, value, expected) in [
        ("/taxes/0/amount", json!(0.8), vec!["taxes_add_up"]),
        ("/taxes/0/base", json!(11), vec!["taxes_add_up"]),
        (
            "/taxes/1/rate_percent",
            json!(18),
            vec!["tax_matches_rate", "taxes_add_up"],
        ),
        ("/tax_rate_percent", json!(17), vec!["tax_matches_rate"]),
        (
            "/tax_amount",
            json!(4.6),
            vec!["total_adds_up", "taxes_add_up"],
        ),
        ("/prepaid", json!(20), vec!["total_adds_up"]),
        ("/rounding", json!(0.1), vec!["total_adds_up"]),
    ] {
        let mut faulty = two_rates();
        *faulty.pointer_mut(pointer).unwrap() = value;
        assert_eq!(failing(&faulty), expected, "{pointer}");
    }
    let mut faulty = two_rates();
    faulty["prepaid"] = json!(20);
    faulty["rounding"] = json!(0.5);
    let findings = run(&faulty, &[], today(), None);
    let finding = findings.iter().find(|f| f.name == "total_adds_up").unwrap();
    assert_eq!(
        finding.fault.as_deref(),
        Some(
            "The subtotal 33 plus tax 4.5 less discount 0 less prepaid 20 plus rounding 0.5 makes \
             18.0, not 27.5."
        )
    );
    assert_eq!(finding.fields[4..], ["/prepaid", "/rounding"]);
}

#[test]
fn taxes_on_the_same_base_count_it_once() {
    let mut stacked = two_rates();
    stacked["taxes"] = json!([
        {"rate_percent": 5, "base": 33, "amount": 1.65},
        {"rate_percent": 9.975, "base": 33, "amount": 3.29}
    ]);
    stacked["tax_amount"] = json!(4.94);
    stacked["total_due"] = json!(27.94);
    for rate in [json!(9.975), json!(14.975)] {
        stacked["tax_rate_percent"] = rate;
        assert_eq!(failing(&stacked), Vec::<&str>::new());
    }
    stacked["tax_rate_percent"] = json!(5);
    assert_eq!(failing(&stacked), ["tax_matches_rate"]);
}

#[test]
fn checking_taxes_of_many_items_ends() {
    let items: Vec<_> = (0..60)
        .map(|power| json!({"quantity": 1, "unit_price": 1, "total": 1.01 * f64::from(power)}))
        .collect();
    let many = json!({
        "items": items, "subtotal": 1, "tax_rate_percent": 5, "tax_amount": 1, "discount": 0,
        "total_due": 2, "taxes": [{"rate_percent": 5, "base": 20, "amount": 1}]
    });
    assert!(failing(&many).contains(&"quantity_times_price"));
}

/// Since 2025 Indonesia's 12 % are reckoned on 11/12 of the price.
#[test]
fn a_tax_may_be_of_a_part_of_the_price() {
    let invoice = |subtotal: u64, tax: u64, taxes: Value| {
        json!({
            "invoice_date": "2025-03-14",
            "items": [
                {"quantity": 1, "unit_price": subtotal, "total": subtotal, "currency": "IDR"}
            ],
            "subtotal": subtotal, "tax_rate_percent": 12, "tax_amount": tax, "discount": 0,
            "total_due": subtotal + tax, "prepaid": 0, "rounding": 0, "taxes": taxes
        })
    };
    let of = |base: u64, amount: u64| json!([{"rate_percent": 12, "base": base, "amount": amount}]);
    for right in [
        invoice(12_000_000, 1_320_000, json!([])),
        invoice(12_000_000, 1_320_000, of(11_000_000, 1_320_000)),
        invoice(75_000, 8_250, of(68_750, 8_250)),
        invoice(100_001, 11_000, of(91_668, 11_000)),
        invoice(12_000_000, 1_440_000, json!([])),
        invoice(12_000_000, 1_440_000, of(12_000_000, 1_440_000)),
    ] {
        assert_eq!(failing(&right), Vec::<&str>::new(), "{right}");
    }
    for (wrong, check) in [
        (
            invoice(12_000_000, 1_330_000, json!([])),
            "tax_matches_rate",
        ),
        (
            invoice(12_000_000, 1_320_000, of(11_100_000, 1_320_000)),
            "taxes_add_up",
        ),
    ] {
        assert!(failing(&wrong).contains(&check), "{wrong}");
    }
    let mut earlier = invoice(12_000_000, 1_320_000, json!([]));
    earlier["invoice_date"] = json!("2024-12-31");
    assert_eq!(failing(&earlier), ["tax_matches_rate"]);
    let mut dollars = invoice(12_000_000, 1_320_000, json!([]));
    dollars["items"][0]["currency"] = json!("USD");
    assert_eq!(failing(&dollars), ["tax_matches_rate"]);
}
