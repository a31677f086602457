//! A generation that runs on a model: its events up to a deadline, and its place among the running
//! ones.

use std::time::Duration;

use tokio::time::Instant;

use super::{ModelError, Permit, following::Following, hold::Hold};
use crate::{
    engine::{EngineError, Generating},
    generation::{Cost, Event, FinishReason, TextDecoder, Token, Usage},
};

/// A running generation. Dropping it cancels the generation and frees its place.
#[derive(Debug)]
pub struct Answer {
    pub(super) generating: Generating,
    pub(super) deadline: Instant,
    pub(super) following: Following,
    pub(super) _place: Permit,
    pub(super) _hold: Hold,
}

/// A generation that came to its end.
#[derive(Debug, Clone, PartialEq)]
pub struct Completed {
    /// The complete text.
    pub text: String,
    /// Tokens of the text.
    pub tokens: Vec<Token>,
    /// Reason why it ended.
    pub reason: FinishReason,
    /// Tokens that were used.
    pub usage: Usage,
    /// Time from the start to the first token.
    pub first_token: Duration,
    /// Time from the start to the end.
    pub took: Duration,
}

impl Answer {
    /// Returns the number of tokens of the prompt, pictures included.
    #[must_use]
    pub fn prompt_tokens(&self) -> usize {
        self.generating.prompt_tokens
    }

    /// Returns the cost of the answer, if its tokens are those of `usage`; none if it is not known.
    #[must_use]
    pub fn cost(&self, usage: &Usage) -> Option<Cost> {
        self.following.cost(usage)
    }

    /// Waits for the next event; `Finished` is the last.
    ///
    /// # Errors
    /// [`ModelError::DeadlineExceeded`], or the engine's error.
    pub async fn next(&mut self) -> Result<Event, ModelError> {
        let event = tokio::time::timeout_at(self.deadline, self.generating.events.recv()).await;
        let mut event = match event {
            Ok(Some(event)) => event.map_err(ModelError::from),
            Ok(None) => Err(EngineError::Stopped.into()),
            Err(_) => Err(ModelError::DeadlineExceeded),
        };
        match &mut event {
            Ok(Event::Token(token)) => self.following.token(token),
            Ok(Event::Finished { reason, usage }) => {
                // A provider reports the length of the prompt at the end.
                if self.generating.prompt_tokens == 0 {
                    self.following.prompt(usage.prompt_tokens);
                }
                usage.cost = self.following.cost(usage);
                self.following.finished(*reason, *usage);
            }
            Err(error) => self.following.failed(error),
        }
        event
    }

    /// Records that a stop sequence has ended the answer and the rest is not needed.
    pub fn stopped(&mut self) {
        self.following.stopped();
    }

    /// Waits for the end and returns the whole answer.
    ///
    /// # Errors
    /// As [`Answer::next`].
    pub async fn complete(self) -> Result<Completed, ModelError> {
        self.complete_with(|_| {}).await
    }

    /// Waits for the end, and calls `grown` with the text so far whenever it grows.
    ///
    /// # Errors
    /// As [`Answer::next`].
    pub async fn complete_with(
        mut self,
        mut grown: impl FnMut(&str),
    ) -> Result<Completed, ModelError> {
        let started = Instant::now();
        let mut first_token = None;
        let mut text = String::new();
        let mut decoder = TextDecoder::default();
        let mut tokens = Vec::new();
        loop {
            match self.next().await? {
                Event::Token(token) => {
                    first_token.get_or_insert_with(|| started.elapsed());
                    text.push_str(&decoder.push(&token.bytes));
                    tokens.push(token);
                    grown(&text);
                }
                Event::Finished { reason, usage } => {
                    text.push_str(&decoder.finish());
                    let took = started.elapsed();
                    return Ok(Completed {
                        text,
                        tokens,
                        reason,
                        usage,
                        first_token: first_token.unwrap_or(took),
                        took,
                    });
                }
            }
        }
    }
}
