//! Decimals of any length, for numbers as written instead of doubles.

use std::{cmp::Ordering, str::FromStr};

use num_bigint::{BigInt, BigUint, Sign};

/// A number: `mantissa` times ten to the power of `exponent`. Zero has the exponent 0, and no other
/// mantissa ends with a zero, so equal numbers are equal values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decimal {
    mantissa: BigInt,
    exponent: i64,
}

/// Maximum exponent; larger ones are reduced to it, since no number of a schema or an answer is as
/// large.
const MOST: i64 = i64::MAX / 4;

impl Decimal {
    /// Reads a JSON number. Returns `None` for other text.
    pub fn of(text: &str) -> Option<Self> {
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let exponent = match exponent.parse::<i64>() {
            Ok(exponent) => exponent.clamp(-MOST, MOST),
            Err(_) if is_whole(exponent) && exponent.starts_with('-') => -MOST,
            Err(_) if is_whole(exponent) => MOST,
            Err(_) => return None,
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = format!("{whole}{fraction}");
        let places = i64::try_from(fraction.len()).ok()?;
        let kept = digits.trim_end_matches('0');
        let dropped = i64::try_from(digits.len() - kept.len()).ok()?;
        if kept.is_empty() || kept == "-" {
            return is_whole(&digits).then(Self::zero);
        }
        Some(Self {
            mantissa: BigInt::from_str(kept).ok()?,
            exponent: exponent - places + dropped,
        })
    }

    /// Converts a schema's number from its shortest text.
    pub fn of_number(number: &serde_json::Number) -> Option<Self> {
        Self::of(&number.to_string())
    }

    fn zero() -> Self {
        Self {
            mantissa: BigInt::ZERO,
            exponent: 0,
        }
    }

    /// Returns `whole` times `self`.
    pub fn times(&self, whole: &BigInt) -> Self {
        // The text of a whole number is a JSON number.
        let product = (&self.mantissa * whole).to_string();
        Self::of(&format!("{product}e{}", self.exponent)).unwrap_or_else(Self::zero)
    }

    /// Returns the next number above (`step` 1) or below (-1) by one unit of ten to the power of
    /// `-places`.
    pub fn moved(&self, step: i8, places: u32) -> Self {
        let unit = -i64::from(places);
        let least = self.exponent.min(unit);
        let moved = self.scaled(least) + BigInt::from(step) * power(unit - least);
        Self::of(&format!("{moved}e{least}")).unwrap_or_else(Self::zero)
    }

    /// Returns the number of times that `unit`, which is above 0, fits, rounded down.
    pub fn floor_in(&self, unit: &Self) -> BigInt {
        let least = self.exponent.min(unit.exponent);
        let (value, unit) = (self.scaled(least), unit.scaled(least));
        let quotient = &value / &unit;
        let is_above = value.sign() == Sign::Minus && &quotient * &unit != value;
        quotient - u8::from(is_above)
    }

    /// Returns the mantissa for the exponent `least`, which is not above its own.
    fn scaled(&self, least: i64) -> BigInt {
        &self.mantissa * power(self.exponent - least)
    }

    /// Returns whether it is a whole number.
    pub fn is_whole(&self) -> bool {
        self.exponent >= 0
    }

    /// Returns whether it is 0.
    pub fn is_zero(&self) -> bool {
        self.mantissa.sign() == Sign::NoSign
    }

    /// Returns whether it is below 0.
    pub fn is_negative(&self) -> bool {
        self.mantissa.sign() == Sign::Minus
    }

    /// Returns digits and places: `digits` times ten to the power of `-places`, without the sign.
    pub fn parts(&self) -> (BigUint, i64) {
        (self.mantissa.magnitude().clone(), -self.exponent)
    }

    /// Returns the number if it is a whole one of 64 bits.
    pub fn to_i64(&self) -> Option<i64> {
        let fits = self.is_whole() && self.magnitude() < 20;
        fits.then(|| i64::try_from(self.scaled(0)).ok()).flatten()
    }

    /// Returns the number of digits before the point.
    pub fn whole_digits(&self) -> usize {
        usize::try_from(self.magnitude()).unwrap_or(0)
    }

    /// Returns whether it is a whole multiple of `unit`, which is not 0.
    pub fn is_multiple_of(&self, unit: &Self) -> bool {
        if self.is_zero() {
            return true;
        }
        let (value, divisor) = (self.mantissa.magnitude(), unit.mantissa.magnitude());
        match self.exponent - unit.exponent {
            more @ 0.. => {
                let scale =
                    BigUint::from(10u8).modpow(&BigUint::from(more.unsigned_abs()), divisor);
                (value * scale % divisor) == BigUint::ZERO
            }
            // A mantissa that does not end with a zero has no factor of ten; more digits cannot
            // divide it.
            less if less.unsigned_abs() > digits(value) => false,
            less => (value % (divisor * power(-less).magnitude())) == BigUint::ZERO,
        }
    }

    /// Returns the position of the first digit.
    fn magnitude(&self) -> i64 {
        let digits = i64::try_from(digits(self.mantissa.magnitude())).unwrap_or(MOST);
        self.exponent.saturating_add(digits)
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        let signs = self.mantissa.sign().cmp(&other.mantissa.sign());
        if signs != Ordering::Equal || self.is_zero() {
            return signs;
        }
        let magnitudes = match self.magnitude().cmp(&other.magnitude()) {
            // Both exponents now differ by no more than the number of their digits.
            Ordering::Equal => {
                let least = self.exponent.min(other.exponent);
                return self.scaled(least).cmp(&other.scaled(least));
            }
            differ => differ,
        };
        if self.is_negative() {
            magnitudes.reverse()
        } else {
            magnitudes
        }
    }
}

impl std::fmt::Display for Decimal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.exponent {
            0 => write!(f, "{}", self.mantissa),
            exponent => write!(f, "{}e{exponent}", self.mantissa),
        }
    }
}

