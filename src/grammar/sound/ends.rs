//! Finds schemas that no finite answer fits, because each of their values contains another one.

use std::collections::HashSet;

use serde_json::{Map, Value};

use crate::grammar::places::{Places, escaped};

/// Returns the pointers of the schemas that no finite answer fits.
pub fn endless<'a>(root: &Value, places: &'a Places) -> Vec<&'a str> {
    let mut ending: HashSet<&str> = HashSet::new();
    // The set of schemas known to have finite answers grows until nothing is added. References
    // mostly lead to later schemas.
    loop {
        let known = ending.len();
        for pointer in places.pointers.iter().rev() {
            let keywords = root.pointer(pointer).and_then(Value::as_object);
            let sight = Sight {
                root,
                places,
                ending: &ending,
            };
            if keywords.is_none_or(|keywords| sight.ends(pointer, keywords)) {
                ending.insert(pointer);
            }
        }
        if ending.len() == known {
            let pointers = places.pointers.iter().map(String::as_str);
            return pointers
                .filter(|pointer| !ending.contains(pointer))
                .collect();
        }
    }
}

struct Sight<'a> {
    root: &'a Value,
    places: &'a Places,
    ending: &'a HashSet<&'a str>,
}

impl Sight<'_> {
    /// Returns whether a finite answer may fit, as far as is known by now.
    fn ends(&self, pointer: &str, keywords: &Map<String, Value>) -> bool {
        let reference = keywords.get("$ref").and_then(Value::as_str);
        let target = reference.and_then(|reference| self.places.references.get(reference));
        if target.is_some_and(|target| !self.ends_at(target)) {
            return false;
        }
        let list = |keyword: &'static str| {
            let list = keywords.get(keyword).and_then(Value::as_array);
            list.map(|list| (0..list.len()).map(move |i| format!("{pointer}/{keyword}/{i}")))
        };
        if !list("allOf")
            .into_iter()
            .flatten()
            .all(|at| self.ends_at(&at))
        {
            return false;
        }
        for keyword in ["anyOf", "oneOf"] {
            if list(keyword).is_some_and(|mut branches| !branches.any(|at| self.ends_at(&at))) {
                return false;
            }
        }
        self.some_type_ends(pointer, keywords)
    }

    fn some_type_ends(&self, pointer: &str, keywords: &Map<String, Value>) -> bool {
        let of_type = |name: &str| match name {
            "object" => self.objects_end(pointer, keywords),
            "array" => self.arrays_end(pointer, keywords),
            _ => true,
        };
        match keywords.get("type") {
            Some(Value::String(name)) => of_type(name),
            Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).any(of_type),
            _ => true,
        }
    }

    fn objects_end(&self, pointer: &str, keywords: &Map<String, Value>) -> bool {
        let required = keywords.get("required").and_then(Value::as_array);
        let properties = keywords.get("properties").and_then(Value::as_object);
        let mut names = required.into_iter().flatten().filter_map(Value::as_str);
        names.all(|name| {
            let is_declared = properties.is_some_and(|properties| properties.contains_key(name));
            let at = if is_declared {
                format!("{pointer}/properties/{}", escaped(name))
            } else {
                format!("{pointer}/additionalProperties")
            };
            self.ends_at(&at)
        })
    }

    fn arrays_end(&self, pointer: &str, keywords: &Map<String, Value>) -> bool {
        let least = keywords
            .get("minItems")
            .and_then(Value::as_u64)
            .unwrap_or(0);
        // The first item may have a schema of its own, which is one of these.
        let first = [
            format!("{pointer}/prefixItems/0"),
            format!("{pointer}/items/0"),
            format!("{pointer}/items"),
        ];
        let first = first.iter().find(|at| {
            self.root
                .pointer(at)
                .is_some_and(|schema| !schema.is_array())
        });
        least == 0 || first.is_none_or(|at| self.ends_at(at))
    }

    /// Returns whether a finite answer may fit at a place. One that holds no keywords counts as
    /// finite.
    fn ends_at(&self, pointer: &str) -> bool {
        let is_place = self.root.pointer(pointer).is_some_and(Value::is_object);
        !is_place || self.ending.contains(pointer)
    }
}
