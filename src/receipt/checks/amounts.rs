//! Sums: items, subtotal, tax, discount, total.

use rust_decimal::Decimal;
use serde_json::Value;

use super::Finding;

/// The amounts of an invoice, exact.
#[derive(Debug, Default)]
pub struct Amounts {
    items: Vec<Item>,
    subtotal: Option<Decimal>,
    tax_rate: Option<Decimal>,
    tax: Option<Decimal>,
    discount: Option<Decimal>,
    total: Option<Decimal>,
    /// The smallest step in which amounts are printed: 1, or 0.01 where any has a fraction.
    step: Decimal,
    /// What the currency's smallest coin rounds a total to.
    coin: Decimal,
}

#[derive(Debug)]
struct Item {
    quantity: Option<Decimal>,
    unit_price: Option<Decimal>,
    total: Option<Decimal>,
}

impl Amounts {
    /// Reads them off an object; what is missing or no number is `None`.
    pub fn of(object: &Value) -> Self {
        let listed = object.get("items").and_then(Value::as_array);
        let items: Vec<Item> = listed
            .into_iter()
            .flatten()
            .map(|item| Item {
                quantity: decimal(item.get("quantity")),
                unit_price: decimal(item.get("unit_price")),
                total: decimal(item.get("total")),
            })
            .collect();
        let currency = object.pointer("/items/0/currency").and_then(Value::as_str);
        let mut amounts = Self {
            items,
            subtotal: decimal(object.get("subtotal")),
            tax_rate: decimal(object.get("tax_rate_percent")),
            tax: decimal(object.get("tax_amount")),
            discount: decimal(object.get("discount")),
            total: decimal(object.get("total_due")),
            step: Decimal::ONE,
            coin: coin(currency.unwrap_or_default()),
        };
        let has_fractions = amounts.all().any(|amount| !amount.fract().is_zero());
        if has_fractions {
            amounts.step = Decimal::new(1, 2);
        }
        amounts
    }

    fn all(&self) -> impl Iterator<Item = Decimal> {
        let items = self
            .items
            .iter()
            .flat_map(|item| [item.unit_price, item.total]);
        [self.subtotal, self.tax, self.discount, self.total]
            .into_iter()
            .chain(items)
            .flatten()
    }

    /// The sum of the items, where every one has its total.
    fn sum_of_items(&self) -> Option<Decimal> {
        let totals: Option<Vec<Decimal>> = self.items.iter().map(|item| item.total).collect();
        totals.filter(|t| !t.is_empty()).map(|t| t.iter().sum())
    }

    /// How far a total may lie from the sum of its parts: tills round it to the nearest coin. A
    /// coin that is much beside the total is that of another currency, and does not count.
    fn rounding(&self, total: Decimal) -> Decimal {
        let half_a_coin = self.coin / Decimal::TWO;
        let slight = total.abs() / Decimal::from(200);
        half_a_coin.min(slight).max(self.step)
    }
}

/// Items add up to the subtotal.
pub fn items_make_subtotal(amounts: &Amounts) -> Option<Finding> {
    let (sum, subtotal) = (amounts.sum_of_items()?, amounts.subtotal?);
    let fault = ((sum - subtotal).abs() > amounts.step)
        .then(|| format!("The items make {sum}, and the subtotal is {subtotal}."));
    Some(Finding::new(
        "items_make_subtotal",
        &["/items", "/subtotal"],
        fault,
    ))
}

/// Each item's quantity times its unit price is its total.
pub fn quantity_times_price(amounts: &Amounts) -> Option<Finding> {
    let mut checked = false;
    let (mut fields, mut faults) = (Vec::new(), Vec::new());
    for (number, item) in amounts.items.iter().enumerate() {
        let (Some(quantity), Some(price), Some(total)) =
            (item.quantity, item.unit_price, item.total)
        else {
            continue;
        };
        checked = true;
        // Unit prices are printed rounded, by half a step at most.
        let rounding = amounts.step * (quantity.abs() / Decimal::TWO).max(Decimal::ONE);
        let product = quantity * price;
        if (product - total).abs() > rounding {
            let product = product.normalize();
            fields.extend(
                ["quantity", "unit_price", "total"].map(|name| format!("/items/{number}/{name}")),
            );
            faults.push(format!(
                "Item {}: {quantity} times {price} makes {product}, not {total}.",
                number + 1
            ));
        }
    }
    let fault = (!faults.is_empty()).then(|| faults.join(" "));
    if fault.is_none() {
        fields.push("/items".to_owned());
    }
    checked.then_some(Finding {
        name: "quantity_times_price",
        fields,
        fault,
    })
}

