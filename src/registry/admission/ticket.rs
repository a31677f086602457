//! The key that a request waits for, how urgent the request is, and who pays for it.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use crate::registry::{CostTally, Purse};

/// Priority of a request in the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Priority {
    /// A client waits for the answer.
    Interactive,
    /// Part of a batch, served when no interactive request waits.
    Batch,
}

/// The key and priority that a request waits with. Clones share the priority: raising one raises
/// all.
#[derive(Debug, Clone, Default)]
pub struct Ticket {
    key: Arc<str>,
    can_wait: Arc<AtomicBool>,
    purse: Option<Arc<dyn Purse>>,
}

impl Ticket {
    /// Creates a ticket for the key called `key`. Requests without a key share the empty name.
    #[must_use]
    pub fn new(key: &str, priority: Priority) -> Self {
        Self {
            key: key.into(),
            can_wait: Arc::new((priority == Priority::Batch).into()),
            purse: None,
        }
    }

    /// Sets who pays for the generations.
    #[must_use]
    pub fn paid_by(self, purse: Arc<dyn Purse>) -> Self {
        Self {
            purse: Some(purse),
            ..self
        }
    }

    /// Returns the ticket with a tally of what its generations cost.
    #[must_use]
    pub fn tallied(self) -> (Self, Arc<CostTally>) {
        let tally = Arc::new(CostTally::before(self.purse.clone()));
        (self.paid_by(tally.clone()), tally)
    }

    /// Returns who pays for the generations.
    #[must_use]
    pub fn purse(&self) -> Option<&Arc<dyn Purse>> {
        self.purse.as_ref()
    }

    /// Returns the name of the key.
    #[must_use]
    pub fn key(&self) -> &Arc<str> {
        &self.key
    }

    /// Returns the current priority.
    #[must_use]
    pub fn priority(&self) -> Priority {
        if self.can_wait.load(Ordering::Relaxed) {
            Priority::Batch
        } else {
            Priority::Interactive
        }
    }

    /// Raises the priority to that of `other`, if that is more urgent; it takes effect even while
    /// the request waits.
    pub fn join(&self, other: &Self) {
        if other.priority() == Priority::Interactive {
            self.can_wait.store(false, Ordering::Relaxed);
        }
    }
}
