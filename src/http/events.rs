//! Streams an answer as server-sent events, in the form of a writer.

use std::{convert::Infallible, time::Duration};

use axum::response::{
    IntoResponse, Response,
    sse::{Event, KeepAlive, Sse},
};
use futures::{StreamExt, stream};
use serde::Serialize;

use crate::{
    chat::{Growth, News, Piece, Pieces},
    generation::Usage,
    http::fault::{Fault, FieldNames},
};

/// The comment that keeps an idle stream open. It is OpenRouter's, because go-openrouter ends a stream at any other.
const COMMENT: &str = "OPENROUTER PROCESSING";

/// Writes the pieces of an answer as events.
pub trait WriteEvents: Send + 'static {
    /// Writes the beginning of choice number `index`. The tokens of its prompt are 0 if they are known at the end only.
    fn begun(&mut self, index: usize, prompt_tokens: usize) -> Vec<Event>;

    /// Writes the growth of choice number `index`.
    fn grown(&mut self, index: usize, growth: Growth) -> Vec<Event>;

    /// Writes the fault of choice number `index`, which ends the stream.
    fn failed(&mut self, index: usize, fault: &Fault) -> Vec<Event>;

    /// Writes the end of the stream.
    fn end(&mut self, has_failed: bool) -> Vec<Event>;

    /// Returns the tokens of the choices that have ended; none if none has.
    fn usage(&self) -> Option<Usage>;

    /// Writes what keeps a silent stream open.
    fn sign_of_life(&self) -> Event {
        Event::default().comment(COMMENT)
    }
}

/// Streams `pieces` as `writer` writes them, with a sign of life after each silent `keep_alive`. A fault cancels the
/// choices that still run.
pub fn respond(
    pieces: Pieces,
    names: impl FieldNames + 'static,
    writer: impl WriteEvents,
    keep_alive: Duration,
) -> Response {
    let keep_alive = KeepAlive::new()
        .interval(keep_alive)
        .event(writer.sign_of_life());
    let events = stream::unfold(Some((pieces, names, writer)), |under_way| async {
        let (mut pieces, names, mut writer) = under_way?;
        let Some(Piece { index, news }) = pieces.next().await else {
            return Some((writer.end(false), None));
        };
        let events = match news {
            News::Begun { prompt_tokens } => writer.begun(index, prompt_tokens),
            News::Grown(Ok(growth)) => writer.grown(index, growth),
            News::Grown(Err(error)) => {
                let mut events = writer.failed(index, &Fault::of_chat(&error, &names));
                events.extend(writer.end(true));
                return Some((events, None));
            }
        };
        Some((events, Some((pieces, names, writer))))
    });
    let events =
        events.flat_map(|events| stream::iter(events.into_iter().map(Ok::<_, Infallible>)));
    Sse::new(events).keep_alive(keep_alive).into_response()
}

/// Creates an event of `data` as JSON.
pub fn event(data: &impl Serialize) -> Event {
    Event::default().data(to_json(data))
}

/// Writes the data of an event; the JSON of our own types cannot fail, and has no line breaks.
pub fn to_json(data: &impl Serialize) -> String {
    serde_json::to_string(data).unwrap_or_default()
}

/// Creates the event that ends a stream.
pub fn done() -> Event {
    Event::default().data("[DONE]")
}
