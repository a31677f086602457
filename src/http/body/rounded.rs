//! Finds numbers of schemas that reading would change: JSON allows any number of digits, and a double holds
//! seventeen.

use crate::grammar::Document;

/// Digits that a double keeps in any number.
const KEPT: usize = 15;

/// Fields that hold schemas.
const SCHEMAS: [&str; 3] = ["schema", "parameters", "input_schema"];

/// Returns the field with the first number of a body that a double cannot keep, and the reason to refuse it, if the
/// number belongs to a schema: an answer would be held to another number than the one sent.
pub fn in_schema(body: &[u8]) -> Option<(String, String)> {
    if !has_long_number(body) {
        return None;
    }
    let text = std::str::from_utf8(body).ok()?;
    let (pointer, number) = Document::of(text).ok()?.unkept?;
    let mut steps = pointer.split('/').skip(1);
    let mut path = String::new();
    for step in steps.by_ref() {
        let is_index = step.bytes().all(|byte| byte.is_ascii_digit());
        let (before, behind) = match (is_index, path.is_empty()) {
            (true, _) => ("[", "]"),
            (false, true) => ("", ""),
            (false, false) => (".", ""),
        };
        path.extend([before, step, behind]);
        if SCHEMAS.contains(&step) {
            let within: Vec<_> = steps.collect();
            let place = within.join("/");
            let reason = format!(
                "/{place}: {number} has more digits than a double keeps and would change; write at most {KEPT} digits"
            );
            return Some((path, reason));
        }
    }
    None
}

/// Returns whether a number outside of strings has an exponent, or more digits than a double keeps in any number.
fn has_long_number(body: &[u8]) -> bool {
    let mut bytes = body.iter();
    let mut digits = 0;
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => {
                digits = 0;
                while let Some(byte) = bytes.next() {
                    match byte {
                        b'"' => break,
                        b'\\' => drop(bytes.next()),
                        _ => {}
                    }
                }
            }
            b'0'..=b'9' => digits += 1,
            b'.' => {}
            b'e' | b'E' if digits > 0 => return true,
            _ => digits = 0,
        }
        if digits > KEPT {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(body: &str) -> Option<String> {
        in_schema(body.as_bytes()).map(|(path, reason)| format!("{path} {reason}"))
    }

    #[test]
    fn long_numbers_of_schemas_are_reported_with_their_place() {
        for number in [
            "99999999999999.99",
            "9007199254740993.0",
            "9.007199254740993e15",
            "1.0000000000000001",
            "1e-400",
            "123456789012345678901234567890",
        ] {
            let schema =
                format!("{{\"schema\":{{\"properties\":{{\"a\":{{\"const\":{number}}}}}}}}}");
            let chat = format!("{{\"response_format\":{{\"json_schema\":{schema}}}}}");
            let told = at(&chat).unwrap();
            let place =
                format!("response_format.json_schema.schema /properties/a/const: {number} ");
            assert!(told.starts_with(&place), "{told}");
            let tools = format!(
                "{{\"tools\":[{{\"function\":{{\"parameters\":{{\"minimum\":{number}}}}}}}]}}"
            );
            let told = at(&tools).unwrap();
            assert!(
                told.starts_with("tools[0].function.parameters /minimum: "),
                "{told}"
            );
            let tools = format!("{{\"tools\":[{{\"input_schema\":{{\"minimum\":{number}}}}}]}}");
            let told = at(&tools).unwrap();
            assert!(
                told.starts_with("tools[0].input_schema /minimum: "),
                "{told}"
            );
            assert_eq!(at(&format!("{{\"metadata\":{{\"a\":{number}}}}}")), None);
            assert_eq!(
                at(&format!("{{\"schema\":{{\"const\":\"{number}\"}}}}")),
                None
            );
        }
        for number in [
            "0.1",
            "1e5",
            "20240115123456789",
            "0.30000000000000004",
            "-12345.678",
        ] {
            assert_eq!(
                at(&format!("{{\"schema\":{{\"const\":{number}}}}}")),
                None,
                "{number}"
            );
        }
    }
}
