//! A model that runs elsewhere, behind OpenAI's API: asked over HTTP, and heard out as it writes.
//!
//! What such an upstream cannot be trusted to enforce is checked here: an answer that a schema is to hold
//! is heard to its end, and asked for once more where it does not fit. Functions are named to the upstream
//! as it knows them, and its calls written as `chat::tools` reads them.

mod breaker;
mod events;
mod fault;
mod hold;
mod overflow;
mod request;
mod writer;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use futures::{Stream, StreamExt, stream};
use reqwest::{
    Client, Response,
    header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue},
};
use secrecy::{ExposeSecret, SecretString};
use tokio::time::timeout;
use tracing::Span;
use url::Url;

use super::{Engine, EngineError, Events, Generating, ModelInfo};
use crate::{
    chat::{Event, Generation, Grammar, Prompt},
    grammar::Validator,
    image::PatchGrid,
    telemetry,
};
use breaker::Breaker;
use events::Upstream;
use fault::Cause;

pub use fault::UpstreamFault;

/// How an upstream is made to answer by a schema.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StructuredOutput {
    /// By `response_format` of the type `json_schema`.
    #[default]
    JsonSchema,
    /// By `response_format` of the type `json_object`, and words that tell the schema.
    JsonObject,
    /// By words alone.
    Prompt,
}

/// Where an upstream is, and how long it may take.
#[derive(Clone)]
pub struct ProviderSettings {
    /// Its name in the configuration.
    pub name: String,
    /// What its routes begin with, `https://openrouter.ai/api/v1`.
    pub base_url: Url,
    /// What it is sent as `Authorization: Bearer`.
    pub api_key: Option<SecretString>,
    /// What else it is sent with every request.
    pub headers: Vec<(String, String)>,
    /// For a connection.
    pub connect_timeout: Duration,
    /// From the request to the first of the answer.
    pub first_token_timeout: Duration,
    /// Between one piece of the answer and the next.
    pub idle_timeout: Duration,
    /// Bytes of one answer as it is sent, at most.
    pub max_answer_bytes: usize,
    /// Failures in a row after which it is left alone ...
    pub failures_to_open: u32,
    /// ... and for how long, before one request tries it again.
    pub open_for: Duration,
}

/// What is asked of an upstream, and what it can do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteSettings {
    /// Its own name for the model.
    pub model: String,
    /// Tokens of prompt and answer together, at most.
    pub context_length: usize,
    /// Whether the model reads pictures.
    pub reads_pictures: bool,
    /// How it is made to answer by a schema.
    pub structured_output: StructuredOutput,
    /// Whether it tells log-probabilities.
    pub logprobs: bool,
}

/// What an upstream is asked for.
#[derive(Debug, Clone, Copy)]
enum Route {
    Chat,
    Text,
}

/// The addresses of an upstream's routes.
struct Addresses {
    chat: Url,
    text: Url,
}

impl Addresses {
    /// None below an address that takes no path.
    fn below(base: &Url) -> Option<Self> {
        let below = |route: &str| {
            let mut url = base.clone();
            url.path_segments_mut()
                .ok()?
                .pop_if_empty()
                .extend(route.split('/'));
            Some(url)
        };
        Some(Self {
            chat: below("chat/completions")?,
            text: below("completions")?,
        })
    }

    fn of(&self, route: Route) -> &Url {
        match route {
            Route::Chat => &self.chat,
            Route::Text => &self.text,
        }
    }
}

/// A connection to an upstream, shared by all its models.
pub struct Provider {
    settings: ProviderSettings,
    addresses: Option<Addresses>,
    client: Client,
    breaker: Breaker,
}

impl Provider {
    /// Ready to ask; nothing is sent yet.
    ///
    /// # Errors
    /// A header that is none, a key that cannot stand in one, or a client that cannot be built.
    pub fn new(settings: ProviderSettings) -> Result<Self, String> {
        let mut headers = HeaderMap::new();
        for (name, value) in &settings.headers {
            let refused = |error: &dyn std::fmt::Display| format!("headers.{name}: {error}");
            let value = HeaderValue::try_from(value).map_err(|error| refused(&error))?;
            let name = HeaderName::try_from(name).map_err(|error| refused(&error))?;
            headers.insert(name, value);
        }
        if let Some(key) = &settings.api_key {
            let value = format!("Bearer {}", key.expose_secret());
            let value = HeaderValue::try_from(value);
            let mut value = value.map_err(|_| "the key cannot stand in a header".to_owned())?;
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        let client = Client::builder()
            .connect_timeout(settings.connect_timeout)
            .redirect(reqwest::redirect::Policy::none())
            .default_headers(headers)
            .build();
        let client = client.map_err(|error| error.to_string())?;
        let breaker = Breaker::new(settings.failures_to_open, settings.open_for);
        Ok(Self {
            addresses: Addresses::below(&settings.base_url),
            settings,
            client,
            breaker,
        })
    }

    /// Its name in the configuration.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.settings.name
    }

