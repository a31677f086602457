//! One form for letters with marks, in which they can be compared.

use std::borrow::Cow;

use icu_normalizer::{ComposingNormalizer, ComposingNormalizerBorrowed};

const NFC: ComposingNormalizerBorrowed<'static> = ComposingNormalizer::new_nfc();

/// Returns the text with each letter and its marks as one character where there is one (normalization form C of
/// Unicode).
#[must_use]
pub fn composed(text: String) -> String {
    let changed = match NFC.normalize(&text) {
        Cow::Borrowed(_) => None,
        Cow::Owned(changed) => Some(changed),
    };
    changed.unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_and_their_marks_become_one_character() {
        for (text, expected) in [
            ("Cafe\u{301}", "Caf\u{e9}"),
            ("Tie\u{302}\u{301}ng", "Ti\u{1ebf}ng"),
            ("\u{212b}", "\u{c5}"),
            ("\u{1100}\u{1161}", "\u{ac00}"),
            ("Caf\u{e9} 9.00", "Caf\u{e9} 9.00"),
            ("q\u{301}", "q\u{301}"),
            ("", ""),
        ] {
            assert_eq!(composed(text.to_owned()), expected, "{text:?}");
        }
    }
}
