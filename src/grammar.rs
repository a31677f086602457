//! Grammars that hold a model to a form, and what to do where they cannot.

mod compiler;

use std::sync::{Arc, LazyLock};

use llguidance::{Matcher, ParserFactory, api::TopLevelGrammar, toktrie::ApproximateTokEnv};
use serde_json::Value;

pub use compiler::{Blanks, Compiler, CompilerSettings, Enforced, Refused};

/// What the generated text must match.
#[derive(Debug, Clone)]
pub enum Grammar {
    /// Anything.
    Free,
    /// A JSON value that validates against this schema, as llguidance understands it.
    JsonSchema(Arc<Value>),
    /// What llguidance's dialect of Lark describes.
    Lark(Arc<str>),
}

/// What a grammar compiles to depends on the vocabulary only in its speed, so single bytes do.
static FACTORY: LazyLock<Result<ParserFactory, String>> = LazyLock::new(|| {
    let mut factory = ParserFactory::new_simple(&ApproximateTokEnv::single_byte_env())
        .map_err(|error| error.to_string())?;
    factory.quiet();
    Ok(factory)
});

/// Compiles `grammar` and throws the result away: whether it can be enforced, before a model has to.
///
/// # Errors
/// llguidance's words, which name the keyword of a schema that it cannot enforce.
pub fn check(grammar: &Grammar) -> Result<(), String> {
    compile(grammar).map(|_| ())
}

/// The grammar ready to match; `None` for one that matches anything.
fn compile(grammar: &Grammar) -> Result<Option<Matcher>, String> {
    let grammar = match grammar {
        Grammar::Free => return Ok(None),
        Grammar::JsonSchema(schema) => TopLevelGrammar::from_json_schema((**schema).clone()),
        Grammar::Lark(rules) => TopLevelGrammar::from_lark(rules.to_string()),
    };
    let factory = FACTORY.as_ref().map_err(Clone::clone)?;
    let parser = factory.create_parser(grammar);
    let parser = parser.map_err(|error| error.to_string())?;
    Ok(Some(Matcher::new(Ok(parser))))
}

/// As [`check`], of a JSON schema.
///
/// # Errors
/// As [`check`].
pub fn check_schema(schema: &Value) -> Result<(), String> {
    check(&Grammar::JsonSchema(schema.clone().into()))
}

/// Subschemas of a schema, each counted as often as it is referred to, that answers may be checked
/// against: checking goes through them all, at worst.
const MAX_SUBSCHEMAS: usize = 10_000;

/// How deep they may lie in one another.
const MAX_DEPTH: usize = 256;

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
        if !fits(schema, schema, &mut left, MAX_DEPTH) {
            return Err(format!(
                "it has more than {MAX_SUBSCHEMAS} parts, each counted as often as it is referred \
                 to, or they lie deeper than {MAX_DEPTH}, or a reference in it is no plain pointer \
                 such as #/$defs/name"
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
        self.check_value(&value)
    }

    /// Whether `value` fits.
    ///
    /// # Errors
    /// As of [`Validator::check`].
    pub fn check_value(&self, value: &Value) -> Result<(), String> {
        self.0.validate(value).map_err(|error| {
            let path = error.instance_path().to_string();
            format!("{}: {error}", if path.is_empty() { "/" } else { &path })
        })
    }
}

/// Whether no more than `left` values are met on all ways through `schema`, none deeper than `depth`,
/// and every reference is a plain pointer into `root`, which can be followed here. One that refers to
/// itself has no end.
fn fits(schema: &Value, root: &Value, left: &mut usize, depth: usize) -> bool {
    let (Some(rest), Some(depth)) = (left.checked_sub(1), depth.checked_sub(1)) else {
        return false;
    };
    *left = rest;
    match schema {
        Value::Array(values) => values.iter().all(|value| fits(value, root, left, depth)),
        Value::Object(keywords) => keywords.iter().all(|(name, value)| {
            let value = match (name.as_str(), value) {
                ("$ref" | "$dynamicRef" | "$recursiveRef", Value::String(reference)) => {
                    let pointer = reference.strip_prefix('#');
                    let pointer = pointer.filter(|pointer| !pointer.contains('%'));
                    match pointer.and_then(|pointer| root.pointer(pointer)) {
                        Some(target) => target,
                        None => return false,
                    }
                }
                // It would change what references within mean.
                ("$id", Value::String(_)) if !std::ptr::eq(schema, root) => return false,
                _ => value,
            };
            fits(value, root, left, depth)
        }),
        _ => true,
    }
}

/// What tests of other modules ask of a grammar.
#[cfg(test)]
pub mod for_tests {
    use super::*;

    /// Whether `text`, byte by byte, is all that a model may write under `grammar`.
    ///
    /// # Panics
    /// If it does not compile.
    #[must_use]
    pub fn accepts(grammar: &Grammar, text: &str) -> bool {
        let Some(mut matcher) = compile(grammar).unwrap() else {
            return true;
        };
        let mut bytes = text.bytes().map(u32::from);
        bytes.all(|byte| matcher.consume_token(byte).is_ok()) && matcher.is_accepting().unwrap()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_keyword_that_cannot_be_enforced_is_named() {
        assert_eq!(check_schema(&json!({"type": "integer"})), Ok(()));
        let error = check_schema(&json!({"type": "array", "uniqueItems": true})).unwrap_err();
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
        // However the levels refer to one another.
        let text = doubling.to_string();
        let anchors = (0..41).fold(text.clone(), |text, level| {
            text.replace(&format!("\"#/$defs/a{level}\""), &format!("\"#a{level}\""))
                .replace(
                    &format!("\"a{level}\":{{"),
                    &format!("\"a{level}\":{{\"$anchor\":\"a{level}\","),
                )
        });
        for text in [
            anchors,
            text.replace("#/$defs", "#/%24defs"),
            text.replace("#/$defs", "b#/$defs"),
        ] {
            let schema = serde_json::from_str(&text).unwrap();
            assert!(Validator::new(&schema).is_err(), "{text}");
        }
        for schema in [
            json!({"items": {"$ref": "#"}}),
            json!({"$ref": "https://example.com/a.json"}),
            json!({"$defs": {"a": {"$id": "b"}}}),
        ] {
            assert!(Validator::new(&schema).is_err(), "{schema}");
        }
        assert!(Validator::new(&json!({"$ref": "#/$defs/a", "$defs": {"a": {}}})).is_ok());
        assert!(Validator::new(&json!({"properties": {"$ref": {}}, "$id": "a"})).is_ok());
        let backtracking = Validator::new(&json!({"pattern": "^(a+)+$"})).unwrap();
        let text = format!("\"{}!\"", "a".repeat(40));
        assert!(backtracking.check(&text).is_err());
    }
}
