//! Serbian fiscal receipts, by the tax administration's technical guide to the verification link: a
//! structure in base 64.

use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use super::super::{
    draft::Draft,
    paper::{CodeKind, PaperCode},
    payload::Payload,
    values::dates,
};

/// The version of the structure.
const VERSION: u8 = 3;

/// Places of the total.
const PLACES: u32 = 4;

const INVOICE_TYPES: [&str; 5] = ["normal", "proforma", "copy", "training", "advance"];
const TRANSACTIONS: [&str; 2] = ["sale", "refund"];

/// Reads `https://suf.purs.gov.rs/v/?vl=<structure>`. The signature and the encrypted part are not
/// looked at.
pub(in crate::codes) fn read(payload: &Payload) -> Option<PaperCode> {
    let link = payload.link.as_ref()?;
    if !link.is_at("suf.purs.gov.rs") {
        return None;
    }
    // Some programs do not escape the pluses, which then look like blanks.
    let encoded = link.get("vl").replace(' ', "+");
    let bytes = STANDARD_NO_PAD.decode(encoded.trim_end_matches('=')).ok()?;
    let mut bytes = Bytes(&bytes);
    let [version] = bytes.take()?;
    if version != VERSION {
        return None;
    }
    let (requested, signed) = (serial(bytes.take()?)?, serial(bytes.take()?)?);
    let counter = u32::from_le_bytes(bytes.take()?);
    let of_transaction = u32::from_le_bytes(bytes.take()?);
    let total = i64::try_from(u64::from_le_bytes(bytes.take()?)).ok()?;
    let total = Decimal::new(total, PLACES).normalize();
    let moment: DateTime<Utc> = DateTime::from_timestamp_millis(i64::from_be_bytes(bytes.take()?))?;
    let [invoice, transaction, buyer] = bytes.take()?;
    let invoice_type = *INVOICE_TYPES.get(usize::from(invoice))?;
    let transaction = *TRANSACTIONS.get(usize::from(transaction))?;
    let buyer = std::str::from_utf8(bytes.take_slice(buyer.into())?).ok()?;

    let number = format!("{requested}-{signed}-{counter}");
    let mut draft = Draft::new(CodeKind::RsFiscal);
    draft.put("invoice_number", &number);
    draft.put("transaction_counter", &of_transaction.to_string());
    draft.put("total", &total.to_string());
    draft.put("currency", "RSD");
    draft.put("time", &moment.format("%Y-%m-%dT%H:%M:%SZ").to_string());
    draft.put("invoice_type", invoice_type);
    draft.put("transaction_type", transaction);
    draft.put("buyer", buyer);
    draft.put_unjudged_signature();
    draft.facts.date = dates::in_central_europe(moment);
    draft.facts.date?;
    draft.facts.invoice_number = Some(number);
    draft.facts.currency = Some("RSD".to_owned());
    // A refund's total has no sign, and a proforma, a training or an advance asks for another sum.
    let is_sale = transaction == "sale" && matches!(invoice_type, "normal" | "copy");
    draft.facts.total = is_sale.then_some(total);
    Some(draft.finish())
}

/// Bytes that are taken from the front.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*taken)
    }

    fn take_slice(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }
}

fn serial(bytes: [u8; 8]) -> Option<String> {
    let is_serial = bytes.iter().all(u8::is_ascii_alphanumeric);
    is_serial.then(|| bytes.map(char::from).iter().collect())
}
