//! Checks values by the rules of the keywords.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::{
    Exact,
    decimal::Decimal,
    tree::{Tree, shown},
};
use crate::grammar::places::escaped;
use jsonschema::Draft;

/// Maximum number of pairs of a schema and a value to judge in one answer.
const MAX_STEPS: usize = 2_000_000;

/// Maximum depth to which schemas may apply one another to a value or its parts.
const MAX_DEPTH: usize = 384;

/// The place of a value that does not fit, and the reason.
struct Misfit {
    /// The names on the way to the place, last first.
    path: Vec<String>,
    reason: String,
}

type Judged = Result<(), Misfit>;

/// The check of one answer.
pub struct Judge<'a> {
    exact: &'a Exact,
    /// Results so far, by the addresses of the schema and the value.
    known: HashMap<(usize, usize), bool>,
    steps: usize,
    depth: usize,
}

impl<'a> Judge<'a> {
    pub fn of(exact: &'a Exact) -> Self {
        Self {
            exact,
            known: HashMap::new(),
            steps: 0,
            depth: 0,
        }
    }

    pub fn check(&mut self, tree: &Tree) -> Result<(), String> {
        self.judge(&self.exact.schema, tree).map_err(|misfit| {
            let names = misfit.path.iter().rev();
            let path = names.fold(String::new(), |path, name| path + "/" + &escaped(name));
            format!("{}: {}", shown(&path), misfit.reason)
        })
    }

    fn judge(&mut self, schema: &Value, tree: &Tree) -> Judged {
        let Value::Object(keywords) = schema else {
            return held(*schema != Value::Bool(false), || {
                "the schema allows no value here".to_owned()
            });
        };
        let pair = (
            std::ptr::from_ref(keywords).addr(),
            std::ptr::from_ref(tree).addr(),
        );
        if self.known.get(&pair) == Some(&true) {
            return Ok(());
        }
        self.steps += 1;
        self.depth += 1;
        let judged = if self.steps > MAX_STEPS || self.depth > MAX_DEPTH {
            fault("it takes too long to check")
        } else {
            self.apply(keywords, tree)
        };
        self.depth -= 1;
        self.known.insert(pair, judged.is_ok());
        judged
    }

    /// Returns whether a branch accepts the value. Known results are not computed again.
    fn takes(&mut self, schema: &Value, tree: &Tree) -> bool {
        let pair = schema.as_object().map(|keywords| {
            (
                std::ptr::from_ref(keywords).addr(),
                std::ptr::from_ref(tree).addr(),
            )
        });
        match pair.and_then(|pair| self.known.get(&pair)) {
            Some(known) => *known,
            None => self.judge(schema, tree).is_ok(),
        }
    }

    fn apply(&mut self, keywords: &Map<String, Value>, tree: &Tree) -> Judged {
        if let Some(types) = keywords.get("type") {
            let mut names = types.as_array().into_iter().flatten().chain([types]);
            let is_one = names.any(|name| name.as_str().is_some_and(|name| is_of(tree, name)));
            held(is_one, || format!("it is not of the type {types}"))?;
        }
        if let Some(value) = keywords.get("const") {
            held(equal(tree, value), || format!("it is not {value}"))?;
        }
        if let Some(values) = keywords.get("enum").and_then(Value::as_array) {
            let is_one = values.iter().any(|value| equal(tree, value));
            held(is_one, || "it is not one of the values of enum".to_owned())?;
        }
        match tree {
            Tree::Number(number) => numeric(keywords, number)?,
            Tree::Text(text) => self.text(keywords, text)?,
            Tree::Array(items) => self.array(keywords, items)?,
            Tree::Object(members) => self.object(keywords, members)?,
            Tree::Null | Tree::Bool(_) => {}
        }
        self.branches(keywords, tree)
    }

