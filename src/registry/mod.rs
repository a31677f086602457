//! The models that the gateway serves: found by name, loaded once, entered through a door.

mod admission;
mod answer;
mod following;
mod lifecycle;
mod memory;
mod stage;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use indexmap::IndexMap;
use thiserror::Error;

use lifecycle::Slot;

pub use admission::{Admission, AdmissionSettings, Overloaded, Place, Priority, Ticket};
pub use answer::{Answer, Completed};
pub use lifecycle::{Lease, LifecycleSettings, Status};
pub use memory::{Memory, MemorySettings, NoRoom};
pub use stage::Stage;

use crate::{
    chat::Generation,
    engine::{Engine, EngineError, ModelInfo, remote::UpstreamFault},
    image::GridFit,
    metrics::ModelMetrics,
};

/// Why a model gave no answer.
#[derive(Debug, Error)]
pub enum ModelError {
    /// Its files are missing, or the engine cannot load them.
    #[error("The model {model} cannot be loaded: {reason}")]
    Load {
        /// The model.
        model: String,
        /// Why.
        reason: String,
        /// When to try again.
        retry_after: Duration,
    },
    /// It has no room now.
    #[error(transparent)]
    Overloaded(#[from] Overloaded),
    /// The engine refused or failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// It did not end in time.
    #[error("The model did not finish in time.")]
    DeadlineExceeded,
}

/// Brings a model into memory: downloads, reads, whatever it takes.
#[async_trait]
pub trait Loader: Send + Sync {
    /// Brings its files here, from wherever they are.
    ///
    /// # Errors
    /// The reason, fit for the operator and for the client.
    async fn fetch(&self) -> Result<(), String> {
        Ok(())
    }

    /// Bytes of memory that the loaded model takes, about, once its files are here.
    ///
    /// # Errors
    /// As [`Loader::fetch`].
    async fn bytes(&self) -> Result<u64, String> {
        Ok(0)
    }

    /// Loads the model, once its files are here.
    ///
    /// # Errors
    /// As [`Loader::fetch`].
    async fn load(&self) -> Result<Arc<dyn Engine>, String>;
}

/// What the registry has to know of a model beside how to load it.
#[derive(Debug, Clone)]
pub struct ModelSettings {
    /// Name that clients ask for.
    pub id: String,
    /// Who made it, for listings.
    pub owner: String,
    /// What is loaded under that name: source, revision, number format, quantisation.
    pub weights: String,
    /// What the log says when it has been loaded.
    pub notice: Option<String>,
    /// How much it takes on.
    pub admission: AdmissionSettings,
    /// When it is loaded and let go.
    pub lifecycle: LifecycleSettings,
    /// How long one generation may take, from entering to its last token.
    pub deadline: Duration,
    /// Whether it understands what it is told, or only the prompts that it was trained on.
    pub takes_instructions: bool,
    /// The provider that runs it; none where the gateway does.
    pub provider: Option<String>,
    /// How a picture is brought to it, and what that may cost.
    pub fit: GridFit,
}

impl ModelError {
    /// What kind of fault it is, in a word of a fixed set.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Load { .. } => "not_loaded",
            Self::Overloaded(_) => "overloaded",
            Self::DeadlineExceeded => "deadline_exceeded",
            Self::Engine(error) => match error {
                EngineError::Invalid(_) => "invalid_request",
                EngineError::ContextOverflow { .. } => "context_overflow",
                EngineError::Upstream(_) => "upstream",
                EngineError::Failed(_) | EngineError::Stopped => "engine",
            },
        }
    }

    /// Whether another model may do better with the same request.
    #[must_use]
    pub fn is_of_the_model(&self) -> bool {
        match self {
            Self::Load { .. } | Self::Overloaded(_) | Self::DeadlineExceeded => true,
            Self::Engine(error) => match error {
                EngineError::Invalid(_)
                | EngineError::ContextOverflow { .. }
                | EngineError::Upstream(
                    UpstreamFault::Refused { .. } | UpstreamFault::Overflow { .. },
                ) => false,
                EngineError::Upstream(_) | EngineError::Failed(_) | EngineError::Stopped => true,
            },
        }
    }
}

impl ModelSettings {
    /// Who runs it, for answers and for requests that choose.
    #[must_use]
    pub fn provider_name(&self) -> &str {
        self.provider.as_deref().unwrap_or("receipt-gateway")
    }

    /// Whether the grammar holds what it writes; what a provider writes is checked afterwards.
    #[must_use]
    pub fn is_held_by_grammar(&self) -> bool {
        self.provider.is_none()
    }
}

/// A model that is served.
pub struct Model {
    settings: ModelSettings,
    loader: Arc<dyn Loader>,
    memory: Arc<Memory>,
    slot: Arc<Slot>,
    admission: Admission,
    metrics: ModelMetrics,
}

