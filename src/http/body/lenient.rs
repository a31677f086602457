//! Accepts JSON as real clients write it: with a byte order mark in front, and with half a surrogate pair after a
//! text was cut in the middle of a character.

use std::borrow::Cow;

const MARK: &[u8] = b"\xEF\xBB\xBF";

/// The escape of U+FFFD, as long as the escape of a surrogate.
const REPLACEMENT: &[u8] = b"\\ufffd";

/// Removes a byte order mark, and replaces every escaped surrogate without its other half by U+FFFD.
///
/// In JSON, a backslash can only stand in a string, so escapes are found without a parser.
pub fn readable(json: &[u8]) -> Cow<'_, [u8]> {
    let json = json.strip_prefix(MARK).unwrap_or(json);
    let mut mended = Cow::Borrowed(json);
    let mut at = 0;
    while let Some(next) = json[at..].iter().position(|byte| *byte == b'\\') {
        at += next;
        let half = unit(json, at);
        at += match half {
            Some(0xD800..=0xDBFF) if matches!(unit(json, at + 6), Some(0xDC00..=0xDFFF)) => 12,
            Some(0xD800..=0xDFFF) => {
                if let Some(escape) = mended.to_mut().get_mut(at..at + 6) {
                    escape.copy_from_slice(REPLACEMENT);
                }
                6
            }
            Some(_) => 6,
            // The escaped character may itself be a backslash.
            None => 2,
        };
        if at >= json.len() {
            break;
        }
    }
    mended
}

/// Returns the UTF-16 unit of the escape `\uXXXX` at `at`, if there is one.
fn unit(json: &[u8], at: usize) -> Option<u16> {
    let digits = json.get(at..at + 6)?.strip_prefix(b"\\u")?;
    if !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    fn read(json: &str) -> String {
        serde_json::from_slice(&readable(json.as_bytes())).unwrap()
    }

    #[test]
    fn half_a_surrogate_pair_is_replaced_and_a_whole_one_stays() {
        for (json, text) in [
            (r#""\ud83d""#, "\u{FFFD}"),
            (r#""a\uD83Db""#, "a\u{FFFD}b"),
            (r#""\uDE00\uD83D""#, "\u{FFFD}\u{FFFD}"),
            (r#""\ude00""#, "\u{FFFD}"),
            (r#""\uD83d\uDe00""#, "\u{1F600}"),
            (r#""\ud83d\ud83d\ude00""#, "\u{FFFD}\u{1F600}"),
            (r#""\ud83d\u0041""#, "\u{FFFD}A"),
            (r#""\ud83d\n""#, "\u{FFFD}\n"),
            (r#""\\ud83d""#, "\\ud83d"),
            (r#""\\\ud83d""#, "\\\u{FFFD}"),
            (r#""\ud83d\\ude00""#, "\u{FFFD}\\ude00"),
            (r#""\u00e9 \ufffd \/ \" €""#, "é \u{FFFD} / \" €"),
        ] {
            assert_eq!(read(json), text, "{json}");
        }
    }

    #[test]
    fn one_byte_order_mark_is_skipped() {
        assert_eq!(readable(b"\xEF\xBB\xBF{}"), &b"{}"[..]);
        assert_eq!(
            readable(b"\xEF\xBB\xBF\xEF\xBB\xBF{}"),
            &b"\xEF\xBB\xBF{}"[..]
        );
        assert_eq!(readable(b"\xEF\xBB{}"), &b"\xEF\xBB{}"[..]);
    }

    #[test]
    fn invalid_escapes_are_left_to_the_parser() {
        for json in [
            &br#""\ud83"#[..],
            br#""\"#,
            br#""\u"#,
            br#""\ud83g""#,
            br#""\u+d83""#,
        ] {
            assert_eq!(readable(json), json);
        }
    }

    proptest! {
        #[test]
        fn valid_json_is_not_changed(text: String) {
            let json = Value::String(text).to_string();
            prop_assert!(matches!(readable(json.as_bytes()), Cow::Borrowed(_)));
        }

        #[test]
        fn any_units_make_a_string(units: Vec<u16>) {
            let escapes: Vec<_> = units.iter().map(|unit| format!("\\u{unit:04x}")).collect();
            let expected = String::from_utf16_lossy(&units);
            prop_assert_eq!(read(&format!("\"{}\"", escapes.concat())), expected);
        }
    }
}
