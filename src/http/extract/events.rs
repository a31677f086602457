//! Reports the reading of a receipt as server-sent events, stage by stage.

use std::convert::Infallible;

use axum::{
    http::HeaderMap,
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures::{FutureExt, StreamExt, stream};
use serde::Serialize;
use serde_json::json;
use tokio::sync::watch;

use super::{asked::AskedReceipt, meta::ReadingBody};
use crate::{
    http::{
        answer,
        caller::Caller,
        fault::{ErrorBody, Fault},
        record::{FollowedAnswer, Recorder},
    },
    receipt::{CacheOutcome, Reading, ReadingStage, partial},
};

/// Reads the receipt and streams its progress. The reading ends when the client disconnects.
pub fn answer(
    app: Caller,
    asked: AskedReceipt,
    mut stages: watch::Receiver<ReadingStage>,
) -> Response {
    let AskedReceipt {
        request,
        fields,
        answer,
    } = asked;
    let keep_alive = KeepAlive::new().interval(app.chat.settings.keep_alive);
    let recorder = Recorder::begin(&app, request.pages.len(), true);
    let mut headers = HeaderMap::new();
    answer::name(answer.id(), &mut headers);
    let told = Told {
        id: answer.id().to_owned(),
        followed: recorder.follow(answer),
        app: app.clone(),
    };
    let reading = async move {
        let (reading, found) = app.extractor.extract(request).await;
        let reading = reading.map_err(|error| fields.fault(&error))?;
        Ok((reading, found))
    };
    // The first stage is sent too, unless the answer is there at once.
    stages.mark_changed();
    let under_way = Some((reading.boxed(), stages, told));
    let events = stream::unfold(under_way, async |under_way| {
        let (mut reading, mut stages, mut told) = under_way?;
        tokio::select! {
            biased;
            end = &mut reading => Some((told.end(end), None)),
            Ok(()) = stages.changed() => {
                let event = told.stage(&stages.borrow_and_update());
                Some((event, Some((reading, stages, told))))
            }
        }
    });
    let events = Sse::new(events.map(Ok::<_, Infallible>)).keep_alive(keep_alive);
    (headers, events).into_response()
}

/// What is told of a reading, and remembered of it.
struct Told {
    id: String,
    followed: FollowedAnswer,
    app: Caller,
}

impl Told {
    fn stage(&mut self, stage: &ReadingStage) -> Event {
        match stage {
            ReadingStage::Queued => event("queued", &json!({})),
            ReadingStage::Reading { pages } => event("reading", &json!({ "pages": pages })),
            ReadingStage::Generating { text } => {
                let partial = partial::so_far(text).unwrap_or_else(|| json!({}));
                self.followed.grows();
                event("generating", &json!({ "partial": partial }))
            }
            ReadingStage::Checking => event("checking", &json!({})),
        }
    }

    fn end(mut self, end: Result<(Reading, CacheOutcome), Fault>) -> Event {
        match end {
            Ok((reading, found)) => {
                self.followed.ends(&reading, found, &self.app);
                let body = ReadingBody::new(&reading, found).named(&self.id);
                event("done", &body)
            }
            Err(fault) => {
                self.followed.fails();
                let body = FailedReading {
                    fault: fault.receipt(),
                    status: fault.status.as_u16(),
                    retry_after: fault.retry_after_seconds(),
                };
                event("error", &body)
            }
        }
    }
}

/// The data of the event for a fault.
#[derive(Serialize)]
struct FailedReading {
    #[serde(flatten)]
    fault: ErrorBody,
    status: u16,
    retry_after: Option<u64>,
}

fn event(name: &str, data: &impl Serialize) -> Event {
    let data = serde_json::to_string(data).unwrap_or_default();
    Event::default().event(name).data(data)
}
