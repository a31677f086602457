//! One choice of an answer: its tokens turned into text and cut at a stop sequence.

use std::sync::Arc;

use axum::http::StatusCode;

use super::{
    job::Job,
    response::{Logprobs, TokenLogprob},
};
use crate::{
    chat::{Event, FinishReason, TextDecoder, Usage},
    grammar::Validator,
    http::fault::Fault,
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
    check: Option<Check>,
}

/// What a choice is held to when it is finished.
struct Check {
    validator: Arc<Validator>,
    text: String,
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
    pub fn new(answer: Answer, job: &Job) -> Self {
        let validator = job.validator.clone();
        Self {
            answer,
            decoder: TextDecoder::default(),
            stops: StopMatcher::new(job.stops.iter().cloned()),
            logprobs: job.logprobs.then(Vec::new),
            tokens: 0,
            check: validator.map(|validator| Check {
                validator,
                text: String::new(),
            }),
        }
    }

    /// Waits for more text, or the end.
    ///
    /// # Errors
    /// Those of the model, and 502 for an answer that is not what was asked for.
    pub async fn next(&mut self) -> Result<Growth, Fault> {
        let growth = self.grow().await.map_err(|error| Fault::from(&error))?;
        if let Some(check) = &mut self.check {
            check.follow(&growth)?;
        }
        Ok(growth)
    }

    async fn grow(&mut self) -> Result<Growth, ModelError> {
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

impl Check {
    /// Takes in what is new. One that was cut off says so itself.
    fn follow(&mut self, growth: &Growth) -> Result<(), Fault> {
        match growth {
            Growth::Text { text, .. } => self.text.push_str(text),
            Growth::End { text, reason, .. } => {
                self.text.push_str(text);
                if *reason == FinishReason::Stop {
                    self.validator.check(&self.text).map_err(|reason| {
                        let message =
                            format!("The model's answer does not fit the schema at {reason}");
                        Fault::new(StatusCode::BAD_GATEWAY, "invalid_answer", message)
                    })?;
                }
            }
        }
        Ok(())
    }
}
