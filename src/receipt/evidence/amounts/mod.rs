//! Finds the numbers of a page, and what each stands beside.

mod glued;
mod numeral;
mod rows;
mod surroundings;

use std::{collections::HashMap, ops::Range};

use rust_decimal::Decimal;

use super::{
    dates::{PrintedDate, dates as dates_of},
    labels::{FieldRole, LIKELY, NEUTRAL},
    sheet::{LineChars, OTHER_READING, Occurrence, OtherWord, Sheet},
};
use numeral::{NumberStyle, Numeral, numerals, spaced, style_of};
pub use rows::{RowAmount, TaxRow};
use surroundings::{GLUED, SignBeside, sign, surroundings};

/// Cost of a numeral that a blank parts.
const SPACED: f32 = 0.15;

/// Cost of a share where an amount is asked for, and of an amount where a rate is.
const OTHER_KIND: f32 = 0.6;

/// Cost of a label above a number, where none stands before it.
const BY_HEADER: f32 = 0.05;

/// Cost of the other sign than the value's.
const OTHER_SIGN: f32 = 0.1;

/// The numbers of all pages.
pub struct NumberIndex {
    numbers: Vec<PrintedNumber>,
    /// The readings of all numbers, without signs.
    readings: Vec<NumberReading>,
    /// The readings by their values.
    by_value: HashMap<Decimal, Vec<usize>>,
}

/// A value that a number on a page may stand for.
struct NumberReading {
    /// The value, with the decimals as printed.
    value: Decimal,
    /// Index of the number.
    number: usize,
    cost: f32,
}

/// A number on a page.
struct PrintedNumber {
    occurrence: Occurrence,
    is_percent: bool,
    is_negative: bool,
    /// Whether it is too plain for an amount: it has no sign of a currency and no decimals, and the
    /// page writes amounts with decimals, or it is part of the number of a car.
    is_plain: bool,
    /// What stands left of it.
    label: String,
    /// What stands above it.
    header: String,
}

/// A line whose numbers are sought.
struct NumberLine<'a> {
    /// Index of the sheet.
    number: usize,
    sheet: &'a Sheet<'a>,
    line: usize,
    print: &'a LineChars,
    style: NumberStyle,
}

