//! Checks of the items: each by itself, and all of them against the subtotal.

use rust_decimal::Decimal;

use super::{
    Finding,
    amounts::{Amounts, LineItem},
    places::RoundingStep,
};

/// Checks that the items add up to the subtotal.
pub fn items_make_subtotal(amounts: &Amounts) -> Option<Finding> {
    let (sum, subtotal) = (amounts.sum_of_items()?, amounts.subtotal?);
    let (tax, discount) = (
        amounts.tax.unwrap_or_default(),
        amounts.discount.unwrap_or_default(),
    );
    // The subtotal may be without the tax that the prices include, or after the discount.
    let is_sum = [sum, sum - tax, sum - discount, sum - discount - tax].contains(&subtotal);
    // It may be computed from lines that are printed rounded, or before the discounts of the lines.
    let is_of_products = amounts.sum_of_products().is_some_and(|products| {
        (amounts.discount_is_of_lines() && products == subtotal)
            || (lines_are_rounded(amounts) && amounts.step().makes(products, subtotal))
    });
    let fault = (!is_sum && !is_of_products)
        .then(|| format!("The items make {sum}, and the subtotal is {subtotal}."));
    Some(Finding::new(
        "items_make_subtotal",
        &["/items", "/subtotal"],
        fault,
    ))
}

/// Returns whether every total is quantity times price, rounded.
fn lines_are_rounded(amounts: &Amounts) -> bool {
    amounts.items.iter().all(|item| {
        let product = item.product();
        product.is_some_and(|product| {
            item.total
                .is_some_and(|total| amounts.step().makes(product, total))
        })
    })
}

/// Returns the numbers of the items whose quantity times unit price is not their total.
pub fn unmade(amounts: &Amounts) -> Vec<usize> {
    let is_unmade = |item: &LineItem| {
        let known = (item.quantity, item.unit_price, item.total);
        let (Some(quantity), Some(price), Some(total)) = known else {
            return false;
        };
        !Line::of(quantity, price, total, amounts).agrees(item)
    };
    let items = amounts.items.iter().enumerate();
    let unmade = items.filter(|(_, item)| is_unmade(item) && !amounts.discount_is_of_lines());
    unmade.map(|(number, _)| number).collect()
}

/// Checks that each item's quantity times its unit price is its total.
pub fn quantity_times_price(amounts: &Amounts) -> Option<Finding> {
    let unmade = unmade(amounts);
    let mut checked = false;
    let (mut fields, mut faults) = (Vec::new(), Vec::new());
    for (number, item) in amounts.items.iter().enumerate() {
        let (Some(quantity), Some(price), Some(total)) =
            (item.quantity, item.unit_price, item.total)
        else {
            continue;
        };
        checked = true;
        if unmade.contains(&number) {
            let product = (quantity * price).normalize();
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

/// An item's figures without their signs, since any of them may be negative for a returned item.
struct Line<'a> {
    quantity: Decimal,
    price: Decimal,
    total: Decimal,
    amounts: &'a Amounts,
}

impl<'a> Line<'a> {
    fn of(quantity: Decimal, price: Decimal, total: Decimal, amounts: &'a Amounts) -> Self {
        Self {
            quantity: quantity.abs(),
            price: price.abs(),
            total: total.abs(),
            amounts,
        }
    }

    fn agrees(&self, item: &LineItem) -> bool {
        let product = self.quantity * self.price;
        self.is_total(product)
            || self.is_in_coins(product)
            || self.is_by_wording(item, product)
            || self.is_price_rounded()
            || self.is_quantity_rounded()
    }

    /// Returns whether `exact`, rounded, is the total.
    fn is_total(&self, exact: Decimal) -> bool {
        self.amounts.step().makes(exact, self.total)
    }

    /// Returns whether the total of a weighed item is rounded to a coin, in places where all prices
    /// are in steps of it.
    fn is_in_coins(&self, product: Decimal) -> bool {
        let prices_are_in_coins = self.amounts.place.prices_are_in_coins;
        let mut coins = self.amounts.place.coins();
        prices_are_in_coins
            && !self.quantity.fract().is_zero()
            && coins.any(|coin| coin.makes(product, self.total))
    }

    /// Returns whether the total follows from the item's words: a price for many, or a discount.
    fn is_by_wording(&self, item: &LineItem, product: Decimal) -> bool {
        let wording = &item.wording;
        let of_many = |base: &Decimal| product.checked_div(*base);
        let less_share = |percent: &Decimal| {
            let share = (Decimal::ONE_HUNDRED - percent) / Decimal::ONE_HUNDRED;
            (!share.is_sign_negative()).then(|| self.quantity * (self.price * share))
        };
        let by_base = wording.bases.iter().filter_map(of_many);
        let by_share = wording.percents.iter().filter_map(less_share);
        let by_amount = wording.amounts.iter();
        let by_amount =
            by_amount.flat_map(|off| [product - off, self.quantity * (self.price - off)]);
        by_base
            .chain(by_share)
            .chain(by_amount)
            .any(|exact| self.is_total(exact))
    }

    /// Returns whether the price is the rounded price of a piece: three for 10.00 at 3.33 each.
    /// Applies only if the rounding is less than the price of a piece, so that a wrong quantity
    /// fails.
    fn is_price_rounded(&self) -> bool {
        let half = self.amounts.unit / Decimal::TWO;
        let are_pieces = self.quantity.fract().is_zero() && self.quantity > Decimal::ONE;
        let each = self.total.checked_div(self.quantity);
        are_pieces
            && self.quantity * half < self.price
            && each.is_some_and(|each| {
                RoundingStep::nearest(self.amounts.unit).makes(each, self.price)
            })
    }

    /// Returns whether the quantity is what the total buys, rounded: fuel for 50.00 at 1.659.
    /// Applies only if a wrong digit of the price would make a noticeable difference.
    fn is_quantity_rounded(&self) -> bool {
        let (quantity, price) = (self.quantity.normalize(), self.price.normalize());
        let last = |number: Decimal| Decimal::new(1, number.scale());
        let bought = self.total.checked_div(price);
        quantity.scale() >= 2
            && last(price) * quantity > last(quantity) * price / Decimal::TWO
            && bought
                .is_some_and(|bought| (bought - quantity).abs() < last(quantity) / Decimal::TWO)
    }
}

/// Checks that a list of the greatest allowed length is complete: it adds up to the subtotal
/// exactly.
pub fn items_are_complete(amounts: &Amounts, max_items: Option<usize>) -> Option<Finding> {
    let most = max_items.filter(|most| amounts.items.len() >= *most)?;
    let makes = amounts.sum_of_items().is_some_and(|sum| {
        let with_tax = amounts.tax.and_then(|tax| Some(amounts.subtotal? + tax));
        Some(sum) == amounts.subtotal || Some(sum) == with_tax
    });
    let fault = (!makes).then(|| {
        format!(
            "The list holds {most} items, the most allowed, and does not make the subtotal: items may \
             be missing."
        )
    });
    Some(Finding::new("items_are_complete", &["/items"], fault))
}
