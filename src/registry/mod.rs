//! The models that the gateway serves: looked up by name, loaded on demand, and used by a limited
//! number of requests at a time.

mod admission;
mod answer;
mod error;
mod following;
mod hold;
mod lifecycle;
mod memory;
mod purse;
mod reads;
mod scoring;
mod stage;
mod tariff;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use indexmap::IndexMap;

use lifecycle::Slot;

pub use admission::{Admission, AdmissionSettings, Overloaded, Permit, Priority, Ticket};
pub use answer::{Answer, Completed};
pub use error::{LoadError, ModelError, UnknownModel};
pub use lifecycle::{Lease, LifecycleSettings, ModelStatus};
pub use memory::{Memory, MemorySettings, NoRoom, Shared};
pub use purse::{CostTally, Purse};
pub use reads::Reads;
pub use scoring::{ScoreError, score};
pub use stage::ModelStage;

use crate::{
    engine::{Engine, LoadProgress, ModelInfo},
    generation::{Generation, Prices},
    image::GridFit,
    metrics::ModelMetrics,
};

/// The name of the gateway itself among the providers.
pub const GATEWAY: &str = "receipt-gateway";

/// Downloads a model and loads it into memory.
#[async_trait]
pub trait Loader: Send + Sync {
    /// Downloads the model's files, if they are not on this machine.
    ///
    /// # Errors
    /// The reason, in words that both the operator and the client may read.
    async fn fetch(&self) -> Result<(), LoadError> {
        Ok(())
    }

    /// Estimates the bytes of memory that the loaded model takes. The files have to be here.
    ///
    /// # Errors
    /// As [`Loader::fetch`].
    async fn bytes(&self) -> Result<u64, LoadError> {
        Ok(0)
    }

    /// Returns the identity of the memory that loaders of one model share, once its files are here, if it shares any.
    fn shared(&self) -> Option<Shared> {
        None
    }

    /// Returns the progress of fetching or loading, if it is known.
    fn progress(&self) -> Option<LoadProgress> {
        None
    }

    /// Loads the model into memory. The files have to be here.
    ///
    /// # Errors
    /// As [`Loader::fetch`].
    async fn load(&self) -> Result<Arc<dyn Engine>, LoadError>;
}

/// Settings of a model, apart from how to load it.
#[derive(Debug, Clone)]
pub struct ModelSettings {
    /// Name that clients send.
    pub id: String,
    /// Organisation that made the model, for listings.
    pub owner: String,
    /// The weights that are loaded: source, revision, number format, quantisation.
    pub weights: String,
    /// Warning to log when the model has been loaded.
    pub notice: Option<String>,
    /// Limits on running and waiting generations.
    pub admission: AdmissionSettings,
    /// Rules for loading and unloading.
    pub lifecycle: LifecycleSettings,
    /// Longest time for one generation, from getting a place to the last token.
    pub deadline: Duration,
    /// Whether the model follows instructions, or only knows the prompts that it was trained on.
    pub takes_instructions: bool,
    /// The provider that runs the model; `None` for one that the gateway runs.
    pub provider: Option<String>,
    /// Prices of its generations, if they are set.
    pub prices: Option<Prices>,
    /// Whether the beginnings of prompts are kept, as far as it is known.
    pub keeps_prompts: bool,
    /// The form in which it gets the pages of pictures.
    pub reads: Reads,
    /// Limits on the size of pictures and on the tokens that they take.
    pub fit: GridFit,
}

impl ModelSettings {
    /// Returns the name of the provider that runs the model, as answers show it and requests select
    /// it.
    #[must_use]
    pub fn provider_name(&self) -> &str {
        self.provider.as_deref().unwrap_or(GATEWAY)
    }

    /// Returns whether a grammar constrains the answers as they are written; a provider's answers
    /// are checked afterwards.
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
    /// Creates a model that is not loaded yet; loading it reserves room in `memory`.
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

