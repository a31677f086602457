//! Tests with correct invoices of many places, `tests/fixtures/money`: they fit the schema and pass
//! every check, and with any digit of any amount changed they fail one.

use std::path::PathBuf;

use serde_json::Value;

use super::*;
use crate::receipt::{Currency, ReceiptSchema};

/// Changes (`FILE POINTER FROM TO`) after which an invoice is still consistent, so that no check can
/// find them.
const ALSO_RIGHT: [&str; 18] = [
    // The total without rounding, as paid by card.
    "cash-australia /total_due 9.65 9.63",
    "cash-hungary /total_due 1205 1203",
    // The total as paid in cash, if the till does not print the rounding.
    "deposit-back /total_due 3.84 3.85",
    "fuel /total_due 64.42 64.4",
    "two-rates-germany /total_due 6.34 6.35",
    // A rounding that is no longer printed, or that is added.
    "cash-czechia /rounding -0.4 -0.0",
    "cash-denmark /rounding 0.2 0.0",
    "cash-finland /rounding 0.02 0.0",
    "cash-south-africa /rounding -0.08 -0.0",
    "cash-sweden /rounding 0.3 0.0",
    "cash-switzerland /rounding -0.02 -0.0",
    "cash-hungary /rounding 0 2",
    // A tax whose rate is not printed.
    "cash-malaysia /tax_rate_percent 6 0",
    "cash-vietnam /tax_rate_percent 8 0",
    "name-polish /tax_rate_percent 8 0",
    "rials-oman /tax_rate_percent 5 0",
    // Indonesia's 12 % of 11/12 of the price are 11 % of it.
    "cash-indonesia /tax_rate_percent 11 12",
    "trillions-of-rupiah /tax_rate_percent 11 12",
];

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 6, 15).unwrap()
}

fn invoices() -> Vec<(String, Value)> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir("tests/fixtures/money")
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    let read = |path: PathBuf| {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        (
            name,
            serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap(),
        )
    };
    paths.into_iter().map(read).collect()
}

fn failing(object: &Value) -> Vec<String> {
    let findings = run(object, &[], today(), Some(200));
    findings
        .into_iter()
        .filter_map(|finding| finding.fault)
        .collect()
}

/// Collects pointers to all numbers.
pub fn numbers(value: &Value, pointer: &str, found: &mut Vec<String>) {
    match value {
        Value::Number(_) => found.push(pointer.to_owned()),
        Value::Array(values) => {
            for (at, value) in values.iter().enumerate() {
                numbers(value, &format!("{pointer}/{at}"), found);
            }
        }
        Value::Object(members) => {
            for (name, value) in members {
                numbers(value, &format!("{pointer}/{name}"), found);
            }
        }
        _ => {}
    }
}

/// Returns the number with each of its digits changed to each other digit.
pub fn misread(number: &Value) -> Vec<Value> {
    let text = number.to_string();
    let mut others = Vec::new();
    for (at, old) in text.char_indices().filter(|(_, c)| c.is_ascii_digit()) {
        for new in ('0'..='9').filter(|new| *new != old) {
            let mut text = text.clone();
            text.replace_range(at..=at, new.encode_utf8(&mut [0; 4]));
            // A text that begins with 0 may not be a number.
            others.extend(serde_json::from_str::<Value>(&text).ok());
        }
    }
    others
}

#[test]
fn right_invoices_fit_the_schema_and_pass() {
    let path = PathBuf::from("schemas/invoice.schema.json");
    let schema = ReceiptSchema::load(&path, &Currency::Detect.into()).unwrap();
    let invoices = invoices();
    assert!(invoices.len() >= 50);
    for (name, invoice) in invoices {
        assert_eq!(schema.validate(&invoice), Ok(()), "{name}");
        assert_eq!(failing(&invoice), Vec::<String>::new(), "{name}");
    }
}

#[test]
fn a_wrong_digit_in_any_amount_fails_a_check() {
    let mut unnoticed = Vec::new();
    let mut tried = 0;
    for (name, invoice) in invoices() {
        let mut pointers = Vec::new();
        numbers(&invoice, "", &mut pointers);
        // Of many equal lines, the first and the last are enough.
        pointers.retain(|pointer| name != "two-hundred-lines" || is_of_an_end(pointer));
        for pointer in pointers {
            let right = invoice.pointer(&pointer).unwrap();
            for wrong in misread(right) {
                let mut changed = invoice.clone();
                *changed.pointer_mut(&pointer).unwrap() = wrong.clone();
                tried += 1;
                if failing(&changed).is_empty() {
                    unnoticed.push(format!("{name} {pointer} {right} {wrong}"));
                }
            }
        }
    }
    println!("{tried} changes tried");
    let mut known = ALSO_RIGHT.map(str::to_owned).to_vec();
    known.sort();
    unnoticed.sort();
    assert_eq!(unnoticed, known);
    assert!(tried > 10_000);
}

fn is_of_an_end(pointer: &str) -> bool {
    let item = pointer.strip_prefix("/items/");
    item.is_none_or(|item| item.starts_with("0/") || item.starts_with("199/"))
}
