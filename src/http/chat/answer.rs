//! One choice of an answer: its tokens turned into text and cut at a stop sequence.

use super::response::{Logprobs, TokenLogprob};
use crate::{
    chat::{Event, FinishReason, TextDecoder, Usage},
    registry::{Answer, ModelError},
    stop::{Cut, StopMatcher},
};

/// A choice as it grows.
pub struct Growing {
    answer: Answer,
    decoder: TextDecoder,
    stops: StopMatcher,
    logprobs: Option<Vec<TokenLogprob>>,
    tokens: usize,
}

/// What is new of a choice.
#[derive(Debug)]
pub enum Growth {
    /// More text.
    Text {
        /// The text.
        text: String,
        /// Log-probabilities of its tokens, if asked for.
        logprobs: Option<Logprobs>,
    },
    /// The end.
    End {
        /// The last of the text.
        text: String,
        /// Log-probabilities of its tokens, if asked for.
        logprobs: Option<Logprobs>,
        /// Why.
        reason: FinishReason,
        /// What it took.
        usage: Usage,
    },
}

impl Growing {
    /// Watches a generation.
    #[must_use]
    pub fn new(answer: Answer, stops: &[String], logprobs: bool) -> Self {
        Self {
            answer,
            decoder: TextDecoder::default(),
            stops: StopMatcher::new(stops.iter().cloned()),
            logprobs: logprobs.then(Vec::new),
            tokens: 0,
        }
    }

    /// Waits for more text, or the end.
    ///
    /// # Errors
    /// Those of the model.
    pub async fn next(&mut self) -> Result<Growth, ModelError> {
        loop {
            match self.answer.next().await? {
                Event::Token(token) => {
                    self.tokens += 1;
                    if let Some(logprobs) = &mut self.logprobs {
                        logprobs.push(TokenLogprob::from(&token));
                    }
                    let text = self.decoder.push(&token.bytes);
                    match self.stops.push(&text) {
                        Cut::Text(text) if text.is_empty() => {}
                        Cut::Text(text) => {
                            return Ok(Growth::Text {
                                text,
                                logprobs: self.take_logprobs(),
                            });
                        }
                        Cut::Stop(text) => {
                            return Ok(Growth::End {
                                text,
                                logprobs: self.take_logprobs(),
                                reason: FinishReason::Stop,
                                usage: self.usage_so_far(),
                            });
                        }
                    }
                }
                Event::Finished { reason, usage } => {
                    let rest = self.decoder.finish();
                    let (text, reason) = match self.stops.push(&rest) {
                        Cut::Text(text) => (text + &self.stops.finish(), reason),
                        Cut::Stop(text) => (text, FinishReason::Stop),
                    };
                    return Ok(Growth::End {
                        text,
                        logprobs: self.take_logprobs(),
                        reason,
                        usage,
                    });
                }
            }
        }
    }

    fn take_logprobs(&mut self) -> Option<Logprobs> {
        self.logprobs.as_mut().map(|content| Logprobs {
            content: std::mem::take(content),
        })
    }

    /// The engine tells the usage at the end; a stop sequence ends the choice before that.
    fn usage_so_far(&self) -> Usage {
        Usage {
            prompt_tokens: self.answer.prompt_tokens(),
            completion_tokens: self.tokens,
        }
    }
}
