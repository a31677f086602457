//! The rows of a page that are its items, where their amounts make a sum that is known.
//!
//! Items stand between a paper's head and its sums, each with an amount at the end of a row, one below the other. Which
//! of the rows are items is not told by their form, but where they make the sum that is due, or the subtotal that leads
//! to it, to the cent, they are.

use std::ops::RangeInclusive;

use rust_decimal::Decimal;

use super::{
    super::{
        amounts::{NumberIndex, RowAmount},
        labels::{FieldRole, LIKELY, NEUTRAL},
        sheet::Sheet,
    },
    counts::{self, ItemCount},
    item_texts::{self, ItemText},
};
use crate::page::TextLine;

/// Rows between two items at most.
const FARTHEST: usize = 4;

/// Rows above and below an item's amount where its quantity and price may stand.
const NEAR_ABOVE: usize = 1;
const NEAR_BELOW: usize = 2;

/// How far the right edges of the amounts may be apart, in heights of a line.
const ALIGNED: f32 = 2.5;

/// What stands in the rows of one item.
#[derive(Debug, Clone, PartialEq)]
pub struct ItemRows {
    /// The amount at the end of its row.
    pub total: Decimal,
    /// What its name and its details may be.
    pub texts: Vec<ItemText>,
    /// What its quantity and its unit price may be.
    pub counts: Vec<ItemCount>,
}

/// Returns the rows of the items of sheet `number`; empty if no amounts at the ends of its rows make any of `sums`.
pub fn items(
    sheet: &Sheet<'_>,
    number: usize,
    numbers: &NumberIndex,
    sums: &[Decimal],
) -> Vec<ItemRows> {
    let ends = numbers.row_ends(number, sheet);
    let lists = candidates(sheet, &ends).into_iter();
    let mut proven = lists.filter_map(|(found, bottom)| {
        let proven = proven(&found, sums)?;
        Some((found, proven, bottom))
    });
    let Some((found, proven, bottom)) = proven.next() else {
        return Vec::new();
    };
    let places: Vec<usize> = proven.iter().map(|end| end.row).collect();
    let others = found.iter().map(|end| end.row);
    let others: Vec<usize> = others.filter(|row| !places.contains(row)).collect();
    let texts = item_texts::texts(sheet, &places, &others, bottom);
    let rows = proven.iter().zip(texts).enumerate();
    let rows = rows.map(|(at, (end, texts))| {
        // The numbers of an item stand between the amounts before and after it.
        let before = at.checked_sub(1).map(|before| places[before] + 1);
        let next = places.get(at + 1).copied().unwrap_or(bottom);
        // What stands above words beside an amount is of the item before.
        let is_beside = texts.iter().any(|text| text.is_beside);
        let above = if is_beside && at > 0 { 0 } else { NEAR_ABOVE };
        let first = end.row.saturating_sub(above);
        let first = first.max(before.unwrap_or_default());
        let last = (end.row + NEAR_BELOW).min(next.saturating_sub(1));
        let near = first..=last.max(end.row);
        let printed = numbers.in_rows(number, &near);
        ItemRows {
            total: end.value,
            counts: counts::counts(end.value, &printed, &words_in(sheet, &near)),
            texts,
        }
    });
    rows.collect()
}

/// Returns the words of some rows, in the order printed.
fn words_in<'a>(sheet: &Sheet<'a>, rows: &RangeInclusive<usize>) -> Vec<&'a str> {
    let lines: &'a [TextLine] = sheet.lines;
    let in_rows = rows.clone().flat_map(|row| sheet.lines_of(row));
    let words = in_rows.flat_map(|line| &lines[*line].words);
    words.map(|word| word.text.as_str()).collect()
}

/// Returns the one item of a sheet whose quantity and price, printed near each other, make one of `sums`, which is printed
/// too: a slip of fuel; empty if there is none.
pub fn product(
    sheet: &Sheet<'_>,
    number: usize,
    numbers: &NumberIndex,
    sums: &[Decimal],
) -> Vec<ItemRows> {
    let all = 0..=sheet.rows_count();
    let printed = numbers.with_rows(number, &all);
    let is_factor =
        |value: &Decimal| !value.is_zero() && *value != Decimal::ONE && !sums.contains(value);
    let factors = || printed.iter().filter(|(_, value)| is_factor(value));
    for (row, quantity) in factors() {
        let near = factors().filter(|(other, _)| row.abs_diff(*other) <= FARTHEST);
        for (_, price) in near {
            // Of two numbers the one with decimals is the quantity, 12.5 l for 13900 each.
            let is_count = quantity.fract().is_zero() <= price.fract().is_zero();
            let total = quantity.checked_mul(*price).filter(|total| {
                let is_sum = is_count && sums.contains(total);
                is_sum && printed.iter().any(|(_, value)| value == total)
            });
            if let Some(total) = total {
                let texts = item_texts::any(sheet);
                let count = ItemCount {
                    quantity: *quantity,
                    price: Some(*price),
                };
                return vec![ItemRows {
                    total,
                    texts: vec![texts],
                    counts: vec![count],
                }];
            }
        }
    }
    Vec::new()
}

