//! The usage that an upstream states: tokens, and what they cost.

use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::lenient::if_so;
use crate::generation::{Cost, CostParts, Usage};

/// Token counts in OpenAI's form, with the costs that OpenRouter adds.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
pub(super) struct WireUsage {
    #[serde(default)]
    prompt_tokens: usize,
    #[serde(default)]
    completion_tokens: usize,
    #[serde(default, deserialize_with = "if_so")]
    prompt_tokens_details: PromptDetails,
    #[serde(default, deserialize_with = "if_so")]
    completion_tokens_details: CompletionDetails,
    #[serde(default, deserialize_with = "amount")]
    cost: Option<Decimal>,
    #[serde(default, deserialize_with = "if_so")]
    cost_details: CostDetails,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
struct PromptDetails {
    #[serde(default)]
    cached_tokens: Option<usize>,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
struct CompletionDetails {
    #[serde(default)]
    reasoning_tokens: Option<usize>,
}

#[expect(clippy::struct_field_names, reason = "OpenRouter's names")]
#[derive(Debug, Clone, Copy, Default, Deserialize)]
struct CostDetails {
    #[serde(default, deserialize_with = "amount")]
    upstream_inference_cost: Option<Decimal>,
    #[serde(default, deserialize_with = "amount")]
    upstream_inference_prompt_cost: Option<Decimal>,
    #[serde(default, deserialize_with = "amount")]
    upstream_inference_completions_cost: Option<Decimal>,
}

/// Reads an amount of money; none if it is no number, or negative, which no cost is.
fn amount<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Decimal>, D::Error> {
    let value = Value::deserialize(from)?;
    let text = match &value {
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.clone(),
        _ => return Ok(None),
    };
    let amount = Decimal::from_scientific(&text).or_else(|_| text.parse());
    Ok(amount.ok().filter(|amount| !amount.is_sign_negative()))
}

impl From<WireUsage> for Usage {
    fn from(stated: WireUsage) -> Self {
        let details = stated.cost_details;
        let prompt = details.upstream_inference_prompt_cost;
        let completion = details.upstream_inference_completions_cost;
        let parts = prompt.zip(completion);
        Self {
            prompt_tokens: stated.prompt_tokens,
            completion_tokens: stated.completion_tokens,
            cached_tokens: stated.prompt_tokens_details.cached_tokens,
            reasoning_tokens: stated.completion_tokens_details.reasoning_tokens,
            cost: stated.cost.map(|total| Cost {
                total,
                parts: parts.map(|(prompt, completion)| CostParts { prompt, completion }),
                upstream: details.upstream_inference_cost,
            }),
            ..Self::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn cost(stated: Value) -> Option<Decimal> {
        let mut usage = json!({"prompt_tokens": 1, "completion_tokens": 1});
        usage["cost"] = stated;
        let stated: WireUsage = serde_json::from_value(usage).unwrap();
        Usage::from(stated).cost.map(|cost| cost.total)
    }

    #[test]
    fn a_cost_is_read_to_its_last_digit() {
        for (stated, exact) in [
            (json!(0.000_149_25), "0.00014925"),
            (json!(1e-7), "0.0000001"),
            (json!(1.5e-10), "0.00000000015"),
            (json!("0.00014925"), "0.00014925"),
            (json!(3), "3"),
            (json!(0), "0"),
        ] {
            assert_eq!(
                cost(stated.clone()),
                Some(exact.parse().unwrap()),
                "{stated}"
            );
        }
    }

    #[test]
    fn what_is_no_cost_is_unknown() {
        for stated in [
            json!(null),
            json!(-1),
            json!("free"),
            json!({}),
            json!(1e300),
        ] {
            assert_eq!(cost(stated.clone()), None, "{stated}");
        }
    }
}
