//! Polish e-invoices: the link of code I to `KSeF` 2.0.

use super::super::{
    draft::Draft,
    paper::{CodeKind, PaperCode},
    payload::Payload,
    values::{dates, text},
};

/// Hosts of the system and of its trials.
const HOSTS: [&str; 3] = [
    "qr.ksef.mf.gov.pl",
    "qr-demo.ksef.mf.gov.pl",
    "qr-test.ksef.mf.gov.pl",
];

/// Reads `https://qr.ksef.mf.gov.pl/invoice/<NIP>/<day>/<hash>`.
pub(in crate::codes) fn read(payload: &Payload) -> Option<PaperCode> {
    let link = payload.link.as_ref()?;
    if !HOSTS.contains(&link.host()) {
        return None;
    }
    let parts: Vec<_> = link.path().trim_matches('/').split('/').collect();
    let &["invoice", seller, day, hash] = parts.as_slice() else {
        return None;
    };
    if !text::is_digits(seller, 10) || hash.len() != 43 {
        return None;
    }
    let mut draft = Draft::new(CodeKind::Ksef);
    draft.put("seller_tax_number", seller);
    draft.facts.date = draft.put_read("date", day, |day| dates::shaped(day, "DD-MM-YYYY"));
    draft.facts.date?;
    draft.put("hash", hash);
    Some(draft.finish())
}
