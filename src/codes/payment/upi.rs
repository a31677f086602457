//! Indian payments, by the National Payments Corporation's UPI linking specification.

use super::super::{
    draft::Draft,
    paper::{CodeKind, PaperCode},
    payload::Payload,
    values::amounts,
};

/// The parameters that are told as they are.
const PARAMETERS: [(&str, &str); 5] = [
    ("pn", "payee"),
    ("mc", "merchant_category"),
    ("tr", "reference"),
    ("tid", "transaction"),
    ("tn", "note"),
];

/// Reads `upi://pay` with a payee's address. The amount is the total unless the payer may change it.
pub(in crate::codes) fn read(payload: &Payload) -> Option<PaperCode> {
    let link = payload.link.as_ref()?;
    let address = link.get("pa");
    if link.scheme() != "upi" || link.host() != "pay" || !address.contains('@') {
        return None;
    }
    let mut draft = Draft::new(CodeKind::Upi);
    draft.put("payee_address", address);
    for (parameter, name) in PARAMETERS {
        draft.put(name, link.get(parameter));
    }
    let amount = draft.put_read("amount", link.get("am"), |amount| amounts::due(amount, 2));
    let is_rupee = matches!(link.get("cu"), "INR" | "");
    if is_rupee && amount.is_some() {
        draft.put("currency", "INR");
        draft.facts.currency = Some("INR".to_owned());
    }
    let is_fixed = is_rupee && link.get("mam").is_empty();
    draft.facts.total = amount.filter(|_| is_fixed);
    Some(draft.finish())
}
