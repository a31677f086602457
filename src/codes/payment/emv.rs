//! Payments that a merchant presents, by `EMVCo`'s specification 1.1, and the schemes that use it.

use super::{
    super::{
        draft::Draft,
        paper::{CodeKind, PaperCode},
        payload::Payload,
        values::{amounts, checksums},
    },
    currencies,
};

/// The schemes with names of their own, by how their identifiers begin.
const SCHEMES: [(&str, CodeKind); 5] = [
    ("ID.CO.QRIS.", CodeKind::Qris),
    ("BR.GOV.BCB.PIX", CodeKind::Pix),
    ("SG.PAYNOW", CodeKind::PayNow),
    ("A0000006770101", CodeKind::PromptPay),
    ("A000000727", CodeKind::VietQr),
];

/// Where accounts of merchants stand.
const ACCOUNTS: std::ops::RangeInclusive<u8> = 26..=51;

/// An object: a number from 0 to 99, and its value.
type Objects<'a> = Vec<(u8, &'a str)>;

/// Reads a payment whose CRC is right.
pub(in crate::codes) fn read(payload: &Payload) -> Option<PaperCode> {
    let text = payload.text.as_str();
    let (checked, crc) = text.split_at_checked(text.len().checked_sub(4)?)?;
    if !text.starts_with("000201") || !checked.ends_with("6304") {
        return None;
    }
    if u16::from_str_radix(crc, 16) != Ok(checksums::crc16(checked.as_bytes())) {
        return None;
    }
    let objects = objects(text)?;
    let schemes = accounts(&objects);
    let kind = kind(&schemes);
    let get = |number| value(&objects, number);
    let mut draft = Draft::new(kind);
    let initiation = match get(1) {
        "11" => "static",
        "12" => "dynamic",
        _ => "",
    };
    draft.put("initiation", initiation);
    draft.put("scheme", &schemes.join(" "));
    draft.put("merchant_category", get(52));
    let amount = draft.put_read("amount", get(54), |amount| {
        amounts::due(amount.trim_end_matches('.'), 3)
    });
    if let Some(currency) = currencies::code(get(53)) {
        draft.put("currency", currency);
        draft.facts.currency = Some(currency.to_owned());
    }
    draft.put("tip", tip(get(55)));
    draft.put("country", get(58));
    draft.put("merchant", get(59));
    draft.put("city", get(60));
    // A code that stays at the till is not of one receipt, and a tip comes on top.
    let is_of_receipt = initiation == "dynamic";
    draft.facts.total = amount.filter(|_| is_of_receipt && get(55).is_empty());
    // Schemes of transfers between people ask for a name and take any.
    let is_name = |name: &&str| name.chars().filter(|c| c.is_alphabetic()).count() > 2;
    draft.facts.vendor = Some(get(59)).filter(is_name).map(str::to_owned);
    if let Some(additional) = self::objects(get(62)) {
        // Stars stand for what the payer fills in.
        let of = |number| Some(value(&additional, number)).filter(|text| !text.contains("***"));
        let bill = of(1).unwrap_or_default();
        draft.put("bill_number", bill);
        draft.put("reference", of(5).unwrap_or_default());
        draft.put("terminal", of(7).unwrap_or_default());
        let is_bill = is_of_receipt && !bill.is_empty();
        draft.facts.invoice_number = is_bill.then(|| bill.to_owned());
    }
    Some(draft.finish())
}

/// Divides a text into objects: two digits of a number, two of a length in characters, and the value.
fn objects(text: &str) -> Option<Objects<'_>> {
    let mut found = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (number, after) = two_digits(rest)?;
        let (length, after) = two_digits(after)?;
        let end = after
            .char_indices()
            .nth(length.into())
            .map_or(after.len(), |(end, _)| end);
        let (value, after) = after.split_at_checked(end)?;
        if value.chars().count() != usize::from(length) {
            return None;
        }
        found.push((number, value));
        rest = after;
    }
    Some(found)
}

fn two_digits(text: &str) -> Option<(u8, &str)> {
    let (digits, rest) = text.split_at_checked(2)?;
    let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
    let number = digits.parse().ok().filter(|_| is_number)?;
    Some((number, rest))
}

fn value<'a>(objects: &Objects<'a>, number: u8) -> &'a str {
    let mut objects = objects.iter();
    let found = objects.find(|(other, _)| *other == number);
    found.map_or("", |(_, value)| *value)
}

/// Returns the identifiers of the schemes that the merchant takes part in.
fn accounts<'a>(objects: &Objects<'a>) -> Vec<&'a str> {
    let accounts = objects
        .iter()
        .filter(|(number, _)| ACCOUNTS.contains(number));
    let identifiers = accounts.filter_map(|(_, account)| self::objects(account));
    let identifiers = identifiers.map(|account| value(&account, 0));
    identifiers
        .filter(|identifier| !identifier.is_empty())
        .collect()
}

fn kind(schemes: &[&str]) -> CodeKind {
    let found = SCHEMES.into_iter().find(|(beginning, _)| {
        let mut schemes = schemes.iter();
        schemes.any(|scheme| {
            let start = scheme.get(..beginning.len());
            start.is_some_and(|start| start.eq_ignore_ascii_case(beginning))
        })
    });
    found.map_or(CodeKind::Emv, |(_, kind)| kind)
}

fn tip(indicator: &str) -> &'static str {
    match indicator {
        "01" => "asked",
        "02" => "fixed",
        "03" => "percentage",
        _ => "",
    }
}
