//! What is told of answers that were weighed against each other.

use serde_json::Value;

/// An answer that was weighed, compared with the one that the model wrote.
#[derive(Debug, Clone, PartialEq)]
pub struct WeighedAnswer {
    /// JSON pointers to the values that differ from those written, with the values; in the written answer, which comes
    /// first, those that differ in another.
    pub values: Vec<(String, Value)>,
    /// By how much likelier its whole text is, as a natural log.
    pub logprob: f64,
    /// By how much better the words beside its values fit.
    pub label: f64,
    /// How many checks pass that fail in the written answer, less those that fail instead.
    pub checks: i32,
    /// 1 if its total is the cash given less the change and the written one is not, -1 the other way round.
    pub payment: i32,
    /// What that is worth together, in nats.
    pub worth: f64,
    /// Whether it was chosen.
    pub is_chosen: bool,
}
