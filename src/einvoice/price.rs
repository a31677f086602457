//! The price of one unit, from a price and the quantity that it is for.

use rust_decimal::Decimal;

use super::{
    element::Element,
    error::EInvoiceError,
    facts::Stated,
    values::{check_currency, is_exact, long_number},
};

/// Codes of UN/ECE Recommendation 20 that all count pieces: one, each, piece.
const PIECES: [&str; 5] = ["C62", "EA", "H87", "NAR", "PCE"];

/// A price as a line states it.
pub struct NetPrice<'p, 'a> {
    /// Item net price (BT-146).
    pub amount: Option<Element<'a>>,
    /// Item price base quantity (BT-149).
    pub base: Option<Element<'a>>,
    /// The unit of the line's quantity (BT-130).
    pub unit: Option<&'p str>,
    /// The currency of the document.
    pub currency: &'p str,
}

impl NetPrice<'_, '_> {
    /// Returns the price of one unit; `None` if there is no price, if an answer cannot hold it exactly, or
    /// if it is for another unit than the line counts.
    ///
    /// # Errors
    /// [`EInvoiceError::NotValue`] or [`EInvoiceError::OtherCurrency`].
    pub fn of_one(&self) -> Result<Option<Stated<Decimal>>, EInvoiceError> {
        let Some(element) = &self.amount else {
            return Ok(None);
        };
        check_currency(element, self.currency)?;
        let Some(mut price) = long_number(element, "BT-146")? else {
            return Ok(None);
        };
        if let Some(element) = &self.base {
            let Some(base) = long_number(element, "BT-149")? else {
                return Ok(Some(price).filter(|price| is_exact(price.value)));
            };
            if !self.counts_as(element.attribute("unitCode")) {
                return Ok(None);
            }
            let Some(value) = exact_quotient(price.value, base.value) else {
                return Ok(None);
            };
            price.value = value;
            if base.value != Decimal::ONE {
                price.sources.extend(base.sources);
            }
        }
        Ok(Some(price).filter(|price| is_exact(price.value)))
    }

    fn counts_as(&self, base: Option<&str>) -> bool {
        let (Some(unit), Some(base)) = (self.unit, base) else {
            return true;
        };
        let (unit, base) = (unit.trim(), base.trim());
        let are_pieces = PIECES.contains(&unit) && PIECES.contains(&base);
        unit == base || are_pieces || unit.is_empty() || base.is_empty()
    }
}

/// The quotient, if it can be written exactly and the divisor is above zero.
fn exact_quotient(dividend: Decimal, divisor: Decimal) -> Option<Decimal> {
    if divisor <= Decimal::ZERO {
        return None;
    }
    let quotient = dividend.checked_div(divisor)?.normalize();
    let is_whole = is_exact(quotient) && quotient.checked_mul(divisor) == Some(dividend);
    is_whole.then_some(quotient)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotients_are_exact_or_none() {
        let decimal = |text: &str| Decimal::from_str_exact(text).unwrap();
        for (dividend, divisor, expected) in [
            ("12.50", "100", Some("0.125")),
            ("1", "1", Some("1")),
            ("0.00000001", "1", Some("0.00000001")),
            ("1", "1000000000", None),
            ("1", "3", None),
            ("10", "0.5", Some("20")),
            ("1", "0", None),
            ("1", "-1", None),
            ("0", "7", Some("0")),
            ("79228162514264337593543950335", "0.1", None),
        ] {
            let quotient = exact_quotient(decimal(dividend), decimal(divisor));
            assert_eq!(quotient, expected.map(decimal), "{dividend} / {divisor}");
        }
    }
}
