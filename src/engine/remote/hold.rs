//! An answer that a schema is to hold, heard to its end before any of it is passed on, and asked for once
//! more where it does not fit.

use std::sync::Arc;

use futures::{Stream, stream};

use super::{Cause, Provider, Route, Upstream, request::Request};
use crate::{
    chat::{Event, FinishReason, tools::OPEN},
    engine::EngineError,
    grammar::Validator,
};

/// The answer's events if it fits `validator`; else those of the second answer, or a fault.
pub(super) async fn fitting(
    provider: Arc<Provider>,
    upstream: Upstream,
    route: Route,
    request: Request,
    validator: Validator,
) -> impl Stream<Item = Result<Event, EngineError>> {
    let answer = provider.fitting(upstream, route, request, &validator).await;
    let events = match answer {
        Ok(events) => events.into_iter().map(Ok).collect(),
        Err(cause) => vec![Err(provider.fault(cause))],
    };
    stream::iter(events)
}

impl Provider {
    async fn fitting(
        &self,
        upstream: Upstream,
        route: Route,
        request: Request,
        validator: &Validator,
    ) -> Result<Vec<Event>, Cause> {
        let first = self.heard(upstream).await?;
        let Some(misfit) = first.misfit(validator) else {
            return Ok(first.events);
        };
        tracing::warn!(
            provider = self.name(),
            misfit,
            "an answer does not fit its schema; asked once more"
        );
        let again = request.objecting(&first.text, &misfit);
        let second = self.ask(route, again.body()).await?;
        let second = self.heard(second).await?;
        match second.misfit(validator) {
            None => Ok(second.events),
            Some(misfit) => Err(Cause::Misfit(misfit)),
        }
    }

    async fn heard(&self, upstream: Upstream) -> Result<Heard, Cause> {
        let heard = heard(upstream).await;
        match &heard {
            Ok(_) => self.breaker.succeeded(),
            Err(cause) => self.note(cause),
        }
        heard
    }
}

/// A whole answer.
struct Heard {
    events: Vec<Event>,
    text: String,
    is_whole: bool,
    /// It calls functions, whose arguments have schemas of their own.
    calls: bool,
}

impl Heard {
    /// What is wrong with it, if it is whole: one that was cut off is passed on, and says so itself.
    fn misfit(&self, validator: &Validator) -> Option<String> {
        if self.calls || !self.is_whole {
            return None;
        }
        validator.check(&self.text).err()
    }
}

/// Without what was said before the first call, since an answer is either JSON or calls.
fn calls_alone(events: Vec<Event>) -> Vec<Event> {
    let said = |event: &Event| match event {
        Event::Token(token) => !token.bytes.starts_with(OPEN.as_bytes()),
        Event::Finished { .. } => false,
    };
    events.into_iter().skip_while(said).collect()
}

async fn heard(mut upstream: Upstream) -> Result<Heard, Cause> {
    let (mut events, mut bytes) = (Vec::new(), Vec::new());
    loop {
        let event = upstream.next().await?;
        let ended = match &event {
            Event::Token(token) => {
                bytes.extend_from_slice(&token.bytes);
                None
            }
            Event::Finished { reason, .. } => Some(*reason),
        };
        events.push(event);
        if let Some(reason) = ended {
            let calls = upstream.has_called();
            return Ok(Heard {
                events: if calls { calls_alone(events) } else { events },
                calls,
                text: String::from_utf8_lossy(&bytes).into_owned(),
                is_whole: reason == FinishReason::Stop,
            });
        }
    }
}
