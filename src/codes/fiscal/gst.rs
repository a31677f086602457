//! Indian e-invoices: the code that an invoice registration portal signs (GSTN, e-invoice schema 1.1).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use super::super::{
    draft::Draft,
    paper::{CodeKind, PaperCode},
    payload::Payload,
    values::{amounts, dates, json::JsonFields},
};

/// Reads a JSON Web Token whose claim `data` is an invoice. Its signature is not judged.
pub(in crate::codes) fn read(payload: &Payload) -> Option<PaperCode> {
    let (head, rest) = payload.text.split_once('.')?;
    let (claims, signature) = rest.split_once('.')?;
    let decode = |text: &str| {
        let bytes = URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok()?;
        JsonFields::parse(&bytes)
    };
    decode(head)?.get("alg")?;
    let claims = decode(claims)?;
    let invoice = claims.object("data")?;
    let get = |name: &str| invoice.get(name).unwrap_or_default();
    let (seller, number) = (get("SellerGstin"), get("DocNo"));
    let is_seller = seller.len() == 15 && seller.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if !is_seller || number.is_empty() || signature.is_empty() {
        return None;
    }
    let mut draft = Draft::new(CodeKind::GstEinvoice);
    draft.put("seller_gstin", &seller);
    draft.put("buyer_gstin", &get("BuyerGstin"));
    draft.put("invoice_number", &number);
    let document = get("DocTyp");
    draft.put("document_type", &document);
    draft.facts.date = draft.put_read("date", &get("DocDt"), |day| {
        dates::shaped(day, "DD/MM/YYYY")
    });
    let total = draft.put_read("total", &get("TotInvVal"), |total| {
        amounts::with_point(total, 2)
    });
    draft.put("items", &get("ItemCnt"));
    draft.put("main_hsn_code", &get("MainHsnCode"));
    draft.put("irn", &get("Irn"));
    draft.put("irn_time", &get("IrnDt"));
    draft.put("issuer", &claims.get("iss").unwrap_or_default());
    draft.put_unjudged_signature();
    draft.facts.invoice_number = Some(number);
    // A credit note's value has no sign.
    draft.facts.total = total.filter(|_| document != "CRN");
    draft.facts.currency = Some("INR".to_owned());
    Some(draft.finish())
}
