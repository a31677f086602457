//! Who asks to enter, and how urgent that is.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// Who goes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Priority {
    /// Somebody waits for the answer.
    Interactive,
    /// It is one of many, and takes what is left.
    Batch,
}

/// Who asks to enter. Clones are the same ticket: what makes one more urgent does so for all.
#[derive(Debug, Clone, Default)]
pub struct Ticket {
    key: Arc<str>,
    can_wait: Arc<AtomicBool>,
}

impl Ticket {
    /// For the key of that name; all without one are one.
    #[must_use]
    pub fn new(key: &str, priority: Priority) -> Self {
        Self {
            key: key.into(),
            can_wait: Arc::new((priority == Priority::Batch).into()),
        }
    }

    /// Name of the key.
    #[must_use]
    pub fn key(&self) -> &Arc<str> {
        &self.key
    }

    /// Whether it can wait.
    #[must_use]
    pub fn priority(&self) -> Priority {
        if self.can_wait.load(Ordering::Relaxed) {
            Priority::Batch
        } else {
            Priority::Interactive
        }
    }

    /// Somebody with the ticket `other` waits for the same: it is as urgent as the more urgent of the
    /// two from now on, even where it waits already.
    pub fn join(&self, other: &Self) {
        if other.priority() == Priority::Interactive {
            self.can_wait.store(false, Ordering::Relaxed);
        }
    }
}
