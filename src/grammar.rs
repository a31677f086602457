//! JSON schemas that a grammar is to enforce, and what to do where it cannot.

use std::sync::LazyLock;

use llguidance::{ParserFactory, api::TopLevelGrammar, toktrie::ApproximateTokEnv};
use serde_json::Value;

/// What a schema compiles to depends on the vocabulary only in its speed, so single bytes do.
static FACTORY: LazyLock<Result<ParserFactory, String>> = LazyLock::new(|| {
    let mut factory = ParserFactory::new_simple(&ApproximateTokEnv::single_byte_env())
        .map_err(|error| error.to_string())?;
    factory.quiet();
    Ok(factory)
});

/// Compiles `schema` and throws the result away: whether it can be enforced, before a model has to.
///
/// # Errors
/// llguidance's words, which name the keyword that it cannot enforce.
pub fn check(schema: &Value) -> Result<(), String> {
    let factory = FACTORY.as_ref().map_err(Clone::clone)?;
    factory
        .create_parser(TopLevelGrammar::from_json_schema(schema.clone()))
        .map(|_| ())
        .map_err(|error| error.to_string())
}

/// Subschemas of a schema, each counted as often as it is referred to, that answers may be checked
/// against: checking goes through them all, at worst.
const MAX_SUBSCHEMAS: usize = 10_000;

/// A schema that finished answers are held to, draft 2020-12.
#[derive(Debug)]
pub struct Validator(jsonschema::Validator);

impl Validator {
    /// Compiles a schema. Its patterns are matched in linear time.
    ///
    /// # Errors
    /// Why it is no JSON schema, or cannot be checked in bounded time.
    pub fn new(schema: &Value) -> Result<Self, String> {
        let mut left = MAX_SUBSCHEMAS;
        if !fits(schema, schema, &mut left) {
            return Err(format!(
                "it has more than {MAX_SUBSCHEMAS} parts, each counted as often as it is referred to"
            ));
        }
        jsonschema::options()
            .with_draft(jsonschema::Draft::Draft202012)
            .with_pattern_options(jsonschema::PatternOptions::regex())
            .build(schema)
            .map(Self)
            .map_err(|error| error.to_string())
    }

    /// Whether `text` is JSON that fits.
    ///
    /// # Errors
    /// Where and why not, in one line.
    pub fn check(&self, text: &str) -> Result<(), String> {
        let value = serde_json::from_str(text).map_err(|error| error.to_string())?;
        self.0.validate(&value).map_err(|error| {
            let path = error.instance_path().to_string();
            format!("{}: {error}", if path.is_empty() { "/" } else { &path })
        })
    }
}

/// Whether no more than `left` values are met on all ways through `schema`. One that refers to itself
/// has no end.
fn fits(schema: &Value, root: &Value, left: &mut usize) -> bool {
    let Some(rest) = left.checked_sub(1) else {
        return false;
    };
    *left = rest;
    match schema {
        Value::Array(values) => values.iter().all(|value| fits(value, root, left)),
        Value::Object(keywords) => keywords.iter().all(|(name, value)| {
            let target = match (name.as_str(), value.as_str()) {
                ("$ref" | "$dynamicRef", Some(reference)) => {
                    reference.strip_prefix('#').and_then(|at| root.pointer(at))
                }
                _ => None,
            };
            fits(target.unwrap_or(value), root, left)
        }),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_keyword_that_cannot_be_enforced_is_named() {
        assert_eq!(check(&json!({"type": "integer"})), Ok(()));
        let error = check(&json!({"type": "array", "uniqueItems": true})).unwrap_err();
        assert!(error.contains("uniqueItems"), "{error}");
    }

    #[test]
    fn a_schema_whose_checking_has_no_end_is_refused() {
        let mut levels = serde_json::Map::new();
        for level in 0..40 {
            let next = json!({"$ref": format!("#/$defs/a{}", level + 1)});
            levels.insert(format!("a{level}"), json!({"anyOf": [next, next]}));
        }
        levels.insert("a40".to_owned(), json!(false));
        let doubling = json!({"$ref": "#/$defs/a0", "$defs": levels});
        assert!(Validator::new(&doubling).is_err());
        assert!(Validator::new(&json!({"items": {"$ref": "#"}})).is_err());
        // Other references are refused by the validator.
        assert!(Validator::new(&json!({"$ref": "https://example.com/a.json"})).is_err());
        let backtracking = Validator::new(&json!({"pattern": "^(a+)+$"})).unwrap();
        let text = format!("\"{}!\"", "a".repeat(40));
        assert!(backtracking.check(&text).is_err());
    }
}
