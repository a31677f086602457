//! Checks a whole answer against its schema before passing any of it on, and asks once more if it
//! does not fit.

use std::sync::Arc;

use futures::{Stream, stream};

use super::{
    events::Upstream,
    fault::Cause,
    provider::{Provider, Route},
    request::Request,
};
use crate::{
    engine::EngineError,
    generation::{Event, FinishReason, tools::OPEN},
    grammar::Validator,
};

/// Returns the answer's events if it fits `validator`, else those of a second answer, or an error.
pub(super) async fn fitting(
    provider: Arc<Provider>,
    upstream: Upstream,
    route: Route,
    request: Request,
    validator: Validator,
) -> impl Stream<Item = Result<Event, EngineError>> {
    let answer = fitting_of(&provider, upstream, route, request, &validator).await;
    let events = match answer {
        Ok(events) => events.into_iter().map(Ok).collect(),
        Err(cause) => vec![Err(provider.fault(cause))],
    };
    stream::iter(events)
}

async fn fitting_of(
    provider: &Provider,
    upstream: Upstream,
    route: Route,
    request: Request,
    validator: &Validator,
) -> Result<Vec<Event>, Cause> {
    let first = heard_of(provider, upstream).await?;
    let Some(misfit) = first.misfit(validator) else {
        return Ok(first.events);
    };
    tracing::warn!(
        provider = provider.name(),
        misfit,
        "an answer does not fit its schema; asking once more"
    );
    let again = request.objecting(&first.text, &misfit);
    let second = provider.ask(route, again.body()).await?;
    let second = heard_of(provider, second).await?;
    match second.misfit(validator) {
        None => Ok(second.after(&first)),
        Some(misfit) => Err(Cause::Misfit(misfit)),
    }
}

/// Hears an answer to its end, and notes how the provider did.
async fn heard_of(provider: &Provider, upstream: Upstream) -> Result<Heard, Cause> {
    let heard = heard(upstream).await;
    match &heard {
        Ok(_) => provider.succeeded(),
        Err(cause) => provider.note(cause),
    }
    heard
}

/// A whole answer.
struct Heard {
    events: Vec<Event>,
    text: String,
    is_whole: bool,
    /// The answer calls functions, whose arguments have schemas of their own.
    calls: bool,
}

impl Heard {
    /// Returns the events of this answer, whose usage tells of one before that is discarded.
    fn after(mut self, discarded: &Self) -> Vec<Event> {
        if let (Some(Event::Finished { usage, .. }), Some(Event::Finished { usage: before, .. })) =
            (self.events.last_mut(), discarded.events.last())
        {
            *usage = usage.after(*before);
        }
        self.events
    }

    /// Returns the misfit of a complete answer. An answer that was cut off is passed on with that
    /// finish reason.
    fn misfit(&self, validator: &Validator) -> Option<String> {
        if self.calls || !self.is_whole {
            return None;
        }
        let misfit = validator.check(&self.text).err()?;
        Some(misfit.to_string())
    }
}

/// Removes text before the first call, since an answer is either JSON or calls.
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
