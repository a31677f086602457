//! Finds the numbers of a page, and what each stands beside.

mod numeral;

use std::{collections::HashMap, ops::Range};

use rust_decimal::Decimal;

use super::{
    currencies,
    dates::PrintedDate,
    fold::folded,
    labels::{FieldRole, LIKELY},
    sheet::{LineChars, Occurrence, Sheet},
};
use numeral::{NumberStyle, Numeral, numerals, spaced, style_of};

/// Cost of a numeral that a blank parts.
const SPACED: f32 = 0.15;

/// Costs of what a number stands beside.
const GLUED: f32 = 0.2;
const ODD: f32 = 0.4;

/// Cost of a share where an amount is asked for, and of an amount where a rate is.
const OTHER_KIND: f32 = 0.6;

/// Cost of a label above a number, where none stands before it.
const BY_HEADER: f32 = 0.05;

/// Cost of the other sign than the value's.
const OTHER_SIGN: f32 = 0.1;

/// Words for a telephone, in lines whose plain digits are no amounts.
const TELEPHONES: [&str; 10] = [
    "tel", "telp", "telefon", "fax", "phone", "mobile", "hotline", "whatsapp", "hp", "wa",
];

/// Ends of what stands before a number that identifies something.
const IDENTIFIERS: [&str; 14] = [
    "no", "nr", "num", "number", "nomor", "id", "code", "kode", "invoice", "receipt", "npwp",
    "table", "member", "ref",
];

/// The numbers of all pages.
pub struct NumberIndex {
    numbers: Vec<PrintedNumber>,
    /// The numbers by their values without signs, with the cost of each reading.
    by_value: HashMap<Decimal, Vec<(usize, f32)>>,
}

/// A number on a page.
struct PrintedNumber {
    occurrence: Occurrence,
    is_percent: bool,
    is_negative: bool,
    /// Whether it is too plain for an amount: it has no sign of a currency and no decimals, and the
    /// page writes amounts with decimals.
    is_plain: bool,
    /// What stands left of it.
    label: String,
    /// What stands above it.
    header: String,
}

/// What surrounds a numeral.
struct Surroundings {
    cost: f32,
    is_percent: bool,
    is_negative: bool,
    /// Whether the sign of a currency stands beside it.
    is_money: bool,
}

