//! Files that may hold pages or text, told apart by their contents.

use bytes::Bytes;

use super::{EncodedImage, ImageFormat, SourceError};

/// The file of a document: its pages, or text.
#[derive(Debug, Clone)]
pub enum LoadedFile {
    /// A picture or a PDF.
    Pages(EncodedImage),
    /// The text of a text file, such as CSV, Markdown, JSON or XML. It is not blank.
    Text(String),
}

impl LoadedFile {
    /// Checks a file from an untrusted source. Its name and the media type that a client declares are ignored.
    ///
    /// # Errors
    /// See [`SourceError`].
    pub fn new(bytes: &Bytes, max_bytes: u64) -> Result<Self, SourceError> {
        let image = EncodedImage::new(bytes.clone(), max_bytes);
        match &image {
            // The mark of a bitmap is two letters, with which a text may begin too.
            Ok(EncodedImage {
                format: ImageFormat::Bmp,
                ..
            })
            | Err(SourceError::NotAnImage) => match text_of(bytes) {
                Ok(text) => Ok(Self::Text(text)),
                Err(error) => image.map(Self::Pages).map_err(|_| error),
            },
            _ => image.map(Self::Pages),
        }
    }
}

/// Returns the text of a file in UTF-8, or in UTF-16 with a byte order mark.
fn text_of(bytes: &[u8]) -> Result<String, SourceError> {
    let utf16 = |units: &[[u8; 2]], unit: fn([u8; 2]) -> u16| {
        let units = units.iter().map(|bytes| unit(*bytes));
        char::decode_utf16(units).collect::<Result<String, _>>()
    };
    let text = match bytes {
        [0xff, 0xfe, rest @ ..] => match rest.as_chunks() {
            (units, []) => utf16(units, u16::from_le_bytes).ok(),
            _ => None,
        },
        [0xfe, 0xff, rest @ ..] => match rest.as_chunks() {
            (units, []) => utf16(units, u16::from_be_bytes).ok(),
            _ => None,
        },
        [0xef, 0xbb, 0xbf, rest @ ..] | rest => std::str::from_utf8(rest).ok().map(str::to_owned),
    };
    match text {
        Some(text) if text.chars().any(is_binary) => Err(SourceError::NotADocument),
        Some(text) if text.trim().is_empty() => Err(SourceError::Empty),
        Some(text) => Ok(text),
        // Text in an older encoding has no control characters either; which encoding is not known.
        None if bytes.iter().any(|byte| is_binary(char::from(*byte))) => {
            Err(SourceError::NotADocument)
        }
        None => Err(SourceError::TextEncoding),
    }
}

/// Returns whether a character shows that a file is no text.
fn is_binary(character: char) -> bool {
    character.is_ascii_control() && !matches!(character, '\t' | '\n' | '\r' | '\x0c')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &'static [u8]) -> Result<String, SourceError> {
        match LoadedFile::new(&Bytes::from_static(bytes), 64)? {
            LoadedFile::Text(text) => Ok(text),
            LoadedFile::Pages(image) => panic!("{:?}", image.format),
        }
    }

    fn format(bytes: &'static [u8]) -> Option<ImageFormat> {
        match LoadedFile::new(&Bytes::from_static(bytes), 64) {
            Ok(LoadedFile::Pages(image)) => Some(image.format),
            _ => None,
        }
    }

    #[test]
    fn text_is_kept_as_it_is() {
        for told in ["a;b\r\n1;2\t3\x0c", "{\"a\": 1}", "<a>\u{e9}</a>", " x"] {
            assert_eq!(text(told.as_bytes()).as_deref(), Ok(told));
        }
        assert_eq!(text(b"\xef\xbb\xbfa").as_deref(), Ok("a"));
        assert_eq!(text(b"\xff\xfea\0\xac\x20").as_deref(), Ok("a\u{20ac}"));
        assert_eq!(text(b"\xfe\xff\0a\x20\xac").as_deref(), Ok("a\u{20ac}"));
    }

    #[test]
    fn text_that_begins_like_a_bitmap_is_text() {
        assert_eq!(text(b"BMW;12.50\n").as_deref(), Ok("BMW;12.50\n"));
        assert_eq!(format(b"BM\x46\0\0\0\0\0\0\0"), Some(ImageFormat::Bmp));
        assert_eq!(format(b"BM\xe4"), Some(ImageFormat::Bmp));
    }

    #[test]
    fn pages_are_told_from_text() {
        assert_eq!(format(b"\x89PNG\r\n\x1a\n"), Some(ImageFormat::Png));
        assert_eq!(format(b"%PDF-1.7\n"), Some(ImageFormat::Pdf));
        assert_eq!(text(b"\0\0\0\x18ftypheic\0\0\0\0"), Err(SourceError::Heif));
    }

    #[test]
    fn what_is_neither_is_refused() {
        assert_eq!(text(b""), Err(SourceError::Empty));
        assert_eq!(text(b"\xef\xbb\xbf \r\n"), Err(SourceError::Empty));
        assert_eq!(text(&[b'a'; 65]), Err(SourceError::TooLarge { limit: 64 }));
        // A Word file is a ZIP.
        assert_eq!(
            text(b"PK\x03\x04\x14\0\x06\0"),
            Err(SourceError::NotADocument)
        );
        assert_eq!(text(b"PK\x03\x04\xe4"), Err(SourceError::NotADocument));
        assert_eq!(text(b"a\x1bb"), Err(SourceError::NotADocument));
        assert_eq!(text(b"Caf\xe9;1"), Err(SourceError::TextEncoding));
        // Half a surrogate pair, and half a unit.
        assert_eq!(text(b"\xff\xfe\x20\xd8"), Err(SourceError::TextEncoding));
        assert_eq!(text(b"\xff\xfea\0b"), Err(SourceError::NotADocument));
        assert_eq!(text(b"\xff\xfe"), Err(SourceError::Empty));
    }
}
