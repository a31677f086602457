//! Completes the beginning of a JSON text, so that it can be shown while it grows.
//!
//! This is for progress only: a complete answer is parsed as it is, or is an error.

use serde_json::Value;

/// Parses `text`, the beginning of a JSON text: closes what is open, and leaves out a member
/// without a value. Returns `None` if there is no value yet.
#[must_use]
pub fn so_far(text: &str) -> Option<Value> {
    let mut place = Place::default();
    // The last position at which no member is incomplete: behind an opening bracket or before a
    // comma.
    let mut whole = None;
    for (at, byte) in text.bytes().enumerate() {
        if byte == b',' && !place.is_in_string() {
            whole = Some(at);
        }
        if place.advance(byte) {
            whole = Some(at + 1);
        }
    }
    let cut = &text[..whole?];
    place.close(text).or_else(|| {
        let mut place = Place::default();
        for byte in cut.bytes() {
            place.advance(byte);
        }
        place.close(cut)
    })
}

/// Brackets and strings that are open at a position in a JSON text.
#[derive(Debug, Default)]
struct Place {
    /// Closing brackets still to come, the innermost last.
    brackets: Vec<char>,
    string: Option<Text>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Text {
    Plain,
    /// Behind a backslash.
    Escape,
}

impl Place {
    fn is_in_string(&self) -> bool {
        self.string.is_some()
    }

    /// Advances by a byte, and returns whether it opened a bracket.
    fn advance(&mut self, byte: u8) -> bool {
        match (self.string, byte) {
            (Some(Text::Plain), b'\\') => self.string = Some(Text::Escape),
            (Some(Text::Plain), b'"') => self.string = None,
            (Some(Text::Escape), _) | (None, b'"') => self.string = Some(Text::Plain),
            (None, b'{') => self.brackets.push('}'),
            (None, b'[') => self.brackets.push(']'),
            (None, b'}' | b']') => {
                self.brackets.pop();
            }
            _ => {}
        }
        !self.is_in_string() && matches!(byte, b'{' | b'[')
    }

    fn close(&self, text: &str) -> Option<Value> {
        let mut closed = text.to_owned();
        if self.string.is_some() {
            closed.push('"');
        }
        closed.extend(self.brackets.iter().rev());
        serde_json::from_str(&closed).ok()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn open_brackets_and_strings_are_closed() {
        for (text, expected) in [
            ("", None),
            ("{", Some(json!({}))),
            (r#"{"a"#, Some(json!({}))),
            (r#"{"a":"#, Some(json!({}))),
            (r#"{"a":"x"#, Some(json!({"a": "x"}))),
            (r#"{"a":"x\"#, Some(json!({}))),
            (r#"{"a":"x,{","b"#, Some(json!({"a": "x,{"}))),
            (
                r#"{"a":1,"b":[{"c":2},{"d":tr"#,
                Some(json!({"a": 1, "b": [{"c": 2}, {}]})),
            ),
            (r#"{"a":[1,2],"b":-"#, Some(json!({"a": [1, 2]}))),
            (r#"{"a":12}"#, Some(json!({"a": 12}))),
        ] {
            assert_eq!(so_far(text), expected, "{text}");
        }
    }

    /// JSON values of a few levels.
    fn values() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i32>().prop_map(Value::from),
            ".{0,6}".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::vec((".{0,3}", inner), 0..4)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn every_beginning_of_an_object_is_an_object(value in values(), cut in 0usize..200) {
            let text = json!({ "a": value }).to_string();
            let cut = (1..=cut.clamp(1, text.len())).rev().find(|at| text.is_char_boundary(*at));
            let part = so_far(&text[..cut.unwrap_or(text.len())]);
            prop_assert!(part.is_some_and(|part| part.is_object()));
            prop_assert_eq!(so_far(&text), Some(json!({ "a": value })));
        }
    }
}
