//! The days that are printed.
//!
//! A date of three numbers with its year behind is read with the day first, unless the page gives
//! reason to read the month first: another date of it can be read in no other way, or its amounts
//! are in dollars, where both readings stay, since the month first is the habit of the United
//! States. Of three numbers of two digits the year is the last, unless the page is written in Chinese,
//! Japanese or Korean, where either may be it.

use std::collections::HashMap;

use chrono::{Datelike, NaiveDate};

use super::{
    super::{Lookup, currencies, dates::PrintedDate, labels::FieldRole},
    PrintedChoice,
};

/// Cost above that of the likeliest reading of a date up to which another one is a choice, and where the year may be
/// the first of three numbers of two digits.
const SPREAD: f32 = 0.25;
const SPREAD_EAST: f32 = 0.45;

/// Largest number of a month.
const MONTHS: u32 = 12;

/// The order of day and month on a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum DateOrder {
    DayFirst,
    MonthFirst,
    Open,
}

/// Returns the days that a field of that role may have.
pub fn choices(lookup: &Lookup<'_>, role: FieldRole) -> Vec<PrintedChoice> {
    let order = order(lookup);
    let spread = if is_eastern(lookup) {
        SPREAD_EAST
    } else {
        SPREAD
    };
    let mut found: HashMap<NaiveDate, f32> = HashMap::new();
    for (date, place) in &lookup.printed_dates {
        let Some((line, words)) = place.parts.first() else {
            continue;
        };
        let by_label = lookup.cost_of_day(place.sheet, *line, words.start, role);
        for (day, cost) in readings(date, order, spread) {
            let cost = cost + place.cost + by_label;
            let known = found.entry(day).or_insert(cost);
            *known = known.min(cost);
        }
    }
    let mut days: Vec<_> = found.into_iter().collect();
    days.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
    let choice = |(day, cost): (NaiveDate, f32)| PrintedChoice {
        literal: format!("\"{day}\""),
        cost,
    };
    days.into_iter().map(choice).collect()
}

/// Returns the likely readings of a date on a page of that order.
fn readings(date: &PrintedDate, order: DateOrder, spread: f32) -> Vec<(NaiveDate, f32)> {
    let is_out_of_order = |day: &NaiveDate| {
        let Some((a, b)) = date.pair.filter(|(a, b)| a != b && (*a).max(*b) <= MONTHS) else {
            return false;
        };
        match order {
            DateOrder::DayFirst => (day.day(), day.month()) == (b, a),
            DateOrder::MonthFirst => (day.day(), day.month()) == (a, b),
            DateOrder::Open => false,
        }
    };
    let likely = date.days.iter().filter(|(day, _)| !is_out_of_order(day));
    let best = likely
        .clone()
        .map(|(_, cost)| *cost)
        .fold(f32::INFINITY, f32::min);
    likely
        .filter(|(_, cost)| *cost <= best + spread)
        .copied()
        .collect()
}

/// Returns whether a page has letters of Chinese, Japanese or Korean.
fn is_eastern(lookup: &Lookup<'_>) -> bool {
    let chars = lookup.sheets.iter().flat_map(|sheet| &sheet.prints);
    let mut chars = chars.flat_map(|line| &line.chars);
    chars.any(|c| matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}'))
}

/// Returns the order of the pages' dates.
fn order(lookup: &Lookup<'_>) -> DateOrder {
    let dates = lookup.printed_dates.iter();
    let dates = dates.filter(|(_, place)| place.other.is_none());
    let pairs = dates.filter_map(|(date, _)| date.pair);
    let (mut by_day, mut by_month) = (0, 0);
    for (a, b) in pairs {
        by_day += usize::from(a > MONTHS && b <= MONTHS);
        by_month += usize::from(b > MONTHS && a <= MONTHS);
    }
    match (by_day, by_month) {
        (0, 1..) => DateOrder::MonthFirst,
        (1.., 0) => DateOrder::DayFirst,
        _ if currencies::is_dollar_printed(lookup.sheets) => DateOrder::Open,
        _ => DateOrder::DayFirst,
    }
}
