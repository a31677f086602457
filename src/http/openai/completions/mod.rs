//! `POST /v1/completions`: continues a text without the model's chat template.

mod stream;
mod translate;
mod wire;

use axum::{
    Json,
    extract::Request,
    response::{IntoResponse, Response},
};

use super::{
    chat::request::include_usage,
    envelope::{Envelope, finish_reason},
    events,
    usage::WireUsage,
};
use crate::{
    chat::{ChatPrompt, WholeChoice},
    generation::Usage,
    http::{
        answer, body,
        caller::Caller,
        components::{OpenAiFaults, ServerSentEvent},
        fault::{Dialect, Fault},
    },
    presets::Preset,
};
use stream::TextWriter;
use translate::CompletionFields;
use wire::CompletionLogprobs;
pub use wire::{Completion, CompletionChoice, CompletionChunk, CompletionRequest};

/// Continues a text
///
/// The older of OpenAI's routes. It puts no chat template around the prompt, so chat models answer better
/// at `/v1/chat/completions`. `suffix` is refused, and so is a `best_of` other than `n`.
#[utoipa::path(
    post,
    path = "/v1/completions",
    operation_id = "createCompletion",
    tag = "openai",
    request_body = CompletionRequest,
    responses(
        (status = 200, description = "The text; with `stream`, events that are each a `CompletionChunk`, and `[DONE]` at the end.", content(
            (Completion = "application/json"),
            (ServerSentEvent = "text/event-stream"),
        )),
        OpenAiFaults,
    ),
)]
pub async fn create(caller: Caller, dialect: Dialect, request: Request) -> Result<Response, Fault> {
    let request: CompletionRequest = body::json(request).await?;
    let streams = request.stream.unwrap_or(false);
    let echoes = request.echo.unwrap_or(false);
    let include_usage = include_usage(request.stream_options.as_ref(), dialect);
    let request = request.translate(&caller)?;
    let prompts = match &request.prompt {
        ChatPrompt::Texts(texts) if echoes => texts.clone(),
        ChatPrompt::Texts(_) | ChatPrompt::Conversation(_) => Vec::new(),
    };
    let choices = request.options.choices.map_or(1, |n| n as usize);
    let text = |preset: &Preset| Text {
        envelope: Envelope::new("cmpl-", preset),
        choices,
        echoed: prompts,
    };
    let service = &caller.chat;
    if streams {
        let begun = service.clone().stream(request).await;
        let begun = begun.map_err(|error| Fault::of_chat(&error, &CompletionFields))?;
        let headers = answer::routed(&begun);
        let writer = TextWriter::new(text(&begun.candidate), dialect, include_usage);
        let keep_alive = service.settings.keep_alive;
        let events = events::respond(begun.answer, CompletionFields, writer, keep_alive);
        return Ok((headers, events).into_response());
    }
    let whole = service.answer(request).await;
    let whole = whole.map_err(|error| Fault::of_chat(&error, &CompletionFields))?;
    let headers = answer::routed(&whole);
    let completion = completion(text(&whole.candidate), whole.answer);
    Ok((headers, Json(completion)).into_response())
}

/// The fields that every part of an answer repeats.
pub struct Text {
    envelope: Envelope,
    /// The prompts, if the answers begin with them.
    echoed: Vec<String>,
    /// Number of answers to each prompt.
    choices: usize,
}

impl Text {
    fn echo(&self, index: usize) -> &str {
        let prompt = self.echoed.get(index / self.choices);
        prompt.map_or("", String::as_str)
    }

    /// Adds the usage of one more choice; a prompt counts once, whatever its number of answers.
    fn count(&self, sum: &mut Usage, index: usize, usage: Usage) {
        if index.is_multiple_of(self.choices) {
            sum.prompt_tokens += usage.prompt_tokens;
            sum.cached_tokens += usage.cached_tokens;
        }
        *sum = sum.and(usage);
    }
}

fn completion(answer: Text, choices: Vec<WholeChoice>) -> Completion {
    let mut usage = Usage::default();
    let choices = choices.into_iter().enumerate().map(|(index, choice)| {
        answer.count(&mut usage, index, choice.usage);
        let tokens = choice.logprobs.as_deref();
        CompletionChoice {
            index,
            text: format!("{}{}", answer.echo(index), choice.text),
            finish_reason: Some(finish_reason(choice.finish)),
            logprobs: tokens.map(|tokens| CompletionLogprobs::new(tokens, &mut 0)),
        }
    });
    let choices = choices.collect();
    Completion::new(answer.envelope, choices, WireUsage::new(usage))
}
