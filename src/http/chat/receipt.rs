//! A chat with a model whose answers have a schema: a receipt is read as `/extract` reads it, by the
//! client's own words, and comes as the text of a chat answer.

use std::sync::Arc;

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use futures::{FutureExt, future};

use super::{
    answer::Growth,
    job,
    request::ChatRequest,
    response::{AnswerMessage, Choice, Envelope, WireUsage, finish_reason},
    stream::{self, Writing},
};
use crate::{
    chat::FinishReason,
    http::{
        extract,
        fault::{Dialect, Fault},
        state::AppState,
    },
    presets::Preset,
    receipt::{CacheUse, ExtractError, ExtractRequest, Progress, Reading, ReceiptSchema, Stage},
};

/// Reads the receipt that the chat shows.
///
/// A stream begins when the model has taken the receipt up, so that a full house is still a 429,
/// and brings the text in one piece, since nothing goes out unchecked.
pub async fn answer(
    app: AppState,
    request: ChatRequest,
    preset: Preset,
    schema: ReceiptSchema,
    cache: CacheUse,
    dialect: Dialect,
) -> Result<Response, Fault> {
    refuse_other_answers(&request)?;
    let envelope = Envelope::new(&preset);
    let streaming = request.stream.unwrap_or(false);
    let writing = Writing {
        envelope: envelope.clone(),
        dialect,
        include_usage: job::include_usage(&request, dialect),
        keep_alive: app.chat.keep_alive,
    };
    let sampling = job::sampling(&request, preset.temperature.unwrap_or(app.chat.temperature))?;
    let (script, shown) = job::script(request.messages, &app.chat)?;
    if shown.is_empty() {
        let message = format!("{} reads receipts; show it a picture of one.", preset.id);
        return Err(Fault::invalid("messages", message));
    }
    let (progress, mut stages) = Progress::watched();
    let asked = ExtractRequest {
        pages: shown.into_iter().map(|shown| shown.source).collect(),
        model: preset.model,
        schema,
        script: Some(script),
        sampling: Some(sampling),
        cache,
        progress,
    };
    let mut reading = async move { app.extractor.extract(asked).await }.boxed();
    if streaming {
        let taken_up = stages.wait_for(|stage| *stage != Stage::Queued);
        let whole = tokio::select! {
            biased;
            (reading, _) = &mut reading => future::ready(whole(reading)?).map(Ok).boxed(),
            Ok(_) = taken_up => reading.map(|(reading, _)| whole(reading)).boxed(),
        };
        let pieces = stream::whole(whole);
        return Ok(writing.respond(pieces));
    }
    let (reading, found) = reading.await;
    let reading = reading.map_err(|error| Fault::from(&*error))?;
    let reason = finish_reason(FinishReason::Stop);
    let choice = Choice {
        index: 0,
        message: AnswerMessage {
            role: "assistant",
            content: reading.receipt.as_json().to_string(),
        },
        finish_reason: reason,
        native_finish_reason: reason,
        logprobs: None,
    };
    let usage = WireUsage::sum([reading.report.usage]);
    let mut response = Json(envelope.completion(vec![choice], usage)).into_response();
    extract::describe(&reading, found, response.headers_mut());
    Ok(response)
}

/// The text of an answer and what it took.
fn whole(reading: Result<Reading, Arc<ExtractError>>) -> Result<Growth, Fault> {
    let reading = reading.map_err(|error| Fault::from(&*error))?;
    Ok(Growth::End {
        text: reading.receipt.as_json().to_string(),
        logprobs: None,
        reason: FinishReason::Stop,
        usage: reading.report.usage,
    })
}

/// Refuses what would take an answer apart or ask for more than one.
fn refuse_other_answers(request: &ChatRequest) -> Result<(), Fault> {
    let asked = [
        ("n", request.n.is_some_and(|n| n != 1)),
        ("stop", request.stop.is_some()),
        ("logprobs", request.logprobs == Some(true)),
        ("top_logprobs", request.top_logprobs.is_some_and(|n| n > 0)),
    ];
    if let Some((field, _)) = asked.iter().find(|(_, asked)| *asked) {
        let message = format!("This model gives one whole object; leave {field} out.");
        return Err(Fault::invalid(*field, message));
    }
    job::refuse_tools(request.tools.as_deref(), request.tool_choice.as_ref())
}