    /// Returns the same model with other settings, which must not change how it is loaded: it stays
    /// in memory, and requests that use it with the old settings go on.
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

    /// Returns whether both share one copy in memory, whatever their settings.
    #[must_use]
    pub fn is_one_with(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.slot, &other.slot)
    }

    /// Returns the model's settings.
    #[must_use]
    pub fn settings(&self) -> &ModelSettings {
        &self.settings
    }

    /// Returns the limits on concurrent generations, and their state.
    #[must_use]
    pub fn admission(&self) -> &Admission {
        &self.admission
    }

    /// Returns the model's metrics.
    #[must_use]
    pub fn metrics(&self) -> &ModelMetrics {
        &self.metrics
    }

    /// Returns facts that are known once the model has been loaded.
    #[must_use]
    pub fn loaded_info(&self) -> Option<ModelInfo> {
        self.slot.info()
    }

    /// Returns the bytes that the prompt cache takes.
    #[must_use]
    pub fn prompt_cache_used(&self) -> u64 {
        self.slot.prompt_cache_used()
    }

    /// Returns the model's state.
    #[must_use]
    pub fn status(&self) -> ModelStatus {
        let status = self.slot.status();
        let is_coming = matches!(status.stage, ModelStage::Downloading | ModelStage::Loading);
        ModelStatus {
            progress: is_coming.then(|| self.loader.progress()).flatten(),
            ..status
        }
    }

    /// Unloads the model as soon as no request uses it. If loading it failed, the next request may
    /// try again at once.
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
    /// Creates a registry of `models`. The one called `default` answers requests that name no
    /// model; it need not come first.
    ///
    /// # Errors
    /// The name, if no model is called `default`.
    pub fn new(models: Vec<Model>, default: &str) -> Result<Self, UnknownModel> {
        let models: IndexMap<_, _> = models
            .into_iter()
            .map(|model| (model.settings.id.clone(), Arc::new(model)))
            .collect();
        let default = models
            .get(default)
            .ok_or_else(|| UnknownModel(default.to_owned()))?
            .clone();
        Ok(Self {
            models,
            default,
            fallback: Vec::new(),
        })
    }

    /// Sets the models to ask in turn when the default model gives no answer.
    ///
    /// # Errors
    /// The first name that is not a model's.
    pub fn with_fallback(mut self, ids: &[String]) -> Result<Self, UnknownModel> {
        let find = |id: &String| {
            let model = self.models.get(id).cloned();
            model.ok_or_else(|| UnknownModel(id.clone()))
        };
        let models = ids.iter().map(find);
        self.fallback = models.collect::<Result<_, _>>()?;
        Ok(self)
    }

    /// Returns the model called `id`.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Arc<Model>> {
        self.models.get(id)
    }

    /// Returns the model for requests that name none.
    #[must_use]
    pub fn default_model(&self) -> &Arc<Model> {
        &self.default
    }

    /// Returns the models to ask in turn when the default model gives no answer.
    #[must_use]
    pub fn fallback(&self) -> &[Arc<Model>] {
        &self.fallback
    }

    /// Returns the memory that the models share.
    #[must_use]
    pub fn memory(&self) -> &Arc<Memory> {
        &self.default.memory
    }

    /// Takes over from `before`: the new settings of models that both have take effect, and models
    /// that only `before` has are unloaded. A request that began under `before` may load one of
    /// those again; it is unloaded with the last such request.
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

    /// Unloads models that have been idle for too long.
    pub fn sweep(&self) {
        for model in self.models.values() {
            if let Some(time_to_live) = model.settings.lifecycle.time_to_live
                && model.slot.sweep(time_to_live)
            {
                tracing::info!(
                    model = model.settings.id,
                    "unloaded, because it was idle for long"
                );
            }
        }
    }

    /// Returns all models.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Model>> {
        self.models.values()
    }
}
