//! A generation under way on a model: its events, within a deadline, and the place it takes.

use std::time::Duration;

use tokio::time::Instant;

use super::{Lease, ModelError, Place, following::Following};
use crate::{
    chat::{Event, FinishReason, TextDecoder, Token, Usage},
    engine::{EngineError, Generating},
};

/// A running generation. Dropping it cancels the generation and frees its place.
#[derive(Debug)]
pub struct Answer {
    pub(super) generating: Generating,
    pub(super) deadline: Instant,
    pub(super) following: Following,
    pub(super) _place: Place,
    pub(super) _lease: Lease,
}

/// A generation that came to its end.
#[derive(Debug, Clone, PartialEq)]
pub struct Completed {
    /// The whole text.
    pub text: String,
    /// Its tokens.
    pub tokens: Vec<Token>,
    /// Why it ended.
    pub reason: FinishReason,
    /// What it took.
    pub usage: Usage,
    /// From the start to the first token.
    pub first_token: Duration,
    /// From the start to the end.
    pub took: Duration,
}

impl Answer {
    /// Tokens of the prompt, those of pictures included.
    #[must_use]
    pub fn prompt_tokens(&self) -> usize {
        self.generating.prompt_tokens
    }

    /// The next event; `Finished` is the last.
    ///
    /// # Errors
    /// [`ModelError::DeadlineExceeded`], or what the engine reports.
    pub async fn next(&mut self) -> Result<Event, ModelError> {
        let event = tokio::time::timeout_at(self.deadline, self.generating.events.recv()).await;
        let event = match event {
            Ok(Some(event)) => event.map_err(ModelError::from),
            Ok(None) => Err(EngineError::Stopped.into()),
            Err(_) => Err(ModelError::DeadlineExceeded),
        };
        match &event {
            Ok(Event::Token(token)) => self.following.token(token),
            Ok(Event::Finished { reason, usage }) => {
                // Which a provider tells at the end.
                if self.generating.prompt_tokens == 0 {
                    self.following.prompt(usage.prompt_tokens);
                }
                self.following.finished(*reason, *usage);
            }
            Err(error) => self.following.failed(error),
        }
        event
    }

    /// Notes that no more is wanted, since a stop sequence has come.
    pub fn stopped(&mut self) {
        self.following.stopped();
    }

    /// Waits for the end.
    ///
    /// # Errors
    /// As [`Answer::next`].
    pub async fn complete(self) -> Result<Completed, ModelError> {
        self.complete_with(|_| {}).await
    }

    /// Waits for the end, and hands the whole text so far to `grown` whenever it grows.
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
