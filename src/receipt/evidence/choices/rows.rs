//! The rows of a page that are its items, where their amounts make a sum that is known.
//!
//! Items stand between a paper's head and its sums, each with an amount at the end of a row, one below the other. Which
//! of the rows are items is not told by their form, but where they make the sum that is due, or the subtotal that leads
//! to it, to the cent, they are.

use std::{collections::HashSet, ops::RangeInclusive};

use rust_decimal::Decimal;

use super::{
    super::{
        amounts::{NumberIndex, RowAmount},
        fold::folded,
        labels::{FieldRole, LIKELY, NEUTRAL},
        sheet::Sheet,
    },
    texts,
};

/// Rows between two items at most.
const FARTHEST: usize = 4;

/// Rows above the first item's amount where its name may stand.
const ABOVE_FIRST: usize = 3;

/// How far the right edges of the amounts may be apart, in heights of a line.
const ALIGNED: f32 = 2.5;

/// Units of quantities, which are no names of goods.
const UNITS: [&str; 12] = [
    "pcs", "pce", "unit", "units", "uni", "each", "strip", "kwh", "liter", "litre", "ltr", "qty",
];

/// Letters of a word that may name goods, at least.
const LEAST_LETTERS: usize = 3;

/// What stands in the rows of one item.
#[derive(Debug, Clone, PartialEq)]
pub struct ItemRows {
    /// The amount at the end of its row.
    pub total: Decimal,
    /// The texts that may be its name, as JSON.
    pub names: HashSet<String>,
    /// The texts that may be details of it, as JSON.
    pub details: HashSet<String>,
    /// What its quantity and its unit price may be.
    pub quantities: HashSet<Decimal>,
    /// The unit prices that it may have.
    pub prices: HashSet<Decimal>,
}

/// Returns the rows of the items of sheet `number`; empty if no amounts at the ends of its rows make any of `sums`.
pub fn items(
    sheet: &Sheet<'_>,
    number: usize,
    numbers: &NumberIndex,
    sums: &[Decimal],
) -> Vec<ItemRows> {
    let ends = numbers.row_ends(number, sheet);
    let (found, bottom) = candidates(sheet, &ends);
    let Some(proven) = proven(&found, sums) else {
        return Vec::new();
    };
    let spans = spans(sheet, &proven, bottom);
    let rows = proven.iter().zip(spans).map(|(end, (names, all))| {
        let printed = numbers.in_rows(number, &all);
        let (quantities, prices) = counted(end.value, &printed);
        let is_detail = |row: usize| all.contains(&row) && !names.contains(&row);
        ItemRows {
            total: end.value,
            names: words_of(texts::beginning_in(sheet, |row| names.contains(&row), &all)),
            details: words_of(texts::beginning_in(sheet, is_detail, &all)),
            quantities,
            prices,
        }
    });
    rows.collect()
}

/// Returns the texts that say something of goods, as JSON.
fn words_of(texts: Vec<String>) -> HashSet<String> {
    let texts = texts
        .into_iter()
        .filter(|text| text.split(' ').any(is_name));
    texts
        .map(|text| serde_json::Value::from(text).to_string())
        .collect()
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
                let texts = words_of(texts::texts(std::slice::from_ref(sheet)));
                return vec![ItemRows {
                    total,
                    names: texts.clone(),
                    details: texts,
                    quantities: HashSet::from([*quantity]),
                    prices: HashSet::from([*price]),
                }];
            }
        }
    }
    Vec::new()
}

/// Rows of a sheet.
type Rows = RangeInclusive<usize>;

/// Returns for each item the rows where its name may begin, and all its rows.
fn spans(sheet: &Sheet<'_>, items: &[&RowAmount], bottom: usize) -> Vec<(Rows, Rows)> {
    // Where each item's name begins: in the row of its amount, above it, or below it.
    let mut starts = Vec::with_capacity(items.len());
    for (number, item) in items.iter().enumerate() {
        let free = match number.checked_sub(1) {
            Some(before) => items[before].row + 1,
            None => item.row.saturating_sub(ABOVE_FIRST),
        };
        let own = item.row..=item.row;
        let above = free..=item.row.saturating_sub(1);
        starts.push(if names_goods(sheet, &own) {
            own
        } else if item.row > free && names_goods(sheet, &above) {
            above
        } else {
            item.row..=item.row + 1
        });
    }
    let all = items.iter().enumerate().map(|(number, item)| {
        let names = starts[number].clone();
        let next = match items.get(number + 1) {
            // Rows between two items, where the name of the second stands, may hold details of the first.
            Some(next) => (*starts[number + 1].end()).min(next.row),
            None => bottom,
        };
        let last = next.saturating_sub(1).min(item.row + FARTHEST);
        let first = (*names.start()).min(item.row);
        (names.clone(), first..=last.max(*names.end()))
    });
    all.collect()
}

