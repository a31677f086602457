//! The numbers of a page by its rows.

use std::{collections::BTreeMap, ops::RangeInclusive};

use rust_decimal::Decimal;

use super::{
    super::{
        currencies,
        labels::{FieldRole, LIKELY},
        sheet::Sheet,
    },
    NumberIndex,
};
use crate::{page::PageBox, receipt::schema::PrintedKind};

/// The amount that a row of a sheet ends in.
pub struct RowAmount {
    /// The row.
    pub row: usize,
    /// The amount, with its sign.
    pub value: Decimal,
    /// What stands left of it.
    pub label: String,
    /// Whether it is what a quantity is multiplied by, `2 x 3.50`.
    pub is_factor: bool,
    /// Its place.
    pub area: PageBox,
}

/// A row of a summary of taxes: a rate, what it is taken of, and the tax that they make.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TaxRow {
    /// The rate in per cent.
    pub rate: Decimal,
    /// The tax.
    pub tax: Decimal,
}

impl TaxRow {
    /// Returns what a field of that kind and role is by the row; `None` if the row does not tell.
    pub fn of(&self, kind: PrintedKind, role: FieldRole) -> Option<Decimal> {
        match (kind, role) {
            (PrintedKind::Amount, FieldRole::Tax) => Some(self.tax),
            (PrintedKind::Quantity, FieldRole::Rate) => Some(self.rate),
            _ => None,
        }
    }
}

/// How far a tax may be from its rate's share, and a sum with it from what is printed.
const ROUNDED: Decimal = Decimal::from_parts(1, 0, 0, false, 2);
const CASH_ROUNDED: Decimal = Decimal::from_parts(5, 0, 0, false, 2);

/// Most amounts of a row of a summary; each two of them are tried.
const MOST_AMOUNTS: usize = 8;

impl NumberIndex {
    /// Returns the amounts that the rows of a sheet end in, from above. Up to three letters and marks may follow, such as
    /// the code of a tax.
    pub fn row_ends(&self, number: usize, sheet: &Sheet<'_>) -> Vec<RowAmount> {
        const MOST_BEHIND: usize = 3;
        let mut ends: BTreeMap<usize, (f32, RowAmount)> = BTreeMap::new();
        for reading in &self.readings {
            let printed = &self.numbers[reading.number];
            let place = &printed.occurrence;
            let Some((line, words)) = place.parts.first().filter(|_| place.sheet == number) else {
                continue;
            };
            let last = words.end.saturating_sub(1);
            let behind = sheet.right_of(*line, last);
            let is_last = behind.len() <= MOST_BEHIND && !behind.contains(|c: char| c.is_numeric());
            let Some(area) = sheet.area(*line, last) else {
                continue;
            };
            if place.other.is_some() || printed.is_percent || printed.is_plain || !is_last {
                continue;
            }
            let cost = place.cost + reading.cost;
            if ends
                .get(&place.row)
                .is_some_and(|(known, _)| *known <= cost)
            {
                continue;
            }
            let value = if printed.is_negative {
                -reading.value
            } else {
                reading.value
            };
            let before = sheet.lines[*line].words.get(..words.start);
            let mut before = before.unwrap_or_default().iter().rev();
            let before = before.find(|word| !currencies::is_sign(&word.text));
            let end = RowAmount {
                row: place.row,
                value,
                label: printed.label.clone(),
                is_factor: before.is_some_and(|word| word.text.ends_with(['x', 'X', '@', '*'])),
                area,
            };
            ends.insert(place.row, (cost, end));
        }
        ends.into_values().map(|(_, end)| end).collect()
    }

    /// Returns the numbers in some rows of a sheet, without signs, in the order printed.
    pub fn in_rows(&self, number: usize, rows: &RangeInclusive<usize>) -> Vec<Decimal> {
        let found = self.with_rows(number, rows).into_iter();
        found.map(|(_, value)| value).collect()
    }

    /// Returns the same numbers, each with its row.
    pub fn with_rows(&self, number: usize, rows: &RangeInclusive<usize>) -> Vec<(usize, Decimal)> {
        let mut found: Vec<_> = self
            .readings
            .iter()
            .filter_map(|reading| {
                let place = &self.numbers.get(reading.number)?.occurrence;
                let is_there =
                    place.sheet == number && rows.contains(&place.row) && place.other.is_none();
                let (line, words) = place.parts.first().filter(|_| is_there)?;
                Some(((place.row, *line, words.start), reading.value))
            })
            .collect();
        found.sort_by_key(|(place, _)| *place);
        found
            .into_iter()
            .map(|((row, ..), value)| (row, value))
            .collect()
    }

    /// Returns the rows of sheet `number` that prove a tax: a rate, what is taxed and the tax that these make, beside or below a
    /// word for a tax, whose sum is printed too.
    pub fn tax_rows(&self, number: usize) -> Vec<TaxRow> {
        let readings = || {
            self.readings.iter().filter_map(|reading| {
                let printed = self.numbers.get(reading.number)?;
                let place = &printed.occurrence;
                let is_there = place.sheet == number && place.other.is_none();
                is_there.then_some((reading, printed))
            })
        };
        let mut found = Vec::new();
        for (rate, share) in readings().filter(|(_, printed)| printed.is_percent) {
            let row = share.occurrence.row;
            let amounts: Vec<_> = readings()
                .filter(|(_, other)| other.occurrence.row == row && !other.is_percent)
                .collect();
            if amounts.len() > MOST_AMOUNTS {
                continue;
            }
            for (tax, printed) in &amounts {
                let is_named = [&printed.header, &printed.label]
                    .iter()
                    .any(|words| FieldRole::Tax.cost(words) <= LIKELY);
                let is_made = |base: Decimal| {
                    let made = base.checked_mul(rate.value);
                    let made = made.and_then(|made| made.checked_div(Decimal::ONE_HUNDRED));
                    let sum = base.checked_add(tax.value);
                    made.zip(sum).is_some_and(|(made, sum)| {
                        (made - tax.value).abs() <= ROUNDED
                            && self.readings.iter().any(|other| {
                                let apart = other.value.checked_sub(sum);
                                apart.is_some_and(|apart| apart.abs() <= CASH_ROUNDED)
                            })
                    })
                };
                let is_proven = is_named
                    && tax.value > ROUNDED
                    && amounts.iter().any(|(base, _)| {
                        base.value > tax.value && base.number != tax.number && is_made(base.value)
                    });
                let row = TaxRow {
                    rate: rate.value.normalize(),
                    tax: tax.value,
                };
                if is_proven && !found.contains(&row) {
                    found.push(row);
                }
            }
        }
        found
    }
}
