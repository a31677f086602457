//! The published form of schemas, for validators and generators of clients.

use serde_json::{Map, Value, json};

/// Keywords with values that map names to schemas.
const BY_NAME: [&str; 5] = [
    "properties",
    "patternProperties",
    "dependentSchemas",
    "$defs",
    "definitions",
];

/// Keywords with values that are not schemas.
const DATA: [&str; 5] = ["enum", "const", "default", "examples", "example"];

/// Returns `schema` without keywords that only guide the grammar. One of them is `multipleOf`: it
/// limits the decimals that a model may write, but most validators divide doubles, for which 80.91
/// is not a multiple of 0.01.
#[must_use]
pub fn published(schema: &Value) -> Value {
    match schema {
        Value::Object(keywords) => {
            let kept = keywords
                .iter()
                .filter(|(name, _)| *name != "multipleOf" && !name.starts_with("x-"));
            kept.map(|(name, value)| (name.clone(), of_keyword(name, value)))
                .collect()
        }
        Value::Array(schemas) => schemas.iter().map(published).collect(),
        other => other.clone(),
    }
}

fn of_keyword(name: &str, value: &Value) -> Value {
    match value {
        Value::Object(schemas) if BY_NAME.contains(&name) => schemas
            .iter()
            .map(|(name, schema)| (name.clone(), published(schema)))
            .collect::<Map<_, _>>()
            .into(),
        data if DATA.contains(&name) => data.clone(),
        schema => published(schema),
    }
}

/// Returns the `/$defs/currency` to use when the settings do not name one.
#[must_use]
pub fn any_currency() -> Value {
    json!({"type": "string", "pattern": "^[A-Z]{3}$", "maxLength": 3})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keywords_for_the_grammar_are_left_out() {
        let schema = json!({
            "x-guidance": {"whitespace_flexible": false},
            "properties": {
                "multipleOf": {"type": "number", "multipleOf": 0.01, "maximum": 5},
                "x-rays": {"anyOf": [{"multipleOf": 0.5}, {"type": "null"}]},
                "of": {"enum": [{"multipleOf": 1}]},
            },
            "$defs": {"x-y": {"items": {"multipleOf": 0.1, "type": "number"}}},
            "additionalProperties": false,
        });
        let expected = json!({
            "properties": {
                "multipleOf": {"type": "number", "maximum": 5},
                "x-rays": {"anyOf": [{}, {"type": "null"}]},
                "of": {"enum": [{"multipleOf": 1}]},
            },
            "$defs": {"x-y": {"items": {"type": "number"}}},
            "additionalProperties": false,
        });
        assert_eq!(published(&schema), expected);
    }
}
