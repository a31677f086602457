//! Decodes text in a PDF's dictionaries (ISO 32000-1, 7.9.2.2).

/// The letters of `PDFDocEncoding` that differ from Latin-1, from 0x18 and 0x80 on.
const LOW: [char; 8] = ['˘', 'ˇ', 'ˆ', '˙', '˝', '˛', '˚', '˜'];
const HIGH: [char; 33] = [
    '•', '†', '‡', '…', '—', '–', 'ƒ', '⁄', '‹', '›', '−', '‰', '„', '“', '”', '‘', '’', '‚', '™',
    'ﬁ', 'ﬂ', 'Ł', 'Œ', 'Š', 'Ÿ', 'Ž', 'ı', 'ł', 'œ', 'š', 'ž', '\u{fffd}', '€',
];

/// Decodes the text in `bytes`.
pub(in crate::image::pdf) fn decode(bytes: &[u8]) -> String {
    let words = |bytes: &[u8], read: fn([u8; 2]) -> u16| {
        let words = bytes.chunks_exact(2).map(|word| read([word[0], word[1]]));
        char::decode_utf16(words)
            .map(|letter| letter.unwrap_or(char::REPLACEMENT_CHARACTER))
            .collect::<String>()
    };
    match bytes {
        [0xfe, 0xff, rest @ ..] => without_languages(&words(rest, u16::from_be_bytes)),
        [0xff, 0xfe, rest @ ..] => without_languages(&words(rest, u16::from_le_bytes)),
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        _ => bytes.iter().map(|byte| letter(*byte)).collect(),
    }
}

fn letter(byte: u8) -> char {
    match byte {
        0x18..=0x1f => LOW[usize::from(byte - 0x18)],
        0x80..=0xa0 => HIGH[usize::from(byte - 0x80)],
        _ => byte.into(),
    }
}

/// Removes the names of languages, which are between two escape characters and are not shown.
fn without_languages(text: &str) -> String {
    text.split('\u{1b}').step_by(2).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_encoding_is_decoded() {
        assert_eq!(decode(b"60.500 \x8a \xa0 \xe9"), "60.500 − € é");
        assert_eq!(decode(b"\xfe\xff\0A\x20\xac"), "A€");
        assert_eq!(decode(b"\xff\xfeA\0"), "A");
        assert_eq!(decode(b"\xef\xbb\xbf\xe2\x82\xac"), "€");
        assert_eq!(decode(b"\xfe\xff\0\x1b\0e\0n\0\x1b\0A"), "A");
    }
}
