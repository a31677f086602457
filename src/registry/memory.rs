//! The memory that all models share. A model reserves room in it before it is loaded; when there is
//! too little, the least recently used model is unloaded once it is idle.

use std::{
    any::Any,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

use thiserror::Error;
use tokio::{
    sync::Notify,
    time::{Instant, timeout_at},
};

/// Limits of the memory.
#[derive(Debug, Clone, Copy)]
pub struct MemorySettings {
    /// Bytes of all loaded models together; `None` for no limit.
    pub budget: Option<u64>,
    /// Shortest time that a loaded model stays, so that two models do not keep evicting each other.
    pub min_residency: Duration,
    /// Longest time that a model waits for room before it is loaded.
    pub wait: Duration,
}

/// Reason why a model gets no room.
#[derive(Debug, Error, Clone, Copy, PartialEq, Eq)]
pub enum NoRoom {
    /// The model is larger than the whole memory.
    #[error(
        "it takes {bytes} bytes of memory, and memory.budget_bytes allows {budget} for all models"
    )]
    TooLarge {
        /// Bytes of the model.
        bytes: u64,
        /// Bytes of the memory.
        budget: u64,
    },
    /// Other models stayed in use for as long as the model could wait.
    #[error("there is no room for it while other models are in use; try again later")]
    Full,
}

/// A loaded model, or one that is being loaded, that takes up memory and can be asked to free it.
pub trait Resident: Send + Sync {
    /// Returns when it was loaded and last used; `None` while it cannot be unloaded, because it is
    /// pinned, being loaded or being unloaded.
    fn leave(&self) -> Option<Leave>;

    /// Asks it to free its memory as soon as no request uses it.
    fn retire(&self);
}

/// Times that decide which model is unloaded first.
#[derive(Debug, Clone, Copy)]
pub struct Leave {
    /// Time of loading.
    pub since: Instant,
    /// Time of the last use.
    pub last_used: Instant,
}

/// The identity of memory that several models may share: equal pointers mean the same memory.
pub type Shared = Arc<dyn Any + Send + Sync>;

/// The memory that a model takes.
#[derive(Clone)]
pub struct Share {
    /// Its size in bytes.
    pub bytes: u64,
    /// The memory that it shares with other models, which counts once for all of them.
    pub of: Option<Shared>,
}

impl Share {
    fn is_with(&self, other: &Self) -> bool {
        match (&self.of, &other.of) {
            (Some(one), Some(other)) => std::ptr::addr_eq(Arc::as_ptr(one), Arc::as_ptr(other)),
            _ => false,
        }
    }
}

/// Interval between checks for a model to unload: nothing notifies the waiter when a model that was
/// being loaded becomes ready.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// The memory that all models share.
#[derive(Default)]
pub struct Memory {
    settings: Mutex<Option<MemorySettings>>,
    taken: Mutex<Vec<Taken>>,
    freed: Notify,
}

struct Taken {
    share: Share,
    resident: Weak<dyn Resident>,
}

/// Room that is reserved for a model, until it is dropped.
pub struct Room {
    memory: Arc<Memory>,
    resident: Weak<dyn Resident>,
}

impl Drop for Room {
    fn drop(&mut self) {
        self.memory
            .taken()
            .retain(|taken| !taken.resident.ptr_eq(&self.resident));
        self.memory.freed.notify_waiters();
    }
}

impl Memory {
    /// Creates an empty memory.
    #[must_use]
    pub fn new(settings: MemorySettings) -> Self {
        Self {
            settings: Mutex::new(Some(settings)),
            ..Self::default()
        }
    }

    /// Changes the limits. Models that wait for room check again.
    pub fn configure(&self, settings: MemorySettings) {
        *self.bounds() = Some(settings);
        self.freed.notify_waiters();
    }

    fn bounds(&self) -> MutexGuard<'_, Option<MemorySettings>> {
        self.settings.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn settings(&self) -> Option<MemorySettings> {
        *self.bounds()
    }

    /// Returns the bytes that are reserved.
    #[must_use]
    pub fn used(&self) -> u64 {
        bytes(&self.taken())
    }

