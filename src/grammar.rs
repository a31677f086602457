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

/// A schema that finished answers are held to, draft 2020-12.
#[derive(Debug)]
pub struct Validator(jsonschema::Validator);

impl Validator {
    /// Compiles a schema. References to other documents are not followed.
    ///
    /// # Errors
    /// Why it is no JSON schema.
    pub fn new(schema: &Value) -> Result<Self, String> {
        jsonschema::draft202012::new(schema)
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
}
