//! Peruvian invoices, by SUNAT's Resolución 340-2017: values between bars.

use chrono::NaiveDate;

use super::super::{
    draft::Draft,
    paper::{CodeKind, PaperCode},
    payload::Payload,
    values::{amounts, dates, text},
};

/// The kinds of documents, and the one that is a credit note.
const DOCUMENTS: [&str; 4] = ["01", "03", "07", "08"];
const CREDIT_NOTE: &str = "07";

/// Reads `RUC|kind|series|number|IGV|total|day|...`. The seller's number must be right.
pub(in crate::codes) fn read(payload: &Payload) -> Option<PaperCode> {
    let parts: Vec<_> = payload.text.split('|').map(str::trim).collect();
    let &[
        seller,
        document,
        series,
        number,
        tax,
        total,
        day,
        ref buyer @ ..,
    ] = parts.as_slice()
    else {
        return None;
    };
    let is_series = series.len() == 4 && series.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let is_number = text::is_digits(number, number.len().clamp(1, 8));
    if !is_ruc(seller) || !DOCUMENTS.contains(&document) || !is_series || !is_number {
        return None;
    }
    let amount = |text: &str| amounts::with_point(text, 2);
    let mut draft = Draft::new(CodeKind::Sunat);
    draft.put("seller_tax_number", seller);
    draft.put("document_type", document);
    draft.put("invoice_number", &format!("{series}-{number}"));
    let tax = draft.put_read("tax", tax, amount);
    let total = draft.put_read("total", total, amount)?;
    draft.facts.date = draft.put_read("date", day, self::day);
    draft.facts.date?;
    for (name, value) in ["buyer_type", "buyer_number"].into_iter().zip(buyer) {
        draft.put(name, value);
    }
    draft.facts.invoice_number = Some(format!("{series}-{number}"));
    // The sums of a credit note have no sign.
    let is_sale = document != CREDIT_NOTE;
    draft.facts.total = Some(total).filter(|_| is_sale);
    draft.facts.tax = tax.filter(|_| is_sale);
    Some(draft.finish())
}

/// The rules ask for the first form; the second is often printed.
fn day(text: &str) -> Option<NaiveDate> {
    dates::shaped(text, "YYYY-MM-DD").or_else(|| dates::shaped(text, "DD/MM/YYYY"))
}

/// Returns whether a text is a taxpayer's number: eleven digits, the last of which checks the others.
fn is_ruc(text: &str) -> bool {
    if !text::is_digits(text, 11) {
        return false;
    }
    let (digits, check) = text.split_at(10);
    let weights = [5, 4, 3, 2, 7, 6, 5, 4, 3, 2];
    let digits = digits.bytes().zip(weights);
    let sum: u32 = digits
        .map(|(digit, weight)| u32::from(digit - b'0') * weight)
        .sum();
    check.parse() == Ok((11 - sum % 11) % 10)
}
