//! One choice of an answer: its tokens turned into text, cut at a stop sequence, and into calls of
//! functions.

use std::sync::Arc;

use axum::http::HeaderMap;

use super::{
    job::Job,
    response::{FunctionDelta, Logprobs, STOP, TokenLogprob, ToolCallDelta, finish_reason, new_id},
};
use crate::{
    chat::{
        Event, TextDecoder, Usage, Writing,
        tools::{CallReader, Said},
    },
    grammar::Validator,
    http::fault::Fault,
    keys::Bill,
    registry::Answer,
    stop::{Cut, StopMatcher},
};

/// A choice as it grows.
pub struct Growing {
    answer: Answer,
    decoder: TextDecoder,
    reader: Option<CallReader>,
    stops: StopMatcher,
    logprobs: Option<Vec<TokenLogprob>>,
    tokens: usize,
    writing: Writing,
    bill: Bill,
    /// Whose prompt counts, however many answers it gets.
    is_first: bool,
    calls: usize,
    check: Option<Check>,
}

/// What the text of a choice is held to when it is finished.
struct Check {
    validator: Arc<Validator>,
    text: String,
}

/// What is new of a choice.
#[derive(Debug, Default)]
pub struct Growth {
    /// More text.
    pub text: String,
    /// More of calls.
    pub calls: Vec<ToolCallDelta>,
    /// Log-probabilities of the text's tokens, if asked for.
    pub logprobs: Option<Logprobs>,
    /// The end, once.
    pub end: Option<Box<End>>,
}

/// How a choice ended.
#[derive(Debug)]
pub struct End {
    /// The wire's name of why.
    pub finish: &'static str,
    /// What it took.
    pub usage: Usage,
    /// What the headers of an answer say that is sent whole.
    pub headers: HeaderMap,
}

impl Growing {
    /// Watches the generation of `job`'s choice number `number`.
    #[must_use]
    pub fn new(answer: Answer, job: &Job, number: usize) -> Self {
        let validator = job.validator.clone();
        let is_first = number == 0;
        let prompt_tokens = if is_first { answer.prompt_tokens() } else { 0 };
        Self {
            is_first,
            bill: Bill::new(job.payer.clone(), prompt_tokens),
            answer,
            decoder: TextDecoder::default(),
            reader: job
                .tools
                .clone()
                .map(|tools| CallReader::new(tools, job.answers_in_json)),
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

    /// Waits for something new, or the end.
    ///
    /// # Errors
    /// Those of the model, and 502 for an answer that is not what was asked for.
    pub async fn next(&mut self) -> Result<Growth, Fault> {
        loop {
            let event = self.answer.next().await;
            let mut growth = self.take(event.map_err(|error| Fault::from(&error))?)?;
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

    fn take(&mut self, event: Event) -> Result<Growth, Fault> {
        let mut growth = Growth::default();
        match event {
            Event::Token(token) => {
                self.tokens += 1;
                self.writing.add(&token);
                self.bill.generated(self.tokens);
                if let Some(logprobs) = &mut self.logprobs {
                    logprobs.extend(TokenLogprob::of(&token));
                }
                let text = self.decoder.push(&token.bytes);
                let said = self.read(text)?;
                self.say(said, &mut growth);
            }
            Event::Finished { reason, usage } => {
                self.bill.generated(usage.completion_tokens);
                if self.is_first {
                    self.bill.prompt(usage.prompt_tokens);
                }
                let rest = self.decoder.finish();
                let mut said = self.read(rest)?;
                let held = self.reader.as_mut().and_then(CallReader::finish);
                said.extend(held.map(Said::Text));
                self.say(said, &mut growth);
                growth.text.push_str(&self.stops.finish());
                let finish = finish_reason(reason, self.calls > 0);
                growth
                    .end
                    .get_or_insert_with(|| Box::new(End::new(finish, usage)));
            }
        }
        Ok(growth)
    }

    /// Takes calls out of a text, where there may be any.
    fn read(&mut self, text: String) -> Result<Vec<Said>, Fault> {
        match &mut self.reader {
            Some(reader) => reader.push(&text).map_err(|reason| unfit(&reason)),
            None => Ok(vec![Said::Text(text)]),
        }
    }

    /// Adds what is said, up to a stop sequence in the text.
    fn say(&mut self, said: Vec<Said>, growth: &mut Growth) {
        for said in said {
            match said {
                Said::Text(text) => match self.stops.push(&text) {
                    Cut::Text(text) => growth.text.push_str(&text),
                    Cut::Stop(text) => {
                        growth.text.push_str(&text);
                        growth.end = Some(Box::new(End::new(STOP, self.usage_so_far())));
                        self.answer.stopped();
                        return;
                    }
                },
                Said::Call(name) => {
                    growth.text.push_str(&self.stops.finish());
                    self.calls += 1;
                    growth.calls.push(ToolCallDelta {
                        index: self.calls - 1,
                        id: Some(new_id("call_")),
                        r#type: Some("function"),
                        function: FunctionDelta {
                            name: Some(name),
                            arguments: String::new(),
                        },
                    });
                }
                Said::Arguments(arguments) => growth.calls.push(ToolCallDelta {
                    index: self.calls.saturating_sub(1),
                    id: None,
                    r#type: None,
                    function: FunctionDelta {
                        name: None,
                        arguments,
                    },
                }),
            }
        }
    }

    /// Those of the text: a call has none, as in OpenAI's answers.
    fn take_logprobs(&mut self) -> Option<Logprobs> {
        let content = std::mem::take(self.logprobs.as_mut()?);
        let has_called = self.reader.as_ref().is_some_and(CallReader::has_called);
        (!has_called).then(|| Logprobs::new(content))
    }

    /// The engine tells the usage at the end; a stop sequence ends the choice before that.
    fn usage_so_far(&self) -> Usage {
        Usage {
            prompt_tokens: self.answer.prompt_tokens(),
            completion_tokens: self.tokens,
            cached_tokens: 0,
            // One that tells no passes tells nothing.
            writing: Some(self.writing).filter(|writing| writing.passes > 0),
        }
    }
}

impl Growth {
    fn is_empty(&self) -> bool {
        self.text.is_empty() && self.calls.is_empty() && self.end.is_none()
    }
}

impl End {
    /// An end that no header tells of.
    #[must_use]
    pub fn new(finish: &'static str, usage: Usage) -> Self {
        Self {
            finish,
            usage,
            headers: HeaderMap::new(),
        }
    }
}

impl Check {
    /// Takes in what is new. One that was cut off, or calls functions instead, says so itself.
    fn follow(&mut self, growth: &Growth) -> Result<(), Fault> {
        self.text.push_str(&growth.text);
        match &growth.end {
            Some(end) if end.finish == STOP => self
                .validator
                .check(&self.text)
                .map_err(|reason| unfit(&format!("the schema at {reason}"))),
            _ => Ok(()),
        }
    }
}

fn unfit(what: &str) -> Fault {
    Fault::unfit(format!("The model's answer does not fit {what}"))
}
