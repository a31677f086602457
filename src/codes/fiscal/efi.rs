//! Fiscal invoices of Montenegro and Albania: the links to the tax administrations' verification, which
//! have one form.

use super::super::{
    draft::Draft,
    paper::{CodeKind, PaperCode},
    payload::Payload,
    values::{amounts, dates},
};

/// The countries: where their links lead, the kind, and the currency of the price.
const COUNTRIES: [(&str, CodeKind, &str); 2] = [
    ("tax.gov.me", CodeKind::MeFiscal, "EUR"),
    ("tatime.gov.al", CodeKind::AlFiscal, "ALL"),
];

/// The parameters that are told as they are.
const PARAMETERS: [(&str, &str); 5] = [
    ("tin", "seller_tax_number"),
    ("ord", "ordinal"),
    ("bu", "business_unit"),
    ("cr", "cash_register"),
    ("sw", "software"),
];

/// Reads `.../#/verify?iic=...&tin=...&crtd=...&prc=...`.
pub(in crate::codes) fn read(payload: &Payload) -> Option<PaperCode> {
    let link = payload.link.as_ref()?;
    let (_, kind, currency) = COUNTRIES
        .into_iter()
        .find(|(domain, ..)| link.is_at(domain))?;
    let iic = link.get("iic");
    let is_iic = iic.len() == 32 && iic.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !link.fragment().starts_with("/verify?") || !is_iic {
        return None;
    }
    let mut draft = Draft::new(kind);
    draft.put("iic", iic);
    // The blank was the plus of the offset.
    let time = link.get("crtd").replace(' ', "+");
    let day = draft.put_read("time", &time, |time| dates::of_time(time, "YYYY-MM-DD"));
    draft.facts.date = day.filter(|_| !time.ends_with('Z'));
    for (parameter, name) in PARAMETERS {
        draft.put(name, link.get(parameter));
    }
    draft.facts.total = draft.put_read("total", link.get("prc"), |price| {
        amounts::with_point(price, 4)
    });
    draft.facts.currency = Some(currency.to_owned());
    Some(draft.finish())
}
