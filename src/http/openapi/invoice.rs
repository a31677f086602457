//! Turns the invoice's schema, a file, into components of the OpenAPI document.

use serde_json::{Map, Value, json};

use crate::{http::components::INVOICE, receipt::published};

/// Returns components for the invoice and each object under its `$defs`, by name. References to anything else are
/// replaced by their targets, because the invoice is not the root of the document. The schema is bounded, so it
/// does not refer to itself. Any currency is allowed: a gateway's settings are not part of its interface.
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
    components.insert(INVOICE.to_owned(), invoice);
    components
}

/// Returns the name of a component, such as `InvoiceLineItem` for `line_item`.
fn component(definition: &str) -> String {
    format!("{INVOICE}{}", super::shape::pascal(definition))
}

fn is_object(schema: &Value) -> bool {
    schema.get("type").and_then(Value::as_str) == Some("object")
}

/// Rewrites `schema` in a form that client generators understand.
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

/// Rewrites `anyOf` of a plain type and null as one type that includes null.
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
