//! Turns the bytes of an XML file into text, by its byte order mark or the encoding that it declares.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

use super::error::EInvoiceError;

/// How many bytes the declaration may take.
const DECLARATION: usize = 256;

/// How many characters of an unknown encoding's name an error repeats.
const NAME: usize = 40;

/// Returns the text of the file without a byte order mark.
///
/// # Errors
/// [`EInvoiceError::UnknownEncoding`] or [`EInvoiceError::NotInEncoding`].
pub fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, EInvoiceError> {
    let (encoding, bytes) = encoding(bytes)?;
    let text = encoding.decode_without_bom_handling_and_without_replacement(bytes);
    text.ok_or(EInvoiceError::NotInEncoding(encoding.name()))
}

fn encoding(bytes: &[u8]) -> Result<(&'static Encoding, &[u8]), EInvoiceError> {
    if let Some((encoding, length)) = Encoding::for_bom(bytes) {
        return Ok((encoding, bytes.get(length..).unwrap_or_default()));
    }
    let encoding = match bytes {
        [0, first, ..] if *first != 0 => UTF_16BE,
        [first, 0, ..] if *first != 0 => UTF_16LE,
        _ => declared(bytes)?,
    };
    Ok((encoding, bytes))
}

/// The encoding of the declaration, UTF-8 where there is none.
fn declared(bytes: &[u8]) -> Result<&'static Encoding, EInvoiceError> {
    let Some(name) = declared_name(bytes.trim_ascii_start()) else {
        return Ok(UTF_8);
    };
    let Some(encoding) = Encoding::for_label(name) else {
        let name = String::from_utf8_lossy(name);
        let name = name.chars().take(NAME).collect();
        return Err(EInvoiceError::UnknownEncoding(name));
    };
    // The declaration was read byte by byte, so that its file is not UTF-16: some programs declare what
    // their strings were in memory.
    let is_wide = [UTF_16BE, UTF_16LE].contains(&encoding);
    Ok(if is_wide { UTF_8 } else { encoding })
}

fn declared_name(bytes: &[u8]) -> Option<&[u8]> {
    let head = bytes.get(..DECLARATION).unwrap_or(bytes);
    let head = head.strip_prefix(b"<?xml")?;
    let end = head.windows(2).position(|pair| pair == b"?>")?;
    let declaration = head.get(..end)?;
    let at = declaration
        .windows(8)
        .position(|word| word == b"encoding")?;
    let rest = declaration.get(at + 8..)?.trim_ascii_start();
    let rest = rest.strip_prefix(b"=")?.trim_ascii_start();
    let (quote, rest) = rest.split_first()?;
    let length = rest.iter().position(|byte| byte == quote)?;
    rest.get(..length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_decoded_as_declared() {
        let declared = |name: &str| {
            format!("<?xml version='1.0' encoding = \"{name}\"?><a>\u{e9}\u{20ac}</a>")
        };
        for name in ["windows-1252", "ISO-8859-15", "utf-8", "UTF-16"] {
            let text = declared(name);
            let encoding = Encoding::for_label(name.as_bytes()).unwrap();
            // `encode` writes UTF-8 for UTF-16, as the programs do that the rule is for.
            let (bytes, ..) = encoding.encode(&text);
            assert_eq!(decode(&bytes).unwrap(), text, "{name}");
        }
        let latin = b"<?xml version=\"1.0\" encoding='iso-8859-1'?><a>\xe8</a>";
        assert!(decode(latin).unwrap().ends_with("<a>\u{e8}</a>"));
    }

    #[test]
    fn byte_order_marks_count_before_declarations() {
        let text = "<?xml version=\"1.0\" encoding=\"latin1\"?><a>\u{e9}</a>";
        let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        for bytes in [
            [b"\xef\xbb\xbf", text.as_bytes()].concat(),
            [&b"\xff\xfe"[..], &little].concat(),
            [&b"\xfe\xff"[..], &big].concat(),
            little,
            big,
        ] {
            assert_eq!(decode(&bytes).unwrap(), text);
        }
    }

    #[test]
    fn what_cannot_be_decoded_is_told() {
        let unknown = decode(b"<?xml version=\"1.0\" encoding=\"EBCDIC-CP-XX\"?><a/>").unwrap_err();
        assert_eq!(
            unknown,
            EInvoiceError::UnknownEncoding("EBCDIC-CP-XX".to_owned())
        );
        let broken = decode(b"<a>\xe9</a>").unwrap_err();
        assert_eq!(broken, EInvoiceError::NotInEncoding("UTF-8"));
        assert_eq!(decode(b"").unwrap(), "");
    }
}
