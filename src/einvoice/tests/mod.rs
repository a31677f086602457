//! Tests of reading whole files.

mod cii;
mod fattura;
mod mutated;
mod refused;
mod samples;
mod ubl;

use serde_json::{Value, json};

use super::*;

#[track_caller]
fn read_text(xml: &str) -> EInvoice {
    read(xml.as_bytes(), &XmlLimits::default()).unwrap()
}

#[track_caller]
fn refused(xml: &str) -> String {
    let error = read(xml.as_bytes(), &XmlLimits::default()).unwrap_err();
    error.to_string()
}

/// The XML with a part replaced, which has to be there.
#[track_caller]
fn with(xml: &str, part: &str, other: &str) -> String {
    assert!(xml.contains(part), "{part} is not in the sample");
    xml.replacen(part, other, 1)
}

#[track_caller]
fn assert_has(invoice: &EInvoice, expected: &Value) {
    let json = invoice.to_json();
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(json.get(name), Some(value), "{name} of {json:#}");
    }
}

fn broken_sums(invoice: &EInvoice) -> Vec<&'static str> {
    let broken = invoice.sums().into_iter().filter(|sum| !sum.holds);
    broken.map(|sum| sum.rule).collect()
}

fn rules(invoice: &EInvoice) -> Vec<&'static str> {
    invoice.sums().into_iter().map(|sum| sum.rule).collect()
}

/// An item as most are, with its quantity, price and total.
fn item(description: &str, numbers: [Value; 3], currency: &str) -> Value {
    let mut item = json!({
        "description": description,
        "details": [],
        "quantity": null,
        "unit_price": null,
        "total": null,
        "currency": currency,
        "category": "OTHER",
    });
    for (name, number) in ["quantity", "unit_price", "total"].into_iter().zip(numbers) {
        item[name] = number;
    }
    item
}

#[test]
fn stated_values_are_those_of_the_answer() {
    for xml in samples::ALL {
        let invoice = read_text(xml);
        let json = invoice.to_json();
        let stated = invoice.stated();
        let mut filled = Vec::new();
        leaves(&json, String::new(), &mut filled);
        for value in &stated {
            assert!(
                json.pointer(&value.pointer).is_some_and(|it| !it.is_null()),
                "{}",
                value.pointer
            );
            assert!(!value.sources.is_empty());
            for source in &value.sources {
                assert!(
                    xml.contains(source.text.split(' ').next().unwrap()),
                    "{source:?}"
                );
            }
        }
        // What is not stated only fills the form.
        filled.retain(|(pointer, _)| !stated.iter().any(|value| value.pointer == *pointer));
        for (pointer, value) in filled {
            let fills =
                value.is_null() || [json!(0), json!(1), json!(-1), json!("OTHER")].contains(&value);
            assert!(fills, "{pointer}: {value}");
        }
    }
}

fn leaves(value: &Value, pointer: String, found: &mut Vec<(String, Value)>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                leaves(value, format!("{pointer}/{name}"), found);
            }
        }
        Value::Array(values) => {
            for (at, value) in values.iter().enumerate() {
                leaves(value, format!("{pointer}/{at}"), found);
            }
        }
        leaf => found.push((pointer, leaf.clone())),
    }
}

#[test]
fn answers_have_the_keys_of_the_schema_in_its_order() {
    let schema = include_str!("../../../schemas/invoice.schema.json");
    let schema: Value = serde_json::from_str(schema).unwrap();
    let names =
        |value: &Value| -> Vec<String> { value.as_object().unwrap().keys().cloned().collect() };
    for xml in samples::ALL {
        let json = read_text(xml).to_json();
        assert_eq!(names(&json), names(&schema["properties"]));
        let item = &schema["$defs"]["item"]["properties"];
        assert_eq!(names(&json["items"][0]), names(item));
        for tax in json["taxes"].as_array().unwrap() {
            assert_eq!(names(tax), names(&schema["$defs"]["tax"]["properties"]));
        }
    }
}
