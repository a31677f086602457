//! Brazilian consumer invoices (NFC-e): the link to a state's treasury, by the manual of the QR code,
//! versions 1 to 3.

use super::super::{
    draft::Draft,
    paper::{CodeKind, PaperCode},
    payload::Payload,
    values::{amounts, checksums, dates, text},
};

/// The model of consumer invoices.
const MODEL: &str = "65";

/// Reads a link with the access key, `?p=<key>|...` or `?chNFe=<key>&...`. The key's check digit must
/// be right.
pub(in crate::codes) fn read(payload: &Payload) -> Option<PaperCode> {
    let link = payload.link.as_ref()?;
    if !link.is_at("gov.br") {
        return None;
    }
    let parts: Vec<_> = link.get("p").split('|').collect();
    let key = match parts[0] {
        "" => link.get("chNFe"),
        key => key,
    };
    if !text::is_digits(key, 44) || &key[20..22] != MODEL {
        return None;
    }
    let (digits, check) = key.split_at(43);
    if check.parse() != Ok(checksums::digit_11(digits.as_bytes(), 9)) {
        return None;
    }
    let mut draft = Draft::new(CodeKind::Nfce);
    draft.put("access_key", key);
    draft.put("seller_tax_number", &key[6..20]);
    draft.put("series", &key[22..25]);
    let number = key[25..34].trim_start_matches('0');
    draft.put("number", number);
    draft.facts.invoice_number = Some(number.to_owned()).filter(|number| !number.is_empty());
    // Issued without a connection, the code says more: the day of the key's month, and the total.
    let (day, total) = match parts.as_slice() {
        &[_, _, _, day, total, _, _, ..] => (day, total),
        _ => ("", link.get("vNF")),
    };
    let date = format!("20{}{day:0>2}", &key[2..6]);
    draft.facts.date = dates::shaped(&date, "YYYYMMDD").filter(|_| !day.is_empty());
    if draft.facts.date.is_some() {
        draft.put("date", &date);
    }
    draft.facts.total = draft.put_read("total", total, |total| amounts::with_point(total, 2));
    draft.facts.currency = Some("BRL".to_owned());
    Some(draft.finish())
}
