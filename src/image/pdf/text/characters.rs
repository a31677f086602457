//! The characters that a file states for its glyphs.

use hayro::hayro_interpret::{font::Glyph, hayro_cmap::BfString};

/// Number of characters of a glyph at most; a ligature has four, and a file that states more may
/// state what is not drawn.
const MAX_LIGATURE: usize = 4;

/// What a glyph stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Stated {
    /// Characters to read.
    Characters(String),
    /// A blank between words.
    Blank,
    /// A mark that nobody sees, such as a joiner.
    Nothing,
    /// Not known: the file states no character, or none that can be drawn.
    Unknown,
}

/// Returns what a glyph stands for, by the file's own statement.
pub(super) fn stated(glyph: &Glyph<'_>, has_ink: bool) -> Stated {
    match glyph.as_unicode() {
        Some(BfString::Char(character)) => plain(&character.to_string(), has_ink),
        Some(BfString::String(text)) => plain(&text, has_ink),
        None => plain("", has_ink),
    }
}

fn plain(text: &str, has_ink: bool) -> Stated {
    if !text.is_empty() && text.chars().all(char::is_whitespace) {
        // A glyph that can be seen is no blank, whatever the file says.
        return if has_ink {
            Stated::Unknown
        } else {
            Stated::Blank
        };
    }
    let mut plain = String::new();
    for character in text.chars() {
        match character {
            '\u{ad}' if has_ink => plain.push('-'),
            _ if is_ignorable(character) => {}
            _ if is_unreadable(character) => return Stated::Unknown,
            _ => match ligature(character) {
                Some(letters) => plain.push_str(letters),
                None => plain.push(character),
            },
        }
    }
    let plain = plain.trim();
    let count = plain.chars().count();
    match (count, has_ink) {
        // Fonts without a table of characters often leave out the blank alone.
        (0, false) if text.is_empty() => Stated::Blank,
        (0, false) => Stated::Nothing,
        (0, true) => Stated::Unknown,
        (1, _) => Stated::Characters(plain.to_owned()),
        _ if count <= MAX_LIGATURE && plain.chars().all(is_part_of_ligature) => {
            Stated::Characters(plain.to_owned())
        }
        _ => Stated::Unknown,
    }
}

/// Returns whether a character may stand in a ligature or above a letter; digits and signs do not.
fn is_part_of_ligature(character: char) -> bool {
    character.is_alphabetic() || matches!(character, '\u{300}'..='\u{36f}')
}

fn is_ignorable(character: char) -> bool {
    matches!(
        character,
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}'
            | '\u{feff}' | '\u{fe00}'..='\u{fe0f}'
    )
}

fn is_unreadable(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{fffd}' | '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}'
        )
}

fn ligature(character: char) -> Option<&'static str> {
    Some(match character {
        '\u{fb00}' => "ff",
        '\u{fb01}' => "fi",
        '\u{fb02}' => "fl",
        '\u{fb03}' => "ffi",
        '\u{fb04}' => "ffl",
        '\u{fb05}' | '\u{fb06}' => "st",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_become_plain() {
        let read = |text: &str| Stated::Characters(text.to_owned());
        for (text, has_ink, expected) in [
            ("A", true, read("A")),
            ("\u{fb01}", true, read("fi")),
            ("ffi", true, read("ffi")),
            ("e\u{301}", true, read("e\u{301}")),
            ("\u{ad}", true, read("-")),
            ("\u{ad}", false, Stated::Nothing),
            ("\u{200b}", false, Stated::Nothing),
            ("\u{200b}", true, Stated::Unknown),
            ("\u{a0}", false, Stated::Blank),
            (" ", true, Stated::Unknown),
            ("", false, Stated::Blank),
            ("", true, Stated::Unknown),
            ("\u{f041}", true, Stated::Unknown),
            ("\u{3}", true, Stated::Unknown),
            ("1.00", true, Stated::Unknown),
            ("Total", true, Stated::Unknown),
            ("1", false, read("1")),
        ] {
            assert_eq!(plain(text, has_ink), expected, "{text:?} {has_ink}");
        }
    }
}
