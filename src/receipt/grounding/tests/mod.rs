mod names;
mod rows;
mod taxed;

use serde_json::{Value, json};

use super::*;
use crate::{
    grammar::for_tests::accepts,
    page::{PageBox, PageText, TextLine, TextSource, Unread, Word, WordAlternative},
    receipt::Currency,
};

/// A page with these lines below each other, of words that are parted by blanks; two blanks part
/// lines that stand beside each other.
fn page(rows: &[&str]) -> PageText {
    let mut lines = Vec::new();
    for (row, text) in rows.iter().enumerate() {
        let mut column = 0;
        for part in text.split("  ") {
            let words = part.split(' ').map(|word| {
                let length = word.chars().count();
                let area = PageBox {
                    x: column as f32 * 0.01,
                    y: row as f32 * 0.04,
                    width: length as f32 * 0.01,
                    height: 0.03,
                };
                column += length + 1;
                Word {
                    text: word.to_owned(),
                    area,
                    confidence: 0.99,
                    alternatives: Vec::new(),
                }
            });
            lines.push(TextLine {
                words: words.collect(),
                source: TextSource::Reader,
            });
            column += 6;
        }
    }
    PageText {
        width: 1000,
        height: 1000,
        lines,
    }
}

fn receipt() -> PageText {
    receipt_with("THANK YOU")
}

/// The receipt with a last row.
fn receipt_with(last: &str) -> PageText {
    page(&[
        "KEDAI KOPI (MURNI)",
        "SDN. BHD.",
        "NO 12, JALAN 50480 KUALA LUMPUR",
        "TEL: 03-7877 1234",
        "Invoice No:A-1234  05/03/2024 18:45",
        "Kopi O Ais  2  5.00",
        "SUBTOTAL  5.00",
        "TOTAL RM  60.31",
        "ROUNDING  -0.01",
        "AMOUNT DUE  60.30",
        last,
    ])
}

fn schema(properties: &Value) -> ReceiptSchema {
    let names: Vec<_> = properties.as_object().unwrap().keys().cloned().collect();
    let document = json!({
        "x-guidance": {"whitespace_flexible": false}, "type": "object",
        "additionalProperties": false, "required": names, "properties": properties
    });
    ReceiptSchema::new("test", document, &Currency::Detect.into()).unwrap()
}

fn amount() -> Value {
    json!({"type": "number", "minimum": -9999, "maximum": 9999, "multipleOf": 0.001})
}

/// Returns whether a field of that schema may have a value on the page, by its JSON.
fn holds(field: &Value, page: &PageText) -> impl Fn(&str) -> bool + use<> {
    let schema = schema(&json!({"a": field}));
    let grounded = ground(&schema, &[Ok(page.clone())]).unwrap();
    move |value| accepts(&grounded.grammar, &format!("{{\"a\":{value}}}"))
}

#[test]
fn an_amount_is_one_that_is_printed() {
    let field = json!({"x-printed": "amount", "anyOf": [amount(), {"type": "null"}]});
    let may_be = holds(&field, &receipt());
    for value in [
        "60.31", "60.30", "60.3", "5.00", "5", "-0.01", "0.01", "null",
    ] {
        assert!(may_be(value), "{value}");
    }
    // A postcode, a telephone number, a time, a number of pieces, and digits of no number.
    for value in [
        "50480",
        "7877",
        "1234",
        "18",
        "2",
        "0",
        "60.32",
        "6",
        "\"60.30\"",
    ] {
        assert!(!may_be(value), "{value}");
    }
}

#[test]
fn what_cannot_be_null_may_be_nothing() {
    let mut field = amount();
    field["x-printed"] = json!("amount");
    let may_be = holds(&field, &receipt());
    assert!(may_be("0") && !may_be("null"));
    field["x-printed"] = json!("quantity");
    let may_be = holds(&field, &receipt());
    assert!(may_be("1") && may_be("2") && may_be("0") && !may_be("3"));
    let rate = ground(&schema(&json!({"tax_rate": field})), &[Ok(receipt())]).unwrap();
    let may_be = |value: &str| accepts(&rate.grammar, &format!("{{\"tax_rate\":{value}}}"));
    assert!(may_be("2") && may_be("0") && !may_be("1"));
}

