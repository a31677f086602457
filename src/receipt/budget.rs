//! Computes the longest answer that a JSON schema allows, so that every answer can end.

use std::cell::Cell;

use regex_syntax::hir::{Class, Hir, HirKind};
use rust_decimal::Decimal;
use serde_json::{Map, Value};
use thiserror::Error;

/// A part of a schema that allows answers of any length.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("the schema is not bounded at {path}: {reason}")]
pub struct Unbounded {
    /// JSON pointer to that part.
    pub path: String,
    /// Reason, or the keyword that is missing.
    pub reason: String,
}

/// Depth of nesting, references included, beyond which a schema counts as recursive.
const MAX_DEPTH: usize = 64;

/// Most subschemas to visit, since references and alternatives multiply.
const MAX_STEPS: usize = 10_000;

/// Bytes of a character that JSON has to escape: `\u001f`.
const ESCAPE_BYTES: usize = 6;

/// Bytes of a character without restrictions: a surrogate pair of escapes.
const ANY_CHAR_BYTES: usize = 2 * ESCAPE_BYTES;

/// Returns the bytes of the longest JSON text, without white space, that validates against
/// `schema`. A token has at least one byte, so no answer takes more tokens either.
///
/// # Errors
/// [`Unbounded`] if a part has no bound, or none that can be proven.
pub fn max_bytes(schema: &Value) -> Result<usize, Unbounded> {
    let steps = Cell::new(0);
    Walk {
        root: schema,
        steps: &steps,
    }
    .value(schema, "", 0)
}

struct Walk<'a> {
    root: &'a Value,
    /// Subschemas visited so far; one that is referred to twice counts twice.
    steps: &'a Cell<usize>,
}

impl Walk<'_> {
    fn value(&self, schema: &Value, path: &str, depth: usize) -> Result<usize, Unbounded> {
        let fail = |reason: &str| unbounded(path, reason);
        let Value::Object(keywords) = schema else {
            return Err(fail(
                "expected an object of keywords, since true or false sets no bound",
            ));
        };
        self.steps.set(self.steps.get() + 1);
        if self.steps.get() > MAX_STEPS {
            return Err(fail("it has too many references and alternatives"));
        }
        if depth > MAX_DEPTH {
            return Err(fail("it refers to itself, or is nested too deeply"));
        }
        if let Some(reference) = keywords.get("$ref") {
            let pointer = reference.as_str().and_then(|r| r.strip_prefix('#'));
            let target = pointer.and_then(|pointer| self.root.pointer(pointer));
            let target = target.ok_or_else(|| fail("its $ref does not point into the schema"))?;
            return self.value(target, path, depth + 1);
        }
        if let Some(Value::Array(values)) = keywords.get("enum") {
            return Ok(values.iter().map(literal_bytes).max().unwrap_or(0));
        }
        if let Some(value) = keywords.get("const") {
            return Ok(literal_bytes(value));
        }
        for choice in ["anyOf", "oneOf"] {
            if let Some(Value::Array(branches)) = keywords.get(choice) {
                return self.longest(branches, path, choice, depth);
            }
        }
        let types: Vec<&str> = match keywords.get("type") {
            Some(Value::String(name)) => vec![name],
            Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
            _ => return Err(fail("it needs a type")),
        };
        let mut longest = 0;
        for name in types {
            longest = longest.max(match name {
                "null" => 4,
                "boolean" => 5,
                "string" => string_bytes(keywords).map_err(|reason| fail(&reason))?,
                "number" | "integer" => number_bytes(keywords, name == "integer")
                    .ok_or_else(|| fail("a number needs minimum, maximum and multipleOf"))?,
                "array" => self.array(keywords, path, depth)?,
                "object" => self.object(keywords, path, depth)?,
                other => return Err(fail(&format!("{other} is not a JSON type"))),
            });
        }
        Ok(longest)
    }

    fn longest(
        &self,
        branches: &[Value],
        path: &str,
        keyword: &str,
        depth: usize,
    ) -> Result<usize, Unbounded> {
        let mut longest = 0;
        for (i, branch) in branches.iter().enumerate() {
            let path = format!("{path}/{keyword}/{i}");
            longest = longest.max(self.value(branch, &path, depth + 1)?);
        }
        Ok(longest)
    }

    fn array(
        &self,
        keywords: &Map<String, Value>,
        path: &str,
        depth: usize,
    ) -> Result<usize, Unbounded> {
        let count = limit(keywords, "maxItems")
            .ok_or_else(|| unbounded(path, "an array needs maxItems"))?;
        if count == 0 {
            return Ok(2);
        }
        let items = keywords
            .get("items")
            .ok_or_else(|| unbounded(path, "an array needs items"))?;
        let item = self.value(items, &format!("{path}/items"), depth + 1)?;
        Ok(count
            .saturating_mul(item.saturating_add(1))
            .saturating_add(1))
    }

    fn object(
        &self,
        keywords: &Map<String, Value>,
        path: &str,
        depth: usize,
    ) -> Result<usize, Unbounded> {
        if keywords.get("additionalProperties") != Some(&Value::Bool(false))
            || keywords.contains_key("patternProperties")
        {
            return Err(unbounded(
                path,
                "an object needs additionalProperties: false and no patternProperties",
            ));
        }
        let mut bytes = 2;
        if let Some(Value::Object(properties)) = keywords.get("properties") {
            for (name, property) in properties {
                let path = format!("{path}/properties/{name}");
                let key = literal_bytes(&Value::String(name.clone()));
                let value = self.value(property, &path, depth + 1)?;
                bytes = value.saturating_add(key + 2).saturating_add(bytes);
            }
        }
        Ok(bytes)
    }
}

