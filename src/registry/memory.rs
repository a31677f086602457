//! The memory that all models share: a model that is to be loaded gets room in it, and if there is
//! none, the one that was used longest ago leaves once it is idle.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

use thiserror::Error;
use tokio::{
    sync::Notify,
    time::{Instant, timeout_at},
};

/// Bounds of the memory.
#[derive(Debug, Clone, Copy)]
pub struct MemorySettings {
    /// Bytes of all loaded models together; `None` lets any number stay.
    pub budget: Option<u64>,
    /// How long a model stays at least, once loaded, so that two do not chase one another out.
    pub min_residency: Duration,
    /// How long one that is to be loaded waits for room.
    pub wait: Duration,
}

/// There is no room for a model.
#[derive(Debug, Error, Clone, Copy, PartialEq, Eq)]
pub enum NoRoom {
    /// There never will be.
    #[error("it takes {bytes} bytes, and the budget for all models is {budget}")]
    TooLarge {
        /// What it takes.
        bytes: u64,
        /// What there is.
        budget: u64,
    },
    /// Others did not leave in time.
    #[error("other models are in use, and there is no room for it")]
    Full,
}

/// Somebody who takes up memory and can be asked to leave.
pub trait Resident: Send + Sync {
    /// When it may leave and when it was last used; `None` while it may not, being pinned or on its
    /// way in or out.
    fn leave(&self) -> Option<Leave>;

    /// Asks it to leave as soon as nobody uses it.
    fn retire(&self);
}

/// What decides who leaves.
#[derive(Debug, Clone, Copy)]
pub struct Leave {
    /// When it came.
    pub since: Instant,
    /// When it was last used.
    pub last_used: Instant,
}

/// Nobody tells when a model that is being loaded has come, and may be asked to leave.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// The memory.
#[derive(Default)]
pub struct Memory {
    settings: Mutex<Option<MemorySettings>>,
    taken: Mutex<Vec<Taken>>,
    freed: Notify,
}

struct Taken {
    bytes: u64,
    resident: Weak<dyn Resident>,
}

/// Room that a model has; dropping it gives the room back.
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
    /// An empty memory.
    #[must_use]
    pub fn new(settings: MemorySettings) -> Self {
        Self {
            settings: Mutex::new(Some(settings)),
            ..Self::default()
        }
    }

    /// Changes the bounds. Whoever waits for room looks again.
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

    /// Bytes that are taken.
    #[must_use]
    pub fn used(&self) -> u64 {
        self.taken().iter().map(|taken| taken.bytes).sum()
    }

    /// Bytes that may be taken; `None` for any number.
    #[must_use]
    pub fn budget(&self) -> Option<u64> {
        self.settings().and_then(|settings| settings.budget)
    }

    /// Waits for room.
    ///
    /// # Errors
    /// [`NoRoom`].
    pub async fn room(
        self: &Arc<Self>,
        bytes: u64,
        resident: &Weak<dyn Resident>,
    ) -> Result<Room, NoRoom> {
        let wait = self.settings().map_or(Duration::ZERO, |s| s.wait);
        let deadline = Instant::now() + wait;
        loop {
            let (settings, budget) = (self.settings(), self.budget());
            if let Some(budget) = budget
                && bytes > budget
            {
                return Err(NoRoom::TooLarge { bytes, budget });
            }
            // Listens before it looks, so that nobody leaves unnoticed in between.
            let freed = self.freed.notified();
            tokio::pin!(freed);
            freed.as_mut().enable();
            if self.take(bytes, budget, resident) {
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

    fn take(&self, bytes: u64, budget: Option<u64>, resident: &Weak<dyn Resident>) -> bool {
        let mut taken = self.taken();
        let used: u64 = taken.iter().map(|taken| taken.bytes).sum();
        let fits = budget.is_none_or(|budget| used.saturating_add(bytes) <= budget);
        if fits {
            taken.push(Taken {
                bytes,
                resident: resident.clone(),
            });
        }
        fits
    }

    /// Asks the one that was used longest ago to leave, of those that have stayed long enough; else
    /// says when the next may be asked.
    fn make_room(&self, min_residency: Duration) -> Option<Instant> {
        let residents: Vec<_> = self
            .taken()
            .iter()
            .filter_map(|taken| taken.resident.upgrade())
            .collect();
        let now = Instant::now();
        let may_leave = residents.iter().filter_map(|resident| {
            let leave = resident.leave()?;
            Some((resident, leave, leave.since + min_residency))
        });
        let (ripe, unripe): (Vec<_>, Vec<_>) = may_leave.partition(|(_, _, from)| *from <= now);
        match ripe.iter().min_by_key(|(_, leave, _)| leave.last_used) {
            Some((resident, _, _)) => {
                resident.retire();
                None
            }
            None => unripe.into_iter().map(|(_, _, from)| from).min(),
        }
    }

    fn taken(&self) -> MutexGuard<'_, Vec<Taken>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
