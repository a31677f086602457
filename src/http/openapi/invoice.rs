//! The invoice's schema, which is a file, as components of the document.

use serde_json::{Map, Value, json};

use crate::receipt::published;

/// What its component is called, and what those of its parts begin with.
pub const NAME: &str = "Invoice";

/// The invoice and each object that it defines under `$defs`, by name. A document has one root, and it
/// is not the invoice: other references are replaced by what they refer to. The schema is bounded, so it
/// does not refer to itself. Its currency is any: what a gateway is set to is no part of its interface.
pub fn components(schema: &Value) -> Map<String, Value> {
    let mut root = published::published(schema);
    if let Some(currency) = root.pointer_mut("/$defs/currency") {
        *currency = published::any_currency();
    }
    let mut components = Map::new();
    if let Some(Value::Object(definitions)) = root.get("$defs") {
        for (name, definition) in definitions {
            if is_object(definition) {
                components.insert(component(name), written(definition, &root));
            }
        }
    }
    let mut invoice = written(&root, &root);
    if let Value::Object(keywords) = &mut invoice {
        for root_only in ["$defs", "$schema", "$id"] {
            keywords.shift_remove(root_only);
        }
    }
    components.insert(NAME.to_owned(), invoice);
    components
}

/// `InvoiceLineItem` for `line_item`.
fn component(definition: &str) -> String {
    format!("{NAME}{}", super::shape::pascal(definition))
}

fn is_object(schema: &Value) -> bool {
    schema.get("type").and_then(Value::as_str) == Some("object")
}

/// `schema` in the words that generators of clients understand.
fn written(schema: &Value, root: &Value) -> Value {
    let keywords = match schema {
        Value::Object(keywords) => keywords,
        Value::Array(values) => {
            return values.iter().map(|value| written(value, root)).collect();
        }
        other => return other.clone(),
    };
    let mut merged = Map::new();
    if let Some(reference) = keywords.get("$ref").and_then(Value::as_str)
        && let Some(pointer) = reference.strip_prefix('#')
        && let Some(target) = root.pointer(pointer)
    {
        if is_object(target) {
            let name = reference.rsplit('/').next().unwrap_or_default();
            let target = format!("#/components/schemas/{}", component(name));
            merged.insert("$ref".to_owned(), target.into());
        } else if let Value::Object(target) = written(target, root) {
            merged = target;
        }
    }
    for (name, value) in keywords {
        if name != "$ref" && name != "$defs" {
            merged.insert(name.clone(), written(value, root));
        }
    }
    if let Some(of) = merged.get("enum")
        && !merged.contains_key("type")
        && of
            .as_array()
            .is_some_and(|of| of.iter().all(Value::is_string))
    {
        merged.insert("type".to_owned(), json!("string"));
    }
    nullable(merged).into()
}

/// `anyOf` a plain type and null as one type that is both.
fn nullable(mut keywords: Map<String, Value>) -> Map<String, Value> {
    let null = json!({"type": "null"});
    let plain = match keywords.get("anyOf").and_then(Value::as_array) {
        Some(of) if of.len() == 2 => of.iter().find(|schema| **schema != null).cloned(),
        _ => None,
    };
    if let Some(Value::Object(mut plain)) = plain
        && let Some(Value::String(kind)) = plain.get("type").cloned()
        && !plain.contains_key("enum")
    {
        plain.insert("type".to_owned(), json!([kind, "null"]));
        keywords.shift_remove("anyOf");
        plain.extend(keywords);
        return plain;
    }
    keywords
}
