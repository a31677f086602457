//! Lets a bounded number of generations run on a model, a bounded number wait, and turns the
//! rest away at once.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use thiserror::Error;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How much a model takes on.
#[derive(Debug, Clone, Copy)]
pub struct AdmissionSettings {
    /// Generations that run at once.
    pub concurrency: usize,
    /// Generations that may wait for one of those to end.
    pub queue_length: usize,
    /// How long each may wait.
    pub queue_wait: Duration,
}

/// There is no room now.
#[derive(Debug, Error, Clone, Copy, PartialEq, Eq)]
#[error("The model is busy; try again in {} s.", retry_after.as_secs())]
pub struct Overloaded {
    /// When to try again.
    pub retry_after: Duration,
}

/// The door of one model.
#[derive(Debug)]
pub struct Admission {
    settings: AdmissionSettings,
    running: Arc<Semaphore>,
    waiting: Arc<AtomicUsize>,
}

/// Counts a waiter for as long as it lives, so that one who leaves is forgotten at once.
struct Waiter<'a>(&'a AtomicUsize);

impl Drop for Waiter<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Admission {
    /// An empty house.
    #[must_use]
    pub fn new(settings: AdmissionSettings) -> Self {
        Self {
            running: Arc::new(Semaphore::new(settings.concurrency)),
            waiting: Arc::default(),
            settings,
        }
    }

    /// The same house under other rules; who is in it, or waits, counts on.
    #[must_use]
    pub fn renewed(&self, settings: AdmissionSettings) -> Self {
        if settings.concurrency != self.settings.concurrency {
            return Self::new(settings);
        }
        Self {
            running: self.running.clone(),
            waiting: self.waiting.clone(),
            settings,
        }
    }

    /// Waits for a place; the generation runs for as long as it holds the permit.
    ///
    /// # Errors
    /// [`Overloaded`] at once where the queue is full, or after the longest wait.
    pub async fn enter(&self) -> Result<OwnedSemaphorePermit, Overloaded> {
        if let Ok(permit) = self.running.clone().try_acquire_owned() {
            return Ok(permit);
        }
        let overloaded = Overloaded {
            retry_after: self.settings.queue_wait.max(Duration::from_secs(1)),
        };
        let waiter = Waiter(&self.waiting);
        if self.waiting.fetch_add(1, Ordering::AcqRel) >= self.settings.queue_length {
            return Err(overloaded);
        }
        let place = self.running.clone().acquire_owned();
        let permit = tokio::time::timeout(self.settings.queue_wait, place).await;
        drop(waiter);
        match permit {
            Ok(Ok(permit)) => Ok(permit),
            Ok(Err(_)) | Err(_) => Err(overloaded),
        }
    }

    /// Generations that run now.
    #[must_use]
    pub fn running(&self) -> usize {
        self.settings.concurrency - self.running.available_permits()
    }

    /// Generations that wait now.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Acquire)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn door(queue_length: usize) -> Arc<Admission> {
        Arc::new(Admission::new(AdmissionSettings {
            concurrency: 1,
            queue_length,
            queue_wait: Duration::from_secs(5),
        }))
    }

    #[tokio::test]
    async fn the_queue_is_bounded_and_the_next_in_line_enters() {
        let door = door(1);
        let first = door.enter().await.unwrap();
        let second = tokio::spawn({
            let door = door.clone();
            async move { door.enter().await.map(drop) }
        });
        while door.waiting() == 0 {
            tokio::task::yield_now().await;
        }
        let refused = door.enter().await.unwrap_err();
        assert_eq!(refused.retry_after, Duration::from_secs(5));
        assert_eq!((door.running(), door.waiting()), (1, 1));
        drop(first);
        assert_eq!(second.await.unwrap(), Ok(()));
        assert_eq!((door.running(), door.waiting()), (0, 0));
    }

    #[tokio::test]
    async fn a_waiter_who_leaves_is_forgotten() {
        let door = door(1);
        let _first = door.enter().await.unwrap();
        let second = tokio::spawn({
            let door = door.clone();
            async move { door.enter().await.map(drop) }
        });
        while door.waiting() == 0 {
            tokio::task::yield_now().await;
        }
        second.abort();
        assert!(second.await.is_err());
        assert_eq!(door.waiting(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn the_wait_is_bounded() {
        let door = door(1);
        let _first = door.enter().await.unwrap();
        assert!(door.enter().await.is_err());
        assert_eq!(door.waiting(), 0);
    }
}
