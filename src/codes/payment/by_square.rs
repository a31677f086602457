//! PAY by square 1.x, the payment codes of Slovak banks: values between tabs, compressed by LZMA and
//! written in base 32.

use std::io::Read;

use lzma_rust2::LzmaReader;

use super::super::{
    draft::Draft,
    paper::{CodeKind, PaperCode},
    payload::Payload,
    values::{amounts, checksums, dates},
};

/// Bytes in the values, at most. The dictionary is that large, too.
const MOST_BYTES: u16 = 4096;
const DICTIONARY: u32 = 1 << 17;

/// Values of a standing order and of a direct debit.
const STANDING_ORDER: usize = 4;
const DIRECT_DEBIT: usize = 10;

/// Reads a code with one payment. The sum over the values, and the account, must be right.
pub(in crate::codes) fn read(payload: &Payload) -> Option<PaperCode> {
    let bytes = base32(&payload.text)?;
    let (head, rest) = bytes.split_first_chunk::<4>()?;
    // Type of code and version, then kind of document: 0 is a payment.
    if head[0] >> 4 != 0 || head[0] & 0xf > 2 || head[1] != 0 {
        return None;
    }
    let length = u16::from_le_bytes([head[2], head[3]]);
    let values = uncompressed(rest, length)?;
    let (sum, values) = values.split_first_chunk::<4>()?;
    if crc32fast::hash(values) != u32::from_le_bytes(*sum) {
        return None;
    }
    let values = std::str::from_utf8(values).ok()?;
    let values: Vec<_> = values.trim_end_matches('\0').split('\t').collect();
    code(&values)
}

fn code(values: &[&str]) -> Option<PaperCode> {
    let &[invoice, "1", options, amount, currency, due, ref rest @ ..] = values else {
        return None;
    };
    let &[variable, constant, specific, reference, note, ref rest @ ..] = rest else {
        return None;
    };
    let (accounts, rest) = rest.split_first()?;
    let accounts: usize = accounts.parse().ok()?;
    let of_accounts = rest.get(..accounts.checked_mul(2)?)?;
    let &[iban, bic, ..] = of_accounts else {
        return None;
    };
    if !checksums::is_iban(iban) {
        return None;
    }
    let mut draft = Draft::new(CodeKind::PayBySquare);
    draft.put("invoice_number", invoice);
    draft.facts.invoice_number = Some(invoice.to_owned()).filter(|number| !number.is_empty());
    let amount = draft.put_read("amount", amount, |amount| amounts::due(amount, 2));
    // Only the first of the options asks for one payment of this amount.
    draft.facts.total = amount.filter(|_| options == "1");
    draft.put("currency", currency);
    let is_code = currency.len() == 3 && currency.bytes().all(|byte| byte.is_ascii_uppercase());
    draft.facts.currency = is_code.then(|| currency.to_owned());
    draft.facts.due_date = draft.put_read("due_date", due, |day| dates::shaped(day, "YYYYMMDD"));
    draft.put("variable_symbol", variable);
    draft.put("constant_symbol", constant);
    draft.put("specific_symbol", specific);
    draft.put("reference", reference);
    draft.put("note", note);
    draft.put("iban", iban);
    draft.put("bic", bic);
    let rest = rest.get(of_accounts.len()..)?;
    if let Some(&[name, street, town, ..]) = beneficiary(rest) {
        draft.put("beneficiary", name);
        draft.put("beneficiary_line_1", street);
        draft.put("beneficiary_line_2", town);
    }
    Some(draft.finish())
}

/// Skips what a standing order and a direct debit say.
fn beneficiary<'a, 'b>(values: &'b [&'a str]) -> Option<&'b [&'a str; 3]> {
    let mut rest = values;
    for length in [STANDING_ORDER, DIRECT_DEBIT] {
        let (is_there, after) = rest.split_first()?;
        rest = match *is_there {
            "1" => after.get(length..)?,
            _ => after,
        };
    }
    rest.first_chunk()
}

fn uncompressed(bytes: &[u8], length: u16) -> Option<Vec<u8>> {
    if length > MOST_BYTES {
        return None;
    }
    let (lc, lp, pb) = (3, 0, 2);
    let length = u64::from(length);
    let reader = LzmaReader::new(bytes, length, lc, lp, pb, DICTIONARY, None).ok()?;
    let mut values = Vec::new();
    reader.take(length).read_to_end(&mut values).ok()?;
    (values.len() as u64 == length).then_some(values)
}

/// Decodes base 32 with the digits `0` to `V`; bits that fill no byte are left out.
fn base32(text: &str) -> Option<Vec<u8>> {
    let (mut bits, mut count) = (0u32, 0u32);
    let mut bytes = Vec::with_capacity(text.len());
    for digit in text.bytes() {
        let value = match digit {
            b'0'..=b'9' => digit - b'0',
            b'A'..=b'V' => digit - b'A' + 10,
            _ => return None,
        };
        bits = (bits << 5 | u32::from(value)) & 0xfff;
        count += 5;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
        }
    }
    Some(bytes)
}
