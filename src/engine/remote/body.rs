//! Reads the body of an upstream's answer as pieces of JSON, up to a limit of bytes.

use std::time::Duration;

use bytes::Bytes;
use futures::FutureExt;
use reqwest::{Response, header::CONTENT_TYPE};
use tokio::time::timeout;

use super::{fault::Cause, sse::EventReader};

/// Longest wait for the end of a stream after its last event, so that its connection can be used again.
const PATIENCE: Duration = Duration::from_secs(1);

/// The body of an answer.
pub struct Body {
    incoming: Incoming,
    /// The reader of events; `None` for one JSON value, from an upstream that does not stream, or fails.
    events: Option<EventReader>,
}

impl Body {
    /// Creates the body of `response`, which may have at most `max_bytes`.
    pub fn new(response: Response, max_bytes: usize) -> Self {
        let kind = response.headers().get(CONTENT_TYPE);
        let streams = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"));
        Self {
            incoming: Incoming {
                response: Some(response),
                left: max_bytes,
            },
            events: streams.then(EventReader::default),
        }
    }

    /// Returns the next piece of JSON; `None` at the end.
    ///
    /// # Errors
    /// See [`Cause`].
    pub async fn data(&mut self) -> Result<Option<Vec<u8>>, Cause> {
        let Some(events) = &mut self.events else {
            let mut whole = Vec::new();
            while let Some(bytes) = self.incoming.next().await? {
                whole.extend_from_slice(&bytes);
            }
            return Ok(Some(whole).filter(|whole| !whole.is_empty()));
        };
        loop {
            if let Some(data) = events.next() {
                return Ok(Some(data));
            }
            match self.incoming.next().await? {
                Some(bytes) => events.push(&bytes),
                None => return Ok(None),
            }
        }
    }

    /// Stops reading after the last event. Many upstreams send the end of the stream separately, and a connection can be
    /// used again only after it, so a task waits for it briefly.
    pub fn leave(&mut self) {
        let Some(mut response) = self.incoming.response.take() else {
            return;
        };
        if response.chunk().now_or_never().is_none() {
            tokio::spawn(async move { drop(timeout(PATIENCE, response.chunk()).await) });
        }
    }
}

/// The bytes of a response, counted.
struct Incoming {
    /// The response; `None` after [`Body::leave`].
    response: Option<Response>,
    /// Bytes that may still arrive.
    left: usize,
}

impl Incoming {
    async fn next(&mut self) -> Result<Option<Bytes>, Cause> {
        let Some(response) = &mut self.response else {
            return Ok(None);
        };
        let bytes = response.chunk().await.map_err(Cause::of)?;
        let length = bytes.as_ref().map_or(0, Bytes::len);
        let left = self.left.checked_sub(length);
        self.left = left.ok_or_else(|| Cause::Unfit("its answer is too long".to_owned()))?;
        Ok(bytes)
    }
}
