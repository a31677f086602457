//! The exact amounts of an invoice, and the rules of the place that it is from.

use rust_decimal::Decimal;
use serde_json::Value;

use super::{
    places::{self, CurrencyRules, Direction, RoundingStep},
    wording::Wording,
};

/// The amounts of an invoice.
#[derive(Debug)]
pub struct Amounts {
    pub items: Vec<LineItem>,
    pub subtotal: Option<Decimal>,
    pub tax_rate: Option<Decimal>,
    pub tax: Option<Decimal>,
    pub discount: Option<Decimal>,
    pub total: Option<Decimal>,
    pub taxes: Vec<Tax>,
    pub prepaid: Decimal,
    pub rounding: Decimal,
    /// Day of issue, YYYY-MM-DD; empty if it is not known.
    pub day: String,
    /// The rules of its currency.
    pub place: CurrencyRules,
    /// The smallest step in which amounts are printed.
    pub unit: Decimal,
}

/// An item that was bought.
#[derive(Debug)]
pub struct LineItem {
    pub quantity: Option<Decimal>,
    pub unit_price: Option<Decimal>,
    pub total: Option<Decimal>,
    pub wording: Wording,
}

/// The tax of one rate.
#[derive(Debug)]
pub struct Tax {
    pub rate: Option<Decimal>,
    pub base: Option<Decimal>,
    pub amount: Option<Decimal>,
}

impl Amounts {
    /// Reads the amounts of an object; one that is missing or not a number is `None`.
    pub fn of(object: &Value) -> Self {
        let amount = |name: &str| decimal(object.get(name), LARGEST);
        let currency = object.pointer("/items/0/currency").and_then(Value::as_str);
        let day = object.get("invoice_date").and_then(Value::as_str);
        let mut amounts = Self {
            items: list(object, "items").iter().map(LineItem::of).collect(),
            subtotal: amount("subtotal"),
            tax_rate: decimal(object.get("tax_rate_percent"), 100),
            tax: amount("tax_amount"),
            discount: amount("discount"),
            total: amount("total_due"),
            taxes: list(object, "taxes").iter().map(Tax::of).collect(),
            prepaid: amount("prepaid").unwrap_or_default(),
            rounding: amount("rounding").unwrap_or_default(),
            day: day.unwrap_or_default().to_owned(),
            place: places::of(currency.unwrap_or_default()),
            unit: Decimal::ONE,
        };
        let printed = amounts.all().map(|amount| amount.normalize().scale()).max();
        let decimals = match printed.unwrap_or(0) {
            0 if amounts.place.is_written_whole => 0,
            printed => printed.max(amounts.place.decimals),
        };
        amounts.unit = Decimal::new(1, decimals.min(MOST_DECIMALS));
        amounts
    }

    /// Returns every amount except unit prices, which have decimals of their own.
    fn all(&self) -> impl Iterator<Item = Decimal> {
        let items = self.items.iter().map(|item| item.total);
        let taxes = self.taxes.iter().flat_map(|tax| [tax.base, tax.amount]);
        [self.subtotal, self.tax, self.discount, self.total]
            .into_iter()
            .chain([Some(self.prepaid), Some(self.rounding)])
            .chain(items)
            .chain(taxes)
            .flatten()
    }

    /// Returns the rounding of amounts with more decimals than are printed.
    pub fn step(&self) -> RoundingStep {
        RoundingStep {
            size: self.unit,
            direction: if self.place.rounds_freely {
                Direction::Either
            } else {
                Direction::Nearest
            },
        }
    }

    /// Returns the sum of the items, if each has a total.
    pub fn sum_of_items(&self) -> Option<Decimal> {
        let totals: Option<Vec<Decimal>> = self.items.iter().map(|item| item.total).collect();
        totals.filter(|t| !t.is_empty()).map(|t| t.iter().sum())
    }

    /// Returns the subtotal or, if none is printed, the sum of the items.
    pub fn before_tax(&self) -> Option<Decimal> {
        self.subtotal.or_else(|| self.sum_of_items())
    }

    /// Returns the sum of quantities times unit prices, not rounded, if every item has both.
    pub fn sum_of_products(&self) -> Option<Decimal> {
        let products: Option<Vec<Decimal>> = self.items.iter().map(LineItem::product).collect();
        products.filter(|p| !p.is_empty()).map(|p| p.iter().sum())
    }

    /// Returns whether the discount is the sum of the items' own discounts.
    pub fn discount_is_of_lines(&self) -> bool {
        let is_taken_off = |item: &LineItem| {
            let (product, total) = (item.product(), item.total);
            product
                .zip(total)
                .is_some_and(|(product, total)| product.abs() >= total.abs())
        };
        let off = || Some(self.sum_of_products()? - self.sum_of_items()?);
        self.discount.is_some_and(|discount| {
            !discount.is_zero() && off() == Some(discount) && self.items.iter().all(is_taken_off)
        })
    }

    /// Returns whether the discount is taken off the subtotal already.
    pub fn discount_is_in_subtotal(&self) -> bool {
        let (Some(sum), Some(subtotal), Some(discount)) =
            (self.sum_of_items(), self.subtotal, self.discount)
        else {
            return false;
        };
        let is_by_line = sum == subtotal && self.discount_is_of_lines();
        !discount.is_zero() && (is_by_line || sum - discount == subtotal)
    }
}

impl LineItem {
    fn of(item: &Value) -> Self {
        let text = |value: &'_ Value| value.as_str().map(str::to_owned);
        let description = item.get("description").and_then(text).unwrap_or_default();
        let details = list(item, "details").iter().filter_map(Value::as_str);
        Self {
            quantity: decimal(item.get("quantity"), LARGEST_QUANTITY),
            unit_price: decimal(item.get("unit_price"), LARGEST),
            total: decimal(item.get("total"), LARGEST),
            wording: Wording::of(&description, details),
        }
    }

    /// Returns the quantity times the unit price.
    pub fn product(&self) -> Option<Decimal> {
        Some(self.quantity? * self.unit_price?)
    }
}

impl Tax {
    fn of(tax: &Value) -> Self {
        Self {
            rate: decimal(tax.get("rate_percent"), 100),
            base: decimal(tax.get("base"), LARGEST),
            amount: decimal(tax.get("amount"), LARGEST),
        }
    }
}

fn list<'a>(object: &'a Value, name: &str) -> &'a [Value] {
    let list = object.get(name).and_then(Value::as_array);
    list.map_or(&[], Vec::as_slice)
}

/// Largest amount that counts as one: sums and products of such amounts are exact and cannot
/// overflow.
const LARGEST: i64 = 1_000_000_000_000_000;
const LARGEST_QUANTITY: i64 = 10_000_000_000;
const MOST_DECIMALS: u32 = 4;

fn decimal(value: Option<&Value>, largest: i64) -> Option<Decimal> {
    let text = value?.as_number()?.to_string();
    Decimal::from_str_exact(&text)
        .or_else(|_| Decimal::from_scientific(&text))
        .ok()
        .filter(|number| number.abs() <= Decimal::from(largest))
        .map(|number| number.round_dp(MOST_DECIMALS))
}
