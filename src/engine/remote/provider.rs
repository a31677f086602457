//! The connection to an upstream: addresses, headers, timeouts, and the breaker that pauses requests.

use reqwest::{
    Client, Response,
    header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue},
};
use secrecy::ExposeSecret;
use thiserror::Error;
use tokio::time::timeout;
use url::Url;

use super::{ProviderSettings, breaker::Breaker, events::Upstream, fault::Cause};
use crate::{engine::EngineError, telemetry};

/// A route of an upstream.
#[derive(Debug, Clone, Copy)]
pub(super) enum Route {
    Chat,
    Text,
}

/// The addresses of an upstream's routes.
struct Addresses {
    chat: Url,
    text: Url,
}

impl Addresses {
    /// Returns the addresses below `base`, or `None` if it cannot have a path.
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

/// An error in the settings of a provider.
#[derive(Debug, Error)]
pub enum ProviderError {
    /// A header is not valid.
    #[error("headers.{name}: {reason}")]
    Header {
        /// Name of the header in the settings.
        name: String,
        /// The fault.
        reason: String,
    },
    /// The key is not valid in a header.
    #[error("the key has characters that an HTTP header cannot hold")]
    Key,
    /// The HTTP client cannot be built.
    #[error(transparent)]
    Client(reqwest::Error),
}

impl Provider {
    /// Creates a connection; sends nothing yet.
    ///
    /// # Errors
    /// An invalid header, a key that is not valid in a header, or an HTTP client that cannot be
    /// built.
    pub fn new(settings: ProviderSettings) -> Result<Self, ProviderError> {
        let mut headers = HeaderMap::new();
        for (name, value) in &settings.headers {
            let refused = |error: &dyn std::fmt::Display| ProviderError::Header {
                name: name.clone(),
                reason: error.to_string(),
            };
            let value = HeaderValue::try_from(value).map_err(|error| refused(&error))?;
            let name = HeaderName::try_from(name).map_err(|error| refused(&error))?;
            headers.insert(name, value);
        }
        if let Some(key) = &settings.api_key {
            let value = format!("Bearer {}", key.expose_secret());
            let value = HeaderValue::try_from(value);
            let mut value = value.map_err(|_| ProviderError::Key)?;
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        let client = Client::builder()
            .connect_timeout(settings.connect_timeout)
            .redirect(reqwest::redirect::Policy::none())
            .default_headers(headers)
            .build();
        let client = client.map_err(ProviderError::Client)?;
        let breaker = Breaker::new(settings.failures_to_open, settings.open_for);
        Ok(Self {
            addresses: Addresses::below(&settings.base_url),
            settings,
            client,
            breaker,
        })
    }

    /// Returns the name in the configuration.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.settings.name
    }

    /// Returns the base of its routes.
    #[must_use]
    pub fn address(&self) -> &Url {
        &self.settings.base_url
    }

    /// Returns whether it has these settings.
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

    /// Returns whether requests are paused after repeated failures.
    #[must_use]
    pub fn is_left_alone(&self) -> bool {
        self.breaker.is_open()
    }

    /// Sends a request, and waits for the beginning of the answer.
    pub(super) async fn ask(&self, route: Route, body: Vec<u8>) -> Result<Upstream, Cause> {
        let addresses = self.addresses.as_ref();
        let addresses = addresses.ok_or_else(|| Cause::broken("its address cannot have a path"))?;
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

    /// Converts `cause` to the error that clients see.
    pub(super) fn fault(&self, cause: Cause) -> EngineError {
        EngineError::Upstream(cause.of_provider(self.name()))
    }

    /// Counts an answer that arrived whole.
    pub(super) fn succeeded(&self) {
        self.breaker.succeeded();
    }

    /// Counts a failure of the provider itself, and logs details that clients do not see.
    pub(super) fn note(&self, cause: &Cause) {
        tracing::warn!(provider = self.name(), ?cause, "a provider gave no answer");
        if !cause.is_failure() {
            self.breaker.succeeded();
        } else if self.breaker.failed() {
            let seconds = self.settings.open_for.as_secs();
            tracing::warn!(
                provider = self.name(),
                seconds,
                "a provider failed repeatedly; its requests are paused"
            );
        }
    }
}
