//! Croatian fiscal receipts: the link to the tax administration, by the technical specification of
//! fiscalisation.

use rust_decimal::Decimal;

use super::super::{
    draft::Draft,
    paper::{CodeKind, PaperCode},
    payload::Payload,
    values::{amounts, dates},
};

/// Reads `https://porezna.gov.hr/rn?jir=...&datv=...&izn=...`, or with `zki` where the receipt has no
/// JIR yet. The sum is in cents, or with a comma.
pub(in crate::codes) fn read(payload: &Payload) -> Option<PaperCode> {
    let link = payload.link.as_ref()?;
    let path = link.path().trim_end_matches('/');
    if !link.is_at("porezna.gov.hr") || path != "/rn" {
        return None;
    }
    let (jir, zki) = (link.get("jir"), link.get("zki"));
    let is_code = |code: &str, length: usize| {
        code.len() == length
            && code
                .bytes()
                .all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
    };
    if !is_code(jir, 36) && !is_code(zki, 32) {
        return None;
    }
    let mut draft = Draft::new(CodeKind::HrFiscal);
    draft.put("jir", jir);
    draft.put("zki", zki);
    draft.facts.date = draft.put_read("time", link.get("datv"), |time| {
        dates::of_time(time, "YYYYMMDD")
    });
    draft.facts.total = draft.put_read("total", link.get("izn"), total);
    // The euro is the currency since 2023; before, it was the kuna.
    let euro =
        |day: chrono::NaiveDate| (chrono::Datelike::year(&day) >= 2023).then(|| "EUR".to_owned());
    draft.facts.currency = draft.facts.date.and_then(euro);
    Some(draft.finish())
}

fn total(text: &str) -> Option<Decimal> {
    if text.contains(',') {
        return amounts::with_comma(text, 2);
    }
    let (sign, cents) = match text.strip_prefix('-') {
        Some(cents) => (-Decimal::ONE, cents),
        None => (Decimal::ONE, text),
    };
    Some(amounts::in_hundredths(cents)? * sign)
}
