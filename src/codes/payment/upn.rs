//! Slovenian payment orders (UPN QR), by the Bank Association of Slovenia's technical standard.

use encoding_rs::ISO_8859_2;

use super::super::{
    draft::Draft,
    paper::{CodeKind, PaperCode},
    payload::Payload,
    values::{amounts, checksums, dates, text},
};

/// The lines that the control sum counts, and itself.
const COUNTED: usize = 19;

/// The lines that are told as they are, by their places.
const BEFORE_AMOUNT: [(usize, &str); 5] = [
    (1, "payer_iban"),
    (4, "payer_reference"),
    (5, "payer"),
    (6, "payer_line_1"),
    (7, "payer_line_2"),
];
const AFTER_AMOUNT: [(usize, &str); 7] = [
    (11, "purpose_code"),
    (12, "purpose"),
    (14, "iban"),
    (15, "reference"),
    (16, "beneficiary"),
    (17, "beneficiary_line_1"),
    (18, "beneficiary_line_2"),
];

/// Reads an order: `UPNQR` and 19 lines more. The control sum and the account must be right.
pub(in crate::codes) fn read(payload: &Payload) -> Option<PaperCode> {
    if !payload.bytes.starts_with(b"UPNQR") {
        return None;
    }
    let decoded = text::encoded(payload.bytes, ISO_8859_2);
    let lines: Vec<_> = decoded
        .split('\n')
        .map(|line| line.trim_end_matches('\r'))
        .collect();
    let (counted, control) = (lines.get(..COUNTED)?, lines.get(COUNTED)?);
    let sum: usize = counted.iter().map(|line| line.chars().count() + 1).sum();
    if lines[0] != "UPNQR"
        || control.trim().parse() != Ok(sum)
        || !checksums::is_iban(lines[14].trim())
    {
        return None;
    }
    let mut draft = Draft::new(CodeKind::Upn);
    for (at, name) in BEFORE_AMOUNT {
        draft.put(name, lines[at]);
    }
    let amount = amounts::in_hundredths(lines[8]).filter(amounts::is_due);
    if let Some(amount) = amount {
        draft.put("amount", &amount.to_string());
        draft.put("currency", "EUR");
        draft.facts.currency = Some("EUR".to_owned());
    }
    draft.facts.total = amount;
    draft.facts.due_date = draft.put_read("due_date", lines[13], |day| {
        dates::shaped(day, "DD.MM.YYYY")
    });
    for (at, name) in AFTER_AMOUNT {
        draft.put(name, lines[at]);
    }
    Some(draft.finish())
}