#[test]
fn a_date_is_read_in_the_order_of_the_page() {
    let field = json!({"x-printed": "date", "type": "string", "format": "date", "maxLength": 10});
    let may_be = holds(&field, &receipt());
    assert!(may_be("\"2024-03-05\"") && !may_be("\"2024-05-03\"") && !may_be("\"2024-03-06\""));
    let in_dollars = page(&[
        "SHOP OF MANY THINGS AND MORE",
        "05/03/2024",
        "TOTAL DUE $ 5.00",
    ]);
    let may_be = holds(&field, &in_dollars);
    assert!(may_be("\"2024-03-05\"") && may_be("\"2024-05-03\""));
    let month_first = page(&["SHOP OF MANY THINGS AND MORE", "05/03/2024 to 05/23/2024"]);
    let may_be = holds(&field, &month_first);
    assert!(!may_be("\"2024-03-05\"") && may_be("\"2024-05-03\"") && may_be("\"2024-05-23\""));
}

#[test]
fn a_text_is_a_run_of_words_or_of_lines() {
    let field = json!({"x-printed": "text", "type": "string", "minLength": 1, "maxLength": 30});
    let may_be = holds(&field, &receipt());
    for value in [
        "KEDAI KOPI (MURNI)",
        "KEDAI KOPI (MURNI) SDN. BHD.",
        "KOPI (MURNI)",
        "Kopi O Ais",
        "A-1234",
    ] {
        assert!(may_be(&format!("\"{value}\"")), "{value}");
    }
    for value in ["KEDAI (MURNI)", "KEDAI KOP", "Kopi O Ais 3", ""] {
        assert!(!may_be(&format!("\"{value}\"")), "{value}");
    }
}

#[test]
fn an_identifier_has_a_digit() {
    let field =
        json!({"x-printed": "identifier", "type": "string", "minLength": 1, "maxLength": 20});
    let may_be = holds(&field, &receipt());
    assert!(may_be("\"A-1234\"") && may_be("\"No:A-1234\"") && !may_be("\"TOTAL\""));
}

#[test]
fn an_identifier_may_keep_the_sign_that_touches_it() {
    let field =
        json!({"x-printed": "identifier", "type": "string", "minLength": 1, "maxLength": 20});
    let may_be = holds(&field, &receipt_with("Receipt #849  # 17"));
    assert!(may_be("\"#849\"") && may_be("\"849\"") && may_be("\"17\""));
    assert!(!may_be("\"# 17\"") && !may_be("\"#\""));
}

