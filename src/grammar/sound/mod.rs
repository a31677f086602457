//! Rewrites a schema for llguidance. Keywords for which it would accept more than the schema admits
//! are replaced by others that admit the same, or refused.
//!
//! Each rule corrects something that llguidance 1.9 gets wrong, which `tests/it/grammars.rs` looks
//! for with random schemas.

mod ends;
mod formats;
mod numbers;

use jsonschema::Draft;
use serde_json::{Map, Value, json};

use super::{
    error::GrammarError,
    pattern,
    places::{Places, escaped},
};

/// The treatment of a keyword that cannot be enforced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Manner {
    /// Refuses the schema.
    Strict,
    /// Leaves out the keyword.
    Lenient,
}

/// Keywords that no grammar enforces.
const UNHELD: [&str; 14] = [
    "contains",
    "dependencies",
    "dependentRequired",
    "dependentSchemas",
    "else",
    "if",
    "maxContains",
    "minContains",
    "not",
    "propertyNames",
    "then",
    "unevaluatedItems",
    "unevaluatedProperties",
    "uniqueItems",
];

/// Returns whether a keyword requires nothing, by its value or without the keyword that it belongs
/// to.
fn requires_nothing(keyword: &str, value: &Value, keywords: &Map<String, Value>) -> bool {
    let has = |other: &str| keywords.contains_key(other);
    match keyword {
        "uniqueItems" | "unevaluatedProperties" | "unevaluatedItems" | "propertyNames" | "not" => {
            let nothing = matches!(keyword, "uniqueItems" | "not");
            *value == Value::Bool(!nothing) || (!nothing && *value == json!({}))
        }
        "minContains" | "maxContains" => !has("contains"),
        "then" | "else" => !has("if"),
        "if" => !has("then") && !has("else"),
        "dependentRequired" | "dependentSchemas" | "dependencies" => *value == json!({}),
        "deprecated" | "$vocabulary" | "contentSchema" => true,
        _ => false,
    }
}

/// Rewrites `schema` for llguidance. With `lenient` in its guidance, leaves out keywords that
/// cannot be enforced.
///
/// # Errors
/// The place of a keyword that cannot be enforced, and the reason.
pub fn written(schema: &Value) -> Result<Value, GrammarError> {
    let (written, _) = write(schema)?;
    Ok(written)
}

/// Returns the places of keywords in `schema` that no value fits.
pub fn empty(schema: &Value) -> Vec<String> {
    write(schema).map_or_else(|_| Vec::new(), |(_, empty)| empty)
}

/// Returns the rewritten schema, and the places of keywords that no value fits.
fn write(schema: &Value) -> Result<(Value, Vec<String>), String> {
    let guidance = schema.get("x-guidance");
    let is_lenient = guidance.is_some_and(|guidance| guidance["lenient"] == json!(true));
    let manner = if is_lenient {
        Manner::Lenient
    } else {
        Manner::Strict
    };
    let draft = match Draft::Draft202012.detect(schema) {
        Draft::Unknown => Draft::Draft202012,
        draft => draft,
    };
    let places = Places::of(schema);
    let (mut written, mut empty) = (schema.clone(), Vec::new());
    // Inner schemas come first, so that a pattern that names a property is still in its place.
    for pointer in places.pointers.iter().rev() {
        if let Some(Value::Object(keywords)) = written.pointer_mut(pointer) {
            let at = |keyword: &str| format!("{pointer}/{}", escaped(keyword));
            let asked = ["const", "enum"].into_iter().chain(numbers::BOUNDS);
            let asked = asked
                .into_iter()
                .find(|keyword| keywords.contains_key(*keyword));
            let held = rewrite(keywords, draft, manner);
            held.map_err(|(keyword, reason)| format!("{}: {reason}", at(&keyword)))?;
            if keywords.get("enum") == Some(&json!([])) {
                empty.extend(asked.map(at));
            }
        }
    }
    for pointer in ends::endless(schema, &places) {
        let asked = schema.pointer(pointer);
        if asked.is_some_and(|asked| asked.get("$ref").is_some()) {
            empty.push(format!("{pointer}/$ref"));
        }
        if let Some(Value::Object(keywords)) = written.pointer_mut(pointer) {
            // No value fits; the definitions stay for the other schemas.
            keywords.retain(|keyword, _| {
                ["$defs", "definitions", "x-guidance"].contains(&keyword.as_str())
            });
            keywords.insert("enum".to_owned(), json!([]));
        }
    }
    close_names(&mut written, &places);
    Ok((written, empty))
}

/// A keyword that cannot be enforced, and the reason.
type Fault = (String, String);

