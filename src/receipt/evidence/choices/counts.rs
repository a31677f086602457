//! What the quantity and the unit price of an item may be, by its total and the numbers in its rows.

use rust_decimal::Decimal;

/// Decimals of a quantity and of a price at most.
const QUANTITY_DECIMALS: u32 = 3;
const PRICE_DECIMALS: u32 = 2;

/// Largest quantity that is taken for one where no price beside it proves it, and where the price is not exact.
const MOST_PIECES: i64 = 10_000;
const MOST_INEXACT: i64 = 100;

/// Most pairs of an item.
const MOST: usize = 4;

/// What may stand at a quantity without a blank.
const COUNT_UNITS: [&str; 16] = [
    "", "x", "pc", "pcs", "pa", "unit", "uni", "units", "kg", "g", "m", "l", "ltr", "kwh", "strip",
    "pax",
];

/// A quantity with the unit price that makes an item's total with it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ItemCount {
    /// The quantity.
    pub quantity: Decimal,
    /// The price; `None` if none is printed and the total over the quantity is not exact.
    pub price: Option<Decimal>,
}

/// Returns what quantity and price an item of that `total` may have by the numbers of its rows, in order, and its words:
/// two numbers, other than 1, that make it, in either order where their decimals do not tell; or else one piece, and each
/// number with what the total over it is.
pub fn counts(total: Decimal, printed: &[Decimal], words: &[&str]) -> Vec<ItemCount> {
    if let Some(proven) = products(total, printed) {
        return proven;
    }
    let mut found = vec![ItemCount {
        quantity: Decimal::ONE,
        price: Some(total),
    }];
    let stands_alone = |number: &Decimal| words.iter().any(|word| is_count_of(word, *number));
    let is_count = |number: &&Decimal| {
        number.scale() <= QUANTITY_DECIMALS
            && stands_alone(number)
            && **number <= Decimal::from(MOST_PIECES)
            && is_factor(number)
            && **number != total.abs()
    };
    for number in printed.iter().filter(is_count) {
        let price = total.checked_div(*number).map(|price| price.normalize());
        let count = ItemCount {
            quantity: number.normalize(),
            price: price.filter(|price| price.scale() <= PRICE_DECIMALS),
        };
        let is_likely = count.price.is_some() || *number <= Decimal::from(MOST_INEXACT);
        if is_likely && found.len() < MOST && !found.contains(&count) {
            found.push(count);
        }
    }
    found
}

/// Returns the pairs of numbers that make the total, as it is rounded; `None` if there are none.
fn products(total: Decimal, printed: &[Decimal]) -> Option<Vec<ItemCount>> {
    let half = Decimal::new(5, (total.scale() + 1).min(Decimal::MAX_SCALE));
    let pairs = printed.iter().enumerate().flat_map(|(at, one)| {
        let others = printed[at + 1..].iter();
        others.map(move |other| (*one, *other))
    });
    let makes = |(one, other): &(Decimal, Decimal)| {
        let made = one.checked_mul(*other);
        let apart = made.and_then(|made| made.checked_sub(total));
        is_factor(one) && is_factor(other) && apart.is_some_and(|apart| apart.abs() <= half)
    };
    let mut found = Vec::new();
    for (one, other) in pairs.filter(makes) {
        // A price is written with as many decimals as the total.
        let is_price = |number: Decimal| number.scale() == total.scale();
        let ways = match (is_price(one), is_price(other)) {
            (false, true) => vec![(one, other)],
            (true, false) => vec![(other, one)],
            _ => vec![(one, other), (other, one)],
        };
        for (quantity, price) in ways {
            let count = ItemCount {
                quantity: quantity.normalize(),
                price: Some(price.normalize()),
            };
            if found.len() < MOST && !found.contains(&count) {
                found.push(count);
            }
        }
    }
    (!found.is_empty()).then_some(found)
}

/// Returns whether a word is a number, perhaps with a mark, an `x` or a unit.
fn is_count_of(word: &str, number: Decimal) -> bool {
    let letters: String = word.chars().filter(|c| c.is_alphabetic()).collect();
    let digits = word.trim_matches(|c: char| !c.is_ascii_digit());
    let plain = digits.replace(',', ".");
    COUNT_UNITS.contains(&letters.to_lowercase().as_str())
        && (plain.parse() == Ok(number) || digits.replace(['.', ','], "").parse() == Ok(number))
}

fn is_factor(number: &Decimal) -> bool {
    !number.is_zero() && *number != Decimal::ONE
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn of(total: &str, printed: &[&str], words: &[&str]) -> Vec<(String, Option<String>)> {
        let printed: Vec<_> = printed.iter().map(|text| number(text)).collect();
        let found = counts(number(total), &printed, words).into_iter();
        let found = found.map(|it| {
            let price = it.price.map(|price| price.to_string());
            (it.quantity.to_string(), price)
        });
        found.collect()
    }

    fn pair(quantity: &str, price: &str) -> (String, Option<String>) {
        (quantity.to_owned(), Some(price.to_owned()))
    }

    #[test]
    fn two_numbers_that_make_a_total_are_its_quantity_and_price() {
        assert_eq!(of("7.50", &["3", "2.50", "7.50"], &[]), [pair("3", "2.5")]);
        // Rounded, as of weighed goods.
        let weighed = of("66616", &["5.16", "12910", "66616"], &[]);
        assert_eq!(weighed, [pair("5.16", "12910")]);
        // The price may stand first.
        assert_eq!(of("83.70", &["13.95", "6"], &[]), [pair("6", "13.95")]);
        let either = of("83.70", &["13.95", "6.00"], &[]);
        assert_eq!(either, [pair("13.95", "6"), pair("6", "13.95")]);
    }

    #[test]
    fn a_total_of_very_many_decimals_has_a_count() {
        let total = format!("0.{}", "1".repeat(28));
        assert_eq!(of(&total, &["3", "2"], &[]), [pair("1", &total)]);
    }

    #[test]
    fn a_number_alone_may_be_a_quantity() {
        let found = of(
            "134.00",
            &["4", "10", "134.00"],
            &["4", "Kabel", "10MM", "134.00"],
        );
        assert_eq!(found, [pair("1", "134.00"), pair("4", "33.5")]);
        let found = of("10.00", &["3", "10.00"], &["(3)"]);
        assert_eq!(found, [pair("1", "10.00"), ("3".to_owned(), None)]);
        // The price would not be exact, and nobody buys so many.
        let found = of("240000", &["1240"], &["1240.000"]);
        assert_eq!(found, [pair("1", "240000")]);
    }
}
