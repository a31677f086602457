//! Saudi e-invoices, by ZATCA's rules for the QR code of phases 1 and 2: tag, length and value, in base
//! 64.

use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::NaiveDate;

use super::super::{
    draft::Draft,
    paper::{CodeKind, PaperCode},
    payload::Payload,
    values::{amounts, dates, text},
};

/// Places of an amount, at most.
const PLACES: usize = 6;

/// The hour in UTC from which it is the next day in Saudi Arabia.
const NEXT_DAY: &str = "21";

/// Reads a code with the five tags that both phases ask for.
pub(in crate::codes) fn read(payload: &Payload) -> Option<PaperCode> {
    let bytes = STANDARD.decode(payload.text.as_bytes()).ok()?;
    let tags = tags(&bytes)?;
    let text_of = |tag: u8| {
        let mut tags = tags.iter();
        let (_, value) = tags.find(|(other, _)| *other == tag)?;
        std::str::from_utf8(value).ok().map(str::trim)
    };
    let (seller, number, time) = (text_of(1)?, text_of(2)?, text_of(3)?);
    let is_number = text::is_digits(number, 15) && number.starts_with('3') && number.ends_with('3');
    if seller.is_empty() || !is_number {
        return None;
    }
    let mut draft = Draft::new(CodeKind::Zatca);
    draft.put("seller", seller);
    draft.put("vat_number", number);
    draft.facts.vendor = Some(seller.to_owned());
    dates::of_time(time, "YYYY-MM-DD")?;
    draft.put("time", time);
    draft.facts.date = day(time);
    draft.facts.total = draft.put_read("total", text_of(4)?, |total| {
        amounts::with_point(total, PLACES)
    });
    draft.facts.tax = draft.put_read("vat", text_of(5)?, |vat| amounts::with_point(vat, PLACES));
    draft.facts.total?;
    let is_signed = tags.iter().any(|(tag, _)| *tag >= 7);
    draft.put("phase", if is_signed { "2" } else { "1" });
    if is_signed {
        draft.put_unjudged_signature();
    }
    Some(draft.finish())
}

/// Returns the day of a time. Many programs write the local time with the mark of UTC, so that late in
/// the day the two would be different days, and the time says neither.
fn day(time: &str) -> Option<NaiveDate> {
    let is_late = time.get(11..13).is_some_and(|hour| hour >= NEXT_DAY);
    if is_late && time.ends_with('Z') {
        return None;
    }
    dates::of_time(time, "YYYY-MM-DD")
}

/// Divides bytes into tags and values, without a rest.
fn tags(bytes: &[u8]) -> Option<Vec<(u8, &[u8])>> {
    let mut found = Vec::new();
    let mut rest = bytes;
    while let Some((&[tag, length], after)) = rest.split_first_chunk::<2>() {
        let (value, after) = after.split_at_checked(length.into())?;
        found.push((tag, value));
        rest = after;
    }
    rest.is_empty().then_some(found)
}
