//! The models that the gateway serves: found by name, loaded once, entered through a door.

mod admission;
mod answer;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use indexmap::IndexMap;
use thiserror::Error;
use tokio::{sync::OnceCell, time::Instant};

pub use admission::{Admission, AdmissionSettings, Overloaded};
pub use answer::{Answer, Completed};

use crate::{
    chat::Generation,
    engine::{Engine, EngineError, ModelInfo},
    image::GridFit,
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
    /// Loads the model.
    ///
    /// # Errors
    /// The reason, fit for the operator and for the client.
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
    /// How long one generation may take, from entering to its last token.
    pub deadline: Duration,
    /// Whether it understands what it is told, or only the prompts that it was trained on.
    pub takes_instructions: bool,
    /// How a picture is brought to it, and what that may cost.
    pub fit: GridFit,
}

/// A model that is served.
pub struct Model {
    settings: ModelSettings,
    loader: Box<dyn Loader>,
    engine: OnceCell<Arc<dyn Engine>>,
    admission: Admission,
}

impl Model {
    /// A model that is not loaded yet.
    #[must_use]
    pub fn new(settings: ModelSettings, loader: Box<dyn Loader>) -> Self {
        Self {
            admission: Admission::new(settings.admission),
            settings,
            loader,
            engine: OnceCell::new(),
        }
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

    /// Facts that only the loaded model tells.
    #[must_use]
    pub fn loaded_info(&self) -> Option<&ModelInfo> {
        self.engine.get().map(|engine| engine.info())
    }

    /// Whether it is in memory.
    #[must_use]
    pub fn is_loaded(&self) -> bool {
        self.engine.initialized()
    }

    /// The engine, loaded if it is not yet; however many ask, it is loaded once.
    ///
    /// # Errors
    /// [`ModelError::Load`]; the next call tries again.
    pub async fn engine(&self) -> Result<&Arc<dyn Engine>, ModelError> {
        let load = || async {
            let started = Instant::now();
            tracing::info!(model = self.settings.id, "loading");
            let engine = self.loader.load().await.map_err(|reason| {
                tracing::error!(model = self.settings.id, reason, "not loaded");
                ModelError::Load {
                    model: self.settings.id.clone(),
                    reason,
                }
            })?;
            tracing::info!(
                model = self.settings.id,
                device = engine.info().device,
                context = engine.info().context_length,
                seconds = started.elapsed().as_secs_f32(),
                "loaded"
            );
            if let Some(notice) = &self.settings.notice {
                tracing::warn!(model = self.settings.id, "{notice}");
            }
            Ok(engine)
        };
        self.engine.get_or_try_init(load).await
    }

    /// Waits for a place and starts a generation.
    ///
    /// # Errors
    /// See [`ModelError`].
    pub async fn generate(&self, generation: Generation) -> Result<Answer, ModelError> {
        let engine = self.engine().await?;
        let place = self.admission.enter().await?;
        let deadline = Instant::now() + self.settings.deadline;
        let generating = engine.generate(generation).await?;
        Ok(Answer::new(generating, deadline, place))
    }
}

/// All models by name, in the order of the configuration.
pub struct Registry {
    models: IndexMap<String, Arc<Model>>,
    default: Arc<Model>,
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
        Ok(Self { models, default })
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

    /// All models.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Model>> {
        self.models.values()
    }
}
