//! The prices of models, as OpenRouter writes them.

use rust_decimal::Decimal;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{generation::Prices, registry::ModelSettings};

/// Price of a model that costs nothing.
const NOTHING: &str = "0";

/// OpenRouter's word for a price that is not known beforehand.
const UNKNOWN: &str = "-1";

/// Prices in US dollars, each a decimal.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Pricing {
    /// Price of a token of the prompt: 0 for a model that runs here, unless the configuration sets another; -1 for a
    /// provider's model without prices in the configuration.
    #[schema(example = "0.0000003")]
    pub prompt: String,
    /// Price of a generated token; 0 and -1 as for `prompt`.
    #[schema(example = "0.0000025")]
    pub completion: String,
    /// Price of a token of the prompt that came from a cache, if prices are set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input_cache_read: Option<String>,
    /// Price of a picture, in addition to its tokens, if prices are set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// Price of a request, in addition to its tokens, if prices are set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<String>,
}

impl Pricing {
    /// Writes the prices of a model.
    pub fn of(model: &ModelSettings) -> Self {
        let Some(prices) = &model.prices else {
            let unset = if model.provider.is_some() {
                UNKNOWN
            } else {
                NOTHING
            };
            return Self {
                prompt: unset.to_owned(),
                completion: unset.to_owned(),
                input_cache_read: None,
                image: None,
                request: None,
            };
        };
        let Prices {
            prompt,
            completion,
            cached_prompt,
            image,
            request,
        } = prices;
        let told = |price: &Decimal| price.normalize().to_string();
        Self {
            prompt: told(prompt),
            completion: told(completion),
            input_cache_read: Some(told(cached_prompt)),
            image: Some(told(image)),
            request: Some(told(request)),
        }
    }
}
