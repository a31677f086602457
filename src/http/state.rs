//! What handlers share.

use std::{sync::Arc, time::Duration};

use axum::http::HeaderValue;

use super::{access::Access, reload::Reloader};
use crate::{
    engine::{SharedEngines, remote::Provider},
    grammar::Compiler,
    image::ImageLoader,
    keys::Keys,
    metrics::Metrics,
    presets::{Preset, Presets},
    receipt::Extractor,
    registry::Registry,
};

/// Defaults and bounds of chats.
#[derive(Debug, Clone)]
pub struct ChatSettings {
    /// Tokens generated where a request sets no limit.
    pub max_tokens: usize,
    /// Temperature where a request sets none.
    pub temperature: f64,
    /// Answers asked for at once, at most.
    pub max_choices: usize,
    /// Pictures in one request, at most.
    pub max_images: usize,
    /// Bytes of the schemas in one request, at most.
    pub max_schema_bytes: usize,
    /// What a model is told of the functions that it may call; `{tools}` stands for them.
    pub tools_prompt: Arc<str>,
    /// Between comments that keep a silent stream open.
    pub keep_alive: Duration,
}

/// Bounds of batches.
#[derive(Debug, Clone, Copy)]
pub struct BatchSettings {
    /// Pictures in one batch, at most.
    pub max_images: usize,
    /// Bytes of its body, at most.
    pub max_body_bytes: usize,
    /// Receipts of one batch that are read at once.
    pub concurrency: usize,
}

/// Bounds of the server itself.
#[derive(Debug, Clone)]
pub struct ServerSettings {
    /// Bytes of a request body, at most.
    pub max_body_bytes: usize,
    /// How long a client may take to send the next piece of its body.
    pub body_timeout: Duration,
    /// Who may see and change the models' states.
    pub admin: Access,
    /// Who may read the metrics.
    pub metrics: Access,
    /// Origins whose pages may ask from a browser.
    pub cors_origins: Vec<HeaderValue>,
}

/// The application, cheap to clone.
#[derive(Clone)]
pub struct AppState(Arc<App>);

/// What [`AppState`] shares.
pub struct App {
    /// The models.
    pub registry: Arc<Registry>,
    /// Other names that clients may call models by.
    pub presets: Presets,
    /// Reads receipts.
    pub extractor: Arc<Extractor>,
    /// Compiles the schemas that chats bring.
    pub compiler: Compiler,
    /// Where what is done is counted.
    pub metrics: Arc<Metrics>,
    /// Loads pictures.
    pub images: Arc<ImageLoader>,
    /// Defaults and bounds of chats.
    pub chat: ChatSettings,
    /// Bounds of batches.
    pub batch: BatchSettings,
    /// Who may ask for what; what has been counted of each outlives a configuration.
    pub keys: Keys,
    /// Bounds of the server.
    pub server: ServerSettings,
    /// Who runs models elsewhere.
    pub providers: Vec<Arc<Provider>>,
    /// The engines that models share.
    pub engines: Arc<SharedEngines>,
    /// Has the configuration read anew; none where nobody holds one.
    pub reloader: Option<Reloader>,
    /// Seconds since 1970 at the start.
    pub started: u64,
}

impl AppState {
    /// Shares `app`.
    #[must_use]
    pub fn new(app: App) -> Self {
        Self(Arc::new(app))
    }

    /// What requests get that name no model.
    #[must_use]
    pub fn default_preset(&self) -> Preset {
        Preset {
            others: self.registry.fallback().to_vec(),
            ..Preset::of(self.registry.default_model())
        }
    }

    /// What clients mean by `name`.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<Preset> {
        let schemas = self.extractor.schemas();
        self.presets.find(name, &self.registry, schemas)
    }
}

impl std::ops::Deref for AppState {
    type Target = App;

    fn deref(&self) -> &App {
        &self.0
    }
}
