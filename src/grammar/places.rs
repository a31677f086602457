//! Finds the schemas within a schema that may apply to an answer, by keyword and by reference.

use std::collections::{HashMap, VecDeque};

use serde_json::Value;

/// Keywords whose value is a schema.
const ONE: [&str; 2] = ["additionalProperties", "additionalItems"];

/// Keywords whose value is a list of schemas.
const LISTS: [&str; 4] = ["prefixItems", "allOf", "anyOf", "oneOf"];

/// Keywords whose value maps names to schemas.
const MAPS: [&str; 2] = ["properties", "patternProperties"];

/// The places of all schemas within a schema.
#[derive(Debug)]
pub struct Places {
    /// JSON pointers to the schemas, each before those within it.
    pub pointers: Vec<String>,
    /// Targets of references: a JSON pointer for each reference as written.
    pub references: HashMap<String, String>,
    /// A reference that cannot be resolved, and its place.
    pub unknown: Option<(String, String)>,
}

impl Places {
    /// Finds the schemas within `root`.
    pub fn of(root: &Value) -> Self {
        let mut places = Self {
            pointers: Vec::new(),
            references: HashMap::new(),
            unknown: None,
        };
        let mut seen = std::collections::HashSet::new();
        let mut open = VecDeque::from([String::new()]);
        while let Some(pointer) = open.pop_front() {
            if !seen.insert(pointer.clone()) {
                continue;
            }
            let Some(keywords) = root.pointer(&pointer).and_then(Value::as_object) else {
                continue;
            };
            for (keyword, value) in keywords {
                let at = format!("{pointer}/{}", escaped(keyword));
                open.extend(schemas_of(keyword, value, &at));
                if let ("$ref", Some(reference)) = (keyword.as_str(), value.as_str()) {
                    if let Some(target) = target(root, reference) {
                        let leads = (reference.to_owned(), target.clone());
                        places.references.extend([leads]);
                        open.push_back(target);
                    } else {
                        let unknown = (reference.to_owned(), at);
                        places.unknown.get_or_insert(unknown);
                    }
                }
            }
            places.pointers.push(pointer);
        }
        places
    }
}

impl Places {
    /// Returns a schema within `root` whose `$id` changes the meaning of references, if there are
    /// references.
    pub fn rebased(&self, root: &Value) -> Option<String> {
        let within = self.pointers.iter().filter(|pointer| !pointer.is_empty());
        let mut named = within.filter(|pointer| {
            let id = root
                .pointer(pointer)
                .and_then(|schema| schema.get("$id")?.as_str());
            id.is_some_and(|id| !id.starts_with('#'))
        });
        let first = named.next().filter(|_| !self.references.is_empty())?;
        Some(format!("{first}/$id"))
    }
}

/// Returns pointers to the schemas that a keyword holds.
fn schemas_of(keyword: &str, value: &Value, at: &str) -> Vec<String> {
    match value {
        Value::Object(_) if ONE.contains(&keyword) || keyword == "items" => vec![at.to_owned()],
        Value::Array(list) if LISTS.contains(&keyword) || keyword == "items" => {
            let numbers = 0..list.len();
            numbers.map(|number| format!("{at}/{number}")).collect()
        }
        Value::Object(map) if MAPS.contains(&keyword) => {
            let names = map.keys();
            names
                .map(|name| format!("{at}/{}", escaped(name)))
                .collect()
        }
        _ => Vec::new(),
    }
}

/// Returns the pointer that a reference within `root` leads to.
fn target(root: &Value, reference: &str) -> Option<String> {
    let base = ["$id", "id"]
        .iter()
        .find_map(|name| root.get(name)?.as_str());
    let fragment = if let Some(fragment) = reference.strip_prefix('#') {
        fragment
    } else {
        let rest = reference.strip_prefix(base?.trim_end_matches('#'))?;
        let fragment = rest.strip_prefix('#');
        fragment.or_else(|| rest.is_empty().then_some(""))?
    };
    let pointer = decoded(fragment)?;
    let is_pointer = pointer.is_empty() || pointer.starts_with('/');
    (is_pointer && root.pointer(&pointer).is_some()).then_some(pointer)
}

/// Decodes the percent signs of a fragment.
fn decoded(fragment: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(fragment.len());
    let mut rest = fragment.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(if byte == b'%' {
            let digits = [rest.next()?, rest.next()?];
            u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?
        } else {
            byte
        });
    }
    String::from_utf8(bytes).ok()
}

/// Escapes a name for a JSON pointer.
pub fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn schemas_are_found_by_keyword_and_reference() {
        let schema = json!({
            "$id": "https://example.com/a.json",
            "properties": {"const": {"$ref": "#/x%20y/b~1c"}, "n": {"const": {"items": {}}}},
            "items": [{"anyOf": [true, {"$ref": "https://example.com/a.json#"}]}],
            "x y": {"b/c": {"additionalProperties": {"type": "null"}}},
        });
        let places = Places::of(&schema);
        assert_eq!(
            places.pointers,
            [
                "",
                "/properties/const",
                "/properties/n",
                "/items/0",
                "/x y/b~1c",
                "/items/0/anyOf/1",
                "/x y/b~1c/additionalProperties",
            ]
        );
        assert_eq!(places.unknown, None);
        assert_eq!(places.rebased(&schema), None);
        let rebased = json!({"properties": {"a": {"$id": "b", "$ref": "#"}}});
        let at = Places::of(&rebased).rebased(&rebased);
        assert_eq!(at.as_deref(), Some("/properties/a/$id"));
        let remote = Places::of(&json!({"items": {"$ref": "https://example.com/b"}}));
        let unknown = ("https://example.com/b".to_owned(), "/items/$ref".to_owned());
        assert_eq!(remote.unknown, Some(unknown));
    }
}
