//! The growth of a choice, and the finished choice.

use super::{error::ChatError, request::FunctionCall};
use crate::{
    generation::{Token, Usage},
    receipt::{CacheOutcome, Reading},
};

/// A piece of choice number `index`.
pub struct Piece {
    /// Number of the choice.
    pub index: usize,
    /// The news of the choice.
    pub news: News,
}

/// The news of a choice.
pub enum News {
    /// The choice has begun.
    Begun {
        /// Tokens of the prompt; 0 if they are known at the end only.
        prompt_tokens: usize,
    },
    /// The choice has grown, or failed.
    Grown(Result<Growth, ChatError>),
}

/// The growth of a choice.
#[derive(Debug, Default)]
pub struct Growth {
    /// More text.
    pub text: String,
    /// More of its calls.
    pub calls: Vec<CallDelta>,
    /// The tokens of the text with their log-probabilities, if requested.
    pub logprobs: Option<Vec<Token>>,
    /// The end, once.
    pub end: Option<Box<ChoiceEnd>>,
}

/// The growth of a call.
#[derive(Debug, PartialEq, Eq)]
pub enum CallDelta {
    /// The call begins.
    Begun {
        /// Number of the call in its choice.
        index: usize,
        /// Name of the function.
        name: String,
    },
    /// More of its arguments.
    Arguments {
        /// Number of the call in its choice.
        index: usize,
        /// The new JSON text.
        arguments: String,
    },
}

/// The reason that a choice ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Finish {
    /// The model or a stop sequence ended it.
    #[default]
    Stop,
    /// The limit of tokens, or the end of the model's context, ended it.
    Length,
    /// The model calls functions.
    Calls,
}

/// The end of a choice.
#[derive(Debug)]
pub struct ChoiceEnd {
    /// The reason that it ended.
    pub finish: Finish,
    /// The stop sequence that ended it, if one did.
    pub stopped_by: Option<String>,
    /// The tokens that it took.
    pub usage: Usage,
    /// The receipt in the choice, and the place where it was found.
    pub receipt: Option<(Reading, CacheOutcome)>,
}

/// A finished choice.
#[derive(Debug, Default)]
pub struct WholeChoice {
    /// Its text.
    pub text: String,
    /// Its calls.
    pub calls: Vec<FunctionCall>,
    /// The tokens of its text with their log-probabilities, if requested.
    pub logprobs: Option<Vec<Token>>,
    /// The reason that it ended.
    pub finish: Finish,
    /// The stop sequence that ended it, if one did.
    pub stopped_by: Option<String>,
    /// The tokens that it took.
    pub usage: Usage,
    /// The receipt in the choice, and the place where it was found.
    pub receipt: Option<(Reading, CacheOutcome)>,
}

impl Growth {
    /// Returns whether there is nothing new.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.text.is_empty() && self.calls.is_empty() && self.end.is_none()
    }
}

impl ChoiceEnd {
    /// Creates the end of a choice that is no receipt.
    #[must_use]
    pub fn new(finish: Finish, usage: Usage) -> Self {
        Self {
            finish,
            stopped_by: None,
            usage,
            receipt: None,
        }
    }
}

impl WholeChoice {
    /// Adds the growth to the choice.
    pub(super) fn add(&mut self, growth: Growth) {
        self.text.push_str(&growth.text);
        for delta in growth.calls {
            match delta {
                CallDelta::Begun { name, .. } => self.calls.push(FunctionCall {
                    name,
                    arguments: String::new(),
                }),
                CallDelta::Arguments { arguments, .. } => {
                    if let Some(call) = self.calls.last_mut() {
                        call.arguments.push_str(&arguments);
                    }
                }
            }
        }
        if let Some(tokens) = growth.logprobs {
            self.logprobs.get_or_insert_default().extend(tokens);
        }
        if let Some(end) = growth.end {
            self.finish = end.finish;
            self.stopped_by = end.stopped_by;
            self.usage = end.usage;
            self.receipt = end.receipt;
        }
    }
}
