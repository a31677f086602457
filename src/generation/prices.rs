//! Prices of a model, in US dollars.

use rust_decimal::Decimal;

use super::{
    cost::{Cost, CostParts},
    usage::Usage,
};

/// Prices, each for one: a token, a picture, a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Prices {
    /// Price of a token of the prompt.
    pub prompt: Decimal,
    /// Price of a generated token.
    pub completion: Decimal,
    /// Price of a token of the prompt that came from the provider's cache.
    pub cached_prompt: Decimal,
    /// Price of a picture, in addition to its tokens.
    pub image: Decimal,
    /// Price of a request, in addition to its tokens.
    pub request: Decimal,
}

impl Prices {
    /// Returns the cost of a generation that was shown `pictures`, with the answers that it discards. None if the
    /// tokens of the prompt are not known, as where a provider's answer broke off.
    #[must_use]
    pub fn cost(&self, usage: &Usage, pictures: usize) -> Option<Cost> {
        let Usage {
            prompt_tokens,
            completion_tokens,
            cached_tokens,
            discarded,
            ..
        } = usage;
        if *prompt_tokens == 0 {
            return None;
        }
        let cached = cached_tokens.unwrap_or(0).min(*prompt_tokens);
        let read = (prompt_tokens - cached).checked_add(discarded.prompt_tokens)?;
        let written = completion_tokens.checked_add(discarded.completion_tokens)?;
        let requests = discarded.answers.checked_add(1)?;
        let of = |count: usize, price: Decimal| Decimal::from(count).checked_mul(price);
        let prompt = of(read, self.prompt)?
            .checked_add(of(cached, self.cached_prompt)?)?
            .checked_add(of(pictures.checked_mul(requests)?, self.image)?)?
            .checked_add(of(requests, self.request)?)?;
        let completion = of(written, self.completion)?;
        let parts = CostParts { prompt, completion };
        Some(Cost {
            total: prompt.checked_add(completion)?,
            parts: Some(parts),
            upstream: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn prices() -> Prices {
        Prices {
            prompt: decimal("0.0000003"),
            completion: decimal("0.0000025"),
            cached_prompt: decimal("0.00000003"),
            image: decimal("0.001"),
            request: decimal("0.01"),
        }
    }

    #[test]
    fn every_token_costs_its_price() {
        let usage = Usage {
            prompt_tokens: 1000,
            completion_tokens: 200,
            cached_tokens: Some(400),
            ..Usage::default()
        };
        let cost = prices().cost(&usage, 2).unwrap();
        let parts = cost.parts.unwrap();
        // 600 * 0.0000003 + 400 * 0.00000003 + 2 * 0.001 + 0.01
        assert_eq!(parts.prompt, decimal("0.012192"));
        assert_eq!(parts.completion, decimal("0.0005"));
        assert_eq!(cost.total, decimal("0.012692"));
    }

    #[test]
    fn discarded_answers_cost_too() {
        let usage = |prompt_tokens, completion_tokens| Usage {
            prompt_tokens,
            completion_tokens,
            ..Usage::default()
        };
        let both = usage(110, 30).after(usage(100, 20));
        let cost = prices().cost(&both, 1).unwrap();
        let alone = |usage| prices().cost(&usage, 1);
        let sum = Cost::both(alone(usage(110, 30)), alone(usage(100, 20)));
        assert_eq!(Some(cost), sum);
    }

    #[test]
    fn a_prompt_of_unknown_length_has_no_cost() {
        assert_eq!(prices().cost(&Usage::default(), 0), None);
    }
}
