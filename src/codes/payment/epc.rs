//! SEPA credit transfers by the European Payments Council's guidelines EPC069-12.

use encoding_rs::{
    Encoding, ISO_8859_2, ISO_8859_4, ISO_8859_5, ISO_8859_7, ISO_8859_10, ISO_8859_15, UTF_8,
    WINDOWS_1252,
};

use super::super::{
    draft::Draft,
    paper::{CodeKind, PaperCode},
    payload::Payload,
    values::{amounts, checksums, text},
};

/// Lines, at most.
const MOST_LINES: usize = 12;

/// The names of the lines after the amount.
const AFTER_AMOUNT: [&str; 4] = ["purpose", "reference", "remittance", "information"];

/// Reads a transfer: `BCD`, and what follows line by line. The name and a right IBAN must be there.
pub(in crate::codes) fn read(payload: &Payload) -> Option<PaperCode> {
    if !payload.bytes.starts_with(b"BCD") {
        return None;
    }
    let head: Vec<_> = payload.text.lines().take(4).collect();
    let (version, encoding) = (*head.get(1)?, encoding(head.get(2)?)?);
    if head.first() != Some(&"BCD")
        || !matches!(version, "001" | "002")
        || head.get(3) != Some(&"SCT")
    {
        return None;
    }
    let decoded = text::encoded(payload.bytes, encoding);
    let lines: Vec<_> = decoded.trim_end().lines().map(str::trim).collect();
    if lines.len() > MOST_LINES {
        return None;
    }
    let line = |at: usize| lines.get(at).copied().unwrap_or_default();
    let (name, iban) = (line(5), line(6).replace(' ', ""));
    if name.is_empty() || !checksums::is_iban(&iban) {
        return None;
    }
    let mut draft = Draft::new(CodeKind::Epc);
    draft.put("version", version);
    draft.put("bic", line(4));
    draft.put("beneficiary", name);
    draft.put("iban", &iban);
    if let Some(amount) = line(7).strip_prefix("EUR") {
        draft.facts.total = draft.put_read("amount", amount, |amount| amounts::due(amount, 2));
        draft.put("currency", "EUR");
        draft.facts.currency = Some("EUR".to_owned());
    }
    for (at, name) in (8..).zip(AFTER_AMOUNT) {
        draft.put(name, line(at));
    }
    Some(draft.finish())
}

fn encoding(number: &str) -> Option<&'static Encoding> {
    let encodings = [
        UTF_8,
        WINDOWS_1252,
        ISO_8859_2,
        ISO_8859_4,
        ISO_8859_5,
        ISO_8859_7,
        ISO_8859_10,
        ISO_8859_15,
    ];
    let number: usize = number.trim().parse().ok()?;
    encodings.get(number.checked_sub(1)?).copied()
}
