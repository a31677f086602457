//! Reads the texts of elements as names, numbers, days and amounts.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::{
    element::Element,
    error::{EInvoiceError, XmlValueKind},
    facts::{Stated, XmlSource},
};
use crate::page::composed;

/// The largest number that an answer holds without its point: 15 digits, which a double keeps.
const LARGEST: i128 = 999_999_999_999_999;

/// Decimals that a number of an answer may have.
const DECIMALS: u32 = 8;

/// The largest quantity of an answer.
const LARGEST_QUANTITY: i64 = 9_999_999_999;

/// The largest rate in percent.
const LARGEST_RATE: i64 = 100;

/// Returns whether an answer can hold the number exactly.
#[must_use]
pub fn is_exact(number: Decimal) -> bool {
    let number = number.normalize();
    number.scale() <= DECIMALS && number.mantissa().abs() <= LARGEST
}

/// Returns the text of the element: composed characters, with one space for each run of white space; `None`
/// if the element is empty.
///
/// # Errors
/// [`EInvoiceError::TextTooLong`], or [`EInvoiceError::NotValue`] if it has elements within it.
pub fn text(
    element: &Element<'_>,
    term: &'static str,
) -> Result<Option<Stated<String>>, EInvoiceError> {
    let raw = raw(element)?;
    let words: Vec<_> = raw.split_whitespace().collect();
    if words.is_empty() {
        return Ok(None);
    }
    let plain = words.join(" ");
    let value = composed(plain.clone());
    let limit = element.limits().text;
    if value.chars().count() > limit {
        let place = element.place();
        return Err(EInvoiceError::TextTooLong { place, limit });
    }
    Ok(Some(stated(element, term, value, &plain)))
}

/// Returns the number of the element; `None` if the element is empty.
///
/// # Errors
/// [`EInvoiceError::NotValue`], or [`EInvoiceError::BeyondDigits`] if an answer cannot hold it.
pub fn number(
    element: &Element<'_>,
    term: &'static str,
) -> Result<Option<Stated<Decimal>>, EInvoiceError> {
    let number = long_number(element, term)?;
    match number {
        Some(number) if !is_exact(number.value) => {
            Err(EInvoiceError::BeyondDigits(element.place()))
        }
        number => Ok(number),
    }
}

/// Returns the number of the element, which may have more digits than an answer holds.
///
/// # Errors
/// [`EInvoiceError::NotValue`], or [`EInvoiceError::BeyondDigits`] if a [`Decimal`] cannot hold it.
pub fn long_number(
    element: &Element<'_>,
    term: &'static str,
) -> Result<Option<Stated<Decimal>>, EInvoiceError> {
    let raw = raw(element)?;
    let digits = raw.trim();
    if digits.is_empty() {
        return Ok(None);
    }
    if !is_decimal(digits) {
        return Err(not_value(element, XmlValueKind::Number));
    }
    let value = Decimal::from_str_exact(plain(digits))
        .map_err(|_| EInvoiceError::BeyondDigits(element.place()))?;
    Ok(Some(stated(element, term, value, &raw)))
}

/// Returns the quantity of the element.
///
/// # Errors
/// See [`number`].
pub fn quantity(
    element: &Element<'_>,
    term: &'static str,
) -> Result<Option<Stated<Decimal>>, EInvoiceError> {
    bounded(element, term, LARGEST_QUANTITY)
}

/// Returns the rate in percent of the element.
///
/// # Errors
/// See [`number`].
pub fn rate(
    element: &Element<'_>,
    term: &'static str,
) -> Result<Option<Stated<Decimal>>, EInvoiceError> {
    bounded(element, term, LARGEST_RATE)
}

fn bounded(
    element: &Element<'_>,
    term: &'static str,
    largest: i64,
) -> Result<Option<Stated<Decimal>>, EInvoiceError> {
    let number = number(element, term)?;
    let is_within = |number: &Stated<Decimal>| number.value.abs() <= Decimal::from(largest);
    if number.as_ref().is_some_and(|number| !is_within(number)) {
        return Err(EInvoiceError::BeyondDigits(element.place()));
    }
    Ok(number)
}

/// Returns the amount of the element, which may name its currency.
///
/// # Errors
/// See [`number`]; [`EInvoiceError::OtherCurrency`] if it names another than that of the document.
pub fn amount(
    element: &Element<'_>,
    term: &'static str,
    currency: &str,
) -> Result<Option<Stated<Decimal>>, EInvoiceError> {
    check_currency(element, currency)?;
    number(element, term)
}

/// Checks that an amount is in the currency of the document, if it names one.
///
/// # Errors
/// [`EInvoiceError::OtherCurrency`].
pub fn check_currency(element: &Element<'_>, currency: &str) -> Result<(), EInvoiceError> {
    if is_in(element, currency) {
        return Ok(());
    }
    Err(EInvoiceError::OtherCurrency {
        place: element.place(),
        currency: currency.to_owned(),
    })
}

