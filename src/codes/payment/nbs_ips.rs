//! Serbian payments (IPS QR), by the National Bank of Serbia's standard.

use super::super::{
    draft::Draft,
    paper::{CodeKind, PaperCode},
    payload::Payload,
    values::{amounts, checksums, text},
};

/// The tags that are told as they are.
const TAGS: [(&str, &str); 4] = [
    ("P", "payer"),
    ("SF", "purpose_code"),
    ("S", "purpose"),
    ("RO", "reference"),
];

/// Reads a payment: `K:PR|V:01|C:1|`, and tags between bars. The account must be right.
pub(in crate::codes) fn read(payload: &Payload) -> Option<PaperCode> {
    let tags: Vec<_> = payload
        .text
        .split('|')
        .map(|part| part.split_once(':'))
        .collect();
    let get = |name: &str| {
        let mut tags = tags.iter().flatten();
        let found = tags.find(|(other, _)| *other == name);
        found.map_or("", |(_, value)| value.trim())
    };
    let is_payment = matches!(get("K"), "PR" | "PT" | "PK" | "EK");
    let starts = tags
        .first()
        .is_some_and(|tag| tag.is_some_and(|(name, _)| name == "K"));
    let account = get("R");
    let is_account =
        text::is_digits(account, 18) && checksums::remainder_97(account.as_bytes()) == 1;
    if !is_payment || !starts || get("V") != "01" || get("C") != "1" || !is_account {
        return None;
    }
    let mut draft = Draft::new(CodeKind::NbsIps);
    draft.put("type", get("K"));
    draft.put("account", account);
    draft.put("beneficiary", get("N"));
    if let Some(amount) = get("I").strip_prefix("RSD") {
        let read = |amount: &str| {
            amounts::with_comma(amount.trim_end_matches(','), 2).filter(amounts::is_due)
        };
        draft.facts.total = draft.put_read("amount", amount, read);
        draft.put("currency", "RSD");
        draft.facts.currency = Some("RSD".to_owned());
    }
    for (tag, name) in TAGS {
        draft.put(name, get(tag));
    }
    Some(draft.finish())
}
