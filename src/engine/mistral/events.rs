//! Translates the engine's responses to events of a generation.

use mistralrs::{Response, core::ResponseLogprob};
use tokio::sync::mpsc;

use crate::{
    engine::EngineError,
    generation::{Alternative, Event, FinishReason, Token, Usage, Writing},
};

/// Passes responses on as events until the end, a fault, or until the events' receiver is dropped.
/// The engine gives the sequence up when its own receiver is dropped.
pub(super) async fn relay(
    mut responses: mpsc::Receiver<Response>,
    events: mpsc::Sender<Result<Event, EngineError>>,
    prompt_tokens: usize,
) {
    let mut counted = Usage {
        prompt_tokens,
        reasoning_tokens: Some(0),
        writing: Some(Writing::default()),
        ..Usage::default()
    };
    let mut finished = false;
    while let Some(response) = tokio::select! {
        response = responses.recv() => response,
        () = events.closed() => return,
    } {
        for event in translate(response, &mut counted) {
            finished |= matches!(event, Ok(Event::Finished { .. }) | Err(_));
            if events.send(event).await.is_err() {
                return;
            }
        }
        if finished {
            return;
        }
    }
    // The receiver may be gone by now, which is no fault.
    let _ = events.send(Err(EngineError::Stopped)).await;
}

/// Translates a response; `counted` collects the counts that the engine does not report at the end.
fn translate(response: Response, counted: &mut Usage) -> Vec<Result<Event, EngineError>> {
    let (choices, usage): (Vec<_>, _) = match response {
        Response::Chunk(chunk) => {
            let choices = chunk.choices.into_iter();
            let choices = choices.map(|choice| (choice.finish_reason, choice.logprobs));
            counted.cached_tokens = Some(chunk.cached_tokens);
            (choices.collect(), chunk.usage)
        }
        Response::CompletionChunk(chunk) => {
            let choices = chunk.choices.into_iter();
            let choices = choices.map(|choice| (choice.finish_reason, choice.logprobs));
            counted.cached_tokens = Some(chunk.cached_tokens);
            (choices.collect(), None)
        }
        Response::ValidationError(error) => {
            return vec![Err(EngineError::Invalid(error.to_string()))];
        }
        Response::InternalError(error) => {
            return vec![Err(EngineError::Failed(error.to_string()))];
        }
        Response::ModelError(error, _) => return vec![Err(EngineError::Failed(error))],
        _ => return vec![Err(EngineError::Stopped)],
    };
    let mut events = Vec::new();
    for (finish_reason, logprobs) in choices {
        counted.completion_tokens += 1;
        // The token that ends a text is not part of it.
        let ends_text = finish_reason.as_deref() == Some("stop");
        if let Some(logprob) = logprobs {
            let token = token(logprob);
            counted.writing.get_or_insert_default().add(&token);
            if !ends_text {
                events.push(Ok(Event::Token(token)));
            }
        }
        let reason = match finish_reason.as_deref() {
            None => continue,
            Some("length") => FinishReason::Length,
            Some("canceled") => return vec![Err(EngineError::Stopped)],
            Some(_) => FinishReason::Stop,
        };
        events.push(Ok(Event::Finished {
            reason,
            usage: match &usage {
                Some(usage) => Usage {
                    prompt_tokens: usage.prompt_tokens,
                    completion_tokens: usage.completion_tokens,
                    ..*counted
                },
                None => *counted,
            },
        }));
    }
    events
}

fn token(told: ResponseLogprob) -> Token {
    Token {
        id: told.token_id,
        bytes: told.bytes.unwrap_or_default(),
        // A forced token that was not scored has NaN.
        logprob: (!told.logprob.is_nan()).then_some(told.logprob),
        top: told
            .top_logprobs
            .into_iter()
            .map(|top| Alternative {
                text: top.bytes.unwrap_or_default(),
                logprob: top.logprob,
            })
            .collect(),
        forced: told.forced,
        pass: told.pass,
    }
}
