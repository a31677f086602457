//! Runs a model behind OpenAI's API on another server, and streams its answer over HTTP.
//!
//! An upstream may ignore a schema, so such an answer is read to its end, checked, and requested
//! once more if it does not fit. Functions are sent in the upstream's form, and its calls are
//! written in the form that `generation::tools` reads.

mod body;
mod breaker;
mod events;
mod fault;
mod hold;
mod lenient;
mod overflow;
mod provider;
mod request;
mod sse;
mod usage;
mod writer;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use futures::{Stream, StreamExt, stream};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use tracing::Span;
use url::Url;

use super::{Engine, EngineError, Events, Generating, ModelInfo};
use crate::{
    generation::{Event, Generation, Grammar, Prompt},
    grammar::Validator,
    image::PatchGrid,
    telemetry,
};
use events::Upstream;
use provider::Route;

pub use fault::UpstreamFault;
pub use provider::{Provider, ProviderError};

/// The way to make an upstream answer by a schema.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StructuredOutput {
    /// A `response_format` of the type `json_schema`.
    #[default]
    JsonSchema,
    /// A `response_format` of the type `json_object`, and instructions with the schema.
    JsonObject,
    /// Instructions alone.
    Prompt,
}

/// The address and limits of an upstream.
#[derive(Clone)]
pub struct ProviderSettings {
    /// The name in the configuration.
    pub name: String,
    /// The base of its routes, `https://openrouter.ai/api/v1`.
    pub base_url: Url,
    /// The key sent as `Authorization: Bearer`.
    pub api_key: Option<SecretString>,
    /// Other headers of every request.
    pub headers: Vec<(String, String)>,
    /// Maximum time to connect.
    pub connect_timeout: Duration,
    /// Maximum time from the request to the first token of the answer.
    pub first_token_timeout: Duration,
    /// Maximum time between two pieces of the answer.
    pub idle_timeout: Duration,
    /// Maximum bytes of one answer as sent.
    pub max_answer_bytes: usize,
    /// Number of consecutive failures after which requests are paused.
    pub failures_to_open: u32,
    /// Length of the pause, after which one request tries the upstream again.
    pub open_for: Duration,
}

/// The properties of an upstream's model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteSettings {
    /// The upstream's name for the model.
    pub model: String,
    /// Maximum number of tokens of prompt and answer together.
    pub context_length: usize,
    /// The model reads pictures.
    pub reads_pictures: bool,
    /// The way to make it answer by a schema.
    pub structured_output: StructuredOutput,
    /// The upstream returns log-probabilities.
    pub logprobs: bool,
}

/// A model of an upstream.
pub struct RemoteEngine {
    provider: Arc<Provider>,
    settings: RemoteSettings,
    info: ModelInfo,
}

impl RemoteEngine {
    /// Creates the model as `settings` describe it; sends nothing yet.
    #[must_use]
    pub fn new(provider: Arc<Provider>, settings: RemoteSettings) -> Self {
        // Upstreams count pictures differently; the settings' fit bounds the pictures that they
        // get.
        let grid = PatchGrid {
            cell: 28,
            min_pixels: 1,
            max_pixels: u64::MAX,
        };
        Self {
            info: ModelInfo {
                context_length: settings.context_length,
                vision: settings.reads_pictures.then_some(grid),
                device: provider.name().to_owned(),
                quantisation: None,
            },
            provider,
            settings,
        }
    }
}

#[async_trait]
impl Engine for RemoteEngine {
    fn info(&self) -> &ModelInfo {
        &self.info
    }

    async fn generate(&self, generation: Generation) -> Result<Generating, EngineError> {
        let held = match &generation.grammar {
            Grammar::JsonSchema(schema) => Some(
                Validator::new(schema).map_err(|error| EngineError::Invalid(error.to_string()))?,
            ),
            Grammar::Free | Grammar::Lark(_) | Grammar::Once(_) => None,
        };
        let route = match generation.prompt {
            Prompt::Chat(_) => Route::Chat,
            Prompt::Text(_) => Route::Text,
        };
        let shows_pictures = generation.prompt.shows_pictures();
        let settings = self.settings.clone();
        let build = move || request::build(generation, &settings);
        let request = if shows_pictures {
            // Compressing the pictures takes a while.
            let building = tokio::task::spawn_blocking(build).await;
            building.map_err(|_| EngineError::Stopped)?
        } else {
            build()
        };
        let request = request.map_err(EngineError::Failed)?;
        let upstream = self.provider.ask(route, request.body()).await;
        let upstream = upstream.map_err(|cause| self.provider.fault(cause))?;
        let provider = self.provider.clone();
        let events = match held {
            None => Events::of(Hearing::of(provider, upstream).events()),
            Some(validator) => {
                let held = hold::fitting(provider, upstream, route, request, validator);
                Events::of(stream::once(telemetry::carried(held)).flatten())
            }
        };
        Ok(Generating {
            // The upstream reports the number at the end.
            prompt_tokens: 0,
            events,
        })
    }

    /// Estimates the tokens, since the upstream's tokenizer is unknown: one for every two bytes,
    /// which is more than text of any language takes.
    async fn count_tokens(&self, text: &str) -> Result<usize, EngineError> {
        Ok(text.len().div_ceil(2))
    }
}

/// An answer passed on as it arrives. The upstream waits until the next event is requested.
struct Hearing {
    provider: Arc<Provider>,
    upstream: Upstream,
    /// The span of the request, for log lines about errors.
    span: Span,
    is_over: bool,
}

impl Hearing {
    fn of(provider: Arc<Provider>, upstream: Upstream) -> Self {
        Self {
            provider,
            upstream,
            span: Span::current(),
            is_over: false,
        }
    }

    fn events(self) -> impl Stream<Item = Result<Event, EngineError>> {
        stream::unfold(self, |mut hearing| async move {
            if hearing.is_over {
                return None;
            }
            Some((hearing.next().await, hearing))
        })
    }

    async fn next(&mut self) -> Result<Event, EngineError> {
        let next = self.upstream.next().await;
        match &next {
            Ok(Event::Token(_)) => {}
            Ok(Event::Finished { .. }) => {
                self.is_over = true;
                self.provider.succeeded();
            }
            Err(cause) => {
                self.is_over = true;
                self.span.in_scope(|| self.provider.note(cause));
            }
        }
        next.map_err(|cause| self.provider.fault(cause))
    }
}

impl Drop for Hearing {
    /// Dropping an answer early is no failure of the provider.
    fn drop(&mut self) {
        if !self.is_over {
            self.provider.succeeded();
        }
    }
}
