//! Checks a finished answer against a schema by its written text: numbers as decimals, with
//! repeated names detected. Knows the keywords that a grammar enforces, and reads them as the
//! grammar does.

mod decimal;
mod judge;
mod tree;

use std::collections::HashMap;

use jsonschema::Draft;
use regex::Regex;
use serde_json::{Value, json};

pub use decimal::Decimal;
pub use tree::Document;

use super::{
    pattern,
    places::{Places, escaped},
};
use judge::Judge;

/// Keywords with other requirements, which are not checked here.
const OTHERS: [&str; 18] = [
    "$dynamicRef",
    "$recursiveRef",
    "contains",
    "dependencies",
    "dependentRequired",
    "dependentSchemas",
    "disallow",
    "divisibleBy",
    "else",
    "extends",
    "if",
    "maxContains",
    "minContains",
    "not",
    "propertyNames",
    "then",
    "unevaluatedItems",
    "unevaluatedProperties",
];

/// Formats that are checked; others are annotations.
const FORMATS: [&str; 10] = [
    "date",
    "date-time",
    "duration",
    "email",
    "hostname",
    "ipv4",
    "ipv6",
    "time",
    "uri",
    "uuid",
];

/// A schema for checking finished answers.
#[derive(Debug)]
pub struct Exact {
    schema: Value,
    draft: Draft,
    references: HashMap<String, String>,
    /// Compiled patterns, by the pattern as written.
    patterns: HashMap<String, Regex>,
    formats: HashMap<String, jsonschema::Validator>,
}

impl Exact {
    /// Reads a schema.
    ///
    /// # Errors
    /// A part of the schema that is not checked here, and its place.
    pub fn of(schema: &Value) -> Result<Self, String> {
        let places = Places::of(schema);
        if let Some((reference, at)) = places.unknown {
            return Err(format!(
                "{at}: the reference {reference:?} is not a pointer into the schema"
            ));
        }
        if let Some(at) = places.rebased(schema) {
            return Err(format!("{at}: it changes the meaning of references"));
        }
        let mut exact = Self {
            schema: schema.clone(),
            draft: Draft::Draft202012.detect(schema),
            references: places.references,
            patterns: HashMap::new(),
            formats: HashMap::new(),
        };
        for pointer in &places.pointers {
            let Some(keywords) = schema.pointer(pointer).and_then(Value::as_object) else {
                continue;
            };
            for (keyword, value) in keywords {
                exact
                    .take_up(keyword, value)
                    .map_err(|reason| format!("{pointer}/{}: {reason}", escaped(keyword)))?;
            }
        }
        Ok(exact)
    }

    fn take_up(&mut self, keyword: &str, value: &Value) -> Result<(), String> {
        match (keyword, value) {
            ("uniqueItems", Value::Bool(false)) => Ok(()),
            ("uniqueItems", _) => Err("it is not judged here".to_owned()),
            ("pattern", Value::String(pattern)) => self.add_pattern(pattern),
            ("patternProperties", Value::Object(patterns)) => patterns
                .keys()
                .try_for_each(|pattern| self.add_pattern(pattern)),
            ("format", Value::String(format)) if FORMATS.contains(&format.as_str()) => {
                let options = jsonschema::options()
                    .with_draft(Draft::Draft202012)
                    .should_validate_formats(true);
                let schema = json!({"type": "string", "format": format});
                let validator = options.build(&schema).map_err(|error| error.to_string())?;
                self.formats.insert(format.clone(), validator);
                Ok(())
            }
            _ if OTHERS.contains(&keyword) => Err("it is not judged here".to_owned()),
            _ => Ok(()),
        }
    }

    fn add_pattern(&mut self, pattern: &str) -> Result<(), String> {
        let translated = pattern::translated(pattern)?;
        let regex = Regex::new(&translated).map_err(|error| error.to_string())?;
        self.patterns.insert(pattern.to_owned(), regex);
        Ok(())
    }

    /// Checks a document.
    ///
    /// # Errors
    /// The place and the reason of a misfit, in one line.
    pub fn check(&self, document: &Document) -> Result<(), String> {
        Judge::of(self).check(&document.tree)
    }
}

#[cfg(test)]
mod tests;
