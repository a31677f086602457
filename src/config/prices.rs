//! `[models.price]`: what a model's tokens cost.

use std::fmt;

use rust_decimal::Decimal;
use serde::{
    Deserialize, Deserializer,
    de::{Error, Visitor},
};

use super::{ConfigError, within};
use crate::generation::Prices;

/// Tokens in a million.
const MILLION: u32 = 1_000_000;

/// The prices of a model.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PriceConfig {
    /// Currency of the prices.
    #[serde(default)]
    pub currency: PriceCurrency,
    /// The tokens that the prices of tokens are for.
    #[serde(default)]
    pub per: PriceUnit,
    /// Price of the tokens of prompts.
    pub prompt: Price,
    /// Price of generated tokens.
    pub completion: Price,
    /// Price of a prompt's tokens from the provider's cache; as `prompt` if left out.
    #[serde(default)]
    pub cached_prompt: Option<Price>,
    /// Price of a picture, in addition to its tokens.
    #[serde(default)]
    pub image: Price,
    /// Price of a request, in addition to its tokens.
    #[serde(default)]
    pub request: Price,
}

/// A currency of prices. The only one is that of OpenRouter's costs, so that all costs add up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub enum PriceCurrency {
    /// US dollars.
    #[default]
    #[serde(rename = "USD")]
    Usd,
}

/// The number of tokens that a price is for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PriceUnit {
    /// A million tokens.
    #[default]
    MillionTokens,
    /// One token.
    Token,
}

/// A price, exactly as it is written: `"0.30"`, `0.30` or `3`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Price(Decimal);

impl<'de> Deserialize<'de> for Price {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(AsWritten)
    }
}

struct AsWritten;

impl Visitor<'_> for AsWritten {
    type Value = Price;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a price such as 0.30 or \"0.30\"")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Price, E> {
        let price = text.parse();
        price
            .map(Price)
            .map_err(|_| E::custom(format!("expected a price such as 0.30, but is {text:?}")))
    }

    fn visit_i64<E: Error>(self, price: i64) -> Result<Price, E> {
        Ok(Price(price.into()))
    }

    fn visit_f64<E: Error>(self, price: f64) -> Result<Price, E> {
        // The shortest text of the number has the digits that were written.
        self.visit_str(&price.to_string())
    }
}

impl PriceConfig {
    /// Returns the prices for one token, picture and request.
    #[must_use]
    pub fn prices(&self) -> Prices {
        let each = |Price(price): Price| match self.per {
            PriceUnit::Token => price,
            PriceUnit::MillionTokens => price / Decimal::from(MILLION),
        };
        Prices {
            prompt: each(self.prompt),
            completion: each(self.completion),
            cached_prompt: each(self.cached_prompt.unwrap_or(self.prompt)),
            image: self.image.0,
            request: self.request.0,
        }
    }

    pub(super) fn check(&self, field: &str) -> Result<(), ConfigError> {
        let Self {
            currency: PriceCurrency::Usd,
            per: _,
            prompt,
            completion,
            cached_prompt,
            image,
            request,
        } = self;
        for (name, price) in [
            ("prompt", *prompt),
            ("completion", *completion),
            ("cached_prompt", cached_prompt.unwrap_or_default()),
            ("image", *image),
            ("request", *request),
        ] {
            let field = format!("{field}.{name}");
            within(&field, price.0, Decimal::ZERO, Decimal::from(MILLION))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prices(text: &str) -> Result<Prices, String> {
        let config: PriceConfig = toml::from_str(text).map_err(|error| error.to_string())?;
        config.check("p").map_err(|error| error.to_string())?;
        Ok(config.prices())
    }

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn prices_are_exact_however_they_are_written() {
        for text in [
            "prompt = 0.3\ncompletion = 25\nimage = 0.001",
            "prompt = \"0.30\"\ncompletion = \"25.0\"\nimage = \"0.001\"",
            "per = \"token\"\nprompt = 0.0000003\ncompletion = \"0.000025\"\nimage = 0.001",
            "currency = \"USD\"\nper = \"million_tokens\"\nprompt = 0.3\ncompletion = 25\nimage = 0.001",
        ] {
            let prices = prices(text).unwrap();
            assert_eq!(prices.prompt, decimal("0.0000003"), "{text}");
            assert_eq!(prices.cached_prompt, prices.prompt);
            assert_eq!(prices.completion, decimal("0.000025"));
            assert_eq!(
                (prices.image, prices.request),
                (decimal("0.001"), Decimal::ZERO)
            );
        }
    }

    #[test]
    fn what_is_no_price_is_refused() {
        for (text, reason) in [
            ("prompt = 1", "completion"),
            (
                "prompt = -1\ncompletion = 1",
                "p.prompt: must be from 0 to 1000000",
            ),
            ("prompt = 1\ncompletion = 1000001", "p.completion"),
            ("prompt = \"a lot\"\ncompletion = 1", "expected a price"),
            ("prompt = nan\ncompletion = 1", "expected a price"),
            ("prompt = true\ncompletion = 1", "a price such as"),
            ("currency = \"EUR\"\nprompt = 1\ncompletion = 1", "USD"),
            (
                "per = \"hour\"\nprompt = 1\ncompletion = 1",
                "million_tokens",
            ),
        ] {
            let refused = prices(text).unwrap_err();
            assert!(refused.contains(reason), "{text}: {refused}");
        }
    }
}