    fn branches(&mut self, keywords: &Map<String, Value>, tree: &Tree) -> Judged {
        let exact = self.exact;
        let reference = keywords.get("$ref").and_then(Value::as_str);
        let target = reference.and_then(|reference| exact.references.get(reference));
        if let Some(target) = target.and_then(|target| exact.schema.pointer(target)) {
            self.judge(target, tree)?;
        }
        let list = |keyword| keywords.get(keyword).and_then(Value::as_array);
        for schema in list("allOf").into_iter().flatten() {
            self.judge(schema, tree)?;
        }
        if let Some(schemas) = list("anyOf") {
            let fits = schemas.iter().any(|schema| self.takes(schema, tree));
            held(fits, || "it fits none of anyOf".to_owned())?;
        }
        if let Some(schemas) = list("oneOf") {
            let fit = schemas.iter().filter(|schema| self.takes(schema, tree));
            let fit = fit.count();
            held(fit == 1, || format!("it fits {fit} of oneOf"))?;
        }
        Ok(())
    }

    fn text(&self, keywords: &Map<String, Value>, text: &str) -> Judged {
        within(keywords, "minLength", "maxLength", text.chars().count())?;
        let named = |keyword| keywords.get(keyword).and_then(Value::as_str);
        if let Some(pattern) = named("pattern") {
            let regex = self.exact.patterns.get(pattern);
            let fits = regex.is_none_or(|regex| regex.is_match(text));
            held(fits, || {
                format!("it does not match the pattern {pattern:?}")
            })?;
        }
        if let Some(format) = named("format") {
            let validator = self.exact.formats.get(format);
            let value = Value::String(text.to_owned());
            let fits = validator.is_none_or(|validator| validator.is_valid(&value));
            held(fits, || format!("it is not a valid {format}"))?;
        }
        Ok(())
    }

    fn array(&mut self, keywords: &Map<String, Value>, items: &[Tree]) -> Judged {
        within(keywords, "minItems", "maxItems", items.len())?;
        let listed = keywords.get("items").and_then(Value::as_array);
        let is_old = self.exact.draft <= Draft::Draft201909
            || keywords.contains_key("additionalItems")
            || listed.is_some();
        let (first, rest) = match (is_old, listed) {
            (true, Some(_)) => (listed, keywords.get("additionalItems")),
            (true, None) => (None, keywords.get("items")),
            (false, _) => {
                let first = keywords.get("prefixItems").and_then(Value::as_array);
                (first, keywords.get("items"))
            }
        };
        let first: &[Value] = first.map_or(&[], Vec::as_slice);
        for (i, item) in items.iter().enumerate() {
            if let Some(schema) = first.get(i).or(rest) {
                self.judge(schema, item)
                    .map_err(|misfit| misfit.within(&i.to_string()))?;
            }
        }
        Ok(())
    }

    fn object(&mut self, keywords: &Map<String, Value>, members: &[(String, Tree)]) -> Judged {
        within(keywords, "minProperties", "maxProperties", members.len())?;
        let required = keywords.get("required").and_then(Value::as_array);
        for name in required.into_iter().flatten().filter_map(Value::as_str) {
            let is_there = members.iter().any(|(member, _)| member == name);
            held(is_there, || format!("{name:?} is missing"))?;
        }
        let exact = self.exact;
        let map = |keyword| keywords.get(keyword).and_then(Value::as_object);
        let (properties, patterns) = (map("properties"), map("patternProperties"));
        for (name, value) in members {
            let declared = properties.and_then(|properties| properties.get(name));
            let matching = patterns.into_iter().flatten().filter(|(pattern, _)| {
                let regex = exact.patterns.get(pattern.as_str());
                regex.is_some_and(|regex| regex.is_match(name))
            });
            let mut schemas: Vec<&Value> = matching.map(|(_, schema)| schema).collect();
            schemas.extend(declared);
            if schemas.is_empty() {
                schemas.extend(keywords.get("additionalProperties"));
            }
            for schema in schemas {
                self.judge(schema, value)
                    .map_err(|misfit| misfit.within(name))?;
            }
        }
        Ok(())
    }
}

