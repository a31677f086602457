//! Receipts of Austrian cash registers, by the Registrierkassensicherheitsverordnung (RKSV of 2015), annex,
//! no. 10 to 14.

use super::super::{
    draft::Draft,
    paper::{CodeKind, PaperCode},
    payload::Payload,
    values::{amounts, dates},
};

/// The sums by tax rate, in their order.
const SUMS: [&str; 5] = [
    "sum_normal",
    "sum_reduced_1",
    "sum_reduced_2",
    "sum_zero",
    "sum_special",
];

/// Reads `_R1-AT1_`, and eleven values between lines.
pub(in crate::codes) fn read(payload: &Payload) -> Option<PaperCode> {
    let parts: Vec<_> = payload.text.strip_prefix("_R1-AT")?.split('_').collect();
    let &[
        suite,
        register,
        number,
        time,
        ref sums @ ..,
        turnover,
        certificate,
        _previous,
        _signature,
    ] = parts.as_slice()
    else {
        return None;
    };
    let is_suite = !suite.is_empty() && suite.bytes().all(|byte| byte.is_ascii_digit());
    if !is_suite || register.is_empty() || number.is_empty() || sums.len() != SUMS.len() {
        return None;
    }
    let mut draft = Draft::new(CodeKind::Rksv);
    draft.put("suite", &format!("R1-AT{suite}"));
    draft.put("register", register);
    draft.put("receipt_number", number);
    draft.facts.invoice_number = Some(number.to_owned());
    draft.facts.date = draft.put_read("time", time, |time| dates::of_time(time, "YYYY-MM-DD"));
    draft.facts.date?;
    let mut read = Vec::new();
    for (name, sum) in SUMS.into_iter().zip(sums) {
        read.push(draft.put_read(name, sum, |sum| amounts::with_comma(sum, 2))?);
    }
    let total = amounts::sum(&read)?;
    draft.put("total", &total.to_string().replace('.', ","));
    draft.facts.total = Some(total);
    draft.facts.currency = Some("EUR".to_owned());
    draft.put("encrypted_turnover", turnover);
    draft.put("certificate", certificate);
    draft.put_unjudged_signature();
    Some(draft.finish())
}
