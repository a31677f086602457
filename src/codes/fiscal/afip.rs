//! Argentine invoices: the link to AFIP (now ARCA), by Resolución General 4892/2020, version 1.

use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};

use super::super::{
    draft::Draft,
    paper::{CodeKind, PaperCode},
    payload::Payload,
    values::{amounts, dates, json::JsonFields},
};

/// The kinds of credit notes, whose sum has no sign.
const CREDIT_NOTES: [&str; 12] = [
    "3", "8", "13", "21", "53", "90", "110", "112", "113", "114", "203", "208",
];

/// Currencies by AFIP's codes.
const CURRENCIES: [(&str, &str); 3] = [("PES", "ARS"), ("DOL", "USD"), ("060", "EUR")];

/// The values that are told as they are.
const VALUES: [(&str, &str); 7] = [
    ("cuit", "seller_tax_number"),
    ("ptoVta", "point_of_sale"),
    ("tipoCmp", "document_type"),
    ("nroCmp", "number"),
    ("nroDocRec", "buyer_number"),
    ("tipoCodAut", "authorisation_type"),
    ("codAut", "authorisation"),
];

/// Reads `https://www.afip.gob.ar/fe/qr/?p=<JSON in base 64>`.
pub(in crate::codes) fn read(payload: &Payload) -> Option<PaperCode> {
    let link = payload.link.as_ref()?;
    let is_authority = link.is_at("afip.gob.ar") || link.is_at("arca.gob.ar");
    if !is_authority || !link.path().starts_with("/fe/qr") {
        return None;
    }
    let encoded = link.get("p").replace(' ', "+");
    let bytes = STANDARD_NO_PAD.decode(encoded.trim_end_matches('=')).ok()?;
    let invoice = JsonFields::parse(&bytes)?;
    let get = |name: &str| invoice.get(name).unwrap_or_default();
    if get("cuit").len() != 11 || get("nroCmp").is_empty() {
        return None;
    }
    let mut draft = Draft::new(CodeKind::Afip);
    draft.facts.date = draft.put_read("date", &get("fecha"), |day| {
        dates::shaped(day, "YYYY-MM-DD")
    });
    draft.facts.date?;
    for (value, name) in VALUES {
        draft.put(name, &get(value));
    }
    let total = draft.put_read("total", &get("importe"), |total| {
        amounts::with_point(total, 2)
    });
    draft.put("currency", &get("moneda"));
    draft.put("exchange_rate", &get("ctz"));
    let is_sale = !CREDIT_NOTES.contains(&get("tipoCmp").as_str());
    draft.facts.total = total.filter(|_| is_sale);
    let currency = CURRENCIES.iter().find(|(code, _)| *code == get("moneda"));
    draft.facts.currency = currency.map(|(_, code)| (*code).to_owned());
    Some(draft.finish())
}