/// Subtotal plus tax less discount is the total, or the tax is in the prices already.
pub fn total_adds_up(amounts: &Amounts) -> Option<Finding> {
    let subtotal = amounts.subtotal.or_else(|| amounts.sum_of_items())?;
    let (tax, discount, total) = (amounts.tax?, amounts.discount?, amounts.total?);
    let tax_included = subtotal - discount;
    let sum = tax_included + tax;
    let rounding = amounts.rounding(total);
    let agrees = [sum, tax_included]
        .iter()
        .any(|sum| (sum - total).abs() <= rounding);
    let fault = (!agrees).then(|| {
        format!(
            "The subtotal {subtotal} plus tax {tax} less discount {discount} makes {sum}, not \
             {total}."
        )
    });
    Some(Finding::new(
        "total_adds_up",
        &["/subtotal", "/tax_amount", "/discount", "/total_due"],
        fault,
    ))
}

/// The rate times what is taxed is the tax: the subtotal, less the discount or not, or the share
/// of it that is tax where the prices include it.
pub fn tax_matches_rate(amounts: &Amounts) -> Option<Finding> {
    let subtotal = amounts.subtotal.or_else(|| amounts.sum_of_items())?;
    let (rate, tax, discount) = (amounts.tax_rate?, amounts.tax?, amounts.discount?);
    if rate <= Decimal::ZERO || rate > Decimal::ONE_HUNDRED {
        return None;
    }
    let hundred = Decimal::ONE_HUNDRED;
    let net = subtotal - discount;
    let expected = [
        subtotal * rate / hundred,
        net * rate / hundred,
        subtotal * rate / (hundred + rate),
        net * rate / (hundred + rate),
    ];
    // Tax is worked out item by item on some receipts, each rounded.
    let items = Decimal::from(amounts.items.len().max(2));
    let rounding = amounts.step * items / Decimal::TWO;
    let agrees = expected.iter().any(|e| (e - tax).abs() <= rounding);
    let fault = (!agrees).then(|| {
        let expected = expected[0].round_dp(2).normalize();
        format!("{rate} % of {subtotal} makes {expected}, and the tax is {tax}.")
    });
    Some(Finding::new(
        "tax_matches_rate",
        &["/subtotal", "/tax_rate_percent", "/tax_amount"],
        fault,
    ))
}

/// A number, where it is of a size that amounts have: sums and products of such ones are exact,
/// and cannot overflow.
fn decimal(value: Option<&Value>) -> Option<Decimal> {
    const LARGEST: i64 = 1_000_000_000_000;
    let text = value?.as_number()?.to_string();
    Decimal::from_str_exact(&text)
        .or_else(|_| Decimal::from_scientific(&text))
        .ok()
        .filter(|number| number.abs() <= Decimal::from(LARGEST))
}

/// The smallest coin in everyday use, to which cash totals are rounded; a hundredth elsewhere.
fn coin(currency: &str) -> Decimal {
    match currency {
        "IDR" => Decimal::ONE_HUNDRED,
        "MYR" | "SGD" | "AUD" | "CAD" | "CHF" => Decimal::new(5, 2),
        "NZD" | "HKD" => Decimal::new(10, 2),
        "THB" | "PHP" => Decimal::new(25, 2),
        "JPY" | "INR" => Decimal::ONE,
        "KRW" => Decimal::TEN,
        "VND" => Decimal::from(500),
        _ => Decimal::new(1, 2),
    }
}