/// Rewrites the keywords of one schema.
fn rewrite(keywords: &mut Map<String, Value>, draft: Draft, manner: Manner) -> Result<(), Fault> {
    loop {
        let kept = keywords.iter();
        let kept = kept.filter(|(keyword, value)| !requires_nothing(keyword, value, keywords));
        let mut held: Map<_, _> = kept
            .map(|(keyword, value)| (keyword.clone(), value.clone()))
            .collect();
        match (hold(&mut held, draft), manner) {
            (Ok(()), _) => {
                *keywords = held;
                return Ok(());
            }
            (Err((keyword, _)), Manner::Lenient) if keywords.contains_key(&keyword) => {
                keywords.shift_remove(&keyword);
            }
            (Err(fault), _) => return Err(fault),
        }
    }
}

/// Rewrites counts such as 2.0 as whole numbers, and removes those without effect.
fn count(keywords: &mut Map<String, Value>) {
    keywords.retain(|keyword, value| {
        let Some(bound) = value
            .as_f64()
            .filter(|bound| bound.fract() == 0.0 && *bound >= 0.0)
        else {
            return true;
        };
        let is_most = ["maxLength", "maxItems", "maxProperties"].contains(&keyword.as_str());
        let is_least = ["minLength", "minItems", "minProperties"].contains(&keyword.as_str());
        if (is_most || is_least) && value.is_f64() && bound < MOST_COUNTED {
            *value = json!(bound as u64);
        }
        !(is_most && bound >= MOST_COUNTED)
    });
}

/// A count above any answer's length.
const MOST_COUNTED: f64 = 1e15;

fn hold(keywords: &mut Map<String, Value>, draft: Draft) -> Result<(), Fault> {
    // Keywords unknown to a draft are annotations in it.
    let is_unheld =
        |keyword: &&str| keywords.contains_key(*keyword) && draft.is_known_keyword(keyword);
    if let Some(keyword) = UNHELD.into_iter().find(|keyword| is_unheld(keyword)) {
        return Err((
            keyword.to_owned(),
            "no grammar can enforce it; leave it out".to_owned(),
        ));
    }
    count(keywords);
    numbers::hold(keywords)?;
    hold_pattern(keywords)?;
    hold_names(keywords)?;
    formats::hold(keywords);
    order(keywords);
    Ok(())
}

fn hold_pattern(keywords: &mut Map<String, Value>) -> Result<(), Fault> {
    if let Some(Value::String(pattern)) = keywords.get_mut("pattern") {
        *pattern = pattern::written(pattern).map_err(|reason| ("pattern".to_owned(), reason))?;
    }
    Ok(())
}

fn hold_names(keywords: &mut Map<String, Value>) -> Result<(), Fault> {
    let Some(Value::Object(patterns)) = keywords.get_mut("patternProperties") else {
        return Ok(());
    };
    let fault = |reason| ("patternProperties".to_owned(), reason);
    let mut renamed = Map::new();
    for (pattern, schema) in patterns.iter() {
        let pattern = pattern::written(pattern).map_err(fault)?;
        if renamed.insert(pattern, schema.clone()).is_some() {
            return Err(fault("two patterns are equivalent; keep one".to_owned()));
        }
    }
    *patterns = renamed;
    Ok(())
}

/// Moves `additionalItems` directly after `items`, since llguidance reads it only there.
fn order(keywords: &mut Map<String, Value>) {
    if let Some(rest) = keywords.shift_remove("additionalItems") {
        let items = keywords.keys().position(|keyword| keyword == "items");
        // Without a list of items it means nothing.
        if let Some(items) = items.filter(|_| keywords["items"].is_array()) {
            keywords.shift_insert(items + 1, "additionalItems".to_owned(), rest);
        }
    }
}

/// Allows each name and string only one spelling, without `\u` escapes, since a declared name could
/// otherwise be written differently and avoid its type. Names and values that need escapes keep
/// them.
fn close_names(written: &mut Value, places: &Places) {
    let needs_escape = |text: &str| {
        text.chars()
            .any(|c| c.is_control() && !"\n\r\t\u{8}\u{c}".contains(c))
    };
    let is_plain = places.pointers.iter().all(|pointer| {
        let keywords = written.pointer(pointer).and_then(Value::as_object);
        keywords
            .into_iter()
            .flatten()
            .all(|(keyword, value)| match keyword.as_str() {
                "const" | "enum" | "required" => !any_text(value, &needs_escape),
                "properties" => !value
                    .as_object()
                    .into_iter()
                    .flatten()
                    .any(|(name, _)| needs_escape(name)),
                _ => true,
            })
    });
    let guidance = written.get_mut("x-guidance").and_then(Value::as_object_mut);
    if let Some(guidance) = guidance.filter(|_| is_plain) {
        guidance.insert("json_allowed_escapes".to_owned(), json!("nrbtf\\\""));
    }
}

fn any_text(value: &Value, is_meant: &impl Fn(&str) -> bool) -> bool {
    match value {
        Value::String(text) => is_meant(text),
        Value::Array(values) => values.iter().any(|value| any_text(value, is_meant)),
        Value::Object(map) => map
            .iter()
            .any(|(name, value)| is_meant(name) || any_text(value, is_meant)),
        _ => false,
    }
}

#[cfg(test)]
mod tests;
