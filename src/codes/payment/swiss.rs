//! The payment part of Swiss QR-bills, by SIX's Implementation Guidelines 2.x, and Swico's billing
//! information S1.

use super::super::{
    draft::Draft,
    paper::{CodeKind, PaperCode},
    payload::Payload,
    values::{amounts, checksums, dates},
};

/// The lines up to `EPD`.
const LINES: usize = 31;

/// The names of the seven lines of a party: how its address is written, its name, two lines, and three
/// more.
type PartyNames = [&'static str; 7];

const CREDITOR: PartyNames = [
    "",
    "creditor",
    "creditor_line_1",
    "creditor_line_2",
    "creditor_postcode",
    "creditor_town",
    "creditor_country",
];
const DEBTOR: PartyNames = [
    "",
    "debtor",
    "debtor_line_1",
    "debtor_line_2",
    "debtor_postcode",
    "debtor_town",
    "debtor_country",
];

/// Reads a payment part: `SPC`, version 2, and all lines up to the mark `EPD`. The account, the
/// reference and the currency must be right.
pub(in crate::codes) fn read(payload: &Payload) -> Option<PaperCode> {
    let lines: Vec<_> = payload.text.lines().map(str::trim).collect();
    if lines.len() < LINES || lines[0] != "SPC" || lines[30] != "EPD" {
        return None;
    }
    let is_version = lines[1].len() == 4 && lines[1].starts_with("02");
    let (iban, currency) = (lines[3], lines[19]);
    let is_swiss = iban.starts_with("CH") || iban.starts_with("LI");
    if !is_version || lines[2] != "1" || !is_swiss || !checksums::is_iban(iban) {
        return None;
    }
    if lines[5].is_empty() || !matches!(currency, "CHF" | "EUR") {
        return None;
    }
    let (reference_type, reference) = (lines[27], lines[28]);
    let is_right = match reference_type {
        "QRR" => checksums::is_swiss_reference(reference),
        "SCOR" => is_creditor_reference(reference),
        "NON" => reference.is_empty(),
        _ => false,
    };
    if !is_right {
        return None;
    }
    let mut draft = Draft::new(CodeKind::SwissQrBill);
    draft.put("version", lines[1]);
    draft.put("iban", iban);
    put_party(&mut draft, CREDITOR, &lines[4..11]);
    // A bill over 0.00 tells of a payment that is not to be made.
    draft.facts.total = draft.put_read("amount", lines[18], |amount| amounts::due(amount, 2));
    draft.put("currency", currency);
    draft.facts.currency = Some(currency.to_owned());
    put_party(&mut draft, DEBTOR, &lines[20..27]);
    draft.put("reference_type", reference_type);
    draft.put("reference", reference);
    draft.put("message", lines[29]);
    if let Some(billing) = lines.get(31) {
        draft.put("billing_information", billing);
        put_swico(&mut draft, billing);
    }
    Some(draft.finish())
}

fn put_party(draft: &mut Draft, names: PartyNames, lines: &[&str]) {
    for (name, line) in names.into_iter().zip(lines).skip(1) {
        draft.put(name, line);
    }
}

/// Returns whether a reference is one of ISO 11649, which is checked as an IBAN is.
fn is_creditor_reference(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_shaped = text.starts_with("RF") && (5..=25).contains(&bytes.len());
    is_shaped
        && bytes.iter().all(u8::is_ascii_alphanumeric)
        && checksums::remainder_97(bytes[4..].iter().chain(&bytes[..4])) == 1
}

/// Reads Swico's `//S1/10/number/11/day/...`; `\/` and `\\` stand for signs in values.
fn put_swico(draft: &mut Draft, billing: &str) {
    let Some(rest) = billing.strip_prefix("//S1/") else {
        return;
    };
    let parts = unescaped_parts(rest);
    for pair in parts.chunks_exact(2) {
        let value = &pair[1];
        match pair[0].as_str() {
            "10" => {
                draft.put("invoice_number", value);
                draft.facts.invoice_number = Some(value.clone()).filter(|value| !value.is_empty());
            }
            "11" => {
                draft.facts.date =
                    draft.put_read("invoice_date", value, |day| dates::shaped(day, "YYMMDD"));
            }
            "30" => draft.put("vat_number", value),
            _ => {}
        }
    }
}

fn unescaped_parts(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        let literal = match character {
            '/' => None,
            '\\' => characters.next(),
            other => Some(other),
        };
        match (literal, parts.last_mut()) {
            (Some(literal), Some(part)) => part.push(literal),
            _ => parts.push(String::new()),
        }
    }
    parts
}