    /// Returns the limit in bytes; `None` for no limit.
    #[must_use]
    pub fn budget(&self) -> Option<u64> {
        self.settings().and_then(|settings| settings.budget)
    }

    /// Waits for room and reserves it.
    ///
    /// # Errors
    /// [`NoRoom`].
    pub async fn room(
        self: &Arc<Self>,
        share: Share,
        resident: &Weak<dyn Resident>,
    ) -> Result<Room, NoRoom> {
        let wait = self.settings().map_or(Duration::ZERO, |s| s.wait);
        let deadline = Instant::now() + wait;
        loop {
            let (settings, budget) = (self.settings(), self.budget());
            if let Some(budget) = budget
                && share.bytes > budget
            {
                let bytes = share.bytes;
                return Err(NoRoom::TooLarge { bytes, budget });
            }
            // Subscribes before it checks, so that no change in between is missed.
            let freed = self.freed.notified();
            tokio::pin!(freed);
            freed.as_mut().enable();
            if self.take(&share, budget, resident) {
                let (memory, resident) = (self.clone(), resident.clone());
                return Ok(Room { memory, resident });
            }
            let next = self.make_room(settings.map_or(Duration::ZERO, |s| s.min_residency));
            let until = next.unwrap_or(Instant::now() + LOOK_AGAIN).min(deadline);
            if timeout_at(until, freed).await.is_err() && Instant::now() >= deadline {
                return Err(NoRoom::Full);
            }
        }
    }

    fn take(&self, share: &Share, budget: Option<u64>, resident: &Weak<dyn Resident>) -> bool {
        let mut taken = self.taken();
        taken.push(Taken {
            share: share.clone(),
            resident: resident.clone(),
        });
        let fits = budget.is_none_or(|budget| bytes(&taken) <= budget);
        if !fits {
            taken.pop();
        }
        fits
    }

    /// Asks the least recently used of the models that have stayed long enough to leave. When there is none, returns
    /// the time at which the next one may be asked. Models that share memory leave together: one alone frees nothing.
    fn make_room(&self, min_residency: Duration) -> Option<Instant> {
        let now = Instant::now();
        let groups = self.residents();
        let may_leave = groups.iter().filter_map(|group| {
            let leaves: Option<Vec<_>> = group.iter().map(|resident| resident.leave()).collect();
            let leaves = leaves?;
            let since = leaves.iter().map(|leave| leave.since).max()?;
            let last_used = leaves.iter().map(|leave| leave.last_used).max()?;
            Some((group, last_used, since + min_residency))
        });
        let (ripe, unripe): (Vec<_>, Vec<_>) = may_leave.partition(|(_, _, from)| *from <= now);
        match ripe.iter().min_by_key(|(_, last_used, _)| *last_used) {
            Some((group, _, _)) => {
                group.iter().for_each(|resident| resident.retire());
                None
            }
            None => unripe.into_iter().map(|(_, _, from)| from).min(),
        }
    }

    /// Returns the models in memory, grouped by what they share.
    fn residents(&self) -> Vec<Vec<Arc<dyn Resident>>> {
        let taken = self.taken();
        let residents = |group: Vec<&Taken>| {
            let residents = group.iter().filter_map(|taken| taken.resident.upgrade());
            residents.collect()
        };
        groups(&taken).into_iter().map(residents).collect()
    }

    fn taken(&self) -> MutexGuard<'_, Vec<Taken>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Groups reservations by what they share.
fn groups(taken: &[Taken]) -> Vec<Vec<&Taken>> {
    let mut groups: Vec<Vec<&Taken>> = Vec::new();
    for taken in taken {
        let shares = |group: &&mut Vec<&Taken>| {
            let first = group.first();
            first.is_some_and(|first| first.share.is_with(&taken.share))
        };
        match groups.iter_mut().find(shares) {
            Some(group) => group.push(taken),
            None => groups.push(vec![taken]),
        }
    }
    groups
}

/// Returns the bytes of all reservations; those that share memory count once.
fn bytes(taken: &[Taken]) -> u64 {
    let groups = groups(taken).into_iter();
    let largest = groups.filter_map(|group| group.iter().map(|taken| taken.share.bytes).max());
    largest.fold(0, u64::saturating_add)
}
