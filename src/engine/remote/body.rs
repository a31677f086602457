//! The body of an upstream's answer: its JSON, piece by piece, and no more of it than may come.

use std::time::Duration;

use bytes::Bytes;
use futures::FutureExt;
use reqwest::{Response, header::CONTENT_TYPE};
use tokio::time::timeout;

use super::{fault::Cause, sse::EventReader};

/// How long the end of a stream may stay away after its last event, for its connection to be used again.
const PATIENCE: Duration = Duration::from_secs(1);

/// The body of an answer.
pub struct Body {
    incoming: Incoming,
    /// None for one JSON value, from an upstream that does not stream, or fails.
    events: Option<EventReader>,
}

impl Body {
    /// That of `response`, of so many bytes at most.
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

    /// The next piece of JSON; none at the end.
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

    /// Its last event has come. Many upstreams send the end of the stream apart from that, and a connection
    /// on which it is missing cannot be used again, so that it is waited for while the answer goes on.
    pub fn leave(&mut self) {
        let Some(mut response) = self.incoming.response.take() else {
            return;
        };
        if response.chunk().now_or_never().is_none() {
            tokio::spawn(async move { drop(timeout(PATIENCE, response.chunk()).await) });
        }
    }
}

/// Bytes as they come.
struct Incoming {
    /// None once no more of it is wanted.
    response: Option<Response>,
    /// Bytes that may still come.
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
