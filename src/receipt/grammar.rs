//! Asks llguidance whether a JSON schema can be enforced, before a model has to.

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

/// Compiles `schema` and throws the result away.
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
