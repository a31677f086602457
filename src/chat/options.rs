//! The options of a request, and the check that each is within its range.

use std::collections::BTreeMap;

use super::{
    ChatSettings,
    error::{ChatError, FieldPath, Problem},
};
use crate::generation::{Logprobs, Sampling};

/// Most stop sequences in one request.
const MAX_STOPS: usize = 4;

/// Most tokens that a request may ask for; a model's context ends an answer long before.
const MAX_TOKENS: u64 = 1 << 20;

/// The sampling of answers, and their limits. An option that is left out follows the preset or the settings.
#[derive(Debug, Clone, Default)]
pub struct ChatOptions {
    /// Most tokens to generate, at least 1.
    pub max_tokens: Option<u64>,
    /// Sampling temperature, 0 to 2; 0 takes the likeliest token at every step.
    pub temperature: Option<f64>,
    /// Nucleus sampling, 0 to 1.
    pub top_p: Option<f64>,
    /// Keeps this many of the likeliest tokens; 0 keeps all.
    pub top_k: Option<u64>,
    /// Keeps tokens with at least this probability relative to the likeliest token, 0 to 1.
    pub min_p: Option<f64>,
    /// Penalty for tokens by how often they have occurred, -2 to 2.
    pub frequency_penalty: Option<f32>,
    /// Penalty for tokens that have occurred at all, -2 to 2.
    pub presence_penalty: Option<f32>,
    /// Penalty for repeated tokens, 0.01 to 2; 1 is no penalty.
    pub repetition_penalty: Option<f32>,
    /// Seed that makes sampling repeatable.
    pub seed: Option<i64>,
    /// Sequences that end an answer; an empty one has no effect.
    pub stop: Vec<String>,
    /// Number of answers to each prompt; 1 if left out.
    pub choices: Option<u64>,
    /// Values to add to the logits of tokens, by token id, -100 to 100.
    pub logit_bias: BTreeMap<String, f32>,
    /// Number of likeliest tokens to report at each step, 0 to 20; none if no log-probabilities are requested.
    pub logprobs: Option<u64>,
}

impl ChatOptions {
    /// Returns the sampling settings, with `temperature` if the request sets none.
    ///
    /// # Errors
    /// The field whose value lies outside its range.
    pub fn sampling(&self, temperature: f64) -> Result<Sampling, ChatError> {
        let asked = within(FieldPath::Temperature, self.temperature, 0.0, 2.0)?;
        let top_k = within(FieldPath::TopK, self.top_k, 0, 1 << 20)?.filter(|top_k| *top_k > 0);
        let repetition_penalty = self.repetition_penalty;
        Ok(Sampling {
            temperature: asked.unwrap_or(temperature),
            top_p: within(FieldPath::TopP, self.top_p, 0.0, 1.0)?,
            top_k: top_k.and_then(|top_k| usize::try_from(top_k).ok()),
            min_p: within(FieldPath::MinP, self.min_p, 0.0, 1.0)?,
            frequency_penalty: penalty(FieldPath::FrequencyPenalty, self.frequency_penalty)?,
            presence_penalty: penalty(FieldPath::PresencePenalty, self.presence_penalty)?,
            repetition_penalty: within(
                FieldPath::RepetitionPenalty,
                repetition_penalty,
                0.01,
                2.0,
            )?,
            seed: self.seed.map(i64::cast_unsigned),
            logit_bias: logit_bias(&self.logit_bias)?,
        })
    }

    /// Returns the log-probabilities to report, and the number of likeliest tokens.
    ///
    /// # Errors
    /// More than 20 of the likeliest tokens.
    pub(super) fn logprobs(&self) -> Result<(Logprobs, usize), ChatError> {
        let top = within(FieldPath::TopLogprobs, self.logprobs, 0, 20)?;
        let which = match top {
            Some(_) => Logprobs::All,
            None => Logprobs::None,
        };
        Ok((which, as_size(top.unwrap_or(0))))
    }

    /// Returns the number of answers to each prompt.
    ///
    /// # Errors
    /// No answers, or more than the settings allow.
    pub fn choices(&self, settings: &ChatSettings) -> Result<usize, ChatError> {
        let most = settings.max_choices as u64;
        let choices = within(FieldPath::Choices, self.choices, 1, most)?;
        Ok(as_size(choices.unwrap_or(1)))
    }

    /// Returns the most tokens to generate; `otherwise` if the request sets no limit.
    ///
    /// # Errors
    /// No tokens at all.
    pub(super) fn max_tokens(&self, otherwise: usize) -> Result<usize, ChatError> {
        match self.max_tokens {
            Some(0) => Err(ChatError::Invalid {
                field: FieldPath::MaxTokens,
                problem: Problem::MustBe("at least 1"),
            }),
            Some(asked) => Ok(as_size(asked.min(MAX_TOKENS))),
            None => Ok(otherwise),
        }
    }

    /// Returns the stop sequences.
    ///
    /// # Errors
    /// Too many of them.
    pub(super) fn stops(&self) -> Result<Vec<String>, ChatError> {
        let count = self.stop.len();
        if count > MAX_STOPS {
            let message = format!(
                "{count} stop sequences were sent; a request may have {MAX_STOPS} at most."
            );
            return Err(ChatError::invalid(FieldPath::Stop, message));
        }
        Ok(self.stop.clone())
    }
}

fn within<T: PartialOrd + std::fmt::Display + Copy>(
    field: FieldPath,
    value: Option<T>,
    least: T,
    most: T,
) -> Result<Option<T>, ChatError> {
    match value {
        Some(value) if !(value >= least && value <= most) => Err(ChatError::Invalid {
            field,
            problem: Problem::OutOfRange {
                value: value.to_string(),
                least: least.to_string(),
                most: most.to_string(),
            },
        }),
        value => Ok(value),
    }
}

fn penalty(field: FieldPath, value: Option<f32>) -> Result<Option<f32>, ChatError> {
    within(field, value, -2.0, 2.0)
}

fn logit_bias(bias: &BTreeMap<String, f32>) -> Result<BTreeMap<u32, f32>, ChatError> {
    let mut parsed = BTreeMap::new();
    for (name, value) in bias {
        let field = FieldPath::LogitBias(name.clone());
        let Ok(id) = name.parse() else {
            return Err(ChatError::invalid(
                field,
                format!("{name:?} is not a token id; use a whole number."),
            ));
        };
        if let Some(value) = within(field, Some(*value), -100.0, 100.0)? {
            parsed.insert(id, value);
        }
    }
    Ok(parsed)
}

fn as_size(count: u64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}
