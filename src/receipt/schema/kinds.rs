//! The kinds of values at the places of a schema.

use std::collections::HashSet;

use serde_json::{Value, json};

/// The kind of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKind {
    /// A number: an amount, a quantity, a rate.
    Number,
    /// A calendar date.
    Date,
    /// Text as it is printed.
    Text,
    /// One of a list: a category, a currency, true or false.
    Choice,
}

impl FieldKind {
    /// All kinds.
    pub const ALL: [Self; 4] = [Self::Number, Self::Date, Self::Text, Self::Choice];

    /// Returns the kind's name in files and answers.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::Date => "date",
            Self::Text => "text",
            Self::Choice => "choice",
        }
    }
}

/// Most references and alternatives that are followed at one place of a schema.
const MAX_BRANCHES: usize = 64;

/// The kinds of values in a schema, with its patterns that accept only dates.
#[derive(Debug)]
pub struct Kinds {
    date_patterns: HashSet<String>,
}

impl Kinds {
    pub fn of(document: &Value) -> Self {
        let mut date_patterns = HashSet::new();
        let mut open = vec![document];
        while let Some(value) = open.pop() {
            match value {
                Value::Array(values) => open.extend(values),
                Value::Object(members) => {
                    let pattern = members.get("pattern").and_then(Value::as_str);
                    if let Some(pattern) = pattern.filter(|pattern| takes_dates(pattern)) {
                        date_patterns.insert(pattern.to_owned());
                    }
                    open.extend(members.values());
                }
                _ => {}
            }
        }
        Self { date_patterns }
    }

    /// Returns the kind of the value at a JSON pointer; text if the schema does not tell.
    pub fn at(&self, document: &Value, pointer: &str) -> FieldKind {
        let mut at = vec![document];
        for name in pointer.split('/').skip(1) {
            let name = name.replace("~1", "/").replace("~0", "~");
            at = at
                .into_iter()
                .flat_map(|schema| branches(document, schema))
                .filter_map(|schema| match schema.get("properties") {
                    Some(properties) => properties.get(&name),
                    None => schema.get("items"),
                })
                .collect();
            // Alternatives that lead to the same place count once.
            at.dedup_by(|a, b| std::ptr::eq(*a, *b));
            at.truncate(MAX_BRANCHES);
        }
        let branches = at.into_iter().flat_map(|schema| branches(document, schema));
        let mut kinds = branches.filter_map(|schema| self.kind_of(schema));
        kinds.next().unwrap_or(FieldKind::Text)
    }

    fn kind_of(&self, schema: &Value) -> Option<FieldKind> {
        if schema.get("enum").is_some() || schema.get("const").is_some() {
            return Some(FieldKind::Choice);
        }
        let types = match schema.get("type")? {
            Value::Array(types) => types.iter().filter_map(Value::as_str).collect(),
            one => vec![one.as_str()?],
        };
        types.into_iter().find_map(|name| match name {
            "number" | "integer" => Some(FieldKind::Number),
            "boolean" => Some(FieldKind::Choice),
            "string" if self.is_date(schema) => Some(FieldKind::Date),
            "string" => Some(FieldKind::Text),
            _ => None,
        })
    }

    fn is_date(&self, schema: &Value) -> bool {
        let text = |keyword| schema.get(keyword).and_then(Value::as_str);
        text("format") == Some("date")
            || text("pattern").is_some_and(|pattern| self.date_patterns.contains(pattern))
    }
}

/// Lists a schema with the targets of its references and all its alternatives.
fn branches<'a>(document: &'a Value, schema: &'a Value) -> Vec<&'a Value> {
    let mut open = vec![schema];
    let mut found = Vec::new();
    while let Some(schema) = open.pop() {
        // A schema may refer to itself.
        if found.len() == MAX_BRANCHES {
            break;
        }
        let reference = schema.get("$ref").and_then(Value::as_str);
        let target = reference
            .and_then(|reference| reference.strip_prefix('#'))
            .and_then(|pointer| document.pointer(pointer));
        open.extend(target);
        for keyword in ["anyOf", "oneOf", "allOf"] {
            let branches = schema.get(keyword).and_then(Value::as_array);
            open.extend(branches.into_iter().flatten().rev());
        }
        found.push(schema);
    }
    found
}

fn takes_dates(pattern: &str) -> bool {
    let schema = json!({ "type": "string", "pattern": pattern });
    jsonschema::draft202012::new(&schema).is_ok_and(|validator| {
        validator.is_valid(&json!("2024-02-28")) && !validator.is_valid(&json!("2024-02-38"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_found_behind_references_and_alternatives() {
        let text = std::fs::read("schemas/invoice.schema.json").unwrap();
        let invoice: Value = serde_json::from_slice(&text).unwrap();
        let kinds = Kinds::of(&invoice);
        for (pointer, kind) in [
            ("/total_due", FieldKind::Number),
            ("/invoice_date", FieldKind::Date),
            ("/vendor_name", FieldKind::Text),
            ("/items/7/unit_price", FieldKind::Number),
            ("/items/0/details/1", FieldKind::Text),
            ("/items/0/category", FieldKind::Choice),
            ("/nowhere", FieldKind::Text),
        ] {
            assert_eq!(kinds.at(&invoice, pointer), kind, "{pointer}");
        }
    }

    #[test]
    fn a_schema_that_refers_to_itself_comes_to_an_end() {
        let schema = json!({
            "$ref": "#/$defs/a",
            "$defs": { "a": { "anyOf": [{ "$ref": "#/$defs/a" }, { "$ref": "#/$defs/a" }] } }
        });
        assert_eq!(Kinds::of(&schema).at(&schema, "/x"), FieldKind::Text);
        assert_eq!(Kinds::of(&schema).at(&schema, ""), FieldKind::Text);
    }
}
