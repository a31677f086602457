//! The application: everything that the routes and the commands share, put together from a configuration.

mod access;
mod assembly;
mod clients;
mod loader;
mod models;
pub mod observe;
mod page_reader;
mod receipts;
mod reload;
mod running;

use std::{sync::Arc, time::Duration};

use axum::http::HeaderValue;

use crate::{
    chat::{ChatService, ChatSettings},
    engine::{SharedEngines, remote::Provider},
    grammar::Compiler,
    history::History,
    image::ImageLoader,
    keys::Keys,
    metrics::Metrics,
    presets::{Preset, Presets},
    receipt::Extractor,
    registry::Registry,
};

pub use access::Access;
pub(crate) use assembly::assemble;
pub use assembly::build;
pub use models::{hub, hub_model, memory_settings, model_folder};
pub use page_reader::hub_reader;
pub use reload::{ReloadOutcome, ReloadRequests, Reloader};
pub use running::Running;

/// Bounds of batches.
#[derive(Debug, Clone, Copy)]
pub struct BatchSettings {
    /// Most pictures in one batch.
    pub max_images: usize,
    /// Most bytes of a batch's body.
    pub max_body_bytes: usize,
    /// Most receipts of one batch that are read at once.
    pub concurrency: usize,
}

/// Bounds of the server itself.
#[derive(Debug, Clone)]
pub struct ServerSettings {
    /// Most bytes of a request body.
    pub max_body_bytes: usize,
    /// Longest time between two pieces of a request body.
    pub body_timeout: Duration,
    /// Access to the models' states.
    pub admin: Access,
    /// Access to the metrics.
    pub metrics: Access,
    /// Origins whose pages may send requests from a browser.
    pub cors_origins: Vec<HeaderValue>,
}

/// The parts of an [`App`], from a configuration or from a test.
pub struct Parts {
    /// The models.
    pub registry: Arc<Registry>,
    /// Other names that clients may call models by.
    pub presets: Presets,
    /// Reads receipts.
    pub extractor: Arc<Extractor>,
    /// Compiles the schemas that requests bring.
    pub compiler: Compiler,
    /// Counts what happens.
    pub metrics: Arc<Metrics>,
    /// Loads pictures.
    pub images: Arc<ImageLoader>,
    /// Defaults and bounds of chats.
    pub chat_settings: ChatSettings,
    /// Bounds of batches.
    pub batch: BatchSettings,
    /// The clients' keys; their counts outlive a configuration.
    pub keys: Keys,
    /// Answers of the last while; they outlive a configuration.
    pub history: Arc<History>,
    /// Bounds of the server.
    pub server: ServerSettings,
    /// The providers that run models elsewhere.
    pub providers: Vec<Arc<Provider>>,
    /// The engines that models share.
    pub engines: Arc<SharedEngines>,
    /// Asks for the configuration to be read again; none where it is fixed, as for a command.
    pub reloader: Option<Reloader>,
    /// Seconds since 1970 at the start.
    pub started: u64,
}

/// The application: its [`Parts`], and the services that are built on them.
pub struct App {
    parts: Parts,
    /// Answers chats.
    pub chat: Arc<ChatService>,
}

impl App {
    /// Builds the services on `parts`.
    #[must_use]
    pub fn new(parts: Parts) -> Arc<Self> {
        let chat = ChatService {
            settings: parts.chat_settings.clone(),
            compiler: parts.compiler.clone(),
            images: parts.images.clone(),
            extractor: parts.extractor.clone(),
        };
        Arc::new(Self {
            chat: Arc::new(chat),
            parts,
        })
    }

    /// Returns the default model with its fallbacks, for requests that name no model.
    #[must_use]
    pub fn default_preset(&self) -> Preset {
        Preset {
            others: self.registry.fallback().to_vec(),
            ..Preset::of(self.registry.default_model())
        }
    }

    /// Returns the model or preset that `name` stands for.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<Preset> {
        let schemas = self.extractor.schemas();
        self.presets.find(name, &self.registry, schemas)
    }
}

impl std::ops::Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.parts
    }
}
