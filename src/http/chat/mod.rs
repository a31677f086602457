//! `POST /v1/chat/completions`, and the same under `/api/v1` with OpenRouter's form of faults.

mod answer;
mod format;
mod job;
mod receipt;
pub mod request;
pub mod response;
mod stream;

use axum::{
    Json,
    body::Bytes,
    extract::{FromRequest, Request, State},
    response::{IntoResponse, Response},
};
use futures::{StreamExt, TryStreamExt};

use super::{
    body::{self, JsonFault},
    extract,
    fault::{Dialect, Fault, OpenAiErrorBody, OpenRouterErrorBody},
    openapi::ServerSentEvent,
    state::AppState,
};
use answer::{Growing, Growth};
use job::Job;
use request::ChatRequest;
use response::{
    AnswerMessage, ChatCompletion, Choice, Envelope, Logprobs, WireUsage, finish_reason,
};
use stream::Writing;

/// Answers a chat
///
/// Text and pictures in, text out, at once or as server-sent events. `response_format` with a
/// `json_schema` makes the answer validate. Temperature is 0 where none is sent.
#[expect(
    clippy::missing_errors_doc,
    reason = "this text goes to clients; faults are among the responses"
)]
#[utoipa::path(
    post,
    path = "/v1/chat/completions",
    tag = "openai",
    request_body = ChatRequest,
    responses(
        (status = 200, description = "The answer; with `stream` events, each a `ChatCompletionChunk`, and `[DONE]`.", content(
            (ChatCompletion = "application/json"),
            (ServerSentEvent = "text/event-stream"),
        )),
        (status = 400, description = "A field is wrong, or the prompt is too long.", body = OpenAiErrorBody),
        (status = 401, description = "The key is missing or wrong.", body = OpenAiErrorBody),
        (status = 404, description = "There is no such model.", body = OpenAiErrorBody),
        (status = 408, description = "The body did not arrive in time.", body = OpenAiErrorBody),
        (status = 413, description = "A picture or the body is too large.", body = OpenAiErrorBody),
        (status = 415, description = "No picture format that is read.", body = OpenAiErrorBody),
        (status = 422, description = "A picture is damaged, or its dimensions are out of bounds.", body = OpenAiErrorBody),
        (status = 429, description = "The model is busy.", body = OpenAiErrorBody,
         headers(("retry-after" = u64, description = "Seconds to wait."))),
        (status = 502, description = "The model or a download failed.", body = OpenAiErrorBody),
        (status = 503, description = "The model cannot be loaded.", body = OpenAiErrorBody),
        (status = 504, description = "The model or a download took too long.", body = OpenAiErrorBody),
    ),
)]
pub async fn openai(State(app): State<AppState>, request: Request) -> Result<Response, Fault> {
    complete(app, request, Dialect::OpenAi).await
}

/// Answers a chat
///
/// As `/v1/chat/completions`, with OpenRouter's form of errors: point an OpenRouter client's base
/// URL at `/api/v1`.
#[expect(
    clippy::missing_errors_doc,
    reason = "this text goes to clients; faults are among the responses"
)]
#[utoipa::path(
    post,
    path = "/api/v1/chat/completions",
    tag = "openrouter",
    request_body = ChatRequest,
    responses(
        (status = 200, description = "The answer; with `stream` events, each a `ChatCompletionChunk`, and `[DONE]`.", content(
            (ChatCompletion = "application/json"),
            (ServerSentEvent = "text/event-stream"),
        )),
        (status = 400, description = "A field is wrong, or the prompt is too long.", body = OpenRouterErrorBody),
        (status = 401, description = "The key is missing or wrong.", body = OpenRouterErrorBody),
        (status = 404, description = "There is no such model.", body = OpenRouterErrorBody),
        (status = 408, description = "The body did not arrive in time.", body = OpenRouterErrorBody),
        (status = 413, description = "A picture or the body is too large.", body = OpenRouterErrorBody),
        (status = 415, description = "No picture format that is read.", body = OpenRouterErrorBody),
        (status = 422, description = "A picture is damaged, or its dimensions are out of bounds.", body = OpenRouterErrorBody),
        (status = 429, description = "The model is busy.", body = OpenRouterErrorBody,
         headers(("retry-after" = u64, description = "Seconds to wait."))),
        (status = 502, description = "The model or a download failed.", body = OpenRouterErrorBody),
        (status = 503, description = "The model cannot be loaded.", body = OpenRouterErrorBody),
        (status = 504, description = "The model or a download took too long.", body = OpenRouterErrorBody),
    ),
)]
pub async fn openrouter(State(app): State<AppState>, request: Request) -> Result<Response, Fault> {
    complete(app, request, Dialect::OpenRouter).await
}

async fn complete(app: AppState, request: Request, dialect: Dialect) -> Result<Response, Fault> {
    let cache = extract::cache_use(request.headers());
    let body = Bytes::from_request(request, &())
        .await
        .map_err(|error| body::refused(error.status(), &error.body_text()))?;
    let request: ChatRequest = body::parse(&body).map_err(JsonFault::into_fault)?;
    drop(body);
    let preset = job::choose(&request, &app)?;
    // What the client asks for in so many words comes first.
    let schema = preset.schema.clone().filter(|_| request.is_free());
    if let Some(schema) = schema {
        return receipt::answer(app, request, preset, schema, cache, dialect).await;
    }
    let envelope = Envelope::new(&preset);
    let job = Job::new(request, preset, dialect, &app).await?;
    // Before anything is sent, so that a full house is a 429 and not a broken stream.
    let first = begin(&job, 0).await?;
    if job.stream {
        let writing = Writing {
            envelope,
            dialect,
            include_usage: job.include_usage,
            keep_alive: app.chat.keep_alive,
        };
        return Ok(writing.respond(stream::choices(job, first)));
    }
    let mut ends = vec![finish(first).await?];
    let rest = futures::stream::iter(1..job.choices)
        .map(|index| {
            let job = &job;
            async move { finish(begin(job, index).await?).await }
        })
        .buffered(job.choices);
    ends.extend(rest.try_collect::<Vec<_>>().await?);

    let usage = WireUsage::sum(ends.iter().map(|end| end.1));
    let choices = ends
        .into_iter()
        .enumerate()
        .map(|(index, (choice, _))| Choice { index, ..choice })
        .collect();
    Ok(Json(envelope.completion(choices, usage)).into_response())
}

async fn begin(job: &Job, index: usize) -> Result<Growing, Fault> {
    let answer = job.model.generate(job.generation(index)).await;
    let answer = answer.map_err(|error| Fault::from(&error))?;
    Ok(Growing::new(answer, job))
}

/// Waits for the end of one choice.
async fn finish(mut growing: Growing) -> Result<(Choice, crate::chat::Usage), Fault> {
    let mut content = String::new();
    let mut tokens: Option<Logprobs> = None;
    loop {
        let growth = growing.next().await?;
        let (text, new, end) = match growth {
            Growth::Text { text, logprobs } => (text, logprobs, None),
            Growth::End {
                text,
                logprobs,
                reason,
                usage,
            } => (text, logprobs, Some((reason, usage))),
        };
        content.push_str(&text);
        if let Some(new) = new {
            tokens.get_or_insert_default().content.extend(new.content);
        }
        if let Some((reason, usage)) = end {
            let reason = finish_reason(reason);
            let choice = Choice {
                index: 0,
                message: AnswerMessage {
                    role: "assistant",
                    content,
                },
                finish_reason: reason,
                native_finish_reason: reason,
                logprobs: tokens,
            };
            return Ok((choice, usage));
        }
    }
}