/// Returns whether a word of some rows may name goods.
fn names_goods(sheet: &Sheet<'_>, rows: &Rows) -> bool {
    let lines = (0..sheet.lines.len()).filter(|line| rows.contains(&sheet.row_of(*line)));
    let mut words = lines.flat_map(|line| &sheet.lines[line].words);
    words.any(|word| is_name(&word.text))
}

/// Returns whether a word may be part of the name of goods.
fn is_name(word: &str) -> bool {
    let letters = word.chars().filter(|c| c.is_alphabetic()).count();
    letters >= LEAST_LETTERS
        && !word.contains(|c: char| c.is_ascii_digit())
        && !UNITS.contains(&folded(word).as_str())
}

/// Returns the quantities and prices that an item may have by the numbers of its rows, in order: those two, other than 1,
/// that make its total; or else each of them, 1, and the total over any.
fn counted(total: Decimal, printed: &[Decimal]) -> (HashSet<Decimal>, HashSet<Decimal>) {
    for (at, quantity) in printed.iter().enumerate() {
        for price in &printed[at + 1..] {
            let is_factor = |number: &Decimal| !number.is_zero() && *number != Decimal::ONE;
            let makes = quantity.checked_mul(*price) == Some(total);
            if is_factor(quantity) && is_factor(price) && makes {
                return (HashSet::from([*quantity]), HashSet::from([*price]));
            }
        }
    }
    let quotients = printed.iter().filter_map(|number| {
        let quotient = total.checked_div(*number)?;
        (quotient.normalize().scale() <= 2).then_some(quotient.normalize())
    });
    let prices = printed.iter().copied().chain(quotients).chain([total]);
    let quantities = printed.iter().copied().chain([Decimal::ONE]);
    (quantities.collect(), prices.collect())
}

/// Returns the amounts that may be those of items, and the row of the first sum below them.
fn candidates<'a>(sheet: &Sheet<'_>, ends: &'a [RowAmount]) -> (Vec<&'a RowAmount>, usize) {
    let mut found: Vec<&RowAmount> = Vec::new();
    let mut bottom = usize::MAX;
    for end in ends {
        let is_far = found
            .last()
            .is_some_and(|last| end.row > last.row + 1 + FARTHEST);
        // Beside words for a total, and beside those for a payment or a count, stand no items.
        let is_sum = FieldRole::Total.cost(&end.label) != NEUTRAL
            || FieldRole::Subtotal.cost(&end.label) != NEUTRAL;
        if !found.is_empty() && (is_far || is_sum) {
            bottom = end.row;
            break;
        }
        if !is_sum && !end.is_factor {
            found.push(end);
        }
    }
    let right = found.iter().map(|end| end.area.right());
    let right = right.fold(f32::MIN, f32::max);
    found.retain(|end| right - end.area.right() < ALIGNED * end.area.height);
    (found, bottom.min(sheet.rows_count()))
}

/// Returns the longest run of amounts that makes one of `sums`, up to the last, or up to one beside words for a tax, a
/// discount or a rounding or one that is a sum of those above it. It does not begin with such a sum.
fn proven<'a>(found: &[&'a RowAmount], sums: &[Decimal]) -> Option<Vec<&'a RowAmount>> {
    let is_added = |end: &RowAmount| {
        [FieldRole::Tax, FieldRole::Discount, FieldRole::Rounding]
            .iter()
            .any(|role| role.cost(&end.label) <= LIKELY)
    };
    let ends = (1..=found.len()).rev();
    let mut ends = ends.filter(|end| {
        found
            .get(*end)
            .is_none_or(|next| is_added(next) || is_sum(found, *end))
    });
    ends.find_map(|end| {
        let (mut sum, mut first) = (Decimal::ZERO, None);
        for start in (0..end).rev() {
            sum = sum.checked_add(found[start].value)?;
            if !sum.is_zero() && sums.contains(&sum) && !is_sum(found, start) {
                first = Some(start);
            }
        }
        Some(found[first?..end].to_vec())
    })
}

/// Returns whether an amount is the sum of two or more that stand just above it.
fn is_sum(found: &[&RowAmount], at: usize) -> bool {
    let mut sum = Decimal::ZERO;
    found[..at].iter().rev().enumerate().any(|(number, above)| {
        sum = sum.saturating_add(above.value);
        number > 0 && sum == found[at].value
    })
}
