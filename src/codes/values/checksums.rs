//! The sums that check accounts, numbers and payloads.

/// Returns whether a text is an IBAN, written without spaces, with the right check digits (ISO 13616).
pub(in crate::codes) fn is_iban(text: &str) -> bool {
    let bytes = text.as_bytes();
    let (Some(country), Some(check)) = (bytes.get(..2), bytes.get(2..4)) else {
        return false;
    };
    (15..=34).contains(&bytes.len())
        && country.iter().all(u8::is_ascii_uppercase)
        && check.iter().all(u8::is_ascii_digit)
        && bytes
            .iter()
            .all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())
        && remainder_97(bytes[4..].iter().chain(&bytes[..4])) == 1
}

/// Returns the remainder by 97 of digits and letters, which stand for 10 to 35.
pub(in crate::codes) fn remainder_97<'a>(text: impl IntoIterator<Item = &'a u8>) -> u32 {
    text.into_iter().fold(0, |remainder, byte| {
        let value = char::from(*byte).to_digit(36).unwrap_or(0);
        let shifted = if value > 9 {
            remainder * 100
        } else {
            remainder * 10
        };
        (shifted + value) % 97
    })
}

/// Returns whether the last digit checks the others, by the recursive sum modulo 10 of Swiss references.
pub(in crate::codes) fn is_swiss_reference(text: &str) -> bool {
    const TABLE: [u32; 10] = [0, 9, 4, 6, 8, 2, 7, 1, 3, 5];
    let mut carry = 0;
    let mut digits = text.chars();
    let Some(check) = digits.next_back().and_then(|digit| digit.to_digit(10)) else {
        return false;
    };
    for digit in digits {
        let Some(digit) = digit.to_digit(10) else {
            return false;
        };
        carry = TABLE[((carry + digit) % 10) as usize];
    }
    text.len() == 27 && (10 - carry) % 10 == check
}

/// Returns the digit that checks others modulo 11, with weights that rise from 2 to `most` from the
/// right; remainders without a digit of their own give 0.
pub(in crate::codes) fn digit_11(digits: &[u8], most: u32) -> u32 {
    let weights = (2..=most).cycle();
    let digits = digits.iter().rev().zip(weights);
    let sum: u32 = digits
        .map(|(digit, weight)| u32::from(digit.wrapping_sub(b'0')) * weight)
        .sum();
    match 11 - sum % 11 {
        10 | 11 => 0,
        digit => digit,
    }
}

/// Returns the CRC-16 of `EMVCo`'s codes (polynomial 1021, from FFFF).
pub(in crate::codes) fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0xffff, |crc, byte| {
        (0..8).fold(crc ^ (u16::from(*byte) << 8), |crc, _| {
            let carried = if crc & 0x8000 == 0 { 0 } else { 0x1021 };
            (crc << 1) ^ carried
        })
    })
}

/// Returns the CRC-8 of `TicketBAI`'s codes (polynomial 07, from 00).
pub(in crate::codes) fn crc8(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |crc, byte| {
        (0..8).fold(crc ^ byte, |crc, _| {
            let carried = if crc & 0x80 == 0 { 0 } else { 0x07 };
            (crc << 1) ^ carried
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_those_of_their_standards() {
        assert_eq!(crc16(b"123456789"), 0x29b1);
        assert_eq!(crc8(b"123456789"), 0xf4);
        assert!(is_iban("DE89370400440532013000"));
        assert!(is_iban("SI56191000000123438"));
        assert!(!is_iban("DE88370400440532013000"));
        assert!(!is_iban("de89370400440532013000"));
        assert!(!is_iban("DE8"));
        assert!(!is_iban("DEé9370400440532013000"));
        assert!(is_swiss_reference("210000000003139471430009017"));
        assert!(!is_swiss_reference("210000000003139471430009018"));
        assert!(!is_swiss_reference(""));
        assert!(!is_swiss_reference("7"));
    }
}