/// Returns the amounts that may be those of items, those that stand near one another together, each with the row of the
/// first sum below them.
fn candidates<'a>(sheet: &Sheet<'_>, ends: &'a [RowAmount]) -> Vec<(Vec<&'a RowAmount>, usize)> {
    let mut lists: Vec<(Vec<&RowAmount>, usize)> = Vec::new();
    let mut found: Vec<&RowAmount> = Vec::new();
    for end in ends {
        let is_far = found
            .last()
            .is_some_and(|last| end.row > last.row + 1 + FARTHEST);
        // Beside words for a total, and beside those for a payment or a count, stand no items.
        let is_sum = FieldRole::Total.cost(&end.label) != NEUTRAL
            || FieldRole::Subtotal.cost(&end.label) != NEUTRAL;
        if is_far || (is_sum && !found.is_empty()) {
            lists.push((std::mem::take(&mut found), end.row));
        }
        // What stands below the sums was paid, not bought.
        if is_sum && !lists.is_empty() {
            break;
        }
        if !is_sum && !end.is_factor {
            found.push(end);
        }
    }
    lists.push((found, sheet.rows_count()));
    for (found, _) in &mut lists {
        let right = found.iter().map(|end| end.area.right());
        let right = right.fold(f32::MIN, f32::max);
        found.retain(|end| right - end.area.right() < ALIGNED * end.area.height);
    }
    lists
}

/// Returns the first and longest run of amounts that makes one of `sums`: of those above the first beside words for a tax,
/// or of all, in either case without those that are a sum of others above them, behind which only a service charge is an
/// item.
fn proven<'a>(found: &[&'a RowAmount], sums: &[Decimal]) -> Option<Vec<&'a RowAmount>> {
    let is_tax = |end: &&RowAmount| FieldRole::Tax.cost(&end.label) <= LIKELY;
    let taxed = found.iter().position(is_tax).unwrap_or(found.len());
    [&found[..taxed], found].into_iter().find_map(|found| {
        run(found, sums).or_else(|| {
            let sum = (0..found.len()).find(|at| is_sum(found, *at))?;
            let charges = found[sum + 1..].iter().filter(|end| is_service(&end.label));
            let own: Vec<_> = found[..sum].iter().chain(charges).copied().collect();
            run(&own, sums)
        })
    })
}

/// Returns the first and longest run of amounts that makes one of `sums`, up to the last, or up to one beside words for a
/// tax, a discount or a rounding or one that is a sum of those above it. It does not begin with such a sum.
fn run<'a>(found: &[&'a RowAmount], sums: &[Decimal]) -> Option<Vec<&'a RowAmount>> {
    let is_added = |end: &RowAmount| {
        [FieldRole::Tax, FieldRole::Discount, FieldRole::Rounding]
            .iter()
            .any(|role| role.cost(&end.label) <= LIKELY)
    };
    let is_end = |end: usize| {
        let next = found.get(end);
        next.is_none_or(|next| is_added(next) || is_sum(found, end))
    };
    let ends: Vec<usize> = (1..=found.len()).filter(|end| is_end(*end)).collect();
    let mut starts = (0..found.len()).filter(|start| !is_sum(found, *start));
    starts.find_map(|start| {
        let (mut sum, mut last) = (Decimal::ZERO, None);
        for (at, amount) in found.iter().enumerate().skip(start) {
            sum = sum.checked_add(amount.value)?;
            if !sum.is_zero() && sums.contains(&sum) && ends.binary_search(&(at + 1)).is_ok() {
                last = Some(at + 1);
            }
        }
        Some(found[start..last?].to_vec())
    })
}

/// Returns whether a label is that of a charge for service.
fn is_service(label: &str) -> bool {
    ["service", "servis", "svc", "layanan", "perkhidmatan"]
        .iter()
        .any(|word| label.contains(word))
}

/// Returns whether an amount is the sum of two or more that stand just above it.
fn is_sum(found: &[&RowAmount], at: usize) -> bool {
    let mut sum = Decimal::ZERO;
    found[..at].iter().rev().enumerate().any(|(number, above)| {
        sum = sum.saturating_add(above.value);
        number > 0 && sum == found[at].value
    })
}
