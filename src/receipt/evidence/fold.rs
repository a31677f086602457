//! The form in which texts are compared: lower case, without accents, marks and blanks.

/// Returns the letters of `c` in lower case without accents; none for a mark or a blank.
pub fn fold(c: char) -> impl Iterator<Item = char> {
    let plain = c
        .is_alphanumeric()
        .then(|| c.to_lowercase().map(plain))
        .into_iter();
    // Capital letters of some scripts have a mark of their own in lower case.
    plain.flatten().filter(|c| c.is_alphanumeric())
}

/// Returns `text` folded.
pub fn folded(text: &str) -> String {
    text.chars().flat_map(fold).collect()
}

/// Returns a letter without its accent, and another script's digit as the common one.
fn plain(c: char) -> char {
    match c {
        'à'..='å' | 'ā' | 'ă' | 'ą' | 'ả' | 'ạ' | 'ầ' | 'ấ' | 'ậ' | 'ẩ' | 'ẫ' | 'ắ' | 'ằ' => {
            'a'
        }
        'ç' | 'ć' | 'ĉ' | 'ċ' | 'č' => 'c',
        'ď' | 'đ' => 'd',
        'è'..='ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' | 'ẻ' | 'ẽ' | 'ẹ' | 'ế' | 'ề' | 'ể' | 'ễ' | 'ệ' => {
            'e'
        }
        'ĝ' | 'ğ' | 'ġ' | 'ģ' => 'g',
        'ì'..='ï' | 'ĩ' | 'ī' | 'ĭ' | 'į' | 'ı' | 'ỉ' | 'ị' => 'i',
        'ķ' => 'k',
        'ĺ' | 'ļ' | 'ľ' | 'ł' => 'l',
        'ñ' | 'ń' | 'ņ' | 'ň' => 'n',
        'ò'..='ö'
        | 'ø'
        | 'ō'
        | 'ŏ'
        | 'ő'
        | 'ỏ'
        | 'ọ'
        | 'ố'
        | 'ồ'
        | 'ổ'
        | 'ỗ'
        | 'ộ'
        | 'ớ'
        | 'ờ'
        | 'ở'
        | 'ỡ'
        | 'ợ'
        | 'ơ' => 'o',
        'ŕ' | 'ŗ' | 'ř' => 'r',
        'ß' | 'ś' | 'ŝ' | 'ş' | 'š' | 'ș' => 's',
        'ţ' | 'ť' | 'ț' => 't',
        'ù'..='ü'
        | 'ũ'
        | 'ū'
        | 'ŭ'
        | 'ů'
        | 'ű'
        | 'ų'
        | 'ủ'
        | 'ụ'
        | 'ứ'
        | 'ừ'
        | 'ử'
        | 'ữ'
        | 'ự'
        | 'ư' => 'u',
        'ý' | 'ÿ' | 'ỳ' | 'ỷ' | 'ỹ' | 'ỵ' => 'y',
        'ź' | 'ż' | 'ž' => 'z',
        'ά' => 'α',
        'έ' => 'ε',
        'ή' => 'η',
        'ί' | 'ϊ' => 'ι',
        'ό' => 'ο',
        'ύ' | 'ϋ' => 'υ',
        'ώ' => 'ω',
        'й' => 'и',
        'ё' => 'е',
        other => digit(other).map_or(other, |digit| char::from(b'0' + digit)),
    }
}

/// Returns the value of a decimal digit of the scripts of invoices.
pub fn digit(c: char) -> Option<u8> {
    /// The zeros of ASCII, the two Arabic rows, Devanagari, Bengali, Thai, and full width.
    const ZEROS: [char; 7] = ['0', '٠', '۰', '०', '০', '๐', '０'];
    ZEROS.iter().find_map(|&zero| {
        let value = u32::from(c).checked_sub(u32::from(zero))?;
        u8::try_from(value).ok().filter(|value| *value < 10)
    })
}

/// Returns the character that one looks like, for characters that are often taken for each other.
/// `c` is folded.
pub fn look_alike(c: char) -> char {
    match c {
        'o' | 'q' | 'd' => '0',
        'i' | 'l' | 'j' => '1',
        'z' => '2',
        's' => '5',
        'g' => '6',
        'b' => '8',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_accents_and_marks_do_not_count() {
        assert_eq!(folded("Café »Zür-ich« 2Ł."), "cafezurich2l");
        assert_eq!(folded("İstanbul ŞUBAT Січень ١٢"), "istanbulsubatсічень12");
        assert_eq!(folded("* . –"), "");
    }
}
