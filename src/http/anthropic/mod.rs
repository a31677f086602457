//! `POST /v1/messages` and `POST /v1/messages/count_tokens`: Anthropic's API for chats.

mod blocks;
mod conversation;
mod request;
mod response;
mod stream;
mod translate;

use axum::{
    Json,
    extract::Request,
    response::{IntoResponse, Response},
};

use super::{
    answer, body,
    caller::Caller,
    components::{AnthropicFaults, ServerSentEvent},
    events,
    fault::Fault,
    record::{BegunAnswer, Recorder, new_id},
};
use request::{CountTokensRequest, MessagesRequest};
use response::{MessageObject, TokenCount};
pub use stream::MessageEvent;
use stream::MessageWriter;

/// Answers a conversation
///
/// Takes text, pictures, documents and the results of tools, and returns text and calls of tools, whole or as
/// server-sent events. Any `anthropic-version` is accepted, and none is needed; the key may be sent as `x-api-key`.
#[utoipa::path(
    post,
    path = "/v1/messages",
    operation_id = "createMessage",
    tag = "anthropic",
    request_body = MessagesRequest,
    responses(
        (status = 200, description = "The answer; with `stream`, events that are each a `MessageEvent`.", content(
            (MessageObject = "application/json"),
            (ServerSentEvent = "text/event-stream"),
        )),
        AnthropicFaults,
    ),
)]
pub async fn create(caller: Caller, request: Request) -> Result<Response, Fault> {
    let cache = answer::cache_use(request.headers());
    let request: MessagesRequest = body::json(request).await?;
    if request.max_tokens.is_none() {
        let message = "max_tokens is missing; state the most tokens to generate.";
        return Err(Fault::invalid("max_tokens", message));
    }
    let streams = request.stream.unwrap_or(false);
    let (asked, names) = request.translate(&caller, cache)?;
    let recorder = Recorder::begin(&caller, asked.files(), streams);
    let id = new_id("msg_");
    let service = &caller.chat;
    if streams {
        let begun = service.clone().stream(asked).await;
        let begun = begun.map_err(|error| Fault::of_chat(&error, &names))?;
        let headers = answer::routed(&begun);
        let answered = BegunAnswer::new(&id, &begun.candidate);
        let writer = MessageWriter::new(id, begun.candidate.id);
        let writer = recorder.stream(answered, writer);
        let keep_alive = service.settings.keep_alive;
        let events = events::respond(begun.answer, names, writer, keep_alive);
        return Ok((headers, events).into_response());
    }
    let whole = service.answer(asked).await;
    let mut whole = whole.map_err(|error| Fault::of_chat(&error, &names))?;
    let mut headers = answer::routed(&whole);
    let choice = whole.answer.pop().unwrap_or_default();
    if let Some((reading, found)) = &choice.receipt {
        answer::describe(reading, *found, &caller, &mut headers);
    }
    let answered = BegunAnswer::new(&id, &whole.candidate);
    recorder.whole(answered, choice.finish, choice.usage);
    let message = MessageObject::whole(id, whole.candidate.id, choice);
    Ok((headers, Json(message)).into_response())
}

/// Counts the tokens of a conversation
///
/// Counts what the model would read: the conversation in its chat template, the tools and the pictures. Nothing is
/// generated. A preset that reads receipts and a provider's model do not count; their answers' usage states the tokens.
#[utoipa::path(
    post,
    path = "/v1/messages/count_tokens",
    operation_id = "countMessageTokens",
    tag = "anthropic",
    request_body = CountTokensRequest,
    responses(
        (status = 200, description = "The tokens.", body = TokenCount),
        AnthropicFaults,
    ),
)]
pub async fn count_tokens(caller: Caller, request: Request) -> Result<Json<TokenCount>, Fault> {
    let cache = answer::cache_use(request.headers());
    let request: CountTokensRequest = body::json(request).await?;
    let (asked, names) = MessagesRequest::from(request).translate(&caller, cache)?;
    let counted = caller.chat.count(asked).await;
    let input_tokens = counted.map_err(|error| Fault::of_chat(&error, &names))?;
    Ok(Json(TokenCount { input_tokens }))
}
