//! Taiwanese uniform invoices: the left code of the proof, by the Ministry of Finance's specification
//! of e-invoices.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::super::{
    draft::Draft,
    paper::{CodeKind, PaperCode},
    payload::Payload,
    values::{dates, text},
};

/// Characters before the goods.
const HEAD: usize = 77;

/// The year before the first of the Republic's calendar.
const YEAR_ZERO: u32 = 1911;

/// Reads 77 characters with fixed places: number, day, random number, sales and total in hexadecimal
/// digits, buyer, seller, and a check that only the issuer can judge.
pub(in crate::codes) fn read(payload: &Payload) -> Option<PaperCode> {
    let head = payload.text.get(..HEAD).filter(|head| head.is_ascii())?;
    let (number, rest) = head.split_at(10);
    let (day, rest) = rest.split_at(7);
    let (random, rest) = rest.split_at(4);
    let (sales, rest) = rest.split_at(8);
    let (total, rest) = rest.split_at(8);
    let (buyer, rest) = rest.split_at(8);
    let (seller, check) = rest.split_at(8);
    let (letters, digits) = number.split_at(2);
    let is_number =
        letters.bytes().all(|byte| byte.is_ascii_uppercase()) && text::is_digits(digits, 8);
    let are_digits =
        text::is_digits(random, 4) && text::is_digits(buyer, 8) && text::is_digits(seller, 8);
    let is_check = check
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte));
    if !is_number || !are_digits || !is_check {
        return None;
    }
    let mut draft = Draft::new(CodeKind::TwEinvoice);
    draft.put("invoice_number", number);
    draft.facts.date = draft.put_read("date", day, self::day);
    draft.facts.date?;
    draft.put("random_number", random);
    let sales = hexadecimal(sales)?;
    // Sales to consumers may be written as 0, since their prices include the tax.
    if !sales.is_zero() {
        draft.put("sales", &sales.to_string());
    }
    let total = hexadecimal(total)?;
    draft.put("total", &total.to_string());
    draft.put("currency", "TWD");
    if buyer != "00000000" {
        draft.put("buyer_number", buyer);
    }
    draft.put("seller_number", seller);
    draft.facts.total = Some(total);
    draft.facts.currency = Some("TWD".to_owned());
    draft.facts.invoice_number = Some(number.to_owned());
    Some(draft.finish())
}

fn day(text: &str) -> Option<NaiveDate> {
    if !text::is_digits(text, 7) {
        return None;
    }
    let (year, day) = text.split_at(3);
    let year: u32 = year.parse().ok()?;
    dates::shaped(&format!("{:04}{day}", YEAR_ZERO + year), "YYYYMMDD")
}

fn hexadecimal(text: &str) -> Option<Decimal> {
    let is_number = text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let number = u32::from_str_radix(text, 16).ok().filter(|_| is_number)?;
    Some(Decimal::from(number))
}
