//! Russian payments, by GOST R 56042-2014.

use encoding_rs::{KOI8_R, UTF_8, WINDOWS_1251};

use super::super::{
    draft::Draft,
    paper::{CodeKind, PaperCode},
    payload::Payload,
    values::{amounts, text},
};

/// The values that are told as they are; the first five must be there.
const NAMES: [(&str, &str); 8] = [
    ("Name", "beneficiary"),
    ("PersonalAcc", "account"),
    ("BankName", "bank"),
    ("BIC", "bic"),
    ("CorrespAcc", "correspondent_account"),
    ("PayeeINN", "beneficiary_tax_number"),
    ("KPP", "beneficiary_kpp"),
    ("Purpose", "purpose"),
];

/// Reads a payment: `ST0001`, a digit for the encoding, a separator, and named values. The sum is in
/// kopecks.
pub(in crate::codes) fn read(payload: &Payload) -> Option<PaperCode> {
    let head = payload.bytes.strip_prefix(b"ST0001")?;
    let encoding = match head.first()? {
        b'1' => WINDOWS_1251,
        b'2' => UTF_8,
        b'3' => KOI8_R,
        _ => return None,
    };
    let decoded = text::encoded(head.get(1..)?, encoding);
    let separator = decoded.chars().next()?;
    let parts = decoded
        .split(separator)
        .filter_map(|part| part.split_once('='));
    let parts: Vec<_> = parts.collect();
    let get = |name: &str| {
        let mut parts = parts.iter();
        let found = parts.find(|(other, _)| other.eq_ignore_ascii_case(name));
        found.map_or("", |(_, value)| value.trim())
    };
    let is_whole = NAMES[..5].iter().all(|(name, _)| !get(name).is_empty());
    if !is_whole || !text::is_digits(get("PersonalAcc"), 20) || !text::is_digits(get("BIC"), 9) {
        return None;
    }
    let mut draft = Draft::new(CodeKind::RuPayment);
    for (name, told) in NAMES {
        draft.put(told, get(name));
    }
    let sum = amounts::in_hundredths(get("Sum")).filter(amounts::is_due);
    if let Some(sum) = sum {
        draft.put("amount", &sum.to_string());
        draft.put("currency", "RUB");
        draft.facts.currency = Some("RUB".to_owned());
    }
    draft.facts.total = sum;
    Some(draft.finish())
}
