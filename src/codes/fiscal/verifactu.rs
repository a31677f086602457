//! Spanish invoices: the link to the tax agency, by its specification of the QR code (Orden
//! HAC/1177/2024, article 20).

use super::super::{
    draft::Draft,
    paper::{CodeKind, PaperCode},
    payload::Payload,
    values::{amounts, dates},
};

/// Reads `.../ValidarQR?nif=...&numserie=...&fecha=...&importe=...`.
pub(in crate::codes) fn read(payload: &Payload) -> Option<PaperCode> {
    let link = payload.link.as_ref()?;
    let is_agency = link.is_at("agenciatributaria.gob.es") || link.is_at("aeat.es");
    let page = link.path().rsplit('/').next()?;
    if !is_agency || !matches!(page, "ValidarQR" | "ValidarQRNoVerifactu") {
        return None;
    }
    let (seller, number) = (link.get("nif"), link.get("numserie"));
    if seller.len() != 9 || number.is_empty() {
        return None;
    }
    let mut draft = Draft::new(CodeKind::VeriFactu);
    draft.put("seller_tax_number", seller);
    draft.put("invoice_number", number);
    draft.facts.date = draft.put_read("date", link.get("fecha"), |day| {
        dates::shaped(day, "DD-MM-YYYY")
    });
    draft.facts.total = draft.put_read("total", link.get("importe"), |total| {
        amounts::with_point(total, 2)
    });
    draft.facts.date?;
    draft.facts.total?;
    draft.facts.invoice_number = Some(number.to_owned());
    draft.facts.currency = Some("EUR".to_owned());
    Some(draft.finish())
}