/// Returns whether a text is an integer of any length.
fn is_whole(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

fn digits(number: &BigUint) -> u64 {
    number.to_string().len() as u64
}

fn power(exponent: i64) -> BigInt {
    BigInt::from(10u8).pow(u32::try_from(exponent).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn decimal(text: &str) -> Decimal {
        Decimal::of(text).unwrap()
    }

    #[test]
    fn numbers_are_compared_by_value() {
        for (left, right) in [
            ("1.0", "1"),
            ("-0", "0"),
            ("-0.00e7", "0"),
            ("1e2", "100"),
            ("120e-1", "12"),
        ] {
            assert_eq!(decimal(left), decimal(right), "{left} {right}");
        }
        for (less, more) in [
            ("9007199254740992", "9007199254740993"),
            ("0.3", "0.30000000000000001"),
            ("-1e400", "1e-400"),
            ("1e400", "1e401"),
            ("1e-400", "1e-399"),
            ("-0.2", "-0.1"),
            ("-1e999999999999999999999", "1e-999999999999999999999"),
        ] {
            assert!(decimal(less) < decimal(more), "{less} {more}");
        }
        for text in ["", "-", "e1", "1e", "x", ".", "1ex"] {
            assert_eq!(Decimal::of(text), None, "{text}");
        }
    }

    #[test]
    fn multiples_are_those_of_decimals() {
        for (value, unit, is_multiple) in [
            ("0.3", "0.1", true),
            ("80.91", "0.01", true),
            ("0.30000000000000001", "0.1", false),
            ("9007199254740993", "2", false),
            ("1e400", "7", false),
            ("7e400", "7", true),
            ("1e-400", "0.1", false),
            ("0", "0.1", true),
            ("1e999999999999", "3", false),
            ("4.5", "1.5", true),
        ] {
            let found = decimal(value).is_multiple_of(&decimal(unit));
            assert_eq!(found, is_multiple, "{value} {unit}");
        }
        for (value, unit, times) in [("0.35", "0.1", 3), ("-0.35", "0.1", -4), ("-4", "2", -2)] {
            assert_eq!(decimal(value).floor_in(&decimal(unit)), BigInt::from(times));
        }
        assert_eq!(decimal("0.1").times(&BigInt::from(30)), decimal("3"));
        assert_eq!(decimal("2").moved(1, 3), decimal("2.001"));
        assert_eq!(decimal("0").moved(-1, 1), decimal("-0.1"));
    }

    proptest! {
        #[test]
        fn cents_agree_with_integers(left in -10_000i64..10_000, right in -10_000i64..10_000, unit in 1i64..500) {
            let cents = |cents: i64| decimal(&format!("{cents}e-2"));
            prop_assert_eq!(cents(left).cmp(&cents(right)), left.cmp(&right));
            prop_assert_eq!(cents(left).is_multiple_of(&cents(unit)), left % unit == 0);
            prop_assert_eq!(cents(left).floor_in(&cents(unit)), BigInt::from(left.div_euclid(unit)));
        }
    }
}