    /// What its routes begin with.
    #[must_use]
    pub fn address(&self) -> &Url {
        &self.settings.base_url
    }

    /// Whether these are its settings.
    #[must_use]
    pub fn is_set_so(&self, settings: &ProviderSettings) -> bool {
        let secret = |settings: &ProviderSettings| {
            let key = settings.api_key.as_ref();
            key.map(|key| key.expose_secret().to_owned())
        };
        let ProviderSettings {
            name,
            base_url,
            api_key: _,
            headers,
            connect_timeout,
            first_token_timeout,
            idle_timeout,
            max_answer_bytes,
            failures_to_open,
            open_for,
        } = &self.settings;
        *name == settings.name
            && *base_url == settings.base_url
            && secret(&self.settings) == secret(settings)
            && *headers == settings.headers
            && *connect_timeout == settings.connect_timeout
            && *first_token_timeout == settings.first_token_timeout
            && *idle_timeout == settings.idle_timeout
            && *max_answer_bytes == settings.max_answer_bytes
            && *failures_to_open == settings.failures_to_open
            && *open_for == settings.open_for
    }

    /// Whether it is left alone, having failed again and again.
    #[must_use]
    pub fn is_left_alone(&self) -> bool {
        self.breaker.is_open()
    }

    /// Sends a request, and waits for the first of the answer.
    async fn ask(&self, route: Route, body: Vec<u8>) -> Result<Upstream, Cause> {
        let addresses = self.addresses.as_ref();
        let addresses = addresses.ok_or_else(|| Cause::broken("its address takes no path"))?;
        let url = addresses.of(route).clone();
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        telemetry::pass_on(&mut headers);
        let request = self.client.post(url).headers(headers);
        let begun = async {
            let response: Response = request.body(body).send().await.map_err(Cause::of)?;
            if !response.status().is_success() {
                return Err(Cause::of_response(response).await);
            }
            Upstream::begin(response, &self.settings).await
        };
        self.breaker.pass().map_err(Cause::LeftAlone)?;
        let begun = timeout(self.settings.first_token_timeout, begun).await;
        let begun = begun.unwrap_or(Err(Cause::TooSlow("it did not begin to answer in time")));
        begun.inspect_err(|cause| self.note(cause))
    }

    /// What clients are told of `cause`.
    fn fault(&self, cause: Cause) -> EngineError {
        EngineError::Upstream(cause.of_provider(self.name()))
    }

    /// Counts a failure, if it is one of the provider's own doing, and logs what no client is told.
    fn note(&self, cause: &Cause) {
        tracing::warn!(provider = self.name(), ?cause, "no answer");
        if !cause.is_failure() {
            self.breaker.succeeded();
        } else if self.breaker.failed() {
            let seconds = self.settings.open_for.as_secs();
            tracing::warn!(
                provider = self.name(),
                seconds,
                "fails again and again, left alone"
            );
        }
    }
}

/// A model of an upstream.
pub struct RemoteEngine {
    provider: Arc<Provider>,
    settings: RemoteSettings,
    info: ModelInfo,
}

impl RemoteEngine {
    /// The model as `settings` describe it; nothing is asked yet.
    #[must_use]
    pub fn new(provider: Arc<Provider>, settings: RemoteSettings) -> Self {
        // How an upstream counts pictures is its own; what it gets is bounded by the settings' fit.
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
            Grammar::JsonSchema(schema) => {
                Some(Validator::new(schema).map_err(EngineError::Invalid)?)
            }
            Grammar::Free | Grammar::Lark(_) => None,
        };
        let route = match generation.prompt {
            Prompt::Chat(_) => Route::Chat,
            Prompt::Text(_) => Route::Text,
        };
        let shows_pictures = generation.prompt.shows_pictures();
        let settings = self.settings.clone();
        let build = move || request::build(generation, &settings);
        let request = if shows_pictures {
            // They are compressed anew, which takes a while.
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
            // Which the upstream tells at the end.
            prompt_tokens: 0,
            events,
        })
    }

    /// About, since the upstream's tokenizer is its own: a token for every two bytes, which is more than
    /// text of any language takes.
    async fn count_tokens(&self, text: &str) -> Result<usize, EngineError> {
        Ok(text.len().div_ceil(2))
    }
}

/// An answer that is passed on as it comes. The upstream waits while nobody asks for more.
struct Hearing {
    provider: Arc<Provider>,
    upstream: Upstream,
    /// What the log says of faults belongs there.
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
                self.provider.breaker.succeeded();
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
    /// Whoever hears no more of it has heard enough, which is no fault of the provider.
    fn drop(&mut self) {
        if !self.is_over {
            self.provider.breaker.succeeded();
        }
    }
}
