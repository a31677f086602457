//! JSON as written: numbers with all their digits, and repeated names detected.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::value::RawValue;

use super::decimal::Decimal;
use crate::grammar::{error::Misfit, places::escaped};

/// Maximum depth of nested values.
const MAX_DEPTH: usize = 128;

/// A JSON value.
#[derive(Debug)]
pub enum Tree {
    Null,
    Bool(bool),
    Number(Decimal),
    Text(String),
    Array(Vec<Tree>),
    Object(Vec<(String, Tree)>),
}

/// A text parsed as JSON.
#[derive(Debug)]
pub struct Document {
    /// The value.
    pub tree: Tree,
    /// The place of the first number that neither a double nor a 64-bit whole number keeps exactly,
    /// and the number.
    pub unkept: Option<(String, String)>,
    /// A double changes one of the numbers.
    pub is_rounded: bool,
}

impl Document {
    /// Parses a text.
    ///
    /// # Errors
    /// The reason that it is not JSON, or the place of a repeated name, in one line.
    pub fn of(text: &str) -> Result<Self, Misfit> {
        let raw = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let mut reading = Reading::default();
        let tree = reading.read(raw, MAX_DEPTH)?;
        Ok(Self {
            tree,
            unkept: reading.unkept,
            is_rounded: reading.is_rounded,
        })
    }
}

#[derive(Default)]
struct Reading {
    /// The JSON pointer to the current value.
    path: String,
    unkept: Option<(String, String)>,
    is_rounded: bool,
}

impl Reading {
    fn read(&mut self, raw: &RawValue, depth: usize) -> Result<Tree, String> {
        let text = raw.get();
        let Some(depth) = depth.checked_sub(1) else {
            return Err(format!(
                "/: values are nested deeper than {MAX_DEPTH} levels"
            ));
        };
        Ok(match text.bytes().next() {
            Some(b'n') => Tree::Null,
            Some(b't' | b'f') => Tree::Bool(text == "true"),
            Some(b'"') => Tree::Text(parse(text)?),
            Some(b'[') => {
                let items: Vec<&RawValue> = parse(text)?;
                let items = items.into_iter().enumerate();
                let items = items.map(|(i, raw)| self.within(&i.to_string(), raw, depth));
                Tree::Array(items.collect::<Result<_, _>>()?)
            }
            Some(b'{') => {
                let Members(members) = parse(text)?;
                let mut read: Vec<(String, Tree)> = Vec::with_capacity(members.len());
                let mut names = std::collections::HashSet::with_capacity(members.len());
                for (name, raw) in members {
                    let value = self.within(&name, raw, depth)?;
                    if !names.insert(name.clone()) {
                        let path = shown(&self.path);
                        return Err(format!("{path}: the name {name:?} is given twice"));
                    }
                    read.push((name, value));
                }
                Tree::Object(read)
            }
            _ => {
                let number = Decimal::of(text).ok_or_else(|| format!("{text} is not a number"))?;
                let kept = serde_json::from_str::<serde_json::Number>(text).ok();
                let same = |text: String| Decimal::of(&text).as_ref() == Some(&number);
                let rounded = kept.as_ref().and_then(serde_json::Number::as_f64);
                self.is_rounded |= !rounded.is_some_and(|double| same(double.to_string()));
                if !kept.is_some_and(|kept| same(kept.to_string())) {
                    let place = shown(&self.path).to_owned();
                    self.unkept.get_or_insert((place, text.to_owned()));
                }
                Tree::Number(number)
            }
        })
    }

    fn within(&mut self, name: &str, raw: &RawValue, depth: usize) -> Result<Tree, String> {
        let outer = self.path.len();
        self.path.push('/');
        self.path.push_str(&escaped(name));
        let read = self.read(raw, depth)?;
        self.path.truncate(outer);
        Ok(read)
    }
}

/// Returns a JSON pointer for display, `/` for the root.
pub fn shown(path: &str) -> &str {
    if path.is_empty() { "/" } else { path }
}

fn parse<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, String> {
    serde_json::from_str(text).map_err(|error| error.to_string())
}

/// All members of an object, including repeated names.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct All;
        impl<'de> Visitor<'de> for All {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(All)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(text: &str) -> String {
        Document::of(text).unwrap_err().to_string()
    }

    #[test]
    fn a_name_given_twice_is_found_in_any_spelling() {
        assert_eq!(
            fault(r#"{"a":1,"a":2}"#),
            "/: the name \"a\" is given twice"
        );
        let inner = fault(r#"[{"x/y":{"a":1,"b":2,"\u0061":3}}]"#);
        assert_eq!(inner, "/0/x~1y: the name \"a\" is given twice");
        assert!(Document::of(r#"{"a":{"a":1},"b":{"a":1}}"#).is_ok());
        assert!(fault(&"[".repeat(400)).contains("EOF"));
        let deep = format!("{}{}", "[".repeat(400), "]".repeat(400));
        assert!(fault(&deep).contains("deeper"));
        assert!(fault("{} {}").contains("trailing"));
    }

    #[test]
    fn numbers_that_are_rounded_are_found() {
        let beyond = |text: &str| Document::of(text).unwrap().unkept;
        for kept in ["[0.1]", "[-0, 1.0, 1e2]", "9007199254740993", "80.910"] {
            assert_eq!(beyond(kept), None, "{kept}");
            let is_rounded = Document::of(kept).unwrap().is_rounded;
            assert_eq!(is_rounded, kept == "9007199254740993", "{kept}");
        }
        for (text, place, number) in [
            ("[1e400]", "/0", "1e400"),
            (r#"{"a":0.30000000000000001}"#, "/a", "0.30000000000000001"),
            ("99999999999999999999", "/", "99999999999999999999"),
        ] {
            assert_eq!(beyond(text), Some((place.to_owned(), number.to_owned())));
        }
    }
}
