//! Asks models in turn until one answers: on to the next where one has no room, fails or takes too long,
//! and never for what is the client's mistake.

use std::{collections::HashSet, time::Duration};

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use futures::{FutureExt, StreamExt, TryFutureExt, future, stream};

use super::{
    pieces::{self, Pieces},
    request::{ChatRequest, ProviderWishes},
};
use crate::{
    http::{caller::Caller, fault::Fault},
    presets::Preset,
    registry::Model,
};

/// An answer, and who gave it.
pub struct Routed<T> {
    /// What the model's name stood for, with the one model that answers.
    pub preset: Preset,
    /// The answer.
    pub answer: T,
    /// Models that were asked; 0 while that is still to be seen.
    pub attempts: usize,
}

impl<T> Routed<T> {
    /// What the answer's headers say of who gave it.
    pub fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        if self.attempts > 0 {
            tell(&self.preset.model, self.attempts, &mut headers);
        }
        headers
    }
}

/// Writes into `headers` who answered, after how many attempts.
pub fn tell(model: &Model, attempts: usize, headers: &mut HeaderMap) {
    let settings = model.settings();
    for (name, value) in [
        ("x-model", settings.id.clone()),
        ("x-provider", settings.provider_name().to_owned()),
        ("x-attempts", attempts.to_string()),
    ] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
}

/// Who is to be asked, in turn: what the names stand for that are served and that the key may use, or the
/// gateway's default, as the request's wishes have it.
///
/// # Errors
/// Where there is none, a 404 that names the first.
pub fn candidates(request: &ChatRequest, app: &Caller) -> Result<Vec<Preset>, Fault> {
    let asked = request.model.as_deref().filter(|name| !name.is_empty());
    let others = request.models.iter().flatten().map(String::as_str);
    let names: Vec<_> = asked.into_iter().chain(others).collect();
    let found: Vec<_> = if names.is_empty() {
        vec![app.default_preset()]
    } else {
        names.iter().map(|name| app.preset(name)).collect()
    };
    if !found.iter().any(Result::is_ok)
        && let Some(Err(first)) = found.first()
    {
        return Err(first.clone());
    }
    let known: Vec<_> = found.into_iter().flatten().collect();
    let all = known.iter().flat_map(|preset| {
        let turns = preset.turns().into_iter();
        turns.map(|model| preset.with(model))
    });
    let mut all: Vec<Preset> = all.collect();
    let mut seen = HashSet::new();
    all.retain(|preset| seen.insert((preset.id.clone(), preset.model.settings().id.clone())));
    match &request.provider {
        None => Ok(all),
        Some(wishes) => wished(all, wishes),
    }
}

fn wished(mut all: Vec<Preset>, wishes: &ProviderWishes) -> Result<Vec<Preset>, Fault> {
    let place = |names: &[String], preset: &Preset| {
        let provider = preset.model.settings().provider_name();
        names
            .iter()
            .position(|name| name.eq_ignore_ascii_case(provider))
    };
    if let Some(only) = &wishes.only {
        all.retain(|preset| place(only, preset).is_some());
    }
    if let Some(ignore) = &wishes.ignore {
        all.retain(|preset| place(ignore, preset).is_none());
    }
    if let Some(order) = &wishes.order {
        all.sort_by_key(|preset| place(order, preset).unwrap_or(usize::MAX));
    }
    if wishes.allow_fallbacks == Some(false) {
        all.truncate(1);
    }
    if all.is_empty() {
        let message = "No provider that runs this model is left by provider.only and ignore.";
        let mut fault = Fault::invalid("provider", message);
        fault.status = StatusCode::NOT_FOUND;
        fault.code = "no_provider";
        return Err(fault);
    }
    Ok(all)
}

/// The first answer.
///
/// # Errors
/// That of the first candidate, or the client's own fault, where none answers.
pub async fn first<T, F>(
    candidates: Vec<Preset>,
    request: ChatRequest,
    ask: impl Fn(Preset, ChatRequest) -> F,
) -> Result<Routed<T>, Fault>
where
    F: Future<Output = Result<T, Fault>>,
{
    let last = candidates.len();
    let mut request = Some(request);
    let mut first_fault = None;
    for (number, preset) in (1..).zip(candidates) {
        // A chat may hold large pictures; the last to be asked gets the request itself.
        let asked = if number == last {
            request.take()
        } else {
            request.clone()
        };
        let Some(asked) = asked else { break };
        match ask(preset.clone(), asked).await {
            Ok(answer) => {
                return Ok(Routed {
                    preset,
                    answer,
                    attempts: number,
                });
            }
            Err(fault) if fault.is_of_the_model && number < last => {
                let model = &preset.model.settings().id;
                tracing::warn!(model, fault = fault.message, "no answer; the next is asked");
                first_fault.get_or_insert(fault);
            }
            Err(fault) => {
                return Err(first_fault
                    .filter(|_| fault.is_of_the_model)
                    .unwrap_or(fault));
            }
        }
    }
    Err(first_fault.unwrap_or_else(|| Fault::unknown_model("")))
}

/// As [`first`], for a stream: the next model is asked until the first of an answer is there. One that has
/// to wait longer than `patience`, for its model to be loaded or for a place, begins without it, so that
/// comments keep it open.
///
/// # Errors
/// Whatever is wrong until then; later it is told in the stream.
pub async fn first_of_stream<F>(
    candidates: Vec<Preset>,
    request: ChatRequest,
    patience: Duration,
    ask: impl Fn(Preset, ChatRequest) -> F + Send + 'static,
) -> Result<Routed<Pieces>, Fault>
where
    F: Future<Output = Result<Pieces, Fault>> + Send + 'static,
{
    let likely = candidates.first().cloned();
    let mut beginning = first(candidates, request, move |preset, request| {
        ask(preset, request).and_then(pieces::committed)
    })
    .boxed();
    let begun = tokio::time::timeout(patience, &mut beginning).await;
    let (Err(_), Some(preset)) = (&begun, likely) else {
        return begun.unwrap_or_else(|_| Err(Fault::unknown_model("")));
    };
    let later = beginning.map(|begun| match begun {
        Ok(routed) => routed.answer,
        Err(fault) => pieces::of_whole(future::ready(Err(fault))),
    });
    Ok(Routed {
        preset,
        answer: stream::once(later).flatten().boxed(),
        attempts: 0,
    })
}
