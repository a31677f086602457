//! A chat answer as server-sent events: a role chunk for each choice, text as it comes, the end
//! of each, the usage if asked for, and `[DONE]`. A fault in mid-stream is one chunk whose first
//! key is `error`, and never text.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::response::{
    IntoResponse, Response,
    sse::{Event, KeepAlive, Sse},
};
use futures::{
    Stream, StreamExt,
    stream::{self, BoxStream},
};

use super::{
    answer::{Growing, Growth},
    job::Job,
    response::{ChatCompletionChunk, ChunkChoice, Delta, Envelope, WireUsage, finish_reason},
};
use crate::{
    chat::Usage,
    http::fault::{Dialect, Fault},
};

/// How an answer is streamed.
pub struct Writing {
    /// What every chunk repeats.
    pub envelope: Envelope,
    /// In whose form a fault is told.
    pub dialect: Dialect,
    /// Whether the stream ends with the usage.
    pub include_usage: bool,
    /// Between comments while nothing else comes.
    pub keep_alive: Duration,
}

impl Writing {
    /// Streams what comes of all choices.
    pub fn respond(self, pieces: impl Stream<Item = Piece> + Send + 'static) -> Response {
        let mut writer = Writer {
            envelope: self.envelope,
            dialect: self.dialect,
            usages: Vec::new(),
            failed: false,
        };
        let chunks = pieces
            .map(Some)
            .chain(stream::iter([None]))
            .flat_map(move |piece| {
                let events = match piece {
                    Some(piece) => writer.piece(piece),
                    None => writer.end(self.include_usage),
                };
                stream::iter(events.into_iter().map(Ok::<_, Infallible>))
            });
        let keep_alive = KeepAlive::new().interval(self.keep_alive);
        Sse::new(chunks)
            .keep_alive(keep_alive.text("keep-alive"))
            .into_response()
    }
}

/// The choices of `job`, the first of which has begun.
pub fn choices(job: Job, first: Growing) -> impl Stream<Item = Piece> + Send {
    let job = Arc::new(job);
    let mut choices: Vec<BoxStream<'static, Piece>> = vec![grow(0, first).boxed()];
    for index in 1..job.choices {
        choices.push(begin(index, job.clone()).boxed());
    }
    stream::select_all(choices)
}

/// One choice that comes whole, or not at all.
pub fn whole(
    end: impl Future<Output = Result<Growth, Fault>> + Send,
) -> impl Stream<Item = Piece> + Send {
    let piece = |news| Piece { index: 0, news };
    let end = stream::once(end).map(move |end| piece(News::Grown(end)));
    stream::iter([piece(News::Begun)]).chain(end)
}

/// Something new of choice number `index`.
pub struct Piece {
    index: usize,
    news: News,
}

enum News {
    Begun,
    Grown(Result<Growth, Fault>),
}

/// A choice that still has to find a place.
fn begin(index: usize, job: Arc<Job>) -> impl Stream<Item = Piece> + Send {
    stream::once(async move {
        match job.model.generate(job.generation(index)).await {
            Ok(answer) => grow(index, Growing::new(answer, &job)).boxed(),
            Err(error) => {
                let news = News::Grown(Err(Fault::from(&error)));
                stream::iter([Piece { index, news }]).boxed()
            }
        }
    })
    .flatten()
}

/// A choice from its beginning to its end or fault.
fn grow(index: usize, growing: Growing) -> impl Stream<Item = Piece> + Send {
    let begun = Piece {
        index,
        news: News::Begun,
    };
    let grown = stream::unfold(Some(growing), move |growing| async move {
        let mut growing = growing?;
        let growth = growing.next().await;
        let goes_on = matches!(growth, Ok(Growth::Text { .. }));
        let news = News::Grown(growth);
        Some((Piece { index, news }, goes_on.then_some(growing)))
    });
    stream::iter([begun]).chain(grown)
}

struct Writer {
    envelope: Envelope,
    dialect: Dialect,
    usages: Vec<Usage>,
    failed: bool,
}

impl Writer {
    fn piece(&mut self, piece: Piece) -> Vec<Event> {
        let Piece { index, news } = piece;
        if self.failed {
            return Vec::new();
        }
        match news {
            News::Begun => vec![self.delta(
                index,
                Delta {
                    role: Some("assistant"),
                    content: Some(String::new()),
                },
            )],
            News::Grown(Ok(Growth::Text { text, logprobs })) => {
                let mut choice = ChunkChoice::new(index, Delta::text(text));
                choice.logprobs = logprobs;
                vec![event(&self.envelope.chunk(vec![choice]))]
            }
            News::Grown(Ok(Growth::End {
                text,
                logprobs,
                reason,
                usage,
            })) => {
                self.usages.push(usage);
                let mut events = Vec::new();
                let has_logprobs = logprobs.as_ref().is_some_and(|l| !l.content.is_empty());
                if !text.is_empty() || has_logprobs {
                    let mut choice = ChunkChoice::new(index, Delta::text(text));
                    choice.logprobs = logprobs;
                    events.push(event(&self.envelope.chunk(vec![choice])));
                }
                let mut choice = ChunkChoice::new(index, Delta::default());
                choice.finish_reason = Some(finish_reason(reason));
                choice.native_finish_reason = choice.finish_reason;
                events.push(event(&self.envelope.chunk(vec![choice])));
                events
            }
            News::Grown(Err(fault)) => {
                self.failed = true;
                let mut choice = ChunkChoice::new(index, Delta::text(String::new()));
                choice.finish_reason = Some("error");
                choice.native_finish_reason = choice.finish_reason;
                let mut chunk = self.envelope.chunk(vec![choice]);
                chunk.error = Some(self.dialect.error(&fault));
                vec![event(&chunk)]
            }
        }
    }

    fn delta(&self, index: usize, delta: Delta) -> Event {
        event(&self.envelope.chunk(vec![ChunkChoice::new(index, delta)]))
    }

    fn end(&mut self, include_usage: bool) -> Vec<Event> {
        let mut events = Vec::new();
        if include_usage && !self.failed {
            let mut chunk = self.envelope.chunk(Vec::new());
            chunk.usage = Some(WireUsage::sum(self.usages.iter().copied()));
            events.push(event(&chunk));
        }
        events.push(Event::default().data("[DONE]"));
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
}

impl Delta {
    fn text(text: String) -> Self {
        Self {
            role: None,
            content: Some(text),
        }
    }
}

fn event(chunk: &ChatCompletionChunk) -> Event {
    // JSON of our own types cannot fail, and has no line breaks.
    let data = serde_json::to_string(chunk).unwrap_or_default();
    Event::default().data(data)
}
