//! Checks finished answers against their schema.

use jsonschema::{Draft, PatternOptions};
use serde_json::Value;

use super::{
    error::{GrammarError, Misfit},
    exact::{Document, Exact},
};

/// Maximum number of subschemas, each counted as often as it is referred to: in the worst case a
/// check visits all of them.
const MAX_SUBSCHEMAS: usize = 10_000;

/// Maximum depth of nested subschemas.
const MAX_DEPTH: usize = 256;

/// Maximum number of backtracking steps for one pattern with look-arounds.
const MAX_BACKTRACKING: usize = 100_000;

/// A schema for checking finished answers, draft 2020-12 unless it names another.
///
/// Two validators check an answer if both know the schema's keywords: an exact one, by the written
/// text, and one that calculates in doubles. Only the second knows the keywords that no grammar
/// enforces.
#[derive(Debug)]
pub struct Validator {
    exact: Option<Exact>,
    general: Result<jsonschema::Validator, GrammarError>,
}

impl Validator {
    /// Compiles a schema. Its patterns are matched in linear time, or where that is impossible in a
    /// bounded number of steps.
    ///
    /// # Errors
    /// The reason that it is not a JSON schema, or cannot be checked in bounded time.
    pub fn new(schema: &Value) -> Result<Self, GrammarError> {
        let (exact, general) = (Exact::of(schema).ok(), general(schema));
        match general {
            Err(reason) if exact.is_none() => Err(reason),
            general => Ok(Self { exact, general }),
        }
    }

    /// Checks that both validators apply, and so no schema that refers to itself.
    /// # Errors
    /// The reason that they do not.
    pub fn is_general(&self) -> Result<(), GrammarError> {
        self.general.as_ref().map(|_| ()).map_err(Clone::clone)
    }

    /// Checks that `text` is JSON that fits the schema, comparing numbers by value, and gives no
    /// name twice.
    ///
    /// # Errors
    /// The place and the reason of a misfit, in one line.
    pub fn check(&self, text: &str) -> Result<(), Misfit> {
        self.judge(text, &Document::of(text)?)
    }

    fn judge(&self, text: &str, document: &Document) -> Result<(), Misfit> {
        if let Some(exact) = &self.exact {
            exact.check(document)?;
        }
        match &self.general {
            // The other validator would judge a rounded number.
            Ok(_) if self.exact.is_some() && document.is_rounded => Ok(()),
            Ok(general) => {
                let value = serde_json::from_str(text).map_err(|error| error.to_string())?;
                Ok(judge(general, &value)?)
            }
            Err(_) => Ok(()),
        }
    }

    /// Checks `text` like [`Validator::check`], and returns its value with every number as written.
    ///
    /// # Errors
    /// Those of [`Validator::check`], and a number that cannot be kept exactly.
    pub fn read(&self, text: &str) -> Result<Value, Misfit> {
        let document = Document::of(text)?;
        self.judge(text, &document)?;
        if let Some((place, number)) = document.unkept {
            let reason = format!("{place}: {number} has more digits than a 64-bit number keeps");
            return Err(reason.into());
        }
        Ok(serde_json::from_str(text).map_err(|error| error.to_string())?)
    }
}

fn judge(validator: &jsonschema::Validator, value: &Value) -> Result<(), String> {
    validator.validate(value).map_err(|error| {
        let path = error.instance_path().to_string();
        format!("{}: {error}", if path.is_empty() { "/" } else { &path })
    })
}

/// Builds the validator that knows all keywords.
fn general(schema: &Value) -> Result<jsonschema::Validator, GrammarError> {
    let mut left = MAX_SUBSCHEMAS;
    if !fits(schema, schema, &mut left, MAX_DEPTH) {
        let reason = format!(
            "it has more than {MAX_SUBSCHEMAS} parts, each counted as often as it is referred \
             to, or they lie deeper than {MAX_DEPTH}, or a reference in it is no plain pointer \
             such as #/$defs/name"
        );
        return Err(reason.into());
    }
    let draft = match Draft::Draft202012.detect(schema) {
        Draft::Unknown => Draft::Draft202012,
        draft => draft,
    };
    let options = || jsonschema::options().with_draft(draft);
    let linear = options()
        .with_pattern_options(PatternOptions::regex())
        .build(schema);
    let built = linear.or_else(|_| {
        let looking_around = PatternOptions::fancy_regex().backtrack_limit(MAX_BACKTRACKING);
        options().with_pattern_options(looking_around).build(schema)
    });
    Ok(built.map_err(|error| error.to_string())?)
}

/// Returns whether at most `left` values are met on all ways through `schema`, none deeper than
/// `depth`, and every reference is a plain pointer into `root` that can be followed here. A schema
/// that refers to itself exceeds any limit.
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
                // It would change the meaning of references within.
                ("$id", Value::String(_)) if !std::ptr::eq(schema, root) => return false,
                _ => value,
            };
            fits(value, root, left, depth)
        }),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_schema_whose_checking_has_no_end_is_refused() {
        let mut levels = serde_json::Map::new();
        for level in 0..40 {
            let next = json!({"$ref": format!("#/$defs/a{}", level + 1)});
            levels.insert(format!("a{level}"), json!({"anyOf": [next, next]}));
        }
        levels.insert("a40".to_owned(), json!(false));
        let doubling = json!({"$ref": "#/$defs/a0", "$defs": levels});
        assert!(general(&doubling).is_err());
        // The same with other forms of references.
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
            assert!(general(&schema).is_err(), "{text}");
        }
        for schema in [
            json!({"items": {"$ref": "#"}}),
            json!({"$ref": "https://example.com/a.json"}),
            json!({"$defs": {"a": {"$id": "b"}}}),
        ] {
            assert!(general(&schema).is_err(), "{schema}");
        }
        assert!(general(&json!({"$ref": "#/$defs/a", "$defs": {"a": {}}})).is_ok());
        assert!(general(&json!({"properties": {"$ref": {}}, "$id": "a"})).is_ok());
        let backtracking = Validator::new(&json!({"pattern": "^(a+)+$"})).unwrap();
        let text = format!("\"{}!\"", "a".repeat(40));
        assert!(backtracking.check(&text).is_err());
        let looking_around = Validator::new(&json!({"pattern": "^(?!0000)(a|aa)+$"})).unwrap();
        assert_eq!(looking_around.check("\"aaa\""), Ok(()));
        assert!(looking_around.check("\"0000\"").is_err() && looking_around.check(&text).is_err());
    }
}