impl Model {
    /// A model that is not loaded yet, and will be into `memory`.
    #[must_use]
    pub fn new(
        settings: ModelSettings,
        loader: Box<dyn Loader>,
        memory: Arc<Memory>,
        metrics: ModelMetrics,
    ) -> Self {
        Self {
            metrics,
            admission: Admission::new(settings.admission),
            slot: Arc::new(Slot::new(settings.lifecycle.pinned)),
            settings,
            loader: loader.into(),
            memory,
        }
    }

    /// The same model under other settings, which change nothing of how it is loaded: it stays in
    /// memory, and requests that use it under the old ones go on.
    #[must_use]
    pub fn renewed(&self, settings: ModelSettings) -> Self {
        Self {
            admission: self.admission.renewed(settings.admission),
            slot: self.slot.clone(),
            settings,
            loader: self.loader.clone(),
            memory: self.memory.clone(),
            metrics: self.metrics.clone(),
        }
    }

    /// Whether both are one in memory, under whatever settings.
    #[must_use]
    pub fn is_one_with(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.slot, &other.slot)
    }

    /// Its settings.
    #[must_use]
    pub fn settings(&self) -> &ModelSettings {
        &self.settings
    }

    /// Its door.
    #[must_use]
    pub fn admission(&self) -> &Admission {
        &self.admission
    }

    /// Where what it does is counted.
    #[must_use]
    pub fn metrics(&self) -> &ModelMetrics {
        &self.metrics
    }

    /// Facts that only the loaded model tells.
    #[must_use]
    pub fn loaded_info(&self) -> Option<ModelInfo> {
        self.slot.info()
    }

    /// Bytes that the kept beginnings of its prompts take.
    #[must_use]
    pub fn prompt_cache_used(&self) -> u64 {
        self.slot.prompt_cache_used()
    }

    /// What is known about its state.
    #[must_use]
    pub fn status(&self) -> Status {
        self.slot.status()
    }

    /// Lets it go as soon as nobody uses it. One that could not be loaded may be tried again at once.
    pub fn unload(&self) {
        self.slot.unload();
    }

    /// Waits for a place and starts a generation.
    ///
    /// # Errors
    /// See [`ModelError`].
    pub async fn generate(
        self: &Arc<Self>,
        generation: Generation,
        ticket: &Ticket,
    ) -> Result<Answer, ModelError> {
        self.lease().await?.generate(generation, ticket).await
    }
}

/// All models by name, in the order of the configuration.
pub struct Registry {
    models: IndexMap<String, Arc<Model>>,
    default: Arc<Model>,
    fallback: Vec<Arc<Model>>,
}

impl Registry {
    /// `default` answers requests that name no model; it need not come first.
    ///
    /// # Errors
    /// The name where `default` is none of `models`.
    pub fn new(models: Vec<Model>, default: &str) -> Result<Self, String> {
        let models: IndexMap<_, _> = models
            .into_iter()
            .map(|model| (model.settings.id.clone(), Arc::new(model)))
            .collect();
        let default = models.get(default).ok_or(default)?.clone();
        Ok(Self {
            models,
            default,
            fallback: Vec::new(),
        })
    }

    /// The same with models that are asked in turn where the default gives no answer.
    ///
    /// # Errors
    /// The first name that is none of the models.
    pub fn with_fallback(mut self, ids: &[String]) -> Result<Self, String> {
        let models = ids.iter().map(|id| self.models.get(id).cloned().ok_or(id));
        self.fallback = models.collect::<Result<_, _>>()?;
        Ok(self)
    }

    /// The model of that name.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Arc<Model>> {
        self.models.get(id)
    }

    /// The model for requests that name none.
    #[must_use]
    pub fn default_model(&self) -> &Arc<Model> {
        &self.default
    }

    /// Who is asked in turn where the default gives no answer.
    #[must_use]
    pub fn fallback(&self) -> &[Arc<Model>] {
        &self.fallback
    }

    /// The memory that they share.
    #[must_use]
    pub fn memory(&self) -> &Arc<Memory> {
        &self.default.memory
    }

    /// Takes over from `before`: the settings of the models that both have take effect, and those that
    /// only `before` has are let go. A request that began under `before` may load one of those once more;
    /// it leaves with the last of them.
    pub fn succeed(&self, before: &Self) {
        for model in self.iter() {
            model.slot.pin(model.settings.lifecycle.pinned);
            model.admission.take_over();
        }
        let stays = |old: &Model| self.iter().any(|new| new.is_one_with(old));
        for old in before.iter().filter(|old| !stays(old)) {
            tracing::info!(model = old.settings.id, "no longer served");
            old.unload();
        }
    }

    /// Lets models go that have been idle for too long.
    pub fn sweep(&self) {
        for model in self.models.values() {
            if let Some(time_to_live) = model.settings.lifecycle.time_to_live
                && model.slot.sweep(time_to_live)
            {
                tracing::info!(model = model.settings.id, "idle for long, unloaded");
            }
        }
    }

    /// All models.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Model>> {
        self.models.values()
    }
}
