//! Basque invoices: the link to the provincial treasuries, by the specification of `TicketBAI`'s QR
//! code.

use super::super::{
    draft::Draft,
    paper::{CodeKind, PaperCode},
    payload::Payload,
    values::{amounts, checksums, dates},
};

/// Where links lead to.
const DOMAINS: [&str; 3] = ["batuz.eus", "gipuzkoa.eus", "araba.eus"];

/// Reads `...?id=TBAI-...&s=...&nf=...&i=...&cr=...`, whose CRC must be right.
pub(in crate::codes) fn read(payload: &Payload) -> Option<PaperCode> {
    let link = payload.link.as_ref()?;
    if !DOMAINS.iter().any(|domain| link.is_at(domain)) {
        return None;
    }
    let (checked, crc) = payload.text.rsplit_once("&cr=")?;
    if crc.len() != 3 || crc.parse() != Ok(checksums::crc8(checked.as_bytes())) {
        return None;
    }
    let id = link.get("id");
    let parts: Vec<_> = id.split('-').collect();
    let &["TBAI", seller, day, _signature, _crc] = parts.as_slice() else {
        return None;
    };
    let mut draft = Draft::new(CodeKind::TicketBai);
    draft.put("id", id);
    draft.put("seller_tax_number", seller);
    draft.facts.date = draft.put_read("date", day, |day| dates::shaped(day, "DDMMYY"));
    draft.facts.date?;
    let (series, number) = (link.get("s"), link.get("nf"));
    draft.put("series", series);
    draft.put("number", number);
    draft.facts.total = draft.put_read("total", link.get("i"), |total| {
        amounts::with_point(total, 2)
    });
    draft.facts.total?;
    // How a series and a number are printed together is not said.
    let is_whole = series.is_empty() && !number.is_empty();
    draft.facts.invoice_number = is_whole.then(|| number.to_owned());
    draft.facts.currency = Some("EUR".to_owned());
    Some(draft.finish())
}
