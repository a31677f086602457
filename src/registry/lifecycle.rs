//! A model's way into memory and out of it: loaded by the first who asks, kept while somebody uses
//! it, and let go when it is idle for long, asked to, or in another's way.

mod slot;

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use tokio::time::{Instant, timeout_at};
use tracing::Instrument;

use super::{
    Model, ModelError, Ticket,
    answer::Answer,
    following::Following,
    memory::{Memory, Resident, Room},
    stage::Stage,
};
use crate::{
    chat::Generation,
    engine::Engine,
    telemetry::{self, Asked, GenerationSpan},
};
use slot::Found;

pub use slot::{Slot, Status};

/// When a model is loaded and let go.
#[derive(Debug, Clone, Copy)]
pub struct LifecycleSettings {
    /// How long a request waits for it to be loaded.
    pub load_wait: Duration,
    /// How long it stays without being used; `None` for ever.
    pub time_to_live: Option<Duration>,
    /// Whether it stays though others want its room.
    pub pinned: bool,
    /// Bytes of memory that it takes; `None` for those of its weights' files.
    pub bytes: Option<u64>,
}

/// The use of a loaded model. It stays in memory for as long as this lives.
pub struct Lease {
    // Goes first, so that the engine is gone when the last user has left.
    engine: Arc<dyn Engine>,
    user: User,
}

/// Counts a user for as long as it lives.
struct User(Arc<Model>);

impl Drop for User {
    fn drop(&mut self) {
        self.0.slot.leave();
    }
}

impl Lease {
    /// The engine.
    #[must_use]
    pub fn engine(&self) -> &dyn Engine {
        &*self.engine
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
        let User(model) = &self.user;
        let span = GenerationSpan::begin(&Asked {
            model: &model.settings.id,
            provider: model.settings.provider.as_deref(),
            generation: &generation,
        });
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
        let generating = span.within(self.engine.generate(generation));
        let mut following = Following::new(model.metrics.entered(waited), span);
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
            _lease: self,
        })
    }
}

impl std::fmt::Debug for Lease {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let User(model) = &self.user;
        f.debug_tuple("Lease").field(&model.settings.id).finish()
    }
}

impl Model {
    /// The use of the model, loaded if it is not; however many ask, it is loaded once, and goes on
    /// being loaded though all of them leave.
    ///
    /// # Errors
    /// [`ModelError::Load`]; after a pause, which grows, the next call tries again.
    pub async fn lease(self: &Arc<Self>) -> Result<Lease, ModelError> {
        let mut changes = self.slot.changes();
        let deadline = Instant::now() + self.settings.lifecycle.load_wait;
        loop {
            changes.mark_unchanged();
            match self.slot.look() {
                Found::Ready(engine) => {
                    let user = User(self.clone());
                    return Ok(Lease { engine, user });
                }
                Found::Failed { reason, retry_in } => {
                    return Err(self.not_loaded(reason, retry_in));
                }
                Found::Empty => {
                    tokio::spawn(telemetry::outliving(self.clone().load()));
                }
                Found::UnderWay => {}
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

    /// Brings the model into memory, to its end though nobody waits for it.
    async fn load(self: Arc<Self>) {
        let started = Instant::now();
        let id = self.settings.id.clone();
        tracing::info!(model = id, "loading");
        // On a task of its own, so that one that panics has failed and not vanished.
        let span = telemetry::load(&id);
        let loading = tokio::spawn(self.clone().bring().instrument(span.clone()));
        let loaded = loading.await.unwrap_or_else(|error| Err(error.to_string()));
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
                    context = info.context_length,
                    seconds = started.elapsed().as_secs_f32(),
                    "loaded"
                );
                if let Some(notice) = &self.settings.notice {
                    tracing::warn!(model = id, "{notice}");
                }
                self.slot.fill(engine, room);
            }
            Err(reason) => {
                tracing::error!(model = id, reason, "not loaded");
                self.slot.fail(reason);
            }
        }
    }

    async fn bring(self: Arc<Self>) -> Result<(Arc<dyn Engine>, Room), String> {
        self.loader.fetch().await?;
        let bytes = match self.settings.lifecycle.bytes {
            Some(bytes) => bytes,
            None => self.loader.bytes().await?,
        };
        self.slot.reach(Stage::Loading);
        let resident: Arc<dyn Resident> = self.slot.clone();
        let resident: Weak<dyn Resident> = Arc::downgrade(&resident);
        let room = Memory::room(&self.memory, bytes, &resident).await;
        let room = room.map_err(|error| error.to_string())?;
        Ok((self.loader.load().await?, room))
    }
}

#[cfg(test)]
mod tests;
