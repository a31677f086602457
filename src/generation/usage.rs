//! The tokens that a generation takes.

use super::{Token, cost::Cost};

/// Numbers of tokens read and written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Tokens of the prompt, including those of pictures.
    pub prompt_tokens: usize,
    /// Tokens generated.
    pub completion_tokens: usize,
    /// Tokens of the prompt that the engine or the provider took from its cache; none if it does not report them.
    pub cached_tokens: Option<usize>,
    /// Tokens generated to reason, among those generated; none if the provider does not report them.
    pub reasoning_tokens: Option<usize>,
    /// Figures about the generated tokens; none if the engine does not report them.
    pub writing: Option<Writing>,
    /// Answers that were asked for again, which are no part of this one.
    pub discarded: Discarded,
    /// The cost, with that of discarded answers; none if it is not known.
    pub cost: Option<Cost>,
}

/// Figures about generated tokens.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Writing {
    /// Number of passes of the model, including the prompt's.
    pub passes: usize,
    /// Number of tokens about which the grammar left no choice.
    pub forced_tokens: usize,
}

/// Answers of a provider that did not fit their schema, so that it was asked once more. They cost as much as others.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Discarded {
    /// Number of answers.
    pub answers: usize,
    /// Tokens of their prompts.
    pub prompt_tokens: usize,
    /// Tokens of the answers.
    pub completion_tokens: usize,
}

impl Usage {
    /// Adds up the usage of all answers to one prompt; none if there is no answer.
    pub fn of_one_prompt(usages: impl IntoIterator<Item = Self>) -> Option<Self> {
        usages.into_iter().reduce(|sum, usage| usage.and(sum))
    }

    /// Adds the tokens of another answer to the same prompt, which counts once. The costs of both add up.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            completion_tokens: self.completion_tokens + other.completion_tokens,
            reasoning_tokens: sum(self.reasoning_tokens, other.reasoning_tokens),
            writing: match (self.writing, other.writing) {
                (Some(one), Some(other)) => Some(Writing {
                    passes: one.passes + other.passes,
                    forced_tokens: one.forced_tokens + other.forced_tokens,
                }),
                (one, other) => one.or(other),
            },
            cost: Cost::both(self.cost, other.cost),
            ..self
        }
    }

    /// Adds the tokens of an answer to another prompt.
    #[must_use]
    pub fn beside(self, other: Self) -> Self {
        Self {
            prompt_tokens: self.prompt_tokens + other.prompt_tokens,
            cached_tokens: sum(self.cached_tokens, other.cached_tokens),
            ..self.and(other)
        }
    }

    /// Adds an answer that came before this one and is discarded.
    #[must_use]
    pub fn after(self, discarded: Self) -> Self {
        Self {
            discarded: Discarded {
                answers: self.discarded.answers + 1,
                prompt_tokens: self.discarded.prompt_tokens + discarded.prompt_tokens,
                completion_tokens: self.discarded.completion_tokens + discarded.completion_tokens,
            },
            cost: Cost::both(self.cost, discarded.cost),
            ..self
        }
    }
}

impl Writing {
    /// Counts one more token.
    pub fn add(&mut self, token: &Token) {
        self.passes = self.passes.max(token.pass);
        self.forced_tokens += usize::from(token.forced);
    }
}

/// Adds two counts, if both are known.
fn sum(one: Option<usize>, other: Option<usize>) -> Option<usize> {
    Some(one? + other?)
}
