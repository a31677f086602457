//! A model's slot in memory: its stage of loading or unloading, and the number of its users.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::{sync::watch, time::Instant};

use crate::{
    engine::{Engine, LoadProgress, ModelInfo},
    registry::{
        memory::{Leave, Resident, Room},
        stage::ModelStage,
    },
};

/// Pauses after a failed load: the first, and the longest to which it doubles with each further
/// failure.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_mins(1);

/// The state of a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelStatus {
    /// Its stage of loading or unloading.
    pub stage: ModelStage,
    /// Requests that use the model now.
    pub users: usize,
    /// How far its fetching or loading is, where that is known.
    pub progress: Option<LoadProgress>,
    /// Number of times the model was loaded.
    pub loads: u64,
    /// Reason why the last load failed.
    pub failure: Option<String>,
    /// Time until the load may be tried again.
    pub retry_in: Option<Duration>,
}

/// A model's slot in memory, which may be empty.
pub struct Slot {
    state: Mutex<State>,
    changed: watch::Sender<()>,
    pinned: AtomicBool,
}

struct State {
    stage: ModelStage,
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

/// Outcome of an attempt to use a model.
pub enum Lookup {
    /// The model is loaded, and the caller counts as one more user.
    Ready(Arc<dyn Engine>),
    /// Loading failed, and is not tried again before the pause is over.
    Failed {
        /// Reason of the failure.
        reason: String,
        /// Rest of the pause.
        retry_in: Duration,
    },
    /// The model is being loaded or unloaded.
    UnderWay,
    /// The model is not loaded, and the caller has to load it.
    Empty,
}

impl Slot {
    /// Creates an empty slot.
    pub fn new(pinned: bool) -> Self {
        let now = Instant::now();
        Self {
            state: Mutex::new(State {
                stage: ModelStage::Unloaded,
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

    /// Sets whether the model stays in memory when other models need its room.
    pub fn pin(&self, pinned: bool) {
        self.pinned.store(pinned, Ordering::Relaxed);
    }

    fn is_pinned(&self) -> bool {
        self.pinned.load(Ordering::Relaxed)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns facts that are known once the model has been loaded; kept after it is unloaded.
    pub fn info(&self) -> Option<ModelInfo> {
        self.state().info.clone()
    }

    /// Returns the bytes that the prompt cache takes.
    pub fn prompt_cache_used(&self) -> u64 {
        let state = self.state();
        let engine = state.resident.as_ref().map(|(engine, _)| engine);
        engine.map_or(0, |engine| engine.prompt_cache_used())
    }

    /// Returns the model's state.
    pub fn status(&self) -> ModelStatus {
        let state = self.state();
        let failure = state
            .failure
            .clone()
            .filter(|_| state.stage == ModelStage::Failed);
        let now = Instant::now();
        ModelStatus {
            stage: state.stage,
            users: state.users,
            progress: None,
            loads: state.loads,
            retry_in: failure
                .as_ref()
                .map(|f| f.until.saturating_duration_since(now)),
            failure: failure.map(|failure| failure.reason),
        }
    }

    /// Subscribes to changes of the state.
    pub(super) fn changes(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }

    /// Moves the model to `stage`.
    pub(super) fn reach(&self, stage: ModelStage) {
        self.state().stage = stage;
        self.changed.send_replace(());
    }

    /// Counts one user less. The last user of a draining model unloads it.
    pub(in crate::registry) fn leave(&self) {
        let mut state = self.state();
        state.users = state.users.saturating_sub(1);
        state.last_used = Instant::now();
        self.let_go(state);
    }

    /// Empties the slot if the model is draining and has no users.
    fn let_go(&self, mut state: MutexGuard<'_, State>) {
        if state.stage != ModelStage::Draining || state.users > 0 {
            return;
        }
        state.stage = ModelStage::Unloaded;
        let resident = state.resident.take();
        drop(state);
        // Drops the engine before the room, so that its memory is free when the room is given back.
        drop(resident);
        self.changed.send_replace(());
    }

    /// Unloads the model if it has been idle for `time_to_live`, and returns whether it did.
    pub fn sweep(&self, time_to_live: Duration) -> bool {
        let mut state = self.state();
        let is_idle = state.stage == ModelStage::Ready
            && state.users == 0
            && !self.is_pinned()
            && state.last_used.elapsed() >= time_to_live;
        if is_idle {
            state.stage = ModelStage::Draining;
            self.let_go(state);
        }
        is_idle
    }

    /// Unloads the model as soon as it has no users.
    pub fn unload(&self) {
        let mut state = self.state();
        match state.stage {
            ModelStage::Ready => {
                state.stage = ModelStage::Draining;
                self.let_go(state);
            }
            // The next request may try again at once.
            ModelStage::Failed => {
                state.stage = ModelStage::Unloaded;
                state.failure = None;
            }
            ModelStage::Unloaded
            | ModelStage::Downloading
            | ModelStage::Loading
            | ModelStage::Draining => {}
        }
    }

    /// Counts the caller as a user if the model is loaded; otherwise says what to wait for.
    pub(super) fn look(&self) -> Lookup {
        let mut state = self.state();
        let failure = state.failure.clone();
        match (state.stage, &state.resident, failure) {
            (ModelStage::Ready, Some((engine, _)), _) => {
                let engine = engine.clone();
                state.users += 1;
                state.last_used = Instant::now();
                Lookup::Ready(engine)
            }
            (ModelStage::Failed, _, Some(failure)) if Instant::now() < failure.until => {
                Lookup::Failed {
                    retry_in: failure.until.saturating_duration_since(Instant::now()),
                    reason: failure.reason,
                }
            }
            (ModelStage::Unloaded | ModelStage::Failed | ModelStage::Ready, _, _) => {
                state.stage = ModelStage::Downloading;
                Lookup::Empty
            }
            (ModelStage::Downloading | ModelStage::Loading | ModelStage::Draining, _, _) => {
                Lookup::UnderWay
            }
        }
    }

    /// Puts the loaded model in.
    pub(super) fn fill(&self, engine: Arc<dyn Engine>, room: Room) {
        let mut state = self.state();
        let now = Instant::now();
        state.stage = ModelStage::Ready;
        state.info = Some(engine.info().clone());
        state.resident = Some((engine, room));
        state.loads += 1;
        state.since = now;
        state.last_used = now;
        state.failure = None;
        drop(state);
        self.changed.send_replace(());
    }

    /// Records that loading failed; it may be tried again after a pause.
    pub(super) fn fail(&self, reason: String) {
        let mut state = self.state();
        let last = state.failure.as_ref().map(|failure| failure.pause);
        let pause = last.map_or(FIRST_PAUSE, |last| (2 * last).min(LONGEST_PAUSE));
        state.stage = ModelStage::Failed;
        state.failure = Some(Failure {
            reason,
            pause,
            until: Instant::now() + pause,
        });
        drop(state);
        self.changed.send_replace(());
    }
}

impl Resident for Slot {
    fn leave(&self) -> Option<Leave> {
        let state = self.state();
        let may = state.stage == ModelStage::Ready && !self.is_pinned();
        may.then_some(Leave {
            since: state.since,
            last_used: state.last_used,
        })
    }

    fn retire(&self) {
        self.unload();
    }
}
