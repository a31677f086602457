//! Reads whole numbers, also in the form `3.0`, as languages with floats only write them.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserializer,
    de::{Error, Unexpected, Visitor},
};

/// The largest float below which every whole number is a float; beyond it, a float may stand for several.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Reads a whole number or null.
///
/// # Errors
/// A number with a fraction, a number that `T` cannot hold, and a value that is not a number.
pub fn whole<'de, D: Deserializer<'de>, T: TryFrom<i128>>(from: D) -> Result<Option<T>, D::Error> {
    from.deserialize_option(Whole(PhantomData))
}

struct Whole<T>(PhantomData<T>);

impl<T: TryFrom<i128>> Whole<T> {
    fn of<E: Error>(&self, number: i128, shown: Unexpected<'_>) -> Result<Option<T>, E> {
        let fits = T::try_from(number).map(Some);
        fits.map_err(|_| E::invalid_value(shown, self))
    }
}

impl<'de, T: TryFrom<i128>> Visitor<'de> for Whole<T> {
    type Value = Option<T>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(if T::try_from(-1).is_ok() {
            "a whole number"
        } else {
            "a whole number that is not negative"
        })
    }

    fn visit_none<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
        from.deserialize_any(self)
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Self::Value, E> {
        self.of(number.into(), Unexpected::Unsigned(number))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Self::Value, E> {
        self.of(number.into(), Unexpected::Signed(number))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Self::Value, E> {
        let shown = Unexpected::Float(number);
        if number.fract() == 0.0 && number.abs() <= EXACT {
            self.of(number as i128, shown)
        } else {
            Err(E::invalid_value(shown, &self))
        }
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    struct Fields {
        #[serde(default, deserialize_with = "whole")]
        count: Option<u64>,
        #[serde(default, deserialize_with = "whole")]
        seed: Option<i64>,
    }

    fn read(json: &str) -> Result<(Option<u64>, Option<i64>), String> {
        let fields: Result<Fields, _> = serde_json::from_str(json);
        fields
            .map(|fields| (fields.count, fields.seed))
            .map_err(|error| error.to_string())
    }

    #[test]
    fn a_whole_number_may_be_written_as_a_float() {
        for (json, count, seed) in [
            (r#"{"count": 3}"#, Some(3), None),
            (r#"{"count": 3.0}"#, Some(3), None),
            (r#"{"count": 4e1, "seed": -42.0}"#, Some(40), Some(-42)),
            (
                r#"{"count": -0.0, "seed": -9223372036854775808}"#,
                Some(0),
                Some(i64::MIN),
            ),
            (r#"{"count": 18446744073709551615}"#, Some(u64::MAX), None),
            (r#"{"count": null}"#, None, None),
        ] {
            assert_eq!(read(json), Ok((count, seed)), "{json}");
        }
    }

    #[test]
    fn other_values_are_refused() {
        for (json, expected) in [
            (r#"{"count": 3.5}"#, "`3.5`, expected a whole number"),
            (
                r#"{"count": -1}"#,
                "`-1`, expected a whole number that is not negative",
            ),
            (
                r#"{"count": -1.0}"#,
                "expected a whole number that is not negative",
            ),
            (r#"{"count": "3"}"#, "string \"3\", expected a whole number"),
            (
                r#"{"count": true}"#,
                "boolean `true`, expected a whole number",
            ),
            (r#"{"seed": 9007199254740994.0}"#, "expected a whole number"),
            (
                r#"{"seed": 18446744073709551615}"#,
                "expected a whole number",
            ),
            (
                r#"{"count": 18446744073709551616}"#,
                "expected a whole number",
            ),
        ] {
            let fault = read(json).unwrap_err();
            assert!(fault.contains(expected), "{json}: {fault}");
        }
    }
}
