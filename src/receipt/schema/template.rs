//! A schema as a template of types, by which models of the `NuExtract` family are told what to extract: the object of the
//! answer with the name of a type in the place of each value, and the choices in the place of one of several.

use serde_json::{Map, Value, json};

use super::{
    form::MARK,
    kinds::{FieldKind, Kinds},
};

/// Most objects and lists within each other; what lies deeper is text.
const DEEPEST: usize = 16;

/// Most values of a template; what follows is text.
const MOST_VALUES: usize = 4096;

/// Text as it is printed.
const VERBATIM: &str = "verbatim-string";

/// Text in other words.
const TEXT: &str = "string";

/// Writes the template of `document`, whose marks say which text is printed.
pub fn of(document: &Value, kinds: &Kinds) -> String {
    let mut writer = Writer {
        document,
        kinds,
        left: MOST_VALUES,
    };
    let template = writer.value(document, "", false, DEEPEST);
    // Indented, as in the examples that the family was published with.
    serde_json::to_string_pretty(&template).unwrap_or_default()
}

struct Writer<'a> {
    document: &'a Value,
    kinds: &'a Kinds,
    /// The number of values that may still be written.
    left: usize,
}

impl<'a> Writer<'a> {
    fn value(&mut self, schema: &'a Value, pointer: &str, is_printed: bool, depth: usize) -> Value {
        let is_printed = is_printed || schema.get(MARK).is_some();
        self.left = self.left.saturating_sub(1);
        if depth == 0 || self.left == 0 {
            return text(is_printed);
        }
        if let Some(target) = self.target(schema) {
            return self.value(target, pointer, is_printed, depth - 1);
        }
        let choices = choices(schema);
        if choices.len() > 1 {
            return choices.into();
        }
        for keyword in ["anyOf", "oneOf", "allOf"] {
            let branches = schema.get(keyword).and_then(Value::as_array);
            let mut branches = branches.into_iter().flatten();
            if let Some(branch) = branches.find(|branch| !self.is_null(branch)) {
                return self.value(branch, pointer, is_printed, depth - 1);
            }
        }
        if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
            return self.object(properties, pointer, is_printed, depth).into();
        }
        if let Some(items) = schema.get("items") {
            let item = self.value(items, &format!("{pointer}/0"), is_printed, depth - 1);
            return json!([item]);
        }
        match type_of(schema) {
            Some("integer") => json!("integer"),
            Some("number") => json!("number"),
            Some("boolean") => json!(["true", "false"]),
            Some("object") => json!({}),
            Some("array") => json!([text(is_printed)]),
            _ if self.kinds.at(self.document, pointer) == FieldKind::Date => json!("date-time"),
            _ => text(is_printed),
        }
    }

    fn object(
        &mut self,
        properties: &'a Map<String, Value>,
        pointer: &str,
        is_printed: bool,
        depth: usize,
    ) -> Map<String, Value> {
        let mut members = Map::new();
        for (name, schema) in properties {
            let escaped = name.replace('~', "~0").replace('/', "~1");
            let pointer = format!("{pointer}/{escaped}");
            let value = self.value(schema, &pointer, is_printed, depth - 1);
            members.insert(name.clone(), value);
        }
        members
    }

    /// Returns what a reference of `schema` leads to.
    fn target(&self, schema: &Value) -> Option<&'a Value> {
        let reference = schema.get("$ref")?.as_str()?;
        self.document.pointer(reference.strip_prefix('#')?)
    }

    fn is_null(&self, schema: &Value) -> bool {
        let schema = self.target(schema).unwrap_or(schema);
        type_of(schema) == Some("null") || schema.get("const").is_some_and(Value::is_null)
    }
}

fn text(is_printed: bool) -> Value {
    if is_printed { VERBATIM } else { TEXT }.into()
}

/// Returns what the value may be besides null, if it is one of several.
fn choices(schema: &Value) -> Vec<String> {
    let choices = schema.get("enum").and_then(Value::as_array);
    let choices = choices.into_iter().flatten();
    let choices = choices.filter(|choice| !choice.is_null());
    let written = choices.map(|choice| match choice {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    });
    written.collect()
}

/// Returns the first type that is not null, if there is one.
fn type_of(schema: &Value) -> Option<&str> {
    match schema.get("type")? {
        Value::Array(types) => {
            let types = types.iter().filter_map(Value::as_str);
            types.into_iter().find(|name| *name != "null")
        }
        one => one.as_str(),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::receipt::schema::{Currency, InlineLimits, ReceiptSchema};

    fn template(document: Value) -> Value {
        let limits = InlineLimits {
            max_bytes: 100_000,
            max_tokens: 100,
        };
        let schema = ReceiptSchema::inline(document, limits).unwrap();
        serde_json::from_str(&schema.template()).unwrap()
    }

    #[test]
    fn the_invoice_becomes_a_template() {
        let printed = Currency::Detect.into();
        let file = Path::new("schemas/invoice.schema.json");
        let schema = ReceiptSchema::load(file, &printed).unwrap();
        let text = schema.template();
        let template: Value = serde_json::from_str(&text).unwrap();
        assert!(text.starts_with("{\n  \"vendor_name\": \"verbatim-string\",\n"));
        assert_eq!(template["invoice_date"], "date-time");
        assert_eq!(template["total_due"], "number");
        let item = &template["items"][0];
        assert_eq!(item["details"], json!(["verbatim-string"]));
        assert_eq!(item["currency"], "string");
        assert_eq!(item["category"][0], "FOOD");
        assert_eq!(template["taxes"][0]["rate_percent"], "number");
        let names = |of: &Value| of.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(&template), names(&schema.document()["properties"]));
    }

    #[test]
    fn each_kind_of_value_has_a_type() {
        let schema = json!({
            "type": "object",
            "additionalProperties": false,
            "properties": {
                "count": {"type": ["integer", "null"]},
                "paid": {"type": "boolean"},
                "day": {"anyOf": [{"type": "null"}, {"type": "string", "format": "date"}]},
                "note": {"type": "string"},
                "colour": {"enum": ["red", null, "blue", 7]},
                "of": {"const": "EUR"},
                "tags": {"type": "array", "maxItems": 2, "items": {"enum": ["a", "b"]}},
                "seller": {"$ref": "#/$defs/seller"},
            },
            "$defs": {"seller": {
                "type": "object",
                "additionalProperties": false,
                "properties": {"na/me": {"type": "string", "format": "date"}},
            }},
        });
        assert_eq!(
            template(schema),
            json!({
                "count": "integer",
                "paid": ["true", "false"],
                "day": "date-time",
                "note": "string",
                "colour": ["red", "blue", "7"],
                "of": "string",
                "tags": [["a", "b"]],
                "seller": {"na/me": "date-time"},
            })
        );
    }

    #[test]
    fn a_schema_within_itself_ends() {
        let schema = json!({
            "properties": {"one": {"$ref": "#"}, "two": {"$ref": "#"}, "name": {"type": "string"}},
        });
        let text = of(&schema, &Kinds::of(&schema));
        let template: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(template["one"]["two"]["name"], "string");
        assert!(text.len() < 1_000_000, "{}", text.len());
    }
}
