//! Pauses requests to a provider after several consecutive failures, so that they do not wait in
//! vain. After the pause, one request tries the provider again.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

/// A circuit breaker.
#[derive(Debug)]
pub struct Breaker {
    failures_to_open: u32,
    open_for: Duration,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    failures: u32,
    open_until: Option<Instant>,
}

impl Breaker {
    /// Creates a breaker that opens for `open_for` after so many consecutive failures.
    #[must_use]
    pub fn new(failures_to_open: u32, open_for: Duration) -> Self {
        Self {
            failures_to_open,
            open_for,
            state: Mutex::default(),
        }
    }

    /// Lets a request through. None passes while the breaker is open; then one does, and the others
    /// wait for its result.
    ///
    /// # Errors
    /// The remaining time of the pause.
    pub fn pass(&self) -> Result<(), Duration> {
        let mut state = self.state();
        let now = Instant::now();
        match state.open_until {
            Some(until) if until > now => Err(until - now),
            Some(_) => {
                state.open_until = Some(now + self.open_for);
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// Returns whether no request passes now.
    #[must_use]
    pub fn is_open(&self) -> bool {
        let until = self.state().open_until;
        until.is_some_and(|until| until > Instant::now())
    }

    /// Records an answered request.
    pub fn succeeded(&self) {
        *self.state() = State::default();
    }

    /// Records a request that failed through the provider's fault. Returns whether that opened the
    /// breaker.
    pub fn failed(&self) -> bool {
        let mut state = self.state();
        state.failures = state.failures.saturating_add(1);
        let opens = state.failures >= self.failures_to_open;
        if opens {
            state.open_until = Some(Instant::now() + self.open_for);
        }
        opens
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn it_opens_after_failures_in_a_row_and_one_request_tries_again() {
        let breaker = Breaker::new(2, Duration::from_secs(10));
        assert!(!breaker.failed());
        breaker.succeeded();
        assert!(!breaker.failed());
        assert_eq!(breaker.pass(), Ok(()));
        assert!(!breaker.is_open());
        assert!(breaker.failed());
        assert!(breaker.is_open());
        assert_eq!(breaker.pass(), Err(Duration::from_secs(10)));
        tokio::time::advance(Duration::from_secs(9)).await;
        assert_eq!(breaker.pass(), Err(Duration::from_secs(1)));

        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(breaker.pass(), Ok(()));
        assert_eq!(breaker.pass(), Err(Duration::from_secs(10)));
        assert!(breaker.failed());
        tokio::time::advance(Duration::from_secs(10)).await;
        assert_eq!(breaker.pass(), Ok(()));
        breaker.succeeded();
        assert_eq!((breaker.pass(), breaker.pass()), (Ok(()), Ok(())));
    }
}
