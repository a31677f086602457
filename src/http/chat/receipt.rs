//! A chat with a model whose answers have a schema: a receipt is read as `/extract` reads it, by the
//! client's own words, and comes as the text of a chat answer.

use std::sync::Arc;

use axum::http::HeaderMap;
use futures::{FutureExt, future};

use super::{
    answer::{End, Growth},
    job,
    pieces::{self, Pieces},
    request::{ChatRequest, Stop},
    response::STOP,
    tools,
};
use crate::{
    http::{caller::Caller, extract, fault::Fault},
    presets::Preset,
    receipt::{
        CacheUse, ExtractError, ExtractRequest, Found, Progress, Reading, ReceiptSchema, Stage,
    },
};

/// Reads the receipt that the chat shows.
///
/// An answer begins when the model has taken the receipt up, so that a full house is still a 429,
/// and brings the text in one piece, since nothing goes out unchecked.
///
/// # Errors
/// A [`Fault`] that names the field, and those of a reading that has not begun.
pub async fn pieces(
    app: Caller,
    request: ChatRequest,
    preset: &Preset,
    schema: ReceiptSchema,
    cache: CacheUse,
) -> Result<Pieces, Fault> {
    refuse_other_answers(&request)?;
    let sampling = job::sampling(&request, preset.temperature.unwrap_or(app.chat.temperature))?;
    let (script, shown) = job::script(request.messages, &app.chat)?;
    if shown.is_empty() {
        let message = format!("{} reads receipts; show it a picture of one.", preset.id);
        return Err(Fault::invalid("messages", message));
    }
    let (progress, mut stages) = Progress::watched();
    let asked = ExtractRequest {
        pages: shown.into_iter().map(|shown| shown.source).collect(),
        model: preset.model.clone(),
        others: Vec::new(),
        schema,
        script: Some(script),
        sampling: Some(sampling),
        ticket: app.ticket(),
        payer: Some(app.payer().clone()),
        cache,
        progress,
    };
    let reader = app.clone();
    let mut reading = async move { reader.extractor.extract(asked).await }.boxed();
    let taken_up = stages.wait_for(|stage| *stage != Stage::Queued);
    let whole = tokio::select! {
        biased;
        (reading, found) = &mut reading => {
            future::ready(whole(reading, found, &app)?).map(Ok).boxed()
        }
        Ok(_) = taken_up => reading
            .map(move |(reading, found)| whole(reading, found, &app))
            .boxed(),
    };
    Ok(pieces::of_whole(whole))
}

/// The text of an answer, and what is known about it.
fn whole(
    reading: Result<Reading, Arc<ExtractError>>,
    found: Found,
    app: &Caller,
) -> Result<Growth, Fault> {
    let reading = reading.map_err(|error| Fault::from(&*error))?;
    let mut headers = HeaderMap::new();
    extract::describe(&reading, found, app, &mut headers);
    let mut end = End::new(STOP, reading.report.usage);
    end.headers = headers;
    Ok(Growth {
        text: reading.receipt.as_json().to_string(),
        end: Some(Box::new(end)),
        ..Growth::default()
    })
}

/// Refuses what would take an answer apart or ask for more than one.
fn refuse_other_answers(request: &ChatRequest) -> Result<(), Fault> {
    let asked = [
        ("n", request.n.is_some_and(|n| n != 1)),
        ("stop", request.stop.as_ref().is_some_and(Stop::is_set)),
        ("logprobs", request.logprobs == Some(true)),
        ("top_logprobs", request.top_logprobs.is_some_and(|n| n > 0)),
        ("tools", tools::lets_call(request)),
    ];
    if let Some((field, _)) = asked.iter().find(|(_, asked)| *asked) {
        let message = format!("This model gives one whole object; leave {field} out.");
        return Err(Fault::invalid(*field, message));
    }
    Ok(())
}
