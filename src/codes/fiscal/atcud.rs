//! Portuguese invoices, by Portaria 195/2020 and the tax authority's specification of the QR code.

use super::super::{
    draft::Draft,
    paper::{CodeKind, PaperCode},
    payload::Payload,
    values::{amounts, dates, text},
};

/// The regions of taxes: the letter of their fields, and the names of those.
const REGIONS: [(char, [&str; 8]); 3] = [
    (
        'I',
        [
            "tax_region",
            "exempt_base",
            "reduced_base",
            "reduced_tax",
            "intermediate_base",
            "intermediate_tax",
            "normal_base",
            "normal_tax",
        ],
    ),
    (
        'J',
        [
            "tax_region_2",
            "exempt_base_2",
            "reduced_base_2",
            "reduced_tax_2",
            "intermediate_base_2",
            "intermediate_tax_2",
            "normal_base_2",
            "normal_tax_2",
        ],
    ),
    (
        'K',
        [
            "tax_region_3",
            "exempt_base_3",
            "reduced_base_3",
            "reduced_tax_3",
            "intermediate_base_3",
            "intermediate_tax_3",
            "normal_base_3",
            "normal_tax_3",
        ],
    ),
];

/// Reads fields between stars, each a letter or two, a colon, and a value. Seller, kind of document,
/// day, number and total must be there.
pub(in crate::codes) fn read(payload: &Payload) -> Option<PaperCode> {
    if !payload.text.starts_with("A:") {
        return None;
    }
    let fields = payload.text.split('*').map(|field| field.split_once(':'));
    let fields: Option<Vec<_>> = fields.collect();
    let fields = fields?;
    let get = |name: &str| {
        let mut fields = fields.iter();
        let found = fields.find(|(other, _)| *other == name);
        found.map_or("", |(_, value)| value.trim())
    };
    let (document, number) = (get("D"), get("G"));
    let is_document = document.len() == 2 && document.bytes().all(|byte| byte.is_ascii_uppercase());
    if !text::is_digits(get("A"), 9) || !is_document || number.is_empty() || get("H").is_empty() {
        return None;
    }
    let amount = |text: &str| amounts::with_point(text, 2);
    let mut draft = Draft::new(CodeKind::Atcud);
    draft.put("seller_tax_number", get("A"));
    draft.put("buyer_tax_number", get("B"));
    draft.put("buyer_country", get("C"));
    draft.put("document_type", document);
    draft.put("document_status", get("E"));
    let day = draft.put_read("date", get("F"), |day| dates::shaped(day, "YYYYMMDD"))?;
    draft.facts.date = Some(day);
    draft.put("invoice_number", number);
    draft.facts.invoice_number = Some(number.to_owned());
    draft.put("atcud", get("H"));
    for (letter, names) in REGIONS {
        let field = |place: usize| get(&format!("{letter}{place}")).to_owned();
        draft.put(names[0], &field(1));
        for (place, name) in (2..).zip(&names[1..]) {
            draft.put_read(name, &field(place), amount);
        }
    }
    draft.put_read("untaxed", get("L"), amount);
    draft.put_read("stamp_duty", get("M"), amount);
    let tax = draft.put_read("tax", get("N"), amount);
    let total = draft.put_read("total", get("O"), amount)?;
    let withheld = draft.put_read("withheld", get("P"), amount);
    draft.put("signature_characters", get("Q"));
    draft.put("program_certificate", get("R"));
    draft.put("other", get("S"));
    draft.facts.currency = Some("EUR".to_owned());
    // The code has no sign for a credit note, and the total counts what is withheld.
    let is_sale = document != "NC";
    let is_whole = withheld.is_none_or(|withheld| withheld.is_zero());
    draft.facts.total = Some(total).filter(|_| is_sale && is_whole);
    draft.facts.tax = tax.filter(|_| is_sale);
    Some(draft.finish())
}
