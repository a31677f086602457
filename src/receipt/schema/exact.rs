//! Limits numbers of a schema to fifteen digits, which a double keeps.

use serde_json::{Map, Value, json};

use crate::receipt::budget;

/// Significant decimal digits that a double keeps.
const DIGITS: usize = 15;

/// Replaces every number of `schema` with room for more digits by two alternatives: whole numbers
/// of the full range, and smaller numbers with decimals.
pub fn split_wide_numbers(schema: &mut Value) {
    match schema {
        Value::Array(values) => values.iter_mut().for_each(split_wide_numbers),
        Value::Object(keywords) => {
            keywords.values_mut().for_each(split_wide_numbers);
            split(keywords);
        }
        _ => {}
    }
}

fn split(keywords: &mut Map<String, Value>) {
    let is_number = keywords.get("type").and_then(Value::as_str) == Some("number");
    let bound = |name: &str| keywords.get(name).and_then(Value::as_i64);
    let (true, Some(minimum), Some(maximum)) = (is_number, bound("minimum"), bound("maximum"))
    else {
        return;
    };
    let step = keywords.get("multipleOf");
    let Some((step, decimals)) =
        step.and_then(|step| Some((step.clone(), budget::decimals(step)?)))
    else {
        return;
    };
    let whole = minimum
        .unsigned_abs()
        .max(maximum.unsigned_abs())
        .to_string();
    if decimals == 0 || decimals >= DIGITS || whole.len() + decimals <= DIGITS {
        return;
    }
    let widest = (DIGITS - decimals..DIGITS).fold(999_999_999_999_999, |widest, _| widest / 10);
    for name in ["type", "minimum", "maximum", "multipleOf"] {
        keywords.shift_remove(name);
    }
    let branches = json!([
        { "type": "integer", "minimum": minimum, "maximum": maximum },
        {
            "type": "number",
            "minimum": minimum.max(-widest),
            "maximum": maximum.min(widest),
            "multipleOf": step
        }
    ]);
    keywords.insert("anyOf".to_owned(), branches);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_more_digits_than_a_double_keeps_are_split() {
        let mut schema = json!({
            "properties": {
                "wide": {
                    "description": "d", "type": "number", "minimum": -99_999_999_999_999_i64,
                    "maximum": 999_999_999_999_999_i64, "multipleOf": 0.001
                },
                "narrow": {
                    "type": "number", "minimum": 0, "maximum": 9_999_999_999_i64, "multipleOf": 0.01
                },
                "whole": {
                    "type": "number", "minimum": 0, "maximum": 999_999_999_999_999_i64, "multipleOf": 1
                }
            }
        });
        let before = schema.clone();
        split_wide_numbers(&mut schema);
        assert_eq!(
            schema["properties"]["wide"],
            json!({
                "description": "d",
                "anyOf": [
                    {
                        "type": "integer", "minimum": -99_999_999_999_999_i64,
                        "maximum": 999_999_999_999_999_i64
                    },
                    {
                        "type": "number", "minimum": -999_999_999_999_i64,
                        "maximum": 999_999_999_999_i64, "multipleOf": 0.001
                    }
                ]
            })
        );
        for name in ["narrow", "whole"] {
            assert_eq!(schema["properties"][name], before["properties"][name]);
        }
    }

    #[test]
    fn fifteen_digits_come_back_as_they_were_written() {
        for text in [
            "999999999999.999",
            "-123456789012.345",
            "99999999999.9999",
            "0.0001",
        ] {
            let number: Value = serde_json::from_str(text).unwrap();
            assert_eq!(number.to_string(), text);
        }
    }
}
