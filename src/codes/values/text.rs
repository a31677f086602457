//! Texts: bytes in the encodings that codes use.

use encoding_rs::{Encoding, WINDOWS_1252};

/// Reads a text as UTF-8, or else as Latin 1.
pub(in crate::codes) fn plain(bytes: &[u8]) -> String {
    encoded(bytes, WINDOWS_1252)
}

/// Reads a text in the encoding that the kind's rules name. Valid UTF-8 is read as such: programs often
/// write it against the rules, and text in another encoding is hardly ever valid UTF-8.
pub(in crate::codes) fn encoded(bytes: &[u8], encoding: &'static Encoding) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.trim_start_matches('\u{feff}').to_owned(),
        Err(_) => encoding.decode_without_bom_handling(bytes).0.into_owned(),
    }
}

/// Decodes `%2A` and the like; a sign that begins no such code stays.
pub(in crate::codes) fn unescaped(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut found = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let digit = |offset: usize| char::from(*bytes.get(at + offset)?).to_digit(16);
        if let (b'%', Some(high), Some(low)) = (byte, digit(1), digit(2)) {
            found.push((high * 16 + low) as u8);
            at += 3;
        } else {
            found.push(byte);
            at += 1;
        }
    }
    plain(&found)
}

/// Returns whether a text consists of so many digits.
pub(in crate::codes) fn is_digits(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use encoding_rs::ISO_8859_2;

    #[test]
    fn encodings_are_told_apart() {
        assert_eq!(plain("Café".as_bytes()), "Café");
        assert_eq!(plain(b"Caf\xe9"), "Café");
        assert_eq!(encoded(b"Ko\xb9ice", ISO_8859_2), "Košice");
        assert_eq!(encoded("Košice".as_bytes(), ISO_8859_2), "Košice");
        assert_eq!(unescaped("a%2Ab%C5%A1%zz%4"), "a*bš%zz%4");
    }
}
