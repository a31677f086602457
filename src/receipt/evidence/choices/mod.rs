//! The values that marked fields may have by what is printed on the pages.

mod computed;
mod counts;
mod days;
mod item_texts;
mod likely;
mod names;
mod row_texts;
mod rows;
mod taxed;
mod texts;

use std::collections::HashSet;

pub use computed::numbers as computed;
pub use counts::ItemCount;
pub use item_texts::{ItemDetails, ItemText};
pub use rows::ItemRows;

use rust_decimal::Decimal;

use super::{Lookup, labels::FieldRole, sheet::Sheet};
use crate::{page::PageReading, receipt::schema::PrintedKind};

/// Cost above which a number is no choice for a field.
const MOST_COST: f32 = 1.0;

/// Cost of a number that is computed from printed ones.
const COMPUTED: f32 = 0.3;

/// Cost of the sign that is not printed.
const OTHER_SIGN: f32 = 0.2;

/// A value that a field may have.
#[derive(Debug, Clone, PartialEq)]
pub struct PrintedChoice {
    /// The value as JSON.
    pub literal: String,
    /// How unlikely it is by the words that it is printed beside, 0 for the likeliest.
    pub cost: f32,
}

/// The values that a field may have by what is printed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FieldChoices {
    /// The values. Those that need not be printed, such as null, are not among them.
    pub values: Vec<PrintedChoice>,
    /// Whether the page proves that the field has one of them, so that it is not null and not 0.
    pub is_proven: bool,
}

/// Returns the values that each of `fields`, by its kind and JSON pointer, may have by what is
/// printed on `pages`.
#[must_use]
pub fn choices(fields: &[(PrintedKind, &str)], pages: &[PageReading]) -> Vec<FieldChoices> {
    let known = pages.iter().zip(1..);
    let sheets: Vec<_> = known
        .filter_map(|(page, number)| Some(Sheet::new(number, page.as_ref().ok()?)))
        .collect();
    let lookup = Lookup::of(&sheets);
    let tax = taxed::only(sheets.len(), &lookup.numbers);
    let mut texts = None;
    let mut identifiers = None;
    let found = fields.iter().map(|(kind, pointer)| {
        let role = FieldRole::of(pointer);
        let proven = tax.filter(|_| !is_of_list(pointer));
        if let Some(tax) = proven.and_then(|tax| tax.of(*kind, role)) {
            return FieldChoices {
                values: literals(&[(tax, 0.0)]),
                is_proven: true,
            };
        }
        let values = match kind {
            PrintedKind::Amount | PrintedKind::Quantity => numbers(&lookup, *kind, pointer),
            PrintedKind::Date => days::choices(&lookup, role),
            PrintedKind::Text if role == FieldRole::Issuer => names::names(&sheets),
            PrintedKind::Text => texts
                .get_or_insert_with(|| written(texts::texts(&sheets)))
                .clone(),
            PrintedKind::Identifier => identifiers
                .get_or_insert_with(|| written(texts::identifiers(&sheets)))
                .clone(),
        };
        FieldChoices {
            values,
            is_proven: false,
        }
    });
    found.collect()
}

/// Returns the rows of the items on `pages`, all on one page, whose amounts make one of `sums`, or the one item whose
/// quantity and price do; empty if there are none.
#[must_use]
pub fn item_rows(pages: &[PageReading], sums: &[Decimal]) -> Vec<ItemRows> {
    let known = pages.iter().zip(1..);
    let sheets: Vec<_> = known
        .filter_map(|(page, number)| Some(Sheet::new(number, page.as_ref().ok()?)))
        .collect();
    let lookup = Lookup::of(&sheets);
    let all = || sheets.iter().enumerate();
    let in_rows = all().map(|(number, sheet)| rows::items(sheet, number, &lookup.numbers, sums));
    let multiplied =
        all().map(|(number, sheet)| rows::product(sheet, number, &lookup.numbers, sums));
    let mut found = in_rows.chain(multiplied);
    found.find(|rows| !rows.is_empty()).unwrap_or_default()
}

/// Returns texts as choices.
fn written(texts: Vec<String>) -> Vec<PrintedChoice> {
    let choice = |text: String| PrintedChoice {
        literal: serde_json::Value::from(text).to_string(),
        cost: 0.0,
    };
    texts.into_iter().map(choice).collect()
}

/// Returns the numbers that a field may have: as printed without the marks between thousands, and
/// without closing zeros, of either sign.
fn numbers(lookup: &Lookup<'_>, kind: PrintedKind, pointer: &str) -> Vec<PrintedChoice> {
    let role = FieldRole::of(pointer);
    let mut found = lookup.numbers.all(role, kind == PrintedKind::Amount);
    let is_of_list = is_of_list(pointer);
    if is_of_list && kind == PrintedKind::Amount {
        let computed = computed(&lookup.numbers, role);
        found.extend(computed.into_iter().map(|number| (number, COMPUTED)));
    }
    found.retain(|(_, cost)| *cost <= MOST_COST);
    found.sort_by(|a, b| a.1.total_cmp(&b.1));
    if !is_of_list && kind == PrintedKind::Amount {
        likely::keep(role, &mut found);
    }
    literals(&found)
}

/// Returns whether a JSON pointer leads into a list.
fn is_of_list(pointer: &str) -> bool {
    pointer.split('/').any(|name| name == "0")
}

/// Returns numbers with their costs as choices: of either sign, as printed and without closing zeros.
fn literals(found: &[(Decimal, f32)]) -> Vec<PrintedChoice> {
    let mut seen = HashSet::new();
    let mut choices = Vec::new();
    for &(number, cost) in found {
        let (positive, negative) = if number.is_sign_negative() {
            (cost + OTHER_SIGN, cost)
        } else {
            (cost, cost + OTHER_SIGN)
        };
        for (number, cost) in [(number.abs(), positive), (-number.abs(), negative)] {
            for literal in [number.to_string(), number.normalize().to_string()] {
                if !is_negative_zero(number) && seen.insert(literal.clone()) {
                    choices.push(PrintedChoice { literal, cost });
                }
            }
        }
    }
    choices
}

fn is_negative_zero(number: Decimal) -> bool {
    number.is_zero() && number.is_sign_negative()
}
