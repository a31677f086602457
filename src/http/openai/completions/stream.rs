//! Writes a continued text as server-sent events.

use axum::response::sse::Event;

use super::{
    Text,
    wire::{CompletionChoice, CompletionChunk, CompletionLogprobs},
};
use crate::{
    chat::Growth,
    generation::Usage,
    http::{
        events::{WriteEvents, done, event},
        fault::{Dialect, Fault},
        openai::usage::WireUsage,
        record::finish_reason,
    },
};

/// Writes `text_completion`s.
pub struct TextWriter {
    answer: Text,
    dialect: Dialect,
    include_usage: bool,
    usage: Option<Usage>,
    /// Start of the next token of each choice, in characters.
    offsets: Vec<usize>,
}

impl TextWriter {
    /// Creates a writer of `answer`, of faults in the form of `dialect`, and with `include_usage` of the usage at the
    /// end.
    #[must_use]
    pub fn new(answer: Text, dialect: Dialect, include_usage: bool) -> Self {
        Self {
            answer,
            dialect,
            include_usage,
            usage: None,
            offsets: Vec::new(),
        }
    }

    fn chunk(&self, choices: Vec<CompletionChoice>) -> CompletionChunk {
        CompletionChunk::new(&self.answer.envelope, choices)
    }

    fn text(&self, index: usize, text: String, finish: Option<&'static str>) -> CompletionChunk {
        self.chunk(vec![CompletionChoice {
            index,
            text,
            finish_reason: finish,
            logprobs: None,
        }])
    }
}

impl WriteEvents for TextWriter {
    fn begun(&mut self, index: usize, _prompt_tokens: usize) -> Vec<Event> {
        match self.answer.echo(index) {
            "" => Vec::new(),
            prompt => vec![event(&self.text(index, prompt.to_owned(), None))],
        }
    }

    fn grown(&mut self, index: usize, growth: Growth) -> Vec<Event> {
        if self.offsets.len() <= index {
            self.offsets.resize(index + 1, 0);
        }
        let finish = growth.end.as_ref().map(|end| finish_reason(end.finish));
        if let Some(end) = growth.end {
            self.answer.count(&mut self.usage, index, end.usage);
        }
        let tokens = growth.logprobs.filter(|tokens| !tokens.is_empty());
        let offset = self.offsets.get_mut(index);
        let logprobs = tokens.zip(offset);
        let logprobs = logprobs.map(|(tokens, at)| CompletionLogprobs::new(&tokens, at));
        vec![event(&self.chunk(vec![CompletionChoice {
            index,
            text: growth.text,
            finish_reason: finish,
            logprobs: logprobs.filter(|logprobs| !logprobs.tokens.is_empty()),
        }]))]
    }

    fn failed(&mut self, index: usize, fault: &Fault) -> Vec<Event> {
        let mut chunk = self.text(index, String::new(), Some("error"));
        chunk.error = Some(self.dialect.error(fault));
        vec![event(&chunk)]
    }

    fn end(&mut self, has_failed: bool) -> Vec<Event> {
        let mut events = Vec::new();
        if self.include_usage && !has_failed {
            let mut chunk = self.chunk(Vec::new());
            chunk.usage = Some(WireUsage::new(self.usage.unwrap_or_default(), self.dialect));
            events.push(event(&chunk));
        }
        events.push(done());
        events
    }

    fn usage(&self) -> Option<Usage> {
        self.usage
    }
}
