//! Schemas narrowed for one model: they allow less than the original, never more.

use serde_json::{Map, Value, json};

use super::{ReceiptSchema, SchemaError};

/// Restrictions on the answers of a model. Empty fields are not part of its grammar, because a
/// model that was not trained on them tends to end the answer before them. They are added to the
/// answer afterwards.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Narrowing {
    /// Fields to keep empty, because the model was not trained on them.
    pub empty_fields: Vec<String>,
    /// Most items of the list.
    pub max_items: Option<usize>,
}

impl Narrowing {
    /// Returns whether there are no restrictions.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.empty_fields.is_empty() && self.max_items.is_none()
    }
}

impl ReceiptSchema {
    /// Returns this schema, narrowed. Fields that it does not have are ignored.
    ///
    /// # Errors
    /// See [`SchemaError`].
    pub fn narrowed(&self, by: &Narrowing) -> Result<Self, SchemaError> {
        let mut document = Value::clone(&self.marked);
        let mut empties = Map::new();
        for name in &by.empty_fields {
            let field = field(&self.document, name);
            let Some(field) = field else {
                continue;
            };
            let empty = empty_value(&self.document, field)
                .ok_or_else(|| SchemaError::NotEmpty(name.clone()))?;
            empties.insert(name.clone(), empty.clone());
            let mut held = Map::new();
            if let Some(description) = field.get("description") {
                held.insert("description".to_owned(), description.clone());
            }
            held.insert("const".to_owned(), empty);
            document["properties"][name] = held.into();
        }
        if let (Some(most), Some(items)) = (by.max_items, self.max_items()) {
            document["properties"]["items"]["maxItems"] = most.min(items).into();
        }
        Self::bounded(&self.name, document, empties)
    }

    /// Adds the fields that the model does not write, each in its place.
    pub(super) fn fill(&self, receipt: &mut Value) {
        let Value::Object(fields) = receipt else {
            return;
        };
        if self.empties.is_empty() {
            return;
        }
        let mut written = std::mem::take(fields);
        let order = self.document["properties"].as_object();
        for name in order.into_iter().flat_map(Map::keys) {
            let value = written.shift_remove(name);
            if let Some(value) = value.or_else(|| self.empties.get(name).cloned()) {
                fields.insert(name.clone(), value);
            }
        }
        fields.append(&mut written);
    }

    /// Returns whether the object has a field called `name`.
    #[must_use]
    pub fn has_field(&self, name: &str) -> bool {
        field(&self.document, name).is_some()
    }
}

/// Removes fields from a schema.
pub fn leave_out(schema: &mut Value, fields: &Map<String, Value>) {
    if let Some(Value::Object(properties)) = schema.get_mut("properties") {
        properties.retain(|name, _| !fields.contains_key(name));
    }
    if let Some(Value::Array(required)) = schema.get_mut("required") {
        required.retain(|name| !name.as_str().is_some_and(|name| fields.contains_key(name)));
    }
}

fn field<'a>(document: &'a Value, name: &str) -> Option<&'a Value> {
    document.get("properties")?.get(name)
}

/// Returns the empty value of a field: null, an empty array, or 0.
fn empty_value(document: &Value, field: &Value) -> Option<Value> {
    if let Some(branches) = field.get("anyOf").and_then(Value::as_array) {
        let is_null = |branch: &Value| branch.get("type") == Some(&json!("null"));
        return branches.iter().any(is_null).then_some(Value::Null);
    }
    let reference = field.get("$ref").and_then(Value::as_str);
    let target = reference.and_then(|reference| document.pointer(reference.strip_prefix('#')?));
    match target.unwrap_or(field).get("type")?.as_str()? {
        "array" => Some(json!([])),
        "number" | "integer" => Some(json!(0)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::receipt::Currency;

    fn invoice() -> ReceiptSchema {
        let path = Path::new("schemas/invoice.schema.json");
        ReceiptSchema::load(path, &Currency::Detect.into()).unwrap()
    }

    fn by(fields: &[&str], max_items: Option<usize>) -> Narrowing {
        Narrowing {
            empty_fields: fields.iter().map(|name| (*name).to_owned()).collect(),
            max_items,
        }
    }

    #[test]
    fn fields_are_held_to_their_empty_values() {
        let fields = ["taxes", "prepaid", "rounding", "due_date", "unknown"];
        let schema = invoice().narrowed(&by(&fields, Some(2))).unwrap();
        let properties = &schema.document()["properties"];
        assert_eq!(properties["taxes"]["const"], json!([]));
        assert_eq!(properties["prepaid"]["const"], json!(0));
        assert_eq!(properties["rounding"]["const"], json!(0));
        assert_eq!(properties["due_date"]["const"], Value::Null);
        assert!(properties["prepaid"]["description"].is_string());
        assert_eq!(schema.grammar()["properties"].get("taxes"), None);
        assert_eq!(schema.grammar()["required"].as_array().unwrap().len(), 9);
        let mut written = json!({"vendor_name": "a"});
        schema.fill(&mut written);
        let filled = json!({
            "vendor_name": "a", "taxes": [], "prepaid": 0, "rounding": 0, "due_date": null
        });
        assert_eq!(written, filled);
        let order: Vec<_> = written.as_object().unwrap().keys().collect();
        assert_eq!(
            order,
            ["vendor_name", "due_date", "taxes", "prepaid", "rounding"]
        );
        assert_eq!(properties.get("unknown"), None);
        assert_eq!(schema.max_items(), Some(2));
        assert!(schema.max_tokens() < invoice().max_tokens() / 10);
        // The whole schema accepts every answer that the narrowed one accepts.
        let receipt = json!({
            "vendor_name": null, "invoice_number": null, "invoice_date": null, "due_date": null,
            "items": [], "subtotal": 1, "tax_rate_percent": 0, "tax_amount": 0, "discount": 0,
            "total_due": 1, "taxes": [], "prepaid": 0, "rounding": 0
        });
        assert_eq!(schema.validate(&receipt), Ok(()));
        assert_eq!(invoice().validate(&receipt), Ok(()));
        let mut other = receipt.clone();
        other["prepaid"] = json!(1);
        assert!(schema.validate(&other).is_err());
        assert_eq!(invoice().validate(&other), Ok(()));
    }

    #[test]
    fn narrowing_does_not_raise_max_items() {
        assert_eq!(
            invoice()
                .narrowed(&by(&[], Some(1000)))
                .unwrap()
                .max_items(),
            Some(200)
        );
    }

    #[test]
    fn a_field_without_an_empty_value_is_named() {
        let document = json!({
            "type": "object", "additionalProperties": false, "required": ["a"],
            "properties": {"a": {"type": "string", "maxLength": 3}}
        });
        let schema = ReceiptSchema::new("a", document, &Currency::Detect.into()).unwrap();
        let error = schema.narrowed(&by(&["a"], None)).unwrap_err().to_string();
        assert_eq!(
            error,
            "its field a cannot be held empty: expected an array, a number or null as an alternative"
        );
        assert!(schema.has_field("a") && !schema.has_field("b"));
    }
}
