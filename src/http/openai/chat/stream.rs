//! Writes a chat answer as server-sent events: a chunk with the role for each choice, text and calls as they come,
//! the end of each choice, the usage if requested, and `[DONE]`. A fault in mid-stream is one chunk with `error` as
//! its first key, and never text.

use axum::response::sse::Event;

use super::response::{ChatCompletionChunk, ChunkChoice, Delta, FunctionDelta, ToolCallDelta};
use crate::{
    chat::{CallDelta, Growth},
    generation::Usage,
    http::{
        events::{WriteEvents, done, event},
        fault::{Dialect, Fault},
        openai::{envelope::Envelope, logprobs::WireLogprobs, usage::WireUsage},
        record::{finish_reason, new_id},
    },
};

/// Writes `chat.completion.chunk`s.
pub struct ChunkWriter {
    envelope: Envelope,
    dialect: Dialect,
    include_usage: bool,
    usages: Vec<Usage>,
}

impl ChunkWriter {
    /// Creates a writer of chunks that repeat `envelope`, of faults in the form of `dialect`, and with
    /// `include_usage` of the usage at the end.
    #[must_use]
    pub fn new(envelope: Envelope, dialect: Dialect, include_usage: bool) -> Self {
        Self {
            envelope,
            dialect,
            include_usage,
            usages: Vec::new(),
        }
    }

    fn chunk(&self, choice: ChunkChoice) -> ChatCompletionChunk {
        self.envelope.chunk(vec![choice])
    }
}

impl WriteEvents for ChunkWriter {
    fn begun(&mut self, index: usize, _prompt_tokens: usize) -> Vec<Event> {
        let delta = Delta {
            role: Some("assistant"),
            ..Delta::text(String::new())
        };
        vec![event(&self.chunk(ChunkChoice::new(index, delta)))]
    }

    fn grown(&mut self, index: usize, growth: Growth) -> Vec<Event> {
        let mut events = Vec::new();
        let logprobs = growth.logprobs.as_deref().map(WireLogprobs::of);
        let has_logprobs = logprobs.as_ref().is_some_and(|l| !l.content.is_empty());
        if !growth.text.is_empty() || has_logprobs {
            let mut choice = ChunkChoice::new(index, Delta::text(growth.text));
            choice.logprobs = logprobs;
            events.push(event(&self.chunk(choice)));
        }
        for call in growth.calls {
            let delta = Delta {
                tool_calls: vec![call.into()],
                ..Delta::default()
            };
            events.push(event(&self.chunk(ChunkChoice::new(index, delta))));
        }
        if let Some(end) = growth.end {
            self.usages.push(end.usage);
            let finish = finish_reason(end.finish);
            let choice = ChunkChoice::ended(index, Delta::default(), finish);
            events.push(event(&self.chunk(choice)));
        }
        events
    }

    fn failed(&mut self, index: usize, fault: &Fault) -> Vec<Event> {
        let choice = ChunkChoice::ended(index, Delta::text(String::new()), "error");
        let mut chunk = self.chunk(choice);
        chunk.error = Some(self.dialect.error(fault));
        vec![event(&chunk)]
    }

    fn end(&mut self, has_failed: bool) -> Vec<Event> {
        let mut events = Vec::new();
        if self.include_usage && !has_failed {
            let mut chunk = self.envelope.chunk(Vec::new());
            chunk.usage = Some(WireUsage::new(
                self.usage().unwrap_or_default(),
                self.dialect,
            ));
            events.push(event(&chunk));
        }
        events.push(done());
        events
    }

    fn usage(&self) -> Option<Usage> {
        Usage::of_one_prompt(self.usages.iter().copied())
    }
}

impl From<CallDelta> for ToolCallDelta {
    fn from(delta: CallDelta) -> Self {
        match delta {
            CallDelta::Begun { index, name } => Self {
                index,
                id: Some(new_id("call_")),
                r#type: Some("function"),
                function: FunctionDelta {
                    name: Some(name),
                    arguments: String::new(),
                },
            },
            CallDelta::Arguments { index, arguments } => Self {
                index,
                id: None,
                r#type: None,
                function: FunctionDelta {
                    name: None,
                    arguments,
                },
            },
        }
    }
}

impl ChunkChoice {
    fn new(index: usize, delta: Delta) -> Self {
        Self {
            index,
            delta,
            finish_reason: None,
            native_finish_reason: None,
            logprobs: None,
        }
    }

    fn ended(index: usize, delta: Delta, finish: &'static str) -> Self {
        Self {
            finish_reason: Some(finish),
            native_finish_reason: Some(finish),
            ..Self::new(index, delta)
        }
    }
}

impl Delta {
    fn text(text: String) -> Self {
        Self {
            content: Some(text),
            ..Self::default()
        }
    }
}
