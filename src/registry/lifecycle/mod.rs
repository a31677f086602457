//! Loading and unloading of models. The first request loads a model; it stays while requests use
//! it, and is unloaded when it has been idle for long, on request, or to make room for another
//! model.

mod slot;

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use tokio::time::{Instant, timeout, timeout_at};
use tracing::Instrument;

use super::{
    LoadError, Model, ModelError, Ticket,
    answer::Answer,
    following::{self, Following},
    hold::Hold,
    memory::{Memory, Resident, Room, Share},
    stage::ModelStage,
    tariff::Tariff,
};
use crate::{
    engine::{Engine, LoadProgress},
    generation::Generation,
    metrics::GenerationMeter,
    telemetry,
};
use slot::Lookup;

pub use slot::{ModelStatus, Slot};

/// Time between two log lines about the progress of a load.
const LOG_EVERY: Duration = Duration::from_secs(2);

/// Rules for loading and unloading a model.
#[derive(Debug, Clone, Copy)]
pub struct LifecycleSettings {
    /// Longest time that a request waits for the model to be loaded.
    pub load_wait: Duration,
    /// Time without use after which the model is unloaded; `None` for never.
    pub time_to_live: Option<Duration>,
    /// Whether the model stays in memory when other models need its room.
    pub pinned: bool,
    /// Bytes of memory that the model takes; `None` for the size of its weights' files.
    pub bytes: Option<u64>,
}

/// A lease on a loaded model, which stays in memory for as long as the lease lives.
#[derive(Debug)]
pub struct Lease(Hold);

impl Lease {
    /// Returns the engine.
    #[must_use]
    pub fn engine(&self) -> &dyn Engine {
        &*self.0.engine
    }

    /// Waits for a place and starts a generation.
    ///
    /// # Errors
    /// See [`ModelError`].
    pub async fn generate(
        self,
        generation: Generation,
        ticket: &Ticket,
    ) -> Result<Answer, ModelError> {
        let Self(hold) = self;
        let model = hold.model();
        let settings = &model.settings;
        let span = following::span(&settings.id, settings.provider.as_deref(), &generation);
        let tariff = Tariff::of(settings, &generation, ticket);
        let asked = Instant::now();
        let place = model
            .admission
            .enter(ticket)
            .await
            .map_err(ModelError::from);
        let place = place.inspect_err(|error| {
            model.metrics.refused();
            span.failed(error.kind());
        })?;
        let waited = asked.elapsed();
        span.entered(waited);
        let generating = span.within(hold.engine.generate(generation));
        let meter = GenerationMeter::begin(&model.metrics, waited);
        let mut following = Following::new(meter, span, tariff);
        let deadline = Instant::now() + model.settings.deadline;
        let generating = timeout_at(deadline, generating).await;
        let generating = generating.map_err(|_| ModelError::DeadlineExceeded);
        let generating = generating.and_then(|begun| Ok(begun?));
        let generating = generating.inspect_err(|error| following.failed(error))?;
        following.prompt(generating.prompt_tokens);
        Ok(Answer {
            generating,
            deadline,
            following,
            _place: place,
            _hold: hold,
        })
    }
}

impl Model {
    /// Returns a lease on the model, loading it if necessary. Concurrent requests share one load,
    /// and the load goes on even if all of them are cancelled.
    ///
    /// # Errors
    /// [`ModelError::Load`]. The next call after a pause tries again; the pause grows with each
    /// failure.
    pub async fn lease(self: &Arc<Self>) -> Result<Lease, ModelError> {
        let mut changes = self.slot.changes();
        let deadline = Instant::now() + self.settings.lifecycle.load_wait;
        loop {
            changes.mark_unchanged();
            match self.slot.look() {
                Lookup::Ready(engine) => {
                    return Ok(Lease(Hold::new(engine, self.clone())));
                }
                Lookup::Failed { reason, retry_in } => {
                    return Err(self.not_loaded(reason, retry_in));
                }
                Lookup::Empty => {
                    tokio::spawn(telemetry::outliving(self.clone().load()));
                }
                Lookup::UnderWay => {}
            }
            if timeout_at(deadline, changes.changed()).await.is_err() {
                let reason = "it is still being loaded".to_owned();
                return Err(self.not_loaded(reason, Duration::from_secs(10)));
            }
        }
    }

    fn not_loaded(&self, reason: String, retry_after: Duration) -> ModelError {
        ModelError::Load {
            model: self.settings.id.clone(),
            reason,
            retry_after: retry_after.max(Duration::from_secs(1)),
        }
    }

    /// Loads the model into the slot, or records the failure there.
    async fn load(self: Arc<Self>) {
        let started = Instant::now();
        let id = self.settings.id.clone();
        tracing::info!(model = id, "loading");
        // On a task of its own, so that a panic counts as a failed load.
        let span = telemetry::load(&id);
        let loading = tokio::spawn(self.clone().bring().instrument(span.clone()));
        let loaded = self.follow(loading).await;
        let loaded = loaded.unwrap_or_else(|error| Err(LoadError::new(error)));
        if loaded.is_ok() {
            self.metrics.loaded(started.elapsed());
        } else {
            self.metrics.not_loaded();
            telemetry::failed(&span, "not_loaded");
        }
        match loaded {
            Ok((engine, room)) => {
                let info = engine.info();
                tracing::info!(
                    model = id,
                    device = info.device,
                    quantisation = info.quantisation,
                    context = info.context_length,
                    seconds = started.elapsed().as_secs_f32(),
                    "loaded"
                );
                if let Some(notice) = &self.settings.notice {
                    tracing::warn!(model = id, "{notice}");
                }
                self.slot.fill(engine, room);
            }
            Err(error) => {
                let reason = error.to_string();
                tracing::error!(model = id, reason, "loading failed");
                self.slot.fail(reason);
            }
        }
    }

    /// Waits for a load, and logs its progress meanwhile.
    async fn follow<T>(&self, loading: impl Future<Output = T>) -> T {
        tokio::pin!(loading);
        loop {
            if let Ok(loaded) = timeout(LOG_EVERY, &mut loading).await {
                return loaded;
            }
            let status = self.status();
            if status.stage == ModelStage::Loading
                && let Some(LoadProgress { read, total }) = status.progress
            {
                tracing::info!(model = self.settings.id, read, total, "reading the weights");
            }
        }
    }

    async fn bring(self: Arc<Self>) -> Result<(Arc<dyn Engine>, Room), LoadError> {
        self.loader.fetch().await?;
        let bytes = match self.settings.lifecycle.bytes {
            Some(bytes) => bytes,
            None => self.loader.bytes().await?,
        };
        self.slot.reach(ModelStage::Loading);
        let resident: Arc<dyn Resident> = self.slot.clone();
        let resident: Weak<dyn Resident> = Arc::downgrade(&resident);
        let share = Share {
            bytes,
            of: self.loader.shared(),
        };
        let room = Memory::room(&self.memory, share, &resident).await;
        let room = room.map_err(LoadError::new)?;
        Ok((self.loader.load().await?, room))
    }
}

#[cfg(test)]
mod tests;