fn unbounded(path: &str, reason: &str) -> Unbounded {
    Unbounded {
        path: if path.is_empty() { "/" } else { path }.to_owned(),
        reason: reason.to_owned(),
    }
}

fn literal_bytes(value: &Value) -> usize {
    value.to_string().len()
}

fn limit(keywords: &Map<String, Value>, name: &str) -> Option<usize> {
    let value = keywords.get(name)?.as_u64()?;
    usize::try_from(value).ok()
}

/// Returns the bytes of the longest string, with its quotes.
fn string_bytes(keywords: &Map<String, Value>) -> Result<usize, String> {
    let chars = limit(keywords, "maxLength").ok_or("a string needs maxLength")?;
    let char_bytes = match keywords.get("pattern").and_then(Value::as_str) {
        // Without both anchors the pattern does not restrict the text around its match.
        Some(pattern) if pattern.starts_with('^') && pattern.ends_with('$') => {
            let hir = regex_syntax::parse(pattern)
                .map_err(|e| format!("its pattern is not valid: {e}"))?;
            widest_char(&hir)
        }
        _ => ANY_CHAR_BYTES,
    };
    Ok(chars.saturating_mul(char_bytes).saturating_add(2))
}

/// Returns the bytes in JSON of the widest character that a pattern allows.
fn widest_char(pattern: &Hir) -> usize {
    let bytes = |c: char| match c {
        '"' | '\\' | '\0'..='\u{1f}' => ESCAPE_BYTES,
        c => c.len_utf8(),
    };
    match pattern.kind() {
        HirKind::Empty | HirKind::Look(_) => 0,
        HirKind::Literal(literal) => match std::str::from_utf8(&literal.0) {
            Ok(text) => text.chars().map(bytes).max().unwrap_or(0),
            Err(_) => ANY_CHAR_BYTES,
        },
        HirKind::Class(Class::Unicode(class)) => class
            .iter()
            .map(|range| {
                let holds = |c: char| range.start() <= c && c <= range.end();
                if range.start() <= '\u{1f}' || holds('"') || holds('\\') {
                    ESCAPE_BYTES
                } else {
                    range.end().len_utf8()
                }
            })
            .max()
            .unwrap_or(0),
        HirKind::Class(Class::Bytes(_)) => ANY_CHAR_BYTES,
        HirKind::Repetition(repetition) => widest_char(&repetition.sub),
        HirKind::Capture(capture) => widest_char(&capture.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => {
            parts.iter().map(widest_char).max().unwrap_or(0)
        }
    }
}

/// Returns the bytes of the longest number: digits, sign and point. llguidance writes no exponents.
fn number_bytes(keywords: &Map<String, Value>, integer: bool) -> Option<usize> {
    let bound = |name: &str| keywords.get(name).and_then(Value::as_f64);
    let minimum = bound("minimum").or_else(|| bound("exclusiveMinimum"))?;
    let maximum = bound("maximum").or_else(|| bound("exclusiveMaximum"))?;
    let decimals = match keywords.get("multipleOf") {
        Some(step) => decimals(step)?,
        None if integer => 0,
        None => return None,
    };
    let digits = |bound: f64| format!("{:.0}", bound.abs().ceil()).len();
    let sign = usize::from(minimum < 0.0);
    let point = usize::from(decimals > 0);
    Some(sign + digits(minimum).max(digits(maximum)) + point + decimals)
}

/// Returns the number of decimals of a number, the same for `1e-5` and `0.00001`; `None` if there
/// are more than a decimal can hold.
pub fn decimals(number: &Value) -> Option<usize> {
    let text = number.as_number()?.to_string();
    let number = Decimal::from_str_exact(&text).or_else(|_| Decimal::from_scientific(&text));
    usize::try_from(number.ok()?.normalize().scale()).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn schemas_with_too_many_branches_are_refused() {
        let mut definitions = serde_json::Map::new();
        for level in 0..20 {
            let next = json!({ "$ref": format!("#/$defs/{}", level + 1) });
            let branches = json!({ "anyOf": [next, next, next, next] });
            definitions.insert(level.to_string(), branches);
        }
        definitions.insert("20".to_owned(), json!({ "const": 1 }));
        let schema = json!({ "$ref": "#/$defs/0", "$defs": definitions });
        let reason = max_bytes(&schema).unwrap_err().reason;
        assert_eq!(reason, "it has too many references and alternatives");
    }

    #[test]
    fn sizes_do_not_overflow() {
        let item = json!({ "type": "string", "maxLength": u64::MAX });
        let schema = json!({ "type": "array", "maxItems": u64::MAX, "items": item });
        assert_eq!(max_bytes(&schema), Ok(usize::MAX));
    }

    #[test]
    fn sizes_of_the_longest_values() {
        let size = |schema: Value| max_bytes(&schema).unwrap();
        assert_eq!(size(json!({"type": "null"})), "null".len());
        assert_eq!(size(json!({"enum": ["a", "bcd", null]})), "\"bcd\"".len());
        assert_eq!(
            size(json!({"type": "string", "maxLength": 3, "pattern": "^[a-z]*$"})),
            "\"abc\"".len()
        );
        assert_eq!(
            size(json!({"type": "string", "maxLength": 1, "pattern": "^[a-é]*$"})),
            "\"é\"".len()
        );
        assert_eq!(
            size(json!({"type": "string", "maxLength": 1, "pattern": "^.$"})),
            "\"\\u0000\"".len()
        );
        assert_eq!(
            size(json!({
                "type": "number", "minimum": -5, "maximum": 1000, "multipleOf": 0.01
            })),
            "-1000.00".len()
        );
        assert_eq!(
            size(json!({
                "type": "number", "minimum": 0, "maximum": 9, "multipleOf": 0.00001
            })),
            "9.00000".len()
        );
        assert_eq!(
            size(json!({"type": "array", "maxItems": 3, "items": {"type": "boolean"}})),
            "[false,false,false]".len()
        );
        assert_eq!(
            size(json!({
                "type": "object",
                "additionalProperties": false,
                "properties": {"a": {"const": 1}, "b": {"anyOf": [{"const": 22}, {"const": 3}]}}
            })),
            "{\"a\":1,\"b\":22}".len() + 1
        );
    }

    #[test]
    fn unbounded_parts_are_named() {
        let path = |schema: Value| max_bytes(&schema).unwrap_err().path;
        assert_eq!(path(json!({})), "/");
        assert_eq!(path(json!({"type": "string"})), "/");
        assert_eq!(
            path(json!({"type": "number", "minimum": 0, "maximum": 1})),
            "/"
        );
        assert_eq!(path(json!({"type": "object"})), "/");
        assert_eq!(
            path(json!({
                "type": "object",
                "additionalProperties": false,
                "properties": {"a": {"type": "array", "items": {"const": 1}}}
            })),
            "/properties/a"
        );
        assert_eq!(
            path(json!({"anyOf": [{"const": 1}, {"$ref": "#"}]}))
                .matches("anyOf")
                .count(),
            MAX_DEPTH / 2 + 1
        );
    }
}
