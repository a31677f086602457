//! A model's way into memory and out of it: loaded by the first who asks, kept while somebody uses
//! it, and let go when it is idle for long, asked to, or in another's way.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::{
    sync::watch,
    time::{Instant, timeout_at},
};
use tracing::Instrument;

use super::{
    Model, ModelError, Ticket,
    answer::Answer,
    following::Following,
    memory::{Leave, Memory, Resident, Room},
    stage::Stage,
};
use crate::{
    chat::Generation,
    engine::{Engine, ModelInfo},
    telemetry::{self, Asked, GenerationSpan},
};

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

/// Pause after a failed load; it doubles up to the longest with each failure in a row.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_mins(1);

/// What is known about a model's state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// How far it is from answering.
    pub stage: Stage,
    /// Requests that use it now.
    pub users: usize,
    /// Times that it was loaded.
    pub loads: u64,
    /// Why it could not be loaded.
    pub failure: Option<String>,
    /// When it is tried again.
    pub retry_in: Option<Duration>,
}

/// A model's place in memory, empty or not.
pub(super) struct Slot {
    state: Mutex<State>,
    changed: watch::Sender<()>,
    pinned: AtomicBool,
}

struct State {
    stage: Stage,
    resident: Option<(Arc<dyn Engine>, Room)>,
    info: Option<ModelInfo>,
    users: usize,
    loads: u64,
    since: Instant,
    last_used: Instant,
    failure: Option<Failure>,
}

#[derive(Clone)]
struct Failure {
    reason: String,
    pause: Duration,
    until: Instant,
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
        let within = span.span().clone();
        let mut following = Following::new(model.metrics.entered(waited), span);
        let deadline = Instant::now() + model.settings.deadline;
        let generating = self.engine.generate(generation).instrument(within);
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

impl Slot {
    pub(super) fn new(pinned: bool) -> Self {
        let now = Instant::now();
        Self {
            state: Mutex::new(State {
                stage: Stage::Unloaded,
                resident: None,
                info: None,
                users: 0,
                loads: 0,
                since: now,
                last_used: now,
                failure: None,
            }),
            changed: watch::Sender::new(()),
            pinned: AtomicBool::new(pinned),
        }
    }

    /// Whether the model stays though others want its room.
    pub(super) fn pin(&self, pinned: bool) {
        self.pinned.store(pinned, Ordering::Relaxed);
    }

    fn is_pinned(&self) -> bool {
        self.pinned.load(Ordering::Relaxed)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Facts that only the loaded model tells; kept after it has left.
    pub(super) fn info(&self) -> Option<ModelInfo> {
        self.state().info.clone()
    }

    pub(super) fn status(&self) -> Status {
        let state = self.state();
        let failure = state
            .failure
            .clone()
            .filter(|_| state.stage == Stage::Failed);
        let now = Instant::now();
        Status {
            stage: state.stage,
            users: state.users,
            loads: state.loads,
            retry_in: failure
                .as_ref()
                .map(|f| f.until.saturating_duration_since(now)),
            failure: failure.map(|failure| failure.reason),
        }
    }

    fn reach(&self, stage: Stage) {
        self.state().stage = stage;
        self.changed.send_replace(());
    }

    /// A user leaves; the last to leave a model that drains lets it go.
    fn leave(&self) {
        let mut state = self.state();
        state.users = state.users.saturating_sub(1);
        state.last_used = Instant::now();
        self.let_go(state);
    }

    /// Empties the slot of a model that drains and that nobody uses.
    fn let_go(&self, mut state: MutexGuard<'_, State>) {
        if state.stage != Stage::Draining || state.users > 0 {
            return;
        }
        state.stage = Stage::Unloaded;
        let resident = state.resident.take();
        drop(state);
        // The engine first: when there is room again, its memory is free.
        drop(resident);
        self.changed.send_replace(());
    }

    /// Lets the model go if it has been idle for as long as `time_to_live`.
    pub(super) fn sweep(&self, time_to_live: Duration) -> bool {
        let mut state = self.state();
        let is_idle = state.stage == Stage::Ready
            && state.users == 0
            && !self.is_pinned()
            && state.last_used.elapsed() >= time_to_live;
        if is_idle {
            state.stage = Stage::Draining;
            self.let_go(state);
        }
        is_idle
    }

    /// Lets the model go as soon as nobody uses it.
    pub(super) fn unload(&self) {
        let mut state = self.state();
        match state.stage {
            Stage::Ready => {
                state.stage = Stage::Draining;
                self.let_go(state);
            }
            // It may be tried again at once.
            Stage::Failed => {
                state.stage = Stage::Unloaded;
                state.failure = None;
            }
            Stage::Unloaded | Stage::Downloading | Stage::Loading | Stage::Draining => {}
        }
    }
}

impl Resident for Slot {
    fn leave(&self) -> Option<Leave> {
        let state = self.state();
        let may = state.stage == Stage::Ready && !self.is_pinned();
        may.then_some(Leave {
            since: state.since,
            last_used: state.last_used,
        })
    }

