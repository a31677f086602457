//! Short Payment Descriptors (SPAYD 1.0), the payment codes of Czech banks.

use super::super::{
    draft::Draft,
    paper::{CodeKind, PaperCode},
    payload::Payload,
    values::{amounts, checksums, dates, text},
};

/// The attributes that are told, and their names here.
const ATTRIBUTES: [(&str, &str); 9] = [
    ("RN", "beneficiary"),
    ("RF", "reference"),
    ("MSG", "message"),
    ("X-VS", "variable_symbol"),
    ("X-SS", "specific_symbol"),
    ("X-KS", "constant_symbol"),
    ("X-ID", "payer_reference"),
    ("X-URL", "link"),
    ("PT", "payment_type"),
];

/// Reads a descriptor: `SPD*1.0*`, and attributes between stars. The account must be right.
pub(in crate::codes) fn read(payload: &Payload) -> Option<PaperCode> {
    let mut parts = payload.text.split('*');
    let (head, version) = (parts.next()?, parts.next()?);
    let is_version = version.split_once('.').is_some_and(|(major, minor)| {
        text::is_digits(major, major.len().clamp(1, 2))
            && text::is_digits(minor, minor.len().clamp(1, 2))
    });
    if head != "SPD" || !is_version {
        return None;
    }
    let attributes = parts.filter_map(|part| part.split_once(':'));
    let attributes: Vec<_> = attributes
        .map(|(name, value)| (name.to_ascii_uppercase(), text::unescaped(value)))
        .collect();
    let get = |name: &str| {
        let mut attributes = attributes.iter();
        let found = attributes.find(|(other, _)| other == name);
        found.map_or("", |(_, value)| value.as_str())
    };
    let (iban, bic) = get("ACC").split_once('+').unwrap_or((get("ACC"), ""));
    if !checksums::is_iban(iban) {
        return None;
    }
    let mut draft = Draft::new(CodeKind::Spayd);
    draft.put("version", version);
    draft.put("iban", iban);
    draft.put("bic", bic);
    draft.facts.total = draft.put_read("amount", get("AM"), |amount| amounts::due(amount, 2));
    draft.facts.currency = draft.put_read("currency", get("CC"), currency);
    draft.facts.due_date =
        draft.put_read("due_date", get("DT"), |day| dates::shaped(day, "YYYYMMDD"));
    for (attribute, name) in ATTRIBUTES {
        draft.put(name, get(attribute));
    }
    Some(draft.finish())
}

fn currency(text: &str) -> Option<String> {
    let is_code = text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase());
    is_code.then(|| text.to_owned())
}
