//! Receipts of German cash registers, by annex I of DSFinV-K 2.4.

use chrono::{DateTime, Utc};

use super::super::{
    draft::Draft,
    paper::{CodeKind, PaperCode},
    payload::Payload,
    values::{amounts, dates},
};

/// The gross sums by tax rate, in their order.
const SUMS: [&str; 5] = [
    "gross_standard",
    "gross_reduced",
    "gross_flat_rate_agriculture",
    "gross_flat_rate_forestry",
    "gross_zero",
];

/// Reads `V0`, and eleven values between semicolons. Sums are read of receipts alone; of other
/// processes the code tells what it is.
pub(in crate::codes) fn read(payload: &Payload) -> Option<PaperCode> {
    let parts: Vec<_> = payload.text.split(';').collect();
    let &[
        "V0",
        register,
        process,
        data,
        transaction,
        counter,
        start,
        end,
        algorithm,
        format,
        _signature,
        _key,
    ] = parts.as_slice()
    else {
        return None;
    };
    if register.is_empty() || !is_number(transaction) || !is_number(counter) {
        return None;
    }
    let mut draft = Draft::new(CodeKind::DsfinvK);
    draft.put("register", register);
    draft.put("process", process);
    if process == "Kassenbeleg-V1" {
        put_receipt(&mut draft, data)?;
    }
    draft.put("transaction", transaction);
    draft.put("signature_counter", counter);
    draft.put_read("start", start, moment);
    let end = draft.put_read("end", end, moment);
    draft.facts.date = end.and_then(dates::in_central_europe);
    draft.put("algorithm", algorithm);
    draft.put("time_format", format);
    draft.put_unjudged_signature();
    Some(draft.finish())
}

fn put_receipt(draft: &mut Draft, data: &str) -> Option<()> {
    let parts: Vec<_> = data.split('^').collect();
    let &[kind, sums, payments] = parts.as_slice() else {
        return None;
    };
    draft.put("receipt_type", kind);
    let sums: Vec<_> = sums.split('_').collect();
    if sums.len() != SUMS.len() {
        return None;
    }
    let mut read = Vec::new();
    for (name, sum) in SUMS.into_iter().zip(sums) {
        read.push(draft.put_read(name, sum, |sum| amounts::with_point(sum, 2))?);
    }
    let total = amounts::sum(&read)?;
    draft.put("total", &total.to_string());
    draft.put("payments", payments);
    // Orders, trainings and cancelled receipts are processes of other types.
    if kind == "Beleg" {
        draft.facts.total = Some(total);
        draft.facts.currency = Some("EUR".to_owned());
    }
    Some(())
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn moment(text: &str) -> Option<DateTime<Utc>> {
    let moment = DateTime::parse_from_rfc3339(text).ok()?;
    Some(moment.to_utc())
}
