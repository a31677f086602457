//! Limits how many generations run on a model and how many wait; others are refused at once. The
//! queue is ordered by priority, and keys of the same priority take turns.

mod line;
#[cfg(test)]
mod tests;
mod ticket;

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use thiserror::Error;
use tokio::{
    sync::oneshot,
    time::{Instant, timeout},
};

use line::WaitingLine;
pub use ticket::{Priority, Ticket};

/// Limits on the generations of a model.
#[derive(Debug, Clone, Copy)]
pub struct AdmissionSettings {
    /// Generations that run at once.
    pub concurrency: usize,
    /// Generations that may wait for a place.
    pub queue_length: usize,
    /// Longest time that a generation waits for a place.
    pub queue_wait: Duration,
}

/// The model is busy and its queue is full, or the wait was too long.
#[derive(Debug, Error, Clone, Copy, PartialEq, Eq)]
#[error("The model is busy; try again in {} s.", retry_after.as_secs_f64().ceil())]
pub struct Overloaded {
    /// Estimated time until the generations that wait now are done, from the mean time of past
    /// ones.
    pub retry_after: Duration,
}

/// Admission of generations to one model.
#[derive(Debug)]
pub struct Admission {
    settings: AdmissionSettings,
    house: Arc<House>,
}

#[derive(Debug)]
struct House(Mutex<State>);

#[derive(Debug)]
struct State {
    concurrency: usize,
    running: usize,
    line: WaitingLine,
    /// Mean seconds of a generation, weighted towards the latest.
    mean: Option<f64>,
}

/// Weight of the latest generation in the mean.
const LATEST: f64 = 0.2;

impl House {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Frees a place, and counts the time of its generation in the mean.
    fn leave(&self, took: Option<Duration>) {
        let mut state = self.state();
        state.running -= 1;
        if let Some(took) = took.map(|took| took.as_secs_f64()) {
            let mean = state.mean.unwrap_or(took);
            state.mean = Some(mean + LATEST * (took - mean));
        }
        state.call();
    }
}

impl State {
    /// Gives free places to the next in the queue.
    fn call(&mut self) {
        while self.running < self.concurrency
            && let Some(next) = self.line.next()
        {
            // Skips a request that was cancelled meanwhile.
            if next.send(()).is_ok() {
                self.running += 1;
            }
        }
    }

    fn overloaded(&self) -> Overloaded {
        let ahead = (self.line.len() + 1) as f64 / self.concurrency as f64;
        let seconds = self.mean.unwrap_or(1.0) * ahead;
        Overloaded {
            retry_after: Duration::from_secs_f64(seconds.clamp(1.0, 3600.0)),
        }
    }
}

/// A place among the running generations, until it is dropped.
#[derive(Debug)]
pub struct Permit {
    house: Arc<House>,
    since: Instant,
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.house.leave(Some(self.since.elapsed()));
    }
}

/// A request in the queue, which may be cancelled at any time.
struct Waiter<'a> {
    house: &'a House,
    number: u64,
    called: oneshot::Receiver<()>,
    entered: bool,
}

impl Drop for Waiter<'_> {
    fn drop(&mut self) {
        if self.entered {
            return;
        }
        self.house.state().line.remove(self.number);
        // It was given a place that it did not take.
        if self.called.try_recv().is_ok() {
            self.house.leave(None);
        }
    }
}

impl Admission {
    /// Creates an admission without running or waiting generations.
    #[must_use]
    pub fn new(settings: AdmissionSettings) -> Self {
        let state = State {
            concurrency: settings.concurrency,
            running: 0,
            line: WaitingLine::default(),
            mean: None,
        };
        Self {
            house: Arc::new(House(Mutex::new(state))),
            settings,
        }
    }

    /// Returns the same admission with other settings; running and waiting generations still count.
    /// The number that may run changes with [`Admission::take_over`].
    #[must_use]
    pub fn renewed(&self, settings: AdmissionSettings) -> Self {
        Self {
            house: self.house.clone(),
            settings,
        }
    }

    /// Puts this admission's concurrency into effect. If it is lower than before, running
    /// generations go on.
    pub fn take_over(&self) {
        let mut state = self.house.state();
        state.concurrency = self.settings.concurrency;
        state.call();
    }

    /// Waits for a place, which the generation has to hold while it runs.
    ///
    /// # Errors
    /// [`Overloaded`], at once if the queue is full, or after the longest wait.
    pub async fn enter(&self, ticket: &Ticket) -> Result<Permit, Overloaded> {
        let place = || Permit {
            house: self.house.clone(),
            since: Instant::now(),
        };
        let mut waiter = {
            let mut state = self.house.state();
            if state.running < state.concurrency {
                state.running += 1;
                return Ok(place());
            }
            if state.line.len() >= self.settings.queue_length {
                return Err(state.overloaded());
            }
            let (call, called) = oneshot::channel();
            Waiter {
                house: &self.house,
                number: state.line.join(ticket, call),
                called,
                entered: false,
            }
        };
        if let Ok(Ok(())) = timeout(self.settings.queue_wait, &mut waiter.called).await {
            waiter.entered = true;
            Ok(place())
        } else {
            drop(waiter);
            Err(self.house.state().overloaded())
        }
    }

    /// Returns the number of running generations.
    #[must_use]
    pub fn running(&self) -> usize {
        self.house.state().running
    }

    /// Returns the number of waiting generations.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.house.state().line.len()
    }
}
