//! A chat answer as server-sent events: a role chunk for each choice, text and calls as they come,
//! the end of each, the usage if asked for, and `[DONE]`. A fault in mid-stream is one chunk whose
//! first key is `error`, and never text.

use std::{convert::Infallible, time::Duration};

use axum::response::{
    IntoResponse, Response,
    sse::{Event, KeepAlive, Sse},
};
use futures::{StreamExt, stream};
use serde::Serialize;

use super::{
    answer::Growth,
    pieces::{News, Piece, Pieces},
    response::{ChatCompletionChunk, ChunkChoice, Delta, Envelope, WireUsage},
};
use crate::{
    chat::Usage,
    http::fault::{Dialect, Fault},
};

/// What turns the pieces of an answer into events.
pub trait Write: Send + 'static {
    /// The events of one piece.
    fn piece(&mut self, piece: Piece) -> Vec<Event>;

    /// Whether nothing that is still to come would be written, since something failed.
    fn is_over(&self) -> bool;

    /// The events after the last piece.
    fn end(&mut self) -> Vec<Event>;
}

/// Streams `pieces` as `writer` writes them, with a comment after each silent `keep_alive`. A fault
/// gives up what still runs.
pub fn respond(pieces: Pieces, writer: impl Write, keep_alive: Duration) -> Response {
    let events = stream::unfold(Some((pieces, writer)), |under_way| async {
        let (mut pieces, mut writer) = under_way?;
        let Some(piece) = pieces.next().await else {
            return Some((writer.end(), None));
        };
        let mut events = writer.piece(piece);
        if writer.is_over() {
            events.extend(writer.end());
            return Some((events, None));
        }
        Some((events, Some((pieces, writer))))
    });
    let events =
        events.flat_map(|events| stream::iter(events.into_iter().map(Ok::<_, Infallible>)));
    let keep_alive = KeepAlive::new().interval(keep_alive).text("keep-alive");
    Sse::new(events).keep_alive(keep_alive).into_response()
}

/// An event of `data` as JSON.
pub fn event(data: &impl Serialize) -> Event {
    Event::default().data(to_json(data))
}

/// The data of an event: JSON of our own types cannot fail, and has no line breaks.
pub fn to_json(data: &impl Serialize) -> String {
    serde_json::to_string(data).unwrap_or_default()
}

/// What ends a stream.
pub fn done() -> Event {
    Event::default().data("[DONE]")
}

/// Writes `chat.completion.chunk`s.
pub struct ChunkWriter {
    envelope: Envelope,
    dialect: Dialect,
    include_usage: bool,
    usages: Vec<Usage>,
    failed: bool,
}

impl ChunkWriter {
    /// Writes an answer whose chunks repeat `envelope`, faults in the form of `dialect`, and if
    /// `include_usage`, the usage at the end.
    #[must_use]
    pub fn new(envelope: Envelope, dialect: Dialect, include_usage: bool) -> Self {
        Self {
            envelope,
            dialect,
            include_usage,
            usages: Vec::new(),
            failed: false,
        }
    }

    fn chunk(&self, choice: ChunkChoice) -> ChatCompletionChunk {
        self.envelope.chunk(vec![choice])
    }

    fn growth(&mut self, index: usize, growth: Growth) -> Vec<Event> {
        let Growth {
            text,
            calls,
            logprobs,
            end,
        } = growth;
        let mut events = Vec::new();
        let has_logprobs = logprobs.as_ref().is_some_and(|l| !l.content.is_empty());
        if !text.is_empty() || has_logprobs {
            let mut choice = ChunkChoice::new(index, Delta::text(text));
            choice.logprobs = logprobs;
            events.push(event(&self.chunk(choice)));
        }
        for call in calls {
            let delta = Delta {
                tool_calls: vec![call],
                ..Delta::default()
            };
            events.push(event(&self.chunk(ChunkChoice::new(index, delta))));
        }
        if let Some(end) = end {
            self.usages.push(end.usage);
            let choice = ChunkChoice::ended(index, Delta::default(), end.finish);
            events.push(event(&self.chunk(choice)));
        }
        events
    }

    fn fault(&mut self, index: usize, fault: &Fault) -> Event {
        self.failed = true;
        let choice = ChunkChoice::ended(index, Delta::text(String::new()), "error");
        let mut chunk = self.chunk(choice);
        chunk.error = Some(self.dialect.error(fault));
        event(&chunk)
    }
}

impl Write for ChunkWriter {
    fn piece(&mut self, piece: Piece) -> Vec<Event> {
        let Piece { index, news } = piece;
        match news {
            News::Begun => {
                let delta = Delta {
                    role: Some("assistant"),
                    ..Delta::text(String::new())
                };
                vec![event(&self.chunk(ChunkChoice::new(index, delta)))]
            }
            News::Grown(Ok(growth)) => self.growth(index, growth),
            News::Grown(Err(fault)) => vec![self.fault(index, &fault)],
        }
    }

    fn is_over(&self) -> bool {
        self.failed
    }

    fn end(&mut self) -> Vec<Event> {
        let mut events = Vec::new();
        if self.include_usage && !self.failed {
            let mut chunk = self.envelope.chunk(Vec::new());
            chunk.usage = Some(WireUsage::sum(self.usages.iter().copied()));
            events.push(event(&chunk));
        }
        events.push(done());
        events
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
