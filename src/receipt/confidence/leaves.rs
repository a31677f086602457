//! Positions of the leaf values in a JSON text.

use std::ops::Range;

use indexmap::IndexMap;
use serde_json::value::RawValue;

/// A value that is neither an object nor an array.
#[derive(Debug, PartialEq, Eq)]
pub struct Leaf {
    /// JSON pointer (RFC 6901).
    pub pointer: String,
    /// Byte at which the value begins, a string's opening quote included.
    pub start: usize,
    /// Bytes of the value itself: for a string, from behind the opening quote to the closing one.
    pub content: Range<usize>,
}

/// Finds the leaves of a JSON text, in its order; none if it does not parse.
pub fn leaves(text: &str) -> Vec<Leaf> {
    let mut found = Vec::new();
    if let Ok(value) = serde_json::from_str::<&RawValue>(text) {
        let walk = Walk { text };
        walk.value(value, String::new(), &mut found);
    }
    found
}

struct Walk<'a> {
    text: &'a str,
}

impl Walk<'_> {
    fn value(&self, value: &RawValue, pointer: String, found: &mut Vec<Leaf>) {
        let json = value.get();
        match json.as_bytes().first() {
            Some(b'{') => {
                let members: IndexMap<String, &RawValue> =
                    serde_json::from_str(json).unwrap_or_default();
                for (name, member) in members {
                    let name = name.replace('~', "~0").replace('/', "~1");
                    self.value(member, format!("{pointer}/{name}"), found);
                }
            }
            Some(b'[') => {
                let elements: Vec<&RawValue> = serde_json::from_str(json).unwrap_or_default();
                for (number, element) in elements.into_iter().enumerate() {
                    self.value(element, format!("{pointer}/{number}"), found);
                }
            }
            first => {
                // A raw value is a slice of the text that it was parsed from.
                let start = json.as_ptr() as usize - self.text.as_ptr() as usize;
                let quote = usize::from(first == Some(&b'"'));
                found.push(Leaf {
                    pointer,
                    start,
                    content: start + quote..start + json.len(),
                });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_leaf_is_found_where_it_stands() {
        let text = r#" {"a": "x\"y", "b/~": [1, {"c": null}, []], "d": true} "#;
        let leaves = leaves(text);
        let found: Vec<_> = leaves
            .iter()
            .map(|leaf| (leaf.pointer.as_str(), &text[leaf.content.clone()]))
            .collect();
        assert_eq!(
            found,
            [
                ("/a", r#"x\"y""#),
                ("/b~1~0/0", "1"),
                ("/b~1~0/1/c", "null"),
                ("/d", "true"),
            ]
        );
        assert_eq!(&text[leaves[0].start..=leaves[0].start], "\"");
    }

    #[test]
    fn invalid_json_has_no_leaves() {
        assert_eq!(leaves("{\"a\":"), []);
    }
}
