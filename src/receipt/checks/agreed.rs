//! What the amounts of an object agree on, where it states something else.

use rust_decimal::Decimal;
use serde_json::Value;

use super::{amounts::Amounts, items, totals};

/// Returns the subtotal that both the items and the total make, where the object states another one or none, as where it
/// is printed nowhere and so was not among what a grounded answer is chosen from.
#[must_use]
pub fn agreed_subtotal(object: &Value) -> Option<Decimal> {
    let mut invoice = Amounts::of(object);
    let sum = invoice.sum_of_items()?;
    if agrees(&invoice) {
        return None;
    }
    invoice.subtotal = Some(sum);
    agrees(&invoice).then_some(sum)
}

/// Returns the sums that the items of an object may make, where they make none: its subtotal, if that leads to the total,
/// and what its total is without tax, rounding, discount and what was paid before. Empty where they add up, unless one of
/// several is as much as the tax, and where there are no items or no total.
#[must_use]
pub fn unmade_sums(object: &Value) -> Vec<Decimal> {
    let invoice = Amounts::of(object);
    let Some(total) = invoice.total.filter(|_| !invoice.items.is_empty()) else {
        return Vec::new();
    };
    let before = total - invoice.rounding + invoice.prepaid;
    let discount = invoice.discount.unwrap_or_default();
    let tax = invoice.tax.unwrap_or_default();
    if lists_tax(&invoice) {
        return vec![before - tax, before + discount - tax];
    }
    if agrees(&invoice) || agreed_subtotal(object).is_some() {
        return Vec::new();
    }
    let leads_on = totals::total_adds_up(&invoice).is_some_and(|finding| finding.passed());
    let mut sums: Vec<_> = invoice.subtotal.filter(|_| leads_on).into_iter().collect();
    for sum in [
        total,
        before,
        before + discount,
        before - tax,
        before + discount - tax,
    ] {
        if !sums.contains(&sum) {
            sums.push(sum);
        }
    }
    sums.retain(|sum| !sum.is_zero());
    sums
}

/// Returns the sum of the items' totals; `None` if there are none, or one has no total.
#[must_use]
pub fn sum_of_items(object: &Value) -> Option<Decimal> {
    Amounts::of(object).sum_of_items()
}

/// Returns what is to be paid; `None` if the object has no total.
#[must_use]
pub fn total(object: &Value) -> Option<Decimal> {
    Amounts::of(object).total
}

/// Returns whether the tax is listed as one of several items.
fn lists_tax(invoice: &Amounts) -> bool {
    let tax = invoice.tax.filter(|tax| !tax.is_zero());
    let mut totals = invoice.items.iter().map(|item| item.total);
    tax.is_some_and(|tax| totals.any(|total| total == Some(tax)))
        && invoice.items.len() > 1
        && invoice.sum_of_items() == invoice.total
}

/// Returns the unit prices and quantities that make the total of an item, where those of the object do not: for each such
/// item its number, the quantity with the price as it is, and the price with the quantity as it is.
#[must_use]
pub fn unmade_products(object: &Value) -> Vec<UnmadeProduct> {
    let invoice = Amounts::of(object);
    items::unmade(&invoice)
        .into_iter()
        .filter_map(|number| {
            let item = &invoice.items[number];
            let (quantity, price, total) = (item.quantity?, item.unit_price?, item.total?);
            Some(UnmadeProduct {
                item: number,
                quantity: exact(total, price, MOST_QUANTITY_DECIMALS),
                price: exact(
                    total,
                    quantity,
                    invoice.unit.scale().max(MOST_PRICE_DECIMALS),
                ),
            })
        })
        .collect()
}

/// Decimals of a quantity and of a price at most.
const MOST_QUANTITY_DECIMALS: u32 = 3;
const MOST_PRICE_DECIMALS: u32 = 2;

/// An item whose quantity and unit price do not make its total.
#[derive(Debug, Clone, PartialEq)]
pub struct UnmadeProduct {
    /// Number of the item, from 0.
    pub item: usize,
    /// The quantity that makes it at the price.
    pub quantity: Option<Decimal>,
    /// The price that makes it with the quantity.
    pub price: Option<Decimal>,
}

/// Returns a quotient that has no more decimals than that and is not 0.
fn exact(total: Decimal, by: Decimal, decimals: u32) -> Option<Decimal> {
    let quotient = total.checked_div(by)?;
    let rounded = quotient.round_dp(decimals).normalize();
    (!rounded.is_zero() && rounded.checked_mul(by)? == total).then_some(rounded)
}

fn agrees(invoice: &Amounts) -> bool {
    let findings = [
        items::items_make_subtotal(invoice),
        totals::total_adds_up(invoice),
    ];
    let mut findings = findings.into_iter();
    findings.all(|finding| finding.is_some_and(|finding| finding.passed()))
}
