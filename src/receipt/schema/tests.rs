use super::*;

fn invoice(currency: &str) -> ReceiptSchema {
    let currency = Currency::try_from(currency.to_owned()).unwrap();
    ReceiptSchema::load(Path::new("schemas/invoice.schema.json"), &currency.into()).unwrap()
}

fn receipt() -> Value {
    json!({
        "vendor_name": "Toko Maju", "invoice_number": null, "invoice_date": "2024-02-29",
        "due_date": null,
        "items": [{
            "description": "Kopi susu", "details": ["less sugar"], "quantity": 2,
            "unit_price": 12500, "total": 25000.5, "currency": "IDR", "category": "FOOD"
        }],
        "subtotal": 25000.5, "tax_rate_percent": 11, "tax_amount": 2750.05, "discount": 0,
        "total_due": 27750.55, "taxes": [], "prepaid": 0, "rounding": 0
    })
}

fn with(pointer: &str, value: Value) -> Value {
    let mut receipt = receipt();
    *receipt.pointer_mut(pointer).unwrap() = value;
    receipt
}

#[test]
fn a_receipt_passes() {
    assert_eq!(invoice("IDR").validate(&receipt()), Ok(()));
}

#[test]
fn faults_are_named() {
    for (pointer, value) in [
        ("/invoice_date", json!("2023-02-29")),
        ("/invoice_date", json!("1900-02-29")),
        ("/invoice_date", json!("2024-04-31")),
        ("/invoice_date", json!("")),
        ("/total_due", json!("27750.55")),
        ("/total_due", json!(1.0005)),
        ("/total_due", json!(1_000_000_000_000_000_i64)),
        ("/total_due", json!(1_000_000_000_000.5)),
        ("/items/0/quantity", json!(1.000_05)),
        ("/taxes", json!(null)),
        ("/vendor_name", json!("")),
        ("/vendor_name", json!("a\nb")),
        ("/vendor_name", json!("x".repeat(61))),
        ("/items/0/currency", json!("USD")),
        ("/items/0/category", json!("DRINKS")),
        ("/discount", json!(null)),
    ] {
        let fault = invoice("IDR")
            .validate(&with(pointer, value.clone()))
            .unwrap_err()
            .to_string();
        assert!(fault.starts_with(pointer), "{pointer} {value}: {fault}");
    }
}

#[test]
fn every_day_of_the_calendar_passes_and_no_other() {
    let schema = invoice("IDR");
    for year in [1900, 1999, 2000, 2001, 2004, 2024, 2099] {
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        for month in 0..=13 {
            let days = match month {
                1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
                4 | 6 | 9 | 11 => 30,
                2 => 28 + i32::from(leap),
                _ => 0,
            };
            for day in 0..=32 {
                let date = format!("{year}-{month:02}-{day:02}");
                let passes = schema.validate(&with("/due_date", json!(date))).is_ok();
                assert_eq!(passes, (1..=days).contains(&day), "{date}");
            }
        }
    }
}

#[test]
fn the_currency_is_a_setting() {
    let dollars = with("/items/0/currency", json!("USD"));
    assert!(invoice("IDR").validate(&dollars).is_err());
    assert!(invoice("USD").validate(&dollars).is_ok());
    assert!(invoice("detect").validate(&dollars).is_ok());
    assert!(Currency::try_from("rupiah".to_owned()).is_err());
}

#[test]
fn the_longest_invoice_is_within_the_budget() {
    let text = "ỹ".repeat(60);
    let short = "ỹ".repeat(40);
    let (amount, price) = (-999_999_999_998.999_f64, -99_999_999_998.999_9_f64);
    let item = json!({
        "description": text, "details": [short, short], "quantity": -9_999_999_998.999_9_f64,
        "unit_price": price, "total": amount, "currency": "IDR", "category": "SUBSCRIPTIONS"
    });
    let tax = json!({"rate_percent": -99.999, "base": amount, "amount": amount});
    let longest = json!({
        "vendor_name": text, "invoice_number": short, "invoice_date": "2024-12-31",
        "due_date": "2024-12-31", "items": vec![item; 200],
        "subtotal": amount, "tax_rate_percent": 99.999, "tax_amount": amount, "discount": amount,
        "total_due": amount, "taxes": vec![tax; 10], "prepaid": amount, "rounding": amount
    });
    let schema = invoice("IDR");
    assert_eq!(schema.validate(&longest), Ok(()));
    let bytes = longest.to_string().len();
    assert!(
        bytes < schema.max_tokens(),
        "{bytes} > {}",
        schema.max_tokens()
    );
    assert!(
        schema.max_tokens() - bytes < 600,
        "the bound should be near"
    );
}

#[test]
fn schemas_of_requests_are_bounded() {
    let limits = InlineLimits {
        max_bytes: 200,
        max_tokens: 50,
    };
    let open = ReceiptSchema::inline(json!({"type": "string"}), limits).unwrap();
    assert_eq!((open.name(), open.max_tokens()), (INLINE, 50));
    let short = json!({"type": "boolean"});
    let short = ReceiptSchema::inline(short, limits).unwrap();
    assert_eq!(short.max_tokens(), 6);
    for (schema, expected) in [
        (
            json!({"type": "string", "description": "x".repeat(200)}),
            "bytes",
        ),
        (json!({"type": "array", "uniqueItems": true}), "uniqueItems"),
        (json!({"type": 7}), "valid JSON Schema"),
        (json!({"$ref": "https://example.com/a"}), "plain pointer"),
    ] {
        let error = ReceiptSchema::inline(schema, limits).unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
    }
}
