//! One choice of an answer: turns its tokens into text, up to a stop sequence, and into calls of functions.

use std::sync::Arc;

use super::{
    error::ChatError,
    growth::{CallDelta, ChoiceEnd, Finish, Growth},
    job::Job,
};
use crate::{
    generation::{
        Event, FinishReason, TextDecoder, Token, Usage, Writing,
        stop::{Cut, StopMatcher},
        tools::{CallReader, Said},
    },
    grammar::Validator,
    keys::Bill,
    registry::Answer,
};

/// A choice that is being generated.
pub struct Choice {
    answer: Answer,
    decoder: TextDecoder,
    reader: Option<CallReader>,
    stops: StopMatcher,
    logprobs: Option<Vec<Token>>,
    tokens: usize,
    writing: Writing,
    bill: Bill,
    /// True if this choice pays for the prompt; only the first one does.
    pays_for_prompt: bool,
    calls: usize,
    check: Option<Check>,
}

/// The text of a choice so far, and the validator of the finished text.
struct Check {
    validator: Arc<Validator>,
    text: String,
}

impl Choice {
    /// Follows the generation of choice number `number` of `job`.
    #[must_use]
    pub fn new(answer: Answer, job: &Job, number: usize) -> Self {
        let pays_for_prompt = number == 0;
        let prompt_tokens = if pays_for_prompt {
            answer.prompt_tokens()
        } else {
            0
        };
        let tools = job.tools.clone();
        let validator = job.validator.clone();
        Self {
            pays_for_prompt,
            bill: Bill::new(job.client.payer.clone(), prompt_tokens),
            answer,
            decoder: TextDecoder::default(),
            reader: tools.map(|tools| CallReader::new(tools, job.answers_in_json)),
            stops: StopMatcher::new(job.stops.iter().cloned()),
            logprobs: job.logprobs.then(Vec::new),
            tokens: 0,
            writing: Writing::default(),
            calls: 0,
            check: validator.map(|validator| Check {
                validator,
                text: String::new(),
            }),
        }
    }

    /// Returns the tokens of the prompt; 0 if they are known at the end only.
    #[must_use]
    pub fn prompt_tokens(&self) -> usize {
        self.answer.prompt_tokens()
    }

    /// Waits for more of the choice, or its end.
    ///
    /// # Errors
    /// A fault of the model, or an answer that does not have the requested form.
    pub async fn next(&mut self) -> Result<Growth, ChatError> {
        loop {
            let event = self.answer.next().await?;
            let mut growth = self.take(event)?;
            if growth.is_empty() {
                continue;
            }
            growth.logprobs = self.take_logprobs();
            if let Some(check) = &mut self.check {
                check.follow(&growth)?;
            }
            return Ok(growth);
        }
    }

    fn take(&mut self, event: Event) -> Result<Growth, ChatError> {
        let mut growth = Growth::default();
        match event {
            Event::Token(token) => {
                self.tokens += 1;
                self.writing.add(&token);
                self.bill.generated(self.tokens);
                let text = self.decoder.push(&token.bytes);
                if let Some(logprobs) = &mut self.logprobs {
                    logprobs.push(token);
                }
                let said = self.read(text)?;
                self.say(said, &mut growth);
            }
            Event::Finished { reason, usage } => {
                self.bill.generated(usage.completion_tokens);
                if self.pays_for_prompt {
                    self.bill.prompt(usage.prompt_tokens);
                }
                let rest = self.decoder.finish();
                let mut said = self.read(rest)?;
                let held = self.reader.as_mut().and_then(CallReader::finish);
                said.extend(held.map(Said::Text));
                self.say(said, &mut growth);
                growth.text.push_str(&self.stops.finish());
                let finish = match reason {
                    FinishReason::Stop if self.calls > 0 => Finish::Calls,
                    FinishReason::Stop => Finish::Stop,
                    FinishReason::Length => Finish::Length,
                };
                growth
                    .end
                    .get_or_insert_with(|| Box::new(ChoiceEnd::new(finish, usage)));
            }
        }
        Ok(growth)
    }

    /// Separates calls from a text, if the choice may call functions.
    fn read(&mut self, text: String) -> Result<Vec<Said>, ChatError> {
        match &mut self.reader {
            Some(reader) => reader
                .push(&text)
                .map_err(|unfit| ChatError::unfit(&unfit.to_string())),
            None => Ok(vec![Said::Text(text)]),
        }
    }

    /// Adds text and calls, up to a stop sequence in the text.
    fn say(&mut self, said: Vec<Said>, growth: &mut Growth) {
        for said in said {
            match said {
                Said::Text(text) => match self.stops.push(&text) {
                    Cut::Text(text) => growth.text.push_str(&text),
                    Cut::Stop { text, sequence } => {
                        growth.text.push_str(&text);
                        let mut end = ChoiceEnd::new(Finish::Stop, self.usage_so_far());
                        end.stopped_by = Some(sequence);
                        growth.end = Some(Box::new(end));
                        self.answer.stopped();
                        return;
                    }
                },
                Said::Call(name) => {
                    growth.text.push_str(&self.stops.finish());
                    growth.calls.push(CallDelta::Begun {
                        index: self.calls,
                        name,
                    });
                    self.calls += 1;
                }
                Said::Arguments(arguments) => growth.calls.push(CallDelta::Arguments {
                    index: self.calls.saturating_sub(1),
                    arguments,
                }),
            }
        }
    }

    /// Takes the tokens of the text so far: a call has no log-probabilities, as in OpenAI's answers.
    fn take_logprobs(&mut self) -> Option<Vec<Token>> {
        let tokens = std::mem::take(self.logprobs.as_mut()?);
        let has_called = self.reader.as_ref().is_some_and(CallReader::has_called);
        (!has_called).then_some(tokens)
    }

    /// Counts the usage where a stop sequence ends the choice before the engine reports it.
    fn usage_so_far(&self) -> Usage {
        let usage = Usage {
            prompt_tokens: self.answer.prompt_tokens(),
            completion_tokens: self.tokens,
            // An engine that reports no passes reports nothing about them.
            writing: Some(self.writing).filter(|writing| writing.passes > 0),
            // One that reports them runs here, where no model reasons.
            reasoning_tokens: (self.writing.passes > 0).then_some(0),
            ..Usage::default()
        };
        Usage {
            cost: self.answer.cost(&usage),
            ..usage
        }
    }
}

impl Check {
    /// Adds to the text, and checks it at its end. A choice that was cut off or calls functions is not checked; its
    /// end says so.
    fn follow(&mut self, growth: &Growth) -> Result<(), ChatError> {
        self.text.push_str(&growth.text);
        match &growth.end {
            Some(end) if end.finish == Finish::Stop => self
                .validator
                .check(&self.text)
                .map_err(|reason| ChatError::unfit(&format!("the schema at {reason}"))),
            _ => Ok(()),
        }
    }
}