    fn retire(&self) {
        self.unload();
    }
}

/// What a caller finds.
enum Found {
    Ready(Arc<dyn Engine>),
    Failed(Failure),
    /// Somebody loads it, or it leaves first.
    UnderWay,
    /// It is the caller's to load.
    Empty,
}

impl Model {
    /// The use of the model, loaded if it is not; however many ask, it is loaded once, and goes on
    /// being loaded though all of them leave.
    ///
    /// # Errors
    /// [`ModelError::Load`]; after a pause, which grows, the next call tries again.
    pub async fn lease(self: &Arc<Self>) -> Result<Lease, ModelError> {
        let mut changes = self.slot.changed.subscribe();
        let deadline = Instant::now() + self.settings.lifecycle.load_wait;
        loop {
            changes.mark_unchanged();
            match self.look() {
                Found::Ready(engine) => {
                    let user = User(self.clone());
                    return Ok(Lease { engine, user });
                }
                Found::Failed(failure) => {
                    let left = failure.until.saturating_duration_since(Instant::now());
                    return Err(self.not_loaded(failure.reason, left));
                }
                Found::Empty => {
                    tokio::spawn(telemetry::carried(self.clone().load()));
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

    fn look(&self) -> Found {
        let mut state = self.slot.state();
        let failure = state.failure.clone();
        match (state.stage, &state.resident, failure) {
            (Stage::Ready, Some((engine, _)), _) => {
                let engine = engine.clone();
                state.users += 1;
                state.last_used = Instant::now();
                Found::Ready(engine)
            }
            (Stage::Failed, _, Some(failure)) if Instant::now() < failure.until => {
                Found::Failed(failure)
            }
            (Stage::Unloaded | Stage::Failed | Stage::Ready, _, _) => {
                state.stage = Stage::Downloading;
                Found::Empty
            }
            (Stage::Downloading | Stage::Loading | Stage::Draining, _, _) => Found::UnderWay,
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
        let mut state = self.slot.state();
        match loaded {
            Ok((engine, room)) => {
                let info = engine.info().clone();
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
                let now = Instant::now();
                state.stage = Stage::Ready;
                state.resident = Some((engine, room));
                state.info = Some(info);
                state.loads += 1;
                state.since = now;
                state.last_used = now;
                state.failure = None;
            }
            Err(reason) => {
                tracing::error!(model = id, reason, "not loaded");
                let last = state.failure.as_ref().map(|failure| failure.pause);
                let pause = last.map_or(FIRST_PAUSE, |last| (2 * last).min(LONGEST_PAUSE));
                state.stage = Stage::Failed;
                state.failure = Some(Failure {
                    reason,
                    pause,
                    until: Instant::now() + pause,
                });
            }
        }
        drop(state);
        self.slot.changed.send_replace(());
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