impl NumberIndex {
    /// Finds the numbers of all sheets. `dates` holds the dates of each line of each sheet.
    pub fn of(sheets: &[Sheet<'_>], dates: &[Vec<Vec<PrintedDate>>]) -> Self {
        let mut index = Self {
            numbers: Vec::new(),
            by_value: HashMap::new(),
        };
        for (number, (sheet, dates)) in sheets.iter().zip(dates).enumerate() {
            index.add(number, sheet, dates);
        }
        index
    }

    fn add(&mut self, number: usize, sheet: &Sheet<'_>, dates: &[Vec<PrintedDate>]) {
        let lines = sheet.prints.iter().zip(dates);
        let numerals: Vec<Vec<Numeral>> = lines
            .map(|(line, dates)| {
                let mut numerals = numerals(&line.chars);
                numerals.retain(|numeral| !is_of_moment(&line.chars, &numeral.chars, dates));
                numerals
            })
            .collect();
        let style = style_of(numerals.iter().flatten());
        for (line, numerals) in numerals.iter().enumerate() {
            let print = &sheet.prints[line];
            let spaced = spaced(&print.chars, numerals);
            let alone = numerals.iter().map(|numeral| (numeral, 0.0));
            for (numeral, cost) in alone.chain(spaced.iter().map(|numeral| (numeral, SPACED))) {
                let words = print.words(&numeral.chars);
                if !(words.start + 1..words.end).all(|word| sheet.are_close(line, word - 1)) {
                    continue;
                }
                let label = sheet.left_of(line, words.start);
                let Some(around) = surroundings(print, numeral, &label) else {
                    continue;
                };
                for (value, reading) in numeral.readings(style) {
                    let place = self.numbers.len();
                    self.by_value
                        .entry(value)
                        .or_default()
                        .push((place, reading));
                }
                let cost = cost + around.cost;
                self.numbers.push(PrintedNumber {
                    header: sheet.above(line, words.start),
                    occurrence: sheet.occurrence(number, vec![(line, words)], cost),
                    is_percent: around.is_percent,
                    is_negative: around.is_negative,
                    is_plain: numeral.is_plain() && style != NumberStyle::Open && !around.is_money,
                    label,
                });
            }
        }
    }

    /// Returns the places where `value` may be printed, for a field of that role.
    pub fn find(&self, value: Decimal, role: FieldRole) -> Vec<Occurrence> {
        let found = self.by_value.get(&value.abs().normalize());
        let found = found.into_iter().flatten();
        let places = found.filter_map(|&(place, reading)| {
            let number = self.numbers.get(place)?;
            let mut occurrence = number.occurrence.clone();
            occurrence.cost += reading + number.cost(value, role)?;
            Some(occurrence)
        });
        places.collect()
    }
}

impl PrintedNumber {
    /// Returns the cost of the number as a field's value; `None` if it cannot be one.
    fn cost(&self, value: Decimal, role: FieldRole) -> Option<f32> {
        let is_labelled = self.label.chars().any(char::is_alphabetic);
        let label = if is_labelled {
            role.cost(&self.label)
        } else {
            role.cost(&self.header) + BY_HEADER
        };
        if role.is_amount() && self.is_plain && label > LIKELY {
            return None;
        }
        let kind = match (role == FieldRole::Rate, self.is_percent) {
            (false, true) => OTHER_KIND,
            // A rate may be printed without its sign.
            (true, false) => GLUED,
            _ => 0.0,
        };
        let sign = if value.is_sign_negative() == self.is_negative {
            0.0
        } else {
            OTHER_SIGN
        };
        Some(label + kind + sign)
    }
}

/// Returns whether a numeral is part of a date or of a time.
fn is_of_moment(chars: &[char], place: &Range<usize>, dates: &[PrintedDate]) -> bool {
    let mut marked = dates.iter().filter(|date| date.is_marked);
    let is_of_date =
        marked.any(|date| place.start < date.chars.end && date.chars.start < place.end);
    let at = |at: Option<usize>| at.and_then(|at| chars.get(at)).copied();
    let is_digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    let before =
        at(place.start.checked_sub(1)) == Some(':') && is_digit(at(place.start.checked_sub(2)));
    let after = at(Some(place.end)) == Some(':') && is_digit(at(Some(place.end + 1)));
    is_of_date || before || after
}

/// Returns what surrounds a numeral; `None` if it is part of something else than a number.
fn surroundings(print: &LineChars, numeral: &Numeral, label: &str) -> Option<Surroundings> {
    let chars = &print.chars;
    let before = &chars[..numeral.chars.start];
    let after = &chars[numeral.chars.end..];
    let letters_before: String = {
        let letters = before.iter().rev().take_while(|c| c.is_alphabetic());
        let mut letters: Vec<_> = letters.copied().collect();
        letters.reverse();
        letters.into_iter().collect()
    };
    let letters_after: String = after.iter().take_while(|c| c.is_alphabetic()).collect();
    let is_money = numeral.has_decimals() || !numeral.is_plain();
    let mut cost = 0.0;
    if !letters_before.is_empty() {
        cost += cost_of_letters(&letters_before, numeral, is_money, true)?;
    }
    if !letters_after.is_empty() {
        cost += cost_of_letters(&letters_after, numeral, is_money, false)?;
    }
    cost += cost_of_neighbours(before, after, is_money)?;
    if numeral.is_loose() {
        cost += cost_of_plain(numeral, before, after, label)?;
    }
    let mut rest = after.iter().skip_while(|c| **c == ' ');
    Some(Surroundings {
        cost,
        is_percent: rest.next() == Some(&'%'),
        is_negative: is_negative(before, after, letters_before.chars().count()),
        is_money: is_beside_currency(before, after),
    })
}

/// Returns whether the sign of a currency stands beside a numeral.
fn is_beside_currency(before: &[char], after: &[char]) -> bool {
    let is_part = |c: &&char| !c.is_ascii_digit() && !c.is_whitespace();
    let before = before.iter().rev().skip_while(|c| **c == ' ');
    let mut before: Vec<_> = before.take_while(is_part).copied().collect();
    before.reverse();
    let after = after.iter().skip_while(|c| **c == ' ');
    let after: Vec<_> = after.take_while(is_part).copied().collect();
    [before, after].into_iter().any(|sign| {
        let sign: String = sign.into_iter().collect();
        currencies::is_sign(sign.trim_matches(|c| ".:-,()=".contains(c)))
    })
}

/// Returns the cost of letters that touch a numeral; `None` for an identifier.
fn cost_of_letters(
    letters: &str,
    numeral: &Numeral,
    is_money: bool,
    is_before: bool,
) -> Option<f32> {
    let length = letters.chars().count();
    let is_known = currencies::is_sign(letters) || matches!(folded(letters).as_str(), "x" | "rp");
    Some(match (is_known, is_money, numeral.length()) {
        (true, ..) => 0.0,
        (_, true, _) => GLUED,
        (_, _, digits) if digits <= 3 => {
            if is_before {
                ODD
            } else {
                GLUED
            }
        }
        // A whole word may touch its number; a few letters are part of an identifier.
        _ if length >= 4 && !numeral.leads_with_zero() => ODD,
        _ => return None,
    })
}

/// Returns the cost of marks that touch a numeral; `None` if they join it with other digits to a
/// telephone number or an identifier.
fn cost_of_neighbours(before: &[char], after: &[char], is_money: bool) -> Option<f32> {
    let joins = |marks: [Option<&char>; 2]| {
        let [mark, behind] = marks;
        let is_joint = mark.is_some_and(|c| matches!(*c, '-' | '/' | '\\' | '_' | ':' | '#'));
        is_joint && behind.is_some_and(char::is_ascii_alphanumeric)
    };
    let mut lefts = before.iter().rev();
    let mut rights = after.iter();
    let left = [lefts.next(), lefts.next()];
    let right = [rights.next(), rights.next()];
    // `TOTAL:12.50`, `RM-12.50` and `12.50/pc` are numbers; `03-7877` and `A-12` are none.
    let is_colon = left[0] == Some(&':');
    let by_left = joins(left) && !is_colon;
    let by_right = joins(right) && right[1].is_some_and(char::is_ascii_digit);
    match (by_left || by_right, is_money) {
        (false, _) => Some(0.0),
        (true, true) => Some(ODD),
        (true, false) => None,
    }
}

/// Returns the cost of digits without any mark; `None` for a telephone number or an identifier.
fn cost_of_plain(numeral: &Numeral, before: &[char], after: &[char], label: &str) -> Option<f32> {
    /// Digits of a number that is too long for an amount without marks.
    const LONG: usize = 10;
    let digits = numeral.length();
    let sign = before.iter().rev().find(|c| **c != ' ');
    if digits >= LONG
        || (numeral.leads_with_zero() && digits > 3)
        || sign == Some(&'#')
        || (sign == Some(&'+') && digits >= 6)
    {
        return None;
    }
    let ends_with = |words: &[&str]| words.iter().any(|word| label.ends_with(word));
    let called = label.trim_end_matches(|c: char| c.is_numeric());
    let is_called = TELEPHONES.iter().any(|word| {
        let rest = called.strip_prefix(word);
        rest.is_some_and(|rest| matches!(rest, "" | "no" | "nr" | "fax" | "hp"))
    });
    if is_called && digits >= 3 {
        return None;
    }
    let mut cost = 0.0;
    if numeral.leads_with_zero() {
        cost += ODD;
    }
    if ends_with(&IDENTIFIERS) {
        cost += ODD;
    }
    // Five digits before a name are a postcode.
    let word: String = after
        .iter()
        .skip_while(|c| **c == ' ')
        .take_while(|c| c.is_alphabetic())
        .collect();
    if (4..=6).contains(&digits) && word.chars().count() >= 4 {
        cost += ODD;
    }
    Some(cost)
}

/// Returns whether a numeral is marked as negative: `-12`, `-RM12`, `RM-12`, `12-`, `(12)`.
fn is_negative(before: &[char], after: &[char], letters: usize) -> bool {
    let mut lefts = before.iter().rev().filter(|c| **c != ' ' && **c != '$');
    let touching = before.iter().rev().nth(letters) == Some(&'-') || lefts.next() == Some(&'-');
    let opens = before
        .iter()
        .rev()
        .skip(letters)
        .find(|c| **c != ' ' && !c.is_alphabetic());
    let mut rights = after.iter();
    let trails = rights.next() == Some(&'-') && rights.next().is_none_or(|c| !c.is_alphanumeric());
    let closes = after.iter().find(|c| !c.is_alphabetic() && **c != ' ');
    touching || trails || (opens == Some(&'(') && closes == Some(&')'))
}
