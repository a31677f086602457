//! Mexican e-invoices: the link to the tax service, by annex 20 (CFDI 3.3 and 4.0).

use super::super::{
    draft::Draft,
    paper::{CodeKind, PaperCode},
    payload::Payload,
    values::amounts,
};

/// Reads
/// `https://verificacfdi.facturaelectronica.sat.gob.mx/default.aspx?id=...&re=...&rr=...&tt=...&fe=...`.
pub(in crate::codes) fn read(payload: &Payload) -> Option<PaperCode> {
    let link = payload.link.as_ref()?;
    let id = link.get("id");
    let is_id = uuid::Uuid::try_parse(id).is_ok();
    if !link.is_at("facturaelectronica.sat.gob.mx") || !is_id || link.get("re").is_empty() {
        return None;
    }
    let mut draft = Draft::new(CodeKind::Cfdi);
    draft.put("uuid", id);
    draft.put("seller_tax_number", link.get("re"));
    draft.put("buyer_tax_number", link.get("rr"));
    let total = draft.put_read("total", link.get("tt"), |total| {
        amounts::with_point(total, 6)
    });
    draft.facts.total = total.map(|total| total.normalize());
    draft.put("seal_end", link.get("fe"));
    Some(draft.finish())
}
