//! Russian fiscal receipts, by the Federal Tax Service's formats of fiscal documents (order
//! ЕД-7-20/662@).

use super::super::{
    draft::Draft,
    paper::{CodeKind, PaperCode},
    payload::Payload,
    values::{amounts, dates, text},
};
use url::form_urlencoded;

const OPERATIONS: [&str; 4] = ["sale", "sale_refund", "purchase", "purchase_refund"];

/// Reads `t=...&s=...&fn=...&i=...&fp=...&n=...`.
pub(in crate::codes) fn read(payload: &Payload) -> Option<PaperCode> {
    if !payload.text.starts_with("t=") {
        return None;
    }
    let parameters: Vec<_> = form_urlencoded::parse(payload.text.as_bytes()).collect();
    let get = |name: &str| {
        let mut parameters = parameters.iter();
        let found = parameters.find(|(other, _)| other == name);
        found.map_or("", |(_, value)| value.as_ref())
    };
    let is_number = |text: &str| text::is_digits(text, text.len().clamp(1, 10));
    let operation: usize = get("n").parse().ok()?;
    let operation = *OPERATIONS.get(operation.checked_sub(1)?)?;
    if !text::is_digits(get("fn"), 16) || !is_number(get("i")) || !is_number(get("fp")) {
        return None;
    }
    let mut draft = Draft::new(CodeKind::RuFiscal);
    draft.facts.date = draft.put_read("time", get("t"), |time| dates::of_time(time, "YYYYMMDD"));
    let total = draft.put_read("total", get("s"), |sum| amounts::with_point(sum, 2));
    draft.put("storage_number", get("fn"));
    draft.put("document_number", get("i"));
    draft.put("fiscal_sign", get("fp"));
    draft.put("operation", operation);
    draft.facts.date?;
    // The sum of a refund has no sign.
    draft.facts.total = total.filter(|_| operation == "sale");
    draft.facts.currency = Some("RUB".to_owned());
    Some(draft.finish())
}
