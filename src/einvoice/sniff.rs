//! Tells by its first bytes what a file is.

use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};

/// How many bytes are looked at.
const HEAD: usize = 512;

/// The object identifier of CMS signed data, 1.2.840.113549.1.7.2, in DER.
const SIGNED_DATA: [u8; 11] = [
    0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02,
];

/// Returns whether the file is XML, as far as its beginning tells: a declaration, an element, a comment or
/// a document type declaration after white space and a byte order mark, in UTF-8, UTF-16 or another
/// encoding that holds ASCII.
#[must_use]
pub fn is_xml(bytes: &[u8]) -> bool {
    let head = bytes.get(..HEAD).unwrap_or(bytes);
    let (head, wide) = match head {
        [0xef, 0xbb, 0xbf, rest @ ..] => (rest, None),
        [0xff, 0xfe, rest @ ..] => (rest, Some(0)),
        [0xfe, 0xff, rest @ ..] => (rest, Some(1)),
        [0, _, ..] => (head, Some(1)),
        [_, 0, ..] => (head, Some(0)),
        _ => (head, None),
    };
    let narrow: Vec<u8> = match wide {
        None => head.to_vec(),
        Some(at) => {
            let units = head.as_chunks::<2>().0;
            let ascii = |unit: &[u8; 2]| if unit[1 - at] == 0 { unit[at] } else { 0xff };
            units.iter().map(ascii).collect()
        }
    };
    match narrow.trim_ascii_start() {
        [b'<', b'?' | b'!' | b'_' | b':', ..] => true,
        [b'<', first, ..] => first.is_ascii_alphabetic() || *first >= 0x80,
        _ => false,
    }
}

/// Returns whether the file is CMS signed data, which `.p7m` files are: in DER or BER, or in base64 with or
/// without the lines of PEM.
#[must_use]
pub fn is_signed(bytes: &[u8]) -> bool {
    is_signed_der(bytes) || decoded_head(bytes).is_some_and(|head| is_signed_der(&head))
}

fn is_signed_der(bytes: &[u8]) -> bool {
    let [0x30, length, rest @ ..] = bytes else {
        return false;
    };
    let skipped = match length {
        0..=0x80 => 0,
        0x81..=0x88 => usize::from(length - 0x80),
        _ => return false,
    };
    rest.get(skipped..)
        .is_some_and(|rest| rest.starts_with(&SIGNED_DATA))
}

/// The first bytes that base64 stands for.
fn decoded_head(bytes: &[u8]) -> Option<Vec<u8>> {
    let head = bytes.get(..HEAD).unwrap_or(bytes);
    let mut lines = head
        .split(|&byte| byte == b'\n')
        .map(<[u8]>::trim_ascii)
        .skip_while(|line| line.is_empty())
        .peekable();
    if lines.peek()?.starts_with(b"-----BEGIN ") {
        lines.next();
    }
    let mut code: Vec<u8> = lines.flatten().copied().take(32).collect();
    code.truncate(code.len() / 4 * 4);
    STANDARD_NO_PAD.decode(code).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16(text: &str, is_big: bool) -> Vec<u8> {
        let units = text.encode_utf16();
        let bytes = units.flat_map(|unit| {
            if is_big {
                unit.to_be_bytes()
            } else {
                unit.to_le_bytes()
            }
        });
        bytes.collect()
    }

    #[test]
    fn xml_is_known_by_its_first_bytes() {
        for text in [
            "<?xml version=\"1.0\"?>",
            "<a/>",
            "\u{feff} \r\n<a>",
            "\n\t<!-- -->",
            "<ns:a>",
            "<_a/>",
        ] {
            assert!(is_xml(text.as_bytes()), "{text:?}");
            assert!(is_xml(&utf16(text, true)), "{text:?}");
            assert!(is_xml(&utf16(text, false)), "{text:?}");
        }
        for other in [
            &b""[..],
            b"<",
            b"<<",
            b"< a>",
            b"%PDF-1.7",
            b"\x89PNG\r\n\x1a\n",
            b"{\"a\": 1}",
            b"\xff\xd8\xff\xe0",
            b"GIF89a",
            b"text <a/>",
            &[0, 0, 0, b'<'],
        ] {
            assert!(!is_xml(other), "{other:?}");
        }
    }

    #[test]
    fn signed_files_are_known_by_their_first_bytes() {
        let body = [
            0xa0, 0x80, 0x30, 0x80, 0x02, 0x01, 0x01, 0x31, 0x0b, 0x30, 0x09, 0x06,
        ];
        for length in [
            &[0x80][..],
            &[0x17],
            &[0x82, 0x12, 0x34],
            &[0x84, 0, 0, 0x12, 0x34],
        ] {
            let der = [&[0x30], length, &SIGNED_DATA, &body].concat();
            assert!(is_signed(&der), "{length:?}");
            let code = STANDARD_NO_PAD.encode(&der);
            assert!(is_signed(code.as_bytes()), "{code}");
            let (first, second) = code.split_at(10);
            let pem = format!("-----BEGIN PKCS7-----\r\n{first}\r\n{second}\r\n");
            assert!(is_signed(pem.as_bytes()), "{pem}");
        }
        let data = [&[0x30, 0x80, 0x06, 0x09][..], &[0x2a; 30]].concat();
        for other in [
            &b""[..],
            b"0",
            &[0x30, 0x80],
            &[0x30, 0xff],
            &data,
            b"<a/>",
            b"MIIB",
        ] {
            assert!(!is_signed(other), "{other:?}");
        }
    }
}
