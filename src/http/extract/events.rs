//! Reports the reading of a receipt as server-sent events, stage by stage.

use std::convert::Infallible;

use axum::response::{
    IntoResponse, Response,
    sse::{Event, KeepAlive, Sse},
};
use futures::{FutureExt, StreamExt, stream};
use serde::Serialize;
use serde_json::json;
use tokio::sync::watch;

use super::meta::ReadingBody;
use crate::{
    http::{caller::Caller, fault::Fault},
    receipt::{ExtractRequest, ReadingStage, partial},
};

/// Reads the receipt and streams its progress. The reading ends when the client disconnects.
pub fn answer(
    app: Caller,
    request: ExtractRequest,
    mut stages: watch::Receiver<ReadingStage>,
) -> Response {
    let keep_alive = KeepAlive::new().interval(app.chat.settings.keep_alive);
    let reading = async move {
        let (reading, found) = app.extractor.extract(request).await;
        match reading {
            Ok(reading) => event("done", &ReadingBody::new(&reading, found)),
            Err(error) => fault(&Fault::from(&*error)),
        }
    };
    // The first stage is sent too, unless the answer is there at once.
    stages.mark_changed();
    let under_way = Some((reading.boxed(), stages));
    let events = stream::unfold(under_way, async |under_way| {
        let (mut reading, mut stages) = under_way?;
        tokio::select! {
            biased;
            end = &mut reading => Some((end, None)),
            Ok(()) = stages.changed() => {
                let told = stage(&stages.borrow_and_update());
                Some((told, Some((reading, stages))))
            }
        }
    });
    Sse::new(events.map(Ok::<_, Infallible>))
        .keep_alive(keep_alive)
        .into_response()
}

fn stage(stage: &ReadingStage) -> Event {
    match stage {
        ReadingStage::Queued => event("queued", &json!({})),
        ReadingStage::Reading { pages } => event("reading", &json!({ "pages": pages })),
        ReadingStage::Generating { text } => {
            let partial = partial::so_far(text).unwrap_or_else(|| json!({}));
            event("generating", &json!({ "partial": partial }))
        }
        ReadingStage::Checking => event("checking", &json!({})),
    }
}

fn fault(fault: &Fault) -> Event {
    let body = json!({
        "error": fault.message,
        "code": fault.code,
        "status": fault.status.as_u16(),
        "retry_after": fault.retry_after_seconds(),
    });
    event("error", &body)
}

fn event(name: &str, data: &impl Serialize) -> Event {
    let data = serde_json::to_string(data).unwrap_or_default();
    Event::default().event(name).data(data)
}
