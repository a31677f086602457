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

/// The keyword with keywords that hold for values which a file states, instead of those beside it; null takes one away.
const STATED: &str = "x-stated";

/// Returns `schema` without keywords that only guide the grammar, and as wide as files state values. One of the keywords
/// is `multipleOf`: it limits the decimals that a model may write, but most validators divide doubles, for which 80.91
/// is not a multiple of 0.01.
#[must_use]
pub fn published(schema: &Value) -> Value {
    rewritten(schema, Form::Published)
}

/// Returns `schema` as it holds for the answers of models: without what holds for values that a file states.
#[must_use]
pub fn of_models(schema: &Value) -> Value {
    rewritten(schema, Form::OfModels)
}

/// A form of a schema that is derived from its file.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Published,
    OfModels,
}

fn rewritten(schema: &Value, form: Form) -> Value {
    match schema {
        Value::Object(keywords) => {
            let stated = keywords.get(STATED).and_then(Value::as_object);
            let stated = stated.filter(|_| form == Form::Published);
            let is_kept = |name: &str| match form {
                Form::Published => name != "multipleOf" && !name.starts_with("x-"),
                Form::OfModels => name != STATED,
            };
            let is_replaced = |name: &str| stated.is_some_and(|stated| stated.contains_key(name));
            let kept = keywords
                .iter()
                .filter(|(name, _)| is_kept(name) && !is_replaced(name));
            let stated = stated.into_iter().flatten();
            kept.chain(stated.filter(|(_, value)| !value.is_null()))
                .map(|(name, value)| (name.clone(), of_keyword(name, value, form)))
                .collect()
        }
        Value::Array(schemas) => schemas
            .iter()
            .map(|schema| rewritten(schema, form))
            .collect(),
        other => other.clone(),
    }
}

fn of_keyword(name: &str, value: &Value, form: Form) -> Value {
    match value {
        Value::Object(schemas) if BY_NAME.contains(&name) => schemas
            .iter()
            .map(|(name, schema)| (name.clone(), rewritten(schema, form)))
            .collect::<Map<_, _>>()
            .into(),
        data if DATA.contains(&name) => data.clone(),
        schema => rewritten(schema, form),
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
    #[test]
    fn what_files_state_may_be_wider() {
        let schema = json!({
            "properties": {
                "name": {"type": "string", "maxLength": 60, "pattern": "^a", "x-stated": {"maxLength": 1000, "pattern": null}},
                "x-stated": {"type": "string", "maxLength": 2},
            },
        });
        let wide = json!({
            "properties": {
                "name": {"type": "string", "maxLength": 1000},
                "x-stated": {"type": "string", "maxLength": 2},
            },
        });
        let narrow = json!({
            "properties": {
                "name": {"type": "string", "maxLength": 60, "pattern": "^a"},
                "x-stated": {"type": "string", "maxLength": 2},
            },
        });
        assert_eq!((published(&schema), of_models(&schema)), (wide, narrow));
    }
}
