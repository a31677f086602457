//! When a store that failed is asked again: one try after a pause, which doubles.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

/// The first pause, and the longest.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// Leave for one operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ticket {
    /// The store was well.
    Well,
    /// It was not; this is to find out whether it is again.
    Try,
}

/// Whether a store is out, and since when by how much.
#[derive(Debug, Default)]
pub struct Outage(Mutex<Option<Pause>>);

#[derive(Debug)]
struct Pause {
    until: Instant,
    lasts: Duration,
}

impl Outage {
    /// Leave to ask the store, if it may be asked now. A try that is never reported on is over
    /// after a pause.
    pub fn admit(&self) -> Option<Ticket> {
        let now = Instant::now();
        match &mut *self.pause() {
            None => Some(Ticket::Well),
            Some(pause) if now >= pause.until => {
                pause.until = now + pause.lasts;
                Some(Ticket::Try)
            }
            Some(_) => None,
        }
    }

    /// Takes note of a success; whether an outage ends with it. One that began before the outage
    /// says nothing of now.
    pub fn succeeded(&self, ticket: Ticket) -> bool {
        ticket == Ticket::Try && self.pause().take().is_some()
    }

    /// Takes note of a failure; whether an outage begins with it.
    pub fn failed(&self, ticket: Ticket) -> bool {
        let mut pause = self.pause();
        let lasts = match (&*pause, ticket) {
            (None, _) => FIRST_PAUSE,
            (Some(pause), Ticket::Try) => (pause.lasts * 2).min(LONGEST_PAUSE),
            // Of the operations that were under way when it began.
            (Some(_), Ticket::Well) => return false,
        };
        let until = Instant::now() + lasts;
        pause.replace(Pause { until, lasts }).is_none()
    }

    fn pause(&self) -> std::sync::MutexGuard<'_, Option<Pause>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_pause_doubles_up_to_the_longest_and_lets_one_try_through() {
        let outage = Outage::default();
        assert_eq!(outage.admit(), Some(Ticket::Well));
        assert!(outage.failed(Ticket::Well));
        assert!(!outage.failed(Ticket::Well), "one outage is one");
        for seconds in [1, 2, 4, 8, 16, 30, 30] {
            advance(Duration::from_millis(seconds * 1000 - 1)).await;
            assert_eq!(outage.admit(), None, "after {seconds} s");
            advance(Duration::from_millis(1)).await;
            assert_eq!(outage.admit(), Some(Ticket::Try));
            assert_eq!(outage.admit(), None, "one at a time");
            assert!(!outage.failed(Ticket::Try));
        }
        advance(LONGEST_PAUSE).await;
        assert!(!outage.succeeded(Ticket::Well), "it was sent before");
        assert_eq!(outage.admit(), Some(Ticket::Try));
        assert!(outage.succeeded(Ticket::Try));
        assert!(!outage.succeeded(Ticket::Well));
        assert_eq!(outage.admit(), Some(Ticket::Well));
    }

    #[tokio::test(start_paused = true)]
    async fn a_try_that_was_dropped_is_made_up_for() {
        let outage = Outage::default();
        outage.failed(Ticket::Well);
        advance(FIRST_PAUSE).await;
        assert_eq!(outage.admit(), Some(Ticket::Try));
        advance(FIRST_PAUSE).await;
        assert_eq!(outage.admit(), Some(Ticket::Try));
    }
}
