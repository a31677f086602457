//! Reads fields that are a string or something else, and null as an absent field. Unlike serde's untagged enums,
//! these keep the path of an error inside the value.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{self, MapAccess, SeqAccess, Visitor, value},
};

/// Reads a string or an array of `T`; `expecting` describes them in an error.
///
/// # Errors
/// Any other value, and an error inside the value.
pub fn string_or_array<'de, D: Deserializer<'de>, T: Deserialize<'de>, U>(
    deserializer: D,
    expecting: &'static str,
    string: fn(String) -> U,
    array: fn(Vec<T>) -> U,
) -> Result<U, D::Error> {
    struct Either<T, U>(&'static str, fn(String) -> U, fn(Vec<T>) -> U);
    impl<'de, T: Deserialize<'de>, U> Visitor<'de> for Either<T, U> {
        type Value = U;

        fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
            f.write_str(self.0)
        }

        fn visit_str<E: de::Error>(self, text: &str) -> Result<U, E> {
            Ok((self.1)(text.to_owned()))
        }

        fn visit_seq<A: SeqAccess<'de>>(self, array: A) -> Result<U, A::Error> {
            Vec::deserialize(value::SeqAccessDeserializer::new(array)).map(self.2)
        }
    }
    deserializer.deserialize_any(Either(expecting, string, array))
}

/// Reads a string or an object that is a `T`; `expecting` describes them in an error.
///
/// # Errors
/// Any other value, and an error inside the value.
pub fn string_or_object<'de, D: Deserializer<'de>, T: Deserialize<'de>, U>(
    deserializer: D,
    expecting: &'static str,
    string: fn(String) -> U,
    object: fn(T) -> U,
) -> Result<U, D::Error> {
    struct Either<T, U>(&'static str, fn(String) -> U, fn(T) -> U);
    impl<'de, T: Deserialize<'de>, U> Visitor<'de> for Either<T, U> {
        type Value = U;

        fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
            f.write_str(self.0)
        }

        fn visit_str<E: de::Error>(self, text: &str) -> Result<U, E> {
            Ok((self.1)(text.to_owned()))
        }

        fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<U, A::Error> {
            T::deserialize(value::MapAccessDeserializer::new(object)).map(self.2)
        }
    }
    deserializer.deserialize_any(Either(expecting, string, object))
}

/// Reads null as if the field were left out.
///
/// # Errors
/// A value that is neither null nor a `T`.
pub fn null_as_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(
    deserializer: D,
) -> Result<T, D::Error> {
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}