#[test]
fn prices_and_totals_of_items_may_follow_from_what_is_printed() {
    let item = json!({
        "type": "object", "additionalProperties": false, "required": ["unit_price"],
        "properties": {"unit_price": {"x-printed": "amount", "anyOf": [amount(), {"type": "null"}]}}
    });
    let schema = schema(&json!({"items": {"type": "array", "maxItems": 2, "items": item}}));
    let grounded = ground(&schema, &[Ok(receipt())]).unwrap();
    let may_be = |value: &str| accepts(&grounded.grammar, &format!("{{\"items\":[{value}]}}"));
    assert!(may_be(r#"{"unit_price":2.5}"#) && may_be(r#"{"unit_price":5}"#) && may_be(""));
    assert!(may_be(r#"{"unit_price":2.5},{"unit_price":null}"#));
    assert!(!may_be(r#"{"unit_price":2.4}"#));
    assert!(!may_be(
        r#"{"unit_price":5},{"unit_price":5},{"unit_price":5}"#
    ));
}

#[test]
fn members_that_may_be_absent_are_in_order_or_absent() {
    let document = json!({
        "x-guidance": {"whitespace_flexible": false}, "type": "object",
        "additionalProperties": false, "required": ["b"],
        "properties": {
            "a": {"enum": [1]}, "b": {"x-printed": "amount", "type": "number", "maximum": 99,
                "minimum": 0, "multipleOf": 0.01},
            "c": {"enum": ["x", null]}
        }
    });
    let schema = ReceiptSchema::new("test", document, &Currency::Detect.into()).unwrap();
    let grounded = ground(&schema, &[Ok(receipt())]).unwrap();
    for (text, fits) in [
        (r#"{"b":5}"#, true),
        (r#"{"a":1,"b":5,"c":null}"#, true),
        (r#"{"b":5,"c":"x"}"#, true),
        (r#"{"a":1}"#, false),
        (r#"{"b":5,"a":1}"#, false),
        (r#"{"b":5,}"#, false),
        (r#"{"b":4}"#, false),
    ] {
        assert_eq!(accepts(&grounded.grammar, text), fits, "{text}");
    }
}

#[test]
fn a_whole_invoice_is_chosen_from_its_page() {
    let path = std::path::Path::new("schemas/invoice.schema.json");
    let schema = ReceiptSchema::load(path, &Currency::Detect.into()).unwrap();
    let grounded = ground(&schema, &[Ok(receipt())]).unwrap();
    let invoice = |total: &str| {
        format!(
            "{{\"vendor_name\":\"KEDAI KOPI (MURNI) SDN. BHD.\",\"invoice_number\":\"A-1234\",\
             \"invoice_date\":\"2024-03-05\",\"due_date\":null,\"items\":[{{\"description\":\"Kopi O \
             Ais\",\"details\":[],\"quantity\":2,\"unit_price\":2.5,\"total\":5.00,\"currency\":\"MYR\",\
             \"category\":\"FOOD\"}}],\"subtotal\":5.00,\"tax_rate_percent\":0,\"tax_amount\":0,\
             \"discount\":0,\"total_due\":{total},\"taxes\":[],\"prepaid\":0,\"rounding\":-0.01}}"
        )
    };
    let right = invoice("60.30");
    assert!(accepts(&grounded.grammar, &right));
    assert!(schema.read(&right).is_ok());
    assert!(!accepts(&grounded.grammar, &invoice("60.29")));
}

#[test]
fn pages_that_were_not_well_read_are_no_ground() {
    let total = json!({"total": {"x-printed": "amount", "type": "number", "minimum": 0, "maximum": 99, "multipleOf": 0.01}});
    let marked = schema(&total);
    let lapse = |pages: &[PageReading]| ground(&marked, pages).unwrap_err();
    assert_eq!(lapse(&[]), Lapse::NoText);
    assert_eq!(lapse(&[Ok(receipt()), Err(Unread::Late)]), Lapse::NoText);
    assert_eq!(lapse(&[Ok(page(&["TOTAL 5.00"]))]), Lapse::LittleText);
    let mut unsure = receipt();
    for word in unsure.lines.iter_mut().flat_map(|line| &mut line.words) {
        word.confidence = 0.4_f32.powi(i32::try_from(word.text.len()).unwrap());
    }
    assert_eq!(lapse(&[Ok(unsure)]), Lapse::UnsureText);
    let unmarked = schema(&json!({"total": amount()}));
    assert_eq!(
        ground(&unmarked, &[Ok(receipt())]).unwrap_err(),
        Lapse::Unmarked
    );
}

/// Every value that a grammar of a page admits, its schema admits.
#[test]
fn choices_fit_their_schema() {
    let path = std::path::Path::new("schemas/invoice.schema.json");
    let schema = ReceiptSchema::load(path, &Currency::Detect.into()).unwrap();
    let long = format!("{} {}", "LONG ".repeat(30), "\"quoted\" back\\slash ümläut");
    let mut rows = vec![long.as_str(), "999999999999999999.99", "0.00001"];
    rows.extend(["a b c d e f g h i j"; 3]);
    let grounded = ground(&schema, &[Ok(page(&rows)), Ok(receipt())]).unwrap();
    for field in &grounded.fields {
        for choice in &field.choices {
            assert_eq!(
                field.field.validator.check(&choice.literal),
                Ok(()),
                "{choice:?}"
            );
        }
    }
}

#[test]
fn other_readings_of_unsure_words_are_choices() {
    let mut page = receipt();
    let read = |page: &mut PageText, text: &str, other: &str| {
        let mut words = page.lines.iter_mut().flat_map(|line| &mut line.words);
        let word = words.find(|word| word.text == text).unwrap();
        word.alternatives.push(WordAlternative {
            text: other.to_owned(),
            probability: 0.2,
        });
    };
    read(&mut page, "60.30", "60.80");
    read(&mut page, "05/03/2024", "06/03/2024");
    let amounts = holds(&json!({"x-printed": "amount", "anyOf": [amount()]}), &page);
    assert!(amounts("60.30") && amounts("60.80") && !amounts("60.90"));
    let days = json!({"x-printed": "date", "type": "string", "format": "date", "maxLength": 10});
    let days = holds(&days, &page);
    assert!(days("\"2024-03-05\"") && days("\"2024-03-06\"") && !days("\"2024-03-07\""));
}

#[test]
fn the_year_of_two_digits_is_the_last_number_but_in_the_east() {
    let field = json!({"x-printed": "date", "type": "string", "format": "date", "maxLength": 10});
    for (row, may_be_first) in [("DATE 26/06/18", false), ("日付 26/06/18", true)] {
        let may_be = holds(&field, &receipt_with(row));
        assert!(may_be("\"2018-06-26\""), "{row}");
        assert_eq!(may_be("\"2026-06-18\""), may_be_first, "{row}");
    }
    assert!(holds(&field, &receipt_with("99/06/18"))("\"1999-06-18\""));
}

#[test]
fn numbers_of_very_many_digits_are_no_amounts() {
    let digits = "7".repeat(28);
    let rows = [format!("TOTAL {digits}.0"), format!("TOTAL DUE -{digits}")];
    let mut page = receipt();
    page.lines
        .extend(self::page(&rows.each_ref().map(String::as_str)).lines);
    let field = json!({"x-printed": "amount", "anyOf": [amount(), {"type": "null"}]});
    let schema = schema(&json!({"total": field}));
    let grounded = ground(&schema, &[Ok(page)]).unwrap();
    let may_be = |value: &str| accepts(&grounded.grammar, &format!("{{\"total\":{value}}}"));
    assert!(!may_be(&digits) && may_be("null"));
}

#[test]
fn of_two_sums_the_rounded_one_comes_first() {
    let field = json!({"x-printed": "amount", "anyOf": [amount(), {"type": "null"}]});
    let schema = schema(&json!({"total": field}));
    let grounded = ground(&schema, &[Ok(receipt())]).unwrap();
    let first = &grounded.fields[0].choices[0];
    assert_eq!(first.literal, "60.30");
}

#[test]
fn a_list_may_have_one_element_at_most() {
    let mut total = amount();
    total["x-printed"] = json!("amount");
    let item = json!({"type": "object", "additionalProperties": false, "required": ["total"],
                      "properties": {"total": total}});
    let list = json!({"type": "array", "items": item, "maxItems": 1});
    let may_be = holds(&list, &receipt());
    assert!(may_be("[]") && may_be("[{\"total\":5.00}]"));
    assert!(!may_be("[{\"total\":5.00},{\"total\":5.00}]"));
}

#[test]
fn the_number_of_a_car_is_no_amount() {
    let field = json!({"x-printed": "amount", "anyOf": [amount(), {"type": "null"}]});
    let rows = [
        "SPBU DI JALAN RAYA",
        "Plat B 1234 XYZ",
        "Harga 1300 PCS",
        "JUMLAH Rp 1500",
    ];
    let may_be = holds(&field, &page(&rows));
    assert!(may_be("1500") && may_be("1300") && !may_be("1234"));
}

#[test]
fn a_count_with_decimals_does_not_tell_the_style_of_rupiah() {
    let field = json!({"x-printed": "amount", "anyOf": [amount(), {"type": "null"}]});
    let rows = [
        "TOKO ALAT TULIS MURAH",
        "TINTA  Rp 3.000",
        "Items sold  1.00",
        "TOTAL  Rp 3.000",
    ];
    let may_be = holds(&field, &page(&rows));
    assert!(may_be("3000") && !may_be("3.000") && !may_be("3"));
}
