//! Whether a finished answer fits a schema, by what is written: numbers as decimals, names given twice
//! found. It knows the keywords that a grammar holds, and reads them as the grammar does.

mod decimal;
mod judge;
mod tree;

use std::collections::HashMap;

use jsonschema::Draft;
use regex::Regex;
use serde_json::{Value, json};

pub use decimal::Decimal;
pub use tree::{Document, escaped};

use super::{pattern, places::Places};
use judge::Judge;

/// Keywords that hold answers to something else.
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

/// Formats that are judged; others are notes.
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

/// A schema that finished answers are held to.
#[derive(Debug)]
pub struct Exact {
    schema: Value,
    draft: Draft,
    references: HashMap<String, String>,
    /// By the pattern as it is written.
    patterns: HashMap<String, Regex>,
    formats: HashMap<String, jsonschema::Validator>,
}

impl Exact {
    /// Takes up a schema.
    ///
    /// # Errors
    /// What of it is not judged here, and where it stands.
    pub fn of(schema: &Value) -> Result<Self, String> {
        let places = Places::of(schema);
        if let Some((reference, at)) = places.unknown {
            return Err(format!(
                "{at}: the reference {reference:?} is no pointer into the schema"
            ));
        }
        if let Some(at) = places.rebased(schema) {
            return Err(format!("{at}: it changes what references mean"));
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

    /// Whether a document fits.
    ///
    /// # Errors
    /// Where and why not, in one line.
    pub fn check(&self, document: &Document) -> Result<(), String> {
        Judge::of(self).check(&document.tree)
    }
}

#[cfg(test)]
mod tests;