impl Misfit {
    fn within(mut self, name: &str) -> Self {
        self.path.push(name.to_owned());
        self
    }
}

fn fault(reason: impl Into<String>) -> Judged {
    Err(Misfit {
        path: Vec::new(),
        reason: reason.into(),
    })
}

fn held(is_held: bool, reason: impl FnOnce() -> String) -> Judged {
    if is_held { Ok(()) } else { fault(reason()) }
}

fn is_of(tree: &Tree, kind: &str) -> bool {
    match tree {
        Tree::Null => kind == "null",
        Tree::Bool(_) => kind == "boolean",
        Tree::Number(number) => kind == "number" || (kind == "integer" && number.is_whole()),
        Tree::Text(_) => kind == "string",
        Tree::Array(_) => kind == "array",
        Tree::Object(_) => kind == "object",
    }
}

/// Returns whether both are the same value, comparing numbers by value.
fn equal(tree: &Tree, value: &Value) -> bool {
    match (tree, value) {
        (Tree::Null, Value::Null) => true,
        (Tree::Bool(tree), Value::Bool(value)) => tree == value,
        (Tree::Number(tree), Value::Number(value)) => {
            Decimal::of_number(value).is_some_and(|value| *tree == value)
        }
        (Tree::Text(tree), Value::String(value)) => tree == value,
        (Tree::Array(tree), Value::Array(value)) => {
            let mut both = tree.iter().zip(value);
            tree.len() == value.len() && both.all(|(tree, value)| equal(tree, value))
        }
        (Tree::Object(tree), Value::Object(value)) => {
            let same = |(name, tree): &(String, Tree)| {
                value.get(name).is_some_and(|value| equal(tree, value))
            };
            tree.len() == value.len() && tree.iter().all(same)
        }
        _ => false,
    }
}

fn numeric(keywords: &Map<String, Value>, number: &Decimal) -> Judged {
    let bound = |keyword| match keywords.get(keyword) {
        Some(Value::Number(bound)) => Decimal::of_number(bound),
        _ => None,
    };
    // Draft 4 has `exclusiveMinimum: true` beside the bound.
    let is_open = |keyword| keywords.get(keyword) == Some(&Value::Bool(true));
    for (keyword, open) in [
        ("minimum", "exclusiveMinimum"),
        ("maximum", "exclusiveMaximum"),
    ] {
        let is_least = keyword == "minimum";
        let beyond = |bound: &Decimal| {
            if is_least {
                number < bound
            } else {
                number > bound
            }
        };
        if let Some(bound) = bound(keyword) {
            let is_edge = is_open(open) && *number == bound;
            let fits = !beyond(&bound) && !is_edge;
            held(fits, || {
                format!("{number} is beyond the {keyword} of {bound}")
            })?;
        }
        if let Some(bound) = bound(open) {
            let fits = !beyond(&bound) && *number != bound;
            held(fits, || {
                format!("{number} is not within the {open} of {bound}")
            })?;
        }
    }
    match bound("multipleOf") {
        Some(unit) if !unit.is_zero() => held(number.is_multiple_of(&unit), || {
            format!("{number} is not a multiple of {unit}")
        }),
        _ => Ok(()),
    }
}

fn within(keywords: &Map<String, Value>, least: &str, most: &str, count: usize) -> Judged {
    let bound = |keyword| {
        let bound = keywords.get(keyword)?.as_number()?;
        Decimal::of_number(bound)
    };
    let count = Decimal::of(&count.to_string());
    let below = bound(least).is_some_and(|bound| count.as_ref() < Some(&bound));
    let above = bound(most).is_some_and(|bound| count.as_ref() > Some(&bound));
    held(!below, || format!("it is shorter than its {least}"))?;
    held(!above, || format!("it is longer than its {most}"))
}
