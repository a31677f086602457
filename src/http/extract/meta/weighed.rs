//! The answers that were weighed, in the form of the API.

use indexmap::IndexMap;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::rounded;
use crate::receipt::WeighedAnswer;

/// An answer that was weighed, compared with the one that the model wrote.
#[derive(Debug, Serialize, ToSchema)]
pub struct WeighedBody {
    /// The values that differ from those written, by JSON pointer; in the written answer, which comes first, those that
    /// differ in another.
    #[schema(value_type = std::collections::HashMap<String, Value>, example = json!({"/total_due": 60.3}))]
    pub values: IndexMap<String, Value>,
    /// By how much likelier its whole text is to the model, as a natural log.
    #[schema(example = -0.7104)]
    pub logprob: f64,
    /// By how much better the words beside its values fit.
    #[schema(example = 0.3)]
    pub label: f64,
    /// How many checks pass that fail in the written answer, less those that fail instead.
    #[schema(example = 1)]
    pub checks: i32,
    /// 1 if its total is the cash given less the change and the written one is not, -1 the other way round.
    #[schema(example = 0)]
    pub payment: i32,
    /// What that is worth together, in nats.
    #[schema(example = 1.4896)]
    pub worth: f64,
    /// Whether it was chosen, as the one of most worth.
    pub chosen: bool,
}

impl WeighedBody {
    pub fn new(answer: &WeighedAnswer) -> Self {
        let WeighedAnswer {
            values,
            logprob,
            label,
            checks,
            payment,
            worth,
            is_chosen,
        } = answer;
        Self {
            values: values.iter().cloned().collect(),
            logprob: rounded(*logprob, 4),
            label: rounded(*label, 4),
            checks: *checks,
            payment: *payment,
            worth: rounded(*worth, 4),
            chosen: *is_chosen,
        }
    }
}
