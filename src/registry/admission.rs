//! Lets a bounded number of generations run on a model and a bounded number wait, and turns the rest away
//! at once. Who waits enters by priority, and among equals the keys take turns.

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

use line::Line;
pub use ticket::{Priority, Ticket};

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
#[error("The model is busy; try again in {} s.", retry_after.as_secs_f64().ceil())]
pub struct Overloaded {
    /// When those who wait now will be done, by what generations have taken so far.
    pub retry_after: Duration,
}

/// The door of one model.
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
    line: Line,
    /// Seconds that a generation takes, the latest counting most.
    mean: Option<f64>,
}

/// How much the latest generation counts in the mean.
const LATEST: f64 = 0.2;

impl House {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place is free again, after so long.
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
    /// Calls in those who wait, while there are places.
    fn call(&mut self) {
        while self.running < self.concurrency
            && let Some(next) = self.line.next()
        {
            // One who has left since is passed over.
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

/// A place among those that run, for as long as it lives.
#[derive(Debug)]
pub struct Place {
    house: Arc<House>,
    since: Instant,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.house.leave(Some(self.since.elapsed()));
    }
}

/// Somebody in the line, who may leave at any time.
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
        // Called in, and gone before it heard.
        if self.called.try_recv().is_ok() {
            self.house.leave(None);
        }
    }
}

impl Admission {
    /// An empty house.
    #[must_use]
    pub fn new(settings: AdmissionSettings) -> Self {
        let state = State {
            concurrency: settings.concurrency,
            running: 0,
            line: Line::default(),
            mean: None,
        };
        Self {
            house: Arc::new(House(Mutex::new(state))),
            settings,
        }
    }

    /// The same house under other rules; who is in it, or waits, counts on. How many may run is changed
    /// by [`Admission::take_over`].
    #[must_use]
    pub fn renewed(&self, settings: AdmissionSettings) -> Self {
        Self {
            house: self.house.clone(),
            settings,
        }
    }

    /// From now on as many run in the house as these rules allow. Where fewer do, those who are in stay.
    pub fn take_over(&self) {
        let mut state = self.house.state();
        state.concurrency = self.settings.concurrency;
        state.call();
    }

    /// Waits for a place; the generation runs for as long as it holds it.
    ///
    /// # Errors
    /// [`Overloaded`] at once where the queue is full, or after the longest wait.
    pub async fn enter(&self, ticket: &Ticket) -> Result<Place, Overloaded> {
        let place = || Place {
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

    /// Generations that run now.
    #[must_use]
    pub fn running(&self) -> usize {
        self.house.state().running
    }

    /// Generations that wait now.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.house.state().line.len()
    }
}
