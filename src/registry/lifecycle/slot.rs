//! A model's place in memory: how far it is on its way in or out, and how many use it.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::{sync::watch, time::Instant};

use crate::{
    engine::{Engine, ModelInfo},
    registry::{
        memory::{Leave, Resident, Room},
        stage::Stage,
    },
};

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
pub struct Slot {
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

/// What whoever wants to use the model finds.
pub enum Found {
    /// It is theirs to use, as one more user.
    Ready(Arc<dyn Engine>),
    /// It could not be loaded, and is not tried again before that.
    Failed {
        /// Why.
        reason: String,
        /// How long that is.
        retry_in: Duration,
    },
    /// Somebody loads it, or it leaves first.
    UnderWay,
    /// It is theirs to load.
    Empty,
}

impl Slot {
    /// An empty one.
    pub fn new(pinned: bool) -> Self {
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
    pub fn pin(&self, pinned: bool) {
        self.pinned.store(pinned, Ordering::Relaxed);
    }

    fn is_pinned(&self) -> bool {
        self.pinned.load(Ordering::Relaxed)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Facts that only the loaded model tells; kept after it has left.
    pub fn info(&self) -> Option<ModelInfo> {
        self.state().info.clone()
    }

    /// Bytes that the kept beginnings of prompts take.
    pub fn prompt_cache_used(&self) -> u64 {
        let state = self.state();
        let engine = state.resident.as_ref().map(|(engine, _)| engine);
        engine.map_or(0, |engine| engine.prompt_cache_used())
    }

    /// What is known about the model's state.
    pub fn status(&self) -> Status {
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

    /// Hears of whatever may change what one finds.
    pub(super) fn changes(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }

    /// The model has come that far.
    pub(super) fn reach(&self, stage: Stage) {
        self.state().stage = stage;
        self.changed.send_replace(());
    }

    /// A user leaves; the last to leave a model that drains lets it go.
    pub(super) fn leave(&self) {
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
    pub fn sweep(&self, time_to_live: Duration) -> bool {
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
    pub fn unload(&self) {
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

    /// What there is for whoever wants to use the model.
    pub(super) fn look(&self) -> Found {
        let mut state = self.state();
        let failure = state.failure.clone();
        match (state.stage, &state.resident, failure) {
            (Stage::Ready, Some((engine, _)), _) => {
                let engine = engine.clone();
                state.users += 1;
                state.last_used = Instant::now();
                Found::Ready(engine)
            }
            (Stage::Failed, _, Some(failure)) if Instant::now() < failure.until => Found::Failed {
                retry_in: failure.until.saturating_duration_since(Instant::now()),
                reason: failure.reason,
            },
            (Stage::Unloaded | Stage::Failed | Stage::Ready, _, _) => {
                state.stage = Stage::Downloading;
                Found::Empty
            }
            (Stage::Downloading | Stage::Loading | Stage::Draining, _, _) => Found::UnderWay,
        }
    }

    /// The model has been loaded.
    pub(super) fn fill(&self, engine: Arc<dyn Engine>, room: Room) {
        let mut state = self.state();
        let now = Instant::now();
        state.stage = Stage::Ready;
        state.info = Some(engine.info().clone());
        state.resident = Some((engine, room));
        state.loads += 1;
        state.since = now;
        state.last_used = now;
        state.failure = None;
        drop(state);
        self.changed.send_replace(());
    }

    /// The model could not be loaded; it is tried again after a pause.
    pub(super) fn fail(&self, reason: String) {
        let mut state = self.state();
        let last = state.failure.as_ref().map(|failure| failure.pause);
        let pause = last.map_or(FIRST_PAUSE, |last| (2 * last).min(LONGEST_PAUSE));
        state.stage = Stage::Failed;
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
