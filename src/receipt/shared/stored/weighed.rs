//! The stored form of the answers that were weighed.

use serde::{Deserialize, Serialize};

use super::Float;
use crate::receipt::WeighedAnswer;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoredWeighed {
    /// JSON pointers, and the values as JSON.
    values: Vec<(String, String)>,
    logprob: Float,
    label: Float,
    checks: i32,
    payment: i32,
    worth: Float,
    is_chosen: bool,
}

impl StoredWeighed {
    pub fn of(answer: &WeighedAnswer) -> Self {
        let WeighedAnswer {
            values,
            logprob,
            label,
            checks,
            payment,
            worth,
            is_chosen,
        } = answer;
        let values = values.iter();
        Self {
            values: values
                .map(|(pointer, value)| (pointer.clone(), value.to_string()))
                .collect(),
            logprob: (*logprob).into(),
            label: (*label).into(),
            checks: *checks,
            payment: *payment,
            worth: (*worth).into(),
            is_chosen: *is_chosen,
        }
    }

    pub fn weighed(self) -> Option<WeighedAnswer> {
        let values = self.values.into_iter().map(|(pointer, value)| {
            let value = serde_json::from_str(&value).ok()?;
            Some((pointer, value))
        });
        Some(WeighedAnswer {
            values: values.collect::<Option<_>>()?,
            logprob: self.logprob.into(),
            label: self.label.into(),
            checks: self.checks,
            payment: self.payment,
            worth: self.worth.into(),
            is_chosen: self.is_chosen,
        })
    }
}
