//! What generations cost, in US dollars: exact decimals, never floats.

use rust_decimal::Decimal;

/// A cost in US dollars.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cost {
    /// The whole.
    pub total: Decimal,
    /// The parts of the prompt and of the answer; none if only the whole is known.
    pub parts: Option<CostParts>,
    /// What the model's own provider charges, as a provider between states it.
    pub upstream: Option<Decimal>,
}

/// The parts of a cost. They are what the model's own provider charges; another one between may add
/// to the whole.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CostParts {
    /// Cost of the prompt, with its pictures and the request itself.
    pub prompt: Decimal,
    /// Cost of the answer.
    pub completion: Decimal,
}

impl Cost {
    /// Nothing.
    pub const ZERO: Self = Self {
        total: Decimal::ZERO,
        parts: Some(CostParts {
            prompt: Decimal::ZERO,
            completion: Decimal::ZERO,
        }),
        upstream: None,
    };

    /// Adds two costs; none if one of them is not known.
    #[must_use]
    pub fn both(one: Option<Self>, other: Option<Self>) -> Option<Self> {
        let (one, other) = (one?, other?);
        let parts = one.parts.zip(other.parts).and_then(|(one, other)| {
            Some(CostParts {
                prompt: one.prompt.checked_add(other.prompt)?,
                completion: one.completion.checked_add(other.completion)?,
            })
        });
        let upstream = one.upstream.zip(other.upstream);
        Some(Self {
            total: one.total.checked_add(other.total)?,
            parts,
            upstream: upstream.and_then(|(one, other)| one.checked_add(other)),
        })
    }

    /// Returns the number nearest to `amount`, whose shortest form has the amount's digits. For output alone.
    #[must_use]
    pub fn number(amount: Decimal) -> f64 {
        // A decimal's own conversion divides, which rounds twice.
        amount.normalize().to_string().parse().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_is_no_zero() {
        assert_eq!(Cost::both(None, Some(Cost::ZERO)), None);
        let most = Cost {
            total: Decimal::MAX,
            parts: None,
            upstream: None,
        };
        assert_eq!(Cost::both(Some(most), Some(most)), None, "no panic");
    }

    #[test]
    fn a_number_has_the_digits_of_the_amount() {
        for text in ["0", "0.012692", "0.0000003", "1234567.8901", "0.1"] {
            let amount: Decimal = text.parse().unwrap();
            let number = Cost::number(amount);
            assert_eq!(number, text.parse::<f64>().unwrap());
        }
        assert_eq!(Cost::number("0.10".parse().unwrap()).to_string(), "0.1");
    }
}