/// Returns whether an amount is in that currency, or names none.
#[must_use]
pub fn is_in(element: &Element<'_>, currency: &str) -> bool {
    let named = element.attribute("currencyID").map(str::trim);
    named.is_none_or(|named| named.is_empty() || named == currency)
}

/// Returns the currency code of the element.
///
/// # Errors
/// [`EInvoiceError::NotValue`].
pub fn currency(
    element: &Element<'_>,
    term: &'static str,
) -> Result<Option<Stated<String>>, EInvoiceError> {
    let code = text(element, term)?;
    let is_code = |code: &Stated<String>| {
        code.value.len() == 3 && code.value.bytes().all(|byte| byte.is_ascii_uppercase())
    };
    if code.as_ref().is_some_and(|code| !is_code(code)) {
        return Err(not_value(element, XmlValueKind::Currency));
    }
    Ok(code)
}

/// Returns the day of an `xsd:date`, `2024-02-29`, which may have a time zone.
///
/// # Errors
/// [`EInvoiceError::NotValue`].
pub fn day(
    element: &Element<'_>,
    term: &'static str,
) -> Result<Option<Stated<NaiveDate>>, EInvoiceError> {
    dated(element, term, |text| {
        let (day, zone) = text.split_at_checked(10)?;
        let is_zone = match zone.as_bytes() {
            [] | [b'Z'] => true,
            [b'+' | b'-', rest @ ..] => rest.len() == 5 && rest[2] == b':',
            _ => false,
        };
        let is_form = day.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
        let day = (is_zone && is_form).then_some(day)?;
        NaiveDate::parse_from_str(day, "%Y-%m-%d").ok()
    })
}

/// Returns the day of a `DateTimeString`, whose `format` is `102` for `20240229`, or `203` or `204` with the
/// time after it.
///
/// # Errors
/// [`EInvoiceError::NotValue`].
pub fn formatted_day(
    element: &Element<'_>,
    term: &'static str,
) -> Result<Option<Stated<NaiveDate>>, EInvoiceError> {
    let length = match element.attribute("format").map_or("102", str::trim) {
        "102" => 8,
        "203" => 12,
        "204" => 14,
        _ => 0,
    };
    dated(element, term, |text| {
        let is_form = text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit());
        let day = text.get(..8).filter(|_| is_form)?;
        NaiveDate::parse_from_str(day, "%Y%m%d").ok()
    })
}

fn dated(
    element: &Element<'_>,
    term: &'static str,
    parse: impl Fn(&str) -> Option<NaiveDate>,
) -> Result<Option<Stated<NaiveDate>>, EInvoiceError> {
    use chrono::Datelike as _;

    let raw = raw(element)?;
    let trimmed = raw.trim();
    if trimmed.is_empty() {
        return Ok(None);
    }
    let day = parse(trimmed).filter(|day| (1900..2100).contains(&day.year()));
    let day = day.ok_or_else(|| not_value(element, XmlValueKind::Date))?;
    Ok(Some(stated(element, term, day, &raw)))
}

/// Returns whether the element says `true`.
///
/// # Errors
/// [`EInvoiceError::NotValue`].
pub fn indicator(element: &Element<'_>) -> Result<bool, EInvoiceError> {
    match raw(element)?.trim() {
        "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        _ => Err(not_value(element, XmlValueKind::Indicator)),
    }
}

/// Returns the text of the element without white space around it.
///
/// # Errors
/// [`EInvoiceError::NotValue`] if it has elements within it.
pub fn code(element: &Element<'_>) -> Result<String, EInvoiceError> {
    Ok(raw(element)?.trim().to_owned())
}

fn raw(element: &Element<'_>) -> Result<String, EInvoiceError> {
    let text = element.raw_text();
    text.ok_or_else(|| not_value(element, XmlValueKind::Text))
}

fn not_value(element: &Element<'_>, kind: XmlValueKind) -> EInvoiceError {
    let place = element.place();
    EInvoiceError::NotValue { place, kind }
}

fn stated<T>(element: &Element<'_>, term: &'static str, value: T, raw: &str) -> Stated<T> {
    let source = XmlSource {
        term,
        path: element.path().to_owned(),
        text: raw.trim().to_owned(),
    };
    Stated {
        value,
        sources: vec![source],
    }
}

/// Whether the text is an `xsd:decimal`.
fn is_decimal(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    whole.len() + fraction.len() > 0 && are_digits(whole) && are_digits(fraction)
}

/// The number without zeros at its end that say nothing, which would take the room of digits.
fn plain(digits: &str) -> &str {
    let digits = digits.strip_prefix('+').unwrap_or(digits);
    let has_point = digits.contains('.');
    let short = if has_point {
        digits.trim_end_matches('0').trim_end_matches('.')
    } else {
        digits
    };
    if short.bytes().any(|byte| byte.is_ascii_digit()) {
        short
    } else {
        "0"
    }
}