impl NumberIndex {
    /// Finds the numbers of all sheets. `dates` holds the dates of each line of each sheet.
    pub fn of(sheets: &[Sheet<'_>], dates: &[Vec<Vec<PrintedDate>>]) -> Self {
        let mut index = Self {
            numbers: Vec::new(),
            readings: Vec::new(),
            by_value: HashMap::new(),
        };
        for (number, (sheet, dates)) in sheets.iter().zip(dates).enumerate() {
            index.add(number, sheet, dates);
            index.add_glued(number, sheet);
        }
        index
    }

    fn add(&mut self, number: usize, sheet: &Sheet<'_>, dates: &[Vec<PrintedDate>]) {
        let lines = sheet.prints.iter().zip(dates);
        let found: Vec<Vec<Numeral>> = lines
            .map(|(line, dates)| numerals_beside(&line.chars, dates))
            .collect();
        let style = style_of_sheet(sheet, &found);
        for (line, numerals) in found.iter().enumerate() {
            let print = NumberLine {
                number,
                sheet,
                line,
                print: &sheet.prints[line],
                style,
            };
            self.add_line(&print, numerals, None);
        }
        for variant in &sheet.variants {
            let chars = &variant.print.chars;
            let numerals = numerals_beside(chars, &dates_of(chars));
            let print = NumberLine {
                number,
                sheet,
                line: variant.place.line,
                print: &variant.print,
                style,
            };
            self.add_line(&print, &numerals, Some(variant.place));
        }
    }

    /// Adds the numbers of a line; of another reading of it those with the word that differs.
    fn add_line(&mut self, line: &NumberLine<'_>, numerals: &[Numeral], other: Option<OtherWord>) {
        let (sheet, print) = (line.sheet, line.print);
        let spaced = spaced(&print.chars, numerals);
        let alone = numerals.iter().map(|numeral| (numeral, 0.0));
        for (numeral, cost) in alone.chain(spaced.iter().map(|numeral| (numeral, SPACED))) {
            let words = print.words(&numeral.chars);
            if other.is_some_and(|other| !words.contains(&other.word))
                || !(words.start + 1..words.end).all(|word| sheet.are_close(line.line, word - 1))
            {
                continue;
            }
            let label = sheet.left_of(line.line, words.start);
            let Some(around) = surroundings(print, numeral, &label) else {
                continue;
            };
            let style = numeral.style(line.style, around.sign == SignBeside::Whole);
            for (value, cost) in numeral.readings(style) {
                let place = self.readings.len();
                self.by_value.entry(value).or_default().push(place);
                self.readings.push(NumberReading {
                    value,
                    number: self.numbers.len(),
                    cost,
                });
            }
            let cost = cost + around.cost + other.map_or(0.0, |_| OTHER_READING);
            let header = sheet.above(line.line, words.start);
            let occurrence = sheet.occurrence(line.number, vec![(line.line, words)], cost);
            let is_open = line.style == NumberStyle::Open || around.sign != SignBeside::None;
            self.numbers.push(PrintedNumber {
                header,
                occurrence: Occurrence {
                    other,
                    ..occurrence
                },
                is_percent: around.is_percent,
                is_negative: around.is_negative,
                is_plain: numeral.is_plain() && (!is_open || around.is_plate),
                label,
            });
        }
    }

    /// Returns the places where `value` may be printed, for a field of that role.
    pub fn find(&self, value: Decimal, role: FieldRole) -> Vec<Occurrence> {
        let found = self.by_value.get(&value.abs());
        let found = found.into_iter().flatten();
        let places = found.filter_map(|&place| {
            let reading = self.readings.get(place)?;
            let number = self.numbers.get(reading.number)?;
            let mut occurrence = number.occurrence.clone();
            occurrence.cost += reading.cost + number.cost(value, role, role.is_amount())?;
            Some(occurrence)
        });
        places.collect()
    }

    /// Returns every number that a field of that role may have, with its sign and decimals as
    /// printed, and its cost. Shares are none if amounts are wanted.
    pub fn all(&self, role: FieldRole, are_amounts: bool) -> Vec<(Decimal, f32)> {
        let found = self.possible(role, are_amounts);
        found.map(|(number, _, cost)| (number, cost)).collect()
    }

    /// Returns the same numbers, each with the sheet and the row that it stands on.
    pub fn placed(&self, role: FieldRole, are_amounts: bool) -> Vec<(Decimal, (usize, usize))> {
        let found = self.possible(role, are_amounts);
        let place = |number: &PrintedNumber| (number.occurrence.sheet, number.occurrence.row);
        found
            .map(|(value, number, _)| (value, place(number)))
            .collect()
    }

    fn possible(
        &self,
        role: FieldRole,
        are_amounts: bool,
    ) -> impl Iterator<Item = (Decimal, &PrintedNumber, f32)> {
        self.readings.iter().filter_map(move |reading| {
            let number = self.numbers.get(reading.number)?;
            let value = if number.is_negative {
                -reading.value
            } else {
                reading.value
            };
            let is_amount = are_amounts || role.is_amount();
            let cost = number.cost(value, role, is_amount)?;
            let cost = cost + number.occurrence.cost + reading.cost;
            (!are_amounts || !number.is_percent).then_some((value, number, cost))
        })
    }
}

impl PrintedNumber {
    /// Returns the cost of the number as a field's value; `None` if it cannot be one.
    fn cost(&self, value: Decimal, role: FieldRole, is_amount: bool) -> Option<f32> {
        let is_labelled = self.label.chars().any(char::is_alphabetic);
        let label = match (is_labelled, role.cost(&self.header)) {
            (true, _) => role.cost(&self.label),
            // "Amount" heads columns of other sums too, such as those of a tax.
            (false, LIKELY) => NEUTRAL,
            (false, header) => header + BY_HEADER,
        };
        if is_amount && self.is_plain && label > LIKELY {
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

/// Returns the style of a sheet's numbers. Where a currency without decimals is printed, what stands beside a sign tells
/// it, and numbers of several groups: what else has two decimals may be a count or a time.
fn style_of_sheet(sheet: &Sheet<'_>, found: &[Vec<Numeral>]) -> NumberStyle {
    let lines = sheet.prints.iter().zip(found);
    let signed: Vec<_> = lines
        .flat_map(|(line, numerals)| numerals.iter().map(|it| (it, sign(&line.chars, it))))
        .collect();
    let is_whole = signed.iter().any(|(_, sign)| *sign == SignBeside::Whole);
    let telling = signed.iter().filter(|(numeral, sign)| {
        !is_whole || *sign != SignBeside::None || numeral.marks.len() > 1
    });
    style_of(telling.map(|(numeral, _)| *numeral))
}

/// Returns the numerals of a line that are part of no date and no time.
fn numerals_beside(chars: &[char], dates: &[PrintedDate]) -> Vec<Numeral> {
    let mut found = numerals(chars);
    found.retain(|numeral| !is_of_moment(chars, &numeral.chars, dates));
    found
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
