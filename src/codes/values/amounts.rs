//! Amounts, exact and strict: a code is written by a program, so that anything odd is no amount.

use rust_decimal::Decimal;

/// Digits before the mark, at most.
const MOST_DIGITS: usize = 18;

/// Reads an amount with a decimal point and at most so many places: `12.30`, `-4`.
pub(in crate::codes) fn with_point(text: &str, most_places: usize) -> Option<Decimal> {
    read(text, '.', most_places)
}

/// Reads an amount with a decimal comma and at most so many places.
pub(in crate::codes) fn with_comma(text: &str, most_places: usize) -> Option<Decimal> {
    read(text, ',', most_places)
}

/// Reads an amount above 0 with a decimal point.
pub(in crate::codes) fn due(text: &str, most_places: usize) -> Option<Decimal> {
    with_point(text, most_places).filter(is_due)
}

/// Returns whether there is something to pay.
pub(in crate::codes) fn is_due(amount: &Decimal) -> bool {
    amount.is_sign_positive() && !amount.is_zero()
}

/// Reads an amount that is written in hundredths, without a mark.
pub(in crate::codes) fn in_hundredths(text: &str) -> Option<Decimal> {
    let is_whole = (1..=MOST_DIGITS).contains(&text.len());
    if !is_whole || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let hundredths: i64 = text.parse().ok()?;
    Some(Decimal::new(hundredths, 2))
}

/// Adds amounts; `None` for a sum that is too large.
pub(in crate::codes) fn sum(amounts: &[Decimal]) -> Option<Decimal> {
    let mut amounts = amounts.iter();
    amounts.try_fold(Decimal::ZERO, |sum, amount| sum.checked_add(*amount))
}

fn read(text: &str, mark: char, most_places: usize) -> Option<Decimal> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, places) = digits.split_once(mark).unwrap_or((digits, "0"));
    let has_digits = |part: &str, most: usize| {
        (1..=most).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    if !has_digits(whole, MOST_DIGITS) || !has_digits(places, most_places.max(1)) {
        return None;
    }
    if most_places == 0 && digits.contains(mark) {
        return None;
    }
    Decimal::from_str_exact(&text.replace(mark, ".")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_exact_or_none() {
        let shown = |amount: Option<Decimal>| amount.map(|amount| amount.to_string());
        let read = |text| shown(with_point(text, 2));
        assert_eq!(read("12.30").as_deref(), Some("12.30"));
        assert_eq!(read("-0.05").as_deref(), Some("-0.05"));
        assert_eq!(read("7").as_deref(), Some("7"));
        assert_eq!(shown(with_comma("7,5", 2)).as_deref(), Some("7.5"));
        assert_eq!(
            shown(in_hundredths("00000008105")).as_deref(),
            Some("81.05")
        );
        for wrong in [
            "",
            ".",
            "1.",
            ".5",
            "1.234",
            "1,2",
            "+1",
            "1e3",
            " 1",
            "--1",
            "1.2.3",
            "١",
            "1234567890123456789",
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
        assert_eq!(with_point("1.0", 0), None);
        assert_eq!(with_point("1", 0), Some(Decimal::ONE));
        for wrong in ["", "1.5", "-5", "1234567890123456789"] {
            assert_eq!(in_hundredths(wrong), None, "{wrong}");
        }
        assert_eq!(due("0.00", 2), None);
        assert_eq!(due("-1", 2), None);
    }
}
