//! JSON in codes: an object of texts and numbers, kept as they are written.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

/// An object; a number keeps all its digits.
pub(in crate::codes) struct JsonFields(BTreeMap<String, Box<RawValue>>);

impl JsonFields {
    /// Parses an object.
    pub(in crate::codes) fn parse(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok().map(Self)
    }

    /// Returns a text, or a number as it is written.
    pub(in crate::codes) fn get(&self, name: &str) -> Option<String> {
        let value = self.0.get(name)?.get();
        if value.starts_with('"') {
            return serde_json::from_str(value).ok();
        }
        let is_number = value.starts_with(|first: char| first == '-' || first.is_ascii_digit());
        is_number.then(|| value.to_owned())
    }

    /// Returns an object that stands in this one, or in a text in it.
    pub(in crate::codes) fn object(&self, name: &str) -> Option<Self> {
        let value = self.0.get(name)?.get();
        match self.get(name) {
            Some(text) => Self::parse(text.as_bytes()),
            None => Self::parse(value.as_bytes()),
        }
    }
}
